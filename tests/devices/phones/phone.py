"""What phones of all vendors have in common: an address, ports that open and close, time, restarts, fetching."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Protocol, Self

from .addresses import Claim, real_port
from .certificates import Identity, server_context
from .clock import Clock
from .downloads import Client
from .faults import Fault, Faults
from .web import Request, Response

REBOOT_SECONDS = 60.0
FINISH_SECONDS = 30.0


class Server(Protocol):
    """Something that listens."""

    def start(self) -> Any:
        """Listen."""

    def stop(self) -> None:
        """Stop listening."""


@dataclass(frozen=True)
class Door:
    """A port that is open. ``name``: http, https, sip-udp, sip-tcp, sip-tls or telnet; ``port`` as configured."""

    name: str
    port: int
    make: Callable[[str, int], Server] = field(compare=False)


@dataclass(frozen=True)
class Outcome:
    """What one provisioning did. ``files``: names and statuses in the order of fetching; ``error``: why it ended early;
    ``changed``: parameters with another value than before."""

    files: tuple[tuple[str, int], ...] = ()
    applied: bool = False
    error: str = ""
    changed: tuple[str, ...] = ()


class Phone:
    """A phone on an address of its own; a context manager. Subclasses say which doors are open and how they provision.

    ``mac``       12 hex digits
    ``address``   of loopback; by default one that no other phone has
    ``hosts``     names that its DNS server knows, with addresses of loopback
    ``identity``  its device certificate
    """

    def __init__(
        self, mac: str, model: str, version: str, identity: Identity, *, address: str | None = None,
        clock: Clock | None = None, hosts: Mapping[str, str] | None = None,
    ) -> None:
        self.mac = mac.lower()
        self.model = model
        self.version = version
        self.identity = identity
        self.hosts = dict(hosts or {})
        self.clock = clock or Clock()
        self.faults = Faults(self.clock)
        self.lock = threading.RLock()
        self.on_drop: list[Callable[[], None]] = []
        self.history: list[Outcome] = []
        self.requests: list[tuple[str, str]] = []
        self.rang: list[str] = []
        self.reboots = 0
        self.fetches = 0
        self._address = address
        self._claim: Claim | None = None
        self._doors: dict[Door, Server] = {}
        self._powered = False
        self._up_at: float | None = None
        self._jobs: list[threading.Thread] = []
        self._provisioning = threading.Lock()
        self._contexts: dict[bool, ssl.SSLContext] = {}

    # --- what subclasses say -----------------------------------------------------------------------------------------

    def open_doors(self) -> list[Door]:
        """The doors that are open now, by the configuration."""
        raise NotImplementedError

    def fetch_and_apply(self) -> Outcome:
        """One provisioning."""
        raise NotImplementedError

    def provisions_when_started(self) -> bool:
        """Whether it fetches its files after each start."""
        raise NotImplementedError

    def due(self) -> bool:
        """Whether its schedule says to fetch now."""
        raise NotImplementedError

    def register(self) -> dict[tuple[int, int], str]:
        """Register everywhere; returns what came of it by account and server."""
        raise NotImplementedError

    def change(self, settings: Mapping[str, str]) -> list[str]:
        """A change at the phone; returns what has another value than before."""
        raise NotImplementedError

    def override(self, settings: Mapping[str, str]) -> None:
        """Take settings from another server."""
        raise NotImplementedError

    def client(self) -> Client:
        """How it fetches."""
        raise NotImplementedError

    def restarted(self) -> None:
        """Forget what does not outlast a restart."""

    # --- power -------------------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> Self:
        """Plug it in: it listens, but does not provision by itself; returns itself."""
        self._claim = Claim(self._address)
        self._powered = True
        self.clock.on_tick.append(self._tick)
        self.settle()
        return self

    def stop(self) -> None:
        """Unplug it, after what it is busy with."""
        self.finish()
        with self.lock:
            self._powered = False
            if self._tick in self.clock.on_tick:
                self.clock.on_tick.remove(self._tick)
        self.settle()
        if self._claim is not None:
            self._claim.release()
            self._claim = None

    @property
    def address(self) -> str:
        """Its address; RuntimeError before it is plugged in."""
        if self._claim is None:
            raise RuntimeError("the phone is not plugged in")
        return self._claim.address

    @property
    def down(self) -> bool:
        """Whether it is restarting."""
        return self._up_at is not None

    def reboot(self) -> None:
        """Restart: nothing listens until its clock says that it is up again. A planted fault keeps it from doing so."""
        with self.lock:
            if self.faults.strikes("ignore-reboot"):
                return
            self.reboots += 1
            self._up_at = self.clock.now() + REBOOT_SECONDS
            self.restarted()
        self.settle()

    def _tick(self) -> None:
        with self.lock:
            wakes = self._up_at is not None and self.clock.now() >= self._up_at
            if wakes:
                self._up_at = None
        if wakes:
            self.settle()
        self._provider_in_time()
        if self.down:
            return
        if (wakes and self.provisions_when_started()) or (not wakes and self.due()):
            self.provision()

    # --- doors -------------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Open and close ports as the configuration has it now."""
        with self.lock:
            wanted = [] if not self._powered or self.down else self.open_doors()
            if self.faults.present("refuse-tcp"):
                wanted = [door for door in wanted if door.name == "sip-udp"]
            closing = [self._doors.pop(door) for door in list(self._doors) if door not in wanted]
            for server in closing:
                server.stop()
            for door in wanted:
                if door not in self._doors:
                    server = door.make(self.address, real_port(door.port))
                    server.start()
                    self._doors[door] = server

    def ports(self) -> dict[str, int]:
        """The open doors by name, with the ports to connect to."""
        with self.lock:
            return {door.name: real_port(door.port) for door in self._doors}

    def url(self, scheme: str = "https") -> str:
        """The address of its web interface; KeyError while that is closed."""
        return f"{scheme}://{self.address}:{self.ports()[scheme]}"

    def context(self) -> ssl.SSLContext:
        """TLS of its servers."""
        old = self.faults.present("old-tls") is not None
        with self.lock:
            if old not in self._contexts:
                self._contexts[old] = server_context(self.identity, old=old)
            return self._contexts[old]

    def admits(self, source: str) -> bool:
        """Whether a connection is let in: one to an open door always is."""
        return True

    # --- web ---------------------------------------------------------------------------------------------------------

    def answer_web(self, request: Request) -> Response:
        """What its web server answers, faults included."""
        self.requests.append((request.method, request.target))
        if self.faults.strikes("busy", request.target):
            return Response.text("busy", 503)
        if self.faults.strikes("cut", request.target):
            return Response(cut=True)
        with self.lock:
            response = self.web(request)
        if self.faults.strikes("cut-after", request.target):
            return Response(cut=True, sent=response.sent)
        return response

    def web(self, request: Request) -> Response:
        """What its web server answers."""
        raise NotImplementedError

    # --- provisioning ------------------------------------------------------------------------------------------------

    def provision(self) -> Outcome:
        """Fetch its files and take what is in them; returns what came of it. While it restarts it does nothing."""
        if self.down:
            return Outcome(error="the phone is restarting")
        with self._provisioning:
            outcome = self.fetch_and_apply()
            self.history.append(outcome)
            if any(status == 200 for _name, status in outcome.files):
                self.fetches += 1
        self._provider()
        self.settle()
        return outcome

    def _provider(self) -> None:
        for fault in self._providers():
            if not fault.seconds:
                self._one_provider(fault)

    def _provider_in_time(self) -> None:
        for fault in self._providers():
            if fault.seconds and not fault.struck and self.clock.now() >= fault.since + fault.seconds:
                fault.struck += 1
                self.override(fault.settings)
                self.settle()

    def _providers(self) -> list[Fault]:
        return [fault for fault in self.faults.planted if fault.kind == "provider-override"]

    def _one_provider(self, fault: Fault) -> None:
        fault.seen += 1
        if fault.seen > fault.after:
            self.override(fault.settings)

    def now(self) -> float:
        """The phone's own time, which a planted fault makes wrong."""
        fault = self.faults.present("wrong-clock")
        return self.clock.now() + (fault.seconds if fault else 0.0)

    # --- things that go on by themselves -----------------------------------------------------------------------------

    def later(self, job: Callable[[], object]) -> threading.Event:
        """Do something once the answer to whoever asked for it is sent, which they say by setting the event."""
        sent = threading.Event()

        def wait() -> None:
            sent.wait(FINISH_SECONDS)
            job()

        thread = threading.Thread(target=wait, name=f"phone-{self.mac}", daemon=True)
        with self.lock:
            self._jobs.append(thread)
        thread.start()
        return sent

    def finish(self) -> None:
        """Wait until everything that was begun is done."""
        with self.lock:
            jobs, self._jobs = self._jobs, []
        for job in jobs:
            job.join(FINISH_SECONDS)
