# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of an inventory in which sites are onboarded: what is there, and how it is changed."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.parsing.vault import VaultLib

from ansible_collections.voip.hardening.plugins.module_utils.onboarding import files
from ansible_collections.voip.hardening.plugins.module_utils.onboarding.files import File
from ansible_collections.voip.hardening.plugins.module_utils.onboarding.site import Site
from ansible_collections.voip.hardening.plugins.module_utils.secret import Secret, redact
from ansible_collections.voip.hardening.plugins.plugin_utils.replacing import replace_file
from ansible_collections.voip.hardening.plugins.plugin_utils.vault_file import encrypting_secret

_ENCODING = "utf-8"


class FolderError(Exception):
    """The site cannot be written; the message says why and holds no secret."""


@dataclass(frozen=True, slots=True)
class Step:
    """One file that is not as it should be. `before`: None for a new one. `new`: secrets that it has not yet."""

    file: File
    before: str | None
    new: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """What is done, for people."""
        done = "create" if self.before is None else "update"
        secrets = f", with a new {' and '.join(self.new)}" if self.new and self.before is not None else ""
        return f"{done} {self.file.path}{secrets}"

    def diff(self) -> dict[str, str]:
        """What Ansible shows with --diff; no secrets."""
        before, after = files.without_secrets(self.before or ""), files.without_secrets(self.file.text, self.new)
        return {"before_header": self.file.path, "after_header": self.file.path, "before": before, "after": after}


class SiteFolder:
    """The folder with the vault of the play, which encrypts what is secret."""

    def __init__(self, path: Path, vault: VaultLib) -> None:
        self.path = path
        self._vault = vault

    def check(self) -> None:
        """Raise `FolderError` unless sites can be written here."""
        if self.path.exists() and not self.path.is_dir():
            raise FolderError(f"{self.path}: it is a file; sites are written into a folder, each into files of its own")
        try:
            if not self._vault.secrets:
                raise AnsibleError("none was given")
            encrypting_secret(self._vault)
        except AnsibleError as error:
            raise FolderError(
                "passwords and tokens are written encrypted by Ansible Vault, and this run has no vault password to do "
                f"that with ({error}): use --vault-id NAME@FILE, --vault-password-file FILE or --ask-vault-pass"
            ) from None

    def has(self, site: str) -> bool:
        """Whether a site of this name was onboarded before."""
        return (self.path / files.site_path(site)).exists()

    def fingerprint(self, site: Site) -> str:
        """What the site's firewall was pinned to when it was onboarded; "" where it was not."""
        prefix = "voip_fingerprint:"
        lines = (self._text(files.secrets_path(site)) or "").splitlines()
        return next((line.removeprefix(prefix).strip(" '\"") for line in lines if line.startswith(prefix)), "")

    def plan(self, site: Site, fingerprint: str) -> list[Step]:
        """What is to be written. Raises `FolderError` for files that are not ours to change."""
        encrypted, new = self._encrypted(site)
        steps = []
        for file in files.files_of(site, fingerprint, encrypted):
            before = self._text(file.path)
            if before == file.text:
                continue
            if before is not None and not files.is_ours(before):
                raise FolderError(self._not_ours(file, before, tuple(site.secrets.values())))
            steps.append(Step(file, before, new if file.path == files.secrets_path(site) else ()))
        return steps

    def write(self, steps: Sequence[Step]) -> None:
        """Carry the steps out, each file in one go."""
        for step in steps:
            path = self.path / step.file.path
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                replace_file(path, step.file.text.encode(_ENCODING), step.file.mode)
            except OSError as error:
                raise FolderError(f"{path}: cannot be written: {error.strerror}") from None

    def _text(self, path: str) -> str | None:
        where = self.path / path
        try:
            return where.read_text(encoding=_ENCODING)
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise FolderError(f"{where}: cannot be read: {getattr(error, 'strerror', None) or error}") from None

    def _encrypted(self, site: Site) -> tuple[dict[str, str], tuple[str, ...]]:
        """The secrets as Ansible Vault's text; one that is stored already as it is. And the names of the others."""
        stored = files.ciphertexts(self._text(files.secrets_path(site)) or "")
        texts, new = {}, []
        for name, secret in site.secrets.items():
            if name in stored and self._opened(stored[name], site) == secret.reveal():
                texts[name] = stored[name]
                continue
            identity, key = encrypting_secret(self._vault)
            # The id stands in the text where it says something: "default" is what everybody has.
            label = identity if identity != "default" else None
            texts[name] = self._vault.encrypt(secret.reveal(), secret=key, vault_id=label).decode()
            new.append(name)
        return texts, tuple(new)

    def _opened(self, text: str, site: Site) -> str:
        try:
            return str(self._vault.decrypt(text).decode())
        except AnsibleError:
            where = self.path / files.secrets_path(site)
            raise FolderError(
                f"{where}: no vault password of this run opens what is stored there; give the one that it was written "
                "with"
            ) from None

    def _not_ours(self, file: File, before: str, secrets: tuple[Secret, ...]) -> str:
        theirs, ours = (files.without_secrets(text).splitlines() for text in (before, file.text))
        lines = redact(list(difflib.unified_diff(theirs, ours, "as it is", "as it would be", lineterm="")), secrets)
        return "\n".join(
            [f"{self.path / file.path}: somebody else wrote or changed this file, and it is not overwritten:", *lines]
        )


def read_csv(path: Path) -> str:
    """The text of a file. Raises `ValueError`, saying why it cannot be had."""
    try:
        return path.read_text(encoding=_ENCODING)
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: {getattr(error, 'strerror', None) or 'it is not UTF-8'}") from None


def inventory_folder(given: str, sources: Sequence[Any]) -> Path:
    """The folder that was named, or else the first inventory source of the run that can be one.

    Raises `FolderError`.
    """
    if given:
        return Path(given).expanduser().absolute()
    for source in sources:
        path = Path(str(source))
        if path.is_absolute() and (path.is_dir() or not (path.exists() or path.suffix)) and str(path) != "/etc/ansible":
            return path
    raise FolderError(
        "voip_onboard_inventory: missing; it needs the folder of the inventory that the site joins (or name it by -i: "
        "-i inventories/production)"
    )


def existing_devices(hostvars: Mapping[str, Any], names: Sequence[str]) -> dict[str, dict[str, str]]:
    """Of every host what no two devices share, as far as it stands in its variables in so many words."""
    wanted = {
        "address": "ansible_host",
        "port": "ansible_port",
        "platform": "ansible_network_os",
        "mac": "voip_phone_mac",
    }
    found = {}
    for name in names:
        raw = hostvars.raw_get(name)  # type: ignore[attr-defined]
        found[name] = {field: str(raw[variable]) for field, variable in wanted.items() if raw.get(variable) is not None}
        found[name].setdefault("address", name)
    return found
