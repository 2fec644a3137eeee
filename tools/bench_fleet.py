"""Many test devices of one kind in one process, all with the same configuration.

A process of its own for every device would take more memory than this machine has at a thousand of them; each device
still has an address, a port, a certificate or host key, and a configuration of its own.

Usage: python -m tools.bench_fleet KIND DEVICES CONFIG.json CONFIG_HOST FOLDER KNOBS
(started by `Fleet`; ends on SIGTERM)
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import paramiko

from tests.devices.fortigate import FortiGate, FortiGateServer
from tests.devices.hostkey import BITS, FILE
from tests.devices.pfsense import Knobs, PfSense, PfSenseServer, dumped
from tests.devices.pfsense.accounts import with_password
from tests.devices.vigor import Vigor, VigorServer
from tools.demo_site import ROOT, STOP_SECONDS

START_SECONDS = 120
# One address a device: 127.0.64.1 to 127.0.64.250, then 127.0.65.1 and so on.
FIRST_BLOCK, BLOCK = 64, 250


def address(index: int) -> str:
    """The loopback address of the device with this number, from 0."""
    return f"127.0.{FIRST_BLOCK + index // BLOCK}.{1 + index % BLOCK}"


class Fleet:
    """Runs that many devices while its `with` block lasts; `hosts` are the inventory's hosts that reach them.

    `config` is a stored configuration whose management address is `config_host`; `kind` a folder of `tests/devices`.
    """

    def __init__(
        self, devices: int, config: Path, config_host: str, folder: Path, kind: str = "fortigate",
        knobs: Mapping[str, Any] | None = None,
    ) -> None:
        self.devices = devices
        self.folder = folder
        self.hosts: dict[str, dict[str, Any]] = {}
        self._secret_variable = SECRETS[kind]
        self._arguments = [kind, str(devices), str(config), config_host, str(folder), json.dumps(knobs or {})]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Fleet:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._ready.unlink(missing_ok=True)
        secret = secrets.token_urlsafe(24)
        with (self.folder / "fleet.log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tools.bench_fleet", *self._arguments],
                cwd=ROOT, env={**os.environ, "FLEET_SECRET": secret}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )
        try:
            self.hosts = {name: {**host, self._secret_variable: secret} for name, host in self._wait().items()}
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def cpu(self) -> float:
        """CPU seconds, user and system, that the devices have used by now."""
        assert self._process is not None
        # proc(5): after the name, which is in brackets, utime and stime are the fields 14 and 15.
        fields = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def _ready(self) -> Path:
        return self.folder / "fleet.json"

    def _wait(self) -> dict[str, dict[str, Any]]:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process is not None and self._process.poll() is None:
            if self._ready.exists():
                found: dict[str, dict[str, Any]] = json.loads(self._ready.read_text(encoding="utf-8"))
                return found
            time.sleep(0.1)
        raise SystemExit(f"the devices did not start: {(self.folder / 'fleet.log').read_text(encoding='utf-8')}")


@dataclass(frozen=True)
class Place:
    """One device of the fleet: its name, its address, and the stored configuration that it begins with."""

    name: str
    host: str
    config: dict[str, Any]


def _fortigate(stack: ExitStack, place: Place, folder: Path, knobs: Mapping[str, Any]) -> dict[str, Any]:
    device = FortiGate(place.config, name=place.name)
    device.add_api_user("voip-automation", os.environ["FLEET_SECRET"])
    server = stack.enter_context(FortiGateServer(device, place.host, directory=folder / "certificates"))
    return {"ansible_port": server.port, "voip_ca_path": server.ca_path}


def _vigor(stack: ExitStack, place: Place, folder: Path, knobs: Mapping[str, Any]) -> dict[str, Any]:
    device = Vigor(place.config, name=place.name)
    device.set_password("admin", os.environ["FLEET_SECRET"])
    for name, value in knobs.items():
        device.knobs.turn(name, value)
    server = stack.enter_context(VigorServer(device, place.host, directory=_own_key(place, folder)))
    return {"ansible_port": server.port, "ansible_user": "admin", "voip_known_hosts": server.known_hosts}


def _pfsense(stack: ExitStack, place: Place, folder: Path, knobs: Mapping[str, Any]) -> dict[str, Any]:
    with_password(place.config, "admin", os.environ["FLEET_SECRET"])
    device = PfSense(dumped(place.config), knobs=Knobs(**knobs))
    server = stack.enter_context(PfSenseServer(device, place.host, directory=_own_key(place, folder)))
    return {"ansible_port": server.port, "ansible_user": "admin", "voip_known_hosts": server.known_hosts}


def _own_key(place: Place, folder: Path) -> Path:
    """A folder with a host key: without one all servers of a process have the same."""
    own = folder / place.name
    own.mkdir(exist_ok=True)
    paramiko.RSAKey.generate(BITS).write_private_key_file(str(own / FILE))
    return own


STARTERS: dict[str, Callable[[ExitStack, Place, Path, Mapping[str, Any]], dict[str, Any]]] = {
    "fortigate": _fortigate, "vigor": _vigor, "pfsense": _pfsense,
}
SECRETS = {"fortigate": "voip_access_token", "vigor": "ansible_password", "pfsense": "ansible_password"}
"""By kind, the inventory's variable for what the devices let in with."""


def moved(text: str, old: str, new: str) -> str:
    """The configuration of a device at one address for a device at another, with what else is in its network of 256."""
    # Between quotes or before a mask, so that 127.0.22.1 is not found in 127.0.22.10.
    own = text.replace(f'"{old}"', f'"{new}"').replace(f'"{old} ', f'"{new} ')
    return own.replace(f'"{old.rpartition(".")[0]}.', f'"{new.rpartition(".")[0]}.')


def serve(kind: str, devices: int, config: Path, config_host: str, folder: Path, knobs: Mapping[str, Any]) -> None:
    """Start the devices, say where they are, and serve until SIGTERM."""
    text = config.read_text(encoding="utf-8")
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    with ExitStack() as stack:
        started = {}
        for index in range(devices):
            host = address(index)
            place = Place(f"bench-fw{index + 1}", host, json.loads(moved(text, config_host, host)))
            started[place.name] = {"ansible_host": host, **STARTERS[kind](stack, place, folder, knobs)}
        draft = folder / "fleet.json.new"
        draft.write_text(json.dumps(started), encoding="utf-8")
        draft.replace(folder / "fleet.json")
        stop.wait()


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4], Path(sys.argv[5]), json.loads(sys.argv[6]))
