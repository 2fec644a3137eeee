"""SIP of a Yealink phone: whom it answers, what rings, how it registers.

`sip.trust_ctrl`: only the SIP server and the outbound proxy are answered (T5 manual, page 494). What others get is not
said there; this phone answers them nothing.
"""

from __future__ import annotations

import re
import secrets
import ssl
from functools import partial
from typing import TYPE_CHECKING

from .. import digest, sip
from ..downloads import tls_error

if TYPE_CHECKING:
    from .phone import YealinkPhone

TRANSPORTS = {"0": "udp", "1": "tcp", "2": "tls"}
PATIENCE = 2.0


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
    found = {}
    for account in _accounts(phone):
        for server in (1, 2):
            if phone.settings.get(f"account.{account}.sip_server.{server}.address"):
                found[account, server] = _register(phone, account, server)
    return found


def _register(phone: YealinkPhone, account: int, server: int) -> str:
    get = phone.settings.get
    prefix = f"account.{account}.sip_server.{server}"
    host, transport = get(f"{prefix}.address"), TRANSPORTS.get(get(f"{prefix}.transport_type", "0"), "udp")
    port = int(get(f"{prefix}.port", "5060")) or 5060
    user = get(f"account.{account}.user_name")
    client = phone.client()
    dialogue = sip.Dialogue(phone.address, transport.upper(), user)
    uri, call = f"sip:{host}", f"{secrets.token_hex(8)}@{phone.address}"
    request = dialogue.request("REGISTER", uri, to=f"sip:{user}@{host}", call=call)
    try:
        address = client.resolve(host)
        context = phone.trust().context(phone.identity) if transport == "tls" else None
        ask = partial(sip.exchange, source=phone.address, target=(address, port), transport=transport,
                      context=context, name=host, seconds=PATIENCE)
        reply = ask(request)
        if reply is not None and reply.status == 401:
            proof = digest.answer(
                reply.header("WWW-Authenticate"), get(f"account.{account}.auth_name") or user,
                get(f"account.{account}.password"), "REGISTER", uri,
            )
            reply = ask(dialogue.request("REGISTER", uri, ("Authorization", proof), to=f"sip:{user}@{host}", call=call))
    except ssl.SSLError as error:
        return tls_error(error)
    except OSError as error:
        return f"no connection: {error}"
    if reply is None:
        return "no answer"
    return "registered" if reply.status == 200 else str(reply.status)
