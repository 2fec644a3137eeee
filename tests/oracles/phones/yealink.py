"""Facts of Yealink parameters, firmware lines v80 and v84 to v87."""

from __future__ import annotations

from dataclasses import replace

from .facts import Fact, Facts
from .scales import (
    SWITCH,
    Choice,
    Ciphers,
    Clock,
    Controllers,
    Credential,
    Days,
    Host,
    Hosts,
    Methods,
    Number,
    Text,
    Url,
)

LINES = ("v80", "v84", "v85", "v86", "v87")

# Public repositories, read at the commits of August and April 2026.
T54W = "fusionpbx/fusionpbx resources/templates/provision/yealink/t54w/y000000000096.cfg"
CP860 = "fusionpbx/fusionpbx resources/templates/provision/yealink/cp860/y000000000037.cfg"
T54W_MAC = "fusionpbx/fusionpbx resources/templates/provision/yealink/t54w/{$mac}.cfg"
T54W_BOOT = "fusionpbx/fusionpbx resources/templates/provision/yealink/t54w/y000000000000.boot"
SETTINGS = "fusionpbx/fusionpbx app/yealink/app_config.php"
WAZO = "wazo-platform/wazo-provd-plugins plugins/wazo_yealink/v86/templates/base.tpl"
WAZO_80 = "wazo-platform/wazo-provd-plugins plugins/wazo_yealink/v80/templates/base.tpl"
T4_GUIDE = "Yealink SIP-T2/T4/T5 series administrator's guide (easymanua.ls, pages 498-523)"
T5_GUIDE = "Yealink SIP-T5 series administrator's manual (manualshive.com 3909785, page 494)"
T48G_MANUAL = "Yealink SIP-T48G administrator's manual, page 217"
DOT1X_PAPER = "Yealink technical white paper 802.1X authentication (manualslib.com 1941280)"
PROVISIONING = "Yealink auto provisioning guide (easymanua.ls sip-t2-series page 126, t40g page 58)"

TRANSPORTS = Choice({"0": "UDP", "1": "TCP", "2": "TLS", "3": "DNS-NAPTR"})
# FusionPBX names 0, 3, 4 and 5; whether v87 has one for TLS 1.3 is not known.
SSL_METHODS = Choice({"0": "TLS 1.0 only", "3": "negotiated", "4": "TLS 1.1 only", "5": "TLS 1.2 only"})
AUTHORITIES = Choice({"0": "built-in certificates", "1": "uploaded certificates", "2": "both"})
SRTP = Choice({"0": "off", "1": "optional", "2": "mandatory"})
LEVELS = Choice({"0": "user", "1": "var", "2": "admin"})
DOT1X = Choice({
    "0": "off", "1": "EAP-MD5", "2": "EAP-TLS", "3": "EAP-PEAP/MSCHAPv2", "4": "EAP-TTLS/EAP-MSCHAPv2",
    "5": "EAP-PEAP/GTC", "6": "EAP-TTLS/EAP-GTC", "7": "EAP-FAST",
})
CHECK_SYNC = Choice({"0": "restarts only when told so", "1": "restarts", "2": "ignores it"})
SYSLOG_TRANSPORTS = Choice({"0": "UDP", "1": "TCP", "2": "TLS"})
PORT = Number(1, 65535)
VLAN = Number(1, 4094, blank=True)
PRIORITY = Number(0, 7, blank=True)
DSCP = Number(0, 63)


def _static(pattern: str, scale: object, source: str = T54W, **more: object) -> Fact:
    return Fact(f"static.{pattern}", scale, source, flash=True, **more)  # type: ignore[arg-type]


def _rest(pattern: str, scale: object, source: str = T54W, **more: object) -> Fact:
    return Fact(pattern, scale, source, **more)  # type: ignore[arg-type]


# --- v84 to v87 ------------------------------------------------------------------------------------------------------

_WEB = (
    _static("wui.http_enable", SWITCH),
    _static("wui.https_enable", SWITCH),
    _static("network.port.http", PORT, default="80"),
    _static("network.port.https", PORT, default="443"),
    _rest("wui.secure_domain_list", Hosts(), values="unsure"),
    _rest("wui.quick_login", SWITCH, values="unsure"),
    # Minutes, 1 to 1000, 5 as delivered (T2/T4/T5 guide); templates leave it blank.
    _rest("features.relog_offtime", Number(1, 1000), values="unsure", shown=("5",)),
)
_ACCOUNTS = (
    _static("security.user_name.admin", Text(32, blank=False), default="admin"),
    _static("security.user_name.user", Text(32, blank=False), default="user"),
    _static("security.user_name.var", Text(32, blank=False), default="var"),
    _static("security.user_password", Credential(), WAZO, secret=True),
    _static("security.var_enable", SWITCH, default="0", values="unsure"),
    _static("security.default_access_level", LEVELS, values="unsure"),
    _rest("phone_setting.phone_lock.enable", SWITCH),
    _rest("phone_setting.phone_lock.unlock_pin", Number(0, 999999999999999, blank=True), secret=True),
)
_REMOTE = (
    _rest("features.action_uri.enable", SWITCH, T4_GUIDE, default="1"),
    _rest("features.action_uri_limit_ip", Controllers(), T4_GUIDE, default=""),
    _rest("features.show_action_uri_option", SWITCH, T4_GUIDE, default="1"),
    _rest("features.action_uri_force_autop", SWITCH, values="unsure"),
    _rest("push_xml.server", Hosts(), values="unsure"),
    _rest("push_xml.sip_notify", SWITCH, WAZO_80, values="unsure"),
    _rest("push_xml.username", Text(), values="unsure"),
    _rest("push_xml.password", Text(), values="unsure", secret=True),
    _rest("features.csta_control.enable", SWITCH, values="unsure"),
    _rest("features.text_message.enable", SWITCH, WAZO),
    _static("managementserver.enable", SWITCH, values="unsure"),
)
_TLS = (
    _static("security.trust_certificates", SWITCH, SETTINGS),
    _static("security.ca_cert", AUTHORITIES, values="unsure"),
    _static("security.cn_validation", SWITCH, T48G_MANUAL),
    _static("security.default_ssl_method", SSL_METHODS, SETTINGS, default="3"),
    _static("security.dev_cert", Choice({"0": "built-in", "1": "uploaded"}), values="unsure"),
    _rest("security.tls_cipher_list", Ciphers(), SETTINGS),
    _static("trusted_certificates.url", Url(), T48G_MANUAL),
    _static("trusted_certificates.delete", Text(), values="unsure"),
    _static("server_certificates.url", Url(), T48G_MANUAL),
)
_SIP = (
    _rest("account.X.enable", SWITCH, T54W_MAC),
    _rest("account.X.label", Text(99), T54W_MAC),
    _rest("account.X.display_name", Text(99), T54W_MAC),
    _rest("account.X.auth_name", Text(99), T54W_MAC),
    _rest("account.X.user_name", Text(99), T54W_MAC),
    _rest("account.X.password", Text(99), T54W_MAC, secret=True),
    _rest("account.X.sip_server.Y.address", Host(), T54W_MAC),
    _rest("account.X.sip_server.Y.port", Number(0, 65535), T54W_MAC, default="5060"),
    _rest("account.X.sip_server.Y.transport_type", TRANSPORTS, T54W_MAC, default="0"),
    _rest("account.X.sip_server.Y.expires", Number(30, 2147483647), T54W_MAC),
    _rest("account.X.outbound_proxy_enable", SWITCH, T54W_MAC),
    _rest("account.X.outbound_proxy.Y.address", Host(), T54W_MAC),
    _rest("account.X.outbound_proxy.Y.port", Number(0, 65535), T54W_MAC),
    _rest("account.X.srtp_encryption", SRTP, SETTINGS, default="0"),
    _rest("account.X.srtp.unencrypted_rtp.enable", SWITCH, T54W_MAC, values="unsure"),
    _rest("account.X.srtp.unencrypted_rtcp.enable", SWITCH, T54W_MAC, values="unsure"),
    _rest("account.X.fallback.redundancy_type", Choice({"0": "concurrent", "1": "successive"}), WAZO),
    _rest("account.X.cid_source", Number(0, 6), WAZO),
    _rest("account.X.alert_info_url_enable", SWITCH, WAZO),
    _rest("account.X.nat.udp_update_enable", Number(0, 3), WAZO),
    _rest("account.X.dtmf.type", Number(0, 3), WAZO),
    _rest("account.X.dtmf.info_type", Number(0, 3), WAZO),
    _rest("account.X.subscribe_mwi", SWITCH, WAZO),
    _rest("sip.trust_ctrl", SWITCH, T5_GUIDE, default="0"),
    _rest("sip.request_validation.source.list", Methods(), values="unsure"),
    _rest("sip.request_validation.digest.list", Methods(), values="unsure"),
    _rest("sip.request_validation.digest.realm", Text(64), values="unsure"),
    _rest("sip.request_validation.event", Text(), values="unsure"),
    _rest("features.direct_ip_call_enable", SWITCH, SETTINGS),
    _rest("features.ip_call.auto_answer.enable", SWITCH, values="unsure"),
    _rest("sip.listen_port", PORT, default="5060"),
    _rest("sip.tls_listen_port", PORT, default="5061"),
    _rest("sip.listen_mode", Number(0, 9), values="unsure"),
    _rest("sip.tcp_port_random_mode", Number(0, 9), values="unsure"),
    # That 0 only re-reads and 1 restarts is said by several public provisioning tools; of 2 nothing was read.
    _rest("sip.notify_reboot_enable", CHECK_SYNC, WAZO, values="unsure", default="1"),
)
_NETWORK = (
    _static("network.vlan.internet_port_enable", SWITCH, reboot=True),
    _static("network.vlan.internet_port_vid", VLAN, reboot=True),
    _static("network.vlan.internet_port_priority", PRIORITY, reboot=True),
    _static("network.vlan.pc_port_enable", SWITCH, reboot=True),
    _static("network.vlan.pc_port_vid", VLAN, reboot=True),
    _static("network.vlan.pc_port_priority", PRIORITY, reboot=True),
    _static("network.vlan.pc_port_mode", Number(0, 9), values="unsure", reboot=True),
    _static("network.vlan.vlan_change.enable", SWITCH, values="unsure", reboot=True),
    _static("network.vlan.dhcp_enable", SWITCH, values="unsure", reboot=True),
    _static("network.vlan.dhcp_option", Number(1, 255), values="unsure", reboot=True),
    _static("network.lldp.enable", SWITCH, SETTINGS, reboot=True),
    _static("network.lldp.packet_interval", Number(1, 3600), SETTINGS, reboot=True),
    _static("network.cdp.enable", SWITCH, SETTINGS, reboot=True),
    _static("network.cdp.packet_interval", Number(1, 3600), SETTINGS, reboot=True),
    # WAZO sets 46 for both; 26 is what phones mark signalling with as delivered.
    _static("network.qos.audiotos", DSCP, values="unsure", shown=("46",), reboot=True),
    _static("network.qos.signaltos", DSCP, values="unsure", shown=("46", "26"), reboot=True),
    _static("network.802_1x.mode", DOT1X, DOT1X_PAPER, values="unsure", reboot=True, default="0"),
    _static("network.802_1x.identity", Text(32), DOT1X_PAPER, reboot=True),
    _static("network.802_1x.md5_password", Text(32), DOT1X_PAPER, reboot=True, secret=True),
    _static("network.802_1x.client_cert_url", Url(), DOT1X_PAPER, reboot=True),
    _static("network.802_1x.root_cert_url", Url(), DOT1X_PAPER, reboot=True),
    _static("network.802_1x.anonymous_identity", Text(32), values="unsure", reboot=True),
    _static("network.802_1x.proxy_eap_logoff.enable", SWITCH, values="unsure", reboot=True),
    _static("network.span_to_pc_port", SWITCH, values="unsure", reboot=True),
    _static("network.pc_port.enable", SWITCH, reboot=True),
)
_PROVISIONING = (
    _static("auto_provision.server.url", Url()),
    _static("auto_provision.server.username", Text(32)),
    _static("auto_provision.server.password", Text(32), secret=True),
    _static("auto_provision.pnp_enable", SWITCH, SETTINGS, default="1"),
    _static("auto_provision.dhcp_option.enable", SWITCH, values="unsure"),
    _static("auto_provision.dhcp_option.list_user_options", Text(), values="unsure"),
    _static("zero_touch.enable", SWITCH, SETTINGS),
    _static("auto_provision.power_on", SWITCH, SETTINGS, default="1"),
    _static("auto_provision.repeat.enable", SWITCH, SETTINGS),
    _static("auto_provision.repeat.minutes", Number(1, 43200), SETTINGS),
    _static("auto_provision.weekly.enable", SWITCH, SETTINGS),
    _static("auto_provision.weekly.dayofweek", Days(), SETTINGS),
    _static("auto_provision.weekly.begin_time", Clock(), SETTINGS),
    _static("auto_provision.weekly.end_time", Clock(), SETTINGS),
    _static("auto_provision.flexible.enable", SWITCH, values="unsure"),
    _static("auto_provision.flexible.interval", Number(1, 1000), values="unsure"),
    _static("auto_provision.flexible.begin_time", Clock(), values="unsure"),
    _static("auto_provision.flexible.end_time", Clock(), values="unsure"),
    _static("auto_provision.custom.protect", SWITCH, PROVISIONING, default="0"),
    _static("auto_provision.aes_key_in_file", SWITCH),
    _static("auto_provision.aes_key_16.mac", Text(32), secret=True),
    _static("auto_provision.aes_key_16.com", Text(32), secret=True),
    _static("firmware.url", Url()),
    _static("directory_setting.url", Url()),
)
_REPORTING = (
    _static("syslog.enable", SWITCH, WAZO),
    _static("syslog.server", Host(), WAZO),
    _static("syslog.server_port", PORT, values="unsure"),
    _static("syslog.level", Number(0, 6), values="unsure"),
    _static("syslog.transport_type", SYSLOG_TRANSPORTS, values="unsure"),
    _static("syslog.facility", Number(0, 23), values="unsure"),
    _static("syslog.prepend_mac_address.enable", SWITCH, values="unsure"),
    _rest("local_time.ntp_server1", Host(), WAZO),
    _rest("local_time.ntp_server2", Host()),
    _rest("local_time.manual_ntp_srv_prior", SWITCH, values="unsure"),
    _rest("local_time.interval", Number(15, 86400)),
    _rest("local_time.time_zone", Text(16)),
    _rest("local_time.time_zone_name", Text(64)),
    _rest("local_time.summer_time", Number(0, 2)),
    _rest("local_time.date_format", Number(0, 12), WAZO),
)
_HARDWARE = (
    _static("usbdisk.function.enable", SWITCH, values="unsure"),
    _static("usb.power.enable", SWITCH, WAZO),
    _rest("features.usb_call_recording.enable", SWITCH, SETTINGS),
    _rest("features.bluetooth_enable", SWITCH, SETTINGS),
    _static("wifi.enable", SWITCH, SETTINGS),
    _static("wifi.function.enable", SWITCH, SETTINGS),
    _rest("features.reset_by_long_press_enable", SWITCH, values="unsure"),
    _rest("features.reboot_in_talk_enable", SWITCH, values="unsure"),
    _static("ice.enable", SWITCH, values="unsure"),
    _static("sip.nat_stun.enable", SWITCH),
    _static("sip.nat_turn.enable", SWITCH, values="unsure"),
)
# What providers' templates set besides: none of it concerns security, and all of it has to stay.
_ORDINARY = (
    _rest("lang.gui", Text(32), WAZO),
    _rest("lang.wui", Text(32), WAZO),
    _rest("voice.tone.country", Text(32), WAZO),
    _rest("call_waiting.enable", SWITCH, WAZO),
    _rest("transfer.dsskey_deal_type", Number(0, 2), WAZO),
    _rest("features.caller_name_type_on_dialing", Number(0, 3), WAZO),
    _rest("features.dnd.large_icon.enable", SWITCH, WAZO),
    _rest("features.text_message_popup.enable", SWITCH, WAZO),
    _rest("features.config_dsskey_length", Number(0, 2), WAZO),
    _rest("features.remote_phonebook.enable", SWITCH),
    _rest("remote_phonebook.data.X.url", Url(), WAZO),
    _rest("remote_phonebook.data.X.name", Text(), WAZO),
    _rest("distinctive_ring_tones.alert_info.X.text", Text(), WAZO),
    _rest("distinctive_ring_tones.alert_info.X.ringer", Number(0, 20), WAZO),
    _rest("voice_mail.number.X", Text(), WAZO),
    _rest("action_url.dnd_on", Url(), WAZO),
    _rest("action_url.dnd_off", Url(), WAZO),
    _rest("linekey.X.type", Number(0, 99), T54W_MAC),
    _rest("linekey.X.line", Number(0, 99), T54W_MAC),
    _rest("linekey.X.value", Text(), T54W_MAC),
    _rest("linekey.X.label", Text(), T54W_MAC),
    *(
        _rest(f"account.X.codec.{codec}.enable", SWITCH, WAZO)
        for codec in "g722 g722_1c_48kpbs g722_1c_32kpbs g722_1c_24kpbs g722_1_24kpbs pcmu pcma g729 g726_16 g726_24 "
        "g726_32 g726_40 g723_53 g723_63 opus ilbc".split()
    ),
)

MODERN = Facts((
    *_WEB, *_ACCOUNTS, *_REMOTE, *_TLS, *_SIP, *_NETWORK, *_PROVISIONING, *_REPORTING, *_HARDWARE, *_ORDINARY,
))

# --- v80 -------------------------------------------------------------------------------------------------------------

# Until v80 the same parameters have no `static.` before them. Most were read so in templates of that time (WAZO v80 and
# the older models of FusionPBX); those that appeared later are left out, for the rest the name is not certain.
_LATER = frozenset(
    "static.security.default_access_level static.security.default_ssl_method static.network.vlan.pc_port_mode "
    "static.network.vlan.vlan_change.enable static.network.cdp.enable static.network.cdp.packet_interval "
    "static.network.qos.audiotos static.network.pc_port.enable static.syslog.enable static.syslog.server_port "
    "static.syslog.level static.syslog.transport_type static.syslog.facility static.syslog.prepend_mac_address.enable "
    "static.usbdisk.function.enable static.usb.power.enable static.wifi.function.enable push_xml.username "
    "push_xml.password".split()
)
_UNREAD = frozenset(
    "static.network.802_1x.anonymous_identity static.network.802_1x.proxy_eap_logoff.enable "
    "static.auto_provision.power_on static.auto_provision.weekly.dayofweek static.auto_provision.flexible.enable "
    "static.auto_provision.flexible.interval static.auto_provision.flexible.begin_time "
    "static.auto_provision.flexible.end_time static.auto_provision.aes_key_in_file static.wifi.enable "
    "static.directory_setting.url".split()
)


def _before_81(fact: Fact) -> Fact:
    mark = "unsure" if fact.pattern in _UNREAD else fact.name
    return replace(fact, pattern=fact.pattern.removeprefix("static."), name=mark)


# Names that later releases have no more (templates of FusionPBX for older models, such as yealink/cp860).
_FORMER = (
    _rest("network.qos.rtptos", DSCP, CP860, values="unsure", shown=("46",), reboot=True),
    _rest("auto_provision.weekly.mask", Days(), CP860),
    # 1 where WAZO's v73 template names a server, 0 elsewhere.
    _rest("syslog.mode", SWITCH, "wazo-platform/wazo-provd-plugins plugins/wazo_yealink/v73/templates/base.tpl"),
)

OLD = Facts((*(_before_81(fact) for fact in MODERN.table if fact.pattern not in _LATER), *_FORMER))


def facts_of_line(line: str) -> Facts:
    """The table of a firmware line; raises ValueError for one that is not known."""
    if line not in LINES:
        raise ValueError(f"no facts of Yealink {line} (there are: {', '.join(LINES)})")
    return OLD if line == "v80" else MODERN
