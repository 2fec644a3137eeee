"""Reaching into a configuration by path as pfSense's accessors do (src/etc/inc/util.inc, array_get_path and so on)."""

from __future__ import annotations

from typing import Any

from .configxml import Tree

_ABSENT = object()


def _inner(holder: Any, key: str) -> Any:
    if isinstance(holder, dict):
        return holder.get(key, _ABSENT)
    if isinstance(holder, list) and key.isdigit() and int(key) < len(holder):
        return holder[int(key)]
    return _ABSENT


def get_path(tree: Tree, path: str, default: Any = None) -> Any:
    """The value at a path, or the default; a default other than None also stands for an empty text."""
    value: Any = tree
    for key in filter(None, path.split("/")):
        value = _inner(value, key)
        if value is _ABSENT:
            return default
    return default if default is not None and value == "" else value


def entries(tree: Tree, path: str) -> list[Any]:
    """The list at a path; none where there is none."""
    value = get_path(tree, path, [])
    return value if isinstance(value, list) else []


def fields(tree: Tree, path: str) -> Tree:
    """The element at a path with its fields; none where there is none or only text."""
    value = get_path(tree, path, {})
    return value if isinstance(value, dict) else {}


def enabled(tree: Tree, path: str) -> bool:
    """Whether the element at a path is there, even an empty one."""
    return get_path(tree, path) is not None


def set_path(tree: Tree, path: str, value: Any) -> bool:
    """Put a value at a path; a path that ends in a slash appends to a list. False: something on the way is text."""
    keys = [key for key in path.split("/") if key]
    holder: Any = tree
    for key in keys[:-1]:
        inner = _inner(holder, key)
        if inner is _ABSENT or not inner:
            inner = {}
            _put(holder, key, inner)
        elif not isinstance(inner, dict | list):
            return False
        holder = inner
    if path.endswith("/"):
        inner = _inner(holder, keys[-1])
        _put(holder, keys[-1], [*inner, value] if isinstance(inner, list) else [value])
    else:
        _put(holder, keys[-1], value)
    return True


def _put(holder: Any, key: str, value: Any) -> None:
    if isinstance(holder, dict):
        holder[key] = value
    elif int(key) < len(holder):
        holder[int(key)] = value
    else:
        holder.append(value)


def del_path(tree: Tree, path: str) -> None:
    """Take away what is at a path; what is not there stays away. A place of a list is left empty, the others stay."""
    above, _slash, key = path.rpartition("/")
    holder = get_path(tree, above) if above else tree
    if isinstance(holder, dict):
        holder.pop(key, None)
    elif isinstance(holder, list) and key.isdigit() and int(key) < len(holder):
        # The serialiser leaves out what is false.
        holder[int(key)] = False
