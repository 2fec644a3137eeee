# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Grandstream, Snom, Fanvil and Cisco MPP phones: intents and parameters that public sources show. Data.

What is rendered for them is a file to be handed over: no phone of theirs was tried, their files cannot be laid over
those of others, and whether they take a file that holds a part of their settings is not known. Nobody's passwords are
in it, although the tables say where they would stand.

Left out on purpose, although a source shows the name: Cisco's `Auth_INVITE`, for which the phone asks its own registrar
for a password and takes no calls; `network.port.pc.mode` as a word on mirroring, since `Enabled` would open a port that
somebody closed; Cisco's `Profile_Rule` and Snom's `user_outbound`, which hold more than what a policy says of them.

Sources: the templates of fusionpbx/fusionpbx (commit c7a00dcb): `grandstream/grp261x`, `grandstream/gxp16xx`,
`grandstream/gxp21xx`, `fanvil/x4u`, `cisco/8841`, `snom/D715` and `snom/PA1`; `plugins/wazo_snom` of
wazo-platform/wazo-provd-plugins (commit 2321a3f3); Snom's hardening guideline (service.snom.com).
"""

from __future__ import annotations

from dataclasses import dataclass

from .table import SWITCH, Codec, Number, Parameter, Password, Text, Unshown, Value, Words

YES = Words(((True, "Yes"), (False, "No")))
ON = Words(((True, "on"), (False, "off")))
# Switched off where nobody is to control the phone, and never on: whom it would obey is not said with certainty.
NO_ALONE, OFF_ALONE = Words(((False, "No"),)), Words(((False, "0"),))


@dataclass(frozen=True, slots=True)
class Within:
    """A whole number of a range; of a number that is counted in smaller units, `unit` of them are one."""

    least: int
    most: int
    unit: int = 1

    def write(self, value: Value) -> str:
        number, rest = divmod(int(value), self.unit)  # type: ignore[arg-type]
        if rest or not self.least <= number <= self.most:
            raise KeyError(value)
        return str(number)

    def read(self, text: str) -> Value | None:
        return int(text) * self.unit if text.isascii() and text.isdecimal() else text or None


@dataclass(frozen=True, slots=True)
class OneHost(Text):
    """A single host; how several are parted is not shown."""

    def write(self, value: Value) -> str:
        if "," in str(value):
            raise KeyError(value)
        return str(value)


@dataclass(frozen=True, slots=True)
class ShortPassword(Password):
    """A password that is no longer than the phone takes."""

    longest: int

    def write(self, value: Value) -> str:
        text = Password.write(self, value)
        if len(text) > self.longest:
            raise KeyError("longer than the phone takes")
        return text


def _parameter(intent: str, name: str, codec: Codec, source: str) -> Parameter:
    return Parameter(intent=intent, names=((0, name),), codec=codec, source=source)


def _p_value(intent: str, codec: Codec, *numbers: int) -> Parameter:
    """A P-value; of an account's setting one number for each account, from the first on."""
    name = "P{line}" if len(numbers) > 1 else f"P{numbers[0]}"
    by_line = numbers if len(numbers) > 1 else ()
    return Parameter(intent=intent, names=((0, name),), codec=codec, source=_GXP, by_line=by_line)


_GRP, _D7, _X4, _MPP = "FPBX grp261x", "FPBX D715; WAZO", "FPBX x4u", "FPBX 8841"
_GXP = "FPBX gxp16xx, gxp21xx"

GRANDSTREAM: tuple[Parameter, ...] = (
    _parameter("web.http", "security.webAccessMode", Words(((False, "HTTPS"), (True, "HTTP"))), _GRP),
    _parameter("web.lock_attempts", "security.webAccess.attemptLimit", Within(1, 10), _GRP),
    _parameter("web.lock_seconds", "security.webKeypadRestrictModeLockoutDuration", Within(0, 60, 60), _GRP),
    _parameter("auth.admin", "users.admin.password", Password(), _GRP),
    _parameter("auth.user", "users.user.password", Password(), _GRP),
    _parameter(
        "auth.level",
        "security.configurationViaKeypadMenu",
        Words((("user", "ConstraintMode"), ("user", "LockedMode"), ("admin", "Unrestricted"))),
        _GRP,
    ),
    _parameter("remote.action_uri", "remoteControl.enable", NO_ALONE, _GRP),
    _parameter("remote.action_uri_from", "remoteControl.allowList", OneHost(), _GRP),
    _parameter("remote.action_uri_prompt", "remoteControl.confirmWindow.enable", YES, _GRP),
    _parameter("remote.csta", "remoteControl.csta.enable", YES, _GRP),
    _parameter(
        "sip.transport", "account.{line}.sip.transport", Words((("udp", "0"), ("tcp", "1"), ("tls", "2"))), _GRP
    ),
    _parameter("sip.registrar_only", "account.{line}.sip.validate.incomingServer", YES, _GRP),
    _parameter("sip.registrar_only", "account.{line}.sip.validate.incomingMessage", YES, _GRP),
    _parameter("sip.registrar_only", "account.{line}.sip.validate.userIdforInvite", YES, _GRP),
    _parameter("tls.minimum", "security.minimum.TLS.version", Words((("1.2", "TLS_1_2"), ("1.1", "TLS_1_1"))), _GRP),
    _parameter("tls.trusted_only", "security.validate.serverCertificate", YES, _GRP),
    _parameter("tls.trusted_only", "account.{line}.sip.validate.certificationChain", YES, _GRP),
    _parameter("tls.names", "account.{line}.sip.validate.domainCertificates", YES, _GRP),
    _parameter("tls.names", "provisioning.validateHostnameInCertificate", YES, _GRP),
    _parameter(
        "srtp",
        "account.{line}.audio.srtpMode",
        Words((("required", "EnabledAndForced"), ("optional", "EnabledButNotForced"), ("off", "Disabled"))),
        _GRP,
    ),
    _parameter("vlan.lldp", "network.lldp.enable", YES, _GRP),
    _parameter("vlan.cdp", "network.cdp", YES, _GRP),
    _parameter("vlan.static", "network.port.eth.1.vlan.enable", YES, _GRP),
    _parameter("vlan.id", "network.port.eth.1.vlan.tag", Number(), _GRP),
    _parameter("vlan.priority", "network.port.eth.1.vlan.priority", Number(), _GRP),
    _parameter("port.pc", "network.port.pc.mode", Words(((False, "Disabled"),)), _GRP),
    _parameter("prov.protocol", "provisioning.config.protocol", Words((("https", "HTTPS"), ("http", "HTTP"))), _GRP),
    _parameter("prov.server", "provisioning.config.serverPath", Text(), _GRP),
    _parameter("prov.dhcp", "provisioning.override.dhcp.allowCommonOptions", YES, _GRP),
    _parameter(
        "log.on",
        "maintain.syslog.level",
        Words(((True, "Info"), (True, "Debug"), (True, "Warning"), (True, "Error"), (False, "None"))),
        _GRP,
    ),
    _parameter("log.server", "maintain.syslog.server", Text(), _GRP),
    _parameter("log.transport", "maintain.syslog.protocol", Words((("udp", "UDP"), ("tls", "SSL_TLS"))), _GRP),
    _parameter("ntp.first", "dateTime.ntp.server.1", Text(), _GRP),
    _parameter("ntp.second", "dateTime.ntp.server.2", Text(), _GRP),
)

GRANDSTREAM_P_VALUES: tuple[Parameter, ...] = (
    _p_value("web.http", SWITCH, 1650),
    _p_value("auth.admin", Password(), 2),
    _p_value("auth.user", Password(), 196),
    _p_value("sip.transport", Words((("udp", "0"), ("tcp", "1"), ("tls", "2"))), 130, 448, 548, 648, 1748, 1848),
    _p_value("sip.registrar_only", SWITCH, 2347, 2447, 2547, 2647, 2747, 2847),
    _p_value("sip.registrar_only", SWITCH, 2306, 2406, 2506, 2606, 2706, 2806),
    _p_value("sip.registrar_only", SWITCH, 258, 449, 549, 649, 1749, 1849),
    _p_value("tls.names", SWITCH, 2311, 2411, 2511, 2611, 2711, 2811),
    _p_value("srtp", Words((("required", "2"), ("optional", "1"), ("off", "0"))), 183, 443, 543, 643, 1743, 1843),
    _p_value("vlan.lldp", SWITCH, 1684),
    _p_value("vlan.id", Number(), 51),
    _p_value("vlan.priority", Number(), 87),
    _p_value("port.pc", Words(((False, "1"),)), 1348),
)
"""The old form of Grandstream's settings, in which each has a number."""

SNOM: tuple[Parameter, ...] = (
    _parameter("web.https", "webserver_type", Words(((True, "https"), (False, "off"))), "WAZO; Snom's guideline"),
    _parameter("auth.admin_name", "http_user", Text(), _D7),
    _parameter("auth.admin", "http_pass", ShortPassword(16), "FPBX D715; Snom's guideline"),
    _parameter("auth.admin", "admin_mode_password", Password(), _D7),
    _parameter("auth.admin", "admin_mode_password_confirm", Password(), "FPBX D715"),
    _parameter("auth.level", "admin_mode", Words((("user", "off"), ("admin", "on"))), "Snom's guideline; FPBX D715"),
    _parameter("sip.registrar_only", "filter_registrar", ON, "FPBX PA1; Snom's guideline"),
    _parameter("sip.registrar_only", "challenge_checksync", ON, "FPBX PA1; Snom's guideline"),
    _parameter("sip.registrar_only", "challenge_reboot", ON, "FPBX PA1; Snom's guideline"),
    _parameter("tls.trusted_only", "tls_server_authentication", ON, "FPBX PA1; Snom's guideline"),
    _parameter("srtp.offered", "user_srtp[{line}]", ON, _D7),
    _parameter("srtp", "user_savp[{line}]", Words((("required", "mandatory"), ("optional", "optional"))), "WAZO"),
    _parameter("vlan.id", "vlan_id", Number(), "WAZO; FPBX PA1"),
    _parameter("vlan.priority", "vlan_qos", Number(), "WAZO; FPBX PA1"),
    _parameter("prov.server", "setting_server", Text("https://"), "FPBX D715"),
    _parameter("prov.pnp", "pnp_config", ON, "WAZO"),
    _parameter("ntp.first", "ntp_server", Text(), "FPBX D715"),
)

FANVIL: tuple[Parameter, ...] = (
    _parameter("auth.admin_name", "web/account[1]/Name", Text(), _X4),
    _parameter("auth.admin", "web/account[1]/Password", Password(), _X4),
    _parameter("auth.user_name", "web/account[2]/Name", Text(), _X4),
    _parameter("auth.user", "web/account[2]/Password", Password(), _X4),
    _parameter("remote.csta", "sip/CSTAEnable", SWITCH, _X4),
    _parameter("sip.transport", "sip/line[{line}]/Transport", Words((("udp", "0"), ("tcp", "1"), ("tls", "3"))), _X4),
    _parameter("sip.port", "sip/line[{line}]/RegisterPort", Number(), _X4),
    _parameter("remote.action_uri", "web/RemoteControl", OFF_ALONE, _X4),
    _parameter("debug.telnet", "web/EnableTelnet", SWITCH, _X4),
    _parameter("prov.protocol", "ap/FlashProtocol", Words((("https", "5"),)), _X4),
    _parameter("prov.pnp", "ap/pnp/PNPEnable", SWITCH, _X4),
    _parameter("prov.dhcp", "ap/opt/DHCPOption", Words(((False, "0"),)), _X4),
    _parameter("vlan.static", "qos/EnableVLAN", SWITCH, _X4),
    _parameter("vlan.id", "qos/VLANID", Number(), _X4),
    _parameter("vlan.lldp", "qos/LLDPLearnPolicy", SWITCH, _X4),
    _parameter("vlan.cdp", "qos/CDPEnable", SWITCH, _X4),
    _parameter("port.mirror", "background/EnablePortMirror", SWITCH, _X4),
    _parameter("log.on", "log/OutputDevice", Words(((True, "syslog"), (True, "syslog,stdout"))), _X4),
    _parameter("log.server", "log/SyslogServer", Text(), _X4),
    _parameter("log.port", "log/SyslogServerPort", Number(), _X4),
    _parameter("ntp.first", "phone/date/SNTPServer", Text(), _X4),
    _parameter("ntp.second", "phone/date/SecondSNTPServer", Text(), _X4),
)

CISCO_MPP: tuple[Parameter, ...] = (
    _parameter("web.https", "Enable_Web_Server", YES, _MPP),
    _parameter("auth.admin", "Admin_Password", Password(), _MPP),
    _parameter("auth.user", "User_Password", Password(), _MPP),
    _parameter("remote.action_uri", "Enable_Direct_Action_Url", NO_ALONE, _MPP),
    _parameter("remote.xml_push", "CISCO_XML_EXE_Enable", YES, _MPP),
    _parameter("sip.transport", "SIP_Transport_{line}_", Words((("udp", "UDP"), ("tcp", "TCP"), ("tls", "TLS"))), _MPP),
    _parameter("sip.registrar_only", "Auth_Resync-Reboot_{line}_", YES, _MPP),
    _parameter("vlan.static", "Enable_VLAN", YES, _MPP),
    _parameter("vlan.id", "VLAN_ID", Number(), _MPP),
    _parameter("vlan.lldp", "Enable_LLDP-MED", YES, _MPP),
    _parameter("vlan.cdp", "Enable_CDP", YES, _MPP),
    _parameter("log.server", "Syslog_Server", Text(), _MPP),
    _parameter("ntp.first", "Primary_NTP_Server", Text(), _MPP),
    _parameter("ntp.second", "Secondary_NTP_Server", Text(), _MPP),
)

UNSHOWN = (
    Unshown(
        "everything but what the file says: for phones of this vendor these are all intents that public sources show",
        (),
    ),
)
