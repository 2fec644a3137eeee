"""The JSON generation of the web interface, as public clients use it on T4xU, T5xW, T7x and W70B phones."""

from __future__ import annotations

import math
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.oracles.phones import parse_cfg

from ..login import Session
from ..web import Request, Response
from . import fields
from .keys import decrypt, key_numbers

if TYPE_CHECKING:
    from .phone import YealinkPhone

COOKIE = "JSESSIONID"
TOKEN_COOKIE = "csrfToken"
ENCRYPTED = "__WUI_ENC__:"
RSA_IDS = frozenset({"wui.common.rsaN", "wui.common.rsaE"})
PAGE = "<html><head><title>Yealink</title></head><body><div id='app'></div></body></html>"


def answer(phone: YealinkPhone, request: Request) -> Response:
    """What it answers: the page of the application, or JSON to a client that comes from it."""
    if not request.path.startswith("/api/"):
        return Response.text(PAGE)
    if not _from_here(request):
        return _failed("error", "error_bad_origin", status=403)
    if request.path == "/api/auth/login" and request.method == "POST":
        return _login(phone, request)
    if request.path == "/api/common/info" and request.method == "POST" and _asked(request) <= RSA_IDS:
        modulus, exponent = key_numbers()
        return _ok({name: {"wui.common.rsaN": modulus, "wui.common.rsaE": exponent}[name] for name in _asked(request)})
    session = phone.sessions.find(request.cookies.get(COOKIE, ""), phone.web_idle())
    if session is None:
        return _noauth(phone)
    if request.path == "/api/common/info":
        return _info(phone, request, session)
    if request.header("X-CSRFToken") != session.token:
        return _failed("error", "error_csrf_token", status=403)
    return _behind_login(phone, request, session)


def _from_here(request: Request) -> bool:
    """Whether Origin or Referer name the host that was asked."""
    named = request.header("Origin") or request.header("Referer")
    return bool(named) and urlsplit(named).netloc == request.header("Host")


def _asked(request: Request) -> set[str]:
    try:
        ids = request.json().get("idlist", ["?"])
    except (ValueError, AttributeError):
        return {"?"}
    return {str(each) for each in ids}


def _ok(data: Any, *headers: tuple[str, str]) -> Response:
    return Response.of({"ret": "ok", "data": data, "error": None}, 200, *headers)


def _failed(web_status: str, message: str, status: int = 200, **more: object) -> Response:
    error = {"webStatus": web_status, "msg": message, **more}
    return Response.of({"ret": "failed", "data": False, "error": error}, status)


def _noauth(phone: YealinkPhone) -> Response:
    """What everybody gets without a login: model and firmware are in it."""
    error = {
        "webStatus": "noauth", "transToHTTPS": False, "phoneName": phone.model, "firmware": phone.version,
        "msg": "error_no_auth",
    }
    return Response.of({"ret": "failed", "data": False, "error": error})


def _login(phone: YealinkPhone, request: Request) -> Response:
    user, sent = request.form.get("username", ""), request.form.get("pwd", "")
    if phone.attempts.locked:
        return _locked(phone)
    if sent.startswith(ENCRYPTED):
        plain = decrypt(sent.removeprefix(ENCRYPTED))
        password = None if plain is None else plain.decode("utf-8", "replace")
    else:
        password = sent if phone.login_shape == "plain" else None
    if password is None or phone.settings.accounts().get(user) != password:
        phone.attempts.fail()
        return _locked(phone) if phone.attempts.locked else _failed("error", "error_username_or_password_is_wrong")
    phone.attempts.succeed()
    cookie = secrets.token_hex(16)
    session = None
    if not phone.faults.strikes("session-active"):
        session = phone.sessions.begin(cookie, phone.settings.role(user), phone.web_idle())
    if session is None:
        # As with servlets: not read, but no refusal of the password.
        return _failed("busy", "error_too_many_sessions", status=503)
    return _ok(True, ("Set-Cookie", f"{COOKIE}={cookie}; path=/; HttpOnly; Secure"),
               ("Set-Cookie", f"{TOKEN_COOKIE}={session.token}; path=/"))


def _locked(phone: YealinkPhone) -> Response:
    return _failed("lock", "error_account_locked", lockTime=math.ceil(phone.attempts.locked / 60))


def _info(phone: YealinkPhone, request: Request, session: Session) -> Response:
    asked = _asked(request)
    mac = ":".join(phone.mac[index : index + 2] for index in range(0, 12, 2))
    whole: dict[str, Any] = {
        "wui": {
            "wui.common.token": session.token, "wui.device.phoneName": phone.model,
            "wui.device.firmware": phone.version, "wui.device.mac": mac, "wui.common.user": session.user,
        },
        "system": {"model": phone.model, "firmware": phone.version, "mac": mac},
        "network": {"ip": phone.address, "mac": mac},
        "account.info": [
            {"account": account, "server": server, "state": state}
            for (account, server), state in sorted(phone.registrations.items())
        ],
    }
    found: dict[str, Any] = {}
    for name in asked & whole.keys():
        part = whole[name]
        found |= part if name == "wui" else {name: part}
    return _ok(found)


def _behind_login(phone: YealinkPhone, request: Request, session: Session) -> Response:
    path, query = request.path, request.query
    if path == "/api/auth/logout":
        phone.sessions.end(request.cookies.get(COOKIE, ""))
        return _ok(True)
    if path == "/api/autop/status":
        return _ok({"status": "idle"})
    if session.user != "admin":
        return _failed("error", "error_permission_denied", status=403)
    if path == "/api/inner/readconfig" and request.method == "POST":
        return _ok(fields.read(phone.settings, list(request.json().get("formData", []))))
    if path == "/api/inner/writeconfig" and request.method == "POST":
        return _write(phone, fields.parameters(dict(request.json().get("formData", {}))))
    if path == "/api/diagnosis/cfg/file" and request.method == "POST" and query.get("action") == "export":
        if request.form.get("csrfmiddlewaretoken") != session.token:
            return _failed("error", "error_csrf_token", status=403)
        return Response(
            200, phone.settings.export(query.get("type", "all")).encode(), "application/octet-stream",
            (("Content-Disposition", f'attachment; filename="{phone.mac}-{query.get("type", "all")}.cfg"'),),
        )
    if path == "/api/diagnosis/cfg/file" and request.method == "POST" and query.get("action") == "import":
        body = request.file("CFGConfigUpload")
        try:
            pairs = parse_cfg((body or b"").decode("utf-8", "replace"))
        except ValueError:
            return _failed("error", "error_import_failed")
        return _write(phone, pairs)
    if path == "/api/autop/now" and request.method == "POST":
        return _after(_ok(True), phone, phone.provision)
    if path == "/api/system/reboot":
        return _after(_ok(True), phone, phone.reboot)
    return _failed("error", "error_unknown_request", status=404)


def _write(phone: YealinkPhone, pairs: list[tuple[str, str]]) -> Response:
    half = phone.faults.strikes("half-applied")
    return _after(_ok(True), phone, lambda: phone.change(pairs[: half.count] if half else pairs))


def _after(response: Response, phone: YealinkPhone, job: Any) -> Response:
    return Response(response.status, response.body, response.content_type, response.headers, sent=phone.later(job))
