"""A provider's new list in two phases over live units: nobody loses the former addresses before both were verified."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.nights import ACCOUNTS, closed_port, night
from tests.support.pfsenses import PfSenseUnit, pfsense_variables
from tests.support.playbooks import Run, Site, host_variables
from tests.support.policies import provider
from tests.support.units import Unit
from tests.support.vigors import VigorUnit, vigor_variables

Start = Callable[..., Unit]
BLOCK = "VOIPH-block-sip-in"
FORMER = provider()
NEW = provider(name="acme-2027", signalling=["198.51.100.0/27"], media=["198.51.100.128/26"])
OF_FORMER, OF_NEW = "203.0.113.128-26", "198.51.100.128-26"


def variables(unit: Unit, **more: Any) -> dict[str, Any]:
    lists = {"voip_provider": NEW, "voip_provider_former": FORMER}
    return host_variables(unit, voip_waivers=ACCOUNTS, **{**lists, **more})


def lets_in(unit: Unit) -> set[str]:
    """Which of the two lists' media networks are in the group that a unit lets in."""
    members = {one["name"] for one in unit.row("firewall/addrgrp", "VOIPH-media")["member"]}
    return {network for network in (OF_FORMER, OF_NEW) if f"VOIPH-net-{network}" in members}


def change(site: Site, phase: str, *options: str) -> Run:
    return site.play("-e", f"voip_phase={phase}", *options, playbook="playbooks/provider_change.yml")


@pytest.fixture
def fleet(tmp_path: Path, start: Start) -> tuple[Site, list[Unit]]:
    """Three units on the former list, whose inventory names both."""
    units = [start("factory") for _number in range(3)]
    site = Site(tmp_path, {f"fw{number}": variables(unit, voip_provider=FORMER, voip_provider_former=None)
                           for number, unit in enumerate(units, 1)})  # fmt: skip
    assert (run := site.play()).status == 0, run.output
    site.write({f"fw{number}": variables(unit) for number, unit in enumerate(units, 1)})
    return site, units


def test_a_fleet_from_one_list_to_the_other(fleet: tuple[Site, list[Unit]]) -> None:
    """Between the phases a night is content with both lists, and a run of harden.yml takes neither away."""
    site, units = fleet
    assert night(site).status == 2

    shown = change(site, "add", "--check", "--diff")
    assert (shown.status, [lets_in(unit) for unit in units]) == (0, [{OF_FORMER}] * 3), shown.output
    added = change(site, "add")
    assert added.status == 0, added.output
    assert [lets_in(unit) for unit in units] == [{OF_FORMER, OF_NEW}] * 3
    assert "Once the provider has moved: -e voip_phase=remove" in " ".join(added.output.split())
    assert (between := night(site)).status == 0, between.run.output
    assert site.play().status == 0
    assert [lets_in(unit) for unit in units] == [{OF_FORMER, OF_NEW}] * 3

    shown = change(site, "remove", "--check", "--diff")
    assert (shown.status, [lets_in(unit) for unit in units]) == (0, [{OF_FORMER, OF_NEW}] * 3), shown.output
    removed = change(site, "remove")
    assert removed.status == 0, removed.output
    assert [lets_in(unit) for unit in units] == [{OF_NEW}] * 3
    site.write({f"fw{number}": variables(unit, voip_provider_former=None) for number, unit in enumerate(units, 1)})
    assert (after := night(site)).status == 0, after.run.output


def test_a_site_that_fails_verification_keeps_the_former_addresses(fleet: tuple[Site, list[Unit]]) -> None:
    """Be it changed since, or dead; the others go on."""
    site, units = fleet
    assert change(site, "add").status == 0
    units[0].edit("firewall/policy", units[0].row("firewall/policy", BLOCK)["policyid"], status="disable")
    hosts = {f"fw{number}": variables(unit) for number, unit in enumerate(units, 1)}
    hosts["fw2"]["ansible_port"] = closed_port()
    site.write(hosts)
    for unit in units:
        unit.forget()
    run = change(site, "remove")
    assert run.status == 2, run.output
    assert [lets_in(unit) for unit in units] == [{OF_FORMER, OF_NEW}, {OF_FORMER, OF_NEW}, {OF_NEW}]
    assert (units[0].writes, units[1].device.log) == ([], [])
    assert run.results[-1]["result"]["msg"].splitlines()[:2] == [
        "2 of 3 firewalls keep the former addresses:",
        f"  fw1: root:firewall/policy {BLOCK} status [FW-1]",
    ]
    assert "--limit fw1,fw2" in run.results[-1]["result"]["msg"]

    assert change(site, "add", "--limit", "fw1").status == 0
    assert change(site, "remove", "--limit", "fw1").status == 0
    assert [lets_in(unit) for unit in units] == [{OF_NEW}, {OF_FORMER, OF_NEW}, {OF_NEW}]


def test_nothing_is_shut_out_where_nothing_was_let_in(fleet: tuple[Site, list[Unit]]) -> None:
    """Without the first phase the second one does nothing."""
    site, units = fleet
    for unit in units:
        unit.forget()
    run = change(site, "remove")
    assert run.status == 2
    assert "3 of 3 firewalls keep the former addresses" in run.output
    assert [lets_in(unit) for unit in units] == [{OF_FORMER}] * 3
    assert [unit.writes for unit in units] == [[], [], []]


def test_sites_that_leave_nothing_are_left_alone(fleet: tuple[Site, list[Unit]]) -> None:
    """A fleet may have several providers."""
    site, units = fleet
    hosts = {f"fw{number}": variables(unit) for number, unit in enumerate(units, 1)}
    hosts["fw1"]["voip_provider_former"] = None
    hosts["fw2"].pop("voip_provider_former")
    site.write(hosts)
    for unit in units:
        unit.forget()
    for phase, left in (("add", {OF_FORMER, OF_NEW}), ("remove", {OF_NEW})):
        assert (run := change(site, phase)).status == 0, run.output
        assert [lets_in(unit) for unit in units] == [{OF_FORMER}, {OF_FORMER}, left]
    assert [unit.device.log for unit in units[:2]] == [[], []]


def test_a_dead_site_does_not_keep_the_others_from_the_new_addresses(fleet: tuple[Site, list[Unit]]) -> None:
    """One that goes first, and one beside another."""
    site, units = fleet
    hosts = {f"fw{number}": variables(unit) for number, unit in enumerate(units, 1)}
    for name in ("fw1", "fw3"):
        hosts[name]["ansible_port"] = closed_port()
    site.write(hosts)
    run = change(site, "add")
    assert run.status == 2
    assert "2 of 3 firewalls do not let the new addresses in yet:\n" in run.output
    assert [lets_in(unit) for unit in units] == [{OF_FORMER}, {OF_FORMER, OF_NEW}, {OF_FORMER}]


@pytest.mark.parametrize("phase", ["add", "remove"])
def test_a_site_that_is_lost_on_the_way_stops_the_rest(phase: str, fleet: tuple[Site, list[Unit]]) -> None:
    """It answered, and is gone when it is to be changed."""
    site, units = fleet
    if phase == "remove":
        assert change(site, "add").status == 0
    connections, before = 0, [lets_in(unit) for unit in units]

    def gone() -> bool:
        nonlocal connections
        connections += 1
        return connections > 1

    units[0].device.faults.refuses_connection = gone  # type: ignore[method-assign]
    run = change(site, phase)
    assert run.status == 2, run.output
    assert str(run.results[-1]["result"].get("msg")).startswith("unreachable: "), run.output
    assert [lets_in(unit) for unit in units] == before


@pytest.mark.parametrize(
    ("options", "more", "named"),
    [
        ((), {}, "voip_phase: missing; one of add"),
        (("-e", "voip_phase=both"), {}, "voip_phase: both is not allowed; one of add"),
        (("-e", "voip_phase=add"), {"voip_provider_former": None}, "voip_provider_former: missing"),
        (("-e", "voip_phase=add", "-e", "voip_provider_former=twilio"), {}, "voip_provider_former: given with -e"),
        (("-e", "voip_phase=remove", "-e", "voip_provider_former=twilio"), {}, "voip_provider_former: given with -e"),
        (("-e", "voip_phase=add"), {"voip_provider_former": "nobody"}, "provider profile 'nobody': no nobody.yml"),
        (
            ("-e", "voip_phase=add"), {"voip_provider_former": {**FORMER, "srtp": "optional"}},
            'voip_provider_former.srtp: "optional" is not allowed; required, as in voip_provider',
        ),
        (
            ("-e", "voip_phase=add"), {"voip_provider_former": {**FORMER, "sip_ports": {"udp": [5060]}}},
            "voip_provider_former.sip_ports: a choice of udp is not allowed; ports for tls",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_before_any_device(
    options: tuple[str, ...], more: dict[str, Any], named: str, tmp_path: Path, start: Start
) -> None:
    unit = start("factory")
    site = Site(tmp_path, {"fw1": variables(unit, **more)})
    run = site.play(*options, playbook="playbooks/provider_change.yml")
    assert run.status == 2
    assert named in run.output
    assert unit.device.log == []


def test_two_lists_that_cannot_be_combined_stop_every_run(tmp_path: Path, start: Start) -> None:
    """harden.yml and drift.yml as well: one of the two lists alone is never what was meant."""
    unit = start("factory")
    hosts = {"fw1": variables(unit, voip_provider_former={**FORMER, "srtp": "optional"}, voip_policy=None)}
    site = Site(tmp_path, hosts)
    assert site.play().status == 2
    found = night(site)
    assert (found.status, found.classes) == (2, {"fw1": "error"})
    assert "voip_provider_former.srtp" in found.message
    assert unit.device.log == []


def test_other_platforms(
    tmp_path: Path, start_vigor: Callable[..., VigorUnit], start_pfsense: Callable[..., PfSenseUnit]
) -> None:
    vigor, pfsense = start_vigor(), start_pfsense()

    def hosts(**lists: Any) -> dict[str, dict[str, Any]]:
        return {
            "fw1": vigor_variables(vigor, voip_waivers=ACCOUNTS, voip_allow_reboot=True, **lists),
            "fw2": pfsense_variables(pfsense, voip_waivers=ACCOUNTS, **lists),
        }

    def texts() -> tuple[str, str]:
        return str(vigor.stored), pfsense.device.xml

    site = Site(tmp_path, hosts(voip_provider=FORMER))
    assert (run := site.play()).status == 0, run.output
    site.write(hosts(voip_provider=NEW, voip_provider_former=FORMER))
    assert (run := change(site, "add")).status == 0, run.output
    assert all("203.0.113.128" in text and "198.51.100.128" in text for text in texts())
    assert (run := change(site, "remove")).status == 0, run.output
    assert all("203.0.113.128" not in text and "198.51.100.128" in text for text in texts())
