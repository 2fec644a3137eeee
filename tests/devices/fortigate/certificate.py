"""A certificate authority and server certificate for one loopback address, made afresh."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


@dataclass(frozen=True)
class Certificate:
    """A server certificate with the authority that signed it. ``fingerprint`` is SHA-256 of the certificate, hex."""

    ca_pem: bytes
    chain_pem: bytes
    fingerprint: str

    def context(self) -> ssl.SSLContext:
        """A server-side TLS context (1.2 and up)."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        with tempfile.NamedTemporaryFile(suffix=".pem") as file:
            file.write(self.chain_pem)
            file.flush()
            context.load_cert_chain(file.name)
        return context

    def write_ca(self, folder: Path, name: str) -> Path:
        """Write the authority's certificate for clients; returns its path."""
        path = folder / f"{name}-ca.pem"
        path.write_bytes(self.ca_pem)
        return path


def make_certificate(host: str, common_name: str = "FGT60FTK20000001") -> Certificate:
    """A fresh authority and a certificate for one IP address, valid from yesterday for a year."""
    now = datetime.datetime.now(datetime.UTC)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{common_name} test CA")])
    ca_ski = x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key())

    def builder(subject: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder().subject_name(subject).issuer_name(ca_name).public_key(public)
            .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=365))
        )

    def usage(sign_certificates: bool) -> x509.KeyUsage:
        return x509.KeyUsage(
            digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
            key_agreement=False, key_cert_sign=sign_certificates, crl_sign=sign_certificates, encipher_only=False,
            decipher_only=False,
        )

    ca = (
        builder(ca_name, ca_key.public_key()).add_extension(x509.BasicConstraints(True, 0), critical=True)
        .add_extension(usage(True), critical=True).add_extension(ca_ski, critical=False).sign(ca_key, hashes.SHA256())
    )
    leaf = (
        builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)]), key.public_key())
        .add_extension(x509.BasicConstraints(False, None), critical=True).add_extension(usage(False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(ca_ski), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Certificate(ca.public_bytes(pem), private + leaf.public_bytes(pem), leaf.fingerprint(hashes.SHA256()).hex())
