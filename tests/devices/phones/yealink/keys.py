"""The RSA key of the web interface's logins."""

from __future__ import annotations

import threading
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import padding, rsa

# Public clients found 1024 bits and the exponent 010001.
RSA_BITS = 1024


_lock = threading.Lock()


def login_key() -> rsa.RSAPrivateKey:
    """The key that browsers encrypt passwords for; one for the process, whichever phone is asked first."""
    with _lock:
        return _login_key()


@lru_cache(maxsize=1)
def _login_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)


def key_numbers() -> tuple[str, str]:
    """Modulus and exponent as the pages have them."""
    return f"{login_key().public_key().public_numbers().n:0256x}", "010001"


def decrypt(text: str) -> bytes | None:
    """What was encrypted for the key, from hex digits; None when it was not."""
    try:
        return login_key().decrypt(bytes.fromhex(text), padding.PKCS1v15())
    except ValueError:
        return None
