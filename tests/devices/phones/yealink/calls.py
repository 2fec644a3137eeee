"""SIP of a Yealink phone: whom it answers, what rings, how it registers.

`sip.trust_ctrl`: only the SIP server and the outbound proxy are answered (T5 manual, page 494). What others get is not
said there; this phone answers them nothing.
"""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from .. import registering, sip
from ..registering import Account

if TYPE_CHECKING:
    from .phone import YealinkPhone

TRANSPORTS = {"0": "udp", "1": "tcp", "2": "tls"}


def answer(phone: YealinkPhone, message: sip.Message, source: sip.Source) -> sip.Replies:
    """Answers to a request; none to one that is not trusted."""
    settings = phone.settings
    trusted = source.address in phone.registrars()
    checked = {part.strip() for part in settings.get("sip.request_validation.source.list").split(",")}
    if not trusted and (settings.on("sip.trust_ctrl") or message.method in checked):
        return sip.Replies()
    agent = ("User-Agent", phone.agent("Yealink SIP-{model} {version}"))
    if message.method == "OPTIONS":
        return sip.Replies((sip.answer(message, 200, "OK", agent, ("Allow", "INVITE, ACK, BYE, NOTIFY, OPTIONS")),))
    if message.method == "NOTIFY":
        return _notified(phone, message, agent)
    if message.method == "INVITE":
        return _invited(phone, message, trusted, agent)
    if message.method == "ACK":
        return sip.Replies()
    return sip.Replies((sip.answer(message, 200, "OK", agent),))


def _notified(phone: YealinkPhone, message: sip.Message, agent: tuple[str, str]) -> sip.Replies:
    event = message.header("Event").replace(" ", "")
    ok = sip.answer(message, 200, "OK", agent)
    if event.partition(";")[0].lower() != "check-sync":
        return sip.Replies((sip.answer(message, 489, "Bad Event", agent),))
    how = phone.settings.get("sip.notify_reboot_enable", "1")
    if how == "2":
        return sip.Replies((ok,))
    restart = how == "1" or "reboot=true" in event.lower()
    return sip.Replies((ok,), phone.later(phone.reboot if restart else phone.provision))


def _invited(phone: YealinkPhone, message: sip.Message, trusted: bool, agent: tuple[str, str]) -> sip.Replies:
    settings = phone.settings
    called = re.sub(r"^sips?:", "", message.uri).partition("@")[0]
    account = next((each for each in _accounts(phone) if settings.get(f"account.{each}.user_name") == called), None)
    direct = account is None or not trusted
    if account is None and not settings.on("features.direct_ip_call_enable"):
        return sip.Replies((sip.answer(message, 404, "Not Found", agent),))
    srtp = settings.get(f"account.{account or 1}.srtp_encryption", "0")
    if srtp == "2" and "RTP/SAVP" not in message.body:
        return sip.Replies((sip.answer(message, 488, "Not Acceptable Here", agent),))
    phone.rang.append(message.header("From"))
    ringing = sip.answer(message, 180, "Ringing", agent)
    if direct and settings.on("features.ip_call.auto_answer.enable"):
        secure = srtp != "0" and "RTP/SAVP" in message.body
        described = (("Content-Type", "application/sdp"), agent)
        return sip.Replies((ringing, sip.answer(message, 200, "OK", *described, body=session(phone.address, secure))))
    return sip.Replies((ringing, sip.answer(message, 480, "Temporarily Unavailable", agent)))


def session(address: str, secure: bool) -> str:
    """A description of audio, with keys for SRTP or without."""
    profile, crypto = ("RTP/SAVP", f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{secrets.token_urlsafe(30)}\r\n")
    return (
        f"v=0\r\no=- 1 1 IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\n"
        f"m=audio 11780 {profile if secure else 'RTP/AVP'} 8\r\n{crypto if secure else ''}"
    )


def _accounts(phone: YealinkPhone) -> list[int]:
    """The enabled accounts."""
    numbers = {int(name.split(".")[1]) for name in phone.settings.values if re.match(r"account\.\d+\.", name)}
    return sorted(number for number in numbers if phone.settings.on(f"account.{number}.enable"))


def register(phone: YealinkPhone) -> dict[tuple[int, int], str]:
    """Register at every server of every enabled account: ``registered``, a status, or what failed."""
    get, found = phone.settings.get, {}
    for account in _accounts(phone):
        user = get(f"account.{account}.user_name")
        identity = (user, get(f"account.{account}.auth_name") or user, get(f"account.{account}.password"))
        for server in (1, 2):
            prefix = f"account.{account}.sip_server.{server}"
            if get(f"{prefix}.address"):
                transport = TRANSPORTS.get(get(f"{prefix}.transport_type", "0"), "udp")
                port = int(get(f"{prefix}.port", "5060")) or 5060
                found[account, server] = registering.register(
                    phone.client(), Account(*identity), get(f"{prefix}.address"), port, transport
                )
    return found
