"""A pfSense test device in this process: what is read of it, what is compiled for it, and what a run makes of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.voip.hardening.plugins.module_utils import engine
from ansible_collections.voip.hardening.plugins.module_utils.document.diff import Change, Desired, difference
from ansible_collections.voip.hardening.plugins.module_utils.document.model import Document, Row
from ansible_collections.voip.hardening.plugins.module_utils.errors import Unreachable
from ansible_collections.voip.hardening.plugins.module_utils.platforms.base import Observation
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense import observation
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense.compiler import compile_policy, withdraw
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense.options import Options
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense.platform import PfSense
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense.program import answer, program
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense.session import RequestRefused, Session
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense.tables import FLOATING, RULES, table
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import CONCERNS, SitePolicy
from ansible_collections.voip.hardening.plugins.module_utils.secret import Secret
from ansible_collections.voip.hardening.plugins.module_utils.target import Target
from tests.devices import pfsense as device
from tests.devices.pfsense import Knobs

ALG, ALLOWLIST, VOICE, MANAGEMENT = CONCERNS
PEER, CONTROLLER = "10.0.0.1", "10.0.0.50"
TARGET = Target(
    host=PEER, username="admin", password=Secret("Str0ng-enough"), fingerprint="SHA256:" + "A" * 43, timeout=60
)
OPTIONS = Options()
_REVISION = re.compile(r"\t<revision>.*?</revision>\n", re.DOTALL)

Box = device.PfSense
Raw = dict[str, Any]


class Direct(Session):
    """A session that is logged in to a box already, without a network between."""

    def __init__(self, box: Box, target: Target = TARGET, source: str = CONTROLLER) -> None:
        super().__init__(target)
        self.box = box
        self.local_address, self.peer_address = source, PEER

    def __enter__(self) -> Direct:
        self.requests += 1
        return self

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self.requests += 1
        try:
            said = self.box.handle(program(request))
        except device.Cut:
            raise Unreachable("the connection broke") from None
        found = answer(said)
        if not found["ok"]:
            raise RequestRefused(f"`{request['op']}`: {found['message']}", found["error"])
        return found


class OneBox(PfSense):
    """The platform with this one box behind every address."""

    def __init__(self, box: Box, source: str = CONTROLLER) -> None:
        self.box, self.source = box, source

    def open(self, target: Target) -> Session:
        return Direct(self.box, target, self.source)


def unit(
    kind: str = "lived-in", version: str = "2.8.0", *, tree: Callable[[Raw], None] | None = None, **choices: Any
) -> Box:
    """A box as it leaves the factory, or one that a site has used (`lived-in`); `tree` alters its configuration before
    it starts. Choices are the factory's, or knobs."""
    knobs = {name: choices.pop(name) for name in list(choices) if hasattr(Knobs, name)}
    made = {"factory": device.factory_tree, "lived-in": device.lived_in_tree}[kind](version, **choices)
    if tree is not None:
        tree(made)
    return Box(device.dumped(made), version=version, knobs=Knobs(**knobs))


def run(
    box: Box,
    policy: SitePolicy | None,
    *concerns: str,
    state: str = "replaced",
    check: bool = False,
    source: str = CONTROLLER,
    clear: bool = False,
) -> dict[str, Any]:
    """What the engine makes of a box; its result."""
    job = engine.Job(
        platform=OneBox(box, source),
        target=TARGET,
        concerns=concerns or CONCERNS,
        state=state,
        check=check,
        policy=policy,
        options=OPTIONS,
        clear_sessions=clear,
    )
    return engine.run(job)


def harden(box: Box, policy: SitePolicy, *concerns: str) -> Box:
    """The box after a run, which must have changed it."""
    assert run(box, policy, *concerns)["changed"]
    return box


def take_away(box: Box, *concerns: str) -> dict[str, Any]:
    """Take everything of ours away for these concerns, or for all; the result."""
    return run(box, None, *concerns, state="deleted")


def text(box: Box) -> str:
    """The box's config.xml without the element that every write changes."""
    return _REVISION.sub("", box.xml)


# Reading and compiling


def answered(box: Box, *concerns: str, **parts: Any) -> Raw:
    """What a box answers to a read; keywords replace parts, and paths of its configuration in `config`."""
    found = Direct(box).ask(observation.request(concerns or CONCERNS))
    config = parts.pop("config", {})
    return {**found, **parts, "config": {**found["config"], **config}}


def observed(box: Box, *concerns: str, **parts: Any) -> Observation:
    """What is read of a box for these concerns, or for all of them; see `answered`."""
    return observation.observed(answered(box, *concerns, **parts))


def compiled(policy: SitePolicy, seen: Observation, *concerns: str) -> tuple[Desired, list[str]]:
    """What a policy asks of a box, and remarks."""
    return compile_policy(policy, concerns or CONCERNS, seen.document, seen.details)


def plan(policy: SitePolicy, seen: Observation, *concerns: str) -> list[Change]:
    """The steps to what the policy asks for."""
    return difference(seen.document, compiled(policy, seen, *concerns)[0])


def removal(seen: Observation, *concerns: str) -> list[Change]:
    """The steps by which everything of ours goes."""
    return difference(seen.document, withdraw(concerns or CONCERNS, seen.document, seen.details)[0])


# Other administrators


def saved(box: Box, edits: dict[str, Any], *dirty: str) -> Box:
    """The box after another administrator saved something and, unless subsystems are named as dirty, applied it."""
    box.gui_write(edits, dirty=dirty)
    if not dirty:
        box.gui_apply()
    return box


def altered(box: Box, path: str, which: str, **fields: Any) -> Box:
    """The box after another administrator changed fields of the entry with this name or description; None takes a field
    away."""
    tree = box.config
    entries = section(tree, path)
    found = [entry for entry in entries if which in (entry.get("descr"), entry.get("name"))]
    assert found, which
    for name, value in fields.items():
        if value is None:
            del found[0][name]
        else:
            found[0][name] = value
    return saved(box, {path: entries})


def section(tree: Raw, path: str) -> Any:
    """A part of a configuration by its path; it must be there."""
    for name in path.split("/"):
        tree = tree[name]
    return tree


def entry(box: Box, path: str, which: str) -> Raw:
    """The entry of a box's configuration with this name or description."""
    found: Raw = next(one for one in section(box.config, path) if which in (one.get("descr"), one.get("name")))
    return found


# Looking at what came of it


def owned(desired: Desired, path: str, scope: str = "") -> list[Row]:
    """Our rows of a table as they are wanted."""
    return [one.row for one in desired.owned.get(table(path, scope), [])]


def rules(desired: Desired) -> dict[str, Row]:
    """Our rules as they are wanted, in their order, by name."""
    return {row["descr"]: row for row in owned(desired, RULES, FLOATING)}


def said(row: Row) -> str:
    """A rule in one line: what it does to what, as pf would be told; "" for one that another concern keeps as it is."""
    if "type" not in row:
        return ""
    way = f"{row['type']} {row['direction']} {','.join(row['interface'])} {row['ipprotocol']} {row['protocol']}"
    sides = [f"{'!' * row[f'{side}_not']}{row[side]}" for side in ("source", "destination")]
    port = f" {row['destination_port']}" if row["destination_port"] else ""
    return f"{way} {' > '.join(sides)}{port}"


def kept(desired: Desired) -> dict[str, Row]:
    """The settings on rows that are not ours, by table and key; what is in force apart."""
    found = {f"{row_id.table} {row_id.key}".strip(): entry.row for row_id, entry in desired.settings.items()}
    assert found.pop("running") == {"unapplied": (), "missing": ()}
    return {where: row for where, row in found.items() if row}


def aliases(desired: Desired) -> dict[str, tuple[str, ...]]:
    """The entries of our aliases as they are wanted, by name."""
    return {row["name"]: row["address"] for row in owned(desired, "aliases/alias")}


def rows(document: Document, path: str, scope: str = "") -> dict[Any, Row]:
    """The rows of a table by key."""
    spec = document.spec(table(path, scope))
    return {spec.key_of(row): row for row in document.rows(table(path, scope))}
