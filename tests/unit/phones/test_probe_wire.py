"""What the wire of a probe sees: ports, TLS of any age, HTTP that hangs, SIP that is answered or not."""

from __future__ import annotations

import socket
import ssl
import time

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.errors import Unreachable
from ansible_collections.voip.hardening.plugins.module_utils.phones import wire_ports, wire_sip, wire_tls
from ansible_collections.voip.hardening.plugins.module_utils.phones.certificates import describe
from ansible_collections.voip.hardening.plugins.module_utils.phones.patience import NoAnswer, Patience
from ansible_collections.voip.hardening.plugins.module_utils.phones.wire_http import Web
from tests.unit.phones.loopback import (
    HOST,
    Serve,
    certificate,
    datagram_server,
    free_port,
    server_context,
    stream_server,
)

PLACE = wire_ports.find(HOST)


def patience(each: float = 5, total: float = 20) -> Patience:
    return Patience(each, total)


# Ports


def test_open_and_refused_ports() -> None:
    with stream_server(lambda _sock: None) as port, patience() as waiting:
        states = wire_ports.look(PLACE, {"https": port, "http": free_port()}, waiting)
    assert states == {"https": "open", "http": "refused"}


def test_a_port_that_does_not_answer_is_silent() -> None:
    """A listener whose queue is full drops what comes, as a packet filter does."""
    with socket.create_server((HOST, 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        fillers = []
        for _number in range(3):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex((HOST, port))
            fillers.append(filler)
        with patience(0.2) as waiting:
            states = wire_ports.look(PLACE, {"https": port}, waiting)
        for filler in fillers:
            filler.close()
    assert states == {"https": "silent"}


def test_a_name_without_an_address() -> None:
    with pytest.raises(Unreachable, match=r"phone\.invalid: no address"):
        wire_ports.find("phone.invalid")


# TLS


@pytest.mark.parametrize(
    ("oldest", "newest", "offered"),
    [
        ("TLSv1", "TLSv1", ["TLSv1"]),
        ("TLSv1", "TLSv1_2", ["TLSv1", "TLSv1_1", "TLSv1_2"]),
        ("TLSv1_2", "TLSv1_3", ["TLSv1_2", "TLSv1_3"]),
    ],
)
def test_every_version_that_a_phone_offers_is_seen(oldest: str, newest: str, offered: list[str]) -> None:
    with stream_server(lambda _sock: None, server_context(oldest, newest)) as port, patience() as waiting:
        offer = wire_tls.look(PLACE, port, waiting)
    assert offer.offered == offered
    assert offer.refused == [version for version in wire_tls.VERSIONS if version not in offered]
    assert offer.unclear == {}
    assert offer.certificate == certificate()[1]


def test_the_certificate_of_a_poly_names_its_address() -> None:
    described = describe(certificate()[1])
    assert (described["mac"], described["key_bits"]) == ("64167f000001", 1024)
    assert "O=Polycom Inc." in described["subject"]
    assert described["not_after"] == "2035-12-30T00:00:00+00:00"


def test_a_port_without_tls_refuses_all_versions() -> None:
    with stream_server(lambda sock: sock.sendall(b"SSH-2.0-dropbear\r\n")) as port, patience() as waiting:
        offer = wire_tls.look(PLACE, port, waiting)
    assert (offer.offered, offer.refused, offer.certificate) == ([], list(wire_tls.VERSIONS), b"")


def test_a_port_that_hangs_leaves_the_versions_unclear() -> None:
    with stream_server(lambda sock: time.sleep(1)) as port, patience(0.1) as waiting:
        offer = wire_tls.look(PLACE, port, waiting)
    assert (offer.offered, offer.refused) == ([], [])
    assert sorted(offer.unclear) == sorted(wire_tls.VERSIONS)


def test_credentials_never_go_over_old_tls() -> None:
    """By the context's own limit, not only by the ciphers that the system's OpenSSL happens to refuse."""
    assert wire_tls.login_context().minimum_version == ssl.TLSVersion.TLSv1_2
    with stream_server(lambda _sock: None, server_context("TLSv1", "TLSv1_1")) as port, patience() as waiting:
        web = Web(PLACE, port, wire_tls.login_context(), waiting)
        with pytest.raises(NoAnswer, match="no TLS"):
            web.ask("POST", "/login", "pwd=1")


# HTTP


def replying(*parts: bytes, pause: float = 0) -> Serve:
    def serve(sock: socket.socket) -> None:
        sock.recv(65535)
        for part in parts:
            sock.sendall(part)
            time.sleep(pause)

    return serve


def test_an_answer_with_its_cookies_is_read_and_not_followed() -> None:
    text = (
        b"HTTP/1.1 302 Found\r\nLocation: /servlet?p=login\r\nServer: yealink\r\n"
        b"Set-Cookie: JSESSIONID=1234; path=/\r\nSet-Cookie: lang=en\r\nContent-Length: 4\r\n\r\nbody"
    )
    with stream_server(replying(text)) as port, patience() as waiting:
        reply = Web(PLACE, port, None, waiting).ask("GET", "/")
    assert (reply.status, reply.text, reply.headers["location"]) == (302, "body", "/servlet?p=login")
    assert reply.cookies() == "JSESSIONID=1234; lang=en"


@pytest.mark.parametrize("text", [b"", b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfour"])
def test_what_is_no_whole_answer_is_none(text: bytes) -> None:
    with stream_server(replying(text)) as port, patience() as waiting:
        web = Web(PLACE, port, None, waiting)
        with pytest.raises(NoAnswer, match=r"GET http://127\.0\.0\.1"):
            web.ask("GET", "/?secret=1")


def test_the_query_of_a_request_is_in_no_message() -> None:
    with patience() as waiting, pytest.raises(NoAnswer) as error:
        Web(PLACE, free_port(), None, waiting).ask("GET", "/?secret=1")
    assert "secret" not in str(error.value)


def test_a_phone_that_sends_one_byte_now_and_then_does_not_hold_the_probe() -> None:
    drops = [b"HTTP/1.1 200 OK\r\n"] + [b"X-A: 1\r\n"] * 100
    with stream_server(replying(*drops, pause=0.05)) as port, patience(each=5, total=0.3) as waiting:
        web = Web(PLACE, port, None, waiting)
        with pytest.raises(NoAnswer):
            web.ask("GET", "/")
        with pytest.raises(NoAnswer, match=r"not finished within the 0\.3 s allowed"):
            web.ask("GET", "/")


# SIP


def header(message: bytes, name: bytes) -> bytes:
    (line,) = [line for line in message.split(b"\r\n") if line.lower().startswith(name.lower() + b":")]
    return line


def reply_to(message: bytes, status: bytes, *more: bytes) -> bytes:
    copied = (header(message, name) for name in (b"Via", b"From", b"To", b"Call-ID", b"CSeq"))
    return b"\r\n".join([b"SIP/2.0 " + status, *copied, *more, b"Content-Length: 0", b"", b""])


def test_an_answer_names_the_phone() -> None:
    agent = b"User-Agent: Yealink SIP-T46U 108.86.0.90"
    with datagram_server(lambda message: [reply_to(message, b"200 OK", agent)]) as port, patience() as waiting:
        answer = wire_sip.ask(PLACE, port, waiting)
    assert (answer.state, answer.status, answer.reason) == ("answered", 200, "OK")
    assert answer.agent == "Yealink SIP-T46U 108.86.0.90"


def test_answers_to_others_and_provisional_ones_are_passed_over() -> None:
    def answers(message: bytes) -> list[bytes]:
        other = reply_to(message, b"200 OK").replace(header(message, b"Call-ID"), b"Call-ID: another")
        return [other, b"nonsense", reply_to(message, b"100 Trying"), reply_to(message, b"403 Forbidden")]

    with datagram_server(answers) as port, patience() as waiting:
        answer = wire_sip.ask(PLACE, port, waiting)
    assert (answer.state, answer.status) == ("answered", 403)


def test_a_request_is_repeated_until_the_time_is_up() -> None:
    seen: list[bytes] = []

    def swallow(message: bytes) -> list[bytes]:
        seen.append(message)
        return [b"", b"SIP/2.0 200 OK\r\nCall-ID: another\r\n\r\n"] if len(seen) == 1 else []

    with datagram_server(swallow) as port, patience(0.7) as waiting:
        assert wire_sip.ask(PLACE, port, waiting).state == "silent"
    assert len(seen) == 2
    assert len(set(seen)) == 1
    assert seen[0].startswith(b"OPTIONS sip:127.0.0.1:")
    assert seen[0].endswith(b"\r\n\r\n")


def test_nobody_listens() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((HOST, 0))
        port = sock.getsockname()[1]
    with patience(1) as waiting:
        assert wire_sip.ask(PLACE, port, waiting).state == "refused"
