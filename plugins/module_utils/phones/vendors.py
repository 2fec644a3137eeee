# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendors of phones: tables, file formats, and what cannot be shown. A vendor is a line here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from . import poly, second_ring, second_ring_files, yealink
from .intents import BY_ID
from .layers import Format
from .phone import Phone
from .poly_files import PolyFiles
from .table import LeftOut, Parameter, Unshown
from .yealink_files import YealinkFiles


@dataclass(frozen=True, slots=True)
class Vendor:
    """`unshown`: what no parameter of this vendor says. `restarting`: beginnings of the parameters for which a phone
    starts again.

    `published`: whether its files can be laid over those of others; for the rest one is rendered, to be handed over.
    """

    name: str
    parameters: tuple[Parameter, ...]
    files: Format
    unshown: tuple[Unshown, ...]
    restarting: tuple[str, ...] = ()
    published: bool = True


VENDORS: Mapping[str, Vendor] = {
    vendor.name: vendor
    for vendor in (
        Vendor("yealink", yealink.PARAMETERS, YealinkFiles(), yealink.UNSHOWN, yealink.RESTARTING),
        Vendor("poly", poly.PARAMETERS, PolyFiles(), poly.UNSHOWN, poly.RESTARTING),
        *(
            Vendor(name, parameters, files, second_ring.UNSHOWN, published=False)
            for name, parameters, files in (
                ("grandstream", second_ring.GRANDSTREAM, second_ring_files.GRANDSTREAM),
                ("snom", second_ring.SNOM, second_ring_files.SNOM),
                ("fanvil", second_ring.FANVIL, second_ring_files.FANVIL),
                ("cisco_mpp", second_ring.CISCO_MPP, second_ring_files.CISCO_MPP),
            )
        ),
    )
}

_WITH_P_VALUES = Vendor(
    "grandstream",
    second_ring.GRANDSTREAM_P_VALUES,
    second_ring_files.GRANDSTREAM_P_VALUES,
    second_ring.UNSHOWN,
    published=False,
)


def vendor_of(phone: Phone) -> Vendor:
    """The vendor of a phone; Grandstream's older models take another form of file."""
    return _WITH_P_VALUES if phone.takes_p_values else VENDORS[phone.vendor]


def explained(one: LeftOut, phone: Phone) -> dict[str, str]:
    """What is wanted of a phone and not told to it, and why, as a result says it."""
    ask = f"{phone.vendor}.{one.intent}"
    reasons = {
        "value": f"{one.name} has no text for what is asked for",
        "release": f"firmware {phone.firmware} has no {one.name} that a public source shows",
        "unconfirmed": f"no public source shows the values of {one.name}; "
        f"{ask} in voip_policy.phones.unconfirmed has it rendered",
    }
    return {"intent": one.intent, "says": BY_ID[one.intent].says, "reason": reasons[one.reason]}
