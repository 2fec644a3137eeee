"""The pure parts of the wire: fingerprints, addresses of requests, envelopes, what may be shown of an answer."""

from __future__ import annotations

import urllib.parse
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voip.hardening.plugins.module_utils.errors import Misunderstood, Refused
from ansible_collections.voip.hardening.plugins.module_utils.https import plain_fingerprint
from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios import session
from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios.session import (
    Answer,
    Session,
)
from ansible_collections.voip.hardening.plugins.module_utils.secret import Secret
from ansible_collections.voip.hardening.plugins.module_utils.target import Target
from tests.unit.fortios.wire import envelope

DIGEST = "0123456789abcdef" * 4
REQUEST = "GET /api/v2/cmdb/firewall/address?vdom=root"


@pytest.mark.parametrize(
    "text",
    [
        DIGEST,
        DIGEST.upper(),
        ":".join(DIGEST[i : i + 2] for i in range(0, 64, 2)),
        " ".join(DIGEST[i : i + 2].upper() for i in range(0, 64, 2)),
        f"sha256:{DIGEST}",
        f"SHA256:{DIGEST.upper()}",
    ],
)
def test_every_spelling_of_a_fingerprint(text: str) -> None:
    assert plain_fingerprint(text) == DIGEST


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        (None, "/p"),
        ({}, "/p"),
        ({"vdom": "root"}, "/p?vdom=root"),
        ({"vdom": "root", "format": "name|member"}, "/p?vdom=root&format=name%7Cmember"),
        ({"filter": "name=@a b&c=d"}, "/p?filter=name%3D%40a%20b%26c%3Dd"),
    ],
)
def test_url(params: dict[str, str] | None, expected: str) -> None:
    assert session._url("/p", params) == expected


@given(st.dictionaries(st.text("abc-", min_size=1), st.text(min_size=1), min_size=1))
def test_a_url_holds_exactly_its_parameters(params: dict[str, str]) -> None:
    _path, _mark, query = session._url("/p", params).partition("?")
    assert dict(urllib.parse.parse_qsl(query, strict_parsing=True)) == params
    assert query.isascii()


def answer(body: Any, status: int = 200) -> Answer:
    return Answer(REQUEST, status, {}, body)


def test_an_envelope() -> None:
    body = envelope("firewall/address", [])
    assert answer(body).envelope() == body


def test_an_envelope_of_one_vdom() -> None:
    body = envelope("firewall/address", [])
    assert answer([body]).envelope() == body


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (
            {"status": "error", "error": -3},
            500,
            "HTTP 500, error -3 (the entry, or one that it refers to, does not exist)",
        ),
        ({"status": "error"}, 404, "HTTP 404, no such entry"),
        ({"status": "error", "error": -5}, 424, "HTTP 424, error -5 (the entry exists already)"),
        ({"status": "success"}, 403, "HTTP 403, the token's access profile does not permit this"),
        ({"status": "error"}, 200, "HTTP 200"),
    ],
)
def test_a_refusal(body: Any, status: int, message: str) -> None:
    with pytest.raises(Refused) as refusal:
        answer(body, status).envelope()
    assert str(refusal.value) == f"{REQUEST}: {message}"


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ("<html>\n<body>403  Forbidden</body>", 403, "HTTP 403 with the text '<html> <body>403 Forbidden</body>'"),
        ("", 200, "HTTP 200 with an empty body"),
        ("x" * 100, 200, f"HTTP 200 with the text '{'x' * 60}...'"),
        ([], 200, "HTTP 200 with a JSON list"),
        ([{}, {}], 200, "HTTP 200 with a JSON list"),
        (None, 200, "HTTP 200 with a JSON NoneType"),
        (5, 200, "HTTP 200 with a JSON int"),
    ],
)
def test_what_is_no_envelope(body: Any, status: int, message: str) -> None:
    with pytest.raises(Misunderstood) as refusal:
        answer(body, status).envelope()
    assert str(refusal.value) == f"{REQUEST}: {message} instead of an envelope"


@pytest.mark.parametrize(
    ("body", "status"), [({}, 200), ({"status": "ok"}, 200), ({"status": 1}, 200), ({"status": "success"}, 302)]
)
def test_what_is_no_success(body: Any, status: int) -> None:
    with pytest.raises(Misunderstood, match=f"HTTP {status}, status .* instead of success"):
        answer(body, status).envelope()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [(b'{"a": 1}', {"a": 1}), (b"text", "text"), (b"", ""), (b"\xff{", "\ufffd{"), (b'"a"', "a")],
)
def test_decoding(raw: bytes, expected: Any) -> None:
    assert session._decoded(raw) == (expected, "")


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b'{"a": 1, "b": {"c": 1, "c": 1}}', "a name occurs twice in an object"),
        (b'{"a": NaN}', "NaN is no JSON"),
        (b'{"a": -Infinity}', "-Infinity is no JSON"),
        (b'{"a": 1', "Expecting ',' delimiter"),
        (b'{"a": "\xff"}', "can't decode byte 0xff"),
        (b'{"a": "\x07"}', "Invalid control character"),
        (b"[" * 100000, "recursion"),
    ],
)
def test_what_looks_like_json_and_is_none(raw: bytes, fault: str) -> None:
    body, said = session._decoded(raw)
    assert isinstance(body, str)
    assert fault in said


OTHERS: list[dict[str, Any]] = [
    *({"path": path} for path in (None, "system", 5)),
    *({"name": name} for name in (None, "address6", "")),
    *({"http_method": method} for method in (None, "PUT")),
    *({"http_status": status} for status in (None, 500, "200", True)),
]


@pytest.mark.parametrize("changes", OTHERS)
def test_an_answer_to_another_request(changes: dict[str, Any]) -> None:
    (name,) = changes
    with pytest.raises(Misunderstood, match=name):
        answer(envelope("firewall/address", []) | changes).envelope()


def test_only_answers_of_the_monitor_have_no_http_status_of_their_own() -> None:
    body = envelope("firewall/address", [])
    del body["http_status"]
    with pytest.raises(Misunderstood, match="http_status is None"):
        answer(body).envelope()
    assert Answer(REQUEST.replace("cmdb", "monitor"), 200, {}, body).envelope() == body


def test_the_answer_to_a_write_may_name_the_row() -> None:
    body = envelope("firewall/address", {}) | {"http_method": "POST", "name": "VOIPH-voice"}
    assert Answer(REQUEST.replace("GET", "POST"), 200, {}, body).envelope() == body


def test_a_session_that_was_not_opened_shows_no_secret_and_has_sent_nothing() -> None:
    target = Target(host="192.0.2.1", access_token=Secret("token-of-the-unit"), validate_certs=False)
    unopened = Session(target)
    assert unopened.requests == 0
    assert "token-of-the-unit" not in repr(unopened) + repr(vars(unopened))
    unopened.close()
