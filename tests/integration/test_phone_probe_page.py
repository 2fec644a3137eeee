"""The example of docs/phone-probe.md, run as it stands there against test phones."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.devices.phones import YealinkPhone
from tests.devices.phones.addresses import real_port
from tests.support.phone_probes import SERVICES
from tests.support.playbooks import ROOT, Site

PAGE = (ROOT / "docs" / "phone-probe.md").read_text(encoding="utf-8")


def example(name: str) -> Any:
    """The YAML example of this file name."""
    (text,) = re.findall(rf"```yaml\n# {re.escape(name)}\n(.*?)```", PAGE, re.DOTALL)
    return yaml.safe_load(text)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """The example's playbook and inventory, with the phone of the test in it."""
    (tmp_path / "probe.yml").write_text(yaml.safe_dump(example("probe.yml")), encoding="utf-8")
    return Site(tmp_path, {})


def play(site: Site, phone: YealinkPhone, *options: str) -> Any:
    """Run the example with its inventory, whose phone is at the test phone's address."""
    inventory = example("hosts.yml")
    reception = inventory["phones"]["hosts"]["reception"]
    reception |= {
        "ansible_host": phone.address,
        "voip_phone_services": {name: real_port(port) for name, port in SERVICES.items()},
        "voip_connect_timeout": 1,
    }
    outside = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    inventory["others"] = {"hosts": {"outside": outside}}
    site.inventory.write_text(yaml.safe_dump(inventory), encoding="utf-8")
    return site.play(*options, playbook=str(site.folder / "probe.yml"))


def test_the_example(site: Site) -> None:
    with YealinkPhone("805ec0000017") as phone:
        run = play(site, phone)
        assert run.status == 0, run.output
        (looked, shown) = (one["result"] for one in run.results)
        assert looked["phone"] == {
            "vendor": "yealink", "model": "T54W", "release": "96.86.0.45", "mac": "805ec0000017",
        }  # fmt: skip
        assert looked["changed"] is False
        assert "96.86.0.45 is older than 96.87.0.15" in shown["msg"]
        assert not any("auth/login" in target for _method, target in phone.requests)
        assert not (site.folder / ".phone-logins").exists()

        run = play(site, phone, "--tags", "probe_default_credentials")
        assert run.status == 0, run.output
        assert "the account 'admin' has the maker's default as its password" in run.results[-1]["result"]["msg"]
        assert (site.folder / ".phone-logins").exists()


def test_delegated_to_another_host(site: Site) -> None:
    """Elsewhere the task runs as an ordinary module, packed with all it needs, the firmware data among it."""
    with YealinkPhone("805ec0000017") as phone:
        here = play(site, phone).results[0]["result"]
        tasks = example("probe.yml")[0]["tasks"][:1]
        tasks[0]["delegate_to"] = "outside"
        text = yaml.safe_dump([{**example("probe.yml")[0], "tasks": tasks}])
        (site.folder / "probe.yml").write_text(text, encoding="utf-8")
        run = play(site, phone)
        assert run.status == 0, run.output
        there = run.results[0]["result"]
    for name in ("phone", "controls", "findings", "remarks"):
        assert there[name] == here[name], name
    assert "FWM-3" in {one["control"] for one in there["findings"]}


def test_bad_options_are_refused_before_any_phone_is_contacted(site: Site) -> None:
    with YealinkPhone("805ec0000017") as phone:
        run = play(site, phone, "-e", '{"voip_phone_mac": "nonsense", "voip_firmware_data": {"schema": 2}}')
        assert run.status != 0
        message = run.results[0]["result"]["msg"]
        assert 'mac: "nonsense" is not allowed; a MAC address of twelve hexadecimal digits' in message
        assert "firmware_data.schema: 2 is not allowed" in message
        assert phone.requests == []
