"""Web interfaces of other vendors' phones, as far as who may log in: by default, and with passwords that were set.

Grandstream: public clients of its newer phones, which hash the password with a token and are told how many attempts are
left ("wrong4") and then "locked", and of its older ones, which take the password as it is; that those count aloud as
well is not certain. Fanvil: public clients of its `key==nonce` login; that a denied one has status 401 is not certain.
Snom asks for `http_user` and `http_pass` once they are set, Cisco for the administrator's password on
`/admin/advanced`; that they do so by Basic authentication is not certain. Snom's `admin_mode_password` belongs to the
menu of the phone, which is not here.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from .web import Request, Response

if TYPE_CHECKING:
    from .second_ring import OtherPhone

IDLE_SECONDS = 600.0
GRANDSTREAM_ACCOUNTS = {
    "admin": ("users.admin.password", "P2", "admin"), "user": ("users.user.password", "P196", "123"),
}
"""Where an account's password is set, by alias and by P-value, and what it is by default."""
FANVIL_ACCOUNTS = {1: "admin", 2: "guest"}
"""Accounts by number; by default the name is the password."""


def _page(phone: OtherPhone, text: str = "", status: int = 200, *headers: tuple[str, str]) -> Response:
    page = f"<html><head><title>{phone.model}</title></head><body>{text}</body></html>"
    return Response.text(page, status, *headers)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def grandstream(phone: OtherPhone, request: Request) -> Response:
    """Newer phones want a password that is hashed with a token, and know who sent the browser."""
    newer = phone.model.startswith("GRP")
    if request.path == "/":
        return _page(phone)
    if request.path not in ("/cgi-bin/access", "/cgi-bin/dologin") or request.method != "POST":
        return Response.text("Not Found", 404)
    if not request.header("Referer") or (newer and not request.header("Origin")):
        return Response.text("Forbidden", 403)
    if request.path == "/cgi-bin/access":
        if not newer:
            return Response.text("Not Found", 404)
        phone.token = secrets.token_urlsafe(23)
        return Response.of({"response": "success", "body": phone.token})
    return _grandstream_login(phone, request, newer)


def _grandstream_login(phone: OtherPhone, request: Request, newer: bool) -> Response:
    attempts = phone.attempts
    attempts.limit = int(phone.settings.get("security.webAccess.attemptLimit", "5"))
    attempts.seconds = 60.0 * int(phone.settings.get("security.webKeypadRestrictModeLockoutDuration", "5"))
    if attempts.locked:
        return Response.of({"response": "error", "body": "locked"})
    user = request.form.get("username", "")
    token, phone.token = phone.token, ""
    if user in GRANDSTREAM_ACCOUNTS and (token or not newer):
        alias, number, default = GRANDSTREAM_ACCOUNTS[user]
        password = phone.settings.get(alias) or phone.settings.get(number) or default
        wanted = hashlib.sha256(f"{password}{token}".encode()).hexdigest() if newer else password
        if _same(request.form.get("password", ""), wanted):
            attempts.succeed()
            session = secrets.token_hex(8)
            cookies = (("Set-Cookie", f"session-identity={session}"), ("Set-Cookie", f"session-role={user}"))
            return Response.of({"response": "success", "body": {"sid": session, "role": user}}, 200, *cookies)
    attempts.fail()
    return Response.of({"response": "error", "body": "locked" if attempts.locked else f"wrong{attempts.left}"})


def snom(phone: OtherPhone, request: Request) -> Response:
    """Everything is open until a user and a password are set."""
    user, password = phone.settings.get("http_user", ""), phone.settings.get("http_pass", "")
    return _asked_for(phone, request, user, password) if password else _page(phone)


def cisco(phone: OtherPhone, request: Request) -> Response:
    """The administrator's pages are open until there is a password for them."""
    password = phone.settings.get("Admin_Password", "")
    if request.path.startswith("/admin") and password:
        return _asked_for(phone, request, "admin", password)
    return _page(phone)


def _asked_for(phone: OtherPhone, request: Request, user: str, password: str) -> Response:
    shown = request.basic
    if shown is not None and _same(shown[0], user) and _same(shown[1], password):
        return _page(phone)
    return _page(phone, "", 401, ("WWW-Authenticate", f'Basic realm="{phone.model}"'))


def fanvil(phone: OtherPhone, request: Request) -> Response:
    """A nonce is the cookie, and makes the session once a form bears it with the right password."""
    cookie = request.cookies.get("auth", "")
    if request.path == "/key==nonce":
        phone.token = secrets.token_hex(8)
        return Response.text(phone.token)
    if request.method == "POST" and request.path == "/":
        user, _colon, digest = request.form.get("encoded", "").partition(":")
        nonce, phone.token = phone.token, ""
        if nonce and _same(cookie, nonce) and _fanvil_knows(phone, user, digest, nonce):
            if phone.sessions.begin(cookie, user, IDLE_SECONDS) is None:
                return Response.text("Server Too Busy", 503)
            return _page(phone, f"<frameset>{user}</frameset>")
        return _page(phone, '<input id="logonButton">', 401)
    session = phone.sessions.find(cookie, IDLE_SECONDS)
    if session is None:
        return _page(phone, '<input id="logonButton">')
    return _page(phone, f"<frameset>{session.user}</frameset>")


def _fanvil_knows(phone: OtherPhone, user: str, digest: str, nonce: str) -> bool:
    for number, default in FANVIL_ACCOUNTS.items():
        name = phone.settings.get(f"web.account.{number}.Name") or default
        password = phone.settings.get(f"web.account.{number}.Password") or default
        right = hashlib.md5(f"{name}:{password}:{nonce}".encode(), usedforsecurity=False).hexdigest()
        if user == name and _same(digest, right):
            return True
    return False
