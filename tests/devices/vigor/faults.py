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
from dataclasses import dataclass

from ..faults import PlantedFault, PlantedFaults

GARBAGE = "\x1b[2J~~ 0x00000000 ~~\r\n%%%% watchdog: task 14 stalled"


@dataclass(kw_only=True)
class Fault(PlantedFault):
    """One planted fault; see the module's text for the fields."""

    KINDS = frozenset("cut-before cut-after hang garbage truncated ignore usage refuse".split())

    line: str = ""
    text: str = GARBAGE

    def strikes(self, line: str) -> bool:
        """Whether this line is hit; counts it."""
        if self.line and not re.search(self.line, line):
            return False
        return self.counted()


class Faults(PlantedFaults[Fault]):
    """The faults planted on one device."""

    def __init__(self) -> None:
        super().__init__(Fault)

    def striking(self, line: str) -> Fault | None:
        """The first fault that hits this line; every fault counts it."""
        hits = [fault for fault in self.planted if fault.kind != "refuse" and fault.strikes(line)]
        return hits[0] if hits else None

    def refuses_connection(self) -> bool:
        """Whether the next connection is refused."""
        return any(fault.kind == "refuse" and fault.strikes("") for fault in self.planted)
