# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendors of phones: tables, file formats, and what cannot be shown. A vendor is a line here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from . import poly, second_ring, second_ring_files, yealink
from .layers import Format
from .poly_files import PolyFiles
from .table import Parameter
from .yealink_files import YealinkFiles


@dataclass(frozen=True, slots=True)
class Vendor:
    """`unshown`: what a policy asks for and no parameter of this vendor says.

    `published`: whether its files can be laid over those of others; for the rest one is rendered, to be handed over.
    """

    name: str
    parameters: tuple[Parameter, ...]
    files: Format
    unshown: tuple[str, ...]
    published: bool = True


VENDORS: Mapping[str, Vendor] = {
    vendor.name: vendor
    for vendor in (
        Vendor("yealink", yealink.PARAMETERS, YealinkFiles(), yealink.UNSHOWN),
        Vendor("poly", poly.PARAMETERS, PolyFiles(), poly.UNSHOWN),
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
