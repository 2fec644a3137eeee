"""A box that carries the product's requests out in Python."""

from __future__ import annotations

from . import operations
from .box import Box


class PfSense(Box):
    """A pfSense test device. ``handle`` is what `php` does with a program, without SSH around it."""

    def handle(self, program: str) -> bytes:
        """What `php` prints for a program on its standard input.

        Raises `operations.Cut` or `operations.Hang` where a planted fault says so.
        """
        return operations.run(self, program)

    def expired(self, token: str) -> None:
        operations.expire(self, token)

    def admits(self, source: str) -> bool:
        """Whether a connection from this address is let in; counts it."""
        return self.accounts.admits(source)
