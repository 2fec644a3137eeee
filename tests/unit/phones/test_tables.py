"""The tables of the vendors are whole: spellings by release, sources, and what is rendered only for those who ask."""

from __future__ import annotations

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.phones.intents import BY_ID, INTENTS, wanted
from ansible_collections.voip.hardening.plugins.module_utils.phones.table import Parameter, State, render
from ansible_collections.voip.hardening.plugins.module_utils.phones.vendors import VENDORS
from ansible_collections.voip.hardening.plugins.module_utils.policy.phones import UNCONFIRMED
from ansible_collections.voip.hardening.plugins.module_utils.secret import Secret
from tests.unit.phones.samples import credentials, phone, site

ALL = [(vendor.name, parameter) for vendor in VENDORS.values() for parameter in vendor.parameters]
SYSLOG = {"syslog": {"server": "192.0.2.51", "transport": "tls", "port": 6514}}


def names(vendor: str, firmware: str, phones: dict[str, object] | None = None, **options: object) -> dict[str, str]:
    """What is rendered for a phone, by name."""
    one = phone(vendor, firmware=firmware, **options)
    policy = site(phones)
    asked = wanted(policy, one, credentials(vendor))
    rendering = render(VENDORS[vendor].parameters, one, asked, policy.phones.unconfirmed)
    return {setting.name: setting.text for setting in rendering.settings}


@pytest.mark.parametrize(("vendor", "parameter"), ALL, ids=[f"{v}-{p.names[0][1]}" for v, p in ALL])
def test_every_parameter_is_of_a_known_intent_and_has_a_source(vendor: str, parameter: Parameter) -> None:
    assert parameter.intent in BY_ID
    assert len(parameter.source) > 3
    releases = [release for release, _name in parameter.names]
    assert releases == sorted(set(releases))


def test_every_intent_belongs_to_a_control_and_to_a_vendor() -> None:
    assert len(BY_ID) == len(INTENTS)
    assert all(intent.controls for intent in INTENTS)
    assert {parameter.intent for _vendor, parameter in ALL} == set(BY_ID)


def test_the_policy_knows_exactly_what_is_unconfirmed() -> None:
    assert {f"{vendor}.{one.intent}" for vendor, one in ALL if not one.confirmed} == set(UNCONFIRMED)


@pytest.mark.parametrize("vendor", VENDORS)
def test_an_intent_is_confirmed_for_a_vendor_as_a_whole_or_not_at_all(vendor: str) -> None:
    marks: dict[str, set[bool]] = {}
    for parameter in VENDORS[vendor].parameters:
        marks.setdefault(parameter.intent, set()).add(parameter.confirmed)
    assert all(len(found) == 1 for found in marks.values())


@pytest.mark.parametrize("vendor", VENDORS)
def test_no_name_stands_for_two_intents(vendor: str) -> None:
    spelled = [name for one in VENDORS[vendor].parameters for _release, name in one.names if name]
    assert len(spelled) == len(set(spelled))


# Spellings that differ between releases


def test_before_release_81_device_settings_have_no_prefix_and_syslog_is_a_mode() -> None:
    found = names("yealink", "66.80.0.15", SYSLOG)
    assert found["syslog.mode"] == "1"
    assert found["syslog.server"] == "192.0.2.51"
    assert not [name for name in found if name.startswith("static.")]
    assert found["wui.http_enable"] == "0"
    assert found["network.qos.rtptos"] == "46"
    assert found["auto_provision.weekly.mask"] == "0123456"


def test_release_81_has_the_prefix_but_not_on_the_firmware() -> None:
    found = names(
        "yealink",
        "66.81.0.15",
        {**SYSLOG, "firmware": {"source": "https://fw.example.com/", "files": {"T54W": "f.rom"}}},
    )
    assert found["firmware.url"] == "https://fw.example.com/f.rom"
    assert found["static.syslog.enable"] == "1"
    assert "syslog.mode" not in found


def test_the_prefix_is_not_put_before_settings_that_are_not_the_devices() -> None:
    found = names("yealink", "96.86.0.45", SYSLOG)
    for name in ("features.action_uri.enable", "sip.trust_ctrl", "wui.quick_login", "push_xml.sip_notify"):
        assert name in found
        assert f"static.{name}" not in found
    assert found["static.security.default_ssl_method"] == "5"
    assert found["static.syslog.server"] == "192.0.2.51"
    assert "static.syslog.server_port" not in found
    assert "static.syslog.transport_type" not in found


def test_what_is_unconfirmed_is_rendered_where_it_is_asked_for() -> None:
    found = names("yealink", "96.86.0.45", {**SYSLOG, "unconfirmed": ["yealink.log.transport"]})
    assert found["static.syslog.transport_type"] == "2"
    assert "static.security.ca_cert" not in found


def test_ice_has_no_known_name_on_pvos() -> None:
    assert names("poly", "6.4.6.2453")["device.feature.nat.ice.enabled"] == "0"
    assert "device.feature.nat.ice.enabled" not in names("poly", "8.3.1.0123", model="Edge E550")


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ({}, {"static.wui.http_enable": "0", "static.wui.https_enable": "1"}),
        ({"web_interface": "off"}, {"static.wui.http_enable": "0", "static.wui.https_enable": "0"}),
        ({"web_interface": False}, {"static.wui.https_enable": "0"}),  # what YAML makes of a bare off
        ({"srtp": "optional"}, {"account.1.srtp_encryption": "1"}),
        (
            {"action_uri_from": ["192.0.2.9", "192.0.2.10"]},
            {"features.action_uri.enable": "1", "features.action_uri_limit_ip": "192.0.2.9,192.0.2.10"},
        ),
        (
            {"vlan_assignment": "static"},
            {
                "static.network.vlan.internet_port_enable": "1",
                "static.network.vlan.internet_port_vid": "40",
                "static.network.vlan.internet_port_priority": "5",
            },
        ),
        ({"pc_port": "off"}, {"static.network.pc_port.enable": "0"}),
    ],
)
def test_what_a_policy_asks_for_on_a_yealink(section: dict[str, object], expected: dict[str, str]) -> None:
    found = names("yealink", "96.86.0.45", section)
    assert {name: found[name] for name in expected} == expected


def test_what_a_policy_does_not_ask_for_is_left_alone() -> None:
    found = names("yealink", "96.86.0.45")
    for left in ("802_1x", "vlan.internet_port", "pc_port.enable", "syslog", "firmware", "action_uri_limit_ip"):
        assert not [name for name in found if left in name]


def test_discovery_goes_off_only_once_the_phone_knows_its_server() -> None:
    assert names("yealink", "96.86.0.45")["static.zero_touch.enable"] == "0"
    assert "static.zero_touch.enable" not in names("yealink", "96.86.0.45", {"onboarding": True})
    one = phone()
    asked = wanted(site(voice_vlan={"id": 40, "subnet": "10.40.0.0/24"}), one)
    assert not [intent for intent in asked if intent in ("prov.server", "prov.dhcp", "prov.pnp", "prov.zero_touch")]
    asked = wanted(site({"provisioning_owner": "provider"}), one)
    assert not [intent for intent in asked if intent.startswith("prov.") and intent != "prov.keep_local"]


@pytest.mark.parametrize(
    ("ports", "transport", "port"),
    [
        ({"tls": [5061]}, "tls", 5061),
        ({"tls": ["5061-5070"]}, "tls", 5061),
        ({"tls": [5081, 5075]}, "tls", 5075),
        ({"tls": [5061], "udp": ["5060-5069"]}, "udp", 5060),
        ({"tls": [5061], "tcp": [15060]}, "tcp", 15060),
    ],
)
def test_the_port_is_the_providers(ports: dict[str, list[object]], transport: str, port: int) -> None:
    policy = site(provider={"sip_ports": ports}, transport=transport)
    assert wanted(policy, phone())["sip.port"] == port


@pytest.mark.parametrize(
    ("offered", "asked", "expected"),
    [
        ("required", None, "required"),
        ("optional", None, "optional"),
        ("optional", "required", "required"),
        ("none", None, None),
    ],
)
def test_srtp_is_the_providers_unless_the_site_wants_more(
    offered: str, asked: str | None, expected: str | None
) -> None:
    policy = site({"srtp": asked} if asked else {}, provider={"srtp": offered})
    assert wanted(policy, phone()).get("srtp") == expected


# Verdicts


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ([True, True], "compliant"),
        ([True, None], "unknown"),
        ([False, None], "drift"),
        ([1], "drift"),  # a number is no switch
        ([], "unknown"),
    ],
)
def test_a_state_is_compliant_only_if_all_of_it_is_known(values: list[object], verdict: str) -> None:
    assert State(tuple((str(place), value) for place, value in enumerate(values))).verdict(True) == verdict  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "verdict"), [("secret-1", "compliant"), ("secret-2", "drift"), ("****", "unknown"), ("", "unknown")]
)
def test_a_masked_password_is_unknown(text: str, verdict: str) -> None:
    (codec,) = {one.codec for vendor, one in ALL if one.intent == "auth.admin" and vendor == "poly"}
    value = codec.read(text)
    assert State((("device.auth.localAdminPassword", value),)).verdict(Secret("secret-1")) == verdict
