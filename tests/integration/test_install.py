"""The collection as users get it: built into a tarball and installed into an empty path, away from the checkout."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from tools.tarball import build, install, new_user, run

# First folder or file of a path that must never be shipped: environments, caches, build results.
NEVER_SHIPPED = {
    ".ansible", ".cache", ".collections", ".git", ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache",
    ".venv", ".venv-core221", ".venv-importer", ".venv-tools", "build", "collections",
}


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's folder without any collection."""
    return new_user(tmp_path_factory.mktemp("user") / "folder")


@pytest.fixture(scope="module")
def tarball(user: Path) -> Path:
    """The built collection."""
    return build(user)


@pytest.fixture(scope="module")
def installed(user: Path, tarball: Path) -> Path:
    """The collection as that user has installed it."""
    return install(user, tarball)


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
def test_documentation_of_the_installed_modules(module: str, user: Path, installed: Path) -> None:
    """`ansible-doc` finds each module in the installed collection."""
    page = run(user, "ansible-doc", "-t", "module", f"voip.hardening.{module}")
    assert f"voip.hardening.{module}" in page
    assert str(installed) in page


def test_installed_playbook_is_found_by_name(user: Path, installed: Path) -> None:
    """`voip.hardening.harden` resolves, and all roles and modules that it names do."""
    output = run(user, "ansible-playbook", "--syntax-check", "voip.hardening.harden")
    assert f"playbook: {installed / 'playbooks' / 'harden.yml'}" in output
