"""Releases compared, and what an installed one means."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.phones.firmware import (
    FirmwareVerdict,
    Installed,
    firmware_findings,
    judge_firmware,
    judge_release,
    review_finding,
)
from ansible_collections.voip.hardening.plugins.module_utils.phones.firmware_data import FirmwareData, load_firmware
from ansible_collections.voip.hardening.plugins.module_utils.phones.releases import compare
from tests.unit.phones.firmware_samples import DATA, TODAY, shipped

INCOMPARABLE = None


@pytest.mark.parametrize(
    ("vendor", "first", "second", "sign"),
    [
        ("yealink", "96.86.0.45", "96.87.0.15", -1),
        ("yealink", "96.87.0.15", "96.87.0.15", 0),
        ("yealink", "96.86.0.100", "96.86.0.99", 1),
        ("yealink", "96.86.0.45", "108.86.0.45", INCOMPARABLE),
        ("yealink", "108.86.14.8", "108.86.0.90", INCOMPARABLE),
        ("yealink", "108.86.14.8", "108.86.15.9", INCOMPARABLE),
        ("yealink", "108.86.14.8", "108.86.14.9", -1),
        ("yealink", "96.87", "96.87.0.15", INCOMPARABLE),
        ("yealink", "", "96.87.0.15", INCOMPARABLE),
        ("poly", "6.4.7.4477", "6.4.8", -1),
        ("poly", "6.4.8.100", "6.4.8", 1),
        ("poly", "6.4.8.0", "6.4.8", 0),
        ("poly", "6.4.10.1", "6.4.9.2", 1),
        ("poly", "6.4.x", "6.4.8", INCOMPARABLE),
    ],
)
def test_compare(vendor: str, first: str, second: str, sign: int | None) -> None:
    order = compare(vendor, first, second)
    assert order.sign == sign
    assert bool(order.why) == (sign is INCOMPARABLE)
    assert compare(vendor, second, first).sign == (None if sign is None else -sign)


@pytest.mark.parametrize(
    ("installed", "verdict", "why"),
    [
        (Installed("yealink", "T54W", "96.87.0.15"), "current", "no newer release"),
        (Installed("yealink", "T54W", "96.88.0.1"), "current", "no newer release"),
        (Installed("yealink", "T54W", "96.86.0.45"), "behind", "older than 96.87.0.15"),
        (Installed("yealink", "T54W", "96.85.0.5"), "outdated", "older than the minimum 96.86.0.45"),
        (Installed("yealink", "", "96.85.0.5"), "outdated", "older than the minimum"),
        (Installed("yealink", "T54W", "96.85.12.5"), "unknown", "customised"),
        (Installed("yealink", "T46U", "108.86.14.8"), "unknown", "customised"),
        (Installed("yealink", "T99", "199.86.0.1"), "unknown", "no family"),
        (Installed("yealink", "T54W", ""), "unknown", "not known"),
        (Installed("yealink", "T54W", "garbage"), "unknown", "no release"),
        (Installed("poly", "VVX350", "6.4.7.4477"), "current", "no newer release"),
        (Installed("poly", "VVX350", "5.9.5.0614"), "behind", "older than 6.4.7.4477"),
        (Installed("poly", "VVX310", "5.9.5.0614"), "unknown", "not known for sure"),
        (Installed("poly", "TRIO8800", "7.2.7.100"), "outdated", "older than the minimum 7.2.8"),
        (Installed("poly", "EDGEE350", "8.1.0.1"), "unknown", "not known for sure"),
        (Installed("poly", "EDGEE350", "8.9.0.1"), "unknown", "not known for sure"),
        (Installed("poly", "", "6.4.7.4477"), "unknown", "no family"),
        (Installed("snom", "D785", "10.1.2"), "unknown", "no family"),
        (Installed(), "unknown", "not known"),
    ],
)
def test_how_recent(installed: Installed, verdict: str, why: str) -> None:
    found = judge_release(installed, shipped())
    assert found.verdict == verdict
    assert why in found.why


Observed = dict[str, object]


def judged(installed: Installed, observed: Observed | None = None) -> FirmwareVerdict:
    return judge_firmware(installed, shipped(), observed or {})


def state(installed: Installed, advisory: str, observed: Observed | None = None) -> str:
    (found,) = [one.state for one in judged(installed, observed).advisories if one.advisory.id == advisory]
    return found


@pytest.mark.parametrize(
    ("installed", "advisory", "expected"),
    [
        (Installed("poly", "VVX350", "6.4.7.4477"), "CVE-2026-0826", "affected"),
        (Installed("poly", "VVX350", "5.9.5.0614"), "CVE-2026-0826", "affected"),
        # Whether 6.4.8 has the fix was not read in the vendor's own words.
        (Installed("poly", "VVX350", "6.4.8.1"), "CVE-2026-0826", "unknown"),
        (Installed("poly", "TRIO8300", "8.1.6.9"), "CVE-2026-0826", "affected"),
        (Installed("poly", "TRIO8300", "8.1.7.1"), "CVE-2026-0826", "not_affected"),
        (Installed("poly", "TRIO8800", "7.2.8"), "CVE-2026-0826", "not_affected"),
        (Installed("poly", "", "7.2.8"), "CVE-2026-0826", "unknown"),
        (Installed("poly", "VVX350", ""), "CVE-2026-0826", "unknown"),
        (Installed("poly", "VVX350", "6.4.7.4477"), "CVE-2023-4464", "unknown"),
        (Installed("poly", "VVX601", "5.8.0.12848"), "CVE-2018-18568", "affected"),
        (Installed("poly", "VVX601", "5.8.1.1"), "CVE-2018-18568", "not_affected"),
        (Installed("yealink", "T21P_E2", "52.84.0.15"), "CVE-2025-66738", "affected"),
        (Installed("yealink", "T21P_E2", "52.84.0.140"), "CVE-2025-66738", "unknown"),
        (Installed("yealink", "T41P", "66.83.0.35"), "CVE-2018-16217", "affected"),
        (Installed("yealink", "T41P", "36.84.0.1"), "CVE-2018-16217", "unknown"),
        (Installed("grandstream", "GXP1628", "1.0.7.6"), "CVE-2026-2329", "affected"),
        (Installed("grandstream", "GXP1628", "1.0.7.81"), "CVE-2026-2329", "not_affected"),
    ],
)
def test_advisories(installed: Installed, advisory: str, expected: str) -> None:
    assert state(installed, advisory) == expected


def test_an_advisory_for_other_models_is_not_mentioned() -> None:
    names = {one.advisory.id for one in judged(Installed("yealink", "T54W", "96.87.0.15")).advisories}
    assert names == {"CVE-2019-14656"}
    assert not judged(Installed("snom", "D785", "10.1.2")).advisories


VVX = Installed("poly", "VVX350", "6.4.7.4477")
CHANGED: Observed = {"auth.user": "changed"}
SWITCHED_OFF: Observed = {
    "nat.ice": False,
    "web.https": False,
    "debug.telnet": False,
    "remote.test_automation": False,
}


def test_a_decisive_mitigation_in_force_and_one_that_is_not() -> None:
    assert state(VVX, "CVE-2026-0826", {"nat.ice": False}) == "mitigated"
    assert state(VVX, "CVE-2026-0826", {"nat.ice": True}) == "affected"
    assert state(VVX, "CVE-2026-0826", {"sip.registrar_only": True}) == "affected"


@pytest.mark.parametrize(
    ("observed", "severity", "told"),
    [
        ({}, "critical", "nat.ice false: not known, sip.registrar_only true: not known"),
        (
            {"nat.ice": True, "sip.registrar_only": True},
            "critical",
            "nat.ice false: not in force, sip.registrar_only true: in force",
        ),
        ({"nat.ice": False}, "low", "nat.ice false: in force, sip.registrar_only true: not known"),
    ],
)
def test_a_finding_tells_whether_the_mitigation_is_known(observed: Observed, severity: str, told: str) -> None:
    found = firmware_findings("phone7", judged(VVX, observed), observed)
    (finding,) = [one for one in found if one.evidence.startswith("CVE-2026-0826")]
    assert (finding.control, finding.severity) == ("FWM-3", severity)
    assert finding.subject == "phone7 (poly VVX350 6.4.7.4477)"
    assert told in finding.evidence
    assert "8.1.7" not in finding.advice  # the fix for another model


def found(installed: Installed) -> list[tuple[str, str]]:
    return [(one.severity, one.evidence) for one in firmware_findings("phone7", judged(installed), {})]


@pytest.mark.parametrize(
    ("installed", "severity", "evidence"),
    [
        (Installed("yealink", "T54W", "96.85.0.5"), "high", "96.85.0.5 is older than the minimum 96.86.0.45"),
        (Installed("yealink", "T54W", "96.86.0.45"), "low", "96.86.0.45 is older than 96.87.0.15"),
        (Installed("yealink", "T46U", "108.86.14.8"), "info", "whether it is recent: .* customised differently"),
        (Installed("yealink", "T21P_E2", "52.84.0.140"), "info", "Yealink T21P E2 probably gets no more fixes"),
        (Installed("yealink", "T54W", "96.87.0.15"), "info", "unknown whether it is affected: CVE-2019-14656"),
    ],
)
def test_findings(installed: Installed, severity: str, evidence: str) -> None:
    assert any(one[0] == severity and re.search(evidence, one[1]) for one in found(installed))


@pytest.mark.parametrize(
    ("installed", "observed", "result"),
    [
        (Installed("yealink", "T54W", "96.87.0.15"), CHANGED, "pass"),
        (Installed("yealink", "T54W", "96.87.0.15"), {"auth.user": "default"}, "unknown"),
        (Installed("yealink", "T54W", "96.87.0.15"), {}, "unknown"),
        (Installed("yealink", "T54W", "96.86.0.45"), CHANGED, "unknown"),
        (Installed("yealink", "T54W", "96.85.0.5"), CHANGED, "fail"),
        (Installed("yealink", "T46U", "108.86.14.8"), CHANGED, "unknown"),
        (VVX, {}, "fail"),
        (VVX, {"nat.ice": False}, "unknown"),
        (VVX, SWITCHED_OFF, "pass"),
        (Installed("grandstream", "GXP1628", "1.0.7.81"), {}, "pass"),
        (Installed("grandstream", "GXP1628", "1.0.7.6"), {}, "fail"),
        (Installed(), {}, "unknown"),
    ],
)
def test_the_control_passes_only_where_all_is_known(
    installed: Installed, observed: Observed, result: str
) -> None:
    verdict = judged(installed, observed)
    assert verdict.result == result
    assert verdict.why


def test_what_is_unsure_never_makes_outdated_or_safe() -> None:
    family = {**DATA["families"][0], "unsure": ["latest", "minimum"]}
    data = load_firmware({**DATA, "families": [family]}, TODAY)
    for release in ("96.1.0.1", "96.87.0.15", "96.99.0.1"):
        assert judge_release(Installed("yealink", "T54W", release), data).verdict == "unknown"


def test_the_end_of_support_fails_only_where_it_is_sure() -> None:
    def result(**changes: Any) -> str:
        family = {**DATA["families"][0], "support": "eol", **changes}
        data = load_firmware({**DATA, "families": [family]}, TODAY)
        return judge_firmware(Installed("yealink", "T54W", "96.87.0.15"), data, {}).result

    assert result() == "fail"
    assert result(unsure=["support"]) == "pass"


def reviewed(days_ago: int) -> FirmwareData:
    return load_firmware({**DATA, "reviewed_on": TODAY - timedelta(days=days_ago)}, TODAY)


def test_old_data_are_a_finding() -> None:
    assert review_finding(reviewed(120), TODAY) is None
    finding = review_finding(reviewed(121), TODAY)
    assert finding is not None
    assert (finding.control, finding.severity, finding.subject) == ("FWM-2", "medium", "firmware data")
    assert finding.evidence == "last reviewed on 2026-08-02, 121 days ago"


def test_the_shipped_data_are_recent_on_the_day_of_their_review() -> None:
    data = shipped()
    assert review_finding(data, data.reviewed_on) is None
    assert review_finding(data, date(2027, 4, 1)) is not None
