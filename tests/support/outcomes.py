"""Whether what a failed run says of the device is true."""

from __future__ import annotations

from typing import Any

from tests.support.states import Managed, assert_same
from tests.support.units import Unit, make_unit

RESTORED, IN_FORCE, AGAIN = "old state restored", "new state in force", "needs another run"


def reference(before: dict[str, Any], module: str = "firewall", **options: Any) -> dict[str, Any]:
    """The state that a run without any trouble makes of a unit of the same release and configuration."""
    kind = "lived-in" if len(before["global"]["system/admin"]) > 1 else "factory"
    key = (kind, before["version"], module, repr(sorted(options.items())))
    if key not in _REFERENCES:
        unit = make_unit(kind, before["version"], **{k: v for k, v in options.items() if k == "vdoms"})
        with unit.server:
            unit.run(module, **options)
            _REFERENCES[key] = unit.state
    return _REFERENCES[key]


_REFERENCES: dict[tuple[str, ...], dict[str, Any]] = {}


def assert_true(outcome: str, before: dict[str, Any], after: dict[str, Any], now: dict[str, Any]) -> None:
    """`old state restored`: the unit is as before. `new state in force`: as after a run without trouble.

    `needs another run`: neither, or it could not be found out. A rollback is never left armed without a word.
    """
    if outcome == RESTORED:
        assert_same(before, now)
    elif outcome == IN_FORCE:
        assert_same(after, now, numbers=False)
    else:
        assert outcome.startswith(AGAIN), outcome
        armed = now["global"]["system/global"]["cfg-save"] == "revert"
        assert armed == ("307 s" in outcome), f"{outcome}; armed: {armed}"


def assert_converges(
    after: dict[str, Any], unit: Unit, module: str = "firewall", ignore: Managed | None = None, **options: Any
) -> None:
    """The next run, without trouble, makes of the unit what a single good run makes of it."""
    unit.run(module, **options)
    assert unit.run(module, check=True, **options)["plan"] == []
    assert_same(without(after, ignore), without(unit.state, ignore), numbers=False)
    assert unit.setting("system/global", "cfg-save") == after["global"]["system/global"]["cfg-save"]


def without(state: dict[str, Any], ignore: Managed | None) -> dict[str, Any]:
    """The state without some fields of a unit-wide singleton."""
    if ignore is None:
        return state
    kept = {name: value for name, value in state["global"][ignore.path].items() if name not in ignore.fields}
    return {**state, "global": {**state["global"], ignore.path: kept}}
