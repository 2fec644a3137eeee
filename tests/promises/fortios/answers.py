"""Reads of a FortiGate, and ways to spoil one field of an answer; what may be spoilt unnoticed, with reasons."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from tests.devices.fortigate import Request
from tests.devices.fortigate.messages import Response
from tests.promises.base import Spoiling

DELETED = object()
GARBLES: dict[str, Any] = {
    "deleted": DELETED,
    "null": None,
    "empty": "",
    "a list": [{"name": None}],
    "an object": {"nested": ["x"]},
    "a number": 10**30,
    "a text": "unheard-of",
    "true": True,
}
"""Values by what they are; none of them is one that a unit can have in any field that is looked at."""

UNREAD_ENVELOPE = {
    "http_method": "how we asked",
    "revision": "a digest of the whole table",
    "revision_changed": "after writes only",
    "vdom": "we name the VDOM in the request",
    "path": "as asked",
    "name": "as asked",
    "action": "as asked",
    "mkey": "as asked",
    "size": "how large the table is on this model",
    "next_idx": "for reading in parts, which is not asked for",
    "limit_reached": "for reading in parts",
    "http_status": "the status line has it",
    "matched_count": "compared when it is a number",
    "serial": "looked at in the status answer, once a run",
    "version": "looked at in the status answer",
    "build": "looked at in the status answer",
}
"""Fields of an envelope that nothing is concluded from, and why."""
STATUS_FIELDS = frozenset({"version", "build", "serial"})
"""Those that the status answer is read for."""
LOOKED_AT = {
    "system/global": frozenset(
        "vdom-mode cfg-save admin-telnet admintimeout admin-lockout-threshold admin-lockout-duration "
        "cfg-revert-timeout "
        "admin-https-ssl-versions".split()
    ),
    "system/settings": frozenset("ngfw-mode central-nat default-voip-alg-mode sip-expectation sip-nat-trace".split()),
    "system/password-policy": frozenset(
        "status apply-to minimum-length min-lower-case-letter min-upper-case-letter min-number".split()
    ),
    "system/sdwan": frozenset({"status", "members"}),
    "system/central-management": frozenset({"type"}),
    "system/ha": frozenset({"mode"}),
}
"""A single object comes whole; these are the fields of it that the collection is about, from its documentation."""


ANYWAY = ("deleted", "null", "a list", "an object")
"""What is wrong on any row; another text or number may be what somebody else's row holds."""
UNNOTICED: dict[tuple[str, str, str], str] = {}
"""(path, field, how) that may stay without consequence, and why."""


def spoilt_fields(reads: dict[str, Any]) -> Iterator[Spoiling]:
    """Every field that matters, in every way."""
    for read, where, ours, value in fields(reads):
        path = read.partition("?")[0].partition("/api/v2/")[2].removeprefix("cmdb/")
        for how, garbled in GARBLES.items():
            if (how in ANYWAY or ours) and value != garbled and (path, str(where[-1]), how) not in UNNOTICED:
                label = f"{path} {'.'.join(map(str, where))} = {value!r}: {how}"
                yield Spoiling(label, read.partition("?")[0], _with_field(read, where, garbled))


def _with_field(read: str, where: tuple[Any, ...], garbled: Any) -> Callable[[Request, Response], Response]:
    def change(body: Any) -> Any:
        *outer, last = where
        place = body
        for key in outer:
            place = place[key]
        if garbled is DELETED:
            del place[last]
        else:
            place[last] = copy.deepcopy(garbled)
        return body

    return _tampering(read, lambda response: replace(response, body=json.dumps(change(response.json())).encode()))


def _tampering(read: str, change: Callable[[Response], Response]) -> Callable[[Request, Response], Response]:
    def tamper(request: Request, response: Response) -> Response:
        return change(response) if request.method == "GET" and request.target == read else response

    return tamper


def spoilt_answers(reads: dict[str, Any]) -> Iterator[Spoiling]:
    """Every read with something else for an answer."""
    page = b"<html><body>Please wait ...</body></html>"
    ways: dict[str, Callable[[Response], Response]] = {
        "a page": lambda r: replace(r, body=page, content_type="text/html"),
        "half of it": lambda r: replace(r, body=r.body[: len(r.body) // 2]),
        "nothing": lambda r: replace(r, body=b""),
        "null": lambda r: replace(r, body=b"null"),
        "an empty list": lambda r: replace(r, body=b"[]"),
        "an empty object": lambda r: replace(r, body=b"{}"),
        "twice": lambda r: replace(r, body=b"[" + r.body + b"," + r.body + b"]"),
        "not UTF-8": lambda r: replace(r, body=b"\xff\xfe" + r.body),
        **{
            f"status {status}": lambda r, status=status: replace(r, status=status)
            for status in (201, 204, 302, 400, 401, 403, 404, 424, 429, 500, 503)
        },
    }
    for read in reads:
        for name, change in ways.items():
            yield Spoiling(f"{read}: {name}", read.partition("?")[0], _tampering(read, change))


def fields(reads: dict[str, Any]) -> Iterator[tuple[str, tuple[Any, ...], bool, Any]]:
    """Every field that matters in every answer: (read, where, ours, value).

    Of a table one row of ours and one of somebody else's stand for the others of their kind.
    """
    for read, body in reads.items():
        path = read.partition("?")[0].partition("/api/v2/")[2]
        status = path == "monitor/system/status"
        for name in body:
            if name == "results" and not status:
                yield read, ("results",), True, body["results"]
            elif name not in UNREAD_ENVELOPE or (status and name in STATUS_FIELDS):
                yield read, (name,), True, body[name]
        if path.startswith("cmdb/"):
            yield from _results(read, path.removeprefix("cmdb/"), body["results"])


def _results(read: str, path: str, results: Any) -> Iterator[tuple[str, tuple[Any, ...], bool, Any]]:
    if isinstance(results, dict):
        for name in sorted(LOOKED_AT[path]):
            yield read, ("results", name), True, results[name]
        return
    asked = _asked(read)
    ours = next((n for n, row in enumerate(results) if _ours(path, row)), None)
    theirs = next((n for n, row in enumerate(results) if not _ours(path, row)), None)
    for number in (ours, theirs):
        if number is not None:
            for name in results[number]:
                if name in asked:
                    yield read, ("results", number, name), number == ours, results[number][name]


def _asked(read: str) -> frozenset[str]:
    """The fields that the request names: a unit may add others, such as `q_origin_key`, which nobody asked for."""
    return frozenset(next(value for name, value in Request.make("GET", read).query if name == "format").split("|"))


def _ours(path: str, row: dict[str, Any]) -> bool:
    value = row.get("interface") if path == "system.dhcp/server" else row.get("name") or row.get("comments")
    return str(value).startswith("VOIPH-")
