"""A Vigor test device in this process: what is read of it, what is compiled for it, and what a plan makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.voip.hardening.plugins.module_utils.document.diff import Change, Desired, difference
from ansible_collections.voip.hardening.plugins.module_utils.document.model import Document, Row
from ansible_collections.voip.hardening.plugins.module_utils.errors import Unreachable
from ansible_collections.voip.hardening.plugins.module_utils.platforms.base import Observation
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.batch import VigorBatch
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.compiler import (
    compile_policy,
    withdraw,
)
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.observation import Reader
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.options import Options
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.session import Session
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.tables import table
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import CONCERNS, SitePolicy
from ansible_collections.voip.hardening.plugins.module_utils.secret import Secret
from ansible_collections.voip.hardening.plugins.module_utils.target import Target
from tests.devices.vigor import Knobs, Vigor, factory_config, lived_in_config

SMALL, LARGE = "Vigor2927", "Vigor3912"
MODELS = (SMALL, LARGE)
PEER, CONTROLLER = "192.168.1.1", "192.168.1.50"
TARGET = Target(host=PEER, username="admin", password=Secret("Str0ng-enough"))


class Direct:
    """A connection to a device without a network between."""

    local_address, peer_address = CONTROLLER, PEER

    def __init__(self, device: Vigor) -> None:
        self.device = device

    def run(self, text: str, timeout: float) -> str:
        reply = self.device.handle(text)
        if reply.cut or reply.closes or reply.hangs:
            raise Unreachable(f"{PEER}: the connection broke")
        return reply.text.replace("\r\n", "\n")

    def close(self) -> None:
        """Nothing to hang up."""


class Logged(Session):
    """A session that is logged in to a device already."""

    def __init__(self, device: Vigor, target: Target = TARGET) -> None:
        super().__init__(target)
        self._connection = Direct(device)
        self.local_address, self.peer_address = CONTROLLER, PEER


def unit(model: str = SMALL, config: str = "factory", **knobs: Any) -> Vigor:
    """A device as it leaves the factory, or one that a site has used (`lived-in`)."""
    made = {"factory": factory_config, "lived-in": lived_in_config}[config](model)
    return Vigor(made, knobs=Knobs(**knobs))


def typed(device: Vigor, *lines: str) -> Vigor:
    """The device after another administrator typed some lines, each of which must have changed something."""
    for line in lines:
        before = device.writes
        answer = device.execute(line, log=False).text
        assert device.writes > before, f"{line}: {answer}"
    return device


def observed(device: Vigor, *concerns: str, **options: Any) -> Observation:
    """What is read of a device for these concerns, or for all of them."""
    return Reader(Logged(device), concerns or CONCERNS, Options(**options)).observe()


def compiled(policy: SitePolicy, seen: Observation, *concerns: str, armed: bool = False) -> tuple[Desired, list[str]]:
    """What the policy asks of a unit, and remarks; what cannot be verified is left with the observation."""
    desired, remarks, seen.unverifiable = compile_policy(
        policy, concerns or CONCERNS, seen.document, seen.details, armed
    )
    return desired, remarks


def plan(policy: SitePolicy, seen: Observation, *concerns: str) -> list[Change]:
    """The steps to what the policy asks for."""
    return difference(seen.document, compiled(policy, seen, *concerns)[0])


def removal(seen: Observation, *concerns: str) -> list[Change]:
    """The steps by which everything of ours goes."""
    return difference(seen.document, withdraw(concerns or CONCERNS, seen.document, seen.details, seen.armed)[0])


def carry_out(device: Vigor, changes: Sequence[Change], seen: Observation) -> list[str]:
    """Carry a plan out, as a run does; the lines that were sent."""
    session = Logged(device)
    sent = len(device.log)
    batch = VigorBatch(session, changes, seen.document, seen.details)
    batch.start()
    for change in changes:
        batch.send(change)
    batch.commit()
    batch.settle(session)
    return [entry["line"] for entry in device.log[sent:]]


def harden(device: Vigor, policy: SitePolicy, *concerns: str) -> list[Change]:
    """Bring a device to a policy; the steps."""
    seen = observed(device, *concerns)
    changes = plan(policy, seen, *concerns)
    carry_out(device, changes, seen)
    return changes


def take_away(device: Vigor, *concerns: str) -> list[Change]:
    """Take everything of ours from a device; the steps."""
    seen = observed(device, *concerns)
    changes = removal(seen, *concerns)
    carry_out(device, changes, seen)
    return changes


# Looking at what came of it


def owned(desired: Desired, path: str) -> list[Row]:
    """Our rows of a table as they are wanted."""
    return [entry.row for entry in desired.owned.get(table(path), [])]


def named(desired: Desired, path: str) -> dict[str, Row]:
    """Our rows of a table by name, without their keys and names; without objects that remember settings."""
    hidden = ("id", "name")
    return {
        row["name"]: {field: value for field, value in row.items() if field not in hidden}
        for row in owned(desired, path)
        if not row["name"].startswith("VOIPH-w")
    }


def kept(desired: Desired) -> dict[tuple[str, Any], Row]:
    """The settings on rows that are not ours."""
    return {(row_id.table.path, row_id.key): entry.row for row_id, entry in desired.settings.items()}


def controls(desired: Desired, path: str) -> dict[str, tuple[str, ...]]:
    """The controls that ask for each of our rows."""
    return {entry.row["name"]: entry.controls for entry in desired.owned.get(table(path), [])}


def rows(document: Document, path: str) -> dict[Any, Row]:
    """The rows of a table by key."""
    spec = document.spec(table(path))
    return {spec.key_of(row): row for row in document.rows(table(path))}


def row(document: Document, path: str, key: Any = "", **changes: Any) -> Row:
    """A row of a document, after some of its fields were changed there."""
    found = document.find(table(path), key)
    assert found is not None
    found.update(changes)
    return found


def named_rows(document: Document, path: str) -> Mapping[str, Row]:
    """The rows of a table by name."""
    return {one["name"]: one for one in document.rows(table(path)) if one["name"]}
