"""Monitor calls: state and actions outside the configuration.

Shapes after recorded replies (prometheus-community/fortigate_exporter test data) and the vendor's Swagger for 6.4.14;
where neither shows a reply the fields are the fewest that the call's parameters imply.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import access, errors, query
from .access import Caller
from .cmdb import body_of
from .errors import Forbidden, Missing, NotAllowed, Rejection
from .messages import Request
from .rows import Row, seal
from .versions import Version

if TYPE_CHECKING:
    from .device import FortiGate

PROTOCOLS = {"tcp": 6, "udp": 17, "icmp": 1}
# Parameter of firewall/session -> field of a listed session.
SESSION_FILTERS = {
    "sourceport": "sport", "destport": "dport", "source": "saddr", "destination": "daddr", "policyid": "policyid",
    "protocol": "proto", "srcintf": "srcintf", "dstintf": "dstintf",
}
# The newer endpoint's spelling of the same filters.
SESSIONS_FILTERS = {
    "srcport": "sport", "dstport": "dport", "srcaddr": "saddr", "dstaddr": "daddr", "policyid": "policyid",
    "protocol": "proto", "srcintf": "srcintf", "dstintf": "dstintf",
}
CLOSE_FIELDS = ("pro", "saddr", "daddr", "sport", "dport")
CLOSE_MULTIPLE_FIELDS = {
    "proto": "proto", "saddr": "saddr", "daddr": "daddr", "sport": "sport", "dport": "dport", "policy": "policyid",
}
SESSIONS_SINCE = Version(7, 6, 0)
BACKUP_POST_ONLY_SINCE = Version(7, 4, 5)


def status(device: FortiGate, _caller: Caller, _request: Request) -> Any:
    """monitor/system/status."""
    return {
        "model_name": "FortiGate", "model_number": device.model_number, "model": device.model,
        "hostname": device.hostname, "log_disk_status": "not_available",
    }


def web_ui_state(device: FortiGate, caller: Caller, _request: Request) -> Any:
    """monitor/web-ui/state, the parts that an audit reads."""
    config = device.config
    admin = next((row for row in config.rows("system/admin", "root") if row["name"] == "admin"), None)
    central = str(config.setting("system/central-management", "root", "type"))
    return {
        "model_name": "FortiGate", "model_number": device.model_number, "model": device.model,
        "hostname": device.hostname,
        "admin_using_default_password": admin is not None and not admin.get("password"),
        "admin": {"name": caller.name, "login_name": caller.name, "super_admin": caller.vdoms is None},
        "vdom_mode": config.setting("system/global", "root", "vdom-mode"),
        "management_vdom": config.setting("system/global", "root", "management-vdom"),
        "centrally_managed": central == "fortimanager",
        "vdom_info": {
            vdom: {
                "central_nat_enabled": config.setting("system/settings", vdom, "central-nat") == "enable",
                "ngfw_mode": config.setting("system/settings", vdom, "ngfw-mode"),
                "is_management_vdom": vdom == config.setting("system/global", "root", "management-vdom"),
            }
            for vdom in config.vdom
        },
        "ha_mode": 0 if device.ha_role == "standalone" else 1,
        "is_ha_master": 0 if device.ha_role == "secondary" else 1,
    }


def ha_checksums(device: FortiGate, _caller: Caller, _request: Request) -> Any:
    """monitor/system/ha-checksums: one entry a cluster member, empty on a standalone unit."""
    if device.ha_role == "standalone":
        return []
    checksum = {"global": device.revision_of("system/global", "root"), "root": "", "all": ""}
    own_primary = device.ha_role == "primary"
    return [
        {
            "is_manage_master": int(primary), "is_manage_primary": primary, "is_root_master": int(primary),
            "is_root_primary": primary, "serial_no": serial, "checksum": checksum,
        }
        for serial, primary in ((device.serial, own_primary), (device.peer_serial, not own_primary))
    ]


def current_admins(device: FortiGate, _caller: Caller, _request: Request) -> Any:
    """monitor/system/current-admins."""
    return [access.describe(session) for session in device.gate.sessions.values()]


def firmware(device: FortiGate, _caller: Caller, _request: Request) -> Any:
    """monitor/system/firmware."""
    version = device.version
    return {
        "current": {
            "version": f"v{version}", "major": version.major, "minor": version.minor, "patch": version.patch,
            "build": device.build, "release-type": "GA", "maturity": "M", "platform-id": device.model,
        },
        "available": [],
    }


def config_revision(device: FortiGate, _caller: Caller, _request: Request) -> Any:
    """monitor/system/config-revision."""
    return {
        "revisions": [dict(entry) for entry in reversed(device.revisions)],
        "categories": {
            "1": {
                "major_version": device.version.major, "minor_version": device.version.minor,
                "patch_number": device.version.patch, "build_number": device.build, "release_number": 0,
            }
        },
        "current_config_unsaved": device.unsaved,
    }


def config_revision_save(device: FortiGate, caller: Caller, request: Request) -> Any:
    """monitor/system/config-revision/save."""
    return device.add_revision(caller.name, str(_body(request).get("comments", "")))


def config_save(device: FortiGate, _caller: Caller, _request: Request) -> Any:
    """monitor/system/config/save: what ``execute cfg save`` does; without effect under cfg-save automatic."""
    device.save()
    return {}


def generate_key(device: FortiGate, caller: Caller, request: Request) -> Any:
    """monitor/system/api-user/generate-key: a new token for an API user, for super administrators only."""
    if caller.profile.get("name") not in access.SUPER_PROFILES:
        raise Forbidden("only a super_admin may generate an API key")
    name = str(_body(request).get("api-user", ""))
    row = next((row for row in device.config.rows("system/api-user", "root") if row["name"] == name), None)
    if row is None:
        raise Missing(f"api-user {name} does not exist")
    token = device.new_token(name)
    row["_api-key"] = seal(token)
    return {"access_token": token}


def _body(request: Request) -> Row:
    """Parameters of an action: from the body, or from the query string."""
    return {**body_of(request), **dict(request.query)}


def _same(name: str, wanted: Any, session: Row) -> bool:
    value = session.get(name)
    if name == "proto":
        return str(PROTOCOLS.get(str(wanted).lower(), wanted)) == str(PROTOCOLS.get(str(value).lower(), value))
    if name in ("saddr", "daddr"):
        try:
            return ipaddress.ip_address(str(value)) in ipaddress.ip_network(str(wanted), strict=False)
        except ValueError:
            return False
    return str(value) == str(wanted)


def _listed(device: FortiGate, request: Request, filters: dict[str, str]) -> list[Row]:
    vdom = query.first(request.query, "vdom") or "root"
    sessions = [session for session in device.sessions if session.get("vdom", "root") == vdom]
    for parameter, name in filters.items():
        wanted = query.values(request.query, parameter)
        if wanted:
            sessions = [one for one in sessions if any(_same(name, value, one) for value in wanted)]
    return sessions


def firewall_session(device: FortiGate, _caller: Caller, request: Request) -> Any:
    """monitor/firewall/session; ``count`` is mandatory, 20 to 1000."""
    filters = SESSION_FILTERS if "sessions" not in request.segments else SESSIONS_FILTERS
    text = query.first(request.query, "count") or ""
    if not text.isdigit() or not 20 <= int(text) <= 1000:
        raise Rejection(errors.BAD_FORMAT, "count must be 20 to 1000", http_status=400)
    start = int(query.first(request.query, "start") or 0)
    sessions = _listed(device, request, filters)
    summary = {"matched_count": len(sessions), "session_count": len(device.sessions)}
    return {"details": [dict(one) for one in sessions[start : start + int(text)]], "summary": summary}


def firewall_sessions(device: FortiGate, caller: Caller, request: Request) -> Any:
    """monitor/firewall/sessions, which replaces the older call on 7.6."""
    return firewall_session(device, caller, request)


def close_session(device: FortiGate, _caller: Caller, request: Request) -> Any:
    """monitor/firewall/session/close: all five fields are required."""
    body = _body(request)
    missing = [name for name in CLOSE_FIELDS if body.get(name) in (None, "")]
    if missing:
        raise Rejection(errors.EMPTY, f"missing parameter {missing[0]}", http_status=424)
    wanted = {"proto" if name == "pro" else name: body[name] for name in CLOSE_FIELDS}
    return _close(device, wanted, query.first(request.query, "vdom") or "root")


def close_multiple(device: FortiGate, _caller: Caller, request: Request) -> Any:
    """monitor/firewall/session/close-multiple: any of the fields; without one it is refused here.

    A unit may take an empty filter as "all"; refusing it makes a careless caller visible.
    """
    body = _body(request)
    given = {name: body.get(name) for name in CLOSE_MULTIPLE_FIELDS}
    wanted = {CLOSE_MULTIPLE_FIELDS[name]: value for name, value in given.items() if value not in (None, "")}
    if not wanted:
        raise Rejection(errors.EMPTY, "a filter is required", http_status=424)
    return _close(device, wanted, query.first(request.query, "vdom") or "root")


def _close(device: FortiGate, wanted: dict[str, Any], vdom: str) -> Any:
    hit = [
        one.get("vdom", "root") == vdom and all(_same(name, value, one) for name, value in wanted.items())
        for one in device.sessions
    ]
    device.closed_sessions.extend(one for one, match in zip(device.sessions, hit, strict=True) if match)
    device.sessions[:] = [one for one, match in zip(device.sessions, hit, strict=True) if not match]
    return {}


def close_all(device: FortiGate, _caller: Caller, _request: Request) -> Any:
    """monitor/firewall/session/close-all and clear_all: everything goes."""
    device.closed_sessions.extend(device.sessions)
    device.sessions.clear()
    return {}


def backup(device: FortiGate, _caller: Caller, request: Request) -> Any:
    """monitor/system/config/backup: raw configuration text; GET only on older releases, POST on all."""
    if request.method == "GET" and device.version >= BACKUP_POST_ONLY_SINCE:
        raise NotAllowed("use POST")
    return device.config_text()


Call = Callable[["FortiGate", Caller, Request], Any]

# Call -> (access path, {method: handler}). A method that is missing answers 405.
CALLS: dict[str, tuple[str, dict[str, Call]]] = {
    "system/status": ("", {"GET": status}),
    "web-ui/state": ("", {"GET": web_ui_state}),
    "system/ha-checksums": ("system/ha", {"GET": ha_checksums}),
    "system/current-admins": ("system/global", {"GET": current_admins}),
    "system/firmware": ("system/global", {"GET": firmware}),
    "system/config-revision": ("system/global", {"GET": config_revision}),
    "system/config-revision/save": ("system/global", {"POST": config_revision_save}),
    "system/config/save": ("system/global", {"POST": config_save}),
    "system/config/backup": ("system/global", {"GET": backup, "POST": backup}),
    "system/api-user/generate-key": ("system/api-user", {"POST": generate_key}),
    "firewall/session": ("system/global", {"GET": firewall_session}),
    "firewall/sessions": ("system/global", {"GET": firewall_sessions}),
    "firewall/session/close": ("system/global", {"POST": close_session}),
    "firewall/session/close-multiple": ("system/global", {"POST": close_multiple}),
    "firewall/session/close-all": ("system/global", {"POST": close_all}),
    "firewall/session/clear_all": ("system/global", {"POST": close_all}),
}


def find(device: FortiGate, segments: list[str], method: str) -> tuple[str, Call]:
    """(access path, handler) of a monitor call; raises Missing or NotAllowed."""
    name = "/".join(segments)
    gone = (name == "firewall/session" and device.version >= SESSIONS_SINCE) or (
        name == "firewall/sessions" and device.version < SESSIONS_SINCE
    )
    if name not in CALLS or gone or name in device.switches.missing_calls:
        raise Missing(f"monitor call {name} does not exist")
    path, methods = CALLS[name]
    if method not in methods:
        raise NotAllowed(f"{method} is not served by {name}")
    return path, methods[method]
