"""management_access: web interface and SSH for the administrators alone, and log-ins that are slowed down."""

from __future__ import annotations

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.document.model import Row
from tests.unit.fortios.sites import site
from tests.unit.pfsense.boxes import (
    ALLOWLIST,
    MANAGEMENT,
    VOICE,
    Box,
    Raw,
    aliases,
    compiled,
    harden,
    kept,
    observed,
    rules,
    run,
    said,
    section,
    text,
    unit,
)

POLICY = site()
WEB, SSHGUARD = "system/webgui", "system/sshguard"


def made(box: Box, *concerns: str) -> dict[str, str]:
    """Our rules, each in one line."""
    desired, _remarks = compiled(POLICY, observed(box), *(concerns or (MANAGEMENT,)))
    return {name.removeprefix("VOIPH-"): said(row) for name, row in rules(desired).items()}


def second_wan(tree: Raw) -> None:
    tree["interfaces"]["opt1"] |= {"gateway": "OTHER"}


# Rules


def test_administrators_alone_on_every_interface() -> None:
    assert list(made(unit()).items()) == [
        ("allow-managers", "pass in lan,opt1,wan inet46 tcp VOIPH_MANAGERS > net:(self) VOIPH_MANAGEMENT_PORTS"),
        ("block-management", "block in lan,opt1,wan inet46 tcp any > net:(self) VOIPH_MANAGEMENT_PORTS"),
    ]


def test_the_phones_interface_is_left_to_its_own_rules() -> None:
    found = made(unit(), VOICE, MANAGEMENT)
    assert found["block-management"].startswith("block in lan,opt1,wan ")


def test_with_several_wans_each_answers_by_itself() -> None:
    """Only a rule for one interface gets `reply-to` (inc/filter.inc `filter_generate_user_rule`)."""
    assert list(made(unit(tree=second_wan)).items()) == [
        ("allow-managers", "pass in lan inet46 tcp VOIPH_MANAGERS > net:(self) VOIPH_MANAGEMENT_PORTS"),
        ("allow-managers-opt1", "pass in opt1 inet46 tcp VOIPH_MANAGERS > net:(self) VOIPH_MANAGEMENT_PORTS"),
        ("allow-managers-wan", "pass in wan inet46 tcp VOIPH_MANAGERS > net:(self) VOIPH_MANAGEMENT_PORTS"),
        ("block-management", "block in lan,opt1,wan inet46 tcp any > net:(self) VOIPH_MANAGEMENT_PORTS"),
    ]


def test_it_needs_no_wan() -> None:
    def inside(tree: Raw) -> None:
        del tree["interfaces"]["wan"]["gateway"]

    assert set(made(unit(tree=inside))) == {"allow-managers", "block-management"}


@pytest.mark.parametrize(
    ("web", "ssh", "ports"),
    [
        ({"port": "8443"}, {"enable": "enabled", "port": ""}, ("22", "8443")),
        ({"port": ""}, {"enable": "enabled", "port": "2222"}, ("2222", "443")),
        ({"port": "", "protocol": "http"}, {"enable": "enabled"}, ("22", "443")),
        ({"port": "", "protocol": ""}, {"enable": "enabled"}, ("22", "443")),
        ({"port": "80", "protocol": "http"}, {"enable": "enabled"}, ("22", "80")),
        ({"port": "443"}, {}, ("443",)),
    ],
)
def test_ports_that_the_box_will_listen_on(web: Raw, ssh: Raw, ports: tuple[str, ...]) -> None:
    parts = {f"system/webgui/{name}": value for name, value in web.items()}
    parts |= {f"system/ssh/{name}": ssh.get(name) for name in ("enable", "port")}
    found = aliases(compiled(POLICY, observed(unit(), config=parts), MANAGEMENT)[0])
    assert found["VOIPH_MANAGEMENT_PORTS"] == ports


def test_both_families() -> None:
    policy = site(management__networks=["10.0.0.0/24", "2001:db8:0:1::/64"])
    found = aliases(compiled(policy, observed(unit()), MANAGEMENT)[0])
    assert found["VOIPH_MANAGERS"] == ("10.0.0.0/24", "2001:db8:0:1::/64")


# A pair


def test_the_boxes_of_a_pair_reach_each_other() -> None:
    """The secondary gets these rules, and the primary's next message to it comes to its web interface."""
    seen = observed(unit(), carp={"peer": "172.16.5.2", "vips": 1, "backup": 0})
    desired, remarks = compiled(POLICY, seen, MANAGEMENT)
    assert aliases(desired)["VOIPH_MANAGERS"] == ("10.0.0.0/24", "172.16.5.1/32", "172.16.5.2/32")
    assert remarks == []


@pytest.mark.parametrize("peer", ["192.0.2.7", "2001:db8::7", "fw2.example.net"])
def test_a_pair_whose_way_is_not_known(peer: str) -> None:
    desired, remarks = compiled(POLICY, observed(unit(), carp={"peer": peer, "backup": 0}), MANAGEMENT)
    assert remarks == [
        f"the box copies its settings to {peer}, which is in the subnet of none of its interfaces: let the address "
        "that it comes from be one of voip_policy.management.networks"
    ]
    assert "10.0.0.0/24" in aliases(desired)["VOIPH_MANAGERS"]


# Settings


def settings(**config: str | None) -> dict[str, Row]:
    parts = {name.replace("__", "/"): value for name, value in config.items()}
    return kept(compiled(POLICY, observed(unit(), config=parts), MANAGEMENT)[0])


def test_settings_of_a_box_that_a_site_has_used() -> None:
    assert settings() == {
        WEB: {"protocol": "https", "no_redirect": True, "no_anti_lock_out": True, "session_timeout": "10"},
        SSHGUARD: {"blocktime": "300"},
    }


@pytest.mark.parametrize(
    ("value", "wanted"), [(None, "10"), ("", "10"), ("240", "10"), ("0", "10"), ("10", None), ("5", None)]
)
def test_a_stricter_time_out_stays(value: str | None, wanted: str | None) -> None:
    assert settings(system__webgui__session_timeout=value)[WEB].get("session_timeout") == wanted


@pytest.mark.parametrize(
    ("threshold", "blocktime", "wanted"),
    [
        (None, None, {"blocktime": "300"}),
        ("30", "300", None),
        ("20", "86400", None),
        ("50", "60", {"threshold": "30", "blocktime": "300"}),
        ("31", "301", {"threshold": "30"}),
    ],
)
def test_what_sshguard_does(threshold: str | None, blocktime: str | None, wanted: Row | None) -> None:
    found = settings(system__sshguard_threshold=threshold, system__sshguard_blocktime=blocktime)
    assert found.get(SSHGUARD) == wanted


# On a box


def test_it_is_written_and_given_back() -> None:
    box = unit("factory")
    before = text(box)
    harden(box, POLICY, MANAGEMENT)
    web = section(box.config, WEB)
    assert (web["disablehttpredirect"], web["noantilockout"], web["session_timeout"]) == ("", "", "10")
    assert section(box.config, "system/sshguard_blocktime") == "300"
    assert "anti-lockout" not in box.files.read("/tmp/rules.debug")
    assert box.restarts == {"webgui": 1, "sshd": 0, "sshguard": 1}
    run(box, None, MANAGEMENT, state="deleted")
    assert text(box) == before
    assert "anti-lockout" in box.files.read("/tmp/rules.debug")


def test_settings_that_nobody_wrote_are_unwritten_again() -> None:
    def bare(tree: Raw) -> None:
        del tree["system"]["webgui"]["protocol"]

    box = unit("factory", tree=bare)
    before = text(box)
    harden(box, POLICY, MANAGEMENT)
    assert section(box.config, "system/webgui/protocol") == "https"
    run(box, None, MANAGEMENT, state="deleted")
    assert text(box) == before


def test_the_others_rules_stay_behind_ours() -> None:
    box = harden(unit(), POLICY, ALLOWLIST)
    harden(box, POLICY, MANAGEMENT)
    names = [one["descr"] for one in section(box.config, "filter/rule")]
    assert names[:2] == ["VOIPH-allow-managers", "VOIPH-block-management"]
    assert not run(box, POLICY, ALLOWLIST)["changed"]
