"""How a Poly phone provisions: the master file, the files it names, and the server's copies of the phone's own changes.

It asks for ``<mac>.cfg``, else ``000000000000.cfg``. A file that is no master file is the only one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracles.phones import parse_master, parse_parameters
from tests.oracles.phones.poly_files import first_wins

from ..downloads import Download
from ..phone import Outcome

if TYPE_CHECKING:
    from .phone import PolyPhone

SCHEMES = {"0": "ftp", "1": "tftp", "2": "http", "3": "https", "4": "ftps"}
# What was changed at the phone and in its web interface, by layer.
OVERRIDES = {"local": "phone", "web": "web"}


class Run:
    """One provisioning of a phone."""

    def __init__(self, phone: PolyPhone) -> None:
        self.phone = phone
        self.client = phone.client()
        self.files: list[tuple[str, int]] = []
        self.errors: list[str] = []

    def outcome(self, error: str) -> Outcome:
        """What came of it without anything applied."""
        return Outcome(tuple(self.files), error=error)

    def fetch(self, name: str) -> Download:
        """One file beside the others, or at an address of its own."""
        got = self.client.fetch(name if "://" in name else f"{base(self.phone)}/{name}")
        self.files.append((name, got.status))
        return got

    def go(self) -> Outcome:
        """Fetch and apply."""
        phone = self.phone
        if not phone.settings.get("device.prov.serverName"):
            return self.outcome("no provisioning server")
        first = f"{phone.mac}.cfg"
        got = self.fetch(first)
        if got.status == 404:
            first = "000000000000.cfg"
            got = self.fetch(first)
        if not got.ok:
            return self.outcome(_failure(first, got))
        text = got.body.decode("utf-8", "replace")
        try:
            master = parse_master(text, phone.mac)
            files = [parse_parameters(text)] if master is None else []
        except ValueError as error:
            return self.outcome(f"{first}: {error}")
        for name in () if master is None else master.files:
            got = self.fetch(name)
            if got.ok:
                files += self._parsed(name, got)
            elif got.status not in (403, 404):
                return self.outcome(_failure(name, got))
        overrides = {}
        for kind, name in OVERRIDES.items():
            got = self.fetch(f"{phone.mac}-{name}.cfg")
            if got.ok:
                overrides[kind] = first_wins(self._parsed(f"{phone.mac}-{name}.cfg", got))
        return self.apply(first_wins(files), overrides)

    def _parsed(self, name: str, got: Download) -> list[dict[str, str]]:
        try:
            return [parse_parameters(got.body.decode("utf-8", "replace"))]
        except ValueError as error:
            self.errors.append(f"{name}: {error}")
            return []

    def apply(self, parameters: dict[str, str], overrides: dict[str, dict[str, str]]) -> Outcome:
        """Take what the files say."""
        phone = self.phone
        half = phone.faults.strikes("half-applied")
        if half is not None:
            parameters = dict(list(parameters.items())[: half.count])
        with phone.lock:
            before = phone.settings.values()
            changed = phone.settings.provision(parameters)
            for kind, kept in overrides.items():
                phone.settings.override(kind, kept)
            after = phone.settings.values()
            changed = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
        if phone.settings.reboots(changed):
            phone.reboot()
        return Outcome(tuple(self.files), True, "; ".join(self.errors), tuple(changed))


def base(phone: PolyPhone) -> str:
    """Where its files are."""
    scheme = SCHEMES[phone.settings.get("device.prov.serverType")]
    return f"{scheme}://{phone.settings.get('device.prov.serverName').rstrip('/')}"


def upload(phone: PolyPhone, kind: str) -> None:
    """Give the server a copy of a layer of changes; one that does not take it is no matter."""
    if phone.settings.on("prov.autoConfigUpload.enabled") and phone.settings.get("device.prov.serverName"):
        body = phone.settings.export(kind).encode()
        phone.client().fetch(f"{base(phone)}/{phone.mac}-{OVERRIDES[kind]}.cfg", "PUT", body)


def _failure(name: str, got: Download) -> str:
    return f"{name}: {got.error or f'status {got.status}'}"
