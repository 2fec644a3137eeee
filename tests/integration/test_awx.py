"""awx.yml against an AWX that is a test device: what it makes, that it makes nothing twice, and what it refuses."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from tests.devices.awx.api import Awx
from tests.devices.awx.nights import FAILED, SUCCESSFUL, WAITING, Night, night
from tests.support.awx import (
    FORTIGATES,
    HOOK,
    MAIL,
    SECRETS,
    SETTINGS,
    VAULT,
    VIGORS_READ,
    Setting,
    new_awx,
    playbooks,
    set_up,
)
from tests.support.playbooks import ROOT

Again = Callable[..., tuple[Awx, Setting]]
WORKFLOW = "VoIP nightly"
HOSTS = 1200
OTHER_FORTIGATES = {**FORTIGATES, "inputs": {"token": "another-token"}}


@dataclass(frozen=True)
class History:
    """One AWX, and the runs that it has seen: looked at while empty, set up, set up again, looked at again."""

    awx: Awx
    empty: Setting
    first: Setting
    second: Setting
    last: Setting


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    folder = tmp_path_factory.mktemp("awx")
    awx = new_awx()
    runs = [set_up(folder, awx, *options) for options in (["--check"], [], [], ["--check", "--diff"])]
    return History(awx, *runs)


@pytest.fixture
def awx(history: History) -> Awx:
    """The AWX that was set up."""
    return history.awx


@pytest.fixture
def again(history: History, tmp_path: Path) -> Again:
    """Run awx.yml once more on a copy of that AWX, or on another one, with other settings; that AWX, and the run."""

    def run(*options: str, on: Awx | None = None, **others: Any) -> tuple[Awx, Setting]:
        awx = on or history.awx.copy()
        return awx, set_up(tmp_path, awx, *options, **others)

    return run


def templates(awx: Awx) -> dict[str, dict[str, Any]]:
    """The job templates by what follows their prefix."""
    return {row["name"].removeprefix("VoIP "): row for row in awx.rows("job_templates")}


def attached(awx: Awx, kind: str, name: str, what: str, of: str) -> list[str]:
    """Names in a list below an object."""
    numbers = awx.listed(kind, awx.named(kind, name)["id"], what)
    return sorted(awx.get(of, number).get("name", awx.get(of, number).get("identifier")) for number in numbers)


# The runs.


def test_check_mode_on_an_empty_awx_writes_nothing_and_says_what_it_cannot_see(history: History) -> None:
    assert history.empty.run.status == 0, history.empty.run.output
    assert history.empty.writes == []
    assert history.empty.changed == ["Make the organisation"]
    assert "was not looked at" in history.empty.run.output


def test_the_first_run_makes_everything(history: History) -> None:
    assert history.first.run.status == 0, history.first.run.output
    assert {request.status for request in history.first.requests} <= {200, 201, 204}


def test_the_second_run_changes_nothing(history: History) -> None:
    assert history.second.run.status == 0, history.second.run.output
    assert (history.second.changed, history.second.writes) == ([], [])


def test_check_mode_on_what_is_there_has_nothing_to_say(history: History) -> None:
    assert history.last.run.status == 0, history.last.run.output
    assert (history.last.changed, history.last.writes) == ([], [])
    assert "was not looked at" not in history.last.run.output


def test_no_run_shows_a_secret(history: History) -> None:
    runs = (history.empty, history.first, history.second, history.last)
    shown = "".join(setting.run.output + str(setting.run.results) for setting in runs)
    assert [secret for secret in SECRETS if secret in shown] == []
    assert history.awx.token not in shown


@pytest.mark.slow
def test_one_setting_changes_what_it_is_about_and_nothing_else(again: Again) -> None:
    changed = ["Make the job templates: VoIP drift"]
    awx, done = again(voip_awx_devices=2001)
    assert (done.run.status, done.changed) == (0, changed)
    (sent,) = done.writes
    assert (sent.method, sent.body["job_slice_count"], templates(awx)["drift"]["job_slice_count"]) == ("PATCH", 5, 5)


@pytest.mark.slow
def test_several_settings_change_each_what_it_is_about(again: Again) -> None:
    """A secret is none of them: AWX shows none, so that a change of one is not seen."""
    other = "registry.example.com/voip-hardening:0.2.0"
    awx, done = again(
        voip_awx_image=other,
        voip_awx_project_branch="release",
        voip_awx_approval_seconds=3600,
        voip_awx_night_time="23:05",
        voip_awx_notifications=[{**MAIL, "events": ["error"]}, HOOK],
        voip_awx_credentials=[OTHER_FORTIGATES, *SETTINGS["voip_awx_credentials"][1:]],
    )
    assert done.run.status == 0, done.run.output
    assert done.changed == [
        "Make the execution environment",
        "Make the project",
        "Make the workflow",
        "Wait for an approval",
        "Start it every night",
    ]
    assert awx.named("execution_environments", "VoIP environment")["image"] == other
    assert awx.named("projects", "VoIP project")["scm_branch"] == "release"
    assert awx.named("workflow_approval_templates", "VoIP remediation")["timeout"] == 3600
    assert "T230500 " in awx.named("schedules", "VoIP every night")["rrule"]
    assert (
        attached(awx, "workflow_job_templates", WORKFLOW, "notification_templates_success", "notification_templates")
        == []
    )
    assert awx.named("credentials", "FortiGates")["inputs"] == FORTIGATES["inputs"]


@pytest.mark.slow
def test_what_somebody_else_changed_is_put_back(history: History, again: Again) -> None:
    awx = history.awx.copy()
    drift, report = awx.named("job_templates", "VoIP drift"), awx.named("workflow_job_template_nodes", "report")
    drift["job_type"] = "run"
    awx.listed("job_templates", drift["id"], "notification_templates_error").append(1)
    awx.listed("workflow_job_template_nodes", report["id"], "failure_nodes").clear()
    awx.named("workflow_job_templates", WORKFLOW)["limit"] = "north"
    _awx, done = again(on=awx)
    assert done.run.status == 0, done.run.output
    assert done.changed == ["Make the job templates: VoIP drift", "Make the workflow", "Report"]
    assert state(awx) == state(history.awx)


@pytest.mark.slow
def test_secrets_are_written_again_when_asked_for(again: Again) -> None:
    """The documented exceptions: credentials, and notifications that have a secret, are what this changes."""
    credentials = [OTHER_FORTIGATES, *SETTINGS["voip_awx_credentials"][1:]]
    awx, done = again(voip_awx_credentials=credentials, voip_awx_update_secrets=True)
    assert done.run.status == 0, done.run.output
    assert [name.partition(":")[0] for name in done.changed] == [
        "Make the notifications",
        *["Make the credentials"] * len(credentials),
    ]
    assert awx.named("credentials", "FortiGates")["inputs"] == OTHER_FORTIGATES["inputs"]
    assert "another-token" not in done.run.output


def test_a_name_and_a_password_do_as_well_as_a_token(again: Again) -> None:
    awx = new_awx()
    _awx, seen = again(
        "--check", on=awx, voip_awx_token=None, voip_awx_username=awx.username, voip_awx_password=awx.password
    )
    assert (seen.run.status, seen.changed) == (0, ["Make the organisation"]), seen.run.output
    assert awx.password not in seen.run.output
    _awx, seen = again("--check", on=awx, voip_awx_token="another-token")
    assert seen.run.status != 0


# What is made.


def test_what_looks_never_writes(awx: Awx) -> None:
    """Jobs that look run in check mode, show differences, and have the credentials for looking."""
    rows = templates(awx)
    assert {name: (row["playbook"], row["job_type"]) for name, row in rows.items()} == {
        "drift": ("drift.yml", "check"),
        "report": ("report.yml", "run"),
        "remediate": ("remediate.yml", "run"),
        "apply": ("harden.yml", "run"),
        "audit": ("drift.yml", "check"),
        "onboarding": ("onboard.yml", "check"),
    }
    assert all(row["diff_mode"] for row in rows.values())
    assert {name: attached(awx, "job_templates", f"VoIP {name}", "credentials", "credentials") for name in rows} == {
        "drift": ["FortiGates", "Inventory", "Vigors, to look"],
        "report": ["Inventory"],
        "remediate": ["FortiGates", "Inventory", "Vigors, to write"],
        "apply": ["FortiGates", "Inventory", "Vigors, to write"],
        "audit": ["FortiGates", "Inventory", "Vigors, to look"],
        "onboarding": ["Inventory"],
    }


def test_playbooks_are_there(awx: Awx) -> None:
    """Each is a file at the root of the project, and the installed collection has one of its name."""
    names = {row["playbook"] for row in awx.rows("job_templates")}
    assert names <= set(playbooks())
    assert {name for name in names if not (ROOT / "playbooks" / name).exists()} == set()


def test_the_example_project_has_them_too(awx: Awx) -> None:
    """Each of its wrappers imports the collection's playbook of its own name."""
    folder = ROOT / "examples" / "awx-project"
    wrappers = {path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in folder.glob("*.yml")}
    assert {row["playbook"] for row in awx.rows("job_templates")} == set(wrappers)
    for name, (play,) in wrappers.items():
        assert play["ansible.builtin.import_playbook"] == f"voip.hardening.{name.removesuffix('.yml')}"


def test_only_the_nightly_look_is_sliced_and_it_asks_for_nothing(awx: Awx) -> None:
    rows = templates(awx)
    assert {name: row["job_slice_count"] for name, row in rows.items() if row["job_slice_count"] > 1} == {"drift": 3}
    asking = {
        name: sorted(key for key, value in row.items() if key.startswith("ask_") and value)
        for name, row in rows.items()
    }
    assert asking == {
        "drift": [],
        "report": [],
        "remediate": [],
        "apply": ["ask_job_type_on_launch", "ask_limit_on_launch"],
        "audit": ["ask_limit_on_launch"],
        "onboarding": ["ask_variables_on_launch"],
    }
    assert awx.named("workflow_job_templates", WORKFLOW)["limit"] == ""


def test_a_run_that_writes_names_its_hosts(awx: Awx) -> None:
    """Whoever launches it without a limit hardens nothing."""
    limit = templates(awx)["apply"]["limit"]
    inventory = (ROOT / "inventories" / "example" / "hosts.yml").read_text(encoding="utf-8")
    assert limit not in ("", "all", "*")
    assert limit not in inventory


@pytest.mark.parametrize(
    ("devices", "slices"), [(0, 1), (1, 1), (500, 1), (501, 2), (1200, 3), (10_000, 20), (10_001, 21)]
)
def test_slices(devices: int, slices: int) -> None:
    """One for each 500 hosts that have begun."""
    loader = DataLoader()
    variables = loader.load_from_file(str(ROOT / "roles" / "awx" / "vars" / "main.yml"), trusted_as_template=True)
    templar = Templar(loader, variables={**variables, "voip_awx_devices": devices, "voip_awx_slice_size": 500})
    assert templar.template(variables["voip_awx_slices"]) == slices


def test_the_workflow(awx: Awx) -> None:
    nodes = {row["identifier"]: row for row in awx.rows("workflow_job_template_nodes")}
    assert {
        name: awx.get("unified_job_templates", row["unified_job_template"])["name"] for name, row in nodes.items()
    } == {
        "sync": "VoIP project",
        "drift": "VoIP drift",
        "report": "VoIP report",
        "approve": "VoIP remediation",
        "remediate": "VoIP remediate",
        "verify": "VoIP drift",
    }
    edges = {
        (name, kind, child)
        for name in nodes
        for kind in ("success_nodes", "failure_nodes", "always_nodes")
        for child in attached_to_node(awx, name, kind)
    }
    assert edges == {
        ("sync", "success_nodes", "drift"),
        ("drift", "always_nodes", "report"),
        ("report", "failure_nodes", "approve"),
        ("approve", "success_nodes", "remediate"),
        ("remediate", "success_nodes", "verify"),
    }
    assert awx.grants(WORKFLOW) == ["NOC"]
    schedule = awx.named("schedules", "VoIP every night")
    assert schedule["rrule"] == "DTSTART;TZID=Europe/London:20260101T013000 RRULE:FREQ=DAILY;INTERVAL=1"
    assert (schedule["enabled"], schedule["unified_job_template"]) == (
        True,
        awx.named("workflow_job_templates", WORKFLOW)["id"],
    )


def test_credential_types_hand_over_variables_of_ours_and_leave_the_rest_alone(awx: Awx) -> None:
    """Extra variables overrule those of every host, so that none is one that Ansible obeys. AWX got the templates as
    they are."""
    rows = [row for row in awx.rows("credential_types") if not row["managed"]]
    injected = {name: text for row in rows for name, text in row["injectors"]["extra_vars"].items()}
    assert sorted(injected) == [
        "voip_draytek_password",
        "voip_draytek_user",
        "voip_fortios_token",
        "voip_pfsense_key_file",
        "voip_pfsense_password",
        "voip_pfsense_user",
        "voip_phone_password",
        "voip_phone_user",
    ]
    assert injected["voip_fortios_token"] == "{{ token }}"
    assert {row["kind"] for row in rows} == {"cloud"}
    assert not any("env" in row["injectors"] for row in rows)
    secret = {one["id"]: one.get("secret", False) for row in rows for one in row["inputs"]["fields"]}
    assert secret == {"token": True, "username": False, "password": True, "ssh_key": True}


def test_the_inventory_is_the_repositorys(awx: Awx) -> None:
    source = awx.named("inventory_sources", "VoIP inventory source")
    wanted = {
        "source": "scm",
        "source_path": "inventories/production",
        "overwrite": True,
        "overwrite_vars": True,
        "update_on_launch": True,
        "update_cache_timeout": 300,
    }
    assert {name: source[name] for name in wanted} == wanted


def test_the_survey_asks_what_the_role_knows(awx: Awx) -> None:
    row = templates(awx)["onboarding"]
    options = yaml.safe_load(
        (ROOT / "roles" / "onboarding" / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    )
    known = options["argument_specs"]["main"]["options"]
    questions = {one["variable"]: one for one in row["survey_spec"]["spec"]}
    assert row["survey_enabled"]
    assert set(questions) - set(known) == set()
    assert {
        name for name, one in questions.items() if re.search("password|token", name) and one["type"] != "password"
    } == set()
    assert yaml.safe_load(row["extra_vars"]) == {"voip_onboard_inventory": "inventories/production"}


# Who is told, and how often.


@pytest.mark.parametrize("hosts", [3, HOSTS, 10_000])
@pytest.mark.parametrize(
    ("failing", "status", "event"),
    [
        ({}, SUCCESSFUL, "success"),
        ({"drift": 1, "report": 1}, WAITING, "approvals"),
        ({"drift": 3, "report": 1}, WAITING, "approvals"),
        ({"sync": 1}, FAILED, "error"),
    ],
)
def test_one_message_a_night(awx: Awx, hosts: int, failing: dict[str, int], status: str, event: str) -> None:
    """By each way of being told that is told of it, whatever the number of slices."""
    seen = night(awx, WORKFLOW, hosts, failing)
    assert seen.status == status
    by_mail = [message for message in seen.messages if message.template == "NOC by mail"]
    assert [message.event for message in by_mail] == [event]
    assert len(seen.messages) == (2 if event == "error" else 1)  # monitoring is told of errors alone


@pytest.mark.parametrize(
    ("decision", "failing", "status", "ran"),
    [
        ("approved", {}, SUCCESSFUL, ("sync", "drift", "report", "approve", "remediate", "verify")),
        ("approved", {"remediate": 1}, FAILED, ("sync", "drift", "report", "approve", "remediate")),
        ("denied", {}, FAILED, ("sync", "drift", "report", "approve")),
        ("timed_out", {}, FAILED, ("sync", "drift", "report", "approve")),
    ],
)
def test_what_comes_of_an_approval(
    awx: Awx, decision: str, failing: dict[str, int], status: str, ran: tuple[str, ...]
) -> None:
    """A night that was remediated ends green, any other red; nothing is hardened that nobody approved."""
    seen = night(awx, WORKFLOW, HOSTS, {"drift": 1, "report": 1, **failing}, decision)
    assert (seen.status, seen.ran) == (status, ran)
    assert [message.event for message in by(seen, "NOC by mail")] == [
        "approvals",
        "approvals",
        "success" if status == SUCCESSFUL else "error",
    ]


def test_a_notification_on_the_sliced_template_would_be_sent_by_each_slice(history: History) -> None:
    awx = history.awx.copy()
    drift = awx.named("job_templates", "VoIP drift")["id"]
    awx.listed("job_templates", drift, "notification_templates_success").append(
        awx.named("notification_templates", "NOC by mail")["id"]
    )
    assert len(by(night(awx, WORKFLOW, HOSTS), "NOC by mail")) == 3 + 1


# What is refused before AWX is asked anything.

BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no AWX": (
        {"voip_awx_host": "awx.example.com"},
        "voip_awx_host: 'awx.example.com' is not a URL such as https://awx.example.com",
    ),
    "a token without TLS": (
        {"voip_awx_host": "http://awx.example.com"},
        "voip_awx_host: 'http://awx.example.com' is not a URL such as https://awx.example.com",
    ),
    "nobody": ({"voip_awx_token": ""}, "voip_awx_token is missing"),
    "no image": ({"voip_awx_image": None}, "missing required arguments: voip_awx_image"),
    "a time": ({"voip_awx_night_time": "25:00"}, "voip_awx_night_time: '25:00' is not a time between 00:00 and 23:59"),
    "a time as YAML 1.1 reads it": ({"voip_awx_night_time": 90}, "voip_awx_night_time: '90' is not a time between"),
    "a zone": ({"voip_awx_timezone": "UTC+1 or so"}, "voip_awx_timezone: 'UTC+1 or so' is not a zone such as"),
    "a slice": ({"voip_awx_slice_size": 0}, "voip_awx_slice_size: 0 is less than 1"),
    "an approval": ({"voip_awx_approval_seconds": 0}, "voip_awx_approval_seconds: 0 is less than 60"),
    "a type": (
        {"voip_awx_credentials": [{**FORTIGATES, "type": "cisco"}]},
        "value of type must be one of: fortios, draytek, pfsense, phones, vault, got: cisco",
    ),
    "two of a type": (
        {"voip_awx_credentials": [VIGORS_READ, {**VIGORS_READ, "name": "Other Vigors"}]},
        "voip_awx_credentials: two with the use 'read' are of one type (draytek, draytek)",
    ),
    "two of a vault": (
        {"voip_awx_credentials": [VAULT, {**VAULT, "name": "Other vault"}]},
        "voip_awx_credentials: two with the use 'read' are of one type (vault , vault )",
    ),
    "two of a name": (
        {"voip_awx_notifications": [HOOK, {**HOOK, "type": "slack"}]},
        "voip_awx_notifications: two have one name (Monitoring, Monitoring)",
    ),
    "an input that is missing": (
        {"voip_awx_credentials": [{**VIGORS_READ, "inputs": {"username": "auditor"}}]},
        "voip_awx_credentials: Vigors, to look has username. One of the type draytek has username, password, as text",
    ),
    "an input that is empty": (
        {"voip_awx_credentials": [{**FORTIGATES, "inputs": {"token": ""}}]},
        "voip_awx_credentials: FortiGates has no inputs. One of the type fortios has token, as text",
    ),
    "an input that is not known": (
        {"voip_awx_credentials": [{**FORTIGATES, "inputs": {"token": "x", "tokken": "x"}}]},
        "FortiGates has token, tokken. One of the type fortios has token, as text; known are token",
    ),
    "neither of two": (
        {
            "voip_awx_credentials": [
                {"name": "pfSenses", "type": "pfsense", "use": ["read"], "inputs": {"username": "admin"}}
            ]
        },
        "has username and at least one of password, ssh_key, as text",
    ),
    "a way of telling": (
        {"voip_awx_notifications": [{**HOOK, "type": "teams"}]},
        "value of type must be one of: email, slack, webhook, got: teams",
    ),
    "of what": (
        {"voip_awx_notifications": [{**HOOK, "events": ["drift"]}]},
        "value of events must be one or more of: success, error, approval. Got no match for: drift",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_settings_are_refused_by_name_before_awx_is_asked(what: str, tmp_path: Path) -> None:
    settings, message = BAD[what]
    seen = set_up(tmp_path, new_awx(), **settings)
    text = " ".join(
        str(entry["result"].get("msg", "")) + str(entry["result"])
        for entry in seen.run.results
        if entry["kind"] == "failed"
    )
    assert seen.run.status != 0
    assert message in text
    assert seen.requests == ()
    assert [secret for secret in SECRETS if secret in seen.run.output] == []


def by(seen: Night, template: str) -> list[Any]:
    """The messages of one notification template."""
    return [message for message in seen.messages if message.template == template]


def attached_to_node(awx: Awx, identifier: str, kind: str) -> list[str]:
    """Identifiers of the nodes that an edge leads to."""
    nodes = "workflow_job_template_nodes"
    return [
        awx.get(nodes, number)["identifier"] for number in awx.listed(nodes, awx.named(nodes, identifier)["id"], kind)
    ]


def state(awx: Awx) -> Any:
    """All that an AWX holds, with lists that have no order in one."""
    return copy.deepcopy((awx._objects, {key: sorted(value) for key, value in awx._lists.items() if value}))
