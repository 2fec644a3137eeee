"""What differs between the two classes of Vigor: limits, lists of interfaces, columns.

Sources: Vigor2927 User's Guide 2.2 part X and Vigor3912 User's Guide 1.01 part VIII (telnet commands), live help of a
Vigor3912S 4.4.7_RC2. Other models of a class share the command families by lineage.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache


@dataclass(frozen=True)
class Model:
    """One model with the limits of its class."""

    name: str
    family: str
    sets: int
    rules: int
    lans: int
    access_lans: int
    wans: int
    status_wans: int
    vlans: int
    ports: tuple[str, ...]
    directions: tuple[str, ...]
    call_filter: bool
    dmz_port: bool
    ip_slots: int
    ipv6_slots: int
    service_slots: int
    sessions: int
    rule_sessions: int
    portmaps: int
    openports: int
    sysvids: int
    sysvid_last: int
    profile: str
    ip_objects: int = 192
    ip_groups: int = 32
    ipv6_objects: int = 64
    ipv6_groups: int = 32
    service_objects: int = 96
    service_groups: int = 32
    countries: int = 32
    schedules: int = 15
    acl_slots: int = 10

    @property
    def large(self) -> bool:
        """Whether the unit speaks as a Vigor3912 does."""
        return self.family == "3912"

    @cached_property
    def lan_side(self) -> tuple[str, ...]:
        """Interfaces of the inner side, as a filter rule takes them."""
        lans = tuple(f"LAN{number}" for number in range(1, self.lans + 1))
        return (*lans, *(("DMZ",) if self.dmz_port else ()), "RT", "VPN")

    @cached_property
    def wan_side(self) -> tuple[str, ...]:
        """Interfaces of the outer side."""
        return tuple(f"WAN{number}" for number in range(1, self.wans + 1))

    @cached_property
    def interfaces(self) -> tuple[str, ...]:
        """All interfaces a filter rule can name; a Vigor3912 takes DMZ although it never shows it."""
        return (*self.lan_side, *(() if self.dmz_port else ("DMZ",)), *self.wan_side)

    @cached_property
    def lan_numbers(self) -> str:
        """LANs as usage texts list them: 2/3/4/.../dmz."""
        numbers = "/".join(str(number) for number in range(2, self.lans + 1))
        return f"{numbers}/dmz" if self.dmz_port else numbers


_SMALL_PORTS = tuple("p1 p2 p3 p4 p5 s1 s2 s3 s4 5gs1 5gs2 5gs3 5gs4".split())
_LARGE_PORTS = tuple(f"p{number}" for number in range(1, 13))
_SMALL_DIRECTIONS = ("LAN/DMZ/RT/VPN -> WAN", "WAN -> LAN/DMZ/RT/VPN", "LAN/DMZ/RT/VPN -> LAN/DMZ/RT/VPN")
_LARGE_DIRECTIONS = (
    "LAN/RT/VPN -> WAN", "WAN -> LAN/RT/VPN", "LAN/RT/VPN -> LAN/RT/VPN", "WAN -> Localhost",
)
_SMALL = re.compile(r"Vigor(2862|2865|2926|2927)[A-Za-z]*")
_LARGE = re.compile(r"Vigor(2962|3910|3912)[A-Za-z]*")


@lru_cache(maxsize=64)
def model_named(name: str) -> Model:
    """The model of that name. Raises ValueError for one that no source describes."""
    if _SMALL.fullmatch(name):
        return Model(
            name=name, family="2927", sets=12, rules=7, lans=8, access_lans=16, wans=9, status_wans=6, vlans=16,
            ports=_SMALL_PORTS, directions=_SMALL_DIRECTIONS, call_filter=False, dmz_port=True,
            ip_slots=12, ipv6_slots=8, service_slots=8, sessions=60000, rule_sessions=60000, portmaps=40, openports=40,
            sysvids=78, sysvid_last=3980, profile="4.0.0",
        )
    if _LARGE.fullmatch(name):
        return Model(
            name=name, family="3912", sets=50, rules=30, lans=100, access_lans=100, wans=52, status_wans=12, vlans=100,
            ports=_LARGE_PORTS, directions=_LARGE_DIRECTIONS, call_filter=True, dmz_port=False,
            ip_slots=100, ipv6_slots=100, service_slots=100, sessions=150000, rule_sessions=300000, portmaps=260,
            openports=260, sysvids=268, sysvid_last=3828, profile="4.0.7",
        )
    raise ValueError(f"model is {name!r} (described: Vigor2862, 2865, 2926, 2927, 2962, 3910, 3912 and their variants)")
