"""`ansible-playbook harden.yml` against live units, from a checkout."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.managed import managed_by
from tests.support.playbooks import PROGRAMS, Run, Site, host_variables
from tests.support.policies import policy, provider
from tests.support.states import assert_foreign_untouched, assert_same
from tests.support.units import CONCERNS, TOKEN, Unit

Start = Callable[..., Unit]
PLAN_FIELDS = ("changed", "plan", "undo", "diff")


def site_of(folder: Path, *units: Unit, **variables: Any) -> Site:
    """A site with these units as fw1, fw2 ..."""
    return Site(folder, {f"fw{n}": host_variables(unit, **variables) for n, unit in enumerate(units, 1)})


def planned(run: Run, host: str = "fw1") -> dict[str, Any]:
    """What a run says it changed, or would change."""
    result = run.result(host)
    return {name: result.get(name) for name in PLAN_FIELDS}


def went_well(run: Run) -> Run:
    """The run, which must have ended without failures."""
    assert run.status == 0, run.output
    return run


@pytest.mark.parametrize("config", ["factory", "lived-in"])
def test_harden_a_site(config: str, tmp_path: Path, start: Start) -> None:
    """Check, harden, again; a rule changed behind its back is found alone; deleted gives the start back."""
    unit = start(config)
    before = unit.state
    site = site_of(tmp_path, unit)

    shown = went_well(site.play("--check", "--diff"))
    assert unit.writes == []
    assert unit.state == before
    assert "+++ after" in shown.output
    assert "VOIPH-block-sip-in" in shown.output

    done = went_well(site.play("--diff"))
    assert planned(done) == planned(shown)
    assert "changed=1" in done.output
    hardened = unit.state
    assert_foreign_untouched(before, hardened, managed_by("firewall"))

    again = went_well(site.play())
    assert "changed=0" in again.output
    assert again.result("fw1")["plan"] == []
    assert unit.state == hardened

    rule = unit.row("firewall/policy", "VOIPH-block-sip-in")
    unit.edit("firewall/policy", rule["policyid"], status="disable")
    unit.forget()
    found = went_well(site.play("--check", "--diff"))
    assert found.result("fw1")["plan"] == [
        "update root:firewall/policy VOIPH-block-sip-in status disable -> enable [FW-1]"
    ]
    lines = [line for line in found.output.splitlines() if line[:1] in ("+", "-") and line[:3] not in ("+++", "---")]
    assert lines == ["-    status: disable", "+    status: enable"]
    assert unit.writes == []

    went_well(site.play())
    assert_same(hardened, unit.state)
    went_well(site.play("-e", "voip_state=deleted"))
    assert_same(before, unit.state)


def test_each_concern_alone(tmp_path: Path, start: Start) -> None:
    """Each of the four modules in a play of its own leaves its unit as the same module does anywhere else."""
    units = [start("lived-in") for _concern in CONCERNS]
    before = units[0].state
    site = site_of(tmp_path, *units)
    tasks: list[dict[str, Any]] = [
        {
            "name": concern,
            f"voip.hardening.{concern}": {"provider": "{{ voip_provider }}", "policy": "{{ voip_policy }}"},
            "when": f"inventory_hostname == 'fw{n}'",
        }
        for n, concern in enumerate(CONCERNS, 1)
    ]
    playbook = site.playbook_file(tasks)
    runs = [went_well(site.play(*options, playbook=playbook)) for options in (("--check",), (), ())]
    for n, (concern, unit) in enumerate(zip(CONCERNS, units, strict=True), 1):
        shown, done, again = (
            next(e["result"] for e in run.results if e["host"] == f"fw{n}" and e["kind"] == "ok") for run in runs
        )
        assert shown["plan"] == done["plan"] != []
        assert (again["changed"], again["plan"]) == (False, [])
        assert_foreign_untouched(before, unit.state, managed_by(concern))
        assert unit.run(concern)["plan"] == []


def test_gathered_and_rendered(tmp_path: Path, start: Start) -> None:
    """`gathered` writes nothing; `rendered` does not even connect."""
    unit = start("lived-in")
    unit.run()
    unit.forget()
    hardened = unit.state
    site = site_of(tmp_path, unit)
    gathered = went_well(site.play("-e", "voip_state=gathered")).result("fw1")
    assert "VOIPH-block-sip-in" in gathered["gathered"]["root:firewall/policy"]
    assert not gathered["changed"]
    assert unit.writes == []
    assert unit.state == hardened

    connections = unit.device.counters.connections
    rendered = went_well(site.play("-e", "voip_state=rendered")).result("fw1")
    assert {request["method"] for request in rendered["rendered"]} >= {"POST", "PUT"}
    assert not rendered["changed"]
    assert unit.device.counters.connections == connections


def test_five_units_of_different_releases_at_once(tmp_path: Path, start: Start) -> None:
    """One play, five units: each gets what its release takes, and the second play changes none."""
    versions = ("7.0.5", "7.2.4", "7.2.8", "7.4.4", "7.6.2")
    units = [start("lived-in", version, host=f"127.0.7.{n}") for n, version in enumerate(versions, 1)]
    before = [unit.state for unit in units]
    site = site_of(tmp_path, *units)
    first = went_well(site.play())
    assert first.output.count("changed=1") == 5
    for n, version in enumerate(versions, 1):
        assert first.result(f"fw{n}")["platform"]["version"] == version
    # One connection to observe and apply, one fresh login to verify.
    assert [unit.device.counters.connections for unit in units] == [2] * 5
    again = went_well(site.play())
    assert again.output.count("changed=0") == 5
    went_well(site.play("-e", "voip_state=deleted"))
    for state, unit in zip(before, units, strict=True):
        assert_same(state, unit.state)


def test_a_provider_profile_by_name(tmp_path: Path, start: Start) -> None:
    """A profile file next to the inventory is found by its name and used; the shipped one serves otherwise."""
    unit = start("factory")
    site = site_of(tmp_path, unit, voip_provider="example-voice")
    went_well(site.play())
    ours = {row["name"] for row in unit.rows("firewall/address")}
    assert "VOIPH-net-198.51.100.0-26" in ours

    (tmp_path / "providers").mkdir()
    own = {**provider(), "name": "example-voice"}
    (tmp_path / "providers" / "example-voice.yml").write_text(yaml.safe_dump(own), encoding="utf-8")
    went_well(site.play())
    ours = {row["name"] for row in unit.rows("firewall/address")}
    assert "VOIPH-net-198.51.100.0-26" not in ours
    assert "VOIPH-net-203.0.113.0-27" in ours


def test_delegated_to_a_jump_host(tmp_path: Path, start: Start) -> None:
    """On another host the task runs as an ordinary module, packed with all it needs, with the same result."""
    here, there = start("lived-in"), start("lived-in")
    hosts = {
        "fw1": host_variables(there),
        "jump": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable},
    }
    site = Site(tmp_path, hosts)
    task: dict[str, Any] = {
        "name": "Through the jump host",
        "voip.hardening.firewall": {"provider": "{{ voip_provider }}", "policy": "{{ voip_policy }}"},
        "delegate_to": "jump",
    }
    playbook = site.playbook_file([task])
    expected = here.run()
    shown = went_well(site.play("--check", playbook=playbook)).result("fw1")
    assert there.writes == []
    done = went_well(site.play(playbook=playbook)).result("fw1")
    assert shown["plan"] == done["plan"] == expected["plan"]
    assert done["findings"] == expected["findings"]
    assert done["pending"] == expected["pending"]
    assert_same(here.state, there.state)
    assert went_well(site.play(playbook=playbook)).result("fw1")["plan"] == []

    # Failures come as they do in the worker.
    there.device.faults.plant(kind="html", path="firewall/policy", method="GET")
    failed = site.play(playbook=playbook)
    assert failed.of("fw1")["kind"] == "failed"
    assert "firewall/policy" in failed.of("fw1")["result"]["msg"]


def test_secrets_are_not_shown(tmp_path: Path, start: Start) -> None:
    """At the highest verbosity neither token nor password appears: in the worker, on a jump host, in failures."""
    password = "Sup3r-secret-passw0rd"
    by_token, by_password = start("lived-in"), start("lived-in")
    by_password.device.set_password("admin", password)
    hosts = {
        "fw1": host_variables(by_token),
        "fw2": host_variables(
            by_password, voip_access_token=None, ansible_user="admin", ansible_password=password,
            voip_policy=policy(concerns={"management_access": False}),
        ),
        "jump": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable},
    }
    site = Site(tmp_path, hosts)
    outputs = [went_well(site.play("-vvvv", "--diff")).output]
    task: dict[str, Any] = {
        "name": "Through the jump host",
        "voip.hardening.firewall": {"provider": "{{ voip_provider }}", "policy": "{{ voip_policy }}"},
        "delegate_to": "jump",
    }
    outputs.append(went_well(site.play("-vvvv", playbook=site.playbook_file([task]))).output)
    for unit in (by_token, by_password):
        unit.device.faults.plant(kind="html", path="firewall/policy", method="GET")
    outputs.append(site.play("-vvvv").output)
    for output in outputs:
        assert TOKEN not in output
        assert password not in output
    for file in tmp_path.rglob("*"):
        if file.is_file() and file != site.inventory:
            text = file.read_text(encoding="utf-8", errors="replace")
            assert TOKEN not in text
            assert password not in text
    for unit in (by_token, by_password):
        for entry in unit.device.log:
            assert TOKEN not in repr(entry["query"])
            assert password not in repr(entry["query"])


def test_vault_encrypted_variables(tmp_path: Path, start: Start) -> None:
    """The token, and parts of the policy, may be vault-encrypted."""
    unit = start("factory")
    hosts = {"fw1": host_variables(unit, voip_access_token=None, voip_policy=None)}
    site = Site(tmp_path, hosts)
    secret = tmp_path / "vault-password"
    secret.write_text("open sesame", encoding="utf-8")

    def encrypted(text: str) -> str:
        done = subprocess.run(
            [str(PROGRAMS / "ansible-vault"), "encrypt_string", "--vault-password-file", str(secret), text],
            capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL, cwd=tmp_path,
        )
        return done.stdout.strip()

    variables = tmp_path / "group_vars"
    variables.mkdir()
    url = encrypted("https://provisioning.example.com/k3y/")
    (variables / "all.yml").write_text(
        f"voip_access_token: {encrypted(TOKEN)}\n"
        "voip_policy:\n"
        "  transport: tls\n"
        "  voice_vlan:\n"
        "    {id: 40, subnet: 10.40.0.0/24, parent_interface: internal, provisioning_url: '{{ url }}'}\n"
        "  management: {networks: [10.0.0.0/24], controller_address: 10.0.0.10}\n"
        f"url: {url}\n",
        encoding="utf-8",
    )
    run = went_well(site.play("--vault-password-file", str(secret)))
    assert run.result("fw1")["changed"]
    server = unit.row("system.dhcp/server", "VOIPH-VLAN40", field="interface")
    assert {option["value"] for option in server["options"]} == {"https://provisioning.example.com/k3y/"}
    assert "changed=0" in went_well(site.play("--vault-password-file", str(secret))).output
