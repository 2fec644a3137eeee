"""The demo: harden three live sites, run again, change a rule behind the back of each, and find exactly that.

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

FORTIGATE, VIGOR, PFSENSE = (device.name for device in DEMO_DEVICES)
# The rules that are changed behind the playbook's back, and the diff that this must lead to.
RULE = "VOIPH-block-sip-in"
LINE = "ipf rule 12 6 -e 0"
PFSENSE_RULE = "VOIPH-block-sip-in-tcp"
DRIFT = [
    *("-    status: disable", "+    status: enable"),
    *("-    enabled: false", "+    enabled: true"),
    *("-    disabled: true", "+    disabled: false"),
]


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
    if process.returncode or len(changed) != len(site.devices):
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


def state(site: Site) -> dict[str, Any]:
    """What every device holds."""
    return {device.name: control(site, device.name, "/state") for device in site.devices}


def demonstrate(copy: Copy, site: Site) -> None:
    """The steps, in order."""
    everyone = len(site.devices)
    before = state(site)

    heading("1. What would change? (--check --diff: nothing is written)")
    changed, promised = harden(copy, site, "--check", "--diff")
    expect(changed == everyone, "no site matches its policy yet")
    expect(state(site) == before, "the firewalls are untouched")

    heading("2. Harden them")
    changed, done = harden(copy, site, "--diff")
    expect(changed == everyone, "every firewall was changed")
    expect(sorted(done) == sorted(promised), "the changes are those that check mode promised")
    hardened = state(site)

    heading("3. Run it again")
    changed, done = harden(copy, site, "--diff")
    expect((changed, done) == (0, []), "a second run changes nothing (changed=0)")
    expect(state(site) == hardened, "the firewalls are untouched")

    heading("4. Somebody switches the rule that blocks strangers' SIP off, on each firewall itself")
    (rule,) = [one for one in hardened[FORTIGATE]["vdom"]["root"]["firewall/policy"] if one["name"] == RULE]
    write = {"op": "set", "path": "firewall/policy", "mkey": rule["policyid"], "data": {"status": "disable"}}
    control(site, FORTIGATE, "/cli", [write])
    print(f"{FORTIGATE}: firewall/policy {rule['policyid']}: status disable", flush=True)
    control(site, VIGOR, "/cli", [LINE])
    print(f"{VIGOR}: {LINE}", flush=True)
    rules = hardened[PFSENSE]["config"]["filter"]["rule"]
    (off,) = [one for one in rules if one["descr"] == PFSENSE_RULE]
    off["disabled"] = True
    control(site, PFSENSE, "/gui", {"edits": {"filter/rule": rules}, "dirty": ["filter"]})
    control(site, PFSENSE, "/gui-apply", {})
    print(f"{PFSENSE}: filter/rule {off['tracker']}: disabled", flush=True)

    heading("5. Find it (--check --diff)")
    changed, drift = harden(copy, site, "--check", "--diff")
    expect(
        (changed, sorted(drift)) == (everyone, sorted(DRIFT)),
        "exactly that is found: the rules are disabled and must be enabled",
    )


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
