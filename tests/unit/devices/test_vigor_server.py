"""The device on real sockets: shell, pager, cuts, bans, restart, old crypto, telnet, side channel, own process."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import paramiko
import pytest

from tests.devices.vigor import Knobs, Vigor, VigorServer, VigorTelnetServer, factory_config, lived_in_config
from tests.devices.vigor.control import Control
from tests.devices.vigor.session import Session
from tests.unit.devices.vigor_client import MARKER, Gone, Shell, Telnet, eventually

ROOT = Path(__file__).resolve().parents[3]
HOST = "127.0.30.9"
# How paramiko reports a connection that is reset before or during the handshake.
REFUSED = (paramiko.SSHException, OSError, EOFError)


@contextmanager
def serving(config: dict[str, Any] | None = None, **knobs: Any) -> Iterator[VigorServer]:
    device = Vigor(config or factory_config(), knobs=Knobs(**knobs))
    with VigorServer(device, HOST) as server:
        yield server


def test_a_shell() -> None:
    with serving() as server, Shell(server) as shell:
        assert shell.read("> ") == "\r\n\r\nType ? for command help\r\n\r\nDrayTek> "
        assert shell.run("sys commit") == "sys commit\r\nDrayTek> "
        assert shell.run("object ip obj 1 -n x") == "object ip obj 1 -n x\r\nOK.\r\nDrayTek> "
        assert shell.run("") == "\r\nDrayTek> "
        shell.send("sys versix\n\bo\x7fon\r")
        assert shell.read("> ").startswith("sys versix\b \bo\b \bon\r\nRouter Model: ")
        shell.send("exit\r")
        with pytest.raises(Gone, match="exit"):
            shell.read("> ")
        assert [entry["line"] for entry in server.device.log] == [
            "sys commit", "object ip obj 1 -n x", "sys version", "exit",
        ]


def test_known_hosts_and_fingerprint(tmp_path: Path) -> None:
    device = Vigor(factory_config())
    seen = set()
    for _start in range(2):
        with VigorServer(device, HOST, directory=tmp_path) as server:
            name, kind, key = Path(server.known_hosts).read_text(encoding="ascii").split()
            assert (name, kind) == (f"[{HOST}]:{server.port}", "ssh-rsa")
            digest = base64.b64encode(hashlib.sha256(base64.b64decode(key)).digest()).decode().rstrip("=")
            assert server.fingerprint == f"SHA256:{digest}"
            seen.add(server.fingerprint)
    assert len(seen) == 1


@pytest.mark.parametrize("channel", ["exec", "subsystem"])
def test_only_a_shell(channel: str) -> None:
    with serving() as server, Shell(server) as shell:
        shell.read("> ")
        session = shell.client.get_transport().open_session()  # type: ignore[union-attr]
        ask = {"exec": session.exec_command, "subsystem": session.invoke_subsystem}[channel]
        with pytest.raises(paramiko.SSHException, match="Channel closed"):
            ask("sftp")
        assert shell.run("sys commit").endswith("DrayTek> ")


def test_passwords_only() -> None:
    with serving() as server:
        with pytest.raises(paramiko.AuthenticationException):
            Shell(server, "wrong")
        transport = paramiko.Transport((server.host, server.port))
        transport.start_client(timeout=5)
        with pytest.raises(paramiko.BadAuthenticationType) as caught:
            transport.auth_publickey("admin", paramiko.RSAKey.generate(1024))
        assert caught.value.allowed_types == ["password"]
        transport.close()
        assert server.device.counters.failures == 1


# --- the pager -------------------------------------------------------------------------------------------------------


def test_pages() -> None:
    with serving(lived_in_config("Vigor3912S")) as server, Shell(server) as shell:
        whole = server.device.execute("show lan").text.split("\r\n")
        shell.read("> ")
        page = shell.run("show lan", MARKER)
        assert page == "show lan\r\n" + "".join(f"{row}\r\n" for row in whole[:24]) + MARKER
        rubbed = f"\r{' ' * len(MARKER)}\r"
        shell.send("x ")
        assert shell.read(MARKER) == rubbed + "".join(f"{row}\r\n" for row in whole[24:48]) + MARKER
        shell.send("\r")
        assert shell.read(MARKER) == rubbed + f"{whole[48]}\r\n" + MARKER
        shell.send("q")
        assert shell.read("> ") == rubbed + "branch-gw> "
        assert shell.run("sys mpage disable") == "sys mpage disable\r\nbranch-gw> "
        assert MARKER not in shell.run("show lan")
        with Shell(server) as other:
            other.read("> ")
            assert MARKER not in other.run("show lan")


def test_manners_of_the_pager() -> None:
    knobs = {"page_lines": 3, "two_spaces": True, "split_marker": True, "blank_before_marker": True, "wrap_80": True}
    with serving(**knobs) as server, Shell(server) as shell:
        shell.read("> ")
        assert shell.run("sys cfg status").endswith("\r\nDrayTek> ")
        first = shell.run("sys version", MARKER)
        assert first.endswith(f"255.255.255.0\r\n\r\n{MARKER}")
        shell.send(" ")
        shell.read(MARKER)
        shell.send(" ")
        assert shell.read(">  ").endswith("Router serial no: None\r\nDrayTek>  ")


def test_long_lines_are_broken() -> None:
    session = Session(Vigor(factory_config(), knobs=Knobs(wrap_80=True, page_lines=0)))
    shown = b"".join(piece for piece in session.feed(b"ipf rule 1 1 -v\r") if isinstance(piece, bytes)).decode()
    assert f"{'Src Interface : LAN1, LAN2, LAN3, LAN4, LAN5, LAN6, LAN7, LAN8, DMZ, Routed, VPN':.80}\r\n" in shown
    assert max(len(row) for row in shown.split("\r\n")) <= 80


def test_a_marker_in_two_pieces() -> None:
    session = Session(Vigor(factory_config(), knobs=Knobs(split_marker=True, page_lines=2, latency=0.5)))
    pieces = list(session.feed(b"sys version\r"))
    waits = [piece for piece in pieces if isinstance(piece, float)]
    assert waits[0] == 0.5
    assert len(waits) == 2
    assert pieces[-1] == MARKER[len(MARKER) // 2 :].encode()


def test_what_a_session_sends_and_gets_is_counted() -> None:
    device = Vigor(factory_config(), knobs=Knobs(page_lines=3, split_marker=True, latency=0.5))
    session = Session(device)
    typed = b"sys versiom\x7fn\r "
    pieces = [session.begin(), *session.feed(typed)]
    shown = b"".join(piece for piece in pieces if isinstance(piece, bytes))
    assert (device.counters.received, device.counters.sent) == (len(typed), len(shown))
    other = Session(device)
    device.reset_log()
    assert device.counters.sent == 0
    greeting = other.begin()
    assert (device.counters.received, device.counters.sent) == (0, len(greeting))


# --- connections that end --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "arrives", "stored"), [
    ("cut-before", False, False), ("cut-after", False, True), ("truncated", True, True),
])
def test_a_cut(kind: str, arrives: bool, stored: bool) -> None:
    with serving() as server, Shell(server) as shell:
        shell.read("> ")
        server.device.faults.plant(kind=kind, line="grp 1")
        with pytest.raises(Gone) as caught:
            shell.run("object ip grp 1 -n x")
        assert ("IP Group Profile" in caught.value.text) == arrives
        assert "Set ok!" not in caught.value.text
        assert bool(server.device.stored()["ip_groups"]) == stored
        assert eventually(lambda: server.device.sessions == 0)


def test_a_hang() -> None:
    with serving() as server, Shell(server) as shell:
        shell.read("> ")
        server.device.faults.plant(kind="hang")
        shell.channel.settimeout(0.3)
        with pytest.raises(Gone) as caught:
            shell.run("sys version")
        assert caught.value.text == "sys version\r\n"
        assert not shell.channel.closed


def test_a_restart_drops_everybody_and_refuses_for_a_while() -> None:
    with serving(reboot_seconds=300.0) as server, Shell(server) as shell, Shell(server) as other:
        shell.read("> ")
        other.read("> ")
        with pytest.raises(Gone):
            shell.run("sys reboot")
        with pytest.raises(Gone):
            other.run("sys version")
        with pytest.raises(REFUSED):
            Shell(server)
        server.device.advance(301)
        with Shell(server) as again:
            assert again.read("> ").endswith("DrayTek> ")


def test_a_restart_ends_by_itself() -> None:
    with serving(reboot_seconds=0.4) as server:
        server.device.handle("sys reboot")
        assert server.device.down
        assert eventually(lambda: not server.device.down)
        with Shell(server) as shell:
            shell.read("> ")


def test_silence_ends_a_session() -> None:
    with serving(idle_seconds=0.3) as server, Shell(server) as shell:
        shell.read("> ")
        with pytest.raises(Gone):
            shell.read("never")


def test_one_session_too_many() -> None:
    with serving(max_sessions=1) as server, Shell(server) as shell:
        shell.read("> ")
        with Shell(server) as other, pytest.raises(Gone):
            other.read("> ")
        assert server.device.counters.refused == 1
    assert eventually(lambda: server.device.sessions == 0)


def test_bans_and_refusals() -> None:
    with serving(ban_after=2) as server:
        server.device.faults.plant(kind="refuse", times=1)
        with pytest.raises(REFUSED):
            Shell(server)
        for _attempt in range(2):
            with pytest.raises(paramiko.AuthenticationException):
                Shell(server, "wrong")
        with pytest.raises(REFUSED):
            Shell(server)
        server.device.advance(301)
        with Shell(server) as shell:
            shell.read("> ")


def test_old_crypto() -> None:
    modern = {
        "kex": ["diffie-hellman-group14-sha1"], "keys": ["ssh-rsa"], "pubkeys": ["rsa-sha2-512", "rsa-sha2-256"],
    }
    with serving(crypto="legacy") as server:
        with pytest.raises(paramiko.SSHException):
            Shell(server, disabled_algorithms=modern)
        with Shell(server) as shell:
            shell.read("> ")
            transport = shell.client.get_transport()
            assert transport is not None
            assert transport.host_key_type == "ssh-rsa"
            assert transport.remote_cipher in ("aes128-cbc", "3des-cbc")
        assert "enabled" in server.device.handle("mngt ssh_oldkex ?").text


def test_loopback_only() -> None:
    with pytest.raises(ValueError, match="loopback only"):
        VigorServer(Vigor(factory_config()), "192.0.2.1")


# --- telnet ----------------------------------------------------------------------------------------------------------


def test_telnet() -> None:
    device = Vigor(lived_in_config("Vigor3912S"), knobs=Knobs(login_prompt="Username:", page_lines=3))
    with VigorTelnetServer(device, HOST) as server, Telnet(server) as line:
        assert b"\xff\xfb\x01" in line.read(b"Username:")
        line.send(b"\xff\xfd\x01\xff\xfa\x18\x00vt100\xff\xf0admin\r\n")
        assert line.read(b"Password: ") == b"admin\r\nPassword: "
        line.send(b"wrong\r\0")
        line.read(b"Username:")
        line.send(b"admin\r")
        line.read(b"Password: ")
        line.send(b"admin\r")
        assert line.read(b"> ").endswith(b"Type ? for command help\r\n\r\nbranch-gw> ")
        line.send(b"sys version\r")
        line.read(MARKER.encode())
        line.send(b"q")
        line.read(b"> ")
        line.send(b"quit\r")
        with pytest.raises(Gone):
            line.read(b"> ")
    assert (device.counters.logins, device.counters.failures) == (1, 1)


def test_three_wrong_passwords_end_a_telnet_session() -> None:
    with VigorTelnetServer(Vigor(factory_config()), HOST) as server, Telnet(server) as line:
        for _attempt in range(3):
            line.read(b"Account:")
            line.send(b"admin\r")
            line.read(b"Password: ")
            line.send(b"no\r")
        with pytest.raises(Gone):
            line.read(b"Account:")


# --- side channel and process ----------------------------------------------------------------------------------------


def call(url: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url + path, data), timeout=5) as reply:
        return json.load(reply)


def test_side_channel() -> None:
    device = Vigor(factory_config())
    control = Control(device, HOST, info={"name": "x"})
    control.start()
    try:
        url = control.url
        assert call(url, "/info") == {"name": "x"}
        assert call(url, "/cli", ["object ip obj 1 -n x", "msubnet addr 2 10.0.0.1"])["answers"][0] == "OK."
        assert call(url, "/state")["lans"]["2"]["address"] == "10.0.0.1"
        assert call(url, "/running")["lans"] == {}
        assert call(url, "/log") == []
        assert call(url, "/counters")["writes"] == 2
        assert call(url, "/faults", [{"kind": "ignore", "line": "obj"}]) == {"planted": 1}
        call(url, "/knobs", {"references": "name"})
        assert call(url, "/knobs")["references"] == device.knobs.references == "name"
        assert call(url, "/advance", {"seconds": 60})["now"] == "2026-01-05 12:01:00"
        device.handle("sys version")
        call(url, "/reset-log", {})
        assert call(url, "/log") == []
        for path, body in (("/knobs", {"x": 1}), ("/faults", [{"kind": "x"}]), ("/nosuch", {})):
            with pytest.raises(urllib.error.HTTPError):
                call(url, path, body)
    finally:
        control.stop()


def test_own_process(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret\n", encoding="utf-8")
    info_path, state = tmp_path / "info.json", tmp_path / "state.json"
    process = subprocess.Popen([
        sys.executable, "-m", "tests.devices.vigor", "--host", HOST, "--model", "Vigor2927Lac", "--version", "4.5.2.2",
        "--config", "lived-in", "--name", "edge-1", "--password-file", str(secret), "--info", str(info_path),
        "--state-file", str(state), "--directory", str(tmp_path), "--control-port", "0", "--knobs", '{"page_lines": 0}',
    ], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE)
    try:
        assert eventually(info_path.exists, 15.0)
        info = json.loads(info_path.read_text(encoding="utf-8"))
        assert (info["model"], info["version"], info["username"]) == ("Vigor2927Lac", "4.5.2.2", "admin")
        assert info["pid"] == process.pid
        server: Any = type("There", (), {key: info[key] for key in ("host", "port", "known_hosts")})
        with Shell(server, "s3cret") as shell:
            assert shell.read("> ").endswith("edge-1> ")
            shell.run("object ip obj 40 -n x")
            assert "Vigor2927Lac" in shell.run("sys version")
        assert call(info["control_url"], "/info") == info
        assert json.loads(state.read_text(encoding="utf-8"))["ip_objects"]["40"]["name"] == "x"
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        if process.stdout is not None:
            process.stdout.close()


def test_speed() -> None:
    device = Vigor(lived_in_config("Vigor3912S"))
    for line, most in (("object ip obj 1 -v", 0.3e-3), ("ipf rule 2 2 -v", 1e-3)):
        best = float("inf")
        for _try in range(20):
            begin = time.perf_counter()
            device.handle(line)
            best = min(best, time.perf_counter() - begin)
        assert best < most
