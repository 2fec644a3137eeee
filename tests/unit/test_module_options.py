"""From options to a job: what is taken, what is refused and with which words, before any device is contacted."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.voip.hardening.plugins.module_utils import module
from ansible_collections.voip.hardening.plugins.module_utils.engine import ApplyFailed, Job
from ansible_collections.voip.hardening.plugins.module_utils.errors import (
    LoginRefused,
    Misunderstood,
    NotPossible,
    Refused,
    Unreachable,
)
from ansible_collections.voip.hardening.plugins.module_utils.module import (
    Failure,
    argument_spec,
    execute,
    plain_input,
    warnings_of,
)
from ansible_collections.voip.hardening.plugins.module_utils.options import check_against, platform_errors
from ansible_collections.voip.hardening.plugins.module_utils.platforms import PLATFORMS, platform_named
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import CONCERNS
from ansible_collections.voip.hardening.plugins.module_utils.policy.reading import Report
from tests.unit.policy.samples import POLICY, PROFILE

MODULES = ("firewall", *CONCERNS)
PASSWORD = "correct horse battery"
GOOD: dict[str, Any] = {
    "platform": "fortios",
    "host": "192.0.2.1",
    "access_token": "token-of-the-unit",
    "provider": {**PROFILE, "valid_until": datetime.date(2999, 1, 1), "reviewed_on": datetime.date(2020, 1, 1)},
    "policy": POLICY,
}


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """Jobs that would have been done; no device is contacted."""
    asked: list[Job] = []

    def note(job: Job) -> dict[str, Any]:
        asked.append(job)
        return {"changed": False, "plan": ["done"]}

    monkeypatch.setattr(module, "run", note)
    return asked


def options(**changes: Any) -> dict[str, Any]:
    """Options as Ansible hands them over, with the defaults of the argument specification."""
    checked = ArgumentSpecValidator(argument_spec(changes.pop("module", "firewall"))).validate({**GOOD, **changes})
    assert checked.error_messages == []
    found: dict[str, Any] = checked.validated_parameters
    return found


def refusal(**changes: Any) -> Failure:
    return refusal_of(options(**changes), changes.get("module", "firewall"))


def refusal_of(params: dict[str, Any], name: str = "firewall") -> Failure:
    with pytest.raises(Failure) as failure:
        execute(name, params, check=False)
    return failure.value


# The options


@pytest.mark.parametrize("name", MODULES)
def test_secrets_are_marked_as_such(name: str) -> None:
    spec = argument_spec(name)
    assert {option for option, entry in spec.items() if entry.get("no_log")} == {"password", "access_token"}


@pytest.mark.parametrize("name", MODULES)
def test_only_the_module_for_everything_takes_concerns(name: str) -> None:
    assert ("concerns" in argument_spec(name)) == (name == "firewall")


@pytest.mark.parametrize("name", MODULES)
def test_safe_defaults(name: str) -> None:
    spec = argument_spec(name)
    assert spec["validate_certs"]["default"] is True
    assert spec["clear_sessions"]["default"] is False
    assert spec["state"] == {
        "type": "str",
        "choices": ["replaced", "deleted", "gathered", "rendered"],
        "default": "replaced",
    }


# What becomes of good ones


def test_a_job(jobs: list[Job]) -> None:
    result = execute("firewall", options(), check=False)
    assert result["plan"] == ["done"]
    (job,) = jobs
    assert (job.target.host, job.target.port, job.target.timeout) == ("192.0.2.1", None, 300)
    assert job.target.access_token.reveal() == "token-of-the-unit"
    assert (job.concerns, job.state, job.check, job.clear_sessions) == (CONCERNS, "replaced", False, False)
    assert job.policy is not None
    assert job.policy.provider.name == "acme-voice"
    assert job.options.vdoms == ("root",)


def test_check_mode_reaches_the_job(jobs: list[Job]) -> None:
    execute("firewall", options(), check=True)
    assert jobs[0].check is True


@pytest.mark.parametrize("concern", CONCERNS)
def test_each_module_is_one_concern(concern: str, jobs: list[Job]) -> None:
    execute(concern, options(module=concern), check=False)
    assert jobs[0].concerns == (concern,)


def test_concerns_in_their_own_order(jobs: list[Job]) -> None:
    execute("firewall", options(concerns=["voice_vlan", "sip_alg"]), check=False)
    assert jobs[0].concerns == ("sip_alg", "voice_vlan")


def test_concerns_that_the_policy_switches_off_are_left_out(jobs: list[Job]) -> None:
    execute("firewall", options(policy={**POLICY, "concerns": {"sip_alg": False}}), check=False)
    assert jobs[0].concerns == CONCERNS[1:]
    assert any(finding.control == "FW-3" for finding in jobs[0].findings)


def test_everything_switched_off_contacts_no_device(jobs: list[Job]) -> None:
    policy = {**POLICY, "concerns": {"sip_alg": False}}
    result = execute("sip_alg", options(module="sip_alg", policy=policy), check=False)
    assert jobs == []
    assert (result["changed"], result["plan"]) == (False, [])
    assert result["remarks"] == ["the policy switches off everything that was asked for; the device was not contacted"]


def test_taking_away_does_not_depend_on_what_the_policy_asks_today(jobs: list[Job]) -> None:
    execute("firewall", options(state="deleted", policy={**POLICY, "concerns": {"sip_alg": False}}), check=False)
    execute("firewall", options(state="deleted", policy=None, provider=None), check=False)
    assert [job.concerns for job in jobs] == [CONCERNS, CONCERNS]
    assert jobs[1].policy is None


@pytest.mark.parametrize("state", ["deleted", "gathered"])
def test_states_that_need_no_policy(state: str, jobs: list[Job]) -> None:
    execute("firewall", options(state=state, policy=None, provider=None), check=False)
    assert (jobs[0].policy, jobs[0].state, jobs[0].findings) == (None, state, ())


def test_rendering_needs_no_connection(jobs: list[Job]) -> None:
    given = options(state="rendered", host=None, access_token=None, version="7.0.1", port=99999)
    execute("firewall", given, check=False)
    assert jobs[0].options.version == (7, 0, 1)


def test_vdoms_once_each(jobs: list[Job]) -> None:
    execute("firewall", options(vdoms=["voice", "root", "voice"]), check=False)
    assert jobs[0].options.vdoms == ("voice", "root")


@pytest.mark.parametrize("name", ["fortios", "fortinet.fortios.fortios"])
def test_names_of_the_platform(name: str, jobs: list[Job]) -> None:
    execute("firewall", options(platform=name), check=False)
    assert jobs[0].platform.name == "fortios"
    assert set(PLATFORMS) == {"fortios", "draytek", "pfsense"}


# What is refused

PIN = "0123456789abcdef" * 4
NO_CREDENTIALS = (
    "access_token: missing; it needs an API token, or username and password instead (voip_access_token, ansible_user,"
    " ansible_password)"
)
SECONDS = "a number of seconds from 1 to 86400"
HOST = "an IP address or a name, without port and scheme (ansible_host)"
TOKEN = "access_token: *** is not allowed; visible ASCII characters, without blanks and line ends"
TRAINS = "a release of 7.0, 7.2, 7.4, 7.6 such as 7.4.4"
VDOM = "the name of a VDOM, 1 to 31 letters, digits, - and _"
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no host": ({"host": None}, "host: missing; it needs the address or name of the device (ansible_host)"),
    "a URL for a host": ({"host": "https://192.0.2.1"}, f'host: "https://192.0.2.1" is not allowed; {HOST}'),
    "a host with its port": ({"host": "fw1:8443"}, f'host: "fw1:8443" is not allowed; {HOST}'),
    "a host with a password": ({"host": "admin:x y@fw1"}, f'host: "***@fw1" is not allowed; {HOST}'),
    "no credentials": ({"access_token": None}, NO_CREDENTIALS),
    "no password": ({"access_token": None, "username": "admin"}, NO_CREDENTIALS),
    "no user": ({"access_token": "", "password": PASSWORD}, NO_CREDENTIALS),
    "a token with its line end": ({"access_token": "token-of-the-unit\n"}, TOKEN),
    "a token in other letters": ({"access_token": "t\u00f6ken"}, TOKEN),
    "a password with its line end": (
        {"access_token": None, "username": "admin", "password": f"{PASSWORD}\n"},
        "password: *** is not allowed; text without line ends and other control characters",
    ),
    "no time to connect": ({"connect_timeout": 0}, f"connect_timeout: 0 is not allowed; {SECONDS}"),
    "no time": ({"timeout": -5}, f"timeout: -5 is not allowed; {SECONDS}"),
    "more time than a clock can count": ({"timeout": 10**12}, f"timeout: 1000000000000 is not allowed; {SECONDS}"),
    "port 0": ({"port": 0}, "port: 0 is not allowed; a port from 1 to 65535"),
    "port too high": ({"port": 65536}, "port: 65536 is not allowed; a port from 1 to 65535"),
    "a short fingerprint": (
        {"fingerprint": "ab:cd"},
        'fingerprint: "ab:cd" is not allowed; a SHA-256 fingerprint, 64 hexadecimal digits',
    ),
    "a fingerprint that is none": (
        {"fingerprint": PIN[:-1] + "g"},
        f'fingerprint: "{PIN[:-1]}g" is not allowed; a SHA-256 fingerprint, 64 hexadecimal digits',
    ),
    "no concern": (
        {"concerns": []},
        "concerns: an empty list is not allowed; one or more of sip_alg, sip_allowlist, voice_vlan, management_access",
    ),
    "no VDOM": ({"vdoms": []}, "vdoms: an empty list is not allowed; at least one name of a VDOM"),
    "every VDOM": ({"vdoms": ["*"]}, f'vdoms[0]: "*" is not allowed; {VDOM}'),
    "global is no VDOM": ({"vdoms": ["root", "global"]}, f'vdoms[1]: "global" is not allowed; {VDOM}'),
    "two VDOMs in one name": ({"vdoms": ["root&x=1"]}, f'vdoms[0]: "root&x=1" is not allowed; {VDOM}'),
    "a long name of a VDOM": ({"vdoms": ["a" * 32]}, f'vdoms[0]: "{"a" * 32}" is not allowed; {VDOM}'),
    "a release that is none": ({"version": "7.4"}, f'version: "7.4" is not allowed; {TRAINS}'),
    "a release that nobody knows": ({"version": "8.0.1"}, f'version: "8.0.1" is not allowed; {TRAINS}'),
    "another platform": (
        {"platform": "cisco.ios.ios"},
        "ansible_network_os: 'cisco.ios.ios' is not supported; one of draytek, fortios, pfsense",
    ),
}


@pytest.mark.parametrize(("changes", "message"), REFUSED.values(), ids=REFUSED)
def test_refused(changes: dict[str, Any], message: str, jobs: list[Job]) -> None:
    failure = refusal(**changes)
    assert failure.message == message
    assert failure.result["errors"] == [message]
    assert failure.unreachable is False
    assert jobs == []


@pytest.mark.parametrize("pin", [PIN, PIN.upper(), f"SHA256:{PIN}", ":".join(PIN[i : i + 2] for i in range(0, 64, 2))])
def test_spellings_of_a_fingerprint_that_are_taken(pin: str, jobs: list[Job]) -> None:
    execute("firewall", options(fingerprint=pin), check=False)
    assert len(jobs) == 1


@pytest.mark.parametrize(
    "host",
    ["fw1", "branch_fw1.example.com", "fw.example.com.", "192.0.2.1", "2001:db8::1", "fe80::1%eth0", "fw.münchen"],
)
def test_hosts_that_are_taken(host: str, jobs: list[Job]) -> None:
    execute("firewall", options(host=host), check=False)
    assert jobs[0].target.host == host


def test_a_key_file_reaches_the_target_and_is_no_credential_of_a_fortigate(jobs: list[Job]) -> None:
    execute("firewall", options(private_key_file="/keys/id_ed25519"), check=False)
    assert jobs[0].target.private_key_file == "/keys/id_ed25519"
    assert refusal(access_token=None, username="admin", private_key_file="/keys/id_ed25519").message == NO_CREDENTIALS


def test_errors_of_options_and_policy_at_once(jobs: list[Job]) -> None:
    failure = refusal(port=0, vdoms=["a b"], policy={**POLICY, "transport": "smoke"})
    fields = [line.partition(":")[0] for line in failure.result["errors"]]
    assert fields == ["vdoms[0]", "port", "voip_policy.transport"]
    assert jobs == []


@pytest.mark.parametrize("given", [[], "", 0, False])
@pytest.mark.parametrize("option", ["provider", "policy"])
def test_nothing_is_not_taken_for_an_empty_profile_or_policy(option: str, given: Any, jobs: list[Job]) -> None:
    failure = refusal_of({**options(), option: given})
    assert f"voip_{option}: " in failure.result["errors"][0]
    assert "is not allowed; a mapping of" in failure.result["errors"][0]
    assert jobs == []


def test_all_errors_of_a_policy_at_once(jobs: list[Job]) -> None:
    failure = refusal(policy={**POLICY, "transport": "smoke", "wan_interfaces": "wan1"})
    assert len(failure.result["errors"]) >= 2
    assert failure.message == "\n".join(failure.result["errors"])
    assert "voip_policy.transport" in failure.message
    assert jobs == []


@pytest.mark.parametrize("state", ["replaced", "rendered"])
def test_hardening_needs_a_policy_and_a_provider(state: str, jobs: list[Job]) -> None:
    assert "voip_provider" in refusal(state=state, provider=None).message
    assert "voip_policy" in refusal(state=state, policy=None).message
    assert jobs == []


TEXT = "text, in quotes where YAML takes it for something else"
OTHER_KINDS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "good": ({}, []),
    "numbers as text": ({"port": "443", "timeout": "60", "username": 5}, []),
    "lists as text": ({"vdoms": "root,voice", "concerns": "sip_alg"}, []),
    "switches as text": ({"validate_certs": "no", "clear_sessions": 1}, []),
    "a policy as JSON": ({"policy": '{"transport": "tls"}'}, []),
    "nothing": ({"port": None, "policy": None, "vdoms": None}, []),
    "a switch for a number": ({"port": True}, ["port: true is not allowed; a whole number"]),
    "a fraction": ({"timeout": 2.5}, ["timeout: 2.5 is not allowed; a whole number"]),
    "a list for a text": ({"host": ["fw1"]}, [f"host: a list of 1 item is not allowed; {TEXT}"]),
    "a mapping for a path": ({"ca_path": {}}, [f"ca_path: a mapping with 0 keys is not allowed; {TEXT}"]),
    "a switch for a password": ({"password": True}, [f"password: *** is not allowed; {TEXT}"]),
    "a mapping for a token": ({"access_token": {"a": "b"}}, [f"access_token: *** is not allowed; {TEXT}"]),
    "a number of switches": ({"clear_sessions": 2}, ["clear_sessions: 2 is not allowed; true or false"]),
    "a text for a policy": ({"policy": "tls"}, ['policy: "tls" is not allowed; a mapping']),
    "a list in a list": ({"vdoms": [["root"]]}, [f"vdoms: a list of 1 item is not allowed; a list, each item {TEXT}"]),
    "no platform": (
        {"platform": None},
        ["platform: missing; it needs the kind of device, one of draytek, fortios, pfsense (ansible_network_os)"],
    ),
}


@pytest.mark.parametrize(("changes", "errors"), OTHER_KINDS.values(), ids=OTHER_KINDS)
def test_kinds_of_values(changes: dict[str, Any], errors: list[str]) -> None:
    report = Report()
    given = {**GOOD, **changes}
    check_against(argument_spec("firewall"), given, report)
    assert [*map(str, report.errors), *platform_errors(given)] == errors


@pytest.mark.parametrize(("key", "hint"), [("polcy", "policy"), ("concern", "concerns")])
def test_options_that_nobody_knows(key: str, hint: str) -> None:
    report = Report()
    check_against(argument_spec("firewall"), {**GOOD, key: 1}, report)
    assert str(report.errors[0]).startswith(f'{key}: unknown key; did you mean "{hint}"? known: state, provider, ')


def test_an_option_of_the_wrong_kind() -> None:
    for wrong in ({"port": "x"}, {"validate_certs": "perhaps"}, {"state": "merged"}, {"concerns": ["everything"]}):
        checked = ArgumentSpecValidator(argument_spec("firewall")).validate({**GOOD, **wrong})
        assert checked.error_messages
        (name,) = wrong
        assert name in checked.error_messages[0]


# What becomes of failures


@pytest.mark.parametrize(
    ("error", "unreachable"),
    [
        (Unreachable("no"), True),
        (LoginRefused("no"), False),
        (Refused("no"), False),
        (Misunderstood("no"), False),
        (NotPossible("no"), False),
    ],
)
def test_failures(error: Exception, unreachable: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_job: Job) -> dict[str, Any]:
        raise error

    monkeypatch.setattr(module, "run", fail)
    failure = refusal()
    assert (failure.message, failure.unreachable) == ("no", unreachable)


def test_a_plan_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_job: Job) -> dict[str, Any]:
        raise ApplyFailed("step 3 was refused", "old state restored", {"plan": ["a", "b"], "platform": {"model": "x"}})

    monkeypatch.setattr(module, "run", fail)
    failure = refusal()
    assert failure.message == "step 3 was refused. Outcome: old state restored"
    assert failure.unreachable is False
    assert failure.result["outcome"] == "old state restored"
    assert (failure.result["plan"], failure.result["platform"]) == (["a", "b"], {"model": "x"})


SECRETS = {"access_token": "token-of-the-unit", "username": "admin", "password": PASSWORD}


def test_no_secret_is_in_a_result(monkeypatch: pytest.MonkeyPatch) -> None:
    def tell(_job: Job) -> dict[str, Any]:
        return {"changed": True, "diff": {"after": f"x {PASSWORD} y"}, "plan": [("token-of-the-unit",)]}

    monkeypatch.setattr(module, "run", tell)
    result = execute("firewall", options(**SECRETS), check=False)
    assert result == {"changed": True, "diff": {"after": "x *** y"}, "plan": [["***"]]}


def test_a_result_keeps_its_parts_whatever_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password that is a word of ours masks what stands there, not how it is called."""
    finding = {"control": "FW-1", "severity": "high", "subject": "plan", "evidence": "open", "advice": ""}

    def tell(_job: Job) -> dict[str, Any]:
        return {"changed": True, "plan": ["the plan"], "findings": [finding]}

    monkeypatch.setattr(module, "run", tell)
    for password in ("plan", "findings", "severity", "control"):
        result = execute("firewall", options(access_token=None, username="admin", password=password), check=False)
        assert result["warnings"]
        assert set(result) == {"changed", "plan", "findings", "warnings"}
        assert result["plan"] == [f"the {'***' if password == 'plan' else 'plan'}"]


@pytest.mark.parametrize("kind", [Refused, Unreachable, NotPossible, ValueError])
def test_no_secret_is_in_a_failure(kind: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_job: Job) -> dict[str, Any]:
        raise kind(f"PUT /x: the unit says {PASSWORD} and token-of-the-unit")

    monkeypatch.setattr(module, "run", fail)
    failure = refusal(**SECRETS)
    # What is no failure of a device is a defect of ours: it is named by its kind, and its traceback is shown.
    prefix = "ValueError: " if kind is ValueError else ""
    assert failure.message == f"{prefix}PUT /x: the unit says *** and ***"
    assert PASSWORD not in repr(failure) + repr(failure.result)
    assert "token-of-the-unit" not in repr(failure.result)
    assert failure.__cause__ is None


# Ansible's own kinds of values


class TaggedText(str):
    """Like the text that Ansible reads from a file: it remembers where it came from."""

    def __str__(self) -> str:
        return "something else"


class TaggedNumber(int):
    pass


class TaggedList(list):  # type: ignore[type-arg]
    pass


class TaggedDict(dict):  # type: ignore[type-arg]
    pass


PLAIN: list[tuple[Any, Any]] = [
    (TaggedText("a"), "a"),
    (TaggedNumber(5), 5),
    (True, True),
    (False, False),
    (1.5, 1.5),
    (None, None),
    (TaggedList([TaggedText("a"), (TaggedNumber(1),)]), ["a", [1]]),
    (TaggedDict({TaggedText("k"): TaggedDict({"a": TaggedText("b")})}), {"k": {"a": "b"}}),
    (datetime.date(2026, 11, 24), datetime.date(2026, 11, 24)),
    (datetime.datetime(2026, 11, 24, 10, 30), datetime.date(2026, 11, 24)),
]


def builtin(value: Any) -> bool:
    """Whether a value and all in it are of the built-in types themselves, not of types that extend them."""
    kind = type(value)
    if kind not in (dict, list, str, int, bool, float, datetime.date, type(None)):
        return False
    if isinstance(value, dict):
        return all(builtin(key) and builtin(item) for key, item in value.items())
    return not isinstance(value, list) or all(builtin(item) for item in value)


@pytest.mark.parametrize(("value", "expected"), PLAIN)
def test_plain_input(value: Any, expected: Any) -> None:
    found = plain_input(value)
    assert found == expected
    assert builtin(found)


def test_other_values_are_left_to_validation() -> None:
    strange = object()
    assert plain_input([strange]) == [strange]


def test_what_a_vault_holds_is_text() -> None:
    class Encrypted:
        """As before ansible-core 2.19."""

        yaml_tag = "!vault"

        def __str__(self) -> str:
            return "open sesame"

    assert plain_input({"a": [Encrypted()]}) == {"a": ["open sesame"]}


def test_ansibles_own_tagged_values() -> None:
    datatag = pytest.importorskip("ansible._internal._datatag._tags", reason="ansible-core before 2.19 has no tags")
    tagged = datatag.TrustedAsTemplate().tag("10.0.0.0/24")
    assert not builtin(tagged)
    found = plain_input({"networks": [tagged]})
    assert found == {"networks": ["10.0.0.0/24"]}
    assert builtin(found)


# What the user sees without asking


def test_warnings() -> None:
    def one(severity: str, advice: str = "Remove it") -> Mapping[str, str]:
        return {
            "control": "FW-1",
            "severity": severity,
            "subject": "rule 7",
            "evidence": "lets SIP in",
            "advice": advice,
        }

    result = {
        "findings": [one("critical"), one("high"), one("medium", ""), one("low"), one("info")],
        "remarks": ["a remark"],
        "pending": ["sessions live on"],
    }
    assert warnings_of(result) == [
        "FW-1 critical: rule 7: lets SIP in. Remove it",
        "FW-1 high: rule 7: lets SIP in. Remove it",
        "FW-1 medium: rule 7: lets SIP in",
        "a remark",
        "sessions live on",
    ]
    assert warnings_of({}) == []


def test_warnings_have_nothing_that_a_terminal_would_obey() -> None:
    named = {"control": "FW-1", "severity": "high", "subject": "rule \x9b2J\u202e"}
    finding = {**named, "evidence": "\x1b[2J", "advice": ""}
    assert warnings_of({"findings": [finding], "pending": ["\x07"]}) == [
        "FW-1 high: rule \\x9b2J\\u202e: \\x1b[2J", "\\x07",
    ]  # fmt: skip


def test_an_unknown_platform_is_named() -> None:
    with pytest.raises(ValueError) as failure:
        platform_named("vyos")
    assert str(failure.value) == "ansible_network_os: 'vyos' is not supported; one of draytek, fortios, pfsense"
