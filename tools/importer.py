"""Put the collection's tarball through Galaxy's importer, as publishing it does, and judge what the importer says.

An import that ends well may still have printed errors (documentation that cannot be parsed) and warnings (no changelog,
ansible-lint): both fail here, and so does a plugin whose documentation did not arrive.

Usage: .venv-importer/bin/python -m tools.importer [TARBALL]     without TARBALL: one that is built from the checkout
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from tools import tarball

FOLDER = tarball.ROOT / "build" / "importer"
SETTINGS = tarball.ROOT / "tools" / "galaxy-importer.cfg"
COMPLAINT = re.compile(r"^(?:WARNING|ERROR|CRITICAL): .*$", re.MULTILINE)

# What Galaxy lists, but shows no documentation of its own for.
UNDOCUMENTED = {"action", "doc_fragments", "module_utils", "playbook", "role"}


def import_tarball(user: Path, path: Path) -> tuple[str, dict[str, Any]]:
    """What the importer printed, and its result (empty if it refused the tarball)."""
    environment = {
        **tarball.environment(user),
        "GALAXY_IMPORTER_CONFIG": str(SETTINGS),
        "GALAXY_IMPORTER_ANSIBLE_LOCAL_TMP": str(user / "tmp"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "galaxy_importer.main", str(path)], cwd=user, env=environment,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )
    if done.returncode:
        return done.stdout, {}
    result: dict[str, Any] = json.loads((user / "importer_result.json").read_text(encoding="utf-8"))
    return done.stdout, result


def undocumented(result: dict[str, Any]) -> list[str]:
    """What arrived without documentation; a role's is its README, which the importer itself asks for."""
    return [
        f"the {content['content_type']} {content['content_name']} arrived without documentation"
        for content in result["docs_blob"]["contents"]
        if content["content_type"] not in UNDOCUMENTED and not (content["doc_strings"] or {}).get("doc")
    ]


def main(arguments: list[str]) -> int:
    """Import, show what the importer says, and end with 1 if a publisher would have to mend something."""
    user = tarball.new_user(FOLDER)
    path = Path(arguments[0]).resolve() if arguments else tarball.build(user)
    output, result = import_tarball(user, path)
    print(output)
    problems = COMPLAINT.findall(output)
    problems += undocumented(result) if result else ["the importer refused the tarball"]
    if problems:
        print("\n".join([f"{path.name} is not fit to be published:", *problems]))
        return 1
    print(f"{path.name} was imported: {len(result['contents'])} contents, ansible-core {result['requires_ansible']}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
