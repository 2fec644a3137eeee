"""The flavour with real PHP: its stand-ins against the other flavour, the vendor's traps, and processes that sleep."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.devices.pfsense import ParseError, dumped, factory_config, lived_in_config, parsed
from tests.devices.pfsense.php import PhpPfSense, unavailable
from tests.support.pfsenses import make_box

pytestmark = pytest.mark.skipif(bool(unavailable()), reason=unavailable() or "it runs")

INCLUDES = ("config.inc", "functions.inc", "filter.inc", "interfaces.inc")
PROLOGUE = "<?php\n" + "".join(f"require_once('{name}');\n" for name in INCLUDES)


@pytest.fixture(scope="module")
def shared() -> Iterator[PhpPfSense]:
    """A box that no test changes."""
    with PhpPfSense(lived_in_config()) as box:
        yield box


@contextmanager
def php_box(start: str = "lived-in", version: str = "2.8.0", **knobs: Any) -> Iterator[PhpPfSense]:
    box = make_box(start, version, "php", **knobs)
    assert isinstance(box, PhpPfSense)
    with box:
        yield box


def php(box: PhpPfSense, text: str) -> Any:
    """What a program leaves in `$said`, after the vendor's usual includes."""
    out = box.handle(f"{PROLOGUE}$said = null;\n{text}\necho \"\\n@@\", json_encode($said);")
    return json.loads(out.decode().split("\n@@")[1])


# --- config.xml ------------------------------------------------------------------------------------------------------

TEXTS = [
    "<a>x</a>",
    "<A>x</A><b/><c>  </c>",
    "<a>\n\t x y \n</a>",
    "<rule><descr>1</descr></rule><x>y</x><rule><a>2</a></rule>",
    "<a><dnsserver></dnsserver></a><dnsserver>x</dnsserver><dnsserver></dnsserver>",
    "<descr><![CDATA[a &amp; b &lt;c&gt; &quot;q&quot; &apos;]]></descr>",
    "<x>a &amp; b</x><y>&amp;lt;</y><z>&lt;b&gt; &#233;</z>",
    "<descr><![CDATA[&nbsp;&euro; &#039;&#1;&nosuch;]]></descr>",
    "<x>é€ ü</x><y>one\ntwo</y>",
    '<x y="1">2</x><!-- gone --><?php gone ?>',
    "<a><b>1</b>text</a>",
    "<a>1</a><a>2</a>",
    "<a></a><a></a>",
    "<filter><rule><tracker>1</tracker><tracker>2</tracker></rule></filter>",
    "<a>text<b>1</b></a>",
    "<a>1</b>",
    "<x>&nbsp;</x>",
    "",
]
TREES: list[dict[str, Any]] = [
    {"a": "x", "b": "", "c": True, "d": False, "e": 7},
    {"rule": [{"a": "1"}, {"descr": "<&\"'>é"}], "list": [], "dnsserver": ["x", "y"]},
    {"statetype": "keep state", "text": "x", "subtext": "y", "descr": ""},
    {"range": ["x"], "name": "é ř €", "city": "Zürich"},
    {"user": [{}, ""]},
]


def test_both_read_alike(shared: PhpPfSense) -> None:
    def python(text: str) -> Any:
        try:
            return parsed(text)
        except ParseError:
            return -1

    texts = [f"<pfsense>{text}</pfsense>" for text in TEXTS]
    texts += [factory_config(), lived_in_config(), lived_in_config(outbound="advanced"), "<x>1</x>", ""]
    shared.files.write("/root/texts", json.dumps(texts))
    found = php(shared, """
        foreach (json_decode(file_get_contents('/root/texts'), true) as $text) {
            file_put_contents('/tmp/text', $text);
            $said[] = parse_xml_config('/tmp/text', ['pfsense']);
        }""")
    assert found == [python(text) for text in texts]


def test_both_write_alike(shared: PhpPfSense) -> None:
    shared.files.write("/root/trees", json.dumps(TREES))
    found = php(shared, """
        foreach (json_decode(file_get_contents('/root/trees'), true) as $tree) {
            $said[] = dump_xml_config($tree, 'pfsense');
        }""")
    assert found == [dumped(tree) for tree in TREES]


def test_a_file_is_written_as_it_was(shared: PhpPfSense) -> None:
    assert php(shared, "$said = dump_xml_config($config, 'pfsense');") == shared.xml


# --- the vendor's traps ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["2.7.2", "2.8.0"])
def test_the_cache_hides_an_edit(version: str) -> None:
    fresh = "config_read_file(false, false);" if version == "2.8.0" else "$config = parse_config(true);"
    with php_box("factory", version) as box:
        php(box, "")
        box.xml = box.xml.replace("<hostname>pfSense<", "<hostname>edited<")
        assert php(box, "$said = $config['system']['hostname'];") == "pfSense"
        assert php(box, f"{fresh} $said = $config['system']['hostname'];") == "edited"


def test_functions_of_a_release() -> None:
    text = "$said = [function_exists('config_read_file'), config_restore('/no/such', 'x'), config_restore($f2, 'x')];"
    for version, found in (("2.7.2", [False, 1, 0]), ("2.8.0", [True, False, True])):
        with php_box("factory", version) as box:
            assert php(box, f"$f2 = '/cf/conf/config.xml'; {text}") == found
            said = "Reverted to config.xml." if version == "2.7.2" else 'Reverted to "x"'
            assert box.config["revision"]["description"] == f"(system): {said}"
            assert box.files.exists("/tmp/disable_security_checks")


def test_history() -> None:
    with php_box("factory") as box:
        box.gui_write({"system/backupcount": "3"})
        box.files.write("/cf/conf/backup/config-1.xml", box.xml)
        box.files.write("/cf/conf/backup/config-2.xml", box.xml)
        before = box.config["revision"]["time"]
        php(box, "for ($i = 0; $i < 3; $i++) { write_config('x'); usleep(600000); }")
        assert len(box.history) == 3
        assert f"config-{before}.xml" in box.history
        assert "config-1.xml" not in box.history
        assert box.config["revision"]["description"] == "(system): x"


def test_a_broken_file_is_replaced_with_the_newest_backup() -> None:
    with php_box("factory") as box:
        box.gui_write({"system/hostname": "two"})
        box.xml = "<pfsense><a></a><a></a></pfsense>"
        assert php(box, "config_read_file(true, false); $said = $config['system']['hostname'];") == "pfSense"


@pytest.mark.parametrize("first", ["config.inc", "functions.inc"])
def test_aliases_are_only_known_where_config_inc_came_first(first: str) -> None:
    with php_box() as box:
        files = [first, "functions.inc", "config.inc", "filter.inc"]
        out = box.handle(f"<?php foreach ({json.dumps(files)} as $f) require_once($f); filter_configure_sync();")
        assert out == b""
        assert (1690000001 in box.running) is (first == "config.inc")
        assert ("Unresolvable source alias 'Offices'" in box.files.read("/tmp/rules.debug")) is (first != "config.inc")


def test_reloading_is_a_program_and_an_event_is_not() -> None:
    with php_box() as box:
        reloads = box.counters.reloads
        php(box, "filter_configure();")
        assert box.counters.reloads == reloads
        php(box, "exec('/etc/rc.filter_configure_sync', $lines, $code); $said = $code;")
        assert box.counters.reloads == reloads + 1


@pytest.mark.parametrize(("how", "answer"), [("refused", False), ("failed", -1)])
def test_a_write_that_is_refused_or_fails(how: str, answer: object) -> None:
    with php_box("factory", write_fails=how) as box:
        before = box.xml
        assert php(box, "$said = write_config('x');") == answer
        assert box.xml == before


def test_pfctl(shared: PhpPfSense) -> None:
    shared.kernel.states = [("10.0.0.20", "203.0.113.5")]

    def pfctl(words: str) -> Any:
        return php(shared, f"exec('/sbin/pfctl {words} 2>&1', $lines, $code); $said = [$lines, $code];")

    assert pfctl("-t Offices -T show") == [["   192.0.2.0/28", "   192.0.2.64/27"], 0]
    assert pfctl("-t Nobody -T show") == [["pfctl: Table does not exist."], 255]
    assert pfctl("-nf /tmp/rules.debug") == [[], 0]
    assert pfctl("-k 10.0.0.0/24 -k 203.0.113.0/24") == [["killed 1 states from 1 sources and 1 destinations"], 0]
    lines, code = pfctl("-sr -vv")
    assert (lines[0].startswith("@0 block"), code) == (True, 0)
    assert any("ridentifier 1690000012 " in line for line in lines)


# --- the tree --------------------------------------------------------------------------------------------------------


def test_a_copy_has_a_tree_of_its_own(shared: PhpPfSense) -> None:
    with shared.copy() as twin:
        assert isinstance(twin, PhpPfSense)
        php(twin, "config_set_path('system/hostname', 'twin'); write_config('x');")
        assert (twin.config["system"]["hostname"], shared.config["system"]["hostname"]) == ("twin", "branch-gw")
        assert shared.history == {}


def test_a_closed_box_leaves_nothing() -> None:
    with php_box("factory") as box:
        root = Path(box.root)
        assert root.is_dir()
    assert not root.exists()


def test_a_process_sleeps_by_the_time_of_the_box() -> None:
    with php_box("factory") as box:
        box.files.write("/root/nap", "for i in 1 2 3; do sleep 10; done; echo > /root/woke\n")
        php(box, "exec('/usr/bin/setsid /bin/sh /root/nap >/dev/null 2>&1 &');")
        box.wait_for_sleepers(1)
        box.advance(25)
        assert not box.files.exists("/root/woke")
        box.advance(5)
        box.wait_for(lambda: box.files.exists("/root/woke"))
