"""What holds for any policy and any state that a live phone is in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.voip.hardening.plugins.module_utils.phones.vendors import VENDORS
from ansible_collections.voip.hardening.plugins.module_utils.policy.phones import SWITCHES
from tests.devices.phones import Phone, PolyPhone, YealinkPhone
from tests.devices.phones.yealink.phone import LOCK_AFTER, LOCK_SECONDS
from tests.oracles.phones import fact_of
from tests.oracles.phones.scales import Choice, Number
from tests.support import phone_configs as configs
from tests.support.phone_configs import MAKERS, run, settled, verdicts, woken
from tests.unit.phones.samples import AUTHORITY

KINDS = ("json", "servlet", "poly")
# Without these there is no way to the phone, or another one than the test takes.
CLOSED = ("wui.https_enable", "httpd.enabled", "httpd.cfg.enabled", "secureTunnelEnabled", "apps.restapi.enabled",
          "user_name.", "network.port.", "PasswordLength")

SECTIONS = st.fixed_dictionaries(
    {},
    optional={
        "web_session_minutes": st.integers(1, 1000),
        "action_uri_from": st.lists(st.sampled_from(["192.0.2.9", "198.51.100.7"]), max_size=2, unique=True),
        "registrar_only": st.booleans(),
        "srtp": st.sampled_from(["required", "optional"]),
        "vlan_assignment": st.sampled_from(["lldp", "static"]),
        "pc_port": st.sampled_from(["unchanged", "off"]),
        "switch_off": st.lists(st.sampled_from(SWITCHES), unique=True),
        "authority": st.just(AUTHORITY),
        "syslog": st.fixed_dictionaries({"server": st.sampled_from(["192.0.2.51", "log.example.com"])}),
        "onboarding": st.booleans(),
        "unconfirmed": st.sampled_from([
            [], ["yealink.auth.level", "yealink.tls.authorities", "poly.qos.priorities"],
            ["yealink.nat.ice", "yealink.remote.xml_push_server", "poly.port.pc"],
            ["yealink.tls.ciphers", "yealink.log.facility", "yealink.log.port"],
            ["poly.tls.ciphers", "poly.port.filters"],
        ]),
    },
)
POLICIES = st.builds(lambda section, transport: {**configs.site(**section), "transport": transport}, SECTIONS,
                     st.sampled_from(["tls", "tcp", "udp"]))


def names_of(phone: Phone) -> list[str]:
    """The parameters of one line that a policy may be about, as the phone knows them."""
    vendor = VENDORS[configs.vendor_of(phone)]
    assert isinstance(phone, (YealinkPhone, PolyPhone))
    found = []
    for parameter in vendor.parameters:
        name = parameter.names[-1][1].format(line=1, server=1)
        fact = fact_of(vendor.name, phone.settings.line, name) if name else None
        if fact is not None and not fact.secret and not any(part in name for part in CLOSED):
            found.append(name)
    return sorted(set(found))


def texts(phone: Phone, name: str) -> st.SearchStrategy[str]:
    """Texts that a phone takes for a parameter."""
    assert isinstance(phone, (YealinkPhone, PolyPhone))
    fact = fact_of(configs.vendor_of(phone), phone.settings.line, name)
    assert fact is not None
    if isinstance(fact.scale, Choice):
        return st.sampled_from(sorted(fact.scale.meanings))
    if isinstance(fact.scale, Number):
        return st.integers(fact.scale.low, min(fact.scale.high, 100_000)).map(str)
    texts = ["other.example.com", "192.0.2.200", "03:30", "https://other.example.com/x", "INVITE", "0123", "Disabled"]
    return st.sampled_from([text for text in texts if fact.scale.problem(text) is None])


def states(phone: Phone) -> st.SearchStrategy[dict[str, str]]:
    """Any settings that somebody may have left on a phone."""
    return st.lists(st.sampled_from(names_of(phone)), unique=True, max_size=25).flatmap(
        lambda names: st.fixed_dictionaries({name: texts(phone, name) for name in names})
    )


def shown(result: Mapping[str, Any]) -> set[str]:
    """The intents of which the phone shows something, and that are asked for."""
    return {name for name, entry in result["intents"].items() if entry["found"] is not None and "verdict" in entry}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=10)
@given(st.data(), POLICIES)
def test_any_phone_is_brought_to_any_policy_and_stays_there(
    kind: str, data: st.DataObject, policy: dict[str, Any]
) -> None:
    with configs.made(kind) as phone:
        phone.change(data.draw(states(phone), label="settings"))
        woken(phone)
        done = settled(phone, policy=policy)
        assert (done["changed"], done["plan"], done["pending"]) == (False, [], [])
        known = shown(done)
        assert len(known) > 15
        assert verdicts(done, "drift") == set()
        assert known == verdicts(done, "compliant") | {
            intent for intent in known if None in [p["value"] for p in done["intents"][intent]["parameters"].values()]
        }
        assert configs.sessions(phone) == 0


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=10)
@given(st.data(), POLICIES)
def test_drift_of_any_single_parameter_is_found_and_no_other(
    kind: str, data: st.DataObject, policy: dict[str, Any]
) -> None:
    with configs.made(kind) as phone:
        done = settled(phone, policy=policy)
        values = configs.values(phone)
        ours = {
            name: entry
            for intent in verdicts(done, "compliant") - {"auth.admin"}
            for name, entry in done["intents"][intent]["parameters"].items()
            if name in names_of(phone)
        }
        name = data.draw(st.sampled_from(sorted(ours)), label="parameter")
        text = data.draw(texts(phone, name).filter(lambda text: text != values[name]), label="text")
        phone.change({name: text})
        woken(phone)
        found = run(phone, policy=policy, check=True, allow_reboot=True)
        assert len(verdicts(found, "drift")) == 1
        assert [line for line in found["plan"] if "does not show" not in line] == [
            f"set {name} = {values[name]} (was {text})"
        ]
        assert any(name in one["evidence"] for one in found["findings"])
        again = settled(phone, policy=policy)
        assert (again["changed"], verdicts(again, "drift")) == (False, set())
        assert configs.values(phone)[name] == values[name]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=10)
@given(st.data(), POLICIES)
def test_check_mode_sends_nothing_and_says_what_a_run_does(
    kind: str, data: st.DataObject, policy: dict[str, Any]
) -> None:
    with configs.made(kind) as phone:
        phone.change(data.draw(states(phone), label="settings"))
        woken(phone)
        before = configs.values(phone)
        told = run(phone, policy=policy, check=True)
        assert configs.values(phone) == before
        done = run(phone, policy=policy)
        assert (told["changed"], told["plan"], told["diff"]) == (done["changed"], done["plan"], done["diff"])


def locked(phone: Phone) -> None:
    """Somebody tried passwords until the web interface locked."""
    assert isinstance(phone, YealinkPhone)
    while not phone.attempts.locked:
        phone.attempts.fail()


def busy(phone: Phone) -> None:
    """Every request is turned away."""
    phone.faults.plant(kind="busy")


def taken(phone: Phone) -> None:
    """Somebody else has the sessions."""
    phone.faults.plant(kind="session-active")


def closed(phone: Phone) -> None:
    """No connection is accepted."""
    phone.faults.plant(kind="refuse-tcp")
    phone.settle()


def antique(phone: Phone) -> None:
    """It speaks TLS 1.0 alone, over which no password goes."""
    phone.faults.plant(kind="old-tls")


UNEASY: Mapping[str, tuple[Callable[[Phone], None], str, int, int]] = {
    "locked": (locked, "locked", 1, 3),
    "restarting": (lambda phone: phone.reboot(), "refused|no answer|cannot be reached|nothing listens", 0, 0),
    "busy": (busy, "busy", 1, 1),
    "taken": (taken, "busy, or has no session left", 2, 6),  # the new password is tried, and then the one before
    "closed": (closed, "refused|nothing listens", 0, 0),
    "antique": (antique, "TLS", 0, 0),
}
"""States in which a phone is left alone: how it comes to that, what a run says, and how many log-ins and requests a run
may try: one to see which interface it has, and two for a log-in."""


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25)
@given(st.data(), POLICIES)
def test_a_phone_that_is_not_at_ease_is_reported_and_never_hammered(
    kind: str, data: st.DataObject, policy: dict[str, Any]
) -> None:
    states_of_kind = sorted(UNEASY) if kind != "poly" else sorted(UNEASY.keys() - {"locked", "taken"})  # REST has none
    with configs.made(kind) as phone:
        phone.change(data.draw(states(phone), label="settings"))
        woken(phone)
        arrange, words, most, requests = UNEASY[data.draw(st.sampled_from(states_of_kind), label="state")]
        arrange(phone)
        before = configs.values(phone)
        for check in data.draw(st.lists(st.booleans(), min_size=1, max_size=4), label="runs"):
            asked, before_run = configs.log_ins(phone), len(phone.requests)
            _done, failure = configs.tried(phone, policy=policy, check=check, allow_reboot=True)
            assert failure is not None
            assert re.search(words, failure.message), failure.message
            assert configs.log_ins(phone) - asked <= most
            assert len(phone.requests) - before_run <= requests
        assert configs.values(phone) == before
        if isinstance(phone, YealinkPhone):
            # Not one of the log-ins counted towards a lock, or made the lock longer.
            assert phone.attempts.locked in (0.0, LOCK_SECONDS)
            assert phone.attempts.left == LOCK_AFTER
            assert configs.sessions(phone) == 0


@settings(max_examples=25)
@given(st.data(), POLICIES)
def test_a_phone_in_a_call_is_read_and_asked_to_change_once(data: st.DataObject, policy: dict[str, Any]) -> None:
    with configs.made("poly") as phone:
        assert isinstance(phone, PolyPhone)
        phone.change(data.draw(states(phone), label="settings"))
        woken(phone)
        phone.begin_call()
        before = configs.values(phone)
        for check in (True, False):
            asked = len(phone.requests)
            done, failure = configs.tried(phone, policy=policy, check=check)
            sent = [target for _method, target in phone.requests[asked:] if target.endswith("/config/set")]
            assert len(sent) <= 2 * (not check), sent  # the challenge, and the answer
            assert check or failure is not None
            assert failure is None or "busy, or somebody talks on it" in failure.message
            assert configs.log_ins(phone) > 0 or done
        assert configs.values(phone) == before


def test_every_kind_is_among_them() -> None:
    assert set(KINDS) <= set(MAKERS)
