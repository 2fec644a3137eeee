"""Test phones: Yealink and Poly phones as servers on loopback that fetch, apply, restart and misbehave as real ones do.

Written from what the vendors' manuals and public clients say of them, and from the facts in `tests.oracles.phones`.
"""

from __future__ import annotations

from .certificates import Authority, Identity, Trust
from .clock import Clock
from .phone import Outcome, Phone
from .poly import PolyPhone
from .registrar import Registrar
from .second_ring import OtherPhone
from .yealink import YealinkPhone

__all__ = [
    "Authority", "Clock", "Identity", "OtherPhone", "Outcome", "Phone", "PolyPhone", "Registrar", "Trust",
    "YealinkPhone",
]
