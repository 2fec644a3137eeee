"""Sessions with a test device over real SSH: log-in, trust, requests, and everything that goes wrong there."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paramiko
import pytest

from ansible_collections.voip.hardening.plugins.module_utils import ssh
from ansible_collections.voip.hardening.plugins.module_utils.errors import (
    DeviceError,
    LoginRefused,
    Misunderstood,
    NotTrusted,
    Refused,
    Unreachable,
    Unsupported,
)
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense import session
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense.session import RequestRefused, Session
from ansible_collections.voip.hardening.plugins.module_utils.secret import Secret
from ansible_collections.voip.hardening.plugins.module_utils.target import Target
from tests.devices.pfsense import PfSense, PfSenseServer
from tests.devices.pfsense import server as server_module
from tests.devices.pfsense.accounts import with_password
from tests.devices.pfsense.shell import Run
from tests.support.pfsenses import MARK, PASSWORD, make_box, start_tree

HOST = "127.0.40.31"
READ: dict[str, Any] = {"op": "read", "sections": ["system/hostname"], "tables": [], "accounts": False}
KEY = paramiko.ECDSAKey.generate()


@pytest.fixture
def box() -> PfSense:
    return make_box(key=f"{KEY.get_name()} {KEY.get_base64()} me@example.net")


@pytest.fixture
def server(box: PfSense) -> Iterator[PfSenseServer]:
    with PfSenseServer(box, HOST) as running:
        yield running


@pytest.fixture
def key_file(tmp_path: Path) -> str:
    path = tmp_path / "id_ecdsa"
    KEY.write_private_key_file(str(path))
    return str(path)


def target(server: PfSenseServer, **fields: Any) -> Target:
    usual = {"username": "admin", "password": Secret(PASSWORD), "connect_timeout": 5, "timeout": 20}
    trust = {"fingerprint": server.fingerprint}
    return Target(**{"host": server.host, "port": server.port, **usual, **trust, **fields})


def fails(kind: type[DeviceError], to: Target) -> str:
    """The message with which a session ends before it begins."""
    one = Session(to)
    with pytest.raises(kind) as error:
        one.__enter__()
    assert error.type is kind
    assert PASSWORD not in str(error.value)
    assert str(error.value).startswith(f"{to.host}:{to.port}: ")
    return str(error.value).removeprefix(f"{to.host}:{to.port}: ")


def asking_fails(kind: type[DeviceError], to: Target, **request: Any) -> str:
    """The message with which a request ends."""
    with Session(to) as one, pytest.raises(kind) as error:
        one.ask(request or READ)
    assert error.type is kind
    assert str(error.value).startswith(f"{to.host}:{to.port}: ")
    return str(error.value).removeprefix(f"{to.host}:{to.port}: ")


def without_password(box: PfSense, setting: str) -> None:
    """sshd that wants a key (enabled), or a key and then a password (both)."""
    box.gui_write({"system/ssh/sshdkeyonly": setting})
    box.restart("sshd")


def test_a_session(box: PfSense, server: PfSenseServer) -> None:
    with Session(target(server)) as one:
        assert (one.requests, one.peer_address, one.local_address) == (1, HOST, "127.0.0.1")
        found = one.ask(READ)
        assert found["config"] == {"system/hostname": "branch-gw"}
        done = one.ask(
            {
                "op": "write",
                "digest": found["digest"],
                "revision": found["revision"]["time"],
                "description": "voip.hardening: ü",
                "edits": [{"path": "system/hostname", "set": "other"}],
                "apply": {"filter": True},
                "rollback": 60,
                "token": "t1",
            }
        )
        assert (done["written"], done["status"]) == (True, "Done")
        assert one.ask({"op": "disarm", "token": "t1"})["disarmed"] is True
        assert one.requests == 4
    assert box.config["system"]["hostname"] == "other"
    assert box.counters.logins == 1
    assert box.counters.requests == {"read": 1, "write": 1, "disarm": 1}


# Commands


def with_ops(**more: Any) -> PfSense:
    """A box with an account that is not uid 0."""
    tree = start_tree("factory", "2.8.0")
    tree["system"]["user"].append({"name": "ops", "uid": "2000", "priv": ["user-shell-access"], **more})
    with_password(tree, "ops", PASSWORD)
    return make_box(tree)


@pytest.mark.parametrize(
    ("username", "expected"),
    [("admin", "/usr/local/bin/php"), ("root", "/usr/local/bin/php"), ("ops", "sudo -n /usr/local/bin/php")],
)
def test_the_command_of_an_account(username: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = []
    usual = server_module.command

    def note(box: PfSense, account: Any, text: str) -> Run:
        typed.append(text)
        return usual(box, account, text)

    monkeypatch.setattr(server_module, "command", note)
    with PfSenseServer(with_ops(), HOST) as server, Session(target(server, username=username)) as one:
        assert one.ask(READ)["ok"]
    assert typed == [expected]


@pytest.mark.parametrize(
    ("sudo", "message"),
    [
        (
            "password",
            "sudo asks 'ops' for a password: it must be allowed to run /usr/local/bin/php without one (NOPASSWD), or "
            "log in as admin",
        ),
        ("absent", "'ops' is not uid 0 and there is no sudo: install the package sudo, or log in as admin"),
    ],
)
def test_sudo_that_does_not_help(sudo: str, message: str) -> None:
    box = with_ops()
    box.knobs.turn("sudo", sudo)
    with PfSenseServer(box, HOST) as server:
        assert asking_fails(LoginRefused, target(server, username="ops")) == message


def test_an_account_without_a_shell() -> None:
    with PfSenseServer(with_ops(priv=["page-dashboard-all"]), HOST) as server:
        message = asking_fails(LoginRefused, target(server, username="ops"))
    assert message == NO_SHELL


FORBIDS = "sudo does not allow 'ops' to run /usr/local/bin/php: allow it in the settings of the package sudo, or "
NO_PHP = "there is no /usr/local/bin/php: this is no pfSense"
NO_SHELL = "the shell of 'ops' runs no commands: give it the privilege 'User - System: Shell account access'"
SILENT = "the shell of 'ops' ran no command (it ended with 255): give it the privilege 'User - System: Shell account "
SAID: list[tuple[Run, type[DeviceError], str]] = [
    (Run(error="ops is not in the sudoers file.\n", code=1), LoginRefused, f"{FORBIDS}log in as admin"),
    (
        Run(error="Sorry, user ops is not allowed to execute '/usr/local/bin/php' as root on fw.\n", code=1),
        LoginRefused,
        f"{FORBIDS}log in as admin",
    ),
    (
        Run(error="sudo: a terminal is required to read the password\nsudo: a password is required\n", code=1),
        LoginRefused,
        "sudo asks 'ops' for a password: ",
    ),
    (Run(error="sh: sudo: not found\n", code=127), LoginRefused, "'ops' is not uid 0 and there is no sudo: "),
    (Run(error="/bin/sh: /usr/local/bin/php: not found\n", code=127), Unsupported, NO_PHP),
    (Run(error="/usr/local/bin/php: Command not found.\n", code=1), Unsupported, NO_PHP),
    (Run(error="sudo: /usr/local/bin/php: command not found\n", code=1), Unsupported, NO_PHP),
    (Run(out="This account is currently not available.\n", code=1), LoginRefused, NO_SHELL),
    (Run(code=255), LoginRefused, f"{SILENT}access'"),
    (Run(), Misunderstood, "`read`: the device's answer is not one line between two marks: ''"),
    (
        Run(out="PHP  Fatal\n", error=f"x{'y' * 600}\n", code=255),
        Misunderstood,
        "`read`: the device's answer is not one line between two marks: 'PHP Fatal' (ended with 255, error output "
        f"'x{'y' * 499}...')",
    ),
    (Run(out=f"{MARK}\n{{secret\n{MARK}\n"), Misunderstood, "`read`: the device's answer is no JSON"),
]


@pytest.mark.parametrize(("run", "kind", "message"), SAID)
def test_what_comes_in_place_of_an_answer(
    run: Run, kind: type[DeviceError], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "command", lambda *_arguments: run)
    with PfSenseServer(with_ops(), HOST) as server:
        said = asking_fails(kind, target(server, username="ops"))
    assert said.startswith(message)
    assert "secret" not in said


def test_what_comes_besides_an_answer(monkeypatch: pytest.MonkeyPatch, server: PfSenseServer) -> None:
    out = f'.\nsudo: not found\n{MARK}\n{{"ok": true}}\n{MARK}\nmore\n'
    monkeypatch.setattr(server_module, "command", lambda *_arguments: Run(out=out, error="x" * 300000, code=255))
    with Session(target(server)) as one:
        assert one.ask(READ) == {"ok": True}


def test_a_large_answer(monkeypatch: pytest.MonkeyPatch, server: PfSenseServer) -> None:
    text = "a" * 3_000_000
    out = f'{MARK}\n{{"ok": true, "a": "{text}"}}\n{MARK}\n'
    monkeypatch.setattr(server_module, "command", lambda *_arguments: Run(out=out))
    with Session(target(server)) as one:
        assert one.ask(READ)["a"] == text
    monkeypatch.setattr(session, "_LARGEST_ANSWER", 1_000_000)
    assert asking_fails(Misunderstood, target(server)) == "the answer has more than 1000000 bytes"


@pytest.mark.parametrize("code", ["changed", "lock"])
def test_a_refusal_has_a_code_and_leaves_the_session_usable(box: PfSense, server: PfSenseServer, code: str) -> None:
    box.knobs.turn("locked", code == "lock")
    request = {"op": "write", "digest": "x", "revision": "1", "description": "x", "edits": [], "apply": {}}
    with Session(target(server)) as one:
        with pytest.raises(RequestRefused) as error:
            one.ask({**request, "rollback": 0, "token": "t1"})
        assert isinstance(error.value, Refused)
        assert error.value.code == code
        assert str(error.value).startswith(f"{HOST}:{server.port}: `write`: ")
        assert one.ask(READ)["ok"]


# Logging in

NO_SECOND_TRY = "It is not tried again: units ban an address after some failures"


@pytest.mark.parametrize("keyboard", [True, False])
def test_a_wrong_password_is_tried_once(box: PfSense, server: PfSenseServer, keyboard: bool) -> None:
    box.knobs.turn("keyboard", keyboard)
    message = fails(LoginRefused, target(server, password=Secret("wrong-word")))
    assert message == f"the unit refused the user name or password of 'admin'. {NO_SECOND_TRY}"
    assert (box.counters.failures, box.counters.connections) == (1, 1)


@pytest.fixture
def by_keyboard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """sshd takes passwords by keyboard-interactive only; what was tried in which way."""
    tried: list[str] = []
    usual = server_module._Door.check_auth_interactive
    monkeypatch.setattr(server_module._Door, "get_allowed_auths", lambda *_arguments: "publickey,keyboard-interactive")

    def by_password(*_arguments: Any) -> int:
        tried.append("password")
        return paramiko.AUTH_FAILED

    def interactive(*arguments: Any) -> Any:
        tried.append("keyboard-interactive")
        return usual(*arguments)

    monkeypatch.setattr(server_module._Door, "check_auth_password", by_password)
    monkeypatch.setattr(server_module._Door, "check_auth_interactive", interactive)
    return tried


def test_a_password_by_keyboard_where_there_is_no_other_way(
    box: PfSense, server: PfSenseServer, by_keyboard: list[str]
) -> None:
    with Session(target(server)) as one:
        assert one.ask(READ)["ok"]
    fails(LoginRefused, target(server, password=Secret("wrong-word")))
    assert by_keyboard == ["keyboard-interactive"] * 2
    assert box.counters.failures == 1


def test_a_password_is_typed_once_only(
    server: PfSenseServer, by_keyboard: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = []

    def again(_door: Any, responses: list[str]) -> Any:
        typed.append(responses)
        return paramiko.InteractiveQuery("", "", ("Password again:", False))

    monkeypatch.setattr(server_module._Door, "check_auth_interactive_response", again)
    fails(LoginRefused, target(server))
    assert typed == [[PASSWORD]]


def test_a_source_that_sshguard_keeps_out(box: PfSense, server: PfSenseServer) -> None:
    box.knobs.turn("guard", 1)
    fails(LoginRefused, target(server, password=Secret("wrong-word")))
    assert fails(Unreachable, target(server)).startswith("no connection: ")
    assert box.counters.failures == 1


@pytest.mark.parametrize("setting", ["", "enabled"])
@pytest.mark.parametrize("password", ["", "wrong-word"])
def test_a_key(box: PfSense, server: PfSenseServer, key_file: str, setting: str, password: str) -> None:
    without_password(box, setting)
    with Session(target(server, password=Secret(password), private_key_file=key_file)) as one:
        assert one.ask(READ)["ok"]
    assert (box.counters.logins, box.counters.failures) == (1, 0)


def test_a_key_and_a_password(box: PfSense, server: PfSenseServer, key_file: str) -> None:
    without_password(box, "both")
    with Session(target(server, private_key_file=key_file)) as one:
        assert one.ask(READ)["ok"]
    none = fails(LoginRefused, target(server, password=Secret(""), private_key_file=key_file))
    assert none.startswith("the unit refused the user name or key of 'admin', or wants more than them (password). ")
    wrong = fails(LoginRefused, target(server, password=Secret("wrong-word"), private_key_file=key_file))
    assert wrong.startswith("the unit refused the user name or password of 'admin'. ")
    assert fails(LoginRefused, target(server)) == "the unit takes no password, but publickey"
    assert box.counters.failures == 1


def test_a_unit_that_takes_keys_only(box: PfSense, server: PfSenseServer) -> None:
    without_password(box, "enabled")
    assert fails(LoginRefused, target(server)) == "the unit takes no password, but publickey"
    assert box.counters.failures == 0


def another_key(tmp_path: Path) -> str:
    path = tmp_path / "other"
    paramiko.ECDSAKey.generate().write_private_key_file(str(path))
    return str(path)


def test_another_key(box: PfSense, server: PfSenseServer, tmp_path: Path) -> None:
    other = another_key(tmp_path)
    message = fails(LoginRefused, target(server, password=Secret(""), private_key_file=other))
    assert message == f"the unit refused the user name or key of 'admin'. {NO_SECOND_TRY}"
    with Session(target(server, private_key_file=other)) as one:
        assert one.ask(READ)["ok"]  # by the password
    without_password(box, "both")
    message = fails(LoginRefused, target(server, private_key_file=other))
    assert message.startswith("the unit refused the user name or key of 'admin'. ")
    assert box.counters.failures == 0


def test_a_unit_that_takes_no_keys(server: PfSenseServer, key_file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module._Door, "get_allowed_auths", lambda *_arguments: "password")
    message = fails(LoginRefused, target(server, password=Secret(""), private_key_file=key_file))
    assert message == "the unit takes no key, but password"
    with Session(target(server, private_key_file=key_file)) as one:
        assert one.ask(READ)["ok"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "No such file or directory"),
        ("no key", "this is no SSH key that is known"),
        ("", "this is no SSH key that is known"),
        (
            "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
            "this is no SSH key that is known",
        ),
    ],
)
def test_files_that_hold_no_key(server: PfSenseServer, tmp_path: Path, text: str | None, why: str) -> None:
    path = tmp_path / "id"
    if text is not None:
        path.write_text(text, encoding="ascii")
    with pytest.raises(LoginRefused) as error:
        Session(target(server, private_key_file=str(path))).__enter__()
    assert str(error.value) == f"private_key_file '{path}': {why}"
    assert server.device.counters.connections == 0


@pytest.mark.parametrize("form", ["OpenSSH", "PEM"])
def test_a_key_with_a_passphrase(server: PfSenseServer, tmp_path: Path, form: str) -> None:
    path = tmp_path / "id"
    if form == "PEM":
        KEY.write_private_key_file(str(path), password="passphrase")
    else:
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "passphrase", "-f", str(path)]
        subprocess.run(command, check=True, timeout=60)
    with pytest.raises(LoginRefused) as error:
        Session(target(server, private_key_file=str(path))).__enter__()
    assert str(error.value) == f"private_key_file '{path}': the key has a passphrase, and keys with one are not taken"


def test_no_agent_and_no_keys_of_the_user_are_tried(
    box: PfSense, server: PfSenseServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []
    usual = server_module._Door.check_auth_publickey

    def note(*arguments: Any) -> int:
        tried.append("publickey")
        return usual(*arguments)

    monkeypatch.setattr(server_module._Door, "check_auth_publickey", note)
    monkeypatch.setattr(paramiko.agent.Agent, "get_keys", lambda _agent: tried.append("agent") or (KEY,))
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".ssh").mkdir()
    KEY.write_private_key_file(str(tmp_path / ".ssh" / "id_ecdsa"))
    without_password(box, "enabled")
    fails(LoginRefused, target(server))
    assert tried == []


def test_known_hosts(box: PfSense, server: PfSenseServer, tmp_path: Path) -> None:
    with Session(target(server, fingerprint="", known_hosts=server.known_hosts)) as one:
        assert one.ask(READ)["ok"]
    empty = tmp_path / "known_hosts"
    empty.write_text("", encoding="ascii")
    unknown = fails(NotTrusted, target(server, fingerprint="", known_hosts=str(empty)))
    assert unknown.startswith(f"the host key ssh-rsa {server.fingerprint} is not known. ")
    changed = fails(NotTrusted, target(server, fingerprint=f"SHA256:{'A' * 43}"))
    assert changed.startswith(f"the host key is ssh-rsa {server.fingerprint}, not the pinned one. ")
    with Session(target(server, fingerprint="", known_hosts="/nowhere", validate_certs=False)) as one:
        assert one.ask(READ)["ok"]
    assert (box.counters.logins, box.counters.failures) == (2, 0)


# What breaks


def test_nobody_there(server: PfSenseServer) -> None:
    with socket.create_server((HOST, 0)) as other:
        port = other.getsockname()[1]
    assert fails(Unreachable, target(server, port=port)) == "no connection: Connection refused"


def test_a_port_that_says_nothing(server: PfSenseServer) -> None:
    with socket.create_server((HOST, 0)) as deaf:
        port = deaf.getsockname()[1]
        assert fails(Unreachable, target(server, port=port, connect_timeout=0.3)) == "no connection within 0.3 s"
        message = fails(Unreachable, target(server, port=port, timeout=0.3))
        assert message.startswith("no connection within 0.")


@pytest.mark.parametrize("kind", ["cut-before", "cut-after", "truncated", "hang"])
def test_connections_that_break(box: PfSense, server: PfSenseServer, kind: str) -> None:
    box.faults.plant(kind=kind, op="flows")
    with Session(target(server, timeout=1.5 if kind == "hang" else 20)) as one:
        with pytest.raises(Unreachable) as error:
            one.ask({"op": "flows", "kill": []})
        with pytest.raises(Unreachable) as closed:
            one.ask(READ)
    broken = "the connection broke while waiting for the answer to `flows`"
    said = str(error.value).removeprefix(f"{HOST}:{server.port}: ")
    assert said.startswith("no complete answer to `flows` within 1." if kind == "hang" else broken)
    assert str(closed.value) == f"{HOST}:{server.port}: `read` was not sent: the connection is closed"
    assert one.requests == 2
    assert box.counters.logins == 1


def test_an_answer_that_is_none(box: PfSense, server: PfSenseServer) -> None:
    box.faults.plant(kind="garbage", op="read", times=1)
    with Session(target(server)) as one:
        with pytest.raises(Misunderstood):
            one.ask(READ)
        assert one.ask(READ)["ok"]


def test_the_time_for_a_request_is_what_is_left_and_has_an_end(
    server: PfSenseServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []
    usual = ssh.Link.limited

    def note(link: ssh.Link, until: float, *words: str) -> Any:
        asked.append(until - time.monotonic())
        return usual(link, until, *words)

    monkeypatch.setattr(ssh.Link, "limited", note)
    with Session(target(server, timeout=150)) as one:
        one.ask(READ)
        one._deadline -= 100
        one.ask(READ)
        one._deadline -= 100
        with pytest.raises(Unreachable) as error:
            one.ask(READ)
    assert [round(seconds, -1) for seconds in asked] == [0, 120, 50]
    assert str(error.value).endswith("`read` was not sent: the 150 s allowed for the device are over (timeout)")


def test_a_session_shows_no_secret(server: PfSenseServer) -> None:
    unopened = Session(target(server))
    unopened.close()
    assert PASSWORD not in repr(vars(unopened)) + repr(unopened)
    with Session(target(server)) as one:
        assert PASSWORD not in repr(vars(one)) + repr(vars(one._link))


def test_nothing_is_logged_and_no_thread_stays(
    box: PfSense, server: PfSenseServer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    before = threading.active_count()
    with Session(target(server)) as one:
        one.ask(READ)
        box.faults.plant(kind="cut-before", op="read")
        with pytest.raises(Unreachable):
            one.ask(READ)
    fails(LoginRefused, target(server, password=Secret("wrong-word")))
    ours = [record for record in caplog.records if record.name.startswith("voip")]
    assert ours == []
    assert "wrong-word" not in caplog.text + "".join(capfd.readouterr())
    deadline = time.monotonic() + 10
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before


def test_a_missing_library_is_named(server: PfSenseServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh, "MISSING", ImportError("No module named 'paramiko'"))
    message = fails(Unreachable, target(server))
    assert message == (
        "no connection: pfSense needs the Python library paramiko where this runs (No module named 'paramiko')"
    )


def test_it_can_be_imported_without_its_library() -> None:
    code = (
        "import sys; sys.modules['paramiko'] = None; "
        f"import {session.__name__} as session; assert 'paramiko' in str(session.ssh.MISSING)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, timeout=60)
