"""What to ask of a pfSense's configuration, for a site and a policy; see `tests.promises.steps.Question`."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

from tests.oracles.logic import Truth, both, either
from tests.oracles.pfsense import Packet, answers_locally, management_reachable, passes, sip_alg_state, udp_timeout
from tests.promises.pfsense.sites import CONTROLLER, WAN, WAN2
from tests.promises.pfsense.states import State, View, phones_interface
from tests.promises.pfsense.wanted import Wanted
from tests.promises.steps import EXPOSURE, FLOW, Question, first_and_last

STRANGERS = ("192.0.2.99", "2001:db8:dead::99")
PHONE, PBX, HOST, SERVER, GUEST, DMZ = (
    "10.40.0.20", "10.40.0.5", "10.0.0.77", "10.0.0.20", "10.30.0.50", "172.16.5.10"
)
PHONES = ipaddress.ip_network("10.40.0.0/24")
HOST6 = "2001:db8:0:1::77"
INSIDE = (("lan", HOST), ("lan", SERVER), ("opt1", DMZ))
EXTERNAL = "198.51.100.20"
"""An outside address that a site may have besides those of its uplinks."""
STANDARD_SIP = {"tcp": (5060, 5061), "udp": (5060, 5061)}
PROTOCOL = {"tls": "tcp", "tcp": "tcp", "udp": "udp"}
LEAST_SECONDS = 150
"""Phones refresh what keeps a state open more often than that."""
Config = dict[str, Any]
Ask = Callable[[View], Truth]
Row = tuple[str, str, Ask, bool]


def questions(start: State, wanted: Wanted) -> list[Question]:
    """All questions; `start` is the state before the run."""
    return [
        Question(kind, label, _asking(ask), promised) for kind, label, ask, promised in _Asker(start, wanted).all()
    ]


def _asking(ask: Ask) -> Callable[[State], Truth]:
    def asked(state: State) -> Truth:
        return state.view.answer(ask, lambda: ask(state.view))

    return asked


def _span(entry: Any) -> tuple[int, int]:
    first, _dash, last = str(entry).partition("-")
    return int(first), int(last or first)


def _ends(ports: list[Any]) -> list[int]:
    """First and last port of every entry."""
    return sorted({port for entry in ports for port in _span(entry)})


def _covers(ports: list[Any], port: int) -> bool:
    return any(first <= port <= last for first, last in map(_span, ports))


def _hosts(networks: list[str]) -> list[str]:
    """The first and the last IPv4 address of every network."""
    found = []
    for network in map(ipaddress.ip_network, networks):
        if network.version == 4:
            found += [str(network[0]), str(network[-1])]
    return list(dict.fromkeys(found))


class _Asker:
    def __init__(self, start: State, wanted: Wanted) -> None:
        self.wanted = wanted
        self.start = start.view.config
        self.concerns = set(wanted["concerns"])
        self.protocol = PROTOCOL[wanted["transport"]]
        self.ports = wanted["sip_ports"][wanted["transport"]]
        self.sip = _ends(self.ports)
        self.rtp = _ends(wanted["rtp_ports"])
        # A filter that is switched off does nothing of what it is told: findings say so.
        self.filtering = "disablefilter" not in self.start["system"]
        self.allowlist = "sip_allowlist" in self.concerns and self.filtering
        self.voice = "voice_vlan" in self.concerns and self.filtering
        self.phones_exist = phones_interface(self.start) is not None
        self.uplinks = [("wan", WAN)]
        if "opt7" in self.start["interfaces"]:
            self.uplinks.append(("opt7", WAN2))
        named = wanted["wan_interfaces"]
        self.guarded = {"wan"} if named else {name for name, _address in self.uplinks}
        signalling = [ipaddress.ip_network(one) for one in wanted["signalling"]]
        # A provider may send media from addresses that signal nothing: for SIP they are strangers.
        media = [
            host
            for host in _hosts(wanted["media"])
            if not any(ipaddress.ip_address(host) in network for network in signalling)
        ]
        self.strangers = [*STRANGERS, *first_and_last(media)]

    def all(self) -> Iterator[Row]:
        yield from self._provider()
        yield from self._strangers()
        yield from self._closed_ports()
        yield from self._isolation()
        yield from self._services_of_phones()
        yield from self._management()
        yield from self._others()
        alg = "sip_alg" in self.concerns
        yield EXPOSURE, "SIP ALG", lambda view: sip_alg_state(view.config) != "none", alg
        yield FLOW, "states of UDP last", lambda view: udp_timeout(view.config) >= LEAST_SECONDS, alg

    # Flows

    def _flow(
        self, kind: str, label: str, ingress: str, source: str, target: str, protocol: str, port: int,
        promised: bool = False,
    ) -> Row:
        packet = _packet(ingress, source, target, protocol, port)
        return (
            kind, f"{label}: {ingress} {source} > {target} {protocol}/{port}",
            lambda view: lives_in(view.config, ingress, source) and reached(view, packet), promised,
        )

    def _phones(
        self, kind: str, label: str, target: str, protocol: str, port: int, promised: bool, source: str = PHONE
    ) -> Row:
        """From the phones, wherever their network is."""

        def ask(view: View) -> Truth:
            at = phones_interface(view.config)
            return at is not None and reached(view, _packet(at, source, target, protocol, port))

        return kind, f"{label}: phones {source} > {target} {protocol}/{port}", ask, promised

    @property
    def _phones_served(self) -> bool:
        """Whether what phones need is promised: there have to be phones."""
        return self.filtering and (self.voice or (self.phones_exist and self.allowlist))

    def _provider(self) -> Iterator[Row]:
        pbx = (PBX,) if self.wanted["pbx"] and self.wanted["pbx"]["address"] == PBX else ()
        for hosts, ports, protocol, label in (
            (_hosts(self.wanted["signalling"]), self.sip, self.protocol, "signalling"),
            (_hosts(self.wanted["media"]), self.rtp, "udp", "media"),
        ):
            for host in hosts:
                for port in ports:
                    for source in (PHONE, *pbx):
                        yield self._phones(FLOW, label, host, protocol, port, self._serves(protocol, port), source)
                    for ingress, inside in INSIDE:
                        yield self._flow(FLOW, f"others' {label}", ingress, inside, host, protocol, port)
                    for wan, address in self.uplinks:
                        yield from self._forwarded(label, wan, host, address, protocol, port)
                        yield self._to_pbx(label, wan, host, protocol, port)

    def _forwarded(
        self, label: str, wan: str, host: str, address: str, protocol: str, port: int
    ) -> Iterator[Row]:
        """By whatever forwards the site has."""
        packet = _packet(wan, host, address, protocol, port)
        name = f"provider's {label}: {wan} {host} > {address} {protocol}/{port}"
        start = passes(self.start, packet)
        # By a forward of which nobody knows whether it takes the packet, or to which host: perhaps to a phone.
        unsure = start.allowed is not False and (start.allowed is None) == (start.destination is not None)
        if not unsure and (start.destination is None or self._stays_open(start.destination[0])):
            yield FLOW, name, lambda view: passes(view.config, packet).allowed, False

    def _stays_open(self, target: str) -> bool:
        """Whether the site may go on forwarding to a host: the phones' network is closed on purpose, and what is in no
        network of the box leaves by the WAN again."""
        networks = [
            ipaddress.ip_interface(f"{row['ipaddr']}/{row['subnet']}").network
            for row in self.start["interfaces"].values() if row.get("subnet") and "enable" in row
        ]
        here = ipaddress.ip_address(target)
        return here not in PHONES and any(here in network for network in networks)

    def _serves(self, protocol: str, port: int) -> bool:
        """Whether the provider is promised to the phones: where siproxd takes their packets, or their interface
        answers to other rules than ours, nobody knows."""
        taken = sip_alg_state(self.start) != "none" and "sip_alg" not in self.concerns
        return self._phones_served and not (taken and protocol == "udp" and port == 5060) and not self._in_the_way

    @property
    def _in_the_way(self) -> bool:
        """Whether rules of the site's block what leaves by an uplink, which findings say."""
        return any(
            "floating" in row and "disabled" not in row and row.get("type") in ("block", "reject")
            and row.get("direction") != "in"
            for row in (self.start["filter"] or {}).get("rule") or []
        )

    def _to_pbx(self, label: str, wan: str, host: str, protocol: str, port: int) -> Row:
        """By our forward, which comes behind those of the site."""
        pbx = self.wanted["pbx"] or {"address": ""}
        outside = pbx.get("public_address") or dict(self.uplinks)[wan]
        packet = _packet(wan, host, outside, protocol, port)

        def ask(view: View) -> Truth:
            verdict = passes(view.config, packet)
            return both(verdict.allowed, verdict.destination is not None and verdict.destination[0] == pbx["address"])

        return FLOW, f"{label} to the PBX: {wan} {host} > {outside} {protocol}/{port}", ask, False

    # Exposures

    def _strangers(self) -> Iterator[Row]:
        flows = [(protocol, port) for protocol, ports in STANDARD_SIP.items() for port in ports]
        flows += [(self.protocol, port) for port in self.sip if (self.protocol, port) not in flows]
        for stranger in self.strangers:
            six = ":" in stranger
            for protocol, port in flows:
                for wan, address in self.uplinks:
                    targets = [HOST6] if six else [address, HOST, PHONE, EXTERNAL]
                    for target in targets:
                        closed = self._is_closed(wan, stranger, target, protocol, port)
                        yield self._inwards("stranger's SIP", wan, stranger, target, protocol, port, closed)
                if protocol == self.protocol and _covers(self.ports, port):
                    sources = [("lan", HOST6)] if six else INSIDE
                    for ingress, source in sources:
                        yield self._flow(
                            EXPOSURE, "SIP to strangers", ingress, source, stranger, protocol, port,
                            self.allowlist and self._all_guarded,
                        )
                if not six:
                    yield self._phones(EXPOSURE, "SIP to strangers", stranger, protocol, port, self.voice or (
                        self.allowlist and self._all_guarded and protocol == self.protocol
                        and _covers(self.ports, port)
                    ))
        for stranger in STRANGERS:
            for port in self.rtp:
                for wan, address in self.uplinks:
                    for target in [HOST6] if ":" in stranger else [address, HOST, PHONE, EXTERNAL]:
                        closed = self._is_closed(wan, stranger, target, "udp", port)
                        yield self._inwards("stranger's RTP", wan, stranger, target, "udp", port, closed)

    @property
    def _all_guarded(self) -> bool:
        return self.guarded == {name for name, _address in self.uplinks}

    def _inwards(
        self, label: str, wan: str, source: str, target: str, protocol: str, port: int, promised: bool
    ) -> Row:
        """Through the box or to the box itself."""
        packet = _packet(wan, source, target, protocol, port)
        return (
            EXPOSURE, f"{label}: {wan} {source} > {target} {protocol}/{port}",
            lambda view: lives_in(view.config, wan, source) and either(
                (passes(view.config, packet).allowed, answers_locally(view.config, packet).allowed)
            ),
            promised,
        )

    def _is_closed(self, wan: str, stranger: str, target: str, protocol: str, port: int) -> bool:
        """Whether it is promised to be kept out, which takes rules that can hold it: a forward that lets in by itself,
        or makes a port of it that is not of SIP or RTP, or a mapping that UPnP made, is out of their reach, which
        findings say."""
        if not (self.allowlist and wan in self.guarded):
            return False
        config = {**self.start, "filter": {"rule": [_wall(wan)]}}
        packet = _packet(wan, stranger, target, protocol, port)
        opened = {**self.start, "filter": {"rule": [_gate()]}}
        passed = passes(opened, packet)
        if passed.allowed is None or (passed.allowed and passed.destination is None and target in (WAN, WAN2)):
            return False  # to one of several, or to where only the box knows: perhaps to another port
        moved = passed.destination is not None and passed.destination[1] != port
        return passes(config, packet).allowed is False and not moved

    def _closed_ports(self) -> Iterator[Row]:
        """SIP ports that the policy does not use stay closed to the provider as well."""
        for host in _hosts(self.wanted["signalling"])[:1]:
            for protocol, ports in STANDARD_SIP.items():
                for port in ports:
                    if (protocol == self.protocol and _covers(self.ports, port)) or (
                        protocol == "udp" and _covers(self.wanted["rtp_ports"], port)
                    ):
                        continue
                    for ingress, source in INSIDE:
                        yield self._flow(
                            EXPOSURE, "closed SIP", ingress, source, host, protocol, port,
                            self.allowlist and self._all_guarded,
                        )
                    yield self._phones(
                        EXPOSURE, "closed SIP", host, protocol, port,
                        self.voice or (self.allowlist and self._all_guarded),
                    )

    def _isolation(self) -> Iterator[Row]:
        for protocol, port in (("tcp", 443), ("tcp", 80), ("udp", 5060), ("icmp", 0)):
            for ingress, source in (*INSIDE, *((wan, STRANGERS[0]) for wan, _address in self.uplinks)):
                if not self._is_pbx(source):
                    yield self._into(ingress, source, protocol, port)
        # Not on ports of services whose servers have names: nobody knows to which addresses these lead.
        for protocol, port in (("tcp", 80), ("tcp", 8443), ("udp", 5060), ("udp", 20001), ("icmp", 0)):
            for target in (HOST, SERVER, DMZ, STRANGERS[0]):
                if self._is_pbx(target):
                    continue
                yield self._phones(EXPOSURE, "out of the voice VLAN", target, protocol, port, self.voice)
        for wan, address in self.uplinks:
            for port in (80, 443, 8443):
                packet = _packet(wan, STRANGERS[0], address, "tcp", port)
                yield (
                    EXPOSURE, f"phones' web interface by {wan} {address}:{port}",
                    lambda view, packet=packet: _reaches_phones(view.config, packet), self.voice,
                )

    def _is_pbx(self, address: str) -> bool:
        return bool(self.wanted["pbx"]) and self.wanted["pbx"]["address"] == address

    def _into(self, ingress: str, source: str, protocol: str, port: int) -> Row:
        """From elsewhere to a phone, once there is a network for it: without one its address leads to the WAN. Where a
        rule of the site's names a gateway it may lead there as well, which is not to the phones."""
        packet = _packet(ingress, source, PHONE, protocol, port)

        def ask(view: View) -> Truth:
            if phones_interface(view.config) is None or not lives_in(view.config, ingress, source):
                return False
            found = reached(view.straight, packet)
            # A forward of the site's to nobody knows whom: the worst that it could do is to lead to a phone.
            return False if found is None and _is_stopped(view.straight.rules, packet) else found

        return EXPOSURE, f"into the voice VLAN: {ingress} {source} > {PHONE} {protocol}/{port}", ask, self.voice

    # What phones need besides, and who manages the box

    def _services_of_phones(self) -> Iterator[Row]:
        """DNS, time and provisioning, of servers outside."""
        voice = self.wanted["voice_vlan"]
        served = self.voice and not self._in_the_way
        for server in voice.get("dns_servers") or ["203.0.113.53"]:
            for protocol in ("udp", "tcp"):
                yield self._phones(FLOW, "DNS", server, protocol, 53, served)
        for server in voice.get("ntp_servers") or ():
            if server[0].isdigit():
                yield self._phones(FLOW, "time", server, "udp", 123, served)
        listed = (voice.get("provisioning") or ["x"])[0][0].isdigit()
        # What a name leads to nobody knows, and everything else is closed on purpose.
        for server in ("203.0.113.64", "203.0.113.79", "192.0.2.200") if listed or not self.voice else ():
            yield self._phones(FLOW, "provisioning", server, "tcp", 443, served)

    def _management(self) -> Iterator[Row]:
        closing = "management_access" in self.concerns and self.filtering
        networks = [ipaddress.ip_network(one) for one in self.wanted["management"]["networks"]]

        def asking(interface: str, source: str, service: str) -> Ask:
            return lambda view: lives_in(view.config, interface, source) and management_reachable(
                view.config, interface, source, service
            )

        controller = self.wanted["management"]["controller_address"] or CONTROLLER
        for service in ("https", "ssh"):
            served = closing and self._serves_management(service, controller)
            yield FLOW, f"{service} by lan", asking("lan", controller, service), served
            for interface, source in (*((wan, STRANGERS[0]) for wan, _address in self.uplinks), ("lan", HOST),
                                      ("opt1", DMZ)):
                if not any(ipaddress.ip_address(source) in network for network in networks if network.version == 4):
                    label = f"{service} from {source} on {interface}"
                    yield EXPOSURE, label, asking(interface, source, service), closing

    def _serves_management(self, service: str, source: str) -> bool:
        """Whether the box would answer if no rule kept anybody out: forwards of the site's may lead its ports away."""
        system = self.start["system"]
        https = {**system, "webgui": {**(system.get("webgui") or {}), "protocol": "https"}}
        opened = {**self.start, "system": https, "filter": {"rule": [_gate()]}}
        return management_reachable(opened, "lan", source, service) is True

    def _switched_off_on(self) -> set[str]:
        """Where rules of the site's may go with `enforce_exclusive`, since they let SIP or RTP of strangers in as well
        as what is asked for: on the WANs, and everywhere where a floating rule lets something in."""
        if not (self.wanted["enforce_exclusive"] and "sip_allowlist" in self.wanted["concerns"]):
            return set()
        wans = {wan for wan, _address in self.uplinks}
        rules = (self.start["filter"] or {}).get("rule") or []
        floating = any("floating" in rule and "disabled" not in rule for rule in rules)
        return wans | {"lan", "opt1"} if floating else wans

    def _others(self) -> Iterator[Row]:
        """What the site has besides goes on working: none of it is SIP, RTP or to or from the phones."""
        flows = (
            ("lan", HOST, STRANGERS[0], "tcp", 443), ("lan", HOST, STRANGERS[0], "udp", 53),
            ("lan", HOST, DMZ, "tcp", 443), ("opt1", DMZ, STRANGERS[0], "tcp", 80),
            ("lan", HOST6, STRANGERS[1], "tcp", 443),
            ("lan", HOST, STRANGERS[0], "icmp", 0), ("opt1", DMZ, HOST, "tcp", 445),
            *((wan, STRANGERS[0], address, "tcp", port) for wan, address in self.uplinks for port in (443, 80, 25)),
            ("wan", STRANGERS[0], DMZ, "tcp", 443),
        )
        for ingress, source, target, protocol, port in flows:
            if ingress in self._switched_off_on() or (target == DMZ and "opt1" not in self.start["interfaces"]):
                continue
            packet = _packet(ingress, source, target, protocol, port)

            def ask(view: View, packet: Packet = packet) -> Truth:
                if not lives_in(view.config, packet.ingress, packet.source):
                    return False
                verdict = passes(view.config, packet)
                inside = verdict.destination is not None and verdict.destination[0].startswith("10.40.0.")
                return False if inside else verdict.allowed

            yield FLOW, f"others: {ingress} {source} > {target} {protocol}/{port}", ask, False


def reached(view: View, packet: Packet) -> Truth:
    """Whether the rules let a packet from inside through the box, to where it wants to."""
    verdict = passes(view.rules, packet)
    elsewhere = verdict.destination is not None and verdict.destination[0] != packet.destination
    return False if elsewhere else verdict.allowed


def _is_stopped(config: Config, packet: Packet) -> bool:
    """Whether the rules stop a packet to a phone for certain, with the port that it has and with each that a forward
    may give it."""
    others = set(config["interfaces"]) - {packet.ingress}
    forwards = [one for one in (config["nat"] or {}).get("rule") or [] if one.get("interface") not in others]
    ports = {str(one.get("local-port") or packet.destination_port) for one in forwards}
    if not all(port.isdecimal() for port in ports):
        return False
    packets = [packet, *(replace(packet, destination_port=int(port)) for port in ports)]
    return all(passes({**config, "nat": {}}, one).allowed is False for one in packets)


def _reaches_phones(config: Config, packet: Packet) -> Truth:
    """Whether a packet to an uplink gets to the phones' network."""
    if phones_interface(config) is None:
        return False
    verdict = passes(config, packet)
    if verdict.allowed is not False and verdict.destination is not None:
        return verdict.allowed if verdict.destination[0].startswith("10.40.0.") else False
    if verdict.allowed is None and "miniupnpd" in (config.get("installedpackages") or {}):
        # The worst that a host could do: map the port to a phone, and no rule at the uplink is asked.
        mapped = {
            "interface": packet.ingress, "protocol": "tcp", "source": {"any": ""}, "destination": {"any": ""},
            "target": PHONE, "associated-rule-id": "pass",
        }
        nat = config["nat"] or {}
        worst = {**config, "nat": {**nat, "rule": [*(nat.get("rule") or []), mapped]}}
        return False if passes(worst, packet).allowed is False else None
    return verdict.allowed


def _wall(wan: str) -> Config:
    """A rule that stops everything at an uplink."""
    return {"type": "block", "interface": wan, "floating": "yes", "quick": "yes", "direction": "in",
            "ipprotocol": "inet46", "source": {"any": ""}, "destination": {"any": ""}}


def _gate() -> Config:
    """A rule that lets everything through."""
    return {**_wall("any"), "type": "pass", "direction": "any"}


def lives_in(config: Config, ingress: str, source: str) -> bool:
    """Whether a host with this address may be behind an interface: it may have other networks by now, or be off."""
    one = config["interfaces"].get(ingress)
    if one is None or "enable" not in one:
        return False
    if ingress in ("wan", "opt7"):
        return True
    own, bits = ("ipaddrv6", "subnetv6") if ":" in source else ("ipaddr", "subnet")
    if not one.get(own):
        return False
    return ipaddress.ip_address(source) in ipaddress.ip_network(f"{one[own]}/{one[bits]}", strict=False)


@lru_cache(maxsize=65536)
def _packet(ingress: str, source: str, target: str, protocol: str, port: int) -> Packet:
    return Packet(ingress, source, target, protocol, port)
