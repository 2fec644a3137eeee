"""What is rendered for other vendors' phones is taken by test phones that know nothing of how it was rendered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from ansible_collections.voip.hardening.plugins.module_utils.phones.intents import wanted
from ansible_collections.voip.hardening.plugins.module_utils.phones.phone import Phone
from ansible_collections.voip.hardening.plugins.module_utils.phones.publishing import plan_fragment
from ansible_collections.voip.hardening.plugins.module_utils.phones.table import Rendering, render
from ansible_collections.voip.hardening.plugins.module_utils.phones.vendors import vendor_of
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import SitePolicy
from tests.devices.phones import OtherPhone
from tests.unit.devices.phone_site import Browser, Site
from tests.unit.devices.test_phones_second_ring import fanvil_login, grandstream_login
from tests.unit.phones.samples import PASSWORDS, POLICIES, VLAN, credentials, order, phone, site

KINDS = {
    "GRP2614": ("grandstream", "grandstream", "cfg{mac}.xml", "c074ad0b63ee"),
    "GXP2124": ("grandstream", "grandstream", "cfg{mac}.xml", "000b820b63ee"),
    "GXP1628": ("grandstream", "grandstream", "cfg{mac}.xml", "000b820b63ef"),
    "D785": ("snom", "snom", "{MAC}.xml", "000413741767"),
    "X4U": ("fanvil", "fanvil", "{mac}.cfg", "0c383e2cd782"),
    "8841": ("cisco_mpp", "cisco", "{MAC}.xml", "00562b000001"),
}
"""By model: the vendor's name in the collection and among the test phones, the file it asks for, an address."""
HARD = site(
    {
        "srtp": "required", "vlan_assignment": "static", "pc_port": "off",
        "syslog": {"server": "192.0.2.51", "transport": "tls"},
    },
    voice_vlan={**VLAN, "priority": 5, "ntp_servers": ["192.0.2.61", "192.0.2.62"]},
)
"""A policy that asks for everything that a row is there for."""
TAKEN: dict[str, dict[str, str]] = {
    "GRP2614": {
        "security.webAccessMode": "HTTPS", "security.configurationViaKeypadMenu": "ConstraintMode",
        "remoteControl.enable": "No", "remoteControl.csta.enable": "No", "account.2.sip.transport": "2",
        "account.2.sip.validate.incomingServer": "Yes", "account.2.sip.validate.incomingMessage": "Yes",
        "account.2.sip.validate.userIdforInvite": "Yes", "security.minimum.TLS.version": "TLS_1_2",
        "security.validate.serverCertificate": "Yes", "account.1.sip.validate.domainCertificates": "Yes",
        "account.1.audio.srtpMode": "EnabledAndForced", "network.lldp.enable": "Yes", "network.cdp": "No",
        "network.port.eth.1.vlan.tag": "40", "network.port.eth.1.vlan.priority": "5",
        "network.port.pc.mode": "Disabled", "provisioning.config.protocol": "HTTPS",
        "provisioning.override.dhcp.allowCommonOptions": "No", "maintain.syslog.level": "Info",
        "maintain.syslog.server": "192.0.2.51", "maintain.syslog.protocol": "SSL_TLS",
    },
    "GXP2124": {
        "P1650": "0", "P130": "2", "P448": "2", "P2347": "1", "P2447": "1", "P2306": "1", "P2406": "1", "P258": "1",
        "P449": "1", "P2311": "1", "P183": "2", "P443": "2", "P1684": "1", "P51": "40", "P87": "5", "P1348": "1",
    },
    "GXP1628": {"P1650": "0", "P448": "2", "P443": "2", "P2411": "1"},
    "D785": {
        "webserver_type": "https", "admin_mode": "off", "filter_registrar": "on", "challenge_checksync": "on",
        "challenge_reboot": "on", "tls_server_authentication": "on", "user_srtp!2": "on", "user_savp!2": "mandatory",
        "vlan_id": "40", "vlan_qos": "5", "setting_server": VLAN["provisioning_url"], "pnp_config": "off",
        "ntp_server": "192.0.2.61",
    },
    "X4U": {
        "sip.CSTAEnable": "0", "sip.line.2.Transport": "3", "sip.line.2.RegisterPort": "5061", "web.RemoteControl": "0",
        "web.EnableTelnet": "0", "ap.FlashProtocol": "5", "ap.pnp.PNPEnable": "0", "ap.opt.DHCPOption": "0",
        "qos.EnableVLAN": "1", "qos.VLANID": "40", "background.EnablePortMirror": "0", "log.OutputDevice": "syslog",
        "log.SyslogServer": "192.0.2.51", "phone.date.SNTPServer": "192.0.2.61",
    },
    "8841": {
        "Enable_Web_Server": "Yes", "Enable_Direct_Action_Url": "No", "CISCO_XML_EXE_Enable": "No",
        "SIP_Transport_2_": "TLS", "Auth_Resync-Reboot_2_": "Yes", "Enable_VLAN": "Yes", "VLAN_ID": "40",
        "Syslog_Server": "192.0.2.51", "Primary_NTP_Server": "192.0.2.61", "Secondary_NTP_Server": "192.0.2.62",
    },
}
"""By model, what the vendor's own words for that policy are, from the templates that `second_ring` names."""


@pytest.fixture(scope="module")
def server() -> Iterator[Site]:
    with Site() as running:
        yield running


def ordered(model: str, **options: Any) -> Phone:
    return phone(KINDS[model][0], model=model, mac=KINDS[model][3], **options)


def plugged_in(server: Site, model: str) -> OtherPhone:
    _name, vendor, _file, mac = KINDS[model]
    return OtherPhone(
        vendor, mac, model, "1.0.5.15", server.url, authorities=[server.authority.pem], hosts=server.hosts
    )


def publish(server: Site, model: str, content: bytes) -> None:
    """What the provider does with a file that was handed over to it."""
    mac = KINDS[model][3]
    server.files = {"/" + KINDS[model][2].format(mac=mac, MAC=mac.upper()): content.decode()}


def as_on_the_phone(rendering: Rendering) -> dict[str, str]:
    """Names of the product, as the test phones put them: places with dots, an index behind `!` (Snom) or as a place."""
    found = {}
    for one in rendering.settings:
        snom = one.name.startswith(("user_srtp[", "user_savp["))
        found[one.name.replace("[", "!" if snom else ".").replace("]", "").replace("/", ".")] = one.text
    return found


def fragment(model: str, policy: SitePolicy, **options: Any) -> bytes:
    (write,) = plan_fragment(order(KINDS[model][0], policy, ordered(model, **options)), {}).writes
    assert write.content is not None
    return write.content


@pytest.mark.parametrize("model", KINDS)
def test_a_phone_takes_the_words_of_its_vendor(server: Site, model: str) -> None:
    publish(server, model, fragment(model, HARD, lines=[1, 2]))
    with plugged_in(server, model) as device:
        assert device.provision().applied
        assert {name: device.settings.get(name) for name in TAKEN[model]} == TAKEN[model]
        assert device.provision().changed == ()


@pytest.mark.parametrize("model", KINDS)
@settings(max_examples=10)
@given(policy=POLICIES)
def test_a_phone_takes_everything_that_was_rendered(server: Site, model: str, policy: SitePolicy) -> None:
    one = ordered(model, lines=[1, 3])
    publish(server, model, fragment(model, policy, lines=[1, 3]))
    with plugged_in(server, model) as device:
        assert device.provision().applied
        assert device.settings == as_on_the_phone(render(vendor_of(one).parameters, one, wanted(policy, one)))


@pytest.mark.parametrize("model", KINDS)
def test_what_the_phone_had_before_stays_unless_it_is_told_otherwise(server: Site, model: str) -> None:
    publish(server, model, fragment(model, HARD))
    name, wanted_text = next(iter(TAKEN[model].items()))
    with plugged_in(server, model) as device:
        device.change({name: "what somebody set", "a setting of nobody": "kept"})
        assert name in device.provision().changed
        assert (device.settings[name], device.settings["a setting of nobody"]) == (wanted_text, "kept")


def with_passwords(server: Site, model: str) -> None:
    """A file with the passwords as the tables have them, which is never written: for whoever puts them in by hand."""
    one = ordered(model)
    vendor = vendor_of(one)
    known = wanted(HARD, one, credentials(one.vendor))
    publish(server, model, vendor.files.render(render(vendor.parameters, one, known).settings, 1))


@pytest.mark.parametrize(("model", "hashed"), [("GRP2614", True), ("GXP2124", False)])
def test_passwords_of_a_grandstream(server: Site, model: str, hashed: bool) -> None:
    with_passwords(server, model)
    with plugged_in(server, model) as device:
        browser = Browser(device)
        assert grandstream_login(browser, "admin", "admin", hashed)["sid"]
        assert device.provision().applied
        assert grandstream_login(browser, "admin", "admin", hashed).startswith("wrong")
        for account in ("admin", "user"):
            assert grandstream_login(browser, account, PASSWORDS[account], hashed)["role"] == account


def test_passwords_of_a_fanvil(server: Site) -> None:
    with_passwords(server, "X4U")
    with plugged_in(server, "X4U") as device:
        assert fanvil_login(device, "guest", "guest").status == 200
        assert device.provision().applied
        assert fanvil_login(device, "guest", "guest").status == 401
        assert fanvil_login(device, "user", PASSWORDS["user"]).status == 200


def test_passwords_of_a_cisco(server: Site) -> None:
    with_passwords(server, "8841")
    with plugged_in(server, "8841") as device:
        browser = Browser(device)
        browser.ask("GET", "/admin/advanced")
        assert browser.status == 200
        assert device.provision().applied
        browser.ask("GET", "/admin/advanced")
        assert browser.status == 401
