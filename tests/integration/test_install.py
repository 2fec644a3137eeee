"""The collection as users get it: built into a tarball and installed into an empty path, away from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAMS = Path(sys.executable).parent

# First folder or file of a path that must never be shipped: environments, caches, build results.
NEVER_SHIPPED = {
    ".ansible", ".cache", ".collections", ".git", ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache",
    ".venv", ".venv-core221", ".venv-tools", "build", "collections",
}


def ansible(program: str, *arguments: str, collections: Path, home: Path) -> str:
    """Run one of Ansible's programs with only `collections` on its collection path; its standard output."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
        "ANSIBLE_HOME": str(home),
        "ANSIBLE_NOCOLOR": "1",
    }
    command = [str(PROGRAMS / program), *arguments]
    done = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder and Ansible home with an empty configuration, so that no other one is found."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "ansible.cfg").touch()
    return folder


@pytest.fixture(scope="module")
def tarball(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Path:
    """The built collection."""
    folder = tmp_path_factory.mktemp("tarball")
    ansible(
        "ansible-galaxy", "collection", "build", str(ROOT), "--output-path", str(folder), collections=folder, home=home
    )
    (built,) = folder.glob("voip-hardening-*.tar.gz")
    return built


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, home: Path, tarball: Path) -> Path:
    """An empty collection path into which the tarball was installed."""
    folder = tmp_path_factory.mktemp("installed")
    ansible(
        "ansible-galaxy", "collection", "install", str(tarball), "--offline", "--no-deps",
        "--collections-path", str(folder), collections=folder, home=home,
    )
    return folder


def test_tarball_holds_the_collection_and_nothing_else(tarball: Path) -> None:
    """Everything a user needs is in it, and nothing that a checkout gathers beside it."""
    with tarfile.open(tarball) as archive:
        members = {member.name: member for member in archive.getmembers()}
    firsts = {name.split("/")[0] for name in members}
    assert {"data", "meta", "playbooks", "plugins", "roles", "COPYING", "README.md", "requirements.txt"} <= firsts
    assert firsts & NEVER_SHIPPED == set()
    assert not any(name == "tests/output" or name.startswith("tests/output/") for name in members)
    assert not any("__pycache__" in name for name in members)
    assert any(name.startswith("data/") and member.isfile() for name, member in members.items())


@pytest.mark.parametrize("module", ["firewall", "management_access", "sip_alg", "sip_allowlist", "voice_vlan"])
def test_documentation_of_the_installed_modules(module: str, installed: Path, home: Path) -> None:
    """`ansible-doc` finds each module in the installed collection."""
    page = ansible("ansible-doc", "-t", "module", f"voip.hardening.{module}", collections=installed, home=home)
    assert f"voip.hardening.{module}" in page
    assert str(installed) in page


def test_installed_playbook_is_found_by_name(installed: Path, home: Path) -> None:
    """`voip.hardening.harden` resolves, and all roles and modules that it names do."""
    output = ansible("ansible-playbook", "--syntax-check", "voip.hardening.harden", collections=installed, home=home)
    playbook = installed / "ansible_collections" / "voip" / "hardening" / "playbooks" / "harden.yml"
    assert f"playbook: {playbook}" in output
