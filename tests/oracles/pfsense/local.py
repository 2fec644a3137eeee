"""Whether the box itself answers: the filter at the ingress, then whether anything is known to listen.

The web interface and SSH listen on all addresses (pfSense RELENG_2_7_2, inc/system.inc, src/etc/sshd); siproxd on its
port. Other listeners (DNS, VPN ...) are not looked at.
"""

from __future__ import annotations

from dataclasses import replace

from ..logic import Truth, both, either
from ..packets import ECHO_REQUEST, Packet, Verdict, address
from .forwarding import arrivals, as_arrived, settle, undirected
from .interfaces import Interface
from .nat import Arrival
from .rules import Address, Flow, flow_of
from .system_rules import gui_ports, siproxd, siproxd_port
from .unit import Outcome, Unit, allowed

_TCP, _UDP = 6, 17
SERVICES = ("https", "http", "ssh")
_STRANGE_PORT = 49152
_IPSEC = {(_UDP, 500), (_UDP, 4500)}
_IPSEC_PROTOCOLS = {50, 51}


def answer(unit: Unit, packet: Packet) -> Verdict:
    """The verdict on a packet to one of the box's own addresses."""
    ingress = unit.network.interfaces.get(packet.ingress)
    if ingress is None:
        if packet.ingress in unit.network.virtual:
            return Verdict(None, "tunnel", f"what comes by {packet.ingress} is beyond the configuration")
        return Verdict(False, "interface", f"there is no interface {packet.ingress}, or it is off")
    if undirected(packet):
        return Verdict(None, "multicast", "the configuration does not say who listens to groups and broadcast")
    flow = flow_of(packet, "in", ingress)
    return settle(_arrived(unit, packet, flow, arrival) for arrival in arrivals(unit, flow))


def _arrived(unit: Unit, packet: Packet, flow: Flow, arrival: Arrival | None) -> Verdict:
    seen = as_arrived(flow, arrival)
    if not isinstance(seen.destination, int):
        return Verdict(None if arrival and arrival.taken else False, "NAT", "taken elsewhere")
    own = unit.network.is_own(packet.family, seen.destination, seen.interface)
    if own is False:
        return Verdict(False, arrival.label if arrival else "route", "is not for the box itself")
    decided = [Outcome(True, arrival.label)] if arrival is not None and arrival.passes else unit.outcomes(seen)
    let_in = allowed(decided)
    label = decided[-1].label
    if let_in is False and unit.has_tunnels and _is_ipsec(packet):
        return Verdict(None, "IPsec", "rules that the box makes for its tunnels may let it in")
    listens = _listens(unit, packet.protocol_number, seen.destination_ports[0], packet.icmp, packet.family)
    return Verdict(both(both(let_in, listens), own), label, "the filter, and whether anything listens")


def _is_ipsec(packet: Packet) -> bool:
    known = (packet.protocol_number, packet.destination_port)
    return known in _IPSEC or packet.protocol_number in _IPSEC_PROTOCOLS


def _listens(unit: Unit, protocol: int, port: int, icmp: tuple[int, int] | None, family: int) -> Truth:
    if protocol in (1, 58):
        return True if icmp is not None and icmp[0] == ECHO_REQUEST[family] else None
    if protocol == _TCP and port in gui_ports(unit.config).values():
        return True
    settings = siproxd(unit.config)
    return True if settings is not None and (protocol, port) == (_UDP, siproxd_port(settings)) else None


def reachable(unit: Unit, name: str, source: str, service: str) -> Truth:
    """Whether a source reaches a service of the box at any of its addresses. ValueError for another service."""
    if service not in SERVICES:
        raise ValueError(f"service {service!r}: allowed are {', '.join(SERVICES)}")
    ingress = unit.network.interfaces.get(name)
    if ingress is None:
        return None if name in unit.network.virtual else False
    served = gui_ports(unit.config)
    wanted = [served[each] for each in (service, "redirect" if service == "http" else service) if each in served]
    return either(_reaches(unit, ingress, source, port) for port in dict.fromkeys(wanted))


def _reaches(unit: Unit, ingress: Interface, source: str, port: int) -> Truth:
    family, number = address(source)
    own: list[Address] = [known for version, known in unit.network.own if version == family]
    own += [name for name, each in unit.network.interfaces.items() if each.dynamic(family)]
    flow = Flow(
        "in", ingress, family, number, None, _TCP, (_STRANGE_PORT, _STRANGE_PORT), (port, port), 0, 0
    )
    return either(_gets_to(unit, replace(flow, destination=target), port) for target in own)


def _gets_to(unit: Unit, flow: Flow, port: int) -> Truth:
    """Whether a flow ends at the box itself on this port."""
    found: list[Truth] = []
    for arrival in arrivals(unit, flow):
        seen = as_arrived(flow, arrival)
        here = isinstance(seen.destination, str) or (
            isinstance(seen.destination, int) and unit.network.is_own(flow.family, seen.destination) is True
        )
        low, high = seen.destination_ports
        if arrival is not None and arrival.taken == "UPnP":
            found.append(False)  # a host maps ports to itself, never to the box
        elif not low <= port <= high or (seen.destination is not None and not here):
            found.append(False)
        elif not here or low != high:
            found.append(None)
        else:
            found.append(True if arrival is not None and arrival.passes else allowed(unit.outcomes(seen)))
    kinds = set(found)
    return kinds.pop() if len(kinds) == 1 else None


# pf.conf(5): the defaults; `set optimization` changes none of them, but the vendor adds more for "conservative"
# (pfSense RELENG_2_7_2, inc/filter.inc, filter_configure_sync).
_UDP_TIMEOUTS = {"first": 60, "single": 30, "multiple": 60}
_CONSERVATIVE = {"first": 300, "single": 150, "multiple": 900}


def udp_timeout(unit: Unit) -> int:
    """Seconds after which the shortest-lived state of UDP is gone."""
    optimization = str(unit.config.get("system", {}).get("optimization") or "")
    timeouts = dict(_CONSERVATIVE if optimization == "conservative" else _UDP_TIMEOUTS)
    for name in timeouts:
        given = str(unit.config.get("system", {}).get(f"udp{name}timeout") or "")
        if given.isascii() and given.isdigit():
            timeouts[name] = int(given)
    return min(timeouts.values())
