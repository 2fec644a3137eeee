"""The phones' part of a site policy: defaults, what is taken from elsewhere, and what is refused."""

# ruff: noqa: E501 - an expected error is one line here as it is on the screen

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.policy.model import Lockout, PhonesPolicy
from ansible_collections.voip.hardening.plugins.module_utils.policy.phones import KEYS, SWITCHES, UNCONFIRMED
from ansible_collections.voip.hardening.plugins.module_utils.policy.validation import validate
from tests.unit.policy.samples import POLICY, PROFILE, TODAY, policy, profile, refused

PATH = "voip_policy.phones"
HTTPS = "an https:// URL without user name and password, of up to 208 characters without blanks and quotes"
AUTHORITY = "one certificate as text, -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----"
HOST = "an IP address or a full DNS name such as ntp.example.com"


def phones(section: Any, provider: Any = PROFILE) -> PhonesPolicy:
    return validate(provider, {**POLICY, "phones": section}, concerns=None, today=TODAY).policy.phones


@pytest.mark.parametrize("section", [None, {}])
def test_an_empty_section_is_secure(section: Any) -> None:
    found = phones(section)
    assert (found.provisioning_owner, found.web_interface, found.web_session_minutes) == ("site", "https_only", 5)
    assert found.lockout == Lockout(attempts=5, window_seconds=60, lock_seconds=60)
    assert (found.action_uri_from, found.rest_api, found.registrar_only, found.srtp) == ((), False, True, "required")
    assert (found.vlan_assignment, found.pc_port, found.syslog, found.firmware) == ("lldp", "unchanged", None, None)
    assert (found.window_from, found.window_to, found.onboarding) == ("02:00", "04:00", False)
    assert (found.password_length, found.keypad_passwords, found.unconfirmed) == (20, False, ())


def test_it_needs_no_other_part_of_the_policy() -> None:
    assert validate(PROFILE, {}, concerns=(), today=TODAY).policy.voice_vlan is None


@pytest.mark.parametrize(("transport", "port"), [("udp", 514), ("tcp", 514), ("tls", 6514)])
def test_the_port_of_syslog_follows_its_transport(transport: str, port: int) -> None:
    syslog = phones({"syslog": {"server": "LOG.example.com", "transport": transport}}).syslog
    assert syslog is not None
    assert (syslog.server, syslog.port, syslog.transport) == ("log.example.com", port, transport)


def test_a_source_of_firmware_is_a_folder() -> None:
    firmware = phones({"firmware": {"source": "https://fw.example.com/phones", "files": {"T54W": "a.rom"}}}).firmware
    assert firmware is not None
    assert (firmware.source, dict(firmware.files)) == ("https://fw.example.com/phones/", {"T54W": "a.rom"})


CASES: list[tuple[Any, list[str]]] = [
    ("off", [f'{PATH}: "off" is not allowed; a mapping of {", ".join(KEYS)}']),
    ({"web": "off"}, [f"{PATH}.web: unknown key; known: {', '.join(KEYS)}"]),
    ({"provisioning_owner": "us"}, [f'{PATH}.provisioning_owner: "us" is not allowed; one of site, provider']),
    ({"web_interface": True}, [f"{PATH}.web_interface: true is not allowed; one of https_only, off"]),
    ({"web_session_minutes": 0}, [f"{PATH}.web_session_minutes: 0 is not allowed; a number of minutes from 1 to 1000"]),
    ({"lockout": {"attempts": 2}}, [f"{PATH}.lockout.attempts: 2 is not allowed; a number of failed log-ins from 3 to 20"]),
    ({"lockout": []}, [f"{PATH}.lockout: a list of 0 items is not allowed; a mapping of attempts, window_seconds, lock_seconds"]),
    ({"action_uri_from": ["any"]}, [f'{PATH}.action_uri_from[0]: "any" is not allowed; the IP address of a host']),
    ({"srtp": "none"}, [f'{PATH}.srtp: "none" is not allowed; one of required, optional']),
    ({"syslog": {}}, [f"{PATH}.syslog.server: missing; it needs the collector, {HOST}"]),
    ({"syslog": {"server": "a b"}}, [f'{PATH}.syslog.server: "a b" is not allowed; {HOST}']),
    ({"firmware": {"source": "http://fw.example.com/"}}, [f'{PATH}.firmware.source: "http://fw.example.com/" is not allowed; {HTTPS}']),
    ({"firmware": {"source": "https://u:p@fw.example.com/"}}, [f'{PATH}.firmware.source: "https://***@fw.example.com/" is not allowed; {HTTPS}']),
    (
        {"firmware": {"source": "https://fw.example.com/", "files": {"T54W": "../x.rom"}}},
        [f'{PATH}.firmware.files.T54W: "../x.rom" is not allowed; the name of a firmware file, such as T54W-96.87.0.15.rom'],
    ),
    ({"update_window": {"from": "04:00", "to": "04:00"}}, [f'{PATH}.update_window.to: "04:00" is not allowed; a time of the same day after 04:00']),
    ({"update_window": {"from": 120}}, [f'{PATH}.update_window.from: 120 is not allowed; a time of day in quotes, such as "02:00"']),
    ({"password_length": 15}, [f"{PATH}.password_length: 15 is not allowed; a number of characters from 16 to 32"]),
    ({"switch_off": ["radio"]}, [f'{PATH}.switch_off[0]: "radio" is not allowed; one of {", ".join(SWITCHES)}']),
    ({"authority": ["x"]}, [f"{PATH}.authority: a list of 1 item is not allowed; {AUTHORITY}"]),
    ({"authority": "-----BEGIN PRIVATE KEY-----\nc2VjcmV0"}, [f"{PATH}.authority: a text of 36 characters is not allowed; {AUTHORITY}"]),
    (
        {"authority": f"-----BEGIN CERTIFICATE-----\n{'c2VjcmV0' * 9}\n-----END CERTIFICATE-----"},
        [f"{PATH}.authority: a text of 126 characters is not allowed; {AUTHORITY}"],
    ),
    ({"unconfirmed": ["yealink.tls.names"]}, [f'{PATH}.unconfirmed[0]: "yealink.tls.names" is not allowed; one of {", ".join(UNCONFIRMED)}']),
]  # fmt: skip


@pytest.mark.parametrize(("section", "errors"), CASES, ids=[str(section)[:60] for section, _errors in CASES])
def test_bad_input(section: Any, errors: list[str]) -> None:
    assert refused(PROFILE, policy(phones=section)) == errors


def test_srtp_that_the_provider_does_not_offer_is_refused() -> None:
    errors = refused(profile(srtp="none"), policy(phones={"srtp": "required"}))
    assert errors == [f'{PATH}.srtp: "required" is not allowed; nothing, because the provider offers no SRTP']
    assert phones({}, profile(srtp="none")).srtp == "none"
    assert phones({}, profile(srtp="optional")).srtp == "optional"
