"""Reading a parsed config.xml: paths, lists, presence booleans.

Lists stand for list tags, "" for empty elements; an absent element is missing. A presence boolean counts when its key
is there (pfSense RELENG_2_7_2, inc/config.lib.inc); True stands for such an element as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Row = Mapping[str, Any]


def value(config: Any, path: str) -> Any:
    """What is at a path ("nat/outbound/mode"; numbers index lists); None when it is absent."""
    for name in path.split("/"):
        if isinstance(config, Mapping):
            config = config.get(name)
        elif isinstance(config, list) and name.isdigit() and int(name) < len(config):
            config = config[int(name)]
        else:
            return None
    return config


def text(config: Any, path: str) -> str:
    """The text at a path, "" where there is none."""
    found = value(config, path)
    return "" if found is None or found is True or isinstance(found, (Mapping, list)) else str(found)


def present(config: Any, path: str) -> bool:
    """Whether an element is there, even an empty one."""
    found = value(config, path)
    return found is not None and found is not False


def entries(config: Any, path: str) -> list[Row]:
    """The entries of a list, those that hold anything."""
    found = value(config, path)
    if isinstance(found, Mapping):
        found = [found]
    return [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []


def active(config: Any, path: str) -> list[Row]:
    """The entries of a list that are not disabled."""
    return [row for row in entries(config, path) if not present(row, "disabled")]
