"""A phone's files, a phone itself, and a rotation of passwords, cut off anywhere: no phone is left without a password
that the store knows, the files can be loaded at any time, and the next run converges.

Phones have no plan of steps that is taken back: what is cut off stays, and is completed. So they have a suite of their
own beside the one of the firewalls.

Breaks of the product that this catches: passwords published before they are stored, the one before forgotten before the
new one was seen to work, an include before the file that it names, a log-in too many after a broken connection, a
change that is not told, a session that is left open.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.phones.provisioning import prepare
from ansible_collections.voip.hardening.plugins.module_utils.phones.session import WebSession
from tests.devices.phones import Phone, YealinkPhone
from tests.promises.profile import FULL, SEED
from tests.promises.tally import holding
from tests.support import phone_configs as configs
from tests.support.phone_configs import OLD, PASSWORDS, run, settled, verdicts, woken
from tests.support.phone_fleet import HARDENED, PROVED, Fleet, admin_password, said
from tests.support.phone_store import Cut, Rig, params
from tests.unit.phones.samples import MACS

PROMISE = "cut anywhere"
EXHAUSTIVE = bool(os.environ.get("VOIP_EXHAUSTIVE"))
VENDORS = ("yealink", "poly")
KINDS = [pytest.param(configs.MAKERS[kind].vendor, kind, id=kind) for kind in ("json", "servlet", "poly")]


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    return Rig(tmp_path, monkeypatch)


# --- files and the store ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("platform", VENDORS)
def test_a_rotation_whose_files_are_cut_anywhere(platform: str, rig: Rig) -> None:
    """Whatever the phone fetched last, before or after the cut, the store knows it; the next run completes it."""
    mac = MACS[platform]
    cuts = 0
    for cut in range(20):
        rig.run(platform, passwords_proved=True)
        old = rig.on_disk(mac)
        rig.run(platform, passwords_proved=True)  # the phone fetched it, and it was seen to work
        try:
            rig.run(platform, cut=cut, rotate_passwords=True)
            break
        except Cut:
            cuts += 1
        with holding(PROMISE):
            known = {one.reveal() for one in rig.book().known(mac)["admin"]}
            assert {old, rig.on_disk(mac)} <= known
            rig.run(platform, rotate_passwords=True)
            assert rig.on_disk(mac) == rig.book().published(mac)["admin"].reveal()
            assert {old, rig.on_disk(mac)} == {one.reveal() for one in rig.book().known(mac)["admin"]}
            rest = {f".{rig.store.name}.lock", rig.store.name, rig.folder.name}
            assert {path.name for path in rig.store.parent.iterdir()} == rest
            assert not [path for path in rig.folder.iterdir() if path.name.startswith(".")]
    assert cuts >= 2
    assert rig.on_disk(mac) != old


@pytest.mark.parametrize("platform", VENDORS)
@pytest.mark.parametrize("state", ["replaced", "deleted"])
def test_files_that_are_cut_anywhere_can_be_loaded(platform: str, state: str, rig: Rig) -> None:
    theirs = {
        "yealink": {
            "y000000000096.cfg": b"#!version:1.0.0.1\nlang.gui = German\n",
            "y000000000000.boot": b'#!version:1.0.0.1\ninclude:config "y000000000096.cfg"\n',
        },
        "poly": {
            f"{MACS['poly']}.cfg": b'<PHONE_CONFIG><ALL reg.1.address="100" lcl.ml.lang="German"/></PHONE_CONFIG>'
        },
    }[platform]
    cuts = 0
    for cut in range(20):
        for path in rig.folder.iterdir():
            path.unlink()
        for name, content in theirs.items():
            (rig.folder / name).write_bytes(content)
        if state == "deleted":
            rig.run(platform)
        try:
            rig.run(platform, cut=cut, state=state)
            break
        except Cut:
            cuts += 1
        with holding(PROMISE):
            job = prepare(params(rig.folder, platform), True)
            found = {path.name: path.read_bytes() for path in rig.folder.iterdir()}
            layers = job.vendor.files.others(job.phone, found)
            assert layers.unread == []
            assert "German" in layers.settings.values()
            rig.run(platform, state=state)
            if state == "deleted":
                assert {path.name: path.read_bytes() for path in rig.folder.iterdir()} == theirs
            else:
                assert not rig.run(platform)["changed"]
    assert cuts >= 2


# --- the phone itself ------------------------------------------------------------------------------------------------


def assert_at_ease(phone: Phone, place: str) -> None:
    """After a run was cut off: the phone is not locked, its password is one that is known, and a run converges."""
    woken(phone)
    if isinstance(phone, YealinkPhone):
        assert phone.attempts.locked == 0, place
        phone.sessions.clear()  # one that was cut off ends by itself
    account = "password admin" if isinstance(phone, YealinkPhone) else "device.auth.localAdminPassword"
    assert configs.values(phone)[account] in (OLD, PASSWORDS["admin"]), place
    done = settled(phone)
    assert (done["changed"], verdicts(done, "drift")) == (False, set()), place
    assert configs.sessions(phone) == 0, place


def requests_of_a_run(kind: str) -> int:
    with configs.made(kind) as phone:
        run(phone, allow_reboot=True)
        return len(phone.requests)


@pytest.mark.parametrize("how", ["cut", "cut-after", "busy"])
@pytest.mark.parametrize(("platform", "kind"), KINDS)
def test_a_run_that_breaks_off_at_any_request(platform: str, kind: str, how: str) -> None:
    """Cut off, or turned away: afterwards the phone is as it was, as it should be, or gets there; what was changed is
    told; and at no time more log-ins fail than a phone forgives."""
    count = requests_of_a_run(kind)
    assert count > 10
    failures = 0
    for place in range(1, count + 1):
        with holding(PROMISE), configs.made(kind) as phone:
            before = configs.values(phone)
            phone.faults.plant(kind=how, at=place, times=1)
            done, failure = configs.tried(phone, allow_reboot=True)
            phone.finish()
            failures += failure is not None
            if failure is None:
                assert verdicts(done, "drift") == set(), place
            elif failure.result.get("outcome") == "old state restored" or not failure.result:
                assert configs.values(phone) == before, place
            else:
                assert failure.result["changed"] is True, place
            phone.faults.clear()
            assert_at_ease(phone, f"{platform}: {how} at request {place}")
    assert failures > count // 2


class Killed(BaseException):
    """The controller is gone: nothing is sent any more, no session is left, nothing is told."""


def killing(ask: Callable[..., Any], left: int) -> Callable[..., Any]:
    """`WebSession.ask` of a controller that dies before its n-th request is answered."""
    asked = 0

    def counted(self: WebSession, *given: Any, **options: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked > left:
            raise Killed
        answer = ask(self, *given, **options)
        if asked == left:
            raise Killed
        return answer

    return counted


@pytest.mark.parametrize(("platform", "kind"), KINDS)
def test_a_controller_that_dies_after_any_request(
    platform: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody looks again and nobody logs out."""
    ask = WebSession.ask
    count = requests_of_a_run(kind)
    for place in range(1, count + 1):
        with holding(PROMISE), configs.made(kind) as phone:
            monkeypatch.setattr(WebSession, "ask", killing(ask, place))
            with pytest.raises(Killed):
                run(phone, allow_reboot=True)
            monkeypatch.setattr(WebSession, "ask", ask)
            assert_at_ease(phone, f"{platform}: killed after request {place}")


# --- the whole role --------------------------------------------------------------------------------------------------


def test_a_rotation_that_is_killed_at_any_task(tmp_path: Path, nginx_program: str) -> None:
    """The controller and all its workers are killed as a task begins; phones go on fetching."""
    rotate = ("-e", json.dumps({"voip_phone_rotate_passwords": True}))
    with Fleet(tmp_path, {"desk-1": "yealink", "desk-2": "poly"}) as fleet:
        assert fleet.play().status == 0
        whole = fleet.play(*rotate)
        assert set(said(whole).values()) == {HARDENED}, whole.output
        began = [entry["task"].rpartition(": ")[2] for entry in whole.results if entry["kind"] != "skipped"]
        tasks = list(dict.fromkeys(began))
        first = tasks.index("Publish")
        assert tasks.index(PROVED) > first
        every = 1 if EXHAUSTIVE else 2 if FULL else 8
        for task in tasks[SEED % every :: every]:
            before = {name: admin_password(phone) for name, phone in fleet.phones.items()}
            with holding(PROMISE):
                fleet.play_until(task, *rotate)
                for phone in fleet.phones.values():
                    phone.finish()
                for name, phone in fleet.phones.items():
                    now, known = admin_password(phone), fleet.passwords()[phone.mac]
                    assert now in known, task
                    # The one before goes once the new one was seen to work, for which the kill may have come too late.
                    assert before[name] in known or (tasks.index(task) >= tasks.index(PROVED) and now != before[name])
                done = fleet.play()
                assert (done.status, set(said(done).values())) == (0, {HARDENED}), f"{task}: {done.output}"
                for phone in fleet.phones.values():
                    assert {admin_password(phone)} == fleet.passwords()[phone.mac], task
                assert fleet.states() == {"current"}, task
