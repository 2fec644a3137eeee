"""Test devices for one test each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import pytest

pytest.register_assert_rewrite("tests.support")

from tests.devices.pfsense.php import unavailable  # noqa: E402
from tests.support.pfsenses import FLAVOURS, PfSenseUnit, make_pfsense  # noqa: E402
from tests.support.units import Unit, make_unit  # noqa: E402
from tests.support.vigors import VigorUnit, make_vigor  # noqa: E402


@pytest.fixture
def start() -> Iterator[Callable[..., Unit]]:
    """Start a unit (arguments as for `make_unit`); it is stopped when the test ends."""
    with ExitStack() as stack:

        def started(*arguments: Any, **options: Any) -> Unit:
            unit = make_unit(*arguments, **options)
            stack.enter_context(unit.server)
            return unit

        yield started


@pytest.fixture
def start_vigor() -> Iterator[Callable[..., VigorUnit]]:
    """Start a Vigor (arguments as for `make_vigor`); it is stopped when the test ends."""
    with ExitStack() as stack:

        def started(*arguments: Any, **options: Any) -> VigorUnit:
            unit = make_vigor(*arguments, **options)
            stack.enter_context(unit.server)
            return unit

        yield started


@pytest.fixture(params=FLAVOURS)
def flavour(request: pytest.FixtureRequest) -> str:
    """The flavours of the pfSense test device, but for the one with real PHP where a machine does not let that run."""
    if request.param == "php" and unavailable():
        pytest.skip(f"no pfSense with real PHP here: {unavailable()}")
    return str(request.param)


@pytest.fixture
def start_pfsense() -> Iterator[Callable[..., PfSenseUnit]]:
    """Start a pfSense (arguments as for `make_pfsense`); it is stopped when the test ends."""
    with ExitStack() as stack:

        def started(*arguments: Any, **options: Any) -> PfSenseUnit:
            unit = make_pfsense(*arguments, **options)
            if isinstance(unit.device, AbstractContextManager):
                stack.enter_context(unit.device)
            stack.enter_context(unit.server)
            return unit

        yield started
