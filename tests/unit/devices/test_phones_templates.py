"""Providers' files stay in force under a file of ours, but for what hardening is about: seen on the phone itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.devices.phones import PolyPhone, Registrar, YealinkPhone
from tests.oracles.phones import Layer, effective, insecure, parse_cfg
from tests.support.phone_templates import Template, poly_master, poly_whole, yealink_boot, yealink_single
from tests.unit.devices.phone_site import Site
from tests.unit.oracles.phones_samples import poly_file, poly_parameters, yealink_file

SERVER = "sip.example.com"
YEALINK, POLY = "805ec0aa0020", "64167faa0020"
YEALINK_SHAPES = [yealink_boot(YEALINK, SERVER), yealink_boot(YEALINK, SERVER, overwrite=False),
                  yealink_single(YEALINK, SERVER)]
POLY_SHAPES = [poly_master(POLY, SERVER), poly_whole(POLY, SERVER)]


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


def publish(site: Site, files: dict[str, str]) -> None:
    site.files = {f"/{name}": text for name, text in files.items()}


def yealink_faults(phone: YealinkPhone) -> list[str]:
    """What is insecure in what the phone has stored; its passwords are asked of it directly."""
    passwords = {f"static.security.user_password:{role}": word for role, word in phone.settings.passwords.items()}
    return insecure("yealink", {**phone.settings.values, **passwords})


@pytest.mark.parametrize("template", YEALINK_SHAPES)
def test_yealink_templates(site: Site, template: Template) -> None:
    publish(site, dict(template.files))
    start = {"static.auto_provision.server.url": site.url}
    with Registrar({"201": "S1p-of-201"}) as registrar, YealinkPhone(
        YEALINK, settings=start, authorities=[site.authority.pem], hosts={**site.hosts, SERVER: registrar.address}
    ) as phone:
        assert phone.provision().applied
        assert phone.settings.ignored == []
        phone.clock.advance(60)
        assert phone.register() == {(1, 1): "registered"}
        assert len(yealink_faults(phone)) > 10
        # As they are, the phone may ask for the file again and learns nothing; with ours among them it does.
        assert not phone.provision().applied
        hardening = yealink_file().replace("https://prov.example.com/site/", site.url)
        publish(site, template.hardened(hardening))
        outcome = phone.provision()
        assert (outcome.applied, outcome.files[-1]) == (True, ("zz-hardening.cfg", 200))
        assert yealink_faults(phone) == []
        for kept in ("account.1.user_name", "account.1.label", "account.1.password"):
            assert phone.settings.get(kept) == ("S1p-of-201" if kept.endswith("password") else "201")
        # The oracle says the same of the files alone.
        files = [Layer("file", parse_cfg(text)) for name, text in template.hardened(hardening).items()
                 if not name.endswith(".boot")]
        assert insecure("yealink", effective("yealink", files)) == []


@pytest.mark.parametrize("template", POLY_SHAPES)
def test_poly_templates(site: Site, template: Template) -> None:
    publish(site, dict(template.files))
    start = {"device.prov.serverType": "3", "device.prov.serverName": "prov.example.com:8443"}
    with Registrar({"201": "S1p-of-201"}) as registrar, PolyPhone(
        POLY, settings=start, built_in=[site.authority.pem], hosts={**site.hosts, SERVER: registrar.address}
    ) as phone:
        assert phone.provision().applied
        assert phone.settings.ignored == []
        phone.clock.advance(60)
        assert phone.register() == {(1, 1): "registered"}
        assert len(insecure("poly", phone.settings.values())) > 10
        hardening = {**poly_parameters(), "device.prov.serverName": "prov.example.com:8443"}
        publish(site, template.hardened(poly_file(hardening)))
        assert phone.provision().applied
        assert insecure("poly", phone.settings.values()) == []
        assert phone.settings.get("reg.1.auth.password") == "S1p-of-201"
        assert phone.passwords()["Polycom"] == hardening["device.auth.localAdminPassword"]


def test_a_file_of_ours_alone_under_overwriting_erases_the_account(site: Site) -> None:
    template = yealink_boot(YEALINK, SERVER)
    publish(site, dict(template.files))
    start = {"static.auto_provision.server.url": site.url}
    with YealinkPhone(YEALINK, settings=start, authorities=[site.authority.pem], hosts=site.hosts) as phone:
        phone.provision()
        assert phone.settings.get("account.1.label") == "201"
        boot = '#!version:1.0.0.1\ninclude:config "zz-hardening.cfg"\noverwrite_mode = 1\n'
        publish(site, {f"{YEALINK}.boot": boot, "zz-hardening.cfg": yealink_file()})
        # It restarts after the first time, and finds the other files when it is up.
        phone.clock.advance(60)
        assert phone.settings.get("account.1.label") == ""


def test_ours_in_the_wrong_place_is_outranked(site: Site) -> None:
    template = poly_master(POLY, SERVER)
    files = template.hardened(poly_file(poly_parameters()))
    master = files["000000000000.cfg"]
    files["000000000000.cfg"] = master.replace("hardening.cfg, ", "").replace("common.cfg", "common.cfg, hardening.cfg")
    publish(site, files)
    start = {"device.prov.serverType": "3", "device.prov.serverName": "prov.example.com:8443"}
    with PolyPhone(POLY, settings=start, built_in=[site.authority.pem], hosts=site.hosts) as phone:
        phone.provision()
        assert phone.passwords()["Polycom"] == "9486"
        assert "device.auth.localAdminPassword: a well-known one" in insecure("poly", phone.settings.values())
