"""REST of a Poly phone."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.devices.phones import PolyPhone
from tests.devices.phones.digest import answer
from tests.unit.devices.phone_site import Browser, Site

MAC = "64167faa0002"
PASSWORD = "Vk7mQ2rX9tLw4ZsB"
GET, SET = "/api/v1/mgmt/config/get", "/api/v1/mgmt/config/set"
INFO = "/api/v1/mgmt/device/info"
ON = {"apps.restapi.enabled": "1", "device.auth.localAdminPassword": PASSWORD}


@pytest.fixture
def phone() -> Iterator[PolyPhone]:
    with PolyPhone(MAC, settings=ON) as running:
        yield running


class Client:
    """A client that answers challenges."""

    def __init__(self, phone: PolyPhone, password: str = PASSWORD, scheme: str = "https") -> None:
        self.browser = Browser(phone, scheme)
        self.password = password
        self.challenge = ""

    def ask(self, method: str, path: str, data: Any = None) -> Any:
        """The decoded answer, or None where there is no JSON."""
        body = None if data is None else json.dumps(data).encode()
        self.browser.ask(method, path, body)
        if self.browser.status == 401:
            self.challenge = self.browser.headers["www-authenticate"]
            if self.challenge.startswith("Digest "):
                proof = answer(self.challenge, "Polycom", self.password, method, path)
            else:
                proof = "Basic " + base64.b64encode(f"Polycom:{self.password}".encode()).decode()
            self.browser.ask(method, path, body, {"Authorization": proof})
        return json.loads(self.browser.text) if self.browser.text.startswith("{") else None

    def get(self, *names: str) -> Any:
        return self.ask("POST", GET, {"data": list(names)})

    def set(self, **values: str) -> str:
        """The status; what is in flash has its companions."""
        data = {name.replace("__", "."): value for name, value in values.items()}
        flash = [name for name in data if name.startswith("device.")]
        data |= {f"{name}.set": "1" for name in flash} | ({"device.set": "1"} if flash else {})
        return str(self.ask("POST", SET, {"data": data})["Status"])


def test_off_means_not_found(phone: PolyPhone) -> None:
    client = Client(phone)
    assert client.ask("GET", INFO)["Status"] == "2000"
    phone.change({"apps.restapi.enabled": "0"})
    assert client.ask("GET", INFO) is None
    assert (client.browser.status, client.browser.headers["server"]) == (404, "Polycom SoundPoint IP Telephone HTTPd")


@pytest.mark.parametrize(("kind", "begins"), [("digest", 'Digest realm="Polycom"'), ("basic", 'Basic realm="Polycom"')])
def test_it_asks_for_the_administrator_s_password(kind: str, begins: str) -> None:
    with PolyPhone(MAC, settings=ON, rest_auth=kind) as phone:  # type: ignore[arg-type]
        client = Client(phone)
        assert client.ask("GET", INFO)["Status"] == "2000"
        assert client.challenge.startswith(begins)
        wrong = Client(phone, "wrong")
        assert wrong.ask("GET", INFO) is None
        assert wrong.browser.status == 401


def test_a_digest_holds_for_one_nonce_only(phone: PolyPhone) -> None:
    browser = Browser(phone)
    forged = 'Digest realm="Polycom", nonce="0000", qop="auth"'
    browser.ask("GET", INFO, None, {"Authorization": answer(forged, "Polycom", PASSWORD, "GET", INFO)})
    assert browser.status == 401


def test_the_factory_s_password_is_not_good_enough() -> None:
    with PolyPhone(MAC, settings={"apps.restapi.enabled": "1"}) as phone:
        client = Client(phone, "456")
        assert client.ask("GET", INFO) == {"Status": "4010"}
        assert client.get("sec.srtp.enable") == {"Status": "4010"}
        assert Client(phone, "457").ask("GET", INFO) is None


def test_only_tls_where_it_is_required(phone: PolyPhone) -> None:
    assert {"http", "https"} <= set(phone.ports())
    assert Client(phone, scheme="http").ask("GET", INFO)["Status"] == "2000"
    phone.change({"httpd.cfg.secureTunnelRequired": "1"})
    assert "http" not in phone.ports()
    assert Client(phone).ask("GET", INFO)["Status"] == "2000"
    phone.change({"httpd.enabled": "0"})
    assert not {"http", "https"} & set(phone.ports())


def test_values_with_their_sources(phone: PolyPhone) -> None:
    phone.change({"sec.srtp.require": "1"}, "web")
    phone.change({"sec.srtp.offer": "1"})
    answered = Client(phone).get(
        "sec.srtp.enable", "sec.srtp.require", "sec.srtp.offer", "device.net.vlanId", "device.prov.user",
        "apps.restapi.enabled", "no.such", "device.auth.localAdminPassword",
    )
    assert answered == {
        "Status": "2000",
        "data": {
            "sec.srtp.enable": {"Value": "1", "Source": "default"},
            "sec.srtp.require": {"Value": "1", "Source": "web"}, "sec.srtp.offer": {"Value": "1", "Source": "local"},
            "device.net.vlanId": {"Value": "", "Source": "default"},
            "device.prov.user": {"Value": "PlcmSpIp", "Source": "device"},
            "apps.restapi.enabled": {"Value": "1", "Source": "config"},
        },
        "InvalidParams": {"7": "no.such", "8": "device.auth.localAdminPassword"},
    }


def test_setting_values(phone: PolyPhone) -> None:
    client = Client(phone)
    assert client.set(sec__srtp__require="1", device__syslog__serverName="log.example.com") == "2000"
    phone.finish()
    assert phone.settings.find("sec.srtp.require") == ("1", "local")
    assert phone.settings.find("device.syslog.serverName") == ("log.example.com", "device")
    assert client.set(sec__srtp__require="0", no__such="1") == "4000"
    assert client.set(sec__srtp__require="maybe") == "4000"
    assert client.ask("POST", SET, {"data": []})["Status"] == "4000"
    assert client.ask("POST", SET, ["x"])["Status"] == "4000"
    assert phone.settings.get("sec.srtp.require") == "1"


def test_what_is_in_flash_needs_its_companions(phone: PolyPhone) -> None:
    client = Client(phone)
    for more in ({}, {"device.set": "1"}, {"device.syslog.serverName.set": "1"}):
        data = {"device.syslog.serverName": "log.example.com", **more}
        assert client.ask("POST", SET, {"data": data})["Status"] == "2000"
        phone.finish()
        assert phone.settings.get("device.syslog.serverName") == ""


def test_setting_a_new_password_ends_the_old_one(phone: PolyPhone) -> None:
    assert Client(phone).set(device__auth__localAdminPassword="zM3cGw6bKfhT5nPq") == "2000"
    phone.finish()
    assert Client(phone).ask("GET", INFO) is None
    assert Client(phone, "zM3cGw6bKfhT5nPq").ask("GET", INFO)["Status"] == "2000"


def test_too_much_at_once() -> None:
    with PolyPhone(MAC, settings=ON, batch=2) as phone:
        client = Client(phone)
        assert client.get("sec.srtp.enable", "sec.srtp.offer")["Status"] == "2000"
        assert client.get("sec.srtp.enable", "sec.srtp.offer", "sec.srtp.require")["Status"] == "4009"
        assert client.set(sec__srtp__enable="1", sec__srtp__offer="1", sec__srtp__require="1") == "4009"


def test_nothing_changes_during_a_call(phone: PolyPhone) -> None:
    client = Client(phone)
    phone.begin_call()
    assert client.set(sec__srtp__require="1") == "4001"
    assert client.get("sec.srtp.require")["data"]["sec.srtp.require"]["Value"] == "0"
    assert client.ask("GET", "/api/v1/mgmt/pollForStatus")["data"] == {"State": "InCall"}
    assert client.ask("POST", "/api/v1/mgmt/safeRestart", {})["Status"] == "2000"
    phone.finish()
    assert not phone.down
    phone.end_call()
    assert phone.down


def test_a_setting_of_the_network_restarts_it_after_the_answer(phone: PolyPhone) -> None:
    assert Client(phone).set(device__net__vlanId="20") == "2000"
    phone.finish()
    assert phone.down
    phone.clock.advance(60)
    assert Client(phone).get("device.net.vlanId")["data"]["device.net.vlanId"] == {"Value": "20", "Source": "device"}


def test_what_it_tells_of_itself(phone: PolyPhone) -> None:
    phone.change({"reg.1.address": "201@sip.example.com", "reg.1.server.1.address": "sip.example.com",
                  "device.prov.serverType": "3", "device.prov.serverName": "prov.example.com"})
    client = Client(phone)
    first, second = (client.ask("GET", f"/api/{version}/mgmt/device/info")["data"] for version in ("v1", "v2"))
    assert (first["ModelNumber"], first["FirmwareRelease"], first["MACAddress"]) == ("VVX 411", "6.4.7.4477", MAC)
    assert second["Firmware"]["Application"].split()[0] == "6.4.7.4477"
    running = client.ask("GET", "/api/v1/mgmt/device/runningConfig")["data"]
    assert running["Provisioning"] == {
        "Server": "prov.example.com", "ServerType": "HTTPS", "User": "PlcmSpIp", "TagSerialNo": "Disabled",
    }
    assert client.ask("GET", "/api/v1/mgmt/network/info")["data"]["LLDP"] == "enabled"
    lines = client.ask("GET", "/api/v1/mgmt/lineInfo")["data"]
    assert [(line["LineNumber"], line["SIPAddress"]) for line in lines] == [("1", "201@sip.example.com")]
    assert client.ask("GET", "/api/v1/mgmt/no/such") is None
    assert client.browser.status == 404
    assert client.ask("GET", "/api/v3/mgmt/device/info") is None


def test_layers_can_be_reset(phone: PolyPhone) -> None:
    phone.change({"sec.srtp.require": "1"}, "web")
    phone.change({"sec.srtp.offer": "1", "device.syslog.serverName": "log.example.com"})
    client = Client(phone)
    assert client.ask("POST", "/api/v1/mgmt/configReset/web", {})["Status"] == "2000"
    phone.finish()
    phone.clock.advance(60)
    assert phone.settings.find("sec.srtp.require") == ("0", "default")
    assert phone.settings.find("sec.srtp.offer") == ("1", "local")
    assert client.ask("POST", "/api/v1/mgmt/configReset", {})["Status"] == "2000"
    phone.finish()
    assert phone.settings.find("sec.srtp.offer") == ("0", "default")
    assert phone.settings.get("device.syslog.serverName") == "log.example.com"
    phone.clock.advance(60)
    assert client.ask("POST", "/api/v1/mgmt/factoryReset", {})["Status"] == "2000"
    phone.finish()
    assert phone.passwords() == {"Polycom": "456", "User": "123"}


def test_fetching_on_request() -> None:
    with Site() as site:
        site.files = {f"/{MAC}.cfg": '<PHONE_CONFIG><ALL reg.1.label="x" apps.restapi.enabled="1"/></PHONE_CONFIG>'}
        settings = {**ON, "device.prov.serverType": "3", "device.prov.serverName": "prov.example.com:8443"}
        with PolyPhone(MAC, settings=settings, hosts=site.hosts, built_in=[site.authority.pem]) as phone:
            assert Client(phone).ask("POST", "/api/v1/mgmt/updateConfiguration", {})["Status"] == "2000"
            phone.finish()
            assert phone.settings.get("reg.1.label") == "x"


def test_half_of_what_is_set_and_cuts(phone: PolyPhone) -> None:
    client = Client(phone)
    phone.faults.plant(kind="half-applied", count=1, times=1)
    assert client.set(sec__srtp__offer="1", sec__srtp__require="1") == "2000"
    phone.finish()
    assert (phone.settings.get("sec.srtp.offer"), phone.settings.get("sec.srtp.require")) == ("1", "0")
    # The first request is the one that gets the challenge.
    phone.faults.plant(kind="cut-after", path="config/set", at=2)
    with pytest.raises(ConnectionResetError):
        client.set(sec__srtp__require="1")
    phone.finish()
    assert phone.settings.get("sec.srtp.require") == "1"
    phone.faults.plant(kind="busy", path="device/info", times=1)
    assert client.ask("GET", INFO) is None
    assert client.browser.status == 503
