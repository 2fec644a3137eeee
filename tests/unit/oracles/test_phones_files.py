"""How phones read their files, and which of several values counts."""

from __future__ import annotations

import pytest

from tests.oracles.phones import (
    Boot,
    Layer,
    Master,
    applied,
    effective,
    parse_boot,
    parse_cfg,
    parse_master,
    parse_parameters,
)
from tests.oracles.phones.poly_files import first_wins

HEAD = "#!version:1.0.0.1\n"
MAC = "64167FAA0001"


def test_a_boot_file_of_a_public_template() -> None:
    text = HEAD + '## header\n\ninclude:config "y000000000096.cfg"\ninclude:config <no>.cfg\n\noverwrite_mode = 1\n'
    assert parse_boot(text) == Boot(("y000000000096.cfg", "<no>.cfg"), overwrite=True)
    assert parse_boot(HEAD) == Boot(())
    assert not parse_boot(HEAD + "overwrite_mode = 0").overwrite


@pytest.mark.parametrize(
    "text", ["", "\n" + HEAD, "# comment\n" + HEAD, "#!version:1.0.0.0\n", "account.1.enable = 1\n"]
)
def test_the_version_comes_first(text: str) -> None:
    for parse in (parse_boot, parse_cfg):
        with pytest.raises(ValueError, match="first line is not"):
            parse(text)


def test_lines_that_make_no_sense_are_named() -> None:
    with pytest.raises(ValueError, match=r"not a setting: 'account\.1\.enable'"):
        parse_cfg(HEAD + "account.1.enable\n")
    with pytest.raises(ValueError, match="neither an include"):
        parse_boot(HEAD + 'include "a.cfg"\n')


def test_settings_keep_their_order_and_their_equals_signs() -> None:
    text = HEAD + "#security = x\n a.b =  one two \nc=\nd = e=f\na.b = 3\n"
    assert parse_cfg(text) == [("a.b", "one two"), ("c", ""), ("d", "e=f"), ("a.b", "3")]


def test_a_master_file() -> None:
    text = (
        '<?xml version="1.0"?><APPLICATION APP_FILE_PATH="sip.ld" '
        'CONFIG_FILES="hardening.cfg, [PHONE_MAC_ADDRESS]-user.cfg,, common.cfg"><X Y="1"/></APPLICATION>'
    )
    assert parse_master(text, MAC) == Master(("hardening.cfg", "64167faa0001-user.cfg", "common.cfg"), "sip.ld")
    assert parse_master('<PHONE_CONFIG><ALL a.b="1"/></PHONE_CONFIG>', MAC) is None
    with pytest.raises(ValueError, match="not XML"):
        parse_master("<APPLICATION", MAC)


def test_names_of_elements_do_not_matter() -> None:
    text = '<PHONE_CONFIG><ALL a.b="1"><reg reg.1.label="x" a.b="2"/></ALL><any c="3"/></PHONE_CONFIG>'
    assert parse_parameters(text) == {"a.b": "1", "reg.1.label": "x", "c": "3"}
    with pytest.raises(ValueError, match="not XML"):
        parse_parameters('<a b="1" b="2"/>')


def test_the_first_file_counts() -> None:
    assert first_wins([{"a": "1"}, {"a": "2", "b": "3"}]) == {"a": "1", "b": "3"}


def test_flash_needs_its_companion() -> None:
    whole = {"device.set": "1", "device.net.vlanId": "20", "device.net.vlanId.set": "1", "a.b": "1"}
    assert applied(whole) == {"device.net.vlanId": "20", "a.b": "1"}
    assert applied({**whole, "device.set": "0"}) == {"a.b": "1"}
    assert applied({name: value for name, value in whole.items() if name != "device.net.vlanId.set"}) == {"a.b": "1"}
    # As in the public proof of CVE-2023-4465.
    assert applied({"device.set": "1", "device.passwordConfigured": "1"}) == {"device.passwordConfigured": "1"}


def test_what_a_yealink_ends_up_with() -> None:
    found = effective("yealink", [
        Layer("file", [("sip.trust_ctrl", "0"), ("static.wui.http_enable", "1"), ("lang.gui", "English"),
                       ("static.security.user_password", "admin:one"), ("static.security.user_password", "user:two")]),
        Layer("local", [("sip.trust_ctrl", "0"), ("static.wui.http_enable", "1")]),
        Layer("file", [("sip.trust_ctrl", "1"), ("static.wui.http_enable", "0"), ("lang.gui", "%NULL%"),
                       ("voice.tone.country", ""), ("static.security.user_password", "admin:three")]),
    ])
    assert found == {
        "sip.trust_ctrl": "0", "static.wui.http_enable": "0", "static.security.user_password:admin": "three",
        "static.security.user_password:user": "two",
    }


def test_what_a_poly_ends_up_with() -> None:
    found = effective("poly", [
        Layer("default", {"sec.srtp.require": "0", "httpd.ta.enabled": "0"}),
        Layer("device", {"device.net.vlanId": "10", "device.prov.user": "PlcmSpIp"}),
        Layer("web", {"sec.srtp.require": "0"}),
        Layer("config", {"device.set": "1", "device.net.vlanId": "20", "device.net.vlanId.set": "1"}),
        Layer("config", {"device.net.vlanId": "30", "sec.srtp.require": "1", "device.prov.user": "x"}),
        Layer("local", {"sec.srtp.offer": "0"}),
    ])
    assert found == {
        "sec.srtp.require": "0", "sec.srtp.offer": "0", "httpd.ta.enabled": "0", "device.net.vlanId": "20",
        "device.prov.user": "PlcmSpIp",
    }


@pytest.mark.parametrize(("vendor", "kind"), [("yealink", "web"), ("poly", "file")])
def test_layers_that_a_vendor_does_not_have(vendor: str, kind: str) -> None:
    with pytest.raises(ValueError, match=f"no layer {kind}"):
        effective(vendor, [Layer(kind, {})])
    with pytest.raises(ValueError, match="no vendor snom"):
        effective("snom", [])
