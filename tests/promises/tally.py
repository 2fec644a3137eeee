"""How many cases of which promise a test looked at, and which of them failed.

A test names its promises with `@pytest.mark.promise(...)`. One that looks at several promises, or at many cases, says
which and when: `with holding("idempotent"):` counts one case and, where the block fails, lays the failure at this
promise's door. A marked test that counts nothing is one case of each of its promises.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Tally:
    """The running test's cases and failures by promise."""

    cases: Counter[str] = field(default_factory=Counter)
    failed: set[str] = field(default_factory=set)


_running = [Tally()]


def begin() -> Tally:
    """A new test starts; its tally."""
    _running[0] = Tally()
    return _running[0]


@contextmanager
def holding(promise: str) -> Iterator[None]:
    """One case of a promise."""
    tally = _running[0]
    tally.cases[promise] += 1
    try:
        yield
    except Exception as error:
        tally.failed.add(promise)
        error.add_note(f"promise: {promise}")
        raise
