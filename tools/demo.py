"""The demo: harden three firewalls and four phones, run again, change something behind the back, find it and heal it.

Every step says beforehand what must come of it, and the demo ends with status 1 if something else does.

Usage: python -m tools.demo
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tools import demo_phones
from tools.demo_phones import DEMO_PHONES, Phones
from tools.demo_site import CHECKOUT, DEMO_DEVICES, FOLDER, Copy, Site, inventory_options, program_path

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
RECAP = re.compile(r"^(\S+) +: ok=\d+ +changed=(\d+) ", re.MULTILINE)

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
# The setting that is changed at a phone, and what that must lead to.
PHONE = DEMO_PHONES[0].name
SETTING = "features.action_uri.enable"
PHONE_DRIFT = [f"-{SETTING} = 1", f"+{SETTING} = 0"]
WAIVERS = [
    {**{"approver": "the demo", "expires": (date.today() + timedelta(days=1)).isoformat()}, **waived}
    for waived in (
        {"control": "ADM-1", "device": "*", "reason": "second factors are handed out next month"},
        {"control": "ADM-2", "device": "*", "reason": "second factors are handed out next month"},
        {"control": "ADM-4", "device": FORTIGATE, "reason": "the owner changes the factory password"},
        {"control": "VLAN-1", "device": VIGOR, "reason": "it is started again in the maintenance window"},
    )
]
"""What fails on the lived-in firewalls of the demo whatever a run does."""
HARDENED = "rendered yes, fetched yes, observed as wanted: hardened"
GENERATION = re.compile(r"generation ([0-9]+)")
# As YAML, or as JSON where no ansible.cfg asks for YAML.
SAID = re.compile(r"""^ok: \[(demo-phone\d+)\] => \{?\s+"?msg"?: ['"](rendered [^'"\n]*)['"]$""", re.MULTILINE)


class Surprise(Exception):
    """A step came out otherwise than it must."""


def heading(text: str) -> None:
    """Set a step apart from the output above it."""
    print(f"\n{'=' * 100}\n{text}\n{'=' * 100}", flush=True)


@contextmanager
def stage(copy: Copy, folder: Path) -> Iterator[tuple[Site, Phones | None]]:
    """The running devices: the firewalls, and the phones where they can run."""
    with ExitStack() as stack:
        site = stack.enter_context(Site(DEMO_DEVICES, folder))
        yield site, None if demo_phones.missing() else stack.enter_context(Phones(folder, copy))


def command(copy: Copy, site: Site, phones: Phones | None, playbook: str, *options: str) -> list[str]:
    """What a user runs."""
    running = [site.inventory, *([] if phones is None else [phones.inventory])]
    of_phones = ("--limit", "firewalls") if phones is None else phones.options
    named = copy.playbook.format(playbook)
    return ["ansible-playbook", *inventory_options(copy, *running), named, *of_phones, *options]


class Run:
    """One run: `changed` has the hosts of which something was changed, `diff` the lines that begin with + or -, `said`
    what is said of each phone in the end."""

    def __init__(self, lines: list[str]) -> None:
        text = "\n".join(lines)
        recap = RECAP.findall(text)
        self.hosts = [host for host, _count in recap]
        self.changed = [host for host, count in recap if count != "0"]
        self.diff = sorted(line for line in lines if line[:1] in ("+", "-") and line[:3] not in ("+++", "---"))
        self.said = dict(SAID.findall(text))


def harden(copy: Copy, site: Site, phones: Phones | None, *options: str) -> Run:
    """Run `harden.yml` as a user would. Raises Surprise if it failed or left a device out."""
    run = play(copy, site, phones, "harden", *options)
    if sorted(run.hosts) != sorted(names(site, phones)):
        raise Surprise(f"the playbook ran for {', '.join(run.hosts)}")
    return run


def play(copy: Copy, site: Site, phones: Phones | None, playbook: str, *options: str, status: int = 0) -> Run:
    """Run a playbook as a user would and show what it prints. Raises Surprise if it ends with another status."""
    program = command(copy, site, phones, playbook, *options)
    print(f"$ {' '.join(program)}", flush=True)
    environment = {**copy.environment, "PATH": program_path()}
    if sys.stdout.isatty():
        environment["ANSIBLE_FORCE_COLOR"] = "1"
    lines = []
    with subprocess.Popen(
        program, cwd=copy.folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(COLOUR.sub("", line.rstrip("\n")))
    if process.returncode != status:
        raise Surprise(f"the playbook ended with status {process.returncode}")
    return Run(lines)


def night(copy: Copy, site: Site, phones: Phones | None, *, status: int) -> dict[str, Any]:
    """Run `drift.yml`, with waivers for what only the site's people can put right; returns the report."""
    waivers = site.folder / "waivers.json"
    waivers.write_text(json.dumps({"voip_waivers": WAIVERS}), encoding="utf-8")
    folder = site.folder / "reports"
    play(
        copy, site, phones, "drift", "-e", f"@{waivers}", "-e", f"voip_report_dir={folder}", status=status
    )
    print(f"The report: {folder / 'posture.html'}", flush=True)
    report: dict[str, Any] = json.loads((folder / "posture.json").read_text(encoding="utf-8"))
    return report


def names(site: Site, phones: Phones | None) -> list[str]:
    """Every device of the demo."""
    return [*(device.name for device in site.devices), *(() if phones is None else phones.names)]


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


def state(site: Site, phones: Phones | None) -> dict[str, Any]:
    """What every device holds, and every phone may fetch."""
    firewalls = {device.name: control(site, device.name, "/state") for device in site.devices}
    return {**firewalls, **({} if phones is None else phones.state())}


def change_rules(site: Site, hardened: dict[str, Any]) -> None:
    """Switch the rule that blocks strangers' SIP off, on each firewall itself."""
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


def expect_hardened(phones: Phones, before: dict[str, Any], run: Run) -> None:
    """Say of the phones what the run says of them, and what they are set to now."""
    expect(run.said == dict.fromkeys(phones.names, HARDENED), "every phone fetched its files and shows what is wanted")
    now = phones.state()
    old = {password for name in phones.names for password in before[name]["passwords"].values()}
    new = [password for name in phones.names for password in now[name]["passwords"].values()]
    expect(len(new) == len(set(new)) and not old & set(new), "every account of every phone has a password of its own")
    plain = [name for name, one in phones.call("/state").items() if "http" in one["ports"]]
    expect(not plain, "no phone answers to unencrypted HTTP any more")


def generation(phones: Phones) -> int:
    """The generation of the file of the phone that is changed."""
    found = GENERATION.search(phones.file(PHONE))
    return int(found[1]) if found else 0


def demonstrate(copy: Copy, site: Site, phones: Phones | None) -> None:
    """The steps, in order."""
    everyone = sorted(names(site, phones))
    before = state(site, phones)

    heading("1. What would change? (--check --diff: nothing is written)")
    promised = harden(copy, site, phones, "--check", "--diff")
    expect(sorted(promised.changed) == everyone, "no device matches its policy yet")
    expect(state(site, phones) == before, "nothing was written, neither to a device nor for a phone")

    heading("2. Harden them")
    done = harden(copy, site, phones, "--diff")
    expect(sorted(done.changed) == everyone, "every device was changed")
    expect(done.diff == promised.diff, "the changes are those that check mode promised")
    if phones is not None:
        expect_hardened(phones, before, done)
    hardened = state(site, phones)

    heading("3. Run it again")
    again = harden(copy, site, phones, "--diff")
    expect((again.changed, again.diff) == ([], []), "a second run changes nothing (changed=0)")
    expect(state(site, phones) == hardened, "the devices are untouched")

    heading("4. Somebody switches the rule that blocks strangers' SIP off on each firewall, and a phone's setting on")
    change_rules(site, hardened)
    changed, drift = [device.name for device in site.devices], [*DRIFT]
    if phones is not None:
        phones.call("/change", {"phone": PHONE, "settings": {SETTING: "1"}})
        print(f"{PHONE}: {SETTING} = 1", flush=True)
        changed, drift = [*changed, PHONE], [*drift, *PHONE_DRIFT]

    heading("5. Find it (--check --diff)")
    found = harden(copy, site, phones, "--check", "--diff")
    expect(
        (sorted(found.changed), found.diff) == (sorted(changed), sorted(drift)),
        "exactly that is found: what was switched off must be on, and the other way round",
    )

    heading("6. The nightly run finds it as well, and leaves a report (drift.yml: read-only, ends with status 2)")
    drifted = state(site, phones)
    report = night(copy, site, phones, status=2)
    told = sorted(report["classes"]["drift"])
    expect(told == sorted(changed), "the report names the devices that drifted, and no others")
    expect(state(site, phones) == drifted, "nothing was written")

    heading("7. Heal the devices that the report names, and no others (remediate.yml)")
    was = 0 if phones is None else generation(phones)
    file = site.folder / "reports" / "posture.json"
    healed = play(copy, site, phones, "remediate", "-e", f"voip_report_file={file}")
    expect(sorted(healed.changed) == sorted(changed), "what was changed is changed back, and nothing else")
    if phones is not None:
        expect(healed.said[PHONE] == HARDENED, f"{PHONE} fetched its file once more and shows what is wanted")
        expect(generation(phones) == was + 1, "its file has another generation, since it does not apply the same twice")
        expect(
            phones.state()[PHONE]["settings"] == hardened[PHONE]["settings"], f"{PHONE} is set to what it was before"
        )

    heading("8. The next night")
    report = night(copy, site, phones, status=0)
    expect(sorted(report["classes"]["compliant"]) == everyone, "every device is as its policy declares it")


def run(copy: Copy, folder: Path) -> int:
    """Run the demo on devices of its own, whose files are in `folder`; 1 if a step came out otherwise than it must."""
    with stage(copy, folder) as (site, phones):
        try:
            demonstrate(copy, site, phones)
        except Surprise as surprise:
            print(f"\nThe demo FAILED: {surprise}", file=sys.stderr)
            return 1
    if phones is None:
        print(f"\nPhones were left out: {demo_phones.missing()}")
    print("\nThe demo ended as it should; the test devices are stopped.")
    return 0


if __name__ == "__main__":
    sys.exit(run(CHECKOUT, FOLDER))
