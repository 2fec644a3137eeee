"""The wire to a live phone: one connection, nothing sent twice, an end to every wait, whose certificate it is."""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.errors import (
    LoginRefused,
    Misunderstood,
    NotListening,
    NotTrusted,
    Unavailable,
    Unreachable,
)
from ansible_collections.voip.hardening.plugins.module_utils.phones.session import WebSession, refuse_log_in
from ansible_collections.voip.hardening.plugins.module_utils.target import Target
from tests.devices.phones import Authority, YealinkPhone
from tests.devices.phones.certificates import name, server_context, yealink_authority
from tests.unit.phones import loopback
from tests.unit.phones.loopback import HOST, free_port, stream_server

MAC = "805ec0aa0042"
CONTEXT = server_context(yealink_authority().issue(MAC))
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: a=1; path=/\r\n\r\nok"


def session(port: int, timeout: float = 20, **options: object) -> WebSession:
    target = Target(host=HOST, port=port, timeout=timeout, validate_certs=False, **options)  # type: ignore[arg-type]
    return WebSession(target, MAC)


class Requests:
    """Answers requests, and keeps them."""

    def __init__(self, answer: bytes = OK, close_after: int = 0) -> None:
        self.seen: list[bytes] = []
        self.connections = 0
        self._answer = answer
        self._close_after = close_after

    def __call__(self, sock: socket.socket) -> None:
        self.connections += 1
        count = 0
        while request := self._one(sock):
            self.seen.append(request)
            sock.sendall(self._answer)
            count += 1
            if count == self._close_after:
                return

    def _one(self, sock: socket.socket) -> bytes:
        """A whole request; empty at the end of the connection."""
        request = b""
        while b"\r\n\r\n" not in request or (b"Content-Length: 4" in request and not request.endswith(b"body")):
            piece = sock.recv(65536)
            if not piece:
                return b""
            request += piece
        return request


def test_one_connection_carries_all_requests_and_cookies_come_back() -> None:
    served = Requests()
    with stream_server(served, CONTEXT) as port, session(port) as web:
        for _time in range(3):
            assert web.ask("POST", "/x?token=t", b"body").text == "ok"
    assert (served.connections, len(served.seen), web.requests) == (1, 3, 3)
    assert b"Cookie: a=1\r\n" in served.seen[1]
    assert b"Host: 127.0.0.1:" in served.seen[0]


def test_a_connection_that_the_phone_closed_while_it_was_idle_is_made_anew() -> None:
    served = Requests(close_after=1)
    with stream_server(served, CONTEXT) as port, session(port) as web:
        for _time in range(3):
            web.ask("POST", "/x")
            threading.Event().wait(0.1)  # until the end of the connection has come
    assert (served.connections, len(served.seen)) == (3, 3)


def hang(sock: socket.socket) -> None:
    sock.recv(65536)
    sock.recv(1)


def drip(sock: socket.socket) -> None:
    sock.recv(65536)
    for _time in range(100):
        sock.sendall(b"H")
        threading.Event().wait(0.1)


def cut(sock: socket.socket) -> None:
    sock.recv(65536)
    sock.sendall(OK[:-1])


def silent(sock: socket.socket) -> None:
    sock.recv(65536)


@pytest.mark.parametrize("serve", [hang, drip, cut, silent])
def test_what_does_not_end_well_is_told_once_without_the_query(serve: Callable[[socket.socket], None]) -> None:
    seen = []

    def counted(sock: socket.socket) -> None:
        seen.append(1)
        serve(sock)

    with stream_server(counted, CONTEXT) as port, session(port, timeout=0.5) as web:
        with pytest.raises(Unreachable) as raised:
            web.ask("POST", "/x?token=secret")
        assert "secret" not in str(raised.value)
        assert f"POST https://{HOST}:{port}/x: " in str(raised.value)
    assert len(seen) == 1


def test_nobody_listens() -> None:
    with session(free_port()) as web, pytest.raises(NotListening):
        web.ask("GET", "/")


def test_busy_is_told() -> None:
    served = Requests(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
    with stream_server(served, CONTEXT) as port, session(port) as web, pytest.raises(Unavailable):
        web.ask("GET", "/")
    assert len(served.seen) == 1


def test_an_old_phone_s_short_key_may_be_pinned() -> None:
    """1024 bits of RSA, as phones of the years before 2015 have them, over TLS 1.2."""
    served = Requests()
    pin = hashlib.sha256(loopback.certificate()[1]).hexdigest()
    with stream_server(served, loopback.server_context("TLSv1_2", "TLSv1_2")) as port:
        with session(port, fingerprint=pin) as web:
            assert web.ask("GET", "/").text == "ok"
        with session(port, fingerprint="0" * 64) as web, pytest.raises(NotTrusted):
            web.ask("GET", "/")
    assert len(served.seen) == 1


def _verified(port: int, ca_path: Path, mac: str = MAC, host: str = HOST) -> str:
    target = Target(host=host, port=port, timeout=20, ca_path=str(ca_path))
    with WebSession(target, mac) as web:
        return web.ask("GET", "/").text


def test_a_certificate_of_the_vendor_s_is_the_phone_s_by_its_hardware_address(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(yealink_authority().pem)
    served = Requests()
    with stream_server(served, CONTEXT) as port:
        assert _verified(port, tmp_path / "ca.pem") == "ok"
        with pytest.raises(NotTrusted):
            _verified(port, tmp_path / "ca.pem", mac="805ec0aa0043")
    assert len(served.seen) == 1


def test_a_certificate_of_the_site_s_has_to_bear_the_phone_s_name(tmp_path: Path) -> None:
    authority = Authority(name("Site CA"))
    (tmp_path / "ca.pem").write_bytes(authority.pem)
    served = Requests()
    right, wrong = authority.issue("desk-101", HOST), authority.issue("desk-102", "192.0.2.1")
    with stream_server(served, server_context(right)) as port:
        assert _verified(port, tmp_path / "ca.pem") == "ok"
    with stream_server(served, server_context(wrong)) as port, pytest.raises(NotTrusted):
        _verified(port, tmp_path / "ca.pem")
    assert len(served.seen) == 1


def test_another_authority_is_not_trusted(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(Authority(name("Another CA")).pem)
    served = Requests()
    with stream_server(served, CONTEXT) as port, pytest.raises(NotTrusted):
        _verified(port, tmp_path / "ca.pem")
    with stream_server(served, CONTEXT) as port, pytest.raises(NotTrusted, match="ca_path"):
        _verified(port, tmp_path / "none.pem")
    assert served.seen == []


@pytest.mark.parametrize(
    ("outcome", "error"),
    [("denied", LoginRefused), ("locked", Unavailable), ("unclear", Misunderstood), ("one_left", Misunderstood)],
)
def test_what_an_answer_to_a_log_in_means(outcome: str, error: type[Exception]) -> None:
    refuse_log_in("POST x", "accepted", "admin", "")
    with pytest.raises(error):
        refuse_log_in("POST x", outcome, "admin", "")  # type: ignore[arg-type]


def test_a_session_is_left_whatever_comes_after_the_log_in() -> None:
    """The phone lets us in and then breaks off: the session is left by the token that came as a cookie."""
    from ansible_collections.voip.hardening.plugins.module_utils.phones.session_yealink import open_yealink
    from ansible_collections.voip.hardening.plugins.module_utils.secret import Secret

    with YealinkPhone(MAC) as phone:
        phone.faults.plant(kind="busy", path="common/info", at=2)
        target = Target(host=phone.address, port=phone.ports()["https"], validate_certs=False)
        with pytest.raises(Unavailable):
            open_yealink(target, MAC, "admin", Secret("admin"))
        assert not phone.sessions._open


def test_a_page_that_says_it_is_locked_gets_no_password() -> None:
    from ansible_collections.voip.hardening.plugins.module_utils.phones.session_yealink import open_yealink
    from ansible_collections.voip.hardening.plugins.module_utils.secret import Secret

    page = b"<h1>You are not authorized</h1>Please try again 7 minutes later."
    served = Requests(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(page), page))
    with stream_server(served, CONTEXT) as port:
        target = Target(host=HOST, port=port, validate_certs=False)
        with pytest.raises(Unavailable, match="for 7 minutes more"):
            open_yealink(target, MAC, "admin", Secret("admin"))
    assert not [request for request in served.seen if b"q=login " in request]
