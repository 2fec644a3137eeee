"""What a suite of promises asks of a platform's test data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from hypothesis.strategies import SearchStrategy

from tests.promises.steps import Question


@dataclass(frozen=True)
class Spoiling:
    """One answer made strange: what is done to it, a text that names the request, and the platform's way to do it."""

    label: str
    request: str
    tamper: Callable[..., Any]


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

    def spoiling(self, tamper: Callable[..., Any]) -> AbstractContextManager[None]:
        """While in use: answers go through `Spoiling.tamper`."""

    def points(self) -> AbstractContextManager[list[Rig]]:
        """While in use: a copy of the unit after every request."""

    def steps(self) -> AbstractContextManager[list[tuple[str, Any]]]:
        """While in use: a configuration for every write that the unit took, with its name."""


@dataclass(frozen=True)
class Platform:
    """One platform.

    `sites` and `policies` are strategies for what may be there and what may be asked for; `make` builds a unit of a
    site. `questions(configuration, wanted)` are asked of the packet oracle. `assert_same`, `assert_foreign_untouched`
    compare states (the latter: before, after, what was wanted).
    """

    name: str
    sites: SearchStrategy[Any]
    policies: SearchStrategy[Any]
    make: Callable[..., Rig]
    questions: Callable[[Any, Any], Sequence[Question]]
    assert_same: Callable[..., None]
    assert_foreign_untouched: Callable[[Any, Any, Any], None]
    unlike: Callable[[Any, Any], list[str]]
    spoilt_fields: Callable[[Any], Iterable[Spoiling]]
    spoilt_answers: Callable[[Any], Iterable[Spoiling]]
    starts: Sequence[tuple[str, Any]]
    plain: Any
    rollback_seconds: float
