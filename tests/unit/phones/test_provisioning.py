"""From options to files on disk: check mode, second runs, modes, interruptions, and results without passwords."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from ansible_collections.voip.hardening.plugins.module_utils.module import Failure
from ansible_collections.voip.hardening.plugins.module_utils.phones.passwords import PasswordBook
from ansible_collections.voip.hardening.plugins.module_utils.phones.provisioning import execute, prepare
from ansible_collections.voip.hardening.plugins.plugin_utils.vault_file import StoreError, VaultFile
from tests.support.phone_store import VAULT, Rig, params
from tests.unit.phones.samples import MACS, PASSWORDS, PROVISIONING_PASSWORD, VLAN


def run(folder: Path, vendor: str = "yealink", check: bool = False, **options: Any) -> dict[str, Any]:
    """The result of a run with given passwords; nothing in it may be one of them."""
    job = prepare(params(folder, vendor, **options), check)
    result = execute(job, job.passwords)
    text = json.dumps(result)
    assert not [secret for secret in (*PASSWORDS.values(), PROVISIONING_PASSWORD) if secret in text]
    return result


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "phones"
    path.mkdir()
    return path


@pytest.mark.parametrize("vendor", ["yealink", "poly"])
def test_check_mode_shows_the_plan_of_the_run_and_writes_nothing(vendor: str, folder: Path) -> None:
    shown = run(folder, vendor, check=True)
    assert contents(folder) == {}
    done = run(folder, vendor)
    assert shown == done
    assert done["changed"]
    assert done["evidence"] == "rendered"
    assert len(done["plan"]) == len(contents(folder)) == 2
    before = contents(folder)
    assert run(folder, vendor)["plan"] == []
    assert not run(folder, vendor, check=True)["changed"]
    assert contents(folder) == before


@pytest.mark.parametrize("vendor", ["yealink", "poly"])
def test_files_can_be_read_by_owner_and_group_alone(vendor: str, folder: Path) -> None:
    run(folder, vendor)
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o640}
    (folder / f"{MACS[vendor]}-hardening.cfg").chmod(0o644)
    result = run(folder, vendor, check=True)
    assert result["changed"]
    assert stat.S_IMODE((folder / f"{MACS[vendor]}-hardening.cfg").stat().st_mode) == 0o644
    assert run(folder, vendor)["plan"] == result["plan"]
    assert stat.S_IMODE((folder / f"{MACS[vendor]}-hardening.cfg").stat().st_mode) == 0o640
    assert not run(folder, vendor)["changed"]


def test_a_boot_file_of_others_keeps_its_mode(folder: Path) -> None:
    boot = folder / f"{MACS['yealink']}.boot"
    boot.write_text('#!version:1.0.0.1\ninclude:config "a.cfg"\n')
    boot.chmod(0o604)
    (folder / "a.cfg").write_text("#!version:1.0.0.1\n")
    run(folder)
    assert stat.S_IMODE(boot.stat().st_mode) == 0o604
    assert run(folder, state="deleted")["changed"]
    assert contents(folder) == {
        boot.name: b'#!version:1.0.0.1\ninclude:config "a.cfg"\n',
        "a.cfg": b"#!version:1.0.0.1\n",
    }
    assert not run(folder, state="deleted")["changed"]


def test_a_link_in_the_place_of_a_file_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.boot").write_text("#!version:1.0.0.1\n")
    (folder / f"{MACS['yealink']}.boot").symlink_to(tmp_path / "elsewhere.boot")
    with pytest.raises(Failure, match="a symbolic link"):
        run(folder)
    assert (tmp_path / "elsewhere.boot").read_text() == "#!version:1.0.0.1\n"


def test_rendered_writes_nothing_and_needs_no_folder_and_no_password(folder: Path) -> None:
    result = run(folder, state="rendered", directory=None, passwords=None)
    assert not result["changed"]
    (text,) = result["rendered"].values()
    assert "static.security.user_password[admin] = ***\n" in text
    assert contents(folder) == {}


@pytest.mark.parametrize("check", [True, False])
def test_for_a_provider_a_fragment_is_written_elsewhere(check: bool, folder: Path, tmp_path: Path) -> None:
    fragments = tmp_path / "fragments"
    fragments.mkdir()
    options = {"policy": {"voice_vlan": VLAN, "phones": {"provisioning_owner": "provider"}}, "passwords": None}
    result = run(folder, check=check, fragment_directory=str(fragments), **options)
    assert contents(folder) == {}
    assert len(contents(fragments)) == (0 if check else 1)
    assert "handed over" in result["remarks"][0]


def test_what_the_phone_shows_to_its_server_is_a_secret(folder: Path) -> None:
    run(folder, provisioning_user="north-1", provisioning_password=PROVISIONING_PASSWORD)
    text = (folder / f"{MACS['yealink']}-hardening.cfg").read_text()
    assert f"static.auto_provision.server.password = {PROVISIONING_PASSWORD}\n" in text


@pytest.mark.parametrize(
    ("options", "errors"),
    [
        ({"mac": "805ec01234"}, ["mac"]),
        ({"mac": "01:5e:c0:12:34:56"}, ["mac"]),  # a group address
        ({"firmware": None}, ["firmware"]),
        ({"firmware": "96.79.0.45"}, ["firmware"]),
        ({"firmware": "86"}, ["firmware"]),
        ({"vendor": "poly", "firmware": "5.8.0.1"}, ["firmware"]),
        ({"vendor": "poly", "firmware": "7.1.0.1"}, ["firmware"]),
        ({"vendor": "poly", "model": "VVX D230"}, ["model"]),
        ({"vendor": "poly", "model": "VVX 450 OBi Edition"}, ["model"]),
        ({"model": "T54W\nx"}, ["model"]),
        ({"lines": [0]}, ["lines"]),
        ({"lines": [35]}, ["lines"]),
        ({"lines": []}, ["lines"]),
        ({"directory": None}, ["directory"]),
        ({"directory": "relative"}, ["directory"]),
        ({"directory": "/nowhere/at/all"}, ["directory"]),
        ({"group": "no-such-group-here"}, ["group"]),
        ({"passwords": None}, ["secrets_file"]),
        ({"passwords": None, "secrets_file": "relative.yml"}, ["secrets_file"]),
        ({"passwords": {"admin": "hunter2"}}, ["passwords"]),
        ({"provisioning_user": "north-1"}, ["provisioning_password"]),
        ({"platform": "nokia"}, ["platform"]),
        ({"policy": {"phones": {"web_interface": "http"}}, "mac": "x"}, ["mac", "voip_policy.phones.web_interface"]),
    ],
)
def test_bad_input_is_refused_whole_and_before_anything_is_written(
    options: dict[str, Any], errors: list[str], folder: Path
) -> None:
    vendor = options.pop("vendor", "yealink")
    with pytest.raises(Failure) as failure:
        run(folder, vendor, **options)
    assert [line.partition(":")[0] for line in failure.value.result["errors"]] == errors
    assert "hunter2" not in failure.value.message
    assert contents(folder) == {}


# The store of passwords


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    return Rig(tmp_path, monkeypatch)


@pytest.mark.parametrize("vendor", ["yealink", "poly"])
def test_passwords_are_made_stored_published_and_kept(vendor: str, rig: Rig) -> None:
    mac = MACS[vendor]
    shown = rig.run(vendor, check=True)
    assert shown["changed"]
    assert not rig.store.exists()
    first = rig.run(vendor)
    assert first["new"] == first["pending"]
    assert stat.S_IMODE(rig.store.stat().st_mode) == 0o600
    assert rig.store.read_bytes().startswith(b"$ANSIBLE_VAULT;1.1;AES256\n")
    password = rig.on_disk(mac)
    assert password == rig.book().published(mac)["admin"].reveal()
    stored = rig.store.read_bytes()
    assert not rig.run(vendor)["changed"]
    assert rig.store.read_bytes() == stored
    rig.run(vendor, passwords_proved=True)
    assert rig.on_disk(mac) == password
    rotated = rig.run(vendor, rotate_passwords=True)
    assert rotated["changed"]
    assert rig.on_disk(mac) != password
    assert [one.reveal() for one in rig.book().known(mac)["admin"]] == [rig.on_disk(mac), password]


@pytest.mark.parametrize(
    ("content", "secrets", "says"),
    [
        (None, None, "this run has no vault password"),
        (b"schema: 1\nphones: {}\n", VAULT, "it is not encrypted"),
        ("other", VAULT, "no vault password of this run opens it"),
        ("nonsense", VAULT, "it is no book of passwords"),
    ],
)
def test_a_store_that_cannot_be_used_says_why(content: Any, secrets: Any, says: str, tmp_path: Path) -> None:
    path = tmp_path / "passwords.yml"
    if content == "other":
        content = VaultLib([("default", VaultSecret(b"another"))]).encrypt("schema: 1\nphones: {}\n")
    elif content == "nonsense":
        content = VaultLib(VAULT).encrypt("hunter2: x\n")
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StoreError, match=says) as refusal:
        VaultFile(path, VaultLib(secrets)).load()
    assert "hunter2" not in str(refusal.value)


def test_the_store_stays_with_the_vault_secret_that_opened_it(tmp_path: Path) -> None:
    path = tmp_path / "passwords.yml"
    north = VaultSecret(b"north horse")
    path.write_bytes(VaultLib([("north", north)]).encrypt("schema: 1\nphones: {}\n", secret=north, vault_id="north"))
    store = VaultFile(path, VaultLib([*VAULT, ("north", north)]))
    book = store.load()
    book.complete("805ec0123456", ("admin",), lambda: "x" * 20)
    store.save(book)
    assert path.read_bytes().startswith(b"$ANSIBLE_VAULT;1.2;AES256;north\n")
    assert VaultFile(path, VaultLib([("north", north)])).load().data == book.data


def test_a_store_that_a_job_of_awx_would_take_with_it_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "runner" / "project").mkdir(parents=True)
    monkeypatch.setenv("AWX_ISOLATED_DATA_DIR", str(tmp_path / "runner" / "artifacts" / "7"))
    inside, mounted = tmp_path / "runner" / "project" / "phones.yml", tmp_path / "phones.yml"

    def save(path: Path) -> None:
        VaultFile(path, VaultLib(VAULT)).save(PasswordBook())

    save(inside)  # ansible-runner without AWX, whose folder stays
    inside.unlink()
    monkeypatch.setenv("AWX_PRIVATE_DATA_DIR", "/tmp/awx_7_x")
    save(mounted)
    with pytest.raises(StoreError, match="is inside the folder of an AWX job, which is gone when that ends"):
        save(inside)
    assert not inside.exists()


def test_what_cannot_be_published_is_refused_before_a_password_is_stored(rig: Rig) -> None:
    boot = '#!version:1.0.0.1\ninclude:config "gone.cfg"\noverwrite_mode = 1\n'
    (rig.folder / f"{MACS['yealink']}.boot").write_text(boot)
    with pytest.raises(Exception, match="overwrite_mode"):
        rig.run("yealink")
    assert not rig.store.exists()
