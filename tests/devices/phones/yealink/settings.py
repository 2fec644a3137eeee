"""What a Yealink phone has stored, who set it, and what it shows of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tests.oracles.phones import fact_of
from tests.oracles.phones.yealink_files import VERSION

from .factory import PASSWORDS, factory_settings

PASSWORD = "security.user_password"
ROLES = ("admin", "user", "var")
MASK = "********"
Pairs = Iterable[tuple[str, str]]


class Settings:
    """The parameters of one phone.

    ``local`` are the user's changes that outlast provisioning (the `<mac>-local.cfg` of the vendor), ``ignored`` what
    came and was passed over: parameters that the phone does not know and values it has no meaning for.
    """

    def __init__(self, line: str) -> None:
        self.line = line
        self.factory = factory_settings(line)
        self.values = dict(self.factory)
        self.passwords = dict(PASSWORDS)
        self.local: dict[str, str] = {}
        self.ignored: list[str] = []
        self._provisioned: set[str] = set()

    def get(self, name: str, default: str = "") -> str:
        """A parameter's value, by its name without ``static.``."""
        return self.values.get(f"static.{name}", self.values.get(name, default))

    def on(self, name: str) -> bool:
        """Whether a switch is on."""
        return self.get(name) == "1"

    def accounts(self) -> dict[str, str]:
        """Passwords of the web interface by user name; that of `var` only while it is in use."""
        return {
            self.get(f"security.user_name.{role}", role): self.passwords[role]
            for role in ROLES if role != "var" or self.on("security.var_enable")
        }

    def role(self, user: str) -> str:
        """What an account is: admin, user or var."""
        return next((role for role in ROLES if self.get(f"security.user_name.{role}", role) == user), "")

    # --- changes -----------------------------------------------------------------------------------------------------

    def provision(self, pairs: Pairs, *, overwrite: bool) -> list[str]:
        """Take the settings of files in their order; returns what has another value than before.

        ``overwrite``: what an earlier provisioning set and this one does not, or leaves blank, goes back to the
        factory. The user's changes are put over it where the phone protects them, and forgotten otherwise.
        """
        before = self._snapshot()
        pairs = list(pairs)
        present = {name for name, value in pairs if value}
        if overwrite:
            for name in self._provisioned - present:
                self._reset(name)
        self._provisioned = present | (set() if overwrite else self._provisioned)
        for name, value in pairs:
            if value:
                self._set(name, value)
        if self.on("auto_provision.custom.protect"):
            for name, value in self.local.items():
                self._set(name, value)
        else:
            self.local.clear()
        return self._differences(before)

    def change(self, pairs: Pairs) -> list[str]:
        """Take a change of the user, at the phone or in the web interface; returns what has another value than before.
        Only parameters without ``static.`` are kept for later, and only where the phone protects them."""
        before = self._snapshot()
        for name, value in pairs:
            if self._set(name, value) and not self._flash(name) and self.on("auto_provision.custom.protect"):
                self.local[name] = value
        return self._differences(before)

    def _set(self, name: str, value: str) -> bool:
        if self._bare(name) == PASSWORD and value != "%NULL%":
            return self._set_password(name, value)
        fact = fact_of("yealink", self.line, name)
        if fact is None or (value and value != "%NULL%" and fact.scale.problem(value) is not None):
            self.ignored.append(name)
            return False
        if value == "%NULL%":
            self.values.pop(name, None)
        else:
            self.values[name] = value
        return True

    def _set_password(self, name: str, value: str) -> bool:
        account, _colon, password = value.partition(":")
        named = {self.get(f"security.user_name.{role}", role): role for role in ROLES}
        role = named.get(account, account)
        if fact_of("yealink", self.line, name) is None or role not in ROLES or not password:
            self.ignored.append(name)
            return False
        self.passwords[role] = password
        return True

    def _reset(self, name: str) -> None:
        if self._bare(name) == PASSWORD:
            self.passwords = dict(PASSWORDS)
        elif name in self.factory:
            self.values[name] = self.factory[name]
        else:
            self.values.pop(name, None)

    def _bare(self, name: str) -> str:
        return name.removeprefix("static.")

    def _flash(self, name: str) -> bool:
        fact = fact_of("yealink", self.line, name)
        return fact is not None and fact.flash

    def _snapshot(self) -> dict[str, str]:
        return {**self.values, **{f"{PASSWORD}:{role}": password for role, password in self.passwords.items()}}

    def _differences(self, before: Mapping[str, str]) -> list[str]:
        after = self._snapshot()
        return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))

    def reboots(self, changed: Iterable[str]) -> bool:
        """Whether one of these parameters is in force only after a restart."""
        facts = (fact_of("yealink", self.line, name) for name in changed)
        return any(fact is not None and fact.reboot for fact in facts)

    # --- what it shows -----------------------------------------------------------------------------------------------

    def export(self, kind: str = "all") -> str:
        """The configuration as a file, without any secret. ``kind``: all, or local for the user's changes."""
        shown = self.local if kind == "local" else self.values
        lines = [f"{name} = {self._masked(name, value)}" for name, value in sorted(shown.items())]
        if kind != "local":
            prefix = "" if self.line == "v80" else "static."
            lines += [
                f"{prefix}{PASSWORD} = {self.get(f'security.user_name.{role}', role)}:{MASK}" for role in ROLES
            ]
        return "\n".join([VERSION, *lines]) + "\n"

    def _masked(self, name: str, value: str) -> str:
        fact = fact_of("yealink", self.line, name)
        return MASK if value and fact is not None and fact.secret else value
