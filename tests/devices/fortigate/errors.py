"""The CMDB's error numbers and the exception that carries one back to the caller."""

from __future__ import annotations

# Meaning of the negative error numbers (third-party code table of a 7.6.5 unit; -3 and -61 also in fortinet.fortios).
LENGTH = -1
INDEX = -2
NOT_FOUND = -3
TABLE_FULL = -4
DUPLICATE = -5
BAD_IP = -8
BAD_MASK = -9
DUPLICATE_NAME = -15
IN_USE = -23
NO_PERMISSION = -37
WEAK_PASSWORD = -49
BAD_FORMAT = -50
SAME_SUBNET = -54
EMPTY = -56
COMMAND = -61
ZONE_MEMBER_USED = -157
BAD_VLAN = -158
SERVICE_NAMED_AS_GROUP = -162
ADDRESS_NAMED_AS_GROUP = -163
GROUP_NAMED_AS_ADDRESS = -164
ADDRESS_NAMED_AS_VIP = -165
DHCP_NEEDS_STATIC_IP = -236
BAD_PORT_RANGE = -363
VLAN_FIXED = -522
DHCP_OVERLAP = -526
NAME_CLASH = -553
OUT_OF_RANGE = -650
BAD_VALUE = -651


class Rejection(Exception):
    """A configuration request that the CMDB refuses.

    ``code`` is the negative error number, ``reason`` the line that heads ``cli_error``; ``http_status`` is set only
    where it is not the usual rejection status (404, 405, 403 ...).
    """

    def __init__(self, code: int, reason: str, http_status: int | None = None) -> None:
        super().__init__(f"{reason} ({code})")
        self.code = code
        self.reason = reason
        self.http_status = http_status

    @property
    def cli_error(self) -> str:
        """The multi-line text that the unit's CLI would have printed."""
        return f"{self.reason}\nCommand fail. Return code {self.code}\n"


class Missing(Rejection):
    """The addressed object (or table, or monitor call) does not exist: HTTP 404."""

    def __init__(self, what: str) -> None:
        super().__init__(NOT_FOUND, what, http_status=404)


class NotAllowed(Rejection):
    """The method does not exist for this resource: HTTP 405."""

    def __init__(self, what: str) -> None:
        super().__init__(COMMAND, what, http_status=405)


class Forbidden(Rejection):
    """The caller's access profile or VDOM list does not reach this far: HTTP 403."""

    def __init__(self, what: str) -> None:
        super().__init__(-14, what, http_status=403)
