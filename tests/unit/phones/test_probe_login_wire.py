"""One log-in with a default pair: what is asked of each interface, in which form, and how often."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from ansible_collections.voip.hardening.plugins.module_utils.phones import wire_poly, wire_yealink
from ansible_collections.voip.hardening.plugins.module_utils.phones.logins import PAIRS
from ansible_collections.voip.hardening.plugins.module_utils.phones.patience import NoAnswer
from ansible_collections.voip.hardening.plugins.module_utils.phones.wire_http import Reply

ADMIN = PAIRS["yealink"][0]
POLYCOM, _TEMPLATE, USER = PAIRS["poly"]
KEY = rsa.generate_private_key(65537, 1024)
MODULUS = f"{KEY.public_key().public_numbers().n:x}"
NOT_FOUND = Reply(404, {}, "")
OPEN, CLOSED = '{"authstatus":"done"}', '{"authstatus":"none"}'


@dataclass
class Asked:
    """One request that was sent."""

    method: str
    path: str
    body: str
    headers: Mapping[str, str]

    def form(self, name: str) -> str:
        """The one value of a form field."""
        (value,) = parse_qs(self.body)[name]
        return value


@dataclass
class ScriptedWeb:
    """A web interface that answers by the beginning of `METHOD path`, 404 to all else, and keeps what it was asked."""

    answers: dict[str, Reply]
    asked: list[Asked] = field(default_factory=list)
    origin: str = "https://phone7.example.com"

    def ask(
        self, method: str, path: str, body: str | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        self.asked.append(Asked(method, path, body or "", headers or {}))
        found = [reply for start, reply in self.answers.items() if f"{method} {path}".startswith(start)]
        return found[0] if found else NOT_FOUND


def opened(text: str) -> str:
    """What stands under the phone's key."""
    return KEY.decrypt(bytes.fromhex(text), PKCS1v15()).decode()


# Yealink, JSON

KEYS = Reply(200, {}, json.dumps({"ret": "ok", "data": {"wui.common.rsaN": MODULUS, "wui.common.rsaE": "010001"}}))


def test_the_json_generation() -> None:
    web = ScriptedWeb(
        {"POST /api/common/info?p=Login": KEYS, "POST /api/auth/login?p=Login": Reply(200, {}, '{"ret":"ok"}')}
    )
    assert wire_yealink.try_pair(web, ADMIN) == "accepted"  # type: ignore[arg-type]
    _keys, login, _token = web.asked
    assert login.form("username") == "admin"
    assert login.form("pwd").startswith("__WUI_ENC__:")
    assert opened(login.form("pwd").removeprefix("__WUI_ENC__:")) == "admin"
    for request in web.asked:
        assert (request.headers["Origin"], request.headers["Referer"]) == (web.origin, f"{web.origin}/")


@pytest.mark.parametrize(
    "keys",
    [
        '{"ret":"ok","data":{}}',
        '{"ret":"failed","data":false}',
    ],
)
def test_a_build_of_the_json_generation_without_a_key(keys: str) -> None:
    denied = '{"ret":"failed","error":{"webStatus":"error","msg":"error_username_or_password_is_wrong"}}'
    web = ScriptedWeb(
        {"POST /api/common/info?p=Login": Reply(200, {}, keys), "POST /api/auth/login": Reply(200, {}, denied)}
    )
    assert wire_yealink.try_pair(web, ADMIN) == "denied"  # type: ignore[arg-type]
    assert web.asked[-1].form("pwd") == "admin"


@pytest.mark.parametrize("keys", ['{"ret":"ok","data":{"wui.common.rsaN":"zz","wui.common.rsaE":"1"}}', '{"ret":'])
def test_a_key_of_the_json_generation_that_is_none_sends_nothing(keys: str) -> None:
    web = ScriptedWeb({"POST /api/common/info?p=Login": Reply(200, {}, keys)})
    assert wire_yealink.try_pair(web, ADMIN) == "unclear"  # type: ignore[arg-type]
    assert len(web.asked) == 1


# Yealink, servlets

PAGE = f'<script>var g_rsa_n="{MODULUS}"; var g_rsa_e="010001";</script>'
COOKIE = {"set-cookie": "JSESSIONID=4711abcd; path=/"}


def servlet(page: str, answer: str, path: str = "/servlet?m=mod_listener&p=login&q=loginForm") -> ScriptedWeb:
    return ScriptedWeb(
        {
            f"GET {path}": Reply(200, COOKIE, page),
            "POST /servlet?m=mod_listener&p=login&q=login": Reply(200, {}, answer),
            "GET /servlet?m=mod_listener&p=login&q=logout": Reply(200, {}, ""),
        }
    )


def logins(web: ScriptedWeb) -> list[Asked]:
    return [one for one in web.asked if one.method == "POST" and one.path.endswith("q=login")]


def test_the_servlet_generation_with_rsa_alone() -> None:
    web = servlet(PAGE, CLOSED)
    assert wire_yealink.try_pair(web, ADMIN) == "denied"  # type: ignore[arg-type]
    (login,) = logins(web)
    assert (login.form("username"), opened(login.form("pwd"))) == ("admin", "admin")
    assert login.headers["Cookie"] == "JSESSIONID=4711abcd"


def test_the_servlet_generation_with_aes_under_rsa() -> None:
    web = servlet(PAGE + "<script>data.rsakey = 1</script>", OPEN)
    assert wire_yealink.try_pair(web, ADMIN) == "accepted"  # type: ignore[arg-type]
    (login,) = logins(web)
    key, start = (bytes.fromhex(opened(login.form(name))) for name in ("rsakey", "rsaiv"))
    cipher = Cipher(algorithms.AES(key), modes.CBC(start)).decryptor()
    text = cipher.update(base64.b64decode(login.form("pwd"))) + cipher.finalize()
    assert re.fullmatch(rb"[0-9]+;4711abcd;admin\0*", text)


def test_an_old_servlet_without_a_key() -> None:
    web = servlet("<form>", CLOSED, "/servlet?p=login&q=loginForm")
    assert wire_yealink.try_pair(web, ADMIN) == "denied"  # type: ignore[arg-type]
    (login,) = logins(web)
    assert login.form("pwd") == "admin"


def test_a_session_that_was_opened_is_left_again() -> None:
    web = servlet(PAGE, OPEN)
    assert wire_yealink.try_pair(web, ADMIN) == "accepted"  # type: ignore[arg-type]
    assert web.asked[-1].path.endswith("q=logout")
    assert web.asked[-1].headers["Cookie"] == "JSESSIONID=4711abcd"
    web = servlet(PAGE, CLOSED)
    wire_yealink.try_pair(web, ADMIN)  # type: ignore[arg-type]
    assert not web.asked[-1].path.endswith("q=logout")


def test_a_page_that_says_that_it_is_locked_gets_no_password() -> None:
    web = servlet(f"{PAGE} You are not authorized, try again 2 minutes later", CLOSED)
    assert wire_yealink.try_pair(web, ADMIN) == "locked"  # type: ignore[arg-type]
    assert logins(web) == []


def test_no_way_to_log_in() -> None:
    assert wire_yealink.try_pair(ScriptedWeb({}), ADMIN) == "absent"  # type: ignore[arg-type]


def test_a_key_that_is_none_sends_nothing() -> None:
    web = servlet('g_rsa_n="00"; g_rsa_e="010001"', OPEN)
    assert wire_yealink.try_pair(web, ADMIN) == "unclear"  # type: ignore[arg-type]
    assert logins(web) == []


# Poly

DIGEST = 'Digest realm="Polycom", nonce="abc", qop="auth", algorithm=MD5'


def rest(challenge: str, answer: Reply) -> Any:
    """A REST interface that asks for credentials until they are sent."""

    class Rest(ScriptedWeb):
        def ask(
            self, method: str, path: str, body: str | None = None, headers: Mapping[str, str] | None = None
        ) -> Reply:
            reply = super().ask(method, path, body, headers)
            if path == wire_poly.REST:
                given = "Authorization" in (headers or {})
                return answer if given else Reply(401, {"www-authenticate": challenge}, "")
            return reply

    return Rest({})


def test_rest_by_digest() -> None:
    web = rest(DIGEST, Reply(200, {}, '{"Status":"2000"}'))
    assert wire_poly.try_pair(web, POLYCOM) == "accepted"
    _challenged, login = web.asked
    assert login.headers["Authorization"].startswith('Digest username="Polycom", realm="Polycom", nonce="abc"')
    assert f'uri="{wire_poly.REST}"' in login.headers["Authorization"]


@pytest.mark.parametrize("challenge", ['Basic realm="Polycom"', 'Basic realm="x"\nBasic realm="y"'])
def test_rest_by_basic(challenge: str) -> None:
    web = rest(challenge, Reply(200, {}, '{"Status":"4010"}'))
    assert wire_poly.try_pair(web, POLYCOM) == "accepted"
    assert web.asked[-1].headers["Authorization"] == "Basic " + base64.b64encode(b"Polycom:456").decode()


def test_digest_is_preferred_and_one_attempt_is_made() -> None:
    web = rest(f'Basic realm="x"\n{DIGEST}', Reply(401, {}, ""))
    assert wire_poly.try_pair(web, POLYCOM) == "denied"
    assert [("Authorization" in one.headers) for one in web.asked] == [False, True]
    assert web.asked[-1].headers["Authorization"].startswith("Digest ")


def test_a_digest_that_is_not_understood() -> None:
    web = rest('Digest realm="x", nonce="y", algorithm=NEW', Reply(200, {}, '{"Status":"2000"}'))
    with pytest.raises(NoAnswer, match=r"GET /api/v1/mgmt/device/info"):
        wire_poly.try_pair(web, POLYCOM)
    assert not any("Authorization" in one.headers for one in web.asked)


@pytest.mark.parametrize(
    ("text", "outcome"),
    [("lockparams|SUCCESS|0", "accepted"), ("lockparams|ONE_ATTEMPT_LEFT|0", "one_left")],
)
def test_the_web_page_where_rest_is_off(text: str, outcome: str) -> None:
    web = ScriptedWeb({"POST /form-submit/auth.htm": Reply(200, {}, text)})
    assert wire_poly.try_pair(web, POLYCOM) == outcome  # type: ignore[arg-type]
    (login,) = [one for one in web.asked if one.method == "POST"]
    assert login.headers["Authorization"] == "Basic " + base64.b64encode(b"Polycom:456").decode()


def test_rest_knows_the_administrator_alone() -> None:
    web = rest(DIGEST, Reply(200, {}, '{"Status":"2000"}'))
    assert wire_poly.try_pair(web, USER) == "absent"
    assert [one.path for one in web.asked] == ["/form-submit/auth.htm"]


@pytest.mark.parametrize(
    ("status", "state"), [(401, "on"), (403, "on"), (404, "off"), (200, "unclear"), (503, "unclear")]
)
def test_whether_rest_is_on(status: int, state: str) -> None:
    assert wire_poly.rest_state(Reply(status, {}, "")) == state
