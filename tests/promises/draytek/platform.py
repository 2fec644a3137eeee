"""DrayTek Vigor for the suites of promises."""

from __future__ import annotations

from tests.promises.base import Platform
from tests.promises.draytek.answers import UNNOTICED, asked_for, spoilt_answers, spoilt_fields
from tests.promises.draytek.bad_input import BAD_INPUT, BAD_OPTIONS, bad_files
from tests.promises.draytek.limits import impossible
from tests.promises.draytek.live import WAYS, LiveVigor
from tests.promises.draytek.mishaps import MISHAPS
from tests.promises.draytek.questions import questions
from tests.promises.draytek.rig import VigorRig
from tests.promises.draytek.sites import SITES, bare
from tests.promises.draytek.states import assert_foreign_untouched, assert_same, unlike
from tests.promises.draytek.wanted import NEARLY, PLAIN, POLICIES

DRAYTEK = Platform(
    name="draytek",
    sites=SITES,
    policies=POLICIES,
    make=VigorRig,
    modes={"single": {}},
    impossible=impossible,
    questions=questions,
    assert_same=assert_same,
    assert_foreign_untouched=assert_foreign_untouched,
    unlike=unlike,
    asked_for=lambda rig: asked_for(rig.reads(PLAIN)),
    spoilt_fields=lambda rig: spoilt_fields(rig.reads(PLAIN)),
    spoilt_answers=lambda rig: spoilt_answers(rig.reads(PLAIN)),
    starts=tuple(
        (f"{start}-{model}", bare(model, start))
        for start in ("lived-in", "factory") for model in ("Vigor2927", "Vigor3912")
    ),
    watched=tuple(
        (f"{model}-{references}", bare(model, "lived-in", knobs={"references": references, "remote_status": status}))
        for model, references, status in (("Vigor2927", "index", "words"), ("Vigor3912", "both", "sentences"))
    ),
    unnoticed=UNNOTICED,
    plain=PLAIN,
    nearly=NEARLY,
    breaks=("cut-before", 3),
    rollback_seconds=15 * 60 + 60,
    reverts=False,
    live=LiveVigor,
    ways=WAYS,
    mishaps=MISHAPS,
    bad_input=BAD_INPUT,
    bad_options=BAD_OPTIONS,
    bad_files=bad_files,
)
