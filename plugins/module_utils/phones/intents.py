# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a policy asks of a phone, in no vendor's words. Pure.

An intent is one thing that can be right or wrong about a phone; its value is the same whatever the vendor. 802.1X is
none of them: who set it up has certificates on the phones, and a wrong value takes a phone off the network.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..policy.model import Host, PortRange, SitePolicy, Syslog, VoiceVlan
from ..secret import Secret
from .phone import Phone
from .table import Value

ACCOUNTS = ("admin", "user", "var")
"""The accounts that a phone may have. `var` is Yealink's third level; where it is off it still gets a password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Passwords of the accounts of one phone, and what it shows to its provisioning server. Missing: not wanted."""

    passwords: Mapping[str, Secret]
    provisioning_user: str = ""
    provisioning_password: Secret | None = None


NO_CREDENTIALS = Credentials(passwords={})


@dataclass(frozen=True, slots=True)
class Context:
    """All that the value of an intent may depend on."""

    policy: SitePolicy
    phone: Phone
    credentials: Credentials

    @property
    def ours(self) -> bool:
        """Whether the site provisions the phone: nobody else's provisioning is redirected."""
        return self.policy.phones.provisioning_owner == "site"

    @property
    def server(self) -> str | None:
        """Where the phone fetches its configuration, without https://."""
        vlan = self.policy.voice_vlan
        url = vlan.provisioning_url if vlan is not None and self.ours else None
        return None if url is None else url.removeprefix("https://")

    @property
    def authority_file(self) -> str | None:
        """Where the phone fetches the site's own authority, without https://."""
        pem = self.policy.phones.authority
        if pem is None or self.server is None:
            return None
        return f"{self.server.rstrip('/')}/{authority_file(self.phone, pem)}"

    @property
    def ntp(self) -> tuple[Host, ...]:
        vlan = self.policy.voice_vlan
        return self.policy.provider.ntp if vlan is None else vlan.ntp_servers


@dataclass(frozen=True, slots=True)
class Intent:
    """`value` gives what is wanted, None where the policy asks for nothing."""

    id: str
    controls: tuple[str, ...]
    says: str
    value: Callable[[Context], Value | None]


def wanted(policy: SitePolicy, phone: Phone, credentials: Credentials = NO_CREDENTIALS) -> dict[str, Value]:
    """What the policy asks of the phone: a value by intent, in the order of `INTENTS`."""
    context = Context(policy, phone, credentials)
    values = ((intent.id, intent.value(context)) for intent in INTENTS)
    return {intent: value for intent, value in values if value is not None}


def authority_file(phone: Phone, pem: str) -> str:
    """Name of the file with the site's own authority; another authority has another name, so that it is fetched.

    Of twelve digits a server would take it for another phone's.
    """
    return f"{phone.mac}-authority-{hashlib.sha256(pem.encode()).hexdigest()[:8]}.pem"


def sip_port(ports: tuple[PortRange, ...], secure: bool) -> int:
    """The port of the registrar: the standard one of RFC 3261 where the provider has it, or else its lowest."""
    standard = 5061 if secure else 5060
    return standard if any(one.contains(standard) for one in ports) else ports[0].first


def _always(value: Value) -> Callable[[Context], Value]:
    return lambda _context: value


def _password(account: str) -> Callable[[Context], Value | None]:
    return lambda context: context.credentials.passwords.get(account)


def _name(account: str) -> Callable[[Context], Value | None]:
    return lambda context: account if account in context.credentials.passwords else None


def _ntp(place: int) -> Callable[[Context], Value | None]:
    return lambda context: str(context.ntp[place]) if place < len(context.ntp) else None


def _https(context: Context) -> Value:
    return context.policy.phones.web_interface == "https_only"


def _action_uri_from(context: Context) -> Value | None:
    return ",".join(map(str, context.policy.phones.action_uri_from)) or None


def _port(context: Context) -> Value:
    policy = context.policy
    return sip_port(policy.sip_ports_in_use, policy.transport == "tls")


def _srtp(context: Context) -> Value | None:
    srtp = context.policy.phones.srtp
    return None if srtp == "none" else srtp


def _registrar_only(context: Context) -> Value | None:
    return True if context.policy.phones.registrar_only else None


def _discovery_off(context: Context) -> Value | None:
    """A phone that does not know its server's address must go on looking for it."""
    return None if context.server is None or context.policy.phones.onboarding else False


def _scheduled(value: Callable[[Context], Value]) -> Callable[[Context], Value | None]:
    return lambda context: value(context) if context.ours else None


def _of_vlan(value: Callable[[VoiceVlan], Value]) -> Callable[[Context], Value | None]:
    def of_context(context: Context) -> Value | None:
        vlan = context.policy.voice_vlan
        return None if vlan is None else value(vlan)

    return of_context


def _if_static(value: Callable[[VoiceVlan], Value]) -> Callable[[Context], Value | None]:
    """A fixed VLAN keeps a phone off the network behind any other switch port, so that LLDP-MED is preferred."""
    of_vlan = _of_vlan(value)
    return lambda context: of_vlan(context) if context.policy.phones.vlan_assignment == "static" else None


def _of_syslog(value: Callable[[Syslog], Value]) -> Callable[[Context], Value | None]:
    def of_context(context: Context) -> Value | None:
        syslog = context.policy.phones.syslog
        return None if syslog is None else value(syslog)

    return of_context


def _off(switch: str) -> Callable[[Context], Value | None]:
    return lambda context: False if switch in context.policy.phones.switch_off else None


def _firmware_file(context: Context) -> Value | None:
    firmware = context.policy.phones.firmware
    name = None if firmware is None else firmware.files.get(context.phone.model)
    return f"{firmware.source}{name}" if firmware is not None and name is not None else None


def _firmware_source(context: Context) -> Value | None:
    firmware = context.policy.phones.firmware
    return firmware.source if firmware is not None else None


INTENTS: tuple[Intent, ...] = (
    Intent("web.http", ("WEB-1",), "The web interface answers to unencrypted HTTP", _always(False)),
    Intent("web.https", ("WEB-1",), "The web interface is on", _https),
    Intent("web.tls", ("WEB-1",), "The web interface can be reached by HTTPS", lambda c: True if _https(c) else None),
    Intent("web.service", ("WEB-1",), "The HTTP service is on at all", lambda c: None if _https(c) else False),
    Intent(
        "web.session_minutes",
        ("ADM-4",),
        "Minutes until an idle web session ends",
        lambda c: c.policy.phones.web_session_minutes,
    ),
    Intent("web.quick_login", ("ADM-4",), "A web session can be opened without its password", _always(False)),
    Intent("web.lockout", ("ADM-4",), "The web interface locks after failed log-ins", _always(True)),
    Intent("web.lock_attempts", ("ADM-4",), "Failed log-ins", lambda c: c.policy.phones.lockout.attempts),
    Intent(
        "web.lock_window_seconds", ("ADM-4",), "They count within", lambda c: c.policy.phones.lockout.window_seconds
    ),
    Intent("web.lock_seconds", ("ADM-4",), "It stays locked for", lambda c: c.policy.phones.lockout.lock_seconds),
    Intent("auth.var_account", ("WEB-2",), "The third account is on", _always(False)),
    Intent("auth.admin_name", ("WEB-2",), "Name of the administrator", _name("admin")),
    Intent("auth.admin", ("WEB-2", "ADM-4"), "Password of the administrator", _password("admin")),
    Intent("auth.user_name", ("WEB-2",), "Name of the user", _name("user")),
    Intent("auth.user", ("WEB-2", "ADM-4"), "Password of the user", _password("user")),
    Intent("auth.var_name", ("WEB-2",), "Name of the third account", _name("var")),
    Intent("auth.var", ("WEB-2", "ADM-4"), "Password of the third account", _password("var")),
    Intent("auth.level", ("WEB-2",), "Level of the phone's own menu", _always("user")),
    Intent("auth.admin_length", ("ADM-4",), "Shortest administrator's password", _always(12)),
    Intent("auth.user_length", ("ADM-4",), "Shortest user's password", _always(8)),
    Intent(
        "remote.action_uri",
        ("WEB-3",),
        "Hosts may control the phone by URL",
        lambda c: bool(c.policy.phones.action_uri_from),
    ),
    Intent("remote.action_uri_from", ("WEB-3",), "These may", _action_uri_from),
    Intent("remote.action_uri_prompt", ("WEB-3",), "The phone asks its user before it obeys one", _always(True)),
    Intent("remote.xml_push", ("WEB-3",), "Content can be pushed to the display by SIP", _always(False)),
    Intent("remote.xml_push_server", ("WEB-3",), "Hosts that may push content", _always("")),
    Intent("remote.push", ("WEB-3",), "Content can be pushed to the display", _always(False)),
    Intent("remote.push_tls", ("WEB-3",), "Pushed content has to come encrypted", _always(True)),
    Intent("remote.csta", ("WEB-3",), "The phone can be controlled by uaCSTA", _always(False)),
    Intent("remote.rest", ("WEB-3",), "The REST interface is on", lambda c: c.policy.phones.rest_api),
    Intent("remote.rest_sip", ("WEB-3",), "REST requests are taken out of SIP messages", _always(False)),
    Intent("remote.tr069", ("WEB-3",), "The phone takes orders by TR-069", _always(False)),
    Intent("remote.test_automation", ("WEB-3", "FWM-3"), "Test automation, a way to root, is on", _always(False)),
    Intent("remote.call_events", ("WEB-3",), "A server is told of every call", _off("call_events")),
    Intent("debug.telnet", ("WEB-3", "FWM-3"), "The diagnostic telnet server is on", _always(False)),
    Intent("debug.capture", ("WEB-3",), "Packets can be captured, from afar as well", _always(False)),
    Intent("debug.log_upload", ("WEB-3",), "Logs can be uploaded on request", _always(False)),
    Intent("sip.transport", ("ENC-1", "SVC-1"), "Transport of signalling", lambda c: c.policy.transport),
    Intent("sip.port", ("SVC-1",), "The registrar's port", _port),
    Intent("sip.registrar_only", ("FW-1",), "SIP from anybody else is refused", _registrar_only),
    Intent(
        "sip.validated_requests",
        ("FW-1",),
        "Methods whose source is looked at",
        lambda c: "INVITE,NOTIFY" if _registrar_only(c) else None,
    ),
    Intent("sip.direct_ip", ("FW-1",), "Calls to and from an address, without the registrar", _always(False)),
    Intent("nat.ice", ("FWM-3",), "ICE is on (CVE-2026-0826)", _always(False)),
    Intent("tls.minimum", ("ENC-1",), "The oldest TLS", _always("1.2")),
    Intent("tls.trusted_only", ("ENC-1", "ENC-3"), "Only certificates of known authorities count", _always(True)),
    Intent("tls.names", ("ENC-1", "ENC-3"), "A certificate has to bear the server's name", _always(True)),
    Intent("tls.authorities", ("ENC-1",), "Whose authorities count", _always("all")),
    Intent("tls.authority", ("ENC-1",), "The site's own authority counts", lambda c: c.policy.phones.authority),
    Intent("tls.authority_file", ("ENC-1",), "... and is fetched from here", lambda c: c.authority_file),
    Intent("tls.ciphers", ("ENC-1",), "Ciphers, without weak ones", _always("strong")),
    Intent("srtp", ("ENC-2", "ENC-3"), "Encryption of media", _srtp),
    Intent("srtp.offered", ("ENC-2",), "Encryption of media is offered", lambda c: True if _srtp(c) else None),
    Intent("srtp.lines", ("ENC-2", "ENC-3"), "Encryption of media, as each line has it", _srtp),
    Intent("srtp.lines_offered", ("ENC-2",), "... and whether it offers that", lambda c: True if _srtp(c) else None),
    Intent("srtp.unencrypted", ("ENC-2",), "SRTP without encryption is taken", lambda c: False if _srtp(c) else None),
    Intent("vlan.lldp", ("VLAN-1",), "The switch tells the voice VLAN by LLDP-MED", _always(True)),
    Intent("vlan.cdp", ("VLAN-1",), "... or by CDP", _always(False)),
    Intent("vlan.static", ("VLAN-1",), "The voice VLAN is set on the phone", _if_static(lambda _vlan: True)),
    Intent("vlan.id", ("VLAN-1",), "The voice VLAN", _if_static(lambda vlan: vlan.id)),
    Intent("vlan.priority", ("VLAN-2",), "Its 802.1p priority", _if_static(lambda vlan: vlan.priority)),
    Intent("qos.media_dscp", ("VLAN-2",), "Marking of media", _of_vlan(lambda vlan: vlan.dscp)),
    Intent(
        "qos.signalling_dscp",
        ("VLAN-2",),
        "Marking of signalling",
        _of_vlan(lambda vlan: vlan.signalling_dscp),
    ),
    Intent("qos.priorities", ("VLAN-2",), "802.1p priority", _of_vlan(lambda vlan: vlan.priority)),
    Intent("port.mirror", ("VLAN-1",), "The PC port hears the phone's traffic", _always(False)),
    Intent("port.pc", ("VLAN-1",), "The PC port is on", lambda c: False if c.policy.phones.pc_port == "off" else None),
    Intent("port.filters", ("VLAN-1",), "Storms and frames of foreign VLANs are kept out", _always(True)),
    Intent("device.bluetooth", ("VLAN-1",), "Bluetooth is on", _off("bluetooth")),
    Intent("device.wifi", ("VLAN-1",), "Wi-Fi is on", _off("wifi")),
    Intent("device.usb_storage", ("PWD-5",), "USB sticks can be read", _off("usb_storage")),
    Intent("device.call_recording", ("ENC-2",), "Calls can be recorded on the phone", _off("call_recording")),
    Intent("device.reset_key", ("PWD-5",), "A key that is held down resets the phone", _off("reset_key")),
    Intent("prov.protocol", ("PWD-5",), "How the configuration is fetched", lambda c: "https" if c.server else None),
    Intent("prov.server", ("PWD-5",), "From where the configuration is fetched", lambda c: c.server),
    Intent("prov.user", ("PWD-5",), "Name shown to the server", lambda c: c.credentials.provisioning_user or None),
    Intent("prov.password", ("PWD-5",), "Password shown to the server", lambda c: c.credentials.provisioning_password),
    Intent("prov.serial", ("PWD-5",), "The phone says who it is", lambda c: True if c.server else None),
    Intent("prov.dhcp", ("PWD-5",), "DHCP may name another server", _discovery_off),
    Intent("prov.pnp", ("PWD-5",), "A server is looked for by multicast", _discovery_off),
    Intent("prov.zero_touch", ("PWD-5",), "The vendor's redirection may name another server", _discovery_off),
    Intent("prov.keep_local", ("FWM-1",), "What was changed at the phone outlives provisioning", _always(False)),
    Intent("prov.scheduled", ("FWM-1",), "The phone looks for news by itself", _scheduled(lambda c: True)),
    Intent("prov.days", ("FWM-1",), "On these days", _scheduled(lambda c: "every day")),
    Intent("prov.window_from", ("FWM-1",), "Not before", _scheduled(lambda c: c.policy.phones.window_from)),
    Intent("prov.window_to", ("FWM-1",), "Not after", _scheduled(lambda c: c.policy.phones.window_to)),
    Intent("fw.file", ("FWM-1", "FWM-3"), "The firmware file", _firmware_file),
    Intent("fw.source", ("FWM-1", "FWM-3"), "Where firmware is looked for", _firmware_source),
    Intent("log.on", ("MON-1",), "Logs are sent", _of_syslog(lambda _syslog: True)),
    Intent("log.server", ("MON-1",), "To this server", _of_syslog(lambda syslog: str(syslog.server))),
    Intent("log.port", ("MON-1",), "On this port", _of_syslog(lambda syslog: syslog.port)),
    Intent("log.transport", ("MON-1",), "Over this transport", _of_syslog(lambda syslog: syslog.transport)),
    Intent("log.facility", ("MON-1",), "As this facility", _of_syslog(lambda _syslog: 16)),
    Intent("log.level", ("MON-1",), "From this level on", _of_syslog(lambda _syslog: "minor errors")),
    Intent("log.mac", ("MON-1",), "With the phone's address in each line", _of_syslog(lambda _syslog: True)),
    Intent("ntp.first", ("ENC-1",), "The clock, by which certificates are judged", _ntp(0)),
    Intent("ntp.second", ("ENC-1",), "A second clock", _ntp(1)),
    Intent("ntp.ours_first", ("ENC-1",), "DHCP does not name another clock", lambda c: True if c.ntp else None),
)
"""Every intent, in the order of reports. A vendor has parameters for some of them; the rest stays unverifiable."""

BY_ID: Mapping[str, Intent] = {intent.id: intent for intent in INTENTS}
