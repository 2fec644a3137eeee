"""Answers of a FortiGate made strange, one thing at a time; what may stay unnoticed, with reasons."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from tests.devices.fortigate import Request, facts
from tests.devices.fortigate.messages import Response
from tests.devices.fortigate.vendor_schema import Field
from tests.promises.base import CHANGE, ERROR, FINDING, KEPT, NOTHING, Spoiling
from tests.promises.fortios.fields import (
    CLUSTER,
    DELETED,
    LOOKED_AT,
    NO_TEXT,
    STATE,
    STATUS,
    USED_WHEN,
    WRONG_TYPE,
    Place,
    impossible,
    other,
    path_of,
    places,
    referring,
    uses,
)

_SHOWN_ONLY = "shown in the result, and not there on every release"
_BY_THE_PORT = "LLDP is sent by the port that carries the VLAN, whose own fields are kept"
_EITHER = "says the same as the other field of that name; either is enough"
_NUMBER = "the number under which the unit files our row is the unit's business"
_NOT_COUNTED = "7.0 does not count its rows: a table that lacks one of somebody else's looks like one without it"
_UNSETTLED = "which VDOM a unit with several names for what belongs to the whole unit, no public source says"
_SINCE = "not there on older releases, and no public source says since which one"
_LAST, _ALL, _UNCOUNTED = "the last row gone", "all rows gone", ", and nothing counted them"
UNNOTICED: dict[tuple[str, str, str], str] = {
    **{(STATUS, name, "deleted"): _SHOWN_ONLY for name in LOOKED_AT[STATUS].split()},
    **{("system/interface", name, "another"): _BY_THE_PORT for name in ("lldp-transmission", "lldp-network-policy")},
    **{(CLUSTER, name, "deleted"): _EITHER for name in ("is_root_primary", "is_root_master")},
    ("system.dhcp/server", "id", "another"): _NUMBER,
    (STATUS, "results", "an object"): _SHOWN_ONLY,
    **{(about, "vdom", "another"): _UNSETTLED for about in ("monitor", "whole unit")},
    **{(about, name, "deleted"): _SINCE for about in ("VDOM", "whole unit") for name in ("size", "matched_count")},
    **{
        (path, "results", _LAST + _UNCOUNTED): _NOT_COUNTED
        for path in (
            "firewall/address",
            "firewall.service/group",
            "firewall/vip",
            "firewall/policy",
            "firewall/local-in-policy",
            "firewall/local-in-policy6",
            "firewall/shaping-policy",
            "system/session-helper",
            "system/admin",
        )
    },
    **{
        (path, "results", _ALL + _UNCOUNTED): _NOT_COUNTED
        for path in (
            "firewall.service/group",
            "system/zone",
            "firewall/vip",
            "firewall/vipgrp",
            "system/session-helper",
        )
    },
}
"""(table, field, how) of what may stay without consequence, and why."""


def spoilt_fields(reads: dict[str, Any]) -> Iterator[Spoiling]:
    """Every field that matters, in every way in which it can be spoilt."""
    for place in places(reads):
        for how, garbled in impossible(place).items():
            yield _spoiling(place, how, garbled, ERROR)
        if place.kept or place.ours:
            for how, garbled in other(place).items():
                yield _spoiling(place, how, garbled, CHANGE)
    for place in referring(reads):
        yield _spoiling(place, "leads nowhere", [{place.spec.mkey: "unheard-of"}], KEPT)
    yield from _envelopes(reads)
    yield from _shapes(reads)
    yield from _unused(reads)


def _spoiling(place: Place, how: str, garbled: Any, expects: str) -> Spoiling:
    value = repr(place.value)
    label = f"{place.path} {'.'.join(map(str, place.where))} = {value[:60]}: {how}"
    if place.path == STATE and how == "deleted":
        expects = FINDING
    tamper = _with_field(place.read, place.where, garbled)
    return Spoiling(label, place.read.partition("?")[0], tamper, expects, (place.path, place.field, how))


def _unused(reads: dict[str, Any]) -> Iterator[Spoiling]:
    """What a unit says, or does not say, in a field that the row does not use must not matter."""
    for read, body in reads.items():
        path = path_of(read)
        for where, name in USED_WHEN:
            if where != path or where == "firewall/policy":
                continue
            row = next((n for n, one in enumerate(body["results"]) if not uses(path, name, one)), None)
            if row is not None:
                place = Place(read, ("results", row, name), path, name, body["results"][row][name], Field("", "string"))
                for how, value in {"deleted": DELETED, "of another field": "10.100.77.240 10.100.77.250"}.items():
                    yield replace(_spoiling(place, how, value, NOTHING), place=(path, name, f"unused, {how}"))


# The envelope and the table as a whole

NOT_READ = {
    "revision": "a digest of the table, of which recorded answers for single objects have none",
    "next_idx": "for reading in parts, which is not asked for",
}
"""Fields of an envelope from which nothing may be concluded, and why."""
_SCOPE_UNSETTLED = "system.lldp/network-policy"
"""No public source says whether it belongs to the unit or to a VDOM."""
_OTHER_ENVELOPE: dict[str, Any] = {
    "http_method": "PUT",
    "vdom": "another",
    "path": "another",
    "name": "another",
    "status": "failed",
    "http_status": 500,
    "serial": "FGT60FTK20009999",
    "version": "v7.4.3",
    "build": 4711,
    "matched_count": 4711,
    "limit_reached": True,
}


def _envelopes(reads: dict[str, Any]) -> Iterator[Spoiling]:
    """Every field of every envelope gone and another one; of the values that it cannot have each has its turn."""
    turn = 0
    for read, body in reads.items():
        path = path_of(read)
        whole = path.startswith("monitor/") or facts.is_global(path) or path == _SCOPE_UNSETTLED
        for name, value in {"limit_reached": False, **body}.items():
            if name == "results":
                continue
            wrong = {how: one for how, one in {**WRONG_TYPE, **NO_TEXT}.items() if type(one) is not type(value)}
            turn += 1
            how = list(wrong)[turn % len(wrong)]
            ways = {"deleted": DELETED, "another": _OTHER_ENVELOPE.get(name, "another"), how: wrong[how]}
            for way, garbled in ways.items():
                if way == "deleted" and name not in body:
                    continue
                about = "monitor" if path.startswith("monitor/") else "whole unit" if whole else "VDOM"
                spoiling = _of_answer(read, (about, name, way), _with_field(read, (name,), garbled))
                if path == STATUS and name in ("serial", "version", "build"):
                    spoiling = replace(spoiling, request="GET /api/v2/")  # contradicts whatever is read next
                yield replace(spoiling, expects=NOTHING) if name in NOT_READ else spoiling


def _shapes(reads: dict[str, Any]) -> Iterator[Spoiling]:
    """Results of another type; of a table also rows that are gone, that came twice, or that hold nothing."""
    for read, body in reads.items():
        path, results = path_of(read), body["results"]
        ways: dict[str, Any] = {**WRONG_TYPE, "a text": "unheard-of", "a number": 5, "empty text": ""}
        if isinstance(results, list):
            ways |= {"nulls": [None], "texts": ["x"], "an empty row": [{}]}
            if len(results) > 1 and path != CLUSTER:  # of a cluster one row is about the unit
                ways[_LAST] = results[:-1]
            if results:
                ways |= {_ALL: [], "one row twice": [results[0], *results]}
        else:
            ways |= {"an empty list": [], "two of them": [results, results]}
        for how, garbled in ways.items():
            expects = FINDING if path == STATE and how == "an object" else ERROR
            if how in (_LAST, _ALL) and "matched_count" not in body and path != CLUSTER:
                expects, how = CHANGE, how + _UNCOUNTED
            spoiling = _of_answer(read, (path, "results", how), _with_field(read, ("results",), garbled))
            yield replace(spoiling, expects=expects)


def _of_answer(read: str, place: tuple[str, str, str], tamper: Callable[[Request, Response], Response]) -> Spoiling:
    return Spoiling(f"{path_of(read)} {place[1]}: {place[2]}", read.partition("?")[0], tamper, ERROR, place)


def spoilt_answers(reads: dict[str, Any]) -> Iterator[Spoiling]:
    """Every read with something else for an answer."""
    page = b"<html><body>Please log in ...</body></html>"
    bodies = [json.dumps(body).encode() for body in reads.values()]
    others = dict(zip(reads, [*bodies[1:], *bodies[:1]], strict=True))
    ways: dict[str, Callable[[Response, str], Response]] = {
        "a page": lambda r, _read: replace(r, body=page, content_type="text/html"),
        "half of it": lambda r, _read: replace(r, body=r.body[: len(r.body) // 2]),
        "nothing": lambda r, _read: replace(r, body=b""),
        "null": lambda r, _read: replace(r, body=b"null"),
        "an empty list": lambda r, _read: replace(r, body=b"[]"),
        "an empty object": lambda r, _read: replace(r, body=b"{}"),
        "twice": lambda r, _read: replace(r, body=b"[" + r.body + b"," + r.body + b"]"),
        "another answer after it": lambda r, _read: replace(r, body=r.body + r.body),
        "not UTF-8": lambda r, _read: replace(r, body=r.body.replace(b'"status"', b'"\xe4": 1, "status"', 1)),
        "UTF-16": lambda r, _read: replace(r, body=r.body.decode().encode("utf-16")),
        "a name twice": lambda r, _read: replace(r, body=r.body.replace(b'"vdom"', b'"serial": "x", "vdom"', 1)),
        "a name twice inside": lambda r, _read: replace(r, body=_twice_inside(r.body)),
        "not a number": lambda r, _read: replace(r, body=r.body.replace(b'"vdom"', b'"age": NaN, "vdom"', 1)),
        "deep": lambda r, _read: replace(r, body=b"[" * 50000),
        "the answer to another read": lambda r, read: replace(r, body=others[read]),
        **{
            f"status {status}": lambda r, _read, status=status: replace(r, status=status)
            for status in (201, 204, 302, 400, 401, 403, 404, 424, 429, 500, 503)
        },
    }
    for read in reads:
        for how, change in ways.items():
            expects = FINDING if path_of(read) == STATE and how in REFUSED else ERROR
            tamper = _tampering(read, lambda response, change=change, read=read: change(response, read))
            yield replace(_of_answer(read, (path_of(read), "", how), tamper), expects=expects)
    for read in reads:
        declared = _tampering(read, lambda response: replace(response, content_type="text/plain"))
        yield replace(_of_answer(read, (path_of(read), "", "another content type"), declared), expects=NOTHING)


REFUSED = frozenset(f"status {status}" for status in (400, 403, 404, 424, 500, 503))
"""By which a unit says that it does not tell whether an account has the factory password: a finding."""


def _twice_inside(body: bytes) -> bytes:
    """The first name inside the results occurs again, with another value."""
    first, mark, rest = body.partition(b'"results": ')
    opening = rest.find(b"{") + 1
    if not opening:
        return body + b","
    name = rest[opening:].split(b'"')[1]
    return first + mark + rest[:opening] + b'"' + name + b'": "other",' + rest[opening:]


def _with_field(read: str, where: tuple[Any, ...], garbled: Any) -> Callable[[Request, Response], Response]:
    def change(body: Any) -> Any:
        *outer, last = where
        place = body
        for key in outer:
            place = place[key]
        if garbled is DELETED:
            place.pop(last, None)
        else:
            place[last] = copy.deepcopy(garbled)
        return body

    return _tampering(read, lambda response: replace(response, body=json.dumps(change(response.json())).encode()))


def _tampering(read: str, change: Callable[[Response], Response]) -> Callable[[Request, Response], Response]:
    def tamper(request: Request, response: Response) -> Response:
        return change(response) if request.method == "GET" and request.target == read else response

    return tamper
