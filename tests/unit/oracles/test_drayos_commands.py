"""The table of documented DrayOS commands, and which lines destroy or expose something."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracles.drayos.commands import COMMANDS, SAFE_QUESTIONS, NotDocumented, check, destructive

BOTH, SMALL, BIG = ("2927", "3912"), ("2927",), ("3912",)

# Lines as the guides and their examples print them, and the classes of models whose guide has them.
DOCUMENTED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((
        "sys version", "sys mpage disable", "sys commit", "sys reboot", "sys time show", "sys cfg status", "exit",
        "quit", "show status", "show lan", "show dns", "show openport", "show statistic reset WAN1",
        "sys sip_alg -e 0", "sys sip_alg -e 1 -p 5060 -u 1 -t 0", "sys sip_alg ?", "sys alg", "sys alg -e 0",
        "sys rtsp_alg -v", "sys autoreboot 2", "sys tr069 get InternetGatewayDevice.ManagementServer.",
        "ipf set -v", "ipf set 2 -v", "ipf set -d 2", "ipf set -d 0", "ipf set -p 0 1", 'ipf set -R "v4 1"',
        "ipf set -R v4 0", "ipf set 1 -m sansansan", "ipf set 1 -n 2", "ipf set 1 -n 0", "ipf view -V -d",
        "ipf flowtrack view -b", "ipf rule 2 1 -v", 'ipf rule 3 1 -e 1 -M testtest -s "u 1 192.168.1.20" -F "0 1"',
        'ipf rule 3 1 -e 1 -I "e LAN1"', 'ipf rule 3 1 -O "d WAN1,WAN2"', 'ipf rule 3 1 -I "e all"',
        'ipf rule 3 1 -e 1 -s "o 1 2" -d "g 1 0"', 'ipf rule 3 1 -s "o6 1 2 0" -d "g6 1"', 'ipf rule 3 1 -s "c 3"',
        'ipf rule 3 1 -s "u 2" -d "u 0 192.168.1.10 255.255.255.0"', 'ipf rule 3 1 -d "u 3 192.168.1.10 192.168.1.15"',
        'ipf rule 3 1 -S "o 1"', 'ipf rule 3 1 -S "g 32"', 'ipf rule 3 1 -S "u 17 0 0 1 5060 65535 5061"',
        'ipf rule 3 1 -t "i 1 3" -t "i 2 0"', 'ipf rule 3 1 -t "c 1"', "ipf rule 3 1 -D 2 -N 4 -q 1 0 -f 0 -y 0",
        'ipf rule 3 1 -U "up"', "ipf set 1 rule 2 -e 0", 'ipf set 1 rule 1 -C "600 30"', 'ipf rule 3 1 -M ""',
        "object ip obj 1 -v", "object ip obj 1 -n marketing", 'object ip obj 1 -n ""', "object ip obj 8 -i 3",
        "object ip obj 3 -s 1", "object ip obj 1 -a 1 192.168.1.45", "object ip obj 3 -a 2",
        "object ip obj 1 -a 0 10.0.0.0 255.0.0.0", "object ip obj 1 -a 3 10.0.0.1 10.0.0.9",
        'object ip grp 3 -a "1 2 3 4 5"', "object ip grp 3 -a 1 2 3 4 5", "object ip grp 2 -i 2",
        "object ipv6 obj 3 -a 3 2607:f0d0:1002:51::4 2607:f0d0:1002:51::4", "object ipv6 grp 3 -a 1 2 3",
        "object service obj 1 -p 255", "object service obj 1 -s 1 120 240", "object service obj 1 -d 0 5060 5061",
        "object service grp 1 -a 1 2", "object schedule set 1 -e 1", "object schedule set 1 -c Working",
        'object schedule set 1 -D "2026 11 8"', 'object schedule set 1 -T "8 1"', 'object schedule set 1 -d "2 30"',
        "object schedule set 1 -a 0", 'object schedule set 1 -h "1 Mon Wed"', "object schedule set 1 -h 0",
        "object schedule view 1",
        "mngt rmtcfg status", "mngt rmtcfg enable", "mngt rmtcfg enforce_https off", "mngt wanlogin disable",
        "mngt echoicmp enable", "mngt accesslist list", "mngt accesslist remove 1", "mngt lanaccess -v",
        "mngt lanaccess -e 1 -s HTTPS,SSH -i LAN3", "mngt lanaccess -I 1 -E 1", "mngt bfp -v",
        "mngt bfp -e 1 -s FTP,HTTP -l 10 -p 300", "mngt sshport 2222", "mngt telnettimeout 100",
        "msubnet status 2", "msubnet switch 2 On", "msubnet dhcps 3 off", "msubnet nat 2 Off",
        "msubnet addr 2 192.168.5.1", "msubnet nmask 2 255.255.0.0", "msubnet gateway 2 192.168.5.1",
        "msubnet startip 2 192.168.5.10", "msubnet ipcnt 2 220", "msubnet talk 1 2 on", "msubnet talk ?",
        "msubnet mtu LAN1 1492", "msubnet leasetime 8 300", "msubnet leasetime ?",
        "srv dhcp dns1 lan8 168.95.1.1", "srv dhcp dns2 LAN2 10.1.1.1", "srv dhcp option -l", "srv dhcp option -d 1",
        "srv dhcp option -e 1 -c 18 -v /path", "srv dhcp option -e 1 -i 2 -c 66 -v 10.0.0.5",
        "srv dhcp option -e 1 -i a -c 66 -a 10.0.0.5", "srv dhcp option -e 1 -i 1/2 -s 8.8.8.8", "srv dhcp on",
        "srv dhcp status", "srv dhcp status LAN2",
        "srv nat showall ?", "srv nat showall", "srv nat openport 1 1 -v", "srv nat openport 1 1 -l 1 -g 0",
        "srv nat openport 1 1 -a 1 -c games -i 192.168.1.55 -w 1 1 -p TCP -s 56 -e 83",
        "srv nat portmap add 1 name tcp 100 0 0 192.168.1.10 200 wan1 1", "srv nat portmap disable 1",
        "srv nat portmap enable 1 udp", "srv nat portmap table", "srv nat dmz 1 1 -i 192.168.1.96", "srv nat dmz -v",
        "vlan status", "vlan on", "vlan off", "vlan restart", "vlan group 3 set p1 p4", "vlan group 3 set_ex p2",
        "vlan tagged 1 on", "vlan tagged unlimited on", "vlan vid 1 4095", "vlan pri 1 2", "vlan subnet 0 2",
        "vlan sysvid show", "vlan submode status",
        "qos class -c 2 -n draytek -a -m 1 -l 192.168.1.50:192.168.1.80", "qos class -c 1 -e 1 -p 20", "qos class -V 3",
        "qos setup -W 2 -m 3 -i 9500 -o 8500 -r 3:20 -r 1:30 -u 1 -p 50 -t 1", "qos type -a draytek -t 6 -p 510:1330",
        "qos voip off", "portmaptime -t 86400 -u 300 -i 10", "portmaptime -l",
    ), BOTH),
    **dict.fromkeys((
        "mngt accesslist add 1 192", "mngt bfp -u 203.0.113.9", "vlan group 3 set s1 5gs4", "msubnet switch dmz On",
        "msubnet talk 8 dmz off", "mngt lanaccess -i LAN16,DMZ",
    ), SMALL),
    **dict.fromkeys((
        "mngt accesslist add ip 10 1", "ipf set -c 3 -p 0 1", "ipf rule 50 30 -v", "ipf set -d 50",
        "ipf rule 3 1 -D 3", 'ipf rule 3 1 -I "e LAN100" -O "e WAN52"', "vlan group 99 add_ex p12", "vlan group 3 show",
        "vlan tagged 99 off", "msubnet status 100", "msubnet leasetime 2 1", "srv nat openport 260 10 -v",
        "qos class -c 2 -e 1 -g 1", "object service grp 1 -a 1 2 3 4 5 6 7 8 9", "mngt ssh_oldkex ?",
        "srv dhcp dns1 lan100 10.0.0.1", "mngt lanaccess -I 500",
    ), BIG),
}


@pytest.mark.parametrize("line", DOCUMENTED)
def test_what_is_documented_is_taken_for_the_models_that_have_it(line: str) -> None:
    for model_class in BOTH:
        if model_class in DOCUMENTED[line]:
            check(line, model_class)
        else:
            with pytest.raises(NotDocumented):
                check(line, model_class)


# What must be named: the place, and what is documented there.
MISTAKES: dict[str, str] = {
    "ssy version": "ssy is not documented; documented: ipf, object, ",
    "sys": "sys: the end of the line is not documented; documented: admin, ",
    "sys verison": "sys: verison is not documented; documented: admin, ",
    "obj ip obj 3 -v": "obj is not documented",
    "IPF set -v": "IPF is not documented",
    '"ipf" set -v': "ipf is not documented",
    "sys version now": "sys version: now is not documented; documented: nothing more",
    "ipf rule 13 1 -v": "ipf rule: 13 is not documented; documented: 1 to 12",
    "ipf rule 2 8 -v": "ipf rule: 8 is not documented; documented: 1 to 7",
    "ipf rule 02 1 -v": "ipf rule: 02 is not documented",
    "ipf rule 2 1": "ipf rule: no flag is not documented; documented: -e, ",
    "ipf rule 2 1 -x 1": "ipf rule: -x is not documented",
    "ipf rule 2 1 -E 1": "ipf rule: -E is not documented",
    "ipf rule 2 1 -e": "ipf rule ... -e: the end of the line is not documented; documented: 0 to 1",
    "ipf rule 2 1 -e 2": "ipf rule ... -e: 2 is not documented; documented: 0 to 1",
    "ipf rule 2 1 -e 1 -e 0": "ipf rule: -e again is not documented; documented: each flag once",
    "ipf rule 2 1 -e 1 -v": "ipf rule: -v is not documented; documented: -e by itself",
    "ipf rule 2 1 -F 1 1": "ipf rule ... -F: 1 is not documented; documented: 0 to 3 then 0 to 1 in double quotes",
    'ipf rule 2 1 -F "4 1"': 'ipf rule ... -F: "4 1" is not documented',
    'ipf rule 2 1 -F "1"': 'ipf rule ... -F: "1" is not documented',
    'ipf rule 2 1 -F "1 1 1"': 'ipf rule ... -F: "1 1 1" is not documented',
    'ipf rule 2 1 -s "o 1"': 'ipf rule ... -s: "o 1" is not documented',
    'ipf rule 2 1 -s "o 1 193"': 'ipf rule ... -s: "o 1 193" is not documented',
    'ipf rule 2 1 -s "g 33 0"': 'ipf rule ... -s: "g 33 0" is not documented',
    'ipf rule 2 1 -s "u 0 10.0.0.0/8"': 'ipf rule ... -s: "u 0 10.0.0.0/8" is not documented',
    "ipf rule 2 1 -s any": "ipf rule ... -s: any is not documented",
    'ipf rule 2 1 -S "o 97"': 'ipf rule ... -S: "o 97" is not documented',
    'ipf rule 2 1 -I "LAN1"': 'ipf rule ... -I: "LAN1" is not documented',
    'ipf rule 2 1 -I "e LAN9"': 'ipf rule ... -I: "e LAN9" is not documented',
    'ipf rule 2 1 -I "e LAN1, LAN2"': "is not documented",
    'ipf rule 2 1 -M "two words"': 'ipf rule ... -M: "two words" is not documented',
    "ipf rule 2 1 -M two words": "ipf rule: words is not documented",
    "ipf rule 2 1 -M -e 1": "ipf rule ... -M: -e is not documented",
    "ipf rule 2 1 -D 3": "ipf rule ... -D: 3 is not documented; documented: 0 to 2",
    'ipf rule 2 1 -t "i 5 1"': "is not documented",
    "ipf set -c 1": "ipf set: -c is not documented",
    "ipf set -d 13": "ipf set ... -d: 13 is not documented; documented: 0 to 12",
    "ipf set 2": "ipf set: no flag is not documented; documented: -v, -m, -n",
    "ipf set 2 rule 8 -v": "ipf set: 8 is not documented; documented: 1 to 7",
    "object ip obj 193 -v": "object ip obj: 193 is not documented; documented: 1 to 192",
    "object ip obj 3 -n fifteen-letters": "object ip obj ... -n: fifteen-letters is not documented",
    "object ip obj 3 -i 2": "object ip obj ... -i: 2 is not documented; documented: 0, 1, 3",
    "object ip obj 3 -n a -i 1": "object ip obj: -i is not documented; documented: -n by itself",
    "object ip obj 3 -a 0 10.0.0.0": "object ip obj ... -a: the end of the line is not documented",
    "object ip obj 3 -a 1 10.0.0.256": "object ip obj ... -a: 10.0.0.256 is not documented; documented: an IPv4",
    'object ip grp 3 -a "1,2"': 'object ip grp ... -a: "1,2" is not documented',
    'object ip grp 3 -a "1 2 3 4 5 6 7 8 9 10 11 12 13"': "object ip grp ... -a",
    "object service grp 1 -a 1 2 3 4 5 6 7 8 9": "object service grp ... -a",
    "object service obj 1 -i 17": "object service obj: -i is not documented; documented: -v, -n, -p, -s, -d",
    "object service obj 1 -d 0 0 5060": "object service obj ... -d: 0 is not documented; documented: 1 to 65535",
    'object schedule set 1 -h "1"': 'object schedule set ... -h: "1" is not documented',
    'object schedule set 1 -d "24 0"': 'object schedule set ... -d: "24 0" is not documented',
    "object schedule set 16 -e 1": "object schedule set: 16 is not documented; documented: 1 to 15",
    "mngt accesslist add ip 1 1": "mngt accesslist add: ip is not documented; documented: 1 to 10",
    "mngt rmtcfg https": "mngt rmtcfg: the end of the line is not documented; documented: on, off",
    "mngt lanaccess -s HTTPS, SSH": "mngt lanaccess ... -s: HTTPS, is not documented",
    "mngt lanaccess -i LAN1": "mngt lanaccess ... -i: LAN1 is not documented",
    "mngt bfp -l 256": "mngt bfp ... -l: 256 is not documented; documented: 1 to 255",
    "mngt ssh_oldkex enable": "mngt ssh_oldkex: documented for the models of class 3912 only",
    "msubnet switch 1 On": "msubnet switch: 1 is not documented",
    "msubnet talk 1 2": "msubnet talk: the end of the line is not documented; documented: on, off",
    "msubnet leasetime 2": "msubnet leasetime: the end of the line is not documented; documented: 10 to 259200",
    "msubnet ipcnt 2 221": "msubnet ipcnt: 221 is not documented; documented: 0 to 220",
    "srv dhcp option -e 1 -i d2 -c 66 -v x": "srv dhcp option ... -i: d2 is not documented",
    "srv dhcp option -l -e 1": "srv dhcp option: -e is not documented; documented: -l by itself",
    "srv nat openport 41 1 -v": "srv nat openport: 41 is not documented; documented: 1 to 40",
    "srv nat openport 1 1 -p SCTP": "srv nat openport ... -p: SCTP is not documented; documented: TCP, UDP, ALL",
    "vlan group 3 add p1": "vlan group: add is not documented; documented: set, set_ex",
    "vlan group 3 set p1 p6": "vlan group: p6 is not documented; documented: p1, p2, p3 ... 5gs4",
    "vlan group 3 set": "vlan group: the end of the line is not documented",
    "vlan vid 16 10": "vlan vid: 16 is not documented; documented: 0 to 15",
    "vlan pri 1 8": "vlan pri: 8 is not documented; documented: 0 to 7",
    "qos class -c 4 -a": "qos class ... -c: 4 is not documented; documented: 1 to 3",
    "ipf set 2 -v ?": "a question mark is documented to be harmless after",
    "sys  sip_alg ?": "a question mark is documented to be harmless after",
    "object ip obj 1 -n what?": "a question mark is documented to be harmless after",
    "ipf rule 2 1 \u2013e 1": "only printable ASCII can be sent",
    "sys version\r": "only printable ASCII can be sent",
    'ipf set -R "v4 1': "a double quote is not closed",
    'ipf rule 2 1 -M"x"': "a blank is missing beside a double quote",
    'ipf rule 2 1 -M "x"y': "a blank is missing beside a double quote",
    "": "the end of the line is not documented",
}


@pytest.mark.parametrize("line", MISTAKES)
def test_a_mistake_is_named_with_what_is_documented(line: str) -> None:
    with pytest.raises(NotDocumented, match=re.escape(MISTAKES[line])):
        check(line, "2927")


def test_an_unknown_class_of_models_is_named() -> None:
    with pytest.raises(ValueError, match="model class '2960': allowed are 2927, 3912"):
        check("sys version", "2960")


def test_every_command_names_classes_and_flags_that_exist() -> None:
    for command in COMMANDS:
        assert set(command.classes) <= {"2927", "3912"}, command.words
        assert {*command.alone, *command.again, *command.only} <= set(command.flags), command.words


DESTRUCTIVE = (
    "ipf default", "qos setdefault", "qos setup -D", "qos setup -W 2 -m 3 -D", "object ip obj setdefault",
    "object ip grp setdefault", "object ipv6 obj setdefault", "object country setdefault", "object kw obj setdefault",
    "object service obj setdefault", "object service grp setdefault", "object schedule setdefault",
    "object fe setdefault", "sys cfg default", "sys halt", "srv nat portmap flush", "srv nat trigger setdefault",
    "mngt accesslist flush", "mngt lanaccess -f", "mngt lanaccess -d", "mngt lanaccess -e 1 -f", "linux clean -a",
    "fs format", "fs rm readMe.txt", "sys admin", "sys adminuser view 1", "sys cmdlog", "sys tftpd", "sys ftpd on",
    "srv nat openport 1 1 -f", "srv nat openport 1 1 -f 1", "srv dhcp option -r", "vlan tagged p1_untag off",
    "ha set -R", "ha set -e 1 -R", "portmaptime -f", "user setdefault", "csm appe prof setdefault",
    "csm appe prof -i 1 setdefault",
)
ABBREVIATED = (
    "ipf def", "obj ip obj setd", "o ip o s", "ob ipv6 g setdef", "obj ser obj setdefaul", "obj sche setd", "qos setd",
    "q setu -D", "sys cf d", "sys h", "srv n portm fl", "srv na tr s", "mngt accessl f", "mng lana -f", "m l -d",
    "lin cl -w", "f format", "sys adm", "sys adminu v 2", "sys cmd", "sys tft", "sr n openp 1 1 -f", "vl tag p1 of",
    "vlan t p1_u off", "ha s -R", "portmap -f",
)
QUESTIONS = ("ipf ?", "vlan restart ?", "object ip obj ?", "ipf rule 1 1 -M why?", "?", "sys sip ?", "show lan ?")


@pytest.mark.parametrize("line", [*DESTRUCTIVE, *ABBREVIATED, *QUESTIONS])
def test_what_destroys_or_exposes_is_known(line: str) -> None:
    assert destructive(line)
    assert destructive(f"  {line.replace(' ', '   ')} ")


@pytest.mark.parametrize("line", [line for line in DESTRUCTIVE if " -" not in line])
def test_upper_case_does_not_hide_it(line: str) -> None:
    assert destructive(line.upper())


@pytest.mark.parametrize("line", DOCUMENTED)
def test_the_documented_lines_above_are_harmless(line: str) -> None:
    assert destructive(line) == ""


HARMLESS = (
    "vlan tagged p1_untag on", "sys adminuser Local 1", "sys autoreboot off", "sys ftpd off", "object schedule view 3",
    "srv nat portmap del 1", "mngt accesslist remove 2", "SYS  SIP_ALG  ?", "qos setup -V", "ha show -g",
)


@pytest.mark.parametrize("line", HARMLESS)
def test_what_stands_beside_it_is_harmless(line: str) -> None:
    assert destructive(line) == ""


@given(st.sampled_from([line for line in DESTRUCTIVE if not re.search(r" -| \d| readMe", line)]), st.data())
def test_every_unmistakable_abbreviation_is_seen(line: str, data: st.DataObject) -> None:
    """A word may be cut to any length that still tells it from the documented words beside it."""
    cut: list[str] = []
    words = line.split()
    for place, word in enumerate(words):
        beside = {
            other[place] for command in COMMANDS
            if len(other := command.words.split()) > place and other[:place] == words[:place] and other[place] != word
        }
        short = [
            length for length in range(1, len(word)) if not any(other.startswith(word[:length]) for other in beside)
        ]
        cut.append(word[: data.draw(st.sampled_from([*short, len(word)]))])
    blanks = " " * data.draw(st.integers(1, 3))
    typed = blanks.join(cut)
    assert destructive(typed.upper() if data.draw(st.booleans()) else typed)


@given(st.sampled_from(sorted(DOCUMENTED)), st.data())
def test_a_word_that_lost_a_letter_is_not_documented(line: str, data: st.DataObject) -> None:
    first = line.split()[0]
    place = data.draw(st.integers(0, len(first) - 1))
    broken = first[:place] + first[place + 1:]
    with pytest.raises(NotDocumented):
        check(line.replace(first, broken, 1), data.draw(st.sampled_from(BOTH)))


@given(st.text(max_size=30))
def test_any_text_is_taken_or_refused(line: str) -> None:
    for model_class in BOTH:
        try:
            check(line, model_class)
        except NotDocumented:
            continue
        assert line.split()[0] in {command.words.split()[0] for command in COMMANDS}
    destructive(line)


def test_the_safe_questions_are_those_of_documented_commands() -> None:
    known = {command.words for command in COMMANDS}
    assert set(SAFE_QUESTIONS) <= known
