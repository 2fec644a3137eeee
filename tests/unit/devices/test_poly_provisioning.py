"""A Poly phone fetches its files, checks whom it fetches from, and layers what is in them."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import quoteattr

import pytest

from tests.devices.phones import Clock, PolyPhone
from tests.unit.devices.phone_site import HOST, PORT, Site

MAC = "64167faa0001"
OWN = f"{MAC}.cfg"
NAME = f"{HOST}:{PORT}"


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


def master(*names: str) -> str:
    return f'<?xml version="1.0"?><APPLICATION APP_FILE_PATH="sip.ld" CONFIG_FILES="{", ".join(names)}"/>'


def file(parameters: dict[str, str], flash: bool = True) -> str:
    """A parameter file; ``flash`` adds the companions."""
    whole = dict(parameters)
    if flash and any(name.startswith("device.") for name in parameters):
        whole |= {f"{name}.set": "1" for name in parameters if name.startswith("device.")} | {"device.set": "1"}
    attributes = " ".join(f"{name}={quoteattr(value)}" for name, value in whole.items())
    return f"<PHONE_CONFIG><ALL {attributes}/></PHONE_CONFIG>"


def phone_at(site: Site, **more: object) -> PolyPhone:
    settings = {
        "device.prov.serverType": "3", "device.prov.serverName": NAME,
        "device.sec.TLS.customCaCert1": site.authority.pem.decode(), "device.prov.tagSerialNo": "1",
        **more.pop("settings", {}),  # type: ignore[dict-item]
    }
    return PolyPhone(MAC, settings=settings, hosts=site.hosts, **more)  # type: ignore[arg-type]


def names(phone: PolyPhone) -> list[str]:
    return [name for name, _status in phone.history[-1].files]


def test_the_own_master_file_and_its_order(site: Site) -> None:
    site.files = {f"/{OWN}": master("hardening.cfg", "[PHONE_MAC_ADDRESS]-user.cfg", "common.cfg"),
                  "/hardening.cfg": file({"sec.srtp.require": "1"}), f"/{MAC}-user.cfg": file({"reg.1.label": "one"}),
                  "/common.cfg": file({"sec.srtp.require": "0", "reg.1.label": "two", "up.mwiVisible": "1"})}
    with phone_at(site) as phone:
        outcome = phone.provision()
        assert names(phone) == [
            OWN, "hardening.cfg", f"{MAC}-user.cfg", "common.cfg", f"{MAC}-phone.cfg", f"{MAC}-web.cfg",
        ]
        assert (outcome.applied, outcome.changed) == (True, ("reg.1.label", "sec.srtp.require", "up.mwiVisible"))
    assert phone.settings.find("sec.srtp.require") == ("1", "config")
    assert phone.settings.get("reg.1.label") == "one"
    assert {agent for *_rest, agent in site.log} == {
        "FileTransport PolycomVVX-VVX_411-UA/6.4.7.4477 (SN:64167FAA0001) Type/Application"
    }


def test_without_a_tag_the_address_is_not_told(site: Site) -> None:
    with phone_at(site, settings={"device.prov.tagSerialNo": "0"}) as phone:
        phone.provision()
    assert site.log[0][3] == "FileTransport PolycomVVX-VVX_411-UA/6.4.7.4477 Type/Application"


def test_then_the_common_master_file(site: Site) -> None:
    site.files = {"/000000000000.cfg": master("common.cfg"), "/common.cfg": file({"reg.1.label": "x"})}
    with phone_at(site) as phone:
        assert phone.provision().applied
        assert names(phone)[:3] == [OWN, "000000000000.cfg", "common.cfg"]
        del site.files["/000000000000.cfg"]
        assert phone.provision().error == "000000000000.cfg: status 404"


def test_a_parameter_file_may_be_the_only_one(site: Site) -> None:
    site.files = {f"/{OWN}": file({"reg.1.label": "x"})}
    with phone_at(site) as phone:
        assert phone.provision().changed == ("reg.1.label",)


def test_flash_needs_its_companions(site: Site) -> None:
    flash = {"device.auth.localAdminPassword": "Vk7mQ2rX9tLw4ZsB", "device.syslog.serverName": "log.example.com"}
    site.files = {f"/{OWN}": file(flash, flash=False)}
    with phone_at(site) as phone:
        assert phone.provision().changed == ()
        site.files[f"/{OWN}"] = file(flash)
        assert phone.provision().changed == tuple(sorted(flash))
        assert phone.settings.find("device.syslog.serverName") == ("log.example.com", "device")
        # It stays in flash when the files say nothing of it any more.
        site.files[f"/{OWN}"] = file({"reg.1.label": "x"})
        phone.provision()
        assert phone.passwords()["Polycom"] == "Vk7mQ2rX9tLw4ZsB"


def test_what_files_no_longer_say_is_gone(site: Site) -> None:
    site.files = {f"/{OWN}": file({"sec.srtp.require": "1"})}
    with phone_at(site) as phone:
        phone.provision()
        site.files[f"/{OWN}"] = file({"reg.1.label": "x"})
        assert phone.provision().changed == ("reg.1.label", "sec.srtp.require")
        assert phone.settings.find("sec.srtp.require") == ("0", "default")


def test_changes_at_the_phone_outrank_every_file(site: Site) -> None:
    site.files = {f"/{OWN}": file({"sec.srtp.require": "1", "prov.autoConfigUpload.enabled": "0"})}
    with phone_at(site) as phone:
        phone.provision()
        phone.change({"sec.srtp.require": "0"}, "web")
        assert site.uploads == {}
        site.files[f"/{OWN}"] = file({"sec.srtp.require": "1", "reg.1.label": "x"})
        phone.provision()
        assert phone.settings.find("sec.srtp.require") == ("0", "web")
        phone.change({"sec.srtp.require": "1"})
        assert phone.settings.find("sec.srtp.require") == ("1", "local")
        phone.reset("web", "local")
        phone.clock.advance(60)
        assert phone.settings.find("sec.srtp.require") == ("1", "config")


def test_the_server_may_keep_a_copy_of_the_changes(site: Site) -> None:
    site.files = {f"/{OWN}": file({"sec.srtp.require": "1"})}
    with phone_at(site) as phone:
        phone.provision()
        phone.change({"sec.srtp.require": "0", "reg.1.auth.password": "S1p-secret"}, "web")
        kept = site.uploads[f"/{MAC}-web.cfg"].decode()
        assert kept.count('sec.srtp.require="0"') == 1
        assert "secret" not in kept
        # The copy comes back to a phone that was reset, and is empty where somebody emptied it.
        phone.settings.reset("web")
        site.files[f"/{MAC}-web.cfg"] = kept
        phone.provision()
        assert phone.settings.find("sec.srtp.require") == ("0", "web")
        # What is in flash is not among these changes.
        site.files[f"/{MAC}-web.cfg"] = '<PHONE_CONFIG><WEB device.prov.user="x"/></PHONE_CONFIG>'
        phone.provision()
        assert phone.settings.find("sec.srtp.require") == ("1", "config")
        assert phone.settings.find("device.prov.user") == ("PlcmSpIp", "device")


def test_files_that_are_no_xml(site: Site) -> None:
    site.files = {f"/{OWN}": master("a.cfg", "b.cfg"), "/a.cfg": "<a", "/b.cfg": file({"reg.1.label": "x"})}
    with phone_at(site) as phone:
        outcome = phone.provision()
        assert outcome.error.startswith("a.cfg: not XML")
        assert phone.settings.get("reg.1.label") == "x"
        site.files[f"/{OWN}"] = "<APPLICATION"
        outcome = phone.provision()
        assert not outcome.applied
        assert outcome.error.startswith(f"{OWN}: not XML")
        assert phone.settings.get("reg.1.label") == "x"


def test_unknown_parameters_are_passed_over_in_silence(site: Site) -> None:
    site.files = {f"/{OWN}": file({"no.such": "1", "sec.srtp.require": "yes", "reg.1.label": "x"})}
    with phone_at(site) as phone:
        outcome = phone.provision()
    assert (outcome.error, outcome.changed) == ("", ("reg.1.label",))
    assert phone.settings.ignored == ["no.such", "sec.srtp.require"]


def test_network_settings_restart_it(site: Site) -> None:
    site.files = {f"/{OWN}": file({"device.net.vlanId": "20"})}
    with phone_at(site) as phone:
        phone.provision()
        assert (phone.down, phone.ports()) == (True, {})
        phone.clock.advance(60)
        assert (phone.down, phone.reboots, len(phone.history)) == (False, 1, 2)


def test_it_polls(site: Site) -> None:
    site.files = {f"/{OWN}": file({"prov.polling.enabled": "1", "prov.polling.period": "3600"})}
    with phone_at(site) as phone:
        phone.provision()
        phone.clock.advance(3599)
        assert len(phone.history) == 1
        phone.clock.advance(1)
        assert len(phone.history) == 2


@pytest.mark.parametrize("mode", ["abs", "random"])
def test_it_polls_at_its_time_of_day(site: Site, mode: str) -> None:
    times = {"prov.polling.time": "02:00", "prov.polling.timeRandomEnd": "04:00"}
    rest = {"prov.polling.enabled": "1", "prov.polling.mode": mode, "prov.polling.period": "86400"}
    site.files = {f"/{OWN}": file({**times, **rest})}
    with phone_at(site) as phone:
        phone.provision()
        phone.clock.advance(14 * 3600 - 1)  # from noon
        assert len(phone.history) == 1
        phone.clock.advance(1)
        assert len(phone.history) == 2
        phone.clock.advance(86399)
        assert len(phone.history) == 2
        phone.clock.advance(1)
        assert len(phone.history) == 3


def test_credentials_are_those_of_the_factory_until_told(site: Site) -> None:
    site.users = {"PlcmSpIp": "PlcmSpIp"}
    site.files = {f"/{OWN}": file({"device.prov.user": MAC, "device.prov.password": "Right-Password"})}
    with phone_at(site) as phone:
        assert phone.provision().applied
        site.users = {MAC: "Right-Password"}
        assert phone.provision().applied
        site.users = {MAC: "other"}
        assert phone.provision().error == f"{OWN}: status 401"


def test_whom_it_trusts(site: Site) -> None:
    site.files = {f"/{OWN}": file({"reg.1.label": "x"})}
    with phone_at(site, settings={"device.sec.TLS.customCaCert1": ""}) as phone:
        assert phone.provision().error == f"{OWN}: TLS: CERTIFICATE_VERIFY_FAILED"
        phone.built_in.append(site.authority.pem)
        assert phone.provision().applied
        phone.faults.plant(kind="wrong-clock", seconds=-20 * 365 * 86400.0)
        assert "by the phone's clock" in phone.provision().error


def test_an_authority_that_came_in_a_file(site: Site) -> None:
    # Line ends of an attribute become blanks.
    text = file({"device.sec.TLS.customCaCert1": site.authority.pem.decode()})
    site.files = {f"/{OWN}": text.replace("&#10;", "\n")}
    with phone_at(site, settings={"device.sec.TLS.customCaCert1": ""}) as phone:
        phone.built_in.append(site.authority.pem)
        phone.provision()
        assert "\n" not in phone.settings.get("device.sec.TLS.customCaCert1")
        phone.built_in.clear()
        assert phone.provision().applied


def test_names_are_checked_only_if_told_so() -> None:
    with Site(names=("other.example.com",)) as site:
        site.files = {f"/{OWN}": file({"reg.1.label": "x"})}
        with phone_at(site) as phone:
            assert "CERTIFICATE_VERIFY_FAILED" in phone.provision().error
            phone.change({"device.sec.TLS.prov.strictCertCommonNameValidation": "0"})
            assert phone.provision().applied


def test_the_server_s_type_is_the_protocol(site: Site) -> None:
    with phone_at(site) as phone:
        phone.change({"device.prov.serverType": "0"})
        assert "cannot fetch from ftp" in phone.provision().error
        phone.change({"device.prov.serverType": "2"})
        # The server speaks TLS only.
        assert phone.provision().error != ""
        phone.change({"device.prov.serverName": ""})
        assert phone.provision().error == "no provisioning server"


def test_the_provider_comes_over_it(site: Site) -> None:
    site.files = {f"/{OWN}": file({"sec.srtp.require": "1"})}
    with phone_at(site) as phone:
        phone.faults.plant(kind="provider-override", after=1, settings={"sec.srtp.require": "0"})
        phone.provision()
        assert phone.settings.get("sec.srtp.require") == "1"
        phone.provision()
        assert phone.settings.find("sec.srtp.require") == ("0", "config")


def test_half_of_the_settings_and_no_restart(site: Site) -> None:
    site.files = {f"/{OWN}": file({"reg.1.label": "x", "sec.srtp.require": "1"})}
    with phone_at(site) as phone:
        phone.faults.plant(kind="half-applied", count=1, times=1)
        assert phone.provision().changed == ("reg.1.label",)
        assert phone.provision().changed == ("sec.srtp.require",)
        phone.faults.plant(kind="ignore-reboot")
        phone.reboot()
        assert not phone.down


def test_two_phones_with_one_mac_fetch_the_same_file(site: Site) -> None:
    site.files = {f"/{OWN}": file({"reg.1.label": "x"})}
    clock = Clock()
    with phone_at(site, clock=clock) as one, phone_at(site, clock=clock) as two:
        assert one.provision().applied
        assert two.provision().applied


def test_an_edge_phone(site: Site) -> None:
    site.files = {f"/{OWN}": file({"apps.restapi.sipNotify.enabled": "1"})}
    with phone_at(site, model="Edge E350", version="8.3.1.0050", family="PolyEdge") as phone:
        phone.provision()
    assert site.log[0][3].startswith("FileTransport PolyEdge-Edge_E350-UA/8.3.1.0050 ")
    assert phone.settings.line == "pvos8"
