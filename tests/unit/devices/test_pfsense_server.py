"""The box on real sockets: exec channels, shells, ways to log in, sshguard, cuts, side channel, own process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import paramiko
import pytest

from tests.devices.pfsense import PfSense, PfSenseServer
from tests.devices.pfsense.accounts import with_password
from tests.devices.pfsense.control import Control
from tests.support.pfsenses import MARK, PASSWORD, answer_of, make_box, request_program, start_tree

ROOT = Path(__file__).resolve().parents[3]
HOST = "127.0.40.9"
PATIENCE = 10.0
PHP = "/usr/local/bin/php"
KEY = paramiko.ECDSAKey.generate()
READ = request_program(op="read", sections=["system/hostname"])
REFUSED = (paramiko.SSHException, OSError, EOFError)


@contextmanager
def serving(box: PfSense | None = None, **knobs: Any) -> Iterator[PfSenseServer]:
    with PfSenseServer(box or make_box(**knobs), HOST) as server:
        yield server


@contextmanager
def client(
    server: PfSenseServer, username: str = "admin", password: str | None = PASSWORD, **options: Any
) -> Iterator[Any]:
    made = paramiko.SSHClient()
    made.load_host_keys(server.known_hosts)
    try:
        made.connect(
            server.host, server.port, username, password, look_for_keys=False, allow_agent=False, timeout=PATIENCE,
            banner_timeout=PATIENCE, auth_timeout=PATIENCE, **options,
        )  # fmt: skip
        yield made
    finally:
        made.close()


def run(connected: Any, command: str, text: str = "") -> tuple[bytes, bytes, int]:
    """Standard output, standard error and return code of a command."""
    stdin, stdout, stderr = connected.exec_command(command, timeout=PATIENCE)
    with suppress(OSError):  # a command may end without having read anything
        stdin.write(text)
        stdin.channel.shutdown_write()
    return stdout.read(), stderr.read(), stdout.channel.recv_exit_status()


def eventually(check: Any) -> None:
    deadline = time.monotonic() + PATIENCE
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def with_user(**more: Any) -> PfSense:
    """A box with another account, `ops`."""
    tree = start_tree("factory", "2.8.0")
    tree["system"]["user"].append({"name": "ops", "uid": "2000", "priv": ["user-shell-access"], **more})
    with_password(tree, "ops", PASSWORD)
    return make_box(tree)


# --- commands --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("username", ["admin", "root"])
def test_a_program(username: str) -> None:
    with serving() as server, client(server, username) as connected:
        for _request in range(2):
            out, error, code = run(connected, PHP, READ)
            assert answer_of(out)["config"] == {"system/hostname": "branch-gw"}
            assert (error, code) == (b"", 0)
        counters = server.device.counters
        assert (counters.connections, counters.logins, counters.requests) == (1, 1, {"read": 2})


def test_commands_of_uid_0_run_in_sh() -> None:
    with serving() as server, client(server) as connected:
        assert run(connected, "foo 2>&1") == (b"sh: foo: not found\n", b"", 127)
        assert run(connected, "cat /etc/version") == (b"2.8.0-RELEASE\n", b"", 0)
        assert MARK.encode() in run(connected, f"{PHP} 2>&1", READ)[0]


def test_commands_of_others_run_in_tcsh() -> None:
    with serving(with_user()) as server, client(server, "ops") as connected:
        assert run(connected, f"{PHP} 2>&1", READ) == (b"", b"Ambiguous output redirect.\n", 1)
        assert run(connected, "foo") == (b"", b"foo: Command not found.\n", 127)
        # The configuration is root's.
        assert answer_of(run(connected, PHP, READ)[0])["error"] == "exception"
        assert answer_of(run(connected, f"sudo -n {PHP}", READ)[0])["ok"]
        assert answer_of(run(connected, f"/bin/sh -c 'sudo -n {PHP} 2>&1'", READ)[0])["ok"]


@pytest.mark.parametrize(
    ("sudo", "error", "code"),
    [("password", b"sudo: a password is required\n", 1), ("absent", b"sudo: Command not found.\n", 127)],
)
def test_sudo_that_does_not_help(sudo: str, error: bytes, code: int) -> None:
    box = with_user()
    box.knobs.turn("sudo", sudo)
    with serving(box) as server, client(server, "ops") as connected:
        assert run(connected, f"sudo -n {PHP}", READ) == (b"", error, code)
    assert box.counters.requests == {}


def test_an_account_without_a_shell() -> None:
    with serving(with_user(priv=["page-dashboard-all"])) as server, client(server, "ops") as connected:
        assert run(connected, PHP, READ) == (b"", b"This account is currently not available.\n", 1)


def test_the_menu_is_for_a_terminal_only() -> None:
    with serving() as server, client(server) as connected:
        channel = connected.invoke_shell()
        channel.settimeout(PATIENCE)

        def read(end: str) -> str:
            text = ""
            while not text.endswith(end):
                text += channel.recv(4096).decode()
            return text

        menu = read("Enter an option: ")
        assert " 8) Shell\r\n" in menu
        assert "16) Restart PHP-FPM" in menu
        channel.sendall(b"8\r")
        assert read("/root: ").startswith("8\r\n[2.8.0-RELEASE][admin@branch-gw.branch.example.net]")
        channel.sendall(b"foo 2>&1\r")
        assert "Ambiguous output redirect." in read("/root: ")
        channel.sendall(b"exit\r")
        read("Enter an option: ")
        channel.sendall(b"\r")
        eventually(lambda: channel.recv(100) == b"")
    with serving() as server, client(server, "root") as connected:
        channel = connected.invoke_shell()
        channel.settimeout(PATIENCE)
        assert "Enter an option" not in channel.recv(4096).decode()


# --- logging in ------------------------------------------------------------------------------------------------------


def test_keyboard_interactive() -> None:
    with serving() as server:
        transport = paramiko.Transport((server.host, server.port))
        transport.start_client(timeout=PATIENCE)
        transport.auth_interactive("admin", lambda _title, _text, fields: [PASSWORD for _field in fields])
        assert transport.is_authenticated()
        transport.close()


@pytest.mark.parametrize(
    ("setting", "with_key", "with_pass", "allowed"),
    [
        ("", True, False, True),
        ("", False, True, True),
        ("enabled", True, False, True),
        ("enabled", False, True, False),
        ("both", True, False, False),
        ("both", False, True, False),
        ("both", True, True, True),
    ],
)
def test_keys_and_passwords(setting: str, with_key: bool, with_pass: bool, allowed: bool) -> None:
    box = make_box(key=f"{KEY.get_name()} {KEY.get_base64()} me@example.net")
    box.gui_write({"system/ssh/sshdkeyonly": setting or None})
    box.restart("sshd")
    with serving(box) as server:
        try:
            with client(server, password=PASSWORD if with_pass else None, pkey=KEY if with_key else None) as connected:
                assert answer_of(run(connected, PHP, READ)[0])["ok"]
                entered = True
        except paramiko.SSHException:
            entered = False
    assert entered is allowed


def test_another_key() -> None:
    with serving(make_box(key=f"{KEY.get_name()} {KEY.get_base64()}")) as server:
        with pytest.raises(paramiko.SSHException), client(server, password=None, pkey=paramiko.ECDSAKey.generate()):
            pass
        assert server.device.counters.failures == 0


def test_sshd_notices_its_settings_when_it_starts() -> None:
    box = make_box()
    box.gui_write({"system/ssh/sshdkeyonly": "enabled"})
    with serving(box) as server:
        with client(server):
            pass
        box.restart("sshd")
        with pytest.raises(paramiko.SSHException), client(server):
            pass
        # It was not even asked for the password.
        assert box.counters.failures == 0


def test_who_is_nobody_or_disabled() -> None:
    with serving(with_user(disabled="")) as server:
        for username in ("ops", "nobody"):
            with pytest.raises(paramiko.AuthenticationException), client(server, username):
                pass


def test_a_guesser_is_locked_out() -> None:
    box = make_box(guard=2)
    with serving(box) as server:
        for _attempt in range(2):
            with pytest.raises(paramiko.AuthenticationException), client(server, password="wrong"):
                pass
        assert (box.counters.failures, box.kernel.tables["sshguard"]) == (2, ["127.0.0.1"])
        with pytest.raises(REFUSED), client(server):
            pass
        assert (box.counters.failures, box.counters.blocked) == (2, 1)
        box.advance(box.knobs.guard_seconds + 1)
        with client(server) as connected:
            assert answer_of(run(connected, PHP, READ)[0])["ok"]
        assert box.kernel.tables["sshguard"] == []


# --- faults ----------------------------------------------------------------------------------------------------------


def test_cuts() -> None:
    with serving() as server:
        for number, kind in enumerate(("cut-before", "cut-after", "truncated"), 1):
            server.device.faults.clear()
            server.device.faults.plant(kind=kind)
            with client(server) as connected:
                try:
                    out = run(connected, PHP, READ)[0]
                except REFUSED:
                    out = b""
                assert out.count(MARK.encode()) < 2
            assert server.device.counters.requests == {"read": number}


def test_a_hang() -> None:
    with serving() as server:
        server.device.faults.plant(kind="hang")
        with client(server) as connected:
            stdin, stdout, _stderr = connected.exec_command(PHP, timeout=0.3)
            stdin.write(READ)
            stdin.channel.shutdown_write()
            with pytest.raises(TimeoutError):
                stdout.read()
            assert connected.get_transport().is_active()


def test_a_refused_connection() -> None:
    with serving() as server:
        server.device.faults.plant(kind="refuse", times=1)
        with pytest.raises(REFUSED), client(server):
            pass
        with client(server):
            pass
        assert server.device.counters.connections == 1


def test_a_program_that_was_not_sent_whole_is_not_carried_out() -> None:
    with serving() as server:
        with client(server) as connected:
            stdin, _stdout, _stderr = connected.exec_command(PHP)
            stdin.write(READ)
            stdin.flush()
        with client(server) as connected:
            run(connected, PHP, READ)
        assert server.device.counters.requests == {"read": 1}


# --- side channel and process ----------------------------------------------------------------------------------------


def call(url: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url + path, data), timeout=PATIENCE) as answer:
        return json.load(answer)


def test_the_side_channel() -> None:
    box = make_box()
    control = Control(box, HOST, 0, {"name": "x"})
    control.start()
    try:
        assert call(control.url, "/info") == {"name": "x"}
        assert call(control.url, "/config")["system"]["hostname"] == "branch-gw"
        call(control.url, "/gui", {"edits": {"system/hostname": "other"}, "dirty": ["filter"]})
        assert (box.config["system"]["hostname"], box.dirty) == ("other", ["filter"])
        call(control.url, "/gui-apply", {})
        assert call(control.url, "/state")["dirty"] == []
        assert call(control.url, "/faults", [{"kind": "hang"}]) == {"planted": 1}
        call(control.url, "/knobs", {"locked": True})
        assert call(control.url, "/knobs")["locked"] is True
        with pytest.raises(urllib.error.HTTPError):
            call(control.url, "/knobs", {"nonsense": 1})
        before = box.now
        assert call(control.url, "/advance", {"seconds": 5})["now"] == before + 5
    finally:
        control.stop()


def test_a_process_of_its_own(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text(f"{PASSWORD}\n", encoding="utf-8")
    info = tmp_path / "info.json"
    process = subprocess.Popen(
        [
            sys.executable, "-m", "tests.devices.pfsense", "--host", HOST, "--config", "lived-in", "--version", "2.7.2",
            "--name", "gate", "--password-file", str(secret), "--info", str(info), "--directory", str(tmp_path),
            "--control-port", "0", "--state-file", str(tmp_path / "state.json"),
        ],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["name"] == "gate"
        told = json.loads(info.read_text(encoding="utf-8"))
        assert told["version"] == "2.7.2-RELEASE"
        made = paramiko.SSHClient()
        made.load_host_keys(told["known_hosts"])
        made.connect(told["host"], told["port"], "admin", PASSWORD, look_for_keys=False, allow_agent=False)
        assert answer_of(run(made, PHP, READ)[0])["config"] == {"system/hostname": "gate"}
        made.close()
        assert call(told["control_url"], "/counters")["requests"] == {"read": 1}
        assert json.loads((tmp_path / "state.json").read_text(encoding="utf-8"))["status"] == "Done"
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


def test_loopback_only() -> None:
    with pytest.raises(ValueError, match="loopback"):
        PfSenseServer(make_box(), "0.0.0.0")
