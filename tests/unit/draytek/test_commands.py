"""The lines that may be typed at a Vigor, and that nothing else can be built or passes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.commands import (
    NotAllowed,
    allowed,
    command,
)

READS = """\
sys version
sys mpage disable
sys sip_alg ?
sys time show
show status
show lan
show dns
ipf set -v
ipf set 12 -v
ipf rule 50 30 -v
object ip obj 192 -v
object ip grp 32 -v
object ipv6 obj 64 -v
object ipv6 grp 32 -v
object service obj 96 -v
object service grp 32 -v
object schedule view 15
srv nat showall ?
srv nat openport 260 1 -v
srv dhcp option -l
srv dhcp ipcnt ?
vlan status
vlan sysvid show
msubnet status 2
msubnet talk ?
msubnet leasetime ?
mngt accesslist list
mngt lanaccess -v
mngt bfp -v
mngt rmtcfg status
qos class -V 1
exit""".split("\n")

WRITES = r"""sys sip_alg -e 0
sys commit
sys reboot
object ip obj 3 -n VOIPH-SIGNAL
object ip obj 3 -n ""
object ip obj 3 -i 3
object ip obj 3 -s 1
object ip obj 3 -a 0 192.0.2.0 255.255.255.0
object ip obj 3 -a 1 192.0.2.7
object ip obj 3 -a 2
object ip obj 3 -a 3 192.0.2.1 192.0.2.9
object ip grp 3 -n VOIPH-MEDIA
object ip grp 3 -i 2
object ip grp 3 -a "1 2 192"
object ip grp 3 -a "0"
object service obj 3 -n VOIPH-RTP
object service obj 3 -p 255
object service obj 3 -s 0 1 65535
object service obj 3 -d 0 10000 20000
object service grp 3 -n ""
object service grp 3 -a 1 2 3
object schedule set 15 -e 1
object schedule set 1 -c VOIPH-guard
object schedule set 1 -D "2026 11 8"
object schedule set 1 -T "8 1"
object schedule set 1 -d "2 30"
object schedule set 1 -a 1
object schedule set 1 -h "0"
object schedule set 1 -h "1 Mon Wed"
ipf set -d 0
ipf set -c 3
ipf set 3 -m VOIPH-1
ipf set 3 -m ""
ipf set 3 -n 0
ipf rule 3 1 -e 1 -D 0 -I "e all" -O "e all" -s "g 1 0" -d "g 2 0" -S "g 1" -F "0 0"
ipf rule 3 1 -I "d LAN2,LAN100,DMZ,RT,VPN" -O "e WAN1,WAN52"
ipf rule 3 1 -s "u 0 192.0.2.0 255.255.255.0" -d "u 1 192.0.2.7"
ipf rule 3 1 -s "u 2" -d "u 3 192.0.2.1 192.0.2.9"
ipf rule 3 1 -s "o6 1 0 0" -d "g6 1"
ipf rule 3 1 -s "c 3" -d "o 0 0"
ipf rule 3 1 -S "o 1" -N 0 -q "1 0" -f 0 -t "i 1 15" -M VOIPH-A1ABCDEF
ipf rule 3 1 -S "u 17 0 0 1 5060 65535 5061" -t "c 0" -M ""
vlan on
vlan off
vlan restart
vlan group 99 set p1 p12 s4 5gs4
vlan group 0 add_ex p3
vlan group 0 set
vlan tagged 3 on
vlan vid 3 4095
vlan pri 3 7
vlan subnet 3 100
msubnet switch 2 On
msubnet dhcps 3 Off
msubnet nat 100 On
msubnet addr 2 192.168.5.1
msubnet nmask 2 255.255.255.0
msubnet gateway 2 192.168.5.1
msubnet startip 2 192.168.5.10
msubnet ipcnt 2 50
msubnet leasetime 1 86400
msubnet talk 1 2 Off
srv dhcp dns1 lan2 192.0.2.53
srv dhcp dns2 lan100 192.0.2.53
srv dhcp option -e 1 -i 2 -c 66 -v https://prov.example.net/
srv dhcp option -e 1 -i a -c 18 -v /path
srv dhcp option -d 3
mngt rmtcfg disable
mngt rmtcfg enforce_https on
mngt wanlogin disable
mngt accesslist add 10 192
mngt accesslist add ip 1 1
mngt accesslist remove 1
mngt lanaccess -e 1
mngt lanaccess -s HTTPS,SSH
mngt lanaccess -i LAN1,LAN2
mngt bfp -e 1
mngt bfp -s FTP,HTTP,HTTPS,TELNET,TR069,SSH
mngt bfp -l 255
mngt bfp -p 300
qos class -c 1 -n VOIPH-voice -a -m 1 -p 20
qos class -c 3 -e 1 -l any -r 192.0.2.1:192.0.2.9
qos class -c 2 -d 2
qos class -c 2 -a -L 1,0,2,0 -M 0,0,0,0 -s 22 -o 1 -g 2""".split("\n")

FORBIDDEN = """\
ipf default
ipf default ?
ipf rule ?
qos setdefault
qos setup -D
object ip obj setdefault
object ip obj 1 setdefault
object ip grp setdefault
object service obj setdefault
object schedule setdefault
sys cfg default
sys halt
sys passwd admin other
sys admin
sys adminuser view 1
sys cmdlog
sys tr069 set x y
sys re
sys reboot now
srv nat portmap flush
srv nat openport 1 1 -f 1
mngt accesslist flush
mngt lanaccess -f
mngt lanaccess -d
mngt lanaccess -h
linux clean -a
fs format
vlan tagged p1_untag off
vlan tagged unlimited on
vlan restart ?
obj ip obj 1 -v
sh status
sys version;sys reboot
show status?
?""".split("\n")

DESTRUCTIVE = re.compile(
    r"\b(?:ipf default|setdefault|cfg default|halt|passwd|adminuser|flush|format|p1_untag|unlimited|portmap|linux|fs)\b"
    r"|lanaccess -[fdhIE]|qos setup|bfp -d|\?.",
    re.IGNORECASE,
)
ASKED = ["sys sip_alg ?", "msubnet talk ?", "msubnet leasetime ?", "srv nat showall ?", "srv dhcp ipcnt ?"]


@pytest.mark.parametrize("text", READS)
def test_lines_that_read(text: str) -> None:
    assert (allowed(text).text, allowed(text).writes) == (text, False)


@pytest.mark.parametrize("text", WRITES)
def test_lines_that_write(text: str) -> None:
    assert (allowed(text).text, allowed(text).writes) == (text, True)


@pytest.mark.parametrize("text", FORBIDDEN)
def test_lines_that_cannot_be(text: str) -> None:
    with pytest.raises(NotAllowed):
        allowed(text)
    with pytest.raises(NotAllowed):
        command(text)
    words = text.split(" ")
    with pytest.raises(NotAllowed):
        command(words[0], *words[1:])


@pytest.mark.parametrize("text", READS + WRITES)
def test_a_built_line_is_the_line(text: str) -> None:
    values = [token.strip('"') for token in re.findall(r'"[^"]*"|[^" ]+', text)]
    for words in range(1, len(values) + 1):
        if all(value and " " not in value for value in values[:words]):
            assert command(" ".join(values[:words]), *values[words:]) == allowed(text)


@pytest.mark.parametrize(
    ("words", "arguments", "text"),
    [
        ("object ip obj", (3, "-n", ""), 'object ip obj 3 -n ""'),
        ("object ip grp", (3, "-a", "1 2"), 'object ip grp 3 -a "1 2"'),
        ("object ip grp", (3, "-a", "1"), 'object ip grp 3 -a "1"'),
        ("object service grp", (3, "-a", 1, 2), "object service grp 3 -a 1 2"),
        ("sys sip_alg", ("-e", False), "sys sip_alg -e 0"),
        ("ipf rule", (1, 2, "-e", True, "-F", "1 0"), 'ipf rule 1 2 -e 1 -F "1 0"'),
    ],
)
def test_building(words: str, arguments: tuple[str | int, ...], text: str) -> None:
    assert command(words, *arguments).text == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "sys passwd x",
            "'passwd' is not allowed after 'sys': alg or commit or mpage or reboot or sip_alg or time or version",
        ),
        ("object ip obj 193 -v", "'193' is not allowed after 'object ip obj': 1 to 192"),
        ("object ip obj 01 -v", "'01' is not allowed after 'object ip obj': 1 to 192"),
        ("ipf set 3", "the end of the line is not allowed after 'ipf set 3': -m or -n or -v"),
        ("sys version x", "'x' is not allowed after 'sys version': the end of the line"),
        (
            "object ip obj 1 -a 1 192.0.2.300",
            "'192.0.2.300' is not allowed after 'object ip obj 1 -a 1': a dotted IPv4 address",
        ),
        (
            "object ip obj 1 -n fifteen-letters",
            "'fifteen-letters' is not allowed after 'object ip obj 1 -n': "
            "a name of at most 14 letters, digits and some signs",
        ),
        ("object ip grp 1 -a 1", "'object ip grp 1 -a 1' is not allowed: it is written 'object ip grp 1 -a \"1\"'"),
        (
            "sys  version",
            "'sys  version' is not allowed: words with one blank between them, quotes around whole words",
        ),
    ],
)
def test_what_is_wrong_is_named(text: str, message: str) -> None:
    with pytest.raises(NotAllowed) as refusal:
        allowed(text)
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        " sys version",
        "sys version ",
        "sys version\n",
        "sys version\r",
        "sys\tversion",
        "sys version\x00",
        "sys vers\u0131on",
        "SYS VERSION",
        '"sys" version',
        'object ip obj 1 -n "VOIPH"',
        'object ip obj 1 -n "VOIPH',
        'object ip obj 1 -n ""x',
        "object ip obj 1 -n",
        "object ip obj 1 -n -v",
        "object ip obj 1 -n a?b",
        "object ip obj 1 -n flush",
        "object ip obj 1 -n SETDEFAULT",
        "object ip obj 1 -n a b",
        "object ip obj 1 -n a -i 1",
        "object ip obj 1 -a 4 00:11:22:33:44:55",
        "object ip obj 1 -a 0 192.0.2.0 255.0.255.0",
        "object ip obj \u0661 -v",
        'object ip grp 1 -a ""',
        'object ip grp 1 -a "1  2"',
        "ipf rule 1 1 -e 1 -e 0",
        "ipf rule 1 1 -v -e 1",
        'ipf rule 1 1 -s "o 1 2 3"',
        'ipf rule 1 1 -I "e LAN1, LAN2"',
        "ipf rule 1 1",
        f'ipf rule 1 1 -I "e {",".join(f"LAN{n}" for n in range(1, 60))}"',
        "vlan group 1 add",
        "vlan group 1 show",
        "msubnet addr 1 192.168.1.1",
        "msubnet talk 1 2 on",
        "mngt lanaccess -s SSH,",
        "qos class -c 1",
    ],
)
def test_spellings_that_do_not_pass(text: str) -> None:
    with pytest.raises(NotAllowed):
        allowed(text)


def passes(text: str) -> None:
    """Check whatever `allowed` lets pass."""
    try:
        found = allowed(text)
    except NotAllowed:
        return
    assert found.text == text
    assert text.isascii()
    assert text.isprintable()
    assert not DESTRUCTIVE.search(text)
    assert "?" not in text or text in ASKED
    assert any(_shape(text) == _shape(one) or _head(text) == _head(one) for one in READS + WRITES)


def _head(text: str) -> list[str]:
    """The words in front of the first option, which may be followed by options in any order and number."""
    words = _shape(text).split(" -")[0].split()
    return (
        words if words[0] == "qos" or words[:2] == ["ipf", "rule"] or words[:3] == ["object", "schedule", "set"] else []
    )


def _shape(text: str) -> str:
    """A line with all of its arguments alike."""
    words = re.sub(r'"[^"]*"', "#", text).split()
    plain = [word if re.fullmatch(r"-[A-Za-z]|[a-z][a-z_]{2,}[12]?|ip|on|\?", word) else "#" for word in words]
    return re.sub(r"#( #)+", "#", " ".join(plain))


@given(st.one_of(st.text(), st.text('abcdefgihlmnopqrstuvwxyz -_"?0123456789.,', max_size=40)))
def test_whatever_text(text: str) -> None:
    passes(text)


VOCABULARY = sorted({word for line in READS + WRITES + FORBIDDEN for word in line.split()})


@given(st.data())
def test_whatever_became_of_a_line(data: st.DataObject) -> None:
    words = data.draw(st.sampled_from(READS + WRITES)).split(" ")
    for _again in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(words)))
        new = data.draw(st.one_of(st.sampled_from(VOCABULARY), st.text(max_size=6)))
        kind = data.draw(st.sampled_from(["insert", "replace", "drop", "glue"]))
        words[at : at + (kind != "insert")] = [] if kind == "drop" else [new]
        if kind == "glue" and at:
            words[at - 1 : at + 1] = ["".join(words[at - 1 : at + 1])]
    passes(" ".join(words))


@given(st.lists(st.one_of(st.sampled_from(VOCABULARY), st.text(max_size=4), st.integers(-1, 300)), max_size=8))
def test_whatever_is_built(parts: list[str | int]) -> None:
    try:
        built = command("object", *parts) if parts else command("")
    except NotAllowed:
        return
    passes(built.text)
    assert allowed(built.text) == built
