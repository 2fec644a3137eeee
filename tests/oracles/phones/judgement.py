"""What is insecure in the settings that a phone ends up with.

Each rule names a parameter and what is safe. A parameter whose meaning is certain has to be set, unless the phone as
delivered is safe; one whose values were not read anywhere is only found fault with where it is set to something else.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from . import poly, yealink
from .effective import PASSWORD

Settings = Mapping[str, str]
# Passwords of templates and of phones as delivered (WAZO, FusionPBX, and the vendors' defaults).
KNOWN_PASSWORDS = frozenset(
    "admin user var 456 123 9486 PlcmSpIp guest 12345 0000 22222 cisco password 1234 123456".split()
)
ADMIN_PASSWORD_LENGTH = 16
USER_PASSWORD_LENGTH = 8
LONGEST_WEB_SESSION = 10
WEAK_CIPHERS = re.compile(
    r"(?:^|:)\+?(?:[A-Z0-9-]*(?:NULL|EXP|EXPORT|RC4|3DES|DES-CBC|MD5|LOW|ADH|AECDH)[A-Z0-9-]*|ALL)"
)


@dataclass(frozen=True)
class Rule:
    """One parameter and its safe values: a collection, or a function that says what is wrong."""

    parameter: str
    safe: Collection[str] | Callable[[str], str | None]
    why: str

    def fault(self, value: str) -> str | None:
        """What is wrong with a value."""
        if callable(self.safe):
            return self.safe(value)
        return None if value in self.safe else self.why


Rules = tuple[Rule, ...]


def insecure(vendor: str, parameters: Settings, *, migration: bool = False, onboarding: bool = False) -> list[str]:
    """What is insecure, one text for each, beginning with the parameter; empty when nothing is.

    ``parameters``: what `effective` yields. ``migration``: media encryption may be optional for now. ``onboarding``:
    the phone still may look for its provisioning server. Raises ValueError for a vendor that is not known.
    """
    if vendor == "yealink":
        return list(_yealink(parameters, migration, onboarding))
    if vendor == "poly":
        return list(_poly(parameters, migration, onboarding))
    raise ValueError(f"no vendor {vendor}")


def _session(value: str) -> str | None:
    minutes = int(value) if value.isdigit() else LONGEST_WEB_SESSION + 1
    return None if minutes <= LONGEST_WEB_SESSION else f"sessions last longer than {LONGEST_WEB_SESSION} minutes"


def _https(value: str) -> str | None:
    parts = urlsplit(value)
    if parts.scheme != "https":
        return "not https"
    return "has a password in the address" if parts.password else None


def _ciphers(value: str) -> str | None:
    weak = WEAK_CIPHERS.search(value)
    return f"allows {weak.group().strip(':+')}" if weak else None


def _controllers(value: str) -> str | None:
    if value == "any":
        return "anybody may send action URIs"
    try:
        for part in filter(None, value.split(",")):
            ipaddress.ip_address(part.strip())
    except ValueError:
        return "a pattern, not exact addresses"
    return None


def _host(value: str) -> str | None:
    return None if value else "no server"


def _not_known(value: str) -> str | None:
    return "a well-known one" if value in KNOWN_PASSWORDS else None if value else "empty"


# --- Yealink ---------------------------------------------------------------------------------------------------------

YEALINK: Rules = (
    Rule("wui.http_enable", {"0"}, "web interface without TLS"),
    Rule("wui.quick_login", {"0"}, "passwords in addresses"),
    Rule("features.relog_offtime", _session, ""),
    Rule("security.var_enable", {"0"}, "third account in use"),
    Rule("security.default_access_level", {"0"}, "menus open without the administrator's password"),
    Rule("features.action_uri_limit_ip", _controllers, ""),
    Rule("features.show_action_uri_option", {"1"}, "no question on the screen"),
    Rule("push_xml.server", {""}, "takes pushed pages"),
    Rule("push_xml.sip_notify", {"0"}, "takes pushed pages over SIP"),
    Rule("features.csta_control.enable", {"0"}, "remote control of calls"),
    Rule("managementserver.enable", {"0"}, "TR-069 is on"),
    Rule("security.trust_certificates", {"1"}, "certificates are not checked"),
    Rule("security.cn_validation", {"1"}, "names of certificates are not checked"),
    Rule("security.ca_cert", {"1", "2"}, "the site's authority does not count"),
    Rule("security.default_ssl_method", {"5"}, "less than TLS 1.2"),
    Rule("security.tls_cipher_list", _ciphers, ""),
    Rule("sip.trust_ctrl", {"1"}, "answers SIP from anywhere"),
    Rule("features.direct_ip_call_enable", {"0"}, "calls without the server"),
    Rule("features.ip_call.auto_answer.enable", {"0"}, "takes calls without the server by itself"),
    Rule("network.lldp.enable", {"1"}, "does not ask the switch for its VLAN"),
    Rule("network.cdp.enable", {"0"}, "CDP is on"),
    Rule("network.span_to_pc_port", {"0"}, "mirrors its traffic to the PC port"),
    Rule("auto_provision.server.url", _https, ""),
    Rule("auto_provision.server.username", _host, ""),
    Rule("auto_provision.server.password", _not_known, ""),
    Rule("auto_provision.custom.protect", {"0"}, "the user's changes outlast provisioning"),
    Rule("firmware.url", _https, ""),
    Rule("syslog.enable", {"1"}, "logs nowhere"),
    Rule("syslog.server", _host, ""),
    Rule("local_time.ntp_server1", _host, ""),
    Rule("local_time.manual_ntp_srv_prior", {"1"}, "takes the time from whom DHCP names"),
    Rule("features.reset_by_long_press_enable", {"0"}, "anybody may reset it"),
)
YEALINK_DISCOVERY: Rules = (
    Rule("auto_provision.pnp_enable", {"0"}, "takes its server from multicast"),
    Rule("auto_provision.dhcp_option.enable", {"0"}, "takes its server from DHCP"),
    Rule("zero_touch.enable", {"0"}, "takes its server from the redirection service"),
)
# What a phone may go without.
YEALINK_OPTIONAL = frozenset({"firmware.url", "security.tls_cipher_list"})


def _yealink(parameters: Settings, migration: bool, onboarding: bool) -> Iterator[str]:
    settings = {name.removeprefix("static."): value for name, value in parameters.items()}
    rules = YEALINK if onboarding else YEALINK + YEALINK_DISCOVERY
    known = {
        name: (fact.sure and name not in YEALINK_OPTIONAL, fact.default)
        for name in (rule.parameter for rule in rules)
        if (fact := yealink.MODERN.find(f"static.{name}") or yealink.MODERN.find(name)) is not None
    }
    # With action URIs off, who may send them does not matter.
    if settings.get("features.action_uri.enable") == "0":
        rules = tuple(rule for rule in rules if "action_uri" not in rule.parameter)
    yield from _by_rules(rules, settings, known)
    yield from _yealink_passwords(settings)
    for account in sorted({name.split(".")[1] for name in settings if re.match(r"account\.\d+\.", name)}, key=int):
        yield from _yealink_account(f"account.{account}", settings, migration)


def _yealink_passwords(settings: Settings) -> Iterator[str]:
    passwords = {}
    for role in ("admin", "user", "var"):
        name = settings.get(f"security.user_name.{role}", role)
        password = settings.get(f"{PASSWORD}:{name}") or settings.get(f"{PASSWORD}:{role}")
        if password is None:
            yield f"{PASSWORD}: {role} keeps the password that the phone was delivered with"
            continue
        passwords[role] = password
        yield from _weak(f"{PASSWORD} of {role}", password, role == "admin")
    if len(set(passwords.values())) < len(passwords):
        yield f"{PASSWORD}: two accounts share one"


def _yealink_account(account: str, settings: Settings, migration: bool) -> Iterator[str]:
    enabled = settings.get(f"{account}.enable")
    servers = sorted({
        match[1] for name, value in settings.items()
        if value and (match := re.fullmatch(rf"({re.escape(account)}\.sip_server\.\d+)\.address", name))
    })
    if enabled == "0" or (enabled is None and not servers):
        return
    for server in servers:
        if settings.get(f"{server}.transport_type", "0") != "2":
            yield f"{server}.transport_type: signalling without TLS"
        if settings.get(f"{server}.port", "5060") == "5060":
            yield f"{server}.port: 5060, where TLS has 5061"
    srtp = settings.get(f"{account}.srtp_encryption", "0")
    if srtp not in ({"1", "2"} if migration else {"2"}):
        yield f"{account}.srtp_encryption: media may go unencrypted"
    for kind in ("rtp", "rtcp"):
        if settings.get(f"{account}.srtp.unencrypted_{kind}.enable", "0") != "0":
            yield f"{account}.srtp.unencrypted_{kind}.enable: null cipher"


# --- Poly ------------------------------------------------------------------------------------------------------------

POLY_WEB: Rules = (
    Rule("httpd.cfg.secureTunnelEnabled", {"1"}, "web interface without TLS"),
    Rule("httpd.cfg.secureTunnelRequired", {"1"}, "web interface also without TLS"),
    Rule("httpd.cfg.lockWebUI.enable", {"1"}, "any number of tries to log in"),
)
POLY: Rules = (
    Rule("httpd.ta.enabled", {"0"}, "test automation is on (CVE-2023-4467)"),
    Rule("diags.telnetd.enabled", {"0"}, "telnet is on (CVE-2023-4464)"),
    Rule("device.feature.nat.ice.enabled", {"0"}, "ICE is on (CVE-2026-0826)"),
    Rule("diags.pcap.enabled", {"0"}, "captures packets"),
    Rule("diags.pcap.remote.enabled", {"0"}, "captures packets for others"),
    Rule("apps.restapi.sipNotify.enabled", {"0"}, "takes REST over SIP"),
    Rule("apps.push.messageType", {"0"}, "takes pushed pages"),
    Rule("apps.push.secureTunnelRequired", {"1"}, "pushed pages without TLS"),
    Rule("sec.TLS.SIP.strictCertCommonNameValidation", {"1"}, "names of certificates are not checked"),
    Rule("device.sec.TLS.prov.strictCertCommonNameValidation", {"1"}, "names of certificates are not checked"),
    *(
        Rule(f"{name}", {"TLSv1_2"}, "less than TLS 1.2")
        for name in "sec.TLS.protocol.sip sec.TLS.protocol.webServer sec.TLS.protocol.browser "
        "device.sec.TLS.protocol.prov device.sec.TLS.protocol.syslog".split()
    ),
    Rule("sec.srtp.enable", {"1"}, "media encryption is off"),
    Rule("sec.srtp.offer", {"1"}, "media encryption is not offered"),
    Rule("feature.urlDialing.enabled", {"0"}, "calls without the server"),
    Rule("device.net.lldpEnabled", {"1"}, "does not ask the switch for its VLAN"),
    Rule("device.net.cdpEnabled", {"0"}, "CDP is on"),
    Rule("device.prov.serverType", {"3"}, "provisioning without TLS"),
    Rule("device.prov.serverName", _host, ""),
    Rule("device.prov.user", _not_known, ""),
    Rule("device.prov.password", _not_known, ""),
    Rule("device.prov.tagSerialNo", {"1"}, "the server does not learn who asks"),
    Rule("device.syslog.serverName", _host, ""),
    Rule("device.syslog.transport", {"1", "2", "3"}, "logs nowhere"),
    Rule("tcpIpApp.sntp.address", _host, ""),
    Rule("tcpIpApp.sntp.address.overrideDHCP", {"1"}, "takes the time from whom DHCP names"),
    Rule("feature.callRecording.enabled", {"0"}, "records calls"),
    Rule("feature.logUpload.enabled", {"0"}, "sends its logs away"),
)
POLY_DISCOVERY: Rules = (Rule("device.dhcp.bootSrvUseOpt", {"2"}, "takes its server from DHCP"),)
# Requests that a stranger could send with effect.
POLY_VALIDATED = ("INVITE", "NOTIFY", "OPTIONS", "REFER")


def _poly(settings: Settings, migration: bool, onboarding: bool) -> Iterator[str]:
    rules = POLY if onboarding else POLY + POLY_DISCOVERY
    if settings.get("httpd.enabled") != "0" and settings.get("httpd.cfg.enabled") != "0":
        rules = POLY_WEB + rules
    known = {
        rule.parameter: (fact.sure, fact.default)
        for rule in rules if (fact := poly.ALL.find(rule.parameter)) is not None
    }
    yield from _by_rules(rules, settings, known)
    if not migration and settings.get("sec.srtp.require") != "1":
        yield "sec.srtp.require: media may go unencrypted"
    yield from _poly_passwords(settings)
    yield from _poly_servers(settings)
    yield from _poly_requests(settings)


def _poly_passwords(settings: Settings) -> Iterator[str]:
    names = {"admin": "device.auth.localAdminPassword", "user": "device.auth.localUserPassword"}
    passwords = {role: settings[name] for role, name in names.items() if name in settings}
    for role, name in names.items():
        if role not in passwords:
            yield f"{name}: the password that the phone was delivered with"
        else:
            yield from _weak(name, passwords[role], role == "admin")
    if len(passwords) == 2 and len(set(passwords.values())) == 1:
        yield f"{names['user']}: the administrator's password as well"


def _poly_servers(settings: Settings) -> Iterator[str]:
    for name, value in sorted(settings.items()):
        match = re.fullmatch(r"(reg\.\d+\.(?:server\.\d+|outboundProxy)|voIpProt\.server\.\d+)\.address", name)
        if match is None or not value:
            continue
        if settings.get(f"{match[1]}.transport", "DNSnaptr") != "TLS":
            yield f"{match[1]}.transport: signalling without TLS"
        if settings.get(f"{match[1]}.port", "5060") in {"5060", "0", ""}:
            yield f"{match[1]}.port: 5060, where TLS has 5061"
    for name, value in sorted(settings.items()):
        if re.fullmatch(r"reg\.\d+\.srtp\.(enable|offer|require)", name) and value == "0":
            yield f"{name}: media encryption is off for this line"


def _poly_requests(settings: Settings) -> Iterator[str]:
    prefix = "voIpProt.SIP.requestValidation."
    methods = {
        value: settings.get(name.removesuffix("request") + "method", "Null")
        for name, value in settings.items() if re.fullmatch(re.escape(prefix) + r"\d+\.request", name)
    }
    for request in POLY_VALIDATED:
        if methods.get(request) not in {"source", "both", "all"}:
            yield f"{prefix}x: {request} is taken from anywhere"
    digest = {"digest", "both", "all"} & set(methods.values())
    if digest and settings.get(f"{prefix}digest.realm", "PolycomSPIP") == "PolycomSPIP":
        yield f"{prefix}digest.realm: the one that every phone was delivered with"


# --- both ------------------------------------------------------------------------------------------------------------


def _by_rules(
    rules: Collection[Rule], settings: Settings, known: Mapping[str, tuple[bool, str | None]]
) -> Iterator[str]:
    for rule in rules:
        sure, default = known.get(rule.parameter, (False, None))
        value = settings.get(rule.parameter, default)
        if value is None:
            if sure:
                yield f"{rule.parameter}: not set, and what the phone has is not known"
        elif (fault := rule.fault(value)) is not None:
            yield f"{rule.parameter}: {fault}"


def _weak(name: str, password: str, admin: bool) -> Iterator[str]:
    least = ADMIN_PASSWORD_LENGTH if admin else USER_PASSWORD_LENGTH
    if password in KNOWN_PASSWORDS:
        yield f"{name}: a well-known one"
    elif len(password) < least:
        yield f"{name}: shorter than {least}"
