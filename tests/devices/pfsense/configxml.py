"""config.xml as pfSense reads and writes it (RELENG_2_7_2 and master, src/etc/inc/xmlparse.inc).

A tree is made of what PHP arrays become in JSON: dict, list, str, and (only in memory, before it is written) bool, int
and None. An empty element is "". An element that other elements of the same name may follow ("list tag") is a list.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html.entities import codepoint2name, name2codepoint
from typing import Any
from xml.parsers import expat

Tree = dict[str, Any]

# Elements that may be repeated; any other one that comes twice makes the whole file unreadable.
LIST_TAGS = frozenset(
    """
acls alias aliasurl allowedip allowedhostname authserver bridged build_port_path ca cacert cert crl clone config
container columnitem checkipservice depends_on_package disk dnsserver dnsupdate domainoverrides dyndns earlyshellcmd
element encryption-algorithm-option field fieldname gateway_item gateway_group gif gre group hash-algorithm-option hosts
ifgroupentry igmpentry interface_array item key lagg laggroup lbaction lbpool l7rules lbprotocol member menu tab
mobilekey mobilegroup monitor_type mount npt ntpserver onetoone openvpn-server openvpn-client openvpn-csc option package
passthrumac phase1 phase2 ppp pppoe priv proxyarpnet pool qinqentry queue pages pipe radnsserver roll route row
rrddatafile rule schedule service servernat servers sshkeyfile serversdisabled shellcmd staticmap subqueue switch swport
timerange tunnel user vip virtual_server vlan vlangroup voucherdbfile vxlan wgpeer winsserver wolentry widget
xmldatafile
""".split()
)
# Elements whose name begins with one of these are written as CDATA.
CDATA_PREFIXES = tuple(
    """
aclname auth_pass auth_prompt auth_user certca certname city common_name descr detail email encryption_password hint
ldap_attr ldap_authcn ldap_basedn ldap_basedomain ldap_bind ldapbinddn ldapbindpass ldap_extended_query ldap_filter
ldap_pam_groupdn ldap_pass ldap_user login_banner organization password proxypass proxyuser rangedescr state text
username varusersusername varuserspassword
""".split()
)
ROOT = "pfsense"
_ENTITY = re.compile(r"&(#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]*);")
_ENTITIES = str.maketrans({chr(code): f"&{name};" for code, name in codepoint2name.items()} | {"'": "&#039;"})
_NULL = object()


class ParseError(Exception):
    """The vendor's parser gives up on the whole file."""


class Thrown(ParseError):
    """It does so with an exception, which before 2.8 nobody catches."""


def decoded(text: str) -> str:
    """The entities of HTML 4.01 taken out, once, as html_entity_decode does of itself. `&apos;` is none of them."""
    return _ENTITY.sub(_letter, text) if "&" in text else text


def _letter(found: re.Match[str]) -> str:
    name = found[1]
    if name[0] != "#":
        return chr(name2codepoint[name]) if name in name2codepoint else found[0]
    code = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
    plain = code in (9, 10, 13) or 32 <= code <= 126 or 160 <= code < 0xD800 or 0xE000 <= code <= 0x10FFFF
    return chr(code) if plain else found[0]


def encoded(text: str) -> str:
    """Every character that HTML 4.01 has an entity for as that entity, as htmlentities does of itself.

    Most of them are none of XML's, so outside CDATA the file cannot be read again. From 2026 on the vendor uses those
    of XML (pfSense issue 16661).
    """
    return text.translate(_ENTITIES)


class _Reader:
    """The parser's state: the places it is in, how deep, and at which depth something was found.

    A place is an array and the key in it under which the element's value goes.
    """

    def __init__(self) -> None:
        self.root: dict[Any, Any] = {}
        self.places: list[tuple[Any, Any]] = [({None: self.root}, None)]
        self.found = 0
        self.pieces: list[str] = []

    def start(self, name: str, _attributes: Any) -> None:
        self.flush()
        tag = name.lower()
        above = _value(*self.places[-1])
        if above is _NULL:
            above = {}
            _put(*self.places[-1], above)
        elif isinstance(above, str):
            raise Thrown("Cannot access offset of type string on string")
        value = above.get(tag, _NULL)
        if tag in LIST_TAGS:
            if not isinstance(value, list):
                value = above[tag] = []
            self.places.append((value, len(value)))
        elif value is not _NULL:
            raise Thrown(f"{name} cannot occur more than once")
        else:
            self.places.append((above, tag))
        self.found = len(self.places)

    def end(self, _name: str) -> None:
        self.flush()
        holder, key = self.places[-1]
        if self.found == len(self.places):
            _put(holder, key, "")
        # Of a list, an entry that says nothing goes.
        if isinstance(holder, list) and holder[-1] == "":
            del holder[-1]
        self.places.pop()

    def text(self, data: str, entity: bool) -> None:
        """Text as libxml2 hands it out: an entity is a piece of its own, all that lies between two is one."""
        if entity:
            self.flush()
            self.piece(data)
        else:
            self.pieces.append(data)

    def flush(self) -> None:
        if self.pieces:
            data, self.pieces = "".join(self.pieces), []
            self.piece(data)

    def piece(self, data: str) -> None:
        data = data.strip("\t\n\r")
        if not data:
            return
        holder, key = self.places[-1]
        value = _value(holder, key)
        if isinstance(value, str):
            _put(holder, key, value + decoded(data))
        elif data.strip(" "):
            # What the element held before is gone.
            _put(holder, key, decoded(data))
            self.found += 1


def _value(holder: Any, key: Any) -> Any:
    if isinstance(holder, list):
        return holder[key] if key < len(holder) else _NULL
    return holder.get(key, _NULL)


def _put(holder: Any, key: Any, value: Any) -> None:
    if isinstance(holder, list) and key == len(holder):
        holder.append(value)
    else:
        holder[key] = value


@lru_cache(maxsize=64)
def parsed(text: str) -> Tree:
    """The tree of a file, the same object for the same text: copy it before you change it (`copied`).

    Raises ParseError where parse_xml_config returns -1 (since 2.8; see Thrown).
    """
    data = text.encode()
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    cdata = [False]

    def inside(now: bool) -> None:
        reader.flush()
        cdata[0] = now

    parser.StartCdataSectionHandler = lambda: inside(True)
    parser.EndCdataSectionHandler = lambda: inside(False)
    parser.CharacterDataHandler = lambda piece: reader.text(
        piece, not cdata[0] and data[parser.CurrentByteIndex : parser.CurrentByteIndex + 1] == b"&"
    )
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise ParseError(f"XML error: {error}") from error
    root = reader.root.get(ROOT)
    if not root:
        raise ParseError(f"XML error: no {ROOT} object found!")
    if not isinstance(root, dict):
        raise ParseError("the root holds text")
    return root


def copied(value: Any) -> Any:
    """A copy of a tree that shares nothing with it."""
    if isinstance(value, dict):
        return {key: copied(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [copied(inner) for inner in value]
    return value


def dumped(tree: Tree) -> str:
    """The text that dump_xml_config makes of a tree."""
    lines = ['<?xml version="1.0"?>', f"<{ROOT}>"]
    _dump(tree, "\t", lines)
    lines.append(f"</{ROOT}>\n")
    return "\n".join(lines)


def _dump(values: Tree | list[Any], indent: str, lines: list[str]) -> None:
    # A list under a name that is no list tag gets its indexes as names, which nothing can read again.
    for name, value in values.items() if isinstance(values, dict) else enumerate(values):
        if isinstance(value, list | dict):
            if str(name).lower() in LIST_TAGS:
                for entry in value if isinstance(value, list) else value.values():
                    _element(name, entry, indent, lines)
            else:
                _element(name, value, indent, lines)
        else:
            _element(name, value, indent, lines)


def _element(name: Any, value: Any, indent: str, lines: list[str]) -> None:
    if value is False:
        return
    if value is True or value is None or value == "" or value == [] or value == {}:
        lines.append(f"{indent}<{name}></{name}>")
    elif isinstance(value, list | dict):
        lines.append(f"{indent}<{name}>")
        _dump(value, indent + "\t", lines)
        lines.append(f"{indent}</{name}>")
    else:
        text = encoded(str(value))
        if str(name).startswith(CDATA_PREFIXES):
            text = f"<![CDATA[{text}]]>"
        lines.append(f"{indent}<{name}>{text}</{name}>")
