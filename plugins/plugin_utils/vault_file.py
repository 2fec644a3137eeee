# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The passwords of a site's phones in one file, encrypted by Ansible Vault with the vault secrets of the play."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from ansible import constants
from ansible.errors import AnsibleError
from ansible.parsing.vault import VaultLib, match_encrypt_secret

from ansible_collections.voip.hardening.plugins.module_utils.phones.passwords import PasswordBook, Unreadable
from ansible_collections.voip.hardening.plugins.plugin_utils.replacing import replace_file

_HEAD = "# Passwords of phones. pending: published and not yet seen to work; current: in force before that.\n"


class StoreError(Exception):
    """The file cannot be used; the message says why and holds no secret."""


class VaultFile:
    """One file, changed as a whole and in one step. `vault` is the play's, with its secrets."""

    def __init__(self, path: Path, vault: VaultLib) -> None:
        self.path = path
        self._vault = vault
        self._identity: tuple[str, Any] | None = None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep the workers of other phones from changing the file between a `load` and a `save`."""
        lock = self.path.with_name(f".{self.path.name}.lock")
        try:
            handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(f"{self.path}: its folder cannot be written: {error.strerror}") from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def load(self) -> PasswordBook:
        """The book; an empty one where there is no file. Raises `StoreError`."""
        if not self._vault.secrets:
            raise StoreError(
                f"{self.path}: the passwords of phones are kept encrypted, and this run has no vault password: "
                "use --vault-password-file or --vault-id"
            )
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return PasswordBook()
        except OSError as error:
            raise StoreError(f"{self.path}: cannot be read: {error.strerror}") from None
        if not self._vault.is_encrypted(content):
            raise StoreError(f"{self.path}: it is not encrypted; use ansible-vault encrypt, or name another file")
        try:
            text, identity, secret = self._vault.decrypt_and_get_vault_id(content)
        except AnsibleError:
            raise StoreError(f"{self.path}: no vault password of this run opens it") from None
        self._identity = (identity, secret)
        try:
            return PasswordBook.of(yaml.safe_load(text))
        except (yaml.YAMLError, Unreadable) as error:
            reason = str(error) if isinstance(error, Unreadable) else "it is not YAML"
            raise StoreError(f"{self.path}: {reason}") from None

    def save(self, book: PasswordBook) -> None:
        """Put the book in the place of the one before, with the same vault secret; it is on disk when this returns."""
        if _is_lost_with_the_job(self.path):
            raise StoreError(
                f"{self.path}: it is inside the folder of an AWX job, which is gone when that ends, and the new "
                "passwords with it; name a path that AWX mounts into its jobs, or give voip_phone_passwords"
            )
        body = yaml.safe_dump(book.data, sort_keys=True, default_flow_style=False)
        identity, secret = self._identity or self._first_identity()
        self._replace(self._vault.encrypt(_HEAD + body, secret=secret, vault_id=identity))

    def _first_identity(self) -> tuple[str, Any]:
        try:
            return encrypting_secret(self._vault)
        except AnsibleError as error:
            raise StoreError(f"{self.path}: cannot be encrypted: {error}") from None

    def _replace(self, content: bytes) -> None:
        try:
            replace_file(self.path, content)
        except OSError as error:
            raise StoreError(f"{self.path}: cannot be written: {error.strerror}") from None


def _is_lost_with_the_job(path: Path) -> bool:
    """Whether AWX throws the file away: a job's container sees its folder as the one that holds what ansible-runner
    names in AWX_ISOLATED_DATA_DIR, `artifacts/<job id>`; AWX_PRIVATE_DATA_DIR is set by AWX alone
    (awx/main/tasks/jobs.py, ansible_runner/config/_base.py)."""
    artifacts = os.environ.get("AWX_ISOLATED_DATA_DIR")
    if not artifacts or "AWX_PRIVATE_DATA_DIR" not in os.environ:
        return False
    return path.resolve().is_relative_to(Path(artifacts).resolve().parent.parent)


def encrypting_secret(vault: VaultLib) -> tuple[str, Any]:
    """Vault id and secret with which this run encrypts what is new. Raises `AnsibleError` where there is none."""
    identity, secret = match_encrypt_secret(
        vault.secrets, encrypt_vault_id=constants.DEFAULT_VAULT_ENCRYPT_IDENTITY
    )
    return identity, secret
