"""How many examples, from which seed. With `VOIP_FULL=1` the full counts, otherwise a sample.

`VOIP_EXAMPLES` names another number, `VOIP_SEED` repeats a run: the seed of a run is in the head of its output.
A whole site takes half a second, so that making a failing one smaller takes minutes: only with `VOIP_SHRINK=1`.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings

FULL = bool(os.environ.get("VOIP_FULL"))
EXAMPLES = int(os.environ.get("VOIP_EXAMPLES") or (1000 if FULL else 40))
# In the environment, so that the workers of xdist, which are started later, have the same.
SEED = int(os.environ.setdefault("VOIP_SEED", str(random.SystemRandom().randrange(10**9))))
PHASES = list(Phase) if os.environ.get("VOIP_SHRINK") else [Phase.generate]
SHARES = 8
"""A property's examples are dealt out to this many tests, so that they run side by side."""


def examples(total: int, share: int) -> Callable[[Any], Any]:
    """Decorator of a property: this share of the examples, from a seed of its own."""

    def decorated(function: Any) -> Any:
        chosen = settings(
            max_examples=max(1, -(-total // SHARES)),
            deadline=None,
            phases=PHASES,
            print_blob=True,
            # The seed of a run stands in its output; nothing is carried over from one to the next.
            database=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        )
        return seed(SEED + share)(chosen(function))

    return decorated
