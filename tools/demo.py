"""The demo: harden a live site, run again, change a rule behind its back, and find exactly that.

Every step says beforehand what must come of it, and the demo ends with status 1 if something else does.

Usage: python -m tools.demo
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.demo_site import DEMO_DEVICES, FOLDER, ROOT, Site

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
RECAP = re.compile(r"^\S+ +: ok=\d+ +changed=(\d+) ", re.MULTILINE)

# The rule that is changed behind the playbook's back, and the diff that this must lead to.
RULE = "VOIPH-block-sip-in"
DRIFT = ["-    status: disable", "+    status: enable"]


class Surprise(Exception):
    """A step came out otherwise than it must."""


@dataclass(frozen=True)
class Copy:
    """A copy of the collection as its user calls it: from which folder, and with which inventory and playbook."""

    folder: Path
    inventory: str
    playbook: str
    environment: dict[str, str]


CHECKOUT = Copy(ROOT, "inventories/demo", "harden.yml", dict(os.environ))


def heading(text: str) -> None:
    """Set a step apart from the output above it."""
    print(f"\n{'=' * 100}\n{text}\n{'=' * 100}", flush=True)


def harden(copy: Copy, site: Site, *options: str) -> tuple[int, list[str]]:
    """Run `ansible-playbook` as a user would and show what it prints.

    Returns the number of changed hosts and the lines of the diff that begin with + or -. Raises Surprise if it failed.
    """
    running = os.path.relpath(site.inventory, copy.folder)
    command = ["ansible-playbook", "-i", copy.inventory, "-i", running, copy.playbook, *options]
    print(f"$ {' '.join(command)}", flush=True)
    environment = {**copy.environment, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    if sys.stdout.isatty():
        environment["ANSIBLE_FORCE_COLOR"] = "1"
    lines = []
    with subprocess.Popen(
        command, cwd=copy.folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(COLOUR.sub("", line.rstrip("\n")))
    changed = RECAP.findall("\n".join(lines))
    if process.returncode or len(changed) != len(DEMO_DEVICES):
        raise Surprise(f"the playbook failed (exit status {process.returncode})")
    diff = [line for line in lines if line[:1] in ("+", "-") and line not in ("--- before", "+++ after")]
    return sum(count != "0" for count in changed), diff


def control(site: Site, device: str, path: str, body: Any = None) -> Any:
    """Look at a test device, or change it, past its management interface."""
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(site.info[device]["control_url"] + path, data=data, timeout=10) as reply:
        return json.load(reply)


def expect(condition: bool, fact: str) -> None:
    """Say that a fact holds, or stop the demo."""
    if not condition:
        raise Surprise(f"this does not hold: {fact}")
    print(f"--> {fact}", flush=True)


def demonstrate(copy: Copy, site: Site) -> None:
    """The steps, in order."""
    firewall = DEMO_DEVICES[0].name
    before = control(site, firewall, "/state")

    heading("1. What would change? (--check --diff: nothing is written)")
    changed, promised = harden(copy, site, "--check", "--diff")
    expect(changed == 1, "the site does not match its policy yet")
    expect(control(site, firewall, "/state") == before, "the firewall is untouched")

    heading("2. Harden it")
    changed, done = harden(copy, site, "--diff")
    expect(changed == 1, "the firewall was changed")
    expect(done == promised, "the changes are those that check mode promised")
    hardened = control(site, firewall, "/state")

    heading("3. Run it again")
    changed, done = harden(copy, site, "--diff")
    expect((changed, done) == (0, []), "a second run changes nothing (changed=0)")
    expect(control(site, firewall, "/state") == hardened, "the firewall is untouched")

    heading(f"4. Somebody switches the rule {RULE} off on the firewall itself")
    (rule,) = [one for one in hardened["vdom"]["root"]["firewall/policy"] if one["name"] == RULE]
    write = {"op": "set", "path": "firewall/policy", "mkey": rule["policyid"], "data": {"status": "disable"}}
    control(site, firewall, "/cli", [write])
    print(f"firewall/policy {rule['policyid']}: status disable", flush=True)

    heading("5. Find it (--check --diff)")
    changed, drift = harden(copy, site, "--check", "--diff")
    expect((changed, drift) == (1, DRIFT), f"exactly that is found: {RULE} is disabled and must be enabled")


def run(copy: Copy, folder: Path) -> int:
    """Run the demo on devices of its own, whose files are in `folder`; 1 if a step came out otherwise than it must."""
    with Site(DEMO_DEVICES, folder) as site:
        try:
            demonstrate(copy, site)
        except Surprise as surprise:
            print(f"\nThe demo FAILED: {surprise}", file=sys.stderr)
            return 1
    print("\nThe demo ended as it should; the test devices are stopped.")
    return 0


if __name__ == "__main__":
    sys.exit(run(CHECKOUT, FOLDER))
