"""What a suite of promises asks of a platform's test data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from hypothesis.strategies import SearchStrategy

from tests.promises.steps import Question

ERROR, CHANGE, FINDING, KEPT, NOTHING = "error", "change", "finding", "kept", "nothing"
"""What is expected of a spoilt answer: an error that names the request, a planned change (or an error), a finding that
something is not known (or an error), that no finding is lost over it, or nothing at all."""


@dataclass(frozen=True)
class Spoiling:
    """One answer made strange: what is done to it, a text that names the request, the platform's way to do it, what is
    expected then, and where it is: table, field, how it is spoilt."""

    label: str
    request: str
    tamper: Callable[..., Any]
    expects: str
    place: tuple[str, str, str]


@dataclass(frozen=True)
class Mishap:
    """Something that goes wrong with a unit which lets in by `way` (the usual one without it), or is strange about it.

    `plant(live, secret, own)` arranges it: `secret` is what the unit lets in with, `own` one of its configuration's.
    The result must be of this kind and hold these words, which prove that it came to that: the mask, where the unit
    told the secret. Those with `writing` come about once something is written. `variables` are the inventory's.
    `between` are the characters in the middle of the secret; `short` takes one of three characters.
    """

    label: str
    kind: str
    words: tuple[str, ...]
    plant: Callable[[Any, str, str], None]
    way: str = ""
    between: str = ""
    short: bool = False
    writing: bool = False
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class BadInput:
    """Inventory variables that take the place of good ones, and every line of the error that they must get."""

    label: str
    variables: Mapping[str, Any]
    errors: tuple[str, ...]


@dataclass(frozen=True)
class BadFile:
    """Inventory variables that name a file which is no good, and words of the error: others word part of it."""

    variables: Mapping[str, Any]
    words: tuple[str, ...]


class Live(Protocol):
    """One unit on a socket while it is used as a context manager, for runs of `ansible-playbook`.

    It is made with a way to log in (a usual one without it) and the secret that it lets in. `handed_out` are the
    secrets that it gave to whoever logged in, `asked` is called before every answer.
    """

    handed_out: list[str]
    asked: Callable[[], None]

    def __enter__(self) -> Live: ...

    def __exit__(self, *_exc: object) -> None: ...

    @property
    def connections(self) -> int: ...

    def variables(self, **changes: Any) -> dict[str, Any]:
        """The inventory's variables for it, with the sample provider and policy; None takes one away."""


class Rig(Protocol):
    """One unit under test, reachable while it is used as a context manager.

    `run` and `outcome` take what a policy asks for (`wanted`) and do what a playbook would do: `run` returns the
    module's result, `outcome` the result or the failure, whichever came. `writes` counts the requests so far that may
    have changed something, `requests` all of them.
    """

    def __enter__(self) -> Rig: ...

    def __exit__(self, *_exc: object) -> None: ...

    @property
    def state(self) -> Any: ...

    @property
    def writes(self) -> int: ...

    @property
    def requests(self) -> int: ...

    def run(self, wanted: Any, *, check: bool = False, state: str = "replaced") -> dict[str, Any]: ...

    def outcome(
        self, wanted: Any, *, check: bool = False, state: str = "replaced"
    ) -> tuple[dict[str, Any] | None, Any]: ...

    def copy(self) -> Rig:
        """Another unit in the same condition: configuration, what is saved, timers, open transactions."""

    def condition(self) -> str:
        """The unit's whole condition; equal where two units are in the same one."""

    def cut(self, kind: str, at: int) -> None:
        """Cut the connection once, at the request with this number from now (1 is the next): `cut-before` the unit
        acts on it, or `cut-after` it did and before its answer."""

    def advance(self, seconds: float) -> None:
        """Let time pass for the unit: what it does by itself after a while is done now."""

    def spoiling(
        self, tamper: Callable[..., Any], said: dict[str, Any] | None = None
    ) -> AbstractContextManager[None]:
        """While in use: answers go through `Spoiling.tamper`. `said`, for a unit that does not change: keeps its
        answers, which are given again without asking it."""

    def points(self) -> AbstractContextManager[list[Rig]]:
        """While in use: a copy of the unit after every request."""

    def steps(self) -> AbstractContextManager[list[tuple[str, Any]]]:
        """While in use: a configuration for every write that the unit took, with its name."""


@dataclass(frozen=True)
class Platform:
    """One platform.

    `sites` and `policies` are strategies for what may be there and what may be asked for; `make` builds a unit of a
    site, in one of `modes`: keywords by name. `impossible(rig, wanted)` are words of the message for each reason why
    that unit cannot be made what is wanted; without any it must be possible. `questions(configuration, wanted)` are
    asked of the packet oracle. `assert_same`, `assert_foreign_untouched` compare states (the latter: before, after,
    what was wanted).

    On the sites `watched` every answer is spoilt in turn; `asked_for` are the (table, field) pairs that a run asks a
    unit for by name, `unnoticed` the places of `Spoiling`s that may stay without consequence, with reasons. `nearly` is
    a policy that differs from `plain` in a few settings. `breaks` is how a connection breaks once something is
    written: the kind of `Rig.cut`, and the number of the write. After `rollback_seconds` a unit that was left alone has
    done what it does by itself: where it `reverts`, it is back at a saved configuration; else it only let go of what
    was to hold for a while.

    `live` serves units for runs of `ansible-playbook`, which let in by one of `ways`: each with characters that its
    secret may hold, the usual one first. `bad_input` are variables that are wrong for this platform alone,
    `bad_options` those of a task that no variable can hold, with their errors, `bad_files(folder)` files that are no
    good, some of which are written into the folder.
    """

    name: str
    sites: SearchStrategy[Any]
    policies: SearchStrategy[Any]
    make: Callable[..., Rig]
    modes: Mapping[str, Mapping[str, Any]]
    impossible: Callable[[Any, Any], Sequence[str]]
    questions: Callable[[Any, Any], Sequence[Question]]
    assert_same: Callable[..., None]
    assert_foreign_untouched: Callable[[Any, Any, Any], None]
    unlike: Callable[[Any, Any], list[str]]
    asked_for: Callable[[Any], set[tuple[str, str]]]
    spoilt_fields: Callable[[Any], Iterable[Spoiling]]
    spoilt_answers: Callable[[Any], Iterable[Spoiling]]
    starts: Sequence[tuple[str, Any]]
    watched: Sequence[tuple[str, Any]]
    unnoticed: Mapping[tuple[str, str, str], str]
    plain: Any
    nearly: Any
    breaks: tuple[str, int]
    rollback_seconds: float
    reverts: bool
    live: Callable[..., Live]
    ways: Mapping[str, str]
    mishaps: Sequence[Mishap]
    bad_input: Sequence[BadInput]
    bad_options: Sequence[tuple[Mapping[str, Any], str]]
    bad_files: Callable[[Path], Mapping[str, BadFile]]
