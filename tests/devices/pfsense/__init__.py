"""A pfSense test device: an SSH server on loopback that carries programs for `php` out on a simulated box."""

from __future__ import annotations

from .box import Box
from .configxml import ParseError, dumped, parsed
from .device import PfSense
from .factory import factory_config, factory_tree, lived_in_config, lived_in_tree
from .knobs import Counters, Knobs
from .operations import Cut, Hang
from .server import PfSenseServer

__all__ = [
    "Box",
    "Counters",
    "Cut",
    "Hang",
    "Knobs",
    "ParseError",
    "PfSense",
    "PfSenseServer",
    "dumped",
    "factory_config",
    "factory_tree",
    "lived_in_config",
    "lived_in_tree",
    "parsed",
]
