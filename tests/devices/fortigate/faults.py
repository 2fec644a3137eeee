"""Ways to misbehave on request, each limited to the requests that match it.

A fault is plain data, so that it can be planted over the control channel:

``kind``      cut-before | cut-after | hang | delay | trickle | html | truncated | wrong-types | status | refuse |
              ignore-field | drop-field | replace-field | close
``method``    only requests with this method
``path``      only requests whose path (unquoted, without query) matches this regular expression
``at``        only the n-th matching request since the fault was planted (1 = the next one)
``times``     how often it strikes at most (default: no limit)
``field``     for ignore-field, drop-field, replace-field: dotted name of a field
``value``     for replace-field; for status the HTTP status (403 comes as the web server's own HTML page)
``seconds``   for delay (before the reply) and trickle (between two bytes)
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from ..faults import PlantedFault, PlantedFaults
from .messages import Request


@dataclass(kw_only=True)
class Fault(PlantedFault):
    """One planted fault; see the module's text for the fields."""

    KINDS = frozenset(
        "cut-before cut-after hang delay trickle html truncated wrong-types status refuse ignore-field drop-field "
        "replace-field close".split()
    )

    method: str = ""
    path: str = ""
    field: str = ""
    value: Any = None
    seconds: float = 0.0

    def strikes(self, request: Request) -> bool:
        """Whether this request is hit; counts it."""
        if self.method and self.method != request.method:
            return False
        if self.path and not re.search(self.path, unquote(request.path)):
            return False
        return self.counted()


class Faults(PlantedFaults[Fault]):
    """The faults planted on one device."""

    def __init__(self) -> None:
        super().__init__(Fault)

    def striking(self, request: Request) -> list[Fault]:
        """The faults that hit this request (each call counts)."""
        return [fault for fault in self.planted if fault.kind != "refuse" and fault.strikes(request)]

    def refuses_connection(self) -> bool:
        """Whether the next connection is refused."""
        return any(fault.kind == "refuse" and fault.strikes(Request("CONNECT", "/")) for fault in self.planted)


def without(body: Any, name: str) -> Any:
    """The body without a dotted field, wherever it occurs in lists."""
    if isinstance(body, list):
        return [without(item, name) for item in body]
    if not isinstance(body, dict):
        return body
    first, _dot, rest = name.partition(".")
    if not rest:
        return {key: value for key, value in body.items() if key != first}
    return {key: without(value, rest) if key == first else value for key, value in body.items()}


def replaced(body: Any, name: str, value: Any) -> Any:
    """The body with a dotted field set to another value, in every row that has it."""
    if isinstance(body, list):
        return [replaced(item, name, value) for item in body]
    if not isinstance(body, dict):
        return body
    first, _dot, rest = name.partition(".")
    return {
        key: (replaced(item, rest, value) if rest else value) if key == first else item for key, item in body.items()
    }


def spoilt_results(body: bytes, fault: Fault) -> bytes:
    """A reply whose results lost or changed a field, or came in the wrong type."""
    try:
        reply = json.loads(body)
    except ValueError:
        return body
    for envelope in reply if isinstance(reply, list) else [reply]:
        if "results" not in envelope:
            continue
        results = envelope["results"]
        if fault.kind == "wrong-types":
            envelope["results"] = "unavailable" if isinstance(results, list) else [results]
        elif fault.kind == "drop-field":
            envelope["results"] = without(results, fault.field)
        else:
            envelope["results"] = replaced(results, fault.field, fault.value)
    return json.dumps(reply).encode()
