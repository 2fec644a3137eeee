"""Phones of the second ring fetch a file each in their vendor's form, and take what is in it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any

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


def grandstream_login(browser: Browser, user: str, password: str, hashed: bool) -> Any:
    """What a Grandstream phone answers to a log-in: the body of its JSON."""
    headers = {"Referer": f"{browser.base}/", "Origin": browser.base}
    if hashed:
        access = {"access": hashlib.sha256(user.encode()).hexdigest()}
        token = json.loads(browser.form("/cgi-bin/access", access, headers))["body"]
        password = hashlib.sha256(f"{password}{token}".encode()).hexdigest()
    answer = json.loads(browser.form("/cgi-bin/dologin", {"username": user, "password": password}, headers))
    assert answer["response"] == ("success" if isinstance(answer["body"], dict) else "error")
    return answer["body"]


@pytest.mark.parametrize(("model", "hashed"), [("GRP2614", True), ("GXP1628", False)])
def test_a_grandstream_counts_what_is_left(site: Site, model: str, hashed: bool) -> None:
    with phone_at(site, "grandstream", GRANDSTREAM, model, "1.0.5.15") as phone:
        browser = Browser(phone)
        assert grandstream_login(browser, "admin", "admin", hashed)["role"] == "admin"
        assert browser.cookies["session-role"] == "admin"
        assert grandstream_login(browser, "user", "123", hashed)["role"] == "user"
        assert [grandstream_login(browser, "admin", "no", hashed) for _time in range(4)] == [
            "wrong4", "wrong3", "wrong2", "wrong1"
        ]
        assert grandstream_login(browser, "admin", "admin", hashed)["sid"]
        assert [grandstream_login(browser, "root", "admin", hashed) for _time in range(5)][-2:] == ["wrong1", "locked"]
        assert grandstream_login(browser, "admin", "admin", hashed) == "locked"
        phone.clock.advance(301)
        assert grandstream_login(browser, "admin", "admin", hashed)["sid"]


def test_a_grandstream_locks_as_it_is_told(site: Site) -> None:
    with phone_at(site, "grandstream", GRANDSTREAM, "GRP2614", "1.0.5.15") as phone:
        phone.change({
            "security.webAccess.attemptLimit": "2", "security.webKeypadRestrictModeLockoutDuration": "1",
        })
        browser = Browser(phone)
        assert [grandstream_login(browser, "admin", "no", True) for _time in range(2)] == ["wrong1", "locked"]
        phone.clock.advance(61)
        assert grandstream_login(browser, "admin", "admin", True)["sid"]


def test_a_grandstream_wants_to_know_where_a_form_is_from(site: Site) -> None:
    with phone_at(site, "grandstream", GRANDSTREAM, "GRP2614", "1.0.5.15") as phone:
        browser = Browser(phone)
        fields = {"username": "admin", "password": "admin"}
        browser.form("/cgi-bin/dologin", fields)
        assert browser.status == 403
        # Without a token no password is right.
        headers = {"Referer": browser.base, "Origin": browser.base}
        assert json.loads(browser.form("/cgi-bin/dologin", fields, headers))["body"] == "wrong4"


def test_a_number_and_its_alias_are_one_setting(site: Site) -> None:
    with phone_at(site, "grandstream", GRANDSTREAM, "GXP1628", "1.0.7.81") as phone:
        browser = Browser(phone)
        path = f"/cfg{GRANDSTREAM}.xml"
        form = "<gs_provision version='1'><config version='{}'>{}</config></gs_provision>"
        site.files = {path: form.format(1, "<P2>by-number</P2><P2347>1</P2347>")}
        assert phone.provision().applied
        assert grandstream_login(browser, "admin", "by-number", False)["sid"]
        site.files = {path: form.format(2, "<item name='users.admin.password'>by-alias</item>")}
        assert phone.provision().changed == ("users.admin.password",)
        assert phone.settings == {"users.admin.password": "by-alias", "P2347": "1"}
        assert grandstream_login(browser, "admin", "by-alias", False)["sid"]
        assert grandstream_login(browser, "admin", "by-number", False) == "wrong4"
        site.files = {path: form.format(1, "<P2>by-number</P2>")}
        assert phone.provision().applied
        assert grandstream_login(browser, "admin", "by-number", False)["sid"]


def fanvil_login(phone: OtherPhone, user: str, password: str) -> Browser:
    """A browser after a log-in at a Fanvil phone; ``status`` says what came of it."""
    browser = Browser(phone)
    nonce = browser.ask("GET", "/key==nonce?now=1")
    browser.cookies["auth"] = nonce
    digest = hashlib.md5(f"{user}:{password}:{nonce}".encode(), usedforsecurity=False).hexdigest()
    browser.form("/", {"encoded": f"{user}:{digest}", "CurLanguage": "en", "ReturnPage": "/"})
    return browser


def test_a_fanvil_has_a_guest(site: Site) -> None:
    with phone_at(site, "fanvil", FANVIL, "X4U", "2.4.5") as phone:
        for pair, status in [(("admin", "admin"), 200), (("guest", "guest"), 200), (("guest", "admin"), 401)]:
            assert fanvil_login(phone, *pair).status == status
            phone.reboot()
            phone.clock.advance(61)
        phone.change({"web.account.1.Password": "Long-enough-1"})
        assert fanvil_login(phone, "admin", "admin").status == 401
        assert fanvil_login(phone, "admin", "Long-enough-1").status == 200
        assert fanvil_login(phone, "guest", "guest").status == 200
        assert fanvil_login(phone, "admin", "Long-enough-1").status == 503
        phone.change({"web.account.2.Name": "user", "web.account.2.Password": "Long-enough-2"})
        assert fanvil_login(phone, "guest", "guest").status == 401


def test_a_fanvil_has_a_session_by_cookie(site: Site) -> None:
    with phone_at(site, "fanvil", FANVIL, "X4U", "2.4.5") as phone:
        assert "logonButton" in Browser(phone).ask("GET", "/")
        browser = fanvil_login(phone, "guest", "guest")
        assert "<frameset>guest" in browser.ask("GET", "/")
        phone.clock.advance(601)
        assert "logonButton" in browser.ask("GET", "/")
        # A nonce serves once, and only whoever has it as a cookie.
        nonce = browser.ask("GET", "/key==nonce")
        digest = hashlib.md5(f"admin:admin:{nonce}".encode(), usedforsecurity=False).hexdigest()
        browser.form("/", {"encoded": f"admin:{digest}"})
        assert browser.status == 401
        browser.cookies["auth"] = nonce
        browser.form("/", {"encoded": f"admin:{digest}"})
        assert browser.status == 401


@pytest.mark.parametrize(("vendor", "mac", "model", "path", "user", "settings"), [
    ("snom", SNOM, "snomD785", "/", "admin", {"http_user": "admin", "http_pass": "Long-enough-1"}),
    ("cisco", CISCO, "CP-8841-3PCC", "/admin/advanced", "admin", {"Admin_Password": "Long-enough-1"}),
])
def test_pages_are_open_until_there_is_a_password(
    site: Site, vendor: str, mac: str, model: str, path: str, user: str, settings: dict[str, str]
) -> None:
    with phone_at(site, vendor, mac, model, "10.1.2") as phone:
        browser = Browser(phone)
        assert f"<title>{model}</title>" in browser.ask("GET", path)
        assert browser.status == 200
        phone.change(settings)
        browser.ask("GET", path)
        assert (browser.status, browser.headers["www-authenticate"].partition(" ")[0]) == (401, "Basic")
        for password, status in [("0000", 401), ("Long-enough-1", 200)]:
            shown = base64.b64encode(f"{user}:{password}".encode()).decode()
            browser.ask("GET", path, headers={"Authorization": f"Basic {shown}"})
            assert browser.status == status


def test_what_is_public_on_a_cisco_stays_so(site: Site) -> None:
    with phone_at(site, "cisco", CISCO, "CP-8841-3PCC", "11.3.7") as phone:
        phone.change({"Admin_Password": "Long-enough-1"})
        browser = Browser(phone)
        browser.ask("GET", "/")
        assert browser.status == 200
