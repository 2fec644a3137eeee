# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Yealink T series: intents and parameters. Data.

Sources: FPBX is the provisioning templates of fusionpbx/fusionpbx (commit c7a00dcb), `resources/templates/provision/
yealink`: those of T5x, T4xU and T3x for releases from 84, those of T4xG and older for release 80. WAZO is
wazo-platform/wazo-provd-plugins (commit 2321a3f3), `plugins/wazo_yealink`, one folder a release. T4 is Yealink's
administrator guide for T2, T4 and T5 phones, T5 that for T5 phones.
"""

from __future__ import annotations

from collections.abc import Mapping

from .table import STRONG_CIPHERS, SWITCH, Number, Parameter, Password, Text, Unshown, Words

FPBX, OLD = "FPBX t54w, t46u", "FPBX t46g (80), t54w (84)"
WAZO = "WAZO v80, v81, v86"

TRANSPORTS = Words((("udp", "0"), ("tcp", "1"), ("tls", "2"), ("dns naptr", "3")))
TLS = Words((("1.2", "5"), ("1.1", "4"), ("1.0", "0"), ("negotiated", "3")))
SRTP = Words((("required", "2"), ("optional", "1"), ("off", "0")))
LEVELS = Words((("user", "0"), ("var", "1"), ("admin", "2")))


def _both(name: str) -> tuple[tuple[int, str], ...]:
    """A setting of the device: `static.` stands before it from release 81 on (WAZO v80 and v81)."""
    return ((80, name), (81, f"static.{name}"))


def _since(release: int, name: str) -> tuple[tuple[int, str], ...]:
    return ((release, name),)


def _renamed(old: str, new: str) -> tuple[tuple[int, str], ...]:
    """Spelled one way up to 80 and another from 84 on; what stands between was not seen."""
    return ((80, old), (81, ""), (84, new))


PARAMETERS: tuple[Parameter, ...] = (
    Parameter(intent="web.http", names=_both("wui.http_enable"), codec=SWITCH, source=OLD),
    Parameter(intent="web.https", names=_both("wui.https_enable"), codec=SWITCH, source=OLD),
    Parameter(
        intent="web.session_minutes",
        names=_since(80, "features.relog_offtime"),
        codec=Number(),
        source="FPBX t28p: minutes, 1 to 1000",
    ),
    Parameter(intent="web.quick_login", names=_since(84, "wui.quick_login"), codec=SWITCH, source=FPBX),
    Parameter(intent="auth.var_account", names=_both("security.var_enable"), codec=SWITCH, source=OLD),
    Parameter(intent="auth.admin_name", names=_both("security.user_name.admin"), codec=Text(), source=WAZO),
    Parameter(intent="auth.user_name", names=_both("security.user_name.user"), codec=Text(), source=WAZO),
    Parameter(intent="auth.var_name", names=_both("security.user_name.var"), codec=Text(), source=OLD),
    # One key for all accounts, `= name:password`; the file format tells them apart by the name in brackets.
    Parameter(intent="auth.admin", names=_both("security.user_password[admin]"), codec=Password(), source=WAZO),
    Parameter(intent="auth.user", names=_both("security.user_password[user]"), codec=Password(), source=WAZO),
    Parameter(intent="auth.var", names=_both("security.user_password[var]"), codec=Password(), source=OLD),
    Parameter(
        intent="auth.level",
        names=_since(84, "static.security.default_access_level"),
        codec=LEVELS,
        source=f"{FPBX}: the name only",
        confirmed=False,
    ),
    Parameter(
        intent="remote.action_uri", names=_since(84, "features.action_uri.enable"), codec=SWITCH, source=f"{FPBX}; T4"
    ),
    Parameter(
        intent="remote.action_uri_from",
        names=_since(80, "features.action_uri_limit_ip"),
        codec=Text(),
        source="T4 p. 503: addresses, separated by commas; FPBX t46g, t54w",
    ),
    Parameter(
        intent="remote.action_uri_prompt",
        names=_since(83, "features.show_action_uri_option"),
        codec=SWITCH,
        source="T4; WAZO v83",
    ),
    Parameter(intent="remote.xml_push", names=_since(80, "push_xml.sip_notify"), codec=SWITCH, source="WAZO v80; FPBX"),
    Parameter(
        intent="remote.xml_push_server",
        names=_since(80, "push_xml.server"),
        codec=Words((("", "%NULL%"),)),
        source="FPBX: the name; WAZO uses %NULL% to clear values, of which nothing says more",
        confirmed=False,
    ),
    Parameter(intent="remote.csta", names=_since(84, "features.csta_control.enable"), codec=SWITCH, source=FPBX),
    Parameter(intent="remote.tr069", names=_both("managementserver.enable"), codec=SWITCH, source=OLD),
    Parameter(
        intent="sip.transport",
        names=_since(80, "account.{line}.sip_server.{server}.transport_type"),
        codec=TRANSPORTS,
        source="FPBX t46g, t54w; WAZO v80",
    ),
    Parameter(
        intent="sip.port",
        names=_since(80, "account.{line}.sip_server.{server}.port"),
        codec=Number(),
        source="FPBX; WAZO v80",
    ),
    Parameter(intent="sip.registrar_only", names=_since(80, "sip.trust_ctrl"), codec=SWITCH, source="FPBX; T5 p. 494"),
    Parameter(
        intent="sip.validated_requests",
        names=_since(84, "sip.request_validation.source.list"),
        codec=Text(),
        source=f"{FPBX}: the name only",
        confirmed=False,
    ),
    Parameter(
        intent="sip.direct_ip",
        names=_since(80, "features.direct_ip_call_enable"),
        codec=SWITCH,
        source="FPBX; WAZO v86",
    ),
    Parameter(
        intent="sip.direct_ip", names=_since(84, "features.ip_call.auto_answer.enable"), codec=SWITCH, source=FPBX
    ),
    Parameter(
        intent="nat.ice",
        names=_since(84, "static.ice.enable"),
        codec=SWITCH,
        source=f"{FPBX}: the name only",
        confirmed=False,
    ),
    Parameter(
        intent="tls.minimum",
        names=_since(84, "static.security.default_ssl_method"),
        codec=TLS,
        source="FPBX app/yealink/app_config.php: 0 TLS 1.0, 3 negotiated (default), 4 TLS 1.1, 5 TLS 1.2",
    ),
    Parameter(
        intent="tls.trusted_only",
        names=_both("security.trust_certificates"),
        codec=SWITCH,
        source="FPBX app/yealink/app_config.php: Only Accept Trusted Certificates",
    ),
    Parameter(intent="tls.names", names=_both("security.cn_validation"), codec=SWITCH, source=OLD),
    Parameter(
        intent="tls.authorities",
        names=_both("security.ca_cert"),
        codec=Words((("all", "2"), ("custom", "1"), ("default", "0"))),
        source=f"{OLD}: the name only",
        confirmed=False,
    ),
    Parameter(
        intent="tls.authority_file",
        names=_both("trusted_certificates.url"),
        codec=Text("https://"),
        source="the administrator's manual of T48G p. 217: pem, cer, crt or der, ten at most",
    ),
    Parameter(
        intent="tls.ciphers",
        names=_since(84, "security.tls_cipher_list"),
        codec=Words((("strong", STRONG_CIPHERS),)),
        source="FPBX: a list of OpenSSL's; that a phone takes this one was not seen",
        confirmed=False,
    ),
    Parameter(
        intent="srtp",
        names=_since(80, "account.{line}.srtp_encryption"),
        codec=SRTP,
        source="FPBX app/yealink/app_config.php: 0 off, 1 optional, 2 mandatory; WAZO v86",
    ),
    Parameter(
        intent="srtp.unencrypted",
        names=_since(84, "account.{line}.srtp.unencrypted_rtp.enable"),
        codec=SWITCH,
        source=FPBX,
    ),
    Parameter(
        intent="srtp.unencrypted",
        names=_since(84, "account.{line}.srtp.unencrypted_rtcp.enable"),
        codec=SWITCH,
        source=FPBX,
    ),
    Parameter(intent="vlan.lldp", names=_both("network.lldp.enable"), codec=SWITCH, source=OLD),
    Parameter(intent="vlan.cdp", names=_since(81, "static.network.cdp.enable"), codec=SWITCH, source=FPBX),
    Parameter(intent="vlan.static", names=_both("network.vlan.internet_port_enable"), codec=SWITCH, source=WAZO),
    Parameter(intent="vlan.id", names=_both("network.vlan.internet_port_vid"), codec=Number(), source=WAZO),
    Parameter(intent="vlan.priority", names=_both("network.vlan.internet_port_priority"), codec=Number(), source=WAZO),
    Parameter(
        intent="qos.media_dscp",
        names=_renamed("network.qos.rtptos", "static.network.qos.audiotos"),
        codec=Number(),
        source=f"{OLD}: 0 to 63",
    ),
    Parameter(intent="qos.signalling_dscp", names=_both("network.qos.signaltos"), codec=Number(), source=OLD),
    Parameter(intent="port.mirror", names=_both("network.span_to_pc_port"), codec=SWITCH, source=OLD),
    Parameter(intent="port.pc", names=_since(84, "static.network.pc_port.enable"), codec=SWITCH, source=FPBX),
    Parameter(intent="device.bluetooth", names=_since(84, "features.bluetooth_enable"), codec=SWITCH, source=FPBX),
    Parameter(intent="device.wifi", names=_since(84, "static.wifi.function.enable"), codec=SWITCH, source=FPBX),
    Parameter(
        intent="device.usb_storage", names=_since(84, "static.usbdisk.function.enable"), codec=SWITCH, source=FPBX
    ),
    Parameter(
        intent="device.call_recording",
        names=_since(84, "features.usb_call_recording.enable"),
        codec=SWITCH,
        source=FPBX,
    ),
    Parameter(
        intent="device.reset_key", names=_since(84, "features.reset_by_long_press_enable"), codec=SWITCH, source=FPBX
    ),
    Parameter(
        intent="prov.server", names=_both("auto_provision.server.url"), codec=Text("https://"), source="FPBX; WAZO v83"
    ),
    Parameter(intent="prov.user", names=_both("auto_provision.server.username"), codec=Text(), source=OLD),
    Parameter(intent="prov.password", names=_both("auto_provision.server.password"), codec=Password(), source=OLD),
    Parameter(intent="prov.dhcp", names=_both("auto_provision.dhcp_option.enable"), codec=SWITCH, source=OLD),
    Parameter(intent="prov.pnp", names=_both("auto_provision.pnp_enable"), codec=SWITCH, source=WAZO),
    Parameter(intent="prov.zero_touch", names=_both("zero_touch.enable"), codec=SWITCH, source=OLD),
    Parameter(intent="prov.keep_local", names=_both("auto_provision.custom.protect"), codec=SWITCH, source=WAZO),
    Parameter(
        intent="prov.scheduled",
        names=_renamed("auto_provision.weekly.enable", "static.auto_provision.weekly.enable"),
        codec=SWITCH,
        source=OLD,
    ),
    Parameter(
        intent="prov.days",
        names=_renamed("auto_provision.weekly.mask", "static.auto_provision.weekly.dayofweek"),
        codec=Words((("every day", "0123456"),)),
        source="FPBX t28p: mask 0123456; t54w: dayofweek",
    ),
    Parameter(
        intent="prov.window_from",
        names=_renamed("auto_provision.weekly.begin_time", "static.auto_provision.weekly.begin_time"),
        codec=Text(),
        source="FPBX t28p: 00:00; t54w",
    ),
    Parameter(
        intent="prov.window_to",
        names=_renamed("auto_provision.weekly.end_time", "static.auto_provision.weekly.end_time"),
        codec=Text(),
        source="FPBX t28p: 00:00; t54w",
    ),
    Parameter(
        intent="fw.file",
        names=((80, "firmware.url"), (83, "static.firmware.url")),
        codec=Text(),
        source="WAZO v80, v81: without static., v83: with it",
    ),
    Parameter(
        intent="log.on",
        names=((80, "syslog.mode"), (81, "static.syslog.enable")),
        codec=SWITCH,
        source="WAZO v80: mode, v81: enable",
    ),
    Parameter(intent="log.server", names=_both("syslog.server"), codec=Text(), source=WAZO),
    # Together with the transport: the port of one transport is of no use to another one.
    Parameter(
        intent="log.port",
        names=_since(84, "static.syslog.server_port"),
        codec=Number(),
        source=f"{FPBX}: the name only",
        confirmed=False,
    ),
    Parameter(
        intent="log.facility",
        names=_since(84, "static.syslog.facility"),
        codec=Number(),
        source=f"{FPBX}: the name only",
        confirmed=False,
    ),
    Parameter(
        intent="log.transport",
        names=_since(84, "static.syslog.transport_type"),
        codec=Words((("udp", "0"), ("tcp", "1"), ("tls", "2"))),
        source=f"{FPBX}: the name only",
        confirmed=False,
    ),
    Parameter(
        intent="log.mac", names=_since(84, "static.syslog.prepend_mac_address.enable"), codec=SWITCH, source=FPBX
    ),
    Parameter(intent="ntp.first", names=_since(80, "local_time.ntp_server1"), codec=Text(), source="FPBX; WAZO v80"),
    Parameter(intent="ntp.second", names=_since(80, "local_time.ntp_server2"), codec=Text(), source="FPBX t46g, t54w"),
    Parameter(intent="ntp.ours_first", names=_since(84, "local_time.manual_ntp_srv_prior"), codec=SWITCH, source=FPBX),
)

COMMON_FILES: Mapping[str, str] = {
    "T27G": "069",
    "T31G": "123",
    "T31W": "172",
    "T33G": "124",
    "T34W": "171",
    "T40G": "076",
    "T41S": "068",
    "T42S": "067",
    "T42U": "116",
    "T43U": "107",
    "T44W": "174",
    "T46S": "066",
    "T46U": "108",
    "T48S": "065",
    "T48U": "109",
    "T52S": "074",
    "T53": "095",
    "T53W": "095",
    "T54S": "070",
    "T54W": "096",
    "T57W": "097",
    "T58A": "058",
    "T58V": "058",
    "T58W": "150",
    "T73U": "186",
    "T73W": "183",
    "T74U": "187",
    "T74W": "184",
    "T77U": "188",
    "T85W": "196",
    "T87W": "197",
    "T88V": "192",
    "T88W": "192",
}
"""Number in the name of the common file of each model, `y0000000000NN.cfg` (directory listing of FPBX)."""

RESTARTING = ("network.", "static.network.")
"""Beginnings of the parameters for which the phone starts again by itself: its web pages say so of VLAN, LLDP, marking
and the PC port. Of other parameters nothing was read."""

UNSHOWN = (
    Unshown(
        "telnet and SSH: these phones have no parameter for them; only a probe of the ports shows that they are closed",
        ("WEB-3",),
    ),
    Unshown("lock-out after failed log-ins: these phones have no parameter for it", ("ADM-4",)),
)
