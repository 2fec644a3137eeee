"""Files as providers' provisioning systems write them: the shapes that are public, with made-up values.

Shapes: FusionPBX's (a boot file over a common and a MAC file; one whole Poly file a phone), WAZO's (one Yealink file a
phone, which protects the user's changes; a Poly master file over the phone's and a common file), what modzero published
(files that open a Poly), and what a Poly's web interface exports. All of them are insecure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

VERSION = "#!version:1.0.0.1"


@dataclass(frozen=True)
class Template:
    """``files`` by name as the phone asks for them; ``hardened`` puts a file of ours where it outranks them."""

    vendor: str
    files: Mapping[str, str]
    ours: str

    def hardened(self, text: str) -> dict[str, str]:
        """The files with one of ours among them."""
        files = {**self.files, self.ours: text}
        for name, content in self.files.items():
            if name.endswith(".boot"):
                files[name] = content.replace("\n\noverwrite", f'\ninclude:config "{self.ours}"\n\noverwrite')
            elif "<APPLICATION" in content:
                files[name] = content.replace('CONFIG_FILES="', f'CONFIG_FILES="{self.ours}, ')
        return files


def yealink_boot(mac: str, server: str, *, overwrite: bool = True, number: str = "096") -> Template:
    """A boot file that includes a common and the phone's own file, as FusionPBX writes it. ``number``: its model's."""
    boot = (
        f'{VERSION}\n## The header above must appear as-is in the first line\n\n'
        f'include:config "y000000000{number}.cfg"\n'
        f'include:config "{mac}.cfg"\n\noverwrite_mode = {int(overwrite)}\n'
    )
    common = f"""{VERSION}
##File header "{VERSION}" can not be edited or deleted, and must be placed in the first line.##
static.network.cdp.enable = 0
static.network.lldp.enable = 0
static.wui.http_enable =
static.wui.https_enable =
static.security.trust_certificates = 0
static.security.default_ssl_method = 3
static.security.user_password = user:user
static.security.user_password = admin:template-password
sip.trust_ctrl = 1
features.direct_ip_call_enable = 0
local_time.ntp_server1 = pool.example.com
lang.gui = English
voice.tone.country = Germany
"""
    own = f"""{VERSION}
account.1.enable = 1
account.1.label = 201
account.1.user_name = 201
account.1.password = S1p-of-201
account.1.sip_server.1.address = {server}
account.1.sip_server.1.port = 5060
account.1.sip_server.1.transport_type = 0
account.1.srtp_encryption = 0
linekey.1.type = 15
"""
    files = {f"{mac}.boot": boot, f"y000000000{number}.cfg": common, f"{mac}.cfg": own}
    return Template("yealink", files, "zz-hardening.cfg")


def yealink_single(mac: str, server: str) -> Template:
    """One file a phone, without a boot file, as WAZO writes it: a boot file of ours takes it in."""
    own = f"""{VERSION}

static.auto_provision.pnp_enable = 0
static.auto_provision.custom.protect = 1

features.show_action_uri_option = 0
features.action_uri_limit_ip = 192.0.2.5
sip.notify_reboot_enable = 0
sip.trust_ctrl = 1
features.direct_ip_call_enable = 1

static.network.vlan.internet_port_enable = 0
static.network.vlan.internet_port_vid = %NULL%
static.security.user_name.admin = admin
static.security.user_password = user:user
static.security.user_password = admin:admin

account.1.enable = 1
account.1.label = 201
account.1.user_name = 201
account.1.password = S1p-of-201
account.1.sip_server.1.address = {server}
account.1.sip_server.1.port = %NULL%
account.1.sip_server.1.transport_type = 0
account.1.srtp_encryption = 0
account.2.enable = 0
account.2.label = %NULL%
"""
    boot = f'{VERSION}\ninclude:config "{mac}.cfg"\n\noverwrite_mode = 0\n'
    return Template("yealink", {f"{mac}.boot": boot, f"{mac}.cfg": own}, "zz-hardening.cfg")


def poly_master(mac: str, server: str) -> Template:
    """A common master file over the phone's own and a common file, as WAZO writes it."""
    master = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<APPLICATION APP_FILE_PATH="sip.ld" CONFIG_FILES="[PHONE_MAC_ADDRESS]-user.cfg, common.cfg">\n</APPLICATION>\n'
    )
    own = _parameters({
        "device.set": "1", "device.auth.localAdminPassword.set": "1", "device.auth.localAdminPassword": "9486",
        "device.auth.localUserPassword.set": "1", "device.auth.localUserPassword": "123",
        "reg.1.address": f"201@{server}", "reg.1.label": "201", "reg.1.auth.userId": "201",
        "reg.1.auth.password": "S1p-of-201", "reg.1.server.1.address": server, "reg.1.server.1.port": "5060",
        "reg.1.server.1.transport": "UDPOnly", "sec.srtp.enable": "0", "sec.srtp.offer": "0", "sec.srtp.require": "0",
    })
    common = _parameters({
        "apps.push.secureTunnelRequired": "0", "httpd.cfg.secureTunnelRequired": "0",
        "prov.autoConfigUpload.enabled": "0", "up.mwiVisible": "1", "dialplan.digitmap": "[0123456789*#].T",
    })
    files = {"000000000000.cfg": master, f"{mac}-user.cfg": own, "common.cfg": common}
    return Template("poly", files, "hardening.cfg")


def poly_whole(mac: str, server: str) -> Template:
    """One whole file a phone, as FusionPBX writes it: a master file of ours takes it in under another name."""
    own = _parameters({
        "device.set": "1", "device.auth.localAdminPassword": "template-password",
        "device.auth.localAdminPassword.set": "1", "device.auth.localUserPassword": "template-password",
        "device.auth.localUserPassword.set": "1", "device.net.lldpEnabled": "0", "device.net.lldpEnabled.set": "1",
        # Without its companion, as it is in public.
        "device.sntp.serverName": "pool.example.com",
        "reg.1.address": f"201@{server}", "reg.1.label": "201", "reg.1.auth.userId": "201",
        "reg.1.auth.password": "S1p-of-201", "reg.1.server.1.address": server, "reg.1.server.1.port": "5060",
        "reg.1.server.1.transport": "DNSnaptr", "sec.srtp.enable": "0",
        "sec.TLS.SIP.strictCertCommonNameValidation": "0", "voIpProt.SIP.specialEvent.checkSync.alwaysReboot": "1",
    })
    master = f'<APPLICATION APP_FILE_PATH="sip.ld" CONFIG_FILES="{mac}-provider.cfg"/>\n'
    return Template("poly", {f"{mac}.cfg": master, f"{mac}-provider.cfg": own}, "hardening.cfg")


def poly_opened(mac: str, server: str) -> Template:
    """A master file over one file for each of the settings that modzero's advisory is about."""
    whole = poly_whole(mac, server).files[f"{mac}-provider.cfg"]
    opened = {
        "telnetd.cfg": {"diags.telnetd.enabled": "1"},
        "test_automation.cfg": {"httpd.ta.enabled": "1"},
        "password_change.cfg": {
            "device.set": "1", "device.auth.localAdminPassword.set": "1", "device.auth.localAdminPassword": "template",
        },
    }
    listed = ", ".join([*opened, f"{mac}-provider.cfg"])
    master = f'<APPLICATION APP_FILE_PATH="sip.ld" CONFIG_FILES="{listed}"/>\n'
    files = {name: _parameters(parameters) for name, parameters in opened.items()}
    return Template("poly", {f"{mac}.cfg": master, f"{mac}-provider.cfg": whole, **files}, "hardening.cfg")


def poly_export(mac: str, server: str) -> Template:
    """What a web interface exported, a section a layer, as the phone's only file. Its head names what it left out."""
    text = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        "<!-- The following parameters are not in this file: device.auth.localAdminPassword "
        "device.auth.localUserPassword reg.1.auth.password -->\n<PHONE_CONFIG>\n"
        f'  <CALL_SERVER reg.1.address="201@{server}" reg.1.server.1.address="{server}"'
        ' reg.1.server.1.transport="UDPOnly" />\n'
        '  <WEB apps.restapi.enabled="1" feature.urlDialing.enabled="1" up.mwiVisible="1" />\n'
        '  <DEVICE_SETTINGS device.set="1" device.net.cdpEnabled="1" device.net.cdpEnabled.set="1" />\n'
        f'  <ALL reg.1.label="201" reg.1.auth.userId="201" voIpProt.server.2.address="{server}"'
        ' voIpProt.server.2.transport="UDPOnly" dialplan.digitmap="[0-9*#].T" />\n</PHONE_CONFIG>\n'
    )
    return Template("poly", {f"{mac}.cfg": text}, "hardening.cfg")


def _parameters(parameters: Mapping[str, str]) -> str:
    attributes = "\n".join(f"  {name}={quoteattr(value)}" for name, value in parameters.items())
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f"<PHONE_CONFIG>\n<ALL\n{attributes}\n/>\n</PHONE_CONFIG>\n"
    )
