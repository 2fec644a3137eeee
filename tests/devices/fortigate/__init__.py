"""A FortiGate test device: an HTTPS REST server on loopback that behaves as FortiOS 7.0 to 7.6 does."""

from __future__ import annotations

from .device import FortiGate
from .editor import Op
from .factory import factory_config, lived_in_config
from .messages import Request, Response
from .server import FortiGateServer
from .switches import Switches

__all__ = [
    "FortiGate", "FortiGateServer", "Op", "Request", "Response", "Switches", "factory_config", "lived_in_config",
]
