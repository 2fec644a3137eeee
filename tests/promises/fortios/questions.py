"""What to ask of a FortiGate's configuration, for a site and a policy; see `tests.promises.steps.Question`."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

from tests.oracles.fortios import Packet, answers_locally, management_reachable, marking, passes, sip_alg_state
from tests.oracles.logic import Truth
from tests.promises.fortios.wanted import Wanted
from tests.promises.fortios.wire import CONTROLLER
from tests.promises.steps import EXPOSURE, FLOW, Question, first_and_last

STRANGERS = ("192.0.2.99", "2001:db8:dead::99")
PHONE, LAN_HOST, OLD_PBX, MAIL = "10.40.0.20", "10.0.0.77", "192.168.9.5", "10.10.10.25"
PHONE6, LAN_HOST6 = "2001:db8:40::20", "2001:db8:10::77"
INSIDE = (("internal", LAN_HOST), ("internal", OLD_PBX), ("dmz", MAIL))
WAN_ADDRESS, WAN_ADDRESS6 = "198.51.100.2", "2001:db8:ffff::2"
EXTERNAL = (WAN_ADDRESS, "198.51.100.3", "198.51.100.9", "198.51.100.7")
UPLINK = ("wan1",)
"""The WAN interface that is connected."""
STANDARD_SIP = {"tcp": {5060, 5061}, "udp": {5060}}
PROTOCOL = {"tls": "tcp", "tcp": "tcp", "udp": "udp"}
MANAGEMENT_SERVICES = ("http", "https", "ssh", "telnet", "snmp")


def questions(start: Any, wanted: Wanted) -> list[Question]:
    """All questions; `start` is the configuration before the run."""
    return list(_Asker(start, wanted).all())


def _ends(ports: list[Any]) -> list[int]:
    """First and last port of every entry."""
    found = []
    for entry in ports:
        first, _dash, last = str(entry).partition("-")
        found += [int(first), int(last or first)]
    return sorted(set(found))


def _hosts(networks: list[str], version: int) -> list[str]:
    """The first and the last address of every network of a family."""
    found = []
    for network in map(ipaddress.ip_network, networks):
        if network.version == version:
            found += [str(network[0]), str(network[-1])]
    return list(dict.fromkeys(found))


class _Asker:
    def __init__(self, start: Any, wanted: Wanted) -> None:
        self.wanted = wanted
        self.concerns = set(wanted["concerns"])
        used = wanted["sip_ports"][wanted["transport"]]
        self.protocol = PROTOCOL[wanted["transport"]]
        self.sip = _ends(used)
        self.rtp = _ends(wanted["rtp_ports"])
        self.wans = wanted["wan_interfaces"] or ["wan1", "wan2"]
        interfaces = {row["name"]: row for row in start["global"]["system/interface"]}
        self.phones_exist = "phones" in interfaces
        self.phones = "phones" if self.phones_exist else "VOIPH-VLAN40"
        self.forwarded = {
            row["extip"]
            for row in start["vdom"]["root"].get("firewall/vip", ())
            if not row["name"].startswith("VOIPH-")
        }
        self.strangers = list(STRANGERS)
        # A provider may send media from addresses that signal nothing: for SIP they are strangers.
        signalling = [ipaddress.ip_network(one) for one in wanted["signalling"]]
        self.strangers += first_and_last(
            [
                host
                for host in _hosts(wanted["media"], 4)
                if not any(ipaddress.ip_address(host) in network for network in signalling)
            ]
        )
        self.allowlist = "sip_allowlist" in self.concerns
        # A rule between all interfaces lets strangers in; where such rules are to be disabled, it goes both ways.
        between_all = any(
            row["srcintf"] == row["dstintf"] == [{"name": "any"}] and row["status"] == "enable"
            for row in start["vdom"]["root"].get("firewall/policy", ())
        )
        self.others_stay = not (wanted["enforce_exclusive"] and self.allowlist and between_all)
        self.voice = "voice_vlan" in self.concerns

    def all(self) -> Iterator[Question]:
        yield from self._phones_to_provider()
        yield from self._provider_and_others()
        if self.wanted["pbx"] is not None and self.allowlist:
            yield from self._pbx(self.wanted["pbx"])
        yield from self._strangers()
        yield from self._closed_ports()
        yield from self._own_addresses()
        yield from self._isolation()
        yield from self._management()
        if "sip_alg" in self.concerns:
            yield Question(EXPOSURE, "SIP ALG", lambda c: sip_alg_state(c, "root", None) != "none", True)

    def _flow(
        self,
        kind: str,
        label: str,
        ingress: str,
        source: str,
        target: str,
        protocol: str,
        port: int,
        promised: bool = False,
    ) -> Question:
        packet = Packet(ingress, source, target, protocol, port, egress=UPLINK)
        text = f"{label}: {ingress} {source} > {target} {protocol}/{port}"
        return Question(kind, text, lambda configuration: passes(configuration, packet).allowed, promised)

    def _phones_to_provider(self) -> Iterator[Question]:
        promised = self.voice or (self.allowlist and self.phones_exist)
        for host in _hosts(self.wanted["signalling"], 4):
            for port in self.sip:
                yield self._flow(FLOW, "signalling", self.phones, PHONE, host, self.protocol, port, promised)
        for host in _hosts(self.wanted["media"], 4):
            for port in self.rtp:
                yield self._flow(FLOW, "media", self.phones, PHONE, host, "udp", port, promised)
                if self.voice:
                    yield self._marked(host, port)

    def _marked(self, host: str, port: int) -> Question:
        packet = Packet(self.phones, PHONE, host, "udp", port, egress=UPLINK)
        dscp = self.wanted["voice_vlan"].get("dscp", 46)
        return Question(FLOW, f"media to {host} marked {dscp}", lambda c: marking(c, packet) == dscp, True)

    def _provider_and_others(self) -> Iterator[Question]:
        """What other hosts of the site have with the provider must stay, on the ports in use."""
        for host in _hosts(self.wanted["signalling"], 4):
            for port in self.sip:
                for ingress, inside in INSIDE if self.others_stay else ():
                    yield self._flow(FLOW, "others' signalling", ingress, inside, host, self.protocol, port)
                if not self.wanted["enforce_exclusive"]:
                    for external in EXTERNAL:
                        yield self._to_forward("provider's signalling", host, external, self.protocol, port)
        for host in _hosts(self.wanted["media"], 4):
            for port in self.rtp:
                if not self.wanted["enforce_exclusive"]:
                    for external in EXTERNAL:
                        yield self._to_forward("provider's media", host, external, "udp", port)
        for host in _hosts(self.wanted["signalling"], 6) if self.others_stay else ():
            for port in self.sip:
                yield self._flow(FLOW, "others' signalling", "internal", LAN_HOST6, host, self.protocol, port)

    def _to_forward(self, label: str, host: str, external: str, protocol: str, port: int) -> Question:
        """A forward of somebody's into the site, except into the voice VLAN: that is closed to all, and where there is
        none the forward leads nowhere."""
        packet = Packet("wan1", host, external, protocol, port)
        closed = self.voice or not self.phones_exist

        def ask(configuration: Any) -> Truth:
            verdict = passes(configuration, packet)
            if verdict.destination is None or (closed and verdict.destination[0].startswith("10.40.0.")):
                return False
            return verdict.allowed

        return Question(FLOW, f"{label}: {host} > {external} {protocol}/{port}", ask)

    def _pbx(self, pbx: dict[str, str]) -> Iterator[Question]:
        address, public = pbx["address"], pbx.get("public_address", WAN_ADDRESS)
        beside = self.phones if address.startswith("10.40.") else "internal"
        if beside == self.phones and not (self.voice or self.phones_exist):
            return
        # What a virtual IP of somebody else takes never reaches ours.
        ours = public not in self.forwarded
        for host in _hosts(self.wanted["signalling"], 4):
            for port in self.sip:
                yield self._flow(FLOW, "PBX out", beside, address, host, self.protocol, port, True)
                yield self._to_pbx("PBX in", host, public, address, self.protocol, port, ours)
        for host in _hosts(self.wanted["media"], 4):
            for port in self.rtp:
                yield self._flow(FLOW, "PBX media out", beside, address, host, "udp", port, True)
                yield self._to_pbx("PBX media in", host, public, address, "udp", port, ours)

    def _to_pbx(
        self, label: str, host: str, public: str, address: str, protocol: str, port: int, promised: bool
    ) -> Question:
        """By the public address to the PBX itself, and not merely past the rules on the way to somewhere else."""
        packet = Packet("wan1", host, public, protocol, port)

        def ask(configuration: Any) -> Truth:
            verdict = passes(configuration, packet)
            return verdict.allowed if verdict.destination is not None and verdict.destination[0] == address else False

        return Question(FLOW, f"{label}: {host} > {public} > {address} {protocol}/{port}", ask, promised)

    def _strangers(self) -> Iterator[Question]:
        promised = self.allowlist
        flows = [(protocol, port) for protocol, ports in STANDARD_SIP.items() for port in sorted(ports)]
        flows += [(self.protocol, port) for port in self.sip if (self.protocol, port) not in flows]
        for stranger in self.strangers:
            six = ":" in stranger
            targets = [LAN_HOST6] if six else [*EXTERNAL, LAN_HOST, OLD_PBX, MAIL, PHONE]
            for protocol, port in flows:
                for target in targets:
                    yield self._flow(EXPOSURE, "stranger's SIP", "wan1", stranger, target, protocol, port, promised)
                sources = [("internal", LAN_HOST6)] if six else [*INSIDE, (self.phones, PHONE)]
                for ingress, source in sources:
                    yield self._flow(EXPOSURE, "SIP to strangers", ingress, source, stranger, protocol, port, promised)
        for stranger in STRANGERS:
            targets = [LAN_HOST6] if ":" in stranger else [*EXTERNAL, LAN_HOST, OLD_PBX, MAIL, PHONE]
            for port in self.rtp:
                for target in targets:
                    yield self._flow(EXPOSURE, "stranger's RTP", "wan1", stranger, target, "udp", port, promised)

    def _closed_ports(self) -> Iterator[Question]:
        """SIP ports that the policy does not use stay closed to the provider as well."""
        open_ports = {
            port
            for entry in self.wanted["sip_ports"][self.wanted["transport"]]
            for first, _dash, last in [str(entry).partition("-")]
            for port in range(int(first), int(last or first) + 1)
        }
        for protocol, ports in STANDARD_SIP.items():
            closed = ports - (open_ports if protocol == self.protocol else set())
            for host in _hosts(self.wanted["signalling"], 4)[:1]:
                for port in sorted(closed):
                    for ingress, source in (*INSIDE, (self.phones, PHONE)):
                        yield self._flow(EXPOSURE, "closed SIP", ingress, source, host, protocol, port, self.allowlist)

    def _own_addresses(self) -> Iterator[Question]:
        for stranger, address in zip(STRANGERS, (WAN_ADDRESS, WAN_ADDRESS6), strict=True):
            for protocol, ports in STANDARD_SIP.items():
                for port in sorted(ports):
                    packet = Packet("wan1", stranger, address, protocol, port)
                    yield Question(
                        EXPOSURE,
                        f"SIP to the unit itself: {stranger} > {address} {protocol}/{port}",
                        lambda configuration, packet=packet: answers_locally(configuration, packet).allowed,
                        self.allowlist,
                    )

    def _isolation(self) -> Iterator[Question]:
        for protocol, port in (("tcp", 443), ("tcp", 80), ("udp", 5060), ("icmp", 0)):
            for ingress, source in (*INSIDE, ("wan1", STRANGERS[0])):
                yield self._flow(EXPOSURE, "into the voice VLAN", ingress, source, PHONE, protocol, port, self.voice)
        # Not on ports of services whose servers have names: nobody knows to which addresses these lead.
        for protocol, port in (("tcp", 80), ("tcp", 8443), ("udp", 5060), ("udp", 20001), ("icmp", 0)):
            for target in (LAN_HOST, MAIL, STRANGERS[0]):
                yield self._flow(
                    EXPOSURE, "out of the voice VLAN", self.phones, PHONE, target, protocol, port, self.voice
                )
        for external in EXTERNAL:
            for port in (443, 80):
                packet = Packet("wan1", STRANGERS[0], external, "tcp", port)
                yield Question(
                    EXPOSURE,
                    f"phones' web interface by {external}:{port}",
                    lambda configuration, packet=packet: _reaches_phones(configuration, packet),
                    self.voice,
                )

    def _management(self) -> Iterator[Question]:
        closed = "management_access" in self.concerns
        yield Question(
            FLOW,
            "management by the LAN",
            lambda c: management_reachable(c, "internal", CONTROLLER, "https") is not False,
            True,
        )
        for wan in self.wans:
            for service in MANAGEMENT_SERVICES:
                # Trusted hosts would keep strangers from logging in, and still the service is not to answer.
                yield Question(
                    EXPOSURE,
                    f"{service} offered on {wan}",
                    lambda c, wan=wan, service=service: service in _offered(c, wan),
                    closed,
                )
            for source in STRANGERS:
                for service in MANAGEMENT_SERVICES:
                    yield Question(
                        EXPOSURE,
                        f"{service} from {source} on {wan}",
                        lambda c, wan=wan, source=source, service=service: management_reachable(
                            c, wan, source, service
                        ),
                        closed,
                    )


def _reaches_phones(configuration: Any, packet: Packet) -> Truth:
    verdict = passes(configuration, packet)
    inside = verdict.destination is not None and verdict.destination[0].startswith("10.40.0.")
    return verdict.allowed if inside else False


def _offered(configuration: Any, name: str) -> set[str]:
    """The services that an interface answers, by either family."""
    row = next((row for row in configuration["global"]["system/interface"] if row["name"] == name), {})
    return {*row.get("allowaccess", "").split(), *row.get("ipv6", {}).get("ip6-allowaccess", "").split()}
