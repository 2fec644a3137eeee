"""The options of `phone_probe`: what is taken, and what is refused before any phone is contacted."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.voip.hardening.plugins.module_utils.module import Failure
from ansible_collections.voip.hardening.plugins.module_utils.options import check_against
from ansible_collections.voip.hardening.plugins.module_utils.phones.probe import Probe
from ansible_collections.voip.hardening.plugins.module_utils.phones.probe_module import execute, prepared
from ansible_collections.voip.hardening.plugins.module_utils.phones.probe_options import SPEC
from ansible_collections.voip.hardening.plugins.module_utils.policy.reading import Report
from tests.unit.phones.firmware_samples import DATA

ROOT = Path(__file__).resolve().parents[3]


def options(**given: Any) -> dict[str, Any]:
    """Options as Ansible hands them over."""
    checked = ArgumentSpecValidator(dict(SPEC)).validate({"host": "192.0.2.17", **given})
    assert checked.error_messages == []
    found: dict[str, Any] = checked.validated_parameters
    return found


def asked(check: bool = False, **given: Any) -> Probe:
    found = prepared(options(**given), check)
    assert isinstance(found, Probe)
    return found


def refused(**given: Any) -> list[str]:
    with pytest.raises(Failure) as failure:
        execute(options(**given), check=False)
    lines: list[str] = failure.value.result["errors"]
    assert failure.value.message == "\n".join(lines)
    return lines


def test_defaults() -> None:
    probe = asked()
    assert probe.services == {"http": 80, "https": 443, "ssh": 22, "telnet": 23, "sip": 5060, "sips": 5061}
    assert (probe.vantage, probe.default_credentials, probe.plain_http) == ("management", False, False)
    assert (probe.each, probe.total, probe.remembered_for) == (3, 60, timedelta(days=30))
    assert (probe.data, probe.signal, probe.mac) == (None, None, "")


def test_what_is_given() -> None:
    probe = asked(
        services={"https": 8443},
        ports=[8080, 8443, 80],
        mac="80:5E:C0:00:00:17",
        control_signal={"state": "answered", "by": "pbx1", "at": "2026-11-30T11:00:00+01:00"},
        observed={"nat.ice": False},
        firmware_data=DATA,
    )
    assert probe.services == {
        "http": 80, "https": 8443, "ssh": 22, "telnet": 23, "sip": 5060, "sips": 5061, "8080": 8080,
    }  # fmt: skip
    assert probe.mac == "805ec0000017"
    assert probe.signal == {"state": "answered", "by": "pbx1", "at": "2026-11-30T10:00:00+00:00"}
    assert probe.observed == {"nat.ice": False}
    assert probe.data is not None


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"host": ""}, "host: missing; it needs the address or name of the phone (ansible_host)"),
        (
            {"host": "https://phone"},
            'host: "https://phone" is not allowed; an IP address or a name, without port and scheme (ansible_host)',
        ),
        ({"services": {"https": 0}}, "services.https: 0 is not allowed; a port from 1 to 65535"),
        ({"ports": [80, 70000]}, "ports[1]: 70000 is not allowed; a port from 1 to 65535"),
        ({"mac": "80:5e"}, 'mac: "80:5e" is not allowed; a MAC address of twelve hexadecimal digits'),
        (
            {"control_signal": {"state": "answered", "by": "pbx1", "at": "2026-11-30T11:00:00"}},
            'control_signal.at: "2026-11-30T11:00:00" is not allowed; a time with its zone such as'
            " 2026-05-31T10:00:00+00:00",
        ),
        (
            {"observed": {"ICE": False}},
            'observed: "ICE" is not allowed; intents of the phone policy such as nat.ice, each with its value',
        ),
        ({"connect_timeout": 0}, "connect_timeout: 0 is not allowed; a number of seconds from 1 to 86400"),
        ({"timeout": 0}, "timeout: 0 is not allowed; a number of seconds from 1 to 86400"),
        ({"remember_days": 0}, "remember_days: 0 is not allowed; a number of days from 1 to 365"),
        (
            {"firmware_data": {**DATA, "schema": 2}},
            "firmware_data.schema: 2 is not allowed; the version of the format from 1 to 1",
        ),
    ],
)
def test_refused(given: dict[str, Any], complaint: str) -> None:
    assert refused(**given) == [complaint]


def test_every_error_is_told_at_once() -> None:
    assert len(refused(host="", mac="x", timeout=0)) == 3


def test_a_memory_that_cannot_be_used_is_refused_before_the_phone_is_contacted(tmp_path: Path) -> None:
    (tmp_path / "logins").write_text("admin:admin\n", encoding="utf-8")
    (line,) = refused(default_credentials=True, remember=str(tmp_path / "logins"))
    assert line.endswith("line 1, is not one of this module's; move the file away")


@pytest.mark.parametrize(("default_credentials", "check"), [(False, False), (True, True)])
def test_no_file_is_made_where_no_log_in_is_tried(tmp_path: Path, default_credentials: bool, check: bool) -> None:
    asked(check, default_credentials=default_credentials, remember=str(tmp_path / "logins"))
    assert list(tmp_path.iterdir()) == []


def test_kinds_and_unknown_options() -> None:
    report = Report()
    check_against(SPEC, {"host": ["a"], "timeout": True, "pasword": "x"}, report)
    assert [error.field for error in report.errors] == ["host", "timeout", "pasword"]


def test_a_name_without_an_address_is_unreachable() -> None:
    with pytest.raises(Failure, match=r"phone\.invalid: no address") as failure:
        execute(options(host="phone.invalid"), check=False)
    assert failure.value.unreachable


def test_the_documentation_has_the_options_and_their_defaults() -> None:
    text = (ROOT / "plugins" / "modules" / "phone_probe.py").read_text(encoding="utf-8")
    documented = yaml.safe_load(text.partition('DOCUMENTATION = r"""')[2].partition('"""')[0])["options"]
    assert sorted(documented) == sorted(SPEC)
    for name, entry in SPEC.items():
        assert documented[name].get("default") == entry.get("default"), name
        assert documented[name].get("choices") == entry.get("choices"), name
