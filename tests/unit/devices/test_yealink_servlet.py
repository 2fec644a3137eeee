"""The servlet generation of a Yealink phone's web interface."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.devices.phones import YealinkPhone
from tests.unit.devices.phone_site import Browser

MAC = "805ec0aa0002"
FORM = "/servlet?m=mod_listener&p=login&q=loginForm&jumpto=status"
LOGIN = "/servlet?m=mod_listener&p=login&q=login"
CONFIG_PAGE = "/servlet?m=mod_data&p=settings-config&q=load"
EXPORT = "/servlet?m=mod_configfile&q=exportcfgconfig&type=all"
UPLOAD = "/servlet?m=mod_res&p=upload&type=localcfg"
HEAD = "#!version:1.0.0.1\n"


def make(**more: object) -> YealinkPhone:
    return YealinkPhone(MAC, "T31G", "124.86.0.75", web="servlet", **more)  # type: ignore[arg-type]


@pytest.fixture
def phone() -> Iterator[YealinkPhone]:
    with make() as running:
        yield running


def encrypted(browser: Browser, text: str) -> str:
    numbers = rsa.RSAPublicNumbers(int(browser.variable("g_rsa_e"), 16), int(browser.variable("g_rsa_n"), 16))
    return numbers.public_key().encrypt(text.encode(), padding.PKCS1v15()).hex()


def login(phone: YealinkPhone, user: str = "admin", password: str = "admin") -> Browser:
    """Log in with the password encrypted by RSA; the browser has the answer."""
    browser = Browser(phone)
    browser.ask("GET", FORM)
    browser.form(LOGIN, {"username": user, "pwd": encrypted(browser, password)})
    return browser


def with_aes(phone: YealinkPhone, password: str, session: str | None = None) -> str:
    browser = Browser(phone)
    browser.ask("GET", FORM)
    key, iv = (hashlib.md5(secrets.token_bytes(8)).hexdigest() for _each in range(2))
    plain = f"0.123;{session or browser.cookies['JSESSIONID']};{password}".encode()
    plain += b"\x00" * (16 - len(plain) % 16)
    cipher = Cipher(algorithms.AES(bytes.fromhex(key)), modes.CBC(bytes.fromhex(iv))).encryptor()
    sent = base64.b64encode(cipher.update(plain) + cipher.finalize()).decode()
    wrapped = {"rsakey": encrypted(browser, key), "rsaiv": encrypted(browser, iv)}
    return browser.form(LOGIN, {"username": "admin", "pwd": sent, **wrapped})


def test_who_it_is_can_be_seen_without_a_login(phone: YealinkPhone) -> None:
    browser = Browser(phone)
    browser.ask("GET", "/")
    assert (browser.status, browser.headers["location"]) == (302, FORM)
    assert browser.headers["server"] == "yealink"
    page = browser.ask("GET", FORM)
    assert "<title>Yealink T31G Phone</title>" in page
    assert (browser.variable("g_phonetype"), browser.variable("g_strFirmware")) == ("T31G", "124.86.0.75")
    assert browser.variable("g_rsa_e") == "010001"
    assert len(browser.variable("g_rsa_n")) == 256
    assert browser.cookies["JSESSIONID"]
    assert "g_strToken" not in page


def test_the_certificate_is_the_vendor_s(phone: YealinkPhone) -> None:
    assert b"BEGIN CERTIFICATE" in phone.identity.certificate
    from cryptography import x509

    certificate = x509.load_pem_x509_certificate(phone.identity.certificate)
    assert certificate.subject.rfc4514_string() == f"CN={MAC}"
    assert "CN=Yealink Equipment Issuing CA" in certificate.issuer.rfc4514_string()


def test_login_with_rsa(phone: YealinkPhone) -> None:
    browser = login(phone)
    assert '<div id="_RES_INFO_">{"authstatus":"done"}</div>' in browser.text
    browser.ask("GET", CONFIG_PAGE)
    assert len(browser.variable("g_strToken")) == 16
    browser.ask("GET", "/servlet?m=mod_listener&p=login&q=logout")
    browser.ask("GET", CONFIG_PAGE)
    assert browser.status == 302


def test_login_with_aes() -> None:
    with make(login="aes") as phone:
        page = Browser(phone).ask("GET", FORM)
        assert "rsakey" in page
        assert '"authstatus":"done"' in with_aes(phone, "admin")
        assert '"authstatus":"none"' in with_aes(phone, "wrong")
        # The session is part of what is encrypted.
        assert '"authstatus":"none"' in with_aes(phone, "admin", session="another")


def test_other_shapes_are_no_login(phone: YealinkPhone) -> None:
    assert "rsakey" not in Browser(phone).ask("GET", FORM)
    assert '"authstatus":"none"' in with_aes(phone, "admin")
    with make(login="plain") as plain:
        browser = Browser(plain)
        browser.ask("GET", FORM)
        assert '"authstatus":"done"' in browser.form(LOGIN, {"username": "admin", "pwd": "admin"})


def test_without_the_cookie_of_the_page_there_is_no_login(phone: YealinkPhone) -> None:
    browser = Browser(phone)
    browser.ask("GET", FORM)
    sent = {"username": "admin", "pwd": encrypted(browser, "admin")}
    browser.cookies.clear()
    assert '"authstatus":"none"' in browser.form(LOGIN, sent)


def test_too_many_tries_lock_it_for_everybody(phone: YealinkPhone) -> None:
    answers = [login(phone, password="wrong").text for _each in range(3)]
    assert ['"none"' in text for text in answers] == [True, True, False]
    assert '{"authstatus":"lock"}' in answers[2]
    assert '{"authstatus":"lock"}' in login(phone).text
    phone.clock.advance(179)
    assert '"lock"' in login(phone).text
    phone.clock.advance(1)
    assert '"done"' in login(phone).text


def test_some_say_in_words_that_they_are_locked() -> None:
    with make(lock_page=True) as phone:
        page = [login(phone, password="wrong").text for _each in range(3)][-1]
        assert "You are not authorized" in page
        assert "try again 3 minutes later" in page
        phone.clock.advance(100)
        assert "try again 2 minutes later" in login(phone).text


def test_a_good_login_forgets_the_bad_ones(phone: YealinkPhone) -> None:
    for _each in range(2):
        login(phone, password="wrong")
    assert '"done"' in login(phone).text
    for _each in range(2):
        assert '"none"' in login(phone, password="wrong").text


def test_an_idle_session_ends(phone: YealinkPhone) -> None:
    phone.change({"features.relog_offtime": "5"})
    browser = login(phone)
    phone.clock.advance(299)
    browser.ask("GET", CONFIG_PAGE)
    assert browser.status == 200
    phone.clock.advance(301)
    browser.ask("GET", CONFIG_PAGE)
    assert browser.status == 302


def test_few_sessions_at_once(phone: YealinkPhone) -> None:
    first, _second = login(phone), login(phone)
    assert login(phone).status == 503
    first.ask("GET", "/servlet?m=mod_listener&p=login&q=logout")
    assert '"done"' in login(phone).text
    phone.faults.plant(kind="session-active", times=1)
    phone.sessions.clear()
    assert login(phone).status == 503
    assert '"done"' in login(phone).text


def test_the_third_account_only_while_it_is_in_use(phone: YealinkPhone) -> None:
    assert '"none"' in login(phone, "var", "var").text
    phone.change({"static.security.var_enable": "1"})
    assert '"done"' in login(phone, "var", "var").text
    assert '"done"' in login(phone, "user", "user").text


def upload(
    browser: Browser, text: str, *, length: str | None = None, token: str | None = None, referer: bool = True
) -> str:
    browser.ask("GET", CONFIG_PAGE)
    length = encrypted(browser, "5MB") if length is None else length
    token = browser.variable("g_strToken") if token is None else token
    target = f"{UPLOAD}&maxlength={length}&token={token}"
    return browser.upload(target, "UploadName", text, {"Referer": browser.base + CONFIG_PAGE} if referer else {})


def test_a_partial_configuration(phone: YealinkPhone) -> None:
    before = dict(phone.settings.values)
    assert '{"type":"localcfg","result":5}' in upload(login(phone), HEAD + "sip.trust_ctrl = 1\nno.such = 1\n")
    phone.finish()
    assert {**before, "sip.trust_ctrl": "1"} == phone.settings.values


def test_what_an_upload_needs(phone: YealinkPhone) -> None:
    browser = login(phone)
    text = HEAD + "sip.trust_ctrl = 1\n"
    assert '"result":"noparam"' in upload(browser, text, length="")
    assert '"result":"failed"' in upload(browser, "sip.trust_ctrl = 1\n")
    assert '"result":"large"' in upload(browser, HEAD + "#" * (5 * 1024 * 1024))
    for wrong in ({"token": "0" * 16}, {"referer": False}):
        upload(browser, text, **wrong)  # type: ignore[arg-type]
        assert browser.status == 403
    user = login(phone, "user", "user")
    upload(user, text)
    assert user.status == 403
    phone.finish()
    assert phone.settings.get("sip.trust_ctrl") == "0"


def test_an_upload_that_restarts_it_is_answered_first(phone: YealinkPhone) -> None:
    assert '"result":5' in upload(login(phone), HEAD + "static.network.vlan.internet_port_vid = 20\n")
    phone.finish()
    assert phone.down


def test_the_configuration_can_be_read_back_without_secrets(phone: YealinkPhone) -> None:
    phone.change([("account.1.password", "S1p-secret"), ("static.security.user_password", "user:Us3r-secret")])
    browser = login(phone)
    text = browser.ask("POST", EXPORT)
    assert text.splitlines()[0] == "#!version:1.0.0.1"
    assert "static.wui.https_enable = 1" in text.splitlines()
    assert "secret" not in text
    user = login(phone, "user", "Us3r-secret")
    user.ask("POST", EXPORT)
    assert user.status == 403


def test_ports_open_and_close_with_the_configuration(phone: YealinkPhone) -> None:
    assert set(phone.ports()) == {"http", "https", "sip-udp", "sip-tcp", "sip-tls"}
    browser = Browser(phone, "http")
    browser.ask("GET", FORM)
    assert browser.status == 200
    phone.change({"static.wui.http_enable": "0", "static.network.port.https": "8443"})
    assert "http" not in phone.ports()
    assert phone.ports()["https"] == 8443
    with pytest.raises(ConnectionRefusedError):
        browser.ask("GET", FORM)
    with pytest.raises(ConnectionRefusedError):
        Browser.ask(_at(phone, 20443), "GET", FORM)
    Browser(phone).ask("GET", FORM)
    phone.change({"static.wui.https_enable": "0"})
    assert "https" not in phone.ports()


def _at(phone: YealinkPhone, port: int) -> Browser:
    browser = Browser(phone)
    browser.base = f"https://{phone.address}:{port}"
    return browser


def test_faults_of_the_web_interface(phone: YealinkPhone) -> None:
    browser = Browser(phone)
    phone.faults.plant(kind="busy", path="loginForm", times=1)
    browser.ask("GET", FORM)
    assert browser.status == 503
    phone.faults.plant(kind="cut", at=2)
    browser.ask("GET", FORM)
    with pytest.raises(ConnectionResetError):
        browser.ask("GET", FORM)
    browser.ask("GET", FORM)
    assert browser.status == 200
    phone.faults.clear()
    browser = login(phone)
    phone.faults.plant(kind="cut-after", path="upload", times=1)
    with pytest.raises(ConnectionResetError):
        upload(browser, HEAD + "sip.trust_ctrl = 1\n")
    phone.finish()
    assert phone.settings.get("sip.trust_ctrl") == "1"
    phone.faults.plant(kind="refuse-tcp")
    phone.settle()
    assert set(phone.ports()) == {"sip-udp"}


def test_unknown_faults_are_refused(phone: YealinkPhone) -> None:
    with pytest.raises(ValueError, match="unknown fault 'fire'"):
        phone.faults.plant(kind="fire")
