"""Sessions with a test device over real SSH and Telnet: log-in, trust, pages, and everything that goes wrong there."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.errors import (
    DeviceError,
    LoginRefused,
    Misunderstood,
    NotTrusted,
    Refused,
    Unreachable,
    Unsupported,
)
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.session import Session
from ansible_collections.voip.hardening.plugins.module_utils.secret import Secret
from ansible_collections.voip.hardening.plugins.module_utils.target import Target
from tests.devices.vigor import Knobs, Vigor, VigorServer, VigorTelnetServer, factory_config

PASSWORD = "admin"
SOON = 1.0
"""Seconds within which something that must not wait is over, on a machine that is busy."""


@pytest.fixture
def device() -> Vigor:
    return Vigor(factory_config(), knobs=Knobs())


@pytest.fixture
def server(device: Vigor) -> Iterator[VigorServer]:
    with VigorServer(device) as running:
        yield running


def target(server: VigorServer | VigorTelnetServer, **fields: Any) -> Target:
    trust = {} if isinstance(server, VigorTelnetServer) else {"fingerprint": server.fingerprint}
    usual = {"username": "admin", "password": Secret(PASSWORD), "connect_timeout": 5, "timeout": 20}
    return Target(**{"host": server.host, "port": server.port, **usual, **trust, **fields})


def fails(kind: type[DeviceError], to: Target) -> str:
    """The message with which a session ends before it begins."""
    one = Session(to)
    with pytest.raises(kind) as error:
        one.__enter__()
    assert error.type is kind
    assert PASSWORD not in str(error.value).replace("'admin'", "")
    assert str(error.value).startswith(f"{to.host}:{to.port}: ")
    return str(error.value).removeprefix(f"{to.host}:{to.port}: ")


def lines(device: Vigor) -> list[str]:
    return [entry["line"] for entry in device.log]


def wait_until_empty(device: Vigor) -> None:
    deadline = time.monotonic() + 5
    while device.sessions and time.monotonic() < deadline:
        time.sleep(0.005)
    assert device.sessions == 0


def test_a_session(device: Vigor, server: VigorServer) -> None:
    with Session(target(server)) as one:
        assert one.read("sys version").startswith("Router Model: Vigor2927    Version: 4.4.5.1 English\n")
        assert one.write("object ip obj 3 -n VOIPH-A") == "OK."
        assert "\n Name   :[VOIPH-A]\n" in one.read("object ip obj 3 -v")
        assert one.write('object ip obj 3 -n ""') == "OK."
        assert (one.peer_address, one.local_address, one.requests) == (server.host, "127.0.0.1", 6)
        line = 'ipf rule 3 1 -e 0 -D 0 -I "e all" -O "e all" -s "o 3 0" -d "u 2" -S "o 1" -F "0 0" -M VOIPH-A1ABCDEF'
        assert one.write(line) == "Setting saved."
    wait_until_empty(device)
    assert lines(device)[0] == "sys mpage disable"
    assert lines(device)[-1] == "exit"
    assert device.counters.logins == 1


def test_a_name_of_its_own(device: Vigor) -> None:
    renamed = Vigor(factory_config(), name="Branch office 7", knobs=device.knobs)
    with VigorServer(renamed) as server, Session(target(server)) as one:
        assert "Router Name: Branch office 7" in one.read("sys version")


@pytest.mark.parametrize(
    "knobs",
    [
        {"mpage": False},
        {"mpage": False, "split_marker": True},
        {"mpage": False, "blank_before_marker": True, "two_spaces": True},
        {"mpage": False, "page_lines": 1},
        {"mpage": False, "wrap_80": True},
    ],
)
def test_pages(device: Vigor, server: VigorServer, knobs: dict[str, Any]) -> None:
    whole = device.execute("show status", log=False).text.replace("\r\n", "\n").strip("\n")
    for name, value in knobs.items():
        device.knobs.turn(name, value)
    with Session(target(server)) as one:
        came = [one.read("show status") for _again in range(2)]
    volatile = "Up Time", "Uptime", "Rate", "Packets"
    for text in came:
        assert [line for line in plain(text) if not any(word in line for word in volatile)] == [
            line for line in plain(whole) if not any(word in line for word in volatile)
        ]


def plain(text: str) -> list[str]:
    return [line.rstrip() for line in text.split("\n") if line.strip()]


def test_a_command_costs_what_the_unit_takes(device: Vigor, server: VigorServer) -> None:
    device.knobs.turn("latency", 0.02)
    with Session(target(server)) as one:
        began = time.perf_counter()
        for number in range(1, 26):
            one.read(f"object ip obj {number} -v")
        assert 0.02 <= (time.perf_counter() - began) / 25 < 0.05


def test_waiting_costs_nothing(device: Vigor, server: VigorServer) -> None:
    device.knobs.turn("latency", 0.5)
    with Session(target(server)) as one:
        began = time.process_time()
        one.read("sys version")
        assert time.process_time() - began < 0.25


def test_a_wrong_password_is_tried_once(device: Vigor, server: VigorServer) -> None:
    message = fails(LoginRefused, target(server, password=Secret("wrong-word")))
    assert message == (
        "the unit refused the user name or password of 'admin'. It is not tried again: units ban an address after some "
        "failures"
    )
    assert (device.counters.failures, device.counters.connections) == (1, 1)


def test_a_wrong_password_is_tried_once_where_there_is_another_way_to_give_it(device: Vigor) -> None:
    with VigorServer(device, password_only=False) as server:
        fails(LoginRefused, target(server, password=Secret("wrong-word")))
    assert device.counters.failures == 1


def test_a_banned_address(device: Vigor, server: VigorServer) -> None:
    device.knobs.turn("ban_after", 1)
    fails(LoginRefused, target(server, password=Secret("wrong-word")))
    assert fails(Unreachable, target(server)).startswith("no connection: ")


def test_known_hosts(device: Vigor, server: VigorServer, tmp_path: Path) -> None:
    with Session(target(server, fingerprint="", known_hosts=server.known_hosts)) as one:
        assert one.read("sys version")
    empty = tmp_path / "known_hosts"
    empty.write_text("", encoding="ascii")
    unknown = fails(NotTrusted, target(server, fingerprint="", known_hosts=str(empty)))
    assert unknown.startswith(f"the host key ssh-rsa {server.fingerprint} is not known. ")
    import paramiko

    from tests.devices.hostkey import known_hosts_line

    empty.write_text(known_hosts_line(server.host, server.port, paramiko.ECDSAKey.generate()), encoding="ascii")
    changed = fails(NotTrusted, target(server, fingerprint="", known_hosts=str(empty)))
    assert changed.startswith(f"the host key is ssh-rsa {server.fingerprint}, another one than in {empty}. ")
    assert device.counters.logins == 1
    assert device.counters.failures == 0


def test_pins(device: Vigor, server: VigorServer) -> None:
    other = f"SHA256:{'A' * 43}"
    changed = fails(NotTrusted, target(server, fingerprint=other))
    assert changed.startswith(f"the host key is ssh-rsa {server.fingerprint}, not the pinned one. ")
    with Session(target(server, fingerprint=server.fingerprint.removeprefix("SHA256:"))) as one:
        assert one.read("sys version")
    with Session(target(server, fingerprint="", known_hosts="/nowhere", validate_certs=False)) as one:
        assert one.read("sys version")
    assert device.counters.logins == 2


def test_broken_algorithms_are_refused_unless_they_are_wanted(device: Vigor, server: VigorServer) -> None:
    device.knobs.turn("crypto", "legacy")
    assert fails(NotTrusted, target(server)) == (
        "the unit offers nothing that is trusted: Incompatible ssh peer (no acceptable kex algorithm). Old firmware "
        "knows broken algorithms only; legacy_ssh admits them"
    )
    with Session(target(server, legacy_ssh=True)) as one:
        assert one.read("sys version")


def test_good_algorithms_are_taken_where_there_are_both(device: Vigor, server: VigorServer) -> None:
    device.knobs.turn("crypto", "any")
    with Session(target(server, legacy_ssh=True)) as one:
        used = one._connection._transport  # type: ignore[union-attr]
        assert (used.host_key_type, used.local_cipher, used.local_mac) == (
            "rsa-sha2-256",
            "aes128-ctr",
            "hmac-sha2-256",
        )
    with Session(target(server, legacy_ssh=True, fingerprint="", known_hosts=server.known_hosts)) as one:
        assert one._connection._transport.host_key_type == "rsa-sha2-256"  # type: ignore[union-attr]


def test_nothing_in_common_at_all(device: Vigor, server: VigorServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.devices.vigor import server as module

    monkeypatch.setitem(module.CRYPTO, "modern", {**module.MODERN, "digests": ("hmac-sha1-96",)})
    from ansible_collections.voip.hardening.plugins.module_utils import ssh

    monkeypatch.setattr(ssh, "_LEGACY", {"digests": ("hmac-sha1-96",)})
    assert "no acceptable macs" in fails(NotTrusted, target(server))
    monkeypatch.setattr(ssh, "_LEGACY", {})
    monkeypatch.setitem(module.CRYPTO, "modern", {**module.MODERN, "kex": ()})
    assert "paramiko" in fails(Unsupported, target(server, legacy_ssh=True))


def test_one_session_too_many(device: Vigor, server: VigorServer) -> None:
    with Session(target(server)) as first, Session(target(server)) as second:
        message = fails(Unreachable, target(server))
        assert message == "the unit hung up before its first prompt; all of its sessions may be in use"
        assert first.read("sys version") == second.read("sys version")
    wait_until_empty(device)
    with Session(target(server)) as one:
        assert one.read("sys version")


@pytest.mark.parametrize(
    ("kind", "error", "message"),
    [
        ("cut-before", Unreachable, "the connection broke while waiting for the answer to `{line}`"),
        ("cut-after", Unreachable, "the connection broke while waiting for the answer to `{line}`"),
        ("truncated", Unreachable, "the connection broke while waiting for the answer to `{line}`"),
        ("hang", Unreachable, "no complete answer to `{line}` within "),
    ],
)
def test_connections_that_break(
    device: Vigor, server: VigorServer, kind: str, error: type[DeviceError], message: str
) -> None:
    device.faults.plant(kind=kind, line="^object")
    line = "object ip obj 3 -n VOIPH-A"
    began = time.monotonic()
    with Session(target(server, timeout=0.8 if kind == "hang" else 20)) as one:
        with pytest.raises(error) as failure:
            one.write(line)
        with pytest.raises(Unreachable, match="the connection is closed"):
            one.read("sys version")
    assert time.monotonic() - began < 0.8 + SOON
    assert str(failure.value).startswith(f"{server.host}:{server.port}: {message.format(line=line)}")
    assert device.counters.logins == 1
    wait_until_empty(device)


def test_a_strange_answer_to_a_write_is_not_ours_to_judge(device: Vigor, server: VigorServer) -> None:
    device.faults.plant(kind="garbage", line="^sys commit")
    with Session(target(server)) as one:
        assert "0x00000000" in one.write("sys commit")
        assert one.read("sys version")


@pytest.mark.parametrize(
    ("text", "kind"), [("object ip obj 3 -n VOIPH-A", Refused), ("object ip obj 3 -v", Misunderstood)]
)
def test_usage_is_a_refusal(device: Vigor, server: VigorServer, text: str, kind: type[DeviceError]) -> None:
    device.faults.plant(kind="usage", line="^object")
    with Session(target(server)) as one:
        with pytest.raises(kind, match=f"^`{text}`: the unit answered 'Usage:"):
            one.run(_command(text))
        assert one.read("sys version")


def _command(text: str) -> Any:
    from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.commands import allowed

    return allowed(text)


def test_a_restart(device: Vigor, server: VigorServer) -> None:
    device.knobs.turn("reboot_seconds", 0.3)
    with Session(target(server)) as one:
        one.restart()
    assert fails(Unreachable, target(server)).startswith("no connection: ")
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            with Session(target(server)) as one:
                assert one.read("sys version")
            return
        except Unreachable:
            time.sleep(0.05)
    raise AssertionError("the device did not come back")


def test_nobody_there(server: VigorServer) -> None:
    with socket.create_server(("127.0.30.1", 0)) as other:
        port = other.getsockname()[1]
    assert fails(Unreachable, target(server, port=port)) == "no connection: Connection refused"
    assert "no connection: " in fails(Unreachable, target(server, host="no.such.host.invalid"))


@pytest.fixture
def deaf() -> Iterator[tuple[str, int]]:
    """A port where connections are taken and nothing is said."""
    with socket.create_server(("127.0.30.1", 0)) as listener:
        yield listener.getsockname()


@pytest.mark.parametrize("transport", ["ssh", "telnet"])
def test_a_port_that_says_nothing(server: VigorServer, deaf: tuple[str, int], transport: str) -> None:
    began = time.monotonic()
    message = fails(Unreachable, target(server, port=deaf[1], connect_timeout=0.3, transport=transport))
    assert message in ("no connection within 0.3 s", "no prompt within 0.3 s")
    assert 0.25 < time.monotonic() - began < 0.3 + SOON


def test_the_overall_time_ends_the_connecting_too(server: VigorServer, deaf: tuple[str, int]) -> None:
    assert fails(Unreachable, target(server, port=deaf[1], connect_timeout=5, timeout=0.3)).startswith(
        "no connection within 0."
    )


def test_a_shell_that_never_opens(device: Vigor, server: VigorServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.devices.vigor import server as module

    went = threading.Event()
    monkeypatch.setattr(module._Door, "check_channel_pty_request", lambda *_arguments: went.wait(5))
    began = time.monotonic()
    assert fails(Unreachable, target(server, connect_timeout=0.6)) == "no connection within 0.6 s"
    assert time.monotonic() - began < 0.6 + SOON
    went.set()


def test_another_server_behind_the_port(server: VigorServer) -> None:
    with socket.create_server(("127.0.30.1", 0)) as listener:

        def answer() -> None:
            connection, _peer = listener.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=answer, daemon=True).start()
        message = fails(Unreachable, target(server, port=listener.getsockname()[1]))
    assert message.startswith("no connection: ")


def test_nothing_is_logged_and_no_thread_stays(
    device: Vigor, server: VigorServer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    before = threading.active_count()
    with Session(target(server)) as one:
        one.read("sys version")
    fails(LoginRefused, target(server, password=Secret("wrong-word")))
    fails(NotTrusted, target(server, fingerprint="x"))
    with Session(target(server)) as one:
        device.faults.plant(kind="cut-before", line="version")
        with pytest.raises(Unreachable):
            one.read("sys version")
    text = caplog.text + "".join(capfd.readouterr())
    for word in ("Vigor2927", "wrong-word", "sys version", "Traceback"):
        assert word not in text
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before


@pytest.fixture
def telnet(device: Vigor) -> Iterator[VigorTelnetServer]:
    with VigorTelnetServer(device) as running:
        yield running


def test_telnet(device: Vigor, telnet: VigorTelnetServer) -> None:
    device.knobs.turn("mpage", False)
    device.knobs.turn("split_marker", True)
    with Session(target(telnet, transport="telnet")) as one:
        assert one.read("sys version").startswith("Router Model: Vigor2927 ")
        assert "WAN 6 Status" in one.read("show status")
        assert one.write("object ip obj 3 -n VOIPH-A") == "OK."
        assert (one.peer_address, one.local_address) == (telnet.host, "127.0.0.1")
    wait_until_empty(device)
    assert lines(device)[-1] == "exit"


def test_a_wrong_password_over_telnet_is_tried_once(device: Vigor, telnet: VigorTelnetServer) -> None:
    message = fails(LoginRefused, target(telnet, transport="telnet", password=Secret("wrong-word")))
    assert message.startswith("the unit refused the user name or password of 'admin'. ")
    assert device.counters.failures == 1


def test_drayos_5_is_not_spoken_to(device: Vigor, telnet: VigorTelnetServer) -> None:
    device.knobs.turn("login_prompt", "Username:")
    assert "DrayOS 5" in fails(Unsupported, target(telnet, transport="telnet"))
    assert (device.counters.logins, device.counters.failures) == (0, 0)


def test_a_telnet_login_that_is_not_the_usual_one(device: Vigor, telnet: VigorTelnetServer) -> None:
    device.knobs.turn("login_prompt", "Password:")
    assert fails(Unsupported, target(telnet, transport="telnet")) == "its log-in is not the one of DrayOS"
    assert (device.counters.logins, device.counters.failures) == (0, 0)


def test_a_telnet_session_that_breaks(device: Vigor, telnet: VigorTelnetServer) -> None:
    for kind in ("cut-before", "hang"):
        device.faults.plant(kind=kind, line="^sys version", times=1)
        with Session(target(telnet, transport="telnet", timeout=0.6)) as one, pytest.raises(Unreachable):
            one.read("sys version")
        device.faults.clear()


def test_nobody_there_over_telnet(telnet: VigorTelnetServer) -> None:
    with socket.create_server(("127.0.30.1", 0)) as other:
        port = other.getsockname()[1]
    message = fails(Unreachable, target(telnet, port=port, transport="telnet"))
    assert message == "no connection: Connection refused"
