"""Phones fetch from the real nginx over TLS, with passwords and with their device certificates."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.devices.phones import Authority, PolyPhone, YealinkPhone
from tests.devices.phones.addresses import Claim
from tests.devices.phones.certificates import name, poly_authority, yealink_authority
from tests.support.nginx import Nginx

HOST, PORT = "prov.example.com", 8443
MAC = "805ec0aa0001"
CFG = "#!version:1.0.0.1\nlang.gui = English\n"
Serve = Callable[..., Nginx]


class Server:
    """An nginx with an authority of its own and a folder of files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.claim = Claim()
        self.address = self.claim.address
        self.authority = Authority(name("Site CA"))
        self.files = folder / "files"
        self.configuration = folder / "conf.d"
        for each in (self.files, self.configuration):
            each.mkdir()
        identity = self.authority.issue(HOST, HOST)
        (folder / "server.pem").write_bytes(identity.certificate)
        (folder / "server.key").write_bytes(identity.key)
        (folder / "devices.pem").write_bytes(yealink_authority().pem + poly_authority().pem)

    def serving(self, inside: str = "", before: str = "") -> Nginx:
        """nginx with a server block; not yet started."""
        (self.configuration / "phones.conf").write_text(f"""
log_format evidence escape=json '{{"path":"$uri","status":$status,"agent":"$http_user_agent","from":"$remote_addr"}}';
{before}
server {{
    listen {self.address}:{PORT} ssl;
    server_name {HOST};
    ssl_certificate {self.folder}/server.pem;
    ssl_certificate_key {self.folder}/server.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    access_log {self.folder}/evidence.log evidence;
    root {self.files};
    {inside}
}}
""", encoding="utf-8")
        return Nginx(self.configuration, self.folder / "run", (self.address, PORT))

    def evidence(self) -> list[tuple[str, int, str, str]]:
        """What the access log says."""
        lines = (self.folder / "evidence.log").read_text(encoding="utf-8").splitlines()
        return [(row["path"], row["status"], row["agent"], row["from"]) for row in map(json.loads, lines)]

    def phone(self, mac: str = MAC, **settings: str) -> YealinkPhone:
        """A phone that is to fetch from it."""
        return YealinkPhone(
            mac, authorities=[self.authority.pem], hosts={HOST: self.address},
            settings={
                "static.auto_provision.server.url": f"https://{HOST}:{PORT}/", "static.security.cn_validation": "1",
                **{f"static.auto_provision.server.{key}": value for key, value in settings.items()},
            },
        )


@pytest.fixture
def server(tmp_path: Path, nginx_program: str) -> Iterator[Server]:
    made = Server(tmp_path)
    yield made
    made.claim.release()


def test_a_phone_fetches_over_tls_and_the_log_shows_it(server: Server) -> None:
    (server.files / f"{MAC}.cfg").write_text(CFG, encoding="utf-8")
    with server.serving() as nginx, server.phone() as phone:
        outcome = phone.provision()
        assert (outcome.applied, outcome.changed) == (True, ("lang.gui",))
        assert server.evidence()[-1] == (
            f"/{MAC}.cfg", 200, "Yealink SIP-T54W 96.86.0.45 80:5e:c0:aa:00:01", phone.address
        )
        assert [path for path, status, *_rest in server.evidence() if status == 404] == [
            f"/{MAC}.boot", "/y000000000000.boot", "/y000000000096.cfg"
        ]
    assert re.search(r"SIGTERM|gracefully|exit", nginx.error_log.read_text(encoding="utf-8"))


def test_passwords_per_phone(server: Server) -> None:
    (server.files / f"{MAC}.cfg").write_text(CFG, encoding="utf-8")
    (server.folder / "passwords").write_text(f"{MAC}:{{PLAIN}}Right-Password\n", encoding="ascii")
    basic = f'auth_basic "phones"; auth_basic_user_file {server.folder}/passwords;'
    with server.serving(basic):
        with server.phone(username=MAC, password="Right-Password") as phone:
            assert phone.provision().applied
        with server.phone(username=MAC, password="wrong") as phone:
            assert phone.provision().error == f"{MAC}.boot: status 401"


def test_a_device_certificate_opens_the_own_file_only(server: Server) -> None:
    other = "805ec0aa0002"
    for mac in (MAC, other):
        (server.files / f"{mac}.cfg").write_text(CFG, encoding="utf-8")
    before = r"""
map $ssl_client_s_dn $phone { "~*CN=(?<m>[0-9a-f]{12})" $m; default none; }
map "$phone:$uri" $own { "~*^([0-9a-f]{12}):/\1\." 1; "~^[^:]*:/y0" 1; default 0; }
"""
    inside = f"""
    ssl_client_certificate {server.folder}/devices.pem;
    ssl_verify_client on;
    if ($own = 0) {{ return 403; }}
"""
    with server.serving(inside, before):
        with server.phone() as phone:
            assert phone.provision().applied
            assert phone.client().fetch(f"https://{HOST}:{PORT}/{other}.cfg").status == 403
        with server.phone() as phone:
            phone.identity = Authority(name("Somebody else")).issue(MAC)
            assert phone.provision().error == f"{MAC}.boot: status 400"


def test_a_poly_phone_with_its_certificate(server: Server) -> None:
    mac = "64167faa0001"
    (server.files / f"{mac}.cfg").write_text('<APPLICATION CONFIG_FILES="a.cfg"/>', encoding="utf-8")
    (server.files / "a.cfg").write_text('<PHONE_CONFIG><ALL reg.1.label="x"/></PHONE_CONFIG>', encoding="utf-8")
    inside = f"ssl_client_certificate {server.folder}/devices.pem; ssl_verify_client on;"
    before = r'map $ssl_client_s_dn $phone { "~*CN=(?<m>[0-9a-f]{12})" $m; default none; }'
    inside += ' add_header X-Phone $phone always; if ($phone !~* "^64167faa0001$") { return 403; }'
    settings = {"device.prov.serverType": "3", "device.prov.serverName": f"{HOST}:{PORT}"}
    with server.serving(inside, before), PolyPhone(
        mac, settings=settings, built_in=[server.authority.pem], hosts={HOST: server.address}
    ) as phone:
        assert phone.provision().changed == ("reg.1.label",)
        # A server that takes no uploads keeps no copy of the phone's own changes; that is no matter to the phone.
        phone.change({"reg.1.label": "y"}, "web")
        assert phone.provision().applied
        assert phone.settings.find("reg.1.label") == ("y", "web")
    assert (f"/{mac}-web.cfg", 405) in [row[:2] for row in server.evidence()]


def test_a_phone_with_old_tls_only_is_refused(server: Server) -> None:
    (server.files / f"{MAC}.cfg").write_text(CFG, encoding="utf-8")
    with server.serving(), server.phone() as phone:
        phone.change({"static.security.default_ssl_method": "0"})
        assert phone.provision().error.startswith(f"{MAC}.boot: TLS: ")
        phone.change({"static.security.default_ssl_method": "5"})
        assert phone.provision().applied


def test_a_changed_configuration_is_taken_without_a_restart(server: Server) -> None:
    (server.files / f"{MAC}.cfg").write_text(CFG, encoding="utf-8")
    with server.serving() as nginx, server.phone() as phone:
        assert phone.provision().applied
        server.serving("return 410;")
        nginx.reload()
        assert phone.provision().error == f"{MAC}.boot: status 410"


def test_what_nginx_does_not_take_is_said(server: Server) -> None:
    with pytest.raises(ValueError, match='unknown directive "no_such"'), server.serving("no_such on;"):
        pass
