# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Poly's REST interface: what is asked and set in which request, and what the answers mean. Pure.

Sources: rdbahm/Posh-UCS (envelope, statuses, `config/get` with value and source, `InvalidParams`); eupubs/vvxme
(`device.set` and `.set` beside what is in flash, as in files).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..errors import DeviceError, LoginRefused, Misunderstood, Refused, Unavailable
from ..secret import CUT
from .identity import Identity, plain_mac
from .live import Reading
from .table import Setting

OK, BUSY, TOO_LARGE, FACTORY_PASSWORD = "2000", "4001", "4009", "4010"
STATUSES: Mapping[str, str] = {
    "4000": "it does not take these parameters",
    BUSY: "the phone is busy, or somebody talks on it; it was not asked again",
    "4003": "it is not allowed",
    "4004": "the phone does not support it",
    TOO_LARGE: "too much at once",
    FACTORY_PASSWORD: "the password that it came with is still set, and with that the phone takes nothing",
    "5000": "it failed",
}
MOST = 20
"""Parameters in one request to begin with; the phone says when that is too much."""
ADMIN_PASSWORD = "device.auth.localAdminPassword"
OVERRIDES: frozenset[str] = frozenset({"web", "local"})
"""Layers that outrank what a provisioning server says (Polycom CX5100 guide, p. 16)."""
_SECTIONS: Mapping[str, str] = {
    "call_server": "sip",
    "config_files": "config",
    "device_settings": "device",
    "phone_local": "local",
    "phone": "local",
}
"""How the web interface calls layers in its export, by what REST calls them; how REST spells those is not sure."""
_SHOWN = 60


def data_of(request: str, text: str) -> Any:
    """The data of an answer, None where it has none.

    Raises `Unavailable` where the phone is busy, `LoginRefused` for the factory's password, `TooLarge`, `Refused` for
    other statuses, and `Misunderstood` for what is no answer.
    """
    return _envelope(request, text).get("data")


def _envelope(request: str, text: str) -> dict[str, Any]:
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        answer = None
    status = str(answer.get("Status", answer.get("status", ""))) if isinstance(answer, dict) else ""
    if not status:
        raise Misunderstood(f"{request}: {_shape(text)} instead of an answer")
    if status != OK:
        kinds: Mapping[str, type[DeviceError]] = {
            BUSY: Unavailable,
            TOO_LARGE: TooLarge,
            FACTORY_PASSWORD: FactoryPassword,
        }
        raise kinds.get(status, Refused)(f"{request}: status {status}: {STATUSES.get(status, 'unknown')}")
    return dict(answer)


def _shape(text: str) -> str:
    start = " ".join(text.split())
    if start[:1] in ("{", "["):
        return "other JSON"  # it may hold anything of the configuration
    return repr(start if len(start) <= _SHOWN else start[:_SHOWN] + CUT)


class TooLarge(Refused):
    """One request asks for, or sets, more than the phone takes."""


class FactoryPassword(LoginRefused):
    """The password was right, and is the one that the phone came with: it refuses to work with it."""

    final = True


def reading_of(request: str, names: Sequence[str], text: str) -> Reading:
    """What an answer to `config/get` shows of the names that were asked for. Raises what `data_of` does."""
    envelope = _envelope(request, text)
    data = envelope.get("data") or {}
    if not isinstance(data, dict):
        raise Misunderstood(f"{request}: its data are no object")
    values, sources = {}, {}
    for name, entry in data.items():
        if not isinstance(entry, dict) or not isinstance(entry.get("Value"), (str, int)):
            raise Misunderstood(f"{request}: {name} has no value")
        values[name] = str(entry["Value"])
        sources[name] = layer_of(str(entry.get("Source", "")))
    return Reading(values=values, sources=sources, unknown=frozenset(names) - values.keys())


def layer_of(source: str) -> str:
    """A layer by one name, however it was spelled."""
    name = source.strip().lower()
    return _SECTIONS.get(name, name)


def identity_of(request: str, text: str) -> Identity:
    """Who a phone says it is, of an answer to `device/info`."""
    data = data_of(request, text)
    if not isinstance(data, dict):
        raise Misunderstood(f"{request}: its data are no object")
    firmware = data.get("FirmwareRelease")
    release = firmware.split(" ")[:1] if isinstance(firmware, str) else []
    mac = data.get("MACAddress")
    return Identity("poly", str(data.get("ModelNumber", "")), "".join(release), plain_mac(str(mac or "")))


def together(readings: Sequence[Reading]) -> Reading:
    """Several readings as one."""
    values: dict[str, str] = {}
    sources: dict[str, str] = {}
    unknown: frozenset[str] = frozenset()
    for reading in readings:
        values.update(reading.values)
        sources.update(reading.sources)
        unknown |= reading.unknown
    return Reading(values=values, sources=sources, unknown=unknown)


def requests_of(settings: Sequence[Setting], most: int = MOST) -> Iterator[dict[str, str]]:
    """The bodies of `config/set` by which settings are sent, the administrator's password in the last one.

    `most`: entries in one request; a setting in flash is never parted from its companions.
    """
    body: dict[str, str] = {}
    for setting in sorted(settings, key=lambda setting: setting.name == ADMIN_PASSWORD):
        entry = {setting.name: setting.text}
        if setting.name.startswith("device."):
            entry = {"device.set": "1", f"{setting.name}.set": "1", **entry}
        if body and len(body.keys() | entry.keys()) > most:
            yield body
            body = {}
        body |= entry
    if body:
        yield body
