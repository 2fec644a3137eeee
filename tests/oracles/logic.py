"""Three-valued logic: True, False, or None where the configuration alone does not say."""

from __future__ import annotations

from collections.abc import Iterable

Truth = bool | None


def opposite(value: Truth) -> Truth:
    """Negation; what is unknown stays unknown."""
    return None if value is None else not value


def both(first: Truth, second: Truth) -> Truth:
    """False when either is False, else unknown when either is unknown."""
    if first is False or second is False:
        return False
    return None if first is None or second is None else True


def either(values: Iterable[Truth]) -> Truth:
    """True when any is True, else unknown when any is unknown."""
    result: Truth = False
    for value in values:
        if value is True:
            return True
        if value is None:
            result = None
    return result


def agreed(values: Iterable[Truth]) -> Truth:
    """The value that all of them have; unknown when they differ. At least one value."""
    kinds = set(values)
    return kinds.pop() if len(kinds) == 1 else None
