"""Sets of numbers (addresses, as integers) kept as sorted ranges, and pairs of them for what is only partly known."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from .logic import Truth

Range = tuple[int, int]


class IntervalSet:
    """An immutable set of integers, given as inclusive ranges in any order, overlapping or not."""

    __slots__ = ("_ends", "_starts")

    def __init__(self, ranges: Iterable[Range] = ()) -> None:
        starts: list[int] = []
        ends: list[int] = []
        for low, high in sorted(ranges):
            if ends and low <= ends[-1] + 1:
                ends[-1] = max(ends[-1], high)
            else:
                starts.append(low)
                ends.append(high)
        self._starts, self._ends = starts, ends

    def __contains__(self, number: int) -> bool:
        place = bisect_right(self._starts, number) - 1
        return place >= 0 and number <= self._ends[place]

    def __bool__(self) -> bool:
        return bool(self._starts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IntervalSet) and self.ranges == other.ranges

    def __hash__(self) -> int:
        return hash(self.ranges)

    def __repr__(self) -> str:
        return f"IntervalSet({list(self.ranges)})"

    @property
    def ranges(self) -> tuple[Range, ...]:
        """The ranges, sorted, apart from each other."""
        return tuple(zip(self._starts, self._ends, strict=True))

    def __or__(self, other: IntervalSet) -> IntervalSet:
        if not other or not self:
            return self if self else other
        return IntervalSet((*self.ranges, *other.ranges))

    def __sub__(self, other: IntervalSet) -> IntervalSet:
        left: list[Range] = []
        for low, high in self.ranges:
            for start, end in other.ranges:
                if end < low or start > high:
                    continue
                if start > low:
                    left.append((low, start - 1))
                low = end + 1
                if low > high:
                    break
            if low <= high:
                left.append((low, high))
        return IntervalSet(left)


@dataclass(frozen=True, slots=True)
class PartlyKnown:
    """A set of which some numbers are certainly in it and others possibly (``possible`` includes ``certain``)."""

    certain: IntervalSet
    possible: IntervalSet

    @classmethod
    def exactly(cls, ranges: Iterable[Range]) -> PartlyKnown:
        """A set that is fully known."""
        known = IntervalSet(ranges)
        return cls(known, known)

    @classmethod
    def unknown(cls, everything: Range) -> PartlyKnown:
        """A set that may hold anything."""
        return cls(IntervalSet(), IntervalSet((everything,)))

    def contains(self, number: int) -> Truth:
        """Whether the number is in the set; None when it may be."""
        if number in self.certain:
            return True
        return None if number in self.possible else False

    def contains_something_in(self, everything: Range) -> Truth:
        """Whether a number of which only the range is known is in the set."""
        if not (IntervalSet((everything,)) - self.certain):
            return True
        return None if self.possible else False

    def __or__(self, other: PartlyKnown) -> PartlyKnown:
        return PartlyKnown(self.certain | other.certain, self.possible | other.possible)

    def __sub__(self, other: PartlyKnown) -> PartlyKnown:
        return PartlyKnown(self.certain - other.possible, self.possible - other.certain)
