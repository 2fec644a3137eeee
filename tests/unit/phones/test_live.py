"""What a live phone shows, how that stands to what is wanted, and what is sent: the parts that contact nobody."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voip.hardening.plugins.module_utils.errors import (
    LoginRefused,
    Misunderstood,
    Refused,
    Unavailable,
)
from ansible_collections.voip.hardening.plugins.module_utils.phones import live_poly, live_yealink
from ansible_collections.voip.hardening.plugins.module_utils.phones.digest import Credentials
from ansible_collections.voip.hardening.plugins.module_utils.phones.identity import Identity
from ansible_collections.voip.hardening.plugins.module_utils.phones.intents import wanted
from ansible_collections.voip.hardening.plugins.module_utils.phones.live import (
    Observed,
    Reading,
    plan_of,
    states_of,
    steps_to,
    told,
)
from ansible_collections.voip.hardening.plugins.module_utils.phones.phone import Phone
from ansible_collections.voip.hardening.plugins.module_utils.phones.table import Setting, render, verdicts
from ansible_collections.voip.hardening.plugins.module_utils.phones.vendors import VENDORS
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import SitePolicy
from ansible_collections.voip.hardening.plugins.module_utils.secret import Secret
from tests.unit.phones.samples import ANY_PHONE, PASSWORDS, POLICIES, credentials, phone, site

REQUEST = "POST https://phone.example.com/x"


def as_wanted(one: Phone, policy: SitePolicy) -> dict[str, str]:
    """What the phone would show if it were as the policy has it, passwords masked."""
    asked = wanted(policy, one, credentials(one.vendor))
    rendering = render(VENDORS[one.vendor].parameters, one, asked, policy.phones.unconfirmed)
    return {setting.name: "********" if setting.secret else setting.text for setting in rendering.settings}


def observed(one: Phone, values: dict[str, str], password: str = PASSWORDS["admin"], **more: Any) -> Observed:
    return Observed(phone=one, reading=Reading(values=values, **more), password=Secret(password))


def steps(one: Phone, policy: SitePolicy, values: dict[str, str], **more: Any) -> list[Any]:
    asked = wanted(policy, one, credentials(one.vendor))
    found = observed(one, values, **more)
    return steps_to(VENDORS[one.vendor], found, asked, policy.phones.unconfirmed)


@given(ANY_PHONE, POLICIES)
def test_a_phone_that_is_as_wanted_needs_nothing(one: Phone, policy: SitePolicy) -> None:
    assert not [step for step in steps(one, policy, as_wanted(one, policy)) if step.due]


@given(ANY_PHONE, POLICIES, st.data())
def test_one_setting_that_is_another_is_one_step(one: Phone, policy: SitePolicy, data: st.DataObject) -> None:
    values = as_wanted(one, policy)
    name = data.draw(st.sampled_from([name for name, text in values.items() if text not in ("********", "%NULL%")]))
    other = data.draw(st.sampled_from(["0", "1", "77", "changed"]).filter(lambda text: text != values[name]))
    (step,) = [step for step in steps(one, policy, {**values, name: other}) if step.due]
    assert (step.setting.name, step.setting.text, step.before) == (name, values[name], other)
    asked = wanted(policy, one, credentials(one.vendor))
    states = states_of(VENDORS[one.vendor], observed(one, {**values, name: other}), policy.phones.unconfirmed)
    assert [intent for intent, verdict in verdicts(states, asked).items() if verdict == "drift"] == [
        step.setting.intent
    ]


@given(ANY_PHONE, POLICIES, st.data())
def test_what_is_not_shown_is_never_compliant_and_never_due(
    one: Phone, policy: SitePolicy, data: st.DataObject
) -> None:
    values = as_wanted(one, policy)
    admins = ("device.auth.localAdminPassword", "security.user_password[admin]")
    name = data.draw(st.sampled_from([name for name in values if not name.endswith(admins)]))
    del values[name]
    (step,) = [step for step in steps(one, policy, values) if step.setting.name == name]
    assert (step.due, step.before) == (False, None)
    asked = wanted(policy, one, credentials(one.vendor))
    states = states_of(VENDORS[one.vendor], observed(one, values), policy.phones.unconfirmed)
    assert verdicts(states, asked)[step.setting.intent] == "unknown"


def test_what_is_not_shown_is_sent_along_or_on_request_alone() -> None:
    one, policy = phone(), site()
    values = as_wanted(one, policy)
    del values["sip.trust_ctrl"]
    found = steps(one, policy, values)
    assert plan_of(found, allow_restart=True, send_unshown=False).steps == ()
    asked_for = plan_of(found, allow_restart=True, send_unshown=True)
    assert "sip.trust_ctrl" in {step.setting.name for step in asked_for.steps}
    along = plan_of(steps(one, policy, {**values, "static.wui.http_enable": "1"}), True, False)
    assert {"sip.trust_ctrl", "static.wui.http_enable"} <= {step.setting.name for step in along.steps}


def test_a_diff_has_one_line_a_setting_whatever_the_phone_says() -> None:
    one, policy = phone(), site()
    says = "1\x1b[2J\u202e\nstatic.wui.https_enable = 1"
    plan = plan_of(steps(one, policy, {**as_wanted(one, policy), "static.wui.http_enable": says}), True, False)
    before, _after = plan.diff()
    assert before == "static.wui.http_enable = 1\\x1b[2J\\u202e\\nstatic.wui.https_enable = 1\n"


def test_a_poly_is_not_sent_what_it_says_it_does_not_know() -> None:
    one, policy = phone("poly"), site()
    values = as_wanted(one, policy)
    del values["diags.pcap.enabled"]
    found = steps(one, policy, values, unknown=frozenset({"diags.pcap.enabled"}))
    assert "diags.pcap.enabled" not in {step.setting.name for step in found}


def test_another_password_that_let_us_in_makes_all_of_them_due() -> None:
    one, policy = phone(), site()
    due = [step for step in steps(one, policy, as_wanted(one, policy), password="another one") if step.due]
    assert {step.setting.intent for step in due} == {"auth.admin", "auth.user", "auth.var"}
    assert all("another one is in force" in step.line for step in due)
    assert not [secret for secret in PASSWORDS.values() if secret in "".join(step.line for step in due)]


@pytest.mark.parametrize(
    ("vendor", "name", "other"),
    [("yealink", "static.network.lldp.enable", "0"), ("poly", "device.net.lldpEnabled", "0")],
)
def test_what_restarts_the_phone_is_held_or_sent_last(vendor: str, name: str, other: str) -> None:
    one, policy = phone(vendor), site()
    found = steps(one, policy, {**as_wanted(one, policy), name: other})
    held = plan_of(found, allow_restart=False, send_unshown=False)
    assert (held.steps, [step.setting.name for step in held.held]) == ((), [name])
    sent = plan_of(found, allow_restart=True, send_unshown=False)
    assert (name in [step.setting.name for step in sent.last], sent.restarts, sent.held) == (True, True, ())


@pytest.mark.parametrize(
    ("vendor", "policy", "name"),
    [
        ("yealink", site({"web_interface": "off"}), "static.wui.https_enable"),
        ("poly", site({"web_interface": "off"}), "httpd.cfg.enabled"),
        ("poly", site({"rest_api": False}), "apps.restapi.enabled"),
    ],
)
def test_what_closes_our_own_way_is_sent_last(vendor: str, policy: SitePolicy, name: str) -> None:
    one = phone(vendor)
    plan = plan_of(steps(one, policy, {**as_wanted(one, policy), name: "1", "sip.trust_ctrl": "0"}), False, False)
    assert [step.setting.name for step in plan.last] == [name]


def test_a_result_masks_passwords_and_names_layers() -> None:
    one, policy = phone("poly"), site()
    asked = wanted(policy, one, credentials("poly"))
    found = observed(one, {"httpd.cfg.secureTunnelRequired": "0", "sec.srtp.enable": "1", "sec.srtp.offer": "0"})
    reading = replace(found.reading, sources={"httpd.cfg.secureTunnelRequired": "web"}, unknown=frozenset({"nat.ice"}))
    shown = told(states_of(VENDORS["poly"], found, ()), asked, reading)
    assert shown["web.http"] == {
        "says": "The web interface answers to unencrypted HTTP",
        "controls": ["WEB-1"],
        "found": True,
        "wanted": False,
        "verdict": "drift",
        "parameters": {"httpd.cfg.secureTunnelRequired": {"value": True, "source": "web"}},
    }
    assert shown["srtp.offered"]["found"] == [True, False]
    assert (shown["auth.admin"]["found"], shown["auth.admin"]["verdict"]) == ("***", "compliant")
    assert not [secret for secret in PASSWORDS.values() if secret in repr(shown)]


# --- Poly ------------------------------------------------------------------------------------------------------------


def test_values_with_their_layers() -> None:
    names = ["a", "b", "c", "d"]
    answer = {
        "data": {"a": {"Value": "1", "Source": "web"}, "b": {"Value": 5, "Source": "CONFIG_FILES"},
                 "c": {"Value": "", "Source": "PHONE_LOCAL"}},
        "InvalidParams": {"4": "d"}, "Status": "2000",
    }
    reading = live_poly.reading_of(REQUEST, names, json.dumps(answer))
    assert (reading.values, reading.sources) == (
        {"a": "1", "b": "5", "c": ""}, {"a": "web", "b": "config", "c": "local"},
    )
    assert reading.unknown == {"d"}


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('{"Status": "4001"}', Unavailable),
        ('{"Status": "4010"}', LoginRefused),
        ('{"Status": "4009"}', live_poly.TooLarge),
        ('{"Status": "4000"}', Refused),
        ('{"Status": "1234"}', Refused),
        ("{}", Misunderstood),
        ("[]", Misunderstood),
        ("", Misunderstood),
        ("<html>", Misunderstood),
        ('{"Status": "2000", "data": []}', None),
        ('{"Status": "2000", "data": "x"}', Misunderstood),
        ('{"Status": "2000", "data": {"a": "1"}}', Misunderstood),
        ('{"Status": "2000", "data": {"a": {"Value": null}}}', Misunderstood),
    ],
)
def test_answers_that_are_none(text: str, error: type[Exception] | None) -> None:
    if error is None:
        assert live_poly.reading_of(REQUEST, ["a"], text).values == {}
        return
    with pytest.raises(error) as raised:
        live_poly.reading_of(REQUEST, ["a"], text)
    assert str(raised.value).startswith(REQUEST)


def test_who_a_poly_says_it_is() -> None:
    data = {"ModelNumber": "VVX 450", "MACAddress": "64167F123456", "FirmwareRelease": "6.4.6.2453 01-Jun-26"}
    answer = json.dumps({"Status": "2000", "data": data})
    assert live_poly.identity_of(REQUEST, answer) == Identity("poly", "VVX 450", "6.4.6.2453", "64167f123456")


NAMES = st.sampled_from([f"a.{n}" for n in range(30)] + [f"device.b.{n}" for n in range(30)])


@given(st.lists(NAMES, unique=True, max_size=40), st.integers(3, 25), st.booleans())
def test_requests_hold_all_settings_within_the_limit(names: list[str], most: int, password: bool) -> None:
    settings = [Setting(name, f"v {name}", "x") for name in names]
    if password:
        settings.insert(0, Setting(live_poly.ADMIN_PASSWORD, "secret", "auth.admin", True))
    bodies = list(live_poly.requests_of(settings, most))
    assert all(0 < len(body) <= most for body in bodies)
    sent = {name: text for body in bodies for name, text in body.items()}
    assert {s.name: s.text for s in settings} == {n: t for n, t in sent.items() if not n.endswith("set")}
    for body in bodies:
        for name in body:
            if name.startswith("device.") and not name.endswith("set"):
                assert (body["device.set"], body[f"{name}.set"]) == ("1", "1")
    if password:
        assert live_poly.ADMIN_PASSWORD in bodies[-1]


def test_digest_answers_count_and_a_stale_nonce_is_no_refusal() -> None:
    one = Credentials("https://phone.example.com", "Polycom", Secret("secret"))
    assert one.take('Basic realm="x"\nDigest realm="r", nonce="n1", qop="auth", algorithm=MD5') is False
    first, second = (one.answer("POST", "/api/v1/mgmt/config/get") for _time in range(2))
    assert 'uri="/api/v1/mgmt/config/get"' in first
    assert ("nc=00000001" in first, "nc=00000002" in second) == (True, True)
    assert one.take('Digest realm="r", nonce="n2", qop="auth", stale=true') is True
    assert 'nonce="n2"' in one.answer("GET", "/x")
    assert one.take('Digest realm="r", nonce="n3", qop="auth-int"') is False
    with pytest.raises(ValueError):
        one.answer("GET", "/x")
    one.take('Basic realm="x"')
    assert one.answer("GET", "/x") == "Basic UG9seWNvbTpzZWNyZXQ="


# --- Yealink ---------------------------------------------------------------------------------------------------------


def test_an_export_is_read_by_the_names_that_are_rendered() -> None:
    text = "\ufeff#!version:1.0.0.1\r\nstatic.wui.http_enable = 1\r\n# x = y\r\n" \
        "static.security.user_password = admin:********\r\naccount.1.label =\r\n"
    reading = live_yealink.reading_of(REQUEST, text, Identity())
    assert reading.values == {
        "static.wui.http_enable": "1", "static.security.user_password[admin]": "********", "account.1.label": "",
    }
    assert reading.whole


@pytest.mark.parametrize("text", ["", "<html>secret</html>", "static.x = secret", '{"ret": "failed"}'])
def test_what_is_no_export_is_not_shown(text: str) -> None:
    with pytest.raises(Misunderstood) as raised:
        live_yealink.reading_of(REQUEST, text, Identity())
    assert "secret" not in str(raised.value)


def test_an_import_is_a_file_with_a_password_by_account() -> None:
    settings = [Setting("a.b", "1", "x"), Setting("static.security.user_password[admin]", "pw", "auth.admin", True)]
    assert live_yealink.import_text(settings) == (
        "#!version:1.0.0.1\na.b = 1\nstatic.security.user_password = admin:pw\n"
    )
    body, kind = live_yealink.multipart("Field", "text\n")
    edge = kind.partition("boundary=")[2]
    assert body.decode().startswith(f'--{edge}\r\nContent-Disposition: form-data; name="Field"; filename=')
    assert body.decode().endswith(f"\r\n\r\ntext\n\r\n--{edge}--\r\n")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('{"ret": "failed", "error": {"webStatus": "noauth", "msg": "error_no_auth"}}', Unavailable),
        ('{"ret": "failed", "error": {"webStatus": "error", "msg": "error_import_failed"}}', Refused),
        ('{"ret": "failed"}', Refused),
        ("[]", Misunderstood),
        ("<html>", Misunderstood),
    ],
)
def test_answers_of_the_json_interface(text: str, error: type[Exception]) -> None:
    assert live_yealink.data_of(REQUEST, '{"ret": "ok", "data": {"x": 1}}') == {"x": 1}
    with pytest.raises(error):
        live_yealink.data_of(REQUEST, text)


@pytest.mark.parametrize(
    ("page", "error"),
    [
        ('<div id="_RES_INFO_">{"type":"localcfg","result":5}</div>', None),
        ('{"type":"localcfg","result":"failed"}', Refused),
        ('{"type":"localcfg","result":false}', Refused),
        ('{"type":"localcfg","result":"noparam"}', Refused),
        ("<html></html>", Misunderstood),
    ],
)
def test_results_of_an_upload(page: str, error: type[Exception] | None) -> None:
    if error is None:
        live_yealink.check_upload(REQUEST, page)
        return
    with pytest.raises(error):
        live_yealink.check_upload(REQUEST, page)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"lockTime": 3}', ", for 3 minutes more"),
        ("Please try again 12 minutes later.", ", for 12 minutes more"),
        ("", ""),
    ],
)
def test_for_how_long_it_is_locked(text: str, said: str) -> None:
    assert live_yealink.lock_of(text) == said
