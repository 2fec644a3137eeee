"""Both flavours of the box answer the product's program alike: the simulated one is as good as real PHP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.devices.pfsense import PfSense, PfSenseServer
from tests.devices.pfsense.php import PhpPfSense, unavailable
from tests.devices.pfsense.tree import get_path
from tests.support.pfsenses import HOST, answer_of, make_box
from tests.unit.devices.test_pfsense_server import client, run

program = pytest.importorskip(
    "ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense.program",
    reason="the product's program for pfSense is not there",
).program

pytestmark = pytest.mark.skipif(bool(unavailable()), reason=unavailable() or "it runs")

RULE = {
    "tracker": "3000000001",
    "type": "pass",
    "interface": "lan",
    "ipprotocol": "inet46",
    "source": {"network": "lan"},
    "destination": {"address": "VOIPH_net", "port": "VOIPH_ports"},
    "protocol": "udp",
    "descr": 'VOIPH-rule "1" & <2>',
}
ALIASES = [
    {"name": "VOIPH_net", "type": "network", "address": "203.0.113.0/27 2001:db8::/48", "descr": "VOIPH-net"},
    {"name": "VOIPH_ports", "type": "port", "address": "5060 10000:20000", "descr": "VOIPH-ports"},
]
VLAN = {"if": "em1", "tag": "40", "pcp": "5", "descr": "VOIPH-voice", "vlanif": "em1.40"}
VOICE = {"descr": "VOIPH_VOICE", "if": "em1.40", "enable": True, "ipaddr": "10.40.0.1", "subnet": "24"}
SECTIONS = [
    "filter",
    "aliases/alias",
    "nat",
    "vlans/vlan",
    "system/optimization",
    "no/such",
    "staticroutes",
    {"path": "interfaces", "fields": ["if", "descr", "enable"]},
    {"path": "aliases/alias", "fields": ["name"]},
    {"path": "staticroutes", "fields": ["x"]},
]


class Pair:
    """One box of each flavour, and the digest that each has."""

    def __init__(self, *boxes: PfSense) -> None:
        self.boxes = boxes
        self.seen: list[tuple[str, str]] = []

    def ask(self, **request: Any) -> Any:
        """The answer of both, without what two boxes cannot share; they must be the same."""
        answers = [answer_of(box.handle(program(request))) for box in self.boxes]
        if request["op"] == "read":
            self.seen = [(answer["digest"], answer["revision"]["time"]) for answer in answers]
        first, second = (comparable(answer) for answer in answers)
        assert first == second
        return answers[0]

    def read(self) -> Any:
        return self.ask(op="read", sections=SECTIONS, tables=["VOIPH_net", "Offices", "Nobody"], accounts=True)

    def write(self, edits: list[dict[str, Any]], **more: Any) -> Any:
        """A write of both; each is told the digest and the revision that it said itself."""
        self.read()
        answers = []
        for box, (digest, revision) in zip(self.boxes, self.seen, strict=True):
            request = {
                "op": "write", "digest": digest, "revision": revision, "description": "voip.hardening: both",
                "edits": edits, "apply": {"filter": True}, "rollback": 0, "token": "t1", **more,
            }  # fmt: skip
            answers.append(answer_of(box.handle(program(request))))
        assert comparable(answers[0]) == comparable(answers[1])
        self.same()
        return answers[0]

    def same(self) -> None:
        """Both boxes hold and do the same."""
        first, second = ({**box.state(), "config": {**box.config, "revision": 0}} for box in self.boxes)
        assert first == second
        assert self.boxes[0].config["revision"]["description"] == self.boxes[1].config["revision"]["description"]

    def advance(self, seconds: float) -> None:
        for box in self.boxes:
            box.advance(seconds)


def comparable(answer: dict[str, Any]) -> dict[str, Any]:
    if not answer["ok"]:
        return {"error": answer["error"]}
    made = {name: value for name, value in answer.items() if name not in ("clock", "digest")}
    for name, volatile in (("revision", "time"), ("armed", "since"), ("fired", "at")):
        if isinstance(made.get(name), dict):
            made[name] = {**made[name], volatile: 0}
    return made


@contextmanager
def php_pair(version: str = "2.8.0") -> Iterator[Pair]:
    second = make_box(version=version, flavour="php")
    assert isinstance(second, PhpPfSense)
    with second:
        yield Pair(make_box(version=version), second)


@pytest.fixture(params=["2.7.2", "2.8.0"])
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    with php_pair(request.param) as made:
        yield made


def test_reading(pair: Pair) -> None:
    answer = pair.read()
    assert answer["ok"]
    assert answer["skipped"]
    # Of one configuration, both have the same bytes.
    assert pair.seen[0] == pair.seen[1]
    for box in pair.boxes:
        box.mark_dirty("filter", "vip")
        box.knobs.turn("carp", "BACKUP")
        vip = {"mode": "carp", "uniqid": "1"}
        box.gui_write({"virtualip": {"vip": [vip]}, "hasync": {"synchronizetoip": "10.9.0.2"}})
        box.booting = True
    answer = pair.read()
    assert (answer["dirty"], answer["carp"]["backup"]) == (["filter", "vip"], 1)


def test_writing(pair: Pair) -> None:
    keep = [{"keep": place} for place in range(16)]
    answer = pair.write([
        {"path": "aliases/alias", "list": [
            *({"new": alias} for alias in ALIASES), {"keep": 0, "unset": ["detail"]}, {"keep": 1},
        ]},
        {"path": "filter/rule", "list": [{"new": RULE}, *keep[:5], {"keep": 5, "set": {"disabled": True}}]},
        {"path": "system/optimization", "set": "conservative"},
        {"path": "system/newflag", "set": True},
        {"path": "system/domain", "unset": True},
        {"path": "nat/rule", "list": []},
        {"path": "vlans/vlan", "list": [], "empty": True},
    ])  # fmt: skip
    assert answer["ok"]
    assert 3000000001 in pair.read()["running"]
    assert pair.write([])["written"] is False


@pytest.mark.parametrize(
    "more",
    [
        {"digest": "0" * 64},
        {"revision": "1"},
        {"token": "../x"},
        {"edits": [{"path": "filter/rule", "list": [{"keep": 99}]}]},
        {"edits": [{"path": "system/hostname/x", "set": "1"}]},
        {"edits": [{"path": "filter/rule", "list": [{"new": {**RULE, "defaultqueue": "qNone"}}]}]},
        {"apply": {"vlans": ["em9.1"]}, "edits": [{"path": "vlans/vlan", "list": [{"new": {**VLAN, "if": "em9"}}]}]},
        {"apply": {"vlans": ["em9.1"]}, "edits": [
            {"path": "vlans/vlan", "list": [{"new": {**VLAN, "if": "em9", "vlanif": "em9.1"}}]},
        ]},
    ],
)  # fmt: skip
def test_what_is_refused(pair: Pair, more: dict[str, Any]) -> None:
    edits = more.pop("edits", [{"path": "filter/rule", "list": [{"new": RULE}]}])
    pair.write(edits, **more)


@pytest.mark.parametrize("how", ["refused", "failed"])
def test_a_write_that_fails(pair: Pair, how: str) -> None:
    for box in pair.boxes:
        box.knobs.turn("write_fails", how)
    answer = pair.write([{"path": "system/optimization", "set": "x"}], apply={"interfaces": ["opt1"]}, rollback=60)
    assert answer["error"] == "write"


def test_a_voice_vlan_and_back(pair: Pair) -> None:
    edits = [
        {"path": "vlans/vlan", "list": [{"keep": 0}, {"new": VLAN}]},
        {"path": "interfaces/opt3", "set": VOICE},
        {"path": "dhcpd/opt3", "set": {"enable": True, "range": {"from": "10.40.0.10", "to": "10.40.0.99"}}},
        {"path": "installedpackages/siproxdsettings/config/0/sipenable", "unset": True},
    ]
    apply = {
        "vlans": ["em1.40"], "interfaces": ["opt3"], "dhcp": True, "siproxd": True, "filter": True, "webgui": True,
        "sshd": True, "sshguard": True,
    }  # fmt: skip
    assert pair.write(edits, apply=apply, rollback=60)["ok"]
    assert pair.boxes[1].kernel.ipv4["em1.40"] == ("10.40.0.1", 24)
    assert pair.read()["armed"]["seconds"] == 60
    pair.advance(30)
    assert pair.write([], token="t2")["error"] == "lock"
    pair.advance(31)
    assert pair.read()["fired"]["token"] == "t1"
    assert "em1.40" not in pair.boxes[1].kernel.devices
    pair.same()
    assert pair.ask(op="disarm", token="t1") == {"ok": True, "disarmed": False, "fired": True}


def test_disarming_and_restoring(pair: Pair) -> None:
    edits = [{"path": "system/optimization", "set": "aggressive"}]
    pair.ask(op="restore", token="t1")
    pair.write(edits, rollback=60)
    pair.ask(op="disarm", token="other")
    assert pair.ask(op="disarm", token="t1")["disarmed"] is True
    pair.advance(100)
    pair.same()
    pair.write([{"path": "system/optimization", "set": "normal"}], rollback=60, token="t2")
    assert pair.ask(op="restore", token="t2")["restored"] is True
    pair.same()
    assert pair.read()["config"]["system/optimization"] == "aggressive"


def test_flows_and_unknown_operations(pair: Pair) -> None:
    for box in pair.boxes:
        box.kernel.states = [("10.0.0.20", "203.0.113.5"), ("10.0.0.20", "192.0.2.99")]
    kill = [{"source": "10.0.0.20", "destination": "203.0.113.0/24"}, {"source": "nobody"}]
    assert pair.ask(op="flows", kill=kill)["killed"] == 1
    assert pair.ask(op="format")["error"] == "unknown-op"


def test_a_switched_off_firewall(pair: Pair) -> None:
    for box in pair.boxes:
        box.gui_write({"system/disablefilter": ""}, dirty=("filter",))
    assert pair.write([{"path": "filter/rule", "list": [{"new": RULE}]}])["ok"]
    assert pair.read()["dirty"] == ["filter"]


@pytest.mark.parametrize(("path", "kept"), [("system/user/0/descr", True), ("system/hostname", False)])
def test_a_text_with_accents_is_only_kept_in_cdata(pair: Pair, path: str, kept: bool) -> None:
    # Elsewhere the vendor cannot read what it wrote, and takes the backup; of that the program says nothing.
    assert pair.write([{"path": path, "set": "Zo\u00eb"}])["written"] is True
    assert (get_path(pair.boxes[1].config, path) == "Zo\u00eb") is kept


def test_a_load_that_fails_at_will(pair: Pair) -> None:
    for box in pair.boxes:
        box.faults.plant(kind="load", op="write", times=1)
    edits = [{"path": "system/optimization", "set": "aggressive"}]
    assert pair.write(edits)["error"] == "load"
    assert pair.write(edits)["ok"]


def test_somebody_saves_between_read_and_write() -> None:
    with php_pair() as pair:
        pair.read()
        for box, (digest, revision) in zip(pair.boxes, pair.seen, strict=True):
            box.faults.plant(kind="gui", op="write", times=1)
            request = {"op": "write", "digest": digest, "revision": revision, "edits": [], "token": "t1"}
            assert answer_of(box.handle(program(request)))["error"] == "changed"
            assert box.config["filter"]["rule"][-1]["descr"] == "added in the GUI"


def test_over_ssh() -> None:
    with php_pair() as pair, PfSenseServer(pair.boxes[1], HOST) as server, client(server) as connected:
        text = program({"op": "read", "sections": ["system/hostname"]})
        out, error, code = run(connected, "/usr/local/bin/php", text)
        assert answer_of(out)["config"] == {"system/hostname": "branch-gw"}
        assert (error, code) == (b"", 0)
