"""RSA host keys: one per folder, or one for the process, because making them is slow."""

from __future__ import annotations

import base64
import hashlib
import os
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

import paramiko

BITS = 2048
FILE = "ssh_host_rsa"
_making = threading.Lock()


@lru_cache(maxsize=1)
def _process_key() -> Any:
    return paramiko.RSAKey.generate(BITS)


def host_key(folder: Path | None) -> Any:
    """The key of a folder, made when there is none; without folder the key of the process."""
    with _making:
        if folder is None:
            return _process_key()
        path = folder / FILE
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            draft = folder / f".{FILE}.{os.getpid()}"
            _process_key().write_private_key_file(str(draft))
            draft.replace(path)
        return paramiko.RSAKey.from_private_key_file(str(path))


def fingerprint(key: Any) -> str:
    """SHA256 and base64 without padding, as OpenSSH shows it."""
    digest = hashlib.sha256(key.asbytes()).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def known_hosts_line(host: str, port: int, key: Any) -> str:
    """The line of a known_hosts file."""
    name = host if port == 22 else f"[{host}]:{port}"
    return f"{name} ssh-rsa {key.get_base64()}\n"
