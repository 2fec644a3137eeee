"""Web pages of a Poly phone, as public clients use them: a login that counts failures, one session at a time."""

from __future__ import annotations

import math
import secrets
from typing import TYPE_CHECKING

from tests.oracles.phones import applied, parse_parameters

from ..login import Session
from ..web import Request, Response
from .settings import SECTIONS

if TYPE_CHECKING:
    from .phone import PolyPhone

COOKIE = "session"
# The header's name is not certain.
TOKEN = "anti-csrf-token"
LOGIN = "/form-submit/auth.htm"
IMPORT = "/form-submit/Utilities/configuration/importFile"
EXPORT = "/Utilities/configuration/exportFile"
IDLE_SECONDS = 900.0


def answer(phone: PolyPhone, request: Request) -> Response:
    """The answer to a page or a form."""
    if request.path == LOGIN and request.method == "POST":
        return _login(phone, request)
    session = phone.sessions.find(request.cookies.get(COOKIE, ""), IDLE_SECONDS)
    if session is None:
        return _front(phone)
    if request.path == EXPORT:
        kind = request.query.get("source", "")
        if kind not in SECTIONS:
            return Response.text("Not Found", 404)
        return Response(200, phone.settings.export(kind).encode(), "application/xml")
    if request.path == "/index.htm":
        return Response.text(f'<html><head><meta name="{TOKEN}" content="{session.token}"></head></html>')
    if request.path in (IMPORT, "/form-submit/Reboot", "/form-submit/Restart"):
        return _form(phone, request, session)
    return Response.text("Not Found", 404)


def _front(phone: PolyPhone) -> Response:
    return Response.text(
        f"<html><head><title>Polycom - Configuration Utility</title></head><body>{phone.model}</body></html>"
    )


def _said(state: str, number: int = 0, status: int = 200, *headers: tuple[str, str]) -> Response:
    return Response.text(f"lockparams|{state}|{number}", status, *headers)


def _login(phone: PolyPhone, request: Request) -> Response:
    """Log in by Basic authentication."""
    _rules(phone)
    attempts = phone.attempts
    if attempts.locked:
        return _said("LOCKEDFOR", math.ceil(attempts.locked), 401)
    if request.basic is None or phone.passwords().get(request.basic[0]) != request.basic[1]:
        attempts.fail()
        if attempts.locked:
            return _said("LOCKEDFOR", math.ceil(attempts.locked), 401)
        return _said("ONE_ATTEMPT_LEFT" if attempts.left == 1 else "INVALID_LOGIN", 0, 401)
    attempts.succeed()
    if phone.sessions.find(request.cookies.get(COOKIE, ""), IDLE_SECONDS) is not None:
        return Response.text("NOT_ACCEPTABLE", 406)
    cookie = secrets.token_hex(16)
    taken = phone.faults.strikes("session-active")
    if taken or phone.sessions.begin(cookie, request.basic[0], IDLE_SECONDS) is None:
        return Response.text("SessionAlreadyActive", 400)
    return _said("SUCCESS", 0, 200, ("Set-Cookie", f"{COOKIE}={cookie}; path=/; HttpOnly"))


def _rules(phone: PolyPhone) -> None:
    """How many failures lock, and for how long, by the configuration."""
    prefix = "httpd.cfg.lockWebUI."
    get, attempts = phone.settings.get, phone.attempts
    attempts.limit = int(get(f"{prefix}noOfInvalidAttempts")) if phone.settings.on(f"{prefix}enable") else 0
    attempts.window = float(get(f"{prefix}noOfInvalidAttemptsDuration"))
    attempts.seconds = float(get(f"{prefix}lockOutDuration"))


def _form(phone: PolyPhone, request: Request, session: Session) -> Response:
    if session.user != "Polycom" or request.header(TOKEN) != session.token:
        return Response.text("Forbidden", 403)
    if request.path != IMPORT:
        return Response(200, sent=phone.later(phone.restart_when_idle))
    try:
        parameters = applied(parse_parameters(request.body.decode("utf-8", "replace")))
    except ValueError:
        return Response.text("CONF_INVALID", 400)
    return Response(200, b"CONF_OK", sent=phone.later(lambda: phone.change(parameters, "web")))
