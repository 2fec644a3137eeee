"""FortiOS releases, and what changed with them as far as packets are concerned."""

from __future__ import annotations

from typing import NamedTuple

from ..logic import Truth


class Release(NamedTuple):
    """A FortiOS release, comparable."""

    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> Release:
        """``7.4.4`` or ``v7.4.4``. ValueError when it is neither."""
        major, minor, patch = text.removeprefix("v").split(".")
        return cls(int(major), int(minor), int(patch))

    def train_since(self, firsts: dict[tuple[int, int], int]) -> bool:
        """Whether the release has a change that came to each train at another patch; newer trains all have it."""
        train = (self.major, self.minor)
        if train in firsts:
            return self.patch >= firsts[train]
        return train > max(firsts)


def own_ipv6_negation(release: Release) -> bool:
    """Whether srcaddr6-negate and dstaddr6-negate exist (7.2.1, the vendor's published schema)."""
    return release >= Release(7, 2, 1)


def default_match_vip(release: Release) -> Truth:
    """What ``match-vip`` is when unset; unknown on 7.2.3.

    Fortinet 192456/94794 dates the change to enable 7.2.3, the vendor's course material 7.2.4.
    """
    if release == Release(7, 2, 3):
        return None
    return release > Release(7, 2, 3)


def virtual_ips_are_local(release: Release) -> bool:
    """Whether the external address of a virtual IP counts as the unit's own although nothing is translated.

    Fortinet 277823: not on 7.0.1 to 7.0.12, 7.2.0 to 7.2.5 and 7.4.0.
    """
    return release.train_since({(7, 0): 13, (7, 2): 6, (7, 4): 1}) or release == Release(7, 0, 0)


def default_traffic_redirect(release: Release) -> bool:
    """What ``allow-traffic-redirect`` is when unset: off since 7.4.10 and 7.6.5 (Fortinet 196651)."""
    return not release.train_since({(7, 4): 10, (7, 6): 5})


def redirects_foreign_sources(release: Release) -> bool:
    """Whether a redirect also spares packets from outside the interface's networks the policy check.

    Fortinet 196651: since 7.0.16, 7.2.11 and 7.4.4.
    """
    return release.train_since({(7, 0): 16, (7, 2): 11, (7, 4): 4})


def single_member_intrazone(release: Release) -> bool:
    """Whether ``intrazone allow`` works in a zone of one interface (7.4.4, Fortinet 279733)."""
    return release >= Release(7, 4, 4)
