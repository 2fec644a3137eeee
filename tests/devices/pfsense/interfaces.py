"""Interfaces as the rest of pfSense sees them (master at 6a92af1458, src/etc/inc/interfaces.inc and util.inc)."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from .configxml import Tree
from .kernel import Kernel
from .tree import enabled, entries, fields, get_path


def is_v4(text: object) -> bool:
    """Whether this is an IPv4 address."""
    return _is(text, ipaddress.IPv4Address)


def is_v6(text: object) -> bool:
    """Whether this is an IPv6 address."""
    return _is(text, ipaddress.IPv6Address)


def _is(text: object, kind: type[ipaddress.IPv4Address] | type[ipaddress.IPv6Address]) -> bool:
    try:
        kind(str(text))
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class Address:
    """What an interface has: "" and 0 where it has none."""

    ipv4: str = ""
    bits4: int = 0
    ipv6: str = ""
    bits6: int = 0


def address(config: Tree, kernel: Kernel, name: str) -> Address:
    """get_interface_ip and its kin: a static address is told from the configuration, whatever the device has."""
    entry = fields(config, f"interfaces/{name}")
    device = str(entry.get("if", ""))
    four, six = kernel.ipv4.get(device, ("", 0)), kernel.ipv6.get(device, ("", 0))
    if is_v4(entry.get("ipaddr")):
        four = (str(entry["ipaddr"]), _bits(entry.get("subnet"), four[1]))
    if is_v6(entry.get("ipaddrv6")):
        six = (str(entry["ipaddrv6"]), _bits(entry.get("subnetv6"), six[1]))
    return Address(four[0], four[1], six[0], six[1])


def _bits(text: object, otherwise: int) -> int:
    return int(str(text)) if str(text).isdigit() and int(str(text)) else otherwise


@dataclass(frozen=True)
class Link:
    """An interface in the list that rules are made for."""

    device: str
    macro: str
    addresses: Address = Address()
    gateway: str = ""
    virtual: bool = False


def rule_interfaces(config: Tree, kernel: Kernel) -> dict[str, Link]:
    """filter_generate_optcfg_array: enabled interfaces whose device exists, then VPNs and interface groups."""
    links = {}
    for name, entry in fields(config, "interfaces").items():
        if not isinstance(entry, dict) or "enable" not in entry or entry.get("if") not in kernel.devices:
            continue
        macro = str(entry.get("descr") or name).upper()
        gateway = "dynamic" if entry.get("ipaddr") == "dhcp" else str(entry.get("gateway", ""))
        links[name] = Link(entry["if"], macro, address(config, kernel, name), gateway)
    if any("disabled" not in phase for phase in entries(config, "ipsec/phase1") if isinstance(phase, dict)):
        links["enc0"] = Link("enc0", "IPsec", virtual=True)
    if entries(config, "openvpn/openvpn-server") or entries(config, "openvpn/openvpn-client"):
        links["openvpn"] = Link("openvpn", "OpenVPN", virtual=True)
    for group in entries(config, "ifgroups/ifgroupentry"):
        links[group["ifname"]] = Link(group["ifname"], group["ifname"], virtual=True)
    return links


def configure(config: Tree, kernel: Kernel, name: str, leases: dict[str, tuple[str, int]]) -> None:
    """interface_configure: nothing for one that is not enabled, else its device gets its addresses anew."""
    entry = fields(config, f"interfaces/{name}")
    device = str(entry.get("if", ""))
    if "enable" not in entry or device not in kernel.devices:
        return
    kernel.unaddress(device)
    if is_v4(entry.get("ipaddr")):
        kernel.ipv4[device] = (entry["ipaddr"], _bits(entry.get("subnet"), 32))
    elif entry.get("ipaddr") == "dhcp" and device in leases:
        kernel.ipv4[device] = leases[device]
    if is_v6(entry.get("ipaddrv6")):
        kernel.ipv6[device] = (entry["ipaddrv6"], _bits(entry.get("subnetv6"), 128))
    kernel.journal.append(f"configure {name}")


def bring_down(config: Tree, kernel: Kernel, name: str) -> None:
    """interface_bring_down: the device loses its addresses; nothing for an interface that the configuration lacks."""
    device = str(get_path(config, f"interfaces/{name}/if", ""))
    if device:
        kernel.unaddress(device)
        kernel.journal.append(f"down {name}")


def configure_vlan(config: Tree, kernel: Kernel, vlanif: str, leases: dict[str, tuple[str, int]]) -> str | None:
    """interface_vlan_configure: an existing device is destroyed first; the interface on it is configured anew.

    Returns the device, or None for a VLAN that the configuration lacks or whose parent does not exist.
    """
    entry = next((vlan for vlan in entries(config, "vlans/vlan") if vlan.get("vlanif") == vlanif), None)
    if entry is None or entry.get("if") not in kernel.devices:
        return None
    kernel.create(vlanif)
    for name, interface in fields(config, "interfaces").items():
        if (
            isinstance(interface, dict)
            and interface.get("if") == vlanif
            and enabled(config, f"interfaces/{name}/enable")
        ):
            configure(config, kernel, name, leases)
    return vlanif
