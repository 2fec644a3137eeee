"""config.xml as the vendor reads and writes it, against texts written by hand from src/etc/inc/xmlparse.inc."""

from __future__ import annotations

from typing import Any

import pytest

from tests.devices.pfsense import ParseError, dumped, factory_config, lived_in_config, parsed
from tests.devices.pfsense.tree import del_path, get_path, set_path


def read(inner: str) -> Any:
    return parsed(f'<?xml version="1.0"?>\n<pfsense>\n{inner}\n</pfsense>\n')


def written(tree: dict[str, Any]) -> list[str]:
    lines = dumped(tree).split("\n")
    assert lines[:2] == ['<?xml version="1.0"?>', "<pfsense>"]
    assert lines[-2:] == ["</pfsense>", ""]
    return [line[1:] for line in lines[2:-2]]


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("<a>x</a>", {"a": "x"}),
        ("<A>x</A><B></B><c/>", {"a": "x", "b": "", "c": ""}),
        ("<a>   </a>", {"a": ""}),
        ("<a>\n\t x y \n</a>", {"a": " x y "}),
        ("<a><b>1</b><c></c></a>", {"a": {"b": "1", "c": ""}}),
        ("<rule><descr>1</descr></rule>", {"rule": [{"descr": "1"}]}),
        ("<rule><a>1</a></rule><x>y</x><rule><a>2</a></rule>", {"rule": [{"a": "1"}, {"a": "2"}], "x": "y"}),
        ("<dnsserver>192.0.2.1</dnsserver><dnsserver>192.0.2.2</dnsserver>", {"dnsserver": ["192.0.2.1", "192.0.2.2"]}),
        # Of lists, only what says something stays.
        ("<a><dnsserver></dnsserver></a>", {"a": {"dnsserver": []}}),
        ("<dnsserver>x</dnsserver><dnsserver></dnsserver>", {"dnsserver": ["x"]}),
        ("<descr><![CDATA[a &amp; b]]></descr>", {"descr": "a & b"}),
        ("<descr><![CDATA[&lt;b&gt; &quot;q&quot; &#039;]]></descr>", {"descr": "<b> \"q\" '"}),
        ("<x>a &amp; b</x>", {"x": "a & b"}),
        ("<x>&amp;lt;</x>", {"x": "&lt;"}),
        ("<x>&lt;b&gt;</x>", {"x": "<b>"}),
        # The entities are those of HTML 4.01; any other stays as it is.
        ("<descr><![CDATA[&eacute;&euro; &apos;&nosuch;&#1;]]></descr>", {"descr": "\u00e9\u20ac &apos;&nosuch;&#1;"}),
        ("<x>\u00e9\u20ac</x>", {"x": "\u00e9\u20ac"}),
        ("<x>one\ntwo</x>", {"x": "one\ntwo"}),
        ('<x y="1">2</x><!-- gone -->', {"x": "2"}),
        # Text behind elements takes their place.
        ("<a><b>1</b>text</a>", {"a": "text"}),
    ],
)
def test_reading(text: str, tree: Any) -> None:
    assert read(text) == tree


@pytest.mark.parametrize(
    "text",
    [
        "<a>1</a><a>2</a>",
        "<a></a><a></a>",
        "<filter><rule><tracker>1</tracker><tracker>2</tracker></rule></filter>",
        "<a><b>1</b></a><A/>",
        "<a>text<b>1</b></a>",
        "<a>1</b>",
        # As the vendor itself writes a text with accents where none is CDATA.
        "<x>&eacute;</x>",
        "",
    ],
)
def test_what_makes_the_whole_file_unreadable(text: str) -> None:
    with pytest.raises(ParseError):
        read(text)


def test_another_root() -> None:
    with pytest.raises(ParseError, match="no pfsense object"):
        parsed("<opnsense><a>1</a></opnsense>")


@pytest.mark.parametrize(
    ("tree", "lines"),
    [
        ({"a": "x", "b": "", "c": True, "d": False, "e": 7}, ["<a>x</a>", "<b></b>", "<c></c>", "<e>7</e>"]),
        ({"a": {}, "b": []}, ["<a></a>", "<b></b>"]),
        ({"rule": []}, []),
        ({"rule": [{"a": "1"}, False, {}]}, ["<rule>", "\t<a>1</a>", "</rule>", "<rule></rule>"]),
        ({"user": ["x", "", "y"]}, ["<user>x</user>", "<user></user>", "<user>y</user>"]),
        ({"descr": "a & <b>"}, ["<descr><![CDATA[a &amp; &lt;b&gt;]]></descr>"]),
        ({"x": "a & <b> \"'"}, ["<x>a &amp; &lt;b&gt; &quot;&#039;</x>"]),
        ({"descr": "\u00e9 \u0159"}, ["<descr><![CDATA[&eacute; \u0159]]></descr>"]),
        # By the beginning of the name: statetype and detail too, but not a name that only contains one.
        ({"statetype": "keep state"}, ["<statetype><![CDATA[keep state]]></statetype>"]),
        ({"text": "x", "subtext": "y"}, ["<text><![CDATA[x]]></text>", "<subtext>y</subtext>"]),
        ({"descr": ""}, ["<descr></descr>"]),
        # A list where none belongs gets its indexes as names.
        ({"range": ["x"]}, ["<range>", "\t<0>x</0>", "</range>"]),
    ],
)
def test_writing(tree: dict[str, Any], lines: list[str]) -> None:
    assert written(tree) == lines


def test_a_list_where_none_belongs_cannot_be_read_again() -> None:
    with pytest.raises(ParseError):
        parsed(dumped({"range": ["x"]}))


@pytest.mark.parametrize("text", [factory_config(), lived_in_config(), lived_in_config("2.7.2", outbound="advanced")])
def test_what_is_written_is_what_is_read(text: str) -> None:
    assert dumped(parsed(text)) == text


def test_an_empty_list_entry_is_gone_after_a_rewrite() -> None:
    assert "dnsserver" not in dumped(read("<system><hostname>a</hostname><dnsserver></dnsserver></system>"))


# --- paths -----------------------------------------------------------------------------------------------------------


def test_getting() -> None:
    tree = {"a": {"b": "", "list": [{"c": "1"}]}, "t": "text"}
    assert get_path(tree, "a/b") == ""
    assert get_path(tree, "a/b", "none") == "none"
    assert get_path(tree, "a/list/0/c") == "1"
    assert get_path(tree, "a/list/1/c") is None
    assert get_path(tree, "t/x", "none") == "none"


def test_setting() -> None:
    tree: dict[str, Any] = {"a": "", "t": "text"}
    assert set_path(tree, "a/b/c", "1")
    assert set_path(tree, "l/", "x")
    assert set_path(tree, "l/", "y")
    assert set_path(tree, "l/0", "z")
    assert not set_path(tree, "t/x", "1")
    assert tree == {"a": {"b": {"c": "1"}}, "t": "text", "l": ["z", "y"]}


def test_deleting_leaves_the_other_places_of_a_list() -> None:
    tree: dict[str, Any] = {"rule": [{"a": "0"}, {"a": "1"}], "x": "1"}
    del_path(tree, "rule/0")
    del_path(tree, "x")
    del_path(tree, "nothing/here")
    assert get_path(tree, "rule/1/a") == "1"
    assert parsed(dumped(tree)) == {"rule": [{"a": "1"}]}
