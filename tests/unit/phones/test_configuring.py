"""Log-ins of one run: which passwords, how often, and when it is left at that."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.errors import DeviceError, LoginRefused, Unavailable
from ansible_collections.voip.hardening.plugins.module_utils.phones.configuring import Job, LogIns
from ansible_collections.voip.hardening.plugins.module_utils.phones.intents import NO_CREDENTIALS
from ansible_collections.voip.hardening.plugins.module_utils.phones.live import Reading
from ansible_collections.voip.hardening.plugins.module_utils.phones.live_poly import FactoryPassword
from ansible_collections.voip.hardening.plugins.module_utils.phones.session import Session
from ansible_collections.voip.hardening.plugins.module_utils.phones.table import Setting
from ansible_collections.voip.hardening.plugins.module_utils.phones.vendors import VENDORS
from ansible_collections.voip.hardening.plugins.module_utils.secret import Secret
from ansible_collections.voip.hardening.plugins.module_utils.target import Target
from tests.unit.phones.samples import phone


class Open:
    """A session of a phone that shows nothing."""

    taken = 0

    def __init__(self) -> None:
        self.closed = 0

    def read(self, _names: Sequence[str]) -> Reading:
        return Reading()

    def write(self, _settings: Sequence[Setting]) -> None:
        self.taken += 1

    def restart(self) -> None:
        pass

    def close(self) -> None:
        self.closed += 1


class Phone:
    """Lets one password in, and keeps what it was tried with."""

    def __init__(self, password: str, error: Callable[[str], DeviceError] = LoginRefused) -> None:
        self.password = password
        self.tried: list[str] = []
        self.sessions: list[Open] = []
        self._error = error

    def __call__(self, _target: Target, _mac: str, _username: str, password: Secret) -> Session:
        self.tried.append(password.reveal())
        if password.reveal() != self.password:
            raise self._error("refused")
        self.sessions.append(Open())
        return self.sessions[-1]


def log_ins(opener: Phone, *passwords: str) -> LogIns:
    job = Job(
        state="gathered", check=False, vendor=VENDORS["yealink"], phone=phone(), target=Target(host="192.0.2.1"),
        username="admin", policy=None, credentials=NO_CREDENTIALS, candidates=tuple(map(Secret, passwords)),
        foreign=False, push=False, allow_reboot=False, send_unshown=False,
    )  # fmt: skip
    return LogIns(job, opener)


def test_the_first_that_is_right_is_used_and_left() -> None:
    opener = Phone("current")
    logins = log_ins(opener, "pending", "current", "third")
    with logins.session() as (_session, password):
        assert password.reveal() == "current"
        assert opener.sessions[0].closed == 0
    assert (opener.tried, opener.sessions[0].closed) == (["pending", "current"], 1)


def test_what_was_refused_once_is_not_tried_again() -> None:
    opener = Phone("current")
    logins = log_ins(opener, "pending", "current")
    for _time in range(3):
        with logins.session():
            pass
    assert opener.tried == ["pending", "current", "current", "current"]


def test_after_two_that_were_refused_none_is_tried() -> None:
    opener = Phone("third")
    logins = log_ins(opener, "first", "second", "third")
    for _time in range(2):
        with pytest.raises(LoginRefused), logins.session():
            pass
    assert opener.tried == ["first", "second"]
    with pytest.raises(LoginRefused, match="no more are tried"), logins.session():
        pass


def test_a_password_that_the_phone_was_sent_is_tried_first() -> None:
    opener = Phone("current")
    logins = log_ins(opener, "pending", "current")
    with logins.session():
        opener.password = "pending"
    logins.now_in_force(Secret("pending"))
    with logins.session() as (_session, password):
        assert password.reveal() == "pending"
    assert opener.tried == ["pending", "current", "pending"]


def test_a_change_that_was_not_taken_does_not_cost_more_than_the_phone_forgives() -> None:
    opener = Phone("current")
    logins = log_ins(opener, "pending", "current")
    with logins.session():
        pass
    logins.now_in_force(Secret("pending"))
    with pytest.raises(LoginRefused), logins.session():
        pass
    assert opener.tried == ["pending", "current", "pending"]


@pytest.mark.parametrize("error", [Unavailable, FactoryPassword])
def test_no_other_password_is_tried_where_that_is_no_use(error: Callable[[str], DeviceError]) -> None:
    opener = Phone("second", error)
    with pytest.raises(error), log_ins(opener, "first", "second").session():  # type: ignore[arg-type]
        pass
    assert opener.tried == ["first"]


def test_a_session_is_left_after_an_error() -> None:
    opener = Phone("first")
    with pytest.raises(RuntimeError), log_ins(opener, "first").session():
        raise RuntimeError
    assert opener.sessions[0].closed == 1
