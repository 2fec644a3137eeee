"""History, cache, flags, clock, devices and DHCP of the simulated box, against facts of the vendor's includes."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.devices.pfsense import ParseError, PfSense, dumped, factory_config, lived_in_tree, parsed
from tests.devices.pfsense.factory import REVISION
from tests.devices.pfsense.interfaces import bring_down, configure, configure_vlan
from tests.support.pfsenses import ask, make_box

CACHE = "/tmp/config.cache"


def save(box: PfSense, name: str) -> None:
    box.gui_write({"system/hostname": name}, description=name)


def test_a_write_keeps_the_file_before_under_the_second_of_its_revision() -> None:
    box = PfSense(factory_config())
    before = box.xml
    save(box, "one")
    assert box.history == {f"config-{REVISION}.xml": before}
    revision = box.config["revision"]
    assert revision["time"] == str(int(box.now))
    assert revision["description"] == f"{revision['username']}: one"
    save(box, "two")
    assert sorted(box.history) == [f"config-{REVISION}.xml", f"config-{revision['time']}.xml"]


def test_writes_of_one_second_share_a_backup() -> None:
    box = make_box("factory", tick=0)
    for name in ("one", "two", "three"):
        save(box, name)
    assert len(box.history) == 2
    kept = parsed(box.history[f"config-{int(box.now)}.xml"])
    assert kept["system"]["hostname"] == "two"


@pytest.mark.parametrize(("count", "kept"), [("", 30), ("5", 5)])
def test_the_history_is_pruned_from_its_old_end(count: str, kept: int) -> None:
    box = make_box("factory")
    box.gui_write({"system/backupcount": count})
    for number in range(40):
        save(box, f"name{number}")
    times = [int(name[7:-4]) for name in box.history]
    assert len(times) == kept
    assert min(times) == int(box.config["revision"]["time"]) - kept


def test_a_clock_that_went_back_prunes_the_wrong_end() -> None:
    box = make_box("factory")
    for number in range(31):
        save(box, f"name{number}")
    box.set_clock(1_600_000_000)
    save(box, "past")
    save(box, "further")
    # The backup of "past" is named after a second before all others, and is the first to go.
    assert "config-1600000001.xml" not in box.history


def test_before_2004_a_revision_has_no_time() -> None:
    box = make_box("factory")
    box.set_clock(0)
    save(box, "old")
    assert "time" not in box.config["revision"]
    save(box, "older")
    assert "config-0.xml" in box.history


def test_an_edit_behind_the_cache() -> None:
    box = PfSense(factory_config())
    assert box.files.exists(CACHE)
    box.xml = box.xml.replace("<hostname>pfSense<", "<hostname>edited<")
    assert box.parse(cached=True)["system"]["hostname"] == "pfSense"
    assert box.parse()["system"]["hostname"] == "edited"
    assert box.parse(cached=True)["system"]["hostname"] == "edited"


def test_a_write_from_the_cache_undoes_an_edit() -> None:
    box = PfSense(factory_config())
    box.xml = box.xml.replace("<domain>home.arpa<", "<domain>edited<")
    save(box, "gui")
    assert box.config["system"]["domain"] == "home.arpa"


def test_a_broken_file_is_replaced_with_the_newest_backup() -> None:
    box = PfSense(factory_config())
    save(box, "one")
    save(box, "two")
    box.xml = "<pfsense><a></a><a></a></pfsense>"
    with pytest.raises(ParseError):
        _tree = box.config
    assert box.parse()["system"]["hostname"] == "one"
    assert box.config["system"]["hostname"] == "one"


@pytest.mark.parametrize("text", ["<pfsense><a></a><a></a></pfsense>", "<pfsense>"])
def test_before_2_8_an_exception_of_the_parser_ends_the_program(text: str) -> None:
    box = PfSense(factory_config("2.7.2"), version="2.7.2")
    save(box, "one")
    save(box, "two")
    box.xml = text
    answer = ask(box, op="read", sections=["system/hostname"])
    if text == "<pfsense>":
        assert answer["config"] == {"system/hostname": "one"}
    else:
        assert answer["error"] == "exception"
        assert box.xml == text


def test_a_text_with_accents_outside_cdata_is_lost() -> None:
    box = PfSense(factory_config())
    box.gui_write({"system/user/0/descr": "Zo\u00eb"})
    assert box.config["system"]["user"][0]["descr"] == "Zo\u00eb"
    box.gui_write({"system/hostname": "zo\u00eb"})
    assert box.config["system"]["hostname"] == "pfSense"


def test_a_broken_file_without_backup() -> None:
    box = PfSense(factory_config())
    box.xml = ""
    answer = ask(box, op="read")
    assert (answer["ok"], answer["error"]) == (False, "exception")


def test_a_write_that_cannot_be_read_is_gone() -> None:
    box = PfSense(factory_config())
    box.gui_write({"system/webgui/protocol": ["a list"]})
    assert box.config["system"]["webgui"]["protocol"] == "https"


@pytest.mark.parametrize(("how", "answer"), [("refused", False), ("failed", -1)])
def test_a_write_that_is_refused_or_fails(how: str, answer: object) -> None:
    box = make_box("factory", write_fails=how)
    before = box.xml
    assert box.write_config(box.config, "x") is answer or box.write_config(box.config, "x") == answer
    assert box.xml == before


def test_flags_outlive_everything_but_an_apply_and_a_boot() -> None:
    box = make_box()
    box.gui_write({}, dirty=("filter", "dhcpd", "interfaces"))
    box.reload_filter()
    assert box.dirty == ["dhcpd", "interfaces"]
    box.boot()
    assert box.dirty == []


def test_the_peer_of_a_cluster_is_told_of_each_write() -> None:
    box = make_box("factory")
    save(box, "alone")
    assert box.counters.synced == 0
    box.gui_write({"hasync": {"synchronizetoip": "10.99.0.2"}})
    assert box.counters.synced == 1


def test_restoring() -> None:
    for version, said in (("2.8.0", 'Reverted to "label"'), ("2.7.2", "Reverted to kept.xml.")):
        box = PfSense(factory_config(version), version=version)
        box.files.write("/root/kept.xml", box.xml)
        save(box, "two")
        box.restore_config("/root/kept.xml", "label")
        assert box.config["system"]["hostname"] == "pfSense"
        assert box.config["revision"]["description"] == f"(system): {said}"
        assert len(box.history) == 2


# --- devices ---------------------------------------------------------------------------------------------------------


def with_voice_vlan() -> PfSense:
    tree = lived_in_tree()
    tree["vlans"]["vlan"].append({"if": "em1", "tag": "40", "pcp": "5", "descr": "voice", "vlanif": "em1.40"})
    tree["interfaces"]["opt3"] = {"descr": "VOICE", "if": "em1.40", "enable": "", "ipaddr": "10.40.0.1", "subnet": "24"}
    return PfSense(dumped(tree))


def test_configuring_a_vlan_makes_its_device_anew() -> None:
    box = with_voice_vlan()
    box.kernel.journal.clear()
    assert configure_vlan(box.config, box.kernel, "em1.40", box.leases) == "em1.40"
    assert box.kernel.journal == ["destroy em1.40", "create em1.40", "configure opt3"]
    assert box.kernel.ipv4["em1.40"] == ("10.40.0.1", 24)


def test_a_vlan_that_cannot_be_made() -> None:
    box = with_voice_vlan()
    assert configure_vlan(box.config, box.kernel, "em1.99", box.leases) is None
    box.kernel.devices.discard("em1")
    assert configure_vlan(box.config, box.kernel, "em1.40", box.leases) is None


def test_configuring_an_interface_that_is_off_does_nothing() -> None:
    box = with_voice_vlan()
    configure(box.config, box.kernel, "opt2", box.leases)
    assert "em1.30" not in box.kernel.ipv4


def test_an_interface_that_is_down_is_still_told_with_its_static_address() -> None:
    box = with_voice_vlan()
    bring_down(box.config, box.kernel, "opt3")
    bring_down(box.config, box.kernel, "opt9")
    assert "em1.40" not in box.kernel.ipv4
    assert ask(box, op="read")["addresses"]["opt3"] == {"ipv4": "10.40.0.1", "bits4": 24, "ipv6": "", "bits6": 0}


def test_a_dhcp_address_is_the_devices() -> None:
    box = make_box("factory")
    assert ask(box, op="read")["addresses"]["wan"]["ipv4"] == "203.0.113.2"
    box.kernel.unaddress("em0")
    assert ask(box, op="read")["addresses"]["wan"] == {"ipv4": "", "bits4": 0, "ipv6": "", "bits6": 0}


# --- DHCP and packages -----------------------------------------------------------------------------------------------


def dhcp(backend: str, **fields: Any) -> Any:
    box = make_box(choices={"backend": backend})
    box.gui_write({f"dhcpd/lan/{name}": value for name, value in fields.items()})
    box.apply_dhcp(box.config)
    return box.dhcp["lan"]


def test_kea_ignores_numbered_options() -> None:
    item = {"item": [{"number": "160", "type": "text", "value": base64.b64encode(b"https://x/").decode()}]}
    assert dhcp("isc", numberoptions=item)["options"] == {"160": "https://x/"}
    assert dhcp("kea", numberoptions=item)["options"] == {}


def test_kea_takes_named_fields_and_its_own_json() -> None:
    custom = base64.b64encode(json.dumps({"option-data": [{"code": 160, "data": "https://x/"}]}).encode()).decode()
    assert dhcp("kea", tftp="10.0.0.5", custom_kea_config=custom)["options"] == {"66": "10.0.0.5", "160": "https://x/"}
    assert dhcp("isc", custom_kea_config=custom)["options"].get("160") is None


def test_only_enabled_interfaces_hand_out() -> None:
    assert list(make_box().dhcp) == ["lan"]


@pytest.mark.parametrize(("siproxd", "runs"), [("on", True), ("off", False), ("absent", False)])
def test_siproxd(siproxd: str, runs: bool) -> None:
    box = make_box(choices={"siproxd": siproxd})
    assert box.siproxd is runs
    box.gui_write({"installedpackages/siproxdsettings/config/0/sipenable": None})
    assert box.siproxd is runs
    box.apply_siproxd(box.config)
    assert box.siproxd is False


# --- copies ----------------------------------------------------------------------------------------------------------


def test_a_copy_shares_nothing() -> None:
    box = make_box()
    ask(box, op="read")
    twin = box.copy()
    assert twin.state() == box.state()
    assert twin.counters.requests == {}
    save(twin, "twin")
    twin.kernel.destroy("em1")
    twin.knobs.turn("locked", True)
    assert box.config["system"]["hostname"] == "branch-gw"
    assert ("em1" in box.kernel.devices, box.knobs.locked, box.history) == (True, False, {})


def test_releases() -> None:
    for version, level in (("2.7.2", "23.3"), ("2.8.0", "23.9"), ("2.8.1", "23.9"), ("24.11", "23.9")):
        answer = ask(make_box("factory", version, patch="1"), op="read")
        assert (answer["version"], answer["level"], answer["patch"]) == (f"{version}-RELEASE", level, "1")
    with pytest.raises(ValueError, match=r"known: 2\.7\.2"):
        PfSense(factory_config(), version="1.2.3")


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("speed", 1, "unknown knob"),
        ("carp", "master", "allowed: MASTER"),
        ("tick", "1", "allowed: int"),
        ("tick", True, "allowed: int"),
    ],
)
def test_knobs_say_what_is_allowed(name: str, value: object, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        make_box("factory").knobs.turn(name, value)
