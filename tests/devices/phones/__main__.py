"""Run phones as a process: ``python -m tests.devices.phones --phones phones.json --info info.json ...``.

The file is a list of objects: ``name``, ``vendor`` (yealink or poly), ``mac``, and whatever else the vendor's class
takes; ``trusts`` names files with certificates of authorities that the phone knows.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from .certificates import poly_authority, yealink_authority
from .clock import Clock
from .control import Control
from .phone import Phone
from .poly import PolyPhone
from .yealink import YealinkPhone

TICK_SECONDS = 0.5


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.devices.phones", description=__doc__)
    parser.add_argument("--phones", type=Path, required=True, help="JSON file with the phones")
    parser.add_argument("--info", type=Path, help="JSON file written when all of them are ready")
    parser.add_argument("--directory", type=Path, help="where the certificates of the vendors' authorities go")
    parser.add_argument("--control-host", default="127.0.0.1", help="loopback address of the side channel")
    parser.add_argument("--control-port", type=int, default=0, help="side channel over plain HTTP; 0 takes a free port")
    parser.add_argument("--provision", action="store_true", help="every phone fetches its files when it is plugged in")
    return parser.parse_args(arguments)


def phone_of(spec: dict[str, Any], clock: Clock) -> Phone:
    """The phone of an entry; raises ValueError for another vendor, KeyError or TypeError for fields that are wrong."""
    rest = dict(spec)
    vendor = rest.pop("vendor")
    rest.pop("name", None)
    known = [Path(path).read_bytes() for path in rest.pop("trusts", [])]
    if vendor == "yealink":
        return YealinkPhone(clock=clock, authorities=known, **rest)
    if vendor == "poly":
        return PolyPhone(clock=clock, built_in=known, **rest)
    raise ValueError(f"no phones of {vendor!r} (there are: yealink, poly)")


def write_whole(path: Path, data: Any) -> None:
    """Write JSON so that a reader sees the old or the new file, never half of one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(data, indent=1), encoding="utf-8")
    draft.replace(path)


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT."""
    chosen = options(arguments)
    clock = Clock(running=True)
    specs = json.loads(chosen.phones.read_text(encoding="utf-8"))
    phones = {str(spec.get("name", spec["mac"])): phone_of(spec, clock) for spec in specs}
    if chosen.directory:
        chosen.directory.mkdir(parents=True, exist_ok=True)
        for vendor, authority in (("yealink", yealink_authority()), ("poly", poly_authority())):
            (chosen.directory / f"{vendor}-devices.pem").write_bytes(authority.pem)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    with contextlib.ExitStack() as stack:
        for phone in phones.values():
            stack.enter_context(phone)
        control = Control(phones, clock, chosen.control_host, chosen.control_port)
        control.start()
        stack.callback(control.stop)
        if chosen.provision:
            for phone in phones.values():
                phone.provision()
        info = {
            "pid": os.getpid(), "control_url": control.url,
            "phones": {name: {"mac": phone.mac, "address": phone.address, "ports": phone.ports()}
                       for name, phone in phones.items()},
        }
        if chosen.info:
            write_whole(chosen.info, info)
        print(json.dumps({"control_url": control.url, "phones": len(phones)}), flush=True)
        while not stop.wait(TICK_SECONDS):
            clock.tick()
    return 0


if __name__ == "__main__":
    sys.exit(main())
