"""Phones through `ansible-playbook`: one store for phones that are done at once, and nothing said of a password."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import yaml

from tests.support.playbooks import PROGRAMS, Site
from tests.support.policies import policy, provider

TASKS = [{"name": "Publish", "voip.hardening.phone_provisioning": {}}]
VAULT_PASSWORD = "correct horse battery"


def site(tmp_path: Path, phones: int = 6, **variables: Any) -> Site:
    """A site with phones of both vendors, a folder for their files and a vault password."""
    (tmp_path / "phones").mkdir()
    (tmp_path / "vault-password").write_text(VAULT_PASSWORD, encoding="utf-8")
    shared = {
        "voip_provider": provider(),
        "voip_policy": policy(),
        "voip_provisioning_dir": str(tmp_path / "phones"),
        "voip_phone_secrets_file": str(tmp_path / "passwords.yml"),
        **variables,
    }
    yealink = {"ansible_network_os": "yealink", "voip_phone_model": "T54W", "voip_phone_firmware": "96.86.0.45"}
    poly = {"ansible_network_os": "poly", "voip_phone_model": "VVX 450", "voip_phone_firmware": "6.4.6.2453"}
    hosts = {
        f"desk-{number}": {
            **shared,
            **(yealink if number % 2 else poly),
            "voip_phone_mac": f"{'80:5e:c0' if number % 2 else '64:16:7f'}:00:00:{number:02x}",
        }
        for number in range(phones)
    }
    return Site(tmp_path, hosts)


def stored(one: Site) -> dict[str, Any]:
    """What the store holds, as `ansible-vault view` shows it."""
    command = [str(PROGRAMS / "ansible-vault"), "view", "--vault-password-file", "vault-password", "passwords.yml"]
    environment = {**os.environ, "ANSIBLE_HOME": str(one.folder / "home")}
    done = subprocess.run(command, cwd=one.folder, env=environment, capture_output=True, text=True, check=True)
    phones: dict[str, Any] = yaml.safe_load(done.stdout)["phones"]
    return phones


def files(one: Site) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (one.folder / "phones").iterdir()}


def test_phones_of_a_site_share_a_store_and_no_password_is_said(tmp_path: Path) -> None:
    one = site(tmp_path)
    book = one.playbook_file(TASKS)
    vault = ("--vault-password-file", str(tmp_path / "vault-password"), "--forks", "6", "--diff", "-vvvv")

    shown = one.play("--check", *vault, playbook=book)
    assert (shown.status, files(one), (tmp_path / "passwords.yml").exists()) == (0, {}, False)
    done = one.play(*vault, playbook=book)
    assert done.status == 0
    assert [shown.result(f"desk-{n}")["plan"] for n in range(6)] == [done.result(f"desk-{n}")["plan"] for n in range(6)]
    again = one.play(*vault, playbook=book)
    assert not [n for n in range(6) if again.result(f"desk-{n}")["changed"]]

    phones = stored(one)
    passwords = {state["pending"] for accounts in phones.values() for state in accounts.values()}
    assert (len(phones), len(passwords)) == (6, 3 * 3 + 3 * 2)
    published = b"".join(files(one).values()).decode()
    assert not [password for password in passwords if password not in published]
    said = "".join((run.output + str(run.results)) for run in (shown, done, again))
    assert not [password for password in passwords if password in said]
    assert VAULT_PASSWORD not in said


def test_without_a_vault_password_nothing_is_published(tmp_path: Path) -> None:
    one = site(tmp_path, phones=1)
    run = one.play(playbook=one.playbook_file(TASKS))
    assert run.status != 0
    assert "no vault password" in run.output
    assert files(one) == {}


def test_on_another_host_the_module_is_handed_the_passwords(tmp_path: Path) -> None:
    """The folder is on the host that the task is delegated to; the store stays here and knows them first."""
    one = site(tmp_path, phones=1)
    there = {"ansible_connection": "local", "ansible_python_interpreter": str(PROGRAMS / "python")}
    hosts = yaml.safe_load(one.inventory.read_text())["all"]["children"]["firewalls"]["hosts"]
    one.write({**hosts, "server": there})
    book = one.playbook_file([{**TASKS[0], "delegate_to": "server"}])
    run = one.play("--vault-password-file", str(tmp_path / "vault-password"), "-vvvv", "--diff", playbook=book)
    assert run.status == 0, run.output
    (accounts,) = stored(one).values()
    published = files(one)["64167f000000-hardening.cfg"].decode()
    for state in accounts.values():
        assert re.search(rf'Password="{state["pending"]}"', published)
        assert state["pending"] not in run.output + str(run.results)
