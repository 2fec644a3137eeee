"""What was seen of a phone and of its files, as a record."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ansible_collections.voip.hardening.plugins.module_utils.phones.configuring import Job
from ansible_collections.voip.hardening.plugins.module_utils.phones.vendors import VENDORS
from ansible_collections.voip.hardening.plugins.module_utils.policy.catalogue import load_controls
from ansible_collections.voip.hardening.plugins.module_utils.posture.phones import (
    Files,
    of_settings,
    of_unseen,
    record_of,
)
from ansible_collections.voip.hardening.plugins.module_utils.posture.record import Difference, Record, Unverifiable
from ansible_collections.voip.hardening.plugins.module_utils.secret import Secret
from ansible_collections.voip.hardening.plugins.module_utils.target import Target
from tests.support.playbooks import ROOT
from tests.unit.phones.samples import credentials, phone, site

CATALOGUE = load_controls(yaml.safe_load((ROOT / "data" / "controls.yml").read_text(encoding="utf-8")))
NOTHING: dict[str, Any] = {"intents": {}, "findings": [], "remarks": [], "pending": [], "left_out": []}


def intent(wanted: Any, *values: Any, verdict: str = "drift", controls: tuple[str, ...] = ("WEB-1",)) -> dict[str, Any]:
    """An intent as a result of `phone_config` has it, of parameters p0, p1 and so on."""
    parameters = {f"p{number}": {"value": value} for number, value in enumerate(values)}
    known = [value for value in values if value is not None]
    return {
        "says": "It is said", "controls": list(controls), "found": known[0] if known else None, "wanted": wanted,
        "verdict": verdict, "parameters": parameters,
    }  # fmt: skip


def live(**intents: dict[str, Any]) -> dict[str, Any]:
    """A result of `phone_config`; intents by name, `_` for a dot."""
    named = {name.replace("_", ".", 1): entry for name, entry in intents.items()}
    return {**NOTHING, "intents": named, "phone": phone("yealink").about, "proved": ["admin"]}


def job(vendor: str = "yealink", foreign: bool = False) -> Job:
    return Job(
        state="replaced", check=True, vendor=VENDORS[vendor], phone=phone(vendor), target=Target(host="192.0.2.7"),
        username="admin", policy=site(), credentials=credentials(vendor), candidates=(Secret("x"),), foreign=foreign,
        push=False, allow_reboot=False, send_unshown=False,
    )  # fmt: skip


def record(seen: dict[str, Any], files: Files | None = None, **of_job: Any) -> Record:
    return record_of(job(**of_job), seen, files, CATALOGUE, "desk-1", "north")


def test_only_the_parameters_that_differ_are_differences() -> None:
    seen = live(web_http=intent(False, True, False, None), web_tls=intent(True, True, verdict="compliant"))
    assert of_settings(seen) == (Difference(("WEB-1",), "p0", "", "false", "true"),)


@pytest.mark.parametrize(
    ("wanted", "found", "words"),
    [
        (True, 1, ("true", "1")),  # a switch is no number
        (1, True, ("1", "true")),
        ("sip.Example.com", "", ("sip.Example.com", "")),
        ("***", "***", ("***", "*** (another one)")),
    ],
)
def test_values_as_differences_tell_them(wanted: Any, found: Any, words: tuple[str, str]) -> None:
    ((declared, there),) = ((one.declared, one.found) for one in of_settings(live(web_http=intent(wanted, found))))
    assert (declared, there) == words


def test_what_a_phone_should_have_shown_is_told_from_what_none_shows() -> None:
    hidden = intent("x", None, verdict="unknown", controls=("ENC-1", "ENC-3"))
    password = intent("***", None, verdict="unknown", controls=("WEB-2",))
    unknown = intent(False, None, verdict="unknown", controls=("FW-1",))
    unknown["parameters"]["p0"]["known"] = False
    elsewhere = intent(False, verdict="unknown", controls=("ADM-4",))  # no parameter of this vendor's
    seen = live(tls_names=hidden, auth_user=password, sip_direct=unknown, web_lockout=elsewhere)
    seen["left_out"] = [{"intent": "nat.ice", "says": "ICE is on", "reason": "no public source shows it"}]
    found = [one for one in of_unseen(VENDORS["yealink"], seen) if "parameter for" not in one.text]
    assert [(one.control, one.lasting) for one in found] == [
        ("FWM-3", True), ("ENC-1", False), ("ENC-3", False), ("WEB-2", True), ("FW-1", True),
    ]  # fmt: skip
    assert found[1].text == "tls.names: It is said: the phone does not show p0"


def test_a_phone_that_shows_something_else_or_hides_it() -> None:
    right = intent(False, False, verdict="compliant")
    assert record(live(web_http=right)).classification == "compliant"
    assert record(live(web_http=intent(False, True))).classification == "drift"
    hidden = intent("x", None, verdict="unknown", controls=("ENC-1",))
    judged = record(live(web_http=right, tls_names=hidden))
    assert (judged.classification, judged.controls["ENC-1"], judged.controls["WEB-1"]) == (
        "unsupported", "unknown", "pass",
    )  # fmt: skip
    assert judged.controls["MON-1"] == "not_applicable"


def test_a_phone_of_which_nothing_was_seen() -> None:
    shut = {**live(web_http=intent(False, None, verdict="unknown")), "remarks": ["nobody answers"]}
    judged = record(shut)
    assert (judged.classification, judged.message, set(judged.controls.values())) == (
        "unsupported", "nobody answers", {"unknown"},
    )  # fmt: skip
    assert Unverifiable("WEB-1", "nobody answers", False) in judged.unverifiable


def test_a_way_that_shows_by_being_closed_shows_nothing_else() -> None:
    """A Poly whose REST interface the policy wants off says so by not answering."""
    shut = intent(False, False, verdict="compliant", controls=("WEB-3",))
    seen = live(remote_rest=shut, web_http=intent(False, None, verdict="unknown"))
    judged = record({**seen, "remarks": ["the policy has this way closed"]}, vendor="poly")
    assert (judged.classification, judged.message) == ("unsupported", "the policy has this way closed")


def test_nobody_remedies_a_phone_of_somebody_elses() -> None:
    drifted = live(web_http=intent(False, True))
    assert [record(drifted, foreign=foreign).remediable for foreign in (False, True)] == [True, False]


def test_files_count_beside_what_a_phone_shows() -> None:
    fine = live(web_http=intent(False, False, verdict="compliant"))
    finding = {"control": "ENC-1", "severity": "high", "subject": "s", "evidence": "e", "advice": ""}
    repeated = {**fine, "findings": [finding]}
    published = {"evidence": "rendered", "up_to_date": False, "findings": [finding]}
    wrong = Difference(("PWD-5",), "805ec0.cfg", "mode", "0640", "another one")
    judged = record(repeated, Files(published, {"fetched": True}, (wrong,)))
    assert (judged.drift, judged.findings, judged.remediable) == ((wrong,), (finding,), True)
    assert [judged.controls[one] for one in ("PWD-5", "ENC-1", "WEB-1")] == ["fail", "fail", "pass"]
    assert judged.evidence == {"rendered": False, "fetched": True, "observed": "as wanted"}
    assert record(fine).evidence == {"rendered": None, "fetched": None, "observed": "as wanted"}
