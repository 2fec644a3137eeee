"""The JSON generation of a Yealink phone's web interface."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.devices.phones import Trust, YealinkPhone
from tests.unit.devices.phone_site import Browser, Site

MAC = "805ec0aa0003"
HEAD = "#!version:1.0.0.1\n"
INFO = "/api/common/info?p=Login&t=1"
EXPORT = "/api/diagnosis/cfg/file?action=export&type=all"
IMPORT = "/api/diagnosis/cfg/file?action=import"


@pytest.fixture
def phone() -> Iterator[YealinkPhone]:
    with YealinkPhone(MAC, "T46U", "108.86.0.90") as running:
        yield running


class Client:
    """A browser with the application in it."""

    def __init__(self, phone: YealinkPhone) -> None:
        self.browser = Browser(phone)
        self.token = ""

    @property
    def headers(self) -> dict[str, str]:
        return {"Origin": self.browser.base, "Referer": self.browser.base + "/"} | (
            {"X-CSRFToken": self.token} if self.token else {}
        )

    def json(self, target: str, data: Any) -> Any:
        return self.browser.json(target, data, self.headers)

    def login(self, user: str = "admin", password: str = "admin", plain: bool = False) -> Any:
        keys = self.json(INFO, {"idlist": ["wui.common.rsaN", "wui.common.rsaE"]})["data"]
        numbers = rsa.RSAPublicNumbers(int(keys["wui.common.rsaE"], 16), int(keys["wui.common.rsaN"], 16))
        sent = "__WUI_ENC__:" + numbers.public_key().encrypt(password.encode(), padding.PKCS1v15()).hex()
        form = {"username": user, "pwd": password if plain else sent}
        answer = json.loads(self.browser.form("/api/auth/login?p=Login&t=1", form, self.headers))
        if answer["ret"] == "ok":
            self.token = self.json(INFO, {"idlist": ["wui"]})["data"]["wui.common.token"]
        return answer


def logged_in(phone: YealinkPhone, user: str = "admin", password: str = "admin") -> Client:
    client = Client(phone)
    assert client.login(user, password)["ret"] == "ok"
    return client


def test_who_it_is_can_be_seen_without_a_login(phone: YealinkPhone) -> None:
    client = Client(phone)
    answer = client.json("/api/common/info?p=StatusGeneral", {"idlist": ["system"]})
    assert (answer["ret"], answer["data"]) == ("failed", False)
    assert answer["error"]["webStatus"] == "noauth"
    assert (answer["error"]["phoneName"], answer["error"]["firmware"]) == ("T46U", "108.86.0.90")
    assert client.browser.headers["server"] == "yealink"
    assert "wui.common.token" not in client.browser.text


def test_only_the_application_itself_may_ask(phone: YealinkPhone) -> None:
    browser = Browser(phone)
    for headers in ({}, {"Origin": "https://evil.example.com"}):
        browser.json(INFO, {"idlist": ["wui.common.rsaN"]}, headers)
        assert browser.status == 403
    assert "<title>Yealink</title>" in browser.ask("GET", "/")


def test_login_and_token(phone: YealinkPhone) -> None:
    client = logged_in(phone)
    wui = client.json(INFO, {"idlist": ["wui"]})["data"]
    assert (wui["wui.device.phoneName"], wui["wui.device.mac"]) == ("T46U", "80:5e:c0:aa:00:03")
    assert client.browser.cookies["csrfToken"] == client.token
    assert client.json("/api/inner/readconfig?p=AccountRegister", {"formData": []})["ret"] == "ok"
    client.token = "0" * 16
    client.json("/api/inner/readconfig?p=AccountRegister", {"formData": []})
    assert client.browser.status == 403
    client.token = ""
    client.json("/api/inner/writeconfig?p=AccountRegister", {"formData": {"AccountEnable.1": "1"}})
    assert client.browser.status == 403
    phone.finish()
    assert phone.settings.get("account.1.enable") == ""


def test_denied_and_locked(phone: YealinkPhone) -> None:
    denied = {"webStatus": "error", "msg": "error_username_or_password_is_wrong"}
    assert Client(phone).login(password="wrong")["error"] == denied
    assert Client(phone).login(plain=True)["error"] == denied
    locked = Client(phone).login(password="wrong")["error"]
    assert (locked["webStatus"], locked["lockTime"]) == ("lock", 3)
    phone.clock.advance(130)
    assert Client(phone).login()["error"]["lockTime"] == 1
    phone.clock.advance(50)
    assert Client(phone).login()["ret"] == "ok"


def test_some_builds_take_the_password_as_it_is() -> None:
    with YealinkPhone(MAC, "T46U", "108.86.0.90", login="plain") as phone:
        assert Client(phone).login(plain=True)["ret"] == "ok"


def test_fields_of_forms(phone: YealinkPhone) -> None:
    client = logged_in(phone)
    form = {"AccountServerTransport1.1": "2", "AccountServerAddr1.1": "sip.example.com", "AccountPassword.2": "x",
            "NoSuchField.1": "1"}
    assert client.json("/api/inner/writeconfig?p=AccountRegister", {"formData": form})["ret"] == "ok"
    phone.finish()
    assert phone.settings.get("account.1.sip_server.1.transport_type") == "2"
    asked = {"formData": [*form, "AccountServerPort2.1"]}
    assert client.json("/api/inner/readconfig?p=AccountRegister", asked)["data"] == {
        "AccountServerTransport1.1": "2", "AccountServerAddr1.1": "sip.example.com", "AccountPassword.2": "********",
        "AccountServerPort2.1": "",
    }


def test_export_and_import(phone: YealinkPhone) -> None:
    client = logged_in(phone)
    text = client.browser.form(EXPORT, {"csrfmiddlewaretoken": client.token}, client.headers)
    assert text.splitlines()[0] == "#!version:1.0.0.1"
    assert "sip.trust_ctrl = 0" in text.splitlines()
    assert "static.security.user_password = admin:********" in text.splitlines()
    answer = json.loads(client.browser.upload(IMPORT, "CFGConfigUpload", HEAD + "sip.trust_ctrl = 1\n", client.headers))
    assert answer["ret"] == "ok"
    phone.finish()
    assert phone.settings.get("sip.trust_ctrl") == "1"
    for field, content in (("CFGConfigUpload", "sip.trust_ctrl = 0\n"), ("file", HEAD + "sip.trust_ctrl = 0\n")):
        assert json.loads(client.browser.upload(IMPORT, field, content, client.headers))["ret"] == "failed"
    client.browser.form(EXPORT, {"csrfmiddlewaretoken": "0"}, client.headers)
    assert client.browser.status == 403


def test_only_the_administrator_reads_and_changes(phone: YealinkPhone) -> None:
    client = logged_in(phone, "user", "user")
    client.browser.form(EXPORT, {"csrfmiddlewaretoken": client.token}, client.headers)
    assert client.browser.status == 403
    client.json("/api/autop/now?p=SettingAutop", {})
    assert client.browser.status == 403


def test_provisioning_and_restart_on_request() -> None:
    with Site() as site:
        site.files = {f"/{MAC}.cfg": HEAD + "lang.gui = x\n"}
        settings = {"static.auto_provision.server.url": site.url}
        with YealinkPhone(MAC, "T46U", "108.86.0.90", settings=settings, authorities=[site.authority.pem],
                          hosts=site.hosts) as phone:
            client = logged_in(phone)
            assert client.json("/api/autop/now?p=SettingAutop", {})["data"] is True
            phone.finish()
            assert phone.settings.get("lang.gui") == "x"
            assert client.json("/api/system/reboot?p=SettingUpgrade", {})["data"] is True
            phone.finish()
            assert phone.down
            phone.clock.advance(60)
            # Sessions did not outlast it.
            assert client.json(INFO, {"idlist": ["wui"]})["error"]["webStatus"] == "noauth"


def test_sessions_end(phone: YealinkPhone) -> None:
    client, _other = logged_in(phone), logged_in(phone)
    assert Client(phone).login()["error"]["webStatus"] == "busy"
    client.json("/api/auth/logout", {})
    assert logged_in(phone).token
    phone.clock.advance(301)
    assert client.json(INFO, {"idlist": ["wui"]})["error"]["webStatus"] == "noauth"


def test_half_of_an_import(phone: YealinkPhone) -> None:
    client = logged_in(phone)
    phone.faults.plant(kind="half-applied", count=1, times=1)
    client.browser.upload(IMPORT, "CFGConfigUpload", HEAD + "lang.gui = x\nsip.trust_ctrl = 1\n", client.headers)
    phone.finish()
    assert (phone.settings.get("lang.gui"), phone.settings.get("sip.trust_ctrl")) == ("x", "0")


def test_a_phone_that_only_speaks_tls_1_0(phone: YealinkPhone) -> None:
    phone.faults.plant(kind="old-tls")
    with pytest.raises(ssl.SSLError):
        Browser(phone).ask("GET", "/")
    client = phone.client()
    old = Trust(None, False, ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1)
    connection = old.context(None).wrap_socket(client.connect(phone.address, phone.ports()["https"], tls=False))
    assert connection.version() == "TLSv1"
    connection.close()
