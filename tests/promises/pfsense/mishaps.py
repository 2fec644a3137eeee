"""Boxes that tell secrets, and other failures in whose words a secret could be: which, and what comes of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.promises.base import Mishap
from tests.promises.pfsense.live import SIGNS, LivePfSense

Plant = Callable[[LivePfSense, str, str], None]
Telling = Callable[[str], Any]
READ, WRITE = "read", "write"
QUOTES, SLASHES = "'\"`", "\\n\\x41\\"


def _putting(name: str, told: Telling = str) -> Plant:
    """A part of the answer is the secret."""

    def plant(live: LivePfSense, secret: str, _own: str) -> None:
        live.change(READ, lambda answer: answer.update({name: told(secret)}))

    return plant


def _setting(path: str, told: Telling = str) -> Plant:
    """A part of the configuration is the secret."""

    def plant(live: LivePfSense, secret: str, _own: str) -> None:
        live.change(READ, lambda answer: answer["config"].update({path: told(secret)}))

    return plant


def _refusing(code: str, told: Telling = str, op: str = READ) -> Plant:
    """The answer is that the box did not do it, in words with the secret."""

    def plant(live: LivePfSense, secret: str, _own: str) -> None:
        def refused(answer: dict[str, Any]) -> None:
            answer.clear()
            answer.update({"ok": False, "error": code, "message": told(secret)})

        live.change(op, refused)

    return plant


def _printing(told: Telling, op: str = READ) -> Plant:
    """Something else is printed than an answer."""

    def plant(live: LivePfSense, secret: str, _own: str) -> None:
        live.say(op, lambda _text: told(secret))

    return plant


def _before(told: Telling) -> Plant:
    """A warning before the answer tells the secret."""

    def plant(live: LivePfSense, secret: str, _own: str) -> None:
        live.say(READ, lambda text: f"{told(secret)}\n{text}")

    return plant


def _faulty(**fault: Any) -> Plant:
    def plant(live: LivePfSense, _secret: str, _own: str) -> None:
        live.device.faults.plant(**fault)

    return plant


def _nothing(_live: LivePfSense, _secret: str, _own: str) -> None:
    """The variables, or the box's manners, are all that is wrong."""


def _turned(**knobs: Any) -> Plant:
    def plant(live: LivePfSense, _secret: str, _own: str) -> None:
        for name, value in knobs.items():
            live.device.knobs.turn(name, value)

    return plant


def _other_password(live: LivePfSense, _secret: str, _own: str) -> None:
    """What the box was told to let in is not what it lets in."""
    live.let_in_with("another-password")


def _key_only(live: LivePfSense, _secret: str, _own: str) -> None:
    """SSH takes keys alone."""
    live.device.gui_write({"system/ssh/sshdkeyonly": "enabled"})
    live.device.restart("sshd")


def _blocked(live: LivePfSense, _secret: str, _own: str) -> None:
    """Somebody failed to log in from where we come from."""
    live.device.knobs.turn("guard", 1)
    live.device.knobs.turn("guard_seconds", 10.0**6)
    live.device.accounts.password("admin", "a guess", "127.0.0.1")


def _secondary(live: LivePfSense, _secret: str, _own: str) -> None:
    """The other one of a pair is the primary."""
    live.device.gui_write({"virtualip/vip": [{
        "mode": "carp", "interface": "wan", "vhid": "1", "subnet": "198.51.100.9", "subnet_bits": "24", "uniqid": "1",
        "password": "carp",
    }]})
    live.device.knobs.turn("carp", "BACKUP")


def _with_secrets(live: LivePfSense, _secret: str, own: str) -> None:
    """Its configuration holds secrets in every place that has any."""
    live.device.gui_write({
        "system/user/0/ipsecpsk": own, "system/acb/encryption_password": own, "snmpd/rocommunity": own,
        "openvpn/openvpn-server/0/shared_key": own, "cert/0/prv": own, "ipsec/phase1": [{"pre-shared-key": own}],
        "installedpackages/siproxdusers": {"config": [{"username": "x", "password": own}]},
    })


MISHAPS = (
    Mishap("refusal", "failed", ("`read`: the box has ***",), _refusing("exception", "the box has {}".format),
           between=SIGNS),
    Mishap("refusal in JSON", "failed", ("***",), _refusing("exception", json.dumps), between=QUOTES + SLASHES),
    Mishap("refusal in Python", "failed", ("***",), _refusing("exception", repr), between=SLASHES),
    Mishap("refusal cut short", "failed", ("xxxx***",), _refusing("exception", lambda s: "x" * 190 + s + "y" * 40),
           between=SLASHES * 3),
    Mishap("refusal by sudo", "failed", ("***",), _refusing("exception"), "sudo", between=SIGNS),
    Mishap("refused write", "failed", ("could not be loaded: ***",),
           _refusing("load", "the rules could not be loaded: {}".format, WRITE), between=QUOTES, writing=True),
    Mishap("something else", "failed", ("`read`: ",), _printing("Fatal error: {}".format), between=QUOTES),
    Mishap("half an answer", "failed", ("`read`: ",), _printing(lambda s: f'---- voip.hardening ----\n{{"ok": "{s}')),
    Mishap("a warning", "ok", ("VOIPH-",), _before("PHP Warning: {} in filter.inc".format), between=SIGNS),
    Mishap("as release", "failed", ("no level of configuration",), _putting("level"), between=SIGNS),
    Mishap("as a name", "ok", ('"hostname": "***"',), _putting("hostname"), between=QUOTES),
    Mishap("as a version", "ok", ('"version": "***"',), _putting("version"), between=QUOTES),
    Mishap("as a mode", "failed", ("known are http and https",), _setting("system/webgui/protocol"), between=SLASHES),
    Mishap("as a port", "failed", ("a number was expected, and the box has",), _setting("system/webgui/port"),
           between=QUOTES),
    Mishap("as a list", "failed", ("filter/rule: a list was expected",), _setting("filter/rule"), between=SIGNS),
    Mishap("as a list in a text", "failed", ("aliases/alias: a list was expected",),
           _setting("aliases/alias", lambda s: "x" * 60 + s), between=SLASHES * 3),
    Mishap("wrong password", "failed", ("refused the user name or password",), _other_password, between=SIGNS),
    Mishap("wrong password by sudo", "failed", ("refused the user name or password",), _other_password, "sudo",
           between=SIGNS),
    Mishap("keys only", "failed", (), _key_only, between=SIGNS),
    Mishap("sudo asks", "failed", ("sudo asks 'ops' for a password",), _turned(sudo="password"), "sudo", between=SIGNS),
    Mishap("no sudo", "failed", ("there is no sudo",), _turned(sudo="absent"), "sudo", between=SIGNS),
    Mishap("blocked", "unreachable", ("no connection: ",), _blocked, between=SIGNS),
    Mishap("secondary", "failed", ("the secondary of a pair",), _secondary),
    Mishap("locked", "failed", ("busy on the device",), _turned(locked=True), writing=True),
    Mishap("write refused", "failed", ("refused to write",), _turned(write_fails="refused"), writing=True),
    Mishap("cut", "unreachable", ("the connection broke",), _faulty(kind="cut-before", op=READ), between=SIGNS),
    Mishap("truncated", "unreachable", ("the connection broke",), _faulty(kind="truncated", op=READ)),
    Mishap("refused", "unreachable", (), _faulty(kind="refuse"), between=SIGNS),
    Mishap("garbage", "failed", ("`read`: ",), _faulty(kind="garbage", op=READ), between=SIGNS),
    Mishap("somebody else", "failed", ("changed since it was read",), _faulty(kind="gui", op=WRITE), writing=True),
    Mishap("unknown host", "failed", ("is not known. Compare it",), _nothing, variables={"voip_known_hosts": None}),
    Mishap("pinned", "failed", ("not the pinned one",), _nothing, variables={"voip_fingerprint": "A" * 43}),
    Mishap("its own secrets", "ok", ("VOIPH-",), _with_secrets),
)
