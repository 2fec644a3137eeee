"""Create the build context of execution-environment.yml, and follow its build as far as that goes without a container.

The collection is installed and introspected with the files of the context itself, as the build does, so that what the
image would hold is known: ansible-core, the collection, its Python and its system packages.

Usage: .venv-tools/bin/python -m tools.execution_environment     the context: build/execution-environment/context
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import yaml

from tools import tarball

ROOT = tarball.ROOT
FOLDER = ROOT / "build" / "execution-environment"
DEFINITION = "execution-environment.yml"
INSTALLED_FIRST = re.compile(r'^ARG ANSIBLE_INSTALL_REFS="(.*)"$', re.MULTILINE)


def requirements(path: Path) -> list[str]:
    """The lines of a pip or bindep file that name a package, without comments; none where there is no such file."""
    if not path.exists():
        return []
    lines = [line.split(" #")[0].strip() for line in path.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def create_context(user: Path) -> Path:
    """Run `ansible-builder create` next to a tarball of the checkout; the build context."""
    tarball.build(user)
    shutil.copy(ROOT / DEFINITION, user)
    context = user / "context"
    tarball.run(
        user, "ansible-builder", "create", "--file", DEFINITION, "--context", str(context),
        "--output-filename", "Containerfile",
    )
    return context


def follow_build(user: Path, context: Path) -> dict[str, Any]:
    """Install and introspect as the Containerfile's steps do; what the image would hold."""
    files = context / "_build"
    tarball.run(
        user, "ansible-galaxy", "collection", "install", "--requirements-file", "requirements.yml", "--offline",
        "--collections-path", str(user / "collections"), folder=files,
    )
    manifest = user / "collections" / "ansible_collections" / "voip" / "hardening" / "MANIFEST.json"
    tarball.run(
        user, "python", str(files / "scripts" / "introspect.py"), "introspect", str(user / "collections"),
        f"--write-pip={user / 'pip.txt'}", f"--write-bindep={user / 'bindep.txt'}",
    )
    first = INSTALLED_FIRST.search((context / "Containerfile").read_text(encoding="utf-8"))
    return {
        "collection version": json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]["version"],
        "Python packages": [*(first[1].split() if first else []), *requirements(user / "pip.txt")],
        "system packages": requirements(user / "bindep.txt"),
    }


def main() -> int:
    """Create, follow and compare with what the checkout asks for; 1 if something is missing."""
    user = tarball.new_user(FOLDER)
    try:
        held = follow_build(user, create_context(user))
    except tarball.ProgramFailed as failure:
        print(failure)
        return 1
    print(yaml.safe_dump(held, sort_keys=False))
    version = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    wanted = {
        "Python packages": requirements(ROOT / "requirements.txt"),
        "system packages": requirements(ROOT / "bindep.txt"),
    }
    missing = [f"{what}: {one} is missing" for what, names in wanted.items() for one in names if one not in held[what]]
    if held["collection version"] != version:
        missing.append(f"collection version: {version} expected")
    print("\n".join(missing) if missing else f"{DEFINITION} holds all that the collection asks for")
    return int(bool(missing))


if __name__ == "__main__":
    sys.exit(main())
