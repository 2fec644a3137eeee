"""Ways to misbehave on request, each limited to the operations that match it.

A fault is plain data, so that it can be planted over the control channel:

``kind``    cut-before (the connection drops, nothing was done) | cut-after (done, then dropped, no answer) |
            hang (done, no answer, connection stays) | garbage (done, other output) | truncated (done, half of the
            output) | noise (done, ``text`` before the usual output) | load (pf refuses the rules that this request
            makes, with ``text``) | gui (before it, somebody saves a rule in the GUI) | refuse (the next connection)
``op``      only requests whose operation this regular expression finds something in
``at``      only the n-th such request since the fault was planted (1 = the next one)
``times``   how often it strikes at most (default: no limit)
``text``    see above
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

KINDS = frozenset("cut-before cut-after hang garbage truncated noise load gui refuse".split())
GARBAGE = "Fatal error: Allowed memory size of 536870912 bytes exhausted\n---- voip.hardening ----\n{]\n"


@dataclass
class Fault:
    """One planted fault; see the module's text for the fields."""

    kind: str
    op: str = ""
    at: int = 0
    times: int = 0
    text: str = GARBAGE
    seen: int = 0
    struck: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r} (allowed: {', '.join(sorted(KINDS))})")

    def strikes(self, op: str) -> bool:
        """Whether this request is hit; counts it."""
        if self.op and not re.search(self.op, op):
            return False
        self.seen += 1
        if (self.at and self.seen != self.at) or (self.times and self.struck >= self.times):
            return False
        self.struck += 1
        return True


@dataclass
class Faults:
    """The faults planted on one box."""

    planted: list[Fault] = field(default_factory=list)

    def plant(self, **spec: Any) -> Fault:
        """Add a fault; raises ValueError for an unknown kind and TypeError for an unknown field."""
        fault = Fault(**spec)
        self.planted.append(fault)
        return fault

    def clear(self) -> None:
        """Take all faults away."""
        self.planted.clear()

    def striking(self, op: str) -> dict[str, Fault]:
        """The faults that hit this request, the first one of each kind; every fault counts it."""
        hits: dict[str, Fault] = {}
        for fault in self.planted:
            if fault.kind != "refuse" and fault.strikes(op):
                hits.setdefault(fault.kind, fault)
        return hits

    def refuses_connection(self) -> bool:
        """Whether the next connection is refused."""
        return any(fault.kind == "refuse" and fault.strikes("") for fault in self.planted)
