"""Units that must not be changed, or not in this way: refused with a reason, before anything is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.policies import policy, provider
from tests.support.states import assert_same
from tests.support.units import CONCERNS, MODULES, TOKEN, VERSIONS, Unit, start_config

Start = Callable[..., Unit]


def refused(unit: Unit, *words: str, module: str = "firewall", **options: Any) -> None:
    """A run, and a check before it, fail with these words, write nothing and call the unit reachable."""
    before = unit.state
    for check in (True, False):
        failure = unit.fail(module, check=check, **options)
        for word in words:
            assert word in failure.message
        assert not failure.unreachable
        assert "outcome" not in failure.result
    assert unit.writes == []
    assert unit.state == before


@pytest.mark.parametrize("module", MODULES)
def test_policy_based_mode(module: str, start: Start) -> None:
    """Policies of policy-based NGFW mode mean something else."""
    unit = start("factory")
    unit.device.config.set("system/settings", "root", ngfw_mode="policy-based")
    refused(unit, "policy-based", module=module)


def test_policy_based_mode_of_any_vdom(start: Start) -> None:
    """One VDOM of several is enough."""
    unit = start("factory", vdoms=("root", "voice"))
    unit.device.config.set("system/settings", "voice", ngfw_mode="policy-based")
    refused(unit, "voice", "policy-based", vdoms=["root", "voice"])


@pytest.mark.parametrize("version", ["6.4.14", "8.0.0", "7.8.0", "5.6.1"])
def test_releases_that_are_not_known(version: str, start: Start) -> None:
    """A release outside 7.0, 7.2, 7.4 and 7.6 is named and left alone."""
    unit = start("factory", "7.4.4")
    original = unit.device.handle

    def other_release(request: Any) -> Any:
        response = original(request)
        response.body = response.body.replace(b"v7.4.4", f"v{version}".encode())
        return response

    unit.device.handle = other_release  # type: ignore[method-assign]
    refused(unit, version, "7.0, 7.2, 7.4, 7.6")


def test_the_secondary_of_a_cluster(start: Start) -> None:
    """A secondary copies its primary: changes belong there."""
    config = start_config("factory", "7.4.4")
    config["global"]["system/ha"] = {"mode": "a-p", "group-name": "site"}
    refused(start(config, ha_role="secondary"), "secondary", "primary")


def test_a_cluster_member_that_does_not_say_what_it_is(start: Start) -> None:
    """In a cluster, but absent from its list of members: unknown is never taken for the primary."""
    config = start_config("factory", "7.4.4")
    config["global"]["system/ha"] = {"mode": "a-p", "group-name": "site"}
    refused(start(config, ha_role="standalone"), "cluster")


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("version", ["7.0.5", "7.6.2"])
def test_a_profile_that_hides_fields(version: str, module: str, start: Start) -> None:
    """Rows without their fields come with HTTP 200; nothing is concluded from them."""
    unit = start("lived-in", version, profile="no_access")
    refused(unit, "access profile", module=module)
    assert "access profile" in unit.fail(module, state="gathered").message


@pytest.mark.parametrize("module", MODULES)
def test_a_profile_that_may_read_only(module: str, start: Start) -> None:
    """Reading and checking works; the first write is refused, said so, and the unit is as it was."""
    unit = start("lived-in", profile="read_only")
    before = unit.state
    assert unit.run(module, check=True)["changed"]
    assert unit.writes == []
    failure = unit.fail(module)
    assert "403" in failure.message
    assert failure.result["outcome"] == "old state restored"
    assert_same(before, unit.state)


def findings(unit: Unit, **options: Any) -> dict[str, str]:
    """Severity of the findings of a check by subject."""
    return {one["subject"]: one["severity"] for one in unit.run(check=True, **options)["findings"]}


def test_management_by_a_fortimanager_is_a_warning(start: Start) -> None:
    """It is hardened all the same, and said that the manager overwrites it."""
    unit = start("factory")
    assert "central management" not in findings(unit)
    unit.device.config.set("system/central-management", "root", type="fortimanager")
    unit.device.save()
    assert findings(unit)["central management"] == "medium"
    assert unit.run()["changed"]
    assert unit.run()["plan"] == []


def test_central_nat_is_a_warning(start: Start) -> None:
    """It is hardened all the same, and said that the NAT switch of policies has no effect."""
    unit = start("factory")
    assert "VDOM root" not in findings(unit)
    unit.device.config.set("system/settings", "root", central_nat="enable")
    assert findings(unit)["VDOM root"] == "medium"
    assert unit.run()["changed"]
    assert unit.run()["plan"] == []


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        *((kind, path) for kind in ("html", "truncated") for path in ("system/status", "system/settings")),
        *(
            (kind, path)
            for kind in ("html", "truncated", "wrong-types")
            for path in ("firewall/policy", "system/admin")
        ),
    ],
)
def test_strange_answers_are_named_and_nothing_is_written(kind: str, path: str, start: Start) -> None:
    """An answer that is not what FortiOS sends ends the run with the request in the message."""
    unit = start("lived-in")
    before = unit.state
    unit.device.faults.plant(kind=kind, method="GET", path=path)
    failure = unit.fail()
    assert path in failure.message
    assert unit.writes == []
    assert unit.state == before


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("system/settings", "default-voip-alg-mode"),
        ("firewall/policy", "status"),
        ("firewall/policy", "srcaddr-negate"),
        ("system/interface", "allowaccess"),
        ("system/admin", "trusthost3"),
        ("system/global", "cfg-save"),
    ],
)
def test_a_missing_field_is_never_taken_for_its_default(path: str, field: str, start: Start) -> None:
    """A table without a field that counts is unknown, whatever else it says."""
    unit = start("lived-in")
    unit.device.faults.plant(kind="drop-field", method="GET", path=path, field=field)
    refused(unit, path, field)


@pytest.mark.parametrize("value", [None, [], {"a": 1}, 7.5])
def test_a_field_of_another_type_is_an_error(value: Any, start: Start) -> None:
    """A value that FortiOS does not send for a field is shown, not interpreted."""
    unit = start("lived-in")
    unit.device.faults.plant(kind="replace-field", method="GET", path="firewall/policy", field="action", value=value)
    refused(unit, "firewall/policy", "action")


BAD_INPUTS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("no policy", {"policy": {}}, "voip_policy.voice_vlan"),
    ("VLAN id", {"policy": policy(voice_vlan={"id": 5000})}, "voip_policy.voice_vlan.id: 5000 is not allowed"),
    ("transport", {"policy": policy(transport="sctp")}, 'voip_policy.transport: "sctp" is not allowed'),
    ("misspelt key", {"policy": policy(enforce_exclusiv=True)}, 'did you mean "enforce_exclusive"?'),
    ("everything", {"provider": provider(signalling=["0.0.0.0/0"])}, "voip_provider.signalling"),
    ("nothing", {"provider": provider(signalling=[])}, "voip_provider.signalling"),
    ("token", {"access_token": None}, "access_token: missing; it needs"),
    ("fingerprint", {"fingerprint": "AB:CD"}, 'fingerprint: "AB:CD" is not allowed'),
    ("timeout", {"timeout": 0}, "timeout: 0 is not allowed"),
    ("port", {"port": 70000}, "port: 70000 is not allowed"),
    ("VDOM", {"vdoms": ["root", "a b"]}, 'vdoms[1]: "a b" is not allowed'),
    (
        "platform",
        {"platform": "screenos"},
        "ansible_network_os: 'screenos' is not supported; one of draytek, fortios, pfsense",
    ),
)


@pytest.mark.parametrize(("options", "expected"), [row[1:] for row in BAD_INPUTS], ids=[row[0] for row in BAD_INPUTS])
def test_bad_input_opens_no_connection(options: dict[str, Any], expected: str, start: Start) -> None:
    """The error names the field, and the unit is not contacted."""
    unit = start("factory")
    failure = unit.fail(**options)
    assert expected in failure.message
    assert failure.result["errors"]
    assert unit.device.counters.connections == 0


def test_all_errors_come_at_once(start: Start) -> None:
    """Provider and policy are looked at as a whole."""
    unit = start("factory")
    failure = unit.fail(
        provider=provider(signalling=["0.0.0.0/0"], media=[]), policy=policy(transport="sctp", voice_vlan={"id": 0})
    )
    fields = {line.partition(":")[0].partition("[")[0] for line in failure.message.splitlines()}
    expected = {"voip_provider.signalling", "voip_provider.media", "voip_policy.transport", "voip_policy.voice_vlan.id"}
    assert expected <= fields


@pytest.mark.parametrize("version", VERSIONS)
def test_a_parent_interface_that_is_not_there(version: str, start: Start) -> None:
    """The error names what the unit has."""
    unit = start("factory", version)
    refused(unit, "parent_interface", "port77", "internal", policy=policy(voice_vlan={"parent_interface": "port77"}))


def test_a_wan_interface_that_is_not_there(start: Start) -> None:
    """A misspelt WAN interface is not passed over."""
    refused(start("factory"), "wan_interfaces", "wan7", "wan1", policy=policy(wan_interfaces=["wan1", "wan7"]))


def test_a_pbx_that_is_nowhere(start: Start) -> None:
    """A PBX outside every subnet of the unit cannot be forwarded to."""
    refused(start("factory"), "pbx", "10.99.0.5", policy=policy(pbx={"address": "10.99.0.5"}))


@pytest.mark.parametrize("concern", CONCERNS)
def test_secrets_are_nowhere_in_results_and_errors(concern: str, start: Start) -> None:
    """The token is in no result and in no message, even where the device sends it back."""
    unit = start("lived-in")
    unit.edit("firewall/policy", 3, comments=f"key {TOKEN}")
    for result in (unit.run(concern, check=True), unit.run(concern), unit.run(concern, state="gathered")):
        assert TOKEN not in repr(result)
    unit.device.faults.plant(
        kind="replace-field", method="GET", path="system/settings", field="ngfw-mode", value={"x": TOKEN}
    )
    failure = unit.fail(concern)
    assert TOKEN not in repr(failure.message) + repr(failure.result)
