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
from ...posture.record import ChangedBy, at
from ...secret import CUT
from .codecs import Text
from .tables import Version, wire_names

SUPPORTED_TRAINS = ((7, 0), (7, 2), (7, 4), (7, 6))
_VERSION = re.compile(r"v(\d{1,2})\.(\d{1,2})\.(\d{1,3})\Z", re.ASCII)
_SERIAL = re.compile(r"[A-Za-z0-9_-]{1,32}\Z")
_DEFAULT_PASSWORD = "admin_using_default_password"
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
    """The unit's identity. Raises `Unsupported` for a release that is not known to us, `Misunderstood` for what cannot
    be one."""
    text = envelope.get("version")
    match = _VERSION.match(text) if isinstance(text, str) else None
    if match is None or not isinstance(text, str):
        raise Misunderstood(f"{request}: version is {_shown(text)}, not like v7.4.4")
    version: Version = (int(match[1]), int(match[2]), int(match[3]))
    if version[:2] not in SUPPORTED_TRAINS:
        known = ", ".join(f"{major}.{minor}" for major, minor in SUPPORTED_TRAINS)
        raise Unsupported(f"{request}: FortiOS {text[1:]} is not supported: {known} are")
    build, serial = envelope.get("build"), envelope.get("serial")
    named = isinstance(serial, str) and _SERIAL.match(serial)
    if not isinstance(build, int) or isinstance(build, bool) or not isinstance(serial, str) or not named:
        raise Misunderstood(
            f"{request}: build {_shown(build)} and serial {_shown(serial)} instead of a number and a text"
        )
    results = envelope.get("results")
    if not isinstance(results, dict):
        raise Misunderstood(f"{request}: results hold {_kind(results)} instead of one object")
    # Only shown, and not there on every release.
    said = {name: _said(results, name, request) for name in ("model_name", "model_number", "model", "hostname")}
    model = f"{said['model_name']} {said['model_number']}".strip() or said["model"]
    return Identity(version, build, serial, model, said["hostname"])


def _said(results: Mapping[str, Any], name: str, request: str) -> str:
    try:
        return Text().read(results, name) if name in results else ""
    except ValueError as error:
        raise Misunderstood(f"{request}: {name} is {_shown(results[name])} ({error})") from None


def check_answer(envelope: Mapping[str, Any], request: str, unit: Identity, vdom: str = "") -> None:
    """Raise `Misunderstood` unless an answer is this unit's, whole and, where a VDOM is named, of this one.

    Whoever answers in between (a load balancer, the other member of a cluster) speaks of another configuration.
    """
    expected = {"serial": unit.serial, "version": f"v{unit.release}", "build": unit.build}
    if vdom or not isinstance(envelope.get("vdom"), str):
        expected["vdom"] = vdom or "the name of one"
    for field, value in expected.items():
        said = envelope.get(field)
        if said != value or isinstance(said, bool):
            raise Misunderstood(f"{request}: the answer's {field} is {_shown(said)}, not {value!r}")
    if envelope.get("limit_reached", False) is not False:
        raise Misunderstood(f"{request}: limit_reached is {_shown(envelope['limit_reached'])}: not everything came")


def cluster_role(envelope: Mapping[str, Any], request: str, serial: str) -> bool | None:
    """Whether this member of a cluster is the primary, by `monitor/system/ha-checksums`; None where it does not say."""
    members = envelope.get("results")
    if not isinstance(members, list) or not all(isinstance(member, dict) for member in members):
        raise Misunderstood(f"{request}: results hold {_kind(members)} instead of a list of members")
    mine = [member for member in members if member.get("serial_no") == serial]
    said = [member[name] for member in mine for name in ("is_root_primary", "is_root_master") if name in member]
    if len(mine) > 1 or any(value not in (0, 1) for value in said) or len(set(said)) > 1:
        raise Misunderstood(f"{request}: {serial} says of itself that it is the primary: {_shown(said)}")
    return bool(said[0]) if said else None


def last_change(envelope: Mapping[str, Any], request: str, account: str) -> ChangedBy | None:
    """The newest revision of a unit's configuration, by `monitor/system/config-revision`; None where it keeps none.

    A revision is what somebody chose to keep: later changes show in none. `account`: by which we log in, empty where
    that is not known.
    """
    results = envelope.get("results")
    if not isinstance(results, dict) or not isinstance(revisions := results.get("revisions"), list):
        raise Misunderstood(f"{request}: results hold no list of revisions")
    if not revisions:
        return None
    for one in revisions:
        if not isinstance(one, dict) or not isinstance(one.get("id"), int) or not isinstance(one.get("time"), int):
            raise Misunderstood(f"{request}: a revision has no number or no time")
    newest = max(revisions, key=lambda one: (one["time"], one["id"]))
    try:
        who, comment, when = Text().read(newest, "admin"), Text().read(newest, "comment"), at(newest["time"])
    except (KeyError, ValueError) as error:
        raise Misunderstood(f"{request}: revision {newest['id']}: {error}") from None
    what = f"revision {newest['id']}" + (f": {comment}" if comment else "")
    if who and who == account:
        what += "; this is the account by which this collection logs in"
    if results.get("current_config_unsaved") is not False:
        what += "; there are changes that were not saved since, and nothing says by whom"
    return ChangedBy(who, when, what, "list of configuration revisions")


def default_password(envelope: Mapping[str, Any], request: str) -> bool | None:
    """Whether an account has the factory password, by `monitor/web-ui/state`; None where the unit does not say."""
    results = envelope.get("results")
    if not isinstance(results, dict):
        raise Misunderstood(f"{request}: results hold {_kind(results)} instead of one object")
    value = results.get(_DEFAULT_PASSWORD)
    if _DEFAULT_PASSWORD in results and not isinstance(value, bool):
        raise Misunderstood(f"{request}: {_DEFAULT_PASSWORD} is {_kind(value)} instead of true or false")
    return value


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
            raise Misunderstood(f"{request}: results hold {_kind(results)} instead of one object")
        return [_row(spec, results, request)]
    if not isinstance(results, list) or not all(isinstance(item, dict) for item in results):
        raise Misunderstood(f"{request}: results hold {_kind(results)} instead of a list of rows")
    found = [_row(spec, item, request) for item in results]
    keys = [spec.key_of(row) for row in found]
    if len(set(keys)) != len(keys):
        raise Misunderstood(f"{request}: the same {spec.key} occurs more than once")
    _check_complete(spec, envelope, request, len(found))
    return found


def _check_complete(spec: TableSpec, envelope: Mapping[str, Any], request: str, count: int) -> None:
    """Newer releases count (recorded: 7.2 and later); whatever is counted must be what came."""
    for name in ("matched_count", "size"):
        said = envelope.get(name, count)
        if isinstance(said, bool) or not isinstance(said, int):
            raise Misunderstood(f"{request}: {name} is {_shown(said)} instead of a number")
    if envelope.get("matched_count", count) != count:
        raise Misunderstood(f"{request}: {count} rows came of {envelope['matched_count']}")
    if spec.filled and not count:
        raise Misunderstood(
            f"{request}: no rows, and every unit has some: the access profile of the login may not show them"
        )


def _row(spec: TableSpec, wire: Mapping[str, Any], request: str) -> Row:
    row: Row = {}
    for name, field in spec.fields.items():
        if not field.counts_in(row):
            continue
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


def _kind(value: Any) -> str:
    """A value; of lists and objects only the size, since nobody knows what they hold: it may be a secret."""
    return f"a JSON {type(value).__name__} of {len(value)}" if isinstance(value, (list, dict)) else _shown(value)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + CUT
