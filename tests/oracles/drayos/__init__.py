"""What a Vigor does to packets with a stored configuration, worked out from DrayTek's documents; and its commands.

The documents: Vigor3912 User's Guide 1.01 (part VIII, telnet commands), Vigor2927 User's Guide 2.2 (part X), the older
guides of Vigor2820 and Vigor2700, and the knowledge base of draytek.co.uk; each module names what it rests on.
``Unit`` is made of a configuration once and asked about many packets: change a copy, never one that it was made of.
"""

from __future__ import annotations

from ..logic import Truth
from ..packets import Packet, Verdict
from .unit import Unit

__all__ = ["Packet", "Truth", "Unit", "Verdict"]
