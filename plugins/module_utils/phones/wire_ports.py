# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wire: which TCP ports of a phone answer. Nothing is sent."""

from __future__ import annotations

import errno
import selectors
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ..errors import Unreachable
from .patience import Patience

PortState = Literal["open", "refused", "silent", "unreachable"]
"""`refused`: something answered that nobody listens; `silent`: nothing came back; `unreachable`: there is no way."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a phone is: its name as given, and the address that stands for it during one probe."""

    name: str
    family: socket.AddressFamily
    address: str

    def socket(self, kind: socket.SocketKind) -> socket.socket:
        """A new socket that can reach it."""
        return socket.socket(self.family, kind)


def find(host: str) -> Place:
    """The first address of a host. Raises `Unreachable` where its name means nothing."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"{host}: no address: {getattr(error, 'strerror', None) or error}") from None
    family, _kind, _protocol, _name, address = found[0]
    return Place(host, family, str(address[0]))


def look(place: Place, ports: Mapping[str, int], patience: Patience) -> dict[str, PortState]:
    """The state of each port, by the names that they are given. All are tried at the same time."""
    states: dict[str, PortState] = {}
    with selectors.DefaultSelector() as waiting:
        try:
            for name, port in ports.items():
                sock = place.socket(socket.SOCK_STREAM)
                sock.setblocking(False)
                code = sock.connect_ex((place.address, port))
                if code in (0, errno.EINPROGRESS, errno.EWOULDBLOCK):
                    waiting.register(sock, selectors.EVENT_WRITE, name)
                else:
                    sock.close()
                    states[name] = _state(code)
            end = time.monotonic() + patience.seconds()
            while waiting.get_map() and (left := end - time.monotonic()) > 0:
                for key, _events in waiting.select(left):
                    sock = key.fileobj  # type: ignore[assignment]
                    states[key.data] = _state(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
                    waiting.unregister(sock)
                    sock.close()
        finally:
            for key in list((waiting.get_map() or {}).values()):
                states[key.data] = "silent"
                key.fileobj.close()  # type: ignore[union-attr]
    return {name: states[name] for name in ports}


def _state(code: int) -> PortState:
    if code == 0:
        return "open"
    if code in (errno.ECONNREFUSED, errno.ECONNRESET):
        return "refused"
    return "silent" if code == errno.ETIMEDOUT else "unreachable"
