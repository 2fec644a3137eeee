"""What the log of a provisioning server proves, and what it does not."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.module import Failure
from ansible_collections.voip.hardening.plugins.module_utils.phones import log_module
from ansible_collections.voip.hardening.plugins.module_utils.phones.request_log import Version, evidence_of

MAC, OTHER = "805ec0aa0001", "805ec0aa0002"
NAME = f"{MAC}-hardening.cfg"
CHANGED = 1796032800.5
FILE = Version(NAME, CHANGED, 1000)


def line(at: float, **fields: Any) -> bytes:
    """An entry for the file as it is, with these fields otherwise."""
    entry = {
        "at": round(at, 3), "seconds": 0.002, "from": "192.0.2.7", "phone": MAC, "method": "GET",
        "path": f"/north/{NAME}", "request": f"GET /north/{NAME} HTTP/1.1", "status": 200, "bytes": 1000,
        "complete": "OK", "etag": FILE.etag, "agent": "Yealink SIP-T54W 96.86.0.45 80:5e:c0:aa:00:01",
        **fields,
    }  # fmt: skip
    return json.dumps(entry).encode() + b"\n"


BEFORE = line(CHANGED - 100, phone=OTHER, path=f"/north/{OTHER}.boot")


def test_a_whole_file_that_was_fetched_after_the_change() -> None:
    found = evidence_of([BEFORE, line(CHANGED + 1)], MAC, FILE)
    assert (found.fetched, found.at, found.agent[:7]) == (True, CHANGED + 1, "Yealink")
    assert [request.data for request in found.requests] == [{"at": CHANGED + 1, "file": NAME, "status": 200}]


@pytest.mark.parametrize(
    "fields",
    [
        {"status": 401}, {"status": 403}, {"status": 404}, {"status": 206}, {"status": 304}, {"method": "HEAD"},
        {"complete": ""}, {"bytes": 999}, {"etag": '"6b0d1e60-3e7"'}, {"etag": ""}, {"path": f"/north/{MAC}.boot"},
        {"phone": OTHER}, {"phone": ""}, {"seconds": 5.0},
    ],
)  # fmt: skip
def test_what_is_no_evidence(fields: dict[str, Any]) -> None:
    assert evidence_of([BEFORE, line(CHANGED + 1, **fields)], MAC, FILE).fetched is False


def test_the_version_before_does_not_count_though_it_looks_alike() -> None:
    """Within a second, a file of the same length has the same ETag."""
    assert evidence_of([BEFORE, line(CHANGED - 0.1)], MAC, FILE).fetched is False


def test_what_was_begun_before_the_change_and_ended_after_it() -> None:
    assert evidence_of([BEFORE, line(CHANGED + 0.2, seconds=0.4)], MAC, FILE).fetched is False


def test_a_log_that_does_not_reach_back_proves_nothing() -> None:
    assert evidence_of([], MAC, FILE).fetched is None
    assert evidence_of([line(CHANGED + 1, phone=OTHER)], MAC, FILE).fetched is None
    assert evidence_of([line(CHANGED + 1, status=403)], MAC, FILE).fetched is None


def test_lines_that_are_no_entries_are_counted() -> None:
    noise = [b'{"at": 1796\n', b"not JSON " + MAC.encode(), b'["' + MAC.encode() + b'"]', b'{"at":"x","status":1}']
    found = evidence_of([*noise, BEFORE, line(CHANGED + 1)], MAC, FILE)
    assert (found.fetched, found.torn) == (True, 4)


def test_somebody_who_only_claims_to_be_the_phone_does_not_name_it() -> None:
    assert evidence_of([BEFORE, line(CHANGED + 1, status=401, agent="liar")], MAC, FILE).agent == ""


# --- the files ------------------------------------------------------------------------------------------------------


def options(folder: Path, **given: Any) -> dict[str, Any]:
    return {
        "path": str(folder / "requests.log"), "directory": str(folder / "phones"), "mac": "80:5E:C0:AA:00:01",
        "platform": "yealink", "model": "T54W", "firmware": "96.86.0.45", "wait": 0, **given,
    }  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "phones").mkdir()
    return tmp_path


def write(folder: Path) -> Version:
    path = folder / "phones" / NAME
    path.write_bytes(b"x" * 1000)
    os.utime(path, (CHANGED, CHANGED))
    return FILE


def test_without_a_file_nothing_was_fetched(folder: Path) -> None:
    found = log_module.execute(options(folder))
    assert (found["fetched"], found["remarks"]) == (False, [f"{NAME}: there is no such file yet"])


def test_old_firmware_has_another_file(folder: Path) -> None:
    assert log_module.execute(options(folder, model="T42S", firmware="66.80.0.70"))["file"] == f"{MAC}.cfg"


def test_the_log_before_is_read_as_well(folder: Path) -> None:
    write(folder)
    (folder / "requests.log.1").write_bytes(BEFORE + line(CHANGED + 1))
    (folder / "requests.log").write_bytes(line(CHANGED + 90000, phone=OTHER))
    found = log_module.execute(options(folder))
    assert (found["fetched"], found["fetched_at"]) == (True, "2026-11-30T10:00:01.500+00:00")


def test_no_log_at_all(folder: Path) -> None:
    write(folder)
    found = log_module.execute(options(folder))
    assert found["fetched"] is None
    assert found["remarks"] == [f"{folder}/requests.log: it does not reach back to when {NAME} was written"]


def test_an_empty_log_is_kept_since_it_was_made(folder: Path) -> None:
    write(folder)
    log = folder / "requests.log"
    log.touch()
    for made, fetched in ((CHANGED - 10, False), (CHANGED + 10, None)):
        os.utime(log, (made, made))
        assert log_module.execute(options(folder))["fetched"] is fetched


def test_it_waits_until_the_phone_has_fetched(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder)
    log = folder / "requests.log"
    log.write_bytes(BEFORE)
    monkeypatch.setattr(log_module, "_POLL_SECONDS", 0.01)
    looked = threading.Event()
    sleep = log_module.time.sleep

    def slept(seconds: float) -> None:
        looked.set()
        sleep(seconds)

    monkeypatch.setattr(log_module.time, "sleep", slept)

    def fetch() -> None:
        looked.wait(10)
        with log.open("ab") as stream:
            stream.write(line(CHANGED + 1))

    phone = threading.Thread(target=fetch)
    phone.start()
    found = log_module.execute(options(folder, wait=60))
    phone.join()
    assert found["fetched"] is True


def test_bad_options_are_all_named(folder: Path) -> None:
    spoilt = options(folder, path="log", directory="/no/such", mac="80:5e", firmware="x", wait=-1)
    with pytest.raises(Failure) as caught:
        log_module.execute(spoilt)
    named = [error.partition(":")[0] for error in caught.value.result["errors"]]
    assert named == ["directory", "mac", "firmware", "wait", "path"]
