"""A stored configuration, made ready once so that many packets can be asked about."""

from __future__ import annotations

import re
from datetime import datetime

from ..intervals import PartlyKnown
from ..logic import Truth, both
from ..packets import Packet, Verdict
from . import marking, objects, services
from .filters import Filter
from .forwarding import Forwarding
from .local import LocalServices
from .nat import Nat
from .networks import Networks
from .objects import AddressBook, Reference
from .rows import Configuration, on, section
from .services import ServiceBook

# Models with rules of direction "WAN -> Localhost"; the others have three directions (Vigor2927 User's Guide 2.2).
_FILTERS_LOCALHOST = re.compile(r"Vigor(2962|3910|3912)")


class Unit:
    """What a Vigor with a configuration does to packets.

    ``now``: the unit's time; without it, whether a rule bound to a schedule is in force is unknown. ``after_nat``:
    whether rules for inbound packets see them after destination NAT; unknown unless given.
    """

    def __init__(
        self, configuration: Configuration, now: datetime | None = None, after_nat: Truth = None
    ) -> None:
        self.configuration = configuration
        self._addresses = AddressBook(configuration)
        self._services = ServiceBook(configuration)
        self._forwarding = Forwarding(
            Networks(configuration), Nat(configuration, self._addresses),
            Filter(configuration, self._addresses, self._services, now), after_nat,
        )
        self._local = LocalServices(
            configuration, self._addresses, self._forwarding,
            _FILTERS_LOCALHOST.match(str(configuration.get("model"))) is not None,
        )

    def forward(self, packet: Packet) -> Verdict:
        """Whether the unit forwards the first packet of a new flow, by which rule, and translated to where."""
        return self._forwarding.decide(packet)

    def local(self, packet: Packet) -> Verdict:
        """Whether the unit itself answers a packet to one of its own addresses on the side that it came from."""
        return self._local.decide(packet)

    def reaches(self, ingress: str, source: str, service: str) -> Truth:
        """Whether ``source`` reaches a service (https, ssh, ping, dns ...) of the unit by its address at an interface.

        The filter and the NAT tables are left aside. ValueError when there is no such service.
        """
        return self._local.reaches(ingress, source, service)

    def sip_alg_active(self) -> Truth:
        """Whether SIP is rewritten: both the master switch and the one for SIP are on, and a path is listened on."""
        alg = section(self.configuration, "alg")
        if not alg:
            return None
        listening: Truth = True if on(alg, "udp", default=True) or on(alg, "tcp", default=True) else None
        return both(both(on(alg, "master"), on(alg, "sip")), listening)

    def priority(self, lan: int) -> int | None:
        """The 802.1p priority of frames in a LAN's tagged VLANs; None when there are none or they differ."""
        return marking.priority(self.configuration, lan)

    def qos_class(self, packet: Packet, wan: int = 1) -> int | None:
        """The QoS class of a packet to or from a WAN: 1 to 3, 4 other, 0 QoS is off; None unknown."""
        return marking.qos_class(self.configuration, packet, wan)

    def marking(self, packet: Packet, wan: int = 1) -> int | None:
        """The DSCP that a packet leaves with; None when a class may change it."""
        return packet.dscp if self.qos_class(packet, wan) == 0 else None

    def addresses(self, reference: Reference, family: int = 4) -> PartlyKnown:
        """What a rule side such as ``("g", 1, 0)`` covers of an address family."""
        return self._addresses.side(reference)[family]

    def networks(self, reference: Reference, family: int = 4) -> frozenset[str] | None:
        """The networks that a rule side covers, as prefixes; None when they are not fully known."""
        return objects.networks(self.addresses(reference, family), family)

    def ports(self, reference: Reference) -> frozenset[tuple[int, int, int]] | None:
        """The (protocol, first, last destination port) that a rule's service covers; None when not fully known."""
        return services.ports(self._services.services(reference))
