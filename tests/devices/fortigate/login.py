"""Who a request comes from: bearer tokens, session keys, cookies; logging in and out over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from . import query
from .access import Caller, Session
from .envelope import page
from .messages import Request, Response
from .versions import Version

if TYPE_CHECKING:
    from .device import FortiGate

WRITE_METHODS = frozenset({"POST", "PUT", "DELETE"})
# Cookie names changed on newer trains; the exact release is not documented.
NEW_COOKIES_SINCE = Version(7, 4, 0)
LOGGED_IN = 5


def cookies_of(header: str) -> dict[str, str]:
    """The Cookie header as name -> value without quotes."""
    pairs = (item.strip().partition("=") for item in header.split(";") if "=" in item)
    return {name: value.strip('"') for name, _equal, value in pairs}


def _failed(device: FortiGate, source: str) -> None:
    setting = device.config.setting
    threshold = int(setting("system/global", "root", "admin-lockout-threshold"))
    duration = float(setting("system/global", "root", "admin-lockout-duration"))
    device.gate.lockout.fail(source, device.now(), threshold, duration)


def identify(device: FortiGate, request: Request) -> Caller | Response:
    """The account behind a request, or the web server's refusal (401, 403, 429)."""
    source = request.source_ip or ""
    if device.gate.lockout.blocked(source, device.now()):
        return page(429, "Access temporarily blocked")
    scheme, _space, token = request.header("Authorization").partition(" ")
    in_url = query.first(request.query, "access_token")
    if in_url is not None and not token:
        if device.config.setting("system/global", "root", "rest-api-key-url-query") == "disable":
            return page(401)
        scheme, token = "Bearer", in_url
    if token and scheme == "Bearer":
        by_token = device.gate.by_token(token, request.source_ip)
        caller = by_token or device.gate.by_session(token, request.source_ip, device.now())
        if caller is None:
            _failed(device, source)
            return page(401)
        return caller
    return _by_cookie(device, request)


def _by_cookie(device: FortiGate, request: Request) -> Caller | Response:
    cookies = cookies_of(request.header("Cookie"))
    key = next((value for name, value in cookies.items() if name.startswith(("APSCOOKIE_", "session_key_"))), "")
    caller = device.gate.by_session(key, request.source_ip, device.now()) if key else None
    if caller is None:
        return page(401)
    given = request.header("X-CSRFTOKEN").strip('"')
    if request.method in WRITE_METHODS and given != device.gate.sessions[key].csrf:
        return page(403)
    return caller


def _set_cookies(device: FortiGate, session: Session) -> list[tuple[str, str]]:
    port = device.sport
    names = (f"APSCOOKIE_{port}", "ccsrftoken")
    if device.version >= NEW_COOKIES_SINCE:
        names = (f"session_key_{port}", f"ccsrf_token_{port}")
    values = (session.key, session.csrf)
    return [
        ("Set-Cookie", f'{name}="{value}"; path=/; secure') for name, value in zip(names, values, strict=True)
    ]


def _log_in(device: FortiGate, request: Request, name: str, password: str) -> Session | None:
    session = device.gate.log_in(name, password, request.source_ip, device.now())
    source = request.source_ip or ""
    if session is None:
        _failed(device, source)
    else:
        device.gate.lockout.succeed(source)
    return session


def authentication(device: FortiGate, request: Request) -> Response:
    """/api/v2/authentication: POST logs in (``request_key`` asks for a session key), DELETE ends the session."""
    if not device.switches.authentication_call:
        return page(404)
    if request.method == "DELETE":
        token = request.header("Authorization").partition(" ")[2]
        for key in (token, *cookies_of(request.header("Cookie")).values()):
            device.gate.sessions.pop(key, None)
        return Response.of({"status": 1, "status_code": 1, "status_message": "LOGOUT_SUCCESS"})
    if request.method != "POST":
        return page(405)
    if device.gate.lockout.blocked(request.source_ip or "", device.now()):
        return page(429, "Access temporarily blocked")
    try:
        body = request.json()
    except ValueError:
        return page(400)
    password = str(body.get("secretkey") or body.get("password") or "")
    session = _log_in(device, request, str(body.get("username", "")), password)
    if session is None:
        return Response.of({"status": 0, "status_code": 0, "status_message": "LOGIN_FAILED"}, 401)
    reply = {"status": LOGGED_IN, "status_code": LOGGED_IN, "status_message": "LOGIN_SUCCESS"}
    if body.get("request_key"):
        reply = {**reply, "session_key": session.key}
    response = Response.of(reply)
    response.headers = _set_cookies(device, session)
    return response


def web_session(device: FortiGate, request: Request) -> Response:
    """/logincheck (form fields username and secretkey; the reply begins with 1 or 0) and /logout."""
    if request.segments == ["logout"]:
        for key in cookies_of(request.header("Cookie")).values():
            device.gate.sessions.pop(key, None)
        return Response(200, b"", "text/html")
    if request.method != "POST":
        return Response(302, b"", "text/html", [("Location", "/login")])
    if device.gate.lockout.blocked(request.source_ip or "", device.now()):
        return page(429, "Access temporarily blocked")
    form = parse_qs(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    name, password = (form.get(field_name, [""])[0] for field_name in ("username", "secretkey"))
    session = _log_in(device, request, name, password)
    if session is None:
        return Response(200, b"0", "text/plain")
    return Response(200, b'1document.location="/ng/prompt";\n', "text/plain", _set_cookies(device, session))
