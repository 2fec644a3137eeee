"""Requests on the configuration (``/api/v2/cmdb``): scope, permissions, writes, transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import errors, facts, query
from .access import Caller
from .editor import Op
from .envelope import array_form, envelope
from .errors import Forbidden, Missing, NotAllowed, Rejection
from .faults import Fault, without
from .messages import Request, Response
from .reading import read
from .transactions import (
    DEFAULT_IDLE_SECONDS,
    Transaction,
    check_allowed,
    locked_object,
    pending_lines,
    replay,
)
from .vendor_schema import Table
from .versions import Version

if TYPE_CHECKING:
    from .device import FortiGate

VERBS = {"POST": "add", "PUT": "set", "DELETE": "delete"}
TRANSACTION_SHOW_SINCE = Version(7, 4, 1)


def answer(
    device: FortiGate, request: Request, caller: Caller, segments: list[str], striking: list[Fault]
) -> Response:
    """The reply to a request on the configuration; raises Rejection."""
    if not segments:
        return _transaction(device, request, caller)
    path = "/".join(segments[:2])
    table = device.config.table(path)
    if table is None:
        raise Missing(f"unknown path {path}")
    vdoms = _vdoms(device, request, caller, path)
    if request.method == "GET":
        replies = [read(device, request, caller, table, vdom, segments) for vdom in vdoms]
    elif request.method not in VERBS:
        raise NotAllowed(f"{request.method} is not served")
    elif caller.level(path) != "read-write":
        raise Forbidden(f"{caller.name} may not write {path}")
    else:
        replies = [_write(device, request, caller, table, vdom, segments, striking) for vdom in vdoms]
    return Response.of(replies if array_form(request) else replies[0])


def _vdoms(device: FortiGate, request: Request, caller: Caller, path: str) -> list[str]:
    """VDOMs that a request addresses; raises Forbidden for one outside the caller's list."""
    if facts.is_global(path):
        return [next(iter(device.config.vdom))]
    asked = query.first(request.query, "vdom") or ""
    own = [name for name in device.config.vdom if caller.vdoms is None or name in caller.vdoms]
    if asked == "*" or (array_form(request) and "," not in asked):
        return own
    names = asked.split(",") if asked else [str(device.config.setting("system/global", "root", "management-vdom"))]
    for name in names:
        if name not in device.config.vdom:
            raise Rejection(errors.NOT_FOUND, f"VDOM {name} does not exist", http_status=424)
        if name not in own:
            raise Forbidden(f"{caller.name} may not enter VDOM {name}")
    return names


def body_of(request: Request) -> dict[str, Any]:
    """The body as an object; raises Rejection with HTTP 400."""
    try:
        body = request.json()
    except (ValueError, UnicodeDecodeError):
        raise Rejection(errors.BAD_FORMAT, "the body is not JSON", http_status=400) from None
    if not isinstance(body, dict):
        raise Rejection(errors.BAD_FORMAT, "an object is expected", http_status=400)
    return body


def _op(request: Request, table: Table, vdom: str, segments: list[str], striking: list[Fault]) -> Op:
    """The write that a request asks for."""
    action = query.first(request.query, "action") or ""
    keys = tuple(segments[2:])
    if action == "move" and request.method == "PUT":
        where = {name: query.first(request.query, name) for name in ("before", "after")}
        return Op("move", table.path, vdom, keys, {name: value for name, value in where.items() if value})
    if action == "clone" and request.method == "POST":
        return Op("clone", table.path, vdom, keys, {"nkey": query.first(request.query, "nkey")})
    if table.singleton and not keys and request.method != "PUT":
        raise NotAllowed(f"{table.path} is a single object")
    body = {} if request.method == "DELETE" else body_of(request)
    for fault in striking:
        if fault.kind == "ignore-field":
            body = without(body, fault.field)
    return Op(VERBS[request.method], table.path, vdom, keys, body)


def _write(
    device: FortiGate,
    request: Request,
    caller: Caller,
    table: Table,
    vdom: str,
    segments: list[str],
    striking: list[Fault],
) -> dict[str, Any]:
    op = _op(request, table, vdom, segments, striking)
    old = device.revision_of(table.path, vdom)
    number = request.header("X-TRANSACTION-ID")
    mkey = _stage(device, number, caller, op) if number else device.apply(op)
    new = device.revision_of(table.path, vdom)
    reply = envelope(device, request, segments, vdom)
    if mkey is not None:
        reply["mkey"] = mkey
    reply.update(revision=new, old_revision=old, revision_changed=old != new)
    return reply


# --- transactions ----------------------------------------------------------------------------------------------------


def _stage(device: FortiGate, number: str, caller: Caller, op: Op) -> Any:
    """Put a write into a transaction; returns the mkey it has there."""
    transaction = device.workspace.get(number, caller.name, device.now())
    check_allowed(op)
    if not facts.is_global(op.path) and op.vdom != transaction.vdom:
        raise Rejection(errors.NO_PERMISSION, f"transaction {number} belongs to VDOM {transaction.vdom}")
    device.workspace.check_lock(op, transaction)
    if device.switches.transaction_validation == "request":
        mkey = device.editor(transaction.staged).apply(op)
    else:
        mkey = _accept_unchecked(device, transaction, op)
    table = transaction.staged.table(op.path)
    if op.verb == "add" and not op.keys and table is not None and table.mkey:
        op = Op(op.verb, op.path, op.vdom, op.keys, {**op.body, table.mkey: mkey})
    transaction.ops.append(op)
    transaction.touched.add(locked_object(op, mkey))
    return mkey


def _accept_unchecked(device: FortiGate, transaction: Transaction, op: Op) -> Any:
    """Validation at commit: the reply only needs a key; what can be staged is, so that later ids are right."""
    try:
        return device.editor(transaction.staged).apply(op)
    except Rejection:
        table = transaction.staged.table(op.path)
        if op.keys or table is None or not table.mkey:
            return op.keys[0] if op.keys else None
        rows = transaction.staged.rows(op.path, op.vdom)
        free = max((int(row[table.mkey]) for row in rows), default=0) + 1 if table.integer_key else ""
        return op.body.get(table.mkey) or free


def _transaction(device: FortiGate, request: Request, caller: Caller) -> Response:
    """``/api/v2/cmdb?action=transaction-...``."""
    action = query.first(request.query, "action") or ""
    vdom = query.first(request.query, "vdom") or "root"
    if not device.switches.transactions or not action.startswith("transaction-"):
        raise NotAllowed(f"action {action!r} is not served here")
    if vdom not in device.config.vdom or (caller.vdoms is not None and vdom not in caller.vdoms):
        raise Forbidden(f"{caller.name} may not enter VDOM {vdom}")
    if request.method == "GET":
        results = _transaction_read(device, request, caller, action)
    elif request.method == "POST":
        if "read-write" not in (caller.level("firewall/policy"), caller.level("system/global")):
            raise Forbidden(f"{caller.name} may not write")
        results = _transaction_write(device, request, caller, action, vdom)
    else:
        raise NotAllowed(f"{request.method} with {action}")
    reply = envelope(device, request, [], vdom)
    reply.update(action=action, results=results)
    return Response.of(reply)


def _transaction_read(device: FortiGate, request: Request, caller: Caller, action: str) -> Any:
    if action == "transaction-list":
        key = device.switches.transaction_id_key
        return [{key: one.number, "vdom": one.vdom, "admin": one.owner} for one in device.workspace.open.values()]
    if action == "transaction-show" and device.version >= TRANSACTION_SHOW_SINCE:
        number = query.first(request.query, "transaction_id") or request.header("X-TRANSACTION-ID")
        return {"commands": pending_lines(device.workspace.get(number, caller.name, device.now()))}
    raise NotAllowed(f"GET with {action}")


def _transaction_write(device: FortiGate, request: Request, caller: Caller, action: str, vdom: str) -> Any:
    body = body_of(request)
    if action == "transaction-start":
        idle = float(body.get("timeout") or DEFAULT_IDLE_SECONDS)
        opened = device.workspace.start(device.config, vdom, caller.name, idle, device.now())
        return {device.switches.transaction_id_key: opened.number}
    if action not in ("transaction-commit", "transaction-abort"):
        raise NotAllowed(f"POST with {action}")
    given = body.get("transaction_id") or body.get("transaction-id") or request.header("X-TRANSACTION-ID")
    transaction = device.workspace.get(str(given), caller.name, device.now())
    del device.workspace.open[transaction.number]
    if action == "transaction-commit":
        device.replace_running(transaction.ops, replay(transaction, device.config, device.editor(device.config)))
    return {}
