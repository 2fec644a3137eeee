"""Values as the unit keeps and shows them: checks on the way in, spelling and defaults on the way out.

A stored row holds only what was set, in the unit's own spelling; ``shown`` adds every default of the release.
Keys that begin with an underscore are the unit's own notes and are never shown.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from . import errors, facts
from .errors import Rejection
from .vendor_schema import Field, Table
from .versions import Version

Row = dict[str, Any]

_PORT_RANGE = re.compile(r"^\d+(-\d+)?(:\d+(-\d+)?)?$")


@dataclass
class Reader:
    """Turns a request body into stored values for one table and release.

    ``ignore_unknown`` drops keys that the release does not have instead of refusing them; they are listed in
    ``ignored``.
    """

    table: Table
    version: Version
    ignore_unknown: bool = False
    ignored: list[str] = field(default_factory=list)

    def read(self, body: Row) -> Row:
        """Stored form of a body; raises Rejection on the first field that the unit would refuse."""
        return self._object(body, self.table.fields, self.table.foreign, "")

    def _object(self, body: Any, fields: dict[str, Field], foreign: frozenset[str], prefix: str) -> Row:
        if not isinstance(body, dict):
            raise Rejection(errors.BAD_FORMAT, f"an object is expected at {prefix or 'the body'}")
        stored: Row = {}
        for name, value in body.items():
            if name == "q_origin_key":
                continue
            if name not in fields:
                if self.ignore_unknown:
                    self.ignored.append(prefix + name)
                    continue
                hint = f" (exists in other releases, not in {self.version})" if name in foreign else ""
                raise Rejection(errors.COMMAND, f"command parse error before '{prefix}{name}'{hint}")
            stored[name] = self._value(value, fields[name], prefix + name)
        return stored

    def _value(self, value: Any, spec: Field, name: str) -> Any:
        if spec.kind == "object":
            return self._object(value, spec.children, spec.foreign, f"{name}.")
        if spec.kind == "rows":
            return self._rows(value, spec, name)
        if spec.kind == "integer":
            return self._integer(value, name)
        if spec.kind == "words":
            return self._words(value, spec, name)
        if not isinstance(value, str):
            raise Rejection(errors.BAD_VALUE, f"value parse error before '{value!r}': {name} takes a string")
        return self._string(value, spec, name)

    def _rows(self, value: Any, spec: Field, name: str) -> list[Row]:
        if not isinstance(value, list):
            raise Rejection(errors.BAD_FORMAT, f"a list of objects is expected at {name}")
        rows: dict[Any, Row] = {}
        key_name = spec.mkey or ""
        for item in value:
            row = self._object(item, spec.children, spec.foreign, f"{name}.")
            if spec.children[key_name].kind == "integer" and not row.get(key_name):
                row[key_name] = max((key for key in rows if isinstance(key, int)), default=0) + 1
            if row.get(key_name) in (None, ""):
                raise Rejection(errors.EMPTY, f"{name}.{key_name} must be set")
            rows[row[key_name]] = row
        return list(rows.values())

    def _integer(self, value: Any, name: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise Rejection(errors.BAD_VALUE, f"value parse error before '{value!r}': {name} takes an integer")
        limits = facts.RANGES.get(self.table.path, {}).get(name)
        zero = value == 0 and (self.table.path, name) in facts.ZERO_ALLOWED
        if limits and not zero and not limits[0] <= value <= limits[1]:
            raise Rejection(errors.OUT_OF_RANGE, f"{name} {value} is out of range {limits[0]}-{limits[1]}")
        if value < 0 and not limits:
            raise Rejection(errors.OUT_OF_RANGE, f"{name} {value} is out of range")
        return value

    def _words(self, value: Any, spec: Field, name: str) -> str:
        if name in facts.SIP_PORTS and isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            raise Rejection(
                errors.BAD_VALUE, f"value parse error before '{value!r}': {name} takes one space-separated string"
            )
        words = list(dict.fromkeys(value.split()))
        if name in facts.SIP_PORTS:
            for word in words:
                if not word.isdigit() or not 1 <= int(word) <= 65535:
                    raise Rejection(errors.OUT_OF_RANGE, f"{name} {word} is out of range 1-65535")
        if spec.choices:
            for word in words:
                if word not in spec.choices:
                    raise Rejection(errors.BAD_VALUE, f"value parse error before '{word}'")
            if (self.table.path, name) not in facts.KEEP_ORDER:
                words.sort(key=spec.choices.index)
        return " ".join(words)

    def _string(self, value: str, spec: Field, name: str) -> str:
        path = self.table.path
        if spec.choices and value not in spec.choices:
            raise Rejection(errors.BAD_VALUE, f"value parse error before '{value}'")
        longest = facts.LENGTHS.get(path, {}).get(name)
        if longest is not None and len(value) > longest:
            raise Rejection(errors.LENGTH, f"{name} is longer than {longest} characters")
        if name in facts.SECRETS.get(path, frozenset()):
            return seal(value)
        if value == "":
            return value
        if name in facts.ADDRESS_AND_MASK.get(path, frozenset()):
            return address_and_mask(value)
        if name in facts.PREFIX6.get(path, frozenset()):
            return prefix6(value)
        if name in facts.ADDRESS4.get(path, frozenset()):
            return _parsed(ipaddress.IPv4Address, value)
        if name in facts.ADDRESS6.get(path, frozenset()):
            return _parsed(ipaddress.IPv6Address, value)
        if name in facts.PORT_RANGES.get(path, frozenset()):
            return port_ranges(value)
        if name in facts.SIX_BITS and not re.fullmatch("[01]{6}", value):
            raise Rejection(errors.BAD_VALUE, f"value parse error before '{value}': {name} takes six binary digits")
        return value


def seal(secret: str) -> str:
    """How a secret is kept: enough to compare, nothing to read. An empty secret stays empty."""
    return "ENC " + hashlib.sha256(secret.encode()).hexdigest() if secret else ""


def _parsed(kind: type[ipaddress.IPv4Address] | type[ipaddress.IPv6Address], value: str) -> str:
    try:
        return str(kind(value))
    except ValueError:
        raise Rejection(errors.BAD_IP, f"invalid ip address '{value}'") from None


def address_and_mask(value: str) -> str:
    """``10.0.0.0/24`` or ``10.0.0.0 255.255.255.0`` as the unit shows it (dotted mask)."""
    parts = value.replace("/", " ").split()
    if len(parts) not in (1, 2):
        raise Rejection(errors.BAD_FORMAT, f"invalid address and mask '{value}'")
    address = _parsed(ipaddress.IPv4Address, parts[0])
    mask = parts[1] if len(parts) == 2 else "32"
    if mask.isdigit() and int(mask) <= 32:
        return f"{address} {ipaddress.IPv4Network(f'0.0.0.0/{mask}').netmask}"
    bits = f"{int(ipaddress.IPv4Address(mask)):032b}" if re.fullmatch(r"\d+(\.\d+){3}", mask) else "01"
    if "01" in bits:
        raise Rejection(errors.BAD_MASK, f"invalid netmask '{mask}'")
    return f"{address} {ipaddress.IPv4Address(mask)}"


def prefix6(value: str) -> str:
    """An IPv6 prefix in the compressed spelling, host bits kept."""
    try:
        return str(ipaddress.IPv6Interface(value))
    except ValueError:
        raise Rejection(errors.BAD_IP, f"invalid ip6 address '{value}'") from None


def port_ranges(value: str) -> str:
    """Space-separated ``dst[:src]`` port ranges; ``5060-5060`` is shown as ``5060``."""
    shown = []
    for item in value.split():
        if not _PORT_RANGE.match(item):
            raise Rejection(errors.BAD_PORT_RANGE, f"invalid port range '{item}'")
        halves = []
        for half in item.split(":"):
            low, _dash, high = half.partition("-")
            high = high or low
            if not 0 <= int(low) <= int(high) <= 65535:
                raise Rejection(errors.BAD_PORT_RANGE, f"invalid port range '{item}'")
            halves.append(low if low == high else f"{low}-{high}")
        shown.append(":".join(halves))
    return " ".join(shown)


def merged(old: Row, new: Row, fields: dict[str, Field]) -> Row:
    """A partial update: absent fields keep their value, a list replaces the whole list, an object is merged."""
    result = dict(old)
    for name, value in new.items():
        if name in fields and fields[name].kind == "object":
            result[name] = merged(old.get(name, {}), value, fields[name].children)
        else:
            result[name] = value
    return result


# --- showing -------------------------------------------------------------------------------------------------------


def default(path: str, name: str, spec: Field, version: Version) -> Any:
    """The value that ``name`` (dotted when nested) has while nothing is set."""
    changes = facts.VERSIONED_DEFAULTS.get((path, name))
    if changes:
        return [value for since, value in changes if version >= since][-1]
    known = facts.DEFAULTS.get(path, {})
    if name in known and not (spec.choices and spec.kind == "string" and known[name] not in spec.choices):
        return known[name]
    if spec.kind == "integer":
        return 0
    if spec.kind == "rows":
        return []
    if spec.kind == "words" or not spec.choices:
        return ""
    for usual in ("disable", "none", "default", "auto"):
        if usual in spec.choices:
            return usual
    return spec.choices[0]


@cache
def _defaults_of(path: str, names: tuple[str, ...], version: Version) -> dict[str, Any]:
    from .vendor_schema import table as resolve

    table = resolve(path, version)
    assert table is not None
    fields, prefix = table.fields, ""
    for name in names:
        fields, prefix = fields[name].children, f"{prefix}{name}."
    return {
        name: _defaults_of(path, (*names, name), version)
        if spec.kind == "object"
        else default(path, prefix + name, spec, version)
        for name, spec in fields.items()
    }


def defaults(table: Table, version: Version) -> Row:
    """A fresh row of all defaults (mkey included, empty)."""
    return {
        name: dict(value) if isinstance(value, dict) else list(value) if isinstance(value, list) else value
        for name, value in _defaults_of(table.path, (), version).items()
    }


def shown(table: Table, row: Row, version: Version) -> Row:
    """The row as GET returns it: every field of the release, secrets masked, ``q_origin_key`` on rows and members."""
    result = _shown(table.path, table.fields, row, (), version)
    if table.mkey is not None:
        key = row.get(table.mkey)
        result = {table.mkey: key, "q_origin_key": key, **{k: v for k, v in result.items() if k != table.mkey}}
    return result


def _shown(path: str, fields: dict[str, Field], row: Row, trail: tuple[str, ...], version: Version) -> Row:
    template = _defaults_of(path, trail, version)
    secrets = facts.SECRETS.get(path, frozenset())
    prefix = "".join(f"{name}." for name in trail)
    result: Row = {}
    for name, spec in fields.items():
        value = row.get(name)
        if spec.kind == "object":
            result[name] = _shown(path, spec.children, value or {}, (*trail, name), version)
        elif spec.kind == "rows":
            result[name] = [_member(path, spec, item, (*trail, name), version) for item in value or []]
        elif value is None:
            result[name] = template[name]
        elif prefix + name in secrets:
            result[name] = facts.SECRET_SHOWN if value else ""
        else:
            result[name] = value
    return result


def _member(path: str, spec: Field, item: Row, trail: tuple[str, ...], version: Version) -> Row:
    key = item.get(spec.mkey or "")
    result = {spec.mkey: key, "q_origin_key": key}
    for name, value in _shown(path, spec.children, item, trail, version).items():
        result.setdefault(name, value)
    return result  # type: ignore[return-value]
