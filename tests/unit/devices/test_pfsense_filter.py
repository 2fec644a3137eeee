"""Which rules pf gets and which comments stand in place of the others, against facts of src/etc/inc/filter.inc."""

from __future__ import annotations

from typing import Any

import pytest

from tests.devices.pfsense import PfSense, dumped, factory_tree
from tests.support.pfsenses import make_box

ANY = {"any": ""}


def box_with(*rules: dict[str, Any], **parts: Any) -> PfSense:
    tree = factory_tree()
    tree["filter"] = {"rule": list(rules)}
    for path, value in parts.items():
        tree[path] = value
    return PfSense(dumped(tree))


def rule(number: int = 7, **fields: Any) -> dict[str, Any]:
    return {
        "tracker": str(number),
        "type": "pass",
        "interface": "lan",
        "ipprotocol": "inet",
        "source": ANY,
        "destination": ANY,
        "descr": "of mine",
        **fields,
    }


def lines(box: PfSense) -> list[str]:
    text = box.files.read("/tmp/rules.debug")
    return text[text.index("userrules/*") :].split("\n")[1:-1]


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({}, "pass in quick on $LAN inet from any to any ridentifier 7 keep state"),
        ({"type": "block", "log": ""}, "block in log quick on $LAN inet from any to any ridentifier 7"),
        ({"type": "reject"}, "block return in quick on $LAN inet from any to any ridentifier 7"),
        ({"type": "nonsense"}, "pass in quick on $LAN inet from any to any ridentifier 7 keep state"),
        (
            {"protocol": "tcp/udp", "destination": {"network": "lanip", "port": "53"}},
            "pass in quick on $LAN inet proto { tcp udp } from any to 192.168.1.1 port 53 ridentifier 7 keep state",
        ),
        (
            {"protocol": "udp", "destination": {"any": "", "port": "10000-20000"}},
            "pass in quick on $LAN inet proto udp from any to any port 9999 >< 20001 ridentifier 7 keep state",
        ),
        (
            {
                "protocol": "udp",
                "source": {"network": "lan", "not": ""},
                "statetimeout": "900",
                "statepolicy": "floating",
            },
            "pass in quick on $LAN inet proto udp from ! $LAN__NETWORK to any ridentifier 7 keep state"
            " (floating udp.multiple 900)",
        ),
        (
            {"protocol": "udp", "dscp": "ef", "vlanprioset": "vo"},
            "pass in quick on $LAN inet proto udp from any to any tos ef ridentifier 7 set prio 5 keep state",
        ),
        (
            {"floating": "yes", "interface": "wan,lan", "direction": "out", "type": "match"},
            "match out on { em0 em1 } inet from any to any ridentifier 7",
        ),
    ],
)
def test_a_rule(fields: dict[str, Any], line: str) -> None:
    box = box_with(rule(**fields))
    assert lines(box) == [f'{line} label "USER_RULE: of mine" label "id:7"']
    assert 7 in box.running


@pytest.mark.parametrize(
    ("fields", "comment"),
    [
        ({"interface": "opt7"}, '# array key "opt7" does not exist for "of mine" in array: {WAN LAN }'),
        ({"source": {"address": "NOBODY"}}, "# Unresolvable source alias 'NOBODY' for rule 'of mine'"),
        ({"destination": {"address": "NOBODY"}}, "# Unresolvable destination alias 'NOBODY' for rule 'of mine'"),
        (
            {"protocol": "udp", "destination": {"any": "", "port": "NOPORT"}},
            "# Unresolvable destination port alias 'NOPORT' for rule 'of mine'",
        ),
        (
            {"protocol": "udp", "source": {"any": "", "port": "EMPTY"}},
            "# Empty source port alias 'EMPTY' for rule 'of mine'",
        ),
        ({"ipprotocol": "inet6", "source": {"network": "lan"}}, "# source address is empty."),
        ({"ipprotocol": "inet6", "destination": {"network": "lanip"}}, "# destination address is empty."),
        ({"source": {"network": "opt1"}}, "# source address is empty."),
        ({"floating": "yes", "interface": "opt7"}, "# rule of mine has no enabled interfaces"),
    ],
)
def test_a_rule_that_is_left_out(fields: dict[str, Any], comment: str) -> None:
    box = box_with(rule(**fields), aliases={"alias": [{"name": "EMPTY", "type": "port", "address": ""}]})
    assert lines(box) == [f'{comment} label "USER_RULE: of mine"']
    assert 7 not in box.running
    assert box.status == "Done"


def test_a_port_of_a_protocol_without_ports_is_not_looked_at() -> None:
    box = box_with(rule(protocol="icmp", destination={"any": "", "port": "NOPORT"}))
    assert 7 in box.running


def test_a_disabled_rule_leaves_no_trace() -> None:
    assert lines(box_with(rule(disabled=""))) == []


def test_both_families_are_two_rules() -> None:
    # Without IPv6 on lan, one of them is left out.
    box = box_with(rule(ipprotocol="inet46", source={"network": "lan"}))
    assert [line.split()[0] for line in lines(box)] == ["pass", "#"]
    assert 7 in box.running


def test_order_is_floating_then_groups_then_interfaces() -> None:
    box = box_with(
        rule(1), rule(2, interface="INSIDE"), rule(3, floating="yes", interface="any", quick="yes", direction="any"),
        ifgroups={"ifgroupentry": [{"members": "lan", "ifname": "INSIDE"}]},
    )  # fmt: skip
    assert [line.split("ridentifier ")[1].split()[0] for line in lines(box)] == ["3", "2", "1"]


def test_one_tracker_of_two_rules() -> None:
    box = box_with(rule(5), rule(5, descr="its twin"))
    assert box.running.count(5) == 1
    assert len(lines(box)) == 2


def test_labels_are_cut_and_lose_their_quotes() -> None:
    box = box_with(rule(descr='x"' * 40))
    label = lines(box)[0].split('"')[1]
    assert label == "USER_RULE: " + "x" * 40
    long = lines(box_with(rule(descr="y" * 60)))[0].split('"')[1]
    assert (len(long), long[-3:]) == (63, "...")


def test_an_interface_that_is_off_or_has_no_device() -> None:
    tree = factory_tree()
    tree["filter"] = {"rule": [rule(interface="opt1")]}
    tree["interfaces"]["opt1"] = {"descr": "DMZ", "if": "em2", "ipaddr": "10.5.0.1", "subnet": "24"}
    assert "array key" in lines(PfSense(dumped(tree)))[0]
    tree["interfaces"]["opt1"]["enable"] = ""
    assert "on $DMZ" in lines(PfSense(dumped(tree)))[0]
    tree["interfaces"]["opt1"]["if"] = "em1.77"
    assert "array key" in lines(PfSense(dumped(tree)))[0]


# --- aliases ---------------------------------------------------------------------------------------------------------


def alias(name: str, address: str, kind: str = "network", **more: str) -> dict[str, str]:
    return {"name": name, "type": kind, "address": address, "descr": "", "detail": "", **more}


def test_tables_are_ordered_and_without_host_masks() -> None:
    first = alias("A", "203.0.113.9/32 192.0.2.7/24 2001:db8::/32 192.0.2.1")
    box = box_with(aliases={"alias": [first, alias("B", "A 10.0.0.0/8")]})
    assert box.kernel.tables["A"] == ["192.0.2.0/24", "192.0.2.1", "203.0.113.9", "2001:db8::/32"]
    assert box.kernel.tables["B"][0] == "10.0.0.0/8"
    assert len(box.kernel.tables["B"]) == 5


def test_a_host_name_leaves_the_table_to_filterdns() -> None:
    box = box_with(aliases={"alias": [alias("A", "sip.example.net 192.0.2.1", "host")]})
    box.knobs.resolves = {"sip.example.net": "203.0.113.5"}
    assert box.kernel.tables["A"] == []
    box.advance(1)
    assert box.kernel.tables["A"] == ["192.0.2.1", "203.0.113.5"]
    box.reload_filter()
    assert box.kernel.tables["A"] == ["192.0.2.1", "203.0.113.5"]


def test_an_alias_without_members_has_an_empty_table() -> None:
    box = box_with(rule(source={"address": "A"}), aliases={"alias": [alias("A", "")]})
    assert box.kernel.tables["A"] == []
    assert 7 not in box_with(rule(source={"address": "A"}), aliases={"alias": [{"name": "A", "type": "host"}]}).running
    assert 7 in box.running


def test_a_table_goes_with_its_alias() -> None:
    box = box_with(aliases={"alias": [alias("A", "192.0.2.1")]})
    box.gui_write({"aliases": ""})
    box.reload_filter()
    assert "A" not in box.kernel.tables


def test_the_systems_aliases_are_known_from_2_8_on() -> None:
    tree = factory_tree()
    tree["filter"] = {"rule": [rule(source={"address": "_private4_"})]}
    assert 7 in PfSense(dumped(tree), version="2.8.0").running
    assert 7 not in PfSense(dumped(tree), version="2.7.2").running


# --- NAT and packages ------------------------------------------------------------------------------------------------


def test_siproxd_takes_sip_for_itself() -> None:
    assert any(line.startswith("rdr on em1 proto udp") and "127.0.0.1" in line for line in lines(make_box()))
    for siproxd in ("off", "absent"):
        assert not any("127.0.0.1" in line for line in lines(make_box(choices={"siproxd": siproxd})))


def test_outbound_modes() -> None:
    def nat(mode: str) -> list[str]:
        text = make_box(choices={"outbound": mode}).files.read("/tmp/rules.debug")
        return [line for line in text.split("\n") if line.startswith("nat on")]

    assert ("static-port" in nat("advanced")[0], len(nat("advanced"))) == (True, 3)
    assert len(nat("automatic")) == 1
    assert len(nat("hybrid")) == 4
    assert nat("disabled") == []


# --- loading ---------------------------------------------------------------------------------------------------------


def test_a_queue_that_nobody_defined() -> None:
    box = box_with(rule())
    box.gui_write({"filter/rule": [rule(8, defaultqueue="qVoIP")]})
    box.reload_filter()
    assert 'queue qVoIP is not defined - The line in question reads' in box.status  # fmt: skip
    assert (7 in box.running, 8 in box.running) == (True, False)
    queue = {
        "interface": "lan",
        "name": "lan",
        "scheduler": "PRIQ",
        "enabled": "on",
        "queue": [{"name": "qVoIP", "enabled": "on"}],
    }
    box.gui_write({"shaper": {"queue": [queue]}})
    box.reload_filter()
    assert (box.status, 8 in box.running) == ("Done", True)


def test_networks_of_a_group_are_those_of_its_members() -> None:
    group = {"members": "lan", "ifname": "INSIDE"}
    box = box_with(rule(source={"network": "INSIDE"}), ifgroups={"ifgroupentry": [group]})
    assert box.kernel.tables["INSIDE__NETWORK"] == ["192.168.1.0/24"]
    assert "from $INSIDE__NETWORK to any" in lines(box)[0]
    box.gui_write({"ifgroups/ifgroupentry/0/members": "opt7"})
    box.reload_filter()
    # A group has no address of its own, so its rules are not left out: pf does not know the name.
    assert "macro 'INSIDE__NETWORK' not defined" in box.status


def test_a_failed_load_keeps_the_old_rules_and_the_flags() -> None:
    box = box_with(rule(), aliases={"alias": [alias("A", "192.0.2.1")]})
    box.gui_write({"filter/rule": [rule(8)], "aliases": ""}, dirty=("filter",))
    box.knobs.load_error = "syntax error"
    box.reload_filter()
    text = box.files.read("/var/run/filter_reload_status")
    assert text.endswith("\n\n")
    assert box.status.startswith("There were error(s) loading the rules: /tmp/rules.debug:1: syntax error - ")
    assert (7 in box.running, 8 in box.running) == (True, False)
    assert "A" in box.kernel.tables
    assert box.dirty == ["filter"]
    assert box.check_load() == 1
    box.knobs.load_error = ""
    box.reload_filter()
    assert (box.status, 8 in box.running, box.dirty) == ("Done", True, [])


def test_a_firewall_that_is_switched_off() -> None:
    box = box_with(rule())
    box.gui_write({"system/disablefilter": "enabled", "filter/rule": [rule(8)]}, dirty=("filter",))
    box.reload_filter()
    assert box.status == "Filter is disabled.  Not loading rules."
    # Neither the rules nor the flags are touched.
    assert (box.kernel.enabled, 7 in box.running, 8 in box.running) == (False, True, False)
    assert box.dirty == ["filter"]
