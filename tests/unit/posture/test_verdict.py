"""The lines at the end of a night say what matters and obey nobody; what a run left to do is never overlooked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.voip.hardening.plugins.filter.posture_unsettled import posture_unsettled
from ansible_collections.voip.hardening.plugins.filter.posture_verdict import posture_verdict
from ansible_collections.voip.hardening.plugins.module_utils.posture.record import CLASSES, Difference, Record
from ansible_collections.voip.hardening.plugins.module_utils.posture.verdict import (
    LONGEST,
    MOST,
    reason,
    unsettled,
    verdict,
)

COMPLIANT = Record(
    host="fw1", site="north", platform="fortios", classification="compliant", read_at="2026-05-31T01:30:00Z"
)
RULE = Difference(("FW-1", "FW-2"), "firewall/policy VOIPH-block-sip-in", "status", "enable", "disable")
DRIFTED = replace(COMPLIANT, classification="drift", remediable=True, drift=(RULE,), count=3, controls={"FW-1": "fail"})
FINDING = {"control": "FW-1", "severity": "critical", "subject": "policy 7", "evidence": "any to all", "advice": ""}
EXPOSED = replace(COMPLIANT, classification="drift", controls={"FW-1": "fail"})
EXPOSED = replace(EXPOSED, findings=({**FINDING, "severity": "info"}, {**FINDING, "control": "AUD-3"}, FINDING))
WAITING = replace(COMPLIANT, classification="drift", pending=("restart for the voice VLAN",))
DEAD = replace(COMPLIANT, classification="unreachable", message="192.0.2.1:443: no connection: timed out")
UNKNOWN = replace(COMPLIANT, classification="unsupported", controls={"FW-1": "pass", "VLAN-2": "unknown"})


@pytest.mark.parametrize(
    ("record", "line"),
    [
        (COMPLIANT, ""),
        (DRIFTED, "firewall/policy VOIPH-block-sip-in status [FW-1 FW-2], and 2 more"),
        (EXPOSED, "FW-1 critical: policy 7, and 1 more"),
        (WAITING, "waiting: restart for the voice VLAN"),
        (DEAD, "192.0.2.1:443: no connection: timed out"),
        (replace(DEAD, message="access_token: missing\nvoip_policy: missing"), "access_token: missing ..."),
        (UNKNOWN, "VLAN-2 unknown"),
        (replace(DRIFTED, count=1, message="no"), "firewall/policy VOIPH-block-sip-in status [FW-1 FW-2]; no"),
    ],
)
def test_reasons(record: Record, line: str) -> None:
    assert reason(record) == line


def test_a_night_is_said_by_class_with_reasons() -> None:
    classes = {name: [] for name in CLASSES} | {"compliant": ["fw0"], "drift": ["fw1"], "unreachable": ["fw2", "fw3"]}
    records = [DRIFTED, replace(DEAD, host="fw2")]
    assert verdict(classes, ["fw1", "fw2", "fw3"], records).splitlines() == [
        "3 of 4 devices must be looked into: 1 compliant, 1 drift, 2 unreachable, 0 error, 0 unsupported",
        "drift:",
        "  fw1: firewall/policy VOIPH-block-sip-in status [FW-1 FW-2], and 2 more",
        "unreachable:",
        "  fw2: 192.0.2.1:443: no connection: timed out",
        "  fw3: see the report",
    ]


def test_classes_that_do_not_fail_the_run_are_counted_alone() -> None:
    classes = {"compliant": ["fw0"], "drift": ["fw1"], "unreachable": ["fw2"]}
    assert verdict(classes, ["fw1"], [DRIFTED]).splitlines()[1:] == [
        "drift:",
        "  fw1: firewall/policy VOIPH-block-sip-in status [FW-1 FW-2], and 2 more",
    ]
    assert verdict({"compliant": ["fw0"]}, [], []) == (
        "1 device: 1 compliant, 0 drift, 0 unreachable, 0 error, 0 unsupported"
    )


def test_a_bad_night_stays_readable() -> None:
    hosts = [f"fw{number}" for number in range(500)]
    lines = verdict({"unreachable": hosts}, hosts, [replace(DEAD, host=host) for host in hosts]).splitlines()
    assert len(lines) == 2 + MOST + 1
    assert lines[-1] == f"  and {500 - MOST} more: see the report"


def test_the_words_of_a_device_do_nothing_to_a_terminal() -> None:
    hostile = replace(DRIFTED, drift=(Difference((), "rule \x1b[2J\x07\nunreachable:\u202e" + "x" * 500),), count=1)
    lines = verdict({"drift": ["fw1"]}, ["fw1"], [hostile]).splitlines()
    assert len(lines) == 3
    assert lines[2].startswith(r"  fw1: rule \x1b[2J\x07 unreachable:\u202exxx")
    assert len(lines[2]) == LONGEST


def test_an_expired_waiver_is_said() -> None:
    waiver = {"control": "FW-1", "device": "north", "expires": "2026-05-01", "reason": "a", "approver": "b"}
    assert verdict({"compliant": ["fw0"]}, [], [], [waiver]).splitlines()[1:] == [
        "waivers that have expired:",
        "  FW-1 for north, until 2026-05-01",
    ]


@pytest.mark.parametrize("waiting_counts", [False, True])
@pytest.mark.parametrize(
    ("record", "line"),
    [
        (COMPLIANT, ""),
        (EXPOSED, ""),
        (DRIFTED, reason(DRIFTED)),
        (replace(DRIFTED, remediable=False), reason(DRIFTED)),
        (replace(DRIFTED, count=0, drift=(), controls={"FW-1": "fail"}), "FW-1 fail"),
        (DEAD, f"unreachable: {reason(DEAD)}"),
        (UNKNOWN, "unsupported: VLAN-2 unknown"),
        (replace(DEAD, classification="error"), f"error: {reason(DEAD)}"),
    ],
)
def test_what_a_run_left_to_do(record: Record, line: str, waiting_counts: bool) -> None:
    assert unsettled(record, waiting_counts) == line


def test_what_waits_counts_where_it_is_asked_for() -> None:
    assert unsettled(WAITING, False) == ""
    assert unsettled(WAITING, True) == reason(WAITING)


def test_the_page_shows_what_is_said() -> None:
    """The message in docs/drift.md, line by line."""
    page = (Path(__file__).resolve().parents[3] / "docs" / "drift.md").read_text(encoding="utf-8")
    shown = page.partition("    msg: |-\n")[2].partition("```")[0]
    north = replace(DRIFTED, host="north-fw1", count=1, drift=(replace(RULE, controls=("FW-1",)),))
    records = [
        replace(north, drift=(replace(north.drift[0], subject="root:firewall/policy VOIPH-block-sip-in"),)),
        replace(DEAD, host="mill-fw1", message="10.4.0.1:22: no connection: timed out"),
        replace(
            DEAD, host="quay-fw1", classification="error",
            message="voip_access_token: it cannot be worked out: 'vault_quay_token' is undefined",
        ),
    ]  # fmt: skip
    classes = {"compliant": [f"fw{number}" for number in range(37)]} | {
        record.classification: [record.host] for record in records
    }
    failing = [record.host for record in records]
    files = [f"/srv/voip/reports/{name}" for name in ("posture.json", "posture.html", "history.jsonl")]
    said = verdict(classes, failing, records, files=files)
    assert said.splitlines() == [line.strip() if line[8:9] != " " else line[8:] for line in shown.splitlines()]


def report(**changes: Any) -> dict[str, Any]:
    """What `posture_report` returns, in part."""
    found = {"classes": {"drift": ["fw1"]}, "failing": ["fw1"], "records": [DRIFTED.small()]}
    return {**found, "expired_waivers": [], "files": ["/srv/posture.json"], **changes}


def test_the_filters_take_what_the_modules_return() -> None:
    assert posture_verdict(report()).splitlines()[-2:] == [
        f"  fw1: {reason(DRIFTED)}",
        "written: /srv/posture.json",
    ]
    with pytest.raises(AnsibleFilterError, match=r"records\[0\]\.host: missing"):
        posture_verdict(report(records=[{}]))


def test_the_filter_says_which_hosts_are_not_settled() -> None:
    results = {
        "fw1": {"posture": COMPLIANT.as_dict(), "changed": False},
        "fw2": {"posture": replace(WAITING, host="fw2").as_dict()},
        "fw3": {"unreachable": True, "msg": "no connection"},
        "fw4": {"failed": True, "msg": "boom"},
        "fw5": {"skipped": True},
        "fw6": {"posture": COMPLIANT.as_dict()},  # somebody else's
    }
    variables = {name: {"voip_posture": result} for name, result in results.items()} | {"fw7": {}}
    left = posture_unsettled(variables, variables)
    assert left["fw3"] == "unreachable: no connection"
    assert left["fw4"] == "error: boom"
    assert {name for name, why in left.items() if why.startswith("error: ")} == {"fw4", "fw5", "fw6", "fw7"}
    assert set(left) == {"fw3", "fw4", "fw5", "fw6", "fw7"}
    assert posture_unsettled(["fw1", "fw2"], variables, True) == {"fw2": reason(WAITING)}
    assert posture_unsettled(["fw1"], variables) == {}
