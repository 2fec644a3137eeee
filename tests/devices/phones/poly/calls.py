"""SIP of a Poly phone: requests are checked one method at a time (administrator's guide, `requestValidation`).

``source``: the sender's address has to be one of the registration servers'. ``digest``: the caller is challenged.
What a sender of the wrong address gets is not said there; this phone answers it nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .. import registering, sip
from ..registering import Account

if TYPE_CHECKING:
    from .phone import PolyPhone

PREFIX = "voIpProt.SIP.requestValidation."
# What DNS would say of the others is UDP here.
TRANSPORTS = {"TLS": "tls", "TCPOnly": "tcp", "TCPpreferred": "tcp"}


def answer(phone: PolyPhone, message: sip.Message, source: sip.Source) -> sip.Replies:
    """Answers to a request; none to one whose sender is not valid."""
    how = validation(phone, message.method)
    if how in ("source", "both", "all") and source.address not in phone.registrars():
        return sip.Replies()
    agent = ("User-Agent", phone.sip_agent)
    if how in ("digest", "both", "all") and not _proven(phone, message):
        phone.sip_challenger.realm = phone.settings.get(f"{PREFIX}digest.realm")
        challenge = ("WWW-Authenticate", phone.sip_challenger.challenge())
        return sip.Replies((sip.answer(message, 401, "Unauthorized", challenge, agent),))
    if message.method == "NOTIFY":
        return _notified(phone, message, agent)
    if message.method == "INVITE":
        return _invited(phone, message, agent)
    if message.method == "ACK":
        return sip.Replies()
    return sip.Replies((sip.answer(message, 200, "OK", agent),))


def validation(phone: PolyPhone, method: str) -> str:
    """How requests of a method are checked."""
    for name, value in phone.settings.values().items():
        match = re.fullmatch(re.escape(PREFIX) + r"(\d+)\.request", name)
        if match and value == method:
            return phone.settings.get(f"{PREFIX}{match[1]}.method", "Null")
    return "Null"


def lines(phone: PolyPhone) -> list[int]:
    """Numbers of the lines that some parameter names."""
    return sorted({int(name.split(".")[1]) for name in phone.settings.names() if name.startswith("reg.")})


def _proven(phone: PolyPhone, message: sip.Message) -> bool:
    get = phone.settings.get
    passwords = {get(f"reg.{line}.auth.userId"): get(f"reg.{line}.auth.password") for line in lines(phone)}
    header = message.header("Authorization")
    return phone.sip_challenger.accepts(header, message.method, passwords) is not None


def _notified(phone: PolyPhone, message: sip.Message, agent: tuple[str, str]) -> sip.Replies:
    event = message.header("Event").partition(";")[0].strip().lower()
    rest = phone.settings.on("apps.restapi.enabled") and phone.settings.on("apps.restapi.sipNotify.enabled")
    if event == "action-uri" and rest:
        return sip.Replies((sip.answer(message, 200, "OK", agent),))
    if event != "check-sync":
        return sip.Replies((sip.answer(message, 489, "Bad Event", agent),))
    always = phone.settings.on("voIpProt.SIP.specialEvent.checkSync.alwaysReboot")
    job = phone.restart_when_idle if always else phone.provision
    return sip.Replies((sip.answer(message, 200, "OK", agent),), phone.later(job))


def _invited(phone: PolyPhone, message: sip.Message, agent: tuple[str, str]) -> sip.Replies:
    # With ICE on, what a stranger sends is parsed before anything else (CVE-2026-0826).
    if phone.settings.on("device.feature.nat.ice.enabled") and "a=candidate:" in message.body:
        phone.ice_parsed += 1
    if phone.settings.on("sec.srtp.require") and "RTP/SAVP" not in message.body:
        return sip.Replies((sip.answer(message, 488, "Not Acceptable Here", agent),))
    phone.rang.append(message.header("From"))
    ringing = sip.answer(message, 180, "Ringing", agent)
    return sip.Replies((ringing, sip.answer(message, 480, "Temporarily Unavailable", agent)))


def register(phone: PolyPhone) -> dict[tuple[int, int], str]:
    """Register at every server of every line, or those for all lines: ``registered``, a status, or what failed."""
    get, found = phone.settings.get, {}
    for line in lines(phone):
        user = get(f"reg.{line}.address").partition("@")[0]
        account = Account(user, get(f"reg.{line}.auth.userId") or user, get(f"reg.{line}.auth.password"))
        for server in (1, 2):
            prefix = f"reg.{line}.server.{server}"
            if not get(f"{prefix}.address"):
                prefix = f"voIpProt.server.{server}"
            if get(f"{prefix}.address"):
                transport = TRANSPORTS.get(get(f"{prefix}.transport"), "udp")
                port = int(get(f"{prefix}.port", "0")) or (5061 if transport == "tls" else 5060)
                found[line, server] = registering.register(
                    phone.client("SIP"), account, get(f"{prefix}.address"), port, transport
                )
    return found
