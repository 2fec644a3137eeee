"""Break the product on purpose, one thing at a time, and see the suites of `tests/promises` fail.

A suite that no break makes fail proves nothing. Every row below is a mistake that somebody could make in good faith; it
is made in a copy of the checkout, the suite that should notice runs with few examples, and the promise must be among
those that `build/promises.json` counts as failed. The copy without a break must pass the same suites first.

Usage: python -m tools.breaks [NAME...]      (all without a name; exit status 1 when a break went unnoticed)
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COPY = ROOT / "build" / "breaks"
UTILS = "plugins/module_utils"
FORTIOS, DRAYTEK, PFSENSE = (f"{UTILS}/platforms/{name}" for name in ("fortios", "draytek", "pfsense"))


@dataclass(frozen=True)
class Break:
    """In `file`, `old` (which occurs once) becomes `new`; the promise that `suite` must report as failed."""

    name: str
    file: str
    old: str
    new: str
    suite: str
    promise: str

    @property
    def platform(self) -> str:
        """The platform whose part of the suite is enough; "" for what all of them share."""
        folder = Path(self.file).parent.parts
        return folder[folder.index("platforms") + 1] if "platforms" in folder[:-1] else ""


ANY_SITE, CUT, STRANGE = "test_any_site", "test_cut_anywhere", "test_strange_answers"
SECRETS, BAD_INPUT, SOME = "test_secrets", "test_bad_input", "test_some_concerns"
PHONES_CUT, PHONES_SECRETS = "test_phones_cut_anywhere", "test_phones_secrets"

BREAKS = (
    Break(
        "foreign rules are changed before ours stand",
        f"{UTILS}/document/diff.py",
        "_PHASES = (CREATE, UPDATE, MOVE, _LATE, DELETE)",
        "_PHASES = (CREATE, UPDATE, _LATE, MOVE, DELETE)",
        ANY_SITE, "safe at every step",
    ),
    Break(
        "our rules stay at the end",
        f"{UTILS}/document/diff.py",
        "            changes += moves\n",
        "",
        ANY_SITE, "provider in, strangers out",
    ),
    Break(
        "the voice VLAN is up before its rules stand",
        f"{UTILS}/document/diff.py",
        "            held = _held(spec, entry.row)\n",
        "            held: Row = {}\n",
        ANY_SITE, "safe at every step",
    ),
    Break(
        "block rules match the provider as well",
        f"{FORTIOS}/compiler/sip_allowlist.py",
        'all_but="" if group is None else stranger,',
        'all_but="",',
        ANY_SITE, "provider in, strangers out",
    ),
    Break(
        "phones may go anywhere",
        f"{FORTIOS}/compiler/voice_vlan.py",
        '    own_rule(context, ("VLAN-1", "VLAN-3"), names.VOICE_DENY_OUT, (interface,), ANY, EVERY_SERVICE, out_of)\n',
        "",
        ANY_SITE, "provider in, strangers out",
    ),
    Break(
        "media leaves unmarked",
        f"{FORTIOS}/compiler/voice_vlan.py",
        '"diffserv-forward": "enable"',
        '"diffserv-forward": "disable"',
        ANY_SITE, "provider in, strangers out",
    ),
    Break(
        "the WAN still answers SNMP",
        f"{FORTIOS}/compiler/management_access.py",
        'frozenset({"http", "https", "ssh", "snmp", "telnet"})',
        'frozenset({"http", "https", "ssh", "telnet"})',
        ANY_SITE, "provider in, strangers out",
    ),
    Break(
        "names that look like ours are ours",
        f"{FORTIOS}/ownership.py",
        '    return str(row.get("name", "")).startswith(MARK)\n',
        '    return str(row.get("name", "")).lower().startswith(MARK.lower())\n',
        ANY_SITE, "nothing foreign touched",
    ),
    Break(
        "settings are not remembered",
        f"{FORTIOS}/memory.py",
        '        wanted += [(row, controls) for row in _objects(f"{names.REMEMBERED}{name}", _written(note))]\n',
        "",
        ANY_SITE, "deleted gives the start back",
    ),
    Break(
        "check mode writes",
        f"{UTILS}/engine.py",
        "        if plan.changes and not job.check:\n",
        "        if plan.changes:\n",
        ANY_SITE, "check mode tells the truth",
    ),
    Break(
        "check mode leaves out the moves",
        f"{UTILS}/engine.py",
        "        result = plan.as_result()\n",
        "        result = plan.as_result()\n"
        '        result["plan"] = [s for s in result["plan"] if not (job.check and s.startswith("move"))]\n',
        ANY_SITE, "check mode tells the truth",
    ),
    Break(
        "a second run writes its fields again",
        f"{UTILS}/document/diff.py",
        "if present.get(name) != value}",
        'if present.get(name) != value or name == "comments"}',
        ANY_SITE, "idempotent",
    ),
    Break(
        "the rollback stays armed",
        f"{FORTIOS}/batch.py",
        '"cfg-save": "automatic", "cfg-revert-timeout": self._site_seconds',
        '"cfg-revert-timeout": self._site_seconds',
        CUT, "cut anywhere",
    ),
    Break(
        "the outcome is told without looking",
        f"{UTILS}/engine.py",
        "    return AGAIN if _plan(job, observed).changes else IN_FORCE\n",
        "    return IN_FORCE\n",
        CUT, "cut anywhere",
    ),
    Break(
        "a rollback that a dead controller left armed is not looked for",
        f"{FORTIOS}/platform.py",
        'present["cfg-revert-timeout"] == REVERT_SECONDS',
        'present["cfg-revert-timeout"] == FACTORY_REVERT_SECONDS',
        CUT, "cut anywhere",
    ),
    Break(
        "a first run that was cut off counts as a whole one",
        f"{UTILS}/platforms/notes.py",
        '        complete = bool(there) and all(note["n"] == _count(len(there)) for note in there.values())\n',
        "        complete = bool(there)\n",
        CUT, "cut anywhere",
    ),
    Break(
        "a word that nobody knows is taken as it is",
        f"{FORTIOS}/codecs.py",
        "        if text not in self.options:\n",
        "        if not text:\n",
        STRANGE, "strange answers",
    ),
    Break(
        "another unit's answer will do",
        f"{FORTIOS}/reader.py",
        "        if said != value or isinstance(said, bool):\n",
        "        if said is None:\n",
        STRANGE, "strange answers",
    ),
    Break(
        "errors are shown as they come",
        f"{UTILS}/module.py",
        "Failure(redact(message, secrets), clean(result, secrets), unreachable)",
        "Failure(message, dict(result), unreachable)",
        SECRETS, "secrets stay secret",
    ),
    Break(
        "the unit is contacted whatever was wrong with the options",
        f"{UTILS}/module.py",
        "    if report.errors:\n        raise PolicyError(report.errors)\n",
        "    if report.errors and policy is None:\n        raise PolicyError(report.errors)\n",
        BAD_INPUT, "bad input is refused",
    ),
    Break(
        "phones reach any server by SIP",
        f"{DRAYTEK}/compiler/allow.py",
        "OUTWARDS, PASS, *first, destination=signalling,",
        "OUTWARDS, PASS, *first,",
        ANY_SITE, "safe at every step",
    ),
    Break(
        "SIP from the internet is not blocked",
        f"{DRAYTEK}/compiler/sip_allowlist.py",
        '    context.rule(names.BLOCK_SIP_IN, INWARDS, BLOCK, "FW-1", "SVC-1", service=guarded)\n',
        "",
        ANY_SITE, "provider in, strangers out",
    ),
    Break(
        "what the site has in our block of objects is taken for free",
        f"{DRAYTEK}/observation.py",
        "            if is_free(row):\n",
        '            if is_free(row) or not str(row["name"]).startswith(names.MARK):\n',
        ANY_SITE, "nothing foreign touched",
    ),
    Break(
        "new rules stay bound to the schedule that lets them run out",
        f"{DRAYTEK}/batch.py",
        "        for slot in self._bound:\n",
        "        for slot in ():\n",
        CUT, "cut anywhere",
    ),
    Break(
        "objects are unused where the filter was not read",
        f"{DRAYTEK}/ownership.py",
        "        if table(RULES) not in self._document.tables:\n",
        "        if False:\n",
        SOME, "idempotent",
    ),
    Break(
        "a word of a Vigor that nobody knows is taken for the first that is known",
        f"{DRAYTEK}/words.py",
        '        raise answer.strange(f"{label!r} is {text!r}, none of {\', \'.join(words)},")\n    return found\n',
        "        found = next(iter(words.values()))\n    return found\n",
        STRANGE, "strange answers",
    ),
    Break(
        "a pfSense lets SIP in from everybody",
        f"{PFSENSE}/compiler/sip_allowlist.py",
        '        if context.ports(names.SIP_IN[protocol], open_in, "FW-1"):\n',
        '        if context.ports(names.SIP_IN[protocol], open_in, "FW-1") and not protocol:\n',
        ANY_SITE, "provider in, strangers out",
    ),
    Break(
        "a pfSense blocks the provider's signalling with everybody's",
        f"{PFSENSE}/compiler/sip_allowlist.py",
        '                source=names.SIGNALLING,\n                all_but="source",\n',
        "",
        ANY_SITE, "safe at every step",
    ),
    Break(
        "everybody inside may go to the phones behind a pfSense",
        f"{PFSENSE}/compiler/voice_vlan.py",
        '    context.rule(("VLAN-1", "WEB-1"), names.VOICE_DENY_IN, voice, direction="out")\n',
        "",
        ANY_SITE, "safe at every step",
    ),
    Break(
        "aliases of a pfSense that are named nearly like ours are ours",
        f"{PFSENSE}/ownership.py",
        '        return str(row["name"]).startswith(names.ALIAS_MARK)\n',
        '        return str(row["name"]).lower().startswith(names.ALIAS_MARK.lower())\n',
        ANY_SITE, "nothing foreign touched",
    ),
    Break(
        "the rollback of a pfSense is never stopped",
        f"{PFSENSE}/batch.py",
        "        if not self.armed or self._stopped:\n",
        "        if self.armed or not self._stopped:\n",
        CUT, "cut anywhere",
    ),
    Break(
        "a pfSense's rollback that a dead controller left is not stopped",
        f"{PFSENSE}/batch.py",
        "        if self._details.armed:\n",
        "        if self._details.armed and self._stopped:\n",
        CUT, "cut anywhere",
    ),
    Break(
        "what a pfSense tells in another form than known is nothing",
        f"{PFSENSE}/observation.py",
        '        raise Misunderstood(f"read {name}: the box has {str(value)[:80]!r}, which is not understood")\n',
        '        return "" if kind is str else {} if kind is dict else []\n',
        STRANGE, "strange answers",
    ),
    Break(
        "a phone's new passwords are published and not stored",
        "plugins/action/phone_provisioning.py",
        '            if told["new"] or told["proved"]:\n',
        '            if told["proved"]:\n',
        PHONES_CUT, "cut anywhere",
    ),
    Break(
        "a phone's password before is forgotten with the rotation",
        f"{UTILS}/phones/passwords.py",
        '            entries.setdefault(account, {})["pending"] = password\n',
        '            entries[account] = {"pending": password}\n',
        PHONES_CUT, "cut anywhere",
    ),
    Break(
        "a phone loads ours before it is there",
        f"{UTILS}/phones/provisioning.py",
        "    for write in plan.writes:\n        if write.content is None:\n",
        "    for write in reversed(plan.writes):\n        if write.content is None:\n",
        PHONES_CUT, "cut anywhere",
    ),
    Break(
        "a change of a phone that broke off is not told",
        f"{UTILS}/phones/configuring.py",
        "outcome.changed, outcome.observed = True, _without(before, steps)\n",
        "outcome.observed = _without(before, steps)\n",
        PHONES_CUT, "cut anywhere",
    ),
    Break(
        "what a defect says of a phone is not masked",
        f"{UTILS}/phones/config_module.py",
        '"exception": traceback.format_exc()}, secrets)\n',
        '"exception": traceback.format_exc()}, ())\n',
        PHONES_SECRETS, "secrets stay secret",
    ),
    Break(
        "the passwords of a phone's store are no secrets",
        f"{UTILS}/phones/config_module.py",
        "    return _masked((*secrets_in(params), *(Secret(str(value)) for value in own if value)))\n",
        "    return ()\n",
        PHONES_SECRETS, "secrets stay secret",
    ),
)


def copied() -> None:
    """A fresh copy of what git knows or would add, with the collection link."""
    shutil.rmtree(COPY, ignore_errors=True)
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (COPY / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, COPY / name)
    link = COPY / ".collections" / "ansible_collections" / "voip" / "hardening"
    link.parent.mkdir(parents=True)
    link.symlink_to("../../..")


def broken_promises(suite: str, platform: str = "") -> tuple[set[str], str]:
    """The promises that a suite of the copy found broken, on one platform or on all, and the end of its output."""
    report = COPY / "build" / "promises.json"
    report.unlink(missing_ok=True)
    environment = {name: value for name, value in os.environ.items() if name not in ("VOIP_FULL", "VOIP_EXHAUSTIVE")}
    environment |= {"VOIP_EXAMPLES": "32", "VOIP_SEED": "7"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", f"tests/promises/{suite}.py", "-q", "-n", "2", "--tb=line", "-k", platform],
        cwd=COPY, env=environment, capture_output=True, text=True, check=False,
    )
    rows = json.loads(report.read_text(encoding="utf-8")) if report.exists() else []
    failed = {row["promise"] for row in rows if row["failed"]}
    if done.returncode and not failed:
        failed = {"the suite itself"}
    return failed, done.stdout[-2000:]


def tried(one: Break) -> tuple[bool, set[str]]:
    """Make one break, run its suite, mend it; whether the promise was among those found broken, and all of them."""
    path = COPY / one.file
    whole = path.read_text(encoding="utf-8")
    if whole.count(one.old) != 1:
        raise SystemExit(f"{one.name}: {one.file} holds the text to break {whole.count(one.old)} times, once is meant")
    path.write_text(whole.replace(one.old, one.new), encoding="utf-8")
    try:
        failed, _output = broken_promises(one.suite, one.platform)
    finally:
        path.write_text(whole, encoding="utf-8")
    return one.promise in failed, failed


def main(names: list[str]) -> int:
    """Run the breaks of these names, all without any; 2 for a name that is not there."""
    unknown = set(names) - {one.name for one in BREAKS}
    if unknown:
        print(f"no break of the name {', '.join(sorted(unknown))}; there are:\n" + "\n".join(b.name for b in BREAKS))
        return 2
    chosen = [one for one in BREAKS if not names or one.name in names]
    copied()
    for suite in dict.fromkeys(one.suite for one in chosen):
        failed, output = broken_promises(suite)
        if failed:
            print(f"{suite} fails without any break: {', '.join(sorted(failed))}\n{output}")
            return 1
        print(f"{suite}: passes without a break", flush=True)
    unnoticed = 0
    for one in chosen:
        start = time.monotonic()
        noticed, failed = tried(one)
        unnoticed += not noticed
        verdict = "noticed" if noticed else f"NOT NOTICED as {one.promise!r}"
        found = ", ".join(sorted(failed)) or "nothing"
        print(f"{verdict}: {one.name} ({one.suite}: {found}; {time.monotonic() - start:.0f} s)", flush=True)
    print(f"{len(chosen) - unnoticed} of {len(chosen)} breaks noticed")
    shutil.rmtree(COPY)
    return int(unnoticed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
