"""The secrets that suites search for are found however they are written, and not where they are not."""

from __future__ import annotations

import base64
import gzip
import html
import json
import urllib.parse
from collections.abc import Callable

import pytest

from tests.support.canaries import Canary, leaks

CANARY = Canary.make("a unit", between="\\'\"%&<>é ", before=" ", after=" ")
WRITTEN: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "JSON": json.dumps,
    "repr": repr,
    "URL": urllib.parse.quote,
    "HTML": html.escape,
    "hexadecimal": lambda text: text.encode().hex(),
    "folded": lambda text: text.replace(" ", "\n    "),
    "its beginning": lambda text: text[:9],
    "its end": lambda text: text[-9:],
    **{
        f"base64 after {name!r}": lambda text, name=name: base64.b64encode(f"{name}{text}".encode()).decode()
        for name in ("", "a", "ab", "admin:")
    },
}


@pytest.mark.parametrize("write", WRITTEN.values(), ids=WRITTEN)
def test_found_however_it_is_written(write: Callable[[str], str]) -> None:
    content = f"before {write(CANARY.text)} after".encode()
    assert CANARY.is_in(content)
    (leak,) = leaks([CANARY], {"a file": [content]})
    assert leak.startswith("a unit is in a file: ")


def test_another_one_is_another() -> None:
    other = Canary.make("another unit")
    assert not CANARY.is_in(other.text.encode())
    assert not CANARY.is_in(gzip.compress(b"nothing of it"))
    assert Canary.make("a unit").pieces == CANARY.pieces


@pytest.mark.parametrize(
    ("content", "found"), [(b"Zq7", True), (b"x Zq7, y", True), (b"aZq7", False), (b"Zq71", False)]
)
def test_a_short_one_is_found_where_it_stands_alone(content: bytes, found: bool) -> None:
    assert Canary.of("short", "Zq7").is_in(content) == found
