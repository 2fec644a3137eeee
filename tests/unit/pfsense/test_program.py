"""The program on real PHP: what it reads, writes, applies and takes back, and the vendor's traps that it gets round."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.errors import Misunderstood
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense.program import (
    MARK,
    PROGRAM,
    answer,
    program,
)
from tests.unit.pfsense.box import RELEASES, Box

needs_php = pytest.mark.skipif(shutil.which("php") is None, reason="php is not installed (Debian: php-cli)")

# The text


def requests_in(text: str) -> list[Any]:
    lines = re.findall(r"^\$request = json_decode\(base64_decode\('([A-Za-z0-9+/=]*)'\), true\);$", text, re.MULTILINE)
    return [json.loads(base64.b64decode(line)) for line in lines]


def test_a_request_stands_in_one_line() -> None:
    assert requests_in(PROGRAM) == [{}]
    request = {"op": "write", "description": "a 'quoted' ü\n\\1", "edits": [{"path": "a", "set": True}]}
    text = program(request)
    assert requests_in(text) == [request]
    changed = [number for number, line in enumerate(text.split("\n")) if line != PROGRAM.split("\n")[number]]
    assert len(changed) == 1
    assert text.isascii()


@needs_php
def test_it_is_php() -> None:
    for text in (PROGRAM, f"<?php\n{source_of(PROGRAM)}"):
        checked = subprocess.run(["php", "-l"], input=text.encode(), capture_output=True, timeout=60, check=False)
        assert checked.returncode == 0, checked.stdout


def source_of(text: str) -> str:
    found = re.search(r"<<<'(\w+)'\n(.*)\n\1;", text, re.DOTALL)
    assert found is not None
    return found[2]


def test_what_it_never_does() -> None:
    """Another process would reload the rules later, and the vendor's lock of the configuration would never be free."""
    source = source_of(PROGRAM)
    assert not re.search(r"\bfilter_configure\(\)[^ ]", source)
    assert "lock('config'" not in source
    assert "interfaces_vlan_configure" not in source
    assert source.count("write_config(") == 1


# Its answer

GOOD = f"noise\n.\n{MARK}\n" + '{"ok": true, "a": "\\u00fc"}' + f"\n{MARK}\n<pre>more</pre>"


def test_an_answer() -> None:
    assert answer(GOOD.encode()) == {"ok": True, "a": "ü"}
    assert answer(GOOD.replace("\n", "\r\n").encode()) == {"ok": True, "a": "ü"}
    assert answer(b"\xff\n" + GOOD.encode()) == {"ok": True, "a": "ü"}


@pytest.mark.parametrize(
    ("stdout", "message"),
    [
        (b"", "the device's answer is not one line between two marks: ''"),
        (b"php: not  found\n", "the device's answer is not one line between two marks: 'php: not found'"),
        (b"x" * 300, f"the device's answer is not one line between two marks: '{'x' * 200}...'"),
        (f"{MARK}\nsecret".encode(), "the device's answer is not one line between two marks: ''"),
        (f"a\n{MARK}\n{{}}\n{{}}\n{MARK}".encode(), "the device's answer is not one line between two marks: 'a'"),
        (f"{GOOD}\n{MARK}".encode(), "the device's answer is not one line between two marks: 'noise .'"),
        (f"{MARK}\n{{secret\n{MARK}".encode(), "the device's answer is no JSON"),
        (f"{MARK}\n[]\n{MARK}".encode(), "the device's answer does not say whether it is one (ok)"),
        (f'{MARK}\n{{"ok": 1}}\n{MARK}'.encode(), "the device's answer does not say whether it is one (ok)"),
    ],
)
def test_what_is_no_answer(stdout: bytes, message: str) -> None:
    with pytest.raises(Misunderstood) as error:
        answer(stdout)
    assert str(error.value) == message


# Reading


@pytest.fixture(params=RELEASES)
def any_box(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Box]:
    yield from made(tmp_path, request.param)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    yield from made(tmp_path, "2.8")


def made(root: Path, release: str) -> Iterator[Box]:
    if shutil.which("php") is None:
        pytest.skip("php is not installed (Debian: php-cli)")
    one = Box(root, release)
    yield one
    one.end()


def test_reading(any_box: Box) -> None:
    before = any_box.text
    found = any_box.ask("read", sections=["filter/rule", {"path": "interfaces", "fields": ["if", "descr"]}, "no/such"])
    assert found.pop("clock") == pytest.approx(time.time(), abs=60)
    assert found.pop("addresses")["wan"] == {"ipv4": "203.0.113.2", "bits4": 24, "ipv6": "", "bits6": 0}
    assert found == {
        "ok": True,
        "version": "2.8.0-RELEASE",
        "patch": "",
        "level": "23.9",
        "hostname": "pfsense",
        "revision": any_box.config["revision"],
        "digest": any_box.digest,
        "config": {
            "filter/rule": any_box.config["filter"]["rule"],
            "interfaces": {"wan": {"if": "em0", "descr": "WAN"}, "lan": {"if": "em1", "descr": "LAN"}},
            "no/such": None,
        },
        "dirty": [],
        "status": "",
        "running": [],
        "skipped": [],
        "tables": {},
        "packages": [],
        "carp": {"peer": "", "vips": 0, "backup": 0},
        "armed": None,
        "fired": None,
        "factory_password": None,
    }
    assert any_box.text == before
    assert not any_box.own.exists()
    assert any_box.calls("write_config", "rc.filter_configure_sync", "interface_configure", "send_event") == []


def test_what_the_device_says_of_itself(box: Box) -> None:
    box.put("etc/versionpatch", "1\n")
    for name in ("filter", "vip", "sshdkeys"):
        box.put(f"var/run/{name}.dirty", "DIRTY")
    box.put("var/run/filter_reload_status", "Initializing\nDone\n\n")
    box.put(
        "running", '@1 pass label "id:7" ridentifier 7\n  [ x ]\n@2 block ridentifier 3000000001\n@3 x ridentifier 7\n'
    )
    skipped = [
        "# Unresolvable source alias 'x' for rule 'a'",
        '# source address is empty. label "b"',
        '#destination address is empty. label "c"',
        '# array key "opt9" does not exist for d' + "x" * 300,
    ]
    box.put("tmp/rules.debug", "\n".join(["# a comment", "pass in # Unresolvable", *skipped, "x"]))
    box.put("tables/VOIPH_A", "   198.51.100.0/24\n   192.0.2.1\n")
    box.config = {
        **box.config,
        "installedpackages": {"package": [{"name": "siproxd", "descr": "x"}, {"name": "sudo"}]},
        "hasync": {"synchronizetoip": "192.0.2.7", "password": "secret"},
        "virtualip": {
            "vip": [
                {"mode": "carp", "uniqid": "a"},
                {"mode": "carp", "uniqid": "b"},
                {"mode": "ipalias", "uniqid": "c"},
            ]
        },
    }
    box.turn("carp_vipa", "BACKUP")
    box.turn("carp_vipb", "MASTER")
    box.turn("carp_vipc", "BACKUP")
    found = box.ask("read", sections=[], tables=["VOIPH_A", "VOIPH_B", "; echo x"])
    assert found["patch"] == "1"
    assert found["dirty"] == ["filter", "vip"]
    assert found["status"] == "Done"
    assert found["running"] == [7, 3000000001]
    assert found["skipped"] == [*skipped[:3], skipped[3][:200]]
    assert found["tables"] == {"VOIPH_A": ["198.51.100.0/24", "192.0.2.1"], "VOIPH_B": None, "; echo x": None}
    assert found["packages"] == ["siproxd", "sudo"]
    assert found["carp"] == {"peer": "192.0.2.7", "vips": 2, "backup": 1}
    assert "secret" not in json.dumps(found)


def test_only_the_fields_that_are_asked_for(box: Box) -> None:
    box.config = {**box.config, "ppps": {"ppp": [{"type": "pppoe", "password": "secret"}, "odd"]}, "gateways": ""}
    asked = [{"path": "ppps/ppp", "fields": ["type", "if"]}, {"path": "gateways", "fields": ["name"]}]
    assert box.ask("read", sections=asked)["config"] == {"ppps/ppp": [{"type": "pppoe"}, {}], "gateways": ""}


@pytest.mark.parametrize(("word", "factory"), [("pfsense", True), ("Str0ng-enough", False), (None, None)])
def test_the_factory_password(box: Box, word: str | None, factory: bool | None) -> None:
    if word is not None:
        code = f"echo password_hash('{word}', PASSWORD_BCRYPT, ['cost' => 4]);"
        hashed = subprocess.run(["php", "-r", code], capture_output=True, check=True, timeout=60).stdout.decode()
    user = {"name": "admin"} if word is None else {"name": "admin", "bcrypt-hash": hashed}
    box.config = {**box.config, "system": {"user": [{"name": "other", "bcrypt-hash": "x"}, user]}}
    assert box.ask("read", accounts=True)["factory_password"] is factory
    assert box.ask("read", accounts=False)["factory_password"] is None


def test_an_old_cache_is_not_believed(any_box: Box) -> None:
    """2.7.2 takes /tmp/config.cache for the configuration whenever it is there."""
    any_box.put("tmp/config.cache", json.dumps({**any_box.config, "system": {"hostname": "old"}}))
    assert any_box.ask("read")["hostname"] == "pfsense"
    any_box.put("tmp/config.cache", json.dumps({**any_box.config, "system": {"hostname": "old"}}))
    assert any_box.write([{"path": "system/domain", "set": "example.com"}])["ok"]
    assert any_box.config["system"]["hostname"] == "pfsense"


def test_config_inc_comes_first(box: Box) -> None:
    """In another order the vendor's table of aliases stays empty, and every rule with an alias is left out."""
    text = source_of(PROGRAM)
    includes = re.findall(r"'(\w+\.inc)'", text[text.index("VOIPH_INCLUDES = ") : text.index("VOIPH_NEED_CONFIG")])
    assert includes == [
        "config.inc", "functions.inc", "util.inc", "filter.inc", "shaper.inc", "interfaces.inc", "services.inc",
        "ipsec.inc", "vpn.inc",
    ]  # fmt: skip
    box.put("etc/inc/functions.inc", "<?php\nif (!isset($aliastable)) { die('no table of aliases'); }\n")
    assert box.ask("read")["ok"]
    box.write([{"path": "aliases/alias", "list": [{"keep": 0}, {"new": {"name": "VOIPH_A", "address": "192.0.2.1"}}]}])
    assert box.calls("alias_make_table")[-1] == ["alias_make_table", ["offices", "VOIPH_A"]]


def test_what_includes_say_is_ignored(box: Box) -> None:
    box.put("etc/inc/vpn.inc", f"warning\n<?php echo '{MARK}', PHP_EOL; ob_flush(); $request = ['op' => 'flows'];")
    assert box.ask("read")["ok"]


@pytest.mark.parametrize("op", ["read", "disarm"])
def test_text_that_is_no_utf8(box: Box, op: str) -> None:
    box.put("etc/version", "2.8")
    (box.root / "etc/version").write_bytes(b"2.8\xff")
    assert box.ask(op, token="t1")["ok"]
    assert box.ask("read")["version"] == "2.8\ufffd"


# Writing


def test_edits(any_box: Box) -> None:
    before = any_box.config
    rules = before["filter"]["rule"]
    new = {"tracker": "3000000000", "descr": "VOIPH-x", "source": {"any": True}, "log": True, "disabled": False}
    edits = [
        {"path": "filter/rule", "list": [{"new": new}, {"keep": 2}, {"keep": 0, "set": {"log": True, "descr": "Web"}}]},
        {"path": "nat/outbound/mode", "set": "hybrid"},
        {"path": "system/webgui/disablehttpredirect", "set": True},
        {"path": "system/hostname", "unset": True},
        {"path": "no/such", "unset": True},
        {"path": "vlans/vlan", "list": []},
        {"path": "dhcpd/lan/staticmap", "list": [], "empty": True},
        {"path": "filter/rule", "list": [{"keep": 1, "unset": ["log", "descr"]}, {"new": new}, {"keep": 2}]},
    ]
    done = any_box.write(edits)
    after = any_box.config
    assert done == {
        "ok": True, "written": True, "revision": after["revision"], "digest": any_box.digest, "status": "", "load": 0,
    }  # fmt: skip
    assert after["revision"]["description"] == "(system): voip.hardening: a test"
    # The last list counts, and its indexes mean the list as it was before all of this.
    kept = {name: value for name, value in rules[1].items() if name not in ("log", "descr")}
    written = {"tracker": "3000000000", "descr": "VOIPH-x", "source": {"any": ""}, "log": ""}
    assert after["filter"]["rule"] == [kept, written, rules[2]]
    assert after["nat"] == {"outbound": {"mode": "hybrid"}}
    assert after["system"] == {"user": before["system"]["user"], "webgui": {"disablehttpredirect": ""}}
    assert after["vlans"] == []
    assert after["dhcpd"] == {"lan": {"enable": "", "staticmap": []}}
    for name in ("version", "interfaces", "aliases"):
        assert after[name] == before[name]


def test_one_write_and_its_backup(any_box: Box) -> None:
    before, old = any_box.text, any_box.config["revision"]["time"]
    any_box.write([{"path": f"a{number}/b", "set": "x"} for number in range(5)])
    assert any_box.calls("write_config") == [["write_config", "voip.hardening: a test"]]
    assert any_box.backups == [f"config-{old}.xml"]
    assert (any_box.root / f"cf/conf/backup/config-{old}.xml").read_text(encoding="utf-8") == before


def test_it_writes_in_no_second_that_has_a_backup_already(box: Box) -> None:
    """Else the configuration before would lose its place in the history, and revisions could not be told apart."""
    for value in "abc":
        before = box.config["revision"]["time"]
        assert box.write([{"path": "a", "set": value}])["revision"]["time"] > before
    assert len(box.backups) == 3


def test_no_edits_write_nothing(box: Box) -> None:
    before = box.text
    done = box.write([], filter=True)
    assert (done["written"], done["status"], done["digest"]) == (False, "Done", box.digest)
    assert (box.text, box.backups, box.calls("write_config")) == (before, [], [])
    assert box.ask("read")["running"] == [1, 2, 3]


@pytest.mark.parametrize("stale", ["digest", "revision"])
def test_what_was_changed_since_it_was_read_is_not_written_over(box: Box, stale: str) -> None:
    known = {"digest": box.digest, "revision": box.config["revision"]["time"]}
    before = box.text
    done = box.ask("write", **{**known, stale: "0"}, description="x", edits=[{"path": "a", "set": "b"}], token="t1")
    assert (done["ok"], done["error"]) == (False, "changed")
    assert box.text == before
    assert box.calls("write_config", "interface_bring_down") == []
    assert not box.own.exists()


def test_what_was_changed_at_the_same_moment_is_kept(any_box: Box) -> None:
    theirs = {**any_box.config, "system": {"hostname": "theirs"}}
    any_box.put("knobs/intruder", json.dumps(theirs))
    done = any_box.write([{"path": "a", "set": "b"}], rollback=60, interfaces=["lan"], filter=True)
    assert (done["error"], done["message"]) == (
        "changed", "the configuration was changed at the same time; that change was kept",
    )  # fmt: skip
    assert any_box.config["system"] == {"hostname": "theirs"}
    assert "a" not in any_box.config
    assert any_box.calls("interface_bring_down", "interface_configure", "rc.filter_configure_sync") == [
        ["interface_bring_down", "lan", "192.168.1.1"], ["interface_configure", "lan", "192.168.1.1"],
    ]  # fmt: skip
    assert any_box.ask("read")["armed"] is None


@pytest.mark.parametrize("how", ["refuse", "fail"])
def test_a_write_that_is_refused(box: Box, how: str) -> None:
    before = box.text
    box.turn("write", how)
    done = box.write([{"path": "a", "set": "b"}], rollback=60, interfaces_down=["lan"], filter=True)
    assert done["error"] == "write"
    assert box.text == before
    assert box.calls("interface_configure", "rc.filter_configure_sync") == [
        ["interface_configure", "lan", "192.168.1.1"]
    ]
    assert box.ask("read")["armed"] is None
    assert list(box.own.iterdir()) == []


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        ({"path": "filter/rule", "list": [{"keep": 3}]}, "filter/rule has no entry 3"),
        ({"path": "aliases/none", "list": [{"keep": 0}]}, "aliases/none has no entry 0"),
        ({"path": "version/x", "set": "y"}, "version/x could not be set"),
    ],
)
def test_edits_that_cannot_be_made(box: Box, edit: dict[str, Any], message: str) -> None:
    before = box.text
    done = box.write([{"path": "a", "set": "b"}, edit], interfaces_down=["lan"])
    assert done == {"ok": False, "error": "write", "message": message}
    assert (box.text, box.calls("write_config", "interface_bring_down")) == (before, [])


def test_a_configuration_without_a_revision(box: Box) -> None:
    box.config = {**box.config, "revision": ""}
    done = box.ask(
        "write", digest=box.digest, revision="", description="x", edits=[{"path": "a", "set": "b"}], token="t"
    )
    assert done["ok"]
    assert box.backups == ["config-0.xml"]


# Applying


def test_applying_in_the_vendors_order(any_box: Box) -> None:
    voice = {"if": "em1", "tag": "40", "pcp": "5", "vlanif": "em1.40", "descr": "VOIPH-voice"}
    lan = {**any_box.config["interfaces"]["lan"], "ipaddr": "192.168.5.1"}
    opt1 = {"enable": True, "if": "em1.40", "descr": "VOIPH_VOICE", "ipaddr": "192.168.40.1", "subnet": "24"}
    done = any_box.write(
        [
            {"path": "vlans/vlan", "list": [{"new": voice}]},
            {"path": "interfaces/lan", "set": lan},
            {"path": "interfaces/opt1", "set": opt1},
        ],
        vlans_gone=["em1.10", "em1.99"],
        vlans=["em1.40"],
        interfaces=["lan", "opt1"],
        dhcp=True,
        siproxd=True,
        filter=True,
        webgui=True,
        sshd=True,
        sshguard=True,
    )
    assert (done["ok"], done["status"], done["load"]) == (True, "Done", 0)
    assert [call for call in any_box.calls() if call[0] != "alias_make_table"] == [
        ["interface_bring_down", "lan", "192.168.1.1"],
        ["write_config", "voip.hardening: a test"],
        ["pfSense_interface_destroy", "em1.10"],
        ["interface_vlan_configure", "em1.40"],
        ["interface_configure", "lan", "192.168.5.1"],
        ["restart_interface_services", "lan"],
        ["interface_configure", "opt1", "192.168.40.1"],
        ["restart_interface_services", "opt1"],
        ["setup_gateways_monitor"],
        ["services_dhcpd_configure", "inet"],
        ["clear_subsystem_dirty", "dhcpd"],
        ["sync_package_siproxd"],
        ["rc.filter_configure_sync", True],
        ["enable_rrd_graphing"],
        ["send_event", "service reload packages"],
        ["send_event", "service restart webgui"],
        ["send_event", "service restart sshd"],
        *([] if any_box.release == "2.7.2" else [["system_sshguard_stop"]]),
        ["system_syslogd_start", True],
    ]


def test_an_interface_goes_down_before_it_is_gone(box: Box) -> None:
    box.write([{"path": "interfaces/lan", "unset": True}], interfaces_down=["lan", "opt7"])
    assert box.calls("interface_bring_down", "write_config", "interface_configure") == [
        ["interface_bring_down", "lan", "192.168.1.1"], ["write_config", "voip.hardening: a test"],
    ]  # fmt: skip


def test_a_vlan_is_made_anew_only_where_that_is_asked_for(box: Box) -> None:
    """Making it destroys it first, and whoever talks over it is cut off."""
    box.write([{"path": "vlans/vlan", "list": [{"keep": 0, "set": {"descr": "visitors"}}]}], filter=True)
    assert box.calls("interface_vlan_configure", "pfSense_interface_destroy") == []
    box.write([], vlans=["em1.10"])
    assert box.calls("interface_vlan_configure") == [["interface_vlan_configure", "em1.10"]]


def test_siproxd_that_is_not_installed(box: Box) -> None:
    (box.root / "usr/local/pkg/siproxd.inc").unlink()
    assert box.write([], siproxd=True)["ok"]


def test_the_rules_are_loaded_before_it_answers(box: Box) -> None:
    """filter_configure() would only ask another process to load them some time."""
    rule = {"tracker": "3000000000", "descr": "VOIPH-x", "source": {"any": True}, "interface": "wan"}
    box.write([{"path": "filter/rule", "list": [{"keep": 0}, {"new": rule}]}], filter=True)
    assert box.calls("filter_configure") == []
    assert box.ask("read")["running"] == [1, 3000000000]


def test_rules_that_are_left_out_are_reported(box: Box) -> None:
    rule = {"tracker": "3000000000", "descr": "VOIPH-x", "source": {"address": "VOIPH_GONE"}, "interface": "wan"}
    done = box.write([{"path": "filter/rule", "list": [{"keep": 1}, {"new": rule}]}], filter=True)
    assert (done["ok"], done["status"]) == (True, "Done")
    found = box.ask("read")
    assert found["skipped"] == ["# Unresolvable source alias 'VOIPH_GONE' for rule 'VOIPH-x'"]
    assert found["running"] == [2]


def test_a_firewall_that_is_switched_off(box: Box) -> None:
    box.config = {**box.config, "system": {"disablefilter": ""}}
    done = box.write([{"path": "a", "set": "b"}], filter=True)
    assert (done["ok"], done["status"]) == (True, "Filter is disabled.  Not loading rules.")


def test_a_load_that_another_process_began_is_waited_for(box: Box) -> None:
    """Its status is not the one of ours: the vendor writes it anew from the beginning of every load."""
    box.put("var/run/filter_reload_status", "Initializing\n")
    box.put("tmp/rules.debug", "")
    with open(box.root / "tmp/filter.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        running = box.start({})
        assert running.stdin is not None
        request = {"op": "write", "digest": box.digest, "revision": box.config["revision"]["time"], "token": "t1"}
        running.stdin.write(box.program(request).encode())
        running.stdin.close()
        running.stdin = None
        with pytest.raises(subprocess.TimeoutExpired):
            running.communicate(timeout=1)
        box.put("var/run/filter_reload_status", "Initializing\nDone\n")
        fcntl.flock(lock, fcntl.LOCK_UN)
        assert answer(running.communicate(timeout=60)[0])["status"] == "Done"


# What goes wrong while it is applied

BAD = {"tracker": "9", "descr": "bad", "source": {"any": ""}, "interface": "wan"}


def without_revision(config: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in config.items() if name != "revision"}


def test_rules_that_cannot_be_loaded_are_put_back(any_box: Box) -> None:
    before = without_revision(any_box.config)
    opt1 = {"enable": True, "if": "em1.40", "descr": "VOIPH_VOICE", "ipaddr": "192.168.40.1", "subnet": "24"}
    bad = {**BAD, "source": {"address": "bad"}}
    done = any_box.write(
        [
            {"path": "aliases/alias", "list": [{"keep": 0}, {"new": {"name": "bad", "address": "192.0.2.1"}}]},
            {"path": "filter/rule", "list": [{"keep": 0}, {"new": bad}]},
            {"path": "vlans/vlan", "list": [{"new": {"if": "em1", "tag": "40", "vlanif": "em1.40"}}]},
            {"path": "interfaces/opt1", "set": opt1},
            {"path": "interfaces/lan", "unset": True},
        ],
        rollback=60,
        vlans_gone=["em1.10"],
        vlans=["em1.40"],
        interfaces_down=["lan"],
        interfaces=["opt1"],
        filter=True,
        sshd=True,
    )
    assert (done["ok"], done["error"]) == (False, "load")
    assert done["message"] == (
        "the configuration was put back: the rules could not be loaded: There were error(s) loading the rules: "
        "/tmp/rules.debug:1: syntax error - The line in question reads [1]"
    )
    assert without_revision(any_box.config) == before
    calls = any_box.calls()
    assert [call for call in calls if "write_config" not in call[0] and "alias" not in call[0]] == [
        ["interface_bring_down", "lan", "192.168.1.1"],
        ["pfSense_interface_destroy", "em1.10"],
        ["interface_vlan_configure", "em1.40"],
        ["interface_configure", "opt1", "192.168.40.1"],
        ["restart_interface_services", "opt1"],
        ["setup_gateways_monitor"],
        ["rc.filter_configure_sync", True],
        ["interface_bring_down", "opt1", "192.168.40.1"],
        ["config_restore", str(any_box.own / "t1.xml")],
        ["pfSense_interface_destroy", "em1.40"],
        ["interface_vlan_configure", "em1.10"],
        ["interface_configure", "lan", "192.168.1.1"],
        ["restart_interface_services", "lan"],
        ["setup_gateways_monitor"],
        ["rc.filter_configure_sync", True],
        ["enable_rrd_graphing"],
        ["send_event", "service reload packages"],
        ["send_event", "service restart sshd"],
    ]
    assert any_box.ask("read")["running"] == [1, 2, 3]
    assert any_box.ask("read")["armed"] is None
    assert any_box.ask("restore", token="t1")["error"] == "missing"
    # The vendor's restore leaves the GUI's checks of names and referers switched off.
    assert not (any_box.root / "tmp/disable_security_checks").exists()


@pytest.mark.parametrize(("knob", "value"), [("vlan", "fail"), ("write", "throw")])
def test_what_else_fails_is_put_back_too(box: Box, knob: str, value: str) -> None:
    before = without_revision(box.config)
    box.turn(knob, value)
    done = box.write([{"path": "a", "set": "b"}], rollback=60, vlans=["em1.10"])
    assert done["ok"] is False
    if knob == "vlan":
        # The VLAN as it was cannot be made either.
        assert done == {
            "ok": False,
            "error": "exception",
            "message": "the configuration was to be put back, and that failed: the VLAN em1.10 could not be made; "
            "before: the VLAN em1.10 could not be made",
        }
    else:
        assert done["error"] == "exception"
        assert done["message"].startswith("the configuration was to be put back, and that failed: a plugin of an")
    assert without_revision(box.config) == before


def test_a_copy_that_cannot_be_put_back_stays(box: Box) -> None:
    before = without_revision(box.config)
    box.turn("restore", "fail")
    done = box.write([{"path": "filter/rule", "list": [{"new": BAD}]}, {"path": "aliases", "unset": True}], vlans=["x"])
    assert done["ok"]
    bad = {**BAD, "source": {"address": "bad"}}
    aliases = {"path": "aliases/alias", "list": [{"new": {"name": "bad", "address": "192.0.2.1"}}]}
    done = box.write([{"path": "filter/rule", "list": [{"new": bad}]}, aliases], token="t2", filter=True)
    assert done["error"] == "exception"
    assert done["message"].startswith("the configuration was to be put back, and that failed: ")
    (box.root / "knobs/restore").unlink()
    assert box.ask("restore", token="t2") == {"ok": True, "restored": True}
    assert box.config["filter"]["rule"] == [BAD]
    assert "aliases" not in box.config
    assert before != without_revision(box.config)


@pytest.mark.parametrize("end", ["die", "throw"])
def test_the_vendors_code_may_end_the_process(box: Box, end: str) -> None:
    box.turn("write", end)
    done = box.write([{"path": "a", "set": "b"}])
    assert (done["ok"], done["error"]) == (False, "exception")
    died = "the program ended early: .no room on the disk"
    thrown = "the configuration was to be put back, and that failed: a plugin of another package failed; before: a"
    assert done["message"].startswith(died if end == "die" else thrown)


def test_an_error_that_nobody_can_catch(box: Box) -> None:
    box.put("etc/inc/vpn.inc", "<?php\nfunction voiph_run() {}\n")
    done = box.ask("read")
    assert done["error"] == "exception"
    assert "voiph_run" in done["message"]
    assert len(done["message"]) < 300


def test_an_unknown_operation(box: Box) -> None:
    done = box.ask("format-the-disk")
    assert done == {"ok": False, "error": "unknown-op", "message": "this operation is not known"}
    assert box.calls() == []


@pytest.mark.parametrize("token", ["", "../x", "a b", "a\n", 5, None, "x" * 65])
def test_a_token_is_a_name_and_no_path(box: Box, token: Any) -> None:
    for op in ("restore", "disarm", "expire"):
        assert box.ask(op, token=token)["error"] == "missing"
    assert box.write([{"path": "a", "set": "b"}], token=token)["error"] == "missing"
    assert box.calls("write_config") == []


# One run at a time


def test_a_second_run_waits_and_gives_up(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = box.program
    monkeypatch.setattr(box, "program", lambda request: usual(request).replace("LOCK_SECONDS = 10", "LOCK_SECONDS = 1"))
    with open(box.root / "tmp/voip_hardening.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = box.write([{"path": "a", "set": "b"}])
        assert (done["error"], done["message"]) == ("lock", "another run of this collection is busy on the device")
        assert box.ask("restore", token="t1")["error"] == "lock"
        assert box.ask("read")["ok"]
    assert box.write([{"path": "a", "set": "b"}])["ok"]


def test_the_vendors_own_lock_is_left_to_it(box: Box) -> None:
    """write_config takes it itself, and would wait for us for ever."""
    assert box.write([{"path": "a", "set": "b"}])["ok"]
    assert (box.root / "tmp/config.lock").exists()


@pytest.mark.parametrize("descr", ["good", "bad"])
def test_a_daemon_that_was_started_holds_no_lock(box: Box, descr: str) -> None:
    box.turn("dhcpd", "daemon")
    rules = [{**box.config["filter"]["rule"][0], "source": {"address": descr}}]
    aliases = [{"new": {"name": descr, "address": "192.0.2.1"}}]
    edits = [{"path": "filter/rule", "set": rules}, {"path": "aliases/alias", "list": aliases}]
    done = box.write(edits, dhcp=True, filter=True)
    assert done["ok"] is (descr == "good")
    assert (box.root / "daemons").exists()
    with open(box.root / "tmp/voip_hardening.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


# The rollback


def written(box: Box, rollback: int = 60, token: str = "t1", value: str = "b") -> dict[str, Any]:
    done = box.write([{"path": "a", "set": value}], rollback=rollback, token=token, filter=True)
    assert done["ok"], done
    return done


def test_it_is_armed_and_disarmed(any_box: Box) -> None:
    before = time.time()
    written(any_box)  # its output ends although the timer goes on
    armed = any_box.ask("read")["armed"]
    assert armed.pop("since") == pytest.approx(before, abs=60)
    assert armed == {"token": "t1", "seconds": 60, "backup": str(any_box.own / "t1.xml")}
    assert any_box.own.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in any_box.own.iterdir()} == {0o600}
    assert any_box.ask("disarm", token="t2") == {"ok": True, "disarmed": False, "fired": False}
    assert any_box.ask("disarm", token="t1") == {"ok": True, "disarmed": True}
    assert any_box.ask("disarm", token="t1") == {"ok": True, "disarmed": False, "fired": False}
    assert any_box.ask("read")["armed"] is None
    assert any_box.config["a"] == "b"
    assert list(any_box.own.iterdir()) == []


def test_it_fires(any_box: Box) -> None:
    before = without_revision(any_box.config)
    written(any_box, rollback=1)
    any_box.wait_for("fired.json")
    found = any_box.ask("read")
    assert found["armed"] is None
    assert found["fired"].pop("at") == pytest.approx(time.time(), abs=60)
    assert found["fired"] == {"token": "t1"}
    assert without_revision(any_box.config) == before
    assert len(any_box.calls("rc.filter_configure_sync")) == 2
    assert any_box.ask("disarm", token="t1") == {"ok": True, "disarmed": False, "fired": True}
    assert any_box.ask("restore", token="t1") == {"ok": True, "restored": True}
    assert len(any_box.calls("config_restore")) == 1
    written(any_box, rollback=0, token="t2")
    assert any_box.ask("read")["fired"] is None


def test_what_a_firing_could_not_do_is_said(box: Box) -> None:
    written(box, rollback=60)
    box.turn("restore", "fail")
    box.ask("expire", token="t1")
    assert box.ask("read")["fired"]["error"] == "the configuration could not be put back"
    assert box.config["a"] == "b"


def test_the_loss_of_the_session_does_not_stop_it(box: Box) -> None:
    """Whatever may reach a process of the session when that goes: a signal to its group, and closed pipes."""
    request = {
        "op": "write", "digest": box.digest, "revision": box.config["revision"]["time"], "description": "x",
        "edits": [{"path": "a", "set": "b"}], "apply": {"filter": True}, "rollback": 2, "token": "t1",
    }  # fmt: skip
    running = box.start(request)
    running.communicate(box.program(request).encode(), timeout=60)
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(running.pid, number)
        except ProcessLookupError:
            break
    assert box.config["a"] == "b"
    box.wait_for("fired.json")
    assert "a" not in box.config


def test_a_write_ends_although_nobody_listens(box: Box) -> None:
    box.turn("write", "slow")
    request = {
        "op": "write", "digest": box.digest, "revision": box.config["revision"]["time"], "description": "x",
        "edits": [{"path": "a", "set": "b"}], "apply": {"filter": True}, "rollback": 0, "token": "t1",
    }  # fmt: skip
    running = box.start(request)
    assert running.stdin is not None
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdin.write(box.program(request).encode())
    for pipe in (running.stdin, running.stdout, running.stderr):
        pipe.close()
    running.wait(timeout=60)
    assert box.config["a"] == "b"
    assert box.calls("rc.filter_configure_sync") == [["rc.filter_configure_sync", True]]


def test_it_is_armed_before_anything_is_changed(box: Box) -> None:
    """A write that hangs, or is cut off, is taken back too."""
    box.turn("write", "die")
    assert box.write([{"path": "a", "set": "b"}], rollback=60)["error"] == "exception"
    assert box.ask("read")["armed"]["token"] == "t1"


def test_a_further_step_of_a_run_keeps_its_timer(box: Box) -> None:
    before = without_revision(box.config)
    written(box, value="b")
    since = box.ask("read")["armed"]
    written(box, value="c", rollback=0)
    assert box.ask("read")["armed"] == since
    assert box.ask("restore", token="t1")["ok"]
    assert without_revision(box.config) == before
    assert box.ask("read")["armed"] is None


def test_the_timer_of_another_run_is_respected(box: Box) -> None:
    written(box)
    done = box.write([{"path": "a", "set": "c"}], token="t2")
    assert (done["error"], done["message"]) == ("lock", "the rollback of another run is armed on the device")
    assert box.config["a"] == "b"
    assert box.ask("read")["armed"]["token"] == "t1"


def test_restoring_without_a_timer(any_box: Box) -> None:
    before = without_revision(any_box.config)
    written(any_box, rollback=0)
    assert any_box.ask("read")["armed"] is None
    assert any_box.ask("restore", token="t2")["error"] == "missing"
    assert any_box.ask("restore", token="t1") == {"ok": True, "restored": True}
    assert without_revision(any_box.config) == before
    assert any_box.ask("restore", token="t1")["error"] == "missing"
    assert any_box.ask("read")["running"] == [1, 2, 3]


def test_only_one_of_disarming_and_firing_wins(box: Box) -> None:
    for round_ in range(6):
        token = f"r{round_}"
        written(box, token=token, value=token)
        runs = [box.start({}) for _each in range(3)]
        requests = [
            {"op": "expire", "token": token},
            {"op": "disarm", "token": token},
            {"op": "disarm", "token": token},
        ]
        for running, request in zip(runs, requests, strict=True):
            assert running.stdin is not None
            running.stdin.write(box.program(request).encode())
        for running in runs if round_ % 2 else runs[::-1]:
            assert running.stdin is not None
            running.stdin.close()
            running.stdin = None
        fired, first, second = (answer(running.communicate(timeout=60)[0]) for running in runs)
        assert [fired["fired"], first["disarmed"], second["disarmed"]].count(True) == 1
        assert (box.config.get("a") == token) is not fired["fired"]
        if fired["fired"]:
            assert first["fired"]
            assert second["fired"]


def test_a_timer_that_is_late_finds_nothing(box: Box) -> None:
    written(box, token="old")
    assert box.ask("disarm", token="old")["disarmed"]
    written(box, token="new", value="c")
    assert box.ask("expire", token="old") == {"ok": True, "fired": False}
    assert box.ask("read")["armed"]["token"] == "new"
    assert box.config["a"] == "c"


# Flows


def test_flows(box: Box) -> None:
    flows = [{"source": "192.0.2.1"}, {"source": "192.0.2.1", "destination": "10.0.0.0/24"}, {"source": "; echo x"}]
    assert box.ask("flows", kill=flows) == {"ok": True, "killed": 7}
    assert (box.root / "pfctl").read_text(encoding="ascii").splitlines() == [
        "-k 192.0.2.1", "-k 192.0.2.1 -k 10.0.0.0/24", "-k ; echo x",
    ]  # fmt: skip
    assert box.calls() == []
