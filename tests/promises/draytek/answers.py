"""Answers of a Vigor made strange, one thing at a time; what may stay unnoticed, with reasons."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from tests.promises.base import CHANGE, NOTHING, Spoiling
from tests.promises.draytek.views import VIEWS, Value, kind_of, representatives

STRANGE = "unheard-of"
EMPTY, WORD, GONE, AGAIN = "removed", "a word that nobody knows", "its line gone", "its line twice"
SILENT = ("sys mpage disable", "exit")
"""Lines to whose answers nobody listens: a unit without the pager's switch says so, and goes on paging."""
CONTRADICTS = {("sys version", "Router Model")}
"""Another value shows in the answers that come afterwards, which must fit it."""

UNNOTICED: dict[tuple[str, str, str], str] = {
    ("show status", "", "half of it"): "what matters, since when the unit is up, stands in its first line",
    ("ipf set -v", "", "half of it"): "what matters stands in its first half",
    ("ipf set", "Next Filter Set", "another"): "where our last set leads, the site begins: that is its own business",
    ("mngt rmtcfg status", "", "twice"): "it says the same twice",
    ("mngt accesslist list", "ruler", AGAIN): "a ruler holds nothing",
    ("vlan status", "head", AGAIN): "a head that is printed anew is the same head",
}
"""(view, field, how) of what may stay without consequence, and why."""


def asked_for(reads: Mapping[str, str]) -> set[tuple[str, str]]:
    """(view, field) of everything that matters in the answers to what a run asks."""
    unknown = {line for line in reads if not kind_of(line)} - set(SILENT)
    assert not unknown, unknown
    return {(kind, value.field) for kind in set(map(kind_of, reads)) - {""} for value in VIEWS[kind]}


def spoilt_fields(reads: Mapping[str, str]) -> Iterator[Spoiling]:
    """Every value that matters, and the other lines as well, in every way in which they can be spoilt."""
    for line in representatives(reads):
        rows = reads[line].split("\r\n")
        values = VIEWS[kind_of(line)]
        seen: dict[tuple[str, bool], int] = {}
        for at, row in enumerate(rows):
            found = [(value, match) for value in values if (match := value.find(row)) is not None]
            for value, match in found:
                ours = value.ours(row, reads[line])
                # Of rows that are alike the first two stand for the others.
                key = (value.field, ours)
                seen[key] = seen.get(key, 0) + 1
                if seen[key] <= 2 or ours:
                    yield from _ways(line, reads[line], at, value, match, ours)
            if not found and row.strip():
                yield from _unused(line, at, row)


def _ways(line: str, answer: str, at: int, value: Value, match: re.Match[str], ours: bool) -> Iterator[Spoiling]:
    group = [text is not None for text in match.groups()].index(True) + 1
    start, end = match.span(group)

    def spoilt(how: str, expects: str, text: str) -> Spoiling:
        tamper = _in_line(line, at, lambda row: row[:start] + text + row[end:])
        return _spoiling(line, value.field, how, expects, tamper, match[group])

    if value.empty is not None and match[group]:
        yield spoilt(EMPTY, value.empty, "")
    if value.strange is not None:
        yield spoilt(WORD, value.strange, STRANGE)
    if value.text and ours:
        yield spoilt(WORD, CHANGE, STRANGE)
        yield spoilt(EMPTY, CHANGE, "")
    for number, other in enumerate(value.others if ours else ()):
        if other != match[group]:
            yield spoilt(f"another {number}" if number else "another", CHANGE, other.ljust(end - start))
    if value.gone is not None:
        yield _spoiling(line, value.field, GONE, value.gone, _without(line, at), match[0])
    if value.again is not None:
        yield _spoiling(line, value.field, AGAIN, value.again, _twice(line, at), match[0])


def _unused(line: str, at: int, row: str) -> Iterator[Spoiling]:
    """What stands in other lines must not matter."""
    for how, tamper in {
        GONE: _without(line, at),
        AGAIN: _twice(line, at),
        WORD: _in_line(line, at, lambda text: re.sub(r"([:\[]\s*)[\w.]+", rf"\1{STRANGE}", text)),
    }.items():
        spoiling = _spoiling(line, "others", how, NOTHING, tamper, row.strip())
        yield replace(spoiling, place=(kind_of(line), row.strip(), how))


def spoilt_answers(reads: Mapping[str, str]) -> Iterator[Spoiling]:
    """Every answer with something else in its place."""
    lines = [line for line in reads if line not in SILENT]
    others = dict(zip(lines, [*lines[7:], *lines[:7]], strict=True))
    ways: dict[str, Callable[[str, str], str]] = {
        "nothing": lambda _text, _line: "",
        "half of it": lambda text, _line: text[: len(text) // 2],
        "twice": lambda text, _line: f"{text}\r\n{text}",
        "the usage": lambda _text, line: f" Usage:\r\n {line.rsplit(' ', 1)[0]} <Options>\r\n -v: view",
        "not a command": lambda _text, line: f"% Invalid command: {line}",
        "the list of words": lambda _text, _line: "% Valid subcommands are:\r\nacl           dhcp          nat",
        "the answer to another line": lambda _text, line: reads[others[line]],
        "a stalled task": lambda _text, _line: "\x1b[2J~~ 0x00000000 ~~\r\n%%%% watchdog: task 14 stalled",
    }
    for line in lines:
        for how, change in ways.items():
            def tamper(asked: str, text: str, line: str = line, change: Any = change) -> str:
                return change(text, line) if asked == line else text

            yield _spoiling(line, "", how, CHANGE, tamper, reads[line])


def _spoiling(line: str, field: str, how: str, expects: str, tamper: Callable[..., str], shown: str) -> Spoiling:
    kind = kind_of(line)
    request = "" if (kind, field) in CONTRADICTS else line.removesuffix(" -v").removesuffix(" ?")
    label = f"{line}: {field or 'all of it'} {shown.strip()[:50]!r}: {how}"
    return Spoiling(label, request, tamper, expects, (kind, field, how))


def _in_line(line: str, at: int, change: Callable[[str], str]) -> Callable[[str, str], str]:
    def tamper(asked: str, text: str) -> str:
        if asked != line:
            return text
        rows = text.split("\r\n")
        return "\r\n".join([*rows[:at], change(rows[at]), *rows[at + 1 :]])

    return tamper


def _without(line: str, at: int) -> Callable[[str, str], str]:
    def tamper(asked: str, text: str) -> str:
        rows = text.split("\r\n")
        return "\r\n".join([*rows[:at], *rows[at + 1 :]]) if asked == line else text

    return tamper


def _twice(line: str, at: int) -> Callable[[str, str], str]:
    def tamper(asked: str, text: str) -> str:
        rows = text.split("\r\n")
        return "\r\n".join([*rows[: at + 1], *rows[at:]]) if asked == line else text

    return tamper
