"""Run one device as a process: ``python -m tests.devices.pfsense --host 127.0.40.1 --info info.json ...``."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .accounts import with_password
from .configxml import copied, dumped, parsed
from .control import Control
from .device import PfSense
from .factory import factory_config, lived_in_config
from .knobs import Knobs
from .php import PhpPfSense
from .server import PfSenseServer
from .versions import RELEASES


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.devices.pfsense", description=__doc__)
    parser.add_argument("--host", default="127.0.40.1", help="loopback address")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
    parser.add_argument("--version", default="2.8.0", choices=RELEASES)
    parser.add_argument("--flavour", default="python", choices=("python", "php"), help="php: programs run on real PHP")
    parser.add_argument("--config", default="factory", help="factory, lived-in, or a config.xml")
    parser.add_argument("--name", default="", help="host name; by default the configuration's")
    parser.add_argument("--username", default="admin", help="account that gets the password")
    parser.add_argument("--password-file", type=Path, help="file with the account's password; else the factory's")
    parser.add_argument("--knobs", default="{}", help="JSON object of knobs; realtime is on unless it says otherwise")
    parser.add_argument("--state-file", type=Path, help="the whole configuration, rewritten on every change")
    parser.add_argument("--info", type=Path, help="JSON file written when the device is ready")
    parser.add_argument("--directory", type=Path, help="where host key and known_hosts go")
    parser.add_argument("--control-port", type=int, help="side channel over plain HTTP; 0 takes a free port")
    return parser.parse_args(arguments)


def configuration(chosen: argparse.Namespace) -> str:
    """The starting config.xml that the options name, with the account's password and the name in it."""
    makers: dict[str, Callable[[str], str]] = {"factory": factory_config, "lived-in": lived_in_config}
    if chosen.config in makers:
        text = makers[chosen.config](chosen.version)
    else:
        text = Path(chosen.config).read_text(encoding="utf-8")
    tree = copied(parsed(text))
    if chosen.name:
        tree["system"]["hostname"] = chosen.name
    if chosen.password_file:
        with_password(tree, chosen.username, chosen.password_file.read_text(encoding="utf-8").rstrip("\n"))
    return dumped(tree)


def write_whole(path: Path, data: Any) -> None:
    """Write JSON so that a reader sees the old or the new file, never half of one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(data, indent=1), encoding="utf-8")
    draft.replace(path)


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT."""
    chosen = options(arguments)
    knobs = Knobs(tick=0, realtime=True)
    for name, value in json.loads(chosen.knobs).items():
        knobs.turn(name, value)
    flavour = PhpPfSense if chosen.flavour == "php" else PfSense
    device = flavour(configuration(chosen), version=chosen.version, knobs=knobs)
    if device.knobs.realtime and flavour is PfSense:
        device.set_clock(time.time())
    if chosen.state_file:
        write_whole(chosen.state_file, device.state())
        device.on_change.append(lambda: write_whole(chosen.state_file, device.state()))
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    with PfSenseServer(device, chosen.host, chosen.port, directory=chosen.directory) as server:
        info: dict[str, Any] = {
            "name": chosen.name or device.config["system"]["hostname"],
            "host": server.host,
            "port": server.port,
            "fingerprint": server.fingerprint,
            "known_hosts": server.known_hosts,
            "username": chosen.username,
            "version": device.release.text,
            "control_url": "",
            "pid": os.getpid(),
        }
        control = Control(device, chosen.host, chosen.control_port, info) if chosen.control_port is not None else None
        if control is not None:
            control.start()
            info["control_url"] = control.url
        if chosen.info:
            write_whole(chosen.info, info)
        print(json.dumps({key: info[key] for key in ("name", "host", "port", "control_url")}), flush=True)
        while not stop.wait(1.0):
            device.settle()
        if control is not None:
            control.stop()
    if isinstance(device, PhpPfSense):
        device.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
