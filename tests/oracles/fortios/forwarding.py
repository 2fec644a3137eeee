"""Whether a packet that wants to go through the unit passes, and what becomes of it on the way.

Order (FortiOS administration guide, parallel path processing): virtual IPs, routing, policies in table order, the
intra-zone setting (Fortinet 264457: after the policies), implicit deny (policy 0).
"""

from __future__ import annotations

from ..intervals import Range
from ..logic import Truth, agreed, both
from ..packets import Packet, Verdict, text_of
from .interfaces import Interface
from .marking import marked
from .policies import Policy
from .release import default_traffic_redirect, redirects_foreign_sources, single_member_intrazone, virtual_ips_are_local
from .rows import enabled
from .unit import Unit, Vdom
from .vips import Translation, VirtualIP

_OUTCOMES: dict[str, Truth] = {"accept": True, "deny": False}  # ipsec: as its tunnel says
_MULTICAST = {4: (0xE0000000, 0xFFFFFFFF), 6: (0xFF << 120, 2**128 - 1)}
_REDIRECT_SWITCH = {4: "allow-traffic-redirect", 6: "ipv6-allow-traffic-redirect"}


def combine(verdicts: list[Verdict]) -> Verdict:
    """One verdict from those of every possible course: definite only where all agree."""
    if len(verdicts) == 1:
        return verdicts[0]
    allowed = agreed(verdict.allowed for verdict in verdicts)
    last = verdicts[-1]
    why = "; or ".join(dict.fromkeys(f"{verdict.rule}: {verdict.why}" for verdict in verdicts))
    same_dscp = {verdict.dscp for verdict in verdicts}
    same_nat = {verdict.source_nat for verdict in verdicts}
    targets = {verdict.destination for verdict in verdicts}
    shapers = {verdict.shaper for verdict in verdicts}
    return Verdict(
        allowed, last.rule, f"not certain which: {why}",
        destination=last.destination if len(targets) == 1 else None,
        source_nat=last.source_nat if len(same_nat) == 1 else None,
        dscp=last.dscp if len(same_dscp) == 1 else None,
        shaper=last.shaper if len(shapers) == 1 else "",
    )


def forward(unit: Unit, packet: Packet) -> Verdict:
    """The verdict on the first packet of a forwarded flow."""
    vdom = unit.home(packet.ingress)
    if vdom is None:
        return Verdict(False, "interface", f"there is no interface {packet.ingress}")
    ingress = vdom.network.interfaces[packet.ingress]
    if not ingress.up:
        return Verdict(False, "interface", f"interface {packet.ingress} is down")
    if vdom.undecidable:
        return Verdict(None, "vdom", vdom.undecidable)
    return combine([
        _route(unit, vdom, packet, ingress, vip) for vip in translators(vdom, packet, ingress)
    ])


def translators(vdom: Vdom, packet: Packet, ingress: Interface) -> list[VirtualIP | None]:
    """The virtual IPs that may translate a packet; None in the list = perhaps it is not translated."""
    found: list[VirtualIP | None] = []
    for vip in vdom.vips[packet.family].active:
        taken = vip.takes(packet, ingress, vdom.network)
        if taken is not False:
            found.append(vip)
        if taken is True:
            return found
    return [*found, None]


def _route(unit: Unit, vdom: Vdom, packet: Packet, ingress: Interface, vip: VirtualIP | None) -> Verdict:
    translation = vip.translate(packet) if vip is not None else None
    stop = _not_forwarded(unit, vdom, packet) if translation is None else None
    if stop is not None:
        return stop
    target = packet.destination_number if translation is None else translation.destination
    if target is None:  # mapped to what the configuration does not hold: it may leave anywhere
        known = [interface for interface in vdom.network.interfaces.values() if interface.up]
    else:
        through = vdom.network.egress(packet.family, target, packet.egress)
        known = [vdom.network.interfaces[name] for name in through if name in vdom.network.interfaces]
        if not known:
            return Verdict(False, "route", f"no route to {text_of(packet.family, target)}")
    courses = [leave(unit, vdom, packet, ingress, egress, vip, translation) for egress in known]
    if (
        translation is None and ingress.dynamic(packet.family)
        and vdom.network.known_route(packet.family, packet.destination_number) is None
    ):
        courses.append(Verdict(False, "local", f"perhaps the address that {ingress.name} got from outside"))
    return combine(courses)


def _not_forwarded(unit: Unit, vdom: Vdom, packet: Packet) -> Verdict | None:
    """The verdict on what is not forwarded by policies at all."""
    number = packet.destination_number
    if (packet.family, number) in vdom.network.own:
        return Verdict(False, "local", f"{packet.destination} is the unit's own address")
    low, high = _MULTICAST[packet.family]
    if low <= number <= high:
        return Verdict(None, "multicast", "multicast policies and broadcast settings decide")
    if virtual_ips_are_local(unit.release):
        vip = vdom.vips[packet.family].external_address_of(number)
        if vip is not None:
            return Verdict(False, "local", f"external address of virtual IP {vip.name}, which does not translate it")
    return None


def leave(
    unit: Unit, vdom: Vdom, packet: Packet, ingress: Interface, egress: Interface, vip: VirtualIP | None,
    translation: Translation | None,
) -> Verdict:
    """The verdict on a packet, translated by ``vip`` or not, that routing sends to ``egress``."""
    if not egress.up:
        return Verdict(False, "interface", f"interface {egress.name} is down")
    if vip is None and egress is ingress and _redirected(unit, vdom, packet, ingress):
        return Verdict(
            True, "redirect", "leaves by the interface it came in by: no policy check (allow-traffic-redirect)",
            source_nat=False, dscp=packet.dscp,
        )
    port = translation.port if translation is not None else (packet.destination_port, packet.destination_port)
    possible: list[Verdict] = []
    for policy in vdom.policies_from(ingress):
        matched = policy.destination_ends.match(egress)
        if matched is False:
            continue
        matched = both(matched, policy.match_destination(packet, vip, translation, vdom.central_nat))
        if matched is False:
            continue
        matched = both(both(matched, policy.source_ends.match(ingress)), policy.match_packet(packet, port))
        if matched is False:
            continue
        possible.append(_decided(vdom, packet, ingress, egress, policy, translation, port))
        if matched is True:
            return combine(possible)
    return combine([*possible, _unmatched(unit, vdom, packet, ingress, egress)])


def _redirected(unit: Unit, vdom: Vdom, packet: Packet, ingress: Interface) -> bool:
    switch = _REDIRECT_SWITCH[packet.family]
    if not enabled(unit.settings, switch, default=default_traffic_redirect(unit.release)):
        return False
    return redirects_foreign_sources(unit.release) or vdom.network.connected_to(
        ingress.name, packet.family, packet.source_number
    )


def _decided(
    vdom: Vdom, packet: Packet, ingress: Interface, egress: Interface, policy: Policy, translation: Translation | None,
    port: Range,
) -> Verdict:
    allowed = _OUTCOMES.get(policy.action)
    if allowed is False:
        return Verdict(False, policy.label, "denied")
    dscp, shaper = marked(vdom, packet, ingress, egress, policy, translation, port)
    destination = None
    if translation is not None and translation.destination is not None and port[0] == port[1]:
        destination = (text_of(packet.family, translation.destination), port[0])
    # With central NAT the central SNAT map decides instead of the policy.
    source_nat = None if vdom.central_nat else enabled(policy.row, "nat")
    why = "accepted" if allowed else "policy-based IPsec: depends on the tunnel"
    return Verdict(allowed, policy.label, why, destination, source_nat, dscp, shaper)


def _unmatched(unit: Unit, vdom: Vdom, packet: Packet, ingress: Interface, egress: Interface) -> Verdict:
    zone = vdom.network.common_zone(ingress.name, egress.name)
    if zone is not None and zone.intrazone and (len(zone.members) > 1 or single_member_intrazone(unit.release)):
        return Verdict(
            True, f"zone {zone.name}", "traffic inside the zone is allowed", source_nat=False, dscp=packet.dscp
        )
    return Verdict(False, "policy 0", "implicit deny")
