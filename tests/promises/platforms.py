"""The platforms that the promises are held for: a new one joins by adding its object here.

Suites know nothing of any platform: they take a unit from one of these objects, run the product's module on it as a
playbook would, and ask the platform's questions of the packet oracle.
"""

from __future__ import annotations

from tests.promises.base import Platform
from tests.promises.draytek.platform import DRAYTEK
from tests.promises.fortios.platform import FORTIOS
from tests.promises.pfsense.platform import PFSENSE

PLATFORMS: tuple[Platform, ...] = (FORTIOS, DRAYTEK, PFSENSE)

__all__ = ["PLATFORMS", "Platform"]
