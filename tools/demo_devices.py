"""The demo's devices, to be tried by hand: starts them, prints how to reach them, stops them at Ctrl-C.

Usage: python -m tools.demo_devices
"""

from __future__ import annotations

import signal
import sys

from tools.demo import command, stage
from tools.demo_site import CHECKOUT, FOLDER


def main() -> int:
    """Run the demo's devices until this is interrupted."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with stage(CHECKOUT, FOLDER) as (site, phones):
        print(f"# {site.inventory}")
        print(site.inventory.read_text(encoding="utf-8"))
        if phones is not None:
            print(f"# {phones.inventory}")
            print(phones.inventory.read_text(encoding="utf-8"))
        print(" ".join(command(CHECKOUT, site, phones, "harden", "--check", "--diff")))
        print("Ctrl-C stops the devices.", flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            print("stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
