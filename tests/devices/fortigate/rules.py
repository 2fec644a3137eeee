"""Rules that hold between fields and between objects, table by table.

Each rule gets the whole row as it would be after the write (set values merged, defaults added) and the row as it was,
and raises Rejection when the unit would refuse the write.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import errors, facts
from .errors import Rejection
from .rows import Row, defaults, seal
from .store import Config
from .vendor_schema import Table


@dataclass(frozen=True)
class Write:
    """One write under examination: ``after`` and ``before`` carry defaults; ``before`` is None on creation."""

    config: Config
    table: Table
    vdom: str
    body: Row
    after: Row
    before: Row | None

    @property
    def mkey(self) -> Any:
        """Key of the row, None for a singleton."""
        return self.after.get(self.table.mkey) if self.table.mkey else None

    def others(self, path: str | None = None) -> list[Row]:
        """The other rows (set values only) of this table, or all rows of another table."""
        if path is not None and path != self.table.path:
            return self.config.rows(path, self.vdom)
        key = self.table.mkey or ""
        return [row for row in self.config.rows(self.table.path, self.vdom) if row[key] != self.mkey]


def names(members: list[Row], key: str = "name") -> list[str]:
    """Names in a reference list."""
    return [str(member[key]) for member in members]


def _is_set(value: Any) -> bool:
    return value not in (None, "", [], 0)


def required_fields(write: Write) -> None:
    """Fields without which the unit does not accept the row."""
    for name in facts.REQUIRED.get(write.table.path, ()):
        if name in write.table.fields and not _is_set(write.after.get(name)):
            raise Rejection(errors.EMPTY, f"Attribute '{name}' MUST be set.")


def text_characters(write: Write) -> None:
    """Names and comments hold none of the characters that document 651640 ("Text strings") forbids; its error number
    is not published, so the general one for input that is not understood stands in."""
    for name in facts.TEXTS:
        value = write.body.get(name)
        if isinstance(value, str) and set(value) & set(facts.FORBIDDEN_IN_TEXTS):
            raise Rejection(errors.COMMAND, f"The string contains XSS vulnerability characters: {name}")


def references(write: Write) -> None:
    """Every name that the body gives must exist where the schema says it comes from."""
    scope = None if facts.is_global(write.table.path) else write.vdom
    for name, value, spec in write.config.references(write.table, write.body):
        if name == write.table.mkey:
            continue
        paths = [path for path, _child in spec.sources]
        if value == "any" and "system/interface" in paths and write.table.path not in facts.ANY_INTERFACE_TABLES:
            raise Rejection(errors.NOT_FOUND, f"entry not found in datasource\nvalue parse error before '{value}'")
        if default_value(write, name) == value:
            continue
        if not any(write.config.exists(path, child, value, scope) for path, child in spec.sources):
            if "system/interface" in paths and write.table.path == "firewall/policy":
                # The text and number a unit gave for an unknown policy interface (terraform-provider-fortios #193).
                raise Rejection(
                    errors.BAD_VALUE, f"node_check_object fail! for name {value}\nvalue parse error before '{value}'"
                )
            raise Rejection(errors.NOT_FOUND, f"entry not found in datasource\nvalue parse error before '{value}'")


def default_value(write: Write, name: str) -> Any:
    """Default of a top-level field, None for nested ones."""
    return defaults(write.table, write.config.version).get(name) if "." not in name else None


# --- names that share one namespace ----------------------------------------------------------------------------------

_CLASHES = {
    "firewall/address": (
        ("firewall/addrgrp", errors.ADDRESS_NAMED_AS_GROUP),
        ("firewall/vip", errors.ADDRESS_NAMED_AS_VIP),
    ),
    "firewall/addrgrp": (
        ("firewall/address", errors.GROUP_NAMED_AS_ADDRESS),
        ("firewall/vip", errors.ADDRESS_NAMED_AS_VIP),
    ),
    "firewall/vip": (
        ("firewall/address", errors.ADDRESS_NAMED_AS_VIP),
        ("firewall/addrgrp", errors.ADDRESS_NAMED_AS_VIP),
    ),
    "firewall/address6": (("firewall/addrgrp6", errors.ADDRESS_NAMED_AS_GROUP),),
    "firewall/addrgrp6": (("firewall/address6", errors.GROUP_NAMED_AS_ADDRESS),),
    "firewall.service/custom": (("firewall.service/group", errors.SERVICE_NAMED_AS_GROUP),),
    "firewall.service/group": (("firewall.service/custom", errors.SERVICE_NAMED_AS_GROUP),),
    "system/interface": (("system/zone", errors.NAME_CLASH),),
    "system/zone": (("system/interface", errors.NAME_CLASH),),
}


def name_clashes(write: Write) -> None:
    """A group may not be called like a member, and so on."""
    if write.before is not None:
        return
    for path, code in _CLASHES.get(write.table.path, ()):
        if any(row.get("name") == write.mkey for row in write.others(path)):
            raise Rejection(code, f"name '{write.mkey}' is already used in {path}")


# --- interfaces and zones --------------------------------------------------------------------------------------------


def bound_interfaces(config: Config, vdom: str) -> dict[str, str]:
    """Interfaces that policies may only address through their zone: interface name -> zone name."""
    bound: dict[str, str] = {}
    for zone in config.rows("system/zone", vdom):
        for name in names(zone.get("interface", []), "interface-name"):
            bound[name] = str(zone["name"])
    for member in config.single("system/sdwan", vdom).get("members", []):
        if member.get("interface"):
            bound[str(member["interface"])] = str(member.get("zone", "virtual-wan-link"))
    return bound


def policy_interfaces(config: Config, vdom: str) -> dict[str, tuple[str, Any]]:
    """Interfaces named directly in policies: name -> (path, policy id)."""
    used: dict[str, tuple[str, Any]] = {}
    for path in ("firewall/policy", "firewall/shaping-policy", "firewall/local-in-policy", "firewall/local-in-policy6"):
        table = config.table(path)
        for row in config.rows(path, vdom):
            for field_name in ("srcintf", "dstintf", "intf"):
                value = row.get(field_name, [])
                for name in [value] if isinstance(value, str) else names(value):
                    used.setdefault(name, (path, row[table.mkey or ""] if table else None))
    return used


def zone_members_in_policies(write: Write) -> None:
    """A zone's member cannot be named in a policy by itself."""
    bound = bound_interfaces(write.config, write.vdom)
    for field_name in ("srcintf", "dstintf"):
        for name in names(write.after.get(field_name, [])):
            if name in bound:
                raise Rejection(
                    errors.BAD_VALUE,
                    f"node_check_object fail! for name {name} (member of zone {bound[name]})\n"
                    f"value parse error before '{name}'",
                )


def zone(write: Write) -> None:
    """Members must be free: in no other zone and in no policy."""
    used = policy_interfaces(write.config, write.vdom)
    before = names((write.before or {}).get("interface", []), "interface-name")
    elsewhere = {
        name: row["name"] for row in write.others() for name in names(row.get("interface", []), "interface-name")
    }
    for name in names(write.after["interface"], "interface-name"):
        if name in elsewhere:
            raise Rejection(errors.ZONE_MEMBER_USED, f"interface {name} is already in zone {elsewhere[name]}")
        if name in used and name not in before:
            raise Rejection(errors.ZONE_MEMBER_USED, f"interface {name} is used by {used[name][0]} {used[name][1]}")


def sdwan(write: Write) -> None:
    """A member interface may be in no policy and no zone."""
    used = policy_interfaces(write.config, write.vdom)
    zoned = {
        name
        for row in write.config.rows("system/zone", write.vdom)
        for name in names(row.get("interface", []), "interface-name")
    }
    before = {member.get("interface") for member in (write.before or {}).get("members", [])}
    zones = {"virtual-wan-link", *(str(row["name"]) for row in write.after.get("zone", []))}
    for member in write.after.get("members", []):
        name = member.get("interface", "")
        if name not in before and (name in used or name in zoned):
            raise Rejection(errors.IN_USE, f"interface {name} is used")
        chosen = member.get("zone", "virtual-wan-link")
        if chosen not in zones:
            raise Rejection(errors.NOT_FOUND, f"entry not found in datasource\nvalue parse error before '{chosen}'")


def network_of(value: str) -> ipaddress.IPv4Interface | None:
    """``"a.b.c.d m.m.m.m"`` as an interface address; None when unset."""
    if not value or value.startswith("0.0.0.0"):
        return None
    return ipaddress.IPv4Interface(value.replace(" ", "/"))


def interface(write: Write) -> None:
    """VLAN identity, subnets that must not overlap, what can be created at all."""
    after, before = write.after, write.before
    if before is None and after["type"] == "physical":
        raise Rejection(errors.COMMAND, "physical interfaces cannot be created")
    if after["type"] == "vlan":
        if not after["interface"] or not after["vlanid"]:
            missing = "interface" if not after["interface"] else "vlanid"
            raise Rejection(errors.EMPTY, f"Attribute '{missing}' MUST be set.")
        if before is not None and (before["vlanid"], before["interface"]) != (after["vlanid"], after["interface"]):
            raise Rejection(errors.VLAN_FIXED, "vlanid and interface cannot be changed after creation")
        for row in write.others():
            if (row.get("vlanid"), row.get("interface")) == (after["vlanid"], after["interface"]):
                raise Rejection(errors.BAD_VLAN, f"VLAN {after['vlanid']} on {after['interface']} is {row['name']}")
    own = network_of(after["ip"])
    changed = before is None or before["ip"] != after["ip"]
    overlap = write.config.setting("system/settings", str(after["vdom"]), "allow-subnet-overlap") == "enable"
    if own and changed and not overlap:
        for row in write.others():
            other = network_of(row.get("ip", ""))
            if other and row.get("vdom", "root") == after["vdom"] and other.network.overlaps(own.network):
                raise Rejection(errors.SAME_SUBNET, f"IP {own.ip} is in the same subnet as {row['name']}")


def dhcp_server(write: Write) -> None:
    """The interface needs a static address; scopes may not overlap."""
    after = write.after
    ports = {row["name"]: row for row in write.config.rows("system/interface", write.vdom)}
    port = ports.get(after["interface"], {})
    address = network_of(port.get("ip", ""))
    if port.get("mode", "static") != "static" or address is None:
        raise Rejection(errors.DHCP_NEEDS_STATIC_IP, f"interface {after['interface']} has no static IP")
    spans = []
    for entry in after.get("ip-range", []):
        low = ipaddress.IPv4Address(entry.get("start-ip", "0.0.0.0"))
        high = ipaddress.IPv4Address(entry.get("end-ip", "0.0.0.0"))
        if low > high or low not in address.network or high not in address.network:
            raise Rejection(errors.BAD_IP, f"ip-range {low}-{high} is not a range inside {address.network}")
        spans.append((low, high))
    taken = [
        (ipaddress.IPv4Address(entry.get("start-ip", "0.0.0.0")), ipaddress.IPv4Address(entry.get("end-ip", "0.0.0.0")))
        for row in write.others()
        for entry in row.get("ip-range", [])
    ]
    for index, (low, high) in enumerate(spans):
        if any(low <= last and first <= high for first, last in taken + spans[:index]):
            raise Rejection(errors.DHCP_OVERLAP, f"ip-range {low}-{high} overlaps another scope")


# --- policies and objects --------------------------------------------------------------------------------------------


def policy(write: Write) -> None:
    """A policy needs both ends, a service and a unique name."""
    after = write.after

    def enabled(name: str) -> bool:
        return after.get(name) == "enable"

    if after.get("name") and any(row.get("name") == after["name"] for row in write.others()):
        raise Rejection(errors.DUPLICATE_NAME, f"policy name '{after['name']}' is already used")
    from_service = enabled("internet-service-src") or enabled("internet-service6-src")
    to_service = enabled("internet-service") or enabled("internet-service6")
    for side, exempt in (("src", from_service), ("dst", to_service)):
        if not exempt and not after.get(f"{side}addr") and not after.get(f"{side}addr6"):
            raise Rejection(errors.EMPTY, f"Attribute '{side}addr' MUST be set.")
    if not from_service and not to_service and bool(after.get("srcaddr")) != bool(after.get("dstaddr")):
        raise Rejection(errors.EMPTY, "source and destination must be of one address family")
    if not to_service and not after.get("service"):
        raise Rejection(errors.EMPTY, "Attribute 'service' MUST be set.")
    zone_members_in_policies(write)


def address(write: Write) -> None:
    """Each address type needs its own fields."""
    after = write.after
    needed = {"fqdn": "fqdn", "geography": "country"}.get(after["type"])
    if needed and not after.get(needed):
        raise Rejection(errors.EMPTY, f"Attribute '{needed}' MUST be set.")
    if after["type"] == "iprange" and _numeric(after["start-ip"]) > _numeric(after["end-ip"]):
        raise Rejection(errors.BAD_IP, "end-ip is lower than start-ip")


def _numeric(value: str) -> int:
    return int(ipaddress.ip_address(value))


def address_group(write: Write) -> None:
    """No group may contain itself, directly or through others."""
    groups = {row["name"]: names(row.get("member", [])) for row in write.others()}
    groups[write.mkey] = names(write.after["member"])
    seen: set[str] = set()
    queue = list(groups[write.mkey])
    while queue:
        name = queue.pop()
        if name == write.mkey:
            raise Rejection(errors.COMMAND, f"group '{write.mkey}' would contain itself")
        if name not in seen:
            seen.add(name)
            queue.extend(groups.get(name, []))


def vip(write: Write) -> None:
    """Port forwarding needs both ports."""
    after = write.after
    if after["portforward"] == "enable" and after["protocol"] != "icmp":
        for name in ("extport", "mappedport"):
            if after[name] in ("", "0"):
                raise Rejection(errors.EMPTY, f"Attribute '{name}' MUST be set.")
    if not after.get("mappedip") and after["type"] == "static-nat" and after.get("nat44") != "disable":
        raise Rejection(errors.EMPTY, "Attribute 'mappedip' MUST be set.")


# --- administrators --------------------------------------------------------------------------------------------------


def admin(write: Write) -> None:
    """At least one super administrator stays; passwords obey the policy."""
    profiles = {row.get("accprofile") for row in write.others()} | {write.after["accprofile"]}
    if write.before is not None and write.before["accprofile"] == "super_admin" and "super_admin" not in profiles:
        raise Rejection(errors.COMMAND, "the last super_admin cannot lose its profile")


def api_user(write: Write) -> None:
    """``0.0.0.0/0`` is not a trusted host for a token."""
    for entry in write.after.get("trusthost", []):
        if entry.get("type", "ipv4-trusthost") == "ipv4-trusthost" and entry.get("ipv4-trusthost") == "0.0.0.0 0.0.0.0":
            raise Rejection(errors.BAD_IP, "0.0.0.0/0 is not allowed as a trusted host")


def password(config: Config, secret: str) -> None:
    """Whether a new administrator password satisfies ``system/password-policy``."""
    def rule(name: str) -> Any:
        return config.setting("system/password-policy", "root", name)

    if rule("status") != "enable" or "admin-password" not in str(rule("apply-to")):
        return
    counts = {
        "minimum-length": len(secret),
        "min-lower-case-letter": sum(char.islower() for char in secret),
        "min-upper-case-letter": sum(char.isupper() for char in secret),
        "min-number": sum(char.isdigit() for char in secret),
        "min-non-alphanumeric": sum(not char.isalnum() for char in secret),
    }
    for name, count in counts.items():
        if count < int(rule(name) or 0):
            raise Rejection(errors.WEAK_PASSWORD, f"password does not satisfy {name} {rule(name)}")


RULES: dict[str, tuple[Callable[[Write], None], ...]] = {
    "firewall/policy": (policy,),
    "firewall/shaping-policy": (zone_members_in_policies,),
    "firewall/address": (address,),
    "firewall/address6": (address,),
    "firewall/addrgrp": (address_group,),
    "firewall/addrgrp6": (address_group,),
    "firewall.service/group": (address_group,),
    "firewall/vip": (vip,),
    "system/interface": (interface,),
    "system/zone": (zone,),
    "system/sdwan": (sdwan,),
    "system.dhcp/server": (dhcp_server,),
    "system/admin": (admin,),
    "system/api-user": (api_user,),
}


def check(write: Write) -> None:
    """All rules of one write, in the order in which a unit is likely to look: values, references, then relations."""
    text_characters(write)
    references(write)
    required_fields(write)
    name_clashes(write)
    for rule in RULES.get(write.table.path, ()):
        rule(write)


def check_delete(config: Config, table: Table, vdom: str, row: Row) -> None:
    """Whether a row may go; raises -23 while something refers to it."""
    key = row[table.mkey or ""]
    if uses := config.uses(table.path, None, key, vdom):
        first = uses[0]
        raise Rejection(errors.IN_USE, f"entry is used by {first.path} {first.mkey} ({first.field})")
    if table.path == "system/interface" and row.get("type") == "physical":
        raise Rejection(errors.COMMAND, "physical interfaces cannot be deleted")
    if table.path == "system/admin":
        rest = [other for other in config.rows(table.path, vdom) if other is not row]
        if not any(other.get("accprofile") == "super_admin" for other in rest):
            raise Rejection(errors.COMMAND, "the last super_admin cannot be deleted")
    if table.path == "system/vdom" and key == "root":
        raise Rejection(errors.COMMAND, "the root VDOM cannot be deleted")


__all__ = ["Write", "check", "check_delete", "names", "network_of", "password", "seal"]
