# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables that a pfSense keeps its settings in, by their paths in config.xml, in the order in which they are made.

Values are normalised: names and addresses as text, presence elements as booleans, lists as tuples. Whatever else a
row of rules holds is in `rest`, so that nothing that somebody adds to a rule of ours goes unseen. Scopes of the rules
are what pf evaluates apart: `floating`, `match` (floating rules that decide nothing), and every interface or group.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...document.model import ORDERED, SINGLETON, Row, TableId, TableSpec
from ..tabular import described

ALIASES = "aliases/alias"
VLANS = "vlans/vlan"
INTERFACES = "interfaces"
DHCP = "dhcpd"
NOTES = "installedpackages/voiphardening/config"
FORWARDS = "nat/rule"
OUTBOUND, OUTBOUND_RULES = "nat/outbound", "nat/outbound/rule"
RULES = "filter/rule"
SIPROXD = "installedpackages/siproxdsettings"
TIMEOUTS = "system/optimization"
WEB, SSH, SSHGUARD = "system/webgui", "system/ssh", "system/sshguard"
RUNNING = "running"
"""No part of config.xml: whether what it holds is in force."""

FLOATING, MATCH = "floating", "match"
UDP_TIMEOUTS = ("udpfirsttimeout", "udpsingletimeout", "udpmultipletimeout")
DEFAULTS: Mapping[tuple[str, str], int] = {
    (WEB, "session_timeout"): 240,
    (SSH, "port"): 22,
    (SSHGUARD, "threshold"): 30,
    (SSHGUARD, "blocktime"): 120,
    **{(TIMEOUTS, name): 0 for name in UDP_TIMEOUTS},
}
"""What numbers are that nobody set: of sshguard by sshguard(8), of the rest by inc/auth.inc and inc/system.inc; 0: by
`optimization`. What is a word stays as it is written, so that one that nobody wrote can be given back."""
DEFAULT_PORTS = {"http": 80, "https": 443}
"""Where the web interface listens without a port of its own, by its protocol."""
RULE_TEXTS = ("type", "interface", "direction", "ipprotocol", "protocol", "vlanprioset")
"""Fields of a rule that are texts, under the vendor's names."""


_TO_ALIASES = dict.fromkeys(("source", "source_port", "destination", "destination_port"), (ALIASES,))
_SIDES = ("source", "source_not", "source_port", "destination", "destination_not", "destination_port")
_USUAL_SIDES = {"source_not": False, "source_port": "", "destination_not": False, "destination_port": ""}

SPECS: Mapping[str, TableSpec] = {
    spec.path: spec
    for spec in (
        described(
            ALIASES,
            *("name", "type", "address", "descr"),
            collected=True,
            refs={"address": (ALIASES,)},
        ),
        described(NOTES, "name", "text"),
        described(VLANS, *("vlanif", "if", "tag", "pcp", "descr"), key="vlanif", title="descr"),
        described(
            INTERFACES,
            *("name", "descr", "if", "enable", "ipaddr", "subnet", "rest"),
            identity="descr",
            refs={"if": (VLANS,)},
            usual={"rest": ()},
        ),
        described(
            DHCP,
            *("name", "enable", "first", "last", "lease", "longest", "gateway", "dns", "ntp", "url", "rest"),
            refs={"name": (INTERFACES,)},
            usual={"rest": ()},
        ),
        described(
            FORWARDS,
            *("key", "descr", "disabled", "interface", "ipprotocol", "protocol", *_SIDES, "target", "port", "linked"),
            *("nordr", "rest"),
            shape=ORDERED,
            key="key",
            identity="descr",
            refs={**_TO_ALIASES, "target": (ALIASES,), "port": (ALIASES,)},
            usual={**_USUAL_SIDES, "disabled": False, "linked": "", "nordr": False, "rest": ()},
        ),
        described(OUTBOUND, "mode", shape=SINGLETON),
        described(
            OUTBOUND_RULES,
            *("key", "descr", "disabled", "interface", "protocol"),
            *("source", "source_not", "destination", "destination_not", "static_port", "rest"),
            shape=ORDERED,
            key="key",
            identity="descr",
            refs={"source": (ALIASES,), "destination": (ALIASES,)},
            usual={"disabled": False, "source_not": False, "destination_not": False, "rest": ()},
        ),
        described(
            RULES,
            *("tracker", "numbered", "descr", "disabled", *RULE_TEXTS, *_SIDES),
            *("quick", "log", "gateway", "queue", "limiter", "limiter_back", "linked", "rest"),
            shape=ORDERED,
            key="tracker",
            identity="descr",
            refs=_TO_ALIASES,
            usual={
                **_USUAL_SIDES,
                "numbered": True,
                **dict.fromkeys(("disabled", "log"), False),
                **dict.fromkeys(("gateway", "queue", "limiter", "limiter_back", "linked", "vlanprioset"), ""),
                "rest": (),
            },
        ),
        described(SIPROXD, "enabled", shape=SINGLETON),
        described(TIMEOUTS, "optimization", *UDP_TIMEOUTS, shape=SINGLETON),
        described(
            WEB,
            *("protocol", "port", "no_redirect", "no_anti_lock_out", "session_timeout"),
            shape=SINGLETON,
            guarded=("protocol", "port", "no_anti_lock_out"),
        ),
        described(SSH, "enabled", "port", "key_only", shape=SINGLETON, guarded=("enabled", "port")),
        described(SSHGUARD, "threshold", "blocktime", shape=SINGLETON),
        described(RUNNING, "unapplied", "missing", "rollback", shape=SINGLETON, volatile=("rollback",)),
    )
}
"""By path. Settings (rows that are not ours) change in this order too, once everything of ours stands."""


def table(path: str, scope: str = "") -> TableId:
    """The table of a box; rules have scopes, nothing else has."""
    return TableId(scope, path)


def number_of(path: str, row: Row, name: str) -> int:
    """The number that a field of a singleton stands for; what nobody set is the vendor's default."""
    if (path, name) == (WEB, "port"):
        return int(row[name] or DEFAULT_PORTS[row["protocol"] or "http"])
    return int(row[name] or DEFAULTS[path, name])
