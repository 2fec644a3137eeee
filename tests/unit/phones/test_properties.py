"""What holds for any policy and any phone."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ansible_collections.voip.hardening.plugins.module_utils.phones.intents import wanted
from ansible_collections.voip.hardening.plugins.module_utils.phones.layers import Folder, Write
from ansible_collections.voip.hardening.plugins.module_utils.phones.phone import Phone
from ansible_collections.voip.hardening.plugins.module_utils.phones.publishing import (
    Order,
    Plan,
    plan_fragment,
    plan_publication,
    plan_removal,
)
from ansible_collections.voip.hardening.plugins.module_utils.phones.table import read, render, verdicts
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import SitePolicy
from tests.unit.phones.samples import ANY_PHONE, PASSWORDS, POLICIES, PROVISIONING_PASSWORD, any_order
from tests.unit.phones.templates import FOLDERS

SECRETS = (*PASSWORDS.values(), PROVISIONING_PASSWORD)


def written(folder: Folder, writes: list[Write]) -> dict[str, bytes]:
    """The folder after these writes."""
    after = dict(folder)
    for write in writes:
        if write.content is None:
            del after[write.name]
        else:
            after[write.name] = write.content
    return after


def rendered(order: Order) -> dict[str, str]:
    """What is rendered for an order, by name."""
    asked = wanted(order.policy, order.phone, order.credentials)
    rendering = render(order.vendor.parameters, order.phone, asked, order.policy.phones.unconfirmed)
    return {setting.name: setting.text for setting in rendering.settings}


def shown(plan: Plan) -> str:
    """All that a result may show of a plan."""
    return repr(
        (plan.lines, plan.before, plan.after, plan.text, plan.wanted, plan.findings, plan.remarks, plan.left_out)
    )


@given(ANY_PHONE, POLICIES)
def test_rendering_is_deterministic(one: Phone, policy: SitePolicy) -> None:
    first, second = (plan_publication(any_order(one, policy), {}) for _time in range(2))
    assert first.writes == second.writes
    names = list(rendered(any_order(one, policy)))
    assert len(names) == len(set(names))


@given(ANY_PHONE, POLICIES)
def test_what_was_rendered_reads_back_as_what_was_wanted(one: Phone, policy: SitePolicy) -> None:
    order = any_order(one, policy)
    plan = plan_publication(order, {})
    files = order.vendor.files
    content = written({}, plan.writes)[plan.name]
    live = files.overlaid(files.parse(plan.name, content), {})
    states = read(order.vendor.parameters, one, live, policy.phones.unconfirmed)
    left_out = {entry.intent for entry in plan.left_out}
    told = {intent: value for intent, value in plan.wanted.items() if intent in states and intent not in left_out}
    assert len(told) > 15
    assert set(verdicts(states, told).values()) == {"compliant"}
    assert not [finding for finding in plan.findings if "do not say what is wanted" in finding.evidence]


@given(ANY_PHONE, POLICIES, st.data())
def test_drift_in_any_parameter_is_found_and_no_other(one: Phone, policy: SitePolicy, data: st.DataObject) -> None:
    order = any_order(one, policy)
    live = rendered(order)
    name = data.draw(st.sampled_from(sorted(live)))
    other = data.draw(st.sampled_from(["0", "1", "2", "7", "any", "changed"]).filter(lambda text: text != live[name]))
    asked = wanted(policy, one, order.credentials)
    states = read(order.vendor.parameters, one, {**live, name: other}, policy.phones.unconfirmed)
    found = {intent for intent, verdict in verdicts(states, asked).items() if verdict == "drift"}
    (intent,) = (one for one, state in states.items() if name in dict(state.values))
    assert found == {intent}


@given(ANY_PHONE, POLICIES, st.data())
def test_what_cannot_be_read_is_never_compliant(one: Phone, policy: SitePolicy, data: st.DataObject) -> None:
    order = any_order(one, policy)
    live = rendered(order)
    name = data.draw(st.sampled_from(sorted(live)))
    unreadable = data.draw(st.sampled_from([None, ""]))
    live = {**live, name: unreadable} if unreadable is not None else {k: v for k, v in live.items() if k != name}
    states = read(order.vendor.parameters, one, live, policy.phones.unconfirmed)
    asked = wanted(policy, one, order.credentials)
    (intent,) = (one for one, state in states.items() if name in dict(state.values))
    assert verdicts(states, asked)[intent] == "unknown"


@settings(max_examples=150)
@given(ANY_PHONE, POLICIES, st.data())
def test_a_second_run_changes_nothing_and_what_others_wrote_stays(
    one: Phone, policy: SitePolicy, data: st.DataObject
) -> None:
    order = any_order(one, policy)
    folder = data.draw(FOLDERS[one.vendor](one, policy.transport))
    assume(one.vendor != "yealink" or one.release >= 81 or f"{one.mac}.cfg" not in folder)
    before = dict(folder)
    plan = plan_publication(order, folder)
    after = written(folder, plan.writes)
    assert plan_publication(order, after).writes == []
    # Their files are untouched, apart from the one that lists what is loaded; taking ours away restores every byte.
    listing = {f"{one.mac}.boot", f"{one.mac}.cfg"}
    assert {name: after[name] for name in before if name not in listing} == {
        name: content for name, content in before.items() if name not in listing
    }
    assert written(after, plan_removal(order.vendor, one, after).writes) == before
    assert plan_removal(order.vendor, one, before).writes == []


@settings(max_examples=150)
@given(ANY_PHONE, POLICIES, st.data())
def test_every_line_that_others_make_is_hardened(one: Phone, policy: SitePolicy, data: st.DataObject) -> None:
    order = any_order(one, policy)
    folder = data.draw(FOLDERS[one.vendor](one, policy.transport))
    assume(one.vendor != "yealink" or one.release >= 81 or f"{one.mac}.cfg" not in folder)
    files = order.vendor.files
    theirs = files.others(one, folder)
    plan = plan_publication(order, folder)
    after = written(folder, plan.writes)
    again = files.others(one, after)
    assert again.settings == theirs.settings
    effective = files.overlaid(files.parse(plan.name, after[plan.name]), again.settings)
    transports = {
        "yealink": {"tls": "2", "tcp": "1", "udp": "0"},
        "poly": {"tls": "TLS", "tcp": "TCPOnly", "udp": "UDPOnly"},
    }
    name = {"yealink": "account.{}.sip_server.{}.transport_type", "poly": "reg.{}.server.{}.transport"}[one.vendor]
    lines = files.lines(theirs.settings)
    for line, servers in {**{line.number: {1, 2} for line in one.lines}, **lines}.items():
        for server in {1, 2, *servers}:
            assert effective[name.format(line, server)] == transports[one.vendor][policy.transport]
    # What is not ours is as it was.
    ours = files.parse(plan.name, after[plan.name])
    assert {key: effective[key] for key in theirs.settings if key not in ours} == {
        key: value for key, value in theirs.settings.items() if key not in ours
    }


@given(ANY_PHONE, POLICIES, st.booleans())
def test_no_password_is_shown(one: Phone, policy: SitePolicy, reapply: bool) -> None:
    order = any_order(one, policy)
    plan = plan_publication(order, {})
    after = written({}, plan.writes)
    changed = Order(vendor=order.vendor, phone=one, policy=policy, credentials=order.credentials, reapply=reapply)
    text = "".join(map(shown, (plan, plan_publication(changed, after), plan_removal(order.vendor, one, after))))
    assert not [secret for secret in SECRETS if secret in text]
    fragment = plan_fragment(order, {})
    assert not [secret for secret in SECRETS if secret.encode() in (fragment.writes[0].content or b"")]


@given(ANY_PHONE, POLICIES)
def test_only_what_is_asked_for_by_name_is_rendered_without_confirmation(one: Phone, policy: SitePolicy) -> None:
    order = any_order(one, policy)
    asked = {f"{one.vendor}.{parameter.intent}" for parameter in order.vendor.parameters if not parameter.confirmed}
    names = set(rendered(order))
    for parameter in order.vendor.parameters:
        if not parameter.confirmed and f"{one.vendor}.{parameter.intent}" not in policy.phones.unconfirmed:
            assert not names & set(parameter.spelled(one))
    assert asked


@given(ANY_PHONE, POLICIES)
def test_the_generation_moves_with_the_content_and_with_drift_alone(one: Phone, policy: SitePolicy) -> None:
    order = any_order(one, policy)
    name = order.vendor.files.hardening_file(one)
    folder = written({}, plan_publication(order, {}).writes)
    drifted = Order(vendor=order.vendor, phone=one, policy=policy, credentials=order.credentials, reapply=True)
    again = written(folder, plan_publication(drifted, folder).writes)
    assert folder[name] != again[name]
    assert folder[name].replace(b"generation 1", b"generation 2") == again[name]
    assert plan_publication(order, again).writes == []
