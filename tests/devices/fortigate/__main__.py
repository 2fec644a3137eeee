"""Run one device as a process: ``python -m tests.devices.fortigate --host 127.0.1.1 --info info.json ...``."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from .control import Control
from .device import FortiGate
from .factory import factory_config, lived_in_config
from .server import FortiGateServer


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.devices.fortigate", description=__doc__)
    parser.add_argument("--host", default="127.0.1.1", help="loopback address, also that of interface internal")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
    parser.add_argument("--version", default="7.4.4", help="FortiOS release")
    parser.add_argument("--config", default="factory", help="factory, lived-in, or a JSON file")
    parser.add_argument("--name", default="fgt-1", help="name of the device, also its host name")
    parser.add_argument("--serial", default="FGT60FTK20000001")
    parser.add_argument("--seen-as", default="", help="address by which the unit sees whoever connects")
    parser.add_argument("--token", default="", help="key of an API user voip-automation with profile super_admin")
    parser.add_argument("--username", default="admin", help="administrator who gets the password")
    parser.add_argument("--password-file", type=Path, help="file with the administrator's password")
    parser.add_argument("--state-file", type=Path, help="the whole configuration, rewritten on every change")
    parser.add_argument("--info", type=Path, help="JSON file written when the device is ready")
    parser.add_argument("--directory", type=Path, help="where the authority's certificate goes")
    parser.add_argument("--control-port", type=int, help="side channel over plain HTTP; 0 takes a free port")
    return parser.parse_args(arguments)


def configuration(chosen: argparse.Namespace) -> dict[str, Any]:
    """The starting configuration that the options name."""
    makers = {"factory": factory_config, "lived-in": lived_in_config}
    if chosen.config in makers:
        return makers[chosen.config](chosen.version, management_ip=chosen.host, hostname=chosen.name)
    data: dict[str, Any] = json.loads(Path(chosen.config).read_text(encoding="utf-8"))
    return data


def write_whole(path: Path, data: Any) -> None:
    """Write JSON so that a reader sees the old or the new file, never half of one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(data, indent=1), encoding="utf-8")
    draft.replace(path)


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT."""
    chosen = options(arguments)
    device = FortiGate(configuration(chosen), name=chosen.name, serial=chosen.serial, seen_as=chosen.seen_as)
    if chosen.token:
        device.add_api_user("voip-automation", chosen.token)
    if chosen.password_file:
        device.set_password(chosen.username, chosen.password_file.read_text(encoding="utf-8").rstrip("\n"))
    if chosen.state_file:
        write_whole(chosen.state_file, device.state())
        device.on_change.append(lambda: write_whole(chosen.state_file, device.state()))
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    with FortiGateServer(device, chosen.host, chosen.port, directory=chosen.directory) as server:
        info: dict[str, Any] = {
            "name": chosen.name, "host": server.host, "port": server.port, "url": server.url, "pid": os.getpid(),
            "ca_path": server.ca_path, "fingerprint": server.fingerprint, "token": chosen.token,
            "username": chosen.username, "version": str(device.version), "serial": device.serial, "control_url": "",
        }
        control = Control(device, chosen.host, chosen.control_port, info) if chosen.control_port is not None else None
        if control is not None:
            control.start()
            info["control_url"] = control.url
        if chosen.info:
            write_whole(chosen.info, info)
        print(json.dumps({key: info[key] for key in ("name", "url", "control_url")}), flush=True)
        while not stop.wait(1.0):
            device.advance(0)
        if control is not None:
            control.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
