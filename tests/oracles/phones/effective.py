"""Which value a phone ends up with when several sources set it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .poly_files import applied, first_wins

PASSWORD = "security.user_password"
# Polycom CX5100 guide, page 16, and Posh-UCS: what was changed at the phone or in its web pages outranks the files.
# Which of the two wins over the other was not read; here the phone's own menu does.
POLY_RANK = ("local", "web", "config", "device", "default")


@dataclass(frozen=True)
class Layer:
    """One source of settings. ``kind``: Yealink ``file`` (in the order of download) or ``local`` (the user's changes);
    Poly ``config`` (in the order of CONFIG_FILES), ``web``, ``local``, ``device`` or ``default``."""

    kind: str
    settings: Sequence[tuple[str, str]] | Mapping[str, str]

    def pairs(self) -> Iterable[tuple[str, str]]:
        """The settings in their order."""
        return self.settings.items() if isinstance(self.settings, Mapping) else self.settings


def effective(vendor: str, layers: Sequence[Layer]) -> dict[str, str]:
    """Parameters and the values that count in the end. Raises ValueError for a vendor or a layer that is not known.

    Yealink: later files override earlier ones, the user's changes come last and hold nothing `static.`; %NULL% takes a
    value away, a blank one leaves what was. Passwords are kept by account, as ``static.security.user_password:admin``.
    Poly: the first of the configuration files counts, parameters in flash need their `.set`.
    """
    if vendor == "yealink":
        return _yealink(layers)
    if vendor == "poly":
        return _poly(layers)
    raise ValueError(f"no vendor {vendor}")


def _yealink(layers: Sequence[Layer]) -> dict[str, str]:
    _known(layers, ("file", "local"))
    found: dict[str, str] = {}
    for layer in (*_of(layers, "file"), *_of(layers, "local")):
        for name, value in layer.pairs():
            if not value or (layer.kind == "local" and name.startswith("static.")):
                continue
            key = name
            if name.removeprefix("static.") == PASSWORD:
                account, _colon, value = value.partition(":")
                key = f"{name}:{account}"
            if value == "%NULL%":
                found.pop(key, None)
            else:
                found[key] = value
    return found


def _poly(layers: Sequence[Layer]) -> dict[str, str]:
    _known(layers, POLY_RANK)
    ranked = []
    for kind in POLY_RANK:
        merged = first_wins(dict(layer.pairs()) for layer in _of(layers, kind))
        ranked.append(applied(merged) if kind == "config" else merged)
    return first_wins(ranked)


def _of(layers: Sequence[Layer], kind: str) -> list[Layer]:
    return [layer for layer in layers if layer.kind == kind]


def _known(layers: Sequence[Layer], kinds: Sequence[str]) -> None:
    for layer in layers:
        if layer.kind not in kinds:
            raise ValueError(f"no layer {layer.kind} (there are: {', '.join(kinds)})")
