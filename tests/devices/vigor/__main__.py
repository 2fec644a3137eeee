"""Run one device as a process: ``python -m tests.devices.vigor --host 127.0.30.1 --info info.json ...``."""

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
from .device import Vigor
from .factory import factory_config, lived_in_config
from .server import VigorServer
from .telnet import VigorTelnetServer


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.devices.vigor", description=__doc__)
    parser.add_argument("--host", default="127.0.30.1", help="loopback address")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
    parser.add_argument("--model", default="Vigor2927")
    parser.add_argument("--version", default="", help="firmware release; by default one of the model")
    parser.add_argument("--config", default="factory", help="factory, lived-in, or a JSON file")
    parser.add_argument("--lan-ip", default="192.168.1.1", help="address of LAN1")
    parser.add_argument("--name", default="vigor-1", help="name of the router, also in its prompt")
    parser.add_argument("--username", default="admin", help="account that gets the password")
    parser.add_argument("--password-file", type=Path, help="file with the account's password")
    parser.add_argument("--knobs", default="{}", help="JSON object of knobs")
    parser.add_argument("--telnet", action="store_true", help="serve telnet instead of SSH")
    parser.add_argument("--state-file", type=Path, help="the whole configuration, rewritten on every change")
    parser.add_argument("--info", type=Path, help="JSON file written when the device is ready")
    parser.add_argument("--directory", type=Path, help="where host key and known_hosts go")
    parser.add_argument("--control-port", type=int, help="side channel over plain HTTP; 0 takes a free port")
    return parser.parse_args(arguments)


def configuration(chosen: argparse.Namespace) -> dict[str, Any]:
    """The starting configuration that the options name."""
    makers = {"factory": factory_config, "lived-in": lived_in_config}
    if chosen.config in makers:
        return makers[chosen.config](chosen.model, chosen.version, chosen.lan_ip, name=chosen.name)
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
    device = Vigor(configuration(chosen), name=chosen.name)
    for name, value in json.loads(chosen.knobs).items():
        device.knobs.turn(name, value)
    if chosen.password_file:
        device.set_password(chosen.username, chosen.password_file.read_text(encoding="utf-8").rstrip("\n"))
    if chosen.state_file:
        write_whole(chosen.state_file, device.stored())
        device.on_change.append(lambda: write_whole(chosen.state_file, device.stored()))
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    server: VigorServer | VigorTelnetServer
    if chosen.telnet:
        server = VigorTelnetServer(device, chosen.host, chosen.port)
    else:
        server = VigorServer(device, chosen.host, chosen.port, directory=chosen.directory)
    with server:
        info: dict[str, Any] = {
            "name": chosen.name, "host": server.host, "port": server.port,
            "fingerprint": getattr(server, "fingerprint", ""), "known_hosts": getattr(server, "known_hosts", ""),
            "username": chosen.username, "model": device.model.name, "version": device.version, "control_url": "",
            "pid": os.getpid(),
        }
        control = Control(device, chosen.host, chosen.control_port, info) if chosen.control_port is not None else None
        if control is not None:
            control.start()
            info["control_url"] = control.url
        if chosen.info:
            write_whole(chosen.info, info)
        print(json.dumps({key: info[key] for key in ("name", "host", "port", "control_url")}), flush=True)
        stop.wait()
        if control is not None:
            control.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
