"""HTTP and SIP digest authentication with MD5 (RFC 2617, RFC 3261), both sides of it."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

_PART = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,]+))')


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def parts(header: str) -> dict[str, str]:
    """The parts of a challenge or of an answer."""
    return {name: quoted or bare for name, quoted, bare in _PART.findall(header.partition(" ")[2])}


def _response(secret: str, method: str, uri: str, said: dict[str, str]) -> str:
    middle = f"{said['nonce']}:{said['nc']}:{said['cnonce']}:{said['qop']}" if said.get("qop") else said["nonce"]
    return _md5(f"{secret}:{middle}:{_md5(f'{method}:{uri}')}")


def answer(challenge: str, user: str, password: str, method: str, uri: str) -> str:
    """The Authorization header that answers a Digest challenge."""
    said = parts(challenge)
    secret = _md5(f"{user}:{said['realm']}:{password}")
    extra = {"nonce": said["nonce"]}
    text = f'Digest username="{user}", realm="{said["realm"]}", nonce="{said["nonce"]}", uri="{uri}"'
    if "auth" in said.get("qop", ""):
        extra |= {"nc": "00000001", "cnonce": secrets.token_hex(8), "qop": "auth"}
        text += f', qop=auth, nc={extra["nc"]}, cnonce="{extra["cnonce"]}"'
    return f'{text}, response="{_response(secret, method, uri, extra)}", algorithm=MD5'


class Challenger:
    """Asks for a password and checks what comes. Nonces hold as long as the challenger."""

    def __init__(self, realm: str) -> None:
        self.realm = realm
        self._nonces: set[str] = set()

    def challenge(self) -> str:
        """The value of a WWW-Authenticate header."""
        nonce = secrets.token_hex(16)
        self._nonces.add(nonce)
        return f'Digest realm="{self.realm}", nonce="{nonce}", qop="auth", algorithm=MD5'

    def accepts(self, header: str, method: str, passwords: dict[str, str]) -> str | None:
        """The user whose password an Authorization header shows; None when it does not."""
        if not header.lower().startswith("digest "):
            return None
        said = parts(header)
        password = passwords.get(said.get("username", ""))
        if password is None or said.get("nonce") not in self._nonces or said.get("realm") != self.realm:
            return None
        try:
            right = _response(_md5(f"{said['username']}:{self.realm}:{password}"), method, said["uri"], said)
        except KeyError:
            return None
        return said["username"] if hmac.compare_digest(right, said.get("response", "")) else None
