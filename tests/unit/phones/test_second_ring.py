"""Phones whose files are rendered only: what is said reads back, is labelled, and is never published."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from hypothesis import given

from ansible_collections.voip.hardening.plugins.module_utils.phones.options import SPEC
from ansible_collections.voip.hardening.plugins.module_utils.phones.phone import Phone
from ansible_collections.voip.hardening.plugins.module_utils.phones.provisioning import execute, prepare
from ansible_collections.voip.hardening.plugins.module_utils.phones.publishing import plan_fragment
from ansible_collections.voip.hardening.plugins.module_utils.phones.table import read, verdicts
from ansible_collections.voip.hardening.plugins.module_utils.phones.vendors import VENDORS
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import SitePolicy
from tests.support.policies import provider
from tests.unit.phones.samples import MODELS, POLICIES, VLAN, order, phone, site

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
