"""Phones of the second ring fetch a file each in their vendor's form, and take what is in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.devices.phones import OtherPhone
from tests.unit.devices.phone_site import Browser, Site

GRANDSTREAM, SNOM, FANVIL, CISCO = "c074ad0b63ee", "000413741767", "0c383e2cd782", "00562b000001"


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


def phone_at(site: Site, vendor: str, mac: str, model: str, version: str) -> OtherPhone:
    return OtherPhone(vendor, mac, model, version, site.url, authorities=[site.authority.pem], hosts=site.hosts)


@pytest.mark.parametrize(("vendor", "mac", "model", "version", "path", "text", "settings", "agent"), [
    ("grandstream", GRANDSTREAM, "GXP1628", "1.0.7.81", f"/cfg{GRANDSTREAM}.xml",
     "<gs_provision version='1'><mac/><config version='1'><P2>secret</P2><P276>1</P276></config></gs_provision>",
     {"P2": "secret", "P276": "1"}, f"Grandstream Model HW GXP1628 SW 1.0.7.81 DevId {GRANDSTREAM}"),
    ("grandstream", GRANDSTREAM, "GRP2614", "1.0.5.15", "/cfgGRP2614.xml",
     "<gs_provision><config><item name='security.webAccessMode'>HTTPS</item></config></gs_provision>",
     {"security.webAccessMode": "HTTPS"}, f"Grandstream Model HW GRP2614 SW 1.0.5.15 DevId {GRANDSTREAM}"),
    ("snom", SNOM, "snom710", "8.7.5.35", f"/{SNOM.upper()}.xml",
     "<settings><phone-settings><webserver_type perm='R'>https</webserver_type><user_srtp idx='1'>on</user_srtp>"
     "</phone-settings></settings>", {"webserver_type": "https", "user_srtp!1": "on"},
     f"Mozilla/4.0 (compatible; snom710-SIP 8.7.5.35 1.1.5-IFX-05.01.12 {SNOM.upper()})"),
    ("fanvil", FANVIL, "X6U Pro", "0.0.10", f"/{FANVIL}.cfg",
     "<sysConf><Version>2.0</Version><web><WebServerType>1</WebServerType><account index='2'><Name>guest</Name>"
     "</account></web></sysConf>",
     {"Version": "2.0", "web.WebServerType": "1", "web.account.2.Name": "guest"}, f"Fanvil X6U Pro 0.0.10 {FANVIL}"),
    ("cisco", CISCO, "CP-8841-3PCC", "11.3.7", f"/{CISCO.upper()}.xml",
     "<device><flat-profile><Enable_Web_Server ua='na'>No</Enable_Web_Server></flat-profile></device>",
     {"Enable_Web_Server": "No"}, f"Cisco-CP-8841-3PCC/11.3.7 ({CISCO.upper()})"),
])
def test_it_takes_its_file(
    site: Site, vendor: str, mac: str, model: str, version: str, path: str, text: str, settings: dict[str, str],
    agent: str,
) -> None:
    site.files = {path: text}
    with phone_at(site, vendor, mac, model, version) as phone:
        assert phone.provision().applied
        assert phone.settings == settings
        assert site.log[-1] == ("GET", path, 200, agent)
        assert phone.provision().changed == ()


def test_its_banner(site: Site) -> None:
    with phone_at(site, "grandstream", GRANDSTREAM, "GXP2020", "1.2.5.3") as phone:
        browser = Browser(phone)
        assert "<title>GXP2020</title>" in browser.ask("GET", "/")
        assert browser.headers["server"] == "Grandstream GXP2020 1.2.5.3"
    with phone_at(site, "fanvil", FANVIL, "X6U", "2.4.5") as phone:
        browser = Browser(phone)
        browser.ask("GET", "/")
        assert "server" not in browser.headers


def test_what_it_does_not_take(site: Site) -> None:
    site.files = {f"/{FANVIL}.cfg": "<sysConf>"}
    with phone_at(site, "fanvil", FANVIL, "X6U", "2.4.5") as phone:
        assert phone.provision().error.startswith(f"{FANVIL}.cfg: not XML")
        site.files = {}
        assert phone.provision().error == "no file to apply"
        site.statuses = {f"/{FANVIL}.cfg": 401}
        assert phone.provision().error == f"{FANVIL}.cfg: status 401"
        assert phone.settings == {}
