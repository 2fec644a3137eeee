"""A stage for runs of `ansible-playbook` after which everything is searched for secrets: units, files, processes."""

from __future__ import annotations

import itertools
import json
import shutil
import sys
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.promises.base import Live, Platform
from tests.promises.tally import holding
from tests.support.canaries import Canary, leaks
from tests.support.playbooks import ROOT, Run, Site
from tests.support.watching import Watch

PROMISE = "secrets stay secret"
JUMP = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
LOUD = ("--diff", "--forks", "4")
VAULT_PASSWORD = "open sesame"


@dataclass
class Case:
    """A host: its unit, what must come of it, and what nobody may see."""

    live: Live
    variables: dict[str, Any]
    canaries: list[Canary]
    kind: str = "ok"
    words: tuple[str, ...] = ()
    writing: bool = False

    def problems(self, name: str, run: Run, check: bool, elsewhere: bool) -> Iterator[str]:
        """What is not as it must be: a case that came to something else proves nothing."""
        entry = next((entry for entry in run.results if entry["host"] == name), {})
        kind, words = ("ok", ()) if check and self.writing else (self.kind, self.words)
        if elsewhere and kind == "unreachable":
            kind = "failed"  # to Ansible it is the jump host that is reachable
        if entry.get("kind") != kind:
            yield f"{name}: {entry.get('kind')} instead of {kind}: {entry.get('result', {}).get('msg')}"
        result = entry.get("result", {})
        text = f"{result.get('msg', '')}\n{json.dumps(result, ensure_ascii=False)}"
        yield from (f"{name}: no {word!r} in {text[:600]}" for word in words if word not in text)


@dataclass
class Stage:
    """A site, its units, and a folder in which runs leave what they leave."""

    folder: Path
    platform: Platform
    stack: ExitStack
    cases: dict[str, Case] = field(default_factory=dict)
    planted: set[Path] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.home, self.here = self.folder / "home", self.folder / "site"
        for folder in (self.home / "tmp", self.here / "host_vars", self.here / "group_vars"):
            folder.mkdir(parents=True)
        self.vault = self.write("vault-password", VAULT_PASSWORD)
        self.site = Site(self.here, {})
        self.planted.add(self.site.inventory)
        self.watch = Watch(self.folder, self.planted)
        self.numbers = itertools.count()

    def write(self, name: str, text: str, planted: bool = False) -> Path:
        """A file of the user's; one that secrets were written into is not searched."""
        path = self.here / name
        path.write_text(text, encoding="utf-8")
        if planted:
            self.planted.add(path)
        return path

    def unit(self, secret: str, way: str = "") -> Live:
        """A unit that is served until the test ends, and looks around while it is asked something."""
        live = self.stack.enter_context(self.platform.live(way or next(iter(self.platform.ways)), secret))
        live.asked = lambda: None if next(self.numbers) % 5 else self.watch.look()
        return live

    def play(
        self, *options: str, playbook: str = "harden.yml", verbosity: str = "-vvvv", **environment: str
    ) -> Run:
        """One run, everything of which is kept."""
        self.site.write({**{name: case.variables for name, case in self.cases.items()}, "jump": JUMP})
        options = (verbosity, *LOUD, "--vault-password-file", str(self.vault), *options)
        self.watch.commands.add(self.site.command(*options, playbook=playbook))
        run = self.site.play(
            *options, playbook=playbook, environment={**everything_on(self.home), **environment}, folder=self.home
        )
        self.watch.keep("the output", run.output)
        self.watch.look()
        return run

    def assert_silent(self, *runs: Run, checks: Collection[Run] = (), elsewhere: bool = False) -> None:
        """Every case came to what it should in every run, `checks` among them, and no secret is out."""
        found: list[str] = []
        for name, case in self.cases.items():
            handed_out = [Canary.of(f"a session key of {name}", key) for key in case.live.handed_out]
            for run in runs:
                with holding(PROMISE):
                    found += case.problems(name, run, run in checks, elsewhere)
            found += leaks([*case.canaries, *handed_out], self.watch.seen)
        with holding(PROMISE):
            assert not found, "\n".join(found[:40])


def everything_on(home: Path) -> dict[str, str]:
    """The environment of a run: everything that writes something is switched on, and writes below the home folder."""
    return {
        "HOME": str(home),
        "TMPDIR": str(home / "tmp"),
        "ANSIBLE_HOME": str(home / "ansible"),
        "ANSIBLE_REMOTE_TMP": str(home / "remote"),
        "ANSIBLE_LOG_PATH": str(home / "ansible.log"),
        "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(home / "facts"),
        "ANSIBLE_RETRY_FILES_ENABLED": "1",
        "ANSIBLE_RETRY_FILES_SAVE_PATH": str(home),
        "ANSIBLE_CALLBACKS_ENABLED": "recorded,ansible.builtin.junit,ansible.builtin.tree",
        "ANSIBLE_CALLBACK_TREE_DIR": str(home / "tree"),
        "JUNIT_OUTPUT_DIR": str(home / "junit"),
        "ANSIBLE_DISPLAY_TRACEBACK": "always",
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections"),
    }


def broken_collection(folder: Path, file: str, before: str, defect: str) -> str:
    """A copy of the collection with a defect before lines that are there once; where Ansible finds it."""
    collection = folder / "broken" / "ansible_collections" / "voip" / "hardening"
    for part in ("plugins", "roles", "playbooks", "data", "meta"):
        shutil.copytree(ROOT / part, collection / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "galaxy.yml", collection)
    broken = collection / file
    whole = broken.read_text(encoding="utf-8")
    assert whole.count(before) == 1
    broken.write_text(whole.replace(before, defect + before), encoding="utf-8")
    return str(collection.parent.parent.parent)
