"""What the faults of every test device share: plain data, planted from outside of the process, that strikes what it
matches so and so often. What each kind does, and what it matches, is the device's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar


@dataclass(kw_only=True)
class PlantedFault:
    """One planted fault.

    ``kind``    one of ``KINDS``
    ``at``      only the n-th thing that it matches since it was planted (1 = the next one)
    ``times``   how often it strikes at most (default: no limit)
    """

    KINDS: ClassVar[frozenset[str]]

    kind: str
    at: int = 0
    times: int = 0
    seen: int = 0
    struck: int = 0

    def __post_init__(self) -> None:
        if self.kind not in self.KINDS:
            raise ValueError(f"unknown fault {self.kind!r} (allowed: {', '.join(sorted(self.KINDS))})")

    def counted(self) -> bool:
        """Whether it strikes a thing that it matches; counts it."""
        self.seen += 1
        if (self.at and self.seen != self.at) or (self.times and self.struck >= self.times):
            return False
        self.struck += 1
        return True


Fault = TypeVar("Fault", bound=PlantedFault)


class PlantedFaults(Generic[Fault]):
    """The faults planted on one device."""

    def __init__(self, make: type[Fault]) -> None:
        self._make = make
        self.planted: list[Fault] = []

    def plant(self, **spec: Any) -> Fault:
        """Add a fault; raises ValueError for an unknown kind and TypeError for an unknown field."""
        fault = self._make(**spec)
        self.planted.append(fault)
        return fault

    def clear(self) -> None:
        """Take all faults away."""
        self.planted.clear()
