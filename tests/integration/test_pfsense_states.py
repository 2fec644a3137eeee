"""pfSense boxes of several releases over SSH: every state, every concern, every way in, with real PHP and without."""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import paramiko
import pytest

from tests.devices.pfsense import parsed
from tests.devices.pfsense.accounts import with_key, with_password
from tests.devices.pfsense.tree import entries, get_path, set_path
from tests.support.pfsenses import (
    FLAVOURS,
    PASSWORD,
    STARTS,
    VERSIONS,
    PfSenseUnit,
    Tree,
    assert_same_pfsense,
    pfsense_policy,
    pfsense_variables,
    start_tree,
    without_revision,
)
from tests.support.playbooks import Run, Site
from tests.support.policies import provider
from tests.support.units import CONCERNS

Start = Callable[..., PfSenseUnit]
PLAN_FIELDS = ("changed", "plan", "diff", "undo", "unverifiable", "remarks", "platform")
UNCHANGED = [(1, "read")]
CHANGED = [(1, "read"), (1, "write"), (2, "read"), (2, "disarm")]
"""The requests of a run, by log-in."""

ORDERS = (CONCERNS, CONCERNS[::-1], ("voice_vlan", "management_access", "sip_alg", "sip_allowlist"))


def planned(result: dict[str, Any]) -> dict[str, Any]:
    """What check mode promises and a run does; open states are of runs that write only."""
    return {name: result.get(name) for name in PLAN_FIELDS}


def given_back(unit: PfSenseUnit, before: str) -> None:
    """Taking everything away leaves config.xml as it was, byte for byte but for who wrote last."""
    unit.run(state="deleted")
    assert without_revision(unit.device.xml) == without_revision(before)
    kept = unit.kept
    assert unit.run(state="deleted")["plan"] == []
    assert unit.kept == kept


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", STARTS)
def test_check_harden_again_and_back(kind: str, version: str, flavour: str, start_pfsense: Start) -> None:
    """Check mode writes nothing and promises what a run does; a second run is one log-in and one request; `deleted`
    gives the start back byte for byte."""
    unit = start_pfsense(kind, version, flavour)
    before, kept, seen = unit.device.xml, unit.kept, unit.watched()

    shown = unit.run(check=True)
    assert seen == UNCHANGED
    assert unit.kept == kept
    assert (shown["changed"], shown["requests"]) == (True, 2)
    assert shown["platform"]["version"] == f"{version}-RELEASE"

    seen.clear()
    logins = unit.device.counters.logins
    done = unit.run()
    assert [(login - logins, op) for login, op in seen] == CHANGED
    assert planned(done) == planned(shown)
    assert done["requests"] == 6
    assert unit.device.counters.logins == logins + 2
    assert unit.device.counters.writes == 1
    assert len(unit.device.history) == len(kept[1]) + 1
    assert not unit.armed
    assert (unit.device.dirty, unit.device.status) == ([], "Done")

    seen.clear()
    kept = unit.kept
    logins = unit.device.counters.logins
    again = unit.run()
    assert [(login - logins, op) for login, op in seen] == UNCHANGED
    assert (again["changed"], again["plan"], again["requests"]) == (False, [], 2)
    assert unit.device.counters.logins == logins + 1
    assert unit.kept == kept
    given_back(unit, before)
    assert not unit.armed


@pytest.mark.parametrize("concern", CONCERNS)
def test_each_concern_alone(concern: str, flavour: str, start_pfsense: Start) -> None:
    """A module does its own work alone, and takes it back."""
    unit = start_pfsense("lived-in", flavour=flavour)
    before = unit.device.xml
    shown = unit.run(concern, check=True)
    done = unit.run(concern)
    assert planned(done) == planned(shown)
    touched = {line.split()[1] for line in done["plan"]}
    assert touched == TOUCHED[concern]
    assert unit.run(concern)["plan"] == []
    unit.run(concern, state="deleted")
    assert without_revision(unit.device.xml) == without_revision(before)


NOTES, RULES = "installedpackages/voiphardening/config", "floating:filter/rule"
TOUCHED: dict[str, set[str]] = {
    "sip_alg": {NOTES, "installedpackages/siproxdsettings", "system/optimization"},
    "sip_allowlist": {"aliases/alias", RULES},
    "voice_vlan": {"aliases/alias", "dhcpd", RULES, "interfaces", "vlans/vlan"},
    "management_access": {"aliases/alias", NOTES, RULES, "system/sshguard", "system/webgui"},
}


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order[0])
def test_concerns_withdrawn_one_after_the_other(order: tuple[str, ...], flavour: str, start_pfsense: Start) -> None:
    """What the others ask for stays in force until the last of them goes, and then the box is as it was."""
    unit = start_pfsense("lived-in", flavour=flavour)
    before = unit.device.xml
    unit.run()
    for number, concern in enumerate(order, 1):
        unit.run(concern, state="deleted")
        rest = [one for one in CONCERNS if one in order[number:]]
        left = unit.run(concerns=rest, check=True)["plan"] if rest else []
        assert left == [], (concern, left)
    assert without_revision(unit.device.xml) == without_revision(before)


def test_concern_by_concern_or_all_at_once(start_pfsense: Start) -> None:
    """The box ends up with the same rules in the same order, whichever way they came."""
    whole, *others = (start_pfsense("lived-in", host=f"127.0.40.{number}") for number in range(1, 2 + len(ORDERS)))
    whole.run()
    expected = running(whole)
    for unit, order in zip(others, ORDERS, strict=True):
        for concern in order:
            unit.run(concern)
        assert unit.run(check=True)["plan"] == [], order
        assert running(unit) == expected, order


def running(unit: PfSenseUnit) -> tuple[str, ...]:
    """The rules that pf holds."""
    return tuple(unit.device.kernel.loaded.rules)


def test_a_concern_that_is_withdrawn_and_comes_back(flavour: str, start_pfsense: Start) -> None:
    """The box then holds what it held, on the interface on which it was."""
    unit = start_pfsense("lived-in", flavour=flavour)
    unit.run()
    hardened, rules = unit.stored, running(unit)
    for concern in CONCERNS:
        unit.run(concern, state="deleted")
        unit.run()
        assert running(unit) == rules, concern
        assert unit.stored["interfaces"] == hardened["interfaces"], concern
        assert unit.run(check=True)["plan"] == [], concern


def test_gathered_and_rendered(tmp_path: Path, flavour: str, start_pfsense: Start) -> None:
    """`gathered` reads once and shows ours and the settings; `rendered` contacts nobody and needs no account."""
    unit = start_pfsense("lived-in", flavour=flavour)
    unit.run()
    kept, seen, connections = unit.kept, unit.watched(), unit.device.counters.connections
    offline = {"ansible_network_os": "pfsense", "ansible_host": "192.0.2.1", "voip_policy": pfsense_policy()}
    offline["voip_provider"] = provider()
    site = Site(tmp_path, {"fw1": pfsense_variables(unit), "new": offline})
    options: dict[str, Any] = {"provider": "{{ voip_provider }}", "policy": "{{ voip_policy }}", "state": "rendered"}
    tasks = [
        {"name": "Read", "voip.hardening.firewall": {"state": "gathered"}, "when": "inventory_hostname == 'fw1'"},
        {"name": "Show", "voip.hardening.firewall": {**options, "version": "2.7.2"},
         "when": "inventory_hostname == 'new'"},
    ]  # fmt: skip
    run = went_well(site.play(playbook=site.playbook_file(tasks)))
    gathered, rendered = of_task(run, "fw1"), of_task(run, "new")
    assert (seen, unit.kept, unit.device.counters.connections) == (UNCHANGED, kept, connections + 1)
    assert not gathered["changed"]
    shown = gathered["gathered"]
    assert shown[RULES]["VOIPH-block-sip-in-tcp"]["type"] == "block"
    assert shown["interfaces"]["VOIPH_VOICE"]["if"] == "em1.40"
    assert shown["system/optimization"]["optimization"] == "conservative"
    assert "Servers" not in repr(shown)

    assert not rendered["changed"]
    assert rendered["platform"]["version"] == "2.7.2-RELEASE"
    paths = [edit["path"] for edit in rendered["rendered"]]
    assert {"aliases/alias", "vlans/vlan", "interfaces/opt1", "dhcpd/opt1", "filter/rule"} <= set(paths)
    (rules,) = (edit["list"] for edit in rendered["rendered"] if edit["path"] == "filter/rule")
    # What a factory-new box does is what is rendered for one, but for the numbers of its interfaces' cards.
    new = start_pfsense("factory", "2.7.2", flavour)
    new.run()
    made = [rule["descr"] for rule in entries(new.stored, "filter/rule") if rule["descr"].startswith("VOIPH-")]
    assert [entry["new"]["descr"] for entry in rules if "new" in entry] == made


# Playbooks


def site_of(folder: Path, *units: PfSenseUnit, **variables: Any) -> Site:
    """A site with these units as fw1, fw2 ..."""
    return Site(folder, {f"fw{n}": pfsense_variables(unit, **variables) for n, unit in enumerate(units, 1)})


def went_well(run: Run) -> Run:
    """The run, which must have ended without failures."""
    assert run.status == 0, run.output
    return run


def of_task(run: Run, host: str) -> dict[str, Any]:
    """What the one task returned that a host had."""
    (found,) = (entry["result"] for entry in run.results if entry["host"] == host and entry["kind"] == "ok")
    result: dict[str, Any] = found
    return result


def test_harden_a_site(tmp_path: Path, flavour: str, start_pfsense: Start) -> None:
    """Check, harden, again; a rule changed behind its back is found alone; deleted gives the start back."""
    units = [start_pfsense("lived-in", "24.11", flavour), start_pfsense("factory", "2.7.2", flavour)]
    before, kept = [unit.device.xml for unit in units], [unit.kept for unit in units]
    site = site_of(tmp_path, *units)

    shown = went_well(site.play("--check", "--diff"))
    assert [unit.kept for unit in units] == kept
    assert "+++ after" in shown.output
    assert "VOIPH-block-sip-in-tcp" in shown.output
    done = went_well(site.play("--diff"))
    for host in ("fw1", "fw2"):
        assert planned(done.result(host)) == planned(shown.result(host))
        assert done.result(host)["changed"]
    assert done.output.count("changed=1") == 2

    kept = [unit.kept for unit in units]
    again = went_well(site.play())
    assert again.output.count("changed=0") == 2
    assert [unit.kept for unit in units] == kept
    assert [unit.device.counters.logins for unit in units] == [4, 4]

    for unit in units:
        rules = entries(unit.stored, "filter/rule")
        place = next(n for n, rule in enumerate(rules) if rule["descr"] == "VOIPH-block-sip-in-tcp")
        unit.device.gui_write({f"filter/rule/{place}/disabled": True}, dirty=("filter",))
        unit.device.gui_apply()
    found = went_well(site.play("--check", "--diff"))
    line = f"update {RULES} VOIPH-block-sip-in-tcp disabled True -> False [FW-1]"
    assert [found.result(host)["plan"] for host in ("fw1", "fw2")] == [[line], [line]]
    lines = [line for line in found.output.splitlines() if line[:1] in ("+", "-") and line[:3] not in ("+++", "---")]
    assert sorted({line.replace(" ", "") for line in lines}) == ["+disabled:false", "-disabled:true"]

    went_well(site.play())
    assert [without_revision(unit.device.xml) for unit in units] == [without_revision(xml) for xml, _history in kept]
    went_well(site.play("-e", "voip_state=deleted"))
    assert [without_revision(unit.device.xml) for unit in units] == [without_revision(xml) for xml in before]


def test_delegated_to_a_jump_host(tmp_path: Path, start_pfsense: Start) -> None:
    """On another host the task runs as an ordinary module, packed with all it needs, with the same result."""
    here, there = start_pfsense("lived-in"), start_pfsense("lived-in")
    hosts = {
        "fw1": pfsense_variables(there),
        "jump": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable},
    }
    site = Site(tmp_path, hosts)
    task: dict[str, Any] = {
        "name": "Through the jump host",
        "voip.hardening.firewall": {"provider": "{{ voip_provider }}", "policy": "{{ voip_policy }}"},
        "delegate_to": "jump",
    }
    playbook = site.playbook_file([task])
    expected = here.run()
    shown = went_well(site.play("--check", playbook=playbook)).result("fw1")
    run = went_well(site.play("-vvvv", playbook=playbook))
    for name in ("plan", "undo", "unverifiable", "remarks"):
        assert shown[name] == run.result("fw1")[name] == expected[name], name
    assert run.result("fw1")["findings"] == expected["findings"]
    assert without_revision(here.device.xml) == without_revision(there.device.xml)
    assert PASSWORD not in run.output
    assert went_well(site.play(playbook=playbook)).result("fw1")["plan"] == []


def test_secrets_are_not_shown(tmp_path: Path, flavour: str, start_pfsense: Start) -> None:
    """At the highest verbosity neither the password nor anything secret of config.xml appears: in what is printed, in
    what is left in files, in what the box was sent."""
    good, bad, broken = (start_pfsense("lived-in", flavour=flavour) for _n in range(3))
    bad.device.faults.plant(kind="load", text=f"syntax error, passwd {PASSWORD}")
    broken.device.faults.plant(kind="truncated", op="read")
    site = site_of(tmp_path, good, bad, broken)
    runs = [site.play("-vvvv", "--diff"), site.play("-vvvv", "-e", "voip_state=gathered")]
    assert [run.of(f"fw{n}")["kind"] for run in runs for n in (1, 2, 3)] == [
        "ok", "failed", "unreachable", "ok", "ok", "unreachable",
    ]  # fmt: skip
    tree = good.stored
    secrets = {PASSWORD, *(user["bcrypt-hash"] for user in tree["system"]["user"] if user["bcrypt-hash"])}
    secrets |= {tree["cert"][0]["prv"], tree["acme_like_extension"]["accountkeys"]["item"][0]["secret"]}
    assert len(secrets) == 4
    places = [run.output for run in runs]
    for file in tmp_path.rglob("*"):
        if file.is_file() and file != site.inventory:
            places.append(file.read_text(encoding="utf-8", errors="replace"))
    places += [json.dumps(unit.device.log) for unit in (good, bad, broken)]
    assert [secret for secret in secrets for place in places if secret in place] == []


def test_nothing_is_contacted_when_the_policy_switches_everything_off(start_pfsense: Start) -> None:
    """A run without a concern left says so, and opens no connection."""
    unit = start_pfsense()
    result = unit.run("sip_alg", policy=pfsense_policy(concerns={"sip_alg": False}))
    assert not result["changed"]
    assert "not contacted" in " ".join(result["remarks"])
    assert unit.device.counters.connections == 0


# Ways in


KEY = paramiko.RSAKey.generate(2048)
PUBLIC = f"{KEY.get_name()} {KEY.get_base64()}"


def key_file(folder: Path) -> str:
    """A file with the private key."""
    path = folder / "id_rsa"
    KEY.write_private_key_file(str(path))
    return str(path)


def with_access(key_only: str = "", user: str = "admin") -> Tree:
    """The lived-in site where an account has our key; `key_only` is what sshd asks for: "", enabled or both."""
    tree = start_tree("lived-in", "2.8.0")
    if key_only:
        tree["system"]["ssh"]["sshdkeyonly"] = key_only
    with_key(tree, "admin" if user == "root" else user, PUBLIC)
    for account in tree["system"]["user"]:
        account.pop("disabled", None)
    with_password(tree, "ops", PASSWORD)
    return tree


WAYS: dict[str, tuple[str, dict[str, Any]]] = {
    # what sshd asks for, and what we give: None takes one away
    "password": ("", {}),
    "root": ("", {"username": "root"}),
    "key": ("", {"password": None, "private_key_file": True}),
    "key, only keys": ("enabled", {"password": None, "private_key_file": True}),
    "key, password not asked for": ("enabled", {"private_key_file": True}),
    "both": ("both", {"private_key_file": True}),
    "sudo and tcsh": ("", {"username": "ops"}),
    "sudo and tcsh, key": ("", {"username": "ops", "password": None, "private_key_file": True}),
}


@pytest.mark.parametrize("way", WAYS)
def test_ways_in(way: str, flavour: str, tmp_path: Path, start_pfsense: Start) -> None:
    """Whoever may run php as root can harden; each way in is tried once a log-in."""
    asked, given = WAYS[way]
    options = {**given, "private_key_file": key_file(tmp_path)} if "private_key_file" in given else given
    unit = start_pfsense(with_access(asked, options.get("username", "admin")), flavour=flavour, **options)
    before = unit.device.xml
    done = unit.run()
    second = [one for one in done["findings"] if one["subject"] == "SSH" and one["control"] == "ADM-1"]
    assert bool(second) == (asked == "")
    assert unit.run()["plan"] == []
    given_back(unit, before)
    counters = unit.device.counters
    assert (counters.failures, counters.logins, counters.connections) == (0, 6, 6)


def test_a_box_that_is_just_starting(flavour: str, start_pfsense: Start) -> None:
    """Dots and warnings before an answer are no part of it."""
    unit = start_pfsense("lived-in", flavour=flavour)
    before = unit.device.xml
    unit.device.booting = True
    unit.device.faults.plant(kind="noise")
    assert unit.run()["changed"]
    assert unit.run()["plan"] == []
    given_back(unit, before)


# Sites


@pytest.mark.parametrize("backend", ["isc", "kea"])
def test_what_phones_are_told(backend: str, flavour: str, start_pfsense: Start) -> None:
    """ISC's server gives options 66 and 160; Kea 66 alone, which is said. Kea's own settings of the site stay."""
    unit = start_pfsense("lived-in", flavour=flavour, choices={"backend": backend})
    before, theirs = unit.device.xml, unit.device.dhcp
    done = unit.run()
    url = "https://provisioning.example.com/"
    assert unit.device.dhcp["opt3"]["options"] == {"66": url, **({"160": url} if backend == "isc" else {})}
    assert unit.device.dhcp["lan"] == theirs["lan"]
    assert any("option 160" in remark for remark in done["remarks"]) == (backend == "kea")
    assert unit.run()["plan"] == []
    given_back(unit, before)
    assert unit.device.dhcp == theirs


def test_what_the_site_adds_to_our_dhcp_server_stays(flavour: str, start_pfsense: Start) -> None:
    """Phones with fixed addresses outlive a change of the range."""
    unit = start_pfsense("lived-in", flavour=flavour)
    before = unit.device.xml
    unit.run()
    fixed = [{"mac": "00:53:00:00:00:99", "ipaddr": "10.40.0.9", "hostname": "desk", "descr": "desk"}]
    unit.device.gui_write({"dhcpd/opt3/staticmap": fixed})
    assert unit.run()["plan"] == []
    other = pfsense_policy(voice_vlan={"dhcp_first": "10.40.0.50", "dhcp_last": "10.40.0.90"})
    assert unit.run(policy=other)["plan"] == [
        "update dhcpd opt3 first 10.40.0.2 -> 10.40.0.50, last 10.40.0.254 -> 10.40.0.90 [VLAN-1]"
    ]
    assert unit.device.dhcp["opt3"]["hosts"] == {"00:53:00:00:00:99": "10.40.0.9"}
    assert unit.run(policy=other)["plan"] == []
    given_back(unit, before)


@pytest.mark.parametrize("mode", ["automatic", "hybrid", "advanced", "disabled"])
@pytest.mark.parametrize("siproxd", ["on", "off", "absent"])
def test_translation_and_helpers(siproxd: str, mode: str, start_pfsense: Start) -> None:
    """Source ports are kept where the provider asks for it, whatever the mode; the proxy stops; and both come back."""
    unit = start_pfsense("lived-in", choices={"outbound": mode, "siproxd": siproxd})
    before, proxied = unit.device.xml, unit.device.siproxd
    assert proxied == (siproxd == "on")
    keeping = provider(static_port=True)
    done = unit.run(provider=keeping)
    loaded = unit.device.kernel.loaded.text.splitlines()
    lines = [line for line in loaded if line.startswith("nat ") and "10.40" in line]
    static = [line for line in lines if "static-port" in line]
    assert bool(static) == (mode != "disabled")
    assert lines[: len(static)] == static
    assert any("source ports stay" in remark for remark in done["remarks"]) == (mode == "disabled")
    assert not unit.device.siproxd
    assert unit.stored["nat"]["outbound"]["mode"] == ("hybrid" if mode == "automatic" else mode)
    assert unit.run(provider=keeping)["plan"] == []
    given_back(unit, before)
    assert unit.device.siproxd == proxied


def test_the_primary_of_a_pair(flavour: str, start_pfsense: Start) -> None:
    """Its peer is told of every write, and is let in to be told."""
    tree = start_tree("lived-in", "2.8.0")
    tree["hasync"] = {"synchronizetoip": "172.16.5.2", "username": "sync", "password": "sync-S3cret"}
    tree["virtualip"] = {
        "vip": [
            {"mode": "carp", "interface": "lan", "uniqid": "6650d1f2a7b99", "vhid": "1", "password": "carp-S3cret",
             "type": "single", "subnet_bits": "24", "subnet": "10.0.0.254"},
        ],
    }  # fmt: skip
    unit = start_pfsense(tree, flavour=flavour)
    before = unit.device.xml
    done = unit.run()
    assert unit.device.counters.synced == 1
    assert "by hand" in " ".join(done["remarks"])
    (managers,) = (one for one in entries(unit.stored, "aliases/alias") if one["name"] == "VOIPH_MANAGERS")
    assert managers["address"].split() == ["10.0.0.0/24", "172.16.5.1/32", "172.16.5.2/32"]
    shown = json.dumps(done)
    assert "S3cret" not in shown
    assert unit.run()["plan"] == []
    given_back(unit, before)


def test_what_is_not_ours_is_left_alone(flavour: str, start_pfsense: Start) -> None:
    """Rules of others, doubled numbers, rules that belong to forwards, sections' marks, elements that nobody knows:
    the file without ours, and with the settings that concerns keep put back, is the file as it was."""
    tree = start_tree("lived-in", "2.8.0")
    mark = {"row": ["fr1"], "text": "above the queue", "color": "bg-info", "if": "floatingrules"}
    tree["filter"]["separator"]["floatingrules"] = {"sep0": mark}
    tree["filter"]["rule"][4] |= {"unheard_of": "element", "vlanprioset": "vo"}
    tree["filter"]["bypassstaticroutes"] = ""
    unit = start_pfsense(tree, flavour=flavour)
    before = unit.stored
    unit.run(provider=provider(static_port=True))
    after = unit.stored

    rules = after["filter"]["rule"]
    ours = [place for place, rule in enumerate(rules) if rule["descr"].startswith("VOIPH-")]
    assert ours == list(range(len(ours)))
    assert rules[len(ours) :] == before["filter"]["rule"]
    # What stood between the first and the second floating rule of the site's stands there now.
    assert after["filter"]["separator"]["floatingrules"]["sep0"] == {**mark, "row": [f"fr{len(ours) + 1}"]}

    del after["filter"]["rule"][: len(ours)]
    after["filter"]["separator"]["floatingrules"]["sep0"]["row"] = ["fr1"]
    assert [one["name"] for one in after["aliases"]["alias"][: len(before["aliases"]["alias"])]] == [
        one["name"] for one in before["aliases"]["alias"]
    ]
    del after["aliases"]["alias"][len(before["aliases"]["alias"]) :]
    del after["interfaces"]["opt3"], after["dhcpd"]["opt3"], after["nat"]["outbound"]["rule"]
    del after["installedpackages"]["voiphardening"], after["vlans"]["vlan"][1:]
    settings = ("installedpackages/siproxdsettings/config/0/sipenable", "system/optimization", "nat/outbound/mode")
    for path in (*settings, "system/webgui/session_timeout"):
        assert get_path(after, path) != get_path(before, path), path
        set_path(after, path, get_path(before, path))
    del after["system"]["webgui"]["noantilockout"], after["system"]["sshguard_blocktime"]
    assert_same_pfsense(before, after)


def test_sections_that_are_empty(flavour: str, start_pfsense: Start) -> None:
    """They are empty once more when everything of ours is gone."""
    tree = start_tree("factory", "2.8.0")
    tree |= {"virtualip": "", "ifgroups": ""}
    tree["filter"] |= {"separator": ""}
    tree["nat"] |= {"separator": ""}
    unit = start_pfsense(tree, flavour=flavour)
    before = unit.device.xml
    keeping = provider(static_port=True)
    unit.run(provider=keeping)
    assert unit.run(provider=keeping)["plan"] == []
    given_back(unit, before)


def test_sections_that_were_not_there(flavour: str, start_pfsense: Start) -> None:
    """The only thing that does not come back exactly: a section that was not there is there and empty, but for the one
    of packages, which goes with our notes, empty as it may have been before."""
    tree = start_tree("factory", "2.8.0")
    tree["installedpackages"] = ""
    for name in ("vlans", "aliases", "qinqs"):
        del tree[name]
    unit = start_pfsense(tree, flavour=flavour)
    before = without_revision(unit.device.xml)
    unit.run()
    assert unit.run()["plan"] == []
    unit.run(state="deleted")
    gone, new = "\t<installedpackages></installedpackages>\n", "\t<aliases></aliases>\n\t<vlans></vlans>\n"
    assert gone in before
    after = without_revision(unit.device.xml)
    assert new in after
    assert after.replace(new, "") == before.replace(gone, "")


@pytest.mark.parametrize("later", [False, True], ids=["from the beginning", "later"])
def test_exclusive_and_back(later: bool, flavour: str, start_pfsense: Start) -> None:
    """Rules that let SIP and RTP of strangers in are switched off, findings of what cannot be switched off stay, and
    the way back is exact, also where the policy asks for it only after a while."""
    tree = start_tree("lived-in", "2.8.0")
    opened = copy.deepcopy(next(rule for rule in tree["filter"]["rule"] if rule["descr"] == "OpenVPN"))
    opened |= {"tracker": "1690000060", "descr": "SIP for everybody"}
    opened["destination"] = {"network": "wanip", "port": "5060"}
    twin = copy.deepcopy(opened) | {"descr": "SIP for everybody, again"}
    tree["filter"]["rule"] += [opened, twin]
    unit = start_pfsense(tree, flavour=flavour)
    before = unit.device.xml
    plain = unit.run(check=not later)
    exclusive = pfsense_policy(enforce_exclusive=True)
    done = unit.run(policy=exclusive)
    off = [rule["descr"] for rule in entries(unit.stored, "filter/rule") if "disabled" in rule]
    assert off == ["old VPN", "SIP for everybody", "SIP for everybody, again"]
    assert any("SIP for everybody" in one["subject"] for one in plain["findings"])
    assert not any("SIP for everybody" in one["subject"] for one in done["findings"])
    assert any("old PBX" in one["subject"] for one in done["findings"])
    assert unit.run(policy=exclusive)["plan"] == []
    assert unit.run()["plan"] == []  # asking for less opens nothing
    unit.run("sip_allowlist", state="deleted")
    assert [rule["descr"] for rule in entries(unit.stored, "filter/rule") if "disabled" in rule] == ["old VPN"]
    given_back(unit, before)


def test_a_pbx_behind_the_box(flavour: str, start_pfsense: Start) -> None:
    """Forwards for the provider alone, in front of the site's own; and everything back."""
    unit = start_pfsense("lived-in", flavour=flavour)
    before, forwards = unit.device.xml, entries(unit.stored, "nat/rule")
    with_pbx = pfsense_policy(pbx={"address": "172.16.5.20"})
    unit.run(policy=with_pbx)
    found = entries(unit.stored, "nat/rule")
    ours = [one for one in found if one["descr"].startswith("VOIPH-")]
    assert {one["target"] for one in ours} == {"172.16.5.20"}
    assert {one["source"]["address"] for one in ours} == {"VOIPH_SIGNALLING", "VOIPH_MEDIA"}
    assert [one for one in found if one not in ours] == forwards
    assert unit.run(policy=with_pbx)["plan"] == []
    given_back(unit, before)


def test_a_site_that_has_its_voice_vlan(flavour: str, start_pfsense: Start) -> None:
    """An interface that carries it already is used and left as it is."""
    tree = start_tree("lived-in", "2.8.0")
    tree["vlans"]["vlan"].append({"if": "em2", "tag": "40", "pcp": "", "descr": "phones", "vlanif": "em2.40"})
    tree["interfaces"]["opt5"] = {
        "descr": "PHONES", "if": "em2.40", "enable": "", "ipaddr": "10.40.0.1", "subnet": "24", "spoofmac": "",
    }  # fmt: skip
    unit = start_pfsense(tree, flavour=flavour)
    before = unit.device.xml
    done = unit.run()
    assert any("opt5" in remark for remark in done["remarks"])
    assert unit.stored["interfaces"] == parsed(before)["interfaces"]
    denying = [rule for rule in entries(unit.stored, "filter/rule") if "voice-deny" in rule["descr"]]
    assert {rule["interface"] for rule in denying} == {"opt5"}
    assert unit.run()["plan"] == []
    given_back(unit, before)


def test_open_states_of_the_phones_are_closed(flavour: str, start_pfsense: Start) -> None:
    """Where that is asked for; those of others stay, and in any case it is said."""
    unit = start_pfsense("lived-in", flavour=flavour)
    phone, other = ("10.40.0.20", "192.0.2.99"), ("10.0.0.7", "192.0.2.99")
    unit.device.kernel.states = [phone, other, ("192.0.2.99", "10.40.0.20")]
    assert any("live on" in line for line in unit.run("sip_alg")["pending"])
    assert len(unit.device.kernel.states) == 3
    seen = unit.watched()
    assert unit.run(clear_sessions=True)["pending"] == []
    assert seen == [*CHANGED, (2, "flows")]
    assert unit.device.kernel.states == [other]


# Policies that change


def site(provider_changes: Tree | None = None, **policy_changes: Any) -> Tree:
    """Provider and policy of one run."""
    return {"provider": provider(**(provider_changes or {})), "policy": pfsense_policy(**policy_changes)}


ONLY_V4 = {"signalling": ["203.0.113.0/27"], "media": ["203.0.113.128/26"]}
ONLY_V6 = {"signalling": ["2001:db8:5060::/48"], "media": ["2001:db8:5061::/48"]}
SEQUENCES: dict[str, Tree] = {
    "range added": site({"signalling": ["203.0.113.0/27", "2001:db8:5060::/48", "192.0.2.64/26"]}),
    "range replaced": site({"signalling": ["192.0.2.64/26"], "media": ["192.0.2.128/26"]}),
    "udp": site(transport="udp"),
    "tcp": site(transport="tcp"),
    "RTP ports": site({"rtp_ports": ["30000-40000", "50000"]}),
    "SIP ports": site({"sip_ports": {"tls": [5061, "5071-5073"], "udp": [5080]}}),
    "source ports kept": site({"static_port": True}),
    "PBX in the voice VLAN": site(
        pbx={"address": "10.40.0.5", "public_address": "198.51.100.7"}, voice_vlan={"dhcp_first": "10.40.0.50"}
    ),
    "PBX beside it": site(pbx={"address": "172.16.5.9"}),
    "DHCP range": site(voice_vlan={"dhcp_first": "10.40.0.100", "dhcp_last": "10.40.0.150"}),
    "gateway": site(voice_vlan={"gateway": "10.40.0.254"}),
    "subnet": site(voice_vlan={"subnet": "10.41.0.0/24"}),
    "VLAN number": site(voice_vlan={"id": 41}),
    "another port": site(voice_vlan={"parent_interface": "DMZ"}),
    "priority": site(voice_vlan={"priority": 6}),
    "provisioning": site(voice_vlan={"provisioning_url": None, "provisioning": ["192.0.2.10"]}),
    "time servers": site(voice_vlan={"ntp_servers": ["192.0.2.123"]}),
    "IPv4 alone": site(ONLY_V4),
    "IPv6 alone": site(ONLY_V6),
    "WAN named": site(wan_interfaces=["WAN"]),
    "management": site(management={"networks": ["10.0.0.0/24", "192.0.2.192/28"], "idle_timeout_minutes": 5}),
}


WITH_PHP = ("source ports kept", "PBX beside it", "subnet", "VLAN number", "another port")
"""Those that make the box do something that no other test here makes it do; the rest is for the other flavour."""


@pytest.mark.parametrize(
    ("name", "flavour"),
    [(name, kind) for kind in FLAVOURS for name in SEQUENCES if kind == "python" or name in WITH_PHP],
    indirect=["flavour"],
)
def test_one_run_follows_the_policy(name: str, flavour: str, start_pfsense: Start) -> None:
    """Each policy is reached in one run, the next plans nothing; back at the first one the box does what it did."""
    unit = start_pfsense("lived-in", flavour=flavour)
    before, running_before = unit.device.xml, in_force(unit)
    first = {}
    for inputs in (site(), SEQUENCES[name], site()):
        shown = unit.run(check=True, **inputs)
        assert unit.run(**inputs)["plan"] == shown["plan"]
        assert unit.run(**inputs)["plan"] == []
        first = first or in_force(unit)
    assert in_force(unit) == first
    given_back(unit, before)
    assert in_force(unit) == running_before


def in_force(unit: PfSenseUnit) -> Tree:
    """What the box does, which its configuration only says."""
    state = unit.device.state()
    told = ("running", "tables", "devices", "ipv4", "dhcp", "siproxd")
    return {**{name: state[name] for name in told}, "rules": running(unit)}


def test_web_interface_without_encryption(flavour: str, start_pfsense: Start) -> None:
    """It gets it, on the port that goes with it, and is started anew for that alone, as sshguard is for its settings;
    SSH is left alone."""
    tree = start_tree("lived-in", "2.8.0")
    tree["system"]["webgui"] |= {"protocol": "http", "port": ""}
    del tree["system"]["webgui"]["disablehttpredirect"]
    unit = start_pfsense(tree, flavour=flavour)
    before = unit.device.xml
    unit.run()
    assert unit.device.restarts == {"webgui": 1, "sshd": 0, "sshguard": 1}
    (ports,) = (one for one in entries(unit.stored, "aliases/alias") if one["name"] == "VOIPH_MANAGEMENT_PORTS")
    assert ports["address"].split() == ["22", "443"]
    unit.run(policy=pfsense_policy(transport="udp"))
    assert unit.device.restarts == {"webgui": 1, "sshd": 0, "sshguard": 1}
    given_back(unit, before)
    assert unit.device.restarts == {"webgui": 2, "sshd": 0, "sshguard": 2}


def test_a_large_site(flavour: str, start_pfsense: Start) -> None:
    """A thousand rules and aliases of the site's keep their order, and one request still reads them all."""
    tree = start_tree("lived-in", "2.8.0")
    last = tree["filter"]["rule"][-1]
    for number in range(1000):
        alias = {"name": f"Net{number}", "type": "network", "address": f"10.{number % 250}.9.0/24", "descr": "n" * 100}
        tree["aliases"]["alias"].append({**alias, "detail": ""})
        rule = {**last, "interface": "lan", "tracker": str(1700000000 + number), "descr": f"rule {number}"}
        tree["filter"]["rule"].append({**rule, "source": {"address": f"Net{number}"}})
    unit = start_pfsense(tree, flavour=flavour)
    before, seen = unit.device.xml, unit.watched()
    unit.run()
    assert seen == CHANGED
    theirs = [rule for rule in entries(unit.stored, "filter/rule") if not rule["descr"].startswith("VOIPH-")]
    assert theirs == entries(parsed(before), "filter/rule")
    assert unit.run()["plan"] == []
    given_back(unit, before)
