"""What the evidence says about the controls; silence never passes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.findings import Finding
from ansible_collections.voip.hardening.plugins.module_utils.phones.evidence import Evidence
from ansible_collections.voip.hardening.plugins.module_utils.phones.firmware_data import FirmwareData
from ansible_collections.voip.hardening.plugins.module_utils.phones.probing import (
    Judged,
    Question,
    judge,
    web_state,
)
from tests.unit.phones.firmware_samples import shipped

NOW = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)
PORTS = {"http": 80, "https": 443, "ssh": 22, "telnet": 23, "sip": 5060, "sips": 5061}
SILENT = dict.fromkeys(PORTS, "silent")
REFUSED = dict.fromkeys(PORTS, "refused")
IGNORED = {"state": "silent", "status": 0, "reason": "", "agent": ""}


def registered(seconds_ago: float = 5, state: str = "registered") -> dict[str, str]:
    return {"state": state, "by": "pbx1", "at": (NOW - timedelta(seconds=seconds_ago)).isoformat()}


def evidence(ports: dict[str, str] | None = None, **facts: Any) -> Evidence:
    """Evidence with these states of ports, and other facts with __ for the dot in their names."""
    found = Evidence(lambda: NOW)
    for name, state in (ports or {}).items():
        found.add(f"port.{name}", {"port": PORTS[name], "state": state}, "a test")
    for name, value in facts.items():
        found.add(name.replace("__", "."), value, "a test")
    return found


def judged(
    found: Evidence, vantage: Any = "management", data: FirmwareData | None = None, **observed: Any
) -> tuple[dict[str, Judged], list[Finding]]:
    results, findings = judge(found, Question("phone7", vantage, NOW, data, observed))
    return {one.control: one for one in results}, findings


def result(found: Evidence, control: str, vantage: Any = "management") -> str:
    return judged(found, vantage)[0][control].result


def about(findings: list[Finding], control: str) -> list[tuple[str, str]]:
    return [(one.severity, one.evidence) for one in findings if one.control == control]


def phone(**fields: str) -> dict[str, str]:
    return {"vendor": "yealink", "model": "T54W", "release": "96.87.0.15", "mac": "", **fields}


VVX = phone(vendor="poly", model="VVX350", release="6.4.7.4477")


def test_nothing_seen_passes_nothing() -> None:
    for found in (evidence(), evidence(SILENT), evidence(REFUSED), evidence(SILENT, sip__options=IGNORED)):
        for vantage in ("management", "voice", "data", "wan"):
            results, findings = judged(found, vantage)
            assert {one.result for one in results.values()} == {"unknown"}
            assert findings == []


# The web interface from the internet


@pytest.mark.parametrize(
    ("ports", "signal", "expected"),
    [
        (SILENT, registered(), "pass"),
        (REFUSED, registered(), "pass"),
        (SILENT, registered(state="answered"), "pass"),
        (SILENT, None, "unknown"),
        (SILENT, registered(state="absent"), "unknown"),
        (SILENT, registered(61), "unknown"),
        (SILENT, registered(-61), "unknown"),
        # The address may be that of the router: its open port says nothing of the phone.
        ({**SILENT, "sips": "open"}, None, "unknown"),
        (dict.fromkeys(PORTS, "unreachable"), registered(), "unknown"),
        ({**SILENT, "https": "unreachable"}, registered(), "unknown"),
        ({**SILENT, "https": "open"}, registered(), "fail"),
        ({**SILENT, "http": "open"}, None, "fail"),
    ],
)
def test_the_web_interface_from_the_internet(ports: dict[str, str], signal: Any, expected: str) -> None:
    found = evidence(ports, **({"control_signal": signal} if signal else {}))
    assert result(found, "WEB-1", "wan") == expected


@pytest.mark.parametrize("vantage", ["management", "voice", "data"])
def test_from_inside_nothing_can_be_said_of_the_internet(vantage: str) -> None:
    found = evidence(REFUSED, control_signal=registered())
    assert result(found, "WEB-1", vantage) == "unknown"


@pytest.mark.parametrize(
    ("port", "control"),
    [("https", "WEB-1"), ("http", "WEB-1"), ("sip", "FW-1"), ("sips", "FW-1"), ("ssh", "WEB-3"), ("telnet", "WEB-3")],
)
def test_a_port_that_is_open_to_the_internet(port: str, control: str) -> None:
    _results, findings = judged(evidence({**SILENT, port: "open"}), "wan")
    assert ("critical", f"port {PORTS[port]} is open to the internet") in about(findings, control)


def test_a_phone_that_is_open_to_the_data_network() -> None:
    _results, findings = judged(evidence({**SILENT, "https": "open", "sip": "open"}), "data")
    assert about(findings, "VLAN-1") == [("high", "open to the data network: port 443, 5060")]
    _results, findings = judged(evidence({**SILENT, "https": "open"}), "voice")
    assert findings == []


@pytest.mark.parametrize(
    ("ports", "signal", "state"),
    [
        ({**REFUSED, "https": "open"}, None, "open"),
        (REFUSED, registered(), "off"),
        (SILENT, registered(), "off"),
        ({**REFUSED, "sips": "open"}, None, "off"),
        (REFUSED, None, "unknown"),
        (SILENT, registered(300), "unknown"),
        (dict.fromkeys(PORTS, "unreachable"), registered(), "unknown"),
    ],
)
def test_whether_the_web_interface_is_off(ports: dict[str, str], signal: Any, state: str) -> None:
    found = evidence(ports, **({"control_signal": signal} if signal else {}))
    assert web_state(found, Question("phone7", "management", NOW, None, {}))["state"] == state


# What a web interface offers


@pytest.mark.parametrize(
    ("web", "severity"),
    [
        ({"status": 200, "server": "", "redirects_to_https": False}, "medium"),
        ({"status": 302, "server": "", "redirects_to_https": False}, "medium"),
        ({"status": 302, "server": "", "redirects_to_https": True}, ""),
        ({"status": 403, "server": "", "redirects_to_https": False}, ""),
    ],
)
def test_passwords_in_clear(web: dict[str, Any], severity: str) -> None:
    _results, findings = judged(evidence({**SILENT, "http": "open"}, web__http=web))
    text = "the web interface is served without encryption, and so are its passwords"
    assert about(findings, "ADM-4") == ([(severity, text)] if severity else [])


def test_remote_shells() -> None:
    _results, findings = judged(evidence({**SILENT, "ssh": "open", "telnet": "open"}))
    assert about(findings, "ADM-4") == [("high", "telnet is open on port 23"), ("medium", "ssh is open on port 22")]


@pytest.mark.parametrize(
    ("offered", "expected"),
    [
        (["TLSv1_2", "TLSv1_3"], []),
        ([], []),
        (["TLSv1", "TLSv1_2"], [("medium", "offers TLS 1.0")]),
        (["TLSv1", "TLSv1_1", "TLSv1_2"], [("medium", "offers TLS 1.0 and TLS 1.1")]),
        (["TLSv1"], [("high", "offers TLS 1.0 and nothing newer")]),
    ],
)
@pytest.mark.parametrize(("service", "control"), [("https", "ADM-4"), ("sips", "ENC-1")])
def test_old_tls(service: str, control: str, offered: list[str], expected: list[tuple[str, str]]) -> None:
    offer = {"offered": offered, "refused": [], "unclear": {}}
    results, findings = judged(evidence({**SILENT, service: "open"}, **{f"tls__{service}": offer}))
    assert about(findings, control) == [(severity, f"{service} {text}") for severity, text in expected]
    assert results[control].result == ("fail" if expected else "unknown")


def test_an_expired_certificate() -> None:
    certificate = {"subject": "", "issuer": "", "not_after": "2026-11-29T00:00:00+00:00", "mac": ""}
    _results, findings = judged(evidence(certificate__https=certificate))
    assert about(findings, "ADM-4") == [("low", "the certificate of https expired at 2026-11-29T00:00:00+00:00")]
    certificate["not_after"] = "2026-12-29T00:00:00+00:00"
    assert judged(evidence(certificate__https=certificate))[1] == []


# Default passwords


def tried(*outcomes: str, **facts: Any) -> Evidence:
    logins = {
        f"login__{number}": {
            "account": ("admin", "user", "var")[number],
            "administers": number == 0,
            "origin": "the maker's default",
            "outcome": outcome,
            "at": "2026-11-30T09:59:00+00:00",
        }
        for number, outcome in enumerate(outcomes)
    }
    return evidence(None, **{"phone": phone(), **logins, **facts})


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (tried("denied", "denied", "denied"), "pass"),
        (tried("denied", "absent", "denied"), "pass"),
        # The control asks for the administrator's password; what was not tried of others is told.
        (tried("denied", "locked", logins_left_out="stopped"), "pass"),
        (tried("denied", logins_left_out="two failures a day"), "pass"),
        (tried("absent", "denied", "denied"), "unknown"),
        (tried("one_left", logins_left_out="stopped"), "unknown"),
        (tried("locked", logins_left_out="stopped"), "unknown"),
        (tried("unclear", logins_left_out="stopped"), "unknown"),
        (tried(logins_left_out="not asked"), "unknown"),
        # A Poly has two defaults for its administrator.
        (tried("denied", logins_left_out="stopped", phone=VVX), "unknown"),
        (tried("denied", phone=phone(vendor="")), "unknown"),
        (tried("accepted", "denied", "denied"), "fail"),
        (tried("denied", "accepted", "locked", logins_left_out="stopped"), "fail"),
    ],
)
def test_default_passwords(found: Evidence, expected: str) -> None:
    assert result(found, "WEB-2") == expected


def test_an_accepted_default_password() -> None:
    results, findings = judged(tried("accepted"))
    text = "the account 'admin' has the maker's default as its password"
    assert about(findings, "WEB-2") == [("critical", text)]
    assert about(findings, "ADM-4") == [("high", text)]
    assert results["ADM-4"].result == "fail"


def test_refused_defaults_do_not_make_a_password_strong() -> None:
    assert result(tried("denied", "denied", "denied"), "ADM-4") == "unknown"


def test_a_locked_phone_is_told() -> None:
    assert about(judged(tried("locked", logins_left_out="stopped"))[1], "ADM-4") == [
        ("low", "log-ins are locked after failures")
    ]


# SIP of strangers


def answered(status: int) -> dict[str, Any]:
    return {"state": "answered", "status": status, "reason": "OK", "agent": ""}


@pytest.mark.parametrize(
    ("answer", "signal", "expected"),
    [
        (IGNORED, registered(), "pass"),
        ({**IGNORED, "state": "refused"}, registered(), "pass"),
        (IGNORED, None, "unknown"),
        (IGNORED, registered(state="absent"), "unknown"),
        (IGNORED, registered(61), "unknown"),
        (answered(200), registered(), "fail"),
        (answered(200), None, "fail"),
        (answered(404), None, "fail"),
        (answered(486), None, "fail"),
        (answered(401), None, "pass"),
        (answered(403), None, "pass"),
    ],
)
def test_sip_of_strangers(answer: dict[str, Any], signal: Any, expected: str) -> None:
    found = evidence(SILENT, sip__options=answer, **({"control_signal": signal} if signal else {}))
    assert result(found, "FW-1") == expected


def test_an_open_web_port_does_not_prove_that_the_phone_would_answer_sip() -> None:
    assert result(evidence({**SILENT, "https": "open"}, sip__options=IGNORED), "FW-1") == "unknown"


@pytest.mark.parametrize(("vantage", "severity"), [("voice", "medium"), ("data", "medium"), ("wan", "critical")])
def test_how_bad_an_answer_to_a_stranger_is(vantage: str, severity: str) -> None:
    _results, findings = judged(evidence(SILENT, sip__options=answered(200)), vantage)
    assert about(findings, "FW-1") == [(severity, "SIP of a stranger over UDP is answered (200 OK)")]


# Firmware


@pytest.mark.parametrize(
    ("found", "observed", "expected"),
    [
        (evidence(phone=phone()), {}, ("pass", "unknown")),
        (evidence(phone=phone()), {"auth.user": "changed"}, ("pass", "pass")),
        # The probe itself saw that the account "user" has another password.
        (tried("denied", "denied", "denied", phone=phone()), {}, ("pass", "pass")),
        (tried("denied", "accepted", "denied", phone=phone()), {}, ("pass", "unknown")),
        (evidence(phone=phone(release="96.85.0.5")), {}, ("pass", "fail")),
        (evidence(phone=phone(release="96.85.12.5")), {}, ("pass", "unknown")),
        (evidence(phone=phone(release="")), {}, ("unknown", "unknown")),
        (evidence(), {}, ("unknown", "unknown")),
    ],
)
def test_firmware(found: Evidence, observed: dict[str, Any], expected: tuple[str, str]) -> None:
    results, _findings = judged(found, data=shipped(), **observed)
    assert (results["FWM-2"].result, results["FWM-3"].result) == expected


def test_no_firmware_data_pass_nothing() -> None:
    results, _findings = judged(evidence(phone=phone()))
    assert (results["FWM-2"].result, results["FWM-3"].result) == ("unknown", "unknown")


@pytest.mark.parametrize(
    ("vantage", "ports", "told"),
    [
        ("voice", REFUSED, "web.https false: in force"),
        ("voice", {**REFUSED, "https": "open"}, "web.https false: not in force"),
        # From elsewhere, what is closed may be a firewall.
        ("management", REFUSED, "web.https false: not known"),
        ("wan", SILENT, "web.https false: not known"),
    ],
)
def test_what_the_probe_sees_counts_as_a_mitigation(vantage: str, ports: dict[str, str], told: str) -> None:
    found = evidence(ports, control_signal=registered(), phone=VVX)
    _results, findings = judged(found, vantage, shipped())
    assert any("CVE-2023-4462" in one.evidence and told in one.evidence for one in findings)
