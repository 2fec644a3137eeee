"""One phone's files and the site's store of passwords, and runs of `phone_provisioning` that end anywhere."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.vault import VaultLib, VaultSecret

from ansible_collections.voip.hardening.plugins.action.phone_provisioning import ActionModule
from ansible_collections.voip.hardening.plugins.module_utils.phones import disk
from ansible_collections.voip.hardening.plugins.module_utils.phones.options import SPEC
from ansible_collections.voip.hardening.plugins.module_utils.phones.passwords import PasswordBook
from ansible_collections.voip.hardening.plugins.module_utils.phones.provisioning import execute, prepare
from ansible_collections.voip.hardening.plugins.plugin_utils import vault_file
from ansible_collections.voip.hardening.plugins.plugin_utils.vault_file import VaultFile
from tests.support.policies import provider
from tests.unit.phones.samples import FIRMWARE, MACS, MODELS, PASSWORDS, VLAN

VAULT = [("default", VaultSecret(b"correct horse"))]


def params(folder: Path, vendor: str = "yealink", **options: Any) -> dict[str, Any]:
    """Options of the module for a phone of the vendor, with their defaults."""
    given = {
        "provider": provider(),
        "policy": {"voice_vlan": VLAN},
        "platform": vendor,
        "mac": MACS[vendor],
        "model": MODELS[vendor],
        "firmware": FIRMWARE[vendor],
        "directory": str(folder),
        "passwords": {account: PASSWORDS[account] for account in PASSWORDS if vendor == "yealink" or account != "var"},
        **options,
    }
    checked = ArgumentSpecValidator(dict(SPEC)).validate({k: v for k, v in given.items() if v is not None})
    assert not checked.error_messages
    validated: dict[str, Any] = checked.validated_parameters
    return validated


class Cut(BaseException):
    """The run ends here, as if the machine had lost its power: nothing is tidied up."""


class Rig:
    """A site with one phone and its store; runs that can be cut before their n-th change of a disk."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.store = root / "phones", root / "passwords.yml"
        self.folder.mkdir()
        self._left: int | None = None
        for module in (disk, vault_file):
            for name in ("rename", "unlink"):
                monkeypatch.setattr(module.os, name, self._counted(getattr(os, name)))

    def _counted(self, function: Callable[..., None]) -> Callable[..., None]:
        def counted(*places: Any, **options: Any) -> None:
            exists = os.path.lexists(places[0])
            if self._left is not None and exists:
                if self._left == 0:
                    raise Cut
                self._left -= 1
            function(*places, **options)

        return counted

    def run(self, vendor: str, cut: int | None = None, check: bool = False, **options: Any) -> dict[str, Any]:
        given = params(self.folder, vendor, passwords=None, secrets_file=str(self.store), **options)
        action = ActionModule.__new__(ActionModule)
        action._loader = type("Loader", (), {"_vault": VaultLib(VAULT)})()
        self._left = cut
        try:
            job = prepare(given, check)
            passwords, told = action._passwords(job, given, False)
            result = execute(job, passwords)
            text = json.dumps([result, told])
            assert not [secret for secret in passwords.values() if secret.reveal() in text]
            return {**result, **told}
        finally:
            self._left = None

    def book(self) -> PasswordBook:
        return VaultFile(self.store, VaultLib(VAULT)).load()

    def on_disk(self, mac: str) -> str | None:
        """The administrator's password that the published file says."""
        for path in (self.folder / f"{mac}-hardening.cfg",):
            if path.exists():
                text = path.read_text()
                for before, after in (("user_password = admin:", "\n"), ('localAdminPassword="', '"')):
                    if before in text:
                        return text.partition(before)[2].partition(after)[0]
        return None
