"""pfSense for the suites of promises."""

from __future__ import annotations

from tests.promises.base import Platform
from tests.promises.pfsense.answers import UNNOTICED, asked_for, spoilt_answers, spoilt_fields
from tests.promises.pfsense.bad_input import BAD_INPUT, BAD_OPTIONS, bad_files
from tests.promises.pfsense.limits import impossible
from tests.promises.pfsense.live import WAYS, LivePfSense
from tests.promises.pfsense.mishaps import MISHAPS
from tests.promises.pfsense.questions import questions
from tests.promises.pfsense.rig import PfSenseRig
from tests.promises.pfsense.sites import SITES, bare
from tests.promises.pfsense.states import assert_foreign_untouched, assert_same, unlike
from tests.promises.pfsense.wanted import NEARLY, PLAIN, POLICIES

PFSENSE = Platform(
    name="pfsense",
    sites=SITES,
    policies=POLICIES,
    make=PfSenseRig,
    modes={"single": {}},
    impossible=impossible,
    questions=questions,
    assert_same=assert_same,
    assert_foreign_untouched=assert_foreign_untouched,
    unlike=unlike,
    asked_for=lambda rig: asked_for(rig.reads(PLAIN)),
    spoilt_fields=lambda rig: spoilt_fields(rig.reads(PLAIN)),
    spoilt_answers=lambda rig: spoilt_answers(rig.reads(PLAIN)),
    starts=(
        ("lived-in-2.8.0", bare("lived-in")), ("factory-2.8.0", bare("factory")),
        ("lived-in-2.7.2-kea", bare("lived-in", "2.7.2", backend="kea", outbound="advanced")),
        ("two-lines-24.11", bare("lived-in", "24.11", wan2=True, separators=True, group=True, outbound="hybrid")),
    ),
    watched=(("lived-in", bare("lived-in", separators=True)), ("factory", bare("factory"))),
    unnoticed=UNNOTICED,
    plain=PLAIN,
    nearly=NEARLY,
    breaks=("cut-after", 1),
    rollback_seconds=120 + 60,
    reverts=True,
    live=LivePfSense,
    ways=WAYS,
    mishaps=MISHAPS,
    bad_input=BAD_INPUT,
    bad_options=BAD_OPTIONS,
    bad_files=bad_files,
)
