"""Small servers on loopback for these tests: TLS of chosen versions, HTTP that misbehaves, SIP over UDP."""

from __future__ import annotations

import contextlib
import datetime
import socket
import ssl
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
Serve = Callable[[socket.socket], None]


@contextlib.contextmanager
def stream_server(serve: Serve, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve every TCP connection in a thread of its own; yields the port."""
    listener = socket.create_server((HOST, 0))
    listener.settimeout(0.05)
    ended = threading.Event()

    def one(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.enter_context(connection)
            connection.settimeout(10)
            stream = connection
            if context is not None:
                stream = stack.enter_context(context.wrap_socket(connection, server_side=True))
            serve(stream)

    def accept() -> None:
        while not ended.is_set():
            with contextlib.suppress(TimeoutError):
                connection, _peer = listener.accept()
                threading.Thread(target=one, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        ended.set()
        thread.join()
        listener.close()


@contextlib.contextmanager
def datagram_server(answer: Callable[[bytes], list[bytes]]) -> Iterator[int]:
    """Answer every datagram with those that `answer` makes of it; yields the port."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((HOST, 0))
    sock.settimeout(0.05)
    ended = threading.Event()

    def work() -> None:
        while not ended.is_set():
            with contextlib.suppress(TimeoutError):
                message, peer = sock.recvfrom(65535)
                for reply in answer(message):
                    sock.sendto(reply, peer)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield sock.getsockname()[1]
    finally:
        ended.set()
        thread.join()
        sock.close()


def free_port() -> int:
    """A TCP port on which nobody listens."""
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@cache
def certificate(common_name: str = "64167F000001", organisation: str = "Polycom Inc.") -> tuple[bytes, bytes]:
    """A certificate with an RSA key of 1024 bits, signed by itself, as old phones have one: its PEM with the key, and
    its DER."""
    key = rsa.generate_private_key(65537, 1024)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )
    now = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    return secret + pem, made.public_bytes(serialization.Encoding.DER)


def server_context(oldest: str, newest: str) -> ssl.SSLContext:
    """A server's context that speaks these versions (names of `ssl.TLSVersion`), with anything that OpenSSL has."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "phone.pem"
        file.write_bytes(certificate()[0])
        context.load_cert_chain(file)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion[oldest]
        context.maximum_version = ssl.TLSVersion[newest]
    return context
