# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the store of a site's passwords says of one phone: by what it lets us in, and what its files are to say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.voip.hardening.plugins.module_utils.phones.passwords import (
    PasswordBook,
    accounts_of,
    generate,
)
from ansible_collections.voip.hardening.plugins.module_utils.phones.provisioning import Job
from ansible_collections.voip.hardening.plugins.module_utils.secret import Secret


def of_phone(book: PasswordBook, mac: str, try_pending: bool) -> dict[str, Any]:
    """The options of `phone_config` that the store fills in: what the phone is to have, and what may let us in."""
    known = book.known(mac).get("admin", ())
    if "admin" in book.pending(mac) and not try_pending:
        known = known[1:]
    wanted = {account: secret.reveal() for account, secret in book.published(mac).items()}
    if not wanted:
        return {}
    return {
        "passwords": wanted,
        "login_passwords": [secret.reveal() for secret in known],
    }


def of_files(
    book: PasswordBook, job: Job, proved: bool = False, rotate: bool = False
) -> tuple[Mapping[str, Secret], dict[str, tuple[str, ...]]]:
    """What the phone's files are to say, known to the book; and which accounts have something new, were proved, or wait
    for that. What the book lacks is made and put into it."""
    mac, accounts = job.phone.mac, accounts_of(job.vendor.name)

    def make() -> str:
        return generate(job.policy.phones)

    seen = book.prove(mac) if proved else ()
    new = book.complete(mac, accounts, make)
    if rotate:
        new += book.rotate(mac, accounts, make)
    published = book.published(mac)
    passwords = {account: published[account] for account in accounts}
    return passwords, {"new": new, "proved": seen, "pending": book.pending(mac)}
