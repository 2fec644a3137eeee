"""The role `phones` against test phones that fetch from the real nginx: turns, canaries, evidence, rotations."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.devices.phones import PolyPhone, YealinkPhone
from tests.support.phone_fleet import HARDENED, Fleet, admin_password, said
from tests.support.playbooks import ROOT, Run
from tests.support.policies import policy
from tests.support.provisioning import HOST, PORT
from tests.unit.phones.samples import AUTHORITY

DRIFT = "observed drift: it shows something else than is wanted"
NOTHING = "observed not seen: nothing could be seen of it: "
WAITS = "it waits: desk-1, which goes first for phones of its kind, did not come back; "


def order(run: Run, task: str) -> list[str]:
    """The phones for which a task ran, as they came."""
    entries = [entry for entry in run.results if entry["kind"] != "skipped"]
    return [entry["host"] for entry in entries if entry["task"].endswith(f": {task}")]


def generation(fleet: Fleet, name: str) -> int:
    """The generation of a phone's file."""
    text = (fleet.files / f"{fleet.phones[name].mac}-hardening.cfg").read_text(encoding="utf-8")
    (found,) = re.findall(r"voip\.hardening generation ([0-9]+)", text)
    return int(found)


def changed(run: Run) -> list[str]:
    """The phones of which the recap says that something was changed."""
    return re.findall(r"^(\S+) +: ok=\d+ +changed=[1-9]", run.output, re.MULTILINE)


def settings(phone: Any) -> dict[str, str]:
    """Everything that a phone is set to."""
    return dict(phone.settings.values if isinstance(phone, YealinkPhone) else phone.settings.values())


@pytest.fixture
def folder(tmp_path: Path, nginx_program: str) -> Path:
    return tmp_path


def test_a_site_from_its_first_run_to_drift_that_is_healed(folder: Path) -> None:
    """What comes before the first run, and a second one, is in the demo."""
    kinds = {"desk-1": "yealink", "desk-2": "yealink-servlet", "desk-3": "poly"}
    with Fleet(folder, kinds) as fleet:
        for variables in fleet.variables.values():
            variables["voip_policy"]["phones"]["authority"] = AUTHORITY
        fleet.write()
        first = fleet.play("--diff")
        assert (first.status, said(first)) == (0, dict.fromkeys(kinds, HARDENED)), first.output
        # One of each kind, then the others.
        assert (sorted(order(first, "Publish")[:2]), order(first, "Publish")[2:]) == (["desk-1", "desk-3"], ["desk-2"])
        everything = first.output + str(first.results)
        for phone in fleet.phones.values():
            assert {admin_password(phone)} == fleet.passwords()[phone.mac]
            assert admin_password(phone) not in everything
        assert fleet.states() == {"current"}
        # The site's own authority is told to each, in the way that its vendor has for it.
        served = [entry for entry in fleet.server.requests() if "-authority-" in entry["path"]]
        assert {entry["phone"] for entry in served if entry["status"] == 200} == {
            phone.mac for phone in fleet.phones.values() if isinstance(phone, YealinkPhone)
        }
        for phone in fleet.phones.values():
            if isinstance(phone, YealinkPhone):
                assert AUTHORITY.encode() in phone.authorities
            elif isinstance(phone, PolyPhone):
                assert phone.settings.get("device.sec.TLS.customCaCert1").split() == AUTHORITY.split()

        # Somebody changes one parameter of a phone at the phone itself.
        yealink, poly = fleet.phones["desk-2"], fleet.phones["desk-3"]
        assert isinstance(yealink, YealinkPhone)
        assert isinstance(poly, PolyPhone)
        yealink.change({"features.action_uri.enable": "1"})
        poly.change({"feature.urlDialing.enabled": "1"}, "web")
        drift = fleet.play("--check", "--diff")
        assert changed(drift) == ["desk-2", "desk-3"], drift.output
        lines = [line for line in drift.output.splitlines() if re.match(r"[-+](?!-- before|\+\+ after)", line)]
        assert sorted(lines) == [
            "+feature.urlDialing.enabled = 0", "+features.action_uri.enable = 0", "-feature.urlDialing.enabled = 1",
            "-features.action_uri.enable = 1",
        ]  # fmt: skip
        assert said(drift)["desk-2"] == f"rendered yes, fetched yes, {DRIFT}"
        assert (generation(fleet, "desk-2"), generation(fleet, "desk-1")) == (1, 1)

        healed = fleet.play()
        assert (healed.status, changed(healed)) == (0, ["desk-2", "desk-3"])
        assert said(healed) == dict.fromkeys(kinds, HARDENED)
        assert (generation(fleet, "desk-2"), generation(fleet, "desk-1")) == (2, 1)
        assert yealink.settings.get("features.action_uri.enable") == "0"
        assert poly.settings.find("feature.urlDialing.enabled")[0] == "0"
        # A Yealink's own files cure it; a Poly's web layer outranks them, so that it was told as well.
        assert order(healed, "Tell the phone itself") == ["desk-3"]


def test_the_example_of_the_page_as_it_stands(folder: Path) -> None:
    """Its policy and its phones, by harden.yml; only the server's port is another one."""
    page = (ROOT / "docs" / "phones.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n# (\S+)\n(.*?)```", page, re.DOTALL)
    examples = {name: yaml.safe_load(text) for name, text in blocks}
    shared, phones = examples["group_vars/north.yml"], examples["hosts.yml"]["phones"]["hosts"]
    url = shared["voip_policy"]["voice_vlan"]["provisioning_url"]
    shared["voip_policy"]["voice_vlan"]["provisioning_url"] = url.replace(HOST, f"{HOST}:{PORT}")
    kinds = {name: values["ansible_network_os"] for name, values in phones.items()}
    macs = {name: re.sub(":", "", values["voip_phone_mac"]) for name, values in phones.items()}
    with Fleet(
        folder, kinds, macs, voip_provider=shared["voip_provider"], voip_policy=shared["voip_policy"]
    ) as fleet:
        for name, values in phones.items():
            fleet.variables[name] |= values
        fleet.write()
        run = fleet.play(playbook=str(ROOT / "harden.yml"))
        assert (run.status, said(run)) == (0, dict.fromkeys(kinds, HARDENED)), run.output
        assert "Could not match supplied host pattern, ignoring: phones" not in run.output


def test_a_canary_that_does_not_come_back_holds_its_kind(folder: Path) -> None:
    """The PBX does not know it, so that it fetches nothing. Phones of another kind go on. Folder and log are on another
    host, as far as the role can tell."""
    kinds = {"desk-1": "yealink", "desk-2": "yealink", "desk-3": "poly"}
    with Fleet(folder, kinds, voip_phone_fetch_seconds=1, voip_provisioning_host="server") as fleet:
        fleet.forget("desk-1")
        run = fleet.play()
        assert run.status != 0
        assert sorted(order(run, "Publish")) == ["desk-1", "desk-3"]
        words = said(run)
        assert words["desk-1"] == "rendered yes, fetched no, observed not seen: it has not fetched its file yet"
        assert words["desk-2"].startswith(WAITS)
        assert not (fleet.files / f"{fleet.phones['desk-2'].mac}-hardening.cfg").exists()
        assert fleet.phones["desk-2"].requests == []
        assert words["desk-3"] == HARDENED


def test_too_many_phones_that_do_not_come_back_stop_the_rest(folder: Path) -> None:
    kinds = dict.fromkeys(("desk-1", "desk-2", "desk-3"), "yealink")
    with Fleet(folder, kinds, voip_phone_fetch_seconds=1, voip_phones_at_once=1, voip_phones_away_limit=0) as fleet:
        fleet.forget("desk-2")
        run = fleet.play()
        assert run.status != 0
        words = said(run)
        assert words["desk-1"] == HARDENED
        assert words["desk-3"].startswith("it waits: 1 phones did not come back, more than 0: desk-2; ")
        assert not (fleet.files / f"{fleet.phones['desk-3'].mac}-hardening.cfg").exists()

        # The other states are about one phone, whatever became of the others.
        ours = fleet.files / f"{fleet.phones['desk-1'].mac}-hardening.cfg"
        content = ours.read_bytes()
        for state, left in (("gathered", True), ("deleted", False)):
            run = fleet.play("--limit", "desk-1", "-e", f"voip_state={state}")
            assert (run.status, changed(run)) == (0, [] if left else ["desk-1"]), run.output
            assert (ours.exists() and ours.read_bytes() == content) is left


def test_phones_that_nobody_can_tell_come_by_themselves(folder: Path) -> None:
    """The first of a kind alone is published until it was seen to come back. With a known password, phones are told by
    themselves."""
    kinds = {"desk-1": "yealink", "desk-2": "yealink"}
    with Fleet(folder, kinds, voip_phone_told_by="phone") as fleet:
        one, other = fleet.phones["desk-1"], fleet.phones["desk-2"]
        evening = fleet.play()
        assert evening.status == 0, evening.output
        assert order(evening, "Publish") == ["desk-1"]
        assert said(evening)["desk-1"] == "rendered yes, fetched no, observed not seen: it has not fetched its file yet"
        assert said(evening)["desk-2"].startswith(WAITS)
        one.provision()
        morning = fleet.play()
        assert said(morning)["desk-1"] == HARDENED, morning.output
        assert (order(morning, "Publish"), generation(fleet, "desk-1")) == (["desk-1", "desk-2"], 1)
        # A phone cannot have a password that it has not fetched, so that none was tried.
        assert not [target for _method, target in other.requests if "login" in target.lower()]
        other.provision()
        rotated = fleet.play("-e", json.dumps({"voip_phone_rotate_passwords": True}))
        assert (rotated.status, said(rotated)) == (0, dict.fromkeys(kinds, HARDENED)), rotated.output
        assert fleet.states() == {"current"}


def test_phones_that_are_not_at_ease_are_reported_and_not_hammered(folder: Path) -> None:
    with Fleet(folder, {"desk-1": "yealink", "desk-2": "poly"}, voip_phone_return_seconds=5) as fleet:
        assert fleet.play().status == 0
        locked, restarting = fleet.phones["desk-1"], fleet.phones["desk-2"]
        assert isinstance(locked, YealinkPhone)
        for _attempt in range(3):
            locked.attempts.fail()
        fleet.hold_time()
        restarting.reboot()
        asked = len(locked.requests)
        run = fleet.play()
        assert run.status != 0
        for name in ("desk-1", "desk-2"):
            assert said(run)[name].startswith(f"rendered yes, fetched yes, {NOTHING}")
            assert generation(fleet, name) == 1
        assert len([target for _method, target in locked.requests[asked:] if "auth/login" in target]) <= 1


def test_a_phone_of_the_providers_is_audited_and_gets_a_file_to_hand_over(folder: Path) -> None:
    handed = folder / "handover"
    handed.mkdir()
    theirs = policy(
        voice_vlan={"provisioning_url": f"https://{HOST}:{PORT}/north/"}, phones={"provisioning_owner": "provider"}
    )
    kinds = {"desk-1": "yealink", "desk-2": "poly"}
    with Fleet(folder, kinds, voip_policy=theirs, voip_fragment_dir=str(handed)) as fleet:
        fleet.variables["desk-1"]["ansible_password"] = "admin"
        fleet.write()
        before = [settings(phone) for phone in fleet.phones.values()]
        run = fleet.play()
        assert run.status == 0, run.output
        assert [settings(phone) for phone in fleet.phones.values()] == before
        names = sorted(f"{phone.mac}-hardening.cfg" for phone in fleet.phones.values())
        assert sorted(path.name for path in handed.iterdir()) == names
        assert said(run)["desk-1"] == f"rendered yes, fetched not known, {DRIFT}"
        assert said(run)["desk-2"].startswith(f"rendered yes, fetched not known, {NOTHING}")
        assert order(run, "Publish") == []
        asked = [target for _method, target in fleet.phones["desk-1"].requests]
        assert [target for target in asked if re.search("import|writeconfig", target)] == []
