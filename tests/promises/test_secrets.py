"""Secrets reach the device and nothing else, whatever is asked for and whatever goes wrong.

`ansible-playbook` runs as users run it, at its highest verbosity, with every kind of log and cache switched on. Secrets
stand wherever a user can put one, and everything is then searched for them in any spelling: what was printed, results,
every file below the home, the temporary and the working folder, arguments and environments of all processes, looked at
while a unit holds its answer back. Left out are the places where the user wrote them, each by its name.

Breaks of the product that this catches: a message or a result that is not masked, a token or a password that is an
option like any other, a spelling (JSON, repr, URL ...) that is not masked or not within another one, what is left of a
secret where a text is cut short, short secrets, session keys and cookies that count as no secrets, a delegated module
whose options are written to a file or returned with its result, errors about options that show them, templates that
Ansible words with the lines above them, passwords in URLs, answers of another shape that are shown as they are.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.promises.planting import (
    MASK,
    MISTAKES,
    PLACES,
    good_cases,
    mishap_case,
    mistake_case,
    secret_variable,
    undefined_case,
)
from tests.promises.platforms import Platform
from tests.promises.stage import PROMISE, Case, Stage, broken_collection
from tests.promises.tally import holding
from tests.support.canaries import Canary, leaks
from tests.support.playbooks import ROOT
from tests.support.policies import policy
from tests.support.units import CONCERNS, MODULES

KEEP_GOING = {"ignore_errors": True, "ignore_unreachable": True}


@pytest.fixture
def stage(platform: Platform, tmp_path: Path) -> Iterator[Stage]:
    with ExitStack() as stack:
        yield Stage(tmp_path, platform, stack)


def through(module: str, **keywords: Any) -> dict[str, Any]:
    """A task that takes everything from variables."""
    return {"name": f"Run {module}", f"voip.hardening.{module}": {}, **keywords}


def test_in_the_worker(stage: Stage) -> None:
    """Check and run, every state, every place, every mishap and mistake."""
    good_cases(stage, *PLACES)
    for mishap in stage.platform.mishaps:
        mishap_case(stage, mishap)
    for label in MISTAKES:
        mistake_case(stage, label)
    undefined_case(stage)
    check, done = stage.play("--check"), stage.play()
    stage.assert_silent(check, done, checks=(check,))


def test_results_that_are_shown_and_kept(stage: Stage) -> None:
    """Every module; a result is registered, shown, and kept as a fact in a cache on disk."""
    good_cases(stage, "inventory", "unsafe", states=["replaced"])
    for mishap in stage.platform.mishaps[::4]:
        mishap_case(stage, mishap)
    tasks = [
        {**through("firewall", register="outcome"), **KEEP_GOING},
        {"name": "Show", "ansible.builtin.debug": {"var": "outcome"}},
        {"name": "Keep", "ansible.builtin.set_fact": {"kept": "{{ outcome }}", "cacheable": True}},
        *({**through(concern), **KEEP_GOING} for concern in CONCERNS),
    ]
    run = stage.play(playbook=stage.site.playbook_file(tasks))
    stage.assert_silent(run)
    assert any(place.startswith("home/facts/") for place in stage.watch.seen)


def test_on_another_host(stage: Stage) -> None:
    """A delegated task is an ordinary module: a program in a process of its own, with arguments and files."""
    good_cases(stage, "inventory", "vaulted")
    for mishap in stage.platform.mishaps:
        mishap_case(stage, mishap)
    for label in MISTAKES:
        mistake_case(stage, label)
    undefined_case(stage)
    playbook = stage.site.playbook_file([through("firewall", delegate_to="jump")])
    stage.assert_silent(stage.play(playbook=playbook), elsewhere=True)
    # The module was looked at while it waited for an answer.
    assert any(sys.executable in command and len(command) == 1 for command in stage.watch.processes)


@pytest.mark.parametrize("module", MODULES)
def test_what_a_module_prints(stage: Stage, module: str) -> None:
    """All of it: connections of Ansible's show that as it is."""
    canaries = {name: Canary.make(f"{module} {name}", between="\\'\"%&") for name in ("token", "password", "phone")}
    live = stage.unit(canaries["token"].text)
    named = {"voip_provider": "provider", "voip_policy": "policy", "voip_access_token": "access_token"}
    named |= {"ansible_network_os": "platform", "ansible_host": "host", "ansible_port": "port"}
    named |= {"ansible_user": "username", "ansible_password": "password"}
    given = {named[name]: value for name, value in live.variables().items() if name in named}
    url = f"https://phone:{canaries['phone'].text}@provisioning.example.com/"
    wrong = policy(voice_vlan={"provisioning_url": url})
    given |= {"policy": {**wrong, canaries["token"].text: 1}}
    for option in ("password", "access_token"):
        given.setdefault(option, canaries["password"].text)
    file = stage.write("arguments.json", json.dumps({"ANSIBLE_MODULE_ARGS": given}), planted=True)
    program = f"ansible_collections.voip.hardening.plugins.modules.{module}"
    done = subprocess.run(
        [sys.executable, "-m", program, str(file)],
        env={**os.environ, "PYTHONPATH": str(ROOT / ".collections")}, capture_output=True, text=True, check=False,
    )
    stage.watch.keep("what it prints", done.stdout + done.stderr)
    with holding(PROMISE):
        assert f'https://{MASK}@provisioning.example.com/' in done.stdout
        assert leaks(canaries.values(), stage.watch.seen) == []


def test_on_the_command_line_and_in_a_playbook(stage: Stage) -> None:
    """In extra variables, given at once or in a file, and in a play's own, even with Ansible's debugging on."""
    texts = {}
    for host in ("extra", "file", "play"):
        canary = Canary.make(f"command line {host}", between="\\'\"%&")
        live, texts[host] = stage.unit(canary.text), canary.text
        variables = live.variables()
        variables[secret_variable(variables, texts[host])] = f"{{{{ of_{host} }}}}"
        stage.cases[host] = Case(live, variables, [canary], words=("VOIPH-",))
    file = stage.write("extra.json", json.dumps({"of_file": texts["file"]}), planted=True)
    plays = [
        {"hosts": "extra:file", "gather_facts": False, "tasks": [through("firewall")]},
        {"hosts": "play", "gather_facts": False, "tasks": [through("firewall")], "vars": {"of_play": texts["play"]}},
    ]
    playbook = stage.write("plays.yml", json.dumps(plays), planted=True)
    extra = ("-e", json.dumps({"of_extra": texts["extra"]}), "-e", f"@{file}")
    # From -vvvv on Ansible prints its own command line.
    stage.assert_silent(stage.play(*extra, playbook=str(playbook), verbosity="-vvv", ANSIBLE_DEBUG="1"))


def test_a_defect_of_ours(stage: Stage) -> None:
    """An exception that nobody thought of, with the secrets in its words, here and on another host."""
    before = (
        "    with job.platform.open(job.target) as session:\n"
        "        observed = job.platform.observe(session, job.concerns, job.options)\n"
        '        if job.state == "gathered":\n'
    )
    defect = "    raise KeyError(*[secret.reveal() for secret in job.target.secrets()], job.target.secrets())\n"
    path = broken_collection(stage.folder, "plugins/module_utils/engine.py", before, defect)
    good_cases(stage, "inventory", "host_vars", states=["replaced"])
    for case in stage.cases.values():
        case.kind, case.words = "failed", ("KeyError: ", MASK)
    tasks = [{**through("firewall"), **KEEP_GOING}, through("firewall", delegate_to="jump")]
    run = stage.play(playbook=stage.site.playbook_file(tasks), ANSIBLE_COLLECTIONS_PATH=path)
    stage.assert_silent(run)
    assert all(case.live.connections == 0 for case in stage.cases.values())
    assert run.output.count("Traceback (most recent call last)") >= 2 * len(stage.cases)
