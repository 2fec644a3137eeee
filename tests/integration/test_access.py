"""Getting in, and not getting in: credentials, certificates, silence, slowness, bad input."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.devices.fortigate import FortiGateServer, Switches
from tests.devices.fortigate.certificate import make_certificate
from tests.support.playbooks import Run, Site, host_variables
from tests.support.policies import policy, provider
from tests.support.states import assert_same
from tests.support.units import HOST, Unit, make_unit

Start = Callable[..., Unit]

PASSWORD = "Sup3r-secret-passw0rd"
# A session login of an account whose trusted hosts the policy would narrow needs an address of ours to be among them.
WITHOUT_MANAGEMENT = policy(concerns={"management_access": False})


@dataclass
class Attempt:
    """A unit, the inventory's variables for it, and what must come of a check."""

    unit: Unit
    variables: dict[str, Any]
    kind: str
    message: tuple[str, ...] = ()


def by_password(unit: Unit, password: str = PASSWORD, **variables: Any) -> dict[str, Any]:
    """The inventory's variables for a session login."""
    unit.device.set_password("admin", PASSWORD)
    return host_variables(
        unit,
        voip_access_token=None,
        ansible_user="admin",
        ansible_password=password,
        voip_policy=WITHOUT_MANAGEMENT,
        **variables,
    )


def old_login() -> Switches:
    """Releases before 7.0.1 and some after it have the web login only."""
    return Switches(authentication_call=False)


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server((HOST, 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])


def attempts(start: Start, silent: int, closed: int, foreign_name: Unit) -> dict[str, Attempt]:
    """Every way of getting in or not, each on a unit of its own."""

    def unit(**options: Any) -> Unit:
        return start("factory", **options)

    def faulty(**fault: Any) -> Unit:
        one = unit()
        one.device.faults.plant(**fault)
        return one

    def variables_of(one: Unit, **variables: Any) -> tuple[Unit, dict[str, Any]]:
        return one, host_variables(one, **variables)

    plain, wrong, forgetful, pinned, strange_pin = unit(), unit(), unit(), unit(), unit()
    old, old_wrong = unit(switches=old_login()), unit(switches=old_login())
    colons = ":".join(pinned.server.fingerprint[i : i + 2] for i in range(0, 64, 2)).upper()
    return {
        "token": Attempt(*variables_of(unit()), "ok"),
        "password": Attempt(plain, by_password(plain), "ok"),
        "password-old": Attempt(old, by_password(old), "ok"),
        "pinned": Attempt(*variables_of(pinned, voip_ca_path=None, voip_fingerprint=colons), "ok"),
        "unverified": Attempt(*variables_of(unit(), voip_ca_path=None, voip_validate_certs=False), "ok"),
        "unverified-2": Attempt(*variables_of(unit(), voip_ca_path=None, ansible_httpapi_validate_certs=False), "ok"),
        "ca-2": Attempt(
            *variables_of(one := unit(), voip_ca_path=None, ansible_httpapi_ca_path=one.server.ca_path), "ok"
        ),
        "slow": Attempt(*variables_of(faulty(kind="delay", seconds=0.02)), "ok"),
        "closing": Attempt(*variables_of(faulty(kind="close")), "ok"),
        "wrong-token": Attempt(
            *variables_of(unit(), voip_access_token="wrong-token-1234"), "failed", ("access token", "401")
        ),
        "wrong-password": Attempt(wrong, by_password(wrong, "wrong-password"), "failed", ("'admin'",)),
        "wrong-password-old": Attempt(old_wrong, by_password(old_wrong, "wrong-password"), "failed", ("'admin'",)),
        "no-credentials": Attempt(
            forgetful, host_variables(forgetful, voip_access_token=None), "failed", ("access_token: missing",)
        ),
        "no-ca": Attempt(*variables_of(unit(), voip_ca_path=None), "failed", ("certificate is not trusted",)),
        "other-ca": Attempt(
            *variables_of(unit(), voip_ca_path=pinned.server.ca_path), "failed", ("certificate is not trusted",)
        ),
        "missing-ca": Attempt(*variables_of(unit(), voip_ca_path="/nowhere/ca.pem"), "failed", ("/nowhere/ca.pem",)),
        "other-name": Attempt(
            foreign_name, host_variables(foreign_name), "failed", ("certificate is not trusted", HOST)
        ),
        "other-pin": Attempt(
            *variables_of(strange_pin, voip_fingerprint=pinned.server.fingerprint),
            "failed",
            (strange_pin.server.fingerprint, "not the pinned one"),
        ),
        "closed": Attempt(*variables_of(unit(), ansible_port=closed), "unreachable", (str(closed), "refused")),
        "silent": Attempt(
            *variables_of(unit(), ansible_port=silent, voip_connect_timeout=1), "unreachable", (str(silent),)
        ),
        "no-name": Attempt(*variables_of(unit(), ansible_host="fw.invalid"), "unreachable", ("fw.invalid",)),
        "hanging": Attempt(*variables_of(faulty(kind="hang"), voip_timeout=2), "unreachable", ("2 s",)),
        "hanging-later": Attempt(
            *variables_of(faulty(kind="hang", path="firewall/policy"), voip_timeout=2),
            "unreachable",
            ("2 s", "firewall/policy"),
        ),
        "trickling": Attempt(
            *variables_of(faulty(kind="trickle", seconds=0.5), voip_timeout=2), "unreachable", ("2 s",)
        ),
        "cutting": Attempt(*variables_of(faulty(kind="cut-before")), "unreachable", ("connection broke",)),
        "resetting": Attempt(*variables_of(faulty(kind="refuse")), "unreachable", ()),
    }


@pytest.fixture
def foreign_name() -> Iterator[Unit]:
    """A unit whose certificate is for another address, by the authority that we trust."""
    unit = make_unit("factory")
    unit.server = FortiGateServer(unit.device, host=HOST, certificate=make_certificate("127.0.9.9"))
    with unit.server:
        yield unit


def test_getting_in_and_not(
    tmp_path: Path, start: Start, silent_port: int, closed_port: int, foreign_name: Unit
) -> None:
    """One play over all of them: those that must get in do, no other is touched, and no host holds up another."""
    tried = attempts(start, silent_port, closed_port, foreign_name)
    before = {name: attempt.unit.state for name, attempt in tried.items()}
    site = Site(tmp_path, {name: attempt.variables for name, attempt in tried.items()})
    run = site.play("--forks", "6")
    wrong: list[str] = []
    for name, attempt in tried.items():
        entry = run.of(name)
        message = str(entry["result"].get("msg", ""))
        if entry["kind"] != attempt.kind:
            wrong.append(f"{name}: {entry['kind']} instead of {attempt.kind}: {message}")
        wrong += [f"{name}: {word!r} is not in {message!r}" for word in attempt.message if word not in message]
        if attempt.kind != "ok" and attempt.unit.state != before[name]:
            wrong.append(f"{name}: the unit was changed")
        if attempt.kind == "ok" and not entry["result"].get("changed"):
            wrong.append(f"{name}: nothing was changed")
    assert not wrong, "\n".join(wrong)
    assert_failures_are_counted(run, tried)
    assert PASSWORD not in run.output
    # One refused login is not followed by another: the unit would lock us out.
    assert len(tried["wrong-token"].unit.device.log) == 1
    assert len(tried["wrong-password"].unit.device.log) == 1
    assert len([e for e in tried["wrong-password-old"].unit.device.log if e["path"] == "/logincheck"]) == 1
    # Sessions that were opened are closed again.
    for name in ("password", "password-old"):
        assert tried[name].unit.device.gate.sessions == {}


def assert_failures_are_counted(run: Run, tried: dict[str, Attempt]) -> None:
    """Ansible's own summary tells unreachable hosts from failed ones."""
    for name, attempt in tried.items():
        (line,) = (line for line in run.output.splitlines() if line.startswith(f"{name} ") and "ok=" in line)
        assert ("unreachable=1" in line) == (attempt.kind == "unreachable"), line
        assert ("failed=1" in line) == (attempt.kind == "failed"), line


BAD_INPUTS: dict[str, tuple[dict[str, Any], str]] = {
    "vlan-id": ({"voip_policy": policy(voice_vlan={"id": 5000})}, "voip_policy.voice_vlan.id: 5000 is not allowed"),
    "transport": ({"voip_policy": policy(transport="sctp")}, 'voip_policy.transport: "sctp" is not allowed'),
    "misspelt": ({"voip_policy": policy(enforce_exclusiv=True)}, 'did you mean "enforce_exclusive"?'),
    "subnet": ({"voip_policy": policy(voice_vlan={"subnet": "10.40.0.1/24"})}, "voip_policy.voice_vlan.subnet"),
    "everything": ({"voip_provider": provider(signalling=["0.0.0.0/0"])}, "voip_provider.signalling"),
    "nothing": ({"voip_provider": provider(media=[])}, "voip_provider.media"),
    "unknown-profile": ({"voip_provider": "no-such-provider"}, "no-such-provider"),
    "no-profile": ({"voip_provider": None}, "voip_provider"),
    "no-policy": ({"voip_policy": None}, "voip_policy"),
    "platform": ({"ansible_network_os": "screenos"}, "ansible_network_os: 'screenos' is not supported"),
    "no-platform": ({"ansible_network_os": None}, "platform"),
    "port": ({"ansible_port": 70000}, "port: 70000 is not allowed"),
    "fingerprint": ({"voip_fingerprint": "AB:CD"}, 'fingerprint: "AB:CD" is not allowed'),
    "timeout": ({"voip_timeout": "soon"}, "timeout"),
    "state": ({"voip_state": "present"}, "state"),
    "concern": ({"voip_concerns": ["sip_algs"]}, "sip_algs"),
    "vdom": ({"voip_vdoms": ["root", "a b"]}, 'vdoms[1]: "a b" is not allowed'),
}


def test_bad_input_is_refused_before_any_connection(tmp_path: Path, start: Start) -> None:
    """Each error names the field, the value and what is allowed; the unit is not contacted by any of the hosts."""
    unit = start("factory")
    site = Site(tmp_path, {name: host_variables(unit, **changes) for name, (changes, _words) in BAD_INPUTS.items()})
    run = site.play("--forks", "4")
    wrong = []
    for name, (_changes, expected) in BAD_INPUTS.items():
        entry = run.of(name)
        message = str(entry["result"].get("msg", ""))
        if entry["kind"] != "failed" or expected not in message:
            wrong.append(f"{name}: {entry['kind']}: {message}")
    assert not wrong, "\n".join(wrong)
    assert unit.device.counters.connections == 0


@pytest.mark.parametrize("version", ["7.0.5", "7.4.4", "7.6.2"])
@pytest.mark.parametrize("authentication_call", [True, False], ids=["api", "logincheck"])
def test_a_full_circle_by_password(authentication_call: bool, version: str, start: Start) -> None:
    """With a session login everything works as with a token, writes (which need a CSRF token) included."""
    unit = start(
        "lived-in", version, switches=Switches(authentication_call=authentication_call), seen_as="10.0.0.10"
    )
    unit.device.set_password("admin", PASSWORD)
    before = unit.state
    login: dict[str, Any] = {"access_token": None, "username": "admin", "password": PASSWORD, "policy": policy()}
    shown = unit.run(check=True, **login)
    assert unit.writes == []
    assert unit.run(**login)["plan"] == shown["plan"]
    assert unit.run(**login)["plan"] == []
    unit.run(state="deleted", **{**login, "policy": None})
    assert_same(before, unit.state)
    assert unit.device.gate.sessions == {}


def test_credentials_travel_in_no_url(start: Start) -> None:
    """Neither token nor password is in a request's target."""
    unit = start("factory")
    unit.device.set_password("admin", PASSWORD)
    targets: list[str] = []
    original = unit.device.handle

    def watched(request: Any) -> Any:
        targets.append(request.target)
        return original(request)

    unit.device.handle = watched  # type: ignore[method-assign]
    unit.run("sip_alg", access_token=None, username="admin", password=PASSWORD)
    unit.run()
    assert targets
    for secret in (PASSWORD, "token-4711"):
        assert not [target for target in targets if secret in target]


def test_a_locked_out_address_is_told_and_not_tried_again(start: Start) -> None:
    """After failed logins the unit blocks the address: said so, and one request is all that is sent."""
    unit = start("factory")
    for _attempt in range(3):
        unit.fail(access_token="wrong-token-1234")
    unit.forget()
    failure = unit.fail()
    assert "429" in failure.message
    assert len(unit.device.log) == 1
    assert "outcome" not in failure.result
