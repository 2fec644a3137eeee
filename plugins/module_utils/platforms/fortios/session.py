# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wire to a FortiGate: one kept-alive TLS connection, a login, requests and answers.

Sources: the vendor's Ansible collection `fortinet.fortios` 2.4.2 (`plugins/httpapi/fortios.py`) and Terraform provider
(`sdk/request/request.go`) for logins; Fortinet article 357228 for tokens in URLs being refused, so the token travels
in a header only.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import DeviceError, LoginRefused, Misunderstood, Refused, Unreachable
from ...https import HttpsConnection
from ...secret import CUT, Secret
from ...target import Target
from .refusals import sentence

_LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes; a whole unit's policies are a few megabytes."""
_SHOWN = 60
"""Characters that an error shows of an answer which is no JSON."""
_API = "/api/v2/"
_NO_SUCH_CALL = (404, 405)
"""Older releases know the form login only. A 401 is a refusal, and asking twice would count towards the lock-out."""
_LOGGED_IN = (5, 6)
"""`status` (older: `status_code`) of a successful session login."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: HTTP status, headers, the decoded JSON body (or text, and what is wrong with it as JSON), and the
    request it belongs to."""

    request: str
    status: int
    headers: Mapping[str, str]
    body: Any
    fault: str = ""

    def envelope(self) -> dict[str, Any]:
        """The body as FortiOS's envelope of a successful read or write.

        Raises `Refused` for an error of the device's own, `Misunderstood` for anything else, among it a read's answer
        that belongs to another request.
        """
        body = self.body
        if isinstance(body, list) and len(body) == 1:  # one envelope a VDOM, and we ask for one
            body = body[0]
        if not isinstance(body, dict):
            why = f" ({self.fault})" if self.fault else ""
            raise Misunderstood(
                f"{self.request}: HTTP {self.status} with {_shape(self.body)} instead of an envelope{why}"
            )
        if self.status >= 400 or body.get("status") == "error":
            raise Refused(f"{self.request}: {sentence(self.status, body)}")
        if self.status != 200 or body.get("status") != "success":
            raise Misunderstood(f"{self.request}: HTTP {self.status}, status {body.get('status')!r} instead of success")
        method, _space, url = self.request.partition(" ")
        if method == "GET":
            self._check_belongs(body, url)
        return body

    def _check_belongs(self, body: Mapping[str, Any], url: str) -> None:
        """Every recorded answer says what it answers (prometheus-community/fortigate_exporter); a write's names the
        row."""
        folder, name = urllib.parse.urlsplit(url).path.removeprefix(_API).split("/")[1:3]
        said = {"http_method": "GET", "path": folder, "name": name}
        for field, expected in said.items():
            if body.get(field) != expected:
                raise Misunderstood(f"{self.request}: the answer's {field} is {body.get(field)!r}, not {expected!r}")
        # Answers of the monitor have none.
        status = body.get("http_status", None if url.startswith(f"{_API}cmdb/") else 200)
        if status != 200 or not isinstance(status, int):
            raise Misunderstood(f"{self.request}: HTTP 200, and http_status is {status!r}")


class Session:
    """A logged-in connection. Use as a context manager; `requests` counts what was sent, logins included."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.requests = 0
        self.local_address = ""
        self.peer_address = ""
        self._headers: dict[str, str] = {"Accept": "application/json"}
        self._logout: tuple[str, str] | None = None
        self._deadline = time.monotonic() + target.timeout
        self._connection = HttpsConnection(target)
        self._watchdog = threading.Timer(target.timeout, self._connection.abort)
        self._watchdog.daemon = True

    def __enter__(self) -> Session:
        self._watchdog.start()
        try:
            self._connect()
            self._login()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Log out where a session was opened, and hang up; never raises."""
        logout, self._logout = self._logout, None
        try:
            if logout is not None and self._connection.sock is not None:
                self._send(*logout, None, {})
        except DeviceError:
            pass  # The device drops the session by itself after its idle time-out.
        finally:
            self._watchdog.cancel()
            self._connection.close()

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        """Read; repeated once where the device had closed the kept-alive connection meanwhile."""
        return self._send("GET", _url(path, params), None, {})

    def send(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Write, once: whether a write that was cut off took effect is found out by reading."""
        return self._send(method, _url(path, params), None if body is None else dict(body), dict(headers or {}))

    def _connect(self) -> None:
        self._connection.connect_checked(self._remaining("connect"))
        sock = self._connection.sock
        self.local_address = sock.getsockname()[0]
        self.peer_address = sock.getpeername()[0]

    def _login(self) -> None:
        target = self.target
        if target.access_token:
            self._headers["Authorization"] = f"Bearer {target.access_token.reveal()}"
            return
        answer = self._send(
            "POST",
            "/api/v2/authentication",
            {
                "username": target.username,
                "secretkey": target.password.reveal(),
                "ack_pre_disclaimer": True,
                "ack_post_disclaimer": True,
                "request_key": True,
            },
            {},
            login=True,
        )
        if answer.status in _NO_SUCH_CALL:
            self._form_login()
            return
        body = answer.body if isinstance(answer.body, dict) else {}
        if answer.status != 200 or body.get("status", body.get("status_code")) not in _LOGGED_IN:
            raise LoginRefused(_login_sentence(answer, target))
        self._logout = ("DELETE", "/api/v2/authentication")
        if body.get("session_key"):
            target.session_keys.append(Secret(str(body["session_key"])))
            self._headers["Authorization"] = f"Bearer {body['session_key']}"
        else:
            self._take_cookies(answer)

    def _form_login(self) -> None:
        form = urllib.parse.urlencode(
            {"username": self.target.username, "secretkey": self.target.password.reveal(), "ajax": "1"}
        )
        answer = self._send(
            "POST", "/logincheck", form, {"Content-Type": "application/x-www-form-urlencoded"}, login=True
        )
        if answer.status != 200 or not str(answer.body).startswith("1"):
            raise LoginRefused(_login_sentence(answer, self.target))
        self._logout = ("POST", "/logout")
        self._take_cookies(answer)

    def _take_cookies(self, answer: Answer) -> None:
        cookies = [part.split(";", 1)[0].strip() for part in answer.headers.get("set-cookie", "").split("\n")]
        pairs = dict(cookie.split("=", 1) for cookie in cookies if "=" in cookie)
        self.target.session_keys.extend(Secret(value.strip('"')) for value in pairs.values())
        self._headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in pairs.items())
        for name, value in pairs.items():
            if name.startswith(("ccsrftoken", "ccsrf_token")):
                self._headers["X-CSRFTOKEN"] = value.strip('"')

    def _send(self, method: str, url: str, body: Any, headers: dict[str, str], login: bool = False) -> Answer:
        request = f"{method} {url}"
        payload = None
        sent = {**self._headers, **headers}
        if isinstance(body, str):
            payload = body.encode()
        elif body is not None:
            payload = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        status, reply_headers, raw = self._exchange(method, url, payload, sent, request)
        answer = Answer(request, status, reply_headers, *_decoded(raw))
        if not login and status in (401, 429):
            raise LoginRefused(f"{request}: {_login_sentence(answer, self.target)}")
        if not login and status == 403 and not isinstance(answer.body, dict):
            raise LoginRefused(
                f"{request}: HTTP 403 from the web server: the token or its trusted hosts do not allow it"
            )
        return answer

    def _exchange(
        self, method: str, url: str, payload: bytes | None, headers: dict[str, str], request: str
    ) -> tuple[int, dict[str, str], bytes]:
        connection = self._connection
        for attempt in (1, 2):
            fresh = connection.sock is None
            try:
                if fresh:
                    self._connect()
                connection.sock.settimeout(self._remaining(request))
                connection.request(method, url, body=payload, headers=headers)
                self.requests += 1
                reply = connection.getresponse()
                raw = reply.read(_LARGEST_ANSWER + 1)
                break
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError) as error:
                connection.close()
                # Only a read on a connection that had been idle may be asked again without knowing what happened.
                if attempt == 1 and method == "GET" and not fresh and time.monotonic() < self._deadline:
                    continue
                raise self._broken(request, error) from None
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                raise self._broken(request, error) from None
        if len(raw) > _LARGEST_ANSWER:
            raise Misunderstood(f"{request}: an answer of more than {_LARGEST_ANSWER} bytes")
        headers_read: dict[str, str] = {}
        for name, value in reply.getheaders():
            lower = name.lower()
            headers_read[lower] = f"{headers_read[lower]}\n{value}" if lower in headers_read else value
        if reply.will_close:
            connection.close()
        return reply.status, headers_read, raw

    def _remaining(self, request: str) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise Unreachable(
                f"{request}: not finished within the {self.target.timeout:g} s allowed for the device (timeout)"
            )
        return left

    def _broken(self, request: str, error: Exception) -> DeviceError:
        if time.monotonic() >= self._deadline or isinstance(error, TimeoutError):
            return Unreachable(
                f"{request}: no complete answer within the {self.target.timeout:g} s allowed for the device (timeout)"
            )
        return Unreachable(f"{request}: the connection broke: {error or type(error).__name__}")


def _url(path: str, params: Mapping[str, str] | None) -> str:
    return f"{path}?{urllib.parse.urlencode(params, quote_via=urllib.parse.quote)}" if params else path


def _decoded(raw: bytes) -> tuple[Any, str]:
    """The JSON of a body; or its text, with what is wrong where it looks like JSON. It is none where a name occurs
    twice or characters are not UTF-8: nobody can say what is meant then."""
    try:
        return json.loads(raw.decode(), object_pairs_hook=_object, parse_constant=_no_number), ""
    except (ValueError, RecursionError) as error:
        return raw.decode("utf-8", "replace"), str(error) if raw[:1] in (b"{", b"[") else ""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice in an object")
    return found


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no JSON")


def _shape(body: Any) -> str:
    if isinstance(body, str):
        if body[:1] in ("{", "["):
            return "broken JSON"  # it may hold anything of the configuration
        text = " ".join(body.split())
        start = text if len(text) <= _SHOWN else text[:_SHOWN] + CUT
        return f"the text {start!r}" if start else "an empty body"
    return f"a JSON {type(body).__name__}"


def _login_sentence(answer: Answer, target: Target) -> str:
    what = "access token" if target.access_token else f"user name or password of {target.username!r}"
    if answer.status == 429:
        return "the unit has blocked this address after failed logins (HTTP 429); it is not tried again"
    why = f"(HTTP {answer.status})"
    return f"the unit refused the {what}, or the address we come from is not among its trusted hosts {why}"
