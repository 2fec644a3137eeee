# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A FortiGate that does not exist, read as a real one is, with everything but the encryption; nobody is contacted."""

from __future__ import annotations

import io
import json
import urllib.parse
from collections.abc import Sequence
from typing import Any

from ...document.model import SINGLETON, Document, TableId
from ...target import Target
from .session import Session
from .tables import GLOBAL, scope_of
from .writer import encode

_BUILD = 1
_SERIAL = "FGT-REHEARSAL"


class Wire:
    """What `http.client` takes for a socket: answers each request with the table of a document that it asks for."""

    def __init__(self, document: Document, version: Sequence[int]) -> None:
        self._document = document
        self._version = "v" + ".".join(str(part) for part in version)
        self._answer = b""

    def settimeout(self, seconds: float) -> None:
        """Nothing here takes time."""

    def close(self) -> None:
        """Nothing is open."""

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._answer)

    def sendall(self, request: bytes) -> None:
        url = urllib.parse.urlsplit(request.split(b" ", 2)[1].decode())
        space, folder, name = url.path.split("/")[3:6]
        vdom = dict(urllib.parse.parse_qsl(url.query))["vdom"]
        body = {
            "http_method": "GET",
            "path": folder,
            "name": name,
            "vdom": vdom,
            "status": "success",
            "http_status": 200,
            "serial": _SERIAL,
            "version": self._version,
            "build": _BUILD,
            "results": self._table(f"{folder}/{name}", vdom) if space == "cmdb" else {},
        }
        raw = json.dumps(body).encode()
        head = (
            "HTTP/1.1 200 OK",
            "Date: Thu, 01 Jan 2026 00:00:00 GMT",
            "Cache-Control: no-cache, must-revalidate",
            "Content-Type: application/json",
            f"Content-Length: {len(raw)}",
        )
        self._answer = "\r\n".join((*head, "", "")).encode() + raw

    def _table(self, path: str, vdom: str) -> Any:
        spec = self._document.specs[path]
        rows = self._document.tables.get(TableId(GLOBAL if scope_of(path) == GLOBAL else vdom, path), [])
        # A row of ours holds what we set; a unit shows every field of every row.
        every = {name: value for row in rows for name, value in row.items()}
        wire = [encode(spec, {**every, **row}) for row in rows]
        return wire[0] if spec.shape == SINGLETON else wire


def session_with(document: Document, version: Sequence[int]) -> Session:
    """A session whose other end answers with the tables of this document."""
    session = Session(Target(host="rehearsal"))
    session._connection.sock = Wire(document, version)
    return session
