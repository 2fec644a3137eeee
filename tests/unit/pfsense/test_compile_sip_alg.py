"""sip_alg: siproxd off, UDP states that live long enough, source ports that stay where the provider asks for it."""

from __future__ import annotations

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.document.model import Row
from tests.unit.fortios.sites import site
from tests.unit.pfsense.boxes import (
    ALG,
    Box,
    Raw,
    compiled,
    harden,
    kept,
    observed,
    owned,
    rows,
    run,
    saved,
    section,
    unit,
)

POLICY, STATIC = site(), site({"static_port": True})
TIMEOUTS, OUTBOUND, OUTBOUND_RULES = "system/optimization", "nat/outbound", "nat/outbound/rule"


def settings(box: Box, policy: object = POLICY, **config: object) -> dict[str, Row]:
    return kept(compiled(policy, observed(box, config=config), ALG)[0])  # type: ignore[arg-type]


# siproxd


@pytest.mark.parametrize(("state", "off"), [("on", True), ("off", True), ("absent", False)])
def test_siproxd_is_off(state: str, off: bool) -> None:
    found = settings(unit(siproxd=state))
    assert found.get("installedpackages/siproxdsettings") == ({"enabled": False} if off else None)


def test_siproxd_that_is_on_without_its_package_is_switched_off() -> None:
    """Whoever installs it again would have it at once."""
    found = settings(unit(siproxd="absent"), **{"installedpackages/siproxdsettings/config/0/sipenable": "on"})
    assert found["installedpackages/siproxdsettings"] == {"enabled": False}


def test_siproxd_stops_and_starts_again_when_given_back() -> None:
    box = unit()
    assert box.siproxd
    harden(box, POLICY, ALG)
    assert not box.siproxd
    assert not any("siproxd" in line for line in box.files.read("/tmp/rules.debug").splitlines() if "rdr" in line)
    run(box, None, ALG, state="deleted")
    assert box.siproxd


# Time-outs


@pytest.mark.parametrize(
    ("optimization", "first", "single", "multiple", "wanted"),
    [
        ("normal", "", "", "", {"optimization": "conservative"}),
        ("", "", "", "", {"optimization": "conservative"}),
        ("conservative", "", "", "", {"optimization": "conservative"}),
        ("normal", "", "", "60", {"optimization": "conservative", "udpmultipletimeout": "180"}),
        ("conservative", "", "30", "", {"optimization": "conservative", "udpsingletimeout": "180"}),
        ("normal", "180", "180", "900", None),
        ("normal", "300", "300", "179", {"optimization": "conservative", "udpmultipletimeout": "180"}),
        (
            "aggressive",
            "",
            "",
            "",
            {"udpfirsttimeout": "180", "udpsingletimeout": "180", "udpmultipletimeout": "180"},
        ),
        ("high-latency", "200", "", "900", {"udpsingletimeout": "180"}),
        ("aggressive", "200", "200", "200", None),
    ],
)
def test_udp_states_live_long_enough(
    optimization: str, first: str, single: str, multiple: str, wanted: Row | None
) -> None:
    given = {"udpfirsttimeout": first, "udpsingletimeout": single, "udpmultipletimeout": multiple}
    config = {"system/optimization": optimization, **{f"system/{name}": value for name, value in given.items()}}
    assert settings(unit(), **config).get(TIMEOUTS) == wanted


# Translation


def static_ports(box: Box) -> list[Row]:
    return owned(compiled(STATIC, observed(box), ALG)[0], OUTBOUND_RULES)


RULE: Row = {
    "key": "VOIPH-static-port-wan",
    "descr": "VOIPH-static-port-wan",
    "disabled": False,
    "interface": "wan",
    "protocol": "udp",
    "source": "10.40.0.0/24",
    "source_not": False,
    "destination": "VOIPH_PROVIDER",
    "destination_not": False,
    "static_port": True,
    "rest": (),
}


def test_source_ports_are_the_boxes_unless_the_provider_says_otherwise() -> None:
    assert OUTBOUND not in settings(unit())
    assert owned(compiled(POLICY, observed(unit()), ALG)[0], OUTBOUND_RULES) == []


@pytest.mark.parametrize(
    ("mode", "kept_mode", "made"),
    [
        ("automatic", {"mode": "hybrid"}, True),
        ("hybrid", None, True),
        ("advanced", None, True),
        ("disabled", None, False),
    ],
)
def test_static_ports_by_the_mode(mode: str, kept_mode: Row | None, made: bool) -> None:
    box = unit(outbound=mode)
    assert settings(box, STATIC).get(OUTBOUND) == kept_mode
    assert static_ports(box) == ([RULE] if made else [])
    _desired, remarks = compiled(STATIC, observed(box), ALG)
    off = "outgoing translation is switched off on this box: source ports stay as they are"
    assert remarks == ([] if made else [off])


def test_every_wan_has_its_rule() -> None:
    def second(tree: Raw) -> None:
        tree["interfaces"]["opt1"] |= {"gateway": "OTHER"}

    assert [row["interface"] for row in static_ports(unit(tree=second))] == ["opt1", "wan"]


@pytest.mark.parametrize("mode", ["automatic", "hybrid", "advanced"])
def test_ours_comes_first_and_the_others_stay(mode: str) -> None:
    """The first rule that matches counts (inc/filter.inc: in their order, before the automatic ones)."""
    box = unit(outbound=mode)
    before = section(box.config, "nat/outbound").get("rule", [])
    harden(box, STATIC, ALG)
    found = section(box.config, OUTBOUND_RULES)
    assert found[0] == {
        "source": {"network": "10.40.0.0/24"},
        "sourceport": "",
        "descr": "VOIPH-static-port-wan",
        "target": "",
        "target_subnet": "",
        "interface": "wan",
        "poolopts": "",
        "source_hash_key": "",
        "staticnatport": "",
        "protocol": "udp",
        "destination": {"network": "VOIPH_PROVIDER"},
    }
    assert found[1:] == before
    lines = [line for line in box.files.read("/tmp/rules.debug").splitlines() if line.startswith("nat on")]
    assert "from 10.40.0.0/24 to $VOIPH_PROVIDER" in lines[0]
    assert lines[0].endswith("static-port")


def test_the_alias_holds_both_kinds_of_networks() -> None:
    box = harden(unit(), STATIC, ALG)
    found = rows(observed(box).document, "aliases/alias")["VOIPH_PROVIDER"]["address"]
    assert found == ("VOIPH_MEDIA", "VOIPH_SIGNALLING")


def test_rules_that_automatic_translation_left_without_effect_get_none() -> None:
    """The web interface keeps the rules of manual translation when somebody goes back to automatic."""
    left = unit(outbound="advanced")
    rules = section(left.config, OUTBOUND_RULES)
    box = saved(
        left, {"nat/outbound/mode": "automatic", f"{OUTBOUND_RULES}/": {**rules[1], "descr": "was off", "disabled": ""}}
    )
    before = section(box.config, OUTBOUND_RULES)
    harden(box, STATIC, ALG)
    found = section(box.config, OUTBOUND_RULES)
    assert [rule["descr"] for rule in found] == ["VOIPH-static-port-wan", *(rule["descr"] for rule in before)]
    assert ["disabled" in rule for rule in found] == [False, True, True, True, True]
    assert not run(box, STATIC, ALG)["changed"]
    run(box, None, ALG, state="deleted")
    assert section(box.config, OUTBOUND_RULES) == before
    assert section(box.config, "nat/outbound/mode") == "automatic"


def test_a_rule_that_the_site_adds_later_is_its_own_affair() -> None:
    box = harden(unit(), STATIC, ALG)
    ours = section(box.config, OUTBOUND_RULES)[0]
    theirs = {**ours, "descr": "fax", "source": {"network": "10.0.0.9/32"}}
    saved(box, {f"{OUTBOUND_RULES}/": theirs})
    assert not run(box, STATIC, ALG)["changed"]
    run(box, None, ALG, state="deleted")
    assert section(box.config, OUTBOUND_RULES) == [theirs]
