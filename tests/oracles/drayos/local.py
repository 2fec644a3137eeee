"""Whether the unit itself answers: management services, ping, and what it serves its LANs (DNS, DHCP).

From a WAN: "management from the Internet" must be on, and the service; access list entries, once there are any, are the
only addresses that may come (DrayTek UK, "What do the router management options do?"). ``mngt rmtcfg`` and ``mngt
wanlogin`` are both described as that switch (Vigor3912 User's Guide 1.01), so with only the second one off the answer
is unknown. From a LAN everything is open until LAN access control is on; then LAN1 and the listed LANs reach the listed
services, each LAN from one address object if it is told so (same guide, ``mngt lanaccess``). IPv6 management has
commands of its own and is not in the configuration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..logic import Truth, both, either
from ..packets import ECHO_REQUEST, Packet, Verdict, address
from .filters import NO_RULE, WAN_TO_LOCALHOST
from .forwarding import Forwarding, flow_of, settle
from .networks import Lan, Wan
from .objects import UNKNOWN, AddressBook
from .rows import Configuration, Row, on, section
from .services import TCP, UDP

# Ports until ``mngt httpport`` and its like move them (same guide); tr069: ``sys tr069``, CPEPort.
_PORTS = {"http": 80, "https": 443, "telnet": 23, "ssh": 22, "ftp": 21, "tr069": 8069}
MANAGEMENT = (*_PORTS, "snmp")
SERVICES = (*MANAGEMENT, "ping", "dns", "dhcp")
# Their servers are on without any setting of this configuration.
_ALWAYS_ON = frozenset({"http", "https", "telnet", "ssh"})
_BROADCAST = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class LocalServices:
    """The parts of a unit that decide whether it answers itself."""

    configuration: Configuration
    addresses: AddressBook
    forwarding: Forwarding
    filters_localhost: bool  # the model has rules of direction "WAN -> Localhost"

    @property
    def _management(self) -> Row:
        return section(self.configuration, "management")

    def port(self, service: str) -> tuple[int, int]:
        """(protocol, port) of a management service."""
        if service == "snmp":
            return UDP, 161
        moved: Mapping[str, int] = self._management.get("ports") or {}
        return TCP, int(moved.get(service) or _PORTS[service])

    def service_of(self, packet: Packet) -> str:
        """The service that a packet asks for; empty = none that the configuration knows of."""
        if packet.protocol_number in (1, 58):
            return "ping" if packet.icmp is not None and packet.icmp[0] == ECHO_REQUEST[packet.family] else ""
        wanted = (packet.protocol_number, packet.destination_port)
        if packet.destination_port == 53 and packet.protocol_number in (TCP, UDP):
            return "dns"
        if wanted == (UDP, 67):
            return "dhcp"
        return next((name for name in MANAGEMENT if wanted == self.port(name)), "")

    def decide(self, packet: Packet) -> Verdict:
        """Whether the unit answers a packet to one of its own addresses on the side it came from."""
        networks = self.forwarding.networks
        lan = networks.lans.get(packet.ingress)
        wan = networks.wans.get(packet.ingress)
        if lan is None and wan is None:
            return Verdict(False, "interface", f"there is no interface {packet.ingress}, or it is off")
        if packet.family == 6:
            return Verdict(None, "IPv6", "IPv6 addresses and management are not in the configuration")
        service = self.service_of(packet)
        if wan is not None:
            return self._at_wan(packet, wan, service)
        assert lan is not None
        answered = self._from_lan(lan, packet.source_number, service)
        if packet.destination_number == lan.own or (service == "dhcp" and packet.destination_number == _BROADCAST):
            return answered
        if packet.destination_number in networks.own or packet.destination_number in networks.outside:
            if answered.allowed is True:
                return Verdict(None, answered.rule, "by an address of another interface: not documented")
            return answered
        return Verdict(False, "address", f"{packet.destination} is not an address of the unit")

    def reaches(self, ingress: str, source: str, service: str) -> Truth:
        """Whether a source coming in by an interface reaches a service of the unit at its address there.

        ValueError when the service is not one of ``SERVICES``.
        """
        if service not in SERVICES:
            raise ValueError(f"service {service!r}: allowed are {', '.join(SERVICES)}")
        family, number = address(source)
        lan = self.forwarding.networks.lans.get(ingress)
        wan = self.forwarding.networks.wans.get(ingress)
        if family == 6 and (lan is not None or wan is not None):
            return None
        if lan is not None:
            return self._from_lan(lan, number, service).allowed
        return False if wan is None else self._from_wan(number, service).allowed

    def _at_wan(self, packet: Packet, wan: Wan, service: str) -> Verdict:
        own = self.forwarding.is_own(packet, wan)
        if own is False:
            return Verdict(False, "address", f"{packet.destination} is no address of {wan.name}")
        answered = self._filtered(packet, wan, self._from_wan(packet.source_number, service))
        courses: list[Verdict] = []
        for entry in self.forwarding.nat.courses(wan.name, packet, own):
            if entry is None:
                courses.append(answered)
                continue
            courses.append(Verdict(False, entry.name, "translated and forwarded, not answered"))
            if answered.allowed is not False and service:
                # Whether a service of the unit or an entry of the NAT tables on its port comes first is not documented.
                courses.append(answered)
        if own is None:
            courses.append(Verdict(False, "address", f"perhaps no address of {wan.name}"))
        return settle(courses)

    def _filtered(self, packet: Packet, wan: Wan, answered: Verdict) -> Verdict:
        """With the rules "WAN -> Localhost" in front; whether the default rule blocks there too is not documented."""
        rules = self.forwarding.filter
        if not self.filters_localhost or answered.allowed is False:
            return answered
        courses = []
        for outcome in rules.search(WAN_TO_LOCALHOST, (wan.name,), (), flow_of(packet)):
            allowed, name = outcome
            if outcome == NO_RULE:
                allowed, name = (True, "") if rules.default_allows else (None, "default rule")
            if allowed is True:
                courses.append(answered)
            else:
                courses.append(Verdict(both(allowed, answered.allowed), name, "WAN -> Localhost"))
        return settle(courses)

    def _from_wan(self, source: int, service: str) -> Verdict:
        if not service or service in ("dns", "dhcp"):
            return Verdict(None, "listener", "whether anything listens there is not in the configuration")
        settings = self._management
        listed = self._listed(source)
        if service == "ping":
            if not on(settings, "ping"):
                return Verdict(False, "ping", "echo requests from the Internet are dropped")
            why = "echo requests from the Internet are answered"
            return Verdict(True if listed is True else None, "ping", f"{why}; the access list may hold for them too")
        if not on(settings, "remote"):
            return Verdict(False, "management", "management from the Internet is off")
        if not on(settings.get("services") or {}, service):
            return Verdict(False, "management", f"{service} is off for the Internet")
        if listed is not True:
            return Verdict(listed, "access list", "the source is not in it" if listed is False else "may not be in it")
        if not on(settings, "wan_login"):
            return Verdict(None, "wanlogin", "rmtcfg is on and wanlogin is off: which one decides is not documented")
        return Verdict(True, "management", f"{service} is on for the Internet")

    def _listed(self, source: int) -> Truth:
        entries = [int(index) for index in (self._management.get("acl") or {}).values() if int(index)]
        if not entries:
            return True
        return either(self.addresses.all_of("o", [index])[4].contains(source) for index in entries)

    def _from_lan(self, lan: Lan, source: int, service: str) -> Verdict:
        if service in ("dns", "ping"):
            return Verdict(True, service, "answered in every LAN")
        if service == "dhcp":
            return Verdict(lan.dhcp, "DHCP server", "on" if lan.dhcp else "off")
        if not service:
            return Verdict(None, "listener", "whether anything listens there is not in the configuration")
        running: Truth = True if service in _ALWAYS_ON else None
        settings: Row = self._management.get("lan_access") or {}
        if not on(settings, "enabled"):
            return Verdict(running, "LAN access", "LAN access control is off")
        names = {str(name).upper() for name in settings.get("services") or ()}
        offered: Truth = "ALL" in names or service.upper() in names
        if lan.name == "LAN1":
            # "LAN1 is always allowed": whether to all services is not said.
            offered = offered or None
        elif int(lan.name[3:]) not in {int(index) for index in settings.get("lans") or ()}:
            return Verdict(False, "LAN access", f"{lan.name} is not allowed")
        restricted, index = (settings.get("objects") or {}).get(lan.name[3:]) or (0, 0)
        welcome: Truth = True
        if int(restricted):
            side = self.addresses.all_of("o", [index]) if int(index) else UNKNOWN
            welcome = side[4].contains(source)
        return Verdict(
            both(both(offered, welcome), running), "LAN access",
            f"{service} is {'' if offered else 'not '}offered in {lan.name}; source {'' if welcome else 'not '}allowed",
        )
