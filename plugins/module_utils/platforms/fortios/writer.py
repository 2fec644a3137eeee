# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes to REST requests. Every write is verified by reading its table again.

Sources: methods and parameters from the vendor's REST description; moves as in the vendor's Terraform provider
(`sdk/sdkcore/*_move.go`): PUT on the row with `action=move` and `before` or `after`, without a body.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...document.diff import CREATE, DELETE, MOVE, Change
from ...document.model import SINGLETON, Row, TableSpec

BASE = "/api/v2/cmdb"


@dataclass(frozen=True, slots=True)
class Request:
    """One write: method, path, query parameters, JSON body, and the table whose read verifies it."""

    method: str
    path: str
    params: Mapping[str, str]
    body: Mapping[str, Any] | None
    verified_by: str

    def as_dict(self) -> dict[str, Any]:
        """As shown by `state: rendered`."""
        shown: dict[str, Any] = {"method": self.method, "path": self.path, "params": dict(self.params)}
        if self.body is not None:
            shown["body"] = dict(self.body)
        return shown


def table_path(path: str) -> str:
    return f"{BASE}/{path}"


def request_for(change: Change, spec: TableSpec, vdom: str) -> Request:
    """The request that carries out one change.

    A created row carries the key that the plan chose, so that a repeated request cannot make a second row and a
    following move knows its subject.
    """
    table = table_path(spec.path)
    row = table if spec.shape == SINGLETON else f"{table}/{urllib.parse.quote(str(change.key), safe='')}"
    params = {"vdom": vdom}
    if change.action == CREATE:
        return Request("POST", table, params, encode(spec, change.after or {}), spec.path)
    if change.action == DELETE:
        return Request("DELETE", row, params, None, spec.path)
    if change.action == MOVE and change.place is not None:
        params |= {"action": "move", change.place.side: str(change.place.key)}
        return Request("PUT", row, params, None, spec.path)
    return Request("PUT", row, params, encode(spec, change.after or {}), spec.path)


def encode(spec: TableSpec, row: Row) -> dict[str, Any]:
    """A row, or some of its fields, as a request body."""
    body: dict[str, Any] = {}
    for name, value in row.items():
        spec.fields[name].codec.write(body, name, value)
    return body
