"""Web pages of a Poly phone, and the ports that its debugging modes open."""

from __future__ import annotations

import base64
import socket
import ssl
from collections.abc import Iterator

import pytest
from cryptography import x509

from tests.devices.phones import PolyPhone
from tests.unit.devices.phone_site import Browser

MAC = "64167faa0003"
LOGIN = "/form-submit/auth.htm"
IMPORT = "/form-submit/Utilities/configuration/importFile"
EXPORT = "/Utilities/configuration/exportFile?source="


@pytest.fixture
def phone() -> Iterator[PolyPhone]:
    with PolyPhone(MAC) as running:
        yield running


def login(phone: PolyPhone, user: str = "Polycom", password: str = "456", browser: Browser | None = None) -> Browser:
    browser = browser or Browser(phone)
    proof = base64.b64encode(f"{user}:{password}".encode()).decode()
    browser.ask("POST", LOGIN, b"", {"Authorization": f"Basic {proof}"})
    return browser


def test_who_it_is_can_be_seen_without_a_login(phone: PolyPhone) -> None:
    browser = Browser(phone)
    assert "<title>Polycom - Configuration Utility</title>" in browser.ask("GET", "/")
    assert browser.headers["server"] == "Polycom SoundPoint IP Telephone HTTPd"
    certificate = x509.load_pem_x509_certificate(phone.identity.certificate)
    assert certificate.subject.rfc4514_string() == "O=Polycom Inc.,CN=64167FAA0003"


def test_login(phone: PolyPhone) -> None:
    browser = login(phone)
    assert (browser.status, browser.text) == (200, "lockparams|SUCCESS|0")
    assert browser.cookies["session"]
    phone.sessions.clear()
    assert login(phone, "User", "123").text == "lockparams|SUCCESS|0"
    wrong = login(phone, "User", "456")
    assert (wrong.status, wrong.text) == (401, "lockparams|INVALID_LOGIN|0")
    assert "session" not in wrong.cookies


def test_one_session_at_a_time(phone: PolyPhone) -> None:
    browser = login(phone)
    other = login(phone)
    assert (other.status, other.text) == (400, "SessionAlreadyActive")
    assert login(phone, browser=browser).status == 406
    phone.clock.advance(901)
    assert login(phone).text == "lockparams|SUCCESS|0"
    phone.sessions.clear()
    phone.faults.plant(kind="session-active", times=1)
    assert login(phone).text == "SessionAlreadyActive"


def test_failures_lock_it_as_configured(phone: PolyPhone) -> None:
    phone.change({"httpd.cfg.lockWebUI.noOfInvalidAttempts": "3", "httpd.cfg.lockWebUI.lockOutDuration": "120"})
    said = [login(phone, password="wrong").text for _each in range(3)]
    assert said == ["lockparams|INVALID_LOGIN|0", "lockparams|ONE_ATTEMPT_LEFT|0", "lockparams|LOCKEDFOR|120"]
    phone.clock.advance(20)
    assert login(phone).text == "lockparams|LOCKEDFOR|100"
    phone.clock.advance(100)
    assert login(phone).text == "lockparams|SUCCESS|0"


def test_failures_are_forgotten_after_a_while(phone: PolyPhone) -> None:
    for _each in range(4):
        login(phone, password="wrong")
    phone.clock.advance(61)
    assert login(phone, password="wrong").text == "lockparams|INVALID_LOGIN|0"


def test_without_the_rule_nothing_locks(phone: PolyPhone) -> None:
    phone.change({"httpd.cfg.lockWebUI.enable": "0"})
    assert {login(phone, password="wrong").text for _each in range(8)} == {"lockparams|INVALID_LOGIN|0"}


def test_export_has_no_secrets(phone: PolyPhone) -> None:
    phone.change({"sec.srtp.require": "1", "reg.1.auth.password": "S1p-secret"}, "web")
    browser = Browser(phone)
    browser.ask("GET", EXPORT + "web")
    assert "sec.srtp" not in browser.text
    browser = login(phone)
    text = browser.ask("GET", EXPORT + "web")
    assert "<WEB " in text
    assert 'sec.srtp.require="1"' in text
    assert "secret" not in text
    assert "localAdminPassword" not in browser.ask("GET", EXPORT + "device")
    browser.ask("GET", EXPORT + "nothing")
    assert browser.status == 404


def test_import_needs_session_and_token(phone: PolyPhone) -> None:
    body = b'<PHONE_CONFIG><CONFIG_FILES diags.telnetd.enabled="1"/></PHONE_CONFIG>'
    browser = Browser(phone)
    browser.ask("PUT", IMPORT, body)
    browser = login(phone)
    browser.ask("PUT", IMPORT, body)
    assert browser.status == 403
    browser.ask("GET", "/index.htm")
    token = browser.text.partition('content="')[2].partition('"')[0]
    assert "telnet" not in phone.ports()
    browser.ask("PUT", IMPORT, b"<a", {"anti-csrf-token": token})
    assert browser.status == 400
    browser.ask("PUT", IMPORT, body, {"anti-csrf-token": token})
    phone.finish()
    assert phone.settings.find("diags.telnetd.enabled") == ("1", "web")
    with socket.create_connection((phone.address, phone.ports()["telnet"]), 5) as connection:
        assert connection.recv(100) == b"VVX 411 login: "
    browser.ask("POST", "/form-submit/Reboot", b"", {"anti-csrf-token": token})
    phone.finish()
    assert phone.down


def test_test_automation_opens_telnet_as_well(phone: PolyPhone) -> None:
    phone.change({"httpd.ta.enabled": "1"})
    assert phone.ports()["telnet"] == 20023
    phone.change({"httpd.ta.enabled": "0"})
    assert "telnet" not in phone.ports()


def test_ports_follow_the_configuration(phone: PolyPhone) -> None:
    phone.change({"httpd.cfg.secureTunnelPort": "8443", "httpd.cfg.port": "8080"})
    assert (phone.ports()["https"], phone.ports()["http"]) == (8443, 8080)
    phone.change({"httpd.cfg.secureTunnelEnabled": "0"})
    assert "https" not in phone.ports()
    phone.change({"httpd.cfg.enabled": "0"})
    assert "http" not in phone.ports()


def test_faults_of_the_web_interface(phone: PolyPhone) -> None:
    phone.faults.plant(kind="old-tls", times=1)
    with pytest.raises(ssl.SSLError):
        Browser(phone).ask("GET", "/")
    phone.faults.clear()
    phone.faults.plant(kind="cut", at=1)
    with pytest.raises(ConnectionResetError):
        login(phone)
    assert login(phone).text == "lockparams|SUCCESS|0"
    phone.faults.plant(kind="refuse-tcp")
    phone.settle()
    assert set(phone.ports()) == {"sip-udp"}
