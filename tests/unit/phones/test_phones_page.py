"""The examples of docs/phones.md work as they stand, and the page names what there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.voip.hardening.plugins.lookup.provider_profile import LookupModule
from ansible_collections.voip.hardening.plugins.module_utils.phones.options import VARIABLES
from ansible_collections.voip.hardening.plugins.module_utils.phones.phone import read_phone
from ansible_collections.voip.hardening.plugins.module_utils.policy.phones import UNCONFIRMED
from ansible_collections.voip.hardening.plugins.module_utils.policy.reading import Report
from ansible_collections.voip.hardening.plugins.module_utils.policy.validation import validate
from tests.unit.phones.samples import AUTHORITY
from tests.unit.policy.samples import TODAY

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "phones.md").read_text(encoding="utf-8")
EXAMPLES = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
POLICIES = [example["voip_policy"] for example in EXAMPLES if "voip_policy" in example]
HOSTS = [host for example in EXAMPLES if "phones" in example for host in example["phones"]["hosts"].values()]


def test_there_are_examples() -> None:
    assert (len(POLICIES), len(HOSTS)) == (4, 2)


@pytest.mark.parametrize("policy", POLICIES)
def test_the_policies_are_valid(policy: dict[str, Any]) -> None:
    provider = LookupModule().run(["example-voice"], {})[0]
    if "authority" in policy.get("phones", {}):
        assert "'site-authority.pem'" in policy["phones"]["authority"]
        policy = {**policy, "phones": {**policy["phones"], "authority": AUTHORITY}}
    validate(provider, policy, concerns=(), today=TODAY)


@pytest.mark.parametrize("host", HOSTS)
def test_the_phones_are_valid(host: dict[str, Any]) -> None:
    options = {option: host.get(names[0]) for option, names in VARIABLES.items()}
    report = Report()
    assert read_phone({**options, "lines": [1]}, report), report.errors


@pytest.mark.parametrize("variable", [names[0] for names in VARIABLES.values()])
def test_every_variable_is_described(variable: str) -> None:
    assert f"`{variable}`" in PAGE or f"{variable}:" in PAGE


@pytest.mark.parametrize("name", UNCONFIRMED)
def test_what_is_unsure_is_described(name: str) -> None:
    assert re.search(rf"^\|[^|]*`{name}`", PAGE, re.MULTILINE)
