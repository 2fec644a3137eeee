"""A secret shows nowhere but where it is revealed; results are masked at any depth."""

from __future__ import annotations

import copy
import html
import json
import logging
import pickle
import re
import traceback
import urllib.parse
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voip.hardening.plugins.module_utils.secret import MASK, Secret, redact
from ansible_collections.voip.hardening.plugins.module_utils.target import Target

PLAIN = "correct horse/battery&staple"
SECRET = Secret(PLAIN)
TARGET = Target(host="192.0.2.1", username="api", password=SECRET, access_token=SECRET)

SHOWN: dict[str, Callable[[Any], str]] = {
    "repr": repr,
    "str": str,
    "format": format,
    "format with a width": lambda value: format(value, ">40"),
    "format with a precision": lambda value: format(value, ".3"),
    "f-string": lambda value: f"{value} {value!r} {value!s} {value!a}",
    "percent": lambda value: "%s %r" % (value, value),  # noqa: UP031 the old way is what is tested
    "str.format": "{0} {0!r} {0:>9}".format,
    "ascii": ascii,
    "list": lambda value: str([value]),
    "dict": lambda value: repr({"password": value, value: 1}),
    "json with default=str": lambda value: json.dumps({"password": value}, default=str),
    "log record": lambda value: logging.LogRecord("n", 10, "p", 1, "%s %r", (value, value), None).getMessage(),
}
REFUSED: dict[str, Callable[[Any], Any]] = {
    "json": json.dumps,
    "json in a dict": lambda value: json.dumps({"password": value}),
    "yaml": yaml.safe_dump,
    **{
        f"pickle protocol {protocol}": lambda value, protocol=protocol: pickle.dumps(value, protocol)
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
    },
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "vars": vars,
}


@pytest.mark.parametrize("show", SHOWN.values(), ids=SHOWN)
def test_shows_as_a_mask(show: Callable[[Any], str]) -> None:
    text = show(SECRET)
    assert MASK in text
    assert "horse" not in text
    assert "cor" not in text


@pytest.mark.parametrize("write", REFUSED.values(), ids=REFUSED)
def test_is_not_written_out(write: Callable[[Any], Any]) -> None:
    with pytest.raises((TypeError, yaml.YAMLError)) as refusal:
        write(SECRET)
    assert "horse" not in "".join(traceback.format_exception(refusal.value))


def test_a_target_shows_none_and_cannot_be_dumped() -> None:
    assert "horse" not in repr(TARGET)
    assert repr(TARGET).count(MASK) == 2
    with pytest.raises(TypeError):
        asdict(TARGET)


def test_a_target_names_the_secrets_that_it_holds() -> None:
    assert [secret.reveal() for secret in TARGET.secrets()] == [PLAIN, PLAIN]
    assert Target(host="192.0.2.1").secrets() == ()


def test_a_traceback_with_local_variables_shows_none() -> None:
    def log_in(password: Secret) -> None:
        raise RuntimeError(f"refused for {password}")

    with pytest.raises(RuntimeError) as refusal:
        log_in(SECRET)
    with_locals = traceback.TracebackException.from_exception(refusal.value, capture_locals=True)
    text = "".join(with_locals.format())
    assert "log_in" in text
    assert f"password = {MASK}" in text
    assert "horse" not in text


def test_reveals_to_whoever_asks_and_is_true_when_set() -> None:
    assert SECRET.reveal() == PLAIN
    assert bool(SECRET)
    assert not Secret("")


REDACTED: dict[str, tuple[Any, Any]] = {
    "the whole value": (PLAIN, MASK),
    "part of a text": (f"password {PLAIN} refused", f"password {MASK} refused"),
    "several times": (f"{PLAIN},{PLAIN}", f"{MASK},{MASK}"),
    "list": ([1, PLAIN], [1, MASK]),
    "tuple": ((PLAIN,), [MASK]),
    "value of a dict": ({"a": {"b": [{"c": PLAIN}]}}, {"a": {"b": [{"c": MASK}]}}),
    "key of a dict": ({PLAIN: 1}, {MASK: 1}),
    "other types": ({"a": None, "b": True, "c": 1.5}, {"a": None, "b": True, "c": 1.5}),
    "another text": ("correct", "correct"),
}


@pytest.mark.parametrize(("value", "expected"), REDACTED.values(), ids=REDACTED)
def test_redact(value: Any, expected: Any) -> None:
    assert redact(value, [SECRET]) == expected


def test_redact_masks_the_longer_of_two_secrets_first() -> None:
    assert redact("abcdefgh", [Secret("abcd"), Secret("abcdefgh")]) == MASK
    assert redact("abcdefgh abcd", [Secret("abcd"), Secret("abcdefgh")]) == f"{MASK} {MASK}"


def test_redact_without_secrets_leaves_the_value_alone() -> None:
    assert redact({"a": ["b"]}, []) == {"a": ["b"]}
    assert redact("", [Secret("")]) == ""


def test_redact_leaves_blanks_alone() -> None:
    """Nothing but blanks tells nothing, and would make every message unreadable."""
    assert redact("password: two words", [Secret(" "), Secret("\t"), Secret("  ")]) == "password: two words"


def test_redact_does_not_touch_what_it_is_given() -> None:
    value = {"a": [PLAIN]}
    redact(value, [SECRET])
    assert value == {"a": [PLAIN]}


AWKWARD = "q\"uo'te \\n %20&<é> x"
QUOTED: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "JSON": json.dumps,
    "JSON in its own letters": lambda text: json.dumps(text, ensure_ascii=False),
    "JSON in JSON": lambda text: json.dumps(json.dumps({"password": text})),
    "repr": repr,
    "repr of more": lambda text: repr(f"{text} and 'others'"),
    "repr of a mapping": lambda text: repr({"Authorization": f"Bearer {text}"}),
    "repr of JSON": lambda text: repr(json.dumps(text)),
    "YAML": lambda text: yaml.safe_dump({"name": text}, allow_unicode=True),
    "YAML, folded": lambda text: yaml.safe_dump({"name": f"{'word ' * 3}{text}"}, allow_unicode=True, width=20),
    "URL": lambda text: urllib.parse.urlencode({"password": text}),
    "path": lambda text: urllib.parse.quote(text, safe=""),
    "HTML": html.escape,
    "HTML text": lambda text: html.escape(text, quote=False),
    "one line": lambda text: " ".join(text.split()),
    "several lines": lambda text: text.replace(" ", "\n    "),
}


@pytest.mark.parametrize("text", [AWKWARD, "it's", 'say "x"', "C:\\new", "a  b c", " edge ", "100%&more", "пароль"])
@pytest.mark.parametrize("quote", QUOTED.values(), ids=QUOTED)
def test_masks_a_secret_however_it_is_quoted(quote: Callable[[str], str], text: str) -> None:
    clean = redact(f"before {quote(text)} after", [Secret(text)])
    assert MASK in clean
    for piece in (word for word in re.findall(r"\w+", text) if len(word) > 2):
        assert piece not in clean


@pytest.mark.parametrize("size", range(1, len(PLAIN)))
def test_masks_what_a_cut_leaves(size: int) -> None:
    clean = redact(f"before {PLAIN[:size]}...' after", [SECRET])
    assert clean == f"before {MASK if size > 3 else PLAIN[:size]}...' after"


@pytest.mark.parametrize(
    ("secret", "text", "expected"),
    [
        ("x7", "x7", "***"),
        ("x7", "password x7, refused", "password ***, refused"),
        ("x7", "box7 x71 x7_ 'x7'", "box7 x71 x7_ '***'"),
        ("!?", "a!?b", "a***b"),
        ("é", "é ée", "*** ée"),
        ("a.b", "a.b axb a.bc", "*** axb a.bc"),
    ],
)
def test_masks_a_short_secret_where_it_is_a_word(secret: str, text: str, expected: str) -> None:
    assert redact(text, [Secret(secret)]) == expected


def test_dots_are_not_what_a_cut_leaves() -> None:
    text = "... and so on ... corr... correct..."
    assert redact(text, [SECRET]) == "... and so on ... ***... ***..."
    assert redact("corner ... a...", [SECRET]) == "corner ... a..."


SECRETS = st.lists(st.text("abcXYZ019-_", min_size=4, max_size=12).map(Secret), min_size=1, max_size=3)
PLACES = st.recursive(
    st.none() | st.booleans() | st.integers(min_value=-9, max_value=9) | st.just("{}") | st.just("x {} y {}"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.sampled_from(["k", "{}", "in {} out"]), inner, max_size=3)
    ),
    max_leaves=15,
)


def _filled(place: Any, text: str) -> Any:
    if isinstance(place, str):
        return place.replace("{}", text)
    if isinstance(place, dict):
        return {_filled(key, text): _filled(value, text) for key, value in place.items()}
    if isinstance(place, (list, tuple)):
        return type(place)(_filled(item, text) for item in place)
    return place


@given(place=PLACES, secrets=SECRETS, data=st.data())
def test_no_secret_is_left_at_any_depth(place: Any, secrets: list[Secret], data: st.DataObject) -> None:
    plain = [secret.reveal() for secret in secrets]
    clean = redact(_filled(place, data.draw(st.sampled_from(plain))), secrets)
    assert not [text for text in plain if text in json.dumps(clean)]
