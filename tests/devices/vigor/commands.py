"""All commands of the unit in one tree, with and without ``sys mpage``."""

from __future__ import annotations

from functools import lru_cache

from . import filter as ipf
from . import lan, management, nat, objects, qos, system, vlan
from .grammar import Command, Node, tree

# First words as a Vigor3912S 4.4.7_RC2 lists them; most of them lead nowhere here.
TOP = (
    "csm ddns dos internet ip ip6 ipf log ldap tacacsplus mngt msubnet object port portmaptime qos show srv switch sys "
    "testmail fs upnp usb vigbrg vlan vpn wan hsportal radius local_8021x wol user appqos nand apm ha vrrp swm dpdk "
    "linux cert service exit quit"
).split()
MODULES = (system, management, lan, objects, nat, qos, ipf, vlan)


@lru_cache(maxsize=2)
def root(with_mpage: bool) -> Node:
    """The tree of words."""
    commands: list[Command] = [command for module in MODULES for command in module.COMMANDS]
    if with_mpage:
        commands.append(system.MPAGE)
    helps = {words: text for module in MODULES for words, text in module.HELPS.items()}
    return tree(commands, TOP, helps)


def find(node: Node, words: list[str]) -> tuple[Node, int]:
    """How far words lead, and how many of them were used."""
    used = 0
    for word in words:
        if node.command is not None:
            break
        child = node.child(word)
        if child is None:
            break
        node = child
        used += 1
    return node, used


def usage(command: Command) -> str:
    """The text that answers a malformed call."""
    return "\r\n".join(command.usage or (f"% Usage: {command.words}",))
