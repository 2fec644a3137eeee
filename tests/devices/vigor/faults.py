"""Ways to misbehave on request, each limited to the command lines that match it.

A fault is plain data, so that it can be planted over the control channel:

``kind``    cut-before (the connection drops, nothing was done) | cut-after (done, then dropped, no answer) |
            hang (done, no answer, connection stays) | garbage (done, other answer) | truncated (done, half of the
            answer, then dropped) | ignore (usual answer, nothing stored) | usage (usage text, nothing done) |
            refuse (the next connection)
``line``    only command lines that this regular expression finds something in
``at``      only the n-th such line since the fault was planted (1 = the next one)
``times``   how often it strikes at most (default: no limit)
``text``    for garbage: what comes instead of the answer
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

KINDS = frozenset("cut-before cut-after hang garbage truncated ignore usage refuse".split())
GARBAGE = "\x1b[2J~~ 0x00000000 ~~\r\n%%%% watchdog: task 14 stalled"


@dataclass
class Fault:
    """One planted fault; see the module's text for the fields."""

    kind: str
    line: str = ""
    at: int = 0
    times: int = 0
    text: str = GARBAGE
    seen: int = 0
    struck: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r} (allowed: {', '.join(sorted(KINDS))})")

    def strikes(self, line: str) -> bool:
        """Whether this line is hit; counts it."""
        if self.line and not re.search(self.line, line):
            return False
        self.seen += 1
        if (self.at and self.seen != self.at) or (self.times and self.struck >= self.times):
            return False
        self.struck += 1
        return True


@dataclass
class Faults:
    """The faults planted on one device."""

    planted: list[Fault] = field(default_factory=list)

    def plant(self, **spec: Any) -> Fault:
        """Add a fault; raises ValueError for an unknown kind and TypeError for an unknown field."""
        fault = Fault(**spec)
        self.planted.append(fault)
        return fault

    def clear(self) -> None:
        """Take all faults away."""
        self.planted.clear()

    def striking(self, line: str) -> Fault | None:
        """The first fault that hits this line; every fault counts it."""
        hits = [fault for fault in self.planted if fault.kind != "refuse" and fault.strikes(line)]
        return hits[0] if hits else None

    def refuses_connection(self) -> bool:
        """Whether the next connection is refused."""
        return any(fault.kind == "refuse" and fault.strikes("") for fault in self.planted)
