# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Poly phones with UC Software 5.9 and 6.x (VVX) and PVOS 8 (Edge E, CCX): intents and parameters. Data.

Sources: FPBX is `resources/templates/provision/polycom/6.x` and `poly/edge-e550` of fusionpbx/fusionpbx (commit
c7a00dcb), with the values of `app/polycom/app_config.php`; WAZO is `plugins/wazo_polycom` of
wazo-platform/wazo-provd-plugins (commit 2321a3f3); MZ is modzero/MZ-23-01-Poly-VoIP-Devices; AG the Polycom
administrator guides (VVX, UC Software 4.1.6, p. 56). A parameter that begins with `device.` takes effect only with its
`.set` beside it, which the file format adds.
"""

from __future__ import annotations

from .table import INVERTED, STRONG_CIPHERS, SWITCH, Certificate, Number, Parameter, Password, Text, Unshown, Words

UCS, PVOS = 509, 800

TRANSPORTS = Words(
    (
        ("udp", "UDPOnly"),
        ("tcp", "TCPOnly"),
        ("tls", "TLS"),
        ("tcp preferred", "TCPpreferred"),
        ("dns naptr", "DNSnaptr"),
    )
)
TLS = Words((("1.2", "TLSv1_2"), ("1.1", "TLSv1_1"), ("1.0", "TLSv1_0")))
PUBLIC = "a public dump of all parameters of UC Software"
NO_TEMPLATE = "administrators' guides name it; no public template that was read sets it"


def _parameter(intent: str, name: str, codec: object, source: str, confirmed: bool = True) -> Parameter:
    return Parameter(
        intent=intent,
        names=((UCS, name),),
        codec=codec,  # type: ignore[arg-type]
        source=source,
        confirmed=confirmed,
    )


VALIDATED = ("INVITE", "NOTIFY", "OPTIONS", "REFER")
"""Requests whose sender must be one of the registration servers: they make a phone ring, reboot, answer or call."""

PARAMETERS: tuple[Parameter, ...] = (
    _parameter("web.http", "httpd.cfg.secureTunnelRequired", INVERTED, "WAZO common.cfg"),
    _parameter("web.https", "httpd.cfg.enabled", SWITCH, "a public template"),
    _parameter("web.tls", "httpd.cfg.secureTunnelEnabled", SWITCH, "a public template"),
    _parameter("web.service", "httpd.enabled", SWITCH, "a public template: the name; what else it stops", False),
    _parameter("web.lockout", "httpd.cfg.lockWebUI.enable", SWITCH, PUBLIC),
    _parameter("web.lock_seconds", "httpd.cfg.lockWebUI.lockOutDuration", Number(), PUBLIC),
    _parameter("web.lock_attempts", "httpd.cfg.lockWebUI.noOfInvalidAttempts", Number(), PUBLIC),
    _parameter("web.lock_window_seconds", "httpd.cfg.lockWebUI.noOfInvalidAttemptsDuration", Number(), PUBLIC),
    _parameter("auth.admin", "device.auth.localAdminPassword", Password(), "FPBX; WAZO; MZ password_change.cfg"),
    _parameter("auth.user", "device.auth.localUserPassword", Password(), "FPBX; WAZO"),
    _parameter("auth.admin_length", "sec.pwd.length.admin", Number(), "no public source", False),
    _parameter("auth.user_length", "sec.pwd.length.user", Number(), "no public source", False),
    _parameter(
        "remote.push", "apps.push.messageType", Words(((False, "0"), (True, "5"))), "WAZO base.tpl: 0 none, 5 all"
    ),
    _parameter("remote.push_tls", "apps.push.secureTunnelRequired", SWITCH, "WAZO common.cfg"),
    _parameter("remote.rest", "apps.restapi.enabled", SWITCH, "public clients of the REST interface"),
    _parameter(
        "remote.rest_sip", "apps.restapi.sipNotify.enabled", SWITCH, "a public click-to-dial client, Edge E 8.3.1"
    ),
    _parameter("remote.call_events", "apps.telNotification.incomingEvent", SWITCH, "FPBX: older models"),
    _parameter("remote.call_events", "apps.telNotification.offhookEvent", SWITCH, "FPBX: older models"),
    _parameter("remote.call_events", "apps.telNotification.onhookEvent", SWITCH, "FPBX: older models"),
    _parameter("remote.test_automation", "httpd.ta.enabled", SWITCH, "MZ; CVE-2023-4467"),
    _parameter("debug.telnet", "diags.telnetd.enabled", SWITCH, "MZ; CVE-2023-4464"),
    _parameter("debug.capture", "diags.pcap.enabled", SWITCH, "FPBX"),
    _parameter("debug.capture", "diags.pcap.remote.enabled", SWITCH, "FPBX"),
    _parameter("debug.log_upload", "feature.logUpload.enabled", SWITCH, "FPBX"),
    _parameter("sip.transport", "reg.{line}.server.{server}.transport", TRANSPORTS, "AG; FPBX"),
    _parameter("sip.transport", "reg.{line}.outboundProxy.transport", TRANSPORTS, "AG; FPBX"),
    # The servers of a line that names none of its own.
    _parameter("sip.transport", "voIpProt.server.{server}.transport", TRANSPORTS, "AG: as of a line's server"),
    _parameter("sip.port", "reg.{line}.server.{server}.port", Number(), "FPBX; WAZO"),
    _parameter("sip.port", "voIpProt.server.{server}.port", Number(), "FPBX: older models"),
    *(
        parameter
        for number, request in enumerate(VALIDATED, 1)
        for parameter in (
            _parameter(
                "sip.registrar_only",
                f"voIpProt.SIP.requestValidation.{number}.request",
                Words(((True, request),)),
                "AG; FPBX app_config.php",
            ),
            _parameter(
                "sip.registrar_only",
                f"voIpProt.SIP.requestValidation.{number}.method",
                Words(((True, "source"),)),
                "AG: the sender is one of the registration servers",
            ),
        )
    ),
    _parameter("sip.direct_ip", "feature.urlDialing.enabled", SWITCH, "FPBX"),
    Parameter(
        intent="nat.ice",
        names=((UCS, "device.feature.nat.ice.enabled"), (PVOS, "")),
        codec=SWITCH,
        source="rapid7/metasploit-framework discussion 22033; CVE-2026-0826. Its spelling on PVOS was not seen",
    ),
    _parameter("tls.minimum", "sec.TLS.protocol.sip", TLS, f"{PUBLIC}; a public provisioner: TLSv1_2"),
    _parameter("tls.minimum", "sec.TLS.protocol.webServer", TLS, PUBLIC),
    _parameter("tls.minimum", "sec.TLS.protocol.browser", TLS, PUBLIC),
    _parameter("tls.minimum", "sec.TLS.protocol.ldap", TLS, PUBLIC),
    _parameter("tls.minimum", "sec.TLS.protocol.sopi", TLS, PUBLIC),
    _parameter("tls.minimum", "sec.TLS.protocol.xmpp", TLS, PUBLIC),
    _parameter("tls.minimum", "sec.TLS.protocol.exchangeServices", TLS, PUBLIC),
    _parameter("tls.minimum", "device.sec.TLS.protocol.prov", TLS, PUBLIC),
    _parameter("tls.minimum", "device.sec.TLS.protocol.syslog", TLS, PUBLIC),
    _parameter("tls.names", "sec.TLS.SIP.strictCertCommonNameValidation", SWITCH, "FPBX"),
    _parameter("tls.names", "device.sec.TLS.prov.strictCertCommonNameValidation", SWITCH, "FPBX"),
    # The first platform profile, which provisioning and SIP take unless they are told otherwise.
    _parameter("tls.authority", "device.sec.TLS.customCaCert1", Certificate(), "FPBX: older models"),
    _parameter("tls.ciphers", "device.sec.TLS.profile.cipherSuiteDefault1", Words((("strong", "0"),)), "FPBX", False),
    _parameter(
        "tls.ciphers",
        "device.sec.TLS.profile.cipherSuite1",
        Words((("strong", STRONG_CIPHERS),)),
        "FPBX: a list of OpenSSL's; that a phone takes this one was not seen",
        False,
    ),
    _parameter("srtp.offered", "sec.srtp.enable", SWITCH, "WAZO base.tpl; FPBX"),
    _parameter("srtp.offered", "sec.srtp.offer", SWITCH, "WAZO base.tpl; FPBX"),
    _parameter("srtp", "sec.srtp.require", Words((("required", "1"), ("optional", "0"))), "WAZO base.tpl; FPBX"),
    # A line's own value would outrank the phone's.
    _parameter("srtp.lines_offered", "reg.{line}.srtp.enable", SWITCH, NO_TEMPLATE, False),
    _parameter("srtp.lines_offered", "reg.{line}.srtp.offer", SWITCH, NO_TEMPLATE, False),
    _parameter(
        "srtp.lines",
        "reg.{line}.srtp.require",
        Words((("required", "1"), ("optional", "0"))),
        NO_TEMPLATE,
        False,
    ),
    _parameter("vlan.lldp", "device.net.lldpEnabled", SWITCH, "FPBX"),
    _parameter("vlan.cdp", "device.net.cdpEnabled", SWITCH, "FPBX"),
    _parameter("vlan.id", "device.net.vlanId", Number(), "WAZO base.tpl"),
    _parameter("qos.media_dscp", "qos.ip.rtp.dscp", Number(), "WAZO base.tpl"),
    _parameter("qos.signalling_dscp", "qos.ip.callControl.dscp", Number(), "WAZO base.tpl"),
    _parameter("qos.priorities", "qos.ethernet.rtp.user_priority", Number(), "no public source", False),
    _parameter("qos.priorities", "qos.ethernet.callControl.user_priority", Number(), "no public source", False),
    _parameter("port.pc", "device.net.etherModePC", Words(((False, "Disabled"),)), f"{PUBLIC}: the name only", False),
    _parameter("port.filters", "device.net.etherStormFilter", SWITCH, f"{PUBLIC}: the name only", False),
    _parameter("port.filters", "device.net.etherVlanFilter", SWITCH, f"{PUBLIC}: the name only", False),
    _parameter("device.bluetooth", "feature.bluetooth.radioOn", SWITCH, "FPBX"),
    _parameter("device.call_recording", "feature.callRecording.enabled", SWITCH, "FPBX"),
    _parameter(
        "prov.protocol",
        "device.prov.serverType",
        Words((("https", "3"), ("ftp", "0"), ("tftp", "1"), ("http", "2"), ("ftps", "4"))),
        "FPBX app_config.php",
    ),
    _parameter("prov.server", "device.prov.serverName", Text(), "FPBX: host and path"),
    _parameter("prov.user", "device.prov.user", Text(), "FPBX"),
    _parameter("prov.password", "device.prov.password", Password(), "FPBX"),
    _parameter("prov.serial", "device.prov.tagSerialNo", SWITCH, "FPBX; WAZO"),
    _parameter(
        "prov.dhcp", "device.dhcp.bootSrvUseOpt", Words(((False, "2"),)), "FPBX; a public provisioner: 2 is static"
    ),
    _parameter("prov.scheduled", "prov.polling.enabled", SWITCH, "FPBX"),
    _parameter(
        "prov.scheduled", "prov.polling.mode", Words(((True, "random"),)), "FPBX app_config.php: rel, abs, random"
    ),
    _parameter("prov.days", "prov.polling.period", Words((("every day", "86400"),)), "FPBX app_config.php: seconds"),
    _parameter("prov.window_from", "prov.polling.time", Text(), "FPBX app_config.php: 03:00"),
    _parameter("prov.window_to", "prov.polling.timeRandomEnd", Text(), "FPBX app_config.php: 04:00"),
    _parameter("fw.source", "device.prov.upgradeServer", Text(), "FPBX"),
    _parameter("log.server", "device.syslog.serverName", Text(), "FPBX; WAZO"),
    _parameter(
        "log.transport",
        "device.syslog.transport",
        Words((("udp", "1"), ("tcp", "2"), ("tls", "3"), ("none", "0"))),
        "FPBX app_config.php; WAZO base.tpl",
    ),
    _parameter("log.facility", "device.syslog.facility", Number(), "a Polycom administrator guide: 0 to 23; FPBX"),
    _parameter("log.level", "device.syslog.renderLevel", Words((("minor errors", "4"),)), "FPBX app_config: 0 to 6"),
    _parameter("log.mac", "device.syslog.prependMac", SWITCH, "FPBX"),
    _parameter("ntp.first", "tcpIpApp.sntp.address", Text(), "FPBX; WAZO"),
    _parameter("ntp.first", "device.sntp.serverName", Text(), "FPBX"),
    _parameter("ntp.ours_first", "tcpIpApp.sntp.address.overrideDHCP", SWITCH, "WAZO base.tpl"),
)

RESTARTING = ("device.net.", "device.feature.nat.ice.")
"""Beginnings of the parameters in flash that count after a restart, which the phone may begin by itself."""

UNSHOWN = (
    Unshown(
        "idle web sessions: no public source shows a parameter of these phones for the minutes after which one ends",
        ("ADM-4",),
    ),
    Unshown(
        "SSH and mirroring to the PC port: no public source shows a parameter of these phones for them",
        ("WEB-3", "VLAN-1"),
    ),
)
