"""What a test can choose about a device, and what the device counts."""

from __future__ import annotations

from dataclasses import dataclass, field

from .messages import Request


@dataclass
class Switches:
    """Points on which sources disagree or releases differ; each can be set by a test.

    ``rejection_status``       500 (current trains) or 424 (older form) for refused configuration
    ``unknown_keys``           reject, or ignore: keys that the release does not have are dropped silently
    ``transaction_validation`` request: writes are checked when they come; commit: only at commit
    ``transactions``           whether the unit offers REST transactions
    ``transaction_id_key``     spelling in the reply of transaction-start: transaction-id or transaction_id
    ``authentication_call``    whether /api/v2/authentication exists
    ``arming_is_saved``        whether cfg-save and cfg-revert-timeout themselves are always written to flash
    ``sip_ports``              how sip-tcp-port and sip-udp-port read back: string, integer or list
    ``missing_calls``          monitor calls that answer 404
    """

    rejection_status: int = 500
    unknown_keys: str = "reject"
    transaction_validation: str = "request"
    transactions: bool = True
    transaction_id_key: str = "transaction-id"
    authentication_call: bool = True
    arming_is_saved: bool = True
    sip_ports: str = "string"
    missing_calls: frozenset[str] = frozenset()


@dataclass
class Counters:
    """What reached the device."""

    connections: int = 0
    handshakes: int = 0
    refused_connections: int = 0
    requests: int = 0
    by_method: dict[str, int] = field(default_factory=dict)
    by_path: dict[str, int] = field(default_factory=dict)

    def count(self, request: Request) -> None:
        """Count one request."""
        self.requests += 1
        self.by_method[request.method] = self.by_method.get(request.method, 0) + 1
        key = f"{request.method} {request.path}"
        self.by_path[key] = self.by_path.get(key, 0) + 1
