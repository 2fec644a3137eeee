"""Every format of a report is what its readers parse, and no text of a device gets out of its place."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voip.hardening.plugins.module_utils.posture.formats import FORMATS
from ansible_collections.voip.hardening.plugins.module_utils.posture.formats.markup import Markup, tag
from ansible_collections.voip.hardening.plugins.module_utils.posture.formats.page_style import DARK, LIGHT
from ansible_collections.voip.hardening.plugins.module_utils.posture.formats.table import COLUMNS
from ansible_collections.voip.hardening.plugins.module_utils.posture.record import ChangedBy, Difference, Unverifiable
from ansible_collections.voip.hardening.plugins.module_utils.posture.report import PostureReport
from ansible_collections.voip.hardening.plugins.module_utils.posture.words import plain_text
from ansible_collections.voip.hardening.plugins.module_utils.text import visible
from tests.support.fleets import HARM, drifted, hostile, nights, realistic, record, report, tiny, waiver

SCHEMA = json.loads((Path(__file__).resolve().parents[3] / "data/posture_report.schema.json").read_text("utf-8"))
SAMPLES = {"realistic": realistic(), "tiny": tiny(), "hostile": hostile()}
sample = pytest.mark.parametrize("found", SAMPLES.values(), ids=SAMPLES)


def text_of(name: str, found: PostureReport) -> str:
    (text,) = FORMATS[name](found).values()
    return text


def harmed(text: str) -> PostureReport:
    """A report in which a device says this wherever it can."""
    line = "".join(character for character in text if character >= " ") or "x"
    some = drifted(
        line,
        site=line,
        platform=text,
        model=text,
        version=text,
        message=text,
        drift=(Difference(("FW-1",), text, text, text, text),),
        findings=({"control": "FW-2", "severity": "high", "subject": text, "evidence": text, "advice": text},),
        pending=(text,),
        unverifiable=(Unverifiable("FW-3", text, False),),
        changed_by=ChangedBy(text, text, text, text),
        evidence={"rendered": text, "fetched": [text]},
    )
    return report(some, waivers={line: [waiver("FW-1", line, reason=line, approver=line)]})


def any_text() -> st.SearchStrategy[str]:
    """Text with what formats have in their own words more often than by chance."""
    marks = "<>&\"'=+-@\t\r\n\\{}#,;|\0\x1b\u202e\ud800\uffff"
    special = st.sampled_from([*HARM, *marks, "]]>", "-->", "</style>", "&lt;"])
    return st.lists(special | st.text(max_size=5), max_size=5).map("".join)


# JSON


@sample
def test_json_is_as_its_schema_says_and_canonical(found: PostureReport) -> None:
    text = text_of("json", found)
    data = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA).validate(data)
    assert text == json.dumps(data, sort_keys=True, indent=2) + "\n"
    assert text.isascii()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), 2),
        (("surplus",), 1),
        (("summary", "score"), 101),
        (("devices", 0, "class"), "fine"),
        (("devices", 0, "controls"), {"FW-1": "good"}),
        (("devices", 0, "points"), [{}]),
        (("waivers", 0, "state"), "kept"),
        (("waivers", 0, "surplus"), ""),
    ],
)
def test_the_schema_refuses_what_no_report_says(path: tuple[Any, ...], value: object) -> None:
    data = json.loads(text_of("json", SAMPLES["realistic"]))
    place = data
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate(data)


def test_json_has_what_a_difference_is_about() -> None:
    device = json.loads(text_of("json", SAMPLES["realistic"]))["devices"]
    point = next(one for one in device if one["host"] == "hull-fw1")["points"][0]
    assert point["declared"] == "enable"
    assert point["found"] == "disable"
    assert point["controls"] == ["FW-1"]
    assert point["since"] == "2026-05-29T01:30:00Z"


# CSV

FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


@sample
def test_no_cell_is_a_formula_and_every_row_has_all_columns(found: PostureReport) -> None:
    rows = rows_of(text_of("csv", found))
    assert rows[0] == list(COLUMNS)
    assert {len(row) for row in rows} == {len(COLUMNS)}
    assert not [cell for row in rows for cell in row if cell.lstrip(" ").startswith(FORMULA)]


def test_csv_has_a_row_for_each_open_point_and_one_for_a_device_without_any() -> None:
    found = report(record("north-fw1"), drifted("south-fw1", count=2, drift=(Difference((), "a"), Difference((), "b"))))
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in rows_of(text_of("csv", found))[1:]]
    assert [(row["device"], row["subject"]) for row in rows] == [
        ("north-fw1", ""),
        ("south-fw1", "a"),
        ("south-fw1", "b"),
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\uff1d"])
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(start: str) -> None:
    rows = rows_of(text_of("csv", report(record(model=f"{start}1+1"))))
    assert rows[1][COLUMNS.index("model")].startswith("'")


# JUnit


def test_junit_has_a_suite_a_site_and_a_case_a_control() -> None:
    found = SAMPLES["realistic"]
    root = ElementTree.fromstring(text_of("junit", found))
    suites = {suite.get("name"): suite for suite in root.iter("testsuite")}
    assert list(suites) == [*(site.name for site in found.sites), "waivers"]
    for suite in suites.values():
        cases = list(suite.iter("testcase"))
        assert int(suite.get("tests", "")) == len(cases)
        for name, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(name, "")) == len(list(suite.iter(kind)))
    case = find_case(root, "hull-fw1", "FW-1")
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("type") == "critical"
    assert "declared 'enable', found 'disable', since 2026-05-29T01:30:00Z" in (failure.text or "")
    assert len(list(find_case(root, "hull-fw1", "FW-2"))) == 0


def find_case(root: ElementTree.Element, device: str, control: str) -> ElementTree.Element:
    cases = [one for one in root.iter("testcase") if one.get("classname") == device]
    return next(one for one in cases if (one.get("name") or "").startswith(f"{control} "))


@pytest.mark.parametrize(
    ("device", "control", "kind", "message"),
    [
        ("aldgate-fw1", "ADM-1", "skipped", "waived until 2026-06-08 by A. Patel (security): Tokens are on order"),
        ("bristol-fw1", "VLAN-2", "skipped", "no unit of this model shows it"),
        ("truro-desk-101", "ENC-2", "error", "unknown"),
        ("jarrow-fw1", "FW-1", "error", "unknown"),
        ("jarrow-fw1", "can", "error", "timed out after 10 seconds"),
        ("hull-fw1", "FW-3", "", ""),
    ],
)
def test_outcomes_of_junit(device: str, control: str, kind: str, message: str) -> None:
    root = ElementTree.fromstring(text_of("junit", SAMPLES["realistic"]))
    outcomes = list(find_case(root, device, control))
    assert [one.tag for one in outcomes] == ([kind] if kind else [])
    assert all(message in (one.get("message") or "") for one in outcomes)


def test_an_expired_waiver_fails_in_junit() -> None:
    root = ElementTree.fromstring(text_of("junit", SAMPLES["realistic"]))
    case = next(one for one in root.iter("testcase") if one.get("classname") == "waivers")
    failure = case.find("failure")
    assert failure is not None
    assert "expired on 2026-04-30" in (failure.get("message") or "")


# Prometheus: a parser of the text format, written from its description

_SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (-?[0-9.e+]+)')


def samples_of(text: str) -> Iterator[tuple[str, dict[str, str], float]]:
    assert text.endswith("\n")
    typed: set[str] = set()
    for line in text[:-1].split("\n"):
        if line.startswith("# TYPE "):
            typed.add(line.split(" ")[2])
            assert line.endswith(" gauge")
        elif not line.startswith("# HELP "):
            found = _SAMPLE.fullmatch(line)
            assert found, line
            assert found[1] in typed
            yield found[1], dict(re.findall(r'([a-z]+)="((?:[^"\\\n]|\\[\\"n])*)"', found[2] or "")), float(found[3])


@sample
def test_prometheus_reads_every_line_and_no_series_twice(found: PostureReport) -> None:
    series = [(name, tuple(labels.items())) for name, labels, dummy in samples_of(text_of("prometheus", found))]
    assert len(series) == len(set(series))


def test_prometheus_has_what_alerts_are_made_of() -> None:
    found = list(samples_of(text_of("prometheus", SAMPLES["realistic"])))
    hull = {"site": "hull", "device": "hull-fw1"}
    assert ("voip_posture_device_class", {**hull, "class": "drift"}, 1.0) in found
    assert ("voip_posture_device_class", {**hull, "class": "compliant"}, 0.0) in found
    assert ("voip_posture_device_differences", hull, 1.0) in found
    assert ("voip_posture_last_run_timestamp_seconds", {}, 1780191000.0) in found
    assert ("voip_posture_waivers", {"state": "expired"}, 1.0) in found
    assert ("voip_posture_site_control_devices", {"site": "hull", "control": "FW-1", "result": "fail"}, 1.0) in found
    jarrow = next(value for name, labels, value in found if "last_read" in name and labels["device"] == "jarrow-fw1")
    assert jarrow == 1780191000.0 - 3 * 86400


def test_a_label_of_prometheus_is_one_whatever_is_in_it() -> None:
    name = 'a\n# TYPE b gauge\n"} 1\\'
    text = text_of("prometheus", report(record(name, site=name)))
    found = [labels for _name, labels, _value in samples_of(text) if labels]
    told = {one["device"] for one in found if "device" in one} | {one["site"] for one in found if "site" in one}
    assert told == {'a\\n# TYPE b gauge\\n\\"} 1\\\\'}


# HTML


class Outline(HTMLParser):
    """Elements with their attributes, and the text outside of the style sheet."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    @property
    def names(self) -> set[str]:
        return {name for name, dummy in self.elements}


ALLOWED = frozenset(
    "html head meta link title style body header main footer section article div p span b i h1 h2 h3 h4 ul li dl dt dd "
    "table caption thead tbody tr th td abbr code time figure figcaption details summary svg desc path text rect "
    "polyline circle".split()
)
ATTRIBUTES = frozenset(
    "charset http-equiv content name rel href lang class style title role aria-label aria-hidden tabindex scope "
    "colspan datetime x y width height cx cy r d points viewbox text-anchor".split()
)


@sample
def test_a_page_is_whole_has_no_script_and_asks_for_nothing(found: PostureReport) -> None:
    text = text_of("html", found)
    page = Outline(text)
    assert page.open == []
    assert page.names <= ALLOWED
    assert {name for dummy, given in page.elements for name in given} <= ATTRIBUTES
    assert [given["href"] for name, given in page.elements if "href" in given] == ["data:,"]
    style = text[text.index("<style>") : text.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style
    policy = next(given["content"] for name, given in page.elements if given.get("http-equiv"))
    assert str(policy).startswith("default-src 'none'")


@sample
def test_a_page_has_headings_in_order_and_names_rows_and_columns(found: PostureReport) -> None:
    page = Outline(text_of("html", found))
    levels = [int(name[1]) for name in (name for name, dummy in page.elements) if name in ("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    heads = [given for name, given in page.elements if name == "th"]
    assert heads
    assert all(given.get("scope") in ("row", "col", "rowgroup") for given in heads)
    tables = sum(name == "table" for name, dummy in page.elements)
    assert tables == sum(name == "caption" for name, dummy in page.elements)
    pictures = [index for index, (name, dummy) in enumerate(page.elements) if name == "svg"]
    assert all(page.elements[index + 1][0] == "title" for index in pictures)


def luminance(colour: str) -> float:
    """As WCAG 2 defines it."""
    parts = (int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5))
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_has_contrast(colours: dict[str, str]) -> None:
    grounds = [colours["card"], colours["ground"]]
    marks = [name for name in colours if f"{name}-back" in colours]
    pairs = [(colours[name], colours[f"{name}-back"]) for name in marks]
    pairs += [(colours[name], ground) for name in ("ink", "soft", "compliant", "drift") for ground in grounds]
    assert min(contrast(*pair) for pair in pairs) >= 4.5
    lines = [(colours[name], colours["card"]) for name in ("accent", *marks)]
    assert min(contrast(*pair) for pair in lines) >= 3


def test_a_page_says_what_a_customer_asks() -> None:
    words = " ".join(" ".join(Outline(text_of("html", SAMPLES["realistic"])).words).split())
    for told in (
        "8 of 60 devices need attention",
        "Since the run before: 3 new, 1 resolved.",
        "firewall/policy VOIPH-in-1 status declared enable found disable FW-1 since 2026-05-29, 2 days",
        "Last changed by s.miller , 2026-05-30 16:30:00: Edit firewall.policy 31 by GUI(198.51.100.7)",
        "timed out after 10 seconds Last read 2026-05-28 01:30 UTC.",
        "FW-3 hull-fw1 expired 2026-04-30 An old PBX needed the helper M. Okafor nothing",
        "SIP is accepted from the provider's addresses only",
        "10 if critical, 5 if high, 2 if medium, 1 if low",
    ):
        assert told in words


def test_an_element_escapes_whatever_is_put_into_it_even_markup_made_text() -> None:
    inner = tag("b", "<i>")
    assert tag("p", f"{inner}", "<", 5, None, [inner, "&"], title='"<').text == (
        f'<p title="&quot;&lt;">{visible(repr(inner)).replace("<", "&lt;").replace(">", "&gt;")}'
        "&lt;5<b>&lt;i&gt;</b>&amp;</p>"
    )
    assert not isinstance(inner, str)
    assert isinstance(inner, Markup)


# All of them


@given(any_text())
def test_no_text_gets_out_of_its_place(text: str) -> None:
    found, plain = harmed(text), harmed("x")
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(text_of("json", found)))
    rows = rows_of(text_of("csv", found))
    assert {len(row) for row in rows} == {len(COLUMNS)}
    assert len(rows) == len(rows_of(text_of("csv", plain)))
    assert not [cell for row in rows for cell in row if cell.lstrip(" ").startswith(FORMULA)]
    shape = [element.tag for element in ElementTree.fromstring(text_of("junit", plain)).iter()]
    message = [] if text else ["error"]  # without a message a device is as one that can be judged
    assert sorted([element.tag for element in ElementTree.fromstring(text_of("junit", found)).iter()] + message) == (
        sorted(shape)
    )
    assert len(list(samples_of(text_of("prometheus", found)))) == len(list(samples_of(text_of("prometheus", plain))))
    page = Outline(text_of("html", found))
    assert page.open == []
    assert page.names <= ALLOWED
    assert {name for dummy, given in page.elements for name in given} <= ATTRIBUTES
    told = plain_text(found)
    assert visible(told) == told
    assert told.count("\n") <= plain_text(plain).count("\n")


@given(any_text())
def test_json_keeps_texts_as_they_are(text: str) -> None:
    device = json.loads(text_of("json", harmed(text)))["devices"][0]
    point = device["points"][0]
    assert (device["model"], point["subject"], point["found"]) == (text, text, text)


@given(st.text(st.characters(), max_size=20))
def test_what_is_shown_can_be_seen_and_put_into_xml(text: str) -> None:
    shown = visible(text)
    ElementTree.fromstring(f"<x>{shown.replace('&', '&amp;').replace('<', '&lt;')}</x>".encode())
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b-\u200f]", shown)
    assert visible(shown) == shown


@sample
@pytest.mark.parametrize("name", FORMATS)
def test_the_same_report_is_the_same_text(found: PostureReport, name: str) -> None:
    files = FORMATS[name](found)
    assert files == FORMATS[name](found)
    for text in files.values():
        text.encode("utf-8")


def test_the_page_of_a_site_has_nothing_of_another_one() -> None:
    found = SAMPLES["realistic"]
    files = FORMATS["sites"](found)
    names = [site.name for site in found.sites]
    assert list(files) == [f"sites/{name}-posture.html" for name in names]
    for name in names:
        page = files[f"sites/{name}-posture.html"]
        assert f"{name}-desk-101" in page
        assert not [other for other in names if other != name and other in page]
    hull = " ".join(" ".join(Outline(files["sites/hull-posture.html"]).words).split())
    assert "1 of 3 devices needs attention" in hull
    assert "FW-3 hull-fw1 expired 2026-04-30" in hull
    assert "ADM-1 * not needed 2026-06-08 Tokens are on order, ticket 4711 A. Patel (security) nothing" in hull
    assert "2026-05-02" in hull
    assert hull.startswith("VoIP security, hull: 1 of 3")
    aldgate = " ".join(" ".join(Outline(files["sites/aldgate-posture.html"]).words).split())
    assert "ADM-1 * ends soon 2026-06-08 Tokens are on order, ticket 4711 A. Patel (security) aldgate-fw1" in aldgate


def test_pages_of_sites_have_names_of_files_whatever_sites_are_called() -> None:
    long = "w" * 300
    names = ["../../etc/passwd", "..", ".", "a/b", "a%2Fb", "N\u00f8rd", long, f"{long}x", "nul\ud800"]
    found = report(*(record(f"fw{number}", site=name) for number, name in enumerate(names)))
    paths = list(FORMATS["sites"](found))
    assert len(set(paths)) == len(names)
    assert all(re.fullmatch(r"sites/[A-Za-z0-9_.~%-]+-posture\.html", path) and len(path) < 200 for path in paths)


def test_a_page_calls_first_seen_what_this_run_saw_first_and_nothing_else_of_that_day() -> None:
    earlier = drifted(read_at="2026-05-31T00:30:00Z")
    both = (*earlier.drift, Difference(("FW-2",), "firewall/policy VOIPH-out", "status", "enable", "disable"))
    found = nights([[earlier], [drifted(drift=both, count=2)]])
    words = " ".join(" ".join(Outline(text_of("html", found)).words).split())
    assert "found disable FW-1 since 2026-05-31, 1 h" in words
    assert "found disable FW-2 first seen in this run" in words
