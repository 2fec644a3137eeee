"""Who a unit says it is, and since when it has been up: captures of real units, and releases that are none of ours."""

from __future__ import annotations

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.errors import Misunderstood, Unsupported
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.models import LARGE, SMALL, limits_of
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.reader.identity import (
    Identity,
    identity,
    uptime,
)
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.words import Answer

# `sys version` of a Vigor2927Lac 4.5.2.2, captured (its host name is left out).
LAC = """Router Model: Vigor2927Lac    Version: 4.5.2.2 English
Profile version: 4.0.0    Status: 1 (0xf9682c2f)
Router IP: 192.168.1.1    Netmask: 255.255.255.0
Firmware Build Date/Time: Jul  9 2026 11:31:06
Router Name: DrayTek
Revision: 6569_e31a944115 drayos2015_Vigor2927_452_fd593bfca2
Router serial no: None"""

# `sys version` of a Vigor3912S 4.4.7_RC2, captured.
RC2 = """Router Model: Vigor3912S    Version: 4.4.7_RC2 r5704_8709_281ffe2ee1 English
Profile version: 4.0.a    Status: 1 (0x14460da8)
Router IP: 192.168.1.1    Netmask: 255.255.255.0
Firmware Build Date/Time: Jun  5 2026 13:45:10
Router Name: DrayTek
Revision: 5704_8709_281ffe2ee1 drayos2015_RD3"""


def test_a_vigor2927lac() -> None:
    found = identity(Answer("sys version", LAC))
    build = "6569_e31a944115 drayos2015_Vigor2927_452_fd593bfca2"
    assert found == Identity("Vigor2927Lac", "4.5.2.2", "DrayTek", build)
    assert limits_of(found.model) is SMALL


def test_a_vigor3912s() -> None:
    found = identity(Answer("sys version", RC2))
    assert found == Identity("Vigor3912S", "4.4.7_RC2", "DrayTek", "5704_8709_281ffe2ee1 drayos2015_RD3")
    assert limits_of(found.model) is LARGE


@pytest.mark.parametrize(
    ("shown", "version"),
    [("4.3.5 zh_TW zh_CN", "4.3.5"), ("3.9.0 English", "3.9.0"), ("4.4.5.1", "4.4.5.1"), ("4.4.3_B r1", "4.4.3_B")],
)
def test_releases(shown: str, version: str) -> None:
    assert identity(Answer("sys version", LAC.replace("4.5.2.2 English", shown))).version == version


def test_a_name_with_blanks_and_colons() -> None:
    text = LAC.replace("Router Name: DrayTek", "Router Name: Branch 7: Vigor")
    assert identity(Answer("sys version", text)).name == "Branch 7: Vigor"


@pytest.mark.parametrize("release", ["5.3.2", "5.0.0", "10.1.1", "3.8.9", "3.3.7", "2.5.1"])
def test_releases_that_are_not_supported(release: str) -> None:
    with pytest.raises(Unsupported) as error:
        identity(Answer("sys version", LAC.replace("4.5.2.2", release)))
    assert str(error.value) == f"sys version: DrayOS {release} is not supported: 3.9 to 4.x are"


FIRST = "in the answer 'Router Model: Vigor2927Lac    Version: 4.5.2.2 English'"
STRANGE = {
    "no model": (
        LAC.replace("Router Model", "Model"),
        "no line 'Router Model: ... Version: ...' "
        "in the answer 'Model: Vigor2927Lac    Version: 4.5.2.2 English'",
    ),
    "nothing": ("", "no line 'Router Model: ... Version: ...' in the answer ''"),
    "no release": (
        LAC.replace("4.5.2.2", "latest"),
        "'Version' is 'latest', no release such as 4.4.5, "
        "in the answer 'Router Model: Vigor2927Lac    Version: latest English'",
    ),
    "no name": (LAC.replace("Router Name", "Name"), f"no line 'Router Name' {FIRST}"),
    "two names": (f"{LAC}\nRouter Name: other", f"more than one line 'Router Name' {FIRST}"),
    "no revision": (LAC.replace("Revision", "Rev."), f"no line 'Revision' {FIRST}"),
}


@pytest.mark.parametrize(("text", "said"), STRANGE.values(), ids=STRANGE)
def test_strange_answers(text: str, said: str) -> None:
    with pytest.raises(Misunderstood) as error:
        identity(Answer("sys version", text))
    assert str(error.value) == f"sys version: {said}"


# `show status` of the same Vigor2927Lac, captured (names and addresses of its WANs are left out).
STATUS = """System Uptime:177:30:48
LAN Status
Primary DNS:8.8.8.8           Secondary DNS:8.8.4.4
IP Address:192.168.1.1        Tx Rate:1714871623    Rx Rate:919389810

WAN 1 Status: Connected
Enable:Yes       Line:Ethernet    Name:
Mode:DHCP Client Up Time:39:12:55    IP:---            GW IP:---
TX Packets:81510172   TX Rate(bps):75456 RX Packets:150271312  RX Rate(bps):2785960

WAN 2 Status: Connected
Enable:Yes       Line:Ethernet    Name:
Mode:PPPoE       Up Time:177:30:31   IP:---            GW IP:---
TX Packets:161727809  TX Rate(bps):39912 RX Packets:182168940  RX Rate(bps):46456
"""


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (STATUS, 177 * 3600 + 30 * 60 + 48),
        ("System Uptime:2:8:29\nLAN Status", 2 * 3600 + 8 * 60 + 29),  # Vigor3912 Series User's Guide 1.01
        ("System Uptime: 0:00:00", 0),
    ],
)
def test_since_when_it_is_up(text: str, seconds: int) -> None:
    assert uptime(Answer("show status", text)) == seconds


@pytest.mark.parametrize("text", ["", "Uptime:1:00:00", "System Uptime:3 days", "System Uptime:1:00:00 h"])
def test_strange_uptimes(text: str) -> None:
    with pytest.raises(Misunderstood) as error:
        uptime(Answer("show status", text))
    assert str(error.value) == f"show status: no line 'System Uptime:h:mm:ss' in the answer {text!r}"
