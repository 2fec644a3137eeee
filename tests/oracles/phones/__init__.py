"""What phones make of configuration files, worked out from public facts (see `yealink` and `poly` for the sources).

Vendors: ``yealink`` with the firmware lines v80 and v84 to v87, ``poly`` with ucs5, ucs6 and pvos8.
"""

from __future__ import annotations

from . import poly, yealink
from .effective import Layer, effective
from .facts import Fact, Facts
from .judgement import insecure
from .poly_files import Master, applied, parse_master, parse_parameters
from .yealink_files import Boot, parse_boot, parse_cfg

VENDORS = ("yealink", "poly")

__all__ = [
    "VENDORS", "Boot", "Fact", "Facts", "Layer", "Master", "applied", "effective", "fact_of", "facts", "insecure",
    "line_of", "parse_boot", "parse_cfg", "parse_master", "parse_parameters", "problem_of",
]


def facts(vendor: str, line: str) -> Facts:
    """The whole table of a vendor's firmware line; raises ValueError when there is none."""
    if vendor == "yealink":
        return yealink.facts_of_line(line)
    if vendor == "poly":
        return poly.facts_of_line(line)
    raise ValueError(f"no facts of {vendor} (there are: {', '.join(VENDORS)})")


def line_of(vendor: str, version: str) -> str:
    """The line of a firmware version: 96.86.0.45 is v86, 6.4.7.4477 ucs6, 8.3.1.0050 pvos8. Raises ValueError for one
    of which there are no facts."""
    fields = version.split(".")
    line = f"v{fields[1]}" if vendor == "yealink" and len(fields) > 1 else {
        "5": "ucs5", "6": "ucs6", "8": "pvos8",
    }.get(fields[0], fields[0])
    facts(vendor, line)
    return line


def fact_of(vendor: str, line: str, parameter: str) -> Fact | None:
    """What is known of a parameter; None when no such parameter is."""
    found = facts(vendor, line).find(parameter)
    return poly.companion(parameter) if found is None and vendor == "poly" else found


def problem_of(vendor: str, line: str, parameter: str, value: str) -> str | None:
    """What is wrong with a parameter and its value, naming both; None when the phone takes them.

    Yealink's %NULL% is right for every parameter.
    """
    fact = fact_of(vendor, line, parameter)
    if fact is None:
        return f"{parameter}: not known to {vendor} {line}"
    if vendor == "yealink" and value == "%NULL%":
        return None
    wrong = fact.scale.problem(value)
    shown = "its value" if fact.secret else repr(value)
    return None if wrong is None else f"{parameter}: {shown} {wrong}"
