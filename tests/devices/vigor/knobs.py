"""What a test can choose about a device, and what the device counts."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass
class Knobs:
    """Texts and manners that no public capture settles, or that differ between units; each can be set by a test.

    Texts
      ``references``         how ``ipf rule -v`` shows objects: index, name, both or opaque
      ``protocol_words``     service objects: class (number on a 2927, word on a 3912, as their guides), words, numbers
      ``remote_status``      ``mngt rmtcfg status``: words, sentences or opaque
      ``qos_view``           ``qos class -V``: rules or opaque
      ``rule_qos``           the class of a rule: "Class 1", or words that nobody knows
      ``alg_off_reply``      answer to ``sys sip_alg -e 0``; ``alg_off`` and ``alg_no`` are the words of its state
      ``unknown_text``       answer to an unknown first word; ``{word}`` is replaced; "list" shows the list of words
      ``banner``             greeting before the first prompt
      ``unasked``            what is printed before the echo of every line, as by somebody else's job; "": nothing
      ``login_prompt``       ``Account:``, or ``Username:`` as DrayOS 5 has it (telnet)
    Manners
      ``group_add``          ``object ip grp N -a``: replace or append
      ``group_slots``        slots of every group; 0: as the guide of the model shows
      ``group_overflow``     more members than slots: refused or cut
      ``empty_name``         ``-n ""``: accepted or refused
      ``long_name``          names of 15 characters and more: refused or cut
      ``interface_lists``    ``-I "e LAN1"``: add to what is enabled, or replace it
      ``rule_comment``       longest comment of a rule, ``set_comment`` of a set; 0: none, -1: as the class (15, none)
      ``empty_object_type``  address type of an object never used
      ``mpage``              whether ``sys mpage`` exists
      ``dhcp_off``           how ``show lan`` shows a LAN without DHCP server
      ``vlan_off_forces``    whether ``vlan off`` switches LAN2 and up off, as the guide of the 2927 prints it
      ``sysvid``             first VLAN ID that the unit uses itself; -1: as far up as the model allows
    Terminal
      ``page_lines``         lines before the pager stops; 0: never
      ``split_marker``       the pager's marker comes in two packets
      ``blank_before_marker`` an empty line before the marker
      ``two_spaces``         two blanks after the prompt that follows a paged answer
      ``wrap_80``            lines are broken at 80 columns
      ``latency``            seconds before each answer
      ``idle_seconds``       idle disconnect; 0: as ``mngt sshtimeout`` and ``mngt telnettimeout`` say
    Connections
      ``max_sessions``       one more is refused; 0: no limit
      ``ban_after``          failed logins after which an address is banned for ``ban_seconds``; 0: as ``mngt bfp``
      ``reboot_seconds``     how long a reboot takes
      ``crypto``             modern (4.4), legacy (SHA-1 and CBC only) or any
    """

    references: str = "index"
    protocol_words: str = "class"
    remote_status: str = "words"
    qos_view: str = "rules"
    rule_qos: str = "class"
    alg_off_reply: str = " Disable SIP ALG"
    alg_off: str = "Disabled"
    alg_no: str = "No"
    unknown_text: str = "% Command not found"
    banner: str = "Type ? for command help"
    unasked: str = ""
    login_prompt: str = "Account:"
    group_add: str = "replace"
    group_slots: int = 0
    group_overflow: str = "refused"
    empty_name: str = "accepted"
    long_name: str = "refused"
    interface_lists: str = "add"
    rule_comment: int = -1
    set_comment: int = -1
    empty_object_type: int = 3
    mpage: bool = True
    dhcp_off: str = "X"
    vlan_off_forces: bool = True
    sysvid: int = -1
    page_lines: int = 24
    split_marker: bool = False
    blank_before_marker: bool = False
    two_spaces: bool = False
    wrap_80: bool = False
    latency: float = 0.0
    idle_seconds: float = 0.0
    max_sessions: int = 2
    ban_after: int = 0
    ban_seconds: float = 300.0
    reboot_seconds: float = 2.0
    crypto: str = "modern"

    def __post_init__(self) -> None:
        for name, allowed in WORDS.items():
            check_word(name, getattr(self, name), allowed)

    def turn(self, name: str, value: object) -> None:
        """Set one knob; raises ValueError that names the knob, the value and what is allowed."""
        known = {entry.name: entry.type for entry in fields(self)}
        if name not in known:
            raise ValueError(f"unknown knob {name!r} (allowed: {', '.join(sorted(known))})")
        if name in WORDS:
            check_word(name, value, WORDS[name])
        kinds = {"str": (str,), "int": (int,), "bool": (bool,), "float": (int, float)}[str(known[name])]
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise ValueError(f"knob {name} is {value!r} (allowed: {known[name]})")
        setattr(self, name, value)


WORDS = {
    "references": ("index", "name", "both", "opaque"),
    "protocol_words": ("class", "words", "numbers"),
    "remote_status": ("words", "sentences", "opaque"),
    "qos_view": ("rules", "opaque"),
    "rule_qos": ("class", "opaque"),
    "group_add": ("replace", "append"),
    "group_overflow": ("refused", "cut"),
    "empty_name": ("accepted", "refused"),
    "long_name": ("refused", "cut"),
    "interface_lists": ("add", "replace"),
    "crypto": ("modern", "legacy", "any"),
}


def check_word(name: str, value: object, allowed: tuple[str, ...]) -> None:
    """Refuse a word that a knob does not have."""
    if value not in allowed:
        raise ValueError(f"knob {name} is {value!r} (allowed: {', '.join(allowed)})")


@dataclass
class Counters:
    """What reached the device. ``received`` and ``sent``: bytes of terminal sessions, without what carries them."""

    connections: int = 0
    logins: int = 0
    failures: int = 0
    refused: int = 0
    commands: int = 0
    received: int = 0
    sent: int = 0
