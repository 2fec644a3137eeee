"""FortiOS release numbers and how they map to the releases that the vendor sampled for its published schema."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

# The marks that occur in the schemas of fortinet.fortios 2.4.2. A range that ends at the last one of a train means
# "last sampled of that train", not "removed afterwards".
SAMPLED = (
    "7.0.0 7.0.1 7.0.2 7.0.3 7.0.4 7.0.5 7.0.6 7.0.7 7.0.8 7.0.12 "
    "7.2.0 7.2.1 7.2.2 7.2.4 7.4.0 7.4.1 7.4.2 7.4.3 7.4.4 7.6.0 7.6.1 7.6.2 7.6.3 7.6.4"
).split()


class Version(NamedTuple):
    """A FortiOS release, ordered: ``Version.parse("7.4.4") > Version(7, 4, 1)``."""

    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> Version:
        """Read ``7.4.4`` or ``v7.4.4``; raises ValueError otherwise."""
        parts = text.removeprefix("v").split(".")
        if len(parts) != 3:
            raise ValueError(f"not a FortiOS release: {text!r} (allowed: 7.4.4 or v7.4.4)")
        return cls(int(parts[0]), int(parts[1]), int(parts[2]))

    @property
    def train(self) -> tuple[int, int]:
        """Major and minor number."""
        return self.major, self.minor

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


SAMPLED_VERSIONS = tuple(Version.parse(text) for text in SAMPLED)


@cache
def snap(version: Version) -> Version:
    """The last sampled release of the same train that is not newer than ``version``.

    Raises ValueError for a train that the vendor schema does not cover (outside 7.0, 7.2, 7.4, 7.6).
    """
    candidates = [sampled for sampled in SAMPLED_VERSIONS if sampled.train == version.train and sampled <= version]
    if not candidates:
        raise ValueError(f"FortiOS {version} is outside the simulated trains 7.0, 7.2, 7.4, 7.6")
    return candidates[-1]
