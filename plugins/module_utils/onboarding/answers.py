# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading what was answered about a new site: every error is found before a device is contacted. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import PurePath
from typing import Any

from ..options import is_host
from ..platforms import PLATFORMS, platform_named
from ..policy.model import Note
from ..policy.reading import FieldError, Report, decimal, plain, shown
from ..policy.validation import PolicyError, validate
from ..secret import MASK, Secret
from . import existing, phone_list
from .existing import Existing
from .recognition import AUTO
from .site import FIREWALLS, GROUPS, PHONES, Site

PREFIX = "voip_onboard_"
ANSWERS = (
    "site address port platform user password access_token private_key_file provider transport vlan_id vlan_subnet "
    "management_networks provisioning_url phones policy variables"
).split()
"""What is asked about a site; a variable answers each, whose name begins with `PREFIX`."""
SECRETS = ("password", "access_token")

_SITE = re.compile(r"[a-z][a-z0-9_]{0,38}[a-z0-9]", re.ASCII)
_SITE_FORM = (
    "2 to 40 lower-case letters, digits and _, beginning with a letter; it becomes the name of a group of the inventory"
)
_RESERVED = ("all", "ungrouped", "localhost", FIREWALLS, PHONES, "provisioning_servers", *GROUPS.values())
_TEMPLATE = re.compile(r"\{[{%#]")
_VARIABLE = re.compile(r"(voip|ansible)_[a-z0-9_]{1,60}", re.ASCII)
_TOLD_BY_ANSWERS = ("voip_site", "voip_provider", "voip_policy", "voip_access_token", "ansible_password")

_POLICY: Mapping[str, tuple[str, ...]] = {
    "transport": ("transport",),
    "vlan_id": ("voice_vlan", "id"),
    "vlan_subnet": ("voice_vlan", "subnet"),
    "provisioning_url": ("voice_vlan", "provisioning_url"),
    "management_networks": ("management", "networks"),
}
"""The answers that are keys of the site policy, and where they stand in it."""
_OPTIONS: Mapping[str, str] = {"username": "user", "password": "password", "access_token": "access_token"}
"""Options of the modules, and the answers that they come from."""


def read(
    given: Mapping[str, Any],
    *,
    profile_named: Callable[[object], Mapping[str, Any]],
    csv_file: Callable[[PurePath], str],
    inventory: Existing,
    again: bool,
    today: date,
    report: Report,
) -> tuple[Site, tuple[Note, ...]]:
    """The site that was answered for, and what a reviewer should see about its policy.

    `profile_named`: the provider profile of a name, `csv_file`: the text of a file; both raise `ValueError`, saying
    why. `again`: this site was onboarded before. With errors in `report` the site is a stand-in.
    """
    for key in given:
        if key not in ANSWERS:
            report.unknown(f"{PREFIX}{key}", key, ANSWERS)
    name = _name(given, report)
    host, port = _address(given, report)
    site = Site(
        name=name,
        platform=_platform(given, report),
        host=host,
        port=port,
        username=_text(given, "user", report),
        password=Secret(_text(given, "password", report)),
        access_token=Secret(_text(given, "access_token", report)),
        private_key_file=_text(given, "private_key_file", report),
        provider=_text(given, "provider", report),
        policy=_policy(given, report),
        phones=phone_list.read_phones(_phone_rows(given, csv_file, report), name, report),
        variables=_variables(given, report),
    )
    _check_credentials(site, report)
    notes = _check_policy(site, profile_named, today, report)
    for key, value in given.items():
        _refuse_templates(f"{PREFIX}{key}", value, key in SECRETS, report)
    if not report.failed(f"{PREFIX}site"):
        existing.check(site, inventory, again, report)
    return site, notes


def _refuse_templates(field: str, value: Any, secret: bool, report: Report) -> None:
    """Whoever answers, at a terminal or in a survey, says what a site is. What the inventory holds is a template to
    Ansible, which runs what it says on the controller every night, with the secrets of all sites at hand."""
    if isinstance(value, str) and _TEMPLATE.search(value) and not report.failed(field):
        told = MASK if secret else shown(value)
        report.refuse(field, told, "text without {{, {% and {#, which Ansible would carry out")
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            _refuse_templates(f"{field}.{name}", inner, secret, report)
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            _refuse_templates(f"{field}[{index}]", inner, secret, report)


def _is_given(given: Mapping[str, Any], key: str) -> bool:
    """Whether there is an answer; an empty one is none, as surveys and people leave out what they do not know."""
    return given.get(key) is not None and given[key] not in ("", [], {})


def _text(given: Mapping[str, Any], key: str, report: Report) -> str:
    if not _is_given(given, key):
        return ""
    value = given[key]
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        report.refuse(f"{PREFIX}{key}", MASK if key in SECRETS else shown(value), "text")
        return ""
    return plain(value) if isinstance(value, str) else str(value)


def _name(given: Mapping[str, Any], report: Report) -> str:
    name = _text(given, "site", report).strip()
    if not name:
        report.missing(f"{PREFIX}site", f"a name for the site, {_SITE_FORM}")
    elif not _SITE.fullmatch(name):
        report.reject(f"{PREFIX}site", name, _SITE_FORM)
    elif name in _RESERVED:
        report.reject(f"{PREFIX}site", name, "a name that means nothing else in an inventory")
    return name


def _address(given: Mapping[str, Any], report: Report) -> tuple[str, int | None]:
    """Host and port; the port may stand behind a colon."""
    field = f"{PREFIX}address"
    host, port = _text(given, "address", report).strip(), given.get("port")
    if not host:
        report.missing(field, "the IP address or name of the firewall's management interface")
        return "", None
    if port in (None, "") and host.count(":") == 1:
        host, _colon, port = host.partition(":")
        field = f"{PREFIX}address"
    else:
        field = f"{PREFIX}port"
    if not is_host(host):
        report.reject(f"{PREFIX}address", host, "an IP address or a name, without scheme")
    if port in (None, ""):
        return host, None
    number = decimal(port)
    if number is None or not 1 <= number <= 65535:
        report.reject(field, port, "a port from 1 to 65535")
    return host, number


def _platform(given: Mapping[str, Any], report: Report) -> str:
    platform = _text(given, "platform", report).strip().lower() or AUTO
    if platform not in (AUTO, *PLATFORMS):
        report.reject(f"{PREFIX}platform", platform, f"{AUTO}, or one of {', '.join(sorted(PLATFORMS))}")
        return AUTO
    return platform


def _check_credentials(site: Site, report: Report) -> None:
    found = Report()
    params = {
        "username": site.username,
        "password": site.password.reveal(),
        "access_token": site.access_token.reveal(),
        "private_key_file": site.private_key_file,
    }
    if site.platform != AUTO:
        platform_named(site.platform).check_credentials({**params, "transport": "ssh"}, found)
    elif not (site.access_token or (site.username and (site.password or site.private_key_file))):
        found.missing("username", "an account with its password, or else an access_token (a FortiGate's API token)")
    for error in found.errors:
        field = f"{PREFIX}{_OPTIONS.get(error.field, error.field)}"
        if report.failed(field):
            continue  # it was given, and is no text
        allowed = error.allowed.partition(" (voip_")[0].partition(" (ansible_")[0]
        report.refuse(field, error.value, allowed)


def _policy(given: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """The site policy that the answers make, over what was given of it as a whole."""
    further = given.get("policy") or {}
    if not isinstance(further, Mapping):
        report.reject(f"{PREFIX}policy", further, "a mapping of further keys of voip_policy")
        further = {}
    policy: dict[str, Any] = {"transport": "tls", "voice_vlan": {}, "management": {}}
    _merge(policy, further)
    for answer, place in _POLICY.items():
        if _is_given(given, answer):
            value = _networks(given[answer]) if answer == "management_networks" else _number(given[answer])
            inner: Any = policy
            for key in place[:-1]:
                inner = inner[key] if isinstance(inner[key], dict) else inner.setdefault(key, {})
            inner[place[-1]] = value
    return policy


def _merge(into: dict[str, Any], further: Mapping[str, Any]) -> None:
    for key, value in further.items():
        if isinstance(value, Mapping) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value


def _networks(value: Any) -> Any:
    """Networks, which may be answered on one line."""
    return re.split(r"[\s,]+", plain(value).strip(" ,")) if isinstance(value, str) else value


def _number(value: Any) -> Any:
    number = decimal(value)
    return value if number is None else number


def _check_policy(
    site: Site, profile_named: Callable[[object], Mapping[str, Any]], today: date, report: Report
) -> tuple[Note, ...]:
    if not site.provider:
        report.missing(f"{PREFIX}provider", "the name of a provider profile")
        return ()
    try:
        profile = profile_named(site.provider)
    except ValueError as error:
        report.refuse(f"{PREFIX}provider", shown(site.provider), str(error))
        return ()
    try:
        return validate(profile, site.policy, concerns=None, today=today).notes
    except PolicyError as error:
        report.errors += [_answered(one) for one in error.errors]
        return ()


def _answered(error: FieldError) -> FieldError:
    """An error of the policy, named by the answer that it comes from."""
    for answer, place in _POLICY.items():
        path = ".".join(("voip_policy", *place))
        if error.field == path or error.field.startswith(f"{path}["):
            return FieldError(f"{PREFIX}{answer}{error.field.removeprefix(path)}", error.value, error.allowed)
    if error.field.startswith("voip_policy"):
        return FieldError(f"{PREFIX}{error.field.removeprefix('voip_')}", error.value, error.allowed)
    return error


def _variables(given: Mapping[str, Any], report: Report) -> dict[str, Any]:
    field, variables = f"{PREFIX}variables", given.get("variables") or {}
    if not isinstance(variables, Mapping):
        report.reject(field, variables, "a mapping of variables for the site")
        return {}
    for name in variables:
        if not isinstance(name, str) or not _VARIABLE.fullmatch(plain(name)):
            report.reject(field, name, "names that begin with voip_ or ansible_")
        elif name in _TOLD_BY_ANSWERS:
            report.reject(field, name, "other variables than those that the answers make")
    return dict(variables)


def _phone_rows(
    given: Mapping[str, Any], csv_file: Callable[[PurePath], str], report: Report
) -> Sequence[phone_list.Row]:
    if not _is_given(given, "phones"):
        return []
    phones = given["phones"]
    if isinstance(phones, (list, tuple)):
        return phone_list.rows_of_list(phones)
    if not isinstance(phones, str):
        report.reject(phone_list.FIELD, phones, "a list of phones, or the path of a CSV file")
        return []
    try:
        text = csv_file(PurePath(plain(phones)))
    except ValueError as error:
        report.refuse(phone_list.FIELD, shown(phones), f"a list of phones, or the path of a CSV file ({error})")
        return []
    return phone_list.rows_of_csv(text, report)
