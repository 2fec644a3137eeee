"""Labelled lines and the values behind them: what is missing, twice there or strange is named, and never guessed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.errors import Misunderstood
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.words import (
    Answer,
    Labels,
    matches,
    plain_label,
    unbroken,
)

TEXT = """Current setting
* Enable: yes
  - FTP:No
 -ALG Master Switch: Enabled
%% Comment: games : and more
Data   Filter : Disable (Start Filter Set = 2)
Port : 5060
Index(1-15) in Schedule Setup: 3
Address: 192.0.2.1
Twice: 1
Twice: 2
Nothing:
----------------------------------------"""
ANSWER = Answer("show it", TEXT)


def labels(text: str = TEXT) -> Labels:
    return Labels(Answer("show it", text))


TAKEN: dict[str, tuple[Callable[[Labels], Any], Any]] = {
    "a switch": (lambda found: found.switch("Enable"), True),
    "a switch that is off": (lambda found: found.switch("FTP"), False),
    "a switch behind a dash": (lambda found: found.switch("ALG Master Switch"), True),
    "a text with a colon": (lambda found: found.text("Comment"), "games : and more"),
    "a label with other blanks": (lambda found: found.text("DATA FILTER"), "Disable (Start Filter Set = 2)"),
    "a label that ends with a word": (lambda found: found.text("Index(1-15) in Schedule Setup"), "3"),
    "a number": (lambda found: found.number("Port", 1, 65535), 5060),
    "an address": (lambda found: found.address("Address"), "192.0.2.1"),
    "a word": (lambda found: found.word("Enable", {"yes": 7, "no": 8}), 7),
    "a word that means nothing": (lambda found: found.word("FTP", {"no": 0}), 0),
    "an empty text": (lambda found: found.text("Nothing"), ""),
}


@pytest.mark.parametrize(("take", "value"), TAKEN.values(), ids=TAKEN)
def test_values(take: Callable[[Labels], Any], value: Any) -> None:
    assert take(labels()) == value


IN = "in the answer 'Current setting'"
STRANGE: dict[str, tuple[Callable[[Labels], Any], str]] = {
    "a label that is not there": (lambda found: found.text("Status"), f"no line 'Status' {IN}"),
    "a label that is there twice": (lambda found: found.text("Twice"), f"more than one line 'Twice' {IN}"),
    "no switch": (
        lambda found: found.switch("Port"),
        f"'Port' is '5060', neither enabled nor disabled, {IN}",
    ),
    "an empty switch": (
        lambda found: found.switch("Nothing"),
        f"'Nothing' is '', neither enabled nor disabled, {IN}",
    ),
    "no number": (
        lambda found: found.number("Enable", 1, 9),
        f"'Enable' is 'yes', no number from 1 to 9, {IN}",
    ),
    "a number that is too high": (
        lambda found: found.number("Port", 1, 100),
        f"'Port' is '5060', no number from 1 to 100, {IN}",
    ),
    "a number that is too low": (
        lambda found: found.number("Port", 6000, 7000),
        f"'Port' is '5060', no number from 6000 to 7000, {IN}",
    ),
    "no address": (lambda found: found.address("Port"), f"'Port' is '5060', no IPv4 address, {IN}"),
    "an unknown word": (
        lambda found: found.word("Enable", {"on": 1, "off": 0}),
        f"'Enable' is 'yes', none of on, off, {IN}",
    ),
}


@pytest.mark.parametrize(("take", "said"), STRANGE.values(), ids=STRANGE)
def test_strange_values(take: Callable[[Labels], Any], said: str) -> None:
    with pytest.raises(Misunderstood) as error:
        take(labels())
    assert str(error.value) == f"show it: {said}"


@pytest.mark.parametrize("text", ["-5", "+5", "5.0", "0x5", "5 6", " ", "\u0665", "99999999999"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(Misunderstood):
        labels(f"Port: {text}").number("Port")


@pytest.mark.parametrize("word", ["Enable", "enabled", "YES", "On"])
def test_words_that_mean_yes(word: str) -> None:
    assert labels(f"It: {word}").switch("It") is True


@pytest.mark.parametrize("word", ["Disable", "disabled", "NO", "oFF"])
def test_words_that_mean_no(word: str) -> None:
    assert labels(f"It: {word}").switch("It") is False


@pytest.mark.parametrize("word", ["Enable!", "yes no", "true", "1", "V", "[v]", "", "enabled."])
def test_words_that_mean_neither(word: str) -> None:
    with pytest.raises(Misunderstood):
        labels(f"It: {word}").switch("It")


def test_bracketed_values() -> None:
    text = " IP Object Profile 1\n Name   :[a [b]: c]\n Interface:[Any]\n Empty:[]\n Not so: Any\n"
    found = Labels(Answer("show it", text), bracketed=True)
    assert (found.text("Name"), found.text("interface"), found.text("Empty")) == ("a [b]: c", "Any", "")
    assert "Not so" not in found
    assert "EMPTY" in found


def test_some_lines_of_an_answer() -> None:
    found = Labels(ANSWER, ["Enable: no", "  Twice : 3"])
    assert (found.switch("Enable"), found.number("Twice")) == (False, 3)
    assert "Port" not in found


def test_lines_that_hold_something() -> None:
    assert Answer("x", "\n  a \n\n b\t\n \n").lines() == ["  a", " b"]


def test_lines_that_look_like_this() -> None:
    pattern = re.compile(r"^(\w+): (\d)$")
    assert [match.groups() for match in matches(ANSWER, pattern)] == [("Twice", "1"), ("Twice", "2")]


def test_a_long_answer_is_cut() -> None:
    assert str(Answer("x", "y" * 79).strange("nothing")) == f"x: nothing in the answer '{'y' * 79}'"
    # A terminal broke it: whatever its end is part of goes on in the next line.
    assert str(Answer("x", "y" * 80 + "\nz").strange("nothing")) == f"x: nothing in the answer '{'y' * 80}...'"
    assert str(Answer("x", " " + "y" * 79 + "\nz").strange("nothing")) == f"x: nothing in the answer '{'y' * 79}...'"
    assert str(Answer("x", "\n " + "y" * 81).strange("nothing")) == f"x: nothing in the answer '{'y' * 80}...'"
    assert str(Answer("x", "\n").strange("nothing")) == "x: nothing in the answer ''"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a\n\n b\n", ["a", " b"]),
        ("x" * 80 + "y\nz", ["x" * 80 + "y", "z"]),
        ("x" * 80 + "\n" + "y" * 80 + "\nz\n\na", ["x" * 80 + "y" * 80 + "z", "a"]),
        ("x" * 79 + "\ny", ["x" * 79, "y"]),
        ("x" * 80 + "\n\ny", ["x" * 80, "y"]),
        ("x" * 80, ["x" * 80]),
        (" " * 80 + "\ny", ["y"]),
        ("", []),
    ],
)
def test_lines_that_a_terminal_broke(text: str, lines: list[str]) -> None:
    assert unbroken(text) == lines


@pytest.mark.parametrize("label", ["Next Filter Set", " next filter set ", "NextFilterSet", "NEXT  FILTER\tSET"])
def test_labels_are_compared_without_blanks(label: str) -> None:
    assert plain_label(label) == "nextfilterset"
