"""The provider profiles that the collection ships."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.voip.hardening.plugins.module_utils.policy.validation import validate
from tests.unit.policy.samples import policy

DIRECTORY = Path(__file__).resolve().parents[3] / "data" / "providers"
PROFILES = {path.stem: path for path in sorted(DIRECTORY.iterdir())}
# The site names its own DNS servers, because most providers name none.
SITE = policy(voice_vlan__dns_servers=["10.0.0.53"])

EXPECTED_NOTES = {
    "example-voice": ["acknowledged-range"] * 4,
    "microsoft-teams": ["acknowledged-range"] * 4,
    "ringcentral": ["srtp-optional"],
    "telnyx": ["aggregated-networks"] * 6 + ["srtp-optional"],
    "twilio": ["srtp-optional"],
}


def load(name: str) -> Any:
    return yaml.safe_load(PROFILES[name].read_text(encoding="utf-8"))


def test_the_shipped_profiles_are_these() -> None:
    assert sorted(PROFILES) == sorted(EXPECTED_NOTES)


@pytest.mark.parametrize("name", PROFILES)
def test_a_shipped_profile_is_valid_on_the_day_of_its_review(name: str) -> None:
    raw = load(name)
    result = validate(raw, SITE, concerns=None, today=raw["reviewed_on"])
    assert result.policy.provider.name == name
    assert sorted(note.code for note in result.notes) == EXPECTED_NOTES[name]


@pytest.mark.parametrize("name", PROFILES)
def test_a_shipped_profile_expires_within_half_a_year(name: str) -> None:
    raw = load(name)
    assert timedelta(0) < raw["valid_until"] - raw["reviewed_on"] <= timedelta(days=184)


@pytest.mark.parametrize("name", [name for name in PROFILES if name != "example-voice"])
def test_a_real_provider_has_a_public_source(name: str) -> None:
    assert load(name)["source"].startswith("https://")


def test_the_example_works_with_the_shortest_policy() -> None:
    provider = validate(load("example-voice"), policy(), concerns=None, today=date(2026, 11, 1)).policy.provider
    assert [network.version for network in provider.signalling] == [4, 6]
    assert sorted(provider.sip_ports) == ["tcp", "tls", "udp"]
