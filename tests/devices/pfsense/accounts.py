"""Who may log in over SSH, what runs there, and whom sshguard keeps out.

Source: master at 6a92af1458, src/etc/inc/auth.inc (local_user_set), src/etc/sshd, src/etc/rc.initial.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import bcrypt

from .configxml import Tree
from .tree import entries, get_path

if TYPE_CHECKING:
    from .box import Box

FACTORY_PASSWORD = "pfsense"
FACTORY_HASH = "$2b$10$13u6qwCOwODv34GyCMgdWub6oQF3RX0rG7c3d3X4JvzuEmAXLYDd2"
"""The hash that every unit leaves the factory with."""
ROUNDS = 4
"""Cost of the hashes that tests set: the least there is, since nobody attacks them."""
SHELL_PRIVILEGES = ("page-all", "user-shell-access")


@lru_cache(maxsize=256)
def fits(password: str, hashed: str) -> bool:
    """password_verify for bcrypt; False for a hash that is none."""
    try:
        return bcrypt.checkpw(password.encode(), hashed.replace("$2y$", "$2b$", 1).encode())
    except ValueError:
        return False


@lru_cache(maxsize=64)
def password_hash(password: str) -> str:
    """A bcrypt hash of a password, the same one every time in this process."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(ROUNDS)).decode()


@dataclass(frozen=True)
class Account:
    """A login. ``shell``: sh (uid 0, by way of rc.initial for the name admin), tcsh, or "" for one without a shell."""

    name: str
    hashed: str
    keys: tuple[str, ...]
    shell: str
    menu: bool
    root: bool


class Accounts:
    """The accounts of one box, as sshd and sshguard saw the configuration when they last started."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.key_only = ""
        self.failures: dict[str, int] = {}
        self.blocked: dict[str, float] = {}

    def restart(self) -> None:
        """sshd starts: what it asks for is as the configuration says now."""
        value = get_path(self.box.config, "system/ssh/sshdkeyonly", "")
        self.key_only = str(value or "")

    @property
    def methods(self) -> tuple[str, ...]:
        """What sshd offers. With `both` a key comes first and a password second."""
        if self.key_only == "enabled":
            return ("publickey",)
        if self.key_only == "both":
            return ("publickey",)
        return ("publickey", "password", *(("keyboard-interactive",) if self.box.knobs.keyboard else ()))

    @property
    def needs_both(self) -> bool:
        """Whether sshd wants a key and then a password."""
        return self.key_only == "both"

    def find(self, name: str) -> Account | None:
        """The account of that name; `root` is the twin of `admin`."""
        config = self.box.config
        users = {str(user.get("name")): user for user in entries(config, "system/user") if isinstance(user, dict)}
        user = users.get("admin" if name == "root" else name)
        if user is None or "disabled" in user:
            return None
        root = str(user.get("uid")) == "0"
        privileged = set(SHELL_PRIVILEGES) & set(_privileges(config, user))
        return Account(
            name,
            str(user.get("bcrypt-hash", "")),
            _keys(user),
            "sh" if root else "tcsh" if privileged else "",
            menu=root and name != "root",
            root=root,
        )

    def password(self, name: str, password: str, source: str) -> bool:
        """Whether this login is right; counts it. sshguard blocks a source after too many wrong ones."""
        box = self.box
        with box.lock:
            account = self.find(name)
            if account is not None and account.hashed and fits(password, account.hashed):
                self.failures.pop(source, None)
                return True
            box.counters.failures += 1
            self.failures[source] = self.failures.get(source, 0) + 1
            if self.failures[source] >= box.knobs.guard:
                self.blocked[source] = box.now + box.knobs.guard_seconds
                box.kernel.tables.setdefault("sshguard", []).append(source)
            return False

    def key(self, name: str, line: str) -> bool:
        """Whether a public key ("ssh-rsa AAAA...") is one of the account's. A wrong one is no failure for sshguard."""
        account = self.find(name)
        return account is not None and line in account.keys

    def admits(self, source: str) -> bool:
        """Whether pf lets a connection from there through; counts it."""
        box = self.box
        with box.lock:
            until = self.blocked.get(source, 0.0)
            if until > box.now:
                box.counters.blocked += 1
                return False
            if until:
                del self.blocked[source]
                self.failures.pop(source, None)
                box.kernel.tables["sshguard"] = [
                    entry for entry in box.kernel.tables.get("sshguard", []) if entry != source
                ]
            if box.faults.refuses_connection():
                return False
            box.counters.connections += 1
            return True


def _privileges(config: Tree, user: Tree) -> list[str]:
    found = list(user.get("priv", []))
    for group in entries(config, "system/group"):
        if isinstance(group, dict) and str(user.get("uid")) in [str(member) for member in group.get("member", [])]:
            found += group.get("priv", [])
    return found


def _keys(user: Tree) -> tuple[str, ...]:
    try:
        text = base64.b64decode(str(user.get("authorizedkeys") or "")).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ()
    return tuple(" ".join(line.split()[:2]) for line in text.splitlines() if line.strip())


def with_password(tree: Tree, name: str, password: str) -> None:
    """Give an account of a configuration a password; raises KeyError for an account that is not there."""
    for user in entries(tree, "system/user"):
        if user.get("name") == name:
            user["bcrypt-hash"] = password_hash(password)
            return
    raise KeyError(name)


def with_key(tree: Tree, name: str, line: str) -> None:
    """Give an account of a configuration a public key; raises KeyError for an account that is not there."""
    for user in entries(tree, "system/user"):
        if user.get("name") == name:
            user["authorizedkeys"] = base64.b64encode(line.encode()).decode()
            return
    raise KeyError(name)


def factory_password(config: Tree) -> bool | None:
    """Whether `admin` still has the factory's password; None without a bcrypt hash."""
    user: Any = next((user for user in entries(config, "system/user") if user.get("name") == "admin"), {})
    hashed = user.get("bcrypt-hash")
    return fits(FACTORY_PASSWORD, hashed) if hashed else None
