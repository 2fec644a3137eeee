"""A Vigor router without sockets: command lines in, answers out, over its configuration, clock and faults."""

from __future__ import annotations

import copy
import hmac
import math
import pickle
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from . import factory
from .commands import find, root, usage
from .faults import Fault, Faults
from .grammar import Usage, split
from .knobs import Counters, Knobs
from .models import model_named
from .state import Entry, State

START = datetime(2026, 1, 5, 12, 0)
HISTORY = 200


@dataclass(frozen=True)
class Reply:
    """What comes back for one command line: text without echo and prompt, lines ended by CR LF between them.

    ``closes``: the session ends. ``cut``: the connection drops, "before" the unit acted, "after" it acted and before
    anything of the answer arrived, or "during" the answer, of which ``text`` arrives. ``hangs``: nothing comes.
    """

    text: str = ""
    closes: bool = False
    cut: str | None = None
    hangs: bool = False


class Vigor:
    """One simulated router.

    ``config`` is a configuration as ``factory_config`` makes it; what it leaves out is as delivered. All public
    methods are thread-safe. ``execute`` runs a line without faults, ``handle`` with them and as a session would see it.
    ``log`` has every line that ``handle`` and ``execute`` got, with ``write`` telling whether it stored something.
    """

    def __init__(
        self,
        config: dict[str, Any],
        *,
        name: str | None = None,
        knobs: Knobs | None = None,
        clock: Callable[[], float] = time.monotonic,
        start: datetime = START,
    ) -> None:
        self.lock = threading.RLock()
        self.model = model_named(config["model"])
        self.knobs = knobs or Knobs()
        self.faults = Faults()
        self.counters = Counters()
        self.log: list[dict[str, Any]] = []
        self.writes = 0
        self.sessions = 0
        self.on_change: list[Callable[[], None]] = []
        self.on_drop: list[Callable[[], None]] = []
        self._clock = clock
        self._skipped = 0.0
        self._start = start
        self._born = self._booted_at = clock()
        self._failures: dict[str, int] = {}
        self._banned: dict[str, float] = {}
        self._state = State(factory.complete(config), self.model, self.knobs)
        if name is not None:
            self._state.config["name"] = name
        self._in_force: Entry = {}
        self._boot()

    # --- what it is ----------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """Name of the router, as in the prompt."""
        return str(self._state.config["name"])

    @property
    def version(self) -> str:
        """Firmware release."""
        return str(self._state.config["version"])

    @property
    def prompt(self) -> str:
        """What a session shows when it waits for a command."""
        return f"{self._state.config['name']}> "

    @property
    def paging(self) -> bool:
        """Whether long answers stop at the pager; one setting for all sessions."""
        return self._state.paging and self.knobs.page_lines > 0

    def stored(self) -> dict[str, Any]:
        """The stored configuration; what views show."""
        with self.lock:
            return _copied(self._state.config)

    def running(self) -> dict[str, Any]:
        """What is in force: the stored configuration but for what waits for a restart."""
        with self.lock:
            config, force = _copied(self._state.config), _copied(self._in_force)
        lans: Entry = {}
        for at in sorted({*config["lans"], *force["lans"]}, key=int):
            blank = factory.lan(int(at))
            now = {**blank, **config["lans"].get(at, {})}
            entry = {**blank, **force["lans"].get(at, {}), "lease": now["lease"], "mtu": now["mtu"]}
            if entry != blank:
                lans[at] = entry
        rows: Entry = {}
        for at in sorted({*force["rows"], *force["row_lans"]}, key=int):
            entry = {**factory.VLAN, **force["rows"].get(at, {}), "lan": force["row_lans"].get(at, 1)}
            if entry != factory.VLAN:
                rows[at] = entry
        config.update(lans=lans, talk=force["talk"])
        config["vlans"] = {**config["vlans"], "untag_p1": force["untag_p1"], "rows": rows}
        if self.model.large:
            config["management"]["acl"] = force["acl"]
        return config

    # --- commands ------------------------------------------------------------------------------------------------

    def execute(self, line: str, log: bool = True) -> Reply:
        """Run one command line; ``log`` False keeps it out of the log, as when somebody else types it."""
        return self._changed(self._run, line, log, None)

    def handle(self, line: str) -> Reply:
        """Run one command line as it reaches a session: with faults, and not while the unit restarts."""
        return self._changed(self._handle, line)

    def _changed(self, run: Callable[..., Reply], *arguments: Any) -> Reply:
        with self.lock:
            before = self.writes
            reply = run(*arguments)
            listeners = list(self.on_change) if self.on_change and self.writes != before else []
            drops = list(self.on_drop) if reply.closes and self.down else []
        for call in listeners:
            call()
        for call in drops:
            call()
        return reply

    def _handle(self, line: str) -> Reply:
        if self.down:
            return Reply(closes=True, cut="before")
        if not line.strip():
            return Reply()
        fault = self.faults.striking(line) if self.faults.planted else None
        if fault is None:
            return self._run(line, True, None)
        if fault.kind == "cut-before":
            self.log.append({"line": line, "write": False, "fault": fault.kind})
            return Reply(closes=True, cut="before")
        reply = self._run(line, True, fault)
        return _spoilt(reply, fault)

    def _run(self, line: str, log: bool, fault: Fault | None) -> Reply:
        state = self._state
        words = split(line)
        if not words:
            return Reply()
        self.counters.commands += 1
        state.took, state.wants = False, ""
        self._keep_time()
        state.history.append(line.strip())
        del state.history[:-HISTORY]
        backup = copy.deepcopy(state.config) if fault is not None and fault.kind == "ignore" else None
        text = self._answer(words, fault is not None and fault.kind == "usage")
        if backup is not None:
            state.config, state.took, state.restart_vlans = backup, False, False
        if log:
            entry = {"line": line, "write": state.took}
            if fault is not None:
                entry["fault"] = fault.kind
            self.log.append(entry)
        if state.took:
            self.writes += 1
        if state.restart_vlans:
            state.restart_vlans = False
            self._restart_vlans()
        if state.wants:
            return self._leave(state.wants)
        return Reply(text)

    def _answer(self, words: list[str], only_usage: bool) -> str:
        top = root(self.knobs.mpage)
        node, used = find(top, words)
        if node.command is None:
            if node is not top or words[0] == "?":
                return node.listing()
            text = self.knobs.unknown_text
            return node.listing() if text == "list" else text.replace("{word}", words[0])
        if only_usage:
            return usage(node.command)
        try:
            return node.command.run(self._state, words[used:])
        except Usage:
            self._state.took = False
            return usage(node.command)

    def _leave(self, how: str) -> Reply:
        if how in ("reboot", "halt"):
            self._boot(math.inf if how == "halt" else self.knobs.reboot_seconds)
        return Reply(closes=True)

    # --- time, restart -------------------------------------------------------------------------------------------

    def _time(self) -> float:
        return self._clock() + self._skipped

    def _keep_time(self) -> None:
        state = self._state
        now = self._time()
        state.uptime = now - self._booted_at
        state.now = self._start + timedelta(seconds=now - self._born)

    @property
    def now(self) -> datetime:
        """The unit's clock."""
        return self._start + timedelta(seconds=self._time() - self._born)

    @property
    def uptime(self) -> float:
        """Seconds since the last start; 0 while it starts."""
        return max(0.0, self._time() - self._booted_at)

    @property
    def down(self) -> bool:
        """Whether the unit is restarting or halted."""
        return self._time() < self._booted_at

    def advance(self, seconds: float) -> None:
        """Let time pass: schedules run out, bans end, a restart finishes."""
        with self.lock:
            self._skipped += seconds

    def reboot(self) -> None:
        """Restart at once: what is stored comes into force, what was only in memory is gone."""
        with self.lock:
            self._boot()
            drops = list(self.on_drop)
        for call in drops:
            call()

    def _boot(self, seconds: float = 0.0) -> None:
        config = self._state.config
        self._state.paging = True
        self._booted_at = self._time() + seconds
        self._in_force = {
            "lans": copy.deepcopy(config["lans"]), "talk": copy.deepcopy(config["talk"]),
            "acl": dict(config["management"]["acl"]),
            "row_lans": {at: entry.get("lan", 1) for at, entry in config["vlans"]["rows"].items()},
        }
        self._restart_vlans()

    def _restart_vlans(self) -> None:
        vlans = self._state.config["vlans"]
        self._in_force.update(rows=copy.deepcopy(vlans["rows"]), untag_p1=vlans["untag_p1"])

    def schedule_holds(self, at: int) -> bool:
        """Whether a schedule is on now: from its start for its duration, once or on its days of the week."""
        with self.lock:
            entry = {**factory.SCHEDULE, **self._state.config["schedules"].get(str(at), {})}
            now = self.now
        start = datetime.strptime(entry["start"], "%Y-%m-%d %H:%M")
        length = timedelta(minutes=entry["minutes"])
        if not entry["enabled"] or now < start:
            return False
        if not entry["days"]:
            return now < start + length
        for back in (0, 1):
            day = now.date() - timedelta(days=back)
            begin = datetime.combine(day, start.time())
            if day.strftime("%a") in entry["days"] and day >= start.date() and begin <= now < begin + length:
                return True
        return False

    # --- who comes in --------------------------------------------------------------------------------------------

    def admits(self, source: str) -> bool:
        """Whether a connection from an address is taken; counts it."""
        with self.lock:
            self.counters.connections += 1
            refused = self.down or self.faults.refuses_connection() or self._banned.get(source, 0.0) > self._time()
            self.counters.refused += refused
            return not refused

    def login(self, account: str, password: str, source: str, service: str = "SSH") -> bool:
        """Whether an account may enter; counts failures, and bans after too many of them."""
        with self.lock:
            known = self._state.config["accounts"].get(account)
            if known is not None and hmac.compare_digest(str(known).encode(), password.encode()):
                self.counters.logins += 1
                self._failures.pop(source, None)
                return True
            self.counters.failures += 1
            self._failures[source] = self._failures.get(source, 0) + 1
            limit, seconds = self._guard(service)
            if limit and self._failures[source] >= limit:
                self._banned[source] = self._time() + seconds
                del self._failures[source]
            return False

    def _guard(self, service: str) -> tuple[int, float]:
        if self.knobs.ban_after:
            return self.knobs.ban_after, self.knobs.ban_seconds
        guard = self._state.config["management"]["bfp"]
        if guard["enabled"] and service in guard["services"]:
            return int(guard["failures"]), float(guard["penalty"])
        return 0, 0.0

    def enter(self) -> bool:
        """Begin a session; False when there are too many."""
        with self.lock:
            if self.knobs.max_sessions and self.sessions >= self.knobs.max_sessions:
                self.counters.refused += 1
                return False
            self.sessions += 1
            return True

    def leave(self) -> None:
        """End a session."""
        with self.lock:
            self.sessions -= 1

    def idle_seconds(self, service: str = "ssh") -> float:
        """How long a session may be silent."""
        return self.knobs.idle_seconds or float(self._state.config["management"][f"{service}_timeout"])

    def count_bytes(self, *, received: int = 0, sent: int = 0) -> None:
        """Count what a terminal session got and sent."""
        with self.lock:
            self.counters.received += received
            self.counters.sent += sent

    def set_password(self, account: str, password: str) -> None:
        """Give an account a password, as whoever set the unit up did."""
        with self.lock:
            self._state.config["accounts"][account] = password

    def reset_log(self) -> None:
        """Forget what was logged and counted."""
        with self.lock:
            self.log.clear()
            self.writes = 0
            self.counters = Counters()


def _copied(config: Entry) -> Entry:
    """A copy, made faster than by `copy`: tests ask for one after every line."""
    found: Entry = pickle.loads(pickle.dumps(config))
    return found


def _spoilt(reply: Reply, fault: Fault) -> Reply:
    """The reply after a fault that lets the unit act."""
    if fault.kind == "cut-after":
        return replace(reply, text="", closes=True, cut="after")
    if fault.kind == "hang":
        return replace(reply, text="", hangs=True)
    if fault.kind == "garbage":
        return replace(reply, text=fault.text)
    if fault.kind == "truncated":
        return replace(reply, text=reply.text[: len(reply.text) // 2], closes=True, cut="during")
    return reply
