"""The inventories that are shipped: they parse without a complaint, and every site of them is complete."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.voip.hardening.plugins.module_utils.onboarding.site import FIREWALLS, GROUPS, PHONES
from tests.support.netbox import TOKEN, NetBox, device
from tests.support.playbooks import PROGRAMS, ROOT

EXAMPLE, NETBOX = ROOT / "inventories" / "example", ROOT / "inventories" / "netbox"
DEVICES = [
    device(11, "north-fw1", "north", "firewall", "fortinet-fortios", "FortiGate 60F"),
    device(
        12, "mill-road-fw1", "mill-road", "firewall", "draytek-drayos", "Vigor2927",
        custom_fields={"management_port": 2222, "management_user": "admin", "voip_fingerprint": "SHA256:" + "A" * 43},
        config_context={"voip_provider": "twilio", "voip_policy": {"transport": "tls"}, "ansible_connection": "local"},
    ),
    device(13, "quay-fw1", "quay", "firewall", "pfsense", "Netgate 4200"),
    device(
        14, "north-desk-101", "north", "ip-phone", "yealink", "T54W",
        custom_fields={"voip_phone_mac": "80:5e:c0:12:34:56", "voip_phone_firmware": "96.86.0.45"},
    ),
    device(15, "north-odd", "north", "firewall", "sonicos", "TZ 270"),
    device(16, "north-new", "north", "firewall", None, "TZ 270"),
    device(17, "north-other", "north", "firewall", "fortios", "FortiGate 40F", tags=[]),
    device(18, "north-old", "north", "firewall", "fortios", "FortiGate 40F", status={"value": "offline"}),
]  # fmt: skip


def run(program: str, *arguments: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """A program of Ansible, with nothing of whoever runs the tests."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "VOIP_", "NETBOX_"))},
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_HOME": str(folder / "home"), "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_DEPRECATION_WARNINGS": "0",  # NetBox's plugin asks for things that ansible-core will give up
        **variables,
    }  # fmt: skip
    command = [str(PROGRAMS / program), *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=180)


def listed(inventory: Path, folder: Path, **variables: str) -> dict[str, Any]:
    """What `ansible-inventory` makes of an inventory, without a complaint."""
    done = run("ansible-inventory", "-i", str(inventory), "--list", folder=folder, **variables)
    assert done.returncode == 0, done.stderr
    assert not done.stderr, done.stderr
    found: dict[str, Any] = json.loads(done.stdout, object_hook=lambda value: value.get("__ansible_unsafe", value))
    return found


def members(found: Mapping[str, Any], group: str) -> set[str]:
    """The hosts of a group and of those below it."""
    entry = found.get(group, {})
    return set(entry.get("hosts", ())).union(*(members(found, child) for child in entry.get("children", ())))


@pytest.mark.parametrize("name", ["example", "demo"])
def test_every_device_is_of_a_site_and_of_a_platform(tmp_path: Path, name: str) -> None:
    found = listed(ROOT / "inventories" / name, tmp_path)
    hosts = found["_meta"]["hostvars"]
    devices = members(found, FIREWALLS) | members(found, PHONES)
    assert devices
    for host in devices:
        assert host in members(found, hosts[host]["voip_site"])
        assert hosts[host]["ansible_network_os"] in GROUPS


def test_the_example_is_in_the_layout_that_onboarding_writes(tmp_path: Path) -> None:
    """Every site has its own file, in which its devices are in the same groups as onboarding puts them."""
    found = listed(EXAMPLE, tmp_path)
    sites = sorted(path.stem.removeprefix("site-") for path in EXAMPLE.glob("site-*.yml"))
    assert len(sites) >= 3
    for site in sites:
        written = yaml.safe_load((EXAMPLE / f"site-{site}.yml").read_text(encoding="utf-8"))
        hosts = written.pop(site)["hosts"]
        assert sorted(written) == ([FIREWALLS, PHONES] if len(hosts) > 1 else [FIREWALLS])
        for host, variables in hosts.items():
            platform = variables["ansible_network_os"]
            group = PHONES if "voip_phone_mac" in variables else FIREWALLS
            assert host in written[group]["children"][GROUPS[platform]]["hosts"]
        assert f"{site}-fw1" in hosts
        assert found["_meta"]["hostvars"][f"{site}-fw1"]["voip_site"] == site


def test_every_firewall_of_the_example_can_be_rendered(tmp_path: Path) -> None:
    """Policies, profiles and options of the example are good ones: what hardens a new unit comes of them."""
    options = ("--limit", FIREWALLS, "-e", "voip_state=rendered")
    done = run("ansible-playbook", "-i", str(EXAMPLE), "harden.yml", *options, folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(find_spec("ansible_collections.netbox") is None, reason="netbox.netbox is not installed")
def test_netbox_is_an_inventory(tmp_path: Path) -> None:
    """Its platforms, sites and custom fields become what this collection asks for; read with NetBox's own plugin."""
    with NetBox(DEVICES) as netbox:
        found = listed(NETBOX, tmp_path, NETBOX_API=netbox.url, NETBOX_TOKEN=TOKEN)
    hosts = found["_meta"]["hostvars"]
    assert members(found, FIREWALLS) == {"north-fw1", "mill-road-fw1", "quay-fw1", "north-odd", "north-new"}
    assert members(found, PHONES) == {"north-desk-101"}
    assert members(found, "north") == {"north-fw1", "north-desk-101", "north-odd", "north-new"}
    assert members(found, "mill_road") == members(found, "vigors") == {"mill-road-fw1"}
    assert members(found, "fortigates") == {"north-fw1"}
    assert members(found, "pfsenses") == {"quay-fw1"}
    assert members(found, "yealinks") == {"north-desk-101"}

    north, mill, phone = hosts["north-fw1"], hosts["mill-road-fw1"], hosts["north-desk-101"]
    told = [north[name] for name in ("ansible_host", "ansible_network_os", "voip_site")]
    assert told == ["192.0.2.11", "fortios", "north"]
    assert north["voip_provider"] == "example-voice"
    assert north["voip_policy"]["voice_vlan"]["id"] == 40
    assert north.get("ansible_port") is None
    assert (mill["ansible_network_os"], mill["voip_site"], mill["ansible_port"]) == ("draytek", "mill_road", 2222)
    assert mill["voip_provider"] == "twilio"
    assert mill["voip_policy"] == {"transport": "tls"}
    assert "ansible_connection" not in mill  # a config context says nothing but what is asked for
    assert [phone[f"voip_phone_{what}"] for what in ("mac", "model", "firmware")] == [
        "80:5e:c0:12:34:56", "T54W", "96.86.0.45",
    ]  # fmt: skip
    # A platform that nobody mapped is one that fails, and not one that nobody looks at.
    assert hosts["north-odd"]["ansible_network_os"] == "sonicos"
    assert "ansible_network_os" not in hosts["north-new"]
    assert ("/api/dcim/devices/", [("limit", "0"), ("tag", "voip-hardening"), ("status", "active")]) in netbox.asked
