"""Speed: what a run costs, and how that compares with the vendor's modules and with an action that does nothing.

Every ratio is of two measurements of one run, on the same test devices. The table is printed and goes to
`build/bench.json` as a list of {name, value, unit, target, met}; without a target `met` is null. The exit status is 1
if a target is missed. docs/benchmarks.md says what each row means.

Usage: python -m tools.bench [BENCHMARK ...]      one_site, fifty_sites, write_1000, fleet, draytek, pfsense, night,
parts; default: all
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

import yaml

from tests.support import vendor_modules
from tools import bench_night, bench_vendor
from tools.bench_fleet import Fleet
from tools.bench_run import FORKS, Cost, playbook
from tools.demo_site import ROOT, Device, Site

FOLDER = ROOT / "build" / "bench"
REPORT = ROOT / "build" / "bench.json"
VERSION = "7.4.4"
UNIT = Device(name="bench-fw", host="127.0.22.1", version=VERSION, config="lived-in")
NEW_UNIT = Device(name="bench-new", host="127.0.22.2", version=VERSION, config="factory")

LATENCY = 0.02
"""Seconds before a Vigor test device answers a command line, and a pfSense test device a program."""


@dataclass(frozen=True)
class VigorUnit(Device):
    """A Vigor of some model."""

    kind: str = "vigor"
    knobs: str = json.dumps({"latency": LATENCY})
    model: str = "Vigor2927"

    def options(self, folder: Path, secret: str) -> dict[str, str]:
        return {**super().options(folder, secret), "model": self.model}


VIGOR = VigorUnit(name="bench-vigor", host="127.0.22.3", version="4.4.5.1", config="lived-in")
LARGE_VIGOR = VigorUnit(
    name="bench-large", host="127.0.22.4", version="4.3.5.1", config="lived-in", model="Vigor3912"
)

REPEATS = 3
VENDOR_SITES = 4
"""Of the 50 sites, how many the vendor's modules are run on: enough to keep two processors busy all the time."""
VENDOR_ADDRESSES = 50
SMALL, LARGE = 200, 1000

# An action that does nothing but return a result, for what Ansible itself costs a host.
EMPTY_ACTION = '''"""Does nothing."""

from __future__ import annotations

import json
from pathlib import Path

from ansible.plugins.action import ActionBase

RESULT = Path(__file__).with_name("result.json").read_text(encoding="utf-8")


class ActionModule(ActionBase):
    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        return {**super().run(tmp, task_vars), **json.loads(RESULT)}
'''
PFSENSE = Device(
    name="bench-pfsense",
    host="127.0.22.5",
    version="2.8.0",
    config="lived-in",
    kind="pfsense",
    knobs=json.dumps({"latency": LATENCY}),
)
UNCHANGED = {"changed": False}
A_DAY = 86400
NIGHT = (UNIT, VIGOR, PFSENSE)
NIGHT_FORKS = 50
BY_HAND = ("ADM-1", "ADM-2", "ADM-4")
"""Controls that fail on hardened units of the benchmark, by findings that no run puts right."""
SITES = 10_000
ALLOWED = {"compliant": {"compliant"}, "drift": {"drift"}, "dead": {"unreachable", "error"}}
"""By what a device of a night is, the classes that it may be told to be."""


@dataclass(frozen=True)
class Row:
    """One line of the table. `at_least` and `at_most` are the target, if there is one."""

    name: str
    value: float
    unit: str
    at_least: float | None = None
    at_most: float | None = None

    def as_json(self) -> dict[str, Any]:
        """As in the report: the target as text."""
        target, met = None, None
        if self.at_least is not None:
            target, met = f">= {self.at_least:g}", self.value >= self.at_least
        elif self.at_most is not None:
            target, met = f"<= {self.at_most:g}", self.value <= self.at_most
        return {"name": self.name, "value": round(self.value, 3), "unit": self.unit, "target": target, "met": met}


class Workshop:
    """The files of the benchmarks, and the runs that they share."""

    def __init__(self) -> None:
        self.folder = FOLDER
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.variables = self._demo("fortios", "office")
        self.vigor_variables = self._demo("draytek", "shop")
        self.pfsense_variables = self._demo("pfsense", "yard")
        self._runs = 0

    @staticmethod
    def _demo(platform: str, group: str) -> dict[str, Any]:
        variables = yaml.safe_load((ROOT / "inventories" / "demo" / "group_vars" / f"{group}.yml").read_text("utf-8"))
        return {"ansible_network_os": platform, "voip_provider": "example-voice", **variables}

    def log(self, name: str) -> Path:
        self._runs += 1
        return self.folder / f"{self._runs:02}-{name}.log"

    def write(self, name: str, content: Any) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1), encoding="utf-8")
        return path

    def inventory(self, name: str, hosts: dict[str, Any], variables: dict[str, Any] | None = None) -> Path:
        """An inventory in a folder of its own, as JSON, which is YAML."""
        group = {"hosts": hosts, "vars": self.variables if variables is None else variables}
        return self.write(f"{name}/hosts.yml", {"firewalls": group})

    def ours(self, inventory: Path, *options: str, hosts: int, changed: int = 0) -> Cost:
        """`ansible-playbook harden.yml`."""
        log = self.log("ours")
        return playbook("harden.yml", inventory, log, *options, hosts=hosts, changed=changed)

    def empty(self, inventory: Path, *, hosts: int, result: dict[str, Any] | None = None) -> Cost:
        """The same play with an action that does nothing but return this result."""
        self.write("empty/action_plugins/bench_nothing.py", EMPTY_ACTION)
        self.write("empty/action_plugins/result.json", UNCHANGED if result is None else result)
        play = [{"name": "Nothing", "hosts": "firewalls", "gather_facts": False, "tasks": [{"bench_nothing": None}]}]
        name = self.write("empty/playbook.yml", play)
        return playbook(name, inventory, self.log("empty"), "--check", hosts=hosts)

    def result(self, name: str, host: dict[str, Any]) -> dict[str, Any]:
        """What our action returns for an unchanged host."""
        recorded = self.folder / "result.jsonl"
        environment = {
            "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tests" / "support" / "callbacks"),
            "ANSIBLE_CALLBACKS_ENABLED": "recorded",
            "VOIP_TEST_RESULTS": str(recorded),
        }
        inventory = self.inventory("result", {name: host})
        playbook("harden.yml", inventory, self.log("result"), "--check", hosts=1, environment=environment)
        result: dict[str, Any] = json.loads(recorded.read_text("utf-8"))["result"]
        # A callback is given a result without its warnings, which tell the findings that matter once more.
        told = [one for one in result["findings"] if one["severity"] in ("medium", "high", "critical")]
        return {**result, "warnings": [" ".join(one.values()) for one in told], "diff": {"before": "", "after": ""}}

    def vendor(self, tasks: list[dict[str, Any]], hosts: dict[str, Any], *options: str, name: str) -> Cost:
        """The vendor's playbook; whether it reports changes is not looked at, because its check mode has defects."""
        inventory = self.inventory(f"vendor-{name}", hosts, {})
        play = self.write(f"vendor-{name}/playbook.yml", bench_vendor.play(tasks))
        return playbook(play, inventory, self.log(f"vendor-{name}"), *options, hosts=len(hosts), changed=None)

    def hardened(self, site: Site) -> tuple[dict[str, Any], dict[str, Any]]:
        """The FortiGate's stored configuration before and after hardening; it is hardened now."""
        before = stored(site, UNIT)
        self.ours(self.inventory("one", hosts_of(site)), hosts=1, changed=1)
        return before, stored(site, UNIT)

    def hardened_vigor(self, site: Site, unit: VigorUnit) -> Path:
        """The inventory that reaches the unit, which is hardened now."""
        inventory = self.inventory(unit.name, hosts_of(site), self.vigor_variables)
        self.ours(inventory, hosts=1, changed=1)
        return inventory

    def configurations(self, unit: Device) -> tuple[Path, Path]:
        """Files with what a unit stores before and after hardening."""
        before, after = (self.folder / f"{unit.name}-{when}.json" for when in ("before", "after"))
        if not after.exists():
            with Site((unit,), self.folder / unit.name) as site:
                self.write(before.name, stored(site, unit))
                if unit.kind == "vigor":
                    # Units of a fleet start after that, so that what waits for a start is in force there.
                    control(site, unit, "/advance", {"seconds": A_DAY})
                inventory = self.inventory(unit.name, hosts_of(site), self.variables_of(unit))
                self.ours(inventory, hosts=1, changed=1)
                self.write(after.name, stored(site, unit))
        return before, after

    def variables_of(self, unit: Device) -> dict[str, Any]:
        """The inventory's variables for units of this kind."""
        kinds = {"fortigate": self.variables, "vigor": self.vigor_variables, "pfsense": self.pfsense_variables}
        return kinds[unit.kind]

    def fleet(self, unit: Device, devices: int, *, hardened: bool = True) -> Fleet:
        """That many units like this one."""
        config = self.configurations(unit)[hardened]
        folder = self.folder / f"{unit.name}-fleet-{'hardened' if hardened else 'not-hardened'}"
        return Fleet(devices, config, unit.host, folder, unit.kind, json.loads(unit.knobs))


def control(site: Site, device: Device, path: str, body: Any = None) -> Any:
    """A call of the test device's side channel."""
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(site.info[device.name]["control_url"] + path, data=data, timeout=30) as reply:
        return json.load(reply)


def stored(site: Site, unit: Device) -> dict[str, Any]:
    """A unit's configuration, as a unit of a fleet can begin with it."""
    state: dict[str, Any] = control(site, unit, STORED[unit.kind])
    return {name: value for name, value in state.items() if name != "accounts"}


STORED = {"fortigate": "/stored", "vigor": "/state", "pfsense": "/config"}
"""By kind, the path of the side channel that tells it."""


def hosts_of(site: Site) -> dict[str, Any]:
    """The inventory's hosts."""
    hosts: dict[str, Any] = yaml.safe_load(site.inventory.read_text("utf-8"))["firewalls"]["hosts"]
    return hosts


def vendor_hosts(hosts: dict[str, Any]) -> dict[str, Any]:
    """The same hosts as the vendor's modules reach them."""
    names = ("ansible_host", "ansible_port", "voip_ca_path", "voip_access_token")
    return {name: vendor_modules.host_variables(*(values[key] for key in names)) for name, values in hosts.items()}


def one_site(workshop: Workshop) -> Iterator[Row]:
    """An unchanged site, all four concerns: ours and the vendor's, and our requests."""
    with Site((UNIT,), workshop.folder / "unit") as site:
        before, after = workshop.hardened(site)
        inventory = workshop.inventory("one", hosts_of(site))
        ours = median(workshop.ours(inventory, "--check", hosts=1).wall for _repeat in range(REPEATS))
        control(site, UNIT, "/reset-log", {})
        workshop.ours(inventory, "--check", hosts=1)
        log = control(site, UNIT, "/log")
        connections = control(site, UNIT, "/counters")["connections"]
        tasks = bench_vendor.tasks(before, after)
        theirs = workshop.vendor(tasks, vendor_hosts(hosts_of(site)), "--check", name="one").wall
        if stored(site, UNIT) != after:
            raise SystemExit("a check has changed the unit")
    reads = Counter((entry["method"], entry["path"]) for entry in log)
    if {method for method, _path in reads} != {"GET"}:
        raise SystemExit(f"a check does more than read: {reads}")
    yield Row("fortios.unchanged.one_site.ratio", theirs / ours, "times faster", at_least=25)
    yield Row("fortios.unchanged.one_site.ours", ours, "s")
    yield Row("fortios.unchanged.one_site.vendor", theirs, "s")
    yield Row("fortios.unchanged.one_site.vendor_module_calls", bench_vendor.calls(tasks), "calls")
    yield Row("fortios.unchanged.requests", len(log), "requests")
    yield Row("fortios.unchanged.requests_per_table", max(reads.values()), "requests", at_most=1)
    yield Row("fortios.unchanged.connections", connections, "connections", at_most=1)


def fifty_sites(workshop: Workshop) -> Iterator[Row]:
    """The same at 50 sites; the vendor's on a few of them, scaled by their number."""
    with Site((UNIT,), workshop.folder / "unit") as site:
        before, after = workshop.hardened(site)
    with workshop.fleet(UNIT, 50) as fleet:
        inventory = workshop.inventory("fifty", fleet.hosts)
        ours = median(workshop.ours(inventory, "--check", hosts=50).wall for _repeat in range(REPEATS))
        few = dict(list(fleet.hosts.items())[:VENDOR_SITES])
        theirs = workshop.vendor(bench_vendor.tasks(before, after), vendor_hosts(few), "--check", name="few").wall
    scaled = theirs * 50 / VENDOR_SITES
    yield Row("fortios.unchanged.50_sites.ratio", scaled / ours, "times faster", at_least=150)
    yield Row("fortios.unchanged.50_sites.ours", ours, "s")
    yield Row(f"fortios.unchanged.50_sites.vendor_scaled_from_{VENDOR_SITES}", scaled, "s")


def networks(number: int) -> list[str]:
    """Networks of the block for benchmarks (RFC 2544) with gaps between them, so that none can be merged."""
    starts = [8 * index for index in range(number)]
    return [f"198.{18 + start // 65536}.{start // 256 % 256}.{start % 256}/30" for start in starts]


def write_1000(workshop: Workshop) -> Iterator[Row]:
    """A thousand address objects on a new unit: ours with all that belongs to them, the vendor's 50 scaled by 20."""
    profile = yaml.safe_load((ROOT / "data" / "providers" / "example-voice.yml").read_text("utf-8"))
    profile |= {name: profile[name].isoformat() for name in ("reviewed_on", "valid_until")}
    profile["signalling"] = networks(1000)
    listed = [*profile["signalling"], *profile["media"]]
    profile["acknowledge"] = [{"cidr": cidr, "reason": "addresses for benchmarks"} for cidr in listed]
    policy = workshop.variables["voip_policy"]
    voice = {**policy["voice_vlan"], "parent_interface": "internal"}
    variables = {
        **workshop.variables,
        "voip_provider": profile,
        "voip_policy": {**policy, "voice_vlan": voice},
        "voip_concerns": ["sip_allowlist"],
    }
    some = [{"name": f"theirs-{index}", "subnet": cidr} for index, cidr in enumerate(networks(VENDOR_ADDRESSES))]
    walls = []
    for _repeat in range(REPEATS):
        with Site((NEW_UNIT,), workshop.folder / "new") as site:
            inventory = workshop.inventory("new", hosts_of(site), variables)
            walls.append(workshop.ours(inventory, hosts=1, changed=1).wall)
            rows = control(site, NEW_UNIT, "/stored")["vdom"]["root"]["firewall/address"]
            if sum(row["name"].startswith("VOIPH-") for row in rows) < 1000:
                raise SystemExit("less than 1,000 address objects were written")
    with Site((NEW_UNIT,), workshop.folder / "new") as site:
        tasks = [vendor_modules.task("firewall/address", some, VERSION)]
        theirs = workshop.vendor(tasks, vendor_hosts(hosts_of(site)), name="write").wall
    ours, scaled = median(walls), theirs * 1000 / VENDOR_ADDRESSES
    yield Row("fortios.write_1000.ratio", scaled / ours, "times faster", at_least=20)
    yield Row("fortios.write_1000.ours", ours, "s")
    yield Row(f"fortios.write_1000.vendor_scaled_from_{VENDOR_ADDRESSES}", scaled, "s")


def fleet(workshop: Workshop) -> Iterator[Row]:
    """CPU and memory of the controller at 200 and 1,000 devices, beside an empty action on the same hosts."""
    with workshop.fleet(UNIT, LARGE) as devices:
        small = workshop.inventory("small", dict(list(devices.hosts.items())[:SMALL]))
        large = workshop.inventory("large", devices.hosts)
        # In turn, so that what else runs on the machine meets both alike.
        pairs = [
            (workshop.empty(small, hosts=SMALL), workshop.ours(small, "--check", hosts=SMALL))
            for _repeat in range(REPEATS)
        ]
        empty_large, ours_large = workshop.empty(large, hosts=LARGE), workshop.ours(large, "--check", hosts=LARGE)
        # Ansible keeps the results of a task until it ends, so an action that returns ours is what to hold it to.
        (name, host), *_others = devices.hosts.items()
        result = workshop.result(name, host)
        same_small = workshop.empty(small, hosts=SMALL, result=result)
        same_large = workshop.empty(large, hosts=LARGE, result=result)
    empty_cpu, ours_cpu = (median(pair[side].cpu for pair in pairs) / SMALL for side in (0, 1))
    empty_mb, ours_mb = (median(pair[side].peak_mb for pair in pairs) for side in (0, 1))
    ratio = median(ours.cpu / empty.cpu for empty, ours in pairs)
    yield Row("fleet.cpu_per_device.ratio", ratio, "times an empty action", at_most=3)
    yield Row("fleet.cpu_per_device.ours_200", 1000 * ours_cpu, "ms")
    yield Row("fleet.cpu_per_device.empty_200", 1000 * empty_cpu, "ms")
    yield Row("fleet.cpu_per_device.ours_1000", 1000 * ours_large.cpu / LARGE, "ms")
    yield Row("fleet.cpu_per_device.empty_1000", 1000 * empty_large.cpu / LARGE, "ms")
    yield Row("fleet.cpu_growth_1000_vs_200", ours_large.cpu / LARGE / ours_cpu, "times", at_most=1.15)
    grown = {
        "ours": ours_large.peak_mb - ours_mb,
        "empty": empty_large.peak_mb - empty_mb,
        "same_result": same_large.peak_mb - same_small.peak_mb,
    }
    yield Row("fleet.peak_memory_mb.200", ours_mb - empty_mb, "MB over an empty action")
    yield Row("fleet.peak_memory_mb.1000", ours_large.peak_mb - empty_large.peak_mb, "MB over an empty action")
    for name, value in grown.items():
        yield Row(f"fleet.peak_memory_mb.growth.{name}", value, "MB from 200 to 1,000")
    beyond = grown["ours"] - grown["same_result"]
    yield Row("fleet.peak_memory_mb.growth", beyond, "MB beyond Ansible's own", at_most=1)
    yield Row("fleet.wall.1000", ours_large.wall, "s")


def draytek(workshop: Workshop) -> Iterator[Row]:
    """A check of an unchanged Vigor of each class, and of 200 of them; every command line waits for its answer."""
    commands, rows = unchanged_vigor(workshop, VIGOR, "draytek.unchanged")
    yield from rows
    yield from unchanged_vigor(workshop, LARGE_VIGOR, "draytek.unchanged.3912")[1]
    with workshop.fleet(VIGOR, SMALL) as devices:
        yield from small_fleet(workshop, devices, workshop.vigor_variables, "draytek.fleet", commands)


def small_fleet(
    workshop: Workshop, devices: Fleet, variables: dict[str, Any], name: str, requests: int
) -> Iterator[Row]:
    """What a check of 200 unchanged units costs; each waits for the answers to that many requests."""
    inventory = workshop.inventory(name, devices.hosts, variables)
    pairs, theirs = [], []
    for _repeat in range(REPEATS):
        empty = workshop.empty(inventory, hosts=SMALL)
        before = devices.cpu()
        pairs.append((empty, workshop.ours(inventory, "--check", hosts=SMALL)))
        theirs.append(devices.cpu() - before)
    empty_cpu, ours_cpu = (1000 * median(pair[side].cpu for pair in pairs) / SMALL for side in (0, 1))
    yield Row(f"{name}.200.seconds", median(ours.wall for _empty, ours in pairs), "s")
    yield Row(f"{name}.200.seconds_waiting", requests * LATENCY * SMALL / FORKS, "s")
    yield Row(f"{name}.cpu_per_device", ours_cpu, "ms")
    yield Row(f"{name}.cpu_per_device.empty", empty_cpu, "ms")
    ratio = median(ours.cpu / empty.cpu for empty, ours in pairs)
    yield Row(f"{name}.cpu_per_device.ratio", ratio, "times an empty action")
    yield Row(f"{name}.cpu_per_device.test_devices", 1000 * median(theirs) / SMALL, "ms")
    beyond = median(ours.peak_mb for _empty, ours in pairs) - median(empty.peak_mb for empty, _ours in pairs)
    yield Row(f"{name}.peak_memory_mb.200", beyond, "MB over an empty action")


def pfsense(workshop: Workshop) -> Iterator[Row]:
    """A change and a check of one pfSense, and a check of 200 unchanged ones; every program waits for its answer."""
    with Site((PFSENSE,), workshop.folder / PFSENSE.name) as site:
        inventory = workshop.inventory(PFSENSE.name, hosts_of(site), workshop.pfsense_variables)
        changing = workshop.ours(inventory, hosts=1, changed=1).wall
        changed = control(site, PFSENSE, "/counters")
        hardened = control(site, PFSENSE, "/xml")
        walls = [workshop.ours(inventory, "--check", hosts=1).wall for _repeat in range(REPEATS)]
        counters = control(site, PFSENSE, "/counters")
        if control(site, PFSENSE, "/xml") != hardened:
            raise SystemExit("a check has changed the box")
    yield Row("pfsense.changed.logins", changed["logins"], "logins", at_most=2)
    before = _before_verifying(changed["requests"])
    yield Row("pfsense.changed.requests_before_verifying", before, "requests", at_most=2)
    yield Row("pfsense.changed.requests", sum(changed["requests"].values()), "requests", at_most=4)
    yield Row("pfsense.changed.seconds", changing, "s")
    checks = len(walls)
    requests = (sum(counters["requests"].values()) - sum(changed["requests"].values())) / checks
    yield Row("pfsense.unchanged.logins", (counters["logins"] - changed["logins"]) / checks, "logins", at_most=1)
    yield Row("pfsense.unchanged.requests", requests, "requests", at_most=1)
    yield Row("pfsense.unchanged.seconds", median(walls), "s")
    with workshop.fleet(PFSENSE, SMALL) as devices:
        yield from small_fleet(workshop, devices, workshop.pfsense_variables, "pfsense.fleet", 1)


def _before_verifying(requests: dict[str, int]) -> int:
    """The first of two reads, and the write; the other read and the end of the rollback are of the second log-in."""
    return requests["read"] // 2 + requests["write"]


def unchanged_vigor(workshop: Workshop, unit: VigorUnit, name: str) -> tuple[int, list[Row]]:
    """How many command lines a check of the hardened unit sends, and the rows about it."""
    with Site((unit,), workshop.folder / unit.name) as site:
        inventory = workshop.hardened_vigor(site, unit)
        hardened = control(site, unit, STORED[unit.kind])
        walls = []
        for _repeat in range(REPEATS):
            control(site, unit, "/reset-log", {})
            walls.append(workshop.ours(inventory, "--check", hosts=1).wall)
        # Of the last one.
        counters = control(site, unit, "/counters")
        lines = Counter(entry["line"] for entry in control(site, unit, "/log"))
        if counters["writes"] or control(site, unit, STORED[unit.kind]) != hardened:
            raise SystemExit("a check has changed the unit")
    return counters["commands"], [
        Row(f"{name}.logins", counters["logins"], "logins", at_most=1),
        Row(f"{name}.commands", counters["commands"], "commands"),
        Row(f"{name}.repeated_commands", max(lines.values()), "times the same line", at_most=1),
        Row(f"{name}.bytes", counters["received"] + counters["sent"], "bytes"),
        Row(f"{name}.seconds", median(walls), "s"),
        Row(f"{name}.seconds_waiting", counters["commands"] * LATENCY, "s"),
    ]


def night(workshop: Workshop) -> Iterator[Row]:
    """`drift.yml` over a thousand devices of every kind, some drifted and some dead: who is told what, and the cost."""
    waiting = {}
    for unit in NIGHT:
        waiting[unit.kind] = look_alone(workshop, unit)
    with ExitStack() as stack:
        hosts: dict[str, dict[str, Any]] = {}
        expected: dict[str, str] = {}
        fleets = []
        live = {unit.kind: round(LARGE * bench_night.SHARES[unit.kind]) for unit in NIGHT}
        dead = stack.enter_context(bench_night.Dead(LARGE - sum(live.values())))
        for unit in NIGHT:
            drifted = round(live[unit.kind] * bench_night.DRIFTED)
            for hardened, devices in ((True, live[unit.kind] - drifted), (False, drifted)):
                fleet = stack.enter_context(workshop.fleet(unit, devices, hardened=hardened))
                fleets.append(fleet)
                for name, host in fleet.hosts.items():
                    known = f"{unit.kind}-{'hardened' if hardened else 'drifted'}-{name}"
                    hosts[known] = {**workshop.variables_of(unit), **host}
                    expected[known] = "compliant" if hardened else "drift"
        for (name, place), unit in zip(dead.hosts.items(), cycle(NIGHT), strict=False):
            # Whatever let the platform's devices in, and verified them: none of these gets that far.
            like = hosts[f"{unit.kind}-hardened-bench-fw1"]
            hosts[name] = {**like, **place}
            expected[name] = "dead"
        inventory = workshop.inventory("night", hosts, {})
        before = sum(fleet.cpu() for fleet in fleets)
        report = workshop.folder / "night" / "report"
        options = ("--extra-vars", json.dumps({"voip_report_dir": str(report), "voip_waivers": waivers()}))
        cost = playbook(
            "drift.yml", inventory, workshop.log("night"), *options,
            hosts=LARGE, changed=None, forks=NIGHT_FORKS, status=2,
        )
        theirs = sum(fleet.cpu() for fleet in fleets) - before
    records = json.loads((report / "posture.json").read_text(encoding="utf-8"))["devices"]
    told = {record["host"]: record["class"] for record in records}
    wrong = [name for name, kind in expected.items() if told.get(name) not in ALLOWED[kind]]
    if wrong:
        print(f"  told wrong: {', '.join(f'{name}: {told.get(name)}' for name in wrong[:20])}", flush=True)
    yield Row("night.devices", len(told), "devices")
    yield Row("night.dead", sum(kind == "dead" for kind in expected.values()), "devices")
    yield Row("night.classified_wrong", len(wrong), "devices", at_most=0)
    yield Row("night.seconds", cost.wall, "s")
    yield Row("night.devices_per_minute", 60 * LARGE / cost.wall, "devices")
    yield Row("night.cpu_per_device", 1000 * cost.cpu / LARGE, "ms")
    yield Row("night.cpu_per_device.test_devices", 1000 * theirs / LARGE, "ms")
    yield Row("night.peak_memory_mb", cost.peak_mb, "MB of the largest process")
    mean = sum(waiting[kind] * share for kind, share in bench_night.SHARES.items()) / sum(bench_night.SHARES.values())
    yield Row("night.seconds_per_device", mean, "s from log-in to record, at 20 ms")
    for processors in (16, 64):
        estimate = bench_night.estimate(SITES, cost.cpu / LARGE, mean, processors)
        yield Row(f"night.10000_sites.{processors}_processors", estimate / 60, "minutes, 20 slices of 50 forks")


def waivers() -> list[dict[str, str]]:
    """For what nobody but its administrators can put right on a unit that somebody has lived with."""
    until = (date.today() + timedelta(days=30)).isoformat()
    given = {"device": "*", "reason": "of the benchmark's making", "approver": "benchmark", "expires": until}
    return [{"control": control, **given} for control in BY_HAND]


def look_alone(workshop: Workshop, unit: Device) -> float:
    """Seconds that a look at one hardened unit of this kind takes, without Ansible's own start."""
    with workshop.fleet(unit, 1) as fleet:
        inventory = workshop.inventory(f"night-{unit.kind}", fleet.hosts, workshop.variables_of(unit))
        pairs = [
            (workshop.empty(inventory, hosts=1).wall, workshop.ours(inventory, "--check", hosts=1).wall)
            for _repeat in range(REPEATS)
        ]
    return median(ours - empty for empty, ours in pairs)


def parts(workshop: Workshop) -> Iterator[Row]:
    """What a device's CPU time is made of: the workers' steps, and the rest, which is the parent's and the forks'."""
    steps = workshop.folder / "parts.jsonl"
    with workshop.fleet(UNIT, SMALL) as devices:
        inventory = workshop.inventory("parts", devices.hosts)
        one = workshop.inventory("parts-one", dict(list(devices.hosts.items())[:1]))
        start_empty = median(workshop.empty(one, hosts=1).cpu for _repeat in range(REPEATS))
        start_ours = median(workshop.ours(one, "--check", hosts=1).cpu for _repeat in range(REPEATS))
        program = ("-m", "tools.bench_parts", str(steps))
        whole = playbook(
            "harden.yml", inventory, workshop.log("parts"), "--check", hosts=SMALL, program=program
        ).cpu
    sums: defaultdict[str, float] = defaultdict(float)
    for line in steps.read_text(encoding="utf-8").splitlines():
        for step, milliseconds in json.loads(line).items():
            sums[step] += milliseconds / SMALL
    yield Row("cpu.start: Ansible, before any host", 1000 * start_empty, "ms a run")
    yield Row("cpu.start: our imports and the system's authorities", 1000 * (start_ours - start_empty), "ms a run")
    for step, milliseconds in sorted(sums.items(), key=lambda item: -item[1]):
        yield Row(f"cpu.worker: {step}", milliseconds, "ms a device")
    rest = 1000 * (whole - start_ours) / SMALL - sum(sums.values())
    yield Row("cpu.parent: fork, queue, callbacks, and what a worker does after its task", rest, "ms a device")


BENCHMARKS: dict[str, Callable[[Workshop], Iterator[Row]]] = {
    function.__name__: function
    for function in (one_site, fifty_sites, write_1000, fleet, draytek, pfsense, night, parts)
}


def main(names: list[str]) -> int:
    """Run the benchmarks named, or all; 1 if a target is missed, 2 for a name that is none."""
    unknown = set(names) - set(BENCHMARKS)
    if unknown:
        print(f"no such benchmark: {', '.join(sorted(unknown))} (there are: {', '.join(BENCHMARKS)})", file=sys.stderr)
        return 2
    workshop = Workshop()
    rows: list[dict[str, Any]] = []
    for name in names or BENCHMARKS:
        load = os.getloadavg()[0]
        print(f"{name} (load of the machine before it: {load:.1f}, processors: {os.cpu_count()})", flush=True)
        for row in BENCHMARKS[name](workshop):
            rows.append(row.as_json())
            print_row(rows[-1])
    REPORT.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    missed = [row["name"] for row in rows if row["met"] is False]
    print(f"missed: {', '.join(missed)}" if missed else "every target is met", f"(all rows: {REPORT})")
    return int(bool(missed))


def print_row(row: dict[str, Any]) -> None:
    """One line of the table."""
    verdict = {None: "", True: "met", False: "MISSED"}[row["met"]]
    target = row["target"] or ""
    print(f"  {row['name']:<78}{row['value']:>11.3f} {row['unit']:<26}{target:>8}  {verdict}".rstrip(), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
