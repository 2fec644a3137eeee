"""What the unit does to SIP that a policy accepts: the ALG, the session helper, or nothing.

Sources: Fortinet 211669, administration guide "VoIP solutions" (DOC 147933), FortiOS 5.2 help "SIP traffic is handled
by the SIP ALG by default".
"""

from __future__ import annotations

from .rows import Row, enabled, names, rows, singleton
from .unit import Unit, Vdom


def sip_state(unit: Unit, vdom_name: str, policy: int | str | None) -> str:
    """``alg:<profile>``, ``helper`` or ``none`` for a policy (id or name); None = one without a VoIP profile.

    ValueError when there is no such policy. Doubts, both settled towards "something still touches SIP": a profile
    named by a policy whose utm-status is off counts; a service that switches the helper off does not count, one that
    asks for it does.
    """
    vdom = unit.vdom(vdom_name)
    row = _find(vdom, policy)
    for field in ("voip-profile", "ips-voip-filter"):
        name = _profiles(vdom, row).get(field)
        if name and _inspects(vdom, str(name)):
            return f"alg:{name}"
        if name:
            return _helper(unit, vdom, row)
    if vdom.settings.get("default-voip-alg-mode") != "kernel-helper-based" and _inspects(vdom, "default"):
        return "alg:default"
    return _helper(unit, vdom, row)


def _find(vdom: Vdom, policy: int | str | None) -> Row:
    if policy is None:
        return {}
    for row in rows(vdom.tables, "firewall/policy"):
        if str(row["policyid"]) == str(policy) or row.get("name") == policy:
            return row
    raise ValueError(f"VDOM {vdom.name} has no policy {policy!r}")


def _profiles(vdom: Vdom, row: Row) -> Row:
    """The row that holds a policy's security profiles: itself, or its profile group."""
    if row.get("profile-type") != "group":
        return row
    group = row.get("profile-group")
    return next((each for each in rows(vdom.tables, "firewall/profile-group") if each.get("name") == group), row)


def _inspects(vdom: Vdom, profile: str) -> bool:
    """Whether SIP is on in a VoIP profile (its default); with SIP off the helper takes over (Fortinet 211669)."""
    for row in rows(vdom.tables, "voip/profile"):
        if row.get("name") == profile:
            return enabled(singleton(row, "sip"), "status", default=True)
    return True


def _helper(unit: Unit, vdom: Vdom, row: Row) -> str:
    listed = any(helper.get("name") == "sip" for helper in rows(unit.globals, "system/session-helper"))
    return "helper" if listed or "sip" in vdom.services.helpers(names(row.get("service"))) else "none"
