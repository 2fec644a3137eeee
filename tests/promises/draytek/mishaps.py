"""Vigors that tell secrets, and other failures in whose words a secret could be: which, and what comes of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.promises.base import Mishap
from tests.promises.draytek.live import ADMIN, CONTROLLER, SIGNS, LiveVigor

VERSION, OBJECT, NEW_OBJECT = r"^sys version$", r"^object ip obj 190 -v$", r"^object ip obj \d+ -n VOIPH"
ALG, BFP = r"^sys sip_alg \?$", r"^mngt bfp -v$"
Plant = Callable[[LiveVigor, str, str], None]
Telling = Callable[[str], str]


def _saying(told: Telling, line: str = OBJECT) -> Plant:
    """Such lines are answered with a text that tells the secret."""

    def plant(live: LiveVigor, secret: str, _own: str) -> None:
        live.spoil(line, lambda _answer: told(secret))

    return plant


def _putting(line: str, label: str, told: Telling = str) -> Plant:
    """The value of one label in such answers is the secret."""

    def plant(live: LiveVigor, secret: str, _own: str) -> None:
        def changed(answer: str) -> str:
            rows = answer.split("\r\n")
            (at,) = (at for at, row in enumerate(rows) if row.lstrip(" %-*").startswith(label))
            rows[at] = rows[at].partition(":")[0] + ": " + told(secret)
            return "\r\n".join(rows)

        live.spoil(line, changed)

    return plant


def _turned(**knobs: Telling) -> Plant:
    """Texts of the unit's that tell the secret."""

    def plant(live: LiveVigor, secret: str, _own: str) -> None:
        for name, told in knobs.items():
            live.device.knobs.turn(name, told(secret))

    return plant


def _narrow(told: Telling) -> Plant:
    """As `_saying`, by a terminal that breaks lines at 80 columns."""

    def plant(live: LiveVigor, secret: str, own: str) -> None:
        live.device.knobs.turn("wrap_80", True)
        _saying(told)(live, secret, own)

    return plant


def _faulty(**fault: Any) -> Plant:
    def plant(live: LiveVigor, _secret: str, _own: str) -> None:
        live.device.faults.plant(**fault)

    return plant


def _nothing(_live: LiveVigor, _secret: str, _own: str) -> None:
    """The variables, or the unit's manners, are all that is wrong."""


def _other_password(live: LiveVigor, secret: str, _own: str) -> None:
    """What the unit was told to let in is not what it lets in; its greeting knows it all the same."""
    live.device.set_password(ADMIN, "another-password")
    live.device.knobs.turn("banner", secret)


def _blocked(live: LiveVigor, _secret: str, _own: str) -> None:
    """Somebody failed to log in from where we come from."""
    live.device.knobs.turn("ban_after", 1)
    live.device.knobs.turn("ban_seconds", 10**6)
    live.device.login(ADMIN, "a guess", CONTROLLER)


def _busy(live: LiveVigor, _secret: str, _own: str) -> None:
    """All of its sessions are in use."""
    while live.device.enter():
        pass


def _with_secrets(live: LiveVigor, _secret: str, own: str) -> None:
    """More lines than are looked for, with what the unit keeps to itself, by every label that it may have."""
    lines = [f"{label}: {own}" for label in ("Password", "PPPoE Password", "Pre-Shared Key", "Community", "Wi-Fi Key")]
    for line in (VERSION, r"^show status$", ALG, BFP):
        live.spoil(line, lambda answer: "\r\n".join([answer, *lines]))


def _dump(live: LiveVigor, _secret: str, own: str) -> None:
    """The configuration instead of a view."""
    text = "\r\n".join(["Type ? for command help", f"wan ppp_pap -n dial-up -p {own}", f"vpn l2lset 1 psk {own}"])
    live.spoil(OBJECT, lambda _answer: text)


QUOTES, SLASHES = "'\"`", "\\n\\x41\\"

MISHAPS = (
    Mishap("echo", "failed", ("the unit answered '% Invalid input: ***'",), _saying(lambda s: f"% Invalid input: {s}"),
           between="-"),
    Mishap("echo of all signs", "failed", ("% Invalid input: ***",), _saying(lambda s: f"% Invalid input: {s}"),
           between=SIGNS),
    Mishap("echo in Python", "failed", ("% Invalid input: '***'",), _saying(lambda s: f"% Invalid input: {s!r}"),
           between=SLASHES),
    Mishap("echo in JSON", "failed", ("***",), _saying(lambda s: f"% Invalid input: {json.dumps(s)}"), between=SIGNS),
    Mishap(
        "echo in the usage",
        "failed",
        (" / object ip obj *** -v",),
        _saying(lambda s: f"% Usage:\r\n object ip obj {s} -v\r\n more"),
        between=SIGNS,
    ),
    Mishap(
        "echo over telnet", "failed", ("% Unknown command ***",), _saying(lambda s: f"% Unknown command {s}"), "telnet",
        between=SIGNS,
    ),
    Mishap(
        "echo from old firmware", "failed", ("% Incomplete ***",), _saying(lambda s: f"% Incomplete {s}"), "legacy",
        between=QUOTES,
    ),
    Mishap(
        "echo cut short",
        "failed",
        ("x***...",),
        _saying(lambda s: "% Invalid input " + "x" * 165 + s + "y" * 40),
        between=SLASHES * 3,
    ),
    Mishap(
        "echo on two lines",
        "failed",
        ("xxx *** is not a word",),
        _narrow(lambda s: f"% Invalid input {'x' * 40} {s} is not a word"),
        between=QUOTES,
    ),
    Mishap("echo for a view", "failed", ("in the answer '***'",), _saying(str), between=SIGNS),
    Mishap("long echo for a view", "failed", ("x***...'",), _saying(lambda s: "x" * 60 + s), between=SLASHES * 3),
    Mishap("broken echo for a view", "failed", ("x***...'",), _narrow(lambda s: "x" * 60 + s), between=QUOTES),
    Mishap("echo as a value", "failed", ("is '***', neither",), _putting(ALG, "SIP ALG"), between=SLASHES),
    Mishap("echo as release", "failed", ("'Version' is '***', no release",),
           _saying(lambda s: f"Router Model: Vigor2927    Version: {s} English", VERSION), between=QUOTES),
    Mishap("echo as model", "failed", ("*** is not supported: Vigor",),
           _saying(lambda s: f"Router Model: {s}    Version: 4.4.5 English\r\nRouter Name: x\r\nRevision: y", VERSION),
           between=SIGNS),
    Mishap("echo as name", "ok", ('"hostname": "***"',), _putting(VERSION, "Router Name"), between=SIGNS),
    Mishap("a router's name", "ok", ('"hostname": "***"',), lambda live, secret, own: live.rename(secret),
           between="[!$~]"),
    Mishap("a rule's name", "ok", ("ipf rule 5.3 ***",), lambda live, secret, own: live.let_in(secret), between=":%\\"),
    Mishap("greeting", "ok", ("VOIPH-",), _turned(banner=str), between=SIGNS),
    Mishap("greeting over telnet", "ok", ("VOIPH-",), _turned(login_prompt=lambda s: f"{s}\r\nAccount:"), "telnet",
           between=SIGNS),
    Mishap("between two lines", "failed", ("something else than the command: 'x***",), _turned(unasked="x{}".format)),
    Mishap(
        "long text between two lines",
        "failed",
        ("something else than the command: 'xxxx", "x***..."),
        _turned(unasked=lambda s: "x" * 20 + s),
        between=SLASHES * 3,
    ),
    Mishap(
        "refused write",
        "failed",
        ("the unit answered '% Invalid parameter ***", "Outcome: old state restored"),
        _saying(lambda s: f"% Invalid parameter {s}", NEW_OBJECT),
        between=SIGNS,
        writing=True,
    ),
    Mishap(
        "short password",
        "failed",
        ("Invalid input: password *** is too short",),
        _saying(lambda s: f"% Invalid input: password {s} is too short"),
        short=True,
    ),
    Mishap("wrong password", "failed", ("refused the user name or password",), _other_password, between=SIGNS),
    Mishap("wrong password over telnet", "failed", ("refused the user name or password",), _other_password, "telnet",
           between=SIGNS),
    Mishap("another platform", "failed", ("as DrayOS 5 does",), _turned(login_prompt=lambda s: f"{s}\r\nUsername:"),
           "telnet", between=SIGNS),
    Mishap("Linux", "failed", ("(Linux) is another one",), _turned(login_prompt=lambda s: f"{s}\r\nVigor2960 login:"),
           "telnet", between=SIGNS),
    Mishap("blocked", "unreachable", ("no connection: ",), _blocked, between=SIGNS),
    Mishap("blocked over telnet", "unreachable", (), _blocked, "telnet", between=SIGNS),
    Mishap("busy", "unreachable", ("hung up before its first prompt",), _busy, between=SIGNS),
    Mishap("cut", "unreachable", ("the connection broke",), _faulty(kind="cut-before", line=OBJECT), between=SIGNS),
    Mishap("half an answer", "unreachable", ("the connection broke",), _faulty(kind="truncated", line=OBJECT)),
    Mishap("refused", "unreachable", (), _faulty(kind="refuse"), between=SIGNS),
    Mishap("garbage", "failed", ("line 'IP Object Profile 190'", "0x00000000"), _faulty(kind="garbage", line=OBJECT),
           between=SIGNS),
    Mishap("usage", "failed", ("the unit answered ",), _faulty(kind="usage", line=OBJECT), between=SIGNS),
    Mishap("unknown host", "failed", ("is not known. Compare it",), _nothing, variables={"voip_known_hosts": None}),
    Mishap("pinned", "failed", ("not the pinned one",), _nothing, variables={"voip_fingerprint": "A" * 43}),
    Mishap("old algorithms", "failed", ("offers nothing that is trusted",), _nothing, "legacy",
           variables={"voip_legacy_ssh": None}),
    Mishap("its own secrets", "ok", ("VOIPH-",), _with_secrets),
    Mishap("its own configuration", "failed", ("in the answer 'Type ?",), _dump),
)
