# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of config.xml, as the vendor's parser yields them, to normalised rows.

An empty element is an empty text, an absent one is missing, a switch is on by being there (inc/xmlparse.inc,
inc/config.lib.inc). Everything raises `Misunderstood` with the path where an answer has another shape.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...document.model import Row
from ...errors import Misunderstood
from ...secret import CUT
from .tables import FLOATING, MATCH, RULE_TEXTS

Raw = Mapping[str, Any]

RULE_SWITCHES = frozenset("nosync nopfsync allowopts disablereplyto nottagged tcpflags_any".split())
"""Elements of a rule that mean something by being there (www/firewall_rules_edit.php), besides those with a field."""
_RULE_FIELDS = frozenset(
    {*RULE_TEXTS, "tracker", "descr", "disabled", "floating", "source", "destination", "quick", "log", "gateway"}
    | {"associated-rule-id", "defaultqueue", "dnpipe", "pdnpipe"}
)
_MEANINGLESS = frozenset({"id", "created", "updated"})
"""Elements that change nothing: a number of the web interface's, and who saved when."""
_USUAL = {"statetype": "keep state", "statepolicy": "", "max": "", "icmptype": "any"}
TYPES = ("pass", "block", "reject", "match")
_SHOWN = 80
"""Characters that an error shows of what is not understood."""
UNKNOWN = "?"
"""An address of a kind that no source tells of: it may be anybody's."""


def text(raw: Raw, name: str, path: str) -> str:
    """A text element; "" where it is absent."""
    value = raw.get(name, "")
    if value is None or value is True:
        return ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise Misunderstood(f"{path} {name}: a text was expected, and the box has {_shown(value)}")
    return value


def number(raw: Raw, name: str, path: str, default: int) -> int:
    """A number; the default where it is absent or empty."""
    value = text(raw, name, path)
    if not value:
        return default
    if not (value.isascii() and value.isdigit()):
        raise Misunderstood(f"{path} {name}: a number was expected, and the box has {_shown(value)}")
    return int(value)


def digits(raw: Raw, name: str, path: str) -> str:
    """A number as it is written; "" where it is absent, which means the vendor's default."""
    number(raw, name, path, 0)
    return text(raw, name, path)


def switch(raw: Raw, name: str) -> bool:
    """Whether a presence element is there; one that is null is not."""
    return raw.get(name) is not None and raw[name] is not False


def mapping(value: Any, path: str) -> Raw:
    """A part with elements of its own; empty where it is absent."""
    if value is None or value in ("", []):
        return {}
    if not isinstance(value, Mapping):
        raise Misunderstood(f"{path}: elements were expected, and the box has {_shown(value)}")
    return value


def entries(value: Any, path: str) -> list[Raw]:
    """The entries of a list element; none where it is absent or empty."""
    if value is None or value == "":
        return []
    if isinstance(value, Mapping) and all(str(key).isdigit() for key in value):
        value = list(value.values())  # a PHP array whose numbers have a gap
    if not isinstance(value, list):
        raise Misunderstood(f"{path}: a list was expected, and the box has {_shown(value)}")
    return [mapping(item, path) for item in value]


def texts(value: Any, path: str) -> tuple[str, ...]:
    """The entries of a list of texts; empty ones mean nothing."""
    if value is None or value == "":
        return ()
    if isinstance(value, str):
        return (value,)
    if isinstance(value, Mapping) and all(str(key).isdigit() for key in value):
        value = list(value.values())
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Misunderstood(f"{path}: a list of texts was expected, and the box has {_shown(value)}")
    return tuple(item for item in value if item)


def _shown(value: Any) -> str:
    shown = json.dumps(value, default=str)
    return shown if len(shown) <= _SHOWN else shown[:_SHOWN] + CUT


def alias(raw: Raw) -> Row:
    """An alias; its entries sorted, since their order means nothing to pf."""
    path = "aliases/alias"
    return {
        "name": text(raw, "name", path),
        "type": text(raw, "type", path),
        "address": tuple(sorted(text(raw, "address", path).split())),
        "descr": text(raw, "descr", path),
    }


def rule_scope(raw: Raw) -> str:
    """Which rules pf evaluates this one among. `match` rules decide nothing wherever they stand; of quick ones the
    manual says that they do not work (docs.netgate.com, floating rules), and not whether they end the search."""
    if switch(raw, "floating"):
        return MATCH if raw.get("type") == "match" and not switch(raw, "quick") else FLOATING
    return text(raw, "interface", "filter/rule")


def rules(value: Any) -> list[tuple[str, Row]]:
    """The firewall rules with their scopes, in their order.

    `tracker` is what a rule is addressed by; one that is missing or that another rule has as well is replaced by a
    digest of what the rule says.
    """
    raws = entries(value, "filter/rule")
    numbers = [text(raw, "tracker", "filter/rule") for raw in raws]
    keys = keys_of(raws, numbers)
    return [(rule_scope(raw), _rule(raw, key)) for raw, key in zip(raws, keys, strict=True)]


def keys_of(raws: Sequence[Raw], numbers: Sequence[str]) -> list[str]:
    """A key for each entry: its number, or a digest where that is missing or not its alone."""
    seen: dict[str, int] = {}
    keys = []
    for raw, number_ in zip(raws, numbers, strict=True):
        if number_ and numbers.count(number_) == 1:
            keys.append(number_)
            continue
        # It stays the same rule when we switch it off.
        said = {name: value for name, value in raw.items() if name not in ("created", "updated", "disabled")}
        digest = hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()[:12]
        seen[digest] = seen.get(digest, 0) + 1
        keys.append(f"#{digest}" if seen[digest] == 1 else f"#{digest}.{seen[digest]}")
    return keys


def _rule(raw: Raw, key: str) -> Row:
    path = f"filter/rule {key}"
    floating = switch(raw, "floating")
    kind = text(raw, "type", path)
    return {
        "tracker": key,
        "numbered": key.isdigit(),
        "descr": text(raw, "descr", path),
        "disabled": switch(raw, "disabled"),
        "type": kind if kind in TYPES else "pass",
        "interface": tuple(sorted(name for name in text(raw, "interface", path).split(",") if name)),
        "direction": (text(raw, "direction", path) or "any") if floating else "in",
        "ipprotocol": text(raw, "ipprotocol", path) or "inet",
        "protocol": text(raw, "protocol", path).lower() or "any",
        "vlanprioset": text(raw, "vlanprioset", path),
        **_side(raw, "source", path),
        **_side(raw, "destination", path),
        "quick": switch(raw, "quick") or not floating,
        "log": switch(raw, "log"),
        "gateway": text(raw, "gateway", path),
        "queue": text(raw, "defaultqueue", path),
        "limiter": text(raw, "dnpipe", path),
        "limiter_back": text(raw, "pdnpipe", path),
        "linked": text(raw, "associated-rule-id", path),
        "rest": rest_of(raw, _RULE_FIELDS, RULE_SWITCHES),
    }


def _side(raw: Raw, name: str, path: str) -> Row:
    side = mapping(raw.get(name), f"{path} {name}")
    return {
        name: address(side, f"{path} {name}"),
        f"{name}_not": switch(side, "not"),
        f"{name}_port": text(side, "port", f"{path} {name}"),
    }


def address(side: Raw, path: str) -> str:
    """`any`, an address or alias, or `net:` and the vendor's word for an interface's network, such as `net:wanip`;
    `UNKNOWN` for a side that says nothing, whose rule the vendor leaves out."""
    if switch(side, "any"):
        return "any"
    for name, prefix in (("network", "net:"), ("address", "")):
        value = text(side, name, path)
        if value:
            return prefix + value
    return UNKNOWN


def rest_of(raw: Raw, known: Iterable[str], switches: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Whatever else an entry says, as `name=value`, sorted."""
    found = []
    for name, value in raw.items():
        if name in known or name in _MEANINGLESS or value is None:
            continue
        if name in switches:
            found.append(name)
        elif value not in ("", [], {}, _USUAL.get(name)):
            shown = value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
            found.append(f"{name}={shown}")
    return tuple(sorted(found))


_FORWARD_FIELDS = frozenset(
    "descr disabled interface ipprotocol protocol source destination target local-port associated-rule-id nordr".split()
)


def forwards(value: Any) -> list[Row]:
    """The port forwards, in their order."""
    raws = entries(value, "nat/rule")
    rows = []
    for raw, key in zip(raws, keys_of(raws, [text(raw, "descr", "nat/rule") for raw in raws]), strict=True):
        path = f"nat/rule {key}"
        rows.append(
            {
                "key": key,
                "descr": text(raw, "descr", path),
                "disabled": switch(raw, "disabled"),
                "interface": text(raw, "interface", path),
                "ipprotocol": text(raw, "ipprotocol", path) or "inet",
                "protocol": text(raw, "protocol", path).lower() or "any",
                **_side(raw, "source", path),
                **_side(raw, "destination", path),
                "target": text(raw, "target", path),
                "port": text(raw, "local-port", path),
                "linked": text(raw, "associated-rule-id", path),
                "nordr": switch(raw, "nordr"),
                "rest": rest_of(raw, _FORWARD_FIELDS, frozenset({"nosync"})),
            }
        )
    return rows


_OUTBOUND_FIELDS = frozenset("descr disabled interface protocol source destination staticnatport".split())


def outbound_rules(value: Any) -> list[Row]:
    """The rules for outgoing translation, in their order."""
    raws = entries(value, "nat/outbound/rule")
    rows = []
    for raw, key in zip(raws, keys_of(raws, [text(raw, "descr", "nat/outbound/rule") for raw in raws]), strict=True):
        path = f"nat/outbound/rule {key}"
        source, destination = mapping(raw.get("source"), path), mapping(raw.get("destination"), path)
        rows.append(
            {
                "key": key,
                "descr": text(raw, "descr", path),
                "disabled": switch(raw, "disabled"),
                "interface": text(raw, "interface", path),
                "protocol": text(raw, "protocol", path).lower() or "any",
                "source": address(source, path).removeprefix("net:"),
                "source_not": switch(source, "not"),
                "destination": address(destination, path).removeprefix("net:"),
                "destination_not": switch(destination, "not"),
                "static_port": switch(raw, "staticnatport"),
                "rest": rest_of(raw, _OUTBOUND_FIELDS, frozenset({"nonat", "nosync"})),
            }
        )
    return rows


def vlan(raw: Raw) -> Row:
    """A VLAN of a port; `vlanif` is the device that it makes."""
    path = "vlans/vlan"
    port, tag = text(raw, "if", path), number(raw, "tag", path, 0)
    return {
        "vlanif": text(raw, "vlanif", path) or f"{port}.{tag}",
        "if": port,
        "tag": tag,
        "pcp": text(raw, "pcp", path),
        "descr": text(raw, "descr", path),
    }


INTERFACE_FIELDS = tuple(
    "descr if enable ipaddr subnet ipaddrv6 subnetv6 gateway gatewayv6 blockpriv blockbogons mtu mss spoofmac".split()
)
_INTERFACE_KNOWN = frozenset("descr if enable ipaddr subnet".split())


def interface(name: str, raw: Raw) -> Row:
    """An assigned interface by its internal name (wan, lan, opt1 ...)."""
    path = f"interfaces/{name}"
    return {
        "name": name,
        "descr": text(raw, "descr", path),
        "if": text(raw, "if", path),
        "enable": switch(raw, "enable"),
        "ipaddr": text(raw, "ipaddr", path),
        "subnet": text(raw, "subnet", path),
        "rest": rest_of(raw, _INTERFACE_KNOWN, frozenset({"blockpriv", "blockbogons"})),
    }


_DHCP_KNOWN = frozenset("enable range defaultleasetime maxleasetime gateway dnsserver ntpserver tftp".split())
DHCP_FIELDS = (*sorted(_DHCP_KNOWN), "numberoptions", "denyunknown", "domain")


def dhcp(name: str, raw: Raw) -> Row:
    """The DHCP server of an interface; `url` is option 66."""
    path = f"dhcpd/{name}"
    pool = mapping(raw.get("range"), f"{path} range")
    return {
        "name": name,
        "enable": switch(raw, "enable"),
        "first": text(pool, "from", path),
        "last": text(pool, "to", path),
        "lease": text(raw, "defaultleasetime", path),
        "longest": text(raw, "maxleasetime", path),
        "gateway": text(raw, "gateway", path),
        "dns": texts(raw.get("dnsserver"), f"{path} dnsserver"),
        "ntp": texts(raw.get("ntpserver"), f"{path} ntpserver"),
        "url": text(raw, "tftp", path),
        "rest": rest_of(raw, _DHCP_KNOWN, frozenset({"denyunknown"})),
    }


def limiters(value: Any) -> dict[str, bool]:
    """The limiters that are on and, under those, their queues that are: whether it is a queue, by name
    (inc/shaper.inc `get_unique_dnqueue_list`: `enabled` has any text)."""
    found: dict[str, bool] = {}
    path = "dnshaper/queue"
    for raw in entries(value, path):
        if not text(raw, "enabled", path):
            continue
        found[text(raw, "name", path)] = False
        queued = [child for child in entries(raw.get("queue"), path) if text(child, "enabled", path)]
        found |= {text(child, "name", path): True for child in queued}
    return found


def queues(value: Any) -> frozenset[str]:
    """The names of the queues that are on, of all interfaces whose shaping is (inc/shaper.inc: `enabled` is `on`)."""
    found: set[str] = set()
    for raw in entries(value, "shaper/queue"):
        if raw.get("enabled") == "on":
            found |= {text(raw, "name", "shaper/queue"), *queues(raw.get("queue"))}
    return frozenset(found)
