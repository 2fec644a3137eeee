"""What must hold at every step of a plan, whatever the platform: asked of the packet oracle, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.oracles.logic import Truth

FLOW, EXPOSURE = "flow", "exposure"
_RANK = {False: 0, None: 1, True: 2}


@dataclass(frozen=True)
class Question:
    """Something to ask of a configuration.

    A `FLOW` is good when it passes (the provider's traffic, the way of management): it may not become less. An
    `EXPOSURE` is bad when it passes (a stranger's SIP): it may not become more. `promised`: at the end of the plan a
    flow passes, an exposure does not; without it the end may be as the beginning was.
    """

    kind: str
    label: str
    ask: Callable[[Any], Truth]
    promised: bool = False


def first_and_last(hosts: Sequence[str]) -> list[str]:
    """The first and the last of some hosts of one kind, which stand for all of them: every site has others."""
    return list(dict.fromkeys([*hosts[:1], *hosts[-1:]]))


def answers(questions: Sequence[Question], configuration: Any) -> list[Truth]:
    """What the oracle says now."""
    return [question.ask(configuration) for question in questions]


def assert_no_worse(
    questions: Sequence[Question],
    start: Sequence[Truth],
    steps: Iterable[tuple[str, Any]],
    end: Sequence[Truth] | None = None,
) -> None:
    """At no step does a flow pass less, or an exposure pass more, than at the start (and, where given, at the end)."""
    worse = []
    for step, configuration in steps:
        for number, (question, now) in enumerate(zip(questions, answers(questions, configuration), strict=True)):
            known = [_RANK[start[number]], *([] if end is None else [_RANK[end[number]]])]
            if question.kind == FLOW and _RANK[now] < min(known):
                worse.append(f"{step}: {question.label}: {start[number]} at the start, now {now}")
            if question.kind == EXPOSURE and _RANK[now] > max(known):
                worse.append(f"{step}: {question.label}: {start[number]} at the start, now {now}")
    assert not worse, "\n".join(worse[:12])


def assert_promised(questions: Sequence[Question], configuration: Any) -> None:
    """What is promised for the end of a plan."""
    broken = [
        f"{question.label}: {now}"
        for question, now in zip(questions, answers(questions, configuration), strict=True)
        if question.promised and now is not (question.kind == FLOW)
    ]
    assert not broken, "\n".join(broken[:12])
