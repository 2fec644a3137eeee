"""The SIP helper, the phones' network and the management of a Vigor: settings that are kept, and what they cost."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.document.model import Row
from ansible_collections.voip.hardening.plugins.module_utils.errors import NotPossible
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.compiler import withdraw
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.tables import (
    ACCESS_LIST,
    BRUTE_FORCE,
    LAN_ACCESS,
    LANS,
    OBJECTS,
    OPTIONS,
    REMOTE,
    RULES,
    SIP_ALG,
    TALK,
    VLAN,
    VLAN_ROWS,
)
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import CONCERNS
from ansible_collections.voip.hardening.plugins.module_utils.posture.record import Unverifiable
from tests.unit.draytek.shapes import host, network
from tests.unit.draytek.units import (
    LARGE,
    MODELS,
    SMALL,
    compiled,
    controls,
    harden,
    kept,
    named,
    observed,
    owned,
    plan,
    typed,
    unit,
)
from tests.unit.fortios.sites import site

ALG, VOICE, MANAGEMENT = "sip_alg", "voice_vlan", "management_access"
SMALL_PORTS = ("p1", "p2", "p3", "p4", "p5")
EVERY_SMALL_PORT = (*SMALL_PORTS, "s1", "s2", "s3", "s4", "5gs1", "5gs2", "5gs3", "5gs4")
LARGE_PORTS = tuple(f"p{number}" for number in range(1, 13))
PHONES: Row = {
    "enabled": True,
    "address": "10.40.0.1",
    "mask": "255.255.255.0",
    "dhcp": True,
    "start": "10.40.0.2",
    "count": 220,
    "gateway": "10.40.0.1",
    "lease": 86400,
    "dns1": "198.51.100.53",
    "dns2": "",
}


def about(found: dict[tuple[str, Any], Row], *paths: str) -> dict[tuple[str, Any], Row]:
    """The settings in some tables."""
    return {place: values for place, values in found.items() if place[0] in paths}


# SIP ALG


@pytest.mark.parametrize("model", MODELS)
def test_the_sip_helper(model: str) -> None:
    """Of its two switches the one of SIP; the master serves others too."""
    desired, remarks = compiled(site(), observed(unit(model, "lived-in"), ALG), ALG)
    assert kept(desired) == {(SIP_ALG, ""): {"sip": False}}
    assert (owned(desired, RULES), remarks) == ([], [])
    assert controls(desired, OBJECTS) == {"VOIPH-walg": ("FW-3",)}


def test_a_helper_that_is_off_needs_nothing() -> None:
    assert plan(site(), observed(unit(), ALG), ALG) == []


# The phones' network


def test_a_free_lan_becomes_the_phones() -> None:
    desired, remarks = compiled(site(), observed(unit(SMALL, "lived-in"), VOICE), VOICE)
    assert about(kept(desired), LANS, TALK, VLAN_ROWS, VLAN) == {
        (LANS, "LAN3"): PHONES,
        (TALK, ""): {"pairs": ()},
        (VLAN_ROWS, "2"): {"tagged": True, "vid": 40, "pri": 5, "ports": SMALL_PORTS, "lan": "LAN3"},
    }
    assert remarks[-1] == "LAN3: a Vigor hands out 220 addresses at most, 253 were asked for"


@pytest.mark.parametrize(
    ("model", "ports", "all_ports"), [(SMALL, SMALL_PORTS, EVERY_SMALL_PORT), (LARGE, LARGE_PORTS, LARGE_PORTS)]
)
def test_vlans_are_switched_on_so_that_everything_untagged_stays_where_it_is(
    model: str, ports: tuple[str, ...], all_ports: tuple[str, ...]
) -> None:
    desired, _remarks = compiled(site(), observed(unit(model), VOICE), VOICE)
    assert about(kept(desired), VLAN_ROWS, VLAN) == {
        (VLAN, ""): {"enabled": True},
        (VLAN_ROWS, "0"): {"ports": all_ports, "lan": "LAN1"},
        (VLAN_ROWS, "1"): {"tagged": True, "vid": 40, "pri": 5, "ports": ports, "lan": "LAN2"},
    }


def test_dhcp_as_the_policy_wants_it() -> None:
    policy = site(
        voice_vlan__gateway="10.40.0.254", voice_vlan__dhcp_first="10.40.0.100", voice_vlan__dhcp_last="10.40.0.149",
        voice_vlan__lease_seconds=3600, voice_vlan__dns_servers=["192.0.2.53", "192.0.2.54", "192.0.2.55"],
        voice_vlan__priority=6,
    )
    desired, remarks = compiled(policy, observed(unit(), VOICE), VOICE)
    assert kept(desired)[LANS, "LAN2"] == {
        **PHONES, "address": "10.40.0.254", "gateway": "10.40.0.254", "start": "10.40.0.100", "count": 50,
        "lease": 3600, "dns1": "192.0.2.53", "dns2": "192.0.2.54",
    }
    assert kept(desired)[VLAN_ROWS, "1"]["pri"] == 6
    assert not any("hands out" in remark for remark in remarks)


def test_options_tell_phones_where_their_configuration_is() -> None:
    policy = site(voice_vlan__provisioning_url="https://provisioning.example.com/p")
    desired, _remarks = compiled(policy, observed(unit(), VOICE), VOICE)
    shape = {"where": "lan2", "enabled": True, "type": "ascii", "data": "https://provisioning.example.com/p"}
    assert owned(desired, OPTIONS) == [{"id": "lan2/66", **shape}, {"id": "lan2/160", **shape}]
    assert owned(compiled(site(), observed(unit(), VOICE), VOICE)[0], OPTIONS) == []


def test_one_port_where_the_policy_names_it() -> None:
    desired, _remarks = compiled(site(voice_vlan__parent_interface="p3"), observed(unit(), VOICE), VOICE)
    assert kept(desired)[VLAN_ROWS, "1"]["ports"] == ("p3",)
    assert kept(desired)[VLAN_ROWS, "0"]["ports"] == EVERY_SMALL_PORT


def test_routing_to_the_phones_is_cut() -> None:
    device = typed(unit(SMALL, "lived-in"), "msubnet talk 1 2 On", "msubnet talk 1 3 On", "msubnet talk 3 8 On")
    desired, _remarks = compiled(site(), observed(device, VOICE), VOICE)
    assert kept(desired)[TALK, ""] == {"pairs": ("1-2",)}
    assert "VOIPH-wT3" in controls(desired, OBJECTS)


OF_THE_SITE = (
    "msubnet addr 4 10.40.0.1", "msubnet switch 4 On", "vlan vid 5 40", "vlan tagged 5 on", "vlan group 5 set p4",
    "vlan subnet 5 4",
)


def test_a_network_of_the_site_is_used_and_left_as_it_is() -> None:
    desired, remarks = compiled(
        site(voice_vlan__provisioning_url="https://p.example.com/"), observed(typed(unit(), *OF_THE_SITE), VOICE), VOICE
    )
    assert about(kept(desired), LANS, TALK, VLAN_ROWS, VLAN) == {
        (TALK, ""): {"pairs": ()},
        (VLAN_ROWS, "5"): {"pri": 5},
    }
    assert owned(desired, OPTIONS) == []
    assert remarks[-2:] == [
        "LAN4 has the voice subnet already; its address and DHCP stay as the site set them",
        "row 5 has VLAN 40 already; its ports stay as the site set them",
    ]


def test_queueing_is_neither_set_nor_judged_without_a_class() -> None:
    seen = observed(unit(), VOICE)
    compiled(site(), seen, VOICE)
    text = (
        "qos class: how a unit shows its classes is not documented, so queueing of voice (VLAN-2) is neither set nor "
        "judged; keep a class for voice in Bandwidth Management >> Quality of Service and name it (voip_qos_class)"
    )
    assert seen.unverifiable == [Unverifiable("VLAN-2", text, lasting=True)]


def test_the_providers_traffic_goes_into_the_class_that_the_site_names() -> None:
    seen = observed(unit(), VOICE, qos_class=2)
    desired, _remarks = compiled(site(), seen, VOICE)
    found = {row["name"]: row.get("qos") for row in owned(desired, RULES)}
    provider = {"allow-signalling", "allow-media", "allow-signalling-in", "allow-media-in"}
    assert {name for name, qos in found.items() if qos == 2} == provider
    assert controls(desired, RULES)["allow-media"] == ("FW-2", "VLAN-2")
    assert len(seen.unverifiable) == 1
    assert seen.unverifiable[0].text.startswith("qos class 2: ")
    assert seen.unverifiable[0].lasting


PARENTS = "p1, p2, p3, p4, p5"
REFUSED: dict[str, tuple[dict[str, Any], tuple[str, ...], str]] = {
    # policy, what the site did to a Vigor2927, what is said
    "a subnet that overlaps another": (
        {"voice_vlan__subnet": "192.168.0.0/16"},
        (),
        "voip_policy.voice_vlan.subnet: 192.168.0.0/16 overlaps LAN1 of this unit, 192.168.1.0/24; nothing was written",
    ),
    "no LAN is free": (
        {},
        tuple(f"msubnet switch {number} On" for number in range(2, 9)),
        "msubnet: every LAN of this unit is in use; none is left for the phones",
    ),
    "an id that the unit keeps for itself": (
        {"voice_vlan__id": 4000},
        (),
        "voip_policy.voice_vlan.id: 4000 is one of 3980 to 4057, which this unit keeps for itself (vlan sysvid); "
        "choose another",
    ),
    "an id of another LAN": (
        {},
        ("vlan vid 3 40", "vlan tagged 3 on", "vlan subnet 3 5", "vlan on"),
        "voip_policy.voice_vlan.id: VLAN 40 of this unit (row 3) belongs to LAN5, and the voice subnet to LAN2",
    ),
    "a port that there is not": (
        {"voice_vlan__parent_interface": "p6"},
        (),
        f"voip_policy.voice_vlan.parent_interface: p6 is no LAN port of this unit; one of {PARENTS}",
    ),
    "a port of the wireless network": (
        {"voice_vlan__parent_interface": "s1"},
        (),
        f"voip_policy.voice_vlan.parent_interface: s1 is no LAN port of this unit; one of {PARENTS}",
    ),
    "rows that would come into force": (
        {},
        ("vlan group 4 set p4", "vlan vid 7 99"),
        "vlan: VLANs are off on this unit and rows 4, 7 are set up all the same; switching them on would put these "
        "into force. Switch VLANs on yourself, or clear the rows, then run again",
    ),
    "a first row that is tagged": (
        {},
        ("vlan tagged 0 on",),
        "vlan: VLANs are off on this unit and rows 0 are set up all the same; switching them on would put these into "
        "force. Switch VLANs on yourself, or clear the rows, then run again",
    ),
    "LANs that would go with the VLANs": (
        {},
        ("msubnet switch 2 On", "msubnet switch 5 On"),
        "vlan: VLANs are off on this unit and LAN2, LAN5 are on all the same; switching VLANs off again would switch "
        "these off too. Switch VLANs on yourself, then run again",
    ),
    "a LAN for phones that would go with them": (
        {},
        ("msubnet addr 3 10.40.0.1", "msubnet switch 3 On"),
        "vlan: VLANs are off on this unit and LAN3 are on all the same; switching VLANs off again would switch these "
        "off too. Switch VLANs on yourself, then run again",
    ),
    "no row is free": (
        {},
        ("vlan on", *(f"vlan vid {row} {100 + row}" for row in range(1, 16))),
        "vlan: no row of this unit's table of VLANs is free",
    ),
}


@pytest.mark.parametrize(("changes", "lines", "said"), REFUSED.values(), ids=REFUSED)
def test_networks_that_cannot_be(changes: dict[str, Any], lines: tuple[str, ...], said: str) -> None:
    seen = observed(typed(unit(), *lines), VOICE)
    with pytest.raises(NotPossible) as refusal:
        compiled(site(**changes), seen, VOICE)
    assert str(refusal.value) == said


@pytest.mark.parametrize(
    ("lines", "used"),
    [
        (("vlan vid 7 99",), "row 7"),
        (("vlan group 4 set p4", "msubnet switch 6 On"), "row 4, LAN6"),
    ],
)
def test_vlans_that_the_site_uses_by_now_stay_on(lines: tuple[str, ...], used: str) -> None:
    """They were switched on by us, and what the site made of them since would be cut off with them."""
    device = unit()
    harden(device, site())
    seen = observed(typed(device, *lines))
    desired, remarks = withdraw(CONCERNS, seen.document, seen.details, False)
    assert remarks == [f"vlan: VLANs stay on, since the site uses them by now: {used}"]
    found = kept(desired)
    assert (VLAN, "") not in found
    assert (VLAN_ROWS, "0") not in found
    assert found[VLAN_ROWS, "1"]["vid"] == 0


def test_vlans_that_nobody_uses_are_switched_off_again() -> None:
    device = unit()
    harden(device, site())
    seen = observed(device)
    desired, remarks = withdraw(CONCERNS, seen.document, seen.details, False)
    assert remarks == []
    assert kept(desired)[VLAN, ""] == {"enabled": False}


def test_the_phones_stay_in_their_lan_and_row() -> None:
    """Another policy changes what the first one made, even where another LAN is free by then."""
    device = unit(SMALL, "lived-in")
    harden(device, site(), VOICE)
    policy = site(voice_vlan__subnet="10.41.0.0/25", voice_vlan__id=41)
    desired, _remarks = compiled(policy, observed(device, VOICE), VOICE)
    assert kept(desired)[LANS, "LAN3"]["mask"] == "255.255.255.128"
    assert kept(desired)[VLAN_ROWS, "2"]["vid"] == 41
    assert {key for path, key in kept(desired) if path in (LANS, VLAN_ROWS)} == {"LAN3", "2"}


# Management


def test_management_of_a_unit_that_answers_to_the_wan() -> None:
    desired, remarks = compiled(site(), observed(unit(SMALL, "lived-in"), MANAGEMENT), MANAGEMENT)
    assert kept(desired) == {
        (REMOTE, ""): {"master": False, "services": ()},
        (LAN_ACCESS, ""): {"enabled": True, "everywhere": False, "lans": ("LAN1",)},
        (BRUTE_FORCE, ""): {
            "enabled": True, "services": ("FTP", "HTTP", "HTTPS", "SSH", "TELNET", "TR069"), "failures": 3,
            "penalty": 300,
        },
    }
    assert (owned(desired, ACCESS_LIST), remarks) == ([], [])


@pytest.mark.parametrize("networks", [["192.168.1.0/24"], ["192.168.1.0/24", "192.0.2.0/25"]])
def test_a_unit_that_answers_to_nobody_is_left_so(networks: list[str]) -> None:
    """Whatever is switched on below a switch that is off."""
    device = typed(unit(), "mngt rmtcfg enable", "mngt rmtcfg http on", "mngt rmtcfg disable")
    policy = site(management__networks=networks)
    desired, _remarks = compiled(policy, observed(device, MANAGEMENT), MANAGEMENT)
    assert (REMOTE, "") not in kept(desired)
    assert owned(desired, ACCESS_LIST) == []


def test_tr069_is_left_alone() -> None:
    device = typed(unit(), "mngt rmtcfg enable", "mngt rmtcfg tr069 on", "mngt rmtcfg http on")
    desired, _remarks = compiled(site(), observed(device, MANAGEMENT), MANAGEMENT)
    assert kept(desired)[REMOTE, ""] == {"services": ("tr069",)}


def test_lans_that_hold_a_management_network_are_let_in() -> None:
    device = unit(SMALL, "lived-in")
    policy = site(management__networks=["192.168.2.0/25", "192.168.9.0/24"])
    desired, _remarks = compiled(policy, observed(device, MANAGEMENT), MANAGEMENT)
    assert kept(desired)[LAN_ACCESS, ""]["lans"] == ("LAN1", "LAN2")


MANY = tuple(
    line.format(number)
    for number in range(2, 50)
    for line in ("msubnet addr {0} 10.0.{0}.1", "msubnet switch {0} On")
)


@pytest.mark.parametrize(
    ("lines", "networks", "listed"),
    [
        (MANY, ["10.0.0.0/16"], 49),
        ((f"mngt lanaccess -i {','.join(f'LAN{number}' for number in range(2, 42))}",), ["10.0.0.0/24"], 41),
    ],
)
def test_lists_of_lans_that_no_line_takes(lines: tuple[str, ...], networks: list[str], listed: int) -> None:
    """Neither to set one nor to give one back; that is told before anything is written."""
    device = typed(unit(LARGE), *lines)
    with pytest.raises(NotPossible) as refusal:
        compiled(site(management__networks=networks), observed(device, MANAGEMENT), MANAGEMENT)
    assert str(refusal.value) == (
        f"mngt lanaccess: {listed} LANs on one list, and a line has room for about 36; narrow "
        "voip_policy.management.networks, or the list in System Maintenance >> Management >> LAN Access Setup, then "
        "run again"
    )


STRICTER: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "fewer failures": (("mngt bfp -e 1", "mngt bfp -l 2"), {"failures": 2}),
    "more failures": (("mngt bfp -e 1", "mngt bfp -l 9"), {"failures": 3}),
    "a longer penalty": (("mngt bfp -e 1", "mngt bfp -p 900"), {"penalty": 900}),
    "a shorter penalty": (("mngt bfp -e 1", "mngt bfp -p 10"), {"penalty": 300}),
    "a longer penalty that did not count": (("mngt bfp -p 900",), {"penalty": 300}),
}


@pytest.mark.parametrize(("lines", "values"), STRICTER.values(), ids=STRICTER)
def test_what_is_stricter_stays(lines: tuple[str, ...], values: dict[str, Any]) -> None:
    desired, _remarks = compiled(site(), observed(typed(unit(), *lines), MANAGEMENT), MANAGEMENT)
    found = kept(desired)[BRUTE_FORCE, ""]
    assert {name: found[name] for name in values} == values


OUTSIDE = {"management__networks": ["192.168.1.0/24", "192.0.2.0/25", "198.51.100.99/32"]}
OPEN = ("mngt rmtcfg enable", "mngt rmtcfg ssh on", "mngt rmtcfg http on")


@pytest.mark.parametrize("model", MODELS)
def test_administrators_outside_are_on_the_list(model: str) -> None:
    device = typed(unit(model, "lived-in"), "mngt rmtcfg ssh on")
    desired, remarks = compiled(site(**OUTSIDE), observed(device, MANAGEMENT), MANAGEMENT)
    assert named(desired, OBJECTS) == {
        "VOIPH-YAAAEADE": network("192.0.2.0", "255.255.255.128"),
        "VOIPH-YYZWIY4A": host("198.51.100.99"),
    }
    assert owned(desired, ACCESS_LIST) == [{"id": "2", "object": "object 192"}, {"id": "3", "object": "object 191"}]
    assert kept(desired)[REMOTE, ""] == {"services": ("https", "ssh")}
    assert remarks == ["mngt accesslist 1: object 5 of the site's is let in as well"]


def test_the_controllers_own_network_is_first_on_the_list() -> None:
    policy = site(**OUTSIDE, management__controller_address="198.51.100.99")
    desired, _remarks = compiled(policy, observed(typed(unit(), *OPEN), MANAGEMENT), MANAGEMENT)
    first = owned(desired, ACCESS_LIST)[0]
    starts = {row["id"]: row["start"] for row in owned(desired, OBJECTS)}
    assert (first["id"], starts[first["object"]]) == ("1", "198.51.100.99")


def test_a_list_without_room() -> None:
    device = typed(unit(), *OPEN, *(f"mngt accesslist add {place} {place}" for place in range(1, 10)))
    with pytest.raises(NotPossible) as refusal:
        compiled(site(**OUTSIDE), observed(device, MANAGEMENT), MANAGEMENT)
    assert str(refusal.value) == "mngt accesslist: no place is left for 198.51.100.99/32; a Vigor has 10"


def test_services_that_nobody_understands_are_neither_set_nor_judged() -> None:
    device = typed(unit(SMALL, remote_status="opaque"), "mngt rmtcfg enable")
    seen = observed(device, MANAGEMENT)
    desired, _remarks = compiled(site(), seen, MANAGEMENT)
    assert (REMOTE, "") not in kept(desired)
    text = (
        "mngt rmtcfg status: its text is not understood on this unit, so which services answer to the WAN (WEB-3) is "
        "neither set nor judged; look at System Maintenance >> Management"
    )
    assert seen.unverifiable == [Unverifiable("WEB-3", text, lasting=False)]


def test_a_short_idle_time_is_neither_set_nor_judged() -> None:
    seen = observed(unit(), MANAGEMENT)
    compiled(site(management__idle_timeout_minutes=4), seen, MANAGEMENT)
    text = (
        "mngt sshtimeout: a unit does not show it; log-ins end after 300 s at most, and less than that is neither set "
        "nor judged"
    )
    assert seen.unverifiable == [Unverifiable("ADM-4", text, lasting=True)]


def test_ipv6_networks_are_left_out() -> None:
    policy = site(management__networks=["192.168.1.0/24", "2001:db8:1::/48"])
    _desired, remarks = compiled(policy, observed(unit(), MANAGEMENT), MANAGEMENT)
    assert remarks == [
        "IPv6 management networks are left out: lists of a Vigor's administrators know IPv4 objects"
    ]


def test_a_list_of_services_that_could_not_be_given_back() -> None:
    device = typed(unit(), "mngt lanaccess -s FTP,TR069")
    with pytest.raises(NotPossible) as refusal:
        compiled(site(), observed(device, MANAGEMENT), MANAGEMENT)
    assert str(refusal.value).startswith("mngt lanaccess: its list of services is without HTTPS or SSH and has TR069")


def test_services_that_administrators_need_are_added() -> None:
    device = typed(unit(), "mngt lanaccess -s FTP,HTTP")
    desired, _remarks = compiled(site(), observed(device, MANAGEMENT), MANAGEMENT)
    assert kept(desired)[LAN_ACCESS, ""]["services"] == ("FTP", "HTTP", "HTTPS", "SSH")
