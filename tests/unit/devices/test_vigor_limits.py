"""What a Vigor refuses: indexes, names, ports, sizes. Refused calls answer with the usage text and store nothing."""

from __future__ import annotations

import pytest

from tests.devices.vigor import Knobs, Vigor, factory_config, model_named
from tests.devices.vigor.commands import find, root, usage
from tests.devices.vigor.grammar import split

REFUSED = [
    "object ip obj 0 -n x", "object ip obj 193 -n x", "object ip obj 1", "object ip obj one -n x",
    "object ip obj 1 -n fifteen-letters", "object ip obj 1 -a 1", "object ip obj 1 -a 1 300.1.1.1",
    "object ip obj 1 -a 0 10.0.0.0 255.0.255.0", "object ip obj 1 -a 3 10.0.0.9 10.0.0.1", "object ip obj 1 -i 2",
    "object ip obj 1 -a 5 10.0.0.1", "object ip obj 1 -x 1", "object ip obj 1 -n a -i 1", "object ip obj 1 -s 2",
    "object ip grp 33 -n x", 'object ip grp 1 -a "193"', "object ip grp 1 -i 3", "object ip grp 1 -a",
    "object ipv6 obj 65 -n x", "object ipv6 obj 1 -a 1 10.0.0.1", "object ipv6 grp 33 -n x",
    "object service obj 97 -n x", "object service obj 1 -p 256", "object service obj 1 -d 4 1 2",
    "object service obj 1 -d 0 1 65536", "object service grp 33 -n x", "object service grp 1 -a 97",
    "object schedule set 16 -e 1", 'object schedule set 1 -D "2026 2 30"', 'object schedule set 1 -D "1999 2 1"',
    'object schedule set 1 -T "24 0"', 'object schedule set 1 -h "1 Foo"', 'object schedule set 1 -h "1"',
    "ipf set 0 -n 1", "ipf set 1", "ipf set -d 51", "ipf set -p 2 0", 'ipf set -R "v5 1"', "ipf set -L 2",
    "ipf rule 1 0 -e 1", "ipf rule 1 1", "ipf rule 1 1 -e 2", 'ipf rule 1 1 -s "o 193"', 'ipf rule 1 1 -s "o 1 2 3"',
    'ipf rule 1 1 -s "g 33"', 'ipf rule 1 1 -s "o6 1 2 3 4"', 'ipf rule 1 1 -s "g6 1 2"', 'ipf rule 1 1 -s "u 4"',
    'ipf rule 1 1 -d "u 0 10.0.0.0"', 'ipf rule 1 1 -S "o 97"', 'ipf rule 1 1 -S "u 6 0 0 5060"',
    'ipf rule 1 1 -F "4 0"', 'ipf rule 1 1 -t "i 5 1"', 'ipf rule 1 1 -t "i 1 16"', 'ipf rule 1 1 -I "e LAN101"',
    'ipf rule 1 1 -I "x LAN1"', 'ipf rule 1 1 -I "e"', "ipf rule 1 1 -f 4", "ipf rule 1 1 -q 5", "ipf rule 1 1 -Z 1",
    "msubnet addr 1 192.168.5.1", "msubnet addr 101 192.168.5.1", "msubnet addr 2 here", "msubnet addr 2",
    "msubnet ipcnt 2 221", "msubnet nmask 2 255.0.255.0", "msubnet switch 2 maybe", "msubnet talk 1 1 on",
    "msubnet talk 1 2", "msubnet talk 1 101 on", "msubnet leasetime 1 259201", "msubnet mtu LAN1 999",
    "msubnet status 1", "srv dhcp dns1 lan0 1.1.1.1", "srv dhcp dns1 lan2 x", "srv dhcp option -c 256 -v x",
    "srv dhcp option -d 1", "srv dhcp option -c 1", "srv dhcp option -u 1 -v x", "srv dhcp option -i 101 -c 1 -v x",
    "srv dhcp option -c 1 -a x", "srv dhcp option -c 1 -v x -x 00", "srv dhcp ipcnt 257",
    "vlan group 100 set p1", "vlan group 1 set p13", "vlan group 1 take p1", "vlan vid 1 4096", "vlan pri 1 8",
    "vlan subnet 1 101", "vlan tagged 1 maybe", "vlan sysvid 4000",
    "mngt accesslist remove 11", "mngt rmtcfg gopher on", "mngt rmtcfg http", "mngt bfp -l 0", "mngt bfp -l 256",
    "mngt bfp -s GOPHER", "mngt lanaccess -s GOPHER", "mngt lanaccess -i LAN101", "mngt lanaccess -I 501",
    "mngt sshport 65536", "mngt sshtimeout 59", "mngt telnettimeout 301", "mngt wanlogin maybe",
    "srv nat openport 0 1 -a 1", "srv nat openport 1 11 -a 1", "srv nat openport 1 1 -s 65536",
    "srv nat openport 1 1 -p SCTP", "srv nat openport 1 1", "srv nat portmap add 0 x tcp 1 0 0 10.0.0.1 1 wan1 1",
    "srv nat portmap add 1 x icmp 1 0 0 10.0.0.1 1 wan1 1", "srv nat portmap add 1 x tcp 1 0 0 10.0.0.1 1 wan99 1",
    "srv nat portmap enable 1 tcp", "qos class -c 4 -n x", "qos class -c 1 -e 1 -m 1", "qos class -c 1 -d 1",
    "qos class -c 1 -m 1", "qos class -c 1 -a -p 21", "qos class -c 1 -a -s 31", "qos setup -m 4", "qos voip maybe",
    "sys sip_alg -p 0", "sys sip_alg -e 2", "sys sip_alg -x 1", "sys time", "sys cfg", "sys mpage",
]
SMALL = [
    "ipf set 13 -n 1", "ipf rule 1 8 -e 1", "ipf rule 1 1 -D 3", "ipf rule 1 1 -N 13", "ipf set -c 1",
    'ipf rule 1 1 -I "e LAN9"', 'ipf rule 1 1 -O "e WAN10"', "vlan group 16 set p1", "vlan group 1 add p1",
    "vlan group 1 set p6", "msubnet addr 9 192.168.9.1", "msubnet leasetime 1 9", "mngt accesslist add ip 1 1",
    "mngt accesslist add 11 1", "mngt accesslist add 1 193", "mngt lanaccess -i LAN17", "mngt lanaccess -I 193",
    "vlan vid 1 3990", 'object ip grp 1 -a "1 2 3 4 5 6 7 8 9 10 11 12 13"',
    "object service grp 1 -a 1 2 3 4 5 6 7 8 9", "object ipv6 grp 1 -a 1 2 3 4 5 6 7 8 9",
]
LARGE = [
    "ipf set 51 -n 1", "ipf rule 1 31 -e 1", "ipf rule 1 1 -N 51", 'ipf rule 1 1 -O "e WAN53"', "vlan group 1 set s1",
    "mngt accesslist add 1 1", "mngt accesslist add ip 11 1", "mngt accesslist add ip 1 193", "vlan vid 1 3900",
]


@pytest.mark.parametrize(("model", "lines"), [
    pytest.param("Vigor2927", REFUSED, id="2927-common"), pytest.param("Vigor3912", REFUSED, id="3912-common"),
    pytest.param("Vigor2927", SMALL, id="2927"), pytest.param("Vigor3912", LARGE, id="3912"),
])
def test_refused(model: str, lines: list[str]) -> None:
    device = Vigor(factory_config(model))
    before = device.stored()
    for line in lines:
        node, _used = find(root(True), split(line))
        assert node.command is not None, line
        assert device.handle(line).text == usage(node.command), line
    assert device.stored() == before
    assert device.writes == 0


AT_THE_EDGE = [
    "object ip obj 192 -n fourteen-chars", "object ip obj 1 -a 0 10.0.0.0 255.255.255.255",
    "object ip obj 1 -a 3 10.0.0.1 10.0.0.1", "object ip obj 1 -a 4 00-50-7f-00-00-01", "object ip grp 32 -i 2",
    "object ipv6 obj 64 -a 0 2001:db8:: 48", "object service obj 96 -d 3 1 65535", "object schedule set 15 -I 255",
    'ipf rule 1 7 -s "o 192 192" -d "g 32 32" -S "g 32" -t "i 4 15" -N 12', 'ipf rule 1 1 -s "o6 64 64 64"',
    'ipf rule 1 1 -d "g6 32"', 'ipf rule 1 1 -s "c 32"', 'ipf rule 1 1 -I "d all"', "ipf rule 1 1 -F 3 1",
    "msubnet ipcnt 8 220", "msubnet ipcnt 8 0", "msubnet mtu LAN8 1508", "vlan vid 15 0", "vlan pri 15 7",
    "mngt sshtimeout 60", "srv nat openport 40 10 -s 0 -e 65535",
    "srv nat portmap add 40 x udp 0 1 32 10.0.0.1 1 all 1", "qos class -c 3 -a -p all_af -s 30",
    "mngt bfp -l 255 -s All",
]


@pytest.mark.parametrize("model", ["Vigor2927", "Vigor2962", "Vigor3912S"])
@pytest.mark.parametrize("line", AT_THE_EDGE)
def test_taken(model: str, line: str) -> None:
    device = Vigor(factory_config(model))
    device.handle(line)
    assert device.log[-1]["write"]


@pytest.mark.parametrize("name", ["Vigor2927Lac", "Vigor2865ax", "Vigor2862Bn", "Vigor2926"])
def test_small_class(name: str) -> None:
    assert model_named(name).family == "2927"


@pytest.mark.parametrize("name", ["Vigor3900", "Vigor2136", "Vigor167", "2927", ""])
def test_a_model_nobody_described(name: str) -> None:
    with pytest.raises(ValueError, match="model is"):
        model_named(name)


def test_what_a_word_leads_to() -> None:
    device = Vigor(factory_config("Vigor3912S"))
    assert device.handle("OBJ ip OBJ 1 -n x").text == "OK."
    assert device.handle("nosuch").text == "% Command not found"
    assert device.handle("s").text == "% Command not found"
    listing = device.handle("mngt nosuch").text.split("\r\n")
    assert listing[0] == "% Valid subcommands are:"
    assert listing[1].split()[:3] == ["ftpport", "httpport", "httpsport"]
    assert device.handle("mngt").text == device.handle("mngt ?").text == "\r\n".join(listing)
    assert device.handle("?").text.split("\r\n")[1].startswith("csm           ddns          dos ")
    assert "telnettimeout\r\nsshtimeout    ssh_oldkex " in device.handle("mngt").text
    assert device.handle("object ?").text.startswith(" Object setting usage:\r\n ip: IP object setting\r\n")
    assert device.handle("").text == device.handle("   ").text == ""


def test_words_of_an_unknown_command() -> None:
    device = Vigor(factory_config(), knobs=Knobs(unknown_text="% Unknown command '{word}'"))
    assert device.handle("fly away").text == "% Unknown command 'fly'"
    device.knobs.turn("unknown_text", "list")
    assert device.handle("fly away").text.startswith("% Valid subcommands are:")


def test_quotes() -> None:
    assert split('a "b c" d "e') == ["a", "b c", "d", "e"]
    assert split('x ""') == ["x", ""]
    device = Vigor(factory_config())
    device.handle('ipf rule 1 1 -M "two words"')
    device.handle('object ip obj 1 -n "two words"')
    assert device.stored()["sets"]["1"]["rules"]["1"]["comment"] == "two"
    assert device.stored()["ip_objects"]["1"]["name"] == "two words"


def test_comments_are_cut_by_the_class() -> None:
    line, word = "ipf rule 1 1 -M {0}", "comment-of-twenty-c"
    for model, knobs, left in (
        ("Vigor2927", Knobs(), word[:15]), ("Vigor3912", Knobs(), word),
        ("Vigor2927", Knobs(rule_comment=14), word[:14]),
    ):
        device = Vigor(factory_config(model), knobs=knobs)
        device.handle(line.format(word))
        assert device.stored()["sets"]["1"]["rules"]["1"]["comment"] == left
