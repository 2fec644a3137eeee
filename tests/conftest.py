"""What every test needs: the checkout importable as `ansible_collections.voip.hardening`, and hypothesis profiles."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
# pyproject.toml puts .collections on sys.path.
LINK = ROOT / ".collections" / "ansible_collections" / "voip" / "hardening"


def link_checkout() -> None:
    """Make the collection link unless it exists (tools/setup.sh makes the same one); safe when workers race for it."""
    LINK.parent.mkdir(parents=True, exist_ok=True)
    if not LINK.is_symlink():
        try:
            LINK.symlink_to(os.path.relpath(ROOT, LINK.parent), target_is_directory=True)
        except FileExistsError:
            if not LINK.samefile(ROOT):
                raise


link_checkout()

# Configurations are large trees that live as long as a test: looking for cycles among them as often as usual takes a
# fifth of all time.
gc.set_threshold(200_000, 50, 100)

# Deadlines are off: no test may depend on how busy the machine is.
settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci" if os.environ.get("CI") else "default")


@pytest.fixture(scope="session")
def nginx_program() -> str:
    """The real nginx; the test is skipped where there is none."""
    from tests.support.nginx import program  # after pytest was told to rewrite what is asserted there

    found = program()
    if found is None:
        pytest.skip("nginx is not installed (Debian package nginx)")
    return found
