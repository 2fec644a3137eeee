# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords of phones: how they are made, and which of them a site has to know. Pure.

A phone that gets a new password goes on with the old one until it has fetched its files, and nobody sees when. So a
new password is `pending`, with the one before it kept as `current`, until it was seen to work; only then it takes its
place. As long as one is pending no other is made: the phone has one of the two, whatever was interrupted where.
"""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..policy.model import PhonesPolicy
from ..policy.reading import Report
from ..secret import Secret

SCHEMA = 1
DIGITS = string.digits
LETTERS_AND_DIGITS = "".join(sorted(set(string.ascii_letters + string.digits) - set("0O1lI")))
"""What every vendor's files and web pages take as it is, without what is misread."""
SHORTEST, LONGEST = 16, 32

_GIVEN = re.compile(rf"[A-Za-z0-9_.-]{{{SHORTEST},{LONGEST}}}", re.ASCII)
GIVEN_FORM = f"{SHORTEST} to {LONGEST} letters, digits and _ . -, another one for each account"

ACCOUNTS_OF: Mapping[str, tuple[str, ...]] = {"yealink": ("admin", "user", "var")}
"""Accounts by vendor; two where nothing else is said."""


def accounts_of(vendor: str) -> tuple[str, ...]:
    """The accounts of a vendor's phones that get a password."""
    return ACCOUNTS_OF.get(vendor, ("admin", "user"))


def generate(policy: PhonesPolicy) -> str:
    """A new password: digits where it is entered on a phone's keys, otherwise letters of both cases as well."""
    if policy.keypad_passwords:
        return "".join(secrets.choice(DIGITS) for _place in range(policy.password_length))
    while True:
        password = "".join(secrets.choice(LETTERS_AND_DIGITS) for _place in range(policy.password_length))
        if all(any(test(char) for char in password) for test in (str.islower, str.isupper, str.isdigit)):
            return password


def read_given(value: object, vendor: str, report: Report) -> dict[str, Secret]:
    """Passwords that were given as a variable, one for each account of the vendor; errors show none of them."""
    accounts = accounts_of(vendor)
    if not isinstance(value, Mapping) or {str(key) for key in value} != set(accounts):
        report.refuse("passwords", "what was given", f"a mapping with a password for each of {', '.join(accounts)}")
        return {}
    given = {account: str(value[account]) for account in accounts}
    for account, password in given.items():
        if not _GIVEN.fullmatch(password) or list(given.values()).count(password) > 1:
            report.refuse(f"passwords.{account}", "what was given", GIVEN_FORM)
    return {account: Secret(password) for account, password in given.items()}


class Unreadable(ValueError):
    """What was stored is no book of passwords."""


class PasswordBook:
    """The passwords of a site's phones, by hardware address and account."""

    def __init__(self) -> None:
        self._phones: dict[str, dict[str, dict[str, str]]] = {}

    @classmethod
    def of(cls, data: Any) -> PasswordBook:
        """The book whose `data` this is. Raises `Unreadable`, which shows nothing of what it holds."""
        book = cls()
        try:
            if data["schema"] != SCHEMA:
                raise Unreadable(f"its schema is not {SCHEMA}")
            for mac, accounts in data["phones"].items():
                for account, entry in accounts.items():
                    if not entry or not set(entry) <= {"current", "pending"}:
                        raise Unreadable("it has an account without a password, or with more than two")
                    if not all(isinstance(password, str) and password for password in entry.values()):
                        raise Unreadable("it has a password that is no text")
                    book._phones.setdefault(str(mac), {})[str(account)] = dict(entry)
        except (TypeError, KeyError, AttributeError):
            raise Unreadable("it is no book of passwords") from None
        return book

    @property
    def data(self) -> dict[str, Any]:
        """The book as plain data, passwords included."""
        return {"schema": SCHEMA, "phones": self._phones}

    def published(self, mac: str) -> dict[str, Secret]:
        """What a phone's files say: the pending password of each account, or else the current one."""
        accounts = self._phones.get(mac, {})
        return {
            account: Secret(entry.get("pending") or entry.get("current") or "") for account, entry in accounts.items()
        }

    def known(self, mac: str) -> dict[str, tuple[Secret, ...]]:
        """All passwords that may be in force on a phone, by account, the newest first."""
        return {
            account: tuple(Secret(entry[state]) for state in ("pending", "current") if state in entry)
            for account, entry in self._phones.get(mac, {}).items()
        }

    def pending(self, mac: str) -> tuple[str, ...]:
        """The accounts whose new password was not yet seen to work."""
        return tuple(account for account, entry in self._phones.get(mac, {}).items() if "pending" in entry)

    def complete(self, mac: str, accounts: Sequence[str], make: Callable[[], str]) -> tuple[str, ...]:
        """Give a password to every account that has none; returns these accounts."""
        entries = self._phones.get(mac, {})
        new = tuple(account for account in accounts if account not in entries)
        self._add(mac, new, make)
        return new

    def rotate(self, mac: str, accounts: Sequence[str], make: Callable[[], str]) -> tuple[str, ...]:
        """A new pending password for every account that has none pending; returns these accounts."""
        waiting = self.pending(mac)
        new = tuple(account for account in accounts if account not in waiting)
        self._add(mac, new, make)
        return new

    def _add(self, mac: str, accounts: Sequence[str], make: Callable[[], str]) -> None:
        entries = self._phones.setdefault(mac, {}) if accounts else {}
        taken = {password for phone in self._phones.values() for entry in phone.values() for password in entry.values()}
        for account in accounts:
            password = make()
            while password in taken:
                password = make()
            taken.add(password)
            entries.setdefault(account, {})["pending"] = password

    def prove(self, mac: str) -> tuple[str, ...]:
        """The pending passwords of a phone were seen to work: they are current now. Returns their accounts."""
        proved = self.pending(mac)
        for account in proved:
            entry = self._phones[mac][account]
            entry["current"] = entry.pop("pending")
        return proved
