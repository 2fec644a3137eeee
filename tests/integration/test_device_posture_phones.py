"""`device_posture` by a play, against live phones that fetched from the real nginx; it writes nothing anywhere."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.posture.record import record_from
from tests.devices.phones import Phone, PolyPhone, YealinkPhone
from tests.support.phone_fleet import Fleet
from tests.support.playbooks import Run
from tests.support.policies import policy
from tests.support.provisioning import HOST, PORT

KINDS = {"desk-1": "yealink", "desk-2": "yealink-servlet", "desk-3": "poly"}
SEEN = {"rendered": True, "fetched": True, "observed": "as wanted"}
URL = f"https://{HOST}:{PORT}/north/"


@pytest.fixture
def folder(tmp_path: Path, nginx_program: str) -> Path:
    return tmp_path


def settings(phone: Phone) -> dict[str, str]:
    """Everything that a phone is set to."""
    if isinstance(phone, YealinkPhone):
        return {**phone.settings.values, **phone.settings.passwords}
    assert isinstance(phone, PolyPhone)
    return dict(phone.settings.values())


def everything(fleet: Fleet) -> Any:
    """All that a run could write."""
    files = {path.name: path.read_bytes() for path in fleet.files.iterdir() if path.is_file()}
    return files, fleet.store.read_bytes(), {name: settings(phone) for name, phone in fleet.phones.items()}


def secrets(fleet: Fleet) -> set[str]:
    """Every password that the store knows."""
    phones = fleet.stored().values()
    return {text for accounts in phones for entry in accounts.values() for text in entry.values()}


def night(fleet: Fleet, *options: str, strategy: str = "free") -> dict[str, dict[str, Any]]:
    """One night: what came of each phone, and nothing was written and no secret told."""
    task = {
        "name": "Look", "voip.hardening.device_posture": None, "register": "voip_posture", "ignore_errors": True,
        "ignore_unreachable": True,
    }  # fmt: skip
    play = {"name": "Night", "hosts": "phones", "gather_facts": False, "strategy": strategy, "tasks": [task]}
    book = fleet.folder / "night.yml"
    book.write_text(json.dumps([play]), encoding="utf-8")
    before = everything(fleet)
    run: Run = fleet.play(*options, playbook=str(book))
    assert run.status == 0, run.output
    assert everything(fleet) == before
    told = run.output + str(run.results)
    assert not [secret for secret in secrets(fleet) if secret in told]
    return {name: run.of(name) for name in fleet.phones}


def records(fleet: Fleet, *options: str, strategy: str = "free") -> dict[str, dict[str, Any]]:
    """The records of one night in which every phone has one."""
    found = {}
    for name, entry in night(fleet, *options, strategy=strategy).items():
        assert entry["kind"] == "ok", entry
        found[name] = entry["result"]["posture"]
        assert record_from(found[name]).as_dict() == found[name]
    return found


def failing(record: dict[str, Any]) -> set[str]:
    return {name for name, result in record["controls"].items() if result == "fail"}


def drift(record: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    return [(one["subject"], one["field"], one["declared"], one["found"]) for one in record["drift"]]


def test_phones_that_were_hardened_and_then_changed(folder: Path) -> None:
    with Fleet(folder, KINDS, voip_site="north") as fleet:
        assert fleet.play().status == 0
        hardened = records(fleet)
        for name, record in hardened.items():
            assert (record["class"], record["drift"], record["remediable"]) == ("compliant", [], False), record
            assert (record["evidence"], record["site"], record["message"]) == (SEEN, "north", "")
            assert record["model"] == fleet.phones[name].model
            assert all(one["lasting"] for one in record["unverifiable"])
            # What no phone shows is not taken for compliant, and nothing is asked of what the site has no server for.
            assert (record["controls"]["WEB-2"], record["controls"]["MON-1"]) == ("unknown", "not_applicable")
            assert {record["controls"][one] for one in ("WEB-1", "PWD-5", "SVC-1")} == {"pass"}

        yealink, poly = fleet.phones["desk-2"], fleet.phones["desk-3"]
        assert isinstance(yealink, YealinkPhone)
        assert isinstance(poly, PolyPhone)
        yealink.change({"features.action_uri.enable": "1"})
        poly.change({"feature.urlDialing.enabled": "1"}, "web")
        changed = records(fleet, "--diff", strategy="linear")
        assert {name: record["class"] for name, record in changed.items()} == {
            "desk-1": "compliant", "desk-2": "drift", "desk-3": "drift",
        }  # fmt: skip
        assert drift(changed["desk-2"]) == [("features.action_uri.enable", "", "false", "true")]
        assert drift(changed["desk-3"]) == [("feature.urlDialing.enabled", "", "false", "true")]
        assert (failing(changed["desk-2"]), failing(changed["desk-3"])) == ({"WEB-3"}, {"FW-1"})
        assert changed["desk-2"]["remediable"]
        assert changed["desk-2"]["evidence"] == {**SEEN, "observed": "drift"}


def test_files_that_say_something_else(folder: Path) -> None:
    """The phones are as they should be, until they fetch again."""
    with Fleet(folder, {"desk-1": "yealink", "desk-2": "yealink", "desk-3": "poly"}) as fleet:
        assert fleet.play().status == 0
        altered, gone, loose = (
            fleet.files / f"{fleet.phones[name].mac}-hardening.cfg" for name in ("desk-1", "desk-2", "desk-3")
        )
        text = altered.read_text(encoding="utf-8")
        assert "features.action_uri.enable = 0" in text
        altered.write_text(text.replace("features.action_uri.enable = 0", "features.action_uri.enable = 1"))
        gone.unlink()
        os.chmod(loose, 0o644)
        found = records(fleet)
        assert {name: (record["class"], record["remediable"]) for name, record in found.items()} == dict.fromkeys(
            found, ("drift", True)
        )
        assert drift(found["desk-1"]) == [(altered.name, "features.action_uri.enable", "0", "1")]
        assert failing(found["desk-1"]) == {"WEB-3"}
        assert found["desk-1"]["evidence"]["rendered"] is False
        assert [(one[0], one[1], one[3]) for one in drift(found["desk-2"])] == [(gone.name, "", "")]
        assert {"WEB-2", "ENC-1", "SVC-1"} <= failing(found["desk-2"])
        assert drift(found["desk-3"]) == [(loose.name, "mode", "0640 and the group that is asked for", "another one")]
        assert failing(found["desk-3"]) == {"PWD-5"}


def test_files_that_are_somewhere_else_are_said_not_to_have_been_looked_at(folder: Path) -> None:
    with Fleet(folder, {"desk-1": "yealink"}) as fleet:
        assert fleet.play().status == 0
        fleet.variables["desk-1"] |= {"voip_provisioning_host": "server", "voip_provisioning_dir": "/not/here"}
        fleet.write()
        record = records(fleet)["desk-1"]
        assert record["evidence"] == {"rendered": None, "fetched": None, "observed": "as wanted"}
        assert (record["class"], record["message"]) == (
            "compliant", "its files are on server and were not looked at",
        )  # fmt: skip


def test_a_phone_of_its_providers_is_audited(folder: Path) -> None:
    """Nothing of it is ours to change, and what it shows is judged all the same."""
    theirs = policy(voice_vlan={"provisioning_url": URL}, phones={"provisioning_owner": "provider"})
    with Fleet(folder, {"desk-1": "yealink"}, voip_policy=theirs, ansible_password="admin") as fleet:
        fleet.store.write_bytes(b"")
        fleet.variables["desk-1"] |= {"voip_phone_secrets_file": None, "voip_fragment_dir": None}
        fleet.variables["desk-1"] = {
            name: value for name, value in fleet.variables["desk-1"].items() if value is not None
        }
        fleet.write()
        (entry,) = _without_store(fleet)
        record = entry["result"]["posture"]
        assert (record["class"], record["remediable"]) == ("drift", False)
        assert record["evidence"] == {"rendered": None, "fetched": None, "observed": "drift"}
        assert {"WEB-1", "WEB-2"} <= failing(record)
        assert any("a password that everybody knows" in one["evidence"] for one in record["findings"])
        assert record["controls"]["PWD-5"] == "not_applicable"


def _without_store(fleet: Fleet) -> list[dict[str, Any]]:
    task = {"name": "Look", "voip.hardening.device_posture": None}
    book = fleet.folder / "audit.yml"
    book.write_text(json.dumps([{"hosts": "phones", "gather_facts": False, "tasks": [task]}]), encoding="utf-8")
    before = {name: settings(phone) for name, phone in fleet.phones.items()}
    run = fleet.play(playbook=str(book))
    assert before == {name: settings(phone) for name, phone in fleet.phones.items()}
    return [run.of(name) for name in fleet.phones]


def test_phones_of_which_nothing_is_seen(folder: Path) -> None:
    """Switched off by the policy, gone, reset to the password of its vendor, and another one at its address."""
    kinds = {"closed": "yealink", "gone": "yealink", "reset": "poly", "swapped": "yealink"}
    with Fleet(folder, kinds, voip_connect_timeout=2) as fleet:
        assert fleet.play().status == 0
        gone, reset = fleet.phones["gone"], fleet.phones["reset"]
        off = policy(voice_vlan={"provisioning_url": URL}, phones={"rest_api": True, "web_interface": "off"})
        fleet.variables["closed"]["voip_policy"] = off
        fleet.write()
        assert fleet.play("--limit", "closed").status == 0
        gone.stop()
        fleet.variables["swapped"] |= {"voip_phone_mac": "805ec0bbffff", "ansible_password": "not-tried-at-all"}
        assert isinstance(reset, PolyPhone)
        reset.change({"device.auth.localAdminPassword": "456"}, "local")
        fleet.variables["reset"]["ansible_password"] = "456"
        fleet.write()
        seen = night(fleet)
        assert seen["gone"]["kind"] == "unreachable"
        assert seen["swapped"]["kind"] == "failed", seen["swapped"]
        assert "the certificate is not trusted" in seen["swapped"]["result"]["msg"]
        record = seen["closed"]["result"]["posture"]
        assert record["class"] == "unsupported", record
        assert "the policy has this way closed" in record["message"]
        assert (record["evidence"]["rendered"], record["evidence"]["observed"]) == (True, "not seen")
        assert set(record["controls"].values()) == {"unknown"}
        record = seen["reset"]["result"]["posture"]
        assert (record["class"], failing(record)) == ("drift", {"WEB-2"})
        assert set(record["controls"].values()) == {"fail", "unknown"}


def test_a_password_that_no_phone_has_yet(folder: Path) -> None:
    """After a rotation that was not fetched the old password lets us in, and no log-in is wasted on the new one."""
    with Fleet(folder, {"desk-1": "yealink"}, voip_phone_fetch_seconds=1) as fleet:
        assert fleet.play().status == 0
        fleet.forget("desk-1")
        fleet.play("-e", "voip_phone_rotate_passwords=true")
        yealink = fleet.phones["desk-1"]
        before = len([one for one in yealink.requests if "login" in one[1]])
        record = records(fleet)["desk-1"]
        assert record["class"] == "drift"
        assert ("static.security.user_password[admin]", "", "***", "*** (another one)") in drift(record)
        assert record["evidence"] == {"rendered": True, "fetched": False, "observed": "drift"}
        assert len([one for one in yealink.requests if "login" in one[1]]) - before <= 2
