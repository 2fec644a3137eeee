# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of platforms whose reader makes all values of a row, and whose writer puts whole rows into words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..document.model import KEYED, SINGLETON, Field, TableSpec


class _AsRead:
    """A value is what the reader made of it."""

    __slots__ = ()

    def read(self, wire: Mapping[str, Any], name: str) -> Any:
        return wire[name]

    def write(self, body: dict[str, Any], name: str, value: Any) -> None:
        body[name] = value


_AS_READ = _AsRead()


def described(
    path: str,
    *fields: str,
    key: str = "name",
    shape: str = KEYED,
    identity: str = "",
    collected: bool = False,
    refs: Mapping[str, tuple[str, ...]] | None = None,
    guarded: tuple[str, ...] = (),
    volatile: tuple[str, ...] = (),
    usual: Mapping[str, Any] | None = None,
    title: str = "",
    unsteady: Mapping[str, frozenset[str]] | None = None,
) -> TableSpec:
    """A table of these fields. `refs` and `usual` are by field, the rest is as `TableSpec` has it; a singleton has no
    key, whatever is given."""
    columns = {
        name: Field(name, _AS_READ, refs=(refs or {}).get(name, ()), usual=(usual or {}).get(name)) for name in fields
    }
    return TableSpec(
        path,
        shape,
        columns,
        key="" if shape == SINGLETON else key,
        identity=identity,
        collected=collected,
        guarded=frozenset(guarded),
        volatile=frozenset(volatile),
        title=title,
        unsteady=unsteady or {},
    )
