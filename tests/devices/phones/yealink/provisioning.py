"""How a Yealink phone provisions (auto provisioning guide: boot file, MD5, MAC-local; FusionPBX and WAZO templates).

It asks for ``<mac>.boot``, else ``y000000000000.boot``, else the common file of its model and ``<mac>.cfg``; until v80
for the last two alone. Files that have not changed since the last time are not applied.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from tests.oracles.phones import parse_boot, parse_cfg

from ..downloads import Download
from ..phone import Outcome
from .factory import COMMON_FILES

if TYPE_CHECKING:
    from .phone import YealinkPhone

PASSED_OVER = (403, 404)
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\s*", re.DOTALL)


class Run:
    """One provisioning of a phone."""

    def __init__(self, phone: YealinkPhone) -> None:
        self.phone = phone
        # As it was before anything is applied: a new rule of trust does not hold for the authority's own file.
        self.client = phone.client()
        self.files: list[tuple[str, int]] = []

    def outcome(self, error: str = "") -> Outcome:
        """What came of it without anything applied."""
        return Outcome(tuple(self.files), error=error)

    def fetch(self, name: str) -> Download:
        """One file: an address of its own or a name beside the others."""
        base = self.phone.settings.get("auto_provision.server.url")
        url = name if "://" in name else f"{base.rstrip('/')}/{name}"
        got = self.client.fetch(url)
        self.files.append((name, got.status))
        return got

    def go(self) -> Outcome:
        """Fetch and apply."""
        phone = self.phone
        if not phone.settings.get("auto_provision.server.url"):
            return self.outcome("no provisioning server")
        names, overwrite = [f"y{COMMON_FILES[phone.model]:012d}.cfg", f"{phone.mac}.cfg"], False
        boots = () if phone.settings.line == "v80" else (f"{phone.mac}.boot", "y000000000000.boot")
        for name in boots:
            got = self.fetch(name)
            if got.ok:
                try:
                    boot = parse_boot(got.body.decode("utf-8", "replace"))
                except ValueError as error:
                    return self.outcome(f"{name}: {error}")
                names, overwrite = list(boot.includes), boot.overwrite
                break
            if got.status != 404:
                return self.outcome(_failure(name, got))
        texts = {}
        for name in names:
            got = self.fetch(name)
            if got.ok:
                texts[name] = got.body
            elif got.status not in PASSED_OVER:
                return self.outcome(_failure(name, got))
        if not texts:
            return self.outcome("no file to apply")
        return self.apply(texts, overwrite)

    def apply(self, texts: dict[str, bytes], overwrite: bool) -> Outcome:
        """Take the files that changed, or all of them if one did; see `YealinkPhone.md5_skip`."""
        phone = self.phone
        digests = {name: hashlib.md5(body, usedforsecurity=False).hexdigest() for name, body in texts.items()}
        if phone.md5_skip == "file":
            texts = {name: body for name, body in texts.items() if phone.digests.get(name) != digests[name]}
            unchanged = not texts
        else:
            unchanged = phone.md5_skip == "set" and digests == phone.digests
        if unchanged:
            return self.outcome()
        pairs: list[tuple[str, str]] = []
        errors = []
        for name, body in texts.items():
            try:
                pairs += parse_cfg(body.decode("utf-8", "replace"))
            except ValueError as error:
                errors.append(f"{name}: {error}")
        half = phone.faults.strikes("half-applied")
        if half is not None:
            pairs = pairs[: half.count]
        with phone.lock:
            phone.digests = {} if errors else digests
            changed = phone.settings.provision(pairs, overwrite=overwrite)
        self.authorities()
        if phone.settings.reboots(changed):
            phone.reboot()
        return Outcome(tuple(self.files), True, "; ".join(errors), tuple(changed))

    def authorities(self) -> None:
        """Fetch certificates of authorities that the configuration names, besides those it has: ten at most."""
        url = self.phone.settings.get("trusted_certificates.url")
        if url and url != self.phone.authorities_from:
            got = self.fetch(url)
            if got.ok:
                found = (*self.phone.authorities, *_CERTIFICATE.findall(got.body))
                self.phone.authorities = list(dict.fromkeys(found))[:10]
                self.phone.authorities_from = url


def _failure(name: str, got: Download) -> str:
    return f"{name}: {got.error or f'status {got.status}'}"
