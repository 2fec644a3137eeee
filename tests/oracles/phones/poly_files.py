"""Poly's files: the master file and parameter files (FusionPBX, WAZO and modzero's samples; Polycom guide 1.4.x)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree


@dataclass(frozen=True)
class Master:
    """A master file: the files it names, from left to right, and the firmware's file."""

    files: tuple[str, ...]
    firmware: str = ""


def _root(text: str) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise ValueError(f"not XML: {error}") from error


def parse_master(text: str, mac: str) -> Master | None:
    """A master file with the phone's address (12 hex digits) put in; None when the text is a parameter file, which a
    phone takes as its only one. Raises ValueError when it is not XML."""
    root = _root(text)
    if root.tag != "APPLICATION":
        return None
    names = root.get("CONFIG_FILES", "").replace("[PHONE_MAC_ADDRESS]", mac.lower())
    return Master(tuple(name.strip() for name in names.split(",") if name.strip()), root.get("APP_FILE_PATH", ""))


def parse_parameters(text: str) -> dict[str, str]:
    """The parameters of a file: attributes of any element, whose name does not matter; the first occurrence counts.

    Raises ValueError when it is not XML.
    """
    found: dict[str, str] = {}
    for element in _root(text).iter():
        for name, value in element.attrib.items():
            found.setdefault(name, value)
    return found


def first_wins(files: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Several files from left to right as one."""
    found: dict[str, str] = {}
    for parameters in files:
        for name, value in parameters.items():
            found.setdefault(name, value)
    return found


def is_companion(parameter: str) -> bool:
    """Whether a parameter only says that another one is to be taken."""
    return parameter.startswith("device.") and parameter.endswith(".set")


def applied(parameters: Mapping[str, str]) -> dict[str, str]:
    """What of a file's parameters a phone takes.

    Those in flash (`device.*`) only where `device.set` and the parameter's own `.set` are 1, as public templates write
    them; that the rest is passed over in silence was not read in a manual. `device.passwordConfigured` has no `.set` in
    the public samples.
    """
    whole = parameters.get("device.set") == "1"
    return {
        name: value for name, value in parameters.items()
        if not is_companion(name) and (
            not name.startswith("device.") or (whole and (
                parameters.get(f"{name}.set") == "1" or name == "device.passwordConfigured"
            ))
        )
    }
