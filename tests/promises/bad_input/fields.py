"""Every field of profile and policy with values that are not allowed, and the exact errors that they get.

A row is a field, named as errors name it, what is allowed there, and values that are not. Each value is made into one
host: the sample profile and policy with that one value.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.promises.bad_input.wording import (
    DATE,
    DESTINATION,
    GONE,
    HOST,
    IN_SUBNET,
    INTERFACE,
    MANAGEMENT,
    MANAGEMENT_KEYS,
    NAME,
    NETWORK,
    PORT,
    SECONDS,
    SERVERS,
    SOURCE,
    SUBNET,
    URL,
    VLAN_KEYS,
    WHOLE,
    changed,
    good,
    told,
)
from tests.promises.base import BadInput

_PROVIDER, _POLICY = "voip_provider.", "voip_policy."
_VLAN, _MANAGEMENT = "voip_policy.voice_vlan.", "voip_policy.management."

_REFUSED: tuple[tuple[str, str, tuple[Any, ...]], ...] = (
    (_PROVIDER + "name", NAME, (GONE, 5, "Acme", "../acme", "a" * 41, "", ["acme"])),
    (_PROVIDER + "title", "one line of text", (GONE, 7, "two\nlines", "")),
    (
        _PROVIDER + "signalling[2]",
        NETWORK,
        (
            "sip.example.com",
            "192.0.2.0/33",
            "192.0.2.0/255.255.255.0",
            3232235776,
            None,
            "",
            "fe80::1%eth0",
            {"cidr": "192.0.2.0/24"},
        ),
    ),
    (_PROVIDER + "signalling[2]", WHOLE, ("0.0.0.0/0", "::/0")),
    (_PROVIDER + "signalling[2]", "the network itself, 192.0.2.0/30 (host bits are set)", ("192.0.2.1/30",)),
    (_PROVIDER + "media[2]", NETWORK, ("media", True, "198.51.100.0-198.51.100.9")),
    (_PROVIDER + "media[2]", WHOLE, ("0.0.0.0/0",)),
    (_PROVIDER + "media[2]", "the network itself, 2001:db8:9::/48 (host bits are set)", ("2001:db8:9::1/48",)),
    (_PROVIDER + "sip_ports", "the ports of at least one transport of tls, tcp, udp", (GONE, {})),
    (_PROVIDER + "sip_ports", "a mapping of tls, tcp, udp", ([5061], "5061", 5061)),
    (_PROVIDER + "sip_ports.udp", "a list of SIP ports", ([], "5060", 5060, {"first": 5060})),
    (
        _PROVIDER + "sip_ports.udp[1]",
        PORT,
        (0, 443, 70000, "5060-70000", "5099-5090", True, "sip", None, 5060.5, [5060]),
    ),
    (_PROVIDER + "rtp_ports", "a list of UDP ports for media, such as [10000-20000]", (GONE, [], "10000-20000", 10000)),
    (_PROVIDER + "rtp_ports[1]", PORT, (0, "500-600", "20000-10000", 70000, True, "all")),
    (_PROVIDER + "rtp_ports[1]", "a range without the SIP ports, UDP 5060-5061", ("5000-6000", 5060)),
    (_PROVIDER + "srtp", "one of required, optional, none", (GONE, "sdes", True, 1, "Required")),
    (_PROVIDER + "dns", "a list of the IP addresses of DNS servers", ("203.0.113.53", 5, {"first": "203.0.113.53"})),
    (
        _PROVIDER + "dns[2]",
        "the IP address of a host",
        ("dns.example.com", "127.0.0.1", "224.0.0.1", "203.0.113.0/24", "0.0.0.0", 53),
    ),
    (_PROVIDER + "ntp", f"a list of NTP servers, each {HOST}", ("ntp.example.com",)),
    (_PROVIDER + "ntp[1]", HOST, ("pool", "10.0.0.256", "-ntp.example.com", 5, None)),
    (_PROVIDER + "provisioning", f"a list of destinations, each {DESTINATION}", ("provisioning.example.com",)),
    (_PROVIDER + "provisioning[1]", DESTINATION, ("https://provisioning.example.com/", 5, "provisioning")),
    (_PROVIDER + "reviewed_on", DATE, (GONE, "last week", "2026-02-30", 20261101)),
    (_PROVIDER + "valid_until", DATE, (GONE, "soon", True)),
    (_PROVIDER + "source", SOURCE, (GONE, "", 5)),
    (_PROVIDER + "acknowledge[4]", "a mapping of cidr, reason", ("192.0.2.0/24", None)),
    (_PROVIDER + "acknowledge[3].reason", "one line that says why the range is right", (GONE, "", 5)),
    (_POLICY + "transport", "one of tls, tcp, udp", ("sctp", True, ["tls"], 5, "TLS")),
    (_POLICY + "voice_vlan", f"a mapping of {VLAN_KEYS}", (40, "40", ["40"])),
    (_VLAN + "id", "a VLAN id from 1 to 4094", (GONE, 0, 4095, -1, "forty", "040", True, 40.5, [40])),
    (
        _VLAN + "subnet",
        SUBNET,
        (GONE, "10.40.0.0/30", "8.0.0.0/7", "2001:db8:40::/64", "239.0.0.0/24", 10, "10.40.0.0/33", "voice"),
    ),
    (_VLAN + "subnet", WHOLE, ("0.0.0.0/0",)),
    (_VLAN + "subnet", "the network itself, 10.40.0.0/24 (host bits are set)", ("10.40.0.1/24",)),
    (_VLAN + "gateway", IN_SUBNET, ("10.41.0.1", "10.40.0.0", "10.40.0.255", "2001:db8::1", "gateway", 5)),
    (_VLAN + "dhcp_first", IN_SUBNET, ("10.41.0.5", "10.40.0.0", True)),
    (_VLAN + "dhcp_last", IN_SUBNET, ("10.40.0.255", "last")),
    (_VLAN + "lease_seconds", "a number of seconds from 300 to 8640000", (299, 8640001, "a day", True)),
    (_VLAN + "priority", "an 802.1p priority from 0 to 7", (8, -1, "high")),
    (_VLAN + "dscp", "a DSCP value from 0 to 63", (64, "ef", "0x2e")),
    (_VLAN + "signalling_dscp", "a DSCP value from 0 to 63", (-1, "AF31", [26])),
    (_VLAN + "parent_interface", INTERFACE, ("internal 1", "a" * 16, 5, "", ["internal"])),
    (_VLAN + "dns_servers", SERVERS, ([], "10.0.0.53", 5)),
    (_VLAN + "ntp_servers", f"a list of NTP servers, each {HOST}", ("ntp.example.com",)),
    (_VLAN + "provisioning", f"a list of destinations, each {DESTINATION}", ("provisioning.example.com", {"a": "b"})),
    (
        _VLAN + "provisioning_url",
        URL,
        (
            "http://provisioning.example.com/",
            "tftp://10.0.0.5",
            5,
            "https://provisioning.example.com/a b",
            "https://",
            "https://provisioning/",
        ),
    ),
    (_VLAN + "bandwidth_kbps", "a number of kbit/s from 64 to 10000000", (63, 10000001, "fast", False)),
    (_POLICY + "management", f"a mapping of {MANAGEMENT_KEYS}", ("10.0.0.0/24", 5)),
    (_MANAGEMENT + "networks", MANAGEMENT, (GONE, [], "10.0.0.0/24", {"office": "10.0.0.0/24"})),
    (_MANAGEMENT + "networks[1]", NETWORK, ("office", 10, None)),
    (_MANAGEMENT + "networks[1]", WHOLE, ("0.0.0.0/0", "::/0")),
    (_MANAGEMENT + "networks[1]", "the network itself, 10.9.0.0/24 (host bits are set)", ("10.9.0.9/24",)),
    (_MANAGEMENT + "idle_timeout_minutes", "a number of minutes from 1 to 480", (0, 481, "ten")),
    (_MANAGEMENT + "lockout_threshold", "a number of failed log-ins from 1 to 10", (0, 11, True)),
    (_MANAGEMENT + "lockout_seconds", SECONDS, (0, 86401, "long")),
    (_MANAGEMENT + "password_min_length", "a number of characters from 12 to 128", (11, 129, 14.5)),
    (
        _MANAGEMENT + "controller_address",
        "the IP address of a host",
        ("controller.example.com", "127.0.0.1", 5, "10.0.0.0/24"),
    ),
    (_POLICY + "wan_interfaces", "a list of interface names", ("wan1", 5, {"wan1": True})),
    (_POLICY + "pbx", "a mapping of address, public_address", ("10.40.0.5", ["10.40.0.5"])),
    (_POLICY + "pbx.address", "the inside IPv4 address of the PBX", ("2001:db8::5", "pbx", 5, "10.50.0.0/24")),
    (_POLICY + "enforce_exclusive", "true or false", ("yes", 1, ["yes"])),
    (_POLICY + "concerns.sip_alg", "true or false", ("no", 0)),
)


def _rows() -> Iterator[BadInput]:
    for path, allowed, values in _REFUSED:
        for value in values:
            if value is GONE:
                line = f"{path}: missing; it needs {allowed}"
            else:
                line = f"{path}: {told(value)} is not allowed; {allowed}"
            number = values.index(value)
            yield BadInput(f"{path}-{number}", changed(good(), path, value), (line,))


FIELDS = tuple(_rows())
