"""Answers of a pfSense made strange, one thing at a time; what may stay unnoticed, with reasons.

Everything that a run knows of a box comes from one answer: the parts of its configuration by their paths, and what is
in force.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

from tests.devices.pfsense.operations import MARK
from tests.promises.base import CHANGE, ERROR, NOTHING, Spoiling
from tests.promises.pfsense.states import ALIAS_MARK
from tests.promises.pfsense.states import MARK as OURS

Answer = dict[str, Any]
Change = Callable[[Answer], None]
STRANGE = "unheard-of"
GONE, WORD, KIND, EMPTY = "removed", "a word that nobody knows", "of another kind", "emptied"
NOBODY_ELSE = {"nested": {"by": "another kind"}}
READ = "read"

_NAMES = ("filter/rule", "nat/rule", "nat/outbound/rule", "vlans/vlan", "aliases/alias",
          "installedpackages/voiphardening/config")
"""Lists, some of whose entries are ours."""
_UNREAD = {
    "filter/rule": {"id", "created", "updated", "os", "statetype", "tag", "max", "max-src-nodes", "max-src-conn",
                    "max-src-states", "statetimeout", "statepolicy", "icmptype"},
    "nat/rule": {"created", "updated", "natreflection"},
    "nat/outbound/rule": {"created", "updated", "sourceport", "target", "target_subnet", "poolopts",
                          "source_hash_key", "dstport", "nonat"},
    "aliases/alias": {"detail", "url", "updatefreq"},
}
"""Elements that a run keeps, and reads only to notice that they are other than usual."""
_PRESENT = {"disabled", "log", "any", "not", "staticnatport", "enable", "nordr", "quick", "floating"}
"""Elements that mean something by being there, whatever is in them."""

_NEVER_THERE = "a note that is gone looks like none that ever was: what it said nothing else tells"
_LATER = "what only remembers something is looked at once it is to be given back"
_WHEN_WRITING = "it matters to what is written, and nothing is"
UNNOTICED: dict[tuple[str, str, str], str] = {
    **{("installedpackages/voiphardening/config", "name", how): _NEVER_THERE for how in (GONE, WORD)},
    ("installedpackages/voiphardening/config", "row", GONE): _NEVER_THERE,
    **{("installedpackages/voiphardening/config", "detail", how): _LATER for how in (GONE, WORD)},
    **{
        ("config", path, KIND): _WHEN_WRITING
        for path in ("filter/separator", "nat/separator", "system/webgui/ssl-certref", "installedpackages")
    },
}
"""(part, field, how) of what may stay without consequence, and why."""


def asked_for(answer: Answer) -> set[tuple[str, str]]:
    """(part, field) of everything that a run asks a box for."""
    found = {("answer", name) for name in answer if name not in _EVERYTHING_ELSE}
    return found | {("config", path) for path in answer["config"]}


def spoilt_fields(answer: Answer) -> Iterator[Spoiling]:
    """Every part of the answer in every way in which it can be spoilt, and every element of ours."""
    for name in answer:
        if name != "config":
            yield from _part(name, answer[name])
    for path, value in answer["config"].items():
        yield from _section(path, value)


def _part(name: str, value: Any) -> Iterator[Spoiling]:
    def spoilt(how: str, expects: str, new: Any) -> Spoiling:
        def change(answer: Answer) -> None:
            if new is GONE:
                del answer[name]
            else:
                answer[name] = new

        return _spoiling("answer", name, how, expects, change, name)

    ways: dict[str, tuple[tuple[str, str, Any], ...]] = {
        "version": ((WORD, NOTHING, STRANGE), (EMPTY, ERROR, "")),
        "level": ((WORD, ERROR, STRANGE), (EMPTY, ERROR, "")),
        "hostname": ((WORD, NOTHING, STRANGE),),
        "digest": ((WORD, NOTHING, STRANGE),),
        "dirty": ((WORD, CHANGE, ["filter"]),),
        "status": ((WORD, CHANGE, "There were error(s) loading the rules: line 1"),),
        "running": ((EMPTY, CHANGE, []), (WORD, ERROR, [STRANGE])),
        "tables": ((EMPTY, CHANGE, {}), (WORD, CHANGE, {key: [] for key in value}) if name == "tables" else ()),
        "carp": ((EMPTY, ERROR, {}), (WORD, ERROR, {"backup": STRANGE})),
        "factory_password": ((WORD, ERROR, STRANGE),),
    }
    if name in _EVERYTHING_ELSE:
        return
    yield spoilt(KIND, ERROR, 7 if not isinstance(value, int) else NOBODY_ELSE)
    if name not in _MAY_LACK:
        yield spoilt(GONE, ERROR, GONE)
    yield from (spoilt(*way) for way in ways.get(name, ()) if way)


_EVERYTHING_ELSE = {"config", "ok", "patch", "clock", "skipped", "fired"}
"""What tells nothing of how the box is, or has tests of its own."""
_MAY_LACK = {"revision", "packages", "armed", "fired", "factory_password"}


def _section(path: str, value: Any) -> Iterator[Spoiling]:
    def missing(answer: Answer) -> None:
        del answer["config"][path]

    yield _spoiling("config", path, "not answered", ERROR, missing, READ)

    def kind(answer: Answer) -> None:
        answer["config"][path] = [[STRANGE]] if not path.endswith(_SWITCHES) else STRANGE

    if not path.endswith(_SWITCHES):
        yield _spoiling("config", path, KIND, ERROR, kind, _words_of(path))
    if path in _NAMES:
        yield from _rows(path, value or [])


_SWITCHES = ("disablefilter", "disablehttpredirect", "noantilockout", "ssh/enable")


def _words_of(path: str) -> str:
    """How an error names a part: by its path, or by that of what it is in."""
    return path.rpartition("/")[2] if path.startswith("system/") else path.partition("/")[0]


def _rows(path: str, rows: list[Answer]) -> Iterator[Spoiling]:
    ours = [index for index, row in enumerate(rows) if _is_ours(row)]
    for index, row in enumerate(rows):
        known = index in ours
        if not known and index > min(2, len(rows)):
            continue
        for name, value in row.items():
            unread = name in _UNREAD.get(path, ())
            for how, new in ((GONE, GONE), (WORD, STRANGE), (KIND, [[STRANGE]])):
                if how != KIND and not known:
                    continue
                expects = ERROR if how == KIND else CHANGE
                if name in _PRESENT and how in (KIND, WORD):
                    continue  # it is there, whatever it is
                if unread or (how != KIND and _means_the_same(name, how, value)):
                    continue
                yield _of_row(path, index, name, how, expects, new, known)
    for index in ours:
        def gone(answer: Answer, index: int = index) -> None:
            del answer["config"][path][index]

        yield _spoiling(path, "row", GONE, CHANGE, gone, path)


def _of_row(path: str, index: int, name: str, how: str, expects: str, new: Any, ours: bool) -> Spoiling:
    def change(answer: Answer) -> None:
        row = answer["config"][path][index]
        if new is GONE:
            del row[name]
        else:
            row[name] = new

    label = name if ours else f"{name} of others"
    # A VLAN that is not known to be ours any more is in our way.
    named = "VLAN" if path == "vlans/vlan" and how != KIND else path
    return _spoiling(path, label, how, expects, change, named)


def _means_the_same(name: str, how: str, value: Any) -> bool:
    """An empty element means what an absent one does; any unknown kind of rule is one that passes; IPv4 is the usual
    family; a VLAN's device is named after its port and number."""
    if how == GONE:
        return value in ("", None) or (name, value) in (("type", "pass"), ("ipprotocol", "inet")) or name == "vlanif"
    return name == "type" and value == "pass"


def _is_ours(row: Answer) -> bool:
    return str(row.get("descr", "")).startswith(OURS) or str(row.get("name", "")).startswith((OURS, ALIAS_MARK))


def spoilt_answers(answer: Answer) -> Iterator[Spoiling]:
    """The answer with something else in its place."""
    whole = json.dumps(answer)
    ways: dict[str, str] = {
        "nothing": "",
        "half of it": _framed(whole[: len(whole) // 2]),
        "no mark at its end": f"\n{MARK}\n{whole}\n",
        "no mark at all": whole,
        "twice": _framed(whole) + _framed(whole),
        "a list": _framed("[]"),
        "a text": _framed(json.dumps(STRANGE)),
        "nothing but that it went well": _framed('{"ok": true}'),
        "neither well nor ill": _framed(json.dumps({name: part for name, part in answer.items() if name != "ok"})),
        "a page": "<html><body>502 Bad Gateway</body></html>",
        "an error of PHP": "PHP Fatal error:  Uncaught Error in /etc/inc/config.lib.inc:1",
    }
    for how, text in ways.items():
        def tamper(request: Any, said: str, text: str = text) -> str:
            return text if request["op"] == READ else said

        yield Spoiling(f"the answer: {how}", READ, tamper, ERROR, ("answer", "", how))

    def more(request: Any, said: str) -> str:
        return f"PHP Warning:  Undefined array key\n{said}" if request["op"] == READ else said

    yield Spoiling("the answer: a warning before it", READ, more, NOTHING, ("answer", "", "a warning before it"))


def _framed(text: str) -> str:
    return f"\n{MARK}\n{text}\n{MARK}\n"


def _spoiling(part: str, field: str, how: str, expects: str, change: Change, request: str) -> Spoiling:
    def tamper(asked: Any, said: str) -> str:
        if asked["op"] != READ:
            return said
        answer = copy.deepcopy(_parsed(said))
        change(answer)
        return _framed(json.dumps(answer))

    return Spoiling(f"{part} {field}: {how}", request, tamper, expects, (part, field, how))


def _parsed(said: str) -> Answer:
    answer: Answer = json.loads(said.split("\n")[2])
    return answer
