"""A DrayTek Vigor test device: an SSH (or telnet) server on loopback that behaves as a DrayOS router's command line."""

from __future__ import annotations

from .device import Reply, Vigor
from .factory import factory_config, lived_in_config
from .knobs import Counters, Knobs
from .models import Model, model_named
from .server import VigorServer
from .telnet import VigorTelnetServer

__all__ = [
    "Counters", "Knobs", "Model", "Reply", "Vigor", "VigorServer", "VigorTelnetServer", "factory_config",
    "lived_in_config", "model_named",
]
