# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a Yealink's web page sends a password: encrypted for the key that the phone shows. Needs `cryptography`; pure.

Sources: luizsteinbach30/middleware-ramais (RSA alone), UrielCh/yealink `ts/Yealink.ts` (AES with a key under RSA),
Buhoy-Ded/YealinkAdmin-Visual-Studio (the JSON generation). The phones' keys have 1024 bits, so this protects little:
it is what the interface asks for.
"""

from __future__ import annotations

import base64
import secrets

MISSING: ImportError | None = None
"""Why nothing here can be used: cryptography is not installed where this runs."""
try:
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
except ImportError as error:
    MISSING = error

_BLOCK = 16


class PhoneKey:
    """The phone's RSA key. `modulus` and `exponent` in hexadecimal; raises `ValueError` for what is no key."""

    def __init__(self, modulus: str, exponent: str) -> None:
        self._key: RSAPublicKey = RSAPublicNumbers(int(exponent, 16), int(modulus, 16)).public_key()

    def sealed(self, text: str) -> str:
        """The text under RSA, in hexadecimal."""
        return self._key.encrypt(text.encode(), PKCS1v15()).hex()


def sealed_in_aes(key: PhoneKey, session: str, password: str) -> dict[str, str]:
    """The form fields of the servlet generation that sends an AES key along; `session`: the JSESSIONID."""
    secret, start = secrets.token_bytes(_BLOCK), secrets.token_bytes(_BLOCK)
    text = f"{secrets.randbelow(10**16)};{session};{password}".encode()
    padded = text + bytes(-len(text) % _BLOCK)
    cipher = Cipher(algorithms.AES(secret), modes.CBC(start)).encryptor()
    sealed = cipher.update(padded) + cipher.finalize()
    return {
        "pwd": base64.b64encode(sealed).decode(),
        "rsakey": key.sealed(secret.hex()),
        "rsaiv": key.sealed(start.hex()),
    }
