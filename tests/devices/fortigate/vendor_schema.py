"""The vendor's published schemas (collection ``fortinet.fortios``), read from the installed ``ansible`` package.

Each module of the collection carries a literal ``versioned_schema``; it is parsed as source text, never imported and
never copied. Names are turned into the names used on the wire, and the schema of one table is resolved for one release:
what remains are the fields and enum values that exist there.
"""

from __future__ import annotations

import ast
import importlib.util
import re
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from .versions import SAMPLED_VERSIONS, Version, snap

RawNode = dict[str, Any]


class VendorSchemaMissing(RuntimeError):
    """The pip package that carries the vendor's collection is not installed."""


@dataclass(frozen=True)
class Field:
    """One field as the wire names it, for one release.

    ``kind`` is string, integer, words (several values in one space-separated string), rows (list of objects) or object.
    """

    name: str
    kind: str
    choices: tuple[str, ...] = ()
    children: dict[str, Field] = field(default_factory=dict)
    foreign: frozenset[str] = frozenset()
    mkey: str | None = None
    sources: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True)
class Table:
    """One CMDB path for one release. ``mkey`` is None for a singleton; ``foreign`` names fields of other releases."""

    path: str
    mkey: str | None
    fields: dict[str, Field]
    foreign: frozenset[str]

    @property
    def singleton(self) -> bool:
        """Whether the path is one object rather than a table."""
        return self.mkey is None

    @property
    def integer_key(self) -> bool:
        """Whether rows are addressed by a number that the unit can assign."""
        return self.mkey is not None and self.fields[self.mkey].kind == "integer"


def collection_folder() -> Path:
    """Folder of the vendor's modules. Raises VendorSchemaMissing naming the pip package."""
    spec = importlib.util.find_spec("ansible_collections")
    for root in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(root) / "fortinet" / "fortios" / "plugins" / "modules"
        if folder.is_dir():
            return folder
    raise VendorSchemaMissing(
        "the vendor schemas (collection fortinet.fortios) were not found: install the pip package 'ansible' "
        "(12.3.0; with --no-deps it adds only collections)"
    )


@lru_cache(maxsize=1)
def endpoints() -> frozenset[str]:
    """Every CMDB path that the vendor's collection knows, such as ``firewall.service/custom``."""
    tree = ast.parse((collection_folder() / "fortios_configuration_fact.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "MODULE_MKEY_DEFINITONS":
            assert isinstance(node.value, ast.Dict)
            keys = [key.value for key in node.value.keys if isinstance(key, ast.Constant)]
            return frozenset(str(key).replace("_", "/", 1) for key in keys)
    raise VendorSchemaMissing("fortios_configuration_fact.py no longer lists the endpoints")


@dataclass(frozen=True)
class _Source:
    path: str
    schema: RawNode
    mkey: str | None
    wire_names: dict[str, str]
    references: dict[tuple[str, ...], tuple[tuple[str, str | None], ...]]


@cache
def _read(path: str) -> _Source | None:
    if path not in endpoints():
        return None
    module = collection_folder() / f"fortios_{re.sub('[./-]', '_', path)}.py"
    if not module.is_file():
        return None
    text = module.read_text(encoding="utf-8")
    schema: RawNode | None = None
    mkey: str | None = None
    special: dict[str, str] = {}
    documentation = ""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
            continue
        name = node.targets[0].id
        if name == "versioned_schema":
            schema = ast.literal_eval(node.value)
        elif name == "mkeyname" and isinstance(node.value, ast.Constant):
            mkey = str(node.value.value) if node.value.value else None
        elif name == "speciallist":
            special = ast.literal_eval(node.value)
        elif name == "DOCUMENTATION":
            documentation = ast.literal_eval(node.value)
    if schema is None:
        return None
    if schema["type"] != "list":
        mkey = None
    wire = {schema_name.replace("-", "_"): wire_name for schema_name, wire_name in _special_pairs(special, schema)}
    return _Source(path, schema, mkey, wire, _references(documentation))


def _special_pairs(special: dict[str, str], schema: RawNode) -> list[tuple[str, str]]:
    """(name in the schema, name on the wire); the modules write the pair in either direction."""
    names: set[str] = set()

    def collect(node: RawNode) -> None:
        for name, child in node.get("children", {}).items():
            names.add(name)
            collect(child)

    collect(schema)
    pairs = []
    for left, right in special.items():
        if left.replace("-", "_") in names:
            pairs.append((left, right.replace("_", "-")))
        else:
            pairs.append((right, "802_1X-settings" if left == "802_1X_settings" else left.replace("_", "-")))
    return pairs


_DOC_KEY = re.compile(r"^( +)(\w+):\s*$")
_DOC_SOURCE = re.compile(r"\bSource ([a-z0-9.\- ]+)")


def _references(documentation: str) -> dict[tuple[str, ...], tuple[tuple[str, str | None], ...]]:
    """Where a field's value must exist: schema path -> ((endpoint, child table or None), ...)."""
    found: dict[tuple[str, ...], tuple[tuple[str, str | None], ...]] = {}
    stack: list[tuple[int, str]] = []
    for line in documentation.splitlines():
        match = _DOC_KEY.match(line)
        if match:
            indent = len(match.group(1))
            while stack and stack[-1][0] >= indent:
                stack.pop()
            stack.append((indent, match.group(2)))
            continue
        source = _DOC_SOURCE.search(line)
        if source:
            noise = ("description", "suboptions", "options", "choices")
            names = tuple(name for _indent, name in stack if name not in noise)[1:]
            targets = tuple(target for token in source.group(1).split() if (target := _target(token.strip("."))))
            if targets:
                found.setdefault(names, targets)
    return found


def _target(token: str) -> tuple[str, str | None] | None:
    parts = token.split(".")
    if len(parts) >= 3 and (path := f"{'.'.join(parts[:-2])}/{parts[-2]}") in endpoints():
        return path, None
    if len(parts) >= 4 and (path := f"{'.'.join(parts[:-3])}/{parts[-3]}") in endpoints():
        return path, parts[-2]
    return None


def _in_range(node: RawNode, version: Version) -> bool:
    ranges = node.get("v_range")
    if not ranges:
        return True
    return any(
        Version.parse(first) <= version and (not last or version <= Version.parse(last)) for first, last in ranges
    )


def _field_exists(node: RawNode, version: Version) -> bool:
    """As ``_in_range``, but a hole of one sampled release inside a train is the sampled image, not a removal."""
    if _in_range(node, version):
        return True
    index = SAMPLED_VERSIONS.index(version)
    if not 0 < index < len(SAMPLED_VERSIONS) - 1:
        return False
    before, after = SAMPLED_VERSIONS[index - 1], SAMPLED_VERSIONS[index + 1]
    same_train = before.train == version.train == after.train
    return same_train and _in_range(node, before) and _in_range(node, after)


@dataclass(frozen=True)
class _Override:
    """A fact about releases that the vendor did not sample."""

    path: str
    name: str
    since: Version
    train: tuple[int, int]
    choices: tuple[str, ...] | None


# feature-set voipd|ips and ips-voip-filter came with 7.2.5 (Fortinet KB 359796); rest-api-key-url-query with 7.4.5
# and 7.6.1 (KB 357228). The schema has sampled neither 7.2.5+ nor 7.4.5+.
_OVERRIDES = (
    _Override("voip/profile", "feature-set", Version(7, 2, 5), (7, 2), ("ips", "voipd")),
    _Override("firewall/policy", "ips-voip-filter", Version(7, 2, 5), (7, 2), None),
    _Override("system/global", "rest-api-key-url-query", Version(7, 4, 5), (7, 4), None),
)


# Depends on the model's image, not on the release: the sampled images had none, desktop units do.
_MODEL_CHOICES = {("system/interface", "type"): ("hard-switch",)}


def _overrides(path: str, version: Version) -> tuple[_Override, ...]:
    return tuple(
        entry
        for entry in _OVERRIDES
        if entry.path == path and entry.train == version.train and version >= entry.since
    )


def table(path: str, version: Version) -> Table | None:
    """The table at a CMDB path as ``version`` knows it; None when the vendor's collection has no such path there."""
    return _resolve(path, snap(version), _overrides(path, version))


@cache
def _resolve(path: str, version: Version, overrides: tuple[_Override, ...]) -> Table | None:
    source = _read(path)
    if source is None or not _in_range(source.schema, version):
        return None
    forced = {entry.name: entry for entry in overrides}
    fields, foreign = _children(source, source.schema, version, (), forced)
    mkey = source.mkey.replace("_", "-") if source.mkey else None
    if mkey is not None and mkey not in fields:
        return None
    return Table(path, mkey, fields, foreign)


def _children(
    source: _Source, node: RawNode, version: Version, trail: tuple[str, ...], forced: dict[str, _Override]
) -> tuple[dict[str, Field], frozenset[str]]:
    fields: dict[str, Field] = {}
    foreign: set[str] = set()
    for name, child in node.get("children", {}).items():
        wire = source.wire_names.get(name, name.replace("_", "-"))
        override = forced.get(wire) if not trail else None
        if override is None and not _field_exists(child, version):
            foreign.add(wire)
            continue
        fields[wire] = _field(source, child, version, (*trail, name), wire, override)
    return fields, frozenset(foreign - set(fields))


def _field(
    source: _Source, node: RawNode, version: Version, trail: tuple[str, ...], wire: str, override: _Override | None
) -> Field:
    choices = tuple(str(option["value"]) for option in node.get("options", []) if _in_range(option, version))
    if override is not None and override.choices is not None:
        choices = override.choices
    if len(trail) == 1:
        extra = _MODEL_CHOICES.get((source.path, wire), ())
        choices += tuple(choice for choice in extra if choice not in choices)
    children, foreign = _children(source, node, version, trail, {})
    kind = str(node["type"])
    if kind == "list":
        kind = "rows" if node.get("children") else "words"
    elif kind == "dict":
        kind = "object"
    mkey = None
    if kind == "rows":
        required = [
            source.wire_names.get(name, name.replace("_", "-"))
            for name, child in node["children"].items()
            if child.get("required")
        ]
        mkey = next((name for name in required if name in children), next(iter(children), None))
    return Field(wire, kind, choices, children, foreign, mkey, source.references.get(trail, ()))
