# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look-up of provider profiles: next to the inventory, next to the playbook, then in the collection."""

from __future__ import annotations

DOCUMENTATION = r"""
name: provider_profile
author:
  - the voip.hardening authors (@voip-hardening)
version_added: 0.1.0
short_description: Read a provider profile by its name
description:
  - A provider profile says from which networks, on which ports and over which transports a hosted-voice provider serves
    its customers, and when that was last reviewed.
  - The first file C(providers/NAME.yml) that exists is read, in the directory of the host's inventory, of every other
    inventory source, of the playbook, and at last among the profiles of this collection. A profile of your own replaces
    the shipped one of the same name as a whole.
  - Dates are returned as text such as V(2026-05-31).
  - The profile is not validated here; the modules of this collection do that, before they contact a device.
options:
  _terms:
    description:
      - Names of profiles, of up to 40 lower-case letters, digits, C(-) and C(_), which begin with a letter or digit.
      - A mapping is taken to be a profile and returned as it is.
    type: list
    elements: raw
    required: true
notes:
  - A key that is repeated in a profile is an error, because the networks under its first occurrence would be lost.
"""

EXAMPLES = r"""
- name: Show from where the provider of this site signals
  ansible.builtin.debug:
    msg: "{{ lookup('voip.hardening.provider_profile', voip_provider).signalling }}"

- name: Take the shipped profile and trim its signalling networks
  ansible.builtin.set_fact:
    voip_provider: "{{ telnyx | combine({'signalling': ['185.246.41.140', '185.246.41.141']}) }}"
  vars:
    telnyx: "{{ lookup('voip.hardening.provider_profile', 'telnyx') }}"
"""

RETURN = r"""
_raw:
  description: The profiles, one for each term.
  type: list
  elements: dict
  sample:
    - name: example-voice
      title: Example Voice
      signalling: [198.51.100.0/26]
      media: [203.0.113.0/25]
      sip_ports: {tls: [5061]}
      rtp_ports: [10000-20000]
      srtp: required
      reviewed_on: "2026-11-01"
      valid_until: "2027-04-30"
      source: https://voice.example.com/addresses
"""

import datetime
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ansible_collections.voip.hardening.plugins.module_utils.policy.profile import NAME, NAME_FORM

SHIPPED = Path(__file__).resolve().parent.parent.parent / "data" / "providers"


class LookupModule(LookupBase):
    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        directories = search_path(variables or {})
        return [term if isinstance(term, Mapping) else find_profile(term, directories) for term in terms]


def search_path(variables: Mapping[str, Any]) -> list[Path]:
    """Directories that may hold profiles, in the order in which they are searched."""
    bases: list[Path] = []
    for inventory in (variables.get("inventory_dir"), *(variables.get("ansible_inventory_sources") or ())):
        if inventory:
            path = Path(str(inventory))
            bases.append(path if path.is_dir() else path.parent)
    if variables.get("playbook_dir"):
        bases.append(Path(str(variables["playbook_dir"])))
    # An inventory source may be a list of hosts such as "site1," rather than a path; its "parent" is no directory
    # that anybody chose.
    chosen = [base.resolve() / "providers" for base in bases if base.is_absolute()]
    return list(dict.fromkeys([*chosen, SHIPPED]))


def find_profile(name: object, directories: Iterable[Path]) -> dict[str, Any]:
    """The profile of that name in the first directory that has it.

    :raises AnsibleLookupError: for a malformed or unknown name and for a file that is no such profile.
    """
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise AnsibleLookupError(f"provider profile {name!r}: not a name; a name has {NAME_FORM}")
    directories = list(directories)
    for directory in directories:
        path = directory / f"{name}.yml"
        if path.is_file():
            return read_profile(path, name)
    raise AnsibleLookupError(
        f"provider profile {name!r}: no {name}.yml in {', '.join(str(directory) for directory in directories)};"
        f" there are: {', '.join(profile_names(directories))}"
    )


def profile_names(directories: Iterable[Path]) -> list[str]:
    """The names of all profiles in these directories, sorted."""
    return sorted({path.stem for directory in directories for path in directory.glob("*.yml") if _is_name(path.stem)})


def read_profile(path: Path, name: str) -> dict[str, Any]:
    """The mapping that a profile file holds.

    :raises AnsibleLookupError: naming the file, and the line where YAML is at fault.
    """
    try:
        state = path.stat()
        profile = _parsed(path, state.st_mtime_ns, state.st_size)
    except (OSError, UnicodeDecodeError) as error:
        raise AnsibleLookupError(f"{path}: cannot be read: {error}") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{path}, line {mark.line + 1}" if mark else str(path)
        raise AnsibleLookupError(f"{where}: not valid YAML: {error.problem}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise AnsibleLookupError(f"{path}: not valid YAML: {error}") from None
    if not isinstance(profile, dict):
        raise AnsibleLookupError(f"{path}: not a provider profile, which is a mapping")
    if profile.get("name") != name:
        raise AnsibleLookupError(f"{path}: name is {profile.get('name')!r}; in this file it must be {name!r}")
    return _plain(profile)


@lru_cache(maxsize=64)
def _parsed(path: Path, written: int, size: int) -> Any:
    """What a file holds, read once for each state of it: forked workers inherit what was read before them."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=ProfileLoader)


class ProfileLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe YAML that refuses repeated keys; by libyaml where there is one, which is ten times as fast."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _value in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            if key is not None and key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"repeated key {key!r}", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def _is_name(text: str) -> bool:
    return NAME.fullmatch(text) is not None


def _plain(value: Any) -> Any:
    """Dates as text: ansible-core before 2.19 renders results as text, where a date object would spoil the whole."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value
