"""Secrets of phones reach their files, their store and the phones themselves, and nothing else.

As for firewalls, `ansible-playbook` runs at its highest verbosity with every log and cache switched on, and everything
is searched: what was printed, results, facts, files, arguments and environments of processes. Left out are the
inventory and the folder that phones fetch from, whose files hold passwords by their nature; the store is searched.

Breaks of the product that this catches: a diff or a plan with a password, a password of the store on a command line or
in a file of a delegated module, what a phone repeats of a log-in in an error, the error about an option with its value.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.devices.phones import Phone, PolyPhone, YealinkPhone
from tests.devices.phones.web import Request, Response
from tests.promises.stage import PROMISE, broken_collection, everything_on
from tests.promises.tally import holding
from tests.support.canaries import Canary, leaks
from tests.support.phone_fleet import HARDENED, VAULT_PASSWORD, Fleet, said
from tests.support.playbooks import ROOT, Run
from tests.support.policies import policy
from tests.support.watching import Watch

KINDS = {"desk-1": "yealink", "desk-2": "yealink-servlet", "desk-3": "poly"}
LOUD = ("-vvvv", "--diff")
MASK = "***"
GOING_ON = {"ignore_errors": True, "ignore_unreachable": True}


class Planted(set[Path]):
    """Files that the user wrote, and everything in the folder that phones fetch from."""

    def __init__(self, folder: Path, *paths: Path) -> None:
        super().__init__(paths)
        self.folder = folder

    def __contains__(self, path: object) -> bool:
        return super().__contains__(path) or (isinstance(path, Path) and path.is_relative_to(self.folder))


class Desk:
    """Phones with their secrets, and runs after which everything was looked at."""

    def __init__(self, folder: Path, kinds: dict[str, str], stack: ExitStack) -> None:
        self.home = folder / "watched"
        (self.home / "tmp").mkdir(parents=True)
        self.canaries: list[Canary] = [Canary.of("the vault's password", VAULT_PASSWORD)]
        self.fleet = Fleet(folder, kinds)
        for name, phone in self.fleet.phones.items():
            self._plant(name, phone)
        stack.enter_context(self.fleet)
        planted = Planted(self.fleet.files, self.fleet.site.inventory, folder / "vault-password")
        self.watch = Watch(folder, planted)
        numbers = itertools.count()
        for phone in self.fleet.phones.values():
            self._listen(phone, numbers)

    def _plant(self, name: str, phone: Phone) -> None:
        """A secret wherever a phone has one: its administrator's password before, what it shows to its server, and
        that of its SIP account."""
        first, shows, sip = (Canary.make(f"{name} {what}") for what in ("came with", "shows", "account"))
        self.canaries += [first, shows, sip]
        variables = self.fleet.variables[name]
        variables |= {"ansible_password": first.text, "voip_phone_provisioning_user": phone.mac}
        variables["voip_phone_provisioning_password"] = shows.text
        file = self.fleet.files / f"{phone.mac}.cfg"
        text = file.read_text(encoding="utf-8")
        if isinstance(phone, YealinkPhone):
            phone.settings.passwords["admin"] = first.text
            file.write_text(f"{text}account.1.password = {sip.text}\n", encoding="utf-8")
        elif isinstance(phone, PolyPhone):
            phone.settings.layers["device"]["device.auth.localAdminPassword"] = first.text
            phone.settings.layers["config"]["apps.restapi.enabled"] = "1"
            file.write_text(text.replace("<ALL", f'<ALL reg.1.auth.password="{sip.text}"'), encoding="utf-8")

    def _listen(self, phone: Phone, numbers: Iterator[int]) -> None:
        """Look around while the phone is asked something; what it hands out is a secret."""
        answer = phone.answer_web

        def watched(request: Request) -> Response:
            if not next(numbers) % 7:
                self.watch.look()
            response = answer(request)
            cookies = [value for name, value in response.headers if name == "Set-Cookie"]
            keys = [cookie.partition("=")[2].partition(";")[0] for cookie in cookies]
            self.canaries += [Canary.of(f"a session of {phone.mac}", key) for key in keys]
            return response

        phone.answer_web = watched  # type: ignore[method-assign]
        for server in phone._doors.values():
            if hasattr(server, "_handle") and "web" in type(server).__module__:
                server._handle = watched

    def play(self, *options: str, playbook: str = "", **environment: str) -> Run:
        """One run, everything of which is kept."""
        playbook = playbook or str(self.fleet.folder / "phones.yml")
        self.watch.commands.add(self.fleet.site.command(*self.fleet.vault, *LOUD, *options, playbook=playbook))
        everything = {**everything_on(self.home), **environment}
        run = self.fleet.play(*LOUD, *options, playbook=playbook, environment=everything, folder=self.home)
        self.watch.keep("the output", run.output)
        self.watch.look()
        return run

    def assert_silent(self) -> None:
        """No secret is out: those that were planted, and every password that the store knows now."""
        known = [
            Canary.of(f"the {state} password of {account}", password)
            for accounts in (self.fleet.stored() if self.fleet.store.exists() else {}).values()
            for account, entry in accounts.items() for state, password in entry.items()
        ]  # fmt: skip
        with holding(PROMISE):
            found = leaks([*self.canaries, *known], self.watch.seen)
            assert not found, "\n".join(found[:20])


@pytest.fixture
def desk(tmp_path: Path, nginx_program: str) -> Iterator[Callable[..., Desk]]:
    with ExitStack() as stack:
        yield lambda kinds=KINDS: Desk(tmp_path, kinds, stack)


def test_the_role(desk: Callable[..., Desk]) -> None:
    """Check and run, drift and what heals it, a rotation; both generations of Yealinks, and a Poly."""
    here = desk()
    fleet = here.fleet
    assert set(said(here.play()).values()) == {HARDENED}
    here.assert_silent()
    for phone in fleet.phones.values():
        phone.change({"feature.urlDialing.enabled": "1"} if isinstance(phone, PolyPhone)
                     else {"features.action_uri.enable": "1"})
    here.play("--check")
    assert set(said(here.play("-e", '{"voip_phone_rotate_passwords": true}')).values()) == {HARDENED}
    here.assert_silent()
    # The look at processes saw those of the runs.
    assert any("ansible-playbook" in word for command in here.watch.processes for word in command)


MODULES: dict[str, dict[str, Any]] = {
    "phone_provisioning": {},
    "phone_config": {},
    "phone_probe": {"default_credentials": True},
    "provisioning_log": {},
}


def test_results_that_are_shown_and_kept_and_modules_on_another_host(desk: Callable[..., Desk]) -> None:
    """Every module, in the worker and as a program of its own, its result shown and kept; every state."""
    kinds = {"desk-1": "yealink", "desk-3": "poly"}
    here = desk(kinds)
    tasks: list[dict[str, Any]] = []
    for module, options in MODULES.items():
        for elsewhere in ({}, {"delegate_to": "server"}):
            task = {"name": f"Run {module}", f"voip.hardening.{module}": options, "register": "outcome", **GOING_ON}
            tasks.append({**task, **elsewhere})
            tasks.append({"name": "Show", "ansible.builtin.debug": {"var": "outcome"}})
            kept = {f"kept_{len(tasks)}": "{{ outcome }}", "cacheable": True}
            tasks.append({"name": "Keep", "ansible.builtin.set_fact": kept})
    states = {"phone_config": ("gathered", "rendered", "fetched"), "phone_provisioning": ("rendered", "deleted")}
    for module, state in ((module, state) for module, several in states.items() for state in several):
        given = {f"voip.hardening.{module}": {"state": state}, **GOING_ON}
        tasks += [{"name": f"{module} {state}", **given}, {"name": "There", **given, "delegate_to": "server"}]
    run = here.play(playbook=here.fleet.tasks(*tasks))
    ran = [entry for entry in run.results if entry["kind"] == "ok" and "Run phone_config" in entry["task"]]
    assert len(ran) == 2 * len(kinds), run.output[-3000:]
    here.assert_silent()
    assert any(place.startswith("watched/facts/") for place in here.watch.seen)
    assert any(sys.executable in command and len(command) == 1 for command in here.watch.processes)


FIELDS: dict[str, tuple[str, Any]] = {
    "the hardware address": ("voip_phone_mac", "{{ secret }}"),
    "the model": ("voip_phone_model", "{{ secret }}%"),
    "the firmware": ("voip_phone_firmware", "{{ secret }}"),
    "a line": ("voip_phone_lines", ["{{ secret }}"]),
    "the lines": ("voip_phone_lines", "{{ secret }}"),
    "the platform": ("ansible_network_os", "{{ secret }}"),
    "the folder": ("voip_provisioning_dir", "/{{ secret }}"),
    "the group": ("voip_provisioning_group", "{{ secret }}"),
    "the state": ("voip_state", "{{ secret }}"),
    "the store": ("voip_phone_secrets_file", "{{ secret }}"),
    "the passwords": ("voip_phone_passwords", {"admin": "{{ secret }} "}),
    "the passwords' place": ("voip_phone_passwords", "{{ secret }}"),
    "the transport": ("voip_policy", policy(transport="{{ secret }}")),
    "an authority": ("voip_policy", policy(phones={"authority": "{{ secret }}"})),
    "an unknown key": ("voip_policy", policy(phones={"{{ secret }}": 1})),
    "the host": ("ansible_host", "x:{{ secret }}@192.0.2.1"),
    "the fingerprint": ("voip_fingerprint", "{{ secret }}"),
    "the time": ("voip_timeout", "{{ secret }}"),
    "the name": ("ansible_user", "{{ secret }} x"),
}


def test_mistakes_of_the_user_s(desk: Callable[..., Desk]) -> None:
    """A secret in a field where it does not belong: the error names the field, and shows nothing of it."""
    here = desk({"desk-1": "yealink", "desk-2": "poly"})
    fleet = here.fleet
    modules = (("phone_config", "ansible_password"), ("phone_provisioning", "voip_phone_provisioning_password"))
    tasks = [
        {
            "name": f"{module}: {label}", f"voip.hardening.{module}": {}, **GOING_ON,
            "vars": {field: json.loads(json.dumps(value).replace("{{ secret }}", f"{{{{ {secret} }}}}"))},
        }
        for label, (field, value) in FIELDS.items() for module, secret in modules
    ]  # fmt: skip
    run = here.play(playbook=fleet.tasks(*tasks))
    here.assert_silent()
    outcomes = {(entry["host"], entry["task"]): entry for entry in run.results}
    failed = [key for key, entry in outcomes.items() if entry["kind"] in ("failed", "unreachable")]
    not_its_own = {"phone_config": "folder group", "phone_provisioning": "fingerprint host name time"}
    fine = {f"{module}: the {field}" for module, fields in not_its_own.items() for field in fields.split()}
    assert {task for _host, task in set(outcomes) - set(failed)} == fine
    for key in failed:
        assert outcomes[key]["result"].get("msg"), key


def test_phones_that_repeat_what_they_were_sent(desk: Callable[..., Desk]) -> None:
    """And those that show what they should mask: in the page after a log-in, and in their configuration."""
    here = desk({"desk-1": "yealink", "desk-2": "yealink-servlet", "desk-3": "poly", "desk-4": "yealink-servlet"})
    fleet = here.fleet
    task = {"name": "Run", "voip.hardening.phone_config": {"state": "gathered"}, **GOING_ON}
    for name, phone in fleet.phones.items():
        shown = f'<html>{fleet.variables[name]["ansible_password"]}</html>'
        assert isinstance(phone, (YealinkPhone, PolyPhone))
        if name == "desk-4":
            assert isinstance(phone, YealinkPhone)
            phone.settings.export = lambda _kind="all", phone=phone, shown=shown: (  # type: ignore[method-assign]
                f"#!version:1.0.0.1\nstatic.security.user_password = admin:{shown[6:-7]}\n"
                + "\n".join(f"{key} = {value}" for key, value in phone.settings.values.items())
            )
            continue
        phone.login_shape = "plain"  # type: ignore[union-attr]
        whole = phone.web
        phone.web = lambda request, whole=whole, shown=shown: (  # type: ignore[method-assign]
            Response.text(request.body.decode("latin-1") + shown) if request.method == "POST" else whole(request)
        )
    for options in ((), ("--check",)):
        run = here.play(*options, playbook=fleet.tasks(task, {**task, "name": "There", "delegate_to": "server"}))
        kinds = {entry["host"]: entry["kind"] for entry in run.results if entry["task"] == "Run"}
        assert kinds == {"desk-1": "failed", "desk-2": "failed", "desk-3": "failed", "desk-4": "ok"}, run.output[-2000:]
        here.assert_silent()


def test_a_defect_of_ours(desk: Callable[..., Desk]) -> None:
    """An exception that nobody thought of, with the secrets in its words."""
    here = desk({"desk-1": "yealink", "desk-2": "poly"})
    path = broken_collection(
        here.home, "plugins/module_utils/phones/configuring.py", "    logins = LogIns(job, opener)\n    try:\n",
        "    raise KeyError(*[one.reveal() for one in job.candidates], job.candidates, job.credentials)\n",
    )
    task = {"name": "Run", "voip.hardening.phone_config": {}, **GOING_ON}
    playbook = here.fleet.tasks(task, {**task, "delegate_to": "server"})
    run = here.play(playbook=playbook, ANSIBLE_COLLECTIONS_PATH=path)
    here.assert_silent()
    assert run.output.count("KeyError: ") >= 4, run.output[-3000:]
    assert MASK in run.output


@pytest.mark.parametrize("module", ["phone_config", "phone_provisioning"])
def test_what_a_module_prints(module: str, tmp_path: Path) -> None:
    """All of it: connections of Ansible's show that as it is. The policy is wrong, and has a secret in it."""
    canaries = {name: Canary.make(f"{module} {name}", between="%&") for name in ("password", "shows", "phone")}
    url = f"https://phone:{canaries['phone'].text}@provisioning.example.com/"
    given: dict[str, Any] = {
        "platform": "yealink", "mac": "805ec0000001", "model": "T54W", "firmware": "96.86.0.45",
        "provisioning_user": "x", "provisioning_password": canaries["shows"].text,
        "policy": policy(voice_vlan={"provisioning_url": url}), "provider": {},
        "passwords": {"admin": canaries["password"].text},
    }  # fmt: skip
    if module == "phone_config":
        given |= {"host": "192.0.2.1", "password": canaries["password"].text}
        given |= {"login_passwords": [canaries["shows"].text]}
    file = tmp_path / "arguments.json"
    file.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": given}), encoding="utf-8")
    program = f"ansible_collections.voip.hardening.plugins.modules.{module}"
    done = subprocess.run(
        [sys.executable, "-m", program, str(file)], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / ".collections")},
    )
    with holding(PROMISE):
        assert '"failed": true' in done.stdout, done
        assert leaks(canaries.values(), {"what it prints": {(done.stdout + done.stderr).encode()}}) == []
