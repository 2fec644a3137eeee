"""voice_vlan: device, interface, DHCP, access rules, isolation, priority."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.errors import NotPossible
from tests.unit.fortios.sites import site
from tests.unit.pfsense.boxes import (
    ALG,
    ALLOWLIST,
    VOICE,
    Box,
    Raw,
    aliases,
    compiled,
    entry,
    harden,
    kept,
    observed,
    owned,
    rules,
    run,
    said,
    saved,
    section,
    text,
    unit,
)

POLICY = site()
URL = "https://provisioning.example.com/"
WITH_URL = site(voice_vlan__provisioning_url=URL)
RULES = "filter/rule"


def phones(name: str = "opt2", **fields: Any) -> Box:
    """A box whose site has an interface for the phones."""

    def alter(tree: Raw) -> None:
        tree["vlans"]["vlan"].append({"if": "em1", "tag": "40", "pcp": "", "descr": "phones", "vlanif": "em1.40"})
        own = {"descr": "Phones", "if": "em1.40", "enable": "", "ipaddr": "10.40.0.1", "subnet": "24"}
        tree["interfaces"][name] = {**own, **fields}

    return unit(tree=alter)


def made(policy: Any = POLICY, box: Box | None = None) -> dict[str, str]:
    """Our rules, each in one line."""
    desired, _remarks = compiled(policy, observed(box or unit()), VOICE)
    return {name.removeprefix("VOIPH-"): said(row) for name, row in rules(desired).items()}


# The network


def test_a_network_for_the_phones() -> None:
    desired, remarks = compiled(POLICY, observed(unit()), VOICE)
    assert remarks == []
    assert owned(desired, "vlans/vlan") == [
        {"vlanif": "em1.40", "if": "em1", "tag": 40, "pcp": "5", "descr": "VOIPH-voice"}
    ]
    own = {
        "name": "opt3",
        "descr": "VOIPH_VOICE",
        "if": "em1.40",
        "enable": True,
        "ipaddr": "10.40.0.1",
        "subnet": "24",
    }
    assert owned(desired, "interfaces") == [{**own, "rest": ()}]
    assert owned(desired, "dhcpd") == [
        {
            "name": "opt3",
            "enable": True,
            "first": "10.40.0.2",
            "last": "10.40.0.254",
            "lease": "86400",
            "longest": "86400",
            "gateway": "10.40.0.1",
            "dns": ("198.51.100.53",),
            "ntp": (),
            "url": "",
            "rest": (),
        }
    ]
    assert kept(desired) == {}


def test_it_works() -> None:
    box = harden(unit(), WITH_URL, VOICE)
    assert "em1.40" in box.kernel.devices
    assert box.kernel.ipv4["em1.40"] == ("10.40.0.1", 24)
    assert box.dhcp["opt3"] == {
        "backend": "isc",
        "from": "10.40.0.2",
        "to": "10.40.0.254",
        "options": {"66": URL, "160": URL},
        "closed": False,
        "hosts": {},
    }


def test_what_is_written_of_it() -> None:
    box = harden(unit(), site(voice_vlan__ntp_servers=["192.0.2.7", "ntp.example.com"]), VOICE)
    assert section(box.config, "interfaces/opt3") == {
        "descr": "VOIPH_VOICE",
        "if": "em1.40",
        "enable": "",
        "ipaddr": "10.40.0.1",
        "subnet": "24",
        "spoofmac": "",
    }
    assert section(box.config, "dhcpd/opt3") == {
        "enable": "",
        "range": {"from": "10.40.0.2", "to": "10.40.0.254"},
        "defaultleasetime": "86400",
        "maxleasetime": "86400",
        "gateway": "10.40.0.1",
        "dnsserver": ["198.51.100.53"],
        "ntpserver": ["192.0.2.7"],
    }
    assert entry(box, "vlans/vlan", "VOIPH-voice") == {
        "if": "em1",
        "tag": "40",
        "pcp": "5",
        "descr": "VOIPH-voice",
        "vlanif": "em1.40",
    }


def test_kea_has_no_numbered_options() -> None:
    desired, remarks = compiled(WITH_URL, observed(unit(backend="kea")), VOICE)
    assert owned(desired, "dhcpd")[0]["url"] == URL
    assert owned(desired, "dhcpd")[0]["rest"] == ()
    assert remarks == [
        "Kea sends the provisioning address by option 66 alone: phones that ask for option 160 (Poly) do not get it"
    ]
    assert compiled(POLICY, observed(unit(backend="kea")), VOICE)[1] == []


def test_isc_has() -> None:
    desired, _remarks = compiled(WITH_URL, observed(unit()), VOICE)
    (option,) = owned(desired, "dhcpd")[0]["rest"]
    item = {"number": "160", "type": "text", "value": "aHR0cHM6Ly9wcm92aXNpb25pbmcuZXhhbXBsZS5jb20v"}
    assert json.loads(option.removeprefix("numberoptions=")) == {"item": [item]}


def test_what_the_site_adds_to_our_dhcp_server_stays() -> None:
    """Such as fixed addresses of phones, when the policy asks for another lease later."""
    box = harden(unit(), WITH_URL, VOICE)
    host = {"mac": "00:53:00:00:00:40", "ipaddr": "10.40.0.9", "hostname": "reception"}
    saved(box, {"dhcpd/opt3/staticmap/": host, "dhcpd/opt3/ddnsdomain": "x.example.net"})
    assert not run(box, WITH_URL, VOICE)["changed"]
    harden(box, site(voice_vlan__lease_seconds=600), VOICE)
    found = section(box.config, "dhcpd/opt3")
    assert (found["staticmap"], found["ddnsdomain"]) == ([host], "x.example.net")
    assert (found["defaultleasetime"], found["maxleasetime"]) == ("600", "600")
    assert "tftp" not in found
    assert "numberoptions" not in found


@pytest.mark.parametrize(
    "edits",
    [
        {"dhcpd/opt3/maxleasetime": "60"},
        {"dhcpd/opt3/range/to": "10.40.0.9"},
        {"dhcpd/opt3/enable": None},
        {"dhcpd/opt3/tftp": "tftp.example.net"},
        {"dhcpd/opt3/numberoptions": None},
        {"dhcpd/opt3/denyunknown": "enabled"},
        {"dhcpd/opt3/dnsserver": ["192.0.2.66"]},
        {"dhcpd/opt3": None},
        {"interfaces/opt3/ipaddr": "10.40.0.2"},
        {"interfaces/opt3/enable": None},
        {"interfaces/opt3/gateway": "WANGW"},
        {"interfaces/opt3/blockpriv": ""},
        {"vlans/vlan/1/pcp": ""},
    ],
)
def test_what_somebody_changes_is_mended(edits: Raw) -> None:
    box = harden(unit(), WITH_URL, VOICE)
    before = {path: section(box.config, path) for path in ("dhcpd/opt3", "interfaces/opt3", "vlans/vlan")}
    harden(saved(box, edits), WITH_URL, VOICE)
    assert {path: section(box.config, path) for path in before} == before
    assert not run(box, WITH_URL, VOICE)["changed"]


def test_an_interface_of_the_sites_is_left_as_it_is() -> None:
    desired, remarks = compiled(POLICY, observed(phones()), VOICE)
    assert remarks == ["interface opt2 carries the voice VLAN already; its address and DHCP stay as the site set them"]
    assert all(owned(desired, path) == [] for path in ("vlans/vlan", "interfaces", "dhcpd", "nat/outbound/rule"))
    assert made(POLICY, phones())["voice-deny-out"] == "block in opt2 inet46 any any > any"


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (
            {"vlans/vlan": [{"if": "em1", "tag": "40", "vlanif": "em1.40", "descr": "unused"}]},
            "voip_policy.voice_vlan.id: VLAN 40 exists on em1 and no interface in use carries it",
        ),
        (
            {"qinqs/qinqentry": [{"if": "em1", "tag": "40"}]},
            "voip_policy.voice_vlan.id: 40 is the outer tag of a QinQ of em1",
        ),
        (
            {"aliases/alias": [{"name": "voiph_voice", "type": "host", "address": "192.0.2.1"}]},
            "VOIPH_VOICE: an alias or interface group of this box has the name of our interface",
        ),
        (
            {"ifgroups/ifgroupentry": [{"ifname": "VOIPH_VOICE", "members": "lan"}]},
            "VOIPH_VOICE: an alias or interface group of this box has the name of our interface",
        ),
    ],
)
def test_what_is_taken(parts: Raw, message: str) -> None:
    with pytest.raises(NotPossible) as error:
        compiled(POLICY, observed(unit(), config=parts), VOICE)
    assert str(error.value).startswith(message)


@pytest.mark.parametrize("letter", ['"', "\\"])
def test_an_address_that_would_break_the_dhcp_servers_file(letter: str) -> None:
    policy = site(voice_vlan__provisioning_url=f"https://provisioning.example.com/{letter}x")
    with pytest.raises(NotPossible, match=r"^voip_policy\.voice_vlan\.provisioning_url: "):
        compiled(policy, observed(unit()), VOICE)


def test_another_vlan_takes_the_place_of_the_first() -> None:
    box = harden(unit(), POLICY, VOICE)
    harden(box, site(voice_vlan__id=50), VOICE)
    assert section(box.config, "interfaces/opt3/if") == "em1.50"
    assert [one["tag"] for one in section(box.config, "vlans/vlan")] == ["30", "50"]
    assert "em1.40" not in box.kernel.devices
    assert box.kernel.ipv4["em1.50"] == ("10.40.0.1", 24)
    assert box.dhcp["opt3"]["from"] == "10.40.0.2"


def test_another_subnet() -> None:
    box = harden(unit(), POLICY)
    harden(box, site(voice_vlan__subnet="10.50.0.0/24"))
    assert box.kernel.ipv4["em1.40"] == ("10.50.0.1", 24)
    assert section(entry(box, RULES, "VOIPH-allow-media"), "source/address") == "10.50.0.0/24"
    assert not run(box, site(voice_vlan__subnet="10.50.0.0/24"))["changed"]


def test_only_what_changes_is_made_anew() -> None:
    """A VLAN that is configured again is destroyed first: calls would end."""
    box = harden(unit(), POLICY)
    seen = len(box.kernel.journal)
    harden(box, site({"signalling": ["192.0.2.128/26"]}))
    assert box.kernel.journal[seen:] == []


# Translation


@pytest.mark.parametrize(("mode", "count"), [("automatic", 0), ("hybrid", 0), ("advanced", 1), ("disabled", 0)])
def test_manual_translation_learns_of_the_new_network(mode: str, count: int) -> None:
    """Phones would go out with inside addresses, and nobody could answer them."""
    box = harden(unit(outbound=mode), POLICY, VOICE)
    lines = [line for line in box.files.read("/tmp/rules.debug").splitlines() if "from 10.40.0.0/24 to any" in line]
    assert len(lines) == count
    assert all(line.startswith("nat on $WAN inet") and "static-port" not in line for line in lines)
    before = text(unit(outbound=mode))
    run(box, None, VOICE, state="deleted")
    assert text(box) == before


@pytest.mark.parametrize("order", [(ALG, VOICE), (VOICE, ALG)])
def test_what_keeps_source_ports_comes_first(order: tuple[str, str]) -> None:
    policy = site({"static_port": True})
    box = unit(outbound="advanced")
    for concern in order:
        harden(box, policy, concern)
    names = [one["descr"] for one in section(box.config, "nat/outbound/rule")]
    assert names[:2] == ["VOIPH-static-port-wan", "VOIPH-translate-wan"]
    assert not run(box, policy, ALG, VOICE)["changed"]
    run(box, None, ALG, state="deleted")
    assert section(box.config, "nat/outbound/rule")[0]["descr"] == "VOIPH-translate-wan"


# Rules


ACCESS = {
    "allow-signalling": "pass in opt3 inet tcp 10.40.0.0/24 > VOIPH_SIGNALLING VOIPH_SIP",
    "allow-media": "pass in opt3 inet udp 10.40.0.0/24 > VOIPH_MEDIA VOIPH_RTP",
    "allow-dns": "pass in opt3 inet tcp/udp 10.40.0.0/24 > VOIPH_DNS 53",
    "allow-ntp": "pass in opt3 inet udp 10.40.0.0/24 > VOIPH_NTP 123",
    "allow-provisioning": "pass in opt3 inet tcp 10.40.0.0/24 > VOIPH_PROVISIONING 443",
}
DENIALS = {
    "voice-deny-out": "block in opt3 inet46 any any > any",
    "voice-deny-in": "block out opt3 inet46 any any > any",
}


def test_what_phones_may_reach() -> None:
    assert list(made().items()) == list({**ACCESS, **DENIALS}.items())
    found = aliases(compiled(POLICY, observed(unit()), VOICE)[0])
    assert found["VOIPH_DNS"] == ("198.51.100.53/32",)
    assert found["VOIPH_NTP"] == ("ntp1.example.com",)
    assert found["VOIPH_PROVISIONING"] == ("provisioning.example.com",)


def test_what_is_not_there_needs_no_rule() -> None:
    """An empty alias matches nothing, and pf is not asked to make one."""
    policy = site(voice_vlan__ntp_servers=[], voice_vlan__provisioning=["2001:db8:7::/64"])
    assert not {"allow-ntp", "allow-provisioning"} & set(made(policy))


def test_a_provider_with_ipv6_media_alone() -> None:
    """Phones have IPv4."""
    found = made(site({"media": ["2001:db8:5061::/48"]}))
    assert "allow-media" not in found
    assert "allow-signalling" in found


@pytest.mark.parametrize(("priority", "word"), list(enumerate("bk be ee ca vi vo ic nc".split())))
def test_voice_is_marked_on_its_vlan(priority: int, word: str) -> None:
    desired, _remarks = compiled(site(voice_vlan__priority=priority), observed(unit()), VOICE)
    found = {name: row["vlanprioset"] for name, row in rules(desired).items()}
    assert {name for name, value in found.items() if value} == {"VOIPH-allow-signalling", "VOIPH-allow-media"}
    assert found["VOIPH-allow-media"] == word
    assert owned(desired, "vlans/vlan")[0]["pcp"] == str(priority)


@pytest.mark.parametrize(("on", "queue"), [("on", "qVoIP"), ("", "")])
def test_voice_goes_into_the_voice_queue_where_there_is_one(on: str, queue: str) -> None:
    root = {"interface": "wan", "name": "wan", "scheduler": "PRIQ", "enabled": "on"}
    shaper = [{**root, "queue": [{"name": "qVoIP", "interface": "wan", "enabled": on}]}]
    desired, _remarks = compiled(POLICY, observed(unit(), config={"shaper/queue": shaper}), VOICE)
    found = {name.removeprefix("VOIPH-") for name, row in rules(desired).items() if row["queue"]}
    assert found == ({"allow-signalling", "allow-media"} if queue else set())


def limited(limiters: tuple[str, ...]) -> Any:
    """Compiled with limiters asked for, on a box that has two, one that is off, and two queues."""
    line = {"name": "LineUp", "enabled": "on", "queue": [{"name": "VoiceUp", "enabled": "on"}]}
    back = {"name": "LineDown", "enabled": "on", "queue": [{"name": "VoiceDown", "enabled": "on"}]}
    off = {"name": "Old", "enabled": "", "queue": [{"name": "VoiceOld", "enabled": "on"}]}
    seen = observed(unit(), config={"dnshaper/queue": [line, back, off]})
    return compiled(POLICY, replace(seen, details=replace(seen.details, limiters=limiters)), VOICE)[0]


@pytest.mark.parametrize("limiters", [("LineUp", "LineDown"), ("VoiceUp", "VoiceDown")])
def test_voice_goes_through_the_limiters_that_the_site_keeps_for_it(limiters: tuple[str, str]) -> None:
    found = {
        name.removeprefix("VOIPH-"): (row["limiter"], row["limiter_back"])
        for name, row in rules(limited(limiters)).items()
        if row["limiter"] or row["limiter_back"]
    }
    assert found == dict.fromkeys(("allow-signalling", "allow-media"), limiters)


@pytest.mark.parametrize(
    ("limiters", "message"),
    [
        (("VoiceUp", "Gone"), "Gone is not on this box, or off; it has LineDown, LineUp, VoiceDown, VoiceUp"),
        (("Old", "VoiceUp"), "Old is not on this box, or off"),
        (("VoiceUp", "VoiceOld"), "VoiceOld is not on this box, or off"),
        (("LineUp", "VoiceDown"), "of LineUp and VoiceDown only one is a queue"),
    ],
)
def test_limiters_that_would_be_left_out(limiters: tuple[str, str], message: str) -> None:
    with pytest.raises(NotPossible, match=message):
        limited(limiters)


# A PBX


def test_phones_and_a_pbx_elsewhere_talk_to_each_other() -> None:
    found = made(site(pbx={"address": "172.16.5.20"}))
    ways = {name: line for name, line in found.items() if "-to-" in name}
    assert ways == {
        "allow-voice-to-pbx-tcp": "pass in opt3 inet tcp 10.40.0.0/24 > 172.16.5.20 VOIPH_PBX_TCP",
        "allow-voice-to-pbx-there-tcp": "pass out opt1 inet tcp 10.40.0.0/24 > 172.16.5.20 VOIPH_PBX_TCP",
        "allow-pbx-to-voice-tcp": "pass in opt1 inet tcp 172.16.5.20 > 10.40.0.0/24 VOIPH_PBX_TCP",
        "allow-pbx-to-voice-there-tcp": "pass out opt3 inet tcp 172.16.5.20 > 10.40.0.0/24 VOIPH_PBX_TCP",
        "allow-voice-to-pbx-udp": "pass in opt3 inet udp 10.40.0.0/24 > 172.16.5.20 VOIPH_PBX_UDP",
        "allow-voice-to-pbx-there-udp": "pass out opt1 inet udp 10.40.0.0/24 > 172.16.5.20 VOIPH_PBX_UDP",
        "allow-pbx-to-voice-udp": "pass in opt1 inet udp 172.16.5.20 > 10.40.0.0/24 VOIPH_PBX_UDP",
        "allow-pbx-to-voice-there-udp": "pass out opt3 inet udp 172.16.5.20 > 10.40.0.0/24 VOIPH_PBX_UDP",
    }
    assert list(found)[-2:] == ["voice-deny-out", "voice-deny-in"]


def test_a_pbx_beside_the_phones_hears_the_provider() -> None:
    found = made(site(pbx={"address": "10.40.0.20"}, voice_vlan__dhcp_first="10.40.0.100"))
    assert {name: line for name, line in found.items() if name.startswith("into")} == {
        "into-voice-signalling": "pass out opt3 inet tcp VOIPH_SIGNALLING > 10.40.0.20 VOIPH_SIP",
        "into-voice-media": "pass out opt3 inet udp VOIPH_MEDIA > 10.40.0.20 VOIPH_RTP",
    }


def test_a_pbx_that_lies_nowhere() -> None:
    with pytest.raises(
        NotPossible, match=r"voip_policy\.pbx\.address: 172\.31\.0\.20 lies in the subnet of no interface"
    ):
        made(site(pbx={"address": "172.31.0.20"}))


# Both concerns


def test_rules_that_two_concerns_ask_for_are_one() -> None:
    desired, _remarks = compiled(POLICY, observed(unit()), ALLOWLIST, VOICE)
    found = {one.row["descr"]: one.controls for one in next(iter(rules_of(desired)))}
    assert found["VOIPH-allow-media"] == ("FW-2", "VLAN-3")
    assert found["VOIPH-voice-deny-in"] == ("VLAN-1", "WEB-1")


def rules_of(desired: Any) -> list[Any]:
    return [entries for where, entries in desired.owned.items() if where.path == RULES]


# A pair


def test_the_secondary_of_a_pair_needs_hands() -> None:
    carp = {"peer": "172.16.5.2", "vips": 1, "backup": 0}
    _desired, remarks = compiled(POLICY, observed(unit(), carp=carp), VOICE)
    assert remarks == [
        "VLANs and interfaces are not copied to the secondary: make VLAN 40 there by hand, as opt3 and with the "
        "description VOIPH_VOICE"
    ]
