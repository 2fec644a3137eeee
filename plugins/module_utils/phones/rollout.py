# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which order the phones of a run are changed, when the rest of them is held back, and how far each has come. Pure.

What is wrong for one phone is wrong for all of its kind. So one of each kind goes first, its canary, and the others
follow once that has come back; and where too many do not come back, no more are changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Seen = Literal["as wanted", "drift", "not seen"]

CONTRADICTING = ("ADM-4", "ENC-1", "FW-1", "WEB-2")
"""Controls that fail from outside where a phone is not hardened, whatever it says of its settings."""


@dataclass(frozen=True, slots=True)
class Member:
    """A phone of a run. `site`: what phones share whose policy is the same. `chosen`: the site wants it to go first."""

    name: str
    site: str
    vendor: str
    model: str
    chosen: bool = False

    @property
    def kind(self) -> tuple[str, str, str]:
        return self.site, self.vendor, self.model.casefold()


@dataclass(frozen=True, slots=True)
class Place:
    """`turn`: 0 for canaries, then 1 and up. `canary`: the phone that has to come back before; empty for a canary."""

    turn: int
    canary: str


def places(members: Sequence[Member], at_once: int) -> dict[str, Place]:
    """The place of each phone by name: a canary a kind, then all others, `at_once` in a turn."""
    canaries: dict[tuple[str, str, str], str] = {}
    for member in sorted(members, key=lambda member: not member.chosen):
        canaries.setdefault(member.kind, member.name)
    found: dict[str, Place] = {}
    others = 0
    for member in members:
        canary = canaries[member.kind]
        if canary == member.name:
            found[member.name] = Place(0, "")
        else:
            found[member.name] = Place(1 + others // at_once, canary)
            others += 1
    return found


def reason_to_wait(name: str, placed: Mapping[str, Place], came_back: Mapping[str, bool | None], limit: int) -> str:
    """Why a phone is not changed now, or an empty text.

    `came_back`: by name, None for phones whose turn has not come. `limit`: so many may stay away before all is stopped.
    """
    canary = placed[name].canary
    if canary and not came_back.get(canary):
        return f"{canary}, which goes first for phones of its kind, did not come back"
    away = [other for other, back in came_back.items() if back is False]
    if placed[name].turn and len(away) > limit:
        return f"{len(away)} phones did not come back, more than {limit}: {', '.join(sorted(away))}"
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a phone has come; each level is evidence of its own, and none is concluded from another.

    `rendered`: the files say what is wanted. `fetched`: the phone has fetched them as they are, None where nobody
    knows. `observed`: what it shows of its settings. `drift`: intents that it does not meet. `unseen`: those that it
    does not show. `outside`: what was seen from outside against it. `why`: what keeps it from being hardened, in words.
    """

    rendered: bool
    fetched: bool | None
    observed: Seen
    drift: tuple[str, ...]
    unseen: tuple[str, ...]
    outside: tuple[str, ...]
    why: str

    @property
    def hardened(self) -> bool:
        """Observed, by nothing else; and what was observed must be what is told."""
        return self.observed == "as wanted" and self.rendered and not self.outside

    @property
    def says(self) -> str:
        """All levels in a line."""
        fetched = "not known" if self.fetched is None else _word(self.fetched)
        levels = f"rendered {_word(self.rendered)}, fetched {fetched}, observed {self.observed}"
        return f"{levels}: {self.why or 'hardened'}"

    @property
    def data(self) -> dict[str, Any]:
        return {
            "rendered": self.rendered,
            "fetched": self.fetched,
            "observed": self.observed,
            "hardened": self.hardened,
            "drift": list(self.drift),
            "unseen": list(self.unseen),
            "outside": list(self.outside),
            "says": self.says,
            "why": self.why,
        }


def _word(yes: bool) -> str:
    return "yes" if yes else "no"


def standing(
    published: Mapping[str, Any],
    log: Mapping[str, Any],
    live: Mapping[str, Any],
    seen: Mapping[str, Any],
    check: bool = False,
) -> Standing:
    """Where a phone stands, by the results of `phone_provisioning`, `provisioning_log`, `phone_config`, `phone_probe`.

    A result may be empty, for what was not done, or be that of a failure. `check`: nothing was written.
    """
    rendered = published.get("evidence") == "rendered" and (not check or bool(published.get("up_to_date")))
    fetched = log.get("fetched")
    verdicts = _verdicts(live)
    drift = tuple(intent for intent, verdict in verdicts.items() if verdict == "drift")
    unseen = tuple(intent for intent, verdict in verdicts.items() if verdict == "unknown")
    observed: Seen = "not seen"
    if drift:
        observed = "drift"
    elif "admin" in live.get("proved", ()) and not _failed(live):
        observed = "as wanted"
    outside = tuple(
        f"{one['control']}: {one['why']}"
        for one in seen.get("controls", ())
        if one["result"] == "fail" and one["control"] in CONTRADICTING
    )
    return Standing(
        rendered=rendered,
        fetched=fetched if isinstance(fetched, bool) else None,
        observed=observed,
        drift=drift,
        unseen=unseen,
        outside=outside,
        why=_why(published, rendered, fetched, observed, live) or "; ".join(outside),
    )


def _verdicts(live: Mapping[str, Any]) -> dict[str, str]:
    intents = live.get("intents") or {}
    return {intent: entry["verdict"] for intent, entry in intents.items() if "verdict" in entry}


def _failed(result: Mapping[str, Any]) -> bool:
    """A task that may fail hides it; what went wrong is said in any case."""
    return bool(result.get("failed") or result.get("unreachable") or result.get("msg"))


def _why(
    published: Mapping[str, Any], rendered: bool, fetched: object, observed: Seen, live: Mapping[str, Any]
) -> str:
    """What is missing, the first thing first."""
    if _failed(published):
        return f"not published: {published.get('msg', '')}"
    if not rendered:
        return "its files do not say what is wanted yet"
    if observed == "as wanted":
        return ""
    if fetched is False:
        return "it has not fetched its file yet"
    if observed == "drift":
        return "it shows something else than is wanted"
    if not live:
        return "it is not known to have fetched its file" if fetched is None else "it was not looked at"
    return f"nothing could be seen of it: {live.get('msg') or '; '.join(live.get('remarks', ())) or 'no log-in'}"


def readable(published: Mapping[str, Any]) -> bool:
    """Whether what a phone was told leaves the way open by which it is read, by the result of `phone_provisioning`."""
    intents, phone = published.get("intents") or {}, published.get("phone") or {}
    return intents.get("web.https") is True and (phone.get("vendor") != "poly" or intents.get("remote.rest") is True)


def came_back(found: Standing, *, lives: bool, can_be_read: bool, news: bool, waited: bool) -> bool | None:
    """Whether a phone came back from a change; None for one that nobody waited for.

    `lives`: it showed a sign of life, which is enough for a phone that cannot be read at all. `news`: this run wrote
    something for it to fetch.
    """
    if found.observed == "as wanted":
        return True
    if found.fetched is False or (news and found.fetched is None):
        return False if waited else None
    return lives and found.observed != "drift" and not can_be_read


def alive(seen: Iterable[Mapping[str, Any]]) -> bool:
    """Whether the evidence of a probe has an open port."""
    return any(one["what"].startswith("port.") and one["value"]["state"] == "open" for one in seen)
