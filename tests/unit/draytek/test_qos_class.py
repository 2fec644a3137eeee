"""The QoS class that a site keeps for voice: set on our rules that pass the provider's traffic, and read back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.devices.vigor import Vigor
from tests.unit.draytek.runs import run
from tests.unit.draytek.units import MODELS, unit

OTHER = 4


def classes(device: Vigor) -> list[int]:
    """The classes of all rules that have one, whatever their set."""
    rules = [rule for one in device.stored()["sets"].values() for rule in one["rules"].values()]
    return sorted(rule["qos"] for rule in rules if rule["qos"])


@pytest.mark.parametrize("model", MODELS)
def test_what_passes_the_provider_is_in_the_class_and_nothing_else(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    device = unit(model)
    shown = run(monkeypatch, device, check=True, qos_class=2)
    done = run(monkeypatch, device, qos_class=2)
    assert done["plan"] == shown["plan"]
    assert classes(device) == [2, 2, 2, 2]  # signalling and media, out and in
    again = run(monkeypatch, device, qos_class=2)
    assert again["plan"] == []
    assert [line for line in again["unverifiable"] if line.startswith("qos class 2:")]


@pytest.mark.parametrize("options", [{}, {"qos_class": 3}], ids=["none", "another"])
def test_a_class_is_changed_and_given_up(options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    device = unit()
    run(monkeypatch, device, qos_class=2)
    run(monkeypatch, device, **options)
    assert classes(device) == [options.get("qos_class", OTHER)] * 4
    assert run(monkeypatch, device, check=True, **options)["plan"] == []


def test_without_a_class_none_is_set_and_the_result_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    device = unit()
    run(monkeypatch, device)
    assert classes(device) == []
    assert [line for line in run(monkeypatch, device)["unverifiable"] if "voip_qos_class" in line]


def test_a_freed_place_is_in_no_class_of_the_sites(monkeypatch: pytest.MonkeyPatch) -> None:
    device = unit()
    run(monkeypatch, device, qos_class=1)
    run(monkeypatch, device, state="deleted")
    assert classes(device) == [OTHER] * 4  # no documented value takes a class away again


def test_words_that_nobody_knows_are_not_called_compliant(monkeypatch: pytest.MonkeyPatch) -> None:
    device = unit(rule_qos="opaque")
    run(monkeypatch, device, qos_class=2)
    again = run(monkeypatch, device, qos_class=2)
    assert again["plan"] == []
    assert len([line for line in again["unverifiable"] if "shows qos in words" in line]) == 4


def test_a_rule_of_the_sites_in_words_that_nobody_knows_is_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    device = unit(config="lived-in", rule_qos="opaque")
    assert "Setting saved." in device.execute('ipf rule 2 6 -e 1 -M theirs -q "3 0"', log=False).text
    before = device.stored()["sets"]["2"]
    run(monkeypatch, device)
    assert device.stored()["sets"]["2"]["rules"] == before["rules"]
