"""What to ask of a Vigor's configuration, for a site and a policy; see `tests.promises.steps.Question`.

Settings of LANs wait for a restart, so everything is asked twice: of what is in force now, and of what will be once the
unit was started again.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from tests.devices.vigor import model_named
from tests.oracles.drayos import Packet, Unit
from tests.oracles.logic import Truth
from tests.promises.draytek.sites import WAN1, WAN2
from tests.promises.draytek.states import LATER, NOW, State, phones_lan
from tests.promises.draytek.wanted import Wanted
from tests.promises.draytek.wire import CONTROLLER
from tests.promises.steps import EXPOSURE, FLOW, Question, first_and_last

STRANGERS = ("192.0.2.99", "2001:db8:dead::99")
PHONE, PBX, HOST, SERVER, GUEST = "10.40.0.20", "10.40.0.5", "192.168.1.77", "192.168.1.20", "192.168.2.50"
HOST6 = "2001:db8:10::77"
INSIDE = (("LAN1", HOST), ("LAN1", SERVER), ("LAN2", GUEST))
UPLINKS = (("WAN1", WAN1), ("WAN2", WAN2))
STANDARD_SIP = {"tcp": {5060, 5061}, "udp": {5060, 5061}}
PROTOCOL = {"tls": "tcp", "tcp": "tcp", "udp": "udp"}
SERVICES = ("http", "https", "ftp", "telnet", "ssh", "snmp")
"""TR-069 is left alone: a VigorACS needs it."""
BY_ADDRESS = "phones' web interface"
"""What only rules that name the phones' addresses keep out, whatever the port."""
Ask = Callable[[Unit, dict[str, Any]], Truth]


def questions(start: State, wanted: Wanted) -> list[Question]:
    """All questions; `start` is the state before the run."""
    found = []
    asker = _Asker(start, wanted)
    for kind, label, ask, promised in asker.all():
        inside = label.startswith(BY_ADDRESS) or not asker.allowlist
        for when in (NOW, LATER):
            # Of a network that is yet to come only what will be is promised.
            told = promised if isinstance(promised, bool) else when == LATER and promised == LATER
            found.append(Question(kind, f"{label}, {when}", _asking(ask, when, inside), told))
    return found


def _asking(ask: Ask, when: str, inside: bool) -> Callable[[State], Truth]:
    def asked(state: State) -> Truth:
        view = state.views[when]
        return view.answer(ask, lambda: ask(view.unit(inside), view.config))

    return asked


def _ends(ports: list[Any]) -> list[int]:
    """First and last port of every entry."""
    found = []
    for entry in ports:
        first, _dash, last = str(entry).partition("-")
        found += [int(first), int(last or first)]
    return sorted(set(found))


def _covers(ports: list[Any], port: int) -> bool:
    return any(first <= port <= last for first, last in (_span(entry) for entry in ports))


def _span(entry: Any) -> tuple[int, int]:
    first, _dash, last = str(entry).partition("-")
    return int(first), int(last or first)


def _hosts(networks: list[str]) -> list[str]:
    """The first and the last IPv4 address of every network: the first and the last three where there are many."""
    found = []
    for network in map(ipaddress.ip_network, networks):
        if network.version == 4:
            found += [str(network[0]), str(network[-1])]
    found = list(dict.fromkeys(found))
    return found if len(found) <= 6 else [*found[:3], *found[-3:]]


Row = tuple[str, str, Ask, "bool | str"]


class _Asker:
    def __init__(self, start: State, wanted: Wanted) -> None:
        self.wanted = wanted
        self.start = start
        self.concerns = set(wanted["concerns"])
        self.protocol = PROTOCOL[wanted["transport"]]
        self.sip = _ends(wanted["sip_ports"][wanted["transport"]])
        self.rtp = _ends(wanted["rtp_ports"])
        self.allowlist = "sip_allowlist" in self.concerns
        self.voice = "voice_vlan" in self.concerns
        self.filtering = self.allowlist or self.voice
        self.phones_exist = phones_lan(start.stored) is not None
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
        if "sip_alg" in self.concerns:
            yield EXPOSURE, "SIP ALG", lambda unit, _config: unit.sip_alg_active(), True

    # Flows and exposures

    def _flow(
        self,
        kind: str,
        label: str,
        ingress: str,
        source: str,
        target: str,
        protocol: str,
        port: int,
        promised: bool | str = False,
    ) -> Row:
        packet = _packet(ingress, source, target, protocol, port)

        def ask(unit: Unit, config: dict[str, Any]) -> Truth:
            return lives_in(config, ingress, source) and unit.forward(packet).allowed

        return kind, f"{label}: {ingress} {source} > {target} {protocol}/{port}", ask, promised

    def _phones(
        self, kind: str, label: str, target: str, protocol: str, port: int, promised: bool | str, source: str = PHONE
    ) -> Row:
        """From the phones, wherever their network is."""

        def ask(unit: Unit, config: dict[str, Any]) -> Truth:
            at = phones_lan(config)
            return at is not None and unit.forward(_packet(f"LAN{at}", source, target, protocol, port)).allowed

        return kind, f"{label}: phones {source} > {target} {protocol}/{port}", ask, promised

    @property
    def _once_there(self) -> bool | str:
        """What is promised to phones."""
        if self.phones_exist:
            return self.filtering
        return LATER if self.voice else False

    def _provider(self) -> Iterator[Row]:
        pbx = (PBX,) if self.wanted["pbx"] and self.wanted["pbx"]["address"] == PBX else ()
        for host in _hosts(self.wanted["signalling"]):
            for port in self.sip:
                for source in (PHONE, *pbx):
                    yield self._phones(FLOW, "signalling", host, self.protocol, port, self._once_there, source)
                for ingress, inside in INSIDE:
                    promised = self.filtering and ingress == "LAN1"
                    yield self._flow(FLOW, "others' signalling", ingress, inside, host, self.protocol, port, promised)
                yield from self._inwards("provider's signalling", host, self.protocol, port)
        for host in _hosts(self.wanted["media"]):
            for port in self.rtp:
                for source in (PHONE, *pbx):
                    yield self._phones(FLOW, "media", host, "udp", port, self._once_there, source)
                yield self._flow(FLOW, "others' media", "LAN1", HOST, host, "udp", port, self.filtering)
                yield from self._inwards("provider's media", host, "udp", port)

    def _inwards(self, label: str, host: str, protocol: str, port: int) -> Iterator[Row]:
        """By whatever forwards the site has. Rules that let strangers in go with `enforce_exclusive`, and what the
        provider came in by goes with them, as on the other platforms."""
        if self.wanted["enforce_exclusive"] and "sip_allowlist" in self.concerns:
            return
        for wan, address in UPLINKS:
            yield self._flow(FLOW, label, wan, host, address, protocol, port)

    def _strangers(self) -> Iterator[Row]:
        flows = [(protocol, port) for protocol, ports in STANDARD_SIP.items() for port in sorted(ports)]
        flows += [(self.protocol, port) for port in self.sip if (self.protocol, port) not in flows]
        for stranger in self.strangers:
            six = ":" in stranger
            targets = [HOST6] if six else [WAN1, WAN2, HOST, PHONE]
            for protocol, port in flows:
                for target in targets:
                    closed = self.allowlist and self._keeps_its_port(target, protocol, port)
                    for wan in ("WAN1", "WAN2") if target == WAN2 else ("WAN1",):
                        yield self._flow(EXPOSURE, "stranger's SIP", wan, stranger, target, protocol, port, closed)
                sources = [("LAN1", HOST6)] if six else INSIDE
                for ingress, source in sources:
                    yield self._flow(
                        EXPOSURE, "SIP to strangers", ingress, source, stranger, protocol, port, self.allowlist
                    )
                if not six:
                    yield self._phones(EXPOSURE, "SIP to strangers", stranger, protocol, port, self.filtering)
        for stranger in STRANGERS:
            targets = [HOST6] if ":" in stranger else [WAN1, WAN2, HOST, PHONE]
            for port in self.rtp:
                for target in targets:
                    wan = "WAN2" if target == WAN2 else "WAN1"
                    yield self._flow(
                        EXPOSURE, "stranger's RTP", wan, stranger, target, "udp", port, self.allowlist
                    )

    def _keeps_its_port(self, target: str, protocol: str, port: int) -> bool:
        """Whether no redirection makes another port of it: whether rules see the one before or the one after is
        documented for newer releases only, so that what becomes of it cannot be promised."""
        return target not in (WAN1, WAN2) or not any(
            one["protocol"] == protocol and one["port"] == port and one["private_port"] != port and one["enabled"]
            for one in self.start.stored["portmaps"].values()
        )

    def _closed_ports(self) -> Iterator[Row]:
        """SIP ports that the policy does not use stay closed to the provider as well."""
        used = self.wanted["sip_ports"][self.wanted["transport"]]
        for host in _hosts(self.wanted["signalling"])[:1]:
            for protocol, ports in STANDARD_SIP.items():
                for port in sorted(ports):
                    if protocol == self.protocol and _covers(used, port):
                        continue
                    for ingress, source in INSIDE:
                        yield self._flow(
                            EXPOSURE, "closed SIP", ingress, source, host, protocol, port, self.allowlist
                        )
                    yield self._phones(EXPOSURE, "closed SIP", host, protocol, port, self.filtering)

    def _isolation(self) -> Iterator[Row]:
        for protocol, port in (("tcp", 443), ("tcp", 80), ("udp", 5060), ("icmp", 0)):
            for ingress, source in (*INSIDE, ("WAN1", STRANGERS[0])):
                yield self._into(ingress, source, protocol, port)
        # Not on ports of services whose servers have names: nobody knows to which addresses these lead.
        for protocol, port in (("tcp", 80), ("tcp", 8443), ("udp", 5060), ("udp", 20001), ("icmp", 0)):
            for target in (HOST, SERVER, GUEST, STRANGERS[0]):
                yield self._phones(EXPOSURE, "out of the voice VLAN", target, protocol, port, self.voice)
        for wan, address in UPLINKS:
            for port in (80, 443, 8443):
                packet = Packet(wan, STRANGERS[0], address, "tcp", port)
                yield (
                    EXPOSURE,
                    f"{BY_ADDRESS} by {wan} {address}:{port}",
                    lambda unit, config, packet=packet: _reaches_phones(unit, config, packet),
                    self.voice,
                )

    def _into(self, ingress: str, source: str, protocol: str, port: int) -> Row:
        """From elsewhere to a phone, once there is a network for it: without one its address leads to the WAN."""
        kind, text, ask, promised = self._flow(
            EXPOSURE, "into the voice VLAN", ingress, source, PHONE, protocol, port, self.voice
        )
        return kind, text, lambda unit, config: phones_lan(config) is not None and ask(unit, config), promised

    def _services_of_phones(self) -> Iterator[Row]:
        """DNS, time and provisioning, of servers outside."""
        voice = self.wanted["voice_vlan"]
        servers = voice.get("dns_servers") or ["203.0.113.53"]
        promised = self._once_there if self.voice else False
        for server in servers:
            if not server.startswith("192.168."):
                yield self._phones(FLOW, "DNS", server, "udp", 53, promised)
                yield self._phones(FLOW, "DNS", server, "tcp", 53, promised)
        times = voice.get("ntp_servers") or ["ntp1.example.com"]
        stranger = [STRANGERS[0]] if any(not one[0].isdigit() for one in times) else []
        for server in [*(one for one in times if one[0].isdigit()), *stranger]:
            yield self._phones(FLOW, "time", server, "udp", 123, promised)
        sites = voice.get("provisioning") or ["provisioning.example.com"]
        listed = ["203.0.113.64", "203.0.113.79", "192.0.2.200"]
        for server in listed if sites[0][0].isdigit() else [STRANGERS[0]]:
            yield self._phones(FLOW, "provisioning", server, "tcp", 443, promised)

    def _management(self) -> Iterator[Row]:
        for service in ("https", "ssh"):
            # LAN1 is let in whatever the lists say; whether to every service no source says.
            yield (
                FLOW,
                f"{service} by LAN1",
                lambda unit, _config, service=service: unit.reaches("LAN1", CONTROLLER, service) is not False,
                True,
            )
        closed = "management_access" in self.concerns
        for wan, _address in UPLINKS:
            for service in SERVICES:
                yield (
                    EXPOSURE,
                    f"{service} from {STRANGERS[0]} on {wan}",
                    lambda unit, _config, wan=wan, service=service: unit.reaches(wan, STRANGERS[0], service),
                    self._closed(service) if closed else False,
                )

    def _closed(self, service: str) -> bool | str:
        """Where the unit says which services answer to the WAN in words that anybody understands. Whom the site lets in
        by its access list besides the policy's networks, it goes on letting in. Large units heed a changed list from
        their next start only."""
        by_list = service in ("https", "ssh") and any(map(_is_outside, self.wanted["management"]["networks"]))
        listed = by_list and self.start.stored["management"]["acl"]
        if self.start.knobs.remote_status == "opaque" or listed:
            return False
        return LATER if by_list and model_named(self.start.stored["model"]).large else True


def _is_outside(network: str) -> bool:
    return ":" not in network and not network.startswith(("10.", "192.168."))


def lives_in(config: dict[str, Any], ingress: str, source: str) -> bool:
    """Whether a host with this address may be behind an interface: another LAN may have its number by now."""
    lan = config["lans"].get(ingress.removeprefix("LAN")) if ingress.startswith("LAN") else None
    if lan is None or ":" in source:
        return True
    return ipaddress.ip_address(source) in ipaddress.ip_network(f"{lan['address']}/{lan['mask']}", strict=False)


@lru_cache(maxsize=65536)
def _packet(ingress: str, source: str, target: str, protocol: str, port: int) -> Packet:
    return Packet(ingress, source, target, protocol, port, egress=("WAN1",))


def _reaches_phones(unit: Unit, config: dict[str, Any], packet: Packet) -> Truth:
    """By one of the forwards of this WAN, where any leads to the phones."""
    if not any(address.startswith("10.40.0.") for address in _forwarded(config, packet.ingress.removeprefix("WAN"))):
        return False
    verdict = unit.forward(packet)
    elsewhere = verdict.destination is not None and not verdict.destination[0].startswith("10.40.0.")
    return False if elsewhere else verdict.allowed


def _forwarded(config: dict[str, Any], wan: str) -> Iterator[str]:
    """The inside addresses that somebody at a WAN is forwarded to."""
    for one in config["portmaps"].values():
        if one["enabled"] and one["wan"] in ("all", f"wan{wan}"):
            yield one["private"]
    for one in config["openports"].values():
        if one["enabled"] and one["wan"] == int(wan):
            yield one["local"]
    for at, one in config["dmz"].items():
        if one["enabled"] and at == wan:
            yield one["private"]
