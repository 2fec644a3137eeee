# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a phone shows of its settings, how that stands to what is wanted, and what has to be sent. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..secret import MASK, Secret
from ..text import visible
from .identity import Identity
from .intents import INTENTS
from .phone import Phone
from .table import Setting, State, Value, read, render, same, verdicts
from .vendors import Vendor

CHANGED_MASK = f"{MASK} (another one)"
CLEARED = "%NULL%"
"""What a Yealink is sent to take a value away; afterwards it shows none."""
CLOSING: frozenset[str] = frozenset({"web.https", "web.service", "remote.rest"})
"""Intents which, wanted off, close the way that we came by: they are sent last."""
ADMIN = "auth.admin"
NOBODY = Identity()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a phone showed: texts by the names of its parameters.

    `sources`: by name the layer that a text comes from, on phones that say so. `unknown`: names that the phone said it
    does not know, or does not show. `identity`: who it says it is. `whole`: whether it showed all it has, whatever was
    asked for.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    identity: Identity = NOBODY
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """A phone as it was found; `password` is the administrator's, by which it let us in, empty where it may be another
    one meanwhile."""

    phone: Phone
    reading: Reading
    password: Secret


@dataclass(frozen=True, slots=True)
class Step:
    """A setting that is to be sent. `before`: the text that the phone shows, None where it shows none.

    `due`: whether it is known to be another one; what is not shown is only sent along with others. `restarts`: the
    phone starts again for it. `closes`: it closes the way that we came by.
    """

    setting: Setting
    before: str | None
    due: bool
    restarts: bool
    closes: bool

    @property
    def line(self) -> str:
        """One line that shows no secret."""
        if self.setting.secret:
            was = "another one is in force" if self.due else "the phone does not show its own"
        else:
            was = "the phone does not show it" if self.before is None else f"was {self.before or 'empty'}"
        return f"set {self.setting.name} = {self.setting.shown} ({was})"


def states_of(vendor: Vendor, observed: Observed, unconfirmed: Iterable[str]) -> dict[str, State]:
    """What the phone says of each intent. The administrator's password is the one that let us in."""
    states = read(vendor.parameters, observed.phone, observed.reading.values, unconfirmed)
    if ADMIN in states and observed.password:
        states[ADMIN] = State(tuple((name, observed.password) for name, _value in states[ADMIN].values))
    return states


def steps_to(
    vendor: Vendor, observed: Observed, asked: Mapping[str, Value], unconfirmed: Iterable[str]
) -> list[Step]:
    """Everything that would have to be sent so that the phone says what is asked, in the order of its table."""
    states = states_of(vendor, observed, unconfirmed)
    found = {name: value for state in states.values() for name, value in state.values}
    stale = ADMIN in asked and not same(observed.password, asked[ADMIN])
    steps = []
    for setting in render(vendor.parameters, observed.phone, asked, unconfirmed).settings:
        text, value = observed.reading.values.get(setting.name), found.get(setting.name)
        if value is not None:
            due = not same(value, asked[setting.intent])
        elif setting.secret:
            due = stale and setting.intent.startswith("auth.")
        else:
            due = text is not None and setting.text not in ("", CLEARED)
            if setting.name in observed.reading.unknown:
                continue
        if due or value is None:
            steps.append(
                Step(
                    setting,
                    text,
                    due,
                    setting.name.startswith(vendor.restarting),
                    setting.intent in CLOSING and asked[setting.intent] is False,
                )
            )
    return steps


@dataclass(frozen=True, slots=True)
class Plan:
    """What is sent, in this order: `first`, and after that was read back `last`. `held`: what waits for a restart."""

    first: tuple[Step, ...]
    last: tuple[Step, ...]
    held: tuple[Step, ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        return (*self.first, *self.last)

    @property
    def restarts(self) -> bool:
        return any(step.restarts for step in self.last)

    @property
    def lines(self) -> list[str]:
        return [step.line for step in self.steps]

    def diff(self) -> tuple[str, str]:
        """What the phone shows and will show of the settings that are sent, without secrets. A password that goes along
        and is not known to be another one is no difference."""
        steps = [step for step in self.steps if step.due or not step.setting.secret]
        before = [f"{step.setting.name} = {_shown_before(step)}\n" for step in steps if step.before is not None]
        after = [f"{step.setting.name} = {_shown_after(step)}\n" for step in steps]
        return "".join(before), "".join(after)


def _shown_before(step: Step) -> str:
    """Of one line, without what a terminal would obey: it is what the phone says."""
    return MASK if step.setting.secret else visible(step.before or "").replace("\n", "\\n")


def _shown_after(step: Step) -> str:
    return CHANGED_MASK if step.setting.secret and step.due else step.setting.shown


def plan_of(steps: Sequence[Step], allow_restart: bool, send_unshown: bool) -> Plan:
    """The plan of these steps. What the phone does not show goes along where anything else is sent, or on request."""
    held = tuple(step for step in steps if step.restarts and step.due and not allow_restart)
    sent = [step for step in steps if allow_restart or not step.restarts]
    if not send_unshown and not any(step.due for step in sent):
        sent = []
    first = tuple(step for step in sent if not step.restarts and not step.closes)
    return Plan(first, tuple(step for step in sent if step.restarts or step.closes), held)


def told(states: Mapping[str, State], asked: Mapping[str, Value], reading: Reading) -> dict[str, dict[str, Any]]:
    """By intent, as a result says it: what is wanted and found, the verdict, and each parameter with its value and its
    source, or that the phone does not know it. Secrets are masked."""
    judged = verdicts(states, asked)
    found: dict[str, dict[str, Any]] = {}
    for intent in INTENTS:
        if intent.id not in states and intent.id not in asked:
            continue
        state = states.get(intent.id, State(()))
        entry: dict[str, Any] = {"says": intent.says, "controls": list(intent.controls), "found": _found(state)}
        if intent.id in asked:
            entry |= {"wanted": plain(asked[intent.id]), "verdict": judged[intent.id]}
        entry["parameters"] = {name: _parameter(name, value, reading) for name, value in state.values}
        found[intent.id] = entry
    return found


def _parameter(name: str, value: Value | None, reading: Reading) -> dict[str, Any]:
    entry: dict[str, Any] = {"value": plain(value)}
    if name in reading.sources:
        entry["source"] = reading.sources[name]
    if name in reading.unknown:
        entry["known"] = False
    return entry


def _found(state: State) -> Any:
    """The value where all parameters agree, a list of the different ones, or None where nothing is known."""
    values: list[Value] = []
    for _name, value in state.values:
        if value is not None and not any(same(value, other) for other in values):
            values.append(value)
    shown = [plain(value) for value in values]
    return shown[0] if len(shown) == 1 else shown or None


def plain(value: Value | None) -> Any:
    """A value as a result may hold it."""
    return MASK if isinstance(value, Secret) else value
