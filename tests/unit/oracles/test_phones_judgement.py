"""What the judgement finds: nothing on a hardened phone, and every single departure from it."""

from __future__ import annotations

import pytest

from tests.oracles.phones import Layer, effective, insecure, parse_cfg
from tests.unit.oracles.phones_samples import poly_parameters, yealink_file


def yealink(**changes: str) -> dict[str, str]:
    """The sample with some lines changed; names with `__` for dots, None's text to leave a line out."""
    found = effective("yealink", [Layer("file", parse_cfg(yealink_file()))])
    return _changed(found, changes)


def poly(**changes: str) -> dict[str, str]:
    """Likewise."""
    found = effective("poly", [Layer("config", poly_parameters())])
    return _changed(found, changes)


def _changed(found: dict[str, str], changes: dict[str, str]) -> dict[str, str]:
    for name, value in changes.items():
        found[name.replace("__", ".")] = value
    return found


def without(settings: dict[str, str], name: str) -> dict[str, str]:
    del settings[name]
    return settings


def test_the_hardened_samples_are_secure() -> None:
    assert insecure("yealink", yealink()) == []
    assert insecure("poly", poly()) == []


def test_old_names_are_judged_alike() -> None:
    old = {name.removeprefix("static."): value for name, value in yealink(sip__trust_ctrl="0").items()}
    assert insecure("yealink", old) == ["sip.trust_ctrl: answers SIP from anywhere"]


@pytest.mark.parametrize(("parameter", "value", "found"), [
    ("static.wui.http_enable", "1", "wui.http_enable: web interface without TLS"),
    ("wui.quick_login", "1", "wui.quick_login: passwords in addresses"),
    ("features.relog_offtime", "500", "features.relog_offtime: sessions last longer than 10 minutes"),
    ("static.security.trust_certificates", "0", "security.trust_certificates: certificates are not checked"),
    ("static.security.cn_validation", "0", "security.cn_validation: names of certificates are not checked"),
    ("static.security.default_ssl_method", "3", "security.default_ssl_method: less than TLS 1.2"),
    ("security.tls_cipher_list", "RC4:!ADH:!LOW", "security.tls_cipher_list: allows RC4"),
    ("sip.trust_ctrl", "0", "sip.trust_ctrl: answers SIP from anywhere"),
    ("features.direct_ip_call_enable", "1", "features.direct_ip_call_enable: calls without the server"),
    ("account.1.sip_server.1.transport_type", "0", "account.1.sip_server.1.transport_type: signalling without TLS"),
    ("account.1.sip_server.1.port", "5060", "account.1.sip_server.1.port: 5060, where TLS has 5061"),
    ("account.1.srtp_encryption", "1", "account.1.srtp_encryption: media may go unencrypted"),
    ("account.1.srtp.unencrypted_rtp.enable", "1", "account.1.srtp.unencrypted_rtp.enable: null cipher"),
    ("static.auto_provision.server.url", "http://prov.example.com/", "auto_provision.server.url: not https"),
    ("static.auto_provision.server.url", "https://a:b@prov.example.com/",
     "auto_provision.server.url: has a password in the address"),
    ("static.auto_provision.custom.protect", "1",
     "auto_provision.custom.protect: the user's changes outlast provisioning"),
    ("static.auto_provision.pnp_enable", "1", "auto_provision.pnp_enable: takes its server from multicast"),
    ("static.zero_touch.enable", "1", "zero_touch.enable: takes its server from the redirection service"),
    ("static.network.span_to_pc_port", "1", "network.span_to_pc_port: mirrors its traffic to the PC port"),
    ("static.security.user_password:user", "user", "security.user_password of user: a well-known one"),
    ("static.security.user_password:admin", "short", "security.user_password of admin: shorter than 16"),
    ("static.security.user_password:var", "hT5nPq8dRy", "security.user_password: two accounts share one"),
])
def test_each_departure_of_a_yealink_is_found(parameter: str, value: str, found: str) -> None:
    assert insecure("yealink", {**yealink(), parameter: value}) == [found]


def test_what_is_not_set_is_not_safe() -> None:
    assert insecure("yealink", without(yealink(), "static.wui.http_enable")) == [
        "wui.http_enable: not set, and what the phone has is not known"
    ]
    # As delivered it negotiates; action URIs are on, but nobody may send them.
    assert insecure("yealink", without(yealink(), "static.security.default_ssl_method")) == [
        "security.default_ssl_method: less than TLS 1.2"
    ]
    assert insecure("yealink", without(yealink(), "features.action_uri.enable")) == []
    assert insecure("yealink", without(yealink(), "static.security.user_password:user")) == [
        "security.user_password: user keeps the password that the phone was delivered with"
    ]
    # What 0 and 1 mean there was not read: leaving it alone is no fault.
    assert insecure("yealink", without(yealink(), "static.network.span_to_pc_port")) == []


def test_action_uris_are_for_exact_controllers() -> None:
    for listed, found in (("any", "anybody may send action URIs"), ("192.0.2.*", "a pattern, not exact addresses")):
        settings = yealink(features__action_uri__enable="1", features__action_uri_limit_ip=listed)
        assert insecure("yealink", settings) == [f"features.action_uri_limit_ip: {found}"]
    settings = yealink(features__action_uri__enable="1", features__action_uri_limit_ip="192.0.2.10,192.0.2.11")
    assert insecure("yealink", settings) == []
    assert insecure("yealink", {**settings, "features.show_action_uri_option": "0"}) == [
        "features.show_action_uri_option: no question on the screen"
    ]


def test_every_account_and_every_server_counts() -> None:
    settings = {**yealink(), "account.2.enable": "1", "account.2.sip_server.1.address": "sip.example.com",
                "account.1.sip_server.2.address": "192.0.2.5"}
    assert insecure("yealink", settings) == [
        "account.1.sip_server.2.transport_type: signalling without TLS",
        "account.1.sip_server.2.port: 5060, where TLS has 5061",
        "account.2.sip_server.1.transport_type: signalling without TLS",
        "account.2.sip_server.1.port: 5060, where TLS has 5061",
        "account.2.srtp_encryption: media may go unencrypted",
    ]
    assert len(insecure("yealink", {**settings, "account.2.enable": "0"})) == 2


def test_what_may_wait() -> None:
    assert insecure("yealink", yealink(account__1__srtp_encryption="1"), migration=True) == []
    assert insecure("yealink", {**yealink(), "static.zero_touch.enable": "1"}, onboarding=True) == []
    assert insecure("poly", poly(sec__srtp__require="0"), migration=True) == []
    assert insecure("poly", poly(device__dhcp__bootSrvUseOpt="3"), onboarding=True) == []


@pytest.mark.parametrize(("parameter", "value", "found"), [
    ("httpd.cfg.secureTunnelRequired", "0", "httpd.cfg.secureTunnelRequired: web interface also without TLS"),
    ("httpd.cfg.lockWebUI.enable", "0", "httpd.cfg.lockWebUI.enable: any number of tries to log in"),
    ("httpd.ta.enabled", "1", "httpd.ta.enabled: test automation is on (CVE-2023-4467)"),
    ("diags.telnetd.enabled", "1", "diags.telnetd.enabled: telnet is on (CVE-2023-4464)"),
    ("device.feature.nat.ice.enabled", "1", "device.feature.nat.ice.enabled: ICE is on (CVE-2026-0826)"),
    ("apps.push.messageType", "5", "apps.push.messageType: takes pushed pages"),
    ("reg.1.server.1.transport", "DNSnaptr", "reg.1.server.1.transport: signalling without TLS"),
    ("reg.1.server.1.port", "5060", "reg.1.server.1.port: 5060, where TLS has 5061"),
    ("sec.TLS.protocol.sip", "TLSv1_0", "sec.TLS.protocol.sip: less than TLS 1.2"),
    ("sec.TLS.SIP.strictCertCommonNameValidation", "0",
     "sec.TLS.SIP.strictCertCommonNameValidation: names of certificates are not checked"),
    ("sec.srtp.require", "0", "sec.srtp.require: media may go unencrypted"),
    ("reg.1.srtp.enable", "0", "reg.1.srtp.enable: media encryption is off for this line"),
    ("voIpProt.SIP.requestValidation.2.method", "Null",
     "voIpProt.SIP.requestValidation.x: NOTIFY is taken from anywhere"),
    ("voIpProt.SIP.requestValidation.1.method", "both",
     "voIpProt.SIP.requestValidation.digest.realm: the one that every phone was delivered with"),
    ("device.auth.localAdminPassword", "456", "device.auth.localAdminPassword: a well-known one"),
    ("device.auth.localUserPassword", "Vk7mQ2rX9tLw4ZsB",
     "device.auth.localUserPassword: the administrator's password as well"),
    ("device.prov.serverType", "2", "device.prov.serverType: provisioning without TLS"),
    ("device.prov.user", "PlcmSpIp", "device.prov.user: a well-known one"),
    ("device.dhcp.bootSrvUseOpt", "0", "device.dhcp.bootSrvUseOpt: takes its server from DHCP"),
])
def test_each_departure_of_a_poly_is_found(parameter: str, value: str, found: str) -> None:
    assert insecure("poly", {**poly(), parameter: value}) == [found]


def test_a_poly_without_web_interface_needs_no_rules_for_it() -> None:
    settings = poly(httpd__cfg__secureTunnelRequired="0")
    assert insecure("poly", {**settings, "httpd.enabled": "0"}) == []


def test_a_poly_file_without_companions_hardens_no_flash() -> None:
    bare = {name: value for name, value in poly_parameters().items() if not name.endswith(".set")}
    found = insecure("poly", effective("poly", [Layer("config", bare)]))
    assert "device.auth.localAdminPassword: the password that the phone was delivered with" in found
    assert "device.prov.serverType: not set, and what the phone has is not known" in found


def test_a_public_template_as_it_is_delivered_has_many_faults() -> None:
    text = """#!version:1.0.0.1
static.auto_provision.pnp_enable = 0
static.auto_provision.custom.protect = 1
features.show_action_uri_option = 0
features.action_uri_limit_ip = 192.0.2.5
sip.trust_ctrl = 1
features.direct_ip_call_enable = 1
static.security.user_password = user:user
static.security.user_password = admin:admin
account.1.enable = 1
account.1.sip_server.1.address = 192.0.2.5
account.1.sip_server.1.transport_type = 0
account.1.srtp_encryption = 0
"""
    found = insecure("yealink", effective("yealink", [Layer("file", parse_cfg(text))]))
    for part in (
        "security.user_password of admin: a well-known one", "security.user_password of user: a well-known one",
        "features.direct_ip_call_enable: calls without the server",
        "auto_provision.custom.protect: the user's changes outlast provisioning",
        "account.1.sip_server.1.transport_type: signalling without TLS",
    ):
        assert part in found


def test_other_vendors_are_not_judged() -> None:
    with pytest.raises(ValueError, match="no vendor snom"):
        insecure("snom", {})
