"""What a session makes of answers, without a network."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.errors import (
    DeviceError,
    LoginRefused,
    Misunderstood,
    Refused,
    Unreachable,
)
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek import driver, session
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.commands import (
    Command,
    NotAllowed,
    command,
)
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.session import Session, failure
from ansible_collections.voip.hardening.plugins.module_utils.secret import Secret
from ansible_collections.voip.hardening.plugins.module_utils.target import Target

TARGET = Target(host="192.0.2.1", username="admin", password=Secret("secret-word"), timeout=100)
USAGE = "Usage:\n object ip obj INDEX -n NAME\n object ip obj INDEX -v\n object ip obj setdefault"


class Connection:
    """A unit that answers from a dictionary; an error is raised."""

    local_address = "192.0.2.9"
    peer_address = "192.0.2.1"

    def __init__(self, answers: Mapping[str, str | DeviceError]) -> None:
        self.answers = {"sys mpage disable": "", **answers}
        self.sent: list[tuple[str, float]] = []
        self.closed = 0

    def run(self, text: str, timeout: float) -> str:
        self.sent.append((text, timeout))
        answer = self.answers[text]
        if isinstance(answer, DeviceError):
            raise answer
        return answer

    def close(self) -> None:
        self.closed += 1


def opened(monkeypatch: pytest.MonkeyPatch, answers: Mapping[str, str | DeviceError]) -> tuple[Session, Connection]:
    connection = Connection(answers)
    monkeypatch.setattr(session, "connect", lambda target, deadline: connection)
    return Session(TARGET), connection


def test_reading_and_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    made, connection = opened(monkeypatch, {"sys version": "Router Model: x", "object ip obj 3 -n VOIPH-A": "OK."})
    with made as one:
        assert one.read("sys version") == "Router Model: x"
        assert one.write("object ip obj 3 -n VOIPH-A") == "OK."
        assert one.run(command("sys version")) == "Router Model: x"
        assert (one.peer_address, one.local_address) == ("192.0.2.1", "192.0.2.9")
    assert [text for text, _seconds in connection.sent] == [
        "sys mpage disable",
        "sys version",
        "object ip obj 3 -n VOIPH-A",
        "sys version",
    ]
    assert one.requests == 5
    assert connection.closed == 1


@pytest.mark.parametrize("answer", ["", "% Command not found", "Enable/Disable More Page\nSyntax:\n  sys mpage enable"])
def test_the_pager_may_be_unknown(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    made, _connection = opened(monkeypatch, {"sys mpage disable": answer, "sys version": "x"})
    with made as one:
        assert one.read("sys version") == "x"


def test_only_allowed_lines_of_the_right_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    made, connection = opened(monkeypatch, {})
    with made as one:
        for call, text in (
            (one.read, "sys passwd a b"),
            (one.write, "ipf default"),
            (one.read, "sys commit"),
            (one.write, "sys version"),
        ):
            with pytest.raises(NotAllowed):
                call(text)
        with pytest.raises(NotAllowed):
            one.run(Command("object ip obj setdefault", writes=False))
    assert len(connection.sent) == 1


@pytest.mark.parametrize(
    ("text", "answer", "shown"),
    [
        (
            "object ip obj 3 -n VOIPH-A",
            USAGE,
            "Usage: / object ip obj INDEX -n NAME / object ip obj INDEX -v...",
        ),
        ("object ip obj 3 -n VOIPH-A", " %Usage:\n% x", "%Usage: / % x"),
        ("object ip obj 3 -n VOIPH-A", "Command Usage:\n x", "Command Usage: / x"),
        ("sys commit", "invalid command !!", "invalid command !!"),
        ("sys commit", "% Command not found", "% Command not found"),
        ("sys commit", "%% Error: busy", "%% Error: busy"),
        ("sys commit", "% Unknown command", "% Unknown command"),
        ("sys commit", "% Invalid parameter", "% Invalid parameter"),
        ("sys commit", "% Incomplete command", "% Incomplete command"),
        ("sys version", "% Valid subcommands are:\nadminuser     cfg", "% Valid subcommands are: / adminuser cfg"),
        ("sys sip_alg ?", "% Valid subcommands are:\nadminuser     cfg", "% Valid subcommands are: / adminuser cfg"),
        (
            "mngt rmtcfg ftp on",
            "Enable server fail\nRemote configure function has been disabled",
            "Enable server fail / Remote configure function has been disabled",
        ),
        ("msubnet nat 100 On", "\n% msubnet nat\n<2/3/4> <On/Off>", "% msubnet nat / <2/3/4> <On/Off>"),
        ("mngt accesslist add 1 1", "%% mngt accesslist list", "%% mngt accesslist list"),
        ("srv dhcp dns1 lan2 192.0.2.5", "% srv dhcp dns1 lan2 <DNS>\n% Now: 192.0.2.53", None),
        ("srv dhcp dns1 lan2 192.0.2.5", "% srv dhcp dns1 <lan> <DNS>", "% srv dhcp dns1 <lan> <DNS>"),
        ("srv dhcp dns1 lan2 192.0.2.5", "", "nothing"),
        ("sys commit", f"% Error {'x' * 300}", f"% Error {'x' * 192}..."),
        ("sys commit", f"% Error {'x' * 72}\nyy z\nmore", f"% Error {'x' * 72}yy z / more"),  # the terminal's end
    ],
)
def test_answers_that_say_no(text: str, answer: str, shown: str | None) -> None:
    expected = "% srv dhcp dns1 lan2 <DNS> / % Now: 192.0.2.53" if shown is None else shown
    assert failure(text, answer) == expected


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("object ip obj 3 -n VOIPH-A", "OK."),
        ("object service obj 3 -n VOIPH-A", ""),
        ("object ip grp 2 -n VOIPH-A", " IP Group Profile 2\n Name   :[VOIPH-A]\n [0:][0]\n\nSet ok!"),
        ("mngt rmtcfg disable", "%% Remote configure function has been disabled."),
        ("mngt accesslist add ip 1 1", '%% Set OK. Please do "sys re" to reboot the router!'),
        ("vlan subnet 0 2", "% Vlan Group-0 using LAN2       !\n\n This setting will take effect after rebooting."),
        ("msubnet talk 1 2 On", "\n% Enable routing between LAN1        and LAN2       !"),
        ("srv dhcp dns1 lan2 192.0.2.5", "% srv dhcp dns1 lan2 <DNS IP address>\n% Now: 192.0.2.5"),
        ("sys sip_alg ?", "Usage: sys sip_alg <command> <parameter>\n\nCurrent SIP ALG status\n -SIP ALG: Enabled"),
        ("msubnet talk ?", "% msubnet talk <1/../100> <1/../100> <On/Off>\n% Now:\n%   LAN1"),
        ("ipf rule 1 1 -v", "Filter Set 1 Rule 1:\nComments: usage:unknown\nStatus  : Disable"),
        ("exit", ""),
    ],
)
def test_answers_that_do_not(text: str, answer: str) -> None:
    assert failure(text, answer) == ""


@pytest.mark.parametrize(
    ("text", "kind"), [("object ip obj 3 -n VOIPH-A", Refused), ("object ip obj 3 -v", Misunderstood)]
)
def test_a_refusal_names_the_line_and_leaves_the_session_usable(
    monkeypatch: pytest.MonkeyPatch, text: str, kind: type[DeviceError]
) -> None:
    made, _connection = opened(monkeypatch, {text: "invalid command !!", "sys version": "x"})
    with made as one:
        with pytest.raises(kind) as error:
            one.run(command(text))
        assert str(error.value) == f"`{text}`: the unit answered 'invalid command !!'"
        assert one.read("sys version") == "x"


@pytest.mark.parametrize("kind", [Unreachable, Misunderstood])
def test_nothing_is_sent_after_an_error_of_the_connection(
    monkeypatch: pytest.MonkeyPatch, kind: type[DeviceError]
) -> None:
    made, connection = opened(monkeypatch, {"sys version": kind("broken")})
    with made as one:
        with pytest.raises(kind, match="broken"):
            one.read("sys version")
        assert connection.closed == 1
        with pytest.raises(Unreachable) as error:
            one.read("sys version")
    assert str(error.value) == "192.0.2.1: `sys version` was not sent: the connection is closed"
    assert (len(connection.sent), one.requests, connection.closed) == (2, 3, 1)


def test_the_time_for_a_line_is_what_is_left_and_no_more_than_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    made, connection = opened(monkeypatch, {"sys version": "x"})
    with made as one:
        one.read("sys version")
        now = time.monotonic()
        monkeypatch.setattr(time, "monotonic", lambda: now + 90)
        one.read("sys version")
        monkeypatch.setattr(time, "monotonic", lambda: now + 101)
        with pytest.raises(Unreachable) as error:
            one.read("sys version")
    assert [round(seconds) for _text, seconds in connection.sent] == [60, 60, 10]
    assert str(error.value) == (
        "192.0.2.1: `sys version` was not sent: the 100 s allowed for the device are over (timeout)"
    )


@pytest.mark.parametrize("answer", ["", "\n", Unreachable("broke"), Unreachable("timeout")])
def test_a_restart_ends_the_session(monkeypatch: pytest.MonkeyPatch, answer: str | DeviceError) -> None:
    made, connection = opened(monkeypatch, {"sys reboot": answer})
    with made as one:
        one.restart()
        assert connection.closed == 1
        assert connection.sent[-1] == ("sys reboot", 5.0)
        with pytest.raises(Unreachable, match="closed"):
            one.restart()


def test_a_restart_may_be_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    made, connection = opened(monkeypatch, {"sys reboot": "% Invalid command"})
    with made as one, pytest.raises(Refused, match="% Invalid command"):
        one.restart()
    assert connection.closed == 1


def test_a_failed_login_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[Target] = []

    def connect(target: Target, deadline: float) -> Connection:
        tried.append(target)
        raise LoginRefused("no")

    monkeypatch.setattr(session, "connect", connect)
    one = Session(TARGET)
    with pytest.raises(LoginRefused), one:
        pass
    assert (len(tried), one.requests) == (1, 1)


def test_a_session_shows_no_secret() -> None:
    unopened = Session(TARGET)
    unopened.close()
    assert "secret-word" not in repr(vars(unopened)) + repr(unopened)


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "MISSING", ImportError("No module named 'netmiko'"))
    with pytest.raises(Unreachable, match=r"^192\.0\.2\.1:22: .* the Python library netmiko where this"):
        session.connect(TARGET, time.monotonic() + 1)


def test_the_driver_can_be_imported_without_its_libraries() -> None:
    code = (
        "import sys; sys.modules['netmiko'] = None; "
        f"from {driver.__name__} import MISSING; assert 'netmiko' in str(MISSING), MISSING"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, timeout=60)
