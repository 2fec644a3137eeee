"""A site joins by `onboard.yml`: what is asked, sent, written and shown, on live test devices."""

from __future__ import annotations

import json
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.devices.pfsense import dumped
from tests.devices.pfsense.accounts import with_password
from tests.devices.phones import PolyPhone, YealinkPhone
from tests.devices.phones.addresses import real_port
from tests.support.canaries import Canary, leaks
from tests.support.onboarding import VAULT_PASSWORD, Firewall, Newcomer, changed, firewall_of, said
from tests.support.phone_probes import SERVICES
from tests.support.playbooks import ROOT
from tests.support.units import TOKEN

PLATFORMS = ("fortios", "draytek", "pfsense")
SECRETS = {"fortios": "voip_access_token", "draytek": "ansible_password", "pfsense": "ansible_password"}
KINDS = {"fortios": "fortigates", "draytek": "vigors", "pfsense": "pfsenses"}
FILES = ["group_vars/north.yml", "host_vars/north-fw1.yml", "site-north.yml"]
SERVICES_OF_PHONES = {"voip_phone_services": {name: real_port(port) for name, port in SERVICES.items()}}


@pytest.fixture
def newcomer(tmp_path: Path) -> Newcomer:
    return Newcomer(tmp_path)


@pytest.fixture
def firewall(
    start: Callable[..., Any], start_vigor: Callable[..., Any], start_pfsense: Callable[..., Any]
) -> Callable[[str], Firewall]:
    """Start a lived-in device of a platform."""
    starts = {"fortios": start, "draytek": start_vigor, "pfsense": start_pfsense}
    return lambda platform: firewall_of(platform, starts[platform]("lived-in"))


@pytest.fixture
def phones() -> Iterator[tuple[YealinkPhone, PolyPhone]]:
    """A phone of each vendor, running."""
    both = YealinkPhone("805ec0bb0001"), PolyPhone("64167fbb0002", "VVX 450", "6.4.6.2453")
    for phone in both:
        phone.start()
    yield both
    for phone in both:
        phone.stop()


def confirmed(device: Firewall, **changes: Any) -> dict[str, Any]:
    """The answers with a confirmed fingerprint; None takes one away."""
    given = {**device.answers, "fingerprint": device.unit.server.fingerprint, **changes}
    return {name: value for name, value in given.items() if value is not None}


def secret_of(device: Firewall) -> str:
    return str(device.answers.get("access_token") or device.answers["password"])


# Joining


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_site_joins_and_joins_again(newcomer: Newcomer, firewall: Callable[[str], Firewall], platform: str) -> None:
    device = firewall(platform)
    first = newcomer.run(confirmed(device))
    assert changed(first) == 1
    written = newcomer.files
    assert sorted(written) == FILES

    listed = newcomer.listed()
    host = listed["_meta"]["hostvars"]["north-fw1"]
    assert listed[KINDS[platform]]["hosts"] == listed["north"]["hosts"] == ["north-fw1"]
    assert KINDS[platform] in listed["firewalls"]["children"]
    assert host["ansible_network_os"] == platform
    assert host["voip_site"] == "north"
    assert host[SECRETS[platform]] == secret_of(device)
    assert not any(secret_of(device) in text for text in written.values())
    modes = {name: stat.S_IMODE((newcomer.inventory / name).stat().st_mode) for name in FILES}
    assert modes == {FILES[0]: 0o640, FILES[1]: 0o600, FILES[2]: 0o640}

    # Credentials are given to it once to recognise it, and once to compare it with its policy.
    if platform != "fortios":
        assert device.let_in == 2
    assert changed(newcomer.run(confirmed(device))) == 0
    assert newcomer.files == written
    assert device.writes == 0
    assert device.refused == 0

    # What it shows before anything is changed, and how to go on.
    shown = " ".join(first.output.split())
    assert "north / north-fw1: drifted" in shown
    assert f"ansible-playbook -i {newcomer.inventory} {ROOT / 'harden.yml'} --limit north --vault-id" in shown
    hardening = newcomer.run({}, "--check", playbook="harden.yml")
    assert hardening.status == 0, hardening.output
    assert hardening.result("north-fw1")["changed"] is True


def test_the_command_that_it_ends_with_hardens(newcomer: Newcomer, firewall: Callable[[str], Firewall]) -> None:
    device = firewall("fortios")
    before = newcomer.run(confirmed(device))
    assert before.result("north-fw1")["posture"]["remediable"] is True
    (command,) = [entry["result"]["msg"] for entry in before.results if entry["task"] == "To harden it"]
    assert device.writes == 0
    done = newcomer.typed(command)
    assert done.returncode == 0, done.stdout + done.stderr
    assert device.writes > 0
    after = newcomer.run(confirmed(device))
    assert changed(after) == 0
    assert after.result("north-fw1")["posture"]["remediable"] is False


def test_phones_of_a_csv_file_are_recognised(
    newcomer: Newcomer, firewall: Callable[[str], Firewall], phones: tuple[YealinkPhone, PolyPhone]
) -> None:
    yealink, poly = phones
    listed = newcomer.folder / "phones.csv"
    listed.write_text(
        "MAC,Address,Name,Model,Vendor,Firmware\n"
        f"80-5E-C0-BB-00-01,{yealink.address},desk-101,,,\n"
        f"64:16:7f:bb:00:02,{poly.address},desk-102,VVX 450,poly,\n"
        "80:5e:c0:bb:00:03,,desk-103,T46S,yealink,66.86.0.15\n",
        encoding="utf-8",
    )
    device = firewall("fortios")
    answers = confirmed(device, phones=str(listed), provisioning_url="https://provisioning.example.com/north/")
    assert changed(newcomer.run(answers, **SERVICES_OF_PHONES)) == 1
    found = newcomer.listed()
    hosts = found["_meta"]["hostvars"]
    assert found["yealinks"]["hosts"] == ["north-desk-101", "north-desk-103"]
    assert found["polys"]["hosts"] == ["north-desk-102"]
    seen = [
        [hosts[f"north-desk-{number}"].get(f"voip_phone_{what}") for what in ("mac", "model", "firmware")]
        for number in (101, 102, 103)
    ]
    assert seen == [
        ["80:5e:c0:bb:00:01", "T54W", "96.86.0.45"],
        ["64:16:7f:bb:00:02", "VVX 450", "6.4.6.2453"],
        ["80:5e:c0:bb:00:03", "T46S", "66.86.0.15"],
    ]
    assert hosts["north-desk-101"]["voip_policy"]["voice_vlan"]["provisioning_url"].endswith("/north/")
    assert changed(newcomer.run(answers, **SERVICES_OF_PHONES)) == 0


def test_a_phone_that_is_another_one_is_refused(
    newcomer: Newcomer, firewall: Callable[[str], Firewall], phones: tuple[YealinkPhone, PolyPhone]
) -> None:
    mixed_up = [{"mac": phones[1].mac, "address": phones[0].address, "name": "desk-101"}]
    run = newcomer.run(confirmed(firewall("fortios"), phones=mixed_up), **SERVICES_OF_PHONES)
    assert run.status != 0
    assert "voip_onboard_phones[0].vendor" in said(run)
    assert newcomer.files == {}


def test_a_phone_that_is_away_must_be_known_from_the_list(
    newcomer: Newcomer, firewall: Callable[[str], Firewall]
) -> None:
    away = {"mac": "80:5e:c0:bb:00:01", "address": "127.0.99.1", "name": "desk-101"}
    device = firewall("fortios")
    run = newcomer.run(confirmed(device, phones=[away]), **SERVICES_OF_PHONES, voip_timeout=5)
    assert run.status != 0
    assert "voip_onboard_phones[0].model: missing" in run.output
    known = {**away, "model": "T54W", "firmware": "96.86.0.45"}
    run = newcomer.run(confirmed(device, phones=[known]), **SERVICES_OF_PHONES, voip_timeout=5)
    assert changed(run) == 1


# Nothing secret before the fingerprint is confirmed


@pytest.mark.parametrize("platform", PLATFORMS)
def test_an_unconfirmed_fingerprint_is_shown_and_nothing_is_sent(
    newcomer: Newcomer, firewall: Callable[[str], Firewall], platform: str
) -> None:
    device = firewall(platform)
    run = newcomer.run(device.answers)
    assert run.status != 0
    shown = said(run).rpartition("voip_onboard_fingerprint=")[2]
    plain = device.unit.server.fingerprint.removeprefix("SHA256:").lower()
    assert shown.removeprefix("SHA256:").lower().replace(":", "") == plain
    assert (device.let_in, device.refused) == (0, 0)
    assert newcomer.files == {}
    # What it shows is what confirms it.
    assert changed(newcomer.run({**device.answers, "fingerprint": shown})) == 1


@pytest.mark.parametrize("platform", PLATFORMS)
def test_another_fingerprint_is_refused_before_anything_is_sent(
    newcomer: Newcomer, firewall: Callable[[str], Firewall], platform: str
) -> None:
    device = firewall(platform)
    other = "ab" * 32 if platform == "fortios" else "SHA256:Nv1LVgHmMmmlNfVmMIrJxxN2YoO3ohGfJ7nzGAaZ0Ks"
    run = newcomer.run(confirmed(device, fingerprint=other))
    assert run.status != 0
    assert other in said(run)
    assert "Nothing secret was sent" in said(run)
    assert (device.let_in, device.refused) == (0, 0)
    assert newcomer.files == {}


def test_a_pinned_device_needs_no_second_confirmation_and_may_not_become_another(
    newcomer: Newcomer, firewall: Callable[[str], Firewall]
) -> None:
    device = firewall("draytek")
    assert changed(newcomer.run(confirmed(device))) == 1
    assert changed(newcomer.run(device.answers)) == 0
    pinned = newcomer.inventory / FILES[1]
    text = pinned.read_text(encoding="utf-8")
    other = "SHA256:Nv1LVgHmMmmlNfVmMIrJxxN2YoO3ohGfJ7nzGAaZ0Ks"
    pinned.write_text(text.replace(device.unit.server.fingerprint, other), encoding="utf-8")
    entered = device.let_in
    run = newcomer.run({**device.answers, "fingerprint": ""})  # as a survey leaves out what is not answered
    assert run.status != 0
    assert f"{other}, which it had when it was onboarded" in said(run)
    assert device.let_in == entered


# What goes wrong with a device


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_wrong_password_is_tried_once(
    newcomer: Newcomer, firewall: Callable[[str], Firewall], platform: str
) -> None:
    device = firewall(platform)
    wrong = {name: "not-the-right-one" for name in ("access_token", "password") if name in device.answers}
    run = newcomer.run(confirmed(device, **wrong))
    assert run.status != 0
    assert "refused" in said(run)
    assert (device.let_in, device.refused) == (0, 1)
    assert newcomer.files == {}


def test_a_device_that_does_not_answer(newcomer: Newcomer, firewall: Callable[[str], Firewall]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    run = newcomer.run(confirmed(firewall("fortios"), address=f"127.0.0.1:{port}"))
    assert run.status != 0
    assert f"127.0.0.1:{port}: no connection" in said(run)
    assert newcomer.files == {}


@pytest.mark.parametrize("platform", ["", "fortios"])
def test_a_device_that_is_none_of_these(
    newcomer: Newcomer, firewall: Callable[[str], Firewall], phones: tuple[YealinkPhone, PolyPhone], platform: str
) -> None:
    address = f"{phones[0].address}:{real_port(443)}"
    run = newcomer.run(confirmed(firewall("fortios"), address=address, platform=platform, fingerprint=None))
    assert run.status != 0
    assert ("this is neither a FortiGate" in said(run)) is not bool(platform)
    assert ("this is not a FortiGate" in said(run)) is bool(platform)
    assert newcomer.files == {}


# What was answered


def test_every_bad_answer_is_named_before_anything_is_contacted(
    newcomer: Newcomer, firewall: Callable[[str], Firewall]
) -> None:
    device = firewall("draytek")
    run = newcomer.run(confirmed(
        device, site="North Office", platform="cisco", provider="nobody", vlan_id="5000", vlan_subnet="10.40.0.0",
        management_networks="10.0.0.1/24", phones=[{"mac": "80:5e:c0"}], address="https://fw",
    ))  # fmt: skip
    assert run.status != 0
    fields = [line.partition(":")[0] for line in said(run).splitlines()]
    assert fields == [
        "voip_onboard_site", "voip_onboard_address", "voip_onboard_platform", "voip_onboard_phones[0].mac",
        "voip_onboard_provider",
    ]  # fmt: skip
    bad_policy = confirmed(device, vlan_id="5000", vlan_subnet="10.40.0.0", management_networks="10.0.0.1/24")
    run = newcomer.run(bad_policy)
    fields = [line.partition(":")[0] for line in said(run).splitlines()]
    assert fields == [
        "voip_onboard_vlan_id", "voip_onboard_vlan_subnet", "voip_onboard_management_networks[0]",
    ]  # fmt: skip
    assert device.unit.device.counters.connections == 0
    assert newcomer.files == {}


def test_a_template_in_an_answer_is_carried_out_by_nobody(
    newcomer: Newcomer, firewall: Callable[[str], Firewall]
) -> None:
    """A survey of AWX hands answers on as text, which the inventory must not turn into a template."""
    device, trace = firewall("pfsense"), newcomer.folder / "trace"
    text = "{{ lookup('ansible.builtin.pipe', 'touch " + str(trace) + "') }}"
    survey = newcomer.folder / "survey.yml"
    survey.write_text(f'voip_onboard_user: !unsafe "{text}"\n', encoding="utf-8")
    run = newcomer.run(confirmed(device), "-e", f"@{survey}")
    assert run.status != 0
    assert said(run).startswith("voip_onboard_user: "), run.output
    assert "text without {{" in said(run)
    assert not trace.exists()
    assert device.let_in + device.refused == 0
    assert newcomer.files == {}


def test_nothing_is_asked_or_contacted_without_a_vault_password(
    newcomer: Newcomer, firewall: Callable[[str], Firewall]
) -> None:
    device = firewall("draytek")
    run = newcomer.run(confirmed(device), vault=False)
    assert run.status != 0
    assert "--vault-id" in said(run)
    assert run.results[-1]["task"].endswith("Look at the inventory's folder and at the vault password")
    assert device.unit.device.counters.connections == 0
    assert newcomer.files == {}


def test_what_other_sites_have_is_refused(newcomer: Newcomer, firewall: Callable[[str], Firewall]) -> None:
    device = firewall("draytek")
    newcomer.inventory.mkdir(parents=True)
    others = {
        "north": {"hosts": {"old-fw": {}}},
        "south": {
            "hosts": {
                "south-fw1": {
                    "ansible_host": device.unit.server.host,
                    "ansible_port": device.unit.server.port,
                    "ansible_network_os": "draytek",
                },
                "south-desk": {"voip_phone_mac": "805EC0BB0003"},
                "east-fw1": {},
            }
        },
    }
    (newcomer.inventory / "others.json").write_text(json.dumps(others), encoding="utf-8")
    before = newcomer.files
    phone = {"mac": "80:5e:c0:bb:00:03", "model": "T46S", "firmware": "66.86.0.15", "name": "desk-1"}
    run = newcomer.run(confirmed(device, phones=[phone]))
    fields = [line.partition(":")[0] for line in said(run).splitlines()]
    assert fields == ["voip_onboard_site", "voip_onboard_address", "voip_onboard_phones[0].mac"]
    run = newcomer.run(confirmed(device, site="east"))
    assert "east-fw1" in said(run).splitlines()[0]
    assert newcomer.files == before
    assert device.unit.device.counters.connections == 0


# Files


def test_changed_answers_change_the_files(newcomer: Newcomer, firewall: Callable[[str], Firewall]) -> None:
    device = firewall("draytek")
    assert changed(newcomer.run(confirmed(device))) == 1
    before = newcomer.files
    device.unit.device.set_password("admin", "An0ther-passw0rd-of-it")
    run = newcomer.run(confirmed(device, vlan_id="41", password="An0ther-passw0rd-of-it"), "--diff")
    assert changed(run) == 1
    after = newcomer.files
    assert [name for name in FILES if before[name] != after[name]] == FILES[:2]
    assert "-    id: 40\n+    id: 41\n" in run.output
    assert "-ansible_password: !vault ***\n+ansible_password: !vault *** (new)\n" in run.output
    assert newcomer.listed()["_meta"]["hostvars"]["north-fw1"]["ansible_password"] == "An0ther-passw0rd-of-it"


def test_a_file_that_somebody_changed_is_not_overwritten(
    newcomer: Newcomer, firewall: Callable[[str], Firewall]
) -> None:
    device = firewall("draytek")
    assert changed(newcomer.run(confirmed(device))) == 1
    theirs = newcomer.inventory / FILES[0]
    theirs.write_text(theirs.read_text(encoding="utf-8") + "voip_api_secret: of-the-customer\n", encoding="utf-8")
    before = newcomer.files
    run = newcomer.run(confirmed(device, vlan_id="41", site="north", user="admin"))
    assert run.status != 0
    assert f"{theirs}: somebody else wrote or changed this file" in said(run)
    assert "-voip_api_secret: ***" in said(run)
    assert "of-the-customer" not in run.output
    assert newcomer.files == before


def test_other_files_stay_as_they_are(newcomer: Newcomer, firewall: Callable[[str], Firewall]) -> None:
    newcomer.inventory.mkdir(parents=True)
    mine = newcomer.inventory / "hosts.yml"
    mine.write_text("# the old sites\nfirewalls:\n  hosts:\n    old-fw1: {ansible_host: 192.0.2.1}\n", encoding="utf-8")
    before = mine.read_text(encoding="utf-8")
    run = newcomer.run(confirmed(firewall("pfsense")))
    assert changed(run) == 1
    assert "north / north-fw1: drifted" in run.output
    assert mine.read_text(encoding="utf-8") == before
    assert sorted(newcomer.listed()["_meta"]["hostvars"]) == ["north-fw1", "old-fw1"]


def test_check_mode_writes_nothing_and_says_what_would_be(
    newcomer: Newcomer, firewall: Callable[[str], Firewall]
) -> None:
    device = firewall("pfsense")
    run = newcomer.run(confirmed(device), "--check", "--diff")
    assert run.status == 0, run.output
    (written,) = [entry["result"] for entry in run.results if entry["task"].endswith("Write the site")]
    assert written["plan"] == [f"create {name}" for name in (FILES[1], FILES[0], FILES[2])]
    assert "+ansible_password: !vault *** (new)" in run.output
    assert not newcomer.inventory.exists()
    assert device.writes == 0


# Secrets


@pytest.mark.parametrize("wrong", [False, True])
def test_secrets_are_nowhere(newcomer: Newcomer, start_vigor: Callable[..., Any], wrong: bool) -> None:
    canary = Canary.make("vigor", between="'\"{", before="$", after="\\")
    device = firewall_of("draytek", start_vigor("lived-in"))
    device.unit.device.set_password("admin", "something-else" if wrong else canary.text)
    run = newcomer.run(confirmed(device, password=canary.text), "-vvvv", "--diff")
    assert (run.status != 0) is wrong
    (newcomer.folder / "answers.json").unlink()  # where the user wrote them
    kept = {str(path): [path.read_bytes()] for path in newcomer.folder.rglob("*") if path.is_file()}
    assert not leaks([canary], {"what was printed": [run.output.encode()], **kept})
    if not wrong:
        assert newcomer.listed()["_meta"]["hostvars"]["north-fw1"]["ansible_password"] == canary.text


def test_a_password_that_is_one_of_our_own_words(newcomer: Newcomer, start_pfsense: Callable[..., Any]) -> None:
    """pfSense leaves the factory with its own name as password, other things with that of the account."""
    for number, (site, password) in enumerate((("north", "pfsense"), ("south", "admin"), ("west", "west"))):
        unit = start_pfsense("lived-in", host=f"127.0.40.{20 + number}")
        tree = unit.device.config
        with_password(tree, "admin", password)
        unit.device.xml = dumped(tree)
        run = newcomer.run(confirmed(firewall_of("pfsense", unit), site=site, password=password))
        assert changed(run) == 1
        assert run.result(f"{site}-fw1")["posture"]["class"] == "drift"
        host = newcomer.listed()["_meta"]["hostvars"][f"{site}-fw1"]
        wanted = [host[name] for name in ("ansible_network_os", "ansible_user", "ansible_password", "voip_site")]
        assert wanted == ["pfsense", "admin", password, site]


# Questions


def test_somebody_is_asked_at_a_terminal(newcomer: Newcomer, firewall: Callable[[str], Firewall]) -> None:
    device = firewall("draytek")
    password = "Vig0r-{typed}-%word"
    device.unit.device.set_password("admin", password)
    typed = {
        "Name of the site": "north",
        "Address of its firewall": device.answers["address"],
        "Its platform": "",
        "Account to log in with": "admin",
        "Provider profile": "example-voice",
        "Id of the voice VLAN": "40",
        "Subnet of the voice VLAN": "10.40.0.0/24",
        "Networks from which": "10.0.0.0/24, 10.255.0.0/24",
        "CSV file with the phones": "",
        "Password of admin": password,
        "Is it the same?": "yes",
    }
    with newcomer.at_terminal({"policy": device.answers["policy"]}) as terminal:
        for question, answer in typed.items():
            terminal.answer(question, answer)
        assert terminal.finish() == 0, terminal.seen
    assert password not in terminal.seen
    assert device.unit.server.fingerprint in terminal.seen
    host = newcomer.listed()["_meta"]["hostvars"]["north-fw1"]
    assert host["ansible_password"] == password
    assert host["voip_policy"]["management"]["networks"] == ["10.0.0.0/24", "10.255.0.0/24"]
    assert device.writes == 0


def test_who_does_not_confirm_sends_nothing(newcomer: Newcomer, firewall: Callable[[str], Firewall]) -> None:
    device = firewall("draytek")
    with newcomer.at_terminal(device.answers) as terminal:
        terminal.answer("Is it the same?", "no")
        assert terminal.finish() != 0
    assert (device.let_in, device.refused) == (0, 0)
    assert newcomer.files == {}


def test_a_job_of_awx_is_asked_nothing(newcomer: Newcomer, firewall: Callable[[str], Firewall]) -> None:
    """It has a terminal, and nobody in front of it."""
    device = firewall("fortios")
    answers = {name: value for name, value in device.answers.items() if name not in ("vlan_id", "access_token")}
    with newcomer.at_terminal(answers, "-e", "awx_job_id=7") as terminal:
        assert terminal.finish() != 0
    assert "voip_onboard_vlan_id: missing" in terminal.seen
    with newcomer.at_terminal(device.answers, "-e", "awx_job_id=7") as terminal:
        assert terminal.finish() != 0
    assert "voip_onboard_fingerprint=" in terminal.seen
    with newcomer.at_terminal(confirmed(device), "-e", "awx_job_id=7") as terminal:
        assert terminal.finish() == 0, terminal.seen
    assert TOKEN not in terminal.seen + "".join(newcomer.files.values())
    assert VAULT_PASSWORD not in terminal.seen
