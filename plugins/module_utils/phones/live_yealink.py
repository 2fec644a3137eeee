# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A live Yealink's configuration as a text: its export, what a partial import says, and what it answers. Pure.

Both generations of the web interface export and import the text that is provisioned, by the same names, with passwords
masked. The fields of their pages have other names, of which public sources show those of accounts alone.

Sources: Buhoy-Ded/YealinkAdmin-Visual-Studio (JSON), luizsteinbach30/middleware-ramais (servlet).
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import Misunderstood, Refused, Unavailable
from ..policy.reading import shown
from .identity import Identity, plain_mac, plain_model
from .live import Reading
from .table import Setting
from .yealink_files import HEAD, YealinkFiles, line_of

_RESULT = re.compile(r"""["']result["']\s*:\s*["']?(\w+)""")
_TOKEN = re.compile(r"""g_strToken\s*=\s*["']([0-9A-Za-z]+)["']""")
_UPLOADS: Mapping[str, str] = {
    "failed": "the phone does not understand it",
    "false": "the phone does not understand it",
    "large": "it is too large",
    "noparam": "the phone misses a parameter of the request",
}


def import_text(settings: Sequence[Setting]) -> str:
    """A partial configuration: only what is in it changes."""
    return "".join(f"{line}\n" for line in (HEAD, *map(line_of, settings)))


def reading_of(request: str, text: str, identity: Identity) -> Reading:
    """What an export shows. Raises `Misunderstood` for what is none, and shows nothing of it."""
    if text.lstrip("\ufeff").partition("\n")[0].strip() != HEAD:
        raise Misunderstood(f"{request}: what came does not begin with {HEAD}, so that it is no configuration")
    values = YealinkFiles().parse(request, text.lstrip("\ufeff").encode())
    return Reading(values=values, identity=identity, whole=True)


def multipart(field: str, text: str) -> tuple[bytes, str]:
    """A form with one file, and its Content-Type."""
    edge = secrets.token_hex(16)
    head = f'--{edge}\r\nContent-Disposition: form-data; name="{field}"; filename="hardening.cfg"\r\n'
    body = f"{head}Content-Type: application/octet-stream\r\n\r\n{text}\r\n--{edge}--\r\n"
    return body.encode(), f"multipart/form-data; boundary={edge}"


def data_of(request: str, text: str) -> Any:
    """The data of an answer of the JSON interface.

    Raises `Unavailable` where the phone ended the session or has none, `Refused` for another error of its own, and
    `Misunderstood` for what is no answer.
    """
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict) or "ret" not in answer:
        raise Misunderstood(f"{request}: no answer of this interface")
    if answer["ret"] == "ok":
        return answer.get("data")
    error = answer.get("error")
    said = error if isinstance(error, dict) else {}
    status, message = str(said.get("webStatus", "")), str(said.get("msg", ""))
    kind = Unavailable if status in ("noauth", "busy", "lock") else Refused
    reason = shown(message) if message else "without a reason"
    raise kind(f"{request}: the phone answers {shown(status or 'failed')}, {reason}")


def lock_of(text: str) -> str:
    """For how long an answer of the JSON interface says that it is locked, as a part of a sentence."""
    minutes = re.search(r'"lockTime"\s*:\s*"?(\d+)', text) or re.search(r"try again (\d+) minutes? later", text)
    return f", for {minutes[1]} minutes more" if minutes else ""


def identity_of(data: Any) -> tuple[str, Identity]:
    """The token that every change needs, and who the phone says it is, of what it tells after a log-in."""
    found = data if isinstance(data, dict) else {}
    said = {name: str(found.get(f"wui.device.{name}") or "") for name in ("phoneName", "firmware", "mac")}
    identity = Identity("yealink", plain_model("yealink", said["phoneName"]), said["firmware"], plain_mac(said["mac"]))
    return str(found.get("wui.common.token") or ""), identity


def token_of(page: str) -> str:
    """The token of a page of the servlet generation; empty where it has none, as without a log-in."""
    token = _TOKEN.search(page)
    return token[1] if token else ""


def check_upload(request: str, page: str) -> None:
    """A number is success. Raises `Refused` for a result of another kind, `Misunderstood` where there is none."""
    result = _RESULT.search(page)
    if result is None:
        raise Misunderstood(f"{request}: the answer has no result")
    if not result[1].isdecimal():
        raise Refused(f"{request}: {_UPLOADS.get(result[1], 'the phone refuses it')} ({result[1][:20]})")
