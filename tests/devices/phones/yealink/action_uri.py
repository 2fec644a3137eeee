"""Action URIs: keys pressed over HTTP (administrator's guide T2/T4/T5, pages 498-523).

Only senders that `features.action_uri_limit_ip` names may; the phone asks on its screen the first time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..web import Request, Response

if TYPE_CHECKING:
    from .phone import YealinkPhone

PATHS = ("/servlet", "/cgi-bin/ConfigManApp.com", "/cgi-bin/cgiServer.exx")


def is_one(request: Request) -> bool:
    """Whether a request presses a key or takes a picture of the screen."""
    return (
        request.path == "/screencapture"
        or (request.path in PATHS and "key" in request.query)
        or (request.path == "/servlet" and request.query.get("command") == "screenshot")
    )


def may_send(limit: str, address: str) -> bool:
    """Whether a list of controllers has an address: empty for none, ``any``, or patterns in which * is any part."""
    if limit == "any":
        return True
    patterns = (re.escape(part.strip()).replace(r"\*", r"\d{1,3}") for part in limit.split(",") if part.strip())
    return any(re.fullmatch(pattern, address) for pattern in patterns)


def answer(phone: YealinkPhone, request: Request) -> Response:
    """403 when it is off or the sender is not listed, or somebody still has to agree; else the key is pressed."""
    settings = phone.settings
    if not settings.on("features.action_uri.enable") or not may_send(
        settings.get("features.action_uri_limit_ip"), request.source
    ):
        return Response.text("Forbidden", 403)
    if request.basic is not None and settings.accounts().get(request.basic[0]) != request.basic[1]:
        return Response.text("Unauthorized", 401, ("WWW-Authenticate", f'Basic realm="Yealink SIP-{phone.model}"'))
    if settings.on("features.show_action_uri_option") and request.source not in phone.agreed:
        if request.source not in phone.asks_for_consent:
            phone.asks_for_consent.append(request.source)
        return Response.text("Forbidden", 403)
    key = request.query.get("key", "screen")
    phone.keys.append(key)
    if key == "AutoP":
        return Response(200, b"", sent=phone.later(phone.provision))
    if key == "Reboot":
        return Response(200, b"", sent=phone.later(phone.reboot))
    return Response(200)
