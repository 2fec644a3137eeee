"""Settings of hardened phones, written down by hand."""

from __future__ import annotations

YEALINK = """
static.wui.http_enable = 0
static.wui.https_enable = 1
static.network.port.https = 443
wui.quick_login = 0
features.relog_offtime = 5
static.security.user_name.admin = admin
static.security.user_password = admin:Vk7mQ2rX9tLw4ZsB
static.security.user_password = user:hT5nPq8dRy
static.security.user_password = var:zM3cGw6bKf
static.security.var_enable = 0
features.action_uri.enable = 0
push_xml.server = %NULL%
push_xml.sip_notify = 0
features.csta_control.enable = 0
account.1.enable = 1
account.1.user_name = 201
account.1.sip_server.1.address = sip.example.com
account.1.sip_server.1.port = 5061
account.1.sip_server.1.transport_type = 2
account.1.srtp_encryption = 2
static.security.trust_certificates = 1
static.security.ca_cert = 2
static.security.cn_validation = 1
static.security.default_ssl_method = 5
security.tls_cipher_list = ECDHE+AESGCM:!aNULL:!eNULL:!EXPORT:!RC4:!3DES:!MD5
sip.trust_ctrl = 1
features.direct_ip_call_enable = 0
features.ip_call.auto_answer.enable = 0
static.network.lldp.enable = 1
static.network.cdp.enable = 0
static.network.span_to_pc_port = 0
static.auto_provision.server.url = https://prov.example.com/site/
static.auto_provision.server.username = 805ec0aa0001
static.auto_provision.server.password = yN4kXv2pQ8sJ7mTd
static.auto_provision.custom.protect = 0
static.auto_provision.pnp_enable = 0
static.auto_provision.dhcp_option.enable = 0
static.zero_touch.enable = 0
static.managementserver.enable = 0
static.syslog.enable = 1
static.syslog.server = log.example.com
local_time.ntp_server1 = ntp.example.com
local_time.manual_ntp_srv_prior = 1
"""

POLY = """
httpd.enabled=1
httpd.cfg.enabled=1
httpd.cfg.secureTunnelEnabled=1
httpd.cfg.secureTunnelRequired=1
httpd.cfg.lockWebUI.enable=1
httpd.ta.enabled=0
diags.telnetd.enabled=0
diags.pcap.enabled=0
diags.pcap.remote.enabled=0
apps.restapi.enabled=1
apps.restapi.sipNotify.enabled=0
apps.push.messageType=0
apps.push.secureTunnelRequired=1
device.set=1
device.feature.nat.ice.enabled=0
device.auth.localAdminPassword=Vk7mQ2rX9tLw4ZsB
device.auth.localUserPassword=hT5nPq8dRy
reg.1.address=201@sip.example.com
reg.1.server.1.address=sip.example.com
reg.1.server.1.port=5061
reg.1.server.1.transport=TLS
sec.TLS.protocol.sip=TLSv1_2
device.sec.TLS.protocol.prov=TLSv1_2
sec.TLS.SIP.strictCertCommonNameValidation=1
device.sec.TLS.prov.strictCertCommonNameValidation=1
sec.srtp.enable=1
sec.srtp.offer=1
sec.srtp.require=1
voIpProt.SIP.requestValidation.1.request=INVITE
voIpProt.SIP.requestValidation.1.method=source
voIpProt.SIP.requestValidation.2.request=NOTIFY
voIpProt.SIP.requestValidation.2.method=source
voIpProt.SIP.requestValidation.3.request=OPTIONS
voIpProt.SIP.requestValidation.3.method=source
voIpProt.SIP.requestValidation.4.request=REFER
voIpProt.SIP.requestValidation.4.method=source
feature.urlDialing.enabled=0
device.net.lldpEnabled=1
device.net.cdpEnabled=0
device.prov.serverType=3
device.prov.serverName=prov.example.com/site
device.prov.user=64167faa0001
device.prov.password=yN4kXv2pQ8sJ7mTd
device.prov.tagSerialNo=1
device.dhcp.bootSrvUseOpt=2
device.syslog.serverName=log.example.com
device.syslog.transport=3
tcpIpApp.sntp.address=ntp.example.com
tcpIpApp.sntp.address.overrideDHCP=1
feature.callRecording.enabled=0
feature.logUpload.enabled=0
"""


def poly_parameters() -> dict[str, str]:
    """The Poly sample, every parameter in flash with its companion."""
    pairs = [line.split("=", 1) for line in POLY.split() if line]
    found = dict(pairs)
    for name in list(found):
        if name.startswith("device.") and name != "device.set":
            found[f"{name}.set"] = "1"
    return found


def poly_file(parameters: dict[str, str]) -> str:
    """A parameter file with these parameters."""
    attributes = " ".join(f'{name}="{value}"' for name, value in parameters.items())
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<polycomConfig {attributes} />\n'


def yealink_file(text: str = YEALINK) -> str:
    """A configuration with the version in its first line."""
    return f"#!version:1.0.0.1\n{text.strip()}\n"
