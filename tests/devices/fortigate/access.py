"""Who may do what: tokens, sessions, lock-out, trusted hosts, access profiles, and whether a connection gets in."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import facts
from .rows import Row, seal
from .rules import names, network_of
from .store import Config

SUPER_PROFILES = frozenset({"super_admin"})
READ_ALL_PROFILES = frozenset({"super_admin_readonly"})
SESSION_IDLE_LIMIT_MINUTES = "admintimeout"


@dataclass(frozen=True)
class Caller:
    """An authenticated account: ``vdoms`` None means all of them; ``profile`` is the accprofile's row."""

    name: str
    kind: str
    profile: Row
    vdoms: frozenset[str] | None

    def level(self, path: str) -> str:
        """Access to a CMDB path: ``read-write``, ``read`` or ``none``."""
        if self.profile.get("name") in SUPER_PROFILES:
            return "read-write"
        if self.profile.get("name") in READ_ALL_PROFILES:
            return "read"
        group, part = facts.permission_group(path)
        level = str(self.profile.get(group, "none"))
        if level == "custom":
            level = str(self.profile.get(f"{group}-permission", {}).get(part, "none"))
        return level


@dataclass
class Session:
    """A logged-in administrator. ``csrf`` is needed on writes when the session came by cookie."""

    admin: str
    key: str
    csrf: str
    source_ip: str
    last_used: float


@dataclass
class Lockout:
    """Failed logins by source address."""

    failures: dict[str, int] = field(default_factory=dict)
    blocked_until: dict[str, float] = field(default_factory=dict)

    def blocked(self, source: str, now: float) -> bool:
        """Whether the source is blocked now."""
        return now < self.blocked_until.get(source, 0.0)

    def fail(self, source: str, now: float, threshold: int, duration: float) -> None:
        """Count one failure and block at the threshold."""
        self.failures[source] = self.failures.get(source, 0) + 1
        if self.failures[source] >= threshold:
            self.failures[source] = 0
            self.blocked_until[source] = now + duration

    def succeed(self, source: str) -> None:
        """A good login clears the count."""
        self.failures.pop(source, None)


def _allowed(source: str | None, networks: list[str]) -> bool:
    """Whether an address is in one of the networks; an open row (``0.0.0.0/0``, ``::/0``) opens all."""
    if source is None or not networks:
        return True
    address = ipaddress.ip_address(source)
    return any(
        address in network
        for network in (ipaddress.ip_network(text.replace(" ", "/"), strict=False) for text in networks)
        if network.version == address.version
    )


def admin_trusted_hosts(row: Row, version: int) -> list[str]:
    """The administrator's restrictions for one IP version; empty means anywhere.

    The first row decides: at its default (``0.0.0.0/0``, ``::/0``) it opens the account whatever the others say; once
    it is restricted, others at the default are unset rows (Fortinet KB 190592). The two IP versions are judged apart,
    so closing IPv4 alone leaves IPv6 open.
    """
    prefix, default = ("trusthost", "0.0.0.0 0.0.0.0") if version == 4 else ("ip6-trusthost", "::/0")
    chosen = [str(row.get(f"{prefix}{n}", default)) for n in range(1, 11)]
    return [] if chosen[0] == default else [host for host in chosen if host != default]


def admin_allows(row: Row, source: str | None) -> bool:
    """Whether an administrator may come from an address."""
    if source is None:
        return True
    hosts = admin_trusted_hosts(row, ipaddress.ip_address(source).version)
    return not hosts or _allowed(source, hosts)


def api_user_allows(row: Row, source: str | None) -> bool:
    """Whether a token may be used from an address."""
    hosts = [
        str(entry["ipv6-trusthost" if entry.get("type") == "ipv6-trusthost" else "ipv4-trusthost"])
        for entry in row.get("trusthost", [])
        if "ipv4-trusthost" in entry or "ipv6-trusthost" in entry
    ]
    return _allowed(source, hosts)


class Gate:
    """Authentication and reachability over one configuration (``current`` gives the running one)."""

    def __init__(self, current: Callable[[], Config], seed: str) -> None:
        self._current = current
        self._seed = seed
        self._issued = 0
        self.sessions: dict[str, Session] = {}
        self.lockout = Lockout()

    # --- accounts --------------------------------------------------------------------------------------------------

    def _row(self, path: str, key: str) -> Row | None:
        config = self._current()
        table = config.table(path)
        assert table is not None
        return config.find(table, next(iter(config.vdom)), key)

    def caller_of(self, row: Row, kind: str) -> Caller:
        """The account that a row of system/admin or system/api-user describes."""
        profile = self._row("system/accprofile", str(row.get("accprofile", ""))) or {"name": row.get("accprofile", "")}
        vdoms = frozenset(names(row.get("vdom", [])))
        unlimited = not vdoms or (profile.get("name") in SUPER_PROFILES and kind == "admin")
        return Caller(str(row["name"]), kind, profile, None if unlimited else vdoms)

    def by_token(self, token: str, source: str | None) -> Caller | None:
        """The API user whose token this is, from a trusted address; None otherwise."""
        sealed = seal(token)
        for row in self._current().rows("system/api-user", "root"):
            if token and row.get("_api-key") == sealed:
                return self.caller_of(row, "api-user") if api_user_allows(row, source) else None
        return None

    def by_session(self, key: str, source: str | None, now: float) -> Caller | None:
        """The administrator of a live session."""
        session = self.sessions.get(key)
        if session is None:
            return None
        config = self._current()
        idle = float(config.setting("system/global", "root", SESSION_IDLE_LIMIT_MINUTES)) * 60
        row = self._row("system/admin", session.admin)
        if row is None or now - session.last_used > idle or not admin_allows(row, source):
            del self.sessions[key]
            return None
        session.last_used = now
        return self.caller_of(row, "admin")

    def log_in(self, name: str, password: str, source: str | None, now: float) -> Session | None:
        """A new session, or None: wrong name or password, or a source outside the trusted hosts."""
        row = self._row("system/admin", name)
        good = row is not None and str(row.get("password", "")) == seal(password) and admin_allows(row, source)
        if not good:
            return None
        self._issued += 1
        digest = hashlib.sha256(f"{self._seed}/{self._issued}/{name}".encode()).hexdigest()
        session = Session(name, digest[:30], digest[30:62].upper(), source or "", now)
        self.sessions[session.key] = session
        return session

    # --- reachability ----------------------------------------------------------------------------------------------

    def refuses(self, source: str | None, destination: str | None, listening_port: int) -> str:
        """Why a new management connection gets no answer; empty when it does.

        The interface that owns the destination address must be up and allow https; the listening port must still be
        the configured one; somebody must be trusted from the source; no local-in policy may deny it.
        """
        if source is None or destination is None:
            return ""
        config = self._current()
        if int(config.setting("system/global", "root", "admin-sport")) != listening_port:
            return "admin-sport was changed"
        port = self.interface_of(destination)
        if port is None:
            return f"no interface owns {destination}"
        if port.get("status", "up") != "up":
            return f"interface {port['name']} is down"
        if "https" not in str(port.get("allowaccess", "")).split():
            return f"interface {port['name']} does not allow https"
        admins = [row for row in config.rows("system/admin", "root") if admin_allows(row, source)]
        users = [row for row in config.rows("system/api-user", "root") if api_user_allows(row, source)]
        if not admins and not users:
            return f"{source} is in no trusted host"
        return self._local_in(config, port, source, destination, listening_port)

    def interface_of(self, address: str) -> Row | None:
        """The interface that has an IPv4 address as its own."""
        wanted = ipaddress.ip_address(address)
        for row in self._current().rows("system/interface", "root"):
            values = [row.get("ip", ""), *(entry.get("ip", "") for entry in row.get("secondaryip", []))]
            for value in values:
                own = network_of(value)
                if own is not None and own.ip == wanted:
                    return row
        return None

    def _local_in(self, config: Config, port: Row, source: str, destination: str, number: int) -> str:
        vdom = str(port.get("vdom", "root"))
        zones = {
            str(row["name"])
            for row in config.rows("system/zone", vdom)
            if port["name"] in names(row.get("interface", []), "interface-name")
        }
        wanted = {"any", str(port["name"]), *zones}
        for row in config.rows("firewall/local-in-policy", vdom):
            given = row.get("intf", [])
            interfaces = {given} if isinstance(given, str) else set(names(given))
            if row.get("status", "enable") != "enable" or not interfaces & wanted:
                continue
            matched = (
                _addresses_match(config, vdom, row, "srcaddr", source)
                and _addresses_match(config, vdom, row, "dstaddr", destination)
                and _services_match(config, vdom, row, number)
            )
            if matched:
                return "" if row.get("action", "deny") == "accept" else f"local-in policy {row['policyid']} denies it"
        return ""


def _addresses_match(config: Config, vdom: str, policy: Row, field_name: str, address: str) -> bool:
    found = any(_in_address(config, vdom, name, address) for name in names(policy.get(field_name, [])))
    return found != (policy.get(f"{field_name}-negate") == "enable")


def _in_address(config: Config, vdom: str, name: str, address: str) -> bool:
    wanted = ipaddress.IPv4Address(address)
    for group in config.rows("firewall/addrgrp", vdom):
        if group["name"] == name:
            return any(_in_address(config, vdom, member, address) for member in names(group.get("member", [])))
    for row in config.rows("firewall/address", vdom):
        if row["name"] != name:
            continue
        if row.get("type", "ipmask") == "ipmask":
            subnet = str(row.get("subnet", "0.0.0.0 0.0.0.0")).replace(" ", "/")
            return wanted in ipaddress.IPv4Network(subnet, strict=False)
        if row["type"] == "iprange":
            low, high = ipaddress.IPv4Address(row["start-ip"]), ipaddress.IPv4Address(row["end-ip"])
            return low <= wanted <= high
    return False


def _services_match(config: Config, vdom: str, policy: Row, port: int) -> bool:
    found = any(_in_service(config, vdom, name, port) for name in names(policy.get("service", [])))
    return found != (policy.get("service-negate") == "enable")


def _in_service(config: Config, vdom: str, name: str, port: int) -> bool:
    """Whether TCP to ``port`` is in a service or group; the units' own HTTPS follows the real port 443."""
    for group in config.rows("firewall.service/group", vdom):
        if group["name"] == name:
            return any(_in_service(config, vdom, member, port) for member in names(group.get("member", [])))
    for row in config.rows("firewall.service/custom", vdom):
        if row["name"] != name:
            continue
        if row.get("protocol") == "IP":
            return not row.get("protocol-number")
        for item in str(row.get("tcp-portrange", "")).split():
            low, _dash, high = item.split(":")[0].partition("-")
            if int(low) <= port <= int(high or low):
                return True
    return False


def describe(session: Session) -> dict[str, Any]:
    """A session as monitor/system/current-admins lists it."""
    return {"admin": session.admin, "method": "https", "srcaddr": session.source_ip}
