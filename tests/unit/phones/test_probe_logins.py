"""What the phones' answers to a log-in mean, and what is remembered of them."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.phones.login_memory import LoginMemory
from ansible_collections.voip.hardening.plugins.module_utils.phones.logins import (
    MOST_FAILURES,
    PAIRS,
    poly_rest,
    poly_web,
    yealink_json,
    yealink_servlet,
)

NOW = datetime(2026, 11, 29, 10, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=30)


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ('<div id="_RES_INFO_">{"authstatus":"done"}</div>', "accepted"),
        ('<div id="_RES_INFO_">{"authstatus":"none"}</div>', "denied"),
        ('<div id="_RES_INFO_">{"authstatus":"lock"}</div>', "locked"),
        ("You are not authorized, please try again 3 minutes later", "locked"),
        ('<div id="_RES_INFO_">{"authstatus":"other"}</div>', "unclear"),
        ("<html>Welcome</html>", "unclear"),
        ("", "unclear"),
    ],
)
def test_yealink_servlet(text: str, outcome: str) -> None:
    assert yealink_servlet(text) == outcome


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ('{"ret":"ok","data":"x"}', "accepted"),
        (
            '{"ret":"failed","error":{"webStatus":"error","msg":"error_username_or_password_is_wrong"}}',
            "denied",
        ),
        ('{"ret":"failed","error":{"webStatus":"lock","lockTime":"3"}}', "locked"),
        ('{"ret":"failed","error":{"webStatus":"noauth"}}', "unclear"),
        ('{"ret":"failed"}', "unclear"),
        ("[]", "unclear"),
        ("<html>", "unclear"),
    ],
)
def test_yealink_json(text: str, outcome: str) -> None:
    assert yealink_json(text) == outcome


@pytest.mark.parametrize(
    ("status", "text", "outcome"),
    [
        (200, "lockparams|SUCCESS|0", "accepted"),
        (200, "lockparams|INVALID_LOGIN|0", "denied"),
        (401, "", "denied"),
        (401, "lockparams|INVALID_LOGIN|0", "denied"),
        (401, "lockparams|ONE_ATTEMPT_LEFT|0", "one_left"),
        (401, "lockparams|LOCKEDFOR|57", "locked"),
        (401, "lockparams|NEW_WORD|0", "unclear"),
        (200, "lockparams|ONE_ATTEMPT_LEFT|0", "one_left"),
        (200, "lockparams|LOCKEDFOR|57", "locked"),
        (200, "lockparams|LOCKED|0", "locked"),
        (404, "", "absent"),
        (412, "SessionAlreadyActive", "unclear"),
        (406, "", "unclear"),
        (200, "<html>", "unclear"),
    ],
)
def test_poly_web(status: int, text: str, outcome: str) -> None:
    assert poly_web(status, text) == outcome


@pytest.mark.parametrize(
    ("status", "text", "outcome"),
    [
        (200, '{"data":{},"Status":"2000"}', "accepted"),
        (200, '{"Status":"4010"}', "accepted"),
        (200, '{"status":2000}', "accepted"),
        (401, "", "denied"),
        (403, "", "denied"),
        (200, '{"Status":"4001"}', "unclear"),
        (404, "<html>", "unclear"),
        (200, "[]", "unclear"),
    ],
)
def test_poly_rest(status: int, text: str, outcome: str) -> None:
    assert poly_rest(status, text) == outcome


@pytest.mark.parametrize("vendor", PAIRS)
def test_the_pairs_of_a_vendor_are_distinct_and_the_administrators_come_first(vendor: str) -> None:
    pairs = [(pair.account, pair.password.reveal()) for pair in PAIRS[vendor]]
    assert len(set(pairs)) == len(pairs)
    administers = [pair.administers for pair in PAIRS[vendor]]
    assert administers == sorted(administers, reverse=True)
    assert 1 <= sum(administers) <= MOST_FAILURES


def test_no_password_shows() -> None:
    assert "456" not in repr(PAIRS)
    assert "9486" not in repr(PAIRS)


# What is remembered

ADMIN, USER, _VAR = PAIRS["yealink"]
POLY = PAIRS["poly"][0]


def test_a_refusal_is_remembered_across_runs_for_a_while(tmp_path: Path) -> None:
    path = str(tmp_path / "logins")
    LoginMemory(path).end("805ec0000017", ADMIN, "denied", NOW)
    memory = LoginMemory(path)
    assert memory.denied_at("805ec0000017", ADMIN, LONG_AGO) == "2026-11-29T10:00:00+00:00"
    assert memory.denied_at("805ec0000017", ADMIN, NOW + timedelta(seconds=1)) == ""
    assert memory.denied_at("805ec0000017", USER, LONG_AGO) == ""
    assert memory.denied_at("805ec0000018", ADMIN, LONG_AGO) == ""


def test_an_acceptance_is_not_remembered_as_a_refusal() -> None:
    memory = LoginMemory("")
    memory.end("phone", ADMIN, "accepted", NOW)
    assert memory.denied_at("phone", ADMIN, LONG_AGO) == ""


@pytest.mark.parametrize("outcome", ["locked", "one_left"])
def test_a_phone_that_is_about_to_lock_is_left_alone_for_a_day(outcome: str) -> None:
    memory = LoginMemory("")
    memory.end("phone", ADMIN, outcome, NOW)
    assert "left alone for a day" in memory.reason_to_wait("phone", NOW + timedelta(hours=23))
    assert memory.reason_to_wait("phone", NOW + timedelta(hours=25)) == ""
    assert memory.reason_to_wait("another", NOW) == ""


def test_two_failures_a_day() -> None:
    memory = LoginMemory("")
    for number in range(MOST_FAILURES):
        assert memory.reason_to_wait("phone", NOW) == "", number
        memory.begin("phone", ADMIN, NOW)  # counts although nobody heard the answer
    assert "2 log-ins failed" in memory.reason_to_wait("phone", NOW + timedelta(hours=1))
    assert memory.reason_to_wait("phone", NOW + timedelta(days=1)) == ""


def test_a_log_in_that_succeeds_locks_nothing() -> None:
    memory = LoginMemory("")
    for outcome in ("accepted", "accepted", "absent", "denied"):
        memory.begin("phone", ADMIN, NOW)
        memory.end("phone", ADMIN, outcome, NOW)
    assert memory.reason_to_wait("phone", NOW) == ""


def test_the_file_shows_neither_phones_nor_pairs_and_is_the_owners(tmp_path: Path) -> None:
    path = tmp_path / "logins"
    memory = LoginMemory(str(path))
    memory.begin("64167f000001", POLY, NOW)
    memory.end("64167f000001", POLY, "denied", NOW)
    text = path.read_text(encoding="utf-8")
    assert not any(word in text for word in ("64167f000001", "Polycom", '"456"'))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["logins"]


def test_the_same_pair_has_another_digest_in_another_file(tmp_path: Path) -> None:
    digests = set()
    for name in ("one", "two"):
        LoginMemory(str(tmp_path / name)).end("phone", ADMIN, "denied", NOW)
        digests.add(json.loads((tmp_path / name).read_text(encoding="utf-8").splitlines()[1])["pair"])
    assert len(digests) == 2


def test_two_workers_share_one_file(tmp_path: Path) -> None:
    path = str(tmp_path / "logins")
    one, other = LoginMemory(path), LoginMemory(path)
    one.end("first", ADMIN, "denied", NOW)
    other.end("second", ADMIN, "denied", NOW)
    both = LoginMemory(path)
    assert both.denied_at("first", ADMIN, LONG_AGO)
    assert both.denied_at("second", ADMIN, LONG_AGO)


@pytest.mark.parametrize(
    "text",
    [
        "admin:admin\n",
        '{"key": "xyz"}\n',
        '{"key": "00"}\n{"phone": "a", "pair": "b", "outcome": "denied"}\n',
        '{"key": "00"}\n{"phone": "a", "pair": "b", "outcome": "denied", "at": "2026-11-29T10:00:00"}\n',
        '{"key": "00"}\n{"phone": "a", "pair": 1, "outcome": "denied", "at": "2026-11-29T10:00:00+00:00"}\n',
        '{"key": "00"}\n{"phone": "a", "pa',
        "\n",
        "",
    ],
)
def test_a_file_of_somebody_elses_is_refused_and_left_as_it_is(tmp_path: Path, text: str) -> None:
    path = tmp_path / "logins"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"line [12], is not one of this module's; move the file away"):
        LoginMemory(str(path))
    assert path.read_text(encoding="utf-8") == text


def test_a_file_in_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be made"):
        LoginMemory(str(tmp_path / "nowhere" / "logins"))
