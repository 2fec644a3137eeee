"""Who a phone says it is: headers, pages, certificates and addresses as the vendors write them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.phones.identity import (
    Identity,
    from_certificate,
    from_challenge,
    from_json,
    from_mac,
    from_page,
    from_server_header,
    from_user_agent,
    merged,
    plain_mac,
)

NOBODY = Identity()


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (
            "Yealink SIP-T34W 124.86.0.75 24:9a:d8:88:d0:f4",
            Identity("yealink", "T34W", "124.86.0.75", "249ad888d0f4"),
        ),
        ("Yealink SIP-T46U 108.86.0.90", Identity("yealink", "T46U", "108.86.0.90")),
        ("Yealink SIP-T21P_E2 52.84.0.15", Identity("yealink", "T21P_E2", "52.84.0.15")),
        ("Yealink W70B 146.85.14.4", Identity("yealink", "W70B", "146.85.14.4")),
        ("PolycomVVX-VVX_350-UA/5.8.0.13337", Identity("poly", "VVX350", "5.8.0.13337")),
        (
            "PolycomVVX-VVX_350-UA/5.8.0.13337_64167f000001",
            Identity("poly", "VVX350", "5.8.0.13337", "64167f000001"),
        ),
        (
            "FileTransport PolycomVVX-VVX_400-UA/4.1.4.7430 Type/Application",
            Identity("poly", "VVX400", "4.1.4.7430"),
        ),
        ("PolyEdge-Edge_E350-UA/8.1.2.3", Identity("poly", "EDGEE350", "8.1.2.3")),
        ("PolycomRealPresenceTrio-Trio_8800-UA/7.2.7.1", Identity("poly", "TRIO8800", "7.2.7.1")),
        (
            "Grandstream Model HW GRP2614 SW 1.0.5.15 DevId c074ad0b63ee",
            Identity("grandstream", "GRP2614", "1.0.5.15", "c074ad0b63ee"),
        ),
        ("Grandstream GXP1628 1.0.7.6", Identity("grandstream", "GXP1628", "1.0.7.6")),
        (
            "Mozilla/4.0 (compatible; snom710-SIP 8.7.5.35 1.1.5-IFX-05.01.12 000413741767)",
            Identity("snom", "710", "8.7.5.35", "000413741767"),
        ),
        ("Fanvil X6U Pro 0.0.10 0c383e2cd782", Identity("fanvil", "X6U_PRO", "0.0.10", "0c383e2cd782")),
        ("Asterisk PBX 20.5", NOBODY),
        ("", NOBODY),
    ],
)
def test_user_agents(agent: str, expected: Identity) -> None:
    assert from_user_agent(agent) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("yealink", Identity("yealink")),
        ("Yealink", Identity("yealink")),
        ("Polycom SoundPoint IP Telephone HTTPd", Identity("poly")),
        ("Grandstream GXP2020 1.2.5.3", Identity("grandstream", "GXP2020", "1.2.5.3")),
        ("nginx", NOBODY),
    ],
)
def test_server_headers(header: str, expected: Identity) -> None:
    assert from_server_header(header) == expected


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (
            'var g_phonetype="T21P_E2";\nvar g_strFirmware="52.84.0.15";',
            Identity("yealink", "T21P_E2", "52.84.0.15"),
        ),
        ("g_phonetype = 'T31G'", Identity("yealink", "T31G")),
        ("<html><title>Yealink T54W Phone</title>", Identity("yealink")),
        ("<TITLE>VVX250</TITLE>", Identity("poly", "VVX250")),
        ("<title>Poly Edge E350</title>", Identity("poly", "EDGEE350")),
        ("<title>Polycom - Configuration Utility</title>", Identity("poly")),
        ("<title>Router</title>", NOBODY),
    ],
)
def test_pages(page: str, expected: Identity) -> None:
    assert from_page(page) == expected


BANNER: dict[str, Any] = {
    "ret": "failed",
    "data": False,
    "error": {"webStatus": "noauth", "transToHTTPS": False, "phoneName": "T54W", "firmware": "96.86.0.45"},
}


def test_the_refusal_of_the_json_interface() -> None:
    assert from_json(json.dumps(BANNER)) == Identity("yealink", "T54W", "96.86.0.45")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"error": null}', '{"error": {"phoneName": 7}}', "[" * 100000])
def test_other_answers_are_nobody(text: str) -> None:
    assert from_json(text) == NOBODY


def test_the_challenge_of_an_old_yealink() -> None:
    assert from_challenge('Basic realm="Yealink SIP-T21P"') == Identity("yealink", "T21P")
    assert from_challenge('Digest realm="x", nonce="y"') == NOBODY


def test_certificates() -> None:
    poly = {"subject": "O=Polycom Inc.,CN=64167F000001", "issuer": "CN=Polycom CA", "mac": "64167f000001"}
    yealink = {"subject": "CN=805ec0000017", "issuer": "OU=yealink.com,CN=Yealink Equipment Issuing CA", "mac": ""}
    other = {"subject": "CN=www.example.com", "issuer": "CN=Some CA", "mac": ""}
    assert from_certificate(poly) == Identity("poly", mac="64167f000001")
    assert from_certificate(yealink) == Identity("yealink")
    assert from_certificate(other) == NOBODY


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("80:5E:C0:00:00:17", Identity("yealink", mac="805ec0000017")),
        ("64167f-000001", Identity("poly", mac="64167f000001")),
        ("0200.0000.0001", Identity(mac="020000000001")),
        ("80:5e:c0", NOBODY),
        ("", NOBODY),
    ],
)
def test_addresses(text: str, expected: Identity) -> None:
    assert from_mac(text) == expected
    assert plain_mac(text) == expected.mac


def test_the_first_source_counts_and_contradictions_are_told() -> None:
    whole, conflicts = merged(
        [
            ("certificate", Identity("yealink", mac="805ec0000017")),
            ("page", Identity("yealink", "T54W")),
            ("the caller", Identity("yealink", "T46U", "108.86.0.90", "805ec0000018")),
        ]
    )
    assert whole == Identity("yealink", "T54W", "108.86.0.90", "805ec0000017")
    assert conflicts == [
        "model is T54W by page and T46U by the caller",
        "mac is 805ec0000017 by certificate and 805ec0000018 by the caller",
    ]
