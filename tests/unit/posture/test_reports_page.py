"""What `docs/reports.md` says is so."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import yaml

from ansible_collections.voip.hardening.plugins.module_utils.policy.reading import Report
from ansible_collections.voip.hardening.plugins.module_utils.posture.delivery import (
    PORTS,
    read_delivery,
)
from ansible_collections.voip.hardening.plugins.module_utils.posture.formats import FORMATS
from ansible_collections.voip.hardening.plugins.module_utils.posture.options import (
    DIRECTORY,
    FAIL_ON,
    FORMATS_MADE,
    HISTORY_DAYS,
)
from ansible_collections.voip.hardening.plugins.module_utils.posture.outcome import outcome
from ansible_collections.voip.hardening.plugins.module_utils.posture.record import CLASSES
from ansible_collections.voip.hardening.plugins.module_utils.posture.score import WEIGHTS
from ansible_collections.voip.hardening.plugins.module_utils.posture.waivers import ENDS_SOON, read_waivers
from ansible_collections.voip.hardening.plugins.module_utils.posture.words import CLASS_WORDS
from tests.support.fleets import controls, realistic, record, report, tiny

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "reports.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", PAGE, re.DOTALL)


def cells(variable: str) -> list[str]:
    """The row of a table that begins with this."""
    (row,) = re.findall(rf"^\| `{variable}` \|(.*)\|$", PAGE, re.MULTILINE)
    return [cell.strip() for cell in row.split("|")]


def test_defaults() -> None:
    assert cells("voip_report_dir")[0] == f"`{DIRECTORY}`"
    assert cells("voip_report_formats")[0] == f"`[{', '.join(FORMATS_MADE)}]`"
    assert cells("voip_fail_on")[0] == f"`[{', '.join(FAIL_ON)}]`"
    assert cells("voip_history_days")[0] == str(HISTORY_DAYS)
    assert re.findall(r"`(\w+)`", cells("voip_report_formats")[1]) == list(FORMATS)


def test_files_classes_weights_and_words() -> None:
    named = [name for make in FORMATS.values() for name in make(tiny())]
    assert all(name.replace("north", "SITE").removeprefix("sites/") in BLOCKS[0][1] for name in named)
    assert [cells(name)[0] for name in CLASSES] == [CLASS_WORDS[name] for name in CLASSES]
    points = re.findall(r"critical (\d+) points, high (\d+), medium (\d+), low (\d+)", PAGE)
    assert [int(one) for one in points[0]] == list(WEIGHTS.values())
    assert f"for less than {ENDS_SOON} days more" in PAGE
    assert f"port {PORTS['starttls']} or {PORTS['tls']}" in PAGE


def test_the_example_of_a_score() -> None:
    some = {**record().controls, "FW-3": "fail"}
    device = report(record(controls=some)).devices[0]
    dead = report(record(), record("south-fw1", controls={}, classification="unreachable")).devices[1]
    assert len(some) == 12
    score = device.score
    told = f"one of twelve controls, fails has {score.proven} of {score.asked} points: {score.percent}"
    assert f"{told}. The same one unreachable has 0 of {dead.score.asked}." in PAGE


def test_the_example_of_waivers_is_taken() -> None:
    text = next(block for kind, block in BLOCKS if kind == "yaml" and "voip_waivers" in block)
    told = Report()
    (found,) = read_waivers([("", one) for one in yaml.safe_load(text)["voip_waivers"]], controls(), told)
    assert told.errors == []
    assert found.expires == date(2027, 3, 31)


def test_the_example_of_delivery_is_taken() -> None:
    text = next(block for kind, block in BLOCKS if kind == "yaml" and "voip_report_mail" in block)
    given = yaml.safe_load(text)
    result = {**outcome(realistic(), []), "files": []}
    delivery = read_delivery(result, given["voip_report_mail"], given["voip_report_webhook"])
    assert delivery.mail is not None
    assert delivery.mail.port == 587


def test_examples_of_formats_are_what_is_written() -> None:
    found = realistic()
    xml = next(block for kind, block in BLOCKS if kind == "xml")
    assert all(line.strip() in FORMATS["junit"](found)["posture.xml"].replace("\n", " ") for line in xml.splitlines())
    table = next(block for kind, block in BLOCKS if block.startswith('"site"'))
    assert all(line.removesuffix("...") in FORMATS["csv"](found)["posture.csv"] for line in table.splitlines())
    assert len(table.splitlines()) == 2


def test_every_metric_is_listed_and_no_other() -> None:
    text = FORMATS["prometheus"](realistic())["voip_posture.prom"]
    listed = set(re.findall(r"`(voip_posture_\w+)`", PAGE))
    assert listed == set(re.findall(r"^# TYPE (\w+) gauge$", text, re.MULTILINE))
    rules = "".join(block for kind, block in BLOCKS if "alert:" in block)
    assert set(re.findall(r"voip_posture_\w+", rules)) <= listed
