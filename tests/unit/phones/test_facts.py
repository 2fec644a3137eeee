"""What is rendered, held to the table of facts that was written apart from it: names, scales, and how sure they are."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from ansible_collections.voip.hardening.plugins.module_utils.phones.phone import Phone
from ansible_collections.voip.hardening.plugins.module_utils.phones.publishing import plan_publication
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import SitePolicy
from ansible_collections.voip.hardening.plugins.module_utils.policy.phones import SWITCHES
from tests.oracles.phones import fact_of, line_of, parse_cfg, parse_parameters, problem_of
from tests.unit.phones.samples import ANY_PHONE, AUTHORITY, POLICIES, any_order, phone, site

FIRMWARE = {
    "yealink": ["96.80.0.15", "96.84.0.15", "96.85.0.15", "96.86.0.45", "96.87.0.15"],
    "poly": ["5.9.5.0614", "6.4.6.2453", "8.3.1.0123"],
}
RELEASES = [(vendor, firmware) for vendor, releases in FIRMWARE.items() for firmware in releases]


def line(one: Phone) -> str | None:
    """The line of the phone's firmware; None for one that the table of facts does not go into."""
    try:
        return line_of(one.vendor, one.firmware or "")
    except ValueError:
        return None


def hardening(one: Phone, policy: SitePolicy) -> list[tuple[str, str]]:
    """Parameters and values of the file that is published for a phone, as a phone reads it."""
    plan = plan_publication(any_order(one, policy), {})
    (text,) = (write.content.decode() for write in plan.writes if write.name == plan.name and write.content)
    return parse_cfg(text) if one.vendor == "yealink" else list(parse_parameters(text).items())


@given(ANY_PHONE, POLICIES)
def test_every_parameter_is_one_that_the_phone_has_and_takes_the_value(one: Phone, policy: SitePolicy) -> None:
    of = line(one)
    if of is not None and policy.phones.provisioning_owner == "site":
        problems = [problem_of(one.vendor, of, *setting) for setting in hardening(one, policy)]
        assert [problem for problem in problems if problem] == []


EVERYTHING = {
    "vlan_assignment": "static", "pc_port": "off", "switch_off": list(SWITCHES), "authority": AUTHORITY,
    "action_uri_from": ["192.0.2.9"], "syslog": {"server": "192.0.2.51", "transport": "tls"},
    "firmware": {"source": "https://fw.example.com/", "files": {"T54W": "a.rom"}}, "rest_api": True,
}  # fmt: skip
"""A policy that asks for all there is, but for what is unconfirmed."""


@pytest.mark.parametrize("phones", [{}, EVERYTHING, {"web_interface": "off"}], ids=["nothing", "everything", "off"])
@pytest.mark.parametrize(("vendor", "firmware"), RELEASES)
def test_what_is_not_sure_is_rendered_for_those_alone_who_ask_for_it(
    vendor: str, firmware: str, phones: dict[str, Any]
) -> None:
    of = line_of(vendor, firmware)
    settings = hardening(phone(vendor, firmware=firmware), site(phones))
    facts = {setting: fact_of(vendor, of, setting[0]) for setting in settings}
    assert len(facts) > 20
    assert [setting for setting, fact in facts.items() if fact is None or not fact.sure_of(setting[1])] == []
