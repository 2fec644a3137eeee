"""HTML pages of every module, plugin and role of the collection, from their own documentation: build/docs/html.

Modules and plugins are documented by antsibull-docs, and so is a role with an argument specification. That costs a
task for every host, so that roles for devices have none: their page is their README. Whatever antsibull-docs or Sphinx
complains of is an error, and so is a page that is not there or lacks an option, a return value or a variable.

Usage: .venv-tools/bin/python -m tools.docs_html
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = Path(sys.executable).parent
FOLDER = ROOT / "build" / "docs"
SOURCES = FOLDER / "rst"
PAGES = FOLDER / "html"

# Folders of plugins/ that Ansible has no documentation for; any other is named after its kind of plugin.
INTERNAL = {"action", "doc_fragments", "module_utils", "plugin_utils"}
KINDS = {"modules": "module"}

# Labels in Ansible's own documentation that the pages of antsibull-docs refer to. Sphinx would look them up on the
# network; naming them leaves every other unknown label an error.
ANSIBLE_DOCS = "https://docs.ansible.com/projects/ansible/devel/"
ANSIBLE_LABELS = {
    "action_plugins": ("plugins/action.html", "Action plugins"),
    "ansible_configuration_settings": ("reference_appendices/config.html", "Ansible Configuration Settings"),
    "callback_plugins": ("plugins/callback.html", "Callback plugins"),
    "common_return_values": ("reference_appendices/common_return_values.html", "Common Return Values"),
}


def run(*command: str) -> str:
    """Run a program of this environment on the checkout; its standard output. What it complains of goes to ours."""
    environment = {
        **os.environ,
        "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}",
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections"),
    }
    return subprocess.run(command, cwd=FOLDER, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout


def plugins() -> list[tuple[str, str]]:
    """Name and kind of everything in plugins/ that users call."""
    return [
        (file.stem, KINDS.get(folder.name, folder.name))
        for folder in sorted((ROOT / "plugins").iterdir())
        if folder.is_dir() and folder.name not in INTERNAL
        for file in sorted(folder.glob("*.py"))
        if file.stem != "__init__"
    ]


def roles() -> list[str]:
    """Names of the collection's roles."""
    return sorted(folder.name for folder in (ROOT / "roles").iterdir() if folder.is_dir())


def roles_without_specification() -> list[str]:
    """Those whose page is their README."""
    return [role for role in roles() if not (ROOT / "roles" / role / "meta" / "argument_specs.yml").exists()]


def write_inventory(path: Path) -> None:
    """Write the labels of Ansible's documentation as a Sphinx inventory (format version 2)."""
    head = "# Sphinx inventory version 2\n# Project: ansible\n# Version: devel\n"
    head += "# The remainder of this file is compressed using zlib.\n"
    lines = [
        f"{label} std:label -1 {page}#{label.replace('_', '-')} {title}\n"
        for label, (page, title) in ANSIBLE_LABELS.items()
    ]
    path.write_bytes(head.encode() + zlib.compress("".join(lines).encode()))


def write_sources() -> None:
    """Sphinx's configuration, and the pages as reStructuredText and Markdown."""
    run(
        "antsibull-docs", "sphinx-init", "--use-current", "--squash-hierarchy", "--sphinx-theme", "alabaster",
        "--dest-dir", str(FOLDER), "voip.hardening",
    )
    inventory = FOLDER / "ansible.inv"
    write_inventory(inventory)
    with (FOLDER / "conf.py").open("a", encoding="utf-8") as configuration:
        configuration.write(f"\nintersphinx_mapping = {{'ansible': ({ANSIBLE_DOCS!r}, {str(inventory)!r})}}\n")
        configuration.write("extensions.append('myst_parser')\n")
    run(
        "antsibull-docs", "--config-file", str(FOLDER / "antsibull-docs.cfg"), "collection", "--use-current",
        "--squash-hierarchy", "--fail-on-error", "--dest-dir", str(SOURCES), "voip.hardening",
    )
    for role in roles_without_specification():
        shutil.copy(ROOT / "roles" / role / "README.md", SOURCES / f"{role}_role.md")
    with (SOURCES / "index.rst").open("a", encoding="utf-8") as index:
        index.write("\n\nRoles\n~~~~~\n\n.. toctree::\n    :maxdepth: 1\n\n")
        index.writelines(f"    {role}_role\n" for role in roles_without_specification())


def documentation(kind: str, names: list[str]) -> dict[str, Any]:
    """What `ansible-doc` knows of plugins of a kind, by name."""
    known: dict[str, Any] = json.loads(
        run("ansible-doc", "--json", "--type", kind, *(f"voip.hardening.{name}" for name in names))
    )
    return {name.removeprefix("voip.hardening."): page for name, page in known.items()}


def missing_from(page: Path, wanted: list[str]) -> list[str]:
    """What a page lacks, each as a sentence."""
    if not page.exists():
        return [f"{page.name}: there is no such page"]
    text = page.read_text(encoding="utf-8")
    return [f"{page.name}: lacks {part}" for part in wanted if part not in text]


def problems_of_plugins() -> list[str]:
    """Modules and plugins whose page is not there, or lacks a heading, an option, a return value or the examples."""
    found = []
    everything = plugins()
    for kind in sorted({kind for name, kind in everything}):
        names = [name for name, of_kind in everything if of_kind == kind]
        known = documentation(kind, names)
        for name in names:
            page = known[name]
            wanted = [f"voip.hardening.{name} {kind}", 'id="synopsis"', 'id="examples"']
            wanted += [f'id="parameter-{option}"' for option in page["doc"].get("options", {})]
            wanted += [f'id="return-{value}"' for value in page["return"] or {}]
            found += missing_from(PAGES / f"{name}_{kind}.html", wanted)
    return found


def problems_of_roles() -> list[str]:
    """Roles whose page is not there, or does not name a variable that the role sets a default for."""
    found = []
    for role in roles():
        defaults = yaml.safe_load((ROOT / "roles" / role / "defaults" / "main.yml").read_text(encoding="utf-8"))
        found += missing_from(PAGES / f"{role}_role.html", [f"voip.hardening.{role}", *defaults])
    return found


def main() -> int:
    """Build the pages and look whether they are complete; 1 if not."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    try:
        write_sources()
        run(
            "sphinx-build", "--quiet", "--fail-on-warning", "--keep-going", "--builder", "html",
            "--conf-dir", str(FOLDER), str(SOURCES), str(PAGES),
        )
        problems = problems_of_plugins() + problems_of_roles()
    except subprocess.CalledProcessError as error:
        problems = [str(error), *(error.stdout or "").splitlines()]
    if problems:
        print("\n".join(problems))
        return 1
    print(f"{len(plugins())} modules and plugins, {len(roles())} roles: {(PAGES / 'index.html').relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
