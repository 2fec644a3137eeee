"""The probe against test phones: what it sees, what it concludes, and that it locks and changes nothing."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest

from tests.devices.phones import PolyPhone, YealinkPhone
from tests.support.phone_probes import control, fact, facts, outcomes, probed, registered

MAC = "805ec0000017"
SHAPES: list[tuple[str, dict[str, Any]]] = [
    ("json", {"web": "json", "login": "rsa"}),
    ("json-plain", {"web": "json", "login": "plain"}),
    ("servlet-rsa", {"web": "servlet", "login": "rsa", "model": "T31G", "version": "124.86.0.75"}),
    ("servlet-aes", {"web": "servlet", "login": "aes", "model": "T46S", "version": "66.86.0.15"}),
]


@pytest.fixture(params=[shape for _name, shape in SHAPES], ids=[name for name, _shape in SHAPES])
def any_yealink(request: pytest.FixtureRequest) -> Iterator[YealinkPhone]:
    """A phone of each generation and log-in shape, as delivered."""
    with YealinkPhone(MAC, **request.param) as phone:
        yield phone


@pytest.fixture
def yealink() -> Iterator[YealinkPhone]:
    """A phone of the JSON generation, as delivered."""
    with YealinkPhone(MAC) as phone:
        yield phone


def with_passwords(phone: YealinkPhone, **passwords: str) -> None:
    """Somebody sets passwords at the phone."""
    for account, password in passwords.items():
        phone.change({"static.security.user_password": f"{account}:{password}"})


# What is seen


def test_who_a_yealink_is(any_yealink: YealinkPhone) -> None:
    result = probed(any_yealink)
    assert result["phone"] == {
        "vendor": "yealink",
        "model": any_yealink.model,
        "release": any_yealink.version,
        "mac": MAC,
    }
    assert result["changed"] is False
    assert result["remarks"] == []
    assert {one["state"] for one in facts(result, "port.http")} == {"open"}
    assert fact(result, "port.telnet")["state"] == "refused"
    assert fact(result, "tls.https")["offered"] == ["TLSv1_2", "TLSv1_3"]
    assert "CN=Yealink Equipment Issuing CA" in fact(result, "certificate.https")["issuer"]
    assert fact(result, "certificate.https")["mac"] == MAC


def test_looking_changes_nothing_and_sends_no_password(yealink: YealinkPhone) -> None:
    before = copy.deepcopy(yealink.settings.values)
    probed(yealink)
    assert yealink.settings.values == before
    assert not any("auth/login" in target or "q=login&" in target for _method, target in yealink.requests)
    assert yealink.attempts.left == yealink.attempts.limit


def test_check_mode_sees_the_same(yealink: YealinkPhone) -> None:
    real, checked = (probed(yealink, check=check)["evidence"] for check in (False, True))
    assert [(one["what"], one["value"]) for one in real] == [(one["what"], one["value"]) for one in checked]


def test_a_phone_that_knows_tls_1_0_alone_is_not_taken_for_closed(yealink: YealinkPhone) -> None:
    yealink.faults.plant(kind="old-tls")
    result = probed(yealink, default_credentials=True)
    assert fact(result, "tls.https") == {
        "offered": ["TLSv1"],
        "refused": ["TLSv1_1", "TLSv1_2", "TLSv1_3"],
        "unclear": {},
    }
    assert result["phone"]["model"] == "T54W"
    assert any(one["control"] == "ADM-4" and "nothing newer" in one["evidence"] for one in result["findings"])
    assert outcomes(result) == []
    assert "no TLS that is fit for a log-in" in fact(result, "logins_left_out")


def test_a_phone_without_its_web_interface_is_known_by_its_sip(yealink: YealinkPhone) -> None:
    yealink.change({"static.wui.http_enable": "0", "static.wui.https_enable": "0"})
    result = probed(yealink, control_signal=registered(), vantage="wan")
    assert result["phone"]["release"] == "96.86.0.45"
    assert fact(result, "web")["state"] == "off"
    assert control(result, "WEB-1") == "pass"
    assert control(probed(yealink, vantage="wan"), "WEB-1") == "unknown"


def test_a_phone_that_is_off_passes_nothing(yealink: YealinkPhone) -> None:
    yealink.reboot()
    result = probed(yealink, vantage="wan", default_credentials=True)
    assert {one["result"] for one in result["controls"]} == {"unknown"}
    assert fact(result, "web")["state"] == "unknown"
    assert result["phone"] == {"vendor": "", "model": "", "release": "", "mac": ""}


def test_a_phone_that_the_caller_knows_better(yealink: YealinkPhone) -> None:
    yealink.reboot()
    result = probed(yealink, user_agent="Yealink SIP-T54W 96.85.0.5", mac="80:5e:c0:00:00:17")
    assert result["phone"] == {"vendor": "yealink", "model": "T54W", "release": "96.85.0.5", "mac": MAC}
    assert control(result, "FWM-3") == "fail"


def test_another_phone_than_the_one_that_is_meant(yealink: YealinkPhone) -> None:
    result = probed(yealink, mac="805ec0000018")
    assert result["remarks"] == [
        f"this may be another phone than the one that is meant: mac is {MAC} by https_certificate and 805ec0000018 by"
        " caller_mac"
    ]


def test_a_busy_web_server_leaves_the_release_to_sip(yealink: YealinkPhone) -> None:
    yealink.faults.plant(kind="busy")
    assert probed(yealink)["phone"]["release"] == "96.86.0.45"


@pytest.mark.parametrize("kind", ["cut", "refuse-tcp"])
def test_what_breaks_is_told_and_ends_nothing(yealink: YealinkPhone, kind: str) -> None:
    yealink.faults.plant(kind=kind)
    yealink.settle()
    result = probed(yealink, default_credentials=True)
    assert result["phone"]["release"] == "96.86.0.45"  # by SIP
    assert control(result, "WEB-2") == "unknown"


# Default credentials


def test_the_defaults_of_a_new_phone_are_accepted(any_yealink: YealinkPhone) -> None:
    result = probed(any_yealink, default_credentials=True)
    assert outcomes(result)[:2] == [("admin", "accepted"), ("user", "accepted")]
    assert control(result, "WEB-2") == "fail"
    assert [one["severity"] for one in result["findings"] if one["control"] == "WEB-2"][:1] == ["critical"]
    # No session is left behind: the owner finds a free one.
    assert outcomes(probed(any_yealink, default_credentials=True))[:2] == [("admin", "accepted"), ("user", "accepted")]


def test_the_defaults_are_refused(any_yealink: YealinkPhone) -> None:
    with_passwords(any_yealink, admin="one-of-its-own", user="another-one", var="a-third-one")
    result = probed(any_yealink, default_credentials=True)
    assert outcomes(result) == [("admin", "denied"), ("user", "denied")]
    assert control(result, "WEB-2") == "pass"
    assert control(result, "ADM-4") in ("unknown", "fail")
    assert not any_yealink.attempts.locked


def test_a_probe_never_locks_a_phone(any_yealink: YealinkPhone, tmp_path: Path) -> None:
    with_passwords(any_yealink, admin="one-of-its-own", user="another-one", var="a-third-one")
    for _run in range(4):
        probed(any_yealink, default_credentials=True, remember=str(tmp_path / "logins"))
    assert not any_yealink.attempts.locked
    assert any_yealink.attempts.left == 1


def test_what_was_refused_is_not_tried_again(yealink: YealinkPhone, tmp_path: Path) -> None:
    with_passwords(yealink, admin="one-of-its-own", user="another-one")
    first = probed(yealink, default_credentials=True, remember=str(tmp_path / "logins"))
    yealink.requests.clear()
    second = probed(yealink, default_credentials=True, remember=str(tmp_path / "logins"))
    assert outcomes(second) == outcomes(first)
    assert control(second, "WEB-2") == "pass"
    assert not any("auth/login" in target for _method, target in yealink.requests)


def test_a_locked_phone_is_tried_once_and_left_alone(any_yealink: YealinkPhone, tmp_path: Path) -> None:
    with_passwords(any_yealink, admin="one-of-its-own")
    for _failure in range(any_yealink.attempts.limit):
        any_yealink.attempts.fail()
    options: dict[str, Any] = {"default_credentials": True, "remember": str(tmp_path / "logins")}
    result = probed(any_yealink, **options)
    assert outcomes(result) == [("admin", "locked")]
    assert control(result, "WEB-2") == "unknown"
    any_yealink.requests.clear()
    again = probed(any_yealink, **options)
    assert outcomes(again) == []
    assert "left alone for a day" in fact(again, "logins_left_out")
    assert not any("login" in target for method, target in any_yealink.requests if method == "POST")


def test_a_session_of_somebody_else_is_no_refusal(any_yealink: YealinkPhone) -> None:
    any_yealink.faults.plant(kind="session-active")
    result = probed(any_yealink, default_credentials=True)
    assert outcomes(result) == [("admin", "unclear")]
    assert control(result, "WEB-2") == "unknown"


def test_no_log_in_in_check_mode(yealink: YealinkPhone, tmp_path: Path) -> None:
    result = probed(yealink, check=True, default_credentials=True, remember=str(tmp_path / "logins"))
    assert outcomes(result) == []
    assert "check mode" in fact(result, "logins_left_out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("plain_http", "expected"), [(False, []), (True, [("admin", "accepted")])])
def test_plain_http_only_where_it_was_asked_for(
    yealink: YealinkPhone, plain_http: bool, expected: list[tuple[str, str]]
) -> None:
    yealink.change({"static.wui.https_enable": "0"})
    result = probed(yealink, default_credentials=True, plain_http=plain_http)
    assert outcomes(result)[:1] == expected


def test_https_is_preferred_even_where_plain_http_was_asked_for(yealink: YealinkPhone) -> None:
    result = probed(yealink, default_credentials=True, plain_http=True)
    (how,) = {one["how"] for one in result["evidence"] if one["what"] == "login.1"}
    assert how == f"one log-in at https://{yealink.address}:{yealink.ports()['https']}"


def test_no_pair_shows_in_any_result(any_yealink: YealinkPhone, tmp_path: Path) -> None:
    """A Yealink's default password is the account's name; what is looked for is the two of them together."""
    text = json.dumps(probed(any_yealink, default_credentials=True, remember=str(tmp_path / "logins")))
    assert not any(pair in text for pair in ("admin:admin", "user:user", '"password"', '"pwd"'))
    assert "admin" not in (tmp_path / "logins").read_text(encoding="utf-8")


# SIP


@pytest.mark.parametrize(
    ("trust", "signal", "expected"),
    [("0", True, "fail"), ("0", False, "fail"), ("1", True, "pass"), ("1", False, "unknown")],
)
def test_sip_of_a_stranger(
    yealink: YealinkPhone, trust: Literal["0", "1"], signal: bool, expected: str
) -> None:
    yealink.change({"sip.trust_ctrl": trust})
    result = probed(yealink, **({"control_signal": registered()} if signal else {}))
    assert control(result, "FW-1") == expected
    assert fact(result, "sip.options")["state"] == ("silent" if trust == "1" else "answered")


def test_no_sip_is_sent_where_it_was_not_asked_for(yealink: YealinkPhone) -> None:
    result = probed(yealink, unsolicited_sip=False)
    assert facts(result, "sip.options") == []
    assert control(result, "FW-1") == "unknown"


def test_a_sign_of_life_costs_no_more_than_the_ports(yealink: YealinkPhone) -> None:
    result = probed(yealink, ports_only=True, default_credentials=True)
    assert {one["what"].partition(".")[0] for one in result["evidence"]} == {"port"}
    assert fact(result, "port.https")["state"] == "open"
    assert (result["controls"], result["findings"], yealink.requests) == ([], [], [])


# Poly

POLY_MAC = "64167f000001"
REST_ON = {"apps.restapi.enabled": "1"}
OWN = {"device.auth.localAdminPassword": "one-of-its-own", "device.auth.localUserPassword": "another-one"}


@pytest.fixture(params=["rest-digest", "rest-basic", "web"])
def any_poly(request: pytest.FixtureRequest) -> Iterator[PolyPhone]:
    """A Poly that lets its administrator in by REST of either kind, or by its web page alone."""
    kind, _dash, auth = request.param.partition("-")
    with PolyPhone(POLY_MAC, rest_auth=auth or "digest", settings=REST_ON if kind == "rest" else {}) as phone:
        yield phone


@pytest.fixture
def poly() -> Iterator[PolyPhone]:
    """A Poly whose REST interface is off."""
    with PolyPhone(POLY_MAC) as phone:
        yield phone


def test_who_a_poly_is(any_poly: PolyPhone) -> None:
    result = probed(any_poly)
    assert result["phone"] == {"vendor": "poly", "model": "VVX411", "release": "6.4.7.4477", "mac": POLY_MAC}
    assert result["remarks"] == []
    assert "O=Polycom Inc." in fact(result, "certificate.https")["subject"]
    assert fact(result, "rest") == ("on" if any_poly.settings.on("apps.restapi.enabled") else "off")
    assert any(one["evidence"].startswith("CVE-2026-0826") for one in result["findings"])


def test_a_poly_edge() -> None:
    with PolyPhone(POLY_MAC, "Edge E350", "8.1.0.1", family="PolyEdge") as phone:
        result = probed(phone)
    assert (result["phone"]["model"], result["phone"]["release"]) == ("EDGEE350", "8.1.0.1")
    assert control(result, "FWM-3") == "unknown"


def test_a_poly_that_tells_its_address_by_sip_alone() -> None:
    closed = {"httpd.enabled": "0"}
    with PolyPhone(POLY_MAC, "VVX 450", "6.4.6.2453", tells_mac=True, settings=closed) as phone:
        result = probed(phone)
    assert (result["phone"]["model"], result["phone"]["mac"]) == ("VVX450", POLY_MAC)


def test_ice_that_is_known_to_be_off(poly: PolyPhone) -> None:
    severities = {}
    for name, observed in {"not known": {}, "off": {"nat.ice": False}, "on": {"nat.ice": True}}.items():
        found = probed(poly, observed=observed)["findings"]
        (severities[name],) = [one["severity"] for one in found if one["evidence"].startswith("CVE-2026-0826")]
    assert severities == {"not known": "critical", "off": "low", "on": "critical"}


def test_the_default_of_a_new_poly_is_accepted(any_poly: PolyPhone) -> None:
    result = probed(any_poly, default_credentials=True)
    assert outcomes(result)[0] == ("Polycom", "accepted")
    assert control(result, "WEB-2") == "fail"


def test_the_defaults_of_a_poly_are_refused(any_poly: PolyPhone) -> None:
    any_poly.settings.change("device", OWN)
    result = probed(any_poly, default_credentials=True)
    assert outcomes(result) == [("Polycom", "denied"), ("Polycom", "denied")]
    assert control(result, "WEB-2") == "pass"
    assert not any_poly.attempts.locked


def test_the_default_of_a_provisioning_template(any_poly: PolyPhone) -> None:
    any_poly.settings.change("device", {**OWN, "device.auth.localAdminPassword": "9486"})
    result = probed(any_poly, default_credentials=True)
    assert outcomes(result)[:2] == [("Polycom", "denied"), ("Polycom", "accepted")]
    assert control(result, "WEB-2") == "fail"
    text = json.dumps(result)
    assert "9486" not in text
    assert '"456"' not in text


def test_a_poly_with_one_attempt_left_is_left_alone(poly: PolyPhone, tmp_path: Path) -> None:
    poly.settings.change("device", OWN)
    poly.settings.change("config", {"httpd.cfg.lockWebUI.noOfInvalidAttempts": "3"})
    poly.attempts.fail()  # somebody mistyped
    options: dict[str, Any] = {"default_credentials": True, "remember": str(tmp_path / "logins")}
    result = probed(poly, **options)
    assert outcomes(result) == [("Polycom", "one_left")]
    assert control(result, "WEB-2") == "unknown"
    again = probed(poly, **options)
    assert outcomes(again) == [("Polycom", "denied")]  # remembered
    assert "left alone for a day" in fact(again, "logins_left_out")
    assert not poly.attempts.locked


def test_a_locked_poly(poly: PolyPhone) -> None:
    poly.settings.change("device", OWN)
    poly.attempts.limit, poly.attempts.seconds = 1, 60.0
    poly.attempts.fail()
    result = probed(poly, default_credentials=True)
    assert outcomes(result) == [("Polycom", "locked")]
    assert control(result, "WEB-2") == "unknown"


@pytest.mark.parametrize(
    ("how", "state", "expected"),
    [("Null", "answered", "fail"), ("source", "silent", "pass"), ("digest", "answered", "pass")],
)
def test_sip_of_a_stranger_at_a_poly(poly: PolyPhone, how: str, state: str, expected: str) -> None:
    prefix = "voIpProt.SIP.requestValidation.1"
    poly.settings.change("config", {f"{prefix}.request": "OPTIONS", f"{prefix}.method": how})
    result = probed(poly, control_signal=registered())
    assert (fact(result, "sip.options")["state"], control(result, "FW-1")) == (state, expected)


def test_telnet_of_a_poly_is_found(poly: PolyPhone) -> None:
    poly.change({"diags.telnetd.enabled": "1"})
    found = [one["evidence"] for one in probed(poly)["findings"] if one["control"] == "ADM-4"]
    assert f"telnet is open on port {poly.ports()['telnet']}" in found


def test_a_poly_without_its_web_interface(poly: PolyPhone) -> None:
    poly.change({"httpd.enabled": "0"})
    result = probed(poly, control_signal=registered(), default_credentials=True)
    assert fact(result, "web")["state"] == "off"
    assert outcomes(result) == []
    assert control(result, "WEB-2") == "unknown"
