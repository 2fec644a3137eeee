"""Ways to misbehave on request. A fault is plain data, so that it can be planted from outside of the process:

``kind``      refuse-tcp (every TCP port is closed) | old-tls (servers speak TLS 1.0 only) | wrong-clock (the phone's
              own time is off by ``seconds``) | half-applied (of the next settings it takes only the first ``count``) |
              provider-override (after ``after`` more fetches, or once after ``seconds``, the provider's ``settings``
              come over ours) |
              ignore-reboot | busy (web requests are answered with 503) | session-active (somebody else is logged in) |
              cut (a web request gets no answer and nothing is done) | cut-after (it is done, but gets no answer)
``path``      for busy, cut, cut-after: only requests whose path and query this regular expression finds something in
``at``        for those: only the n-th such request since the fault was planted (1 = the next one)
``times``     how often it strikes at most (default: no limit)
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ..faults import PlantedFault, PlantedFaults
from .clock import Clock


@dataclass(kw_only=True)
class Fault(PlantedFault):
    """One planted fault; see the module's text for the fields."""

    KINDS = frozenset(
        "refuse-tcp old-tls wrong-clock half-applied provider-override ignore-reboot busy session-active cut "
        "cut-after".split()
    )

    path: str = ""
    seconds: float = 0.0
    since: float = 0.0
    count: int = 0
    after: int = 0
    settings: dict[str, str] = field(default_factory=dict)

    def strikes(self, target: str) -> bool:
        """Whether it hits this request or event; counts it."""
        if self.path and not re.search(self.path, target):
            return False
        return self.counted()


class Faults(PlantedFaults[Fault]):
    """The faults planted on one phone."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(Fault)
        self._clock = clock

    def plant(self, **spec: Any) -> Fault:
        """Plant one, now."""
        return super().plant(since=self._clock.now(), **spec)

    def present(self, kind: str) -> Fault | None:
        """A fault of a kind, without counting."""
        return next((fault for fault in self.planted if fault.kind == kind), None)

    def strikes(self, kind: str, target: str = "") -> Fault | None:
        """The first fault of a kind that hits; counts it for all of them."""
        hits = [fault for fault in self.planted if fault.kind == kind and fault.strikes(target)]
        return hits[0] if hits else None
