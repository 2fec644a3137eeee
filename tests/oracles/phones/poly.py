"""Facts of Poly parameters, UCS 5.9 and 6.x (VVX) and PVOS 8 (Edge E)."""

from __future__ import annotations

from .facts import Fact, Facts
from .scales import SWITCH, Choice, Ciphers, Clock, Host, Number, Text, Url

LINES = ("ucs5", "ucs6", "pvos8")

# Public repositories, read at the commits of August and April 2026.
UCS6 = "fusionpbx/fusionpbx resources/templates/provision/polycom/6.x/{$mac}.cfg"
VVX = "fusionpbx/fusionpbx resources/templates/provision/polycom (older VVX and SoundPoint models)"
SETTINGS = "fusionpbx/fusionpbx app/polycom/app_config.php"
WAZO = "wazo-platform/wazo-provd-plugins plugins/wazo_polycom/common/templates/base.tpl"
WAZO_COMMON = "wazo-platform/wazo-provd-plugins plugins/wazo_polycom/v6_4_6/var/tftpboot/common.cfg"
MODZERO = "modzero/MZ-23-01-Poly-VoIP-Devices configurations"
POSH = "rdbahm/Posh-UCS"
GUIDE = "Polycom administrator's guides (VVX expansion module addendum UCS 4.1.6 pages 56-57, SIP 2.2.0 page 126)"
METASPLOIT = "rapid7/metasploit-framework discussion 22033"
SYSLOG_GUIDE = "Polycom administrator's guide SIP 3.0.2, page 3-12"
SAMPLE = "a public template with httpd.cfg.lockWebUI (repository not named by the index)"
MODEL = "a public data model with one column a UCS parameter (repository not named by the index)"
PROVISIONER = "a public PHP provisioner for VVX (repository not named by the index)"

TRANSPORTS = Choice({name: name for name in ("DNSnaptr", "TCPpreferred", "UDPOnly", "TLS", "TCPOnly")})
PROTOCOLS = Choice({"TLSv1_0": "1.0", "TLSv1_1": "1.1", "TLSv1_2": "1.2", "SSLv2v3": "anything"})
REQUESTS = Choice({
    name: name for name in
    "INVITE ACK BYE REGISTER CANCEL OPTIONS INFO MESSAGE SUBSCRIBE NOTIFY REFER PRACK UPDATE".split()
})
VALIDATIONS = Choice({"Null": "no check", "source": "sender is a registrar", "digest": "sender has the password",
                      "both": "source and digest", "all": "source and digest"})
SERVERS = Choice({"0": "FTP", "1": "TFTP", "2": "HTTP", "3": "HTTPS", "4": "FTPS"})
BOOT_OPTIONS = Choice({"0": "option 66", "1": "custom option", "2": "static", "3": "custom option, then 66"})
SYSLOG = Choice({"0": "none", "1": "UDP", "2": "TCP", "3": "TLS"})
PUSH = Choice({"0": "none", "1": "normal", "2": "important", "3": "high", "4": "critical", "5": "all"})
POLLING = Choice({"abs": "at a time", "rel": "after a while", "random": "at any time between two"})
PORT = Number(1, 65535)
DSCP = Number(0, 63)


def _flash(pattern: str, scale: object, source: str = UCS6, **more: object) -> Fact:
    return Fact(pattern, scale, source, flash=True, **more)  # type: ignore[arg-type]


def _rest(pattern: str, scale: object, source: str = UCS6, **more: object) -> Fact:
    return Fact(pattern, scale, source, **more)  # type: ignore[arg-type]


_WEB = (
    _rest("httpd.enabled", SWITCH, VVX, default="1"),
    _rest("httpd.cfg.enabled", SWITCH, VVX, default="1"),
    _rest("httpd.cfg.port", PORT, VVX, default="80"),
    _rest("httpd.cfg.secureTunnelEnabled", SWITCH, SAMPLE, default="1"),
    _rest("httpd.cfg.secureTunnelRequired", SWITCH, WAZO_COMMON),
    _rest("httpd.cfg.secureTunnelPort", PORT, SAMPLE, default="443"),
    _rest("httpd.cfg.lockWebUI.enable", SWITCH, SAMPLE),
    _rest("httpd.cfg.lockWebUI.lockOutDuration", Number(60, 300), SAMPLE, values="unsure", shown=("60",)),
    _rest("httpd.cfg.lockWebUI.noOfInvalidAttempts", Number(3, 20), SAMPLE, values="unsure", shown=("5",)),
    _rest("httpd.cfg.lockWebUI.noOfInvalidAttemptsDuration", Number(60, 300), SAMPLE, values="unsure", shown=("60",)),
    _rest("httpd.ta.enabled", SWITCH, MODZERO, default="0"),
)
_REMOTE = (
    _rest("diags.telnetd.enabled", SWITCH, MODZERO, default="0"),
    _rest("diags.pcap.enabled", SWITCH),
    _rest("diags.pcap.remote.enabled", SWITCH),
    _rest("apps.restapi.enabled", SWITCH, POSH, default="0"),
    _rest("apps.restapi.sipNotify.enabled", SWITCH, "public click-to-dial code for the Edge E (8.3.1)"),
    _rest("apps.push.messageType", PUSH, WAZO),
    _rest("apps.push.secureTunnelRequired", SWITCH, WAZO_COMMON),
    _rest("apps.push.serverRootURL", Text(), VVX),
    _rest("apps.push.username", Text(), WAZO),
    _rest("apps.push.password", Text(), WAZO, secret=True),
    _rest("apps.statePolling.URL", Url(), VVX, values="unsure"),
    _rest("apps.statePolling.username", Text(), VVX, values="unsure"),
    _rest("apps.statePolling.password", Text(), VVX, values="unsure", secret=True),
    _rest("apps.telNotification.URL", Url(), VVX),
    _rest("apps.telNotification.incomingEvent", SWITCH, VVX),
    _rest("apps.telNotification.outgoingEvent", SWITCH, VVX, name="unsure"),
    _rest("apps.telNotification.offhookEvent", SWITCH, VVX),
    _rest("apps.telNotification.onhookEvent", SWITCH, VVX),
    _flash("device.feature.nat.ice.enabled", SWITCH, METASPLOIT, default="0", reboot=True),
)
_ACCOUNTS = (
    _flash("device.auth.localAdminPassword", Text(32, blank=False), secret=True, default="456"),
    _flash("device.auth.localUserPassword", Text(32, blank=False), secret=True, default="123"),
    _rest("device.passwordConfigured", SWITCH, MODZERO, values="unsure"),
    _rest("sec.pwd.length.admin", Number(0, 32), VVX, values="unsure"),
    _rest("sec.pwd.length.user", Number(0, 32), VVX, values="unsure"),
)
_TLS = (
    *(
        _rest(f"sec.TLS.protocol.{service}", PROTOCOLS, PROVISIONER if service in ("sip", "browser") else MODEL,
              values="unsure", shown=("TLSv1_2",))
        for service in "sip browser webServer ldap sopi xmpp exchangeServices".split()
    ),
    _flash("device.sec.TLS.protocol.prov", PROTOCOLS, PROVISIONER, values="unsure", shown=("TLSv1_2",)),
    _flash("device.sec.TLS.protocol.syslog", PROTOCOLS, PROVISIONER, values="unsure", shown=("TLSv1_2",)),
    _rest("sec.TLS.SIP.strictCertCommonNameValidation", SWITCH),
    _flash("device.sec.TLS.prov.strictCertCommonNameValidation", SWITCH),
    _rest("sec.TLS.customCaCert.X", Text(16384, lines=True)),
    _flash("device.sec.TLS.customCaCert1", Text(16384, lines=True), VVX),
    _flash("device.sec.TLS.customCaCert2", Text(16384, lines=True), VVX),
    _flash("device.sec.TLS.profile.caCertList1", Text(64), PROVISIONER),
    _flash("device.sec.TLS.profile.caCertList2", Text(64), PROVISIONER),
    *(
        _rest(f"sec.TLS.profileSelection.{service}", Text(64), PROVISIONER if service == "SIP" else MODEL,
              values="verified" if service == "SIP" else "unsure")
        for service in "SIP syslog LDAP SOPI XMPP browser".split()
    ),
    *(_rest(f"sec.TLS.profile.X.caCert.application{index}", SWITCH, MODEL, values="unsure") for index in range(1, 8)),
    *(_rest(f"sec.TLS.profile.X.caCert.platform{index}", SWITCH, MODEL, values="unsure") for index in range(1, 4)),
    _rest("sec.TLS.profile.X.caCert.defaultList", SWITCH, MODEL, values="unsure"),
    _rest("sec.TLS.profile.X.cipherSuite", Ciphers(), MODEL, values="unsure"),
    _rest("sec.TLS.profile.X.cipherSuiteDefault", SWITCH, MODEL, values="unsure"),
    _flash("device.sec.TLS.profile.cipherSuiteDefault1", SWITCH),
    _flash("device.sec.TLS.profile.cipherSuite1", Ciphers()),
    *(
        _rest(f"sec.TLS.{service}.cipherList", Ciphers(), MODEL, values="unsure")
        for service in "SIP webServer prov syslog".split()
    ),
)
_SIP = (
    _rest("reg.X.address", Text(255)),
    _rest("reg.X.label", Text(255)),
    _rest("reg.X.displayName", Text(255)),
    _rest("reg.X.type", Choice({"private": "private", "shared": "shared"})),
    _rest("reg.X.lineKeys", Number(1, 48)),
    _rest("reg.X.auth.userId", Text(255)),
    _rest("reg.X.auth.password", Text(255), secret=True),
    _rest("reg.X.server.Y.address", Host()),
    _rest("reg.X.server.Y.port", Number(0, 65535)),
    _rest("reg.X.server.Y.transport", TRANSPORTS, default="DNSnaptr"),
    _rest("reg.X.server.Y.expires", Number(0, 2147483647)),
    _rest("reg.X.outboundProxy.address", Host()),
    _rest("reg.X.outboundProxy.port", Number(0, 65535)),
    _rest("reg.X.outboundProxy.transport", TRANSPORTS, default="DNSnaptr"),
    _rest("voIpProt.server.X.address", Host(), VVX),
    _rest("voIpProt.server.X.port", Number(0, 65535), VVX),
    _rest("voIpProt.server.X.transport", TRANSPORTS, GUIDE, default="DNSnaptr"),
    _rest("reg.X.srtp.enable", SWITCH, WAZO, name="unsure", values="unsure"),
    _rest("reg.X.srtp.offer", SWITCH, WAZO, name="unsure", values="unsure"),
    _rest("reg.X.srtp.require", SWITCH, WAZO, name="unsure", values="unsure"),
    _rest("sec.srtp.enable", SWITCH, WAZO),
    _rest("sec.srtp.offer", SWITCH, WAZO),
    _rest("sec.srtp.require", SWITCH, WAZO),
    _rest("voIpProt.SIP.requestValidation.X.request", REQUESTS, GUIDE),
    _rest("voIpProt.SIP.requestValidation.X.method", VALIDATIONS, GUIDE, default="Null"),
    _rest("voIpProt.SIP.requestValidation.digest.realm", Text(64), GUIDE, default="PolycomSPIP"),
    _rest("voIpProt.SIP.local.port", Number(0, 65535), VVX, values="unsure", default="5060"),
    _rest("voIpProt.SIP.specialEvent.checkSync.alwaysReboot", SWITCH),
    _rest("feature.urlDialing.enabled", SWITCH),
)
_NETWORK = (
    _flash("device.net.vlanId", Number(0, 4094, blank=True), WAZO, reboot=True),
    _flash("device.dhcp.dhcpVlanDiscUseOpt", Number(0, 2), SETTINGS, values="unsure", reboot=True),
    _flash("device.net.lldpEnabled", SWITCH, SETTINGS, reboot=True),
    _flash("device.net.cdpEnabled", SWITCH, SETTINGS, reboot=True),
    _rest("qos.ip.callControl.dscp", DSCP, WAZO),
    _rest("qos.ip.rtp.dscp", DSCP, WAZO),
    _rest("qos.ethernet.callControl.user_priority", Number(0, 7), VVX),
    _rest("qos.ethernet.rtp.user_priority", Number(0, 7), VVX),
    _flash("device.net.dot1x.enabled", SWITCH, MODEL, values="unsure", reboot=True),
    _flash("device.net.dot1x.method", Text(32), MODEL, values="unsure", reboot=True),
    _flash("device.net.dot1x.identity", Text(64), MODEL, values="unsure", reboot=True),
    _flash("device.net.dot1x.password", Text(64), MODEL, values="unsure", reboot=True, secret=True),
    _flash("device.net.dot1x.anonid", Text(64), MODEL, values="unsure", reboot=True),
    _rest("sec.dot1x.eapollogoff.enabled", SWITCH, MODEL, values="unsure"),
    _rest("sec.dot1x.eapollogoff.lanlinkreset", SWITCH, MODEL, values="unsure"),
    _flash("device.net.etherModePC", Text(32), MODEL, values="unsure", reboot=True),
    _flash("device.net.etherStormFilter", SWITCH, MODEL, values="unsure", reboot=True),
    _flash("device.net.etherVlanFilter", SWITCH, MODEL, values="unsure", reboot=True),
    _flash("device.net.icmp.echoRepliesMask", Number(0, 255), MODEL, values="unsure"),
)
_PROVISIONING = (
    _flash("device.prov.serverType", SERVERS, SETTINGS),
    _flash("device.prov.serverName", Host(path=True)),
    _flash("device.prov.user", Text(255), default="PlcmSpIp"),
    _flash("device.prov.password", Text(255), secret=True, default="PlcmSpIp"),
    _flash("device.prov.tagSerialNo", SWITCH),
    _flash("device.prov.upgradeServer", Text(255)),
    _flash("device.prov.abortSWUpgradeAfterFailures", Number(0, 99)),
    _flash("device.prov.redunAttemptLimit", Number(0, 99)),
    _flash("device.prov.redunInterAttemptDelay", Number(0, 9999)),
    _flash("device.dhcp.bootSrvUseOpt", BOOT_OPTIONS, SETTINGS, values="unsure", shown=("2",)),
    _rest("prov.polling.enabled", SWITCH),
    _rest("prov.polling.mode", POLLING, SETTINGS),
    _rest("prov.polling.period", Number(3600, 8640000), SETTINGS),
    _rest("prov.polling.time", Clock()),
    _rest("prov.polling.timeRandomEnd", Clock()),
    _rest("prov.autoConfigUpload.enabled", SWITCH, WAZO_COMMON),
)
_REPORTING = (
    _flash("device.syslog.serverName", Host(), SYSLOG_GUIDE),
    _flash("device.syslog.transport", SYSLOG, SYSLOG_GUIDE),
    _flash("device.syslog.facility", Number(0, 23), SYSLOG_GUIDE),
    _flash("device.syslog.renderLevel", Number(0, 6), SYSLOG_GUIDE),
    _flash("device.syslog.prependMac", SWITCH, SETTINGS),
    _rest("tcpIpApp.sntp.address", Host()),
    _rest("tcpIpApp.sntp.address.overrideDHCP", SWITCH, WAZO),
    _rest("tcpIpApp.sntp.gmtOffset", Text(16)),
    _rest("tcpIpApp.sntp.gmtOffset.overrideDHCP", SWITCH, WAZO_COMMON),
    _rest("tcpIpApp.sntp.resyncPeriod", Number(0, 2147483647)),
    _flash("device.sntp.serverName", Host()),
    _flash("device.sntp.gmtOffset", Text(16)),
)
_HARDWARE = (
    _rest("feature.bluetooth.enabled", SWITCH, VVX),
    _rest("feature.bluetooth.radioOn", SWITCH),
    _rest("feature.callRecording.enabled", SWITCH),
    _rest("feature.logUpload.enabled", SWITCH),
    _rest("lens.connection.enable", SWITCH, "no public source found", name="unsure", values="unsure"),
)
# What providers' templates set besides: none of it concerns security, and all of it has to stay.
_ORDINARY = (
    _flash("device.baseProfile", Text(32)),
    _flash("device.dns.serverAddress", Host()),
    _flash("device.dns.altSrvAddress", Host()),
    _rest("attendant.resourceList.X.address", Text()),
    _rest("attendant.resourceList.X.label", Text()),
    _rest("attendant.resourceList.X.type", Text()),
    _rest("dialplan.digitmap", Text(2560), WAZO_COMMON),
    _rest("dialplan.digitmap.timeOut", Text(), WAZO_COMMON),
    _rest("feature.enhancedFeatureKeys.enabled", SWITCH, WAZO_COMMON),
    _rest("feature.nonVolatileRingerVolume.enabled", SWITCH),
    _rest("lcl.datetime.time.24HourClock", SWITCH, WAZO_COMMON),
    _rest("msg.bypassInstantMessage", SWITCH, WAZO_COMMON),
    _rest("phoneLock.enabled", SWITCH, WAZO_COMMON),
    _rest("up.mwiVisible", SWITCH, WAZO_COMMON),
    _rest("up.oneTouchVoiceMail", SWITCH, WAZO_COMMON),
    _rest("softkey.feature.directories", SWITCH, WAZO_COMMON),
    _rest("voIpProt.SIP.alertInfo.X.class", Text(), WAZO_COMMON),
    _rest("voIpProt.SIP.alertInfo.X.value", Text(), WAZO_COMMON),
)

ALL = Facts((
    *_WEB, *_REMOTE, *_ACCOUNTS, *_TLS, *_SIP, *_NETWORK, *_PROVISIONING, *_REPORTING, *_HARDWARE, *_ORDINARY,
))
_SET = Fact("", SWITCH, UCS6)


def facts_of_line(line: str) -> Facts:
    """The table of a release line; raises ValueError for one that is not known.

    The sources do not tell the lines apart: a phone that has no use for a parameter passes over it.
    """
    if line not in LINES:
        raise ValueError(f"no facts of Poly {line} (there are: {', '.join(LINES)})")
    return ALL


def companion(parameter: str) -> Fact | None:
    """The fact of a `.set` companion: `device.set`, and one beside every parameter in flash."""
    if parameter == "device.set":
        return _SET
    name, dot, last = parameter.rpartition(".")
    if dot and last == "set":
        owner = ALL.find(name)
        return _SET if owner is not None and owner.flash else None
    return None
