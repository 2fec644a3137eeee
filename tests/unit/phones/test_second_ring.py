"""Phones whose files are rendered only: what is said reads back, is labelled, and is never published."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from hypothesis import given

from ansible_collections.voip.hardening.plugins.module_utils.phones.intents import Credentials, wanted
from ansible_collections.voip.hardening.plugins.module_utils.phones.options import SPEC
from ansible_collections.voip.hardening.plugins.module_utils.phones.phone import Phone, read_phone
from ansible_collections.voip.hardening.plugins.module_utils.phones.provisioning import execute, prepare
from ansible_collections.voip.hardening.plugins.module_utils.phones.publishing import plan_fragment
from ansible_collections.voip.hardening.plugins.module_utils.phones.table import Setting, read, render, verdicts
from ansible_collections.voip.hardening.plugins.module_utils.phones.vendors import VENDORS, vendor_of
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import SitePolicy
from ansible_collections.voip.hardening.plugins.module_utils.policy.reading import Report
from ansible_collections.voip.hardening.plugins.module_utils.secret import Secret
from tests.support.policies import provider
from tests.unit.phones.samples import MODELS, PASSWORDS, POLICIES, VLAN, credentials, order, phone, site

NAMES = [vendor.name for vendor in VENDORS.values() if not vendor.published]


def rendered(vendor: str, policy: SitePolicy, one: Phone | None = None) -> bytes:
    plan = plan_fragment(order(vendor, policy, one), {})
    (write,) = plan.writes
    assert write.content is not None
    return write.content


def test_these_are_the_vendors() -> None:
    assert NAMES == ["grandstream", "snom", "fanvil", "cisco_mpp"]


@pytest.mark.parametrize("vendor", NAMES)
@given(policy=POLICIES)
def test_what_was_rendered_reads_back_as_what_was_wanted(vendor: str, policy: SitePolicy) -> None:
    one = phone(vendor, lines=[1, 3])
    plan = plan_fragment(order(vendor, policy, one), {})
    content = plan.writes[0].content or b""
    assert content == rendered(vendor, policy, one)
    live = VENDORS[vendor].files.parse(plan.name, content)
    states = read(VENDORS[vendor].parameters, one, live)
    left_out = {entry.intent for entry in plan.left_out}
    told = {intent: value for intent, value in plan.wanted.items() if intent in states and intent not in left_out}
    assert len(told) >= 4
    assert set(verdicts(states, told).values()) == {"compliant"}
    assert plan_fragment(order(vendor, policy, one), {plan.name: content}).writes == []


@pytest.mark.parametrize(
    ("vendor", "path", "text"),
    [
        ("grandstream", "./config/item[@name='security.webAccessMode']", "HTTPS"),
        ("grandstream", "./config/item[@name='account.1.audio.srtpMode']", "EnabledAndForced"),
        ("snom", "./phone-settings/user_savp[@idx='1'][@perm='R']", "mandatory"),
        ("snom", "./phone-settings/setting_server", VLAN["provisioning_url"]),
        ("fanvil", "./sip/line[@index='1']/Transport", "3"),
        ("fanvil", "./ap/pnp/PNPEnable", "0"),
        ("cisco_mpp", "./SIP_Transport_1_[@ua='na']", "TLS"),
    ],
)
def test_the_files_have_the_vendors_shape(vendor: str, path: str, text: str) -> None:
    found = ElementTree.fromstring(rendered(vendor, site())).findall(path)
    assert [one.text for one in found] == [text]


@pytest.mark.parametrize("vendor", [name for name in NAMES if name != "snom"])
def test_remote_control_is_switched_off_or_left_alone(vendor: str) -> None:
    """Never on, since whom the phone would obey is not said."""

    def said(**phones: Any) -> list[str]:
        plan = plan_fragment(order(vendor, site(phones)), {})
        live = VENDORS[vendor].files.parse(plan.name, plan.writes[0].content or b"")
        (parameter,) = (one for one in VENDORS[vendor].parameters if one.intent == "remote.action_uri")
        return [text for name, text in live.items() if name in parameter.spelled(phone(vendor))]

    assert said() in (["No"], ["0"])
    assert said(action_uri_from=["192.0.2.9"]) == []


GXP = {"model": "GXP2124", "lines": [1, 2, 6]}
CREDENTIALS = credentials("grandstream")


def told(one: Phone, policy: SitePolicy, **secrets: Any) -> dict[str, str]:
    """What the phone's file says, by name."""
    vendor = vendor_of(one)
    settings = render(vendor.parameters, one, wanted(policy, one, **secrets)).settings
    return vendor.files.parse("a file", vendor.files.render(settings, 1))


@given(policy=POLICIES)
def test_p_values_read_back_as_what_was_wanted(policy: SitePolicy) -> None:
    one = phone("grandstream", **GXP)
    plan = plan_fragment(order("grandstream", policy, one), {})
    assert plan.left_out == ()
    content = plan.writes[0].content or b""
    states = read(vendor_of(one).parameters, one, vendor_of(one).files.parse(plan.name, content))
    asked = {intent: value for intent, value in plan.wanted.items() if intent in states}
    assert len(asked) >= 4
    assert set(verdicts(states, asked).values()) == {"compliant"}


def test_p_values_have_another_number_for_each_line() -> None:
    static = {"vlan_assignment": "static", "pc_port": "off", "srtp": "required"}
    one = phone("grandstream", **GXP)
    assert told(one, site(static, voice_vlan={**VLAN, "priority": 5})) == {
        "P1650": "0",
        **dict.fromkeys(["P130", "P448", "P1848"], "2"),
        **dict.fromkeys(["P2347", "P2447", "P2847", "P2306", "P2406", "P2806", "P258", "P449", "P1849"], "1"),
        **dict.fromkeys(["P2311", "P2411", "P2811"], "1"),
        **dict.fromkeys(["P183", "P443", "P1843"], "2"),
        "P1684": "1",
        "P51": "40",
        "P87": "5",
        "P1348": "1",
    }


def test_the_files_of_grandstream_say_their_form() -> None:
    root = ElementTree.fromstring(rendered("grandstream", site(), phone("grandstream", **GXP)))
    config = root.find("config")
    assert config is not None
    assert (root.tag, root.attrib, config.attrib) == ("gs_provision", {"version": "1"}, {"version": "1"})
    root = ElementTree.fromstring(rendered("grandstream", site()))
    assert {one.tag for one in root.findall("config[@version='2']/*")} == {"item"}


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"model": "HT814"}, "model"),
        ({"model": "GXV3480"}, "model"),
        ({"model": "GXP2020"}, "model"),
        ({"model": "GXP1628", "lines": [4]}, "lines"),
        ({"model": "GXP2124", "lines": [7]}, "lines"),
    ],
)
def test_what_no_source_shows_of_grandstream_is_refused(options: dict[str, Any], error: str) -> None:
    report = Report()
    assert read_phone({"platform": "grandstream", "mac": "c074ad000001", "lines": [1], **options}, report) is None
    assert [one.field for one in report.errors] == [error]


@pytest.mark.parametrize(
    ("vendor", "options", "names"),
    [
        ("grandstream", {}, {"users.admin.password": "admin", "users.user.password": "user"}),
        ("grandstream", GXP, {"P2": "admin", "P196": "user"}),
        ("snom", {}, {"admin_mode_password": "admin", "admin_mode_password_confirm": "admin"}),
        ("fanvil", {}, {"web/account[1]/Password": "admin", "web/account[2]/Password": "user"}),
        ("cisco_mpp", {}, {"Admin_Password": "admin", "User_Password": "user"}),
    ],
)
def test_the_tables_know_the_passwords_and_no_file_has_them(
    vendor: str, options: dict[str, Any], names: dict[str, str]
) -> None:
    one = phone(vendor, **options)
    said = told(one, site(), credentials=CREDENTIALS)
    assert {name: said[name] for name in names} == {name: PASSWORDS[account] for name, account in names.items()}
    plan = plan_fragment(order(vendor, site(), one), {})
    content = plan.writes[0].content or b""
    assert not any(password.encode() in content for password in PASSWORDS.values())
    assert not set(names) & set(vendor_of(one).files.parse(plan.name, content))
    # Somebody put them into our file: what is compared with it shows none of them.
    settings = [Setting(name, PASSWORDS[account], "auth.admin") for name, account in names.items()]
    edited = vendor_of(one).files.render(settings, 1)
    before = plan_fragment(order(vendor, site(), one), {plan.name: edited}).before
    assert all(name in before for name in names)
    assert not any(password in before for password in PASSWORDS.values())


def test_snom_takes_no_long_password_for_its_web_interface() -> None:
    one = phone("snom")
    short = Credentials(passwords={"admin": Secret("Sixteen4letters1")})
    said = told(one, site(), credentials=short)
    assert (said["http_user"], said["http_pass"]) == ("admin", "Sixteen4letters1")
    assert "http_pass" not in told(one, site(), credentials=CREDENTIALS)


@pytest.mark.parametrize(
    ("phones", "name", "text"),
    [
        ({"lockout": {"attempts": 10, "lock_seconds": 120}}, "security.webAccess.attemptLimit", "10"),
        ({"lockout": {"lock_seconds": 120}}, "security.webKeypadRestrictModeLockoutDuration", "2"),
        ({"lockout": {"attempts": 11}}, "security.webAccess.attemptLimit", None),
        ({"lockout": {"lock_seconds": 90}}, "security.webKeypadRestrictModeLockoutDuration", None),
        ({"action_uri_from": ["192.0.2.9"]}, "remoteControl.allowList", "192.0.2.9"),
        ({"action_uri_from": ["192.0.2.9", "203.0.113.4"]}, "remoteControl.allowList", None),
        ({}, "security.configurationViaKeypadMenu", "ConstraintMode"),
        ({"syslog": {"server": "192.0.2.51"}}, "maintain.syslog.level", "Info"),
        ({}, "maintain.syslog.level", None),
    ],
)
def test_values_that_have_bounds(phones: dict[str, Any], name: str, text: str | None) -> None:
    assert told(phone("grandstream"), site(phones)).get(name) == text


def test_what_a_vendor_has_no_word_for_is_left_out() -> None:
    plan = plan_fragment(order("grandstream", site({"syslog": {"server": "192.0.2.51", "transport": "tcp"}})), {})
    assert [(one.intent, one.reason) for one in plan.left_out] == [("log.transport", "value")]


@pytest.mark.parametrize("vendor", NAMES)
def test_a_file_is_handed_over_and_says_that_it_was_not_tried(vendor: str, tmp_path: Path) -> None:
    given_options = {
        "provider": provider(),
        "policy": {"voice_vlan": VLAN},
        "platform": vendor,
        "mac": "000413123456",
        "model": MODELS[vendor],
        "fragment_directory": str(tmp_path),
    }
    job = prepare(ArgumentSpecValidator(dict(SPEC)).validate(given_options).validated_parameters, False)
    assert not job.needs_passwords
    result = execute(job, {})
    (path,) = tmp_path.iterdir()
    assert path.name == "000413123456-hardening.xml"
    assert b"rendered only" in path.read_bytes()
    assert "rendered only" in result["remarks"][0]
