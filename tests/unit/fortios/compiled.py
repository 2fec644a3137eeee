"""Compiling for these tests, and the shape of our rules written down once by hand."""

from __future__ import annotations

from typing import Any

from ansible_collections.voip.hardening.plugins.module_utils.document.diff import Desired
from ansible_collections.voip.hardening.plugins.module_utils.document.model import Document, Row, TableId
from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios.compiler import compile_policy
from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios.names import COMMENT
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import SitePolicy

ALL: tuple[str, ...] = ("all",)
ANY: tuple[str, ...] = ("any",)

# A policy as FortiOS takes it (CLI reference 7.4), with everything that could widen or narrow it said.
_RULE: Row = {
    "status": "enable",
    "srcaddr": (),
    "dstaddr": (),
    "srcaddr6": (),
    "dstaddr6": (),
    "srcaddr-negate": "disable",
    "dstaddr-negate": "disable",
    "srcaddr6-negate": "disable",
    "dstaddr6-negate": "disable",
    "service-negate": "disable",
    "schedule": "always",
    "nat": "disable",
    "internet-service": "disable",
    "internet-service-src": "disable",
    "internet-service6": "disable",
    "internet-service6-src": "disable",
    "voip-profile": "",
    "ips-voip-filter": "",
    "comments": COMMENT,
}


def deny(name: str, srcintf: tuple[str, ...], dstintf: tuple[str, ...], *service: str, **addresses: Any) -> Row:
    """A rule that blocks: all of it is logged, and it takes in what virtual IPs redirect (article 192456)."""
    kept = {key.replace("_", "-"): value for key, value in addresses.items()}
    shape = {"action": "deny", "logtraffic": "all", "match-vip": "enable"}
    return {**_RULE, **shape, "name": name, "srcintf": srcintf, "dstintf": dstintf, "service": service, **kept}


def accept(name: str, srcintf: tuple[str, ...], dstintf: tuple[str, ...], *service: str, **addresses: Any) -> Row:
    """A rule that allows; `match-vip` is for blocking rules only."""
    kept = {key.replace("_", "-"): value for key, value in addresses.items()}
    shape = {"action": "accept", "logtraffic": "utm"}
    return {**_RULE, **shape, "name": name, "srcintf": srcintf, "dstintf": dstintf, "service": service, **kept}


def compiled(
    policy: SitePolicy, unit: Document, *concerns: str, vdoms: tuple[str, ...] = ("root",)
) -> tuple[Desired, list[str]]:
    return compile_policy(policy, concerns, unit, vdoms)


def owned(desired: Desired, path: str) -> list[Row]:
    """Our rows of a table (the first VDOM's), without the numbers that the device could as well have chosen."""
    scope = "global" if path.startswith("system") and path != "system.dhcp/server" else "root"
    rows = [entry.row for entry in desired.owned.get(TableId(scope, path), [])]
    return [{name: value for name, value in row.items() if name not in ("policyid", "id")} for row in rows]


def blocks(desired: Desired, path: str) -> list[Row]:
    """Our building blocks, without the objects that remember settings and without the comment that all bear."""
    found = [row for row in owned(desired, path) if not row["name"].startswith("VOIPH-was-")]
    assert all(row.get("comment", COMMENT) == COMMENT for row in found)
    return [{name: value for name, value in row.items() if name != "comment"} for row in found]


def kept(desired: Desired) -> dict[tuple[str, Any], Row]:
    """The settings on rows that are not ours."""
    return {(str(row_id.table), row_id.key): entry.row for row_id, entry in desired.settings.items()}


def controls(desired: Desired) -> dict[str, tuple[str, ...]]:
    """The controls that ask for each rule."""
    return {entry.row["name"]: entry.controls for entry in desired.owned.get(TableId("root", "firewall/policy"), [])}
