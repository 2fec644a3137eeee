# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of the inventory that a site makes, as text. Pure.

    site-NAME.yml             the site's hosts, in the groups that playbooks ask for
    group_vars/NAME.yml       what the site wants
    host_vars/NAME-fw1.yml    what its firewall proves itself with, and its secrets, each encrypted by Ansible Vault
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..document.render import as_yaml
from ..secret import MASK
from .recognition import WAYS
from .site import FIREWALLS, GROUPS, PHONES, Site

OPEN, CLOSED = 0o640, 0o600
"""Modes of new files, the second of those with secrets, be they encrypted."""
_MARK = "# Written by onboard.yml, which changes it as long as nobody else does: "
_DIGITS = 32
_HEAD = re.compile(rf"---\n{re.escape(_MARK)}([0-9a-f]{{{_DIGITS}}})\n")
_CIPHERTEXT = re.compile(r"(!vault) \|[0-9+-]*\n((?:[ \t]+[^\n]*\n|[ \t]*\n)+)")
_WHOLE = "$ANSIBLE_VAULT;"
_TELLING = re.compile(
    r"(?i)^(\s*[\w.-]*(?:pass|secret|token|key|psk|community|credential)[\w.-]*\s*:)[ \t]*\S.*$", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class File:
    """One file: its path below the inventory's folder, its text, and the mode of a new one."""

    path: str
    text: str
    mode: int = OPEN


def site_path(name: str) -> str:
    return f"site-{name}.yml"


def secrets_path(site: Site) -> str:
    """Where the firewall's secrets are."""
    return f"host_vars/{site.firewall}.yml"


def files_of(site: Site, fingerprint: str, encrypted: Mapping[str, str]) -> list[File]:
    """All files of a recognised site, in an order in which it is complete only with the last one.

    `encrypted`: the site's secrets, each as Ansible Vault's text.
    """
    return [
        File(secrets_path(site), _marked(as_yaml(_proofs(site, fingerprint)) + _vaulted(encrypted)), CLOSED),
        File(f"group_vars/{site.name}.yml", _marked(as_yaml(_wanted(site)))),
        File(site_path(site.name), _marked(as_yaml(_hosts(site)))),
    ]


def hosts_of(site: Site, fingerprint: str) -> dict[str, dict[str, Any]]:
    """The variables of every host of the site, without the secrets; for a run that has not read the files."""
    hosts = _variables(site)
    hosts[site.firewall].update(_proofs(site, fingerprint))
    return {name: {**_wanted(site), **variables} for name, variables in hosts.items()}


def groups_of(site: Site) -> dict[str, list[str]]:
    """The groups of every host of the site."""
    phones = {phone.name: [PHONES, GROUPS[phone.vendor], site.name] for phone in site.phones}
    return {site.firewall: [FIREWALLS, GROUPS[site.platform], site.name], **phones}


def is_ours(text: str) -> bool:
    """Whether onboarding wrote this, and nobody changed it since."""
    head = _HEAD.match(text)
    return head is not None and head[1] == _digest(text[head.end() :])


def ciphertexts(text: str) -> dict[str, str]:
    """The secrets in a file of ours, each as Ansible Vault's text, by the name of its variable."""
    found = re.finditer(rf"^(\w+): {_CIPHERTEXT.pattern}", text, re.MULTILINE)
    return {match[1]: "".join(f"{line.strip()}\n" for line in match[3].splitlines()) for match in found}


def without_secrets(text: str, new: tuple[str, ...] = ()) -> str:
    """A file as it may be shown; `new`: the secrets in it that are others than before. Others' files are shown less of.

    The mark of a file of ours says nothing to anybody.
    """
    if text.startswith(_WHOLE):
        return f"{MASK} (encrypted)\n"
    text = _HEAD.sub("---\n", text)
    text = _CIPHERTEXT.sub(rf"\1 {MASK}\n", text)
    text = _TELLING.sub(lambda line: line[0] if line[0].endswith(MASK) else f"{line[1]} {MASK}", text)
    for name in new:
        text = text.replace(f"\n{name}: !vault {MASK}\n", f"\n{name}: !vault {MASK} (new)\n")
    return text


def _marked(body: str) -> str:
    return f"---\n{_MARK}{_digest(body)}\n{body}"


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:_DIGITS]


def _vaulted(encrypted: Mapping[str, str]) -> str:
    return "".join(
        f"{name}: !vault |\n" + "".join(f"  {line}\n" for line in text.splitlines()) for name, text in encrypted.items()
    )


def _proofs(site: Site, fingerprint: str) -> dict[str, Any]:
    return {"voip_fingerprint": fingerprint}


def _wanted(site: Site) -> dict[str, Any]:
    return {
        "voip_site": site.name,
        "voip_provider": site.provider,
        "voip_policy": dict(site.policy),
        **site.variables,
    }


def _variables(site: Site) -> dict[str, dict[str, Any]]:
    """What the inventory says of every host of the site."""
    firewall: dict[str, Any] = {"ansible_host": site.host, "ansible_network_os": site.platform}
    if site.port not in (None, WAYS[site.platform].port):
        firewall["ansible_port"] = site.port
    if site.username:
        firewall["ansible_user"] = site.username
    if site.private_key_file:
        firewall["ansible_ssh_private_key_file"] = site.private_key_file
    hosts = {site.firewall: firewall}
    for phone in site.phones:
        told = {
            "ansible_host": phone.address,
            "ansible_network_os": phone.vendor,
            "voip_phone_mac": phone.mac,
            "voip_phone_model": phone.model,
            "voip_phone_firmware": phone.firmware,
        }
        hosts[phone.name] = {name: value for name, value in told.items() if value}
    return hosts


def _hosts(site: Site) -> dict[str, Any]:
    kinds: dict[str, dict[str, Any]] = {}
    for host, (all_of_them, kind, _site) in groups_of(site).items():
        kinds.setdefault(all_of_them, {}).setdefault(kind, {})[host] = {}
    tree: dict[str, Any] = {
        group: {"children": {kind: {"hosts": hosts} for kind, hosts in children.items()}}
        for group, children in kinds.items()
    }
    tree[site.name] = {"hosts": _variables(site)}
    return tree
