"""The role `provisioning_server`: what it writes is run by the real nginx, and phones and strangers ask for files."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.phones.intents import authority_file
from tests.devices.phones import Authority, PolyPhone, YealinkPhone
from tests.devices.phones.certificates import Identity, Trust, name, poly_authority, yealink_authority
from tests.support.playbooks import Run, Site
from tests.support.provisioning import HOST, PORT, ProvisioningServer
from tests.support.provisioning_role import configure
from tests.unit.phones.samples import AUTHORITY, phone

YEALINK, POLY, SOUTHERN, STRANGER = "805ec0aa0001", "64167faa0002", "805ec0aa0003", "805ec0aa0004"
FETCHING = "805ec0aa0005"
AUTHORITY_FILE = authority_file(phone(mac=YEALINK), AUTHORITY)
PASSWORDS = {mac: f"Right-Password-{mac}" for mac in (YEALINK, POLY, SOUTHERN, STRANGER, FETCHING)}
PLAYBOOK = [
    {
        "name": "Provisioning server",
        "hosts": "provisioning",
        "gather_facts": False,
        "tasks": [
            {
                "name": "Configure",
                "ansible.builtin.include_role": {
                    "name": "voip.hardening.provisioning_server", "tasks_from": "configure",
                },
            }
        ],
    }
]


class Setting:
    """A server, an inventory with phones of two sites, and a way to run the role."""

    def __init__(self, folder: Path) -> None:
        self.server = ProvisioningServer(folder)
        self.site = Site(folder, {})
        self.uploads = folder / "uploads"
        self.book = folder / "provisioning.yml"
        self.book.write_text(json.dumps(PLAYBOOK), encoding="utf-8")

    def phones(self) -> dict[str, dict[str, Any]]:
        """The phones of the inventory, two sites and one that the provider provisions."""
        phones: dict[str, dict[str, Any]] = {
            f"phone-{mac}": {
                "voip_phone_mac": mac,
                "voip_provisioning_dir": str(self.server.files / folder),
                "voip_phone_provisioning_user": mac,
                "voip_phone_provisioning_password": PASSWORDS[mac],
                "somebody_elses": "{{ not_defined_anywhere }}",
            }
            for mac, folder in ((YEALINK, "north"), (POLY, "north"), (FETCHING, "north"), (SOUTHERN, "south"))
        }
        return {**phones, "of-the-provider": {"voip_phone_mac": STRANGER}}

    def apply(self, *options: str, **variables: Any) -> Run:
        """Run the role with these variables of the server."""
        host = {**self.server.variables(), "ansible_python_interpreter": sys.executable, **variables}
        groups = {"phones": {"hosts": self.phones()}, "provisioning": {"hosts": {"server": host}}}
        self.site.inventory.write_text(json.dumps({"all": {"children": groups}}), encoding="utf-8")
        return self.site.play(*self.server.options(), "--diff", *options, playbook=str(self.book))

    def fill(self) -> None:
        """Files as several authors leave them there."""
        north, south = self.server.files / "north", self.server.files / "south"
        for file in (
            north / f"{YEALINK}.boot", north / f"{YEALINK}-hardening.cfg", north / f"{POLY}.cfg", north / ".hidden",
            north / AUTHORITY_FILE, north / "y000000000096.cfg", north / "000000000000.cfg", north / "common.cfg",
            south / f"{SOUTHERN}.boot", south / "common.cfg", self.server.files / "secret.cfg",
            self.server.folder / "outside.cfg",
        ):  # fmt: skip
            file.write_text(f"content of {file.name}\n", encoding="utf-8")
        (north / "link.cfg").symlink_to(self.server.folder / "outside.cfg")
        (north / POLY).mkdir()
        (north / POLY / "inside.cfg").write_text("inside\n", encoding="utf-8")

    def shown(self, kind: str, mac: str) -> dict[str, Any]:
        """What a phone shows."""
        if kind == "password":
            return {"user": mac, "password": PASSWORDS[mac]}
        if mac == POLY:
            return {"identity": poly_authority().issue(name(mac.upper(), "Polycom Inc."))}
        return {"identity": yealink_authority().issue(mac)}

    def ask(
        self, path: str, identity: Identity | None = None, user: str = "", password: str = "", method: str = "GET",
        trust: Trust | None = None,
    ) -> tuple[int, bytes]:  # fmt: skip
        """One request, sent exactly so; status and body."""
        context = (trust or Trust((self.server.authority.pem,))).context(identity)
        connection = http.client.HTTPSConnection(self.server.address, PORT, timeout=10, context=context)
        connection._create_connection = lambda *_target: http.client.socket.create_connection(  # type: ignore[attr-defined]
            (self.server.address, PORT), 10
        )
        connection.host = HOST
        headers = {}
        if user:
            headers["Authorization"] = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        connection.request(method, path, b"x" if method in ("PUT", "POST") else None, headers)
        with connection.getresponse() as reply:
            return reply.status, reply.read()


@pytest.fixture(scope="module", params=["certificate", "password"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def running(kind: str, tmp_path_factory: pytest.TempPathFactory, nginx_program: str) -> Iterator[Setting]:
    """A server that runs with what the role wrote, for certificates by its template alone, and files to ask for."""
    made = Setting(tmp_path_factory.mktemp(kind))
    if kind == "certificate":
        configure(made.server, made.phones(), voip_provisioning_uploads=str(made.uploads))
        made.uploads.mkdir()
        for site in ("north", "south"):
            (made.server.files / site).mkdir(parents=True)
    with made.server.nginx as nginx:
        if kind == "password":
            with nginx.reloading():
                run = made.apply(voip_provisioning_authentication=kind, voip_provisioning_uploads=str(made.uploads))
                assert run.status == 0, run.output
            assert not [password for password in PASSWORDS.values() if password in run.output + str(run.results)]
        made.fill()
        yield made
    made.server.close()


CASES = [
    ("its boot file", f"/north/{YEALINK}.boot", 200),
    ("its hardening", f"/north/{YEALINK}-hardening.cfg", 200),
    ("its address in capitals", f"/north/{YEALINK.upper()}.boot", 404),
    ("its site's authority", f"/north/{AUTHORITY_FILE}", 200),
    ("the common file of its model", "/north/y000000000096.cfg", 200),
    ("the file for all Poly phones", "/north/000000000000.cfg", 200),
    ("a file that bears no address", "/north/common.cfg", 200),
    ("what is not there", f"/north/{YEALINK}.cfg", 404),
    ("another phone's file", f"/north/{POLY}.cfg", 403),
    ("another phone's file, in capitals", f"/north/{POLY.upper()}.cfg", 403),
    ("another phone's file behind its own name", f"/north/{YEALINK}-{POLY}.cfg", 403),
    ("another phone's folder", f"/north/{POLY}/inside.cfg", 403),
    ("a file that only begins like its own", f"/north/{YEALINK}0.cfg", 403),
    ("another site's file", "/south/common.cfg", 403),
    ("a file of another site's phone", f"/south/{SOUTHERN}.boot", 403),
    ("a list of files", "/north/", 403),
    ("a list of sites", "/", 403),
    ("a folder", "/north", 403),
    ("a file above the sites", "/secret.cfg", 403),
    ("up and out", "/north/../secret.cfg", 403),
    ("up and out, encoded", "/north/%2e%2e/%2e%2e/outside.cfg", 400),
    ("another site, by way of its own", "/north/../south/common.cfg", 403),
    ("another site, with a slash encoded", "/north/..%2fsouth/common.cfg", 403),
    ("a link that leads out", "/north/link.cfg", 403),
    ("a hidden file", "/north/.hidden", 403),
    ("a folder with a bar in its name", f"/north/|{YEALINK}|/north/x", 404),
]


def test_a_phone_gets_its_own_files_and_no_others(running: Setting, kind: str) -> None:
    shown = running.shown(kind, YEALINK)
    answers = [(what, running.ask(path, **shown)) for what, path, _status in CASES]
    assert [(what, status) for what, (status, _body) in answers] == [(what, status) for what, _path, status in CASES]
    assert answers[0][1][1] == f"content of {YEALINK}.boot\n".encode()
    for method, status in (("HEAD", 200), ("PUT", 405), ("POST", 405), ("DELETE", 405), ("PROPFIND", 405)):
        assert running.ask(f"/north/{YEALINK}.boot", **shown, method=method)[0] == status


def test_the_log_says_who_fetched_what(running: Setting, kind: str) -> None:
    before = len(running.server.requests())
    running.ask(f"/north/{YEALINK}.boot", **running.shown(kind, YEALINK))
    last = running.server.next_request(before)
    told = {key: last[key] for key in ("phone", "method", "path", "status", "bytes", "complete")}
    assert told == {
        "phone": YEALINK, "method": "GET", "path": f"/north/{YEALINK}.boot", "status": 200,
        "bytes": len(f"content of {YEALINK}.boot\n"), "complete": "OK",
    }  # fmt: skip
    file = (running.server.files / "north" / f"{YEALINK}.boot").stat()
    assert last["etag"] == f'"{int(file.st_mtime):x}-{file.st_size:x}"'
    assert not [password for password in PASSWORDS.values() if password in running.server.log.read_text()]


def test_logs_of_phones_are_taken_and_not_given_away(running: Setting, kind: str) -> None:
    mine = running.shown(kind, POLY)
    assert running.ask(f"/north/{POLY}-app.log", **mine, method="PUT")[0] in (201, 204)
    assert (running.uploads / "north" / f"{POLY}-app.log").read_bytes() == b"x"
    assert running.ask(f"/north/{POLY}-app.log", **mine)[0] == 403
    assert running.ask(f"/north/{YEALINK}-app.log", **mine, method="PUT")[0] == 403
    assert running.ask(f"/south/{POLY}-app.log", **mine, method="PUT")[0] == 403
    # What a phone's own web interface set outranks its provisioning, so that no copy of it is kept.
    for path in (f"/north/{POLY}-web.cfg", f"/north/{POLY}.cfg", f"/north/{POLY}-app.log.cfg"):
        assert running.ask(path, **mine, method="PUT")[0] == 405


def test_old_tls_is_refused(running: Setting, kind: str) -> None:
    trust = Trust((running.server.authority.pem,), oldest=ssl.TLSVersion.TLSv1, newest=ssl.TLSVersion.TLSv1_1)
    with pytest.raises(ssl.SSLError, match=r"(?i)protocol|handshake"):
        running.ask(f"/north/{YEALINK}.boot", **running.shown(kind, YEALINK), trust=trust)


def test_phones_of_both_vendors_fetch(running: Setting, kind: str) -> None:
    north, hosts = running.server.files / "north", {HOST: running.server.address}
    (north / f"{FETCHING}.boot").write_text(f'#!version:1.0.0.1\ninclude:config "{FETCHING}.cfg"\n', encoding="utf-8")
    (north / f"{FETCHING}.cfg").write_text("#!version:1.0.0.1\nlang.gui = English\n", encoding="utf-8")
    (north / f"{POLY}.cfg").write_text('<PHONE_CONFIG><ALL reg.1.label="x"/></PHONE_CONFIG>', encoding="utf-8")
    prefix = "static.auto_provision.server"
    yealink = YealinkPhone(
        FETCHING, authorities=[running.server.authority.pem], hosts=hosts,
        settings={
            f"{prefix}.url": f"{running.server.url}/north/", f"{prefix}.username": FETCHING,
            f"{prefix}.password": PASSWORDS[FETCHING],
        },
    )  # fmt: skip
    poly = PolyPhone(
        POLY, built_in=[running.server.authority.pem], hosts=hosts,
        settings={
            "device.prov.serverType": "3", "device.prov.serverName": f"{HOST}:{PORT}/north", "device.prov.user": POLY,
            "device.prov.password": PASSWORDS[POLY],
        },
    )  # fmt: skip
    with yealink, poly:
        assert yealink.provision().changed == ("lang.gui",)
        assert poly.provision().changed == ("reg.1.label",)


@pytest.mark.parametrize("kind", ["certificate"], indirect=True)
def test_whose_certificate_is_not_a_known_phones_gets_nothing(running: Setting) -> None:
    own = f"/north/{YEALINK}.boot"
    forged = Authority(name("Yealink Equipment Issuing CA", unit="yealink.com")).issue(YEALINK)
    commas = poly_authority().issue(name(STRANGER, f"x,CN={YEALINK}"))
    assert running.ask(own)[0] == 400
    assert running.ask(own, forged)[0] == 400
    assert running.ask(own, yealink_authority().issue(STRANGER))[0] == 403
    assert running.ask("/north/common.cfg", yealink_authority().issue(STRANGER))[0] == 403
    assert running.ask(own, yealink_authority().issue(f"x{YEALINK}"))[0] == 403
    assert running.ask(own, commas)[0] == 403


@pytest.mark.parametrize("kind", ["password"], indirect=True)
def test_whose_password_is_wrong_gets_nothing(running: Setting) -> None:
    own = f"/north/{YEALINK}.boot"
    assert running.ask(own)[0] == 401
    assert running.ask("/north/common.cfg")[0] == 401
    assert running.ask(own, user=YEALINK, password="wrong")[0] == 401
    assert running.ask(own, user=YEALINK, password=PASSWORDS[POLY])[0] == 401
    assert running.ask(own, user=POLY, password=PASSWORDS[POLY])[0] == 403
    assert running.ask(own, user="nobody", password=PASSWORDS[YEALINK])[0] == 403
    assert running.ask("/north/common.cfg", user=STRANGER, password=PASSWORDS[STRANGER])[0] == 403
    # Who guesses is slowed down, and nobody else.
    theirs = f"/south/{SOUTHERN}.boot"
    seen: set[int] = set()
    for guess in range(600):  # on a busy machine guesses come slowly
        seen.add(running.ask(theirs, user=SOUTHERN, password=f"guess-{guess}")[0])
        if 429 in seen:
            break
    assert seen == {401, 429}
    assert running.ask(own, user=YEALINK, password=PASSWORDS[YEALINK])[0] == 200


@pytest.mark.parametrize("kind", ["certificate"], indirect=True)
def test_networks_that_may_not_ask(running: Setting) -> None:
    own, given = f"/north/{YEALINK}.boot", {"voip_provisioning_uploads": str(running.uploads)}
    try:
        configure(running.server, running.phones(), **given, voip_provisioning_networks=["192.0.2.0/24"])
        running.server.nginx.reload()
        assert running.ask(own, yealink_authority().issue(YEALINK))[0] == 403
    finally:
        configure(running.server, running.phones(), **given)
        running.server.nginx.reload()
    assert running.ask(own, yealink_authority().issue(YEALINK))[0] == 200


@pytest.mark.parametrize("kind", ["password"], indirect=True)
def test_runs_that_follow(running: Setting, kind: str) -> None:
    """Nothing changes, and what nginx does not take is put back."""
    written = running.server.nginx_dir / "conf.d" / "voip-phones.conf"
    given = {"voip_provisioning_uploads": str(running.uploads), "voip_provisioning_authentication": kind}
    content, before = written.read_bytes(), running.apply(**given)
    assert "changed=0 " in before.output, before.output
    run = running.apply(**given, voip_provisioning_networks=["nonsense"])
    assert run.status != 0
    assert 'invalid parameter "nonsense"' in run.output
    assert (written.read_bytes(), [path.name for path in written.parent.iterdir()]) == (content, [written.name])


def test_where_nothing_was_nothing_is_left(tmp_path: Path, nginx_program: str) -> None:
    made = Setting(tmp_path)
    try:
        assert made.apply(voip_provisioning_networks=["nonsense"]).status != 0
        assert list((made.server.nginx_dir / "conf.d").iterdir()) == []
    finally:
        made.server.close()


def test_what_is_wrong_with_a_phone_is_said_before_anything_is_written(tmp_path: Path) -> None:
    made = Setting(tmp_path)
    try:
        run = made.apply("-e", json.dumps({"voip_provisioning_root": "/elsewhere"}))
        assert run.status != 0
        assert 'voip_provisioning_dir: "' in run.output
        assert "is not allowed; a folder below /elsewhere" in run.output
        assert list((made.server.nginx_dir / "conf.d").iterdir()) == []
    finally:
        made.server.close()


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"voip_phone_mac": "80:5e"}, 'phone-x.voip_phone_mac: "80:5e" is not allowed; twelve hexadecimal digits'),
        ({"voip_phone_mac": YEALINK}, f'voip_phone_mac: "{YEALINK}" is not allowed; another one for each phone'),
        ({"voip_provisioning_dir": "/etc"}, 'phone-x.voip_provisioning_dir: "/etc" is not allowed; a folder below '),
        ({"voip_provisioning_dir": "{root}/a/../../b"}, '/a/../../b" is not allowed; a folder below '),
        ({"voip_phone_provisioning_user": "a:b"}, 'phone-x.voip_phone_provisioning_user: "a:b" is not allowed; '),
        ({"voip_phone_provisioning_password": "Short-4711"}, "phone-x.voip_phone_provisioning_password: what was"),
    ],
)
def test_bad_input_is_refused(variables: dict[str, str], says: str, filtered: Callable[..., Any]) -> None:
    with pytest.raises(Exception) as caught:
        filtered(variables)
    assert says in str(caught.value)
    assert "Short-4711" not in str(caught.value)


@pytest.fixture
def filtered() -> Callable[..., Any]:
    from ansible_collections.voip.hardening.plugins.filter.provisioning_clients import provisioning_clients

    def run(variables: dict[str, str]) -> Any:
        good = {"voip_phone_mac": POLY, "voip_provisioning_dir": "/srv/phones/north",
                "voip_phone_provisioning_user": POLY, "voip_phone_provisioning_password": PASSWORDS[POLY]}  # fmt: skip
        spoilt = {key: value.replace("{root}", "/srv/phones") for key, value in variables.items()}
        other = {**good, "voip_phone_mac": YEALINK, "voip_phone_provisioning_user": YEALINK}
        hosts = {"phone-x": {**good, **spoilt}, "phone-y": other}
        return provisioning_clients(hosts, hosts, "/srv/phones", passwords=True)

    return run
