"""The facts of phone parameters: which exist on which line, what their values may be."""

from __future__ import annotations

import pytest

from tests.oracles.phones import fact_of, facts, line_of, problem_of
from tests.oracles.phones.poly import LINES as POLY_LINES
from tests.oracles.phones.yealink import LINES as YEALINK_LINES
from tests.unit.oracles.phones_samples import YEALINK, poly_parameters

EVERY_LINE = [("yealink", line) for line in YEALINK_LINES] + [("poly", line) for line in POLY_LINES]


@pytest.mark.parametrize(("vendor", "line"), EVERY_LINE)
def test_every_fact_has_a_source_and_a_safe_default(vendor: str, line: str) -> None:
    table = facts(vendor, line).table
    assert len({fact.pattern for fact in table}) == len(table) > 100
    for fact in table:
        assert fact.source
        assert fact.default is None or fact.scale.problem(fact.default) is None, fact.pattern


def test_indices_count_from_one() -> None:
    assert fact_of("yealink", "v86", "account.16.sip_server.2.port") is not None
    assert fact_of("yealink", "v86", "account.0.sip_server.1.port") is None
    assert fact_of("yealink", "v86", "account.X.sip_server.Y.port") is None
    assert fact_of("poly", "ucs6", "reg.2.server.1.transport") is not None
    assert fact_of("poly", "ucs6", "reg.2.server.1.transports") is None


def test_the_prefix_belongs_to_the_newer_lines() -> None:
    assert fact_of("yealink", "v86", "static.security.trust_certificates") is not None
    assert fact_of("yealink", "v86", "security.trust_certificates") is None
    assert fact_of("yealink", "v80", "security.trust_certificates") is not None
    assert fact_of("yealink", "v80", "static.security.trust_certificates") is None
    # Never had the prefix.
    assert fact_of("yealink", "v80", "sip.trust_ctrl") == fact_of("yealink", "v86", "sip.trust_ctrl")
    # Came after v80.
    assert fact_of("yealink", "v80", "security.default_ssl_method") is None


def test_only_flash_parameters_have_a_companion() -> None:
    companion = fact_of("poly", "ucs6", "device.net.vlanId.set")
    assert companion is not None
    assert companion.scale.problem("1") is None
    assert fact_of("poly", "ucs6", "device.set") is not None
    assert fact_of("poly", "ucs6", "sec.srtp.enable.set") is None
    assert fact_of("poly", "ucs6", "device.no.such.set") is None


@pytest.mark.parametrize(("vendor", "version", "line"), [
    ("yealink", "96.86.0.45", "v86"), ("yealink", "66.84.0.15", "v84"), ("yealink", "54.80.0.10", "v80"),
    ("poly", "6.4.7.4477", "ucs6"), ("poly", "5.9.8.5760", "ucs5"), ("poly", "8.3.1.0050", "pvos8"),
])
def test_the_line_of_a_version(vendor: str, version: str, line: str) -> None:
    assert line_of(vendor, version) == line


@pytest.mark.parametrize(("vendor", "version"), [("yealink", "6.70.0.1"), ("poly", "3.1.6.0017"), ("snom", "8.7.5.35")])
def test_of_other_lines_nothing_is_known(vendor: str, version: str) -> None:
    with pytest.raises(ValueError, match="no facts of"):
        line_of(vendor, version)


@pytest.mark.parametrize(("vendor", "parameter", "value", "wrong"), [
    ("yealink", "static.wui.https_enabled", "1", "static.wui.https_enabled: not known to yealink v86"),
    ("yealink", "static.wui.https_enable", "yes", "static.wui.https_enable: 'yes' is not one of 0, 1"),
    ("yealink", "account.1.sip_server.1.transport_type", "tls",
     "account.1.sip_server.1.transport_type: 'tls' is not one of 0, 1, 2, 3"),
    ("yealink", "static.security.default_ssl_method", "2",
     "static.security.default_ssl_method: '2' is not one of 0, 3, 4, 5"),
    ("yealink", "static.network.port.https", "70000",
     "static.network.port.https: '70000' is not a number from 1 to 65535"),
    ("yealink", "static.network.port.https", "443 ",
     "static.network.port.https: '443 ' is not a number from 1 to 65535"),
    ("yealink", "features.action_uri_limit_ip", "192.0.2.0/24",
     "features.action_uri_limit_ip: '192.0.2.0/24' names '192.0.2.0/24', no address and no pattern"),
    ("yealink", "static.security.user_password", "hunter2hunter2",
     "static.security.user_password: its value is not of the form name:password"),
    ("yealink", "static.auto_provision.server.url", "prov.example.com",
     "static.auto_provision.server.url: 'prov.example.com' does not begin with one of ftp, http, https, tftp://"),
    ("yealink", "static.auto_provision.weekly.begin_time", "24:00",
     "static.auto_provision.weekly.begin_time: '24:00' is not HH:MM"),
    ("yealink", "sip.request_validation.source.list", "INVITE,NOTFY",
     "sip.request_validation.source.list: 'INVITE,NOTFY' names 'NOTFY', no SIP method"),
    ("yealink", "static.syslog.server", "log_.-",
     "static.syslog.server: 'log_.-' is neither a host name nor an address"),
    ("poly", "reg.1.server.1.transport", "tls",
     "reg.1.server.1.transport: 'tls' is not one of DNSnaptr, TCPOnly, TCPpreferred, TLS, UDPOnly"),
    ("poly", "device.net.vlanId.set", "yes", "device.net.vlanId.set: 'yes' is not one of 0, 1"),
    ("poly", "prov.polling.period", "60", "prov.polling.period: '60' is not a number from 3600 to 8640000"),
    ("poly", "device.prov.serverName", "https://prov.example.com",
     "device.prov.serverName: 'https://prov.example.com' is neither a host name nor an address"),
    ("poly", "voIpProt.SIP.requestValidation.1.method", "none",
     "voIpProt.SIP.requestValidation.1.method: 'none' is not one of Null, all, both, digest, source"),
])
def test_problems_are_named(vendor: str, parameter: str, value: str, wrong: str) -> None:
    assert problem_of(vendor, "v86" if vendor == "yealink" else "ucs6", parameter, value) == wrong


@pytest.mark.parametrize(("vendor", "parameter", "value"), [
    ("yealink", "static.network.vlan.internet_port_vid", "%NULL%"),
    ("yealink", "features.action_uri_limit_ip", "192.0.2.10,198.51.100.*"),
    ("yealink", "features.action_uri_limit_ip", "any"),
    ("yealink", "static.auto_provision.server.url", "https://prov.example.com:8443/site/"),
    ("poly", "device.prov.serverName", "prov.example.com:8443/site"),
    ("poly", "device.prov.serverName", "192.0.2.20"),
    ("poly", "sec.TLS.customCaCert.5", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"),
])
def test_what_phones_take_is_no_problem(vendor: str, parameter: str, value: str) -> None:
    assert problem_of(vendor, "v86" if vendor == "yealink" else "ucs6", parameter, value) is None


def test_the_samples_are_known_to_the_tables() -> None:
    for line in YEALINK.strip().splitlines():
        name, _equals, value = line.partition(" = ")
        assert problem_of("yealink", "v87", name, value) is None
    for name, value in poly_parameters().items():
        assert problem_of("poly", "pvos8", name, value) is None


def test_what_no_source_settles_is_marked() -> None:
    unsure = "static.security.ca_cert static.network.802_1x.mode static.syslog.transport_type sip.listen_mode".split()
    for name in unsure:
        fact = fact_of("yealink", "v86", name)
        assert fact is not None
        assert (fact.name, fact.sure) == ("verified", False)
    lens = fact_of("poly", "ucs6", "lens.connection.enable")
    assert lens is not None
    assert lens.name == "unsure"
    assert all(
        fact_of("yealink", "v86", name).sure  # type: ignore[union-attr]
        for name in ("sip.trust_ctrl", "static.security.default_ssl_method", "account.1.srtp_encryption")
    )
