"""Whatever a probe sees: nothing passes by silence, and what is seen twice is judged the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voip.hardening.plugins.module_utils.phones.evidence import Evidence
from ansible_collections.voip.hardening.plugins.module_utils.phones.logins import PAIRS
from ansible_collections.voip.hardening.plugins.module_utils.phones.probing import VANTAGES, Question, judge, web_state
from tests.unit.phones.firmware_samples import shipped

NOW = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)
DATA = shipped()
NAMES = {"http": 80, "https": 443, "ssh": 22, "telnet": 23, "sip": 5060, "sips": 5061}
QUIET = ("refused", "silent", "unreachable")
VERSIONS = ["TLSv1", "TLSv1_1", "TLSv1_2", "TLSv1_3"]

ports = st.fixed_dictionaries({name: st.sampled_from(("open", *QUIET)) for name in NAMES})
signals = st.one_of(
    st.none(),
    st.builds(
        lambda state, seconds: {"state": state, "by": "pbx", "at": (NOW - timedelta(seconds=seconds)).isoformat()},
        st.sampled_from(("registered", "answered", "absent")),
        st.integers(-200, 200),
    ),
)
answers = st.builds(
    lambda state, status: {"state": state, "status": status, "reason": "", "agent": ""},
    st.sampled_from(("answered", "silent", "refused")),
    st.sampled_from((200, 401, 403, 404, 486)),
)
logins = st.lists(st.sampled_from(("accepted", "denied", "one_left", "locked", "absent", "unclear")), max_size=3)
phones = st.fixed_dictionaries(
    {
        "vendor": st.sampled_from(("", "yealink", "poly", "snom")),
        "model": st.sampled_from(("", "T54W", "VVX350", "TRIO8800")),
        "release": st.sampled_from(("", "96.87.0.15", "96.1.0.1", "6.4.7.4477", "7.2.8", "nonsense")),
        "mac": st.just(""),
    }
)
offers = st.lists(st.sampled_from(VERSIONS), unique=True)


def evidence(
    states: dict[str, str], signal: Any, answer: Any, outcomes: list[str], phone: dict[str, str], offered: list[str]
) -> Evidence:
    found = Evidence(lambda: NOW)
    for name, state in states.items():
        found.add(f"port.{name}", {"port": NAMES[name], "state": state}, "")
    if signal:
        found.add("control_signal", signal, "")
    if answer:
        found.add("sip.options", answer, "")
    found.add("tls.https", {"offered": offered, "refused": [], "unclear": {}}, "")
    pairs = PAIRS.get(phone["vendor"], ())
    for number, (pair, outcome) in enumerate(zip(pairs, outcomes, strict=False)):
        who = {"account": pair.account, "administers": pair.administers, "origin": pair.origin}
        found.add(f"login.{number}", {**who, "outcome": outcome, "at": ""}, "")
    found.add("phone", phone, "")
    return found


seen = st.builds(evidence, ports, signals, st.one_of(st.none(), answers), logins, phones, offers)


def fresh(signal: Any) -> bool:
    return bool(
        signal
        and signal["state"] != "absent"
        and abs(NOW - datetime.fromisoformat(signal["at"])) <= timedelta(minutes=1)
    )


@given(seen, st.sampled_from(VANTAGES))
def test_nothing_passes_by_silence(found: Evidence, vantage: Any) -> None:
    results = {one.control: one for one in judge(found, Question("phone", vantage, NOW, DATA, {}))[0]}
    alive = fresh(found.get("control_signal"))
    states = {name: port["state"] for name, port in found.under("port").items()}
    if results["WEB-1"].result == "pass":
        assert vantage == "wan"
        assert alive
        assert not {"open", "unreachable"} & {states["http"], states["https"]}
    if results["FW-1"].result == "pass":
        answer = found.get("sip.options")
        assert alive or (answer["state"] == "answered" and answer["status"] in (401, 403))
    if results["WEB-2"].result == "pass":
        administrators = [one["outcome"] for one in found.under("login").values() if one["administers"]]
        assert "denied" in administrators
        assert set(administrators) <= {"denied", "absent"}
    if results["FWM-3"].result == "pass":
        assert found.get("phone")["release"] in ("96.87.0.15", "6.4.7.4477", "7.2.8")
    assert results["ADM-4"].result != "pass"
    assert results["ENC-1"].result != "pass"


@given(seen, st.sampled_from(VANTAGES))
def test_what_fails_has_a_finding_and_what_has_one_fails(found: Evidence, vantage: Any) -> None:
    results, findings = judge(found, Question("phone", vantage, NOW, DATA, {}))
    grave = {one.control for one in findings if one.severity not in ("info", "low")}
    for one in results:
        assert one.why, one
        assert (one.result == "fail") == (one.control in grave), one


@given(seen, st.sampled_from(VANTAGES))
def test_an_accepted_default_is_never_lost(found: Evidence, vantage: Any) -> None:
    results, findings = judge(found, Question("phone", vantage, NOW, DATA, {}))
    if any(one["outcome"] == "accepted" for one in found.under("login").values()):
        assert {one.control: one.result for one in results}["WEB-2"] == "fail"
        assert any(one.control == "WEB-2" and one.severity == "critical" for one in findings)


@given(seen, st.sampled_from(VANTAGES))
def test_a_web_interface_is_off_only_beside_a_sign_of_life(found: Evidence, vantage: Any) -> None:
    state = web_state(found, Question("phone", vantage, NOW, DATA, {}))["state"]
    states = {name: port["state"] for name, port in found.under("port").items()}
    assert (state == "open") == ("open" in (states["http"], states["https"]))
    if state == "off":
        assert fresh(found.get("control_signal")) or "open" in states.values()
