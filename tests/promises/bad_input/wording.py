"""What errors about input say: forms that are allowed, keys that are known, values as they are shown.

Written down once more, and not taken from the product: a message that changes shall be seen to change.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from typing import Any

from tests.support.policies import policy, provider

GONE: Any = object()
"""The field is taken away."""
_PART = re.compile(r"([a-z_]+)|\[(\d+)\]")


def changed(variables: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Variables with another value at one place; the index after the last one of a list adds to it."""
    result = copy.deepcopy(dict(variables))
    parts: list[Any] = [name or int(index) for name, index in _PART.findall(path)]
    place: Any = result
    for part in parts[:-1]:
        place = place.setdefault(part, {}) if isinstance(part, str) else place[part]
    if value is GONE:
        del place[parts[-1]]
    elif isinstance(place, list) and parts[-1] == len(place):
        place.append(value)
    else:
        place[parts[-1]] = value
    return result


def good() -> dict[str, Any]:
    """The two variables that are right."""
    return {"voip_provider": provider(), "voip_policy": policy()}


def told(value: Any) -> str:
    """A value as an error shows it."""
    if isinstance(value, (list, dict)):
        kind, item = ("list of", "item") if isinstance(value, list) else ("mapping with", "key")
        return "an empty list" if value == [] else f"a {kind} {len(value)} {item}{'' if len(value) == 1 else 's'}"
    return json.dumps(value)


NETWORK = "a network such as 198.51.100.0/24 or 2001:db8:10::/48, or a single address"
WHOLE = "networks that are less than the whole internet"
PUBLIC = "a public network of at least /{}, or an entry in voip_provider.acknowledge with a reason ({})"
NAME = "up to 40 lower-case letters, digits, - and _, beginning with a letter or digit"
HOST, DESTINATION = (
    "an IP address or a full DNS name such as ntp.example.com",
    "an IP address, a network or a full DNS name such as provisioning.example.com",
)
DATE = "a date such as 2026-05-31"
PORT = "a port from 1024 to 65535 or a range such as 10000-20000"
SOURCE = "one line that names the published source, such as its URL"
SUBNET = "an IPv4 network of hosts from /8 to /29, such as 10.40.0.0/24"
IN_SUBNET = "a host address of 10.40.0.0/24, from 10.40.0.1 to 10.40.0.254"
BESIDE_DHCP = (
    "a host address of 10.40.0.0/24 apart from the gateway, 10.40.0.1, and the DHCP range, 10.40.0.2 to 10.40.0.254"
)
INTERFACE = "an interface name of 1 to 15 letters, digits and . _ / -"
URL = (
    "an https:// URL of up to 255 visible ASCII characters, without user name or password"
    " (http and tftp would show the phones' passwords to anyone on the way)"
)
OUTSIDE_DHCP = "an address outside the DHCP range, 10.40.0.2 to 10.40.0.254 (set dhcp_first and dhcp_last)"
MANAGEMENT = "a list of at least one network from which the device is administered"
SERVERS = "a list of the IPv4 addresses of DNS servers"
SECONDS = "a number of seconds from 1 to 86400"
TEXT = "text, in quotes where YAML takes it for something else"
PROFILE_KEYS = (
    "name, title, signalling, media, sip_ports, rtp_ports, srtp, static_port, dns, ntp, provisioning, reviewed_on,"
    " valid_until, source, acknowledge"
)
POLICY_KEYS = "transport, voice_vlan, management, wan_interfaces, pbx, phones, enforce_exclusive, concerns"
VLAN_KEYS = (
    "id, subnet, gateway, dhcp_first, dhcp_last, lease_seconds, priority, dscp, signalling_dscp, parent_interface,"
    " dns_servers, ntp_servers, provisioning, provisioning_url, bandwidth_kbps"
)
MANAGEMENT_KEYS = (
    "networks, idle_timeout_minutes, lockout_threshold, lockout_seconds, password_min_length, controller_address"
)
CONCERNS = "sip_alg, sip_allowlist, voice_vlan, management_access"
