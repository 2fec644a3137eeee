"""FortiGates that tell secrets, and other failures in whose words a secret could be: which, and what comes of them."""

from __future__ import annotations

import html
import json
import urllib.parse
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.devices.fortigate import Request, Response
from tests.promises.base import Mishap
from tests.promises.fortios.live import ADMIN, LETTERS, SIGNS, LiveFortiGate

POLICY, ADDRESS = r"/cmdb/firewall/policy$", r"/cmdb/firewall/address$"
STATUS, LOGIN = r"/monitor/system/status$", r"/authentication$|/logincheck$"
SECRET_FIELDS = ("password", "passwd", "psksecret", "ppk-secret", "community", "auth-pwd", "private-key", "api-key")
"""Fields of FortiOS that hold secrets, plain or as `ENC ...`."""

Telling = Callable[[Request, str], str]


def _authorization(request: Request, _secret: str) -> str:
    return request.header("Authorization")


def _refusing(told: Telling, method: str = "GET", path: str = POLICY) -> Callable[[LiveFortiGate, str, str], None]:
    """Such requests are refused, with a reason that tells what was sent."""

    def plant(live: LiveFortiGate, secret: str, _own: str) -> None:
        def refused(request: Request, _response: Response) -> Response:
            reason = told(request, secret)
            return Response.of({"http_status": 500, "status": "error", "error": -160, "cli_error": reason}, 500)

        live.spoil(method, path, refused)

    return plant


def _paging(told: Telling, status: int = 200, path: str = POLICY) -> Callable[[LiveFortiGate, str, str], None]:
    """Such reads are answered with a page."""

    def plant(live: LiveFortiGate, secret: str, _own: str) -> None:
        def page(request: Request, _response: Response) -> Response:
            headers = [("Location", f"https://{live.unit.server.host}/login?{urllib.parse.quote(secret)}")]
            return Response(status, told(request, secret).encode(), "text/html", headers)

        live.spoil("GET", path, page)

    return plant


def _changing(path: str, change: Callable[[Any, str, str], Any]) -> Callable[[LiveFortiGate, str, str], None]:
    """The body of such reads is changed: `change` gets it with both secrets, and returns another one or nothing."""

    def plant(live: LiveFortiGate, secret: str, own: str) -> None:
        def changed(_request: Request, response: Response) -> Response:
            body = response.json()
            other = change(body, secret, own)
            return replace(response, body=json.dumps(body if other is None else other).encode())

        live.spoil("GET", path, changed)

    return plant


def _with_secrets(body: dict[str, Any], _secret: str, own: str) -> None:
    """Rows with more fields than were asked for, secrets among them."""
    results = body["results"]
    for row in results if isinstance(results, list) else [results]:
        row.update(dict.fromkeys(SECRET_FIELDS, f"ENC {own}"))


def _garbled(live: LiveFortiGate, secret: str, _own: str) -> None:
    """A status line that is none."""
    live.spoil("GET", POLICY, lambda request, response: replace(response, status=secret))  # type: ignore[arg-type]


def _half(live: LiveFortiGate, _secret: str, own: str) -> None:
    """Half an answer, which begins with a secret."""
    half = json.dumps({"results": [{"passwd": own, "name": "x"}]}).encode()[:-4]
    live.spoil("GET", POLICY, lambda request, response: replace(response, body=half))


def _other_token(live: LiveFortiGate, _secret: str, _own: str) -> None:
    """What the unit was told to let in is not what it lets in; its page says what came."""
    live.unit.device.add_api_user("canary", "another-token")
    live.spoil("GET", STATUS, lambda request, response: replace(response, body=repr(request.headers).encode()))


def _other_password(live: LiveFortiGate, _secret: str, _own: str) -> None:
    live.unit.device.set_password(ADMIN, "another password")
    live.spoil("POST", LOGIN, lambda request, response: replace(response, body=request.body))


def _faulty(**fault: Any) -> Callable[[LiveFortiGate, str, str], None]:
    def plant(live: LiveFortiGate, _secret: str, _own: str) -> None:
        live.unit.device.faults.plant(**fault)

    return plant


def _nothing(_live: LiveFortiGate, _secret: str, _own: str) -> None:
    """The variables are all that is wrong."""


def _named(live: LiveFortiGate, secret: str, _own: str) -> None:
    """A rule of the site's that bears the secret as its name."""
    live.unit.edit("firewall/policy", live.unit.rows("firewall/policy")[0]["policyid"], name=secret.strip())


def _strange_row(body: dict[str, Any], secret: str, _own: str) -> None:
    body["results"][0].update({"name": secret, "type": f"of {secret}"})


def _set(*path: str | int) -> Callable[[Any, str, str], None]:
    """A change that puts the secret in one place of a body."""

    def change(body: Any, secret: str, _own: str) -> None:
        for part in path[:-1]:
            body = body[part]
        body[path[-1]] = secret

    return change


QUOTES, SLASHES = "'\"`", "\\n\\x41\\"

MISHAPS = (
    Mishap("echo", "failed", ("the unit says: Bearer ***",), _refusing(_authorization), between=QUOTES),
    Mishap(
        "echo in Python", "failed", ("Bearer ***",), _refusing(lambda r, s: repr(r.headers)), between=QUOTES + SLASHES
    ),
    Mishap("echo in JSON", "failed", ("Bearer ***",), _refusing(lambda r, s: json.dumps(r.headers)), between=SIGNS),
    Mishap(
        "echo in JSON in JSON",
        "failed",
        ("Bearer ***",),
        _refusing(lambda r, s: json.dumps(json.dumps(r.headers))),
        between=SIGNS,
    ),
    Mishap(
        "echo in a URL", "failed", ("?key=***",), _refusing(lambda r, s: "?key=" + urllib.parse.quote(s, safe="")),
        between=SIGNS,
    ),
    Mishap(
        "echo in a page",
        "failed",
        ("the text '<p>Bearer ***",),
        _paging(lambda r, s: f"<p>{html.escape(_authorization(r, s))}</p>"),
        between=SIGNS[:20],
    ),
    Mishap("echo cut short", "failed", ("x***...'",), _paging(lambda r, s: "x" * 40 + s), between=SLASHES * 3),
    Mishap("redirect", "failed", ("HTTP 302 with the text", "=***"), _paging(lambda r, s: f"a href=/?t={s}", 302)),
    Mishap("echo as status", "failed", ("status '***' instead",), _changing(POLICY, _set("status")), between=SLASHES),
    Mishap("echo as host name", "ok", ('"hostname": "***"',), _changing(STATUS, _set("results", "hostname"))),
    Mishap("echo as release", "failed", ("version is '***'",), _changing(STATUS, _set("version")), between=SLASHES),
    Mishap("a rule's name", "ok", ("before ***", "- '***'"), _named, "password", between=": %\\"),
    Mishap(
        "echo in a strange row",
        "failed",
        ("row '***' has type = 'of ***'",),
        _changing(ADDRESS, _strange_row),
        between="\\",
    ),
    Mishap("garbled", "unreachable", ("the connection broke: ", "***"), _garbled, between=QUOTES),
    Mishap(
        "refused write",
        "failed",
        ("the unit says: Bearer ***", "Outcome: old state restored"),
        _refusing(_authorization, "POST", ADDRESS),
        between=SIGNS,
        writing=True,
    ),
    Mishap(
        "session key", "failed", ("the unit says: Bearer ***",), _refusing(_authorization), "password", between=LETTERS
    ),
    Mishap(
        "session cookie",
        "failed",
        ("the unit says: ***",),
        _refusing(lambda r, s: r.header("X-CSRFTOKEN") + " " + r.header("Cookie"), "POST", ADDRESS),
        "web form",
        between=LETTERS + SIGNS,
        writing=True,
    ),
    Mishap(
        "short password",
        "failed",
        ("the unit says: password *** is too short",),
        _refusing(lambda r, s: f"password {s} is too short"),
        "password",
        short=True,
    ),
    Mishap(
        "password with blanks",
        "failed",
        ("the unit says: no / *** here",),
        _refusing(lambda r, s: f"no\n{s.strip()} here"),
        "password",
        between="  two blanks ",
    ),
    Mishap("wrong token", "failed", ("refused the access token",), _other_token, between=SIGNS),
    Mishap(
        "wrong password", "failed", ("refused the user name or password",), _other_password, "password", between=LETTERS
    ),
    Mishap("wrong password in the form", "failed", ("refused the user",), _other_password, "web form", between=SIGNS),
    Mishap("unreachable", "unreachable", (), _faulty(kind="refuse"), between=SIGNS),
    Mishap("cut", "unreachable", ("the connection broke",), _faulty(kind="cut-before", path=POLICY), between=SIGNS),
    Mishap("not trusted", "failed", ("certificate is not trusted",), _nothing, variables={"voip_ca_path": None}),
    Mishap("pinned", "failed", ("not the pinned one",), _nothing, variables={"voip_fingerprint": "ab" * 32}),
    Mishap("half an answer", "failed", ("broken JSON",), _half),
    Mishap(
        "rows that are none",
        "failed",
        ("results hold a JSON dict of 1 instead",),
        _changing(POLICY, lambda body, secret, own: body.update(results={"passwd": own})),
    ),
    Mishap("rows with secrets", "ok", ("VOIPH-",), _changing(r"/cmdb/", _with_secrets), "password"),
)
