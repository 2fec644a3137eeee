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
from dataclasses import dataclass

from ..faults import PlantedFault, PlantedFaults

GARBAGE = "Fatal error: Allowed memory size of 536870912 bytes exhausted\n---- voip.hardening ----\n{]\n"


@dataclass(kw_only=True)
class Fault(PlantedFault):
    """One planted fault; see the module's text for the fields."""

    KINDS = frozenset("cut-before cut-after hang garbage truncated noise load gui refuse".split())

    op: str = ""
    text: str = GARBAGE

    def strikes(self, op: str) -> bool:
        """Whether this request is hit; counts it."""
        if self.op and not re.search(self.op, op):
            return False
        return self.counted()


class Faults(PlantedFaults[Fault]):
    """The faults planted on one box."""

    def __init__(self) -> None:
        super().__init__(Fault)

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
