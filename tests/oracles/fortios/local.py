"""Whether the unit itself answers a packet: local-in policies, then administrative access, then trusted hosts.

Order: virtual IPs take packets away first (Fortinet 261055); local-in policies are looked at before administrative
access (administration guide, local-in policies; a custom deny wins over trusted hosts too).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..logic import Truth, both, either
from ..packets import ECHO_REQUEST, PROTOCOL_NUMBERS, Packet, Verdict, address, text_of
from .forwarding import combine, leave, translators
from .interfaces import Interface, OwnAddress
from .rows import Row, enabled, network, rows
from .unit import Unit, Vdom

_TCP, _UDP = PROTOCOL_NUMBERS["tcp"], PROTOCOL_NUMBERS["udp"]
_OUTCOMES = {"accept": True, "deny": False}
_UNKNOWN = 0  # stands for an own address that the configuration does not hold; no unit has it
_SIP_PORT_FIELDS = ((_UDP, "sip-udp-port", "5060"), (_TCP, "sip-tcp-port", "5060"), (_TCP, "sip-ssl-port", "5061"))
# SIP as the world knows it, whatever ports the unit was told to watch.
_SIP_PORTS = frozenset({(_UDP, 5060), (_TCP, 5060), (_UDP, 5061), (_TCP, 5061)})


@dataclass(frozen=True, slots=True)
class Service:
    """A service of ``allowaccess``: its ports, the global field that moves it, and whether trusted hosts gate it.

    Trusted hosts gate the web interface, ping, SNMP, Telnet and SSH (FortiOS help, preventing unwanted login attempts).
    """

    ports: tuple[tuple[int, int], ...]
    port_field: str = ""
    trusted_hosts: bool = False


# Ports: FortiOS administration guide, FortiOS ports and protocols. ``ping`` has none.
SERVICES: dict[str, Service] = {
    "https": Service(((_TCP, 443),), "admin-sport", trusted_hosts=True),
    "http": Service(((_TCP, 80),), "admin-port", trusted_hosts=True),
    "ssh": Service(((_TCP, 22),), "admin-ssh-port", trusted_hosts=True),
    "telnet": Service(((_TCP, 23),), "admin-telnet-port", trusted_hosts=True),
    "snmp": Service(((_UDP, 161),), trusted_hosts=True),
    "ping": Service((), trusted_hosts=True),
    "fgfm": Service(((_TCP, 541),)),
    "fabric": Service(((_TCP, 8013), (_UDP, 5246), (_UDP, 5247))),
    "ftm": Service(((_TCP, 4433),)),
    "radius-acct": Service(((_UDP, 1813),)),
    "probe-response": Service(((_TCP, 8008),)),
}


def ports(unit: Unit, name: str) -> tuple[tuple[int, int], ...]:
    """(protocol number, port) of a service, as ``system global`` has moved it."""
    service = SERVICES[name]
    moved = unit.settings.get(service.port_field) if service.port_field else None
    return tuple((protocol, int(moved or port)) for protocol, port in service.ports)


def answer(unit: Unit, packet: Packet) -> Verdict:
    """Whether the unit itself answers a packet sent to one of its addresses."""
    vdom = unit.home(packet.ingress)
    if vdom is None:
        return Verdict(False, "interface", f"there is no interface {packet.ingress}")
    ingress = vdom.network.interfaces[packet.ingress]
    if not ingress.up:
        return Verdict(False, "interface", f"interface {packet.ingress} is down")
    own = vdom.network.own.get((packet.family, packet.destination_number))
    courses: list[Verdict] = []
    for vip in translators(vdom, packet, ingress):
        if vip is not None:
            courses.append(Verdict(False, f"virtual IP {vip.name}", "translated and forwarded, not answered"))
        elif own is not None:
            courses.append(_answer_own(unit, vdom, packet, ingress, own))
        elif ingress.dynamic(packet.family):
            courses.append(Verdict(None, "address", f"interface {ingress.name} gets its address from outside"))
        else:
            courses.append(Verdict(False, "address", f"{packet.destination} is not an address of the unit"))
    return combine(courses)


def reachable(unit: Unit, interface_name: str, source: str, service: str) -> Truth:
    """Whether a source that comes in by an interface reaches a management service at any of its addresses."""
    if service not in SERVICES:
        raise ValueError(f"service {service!r}: allowed are {', '.join(SERVICES)}")
    vdom = unit.home(interface_name)
    if vdom is None:
        return False
    interface = vdom.network.interfaces[interface_name]
    family = address(source)[0]
    if interface.up and interface.dynamic(family):
        return _reachable_unknown_address(unit, vdom, interface, source, service)
    return either(
        answer(unit, packet).allowed
        for own in interface.own if own.family == family
        for packet in _probes(unit, interface_name, source, text_of(family, own.number), service)
    )


def _probes(unit: Unit, ingress: str, source: str, destination: str, service: str) -> list[Packet]:
    if service == "ping":
        return [Packet(ingress, source, destination, "icmp")]
    return [Packet(ingress, source, destination, protocol, port) for protocol, port in ports(unit, service)]


def _reachable_unknown_address(unit: Unit, vdom: Vdom, interface: Interface, source: str, service: str) -> Truth:
    """For an address that the configuration does not hold: virtual IPs are left aside, they name other addresses."""
    family = address(source)[0]
    own = OwnAddress(family, _UNKNOWN, interface.name, interface.access(family))
    return either(
        _answer_own(unit, vdom, packet, interface, own).allowed
        for packet in _probes(unit, interface.name, source, text_of(family, _UNKNOWN), service)
    )


def _answer_own(unit: Unit, vdom: Vdom, packet: Packet, ingress: Interface, own: OwnAddress) -> Verdict:
    let_in = _local_in(vdom, packet, ingress, None if own.number == _UNKNOWN else own.number)
    if let_in.allowed is False:
        return let_in
    answered = _listener(unit, vdom, packet, ingress, own)
    allowed = both(let_in.allowed, answered.allowed)
    if allowed is None and let_in.allowed is None:
        return Verdict(None, let_in.rule, let_in.why)
    return answered


def _local_in(vdom: Vdom, packet: Packet, ingress: Interface, destination: int | None) -> Verdict:
    port = (packet.destination_port, packet.destination_port)
    possible: list[Verdict] = []
    for policy in vdom.local_in[packet.family]:
        matched = both(
            both(
                policy.source_ends.match(ingress),
                policy.destinations[packet.family].match_somewhere(packet.family, destination),
            ),
            policy.match_packet(packet, port),
        )
        if matched is not False:
            possible.append(Verdict(_OUTCOMES[policy.action], policy.label, "matches"))
        if matched is True:
            return combine(possible)
    return combine([*possible, Verdict(True, "local-in", "no local-in policy matches")])


def _listener(unit: Unit, vdom: Vdom, packet: Packet, ingress: Interface, own: OwnAddress) -> Verdict:
    name = _service_of(unit, packet)
    if name is None:
        if (packet.protocol_number, packet.destination_port) in _sip_ports(vdom):
            return Verdict(True, "local-in", "let through to whatever listens for SIP")
        return Verdict(None, "listener", "let through; whether anything listens is not in the configuration")
    access = name in own.access
    if own.interface != ingress.name:
        other = vdom.network.interfaces[own.interface]
        if other.row.get("type") == "loopback":
            # Traffic to a loopback interface needs a policy as well (administration guide, loopback interfaces).
            crossing = leave(unit, vdom, packet, ingress, other, None, None)
            if crossing.allowed is not True and access:
                return Verdict(crossing.allowed, crossing.rule, crossing.why)
        elif access != (name in ingress.access(packet.family)):
            return Verdict(None, "allowaccess", f"{name} is on one of {ingress.name} and {own.interface} only")
    if not access:
        return Verdict(False, "allowaccess", f"{name} is not in the allowaccess of {own.interface}")
    if name == "telnet" and not enabled(unit.settings, "admin-telnet", default=True):
        return Verdict(False, "admin-telnet", "Telnet is off for the whole unit")
    if not SERVICES[name].trusted_hosts:
        return Verdict(True, "allowaccess", f"{name} on {own.interface}")
    return _trusted(unit, packet, name, own)


def _service_of(unit: Unit, packet: Packet) -> str | None:
    if packet.icmp is not None and packet.protocol_number in (1, 58):
        return "ping" if packet.icmp[0] == ECHO_REQUEST[packet.family] else None
    wanted = (packet.protocol_number, packet.destination_port)
    return next((name for name in SERVICES if wanted in ports(unit, name)), None)


def _sip_ports(vdom: Vdom) -> frozenset[tuple[int, int]]:
    own = {
        (protocol, int(port))
        for protocol, field, default in _SIP_PORT_FIELDS
        for port in _port_list(vdom.settings.get(field) or default)
    }
    return _SIP_PORTS | own


def _port_list(value: object) -> list[str]:
    """Ports as a unit may give them: a number, a string with spaces, or a list."""
    return [str(port) for port in value] if isinstance(value, list) else str(value).split()


def _trusted(unit: Unit, packet: Packet, name: str, own: OwnAddress) -> Verdict:
    """Whether any administrator may come from the source: one without trusted hosts opens the unit to all.

    The web port also serves the REST API, so its users count there; that their trusted hosts open the port just as an
    administrator's do is a reading of the same rule, not documented apart.
    """
    accounts: list[tuple[str, Row]] = [("administrator", row) for row in rows(unit.globals, "system/admin")]
    if not accounts:
        return Verdict(None, "trusted hosts", "the configuration holds no administrators")
    notes: list[str] = []
    for kind, row in accounts:
        trusts, note = trusts_source(row, packet.family, packet.source_number)
        notes += [f"{kind} {row['name']}: {note}"] if note else []
        if trusts:
            why = f"{name} on {own.interface}; {kind} {row['name']} may come from {packet.source}"
            return Verdict(True, "trusted hosts", "; ".join([why, *notes]))
    if name == "https":
        for row in rows(unit.globals, "system/api-user"):
            if _api_user_trusts(row, packet):
                return Verdict(True, "trusted hosts", f"{name} on {own.interface}; API user {row['name']}")
    return Verdict(False, "trusted hosts", "; ".join([f"nobody may come from {packet.source}", *notes]))


def trusts_source(row: Row, family: int, number: int) -> tuple[bool, str]:
    """(whether an administrator's trusted hosts hold the address, a remark about rows easily misread).

    Fortinet 190592: row 1 at 0.0.0.0/0 opens the account to all, whatever the others say; once row 1 is set, rows at
    0.0.0.0/0 behind it do not open it again. The families are judged apart: ip6-trusthost rows default to ::/0.
    """
    prefix, everything = ("trusthost", "0.0.0.0 0.0.0.0") if family == 4 else ("ip6-trusthost", "::/0")
    spans = [network(str(row.get(f"{prefix}{place}") or everything)) for place in range(1, 11)]
    whole = network(everything)
    if spans[0] == whole:
        closed = any(span != whole for span in spans)
        return True, f"{prefix}1 is open, so the rows behind it count for nothing" if closed else ""
    note = ""
    if row.get(f"{prefix}2") and whole in spans[1:]:
        note = f"rows at {everything} behind {prefix}1 read as not set (Fortinet 190592)"
    return any(low <= number <= high for _version, (low, high) in (span for span in spans if span != whole)), note


def _api_user_trusts(row: Row, packet: Packet) -> bool:
    wanted = {4: "ipv4-trusthost", 6: "ipv6-trusthost"}[packet.family]
    listed: Iterable[Row] = row.get("trusthost") or ()
    spans = [network(str(each[wanted]))[1] for each in listed if each.get("type", "ipv4-trusthost") == wanted]
    return not listed or any(low <= packet.source_number <= high for low, high in spans)
