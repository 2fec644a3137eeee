"""Run `ansible-test sanity` on a clean copy of the checkout.

ansible-test wants a git work tree at `ansible_collections/<namespace>/<name>` and refuses a symlink, so the tracked and
the new, not ignored files are copied to `build/sanity/`. Its virtual environments and its cache live below
`build/sanity/home` (a HOME of its own), so a run leaves nothing in the user's home folder.

Usage: .venv/bin/python tools/sanity.py [ansible-test sanity arguments]
"""

from __future__ import annotations

import ast
import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "build" / "sanity" / "home"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"

# ansible-test makes its environments without pip and would download this script; the standard library has pip as well.
# It runs with ansible-test's own arguments (a pip version to install), which ensurepip's wheel makes unnecessary.
PIP_BOOTSTRAP = """\
import ensurepip
import os

saved = os.environ.copy()  # ensurepip points PIP_CONFIG_FILE at nothing and drops every PIP_ variable
try:
    ensurepip.bootstrap()
finally:
    os.environ.clear()
    os.environ.update(saved)
"""


def copy_checkout(target: Path) -> None:
    """Copy what git tracks or would add to `target`, as a git work tree of its own."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listing = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    shutil.rmtree(target, ignore_errors=True)
    for name in filter(None, listing.stdout.split("\0")):
        source, copy = ROOT / name, target / name
        if source.is_file():  # a file deleted but not yet committed is still listed
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy, follow_symlinks=False)
    subprocess.run(["git", "init", "--quiet"], cwd=target, check=True)
    subprocess.run(["git", "add", "--all"], cwd=target, check=True)


def required_pip() -> str:
    """The pip version that this ansible-test bootstraps its environments with, such as `24.2`."""
    from ansible_test._internal import python_requirements

    source = Path(python_requirements.__file__).read_text(encoding="utf-8")
    match = re.search(r"""pip=['"]([\d.]+)['"]""", source)
    if match is None:
        raise SystemExit(f"sanity: {python_requirements.__file__} names no pip version; this ansible-core is not known")
    return match[1]


def write_pip_bootstrap() -> None:
    """Put the bootstrap script where ansible-test looks for a cached one."""
    script = HOME / ".ansible" / "test" / "cache" / f"get_pip_{required_pip().replace('.', '_')}.py"
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(PIP_BOOTSTRAP, encoding="utf-8")


def write_pip_configuration() -> None:
    """Carry the user's pip settings (index, certificates, ...) over to our HOME; ansible-test passes only HOME on."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listing = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    config = configparser.RawConfigParser()
    # Sections come before environment variables (":env:"), which override them as they do in pip.
    for line in sorted(listing.splitlines(), key=lambda line: line.startswith(":env:")):
        name, value = line.split("=", 1)
        section, option = name.rsplit(".", 1)
        section = "global" if section == ":env:" else section
        if not config.has_section(section):
            config.add_section(section)
        config.set(section, option, str(ast.literal_eval(value)))
    path = HOME / ".config" / "pip" / "pip.conf"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    # An index address may carry a password.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
        config.write(file)


def main(arguments: list[str]) -> int:
    """Copy, prepare and run; the exit status is ansible-test's own."""
    target = ROOT / "build" / "sanity" / "ansible_collections" / "voip" / "hardening"
    copy_checkout(target)
    write_pip_bootstrap()
    write_pip_configuration()
    binaries = Path(sys.executable).parent
    command = [str(binaries / "ansible-test"), "sanity", "--local", "--python", PYTHON, "--color", "no", *arguments]
    environment = {**os.environ, "HOME": str(HOME), "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(command, cwd=target, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
