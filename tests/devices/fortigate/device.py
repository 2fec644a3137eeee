"""A FortiGate without sockets: one ``handle(Request) -> Response`` over its configuration, sessions and clock."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from . import cmdb, facts, login, monitor, query
from .access import Caller, Gate
from .editor import Editor, Op
from .envelope import array_form, envelope, page, refusal
from .errors import Forbidden, Rejection
from .faults import Fault, Faults, spoilt_results
from .messages import Request, Response
from .rows import Row, seal, shown
from .store import GLOBAL, Config
from .switches import Counters, Switches
from .transactions import Workspace
from .vendor_schema import Table

# Singletons that ``state`` always shows.
UNIT_SINGLETONS = (
    "system/global", "system/password-policy", "system/central-management", "system/ha", "system/dns", "system/ntp",
)
VDOM_SINGLETONS = ("system/settings", "system/sdwan", "log/setting")


class FortiGate:
    """One simulated unit.

    ``config`` is a configuration as ``factory_config`` makes it; ``token`` (if given) becomes the key of the API user
    ``voip-automation``, ``ha_role`` is standalone, primary or secondary. ``seen_as`` is the address by which the unit
    sees whoever connects, as behind a translating router; by default their own. All public methods are thread-safe.
    """

    def __init__(
        self,
        config: dict[str, Any],
        *,
        name: str = "fgt",
        serial: str = "FGT60FTK20000001",
        ha_role: str = "standalone",
        switches: Switches | None = None,
        limits: dict[str, int] | None = None,
        clock: Callable[[], float] = time.monotonic,
        seen_as: str = "",
    ) -> None:
        self.config = Config(config)
        self.version = self.config.version
        self.build = facts.BUILDS[self.version.train]
        self.name = name
        self.serial = serial
        self.peer_serial = serial[:-1] + "2"
        self.model = "FGT60F"
        self.model_number = "60F"
        self.ha_role = ha_role
        self.switches = switches or Switches()
        self.limits = {**facts.TABLE_LIMITS, **(limits or {})}
        self.faults = Faults()
        self.counters = Counters()
        self.log: list[dict[str, Any]] = []
        self.sessions: list[Row] = []
        self.closed_sessions: list[Row] = []
        self.revisions: list[dict[str, Any]] = []
        self.ignored_keys: list[str] = []
        self.reverts = 0
        self.gate = Gate(lambda: self.config, serial)
        self.workspace = Workspace()
        # None while flash and running configuration are one and the same.
        self._flash: Config | None = None
        self._keep_flash_apart()
        self.sport = int(self.config.setting("system/global", "root", "admin-sport"))
        self.on_drop: list[Callable[[], None]] = []
        self.on_change: list[Callable[[], None]] = []
        self.lock = threading.RLock()
        self._clock = clock
        self.seen_as = seen_as
        self._skipped = 0.0
        self._revert_at: float | None = None
        self._tokens = 0

    # --- life ------------------------------------------------------------------------------------------------------

    @property
    def hostname(self) -> str:
        """The configured host name."""
        return str(self.config.setting("system/global", "root", "hostname") or self.serial)

    def now(self) -> float:
        """Seconds on the device's clock."""
        return self._clock() + self._skipped

    def advance(self, seconds: float) -> None:
        """Let time pass at once: timers fire, sessions and transactions expire."""
        with self.lock:
            self._skipped += seconds
            self._tick()

    def _tick(self) -> None:
        now = self.now()
        self.workspace.expire(now)
        if self._revert_at is not None and now >= self._revert_at:
            self.revert()

    @property
    def unsaved(self) -> bool:
        """Whether the running configuration differs from the one in flash."""
        return self._flash is not None and not self.config.same_as(self._flash)

    def save(self) -> None:
        """Write the running configuration to flash and disarm the revert timer."""
        with self.lock:
            self._flash = None
            self._revert_at = None
            self._keep_flash_apart()

    def revert(self) -> None:
        """Go back to the configuration in flash, as a reboot does: sessions, transactions and connections are lost."""
        with self.lock:
            if self._flash is not None:
                self.config, self._flash = self._flash, None
                self._keep_flash_apart()
            self._revert_at = None
            self.reverts += 1
            self.gate.sessions.clear()
            self.workspace.open.clear()
            self._changed()
            for drop in list(self.on_drop):
                drop()

    def _changed(self) -> None:
        for tell in self.on_change:
            tell()

    def _mode(self) -> str:
        return str(self.config.setting("system/global", "root", "cfg-save"))

    def _keep_flash_apart(self) -> None:
        """Under manual and revert the flash holds a copy of its own; under automatic it is the running one."""
        if self._flash is None and self._mode() != "automatic":
            self._flash = self.config.copy()

    def _before_write(self, ops: Iterable[Op]) -> Config | None:
        """The configuration before a write that may change the cfg-save mode, None for others."""
        return self.config.copy() if any(op.path == "system/global" for op in ops) else None

    def _after_write(self, before: Config | None) -> None:
        """What the cfg-save mode makes of a write that just took effect."""
        mode = self._mode()
        if mode == "automatic":
            self.save()
        else:
            if self._flash is None:
                # Only a write to system/global leaves automatic, and for those ``before`` was kept.
                assert before is not None
                self._flash = before
            if self.switches.arming_is_saved:
                running = self.config.single("system/global", "root")
                flash = self._flash.single_to_change("system/global", "root")
                flash.update({name: running[name] for name in ("cfg-save", "cfg-revert-timeout") if name in running})
            if mode == "manual":
                self._revert_at = None
            elif self._revert_at is None and self.unsaved:
                self._revert_at = self.now() + float(self.config.setting("system/global", "root", "cfg-revert-timeout"))
        self._changed()

    def new_token(self, name: str) -> str:
        """A fresh API key (stable for one device and order of calls)."""
        self._tokens += 1
        return hashlib.sha256(f"{self.serial}/{name}/{self._tokens}".encode()).hexdigest()[:30]

    def add_api_user(
        self, name: str, token: str, *, accprofile: str = "super_admin", vdoms: tuple[str, ...] = (),
        trusted_hosts: tuple[str, ...] = (),
    ) -> None:
        """Plant an API user with a known token; no ``vdoms`` means all; ``trusted_hosts`` as ``"a.b.c.d m.m.m.m"``."""
        with self.lock:
            row: Row = {"name": name, "accprofile": accprofile, "_api-key": seal(token)}
            row["vdom"] = [{"name": vdom} for vdom in vdoms or tuple(self.config.vdom)]
            if trusted_hosts:
                row["trusthost"] = [
                    {"id": n, "type": "ipv4-trusthost", "ipv4-trusthost": host}
                    for n, host in enumerate(trusted_hosts, 1)
                ]
            for config in self._both():
                rows = config.rows_to_change("system/api-user", "root")
                rows[:] = [other for other in rows if other["name"] != name] + [dict(row)]

    def _both(self) -> list[Config]:
        return [self.config] if self._flash is None else [self.config, self._flash]

    def set_password(self, admin: str, password: str) -> None:
        """Give an administrator a password, as the set-up wizard does."""
        with self.lock:
            for config in self._both():
                for row in config.rows("system/admin", "root"):
                    if row["name"] == admin:
                        row["password"] = seal(password)

    def add_revision(self, admin: str, comment: str) -> dict[str, Any]:
        """Keep a configuration revision."""
        entry = {
            "id": len(self.revisions) + 1, "time": 1_700_000_000 + len(self.revisions), "version_id": "1",
            "admin": admin, "comment": comment,
        }
        self.revisions.append(entry)
        return {"config_id": entry["id"]}

    # --- views for tests -------------------------------------------------------------------------------------------

    def stored(self) -> dict[str, Any]:
        """The configuration as it is kept (set values only): a form that ``FortiGate`` takes back."""
        with self.lock:
            return self.config.data()

    def state(self) -> dict[str, Any]:
        """The whole configuration with every default of the release, secrets as sealed text; no q_origin_key.

        ``{"version", "hostname", "global": {path: rows or object}, "vdom": {name: {path: rows or object}}}``; tables
        that hold nothing are left out, the singletons in use are always there.
        """
        with self.lock:
            return {
                "version": str(self.version), "hostname": self.hostname,
                GLOBAL: self._state_of(self.config.unit, UNIT_SINGLETONS),
                "vdom": {name: self._state_of(tables, VDOM_SINGLETONS) for name, tables in self.config.vdom.items()},
            }

    def _state_of(self, tables: dict[str, Any], singletons: tuple[str, ...]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for path in (*singletons, *(path for path in tables if path not in singletons)):
            table = self.config.table(path)
            if table is None:
                continue
            content = tables.get(path, {} if table.singleton else [])
            if table.singleton:
                result[path] = self._full(table, content)
            elif content:
                result[path] = [self._full(table, row) for row in content]
        return result

    def _full(self, table: Table, row: Row) -> Row:
        full: Row = _without_origin(shown(table, row, self.version))
        for name in facts.SECRETS.get(table.path, frozenset()):
            if row.get(name):
                full[name] = row[name]
        return full

    def config_text(self) -> str:
        """A backup as text."""
        head = f"#config-version={self.model}-{self.version}-FW-build{self.build}:opmode=0:vdom=0\n"
        return head + json.dumps(self.stored(), indent=1, sort_keys=True)

    def editor(self, config: Config) -> Editor:
        """Writes to a configuration under this device's switches and limits."""
        return Editor(config, self.switches.unknown_keys == "ignore", self.limits, self.ignored_keys)

    def apply(self, op: Op) -> Any:
        """A write outside any transaction, with all checks; returns the mkey. Raises Rejection.

        Called from a test it is a write by another administrator.
        """
        with self.lock:
            self._tick()
            self.workspace.check_lock(op, None)
            before = self._before_write([op])
            mkey = self.editor(self.config).apply(op)
            self._after_write(before)
            return mkey

    def replace_running(self, ops: Iterable[Op], config: Config) -> None:
        """Put a configuration into force at once: the commit of a transaction made of ``ops``."""
        with self.lock:
            before = self._before_write(ops)
            self.config = config
            self._after_write(before)

    def revision_of(self, path: str, vdom: str) -> str:
        """The configuration revision of a table, as the envelope shows it."""
        table = self.config.table(path)
        if table is None:
            return ""
        content = self.config.single(path, vdom) if table.singleton else self.config.rows(path, vdom)
        return hashlib.md5(json.dumps(content, sort_keys=True).encode(), usedforsecurity=False).hexdigest()

    # --- requests --------------------------------------------------------------------------------------------------

    def handle(self, request: Request) -> Response:
        """Answer one request; the reply may ask the socket side to misbehave (``Response.transport``)."""
        with self.lock:
            self._tick()
            self.counters.count(request)
            entry = self._logged(request)
            striking = self.faults.striking(request)
            kinds = {fault.kind for fault in striking}
            for fault in striking:
                if fault.kind == "cut-before":
                    entry["status"] = 0
                    return Response(0, transport="cut")
                if fault.kind == "hang":
                    entry["status"] = 0
                    return Response(0, transport="hang")
                if fault.kind == "status":
                    entry["status"] = int(fault.value or 403)
                    return page(int(fault.value or 403))
            response = self._answer(request, striking)
            entry["status"] = response.status
            if "cut-after" in kinds:
                return Response(0, transport="cut")
            return self._spoilt(response, striking)

    def _logged(self, request: Request) -> dict[str, Any]:
        try:
            body: Any = request.json() if request.body else None
        except (ValueError, UnicodeDecodeError):
            body = request.body.decode("utf-8", "replace")
        if request.path in ("/api/v2/authentication", "/logincheck"):
            body = "(credentials)"
        entry: dict[str, Any] = {
            "method": request.method, "path": request.path, "query": [list(pair) for pair in request.query],
            "vdom": query.first(request.query, "vdom") or "", "body": body, "status": 0,
            "transaction": request.header("X-TRANSACTION-ID"),
        }
        self.log.append(entry)
        return entry

    def _spoilt(self, response: Response, striking: list[Fault]) -> Response:
        for fault in striking:
            if fault.kind == "delay":
                response.delay += fault.seconds
            elif fault.kind == "trickle":
                response.transport, response.delay = "trickle", fault.seconds
            elif fault.kind == "close":
                response.close = True
            elif fault.kind == "html":
                response.body, response.content_type = b"<html><body>Please wait ...</body></html>", "text/html"
            elif fault.kind == "truncated":
                response.body = response.body[: len(response.body) // 2]
            elif fault.kind in ("wrong-types", "drop-field", "replace-field"):
                response.body = spoilt_results(response.body, fault)
        return response

    def _answer(self, request: Request, striking: list[Fault]) -> Response:
        segments = request.segments
        if segments in (["logincheck"], ["logout"]):
            return login.web_session(self, request)
        if segments[:2] != ["api", "v2"] or segments[2:3] not in (["authentication"], ["monitor"], ["cmdb"]):
            return page(404)
        if segments[2] == "authentication":
            return login.authentication(self, request)
        caller = login.identify(self, request)
        if isinstance(caller, Response):
            return caller
        try:
            if segments[2] == "monitor":
                return self._monitor(request, caller, segments[3:])
            return cmdb.answer(self, request, caller, segments[3:], striking)
        except Rejection as rejection:
            return refusal(self, request, segments[3:], rejection)

    def _monitor(self, request: Request, caller: Caller, segments: list[str]) -> Response:
        path, call = monitor.find(self, segments, request.method)
        level = caller.level(path) if path else "read-write"
        if level == "none" or (request.method == "POST" and level != "read-write"):
            raise Forbidden(f"{caller.name} may not use {'/'.join(segments)}")
        results = call(self, caller, request)
        if isinstance(results, str):
            return Response(200, results.encode(), "application/octet-stream")
        reply = envelope(self, request, segments, query.first(request.query, "vdom") or "root")
        # Recorded monitor replies carry no http_status.
        del reply["http_status"]
        if len(segments) > 2:
            reply["action"] = "/".join(segments[2:])
        reply["results"] = results
        return Response.of([reply] if array_form(request) else reply)


def _without_origin(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_origin(item) for key, item in value.items() if key != "q_origin_key"}
    return [_without_origin(item) for item in value] if isinstance(value, list) else value
