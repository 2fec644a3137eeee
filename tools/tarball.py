"""The collection as users get it: built into a tarball, and installed away from the checkout.

A *user's folder* has an Ansible configuration (empty) and an Ansible home of its own, and in `collections/` the only
collections that its programs look at. The programs are those of the environment that this runs in.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = Path(sys.executable).parent


class ProgramFailed(Exception):
    """A program ended with another status than 0; the text has its output."""


def new_user(folder: Path) -> Path:
    """Make `folder` an empty user's folder."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "collections").mkdir(parents=True)
    (folder / "ansible.cfg").touch()
    return folder


def environment(user: Path) -> dict[str, str]:
    """The environment variables of that user; none of Ansible's is taken over from whoever runs this."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
        "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}",
        "ANSIBLE_COLLECTIONS_PATH": str(user / "collections"),
        "ANSIBLE_HOME": str(user / ".ansible"),
        "ANSIBLE_NOCOLOR": "1",
    }


def run(user: Path, program: str, *arguments: str, folder: Path | None = None) -> str:
    """Run a program as that user, in `folder` (default: the user's); its standard output. Raises ProgramFailed."""
    command = [str(PROGRAMS / program), *arguments]
    done = subprocess.run(
        command, cwd=folder or user, env=environment(user), stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False,
    )
    if done.returncode:
        raise ProgramFailed(f"{' '.join(command)}\nended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def build(user: Path) -> Path:
    """Build the checkout into that user's folder; the tarball."""
    run(user, "ansible-galaxy", "collection", "build", str(ROOT), "--output-path", str(user), "--force")
    (tarball,) = user.glob("voip-hardening-*.tar.gz")
    return tarball


def install(user: Path, tarball: Path) -> Path:
    """Install a tarball for that user, without network; the folder of the installed collection."""
    run(
        user, "ansible-galaxy", "collection", "install", str(tarball), "--offline", "--no-deps",
        "--collections-path", str(user / "collections"),
    )
    return user / "collections" / "ansible_collections" / "voip" / "hardening"
