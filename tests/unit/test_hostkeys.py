"""Host keys that are pinned, known, unknown or revoked, without a network."""

from __future__ import annotations

import base64
import hashlib
import hmac
from pathlib import Path

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.errors import NotTrusted
from ansible_collections.voip.hardening.plugins.module_utils.hostkeys import HostKeys, plain_fingerprint
from ansible_collections.voip.hardening.plugins.module_utils.target import Target

BLOB, OTHER = b"key of the unit", b"another key"
KEY = base64.b64encode(BLOB).decode()
OTHER_KEY = base64.b64encode(OTHER).decode()
PIN = "SHA256:" + base64.b64encode(hashlib.sha256(BLOB).digest()).decode().rstrip("=")


def target(**fields: object) -> Target:
    return Target(**{"host": "vigor.example", **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize("text", [PIN, PIN.removeprefix("SHA256:"), f"sha256:{PIN[7:]}", f"{PIN}=", f" {PIN} "])
def test_every_spelling_of_a_fingerprint(text: str) -> None:
    assert plain_fingerprint(text) == PIN[7:]
    HostKeys(target(fingerprint=text, known_hosts="/nowhere"), 22).check("ssh-rsa", BLOB)


@pytest.mark.parametrize("checked", [True, False])
def test_another_key_than_the_pinned_one(checked: bool) -> None:
    keys = HostKeys(target(fingerprint=PIN, validate_certs=checked), 2222)
    with pytest.raises(NotTrusted, match=r"^vigor\.example:2222: the host key is ssh-rsa SHA256:\S+, not the pinned"):
        keys.check("ssh-rsa", OTHER)


def test_nobody_wants_it_checked() -> None:
    HostKeys(target(validate_certs=False, known_hosts="/nowhere"), 22).check("ssh-rsa", BLOB)


def hashed(name: str) -> str:
    salt = b"12345678901234567890"
    digest = hmac.digest(salt, name.encode(), "sha1")
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


@pytest.mark.parametrize(
    ("line", "port"),
    [
        (f"vigor.example ssh-rsa {KEY}", 22),
        (f"vigor.example ssh-rsa {KEY} a comment", 22),
        (f"other,vigor.example,192.0.2.1 ssh-rsa {KEY}", 22),
        (f"VIGOR.example ssh-rsa {KEY}", 22),
        (f"*.example ssh-rsa {KEY}", 22),
        (f"vigor.exampl? ssh-rsa {KEY}", 22),
        (f"[vigor.example]:2222 ssh-rsa {KEY}", 2222),
        (f"{hashed('vigor.example')} ssh-rsa {KEY}", 22),
        (f"{hashed('[vigor.example]:2222')} ssh-rsa {KEY}", 2222),
        (f"# comment\n\nbroken\nvigor.example ssh-ed25519 {OTHER_KEY}\nvigor.example ssh-rsa {KEY}", 22),
    ],
)
def test_known_keys(tmp_path: Path, line: str, port: int) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(f"{line}\n", encoding="ascii")
    keys = HostKeys(target(known_hosts=str(file)), port)
    keys.check("ssh-rsa", BLOB)
    assert keys.kinds[-1] == "ssh-rsa"


@pytest.mark.parametrize(
    ("line", "port", "message"),
    [
        ("", 22, "is not known"),
        (f"vigor.example ssh-rsa {KEY}", 2222, "is not known"),
        (f"[vigor.example]:2222 ssh-rsa {KEY}", 22, "is not known"),
        (f"vigorXexample ssh-rsa {KEY}", 22, "is not known"),
        (f"vigor.example.org ssh-rsa {KEY}", 22, "is not known"),
        (f"*.example,!vigor.example ssh-rsa {KEY}", 22, "is not known"),
        (f"{hashed('other')} ssh-rsa {KEY}", 22, "is not known"),
        (f"|1|broken ssh-rsa {KEY}", 22, "is not known"),
        (f"@cert-authority vigor.example ssh-rsa {KEY}", 22, "is not known"),
        (f"vigor.example ssh-rsa {OTHER_KEY}", 22, "another one than in"),
        (f"vigor.example ssh-rsa {KEY}\n@revoked * ssh-rsa {KEY}", 22, "is marked as revoked"),
    ],
)
def test_keys_that_are_not_trusted(tmp_path: Path, line: str, port: int, message: str) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(f"{line}\n", encoding="ascii")
    with pytest.raises(NotTrusted) as error:
        HostKeys(target(known_hosts=str(file)), port).check("ssh-rsa", BLOB)
    assert str(error.value).startswith(f"vigor.example:{port}: the host key ")
    assert message in str(error.value)
    assert f"ssh-rsa {PIN}" in str(error.value)


def test_an_unknown_key_says_what_to_do() -> None:
    with pytest.raises(NotTrusted) as error:
        HostKeys(target(host="unknown.vigor.example"), 22).check("ssh-rsa", BLOB)
    assert str(error.value) == (
        f"unknown.vigor.example:22: the host key ssh-rsa {PIN} is not known. Compare it on the unit, then pin it "
        "(fingerprint) or add it to ~/.ssh/known_hosts or /etc/ssh/ssh_known_hosts (known_hosts)"
    )


def test_a_file_of_keys_that_is_not_there() -> None:
    with pytest.raises(NotTrusted, match="known_hosts '/nowhere/keys': No such file or directory"):
        HostKeys(target(known_hosts="/nowhere/keys"), 22)
