"""The examples of docs/phones.md about live phones, run as they stand there, with the store of passwords."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.devices.phones import Phone, PolyPhone, YealinkPhone
from tests.devices.phones.certificates import poly_authority, yealink_authority
from tests.support.playbooks import ROOT, Run, Site

PAGE = (ROOT / "docs" / "phones.md").read_text(encoding="utf-8")
FACTORY = "Fact0ryNotShown98765"
VAULT = ("--vault-password-file",)


def example(name: str) -> Any:
    """The YAML example of this file name."""
    (text,) = re.findall(rf"```yaml\n# {re.escape(name)}\n(.*?)```", PAGE, re.DOTALL)
    return yaml.safe_load(text)


class Bench:
    """The site of the page with test phones behind its hosts, named after what they are."""

    def __init__(self, folder: Path, phones: dict[str, Phone]) -> None:
        self.folder = folder
        self.phones = phones
        self.site = Site(folder, {})
        (folder / "phones").mkdir()
        (folder / "vault-password").write_text("correct horse battery", encoding="utf-8")
        for name in ("phones.yml", "live.yml"):
            (folder / name).write_text(yaml.safe_dump(example(name)), encoding="utf-8")
        self.variables = example("group_vars/north.yml") | {
            "voip_provisioning_dir": str(folder / "phones"),
            "voip_provisioning_group": None,
            "voip_phone_secrets_file": str(folder / "passwords.yml"),
            "voip_timeout": 60,
        }
        self.write()

    def write(self, **more: Any) -> None:
        """Write the inventory of the page, with the phones' addresses; keywords are variables besides."""
        authorities = {"poly": poly_authority().pem, "yealink": yealink_authority().pem}
        hosts = example("hosts.yml")["phones"]["hosts"]
        for name, host in hosts.items():
            vendor = host["ansible_network_os"]
            path = self.folder / f"{vendor}.pem"
            path.write_bytes(authorities[vendor])
            phone = self.phones[name]
            host |= {"ansible_host": phone.address, "ansible_port": phone.ports()["https"],
                     "ansible_password": FACTORY, "voip_ca_path": str(path)}
        outside = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        inventory = {"phones": {"hosts": hosts, "vars": {**self.variables, **more}},
                     "others": {"hosts": {"outside": outside}}}
        self.site.inventory.write_text(yaml.safe_dump(inventory), encoding="utf-8")

    def play(self, name: str, *options: str) -> Run:
        """Run a playbook of the folder."""
        return self.site.play(*VAULT, str(self.folder / "vault-password"), *options, playbook=str(self.folder / name))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """The phones of the page: a Yealink and a Poly, each with one password."""
    yealink = YealinkPhone("805ec0123456", "T54W", "96.86.0.45")
    yealink.settings.passwords["admin"] = FACTORY
    poly = PolyPhone("64167f123456", "VVX 450", "6.4.6.2453",
                     settings={"apps.restapi.enabled": "1", "device.auth.localAdminPassword": FACTORY})
    with ExitStack() as stack:
        phones = {"north-desk-101": stack.enter_context(yealink), "north-desk-102": stack.enter_context(poly)}
        yield Bench(tmp_path, phones)


def results(run: Run, task: str) -> dict[str, dict[str, Any]]:
    """What a task returned, by host."""
    return {one["host"]: one["result"] for one in run.results if one["task"] == task}


def test_the_example(bench: Bench) -> None:
    """Publish, which makes the passwords; then read, show, push, and read again. No password shows anywhere."""
    assert bench.play("phones.yml").status == 0
    seen = bench.play("live.yml", "-vvvv", "--diff")
    assert seen.status == 0, seen.output
    for host, phone in bench.phones.items():
        read = results(seen, "Read them")[host]
        assert read["intents"]["auth.admin"]["verdict"] == "drift"
        assert read["waiting"]
        assert read["phone"]["mac"] == phone.mac
    assert "another one is in force" in str(results(seen, "Show what is not as it should be"))

    told = bench.play("live.yml", "--tags", "all,push", "--check", "--diff")
    pushed = bench.play("live.yml", "--tags", "all,push", "--diff", "-vvvv")
    assert pushed.status == 0, pushed.output
    assert {host: one["plan"] for host, one in results(told, "Bring them to the policy").items()} == {
        host: one["plan"] for host, one in results(pushed, "Bring them to the policy").items()
    }
    again = bench.play("live.yml", "--tags", "all,push")
    for host, one in results(again, "Bring them to the policy").items():
        assert (one["changed"], one["proved"]) == (False, ["admin"]), host
    yealink, poly = bench.phones.values()
    assert isinstance(yealink, YealinkPhone)
    assert isinstance(poly, PolyPhone)
    secrets = {FACTORY, *yealink.settings.passwords.values(), *poly.passwords().values()} - {"var", "user"}
    assert len(secrets) == 6
    said = "".join(run.output + str(run.results) for run in (seen, told, pushed, again))
    assert not [secret for secret in secrets if secret in said]


def test_a_rotation_that_is_under_way(bench: Bench) -> None:
    """New passwords are published and pending; the phone has the ones before until it fetches, and lets us in by them.
    Afterwards the pending one is tried first, and is right."""
    assert bench.play("phones.yml").status == 0
    assert bench.play("live.yml", "--tags", "push").status == 0
    bench.write(voip_phone_passwords_proved=True, ansible_password=None)
    assert bench.play("phones.yml").status == 0
    bench.write(voip_phone_rotate_passwords=True)
    assert bench.play("phones.yml").status == 0
    for phone in bench.phones.values():
        phone.requests.clear()
    bench.write()
    pushed = bench.play("live.yml", "--tags", "push")
    assert pushed.status == 0, pushed.output
    for one in results(pushed, "Bring them to the policy").values():
        assert (one["changed"], one["proved"]) == (True, ["admin"])
        assert len([line for line in one["plan"] if "another one is in force" in line]) in (2, 3)


def test_delegated_to_another_host(bench: Bench) -> None:
    """Elsewhere the task runs as an ordinary module, and is handed the passwords."""
    assert bench.play("phones.yml").status == 0
    play = example("live.yml")[0]
    play["tasks"] = [{**play["tasks"][2], "delegate_to": "outside", "tags": []}]
    (bench.folder / "there.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    run = bench.play("there.yml", "-vvvv", "--diff")
    assert run.status == 0, run.output
    for one in results(run, "Bring them to the policy").values():
        assert (one["changed"], one["proved"]) == (True, ["admin"])
    yealink, poly = bench.phones.values()
    assert isinstance(yealink, YealinkPhone)
    assert isinstance(poly, PolyPhone)
    secrets = {FACTORY, *yealink.settings.passwords.values(), *poly.passwords().values()}
    assert not [secret for secret in secrets if secret in run.output + str(run.results)]


def test_bad_options_are_refused_before_any_phone_is_contacted(bench: Bench) -> None:
    run = bench.play("live.yml", "-e", '{"voip_phone_mac": "nonsense", "voip_timeout": "never"}')
    assert run.status != 0
    assert 'timeout: "never" is not allowed; a whole number' in run.results[0]["result"]["msg"]
    assert all(phone.requests == [] for phone in bench.phones.values())


def test_a_phone_that_is_off_is_unreachable(bench: Bench) -> None:
    phone = bench.phones["north-desk-101"]
    phone.faults.plant(kind="refuse-tcp")
    phone.settle()
    run = bench.play("live.yml")
    kinds = {one["host"]: one["kind"] for one in run.results if one["task"] == "Read them"}
    assert kinds == {"north-desk-101": "unreachable", "north-desk-102": "ok"}
