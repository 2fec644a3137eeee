"""How phones register: over UDP, TCP or TLS, with digest authentication."""

from __future__ import annotations

import secrets
import ssl
from dataclasses import dataclass
from functools import partial

from . import digest, sip
from .downloads import Client, tls_error

PATIENCE = 2.0


@dataclass(frozen=True)
class Account:
    """Who registers: the number, and the name and password that prove it."""

    user: str
    auth_name: str
    password: str


def register(client: Client, account: Account, host: str, port: int, transport: str) -> str:
    """Register at one server, trusted as the client does: ``registered``, a status, or what failed."""
    dialogue = sip.Dialogue(client.address, transport.upper(), account.user)
    uri, call = f"sip:{host}", f"{secrets.token_hex(8)}@{client.address}"
    make = partial(dialogue.request, "REGISTER", uri, to=f"sip:{account.user}@{host}", call=call)
    try:
        target = (client.resolve(host), port)
        context = client.trust.context(client.identity) if transport == "tls" else None
        ask = partial(sip.exchange, source=client.address, target=target, transport=transport, context=context,
                      name=host, seconds=PATIENCE)
        reply = ask(make())
        if reply is not None and reply.status == 401:
            challenge = reply.header("WWW-Authenticate")
            proof = digest.answer(challenge, account.auth_name, account.password, "REGISTER", uri)
            reply = ask(make(("Authorization", proof)))
    except ssl.SSLError as error:
        return tls_error(error)
    except OSError as error:
        return f"no connection: {error}"
    if reply is None:
        return "no answer"
    return "registered" if reply.status == 200 else str(reply.status)
