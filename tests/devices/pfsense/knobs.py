"""What a test can choose about a box, and what the box counts."""

from __future__ import annotations

from dataclasses import dataclass, field, fields


@dataclass
class Knobs:
    """Manners that differ between units or that no public source settles; each can be set by a test.

    Time
      ``tick``            seconds that the simulated clock goes on before each request: 0 lets two writes share a second
      ``realtime``        the clock also goes on by itself, and a rollback timer fires when its time has come
    Filter
      ``load_error``      what pfctl says of every set of rules; "": it loads them
      ``unknown_queue``   a rule that names a queue nobody defined: refused or accepted by pf
      ``resolves``        names that filterdns can resolve, each with its addresses, blank-separated
    Configuration
      ``write_fails``     write_config: "" works, refused (answers false), failed (answers -1)
      ``locked``          another run holds the lock named voip_hardening
      ``carp``            what get_carp_interface_status says of every CARP address: MASTER, BACKUP, INIT or DISABLED
    Access
      ``sudo``            for accounts other than uid 0: nopasswd, password (``sudo -n`` is refused) or absent
      ``keyboard``        keyboard-interactive is offered as well
      ``guard``           failed logins from one address after which sshguard blocks it
      ``guard_seconds``   for how long
      ``latency``         seconds before each answer
    """

    tick: int = 1
    realtime: bool = False
    load_error: str = ""
    unknown_queue: str = "refused"
    resolves: dict[str, str] = field(default_factory=dict)
    write_fails: str = ""
    locked: bool = False
    carp: str = "MASTER"
    sudo: str = "nopasswd"
    keyboard: bool = True
    guard: int = 3
    guard_seconds: float = 120.0
    latency: float = 0.0

    def __post_init__(self) -> None:
        for name, allowed in WORDS.items():
            _check(name, getattr(self, name), allowed)

    def turn(self, name: str, value: object) -> None:
        """Set one knob; raises ValueError that names the knob, the value and what is allowed."""
        known = {entry.name: str(entry.type).partition("[")[0] for entry in fields(self)}
        if name not in known:
            raise ValueError(f"unknown knob {name!r} (allowed: {', '.join(sorted(known))})")
        if name in WORDS:
            _check(name, value, WORDS[name])
        kinds = {"str": (str,), "int": (int,), "bool": (bool,), "float": (int, float), "dict": (dict,)}[known[name]]
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise ValueError(f"knob {name} is {value!r} (allowed: {known[name]})")
        setattr(self, name, value)


WORDS = {
    "unknown_queue": ("refused", "accepted"),
    "write_fails": ("", "refused", "failed"),
    "carp": ("MASTER", "BACKUP", "INIT", "DISABLED"),
    "sudo": ("nopasswd", "password", "absent"),
}


def _check(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(f"knob {name} is {value!r} (allowed: {', '.join(allowed)})")


@dataclass
class Counters:
    """What reached the box. ``requests``: how many of each operation; ``writes``: configurations stored by anybody;
    ``reloads``: rule sets made; ``unknown``: programs without a request; ``synced``: times that the HA peer was told.
    """

    connections: int = 0
    logins: int = 0
    failures: int = 0
    blocked: int = 0
    unknown: int = 0
    writes: int = 0
    reloads: int = 0
    synced: int = 0
    requests: dict[str, int] = field(default_factory=dict)
