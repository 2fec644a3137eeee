"""The demo sites: their firewalls as processes on the loopback interface, and the inventory that reaches them."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "build" / "demo"
START_SECONDS = 30
STOP_SECONDS = 5


@dataclass(frozen=True)
class Copy:
    """A copy of the collection as its user calls it: from which folder, and with which inventory and playbooks.

    `playbook` has the name of a playbook in its place: "{}.yml".
    """

    folder: Path
    inventory: str
    playbook: str
    environment: dict[str, str]


CHECKOUT = Copy(ROOT, "inventories/demo", "{}.yml", dict(os.environ))


def program_path() -> str:
    """Where programs are looked for: Ansible is in the environment of this interpreter."""
    return f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


@dataclass(frozen=True)
class Device:
    """One device of a site; `name` is its inventory name, `kind` a folder of `tests/devices`."""

    name: str
    host: str
    version: str
    config: str
    kind: str = "fortigate"
    knobs: str = "{}"

    def options(self, folder: Path, secret: str) -> dict[str, str]:
        """What only this kind is started with. What it lets in with is kept from other users of the machine."""
        if self.kind == "fortigate":
            return {"token": secret}
        password = folder / f"{self.name}.password"
        password.touch(mode=0o600)
        password.write_text(secret, encoding="utf-8")
        given = {"password-file": str(password), "knobs": self.knobs}
        return given if self.kind == "pfsense" else {"lan-ip": self.host, **given}

    def variables(self, info: dict[str, Any], secret: str) -> dict[str, Any]:
        """The inventory's variables that reach it; `info` is what it says of itself."""
        place = {"ansible_host": self.host, "ansible_port": info["port"]}
        if self.kind == "fortigate":
            return {**place, "voip_access_token": secret, "voip_ca_path": info["ca_path"]}
        login = {"ansible_user": info["username"], "ansible_password": secret}
        return {**place, **login, "voip_known_hosts": str(info["known_hosts"])}


DEMO_DEVICES = (
    Device(name="demo-fw1", host="127.0.20.1", version="7.4.4", config="lived-in"),
    Device(name="demo-fw2", host="127.0.20.2", version="4.4.5.1", config="lived-in", kind="vigor"),
    Device(name="demo-fw3", host="127.0.20.3", version="2.8.0", config="lived-in", kind="pfsense"),
)


class Site:
    """Runs test devices while its `with` block lasts and writes the inventory that reaches them.

    `info` holds what each device says of itself by name (ports, certificate, ...), `inventory` the path of the file.
    """

    def __init__(self, devices: tuple[Device, ...], folder: Path) -> None:
        self.devices = devices
        self.folder = folder
        self.inventory = folder / "inventory.yml"
        self.info: dict[str, dict[str, Any]] = {}
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Site:
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            known = {device.name: secrets.token_urlsafe(24) for device in self.devices}
            started = [(device, self._start(device, known[device.name])) for device in self.devices]
            for device, process in started:
                self.info[device.name] = self._wait(device, process)
            self._write_inventory(known)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the processes that this site started, and no others."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._processes.clear()
        for device in self.devices:
            (self.folder / f"{device.name}.password").unlink(missing_ok=True)
            Path(self.info.get(device.name, {}).get("ca_path") or self._info_file(device)).unlink(missing_ok=True)

    def _info_file(self, device: Device) -> Path:
        return self.folder / f"{device.name}.json"

    def _log_file(self, device: Device) -> Path:
        return self.folder / f"{device.name}.log"

    def _start(self, device: Device, secret: str) -> subprocess.Popen[bytes]:
        self._info_file(device).unlink(missing_ok=True)
        options = {
            "name": device.name,
            "directory": str(self.folder),
            "host": device.host,
            "port": "0",
            "control-port": "0",
            "version": device.version,
            "config": device.config,
            "info": str(self._info_file(device)),
            **device.options(self.folder, secret),
        }
        command = [sys.executable, "-m", f"tests.devices.{device.kind}"]
        for name, value in options.items():
            command.append(f"--{name}={value}")
        with self._log_file(device).open("wb") as log:
            # A session of its own: Ctrl-C reaches us, and we stop the devices.
            process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self._processes.append(process)
        return process

    def _wait(self, device: Device, process: subprocess.Popen[bytes]) -> dict[str, Any]:
        """The device's info file, which it writes once it listens."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            try:
                info: dict[str, Any] = json.loads(self._info_file(device).read_text(encoding="utf-8"))
            except (FileNotFoundError, json.JSONDecodeError):
                time.sleep(0.05)
            else:
                return info
        log = self._log_file(device).read_text(encoding="utf-8", errors="replace")
        raise SystemExit(f"{device.name} did not start within {START_SECONDS} s:\n{log}")

    def _write_inventory(self, known: dict[str, str]) -> None:
        hosts = {device.name: device.variables(self.info[device.name], known[device.name]) for device in self.devices}
        text = yaml.safe_dump({"firewalls": {"hosts": hosts}}, sort_keys=False)
        self.inventory.write_text(text, encoding="utf-8")


def inventory_options(copy: Copy, *inventories: Path) -> list[str]:
    """The options by which the demo's inventory and those of the running devices are given."""
    running = [os.path.relpath(inventory, copy.folder) for inventory in inventories]
    return [word for path in (copy.inventory, *running) for word in ("-i", path)]
