"""The page of a report in a real browser: on a phone, on a desk, in the dark and on paper. Pictures are in build."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.posture.formats import FORMATS, PAGE
from tests.support import chromium, fleets
from tests.support.playbooks import ROOT

PICTURES = ROOT / "build" / "report-pages"
FLEETS = {"realistic": fleets.realistic, "tiny": fleets.tiny, "hostile": fleets.hostile}
PAPER = 718
"""Width of A4 between margins of a centimetre, in CSS pixels."""


@pytest.fixture(scope="module")
def tab() -> Iterator[chromium.Tab]:
    if chromium.program() is None:
        pytest.skip("chromium is not installed (Debian package chromium)")
    with chromium.opened() as opened:
        yield opened


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    paths = {name: folder / f"{name}.html" for name in FLEETS}
    for name, path in paths.items():
        path.write_text(FORMATS["html"](FLEETS[name]())[PAGE], encoding="utf-8")
    return paths


def complaints(tab: chromium.Tab) -> list[dict[str, Any]]:
    return tab.told("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown")


def requests(tab: chromium.Tab) -> list[str]:
    told = tab.told("Network.requestWillBeSent", "Network.webSocketCreated")
    return [one["request"]["url"] if "request" in one else one["url"] for one in told]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", FLEETS)
def test_a_page_fits_asks_for_nothing_and_gives_no_cause_for_complaint(
    tab: chromium.Tab, pages: dict[str, Path], name: str, width: int, scheme: str
) -> None:
    address = pages[name].as_uri()
    tab.show(address, width, scheme)
    tab.picture(PICTURES / f"{name}-{width}-{scheme}.png")
    assert tab.value("document.documentElement.scrollWidth") <= width
    assert tab.value("document.body.scrollWidth") <= width
    assert requests(tab) == [address]
    assert complaints(tab) == []
    assert tab.value("document.title").startswith("VoIP security")
    dark = tab.value("getComputedStyle(document.body).backgroundColor") != "rgb(246, 247, 249)"
    assert dark == (scheme == "dark")


@pytest.mark.parametrize("name", FLEETS)
def test_a_page_fits_on_paper_and_is_light_there(tab: chromium.Tab, pages: dict[str, Path], name: str) -> None:
    tab.show(pages[name].as_uri(), PAPER, "dark", media="print")
    tab.picture(PICTURES / f"{name}-print.png")
    assert tab.value("document.documentElement.scrollWidth") <= PAPER
    assert tab.value("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert tab.value("getComputedStyle(document.body).color") == "rgb(26, 34, 48)"


def test_what_is_wider_than_a_phone_can_be_scrolled_by_keyboard(tab: chromium.Tab, pages: dict[str, Path]) -> None:
    tab.show(pages["realistic"].as_uri(), 360, "light")
    wide = "[...document.querySelectorAll('*')].filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1)"
    told = "e => getComputedStyle(e).overflowX + ' ' + e.tabIndex + ' ' + e.getAttribute('role')"
    kinds = tab.value(f"{wide}.map({told})")
    assert kinds
    scrolled = [kind for kind in kinds if not kind.startswith("visible")]
    assert set(scrolled) == {"auto 0 region"}


def test_the_browser_would_tell(tab: chromium.Tab, tmp_path: Path) -> None:
    """What the tests above look for is seen where it is there."""
    page = tmp_path / "bad.html"
    page.write_text(
        "<!DOCTYPE html><title>x</title><img src='missing.png'><div style='width:2000px'>x</div>"
        "<script>console.log('said'); throw new Error('thrown')</script>",
        encoding="utf-8",
    )
    tab.show(page.as_uri(), 360, "light")
    assert [Path(url).name for url in requests(tab)] == ["bad.html", "missing.png"]
    assert tab.told("Runtime.consoleAPICalled")
    assert tab.told("Runtime.exceptionThrown")
    assert tab.told("Log.entryAdded")
    assert tab.value("document.documentElement.scrollWidth") > 360


def test_what_a_device_says_does_not_run_even_where_an_escape_is_missing(tab: chromium.Tab, tmp_path: Path) -> None:
    """The page's own policy forbids scripts and requests."""
    text = FORMATS["html"](fleets.tiny())[PAGE].replace(
        "</main>", "<script>document.title = 'taken'</script><img src='https://192.0.2.1/x'></main>"
    )
    page = tmp_path / "escaped.html"
    page.write_text(text, encoding="utf-8")
    tab.show(page.as_uri(), 1280, "light")
    assert tab.value("document.title").startswith("VoIP security")
    refused = [one["entry"]["text"] for one in tab.told("Log.entryAdded")]
    assert any("script" in one for one in refused)
    assert any("192.0.2.1" in one for one in refused)
    assert not tab.told("Network.responseReceived")[1:]
