# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wire: one SIP OPTIONS over UDP, as any stranger may send it (RFC 3261, sections 11 and 17.1.2)."""

from __future__ import annotations

import re
import secrets
import socket
import time
from dataclasses import dataclass
from typing import Literal

from .patience import Patience
from .wire_ports import Place

_T1 = 0.5
"""Seconds; the first wait of RFC 3261, which doubles with every repetition."""
_LARGEST = 65535
_STATUS = re.compile(r"SIP/2\.0 ([1-6][0-9]{2}) ?([^\r\n]*)")
_AGENT = re.compile(r"^(?:User-Agent|Server)[ \t]*:[ \t]*(.+?)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_CALL_ID = re.compile(r"^(?:Call-ID|i)[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class SipAnswer:
    """`state`: `answered`, with status, reason and user agent; `silent`; or `refused`, as nobody listens there."""

    state: Literal["answered", "silent", "refused"]
    status: int = 0
    reason: str = ""
    agent: str = ""


def ask(place: Place, port: int, patience: Patience) -> SipAnswer:
    """What becomes of an OPTIONS from here."""
    with place.socket(socket.SOCK_DGRAM) as sock:
        try:
            sock.connect((place.address, port))
            return _exchange(sock, place, port, patience)
        except ConnectionRefusedError:
            return SipAnswer("refused")
        except OSError:
            return SipAnswer("silent")


def _exchange(sock: socket.socket, place: Place, port: int, patience: Patience) -> SipAnswer:
    call_id = secrets.token_hex(16)
    message = _options(place, port, sock.getsockname(), call_id)
    end, wait = time.monotonic() + patience.seconds(), _T1
    while (left := end - time.monotonic()) > 0:
        sock.send(message)
        answer = _receive(sock, call_id, min(wait, left))
        if answer is not None:
            return answer
        wait *= 2
    return SipAnswer("silent")


def _receive(sock: socket.socket, call_id: str, wait: float) -> SipAnswer | None:
    """The answer to our request, within `wait` seconds; others that arrive meanwhile are passed over."""
    end = time.monotonic() + wait
    while (left := end - time.monotonic()) > 0:
        sock.settimeout(left)
        try:
            text = sock.recv(_LARGEST).decode("utf-8", "replace")
        except TimeoutError:
            return None
        status, its_call = _STATUS.match(text), _CALL_ID.search(text)
        if status and its_call and its_call[1] == call_id and status[1] != "100":
            agent = _AGENT.search(text)
            return SipAnswer("answered", int(status[1]), status[2], agent[1] if agent else "")
    return None


def _options(place: Place, port: int, local: tuple[str, int], call_id: str) -> bytes:
    ours, theirs = _bracketed(local[0]), _bracketed(place.address)
    lines = (
        f"OPTIONS sip:{theirs}:{port} SIP/2.0",
        f"Via: SIP/2.0/UDP {ours}:{local[1]};branch=z9hG4bK{secrets.token_hex(8)};rport",
        "Max-Forwards: 70",
        f"From: <sip:probe@{ours}>;tag={secrets.token_hex(8)}",
        f"To: <sip:{theirs}>",
        f"Call-ID: {call_id}",
        "CSeq: 1 OPTIONS",
        f"Contact: <sip:probe@{ours}:{local[1]}>",
        "Accept: application/sdp",
        "Content-Length: 0",
        "",
        "",
    )
    return "\r\n".join(lines).encode()


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address
