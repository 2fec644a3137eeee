"""The demo with the installed collection: built, installed into an empty path, and called from there in both ways.

Everything that Ansible opens meanwhile is noted, and nothing of it may be the checkout's. The test devices, which are
no part of what users install, are processes of their own.

Usage: .venv/bin/python -m tools.demo_installed
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tools import demo, demo_phones, tarball
from tools.demo_site import Copy

RECORDER = Path(__file__).resolve().parent / "opened_files"

# By the collection's name, and as a file; relative to the installed collection.
PLAYBOOKS = ("voip.hardening.{}", "playbooks/{}.yml")
INVENTORY = "inventories/demo"

# What the demo cannot do without; relative to the installed collection.
NEEDED = (
    "data/providers/example-voice.yml",
    "inventories/demo/hosts.yml",
    "meta/runtime.yml",
    "playbooks/drift.yml",
    "playbooks/harden.yml",
    "playbooks/remediate.yml",
    "plugins/action/device_posture.py",
    "plugins/action/firewall.py",
    "plugins/action/posture_report.py",
    "plugins/module_utils/engine.py",
    "roles/firewall/defaults/main.yml",
    "roles/firewall/tasks/main.yml",
)
NEEDED_FOR_PHONES = (
    "plugins/action/phone_config.py",
    "plugins/action/phone_provisioning.py",
    "plugins/filter/phone_standing.py",
    "roles/phones/tasks/turns.yml",
    "roles/provisioning_server/templates/voip-phones.conf.j2",
)


def copies(user: Path, installed: Path, record: Path) -> list[Copy]:
    """The installed collection, called in each way."""
    environment = {**tarball.environment(user), "PYTHONPATH": str(RECORDER), "OPENED_FILES": str(record)}
    place = installed.relative_to(user)
    named = [playbook if "/" not in playbook else str(place / playbook) for playbook in PLAYBOOKS]
    return [Copy(user, str(place / INVENTORY), playbook, environment) for playbook in named]


def wrongly_opened(opened: set[Path]) -> list[Path]:
    """Files of the checkout among those opened, apart from the interpreter's environment and the recorder."""
    apart = (Path(sys.prefix), RECORDER)
    return sorted(
        path for path in opened
        if path.is_relative_to(tarball.ROOT) and not any(path.is_relative_to(folder) for folder in apart)
    )


def main() -> int:
    """Install, run the demo in both ways and look at what was opened; 1 if anything is otherwise than it must be."""
    with tempfile.TemporaryDirectory() as temporary:
        user = tarball.new_user(Path(temporary).resolve() / "user")
        installed = tarball.install(user, tarball.build(user))
        record = user / "opened.txt"
        failed = [demo.run(copy, user / "site") for copy in copies(user, installed, record)]
        opened = {Path(line) for line in record.read_text(encoding="utf-8").splitlines()}
        problems = [f"of the checkout: {path}" for path in wrongly_opened(opened)]
        needed = NEEDED if demo_phones.missing() else NEEDED + NEEDED_FOR_PHONES
        problems += [f"not opened: {name}" for name in needed if installed / name not in opened]
        used = sum(path.is_relative_to(installed) for path in opened)
    if problems or any(failed):
        print("\n".join(problems), file=sys.stderr)
        return 1
    print(f"{used} files of the installed collection were used, and none of the checkout.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
