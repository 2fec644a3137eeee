"""The DSCP that an accepted packet leaves with.

When a traffic shaper, a shaping policy and the firewall policy all mark, the shaper overrides the shaping policy, which
overrides the policy (FortiOS administration guide 7.4, DSCP matching and DSCP marking). DSCP values are six binary
digits.
"""

from __future__ import annotations

from ..intervals import Range
from ..logic import both
from ..packets import Packet
from .interfaces import Interface
from .policies import Policy
from .rows import Row, enabled
from .unit import Vdom
from .vips import Translation


def marked(
    vdom: Vdom, packet: Packet, ingress: Interface, egress: Interface, policy: Policy,
    translation: Translation | None, port: Range,
) -> tuple[int | None, str]:
    """(DSCP on leaving, None = unknown; name of the shaper, empty = none or unknown)."""
    courses: set[tuple[int | None, str]] = set()
    for shaping in vdom.shaping:
        matched = both(shaping.source_ends.match(ingress), shaping.destination_ends.match(egress))
        if matched is False:
            continue
        matched = both(both(matched, _destination(shaping, packet, translation)), shaping.match_packet(packet, port))
        if matched is False:
            continue
        courses.add(_outcome(vdom, packet, policy.row, shaping.row))
        if matched is True:
            break
    else:
        courses.add(_outcome(vdom, packet, policy.row, None))
    values = {dscp for dscp, _shaper in courses}
    shapers = {shaper for _dscp, shaper in courses}
    return values.pop() if len(values) == 1 else None, shapers.pop() if len(shapers) == 1 else ""


def _destination(shaping: Policy, packet: Packet, translation: Translation | None) -> bool | None:
    """Shaping is looked up for the session, whose destination is both addresses; unknown when they differ."""
    side = shaping.destinations[packet.family]
    before = side.match(packet.destination_number)
    if translation is None or translation.destination is None:
        return before
    return before if side.match(translation.destination) == before else None


def _outcome(vdom: Vdom, packet: Packet, policy: Row, shaping: Row | None) -> tuple[int | None, str]:
    dscp: int | None = packet.dscp
    for row in (policy, shaping or {}):
        if enabled(row, "diffserv-forward"):
            dscp = int(str(row.get("diffservcode-forward") or "0"), 2)
    shaper = str((shaping or {}).get("traffic-shaper") or policy.get("traffic-shaper") or "")
    row = vdom.shapers.get(shaper, {})
    if row.get("dscp-marking-method") == "multi-stage":
        dscp = None  # depends on how much traffic there is
    elif enabled(row, "diffserv"):
        dscp = int(str(row.get("diffservcode") or "0"), 2)
    return dscp, shaper
