"""Many FortiGate test devices in one process, all with the same configuration.

A process of its own for every device would take more memory than this machine has at a thousand of them; each device
still has an address, a port, a certificate and a configuration of its own.

Usage: python -m tools.bench_fleet DEVICES CONFIG.json CONFIG_HOST FOLDER     (started by `Fleet`; ends on SIGTERM)
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
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.devices.fortigate import FortiGate, FortiGateServer
from tools.demo_site import ROOT, STOP_SECONDS

START_SECONDS = 120
# One address a device: 127.0.64.1 to 127.0.64.250, then 127.0.65.1 and so on.
FIRST_BLOCK, BLOCK = 64, 250


def address(index: int) -> str:
    """The loopback address of the device with this number, from 0."""
    return f"127.0.{FIRST_BLOCK + index // BLOCK}.{1 + index % BLOCK}"


class Fleet:
    """Runs that many devices while its `with` block lasts; `hosts` are the inventory's hosts that reach them.

    `config` is a stored configuration whose management address is `config_host`.
    """

    def __init__(self, devices: int, config: Path, config_host: str, folder: Path) -> None:
        self.devices = devices
        self.folder = folder
        self.hosts: dict[str, dict[str, Any]] = {}
        self._arguments = [str(devices), str(config), config_host, str(folder)]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Fleet:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._ready.unlink(missing_ok=True)
        token = secrets.token_urlsafe(24)
        with (self.folder / "fleet.log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tools.bench_fleet", *self._arguments],
                cwd=ROOT, env={**os.environ, "FLEET_TOKEN": token}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )
        try:
            self.hosts = {name: {**host, "voip_access_token": token} for name, host in self._wait().items()}
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


def serve(devices: int, config: Path, config_host: str, folder: Path) -> None:
    """Start the devices, say where they are, and serve until SIGTERM."""
    token = os.environ["FLEET_TOKEN"]
    text = config.read_text(encoding="utf-8")
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    with ExitStack() as stack:
        started = {}
        for index in range(devices):
            host = address(index)
            # Between quotes or before a mask, so that 127.0.22.1 is not found in 127.0.22.10.
            own = text.replace(f'"{config_host}"', f'"{host}"').replace(f'"{config_host} ', f'"{host} ')
            device = FortiGate(json.loads(own), name=f"bench-fw{index + 1}")
            device.add_api_user("voip-automation", token)
            server = stack.enter_context(FortiGateServer(device, host, directory=folder / "certificates"))
            started[device.name] = {"ansible_host": host, "ansible_port": server.port, "voip_ca_path": server.ca_path}
        draft = folder / "fleet.json.new"
        draft.write_text(json.dumps(started), encoding="utf-8")
        draft.replace(folder / "fleet.json")
        stop.wait()


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4]))
