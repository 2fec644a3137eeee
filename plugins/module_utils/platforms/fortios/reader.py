# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""FortiOS answers to a `Document`. What is missing or strange in an answer is an error, never a guess.

A token with too small an access profile gets rows without the fields that it may not see, with HTTP 200 (recorded
answers of prometheus-community/fortigate_exporter): so a field that is not there is never taken for its default.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...document.model import SINGLETON, Row, TableSpec
from ...errors import Misunderstood, Unsupported
from .tables import Version, wire_names

SUPPORTED_TRAINS = ((7, 0), (7, 2), (7, 4), (7, 6))
_VERSION = re.compile(r"v(\d+)\.(\d+)\.(\d+)\Z")
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Identity:
    """What a unit says of itself in `monitor/system/status`."""

    version: Version
    build: int
    serial: str
    model: str
    hostname: str

    @property
    def release(self) -> str:
        return ".".join(str(part) for part in self.version)


def identity(envelope: Mapping[str, Any], request: str) -> Identity:
    """The unit's identity. Raises `Unsupported` for a release that is not known to us."""
    text = envelope.get("version")
    match = _VERSION.match(text) if isinstance(text, str) else None
    if match is None or not isinstance(text, str):
        raise Misunderstood(f"{request}: version is {text!r}, not like v7.4.4")
    version: Version = (int(match[1]), int(match[2]), int(match[3]))
    if version[:2] not in SUPPORTED_TRAINS:
        known = ", ".join(f"{major}.{minor}" for major, minor in SUPPORTED_TRAINS)
        raise Unsupported(f"FortiOS {text[1:]} is not supported: {known} are")
    results = envelope.get("results")
    results = results if isinstance(results, dict) else {}
    build, serial = envelope.get("build"), envelope.get("serial")
    if not isinstance(build, int) or not isinstance(serial, str) or not serial:
        raise Misunderstood(f"{request}: build {build!r} and serial {serial!r} instead of a number and a text")
    model = " ".join(str(results[name]) for name in ("model_name", "model_number") if results.get(name))
    return Identity(
        version, build, serial, model or str(results.get("model", "FortiGate")), str(results.get("hostname", ""))
    )


def read_params(spec: TableSpec, vdom: str) -> dict[str, str]:
    """Query parameters of a read: the VDOM, and for tables the fields that we know, so that answers stay small."""
    params = {"vdom": vdom}
    if spec.shape != SINGLETON:
        params["format"] = "|".join(wire_names(spec))
    return params


def rows(spec: TableSpec, envelope: Mapping[str, Any], request: str) -> list[Row]:
    """The rows of one answer, normalised, in the device's order.

    Raises `Misunderstood` naming the request, the row and the field.
    """
    if "results" not in envelope:
        raise Misunderstood(f"{request}: no results in the answer")
    results = envelope["results"]
    if spec.shape == SINGLETON:
        if isinstance(results, list) and len(results) == 1:
            results = results[0]
        if not isinstance(results, dict):
            raise Misunderstood(f"{request}: results hold {_shown(results)} instead of one object")
        return [_row(spec, results, request)]
    if not isinstance(results, list) or not all(isinstance(item, dict) for item in results):
        raise Misunderstood(f"{request}: results hold {_shown(results)} instead of a list of rows")
    found = [_row(spec, item, request) for item in results]
    keys = [spec.key_of(row) for row in found]
    if len(set(keys)) != len(keys):
        raise Misunderstood(f"{request}: the same {spec.key} occurs more than once")
    if isinstance(envelope.get("matched_count"), int) and envelope["matched_count"] != len(found):
        raise Misunderstood(f"{request}: {len(found)} rows came of {envelope['matched_count']}")
    return found


def _row(spec: TableSpec, wire: Mapping[str, Any], request: str) -> Row:
    row: Row = {}
    for name, field in spec.fields.items():
        try:
            row[name] = field.codec.read(wire, name)
        except KeyError as error:
            raise Misunderstood(
                f"{request}: {_label(spec, wire)} lacks the field {error.args[0]!r}: the access profile of the login "
                "may not show it, or this release does not have it; nothing is concluded"
            ) from None
        except (ValueError, TypeError, AttributeError) as error:
            raise Misunderstood(
                f"{request}: {_label(spec, wire)} has {name} = {_shown(wire.get(name))}, which is not understood "
                f"({error})"
            ) from None
    return row


def _label(spec: TableSpec, wire: Mapping[str, Any]) -> str:
    return f"row {_shown(wire.get(spec.key))}" if spec.key else "the answer"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
