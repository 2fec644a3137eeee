"""Passwords of phones: unlike each other, and never lost, wherever a rotation is interrupted."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voip.hardening.plugins.module_utils.phones.passwords import (
    DIGITS,
    LETTERS_AND_DIGITS,
    PasswordBook,
    Unreadable,
    accounts_of,
    generate,
    read_given,
)
from ansible_collections.voip.hardening.plugins.module_utils.policy.reading import Report
from tests.unit.phones.samples import PASSWORDS, site

MACS = ("805ec0123456", "805ec0123457")


def test_a_password_is_long_and_of_safe_characters() -> None:
    made = {generate(site().phones) for _time in range(200)}
    assert len(made) == 200
    for password in made:
        assert len(password) == 20
        assert set(password) <= set(LETTERS_AND_DIGITS)
        assert any(map(str.isdigit, password))
        assert any(map(str.isupper, password))
        assert any(map(str.islower, password))


def test_a_password_for_the_keypad_is_of_digits() -> None:
    password = generate(site({"keypad_passwords": True, "password_length": 24}).phones)
    assert len(password) == 24
    assert set(password) <= set(DIGITS)


def test_every_account_of_every_phone_has_another_password() -> None:
    book, numbers = PasswordBook(), iter(["a", "a", "b", "b", "a", "c", "d"])
    assert book.complete(MACS[0], ("admin", "user"), lambda: next(numbers, "")) == ("admin", "user")
    assert book.complete(MACS[1], ("admin", "user"), lambda: next(numbers, "")) == ("admin", "user")
    made = [secret.reveal() for mac in MACS for secret in book.published(mac).values()]
    assert made == ["a", "b", "c", "d"]
    assert book.complete(MACS[0], ("admin", "user"), lambda: "x") == ()


OPERATIONS = st.lists(
    st.tuples(st.sampled_from(["complete", "rotate", "publish", "prove", "lose"]), st.sampled_from(MACS))
)


@given(OPERATIONS)
def test_whatever_happens_the_phone_has_a_password_that_the_book_knows(operations: list[tuple[str, str]]) -> None:
    """`publish`: the phone fetched what the book says; `lose`: a run was cut before that. Only a seen one is proved."""
    book, numbers, accounts = PasswordBook(), count(), ("admin", "user", "var")
    phones: dict[str, dict[str, str]] = {mac: {} for mac in MACS}
    for operation, mac in operations:
        if operation == "complete":
            book.complete(mac, accounts, lambda: f"p{next(numbers)}")
        elif operation == "rotate":
            book.rotate(mac, accounts, lambda: f"p{next(numbers)}")
        elif operation == "publish":
            phones[mac] = {account: secret.reveal() for account, secret in book.published(mac).items()}
        elif operation == "prove" and phones[mac] == {a: s.reveal() for a, s in book.published(mac).items()}:
            book.prove(mac)
            assert book.pending(mac) == ()
        book = PasswordBook.of(book.data)
        for one, known in phones.items():
            for account, password in known.items():
                assert password in [secret.reveal() for secret in book.known(one)[account]]


def test_no_other_password_is_made_while_one_waits_for_its_proof() -> None:
    book, numbers = PasswordBook(), count()
    book.complete(MACS[0], ("admin",), lambda: f"p{next(numbers)}")
    assert book.rotate(MACS[0], ("admin",), lambda: f"p{next(numbers)}") == ()
    assert book.prove(MACS[0]) == ("admin",)
    assert book.rotate(MACS[0], ("admin",), lambda: f"p{next(numbers)}") == ("admin",)
    assert book.rotate(MACS[0], ("admin",), lambda: f"p{next(numbers)}") == ()
    assert [secret.reveal() for secret in book.known(MACS[0])["admin"]] == ["p1", "p0"]
    assert book.published(MACS[0])["admin"].reveal() == "p1"


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"schema": 2, "phones": {}},
        {"schema": 1},
        {"schema": 1, "phones": {"805ec0123456": {"admin": {}}}},
        {"schema": 1, "phones": {"805ec0123456": {"admin": {"current": "hunter2", "old": "hunter1"}}}},
        {"schema": 1, "phones": {"805ec0123456": {"admin": {"current": 12345678}}}},
        {"schema": 1, "phones": {"805ec0123456": {"admin": "hunter2"}}},
        {"schema": 1, "phones": ["hunter2"]},
    ],
)
def test_what_is_no_book_is_refused_without_showing_it(data: Any) -> None:
    with pytest.raises(Unreadable) as refusal:
        PasswordBook.of(data)
    assert "hunter" not in str(refusal.value)
    assert "12345678" not in str(refusal.value)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"admin": "short"}, ["passwords.admin"]),
        ({"admin": "with:colon:in:it:hunter"}, ["passwords.admin"]),
        ({"admin": PASSWORDS["user"]}, ["passwords.admin", "passwords.user"]),
        ({"root": "x"}, ["passwords"]),
        ({}, []),
    ],
)
def test_given_passwords_are_looked_at_and_not_shown(changes: dict[str, str], named: list[str]) -> None:
    report, given_ones = Report(), {**PASSWORDS, **changes}
    read = read_given(given_ones, "yealink", report)
    assert [error.field for error in report.errors] == named
    assert not [value for value in given_ones.values() if value in str(report.errors) and len(value) > 1]
    if not named:
        assert set(read) == set(accounts_of("yealink"))
