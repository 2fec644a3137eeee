"""Error numbers of FortiOS as sentences."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios.refusals import sentence

# From the vendor's error table (-3, -61) and the public tables of client libraries generated from a 7.6 unit.
NUMBERS = [
    *(-1, -2, -3, -4, -5, -8, -9, -14, -15, -23, -37, -49, -50, -54, -56, -61, -72, -88, -158, -160),
    *(-162, -163, -164, -165, -236, -363, -515, -522, -526, -553, -560, -650, -651),
]


@pytest.mark.parametrize("number", NUMBERS)
def test_every_number_that_we_may_meet_has_words(number: int) -> None:
    text = sentence(500, {"error": number})
    assert text.startswith(f"HTTP 500, error {number} (")
    assert "not in our table" not in text


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (500, {"error": -3}, "HTTP 500, error -3 (the entry, or one that it refers to, does not exist)"),
        (424, {"error": -5}, "HTTP 424, error -5 (the entry exists already)"),
        (500, {"error": -23}, "HTTP 500, error -23 (the entry is in use)"),
        (500, {"error": -99999}, "HTTP 500, error -99999 (not in our table)"),
        (404, {}, "HTTP 404, no such entry"),
        (403, {}, "HTTP 403, the token's access profile does not permit this"),
        (405, {"status": "error"}, "HTTP 405, the unit does not offer this method here"),
        (500, {}, "HTTP 500, internal error"),
        (418, {}, "HTTP 418"),
        (500, {"error": True}, "HTTP 500, internal error"),
        (500, {"error": "text"}, "HTTP 500, internal error"),
        (
            500,
            {"error": -651, "cli_error": "node_check_object fail! for vlanid 0\n\nvalue parse error before '0'\n"},
            "HTTP 500, error -651 (a value is not one of those allowed), the unit says: node_check_object fail! for "
            "vlanid 0 / value parse error before '0'",
        ),
        (500, {"error": -61, "cli_error": "  \n"}, "HTTP 500, error -61 (the input is not understood)"),
        (500, {"error": -61, "cli_error": ["x"]}, "HTTP 500, error -61 (the input is not understood)"),
    ],
)
def test_sentence(status: int, body: dict[str, Any], expected: str) -> None:
    assert sentence(status, body) == expected
