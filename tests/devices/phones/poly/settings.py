"""What a Poly phone has stored, in layers: each parameter counts where the highest of them has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.sax.saxutils import quoteattr

from tests.oracles.phones import applied, fact_of
from tests.oracles.phones.effective import POLY_RANK

from .factory import factory_default, factory_flash

# Elements of the web interface's export (rdbahm/Posh-UCS).
SECTIONS = {"config": "CONFIG_FILES", "web": "WEB", "local": "PHONE_LOCAL", "device": "DEVICE_SETTINGS"}


class Settings:
    """The parameters of one phone. ``ignored`` is what came and was passed over."""

    def __init__(self, line: str) -> None:
        self.line = line
        self.ignored: list[str] = []
        self.layers: dict[str, dict[str, str]] = {kind: {} for kind in POLY_RANK}
        self.layers["default"] = factory_default(line)
        self.layers["device"] = factory_flash(line)

    def find(self, name: str) -> tuple[str, str] | None:
        """A parameter's value and the layer it comes from; None when none has it."""
        for kind in POLY_RANK:
            if name in self.layers[kind]:
                return self.layers[kind][name], kind
        return None

    def get(self, name: str, default: str = "") -> str:
        """A parameter's value."""
        found = self.find(name)
        return default if found is None else found[0]

    def on(self, name: str) -> bool:
        """Whether a switch is on."""
        return self.get(name) == "1"

    def names(self) -> set[str]:
        """Every parameter that some layer has."""
        return {name for layer in self.layers.values() for name in layer}

    def values(self) -> dict[str, str]:
        """Every parameter with the value that counts."""
        return {name: self.get(name) for name in self.names()}

    # --- changes -----------------------------------------------------------------------------------------------------

    def provision(self, parameters: Mapping[str, str]) -> list[str]:
        """Take what files say instead of what earlier files said; returns what has another value than before.

        What is in flash stays there until a file changes it.
        """
        before = self.values()
        known = {name: value for name, value in applied(parameters).items() if self._takes(name, value)}
        self.layers["config"] = {name: value for name, value in known.items() if not self._flash(name)}
        self.layers["device"] |= {name: value for name, value in known.items() if self._flash(name)}
        return self._differences(before)

    def change(self, kind: str, parameters: Mapping[str, str]) -> list[str]:
        """A change at the phone (``local``) or in its web interface (``web``); returns what has another value."""
        before = self.values()
        for name, value in parameters.items():
            if self._takes(name, value):
                self.layers["device" if self._flash(name) else kind][name] = value
        return self._differences(before)

    def override(self, kind: str, parameters: Mapping[str, str]) -> None:
        """A whole layer of changes, as the server keeps it."""
        self.layers[kind] = {
            name: value for name, value in parameters.items() if self._takes(name, value) and not self._flash(name)
        }

    def reset(self, *kinds: str) -> list[str]:
        """Empty layers; flash goes back to what was delivered."""
        before = self.values()
        for kind in kinds:
            self.layers[kind] = factory_flash(self.line) if kind == "device" else {}
        return self._differences(before)

    def _takes(self, name: str, value: str) -> bool:
        fact = fact_of("poly", self.line, name)
        if fact is None or (value and fact.scale.problem(value) is not None):
            self.ignored.append(name)
            return False
        return True

    def _flash(self, name: str) -> bool:
        return name.startswith("device.")

    def _differences(self, before: Mapping[str, str]) -> list[str]:
        after = self.values()
        return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))

    def reboots(self, changed: Iterable[str]) -> bool:
        """Whether one of these parameters is in force only after a restart."""
        facts = (fact_of("poly", self.line, name) for name in changed)
        return any(fact is not None and fact.reboot for fact in facts)

    # --- what it shows -----------------------------------------------------------------------------------------------

    def secret(self, name: str) -> bool:
        """Whether a parameter is never shown."""
        fact = fact_of("poly", self.line, name)
        return fact is not None and fact.secret

    def export(self, kind: str) -> str:
        """A layer as a file, without any secret."""
        shown = {name: value for name, value in sorted(self.layers[kind].items()) if not self.secret(name)}
        attributes = "".join(f" {name}={quoteattr(value)}" for name, value in shown.items())
        return (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
            f"<PHONE_CONFIG><{SECTIONS[kind]}{attributes}/></PHONE_CONFIG>\n"
        )
