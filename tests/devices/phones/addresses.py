"""Loopback addresses, one for each phone, so that every phone has its ports to itself.

A claimed address is held by a listening socket, so that other processes on the machine take other ones.
"""

from __future__ import annotations

import ipaddress
import itertools
import os
import socket

# Phones take addresses of 127.64.0.0/10; the port is one that no service of a phone has.
_GUARD_PORT = 19
_FIRST = int(ipaddress.ip_address("127.64.0.1"))
_SPAN = 1 << 22
_steps = itertools.count()
# Ports below 1024 are for root: there a phone listens this much higher.
SHIFT = 20000


def real_port(port: int) -> int:
    """Where a phone listens for what its configuration calls ``port``."""
    return port + SHIFT if port < 1024 else port


class Claim:
    """An address nobody else has until `release`. ``address``: take this one; ValueError outside of loopback."""

    def __init__(self, address: str | None = None) -> None:
        self.address, self._guard = (address, _guard(address)) if address else _next()

    def release(self) -> None:
        """Leave the address to others."""
        self._guard.close()


def _guard(address: str) -> socket.socket:
    if not ipaddress.ip_address(address).is_loopback:
        raise ValueError(f"test devices listen on loopback only, not on {address}")
    return socket.create_server((address, real_port(_GUARD_PORT)))


def _next() -> tuple[str, socket.socket]:
    # Processes begin far apart.
    begin = os.getpid() * 509
    for step in _steps:
        address = str(ipaddress.ip_address(_FIRST + (begin + step) % (_SPAN - 256)))
        try:
            return address, _guard(address)
        except OSError:
            continue
    raise AssertionError("the counter never ends")
