"""The examples of docs/policy.md work as they stand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.voip.hardening.plugins.lookup.provider_profile import LookupModule
from ansible_collections.voip.hardening.plugins.module_utils.policy import (
    phones,
    profile,
    site,
    validation,
    voice_vlan,
)
from tests.unit.policy.samples import POLICY, TODAY

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "policy.md").read_text(encoding="utf-8")
EXAMPLES = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
POLICIES = [example for example in EXAMPLES if "voip_policy" in example]
PROFILES = [example for example in EXAMPLES if "signalling" in example]


def test_there_are_examples_of_both() -> None:
    assert (len(POLICIES), len(PROFILES), len(EXAMPLES)) == (2, 1, 3)


@pytest.mark.parametrize("example", POLICIES)
def test_the_example_policies_are_valid(example: dict[str, Any]) -> None:
    provider = LookupModule().run([example["voip_provider"]], {})[0]
    validation.validate(provider, example["voip_policy"], concerns=None, today=TODAY)


@pytest.mark.parametrize("example", PROFILES)
def test_the_example_profile_is_valid(example: dict[str, Any]) -> None:
    validation.validate(example, POLICY, concerns=None, today=TODAY)


@pytest.mark.parametrize(
    "key", [*profile.KEYS, *site.KEYS, *site.MANAGEMENT_KEYS, *site.PBX_KEYS, *voice_vlan.KEYS, *phones.KEYS]
)
def test_every_key_is_described(key: str) -> None:
    assert re.search(rf"^\|[^|]*`{key}`", PAGE, re.MULTILINE)


def test_every_note_is_described() -> None:
    sources = Path(validation.__file__).parent.glob("*.py")
    codes = {
        code
        for source in sources
        for code in re.findall(r'(?:note\(\s*|: \(\s*)"([a-z]+(?:-[a-z]+)+)"', source.read_text(encoding="utf-8"))
    }
    assert codes == set(re.findall(r"^\| `([a-z-]+)` \| (?:info|low|medium|high) \|", PAGE, re.MULTILINE))
