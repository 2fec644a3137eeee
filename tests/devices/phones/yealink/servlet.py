"""The servlet generation of the web interface, as public clients use it on T2x, T3x and T4xS phones.

A page has the RSA key; the password comes back encrypted with it, or encrypted with AES under an RSA-wrapped key. Pages
behind the login carry the token that every change needs.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import secrets
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.oracles.phones import parse_cfg

from ..login import Session
from ..web import Request, Response
from .keys import decrypt, key_numbers

if TYPE_CHECKING:
    from .phone import YealinkPhone

COOKIE = "JSESSIONID"
LOGIN_FORM = "/servlet?m=mod_listener&p=login&q=loginForm&jumpto=status"
LARGEST = 5 * 1024 * 1024


def answer(phone: YealinkPhone, request: Request) -> Response:
    """What a page answers; what is not known is sent to the login."""
    query = request.query
    module, page, verb = query.get("m", ""), query.get("p", ""), query.get("q", "")
    if request.path != "/servlet":
        return _to_login()
    if (module, page) == ("mod_listener", "login") or (not module and page == "login"):
        if verb == "loginForm":
            return _login_form(phone)
        if verb == "login" and request.method == "POST":
            return _login(phone, request)
        if verb == "logout":
            phone.sessions.end(request.cookies.get(COOKIE, ""))
        return _to_login()
    session = phone.sessions.find(request.cookies.get(COOKIE, ""), phone.web_idle())
    if session is None:
        return _to_login()
    if module == "mod_data" and verb == "load":
        return Response.text(_page(phone, session, page))
    if module == "mod_configfile" and verb == "exportcfgconfig" and request.method == "POST":
        if session.user != "admin":
            return Response.text("Forbidden", 403)
        return Response(200, phone.settings.export(query.get("type", "all")).encode(), "application/octet-stream")
    if module == "mod_res" and page == "upload" and query.get("type") == "localcfg" and request.method == "POST":
        return _upload(phone, request, session)
    return Response.text("Not Found", 404)


def _to_login() -> Response:
    return Response.text("", 302, ("Location", LOGIN_FORM))


def _result(data: dict[str, object]) -> Response:
    text = json.dumps(data, separators=(",", ":"))
    return Response.text(f'<html><body><div id="_RES_INFO_">{text}</div></body></html>')


def _variables(phone: YealinkPhone, **more: str) -> str:
    modulus, exponent = key_numbers()
    own = {"g_phonetype": phone.model, "g_strFirmware": phone.version, "g_rsa_n": modulus, "g_rsa_e": exponent}
    return "\n".join(f'var {name} = "{value}";' for name, value in {**own, **more}.items())


def _login_form(phone: YealinkPhone) -> Response:
    wrapped = "data.rsakey = rsa(key); data.rsaiv = rsa(iv);" if phone.login_shape == "aes" else ""
    page = (
        f"<html><head><title>Yealink {phone.model} Phone</title><script>\n{_variables(phone)}\n{wrapped}\n</script>"
        "</head><body></body></html>"
    )
    return Response.text(page, 200, ("Set-Cookie", f"{COOKIE}={secrets.token_hex(16)}; path=/; HttpOnly"))


def _login(phone: YealinkPhone, request: Request) -> Response:
    cookie = request.cookies.get(COOKIE, "")
    if phone.attempts.locked:
        return _locked(phone)
    user = request.form.get("username", "")
    if not cookie or phone.settings.accounts().get(user, "") != _password(phone, request, cookie):
        phone.attempts.fail()
        return _locked(phone) if phone.attempts.locked else _result({"authstatus": "none"})
    phone.attempts.succeed()
    full = phone.faults.strikes("session-active")
    if full or phone.sessions.begin(cookie, phone.settings.role(user), phone.web_idle()) is None:
        # What a phone with all its sessions taken says was not read anywhere; that it is no refusal of the password is
        # certain.
        return Response.text("Service Unavailable", 503)
    return _result({"authstatus": "done"})


def _locked(phone: YealinkPhone) -> Response:
    if phone.lock_page:
        # What Greenbone's detection of these phones looks for.
        minutes = math.ceil(phone.attempts.locked / 60)
        return Response.text(f"<h1>You are not authorized</h1>Please try again {minutes} minutes later.")
    return _result({"authstatus": "lock"})


def _password(phone: YealinkPhone, request: Request, cookie: str) -> str | None:
    """The password of a login in the shape that this firmware takes; None when it is in another."""
    form = request.form
    if phone.login_shape == "plain":
        return form.get("pwd")
    if phone.login_shape == "rsa":
        plain = decrypt(form.get("pwd", ""))
        return None if plain is None else plain.decode("utf-8", "replace")
    key, iv = (decrypt(form.get(name, "")) for name in ("rsakey", "rsaiv"))
    try:
        cipher = Cipher(algorithms.AES(bytes.fromhex(_text(key))), modes.CBC(bytes.fromhex(_text(iv)))).decryptor()
        whole = cipher.update(base64.b64decode(form.get("pwd", ""), validate=True)) + cipher.finalize()
    except (ValueError, binascii.Error):
        return None
    _nonce, _semicolon, rest = whole.rstrip(b"\x00").decode("utf-8", "replace").partition(";")
    named, _semicolon, password = rest.partition(";")
    return password if named == cookie else None


def _text(plain: bytes | None) -> str:
    return (plain or b"").decode("ascii", "replace")


def _page(phone: YealinkPhone, session: Session, page: str) -> str:
    shown = _variables(phone, g_strToken=session.token, g_strPage=page, g_strModel=phone.model)
    mac = ":".join(phone.mac[index : index + 2] for index in range(0, 12, 2))
    return f"<html><head><script>\n{shown}\n</script></head><body><td id='mac'>{mac}</td></body></html>"


def _upload(phone: YealinkPhone, request: Request, session: Session) -> Response:
    """Take a partial configuration: only what is in it changes."""
    query = request.query
    if session.user != "admin" or query.get("token") != session.token or not request.header("Referer"):
        return Response.text("Forbidden", 403)
    if decrypt(query.get("maxlength", "")) is None:
        return _result({"type": "localcfg", "result": "noparam"})
    body = request.file("UploadName")
    if body is None:
        return _result({"type": "localcfg", "result": "failed"})
    if len(body) > LARGEST:
        return _result({"type": "localcfg", "result": "large"})
    try:
        pairs = parse_cfg(body.decode("utf-8", "replace"))
    except ValueError:
        return _result({"type": "localcfg", "result": "failed"})
    half = phone.faults.strikes("half-applied")
    return Response(
        200, _result({"type": "localcfg", "result": 5}).body,
        sent=phone.later(lambda: phone.change(pairs[: half.count] if half else pairs)),
    )
