"""Certificate authorities of vendors and sites, and what they sign; made afresh in each process."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import ssl
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


@dataclass(frozen=True)
class Identity:
    """A certificate with its key, both PEM."""

    certificate: bytes
    key: bytes

    @contextlib.contextmanager
    def file(self) -> Iterator[str]:
        """A file with both, for the time that it takes to load them."""
        with tempfile.NamedTemporaryFile(suffix=".pem") as file:
            file.write(self.key + self.certificate)
            file.flush()
            yield file.name


def name(common_name: str, organisation: str = "", unit: str = "") -> x509.Name:
    """A subject."""
    parts = [(NameOID.COMMON_NAME, common_name), (NameOID.ORGANIZATION_NAME, organisation),
             (NameOID.ORGANIZATIONAL_UNIT_NAME, unit)]
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts if text])


def _usage(signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=signs, crl_sign=signs, encipher_only=False, decipher_only=False,
    )


class Authority:
    """An authority. ``pem`` is its certificate. What it signs is valid from yesterday for ``days``."""

    def __init__(self, subject: x509.Name, *, days: float = 365) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._subject = subject
        self._days = days
        self._ski = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        built = self._builder(subject, self._key.public_key(), 3650).add_extension(
            x509.BasicConstraints(True, 0), critical=True
        ).add_extension(_usage(True), critical=True).add_extension(self._ski, critical=False)
        self.pem = built.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def _builder(
        self, subject: x509.Name, public: ec.EllipticCurvePublicKey, days: float
    ) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder().subject_name(subject).issuer_name(self._subject).public_key(public)
            .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=days))
        )

    def issue(self, subject: x509.Name | str, *names: str) -> Identity:
        """A certificate for servers and clients. ``names``: host names and IP addresses it is for."""
        subject = name(subject) if isinstance(subject, str) else subject
        key = ec.generate_private_key(ec.SECP256R1())
        built = (
            self._builder(subject, key.public_key(), self._days)
            .add_extension(x509.BasicConstraints(False, None), critical=True)
            .add_extension(_usage(False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
                           critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(self._ski), critical=False)
        )
        if names:
            built = built.add_extension(x509.SubjectAlternativeName([_general(each) for each in names]), critical=False)
        return Identity(
            built.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM),
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ),
        )


def _general(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


@lru_cache(maxsize=1)
def yealink_authority() -> Authority:
    """The vendor's: rapid7/recog xml/x509_issuers.xml has its name."""
    return Authority(name("Yealink Equipment Issuing CA", unit="yealink.com"))


@lru_cache(maxsize=1)
def poly_authority() -> Authority:
    """The vendor's, which signs for `CN=<MAC>, O=Polycom Inc.` (rapid7/recog xml/x509_subjects.xml)."""
    return Authority(name("Polycom Equipment Issuing CA 1", "Polycom Inc."))


def server_context(identity: Identity, *, old: bool = False) -> ssl.SSLContext:
    """A server's TLS. ``old``: TLS 1.0 and nothing newer, which OpenSSL 3 only does at security level 0."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if old:
        context.set_ciphers("ALL:@SECLEVEL=0")
        with _deprecated():
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1
    else:
        context.minimum_version = ssl.TLSVersion.TLSv1_2
    with identity.file() as path:
        context.load_cert_chain(path)
    return context


@dataclass(frozen=True)
class Trust:
    """How a client checks a server: by these authorities (PEM; none: not at all), by name, within these versions."""

    authorities: tuple[bytes, ...] | None = ()
    names: bool = True
    oldest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2
    newest: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED

    def context(self, identity: Identity | None) -> ssl.SSLContext:
        """A client's TLS, with its own certificate if it has one."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = self.names and self.authorities is not None
        context.verify_mode = ssl.CERT_NONE if self.authorities is None else ssl.CERT_REQUIRED
        if self.oldest < ssl.TLSVersion.TLSv1_2:
            context.set_ciphers("ALL:@SECLEVEL=0")
        with _deprecated():
            context.minimum_version, context.maximum_version = self.oldest, self.newest
        for pem in self.authorities or ():
            context.load_verify_locations(cadata=pem.decode("ascii"))
        if identity is not None:
            with identity.file() as path:
                context.load_cert_chain(path)
        return context


@contextlib.contextmanager
def _deprecated() -> Iterator[None]:
    """Old TLS versions are asked for on purpose."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield
