"""The probe of a phone, run inside this process against a test phone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.voip.hardening.plugins.module_utils.phones.probe_module import execute
from ansible_collections.voip.hardening.plugins.module_utils.phones.probe_options import SPEC
from ansible_collections.voip.hardening.plugins.plugin_utils.shipped import shipped
from tests.devices.phones import Phone
from tests.devices.phones.addresses import real_port

SERVICES = {"http": 80, "https": 443, "ssh": 22, "telnet": 23, "sip": 5060, "sips": 5061}


def registered() -> dict[str, str]:
    """What a PBX says that sees the phone now."""
    return {"state": "registered", "by": "the PBX of the test", "at": datetime.now(UTC).isoformat()}


def probed(phone: Phone, *, check: bool = False, **options: Any) -> dict[str, Any]:
    """The result of one run; what it says is apart from how long it took."""
    given = {
        "host": phone.address,
        "services": {name: real_port(port) for name, port in SERVICES.items()},
        "connect_timeout": 1,
        "timeout": 30,
        "firmware_data": shipped("phone_firmware.yml"),
        **options,
    }
    checked = ArgumentSpecValidator(dict(SPEC)).validate(given)
    assert not checked.error_messages, checked.error_messages
    return execute(checked.validated_parameters, check)


def fact(result: dict[str, Any], what: str) -> Any:
    """The value of the one fact of this name."""
    (value,) = [one["value"] for one in result["evidence"] if one["what"] == what]
    return value


def facts(result: dict[str, Any], prefix: str) -> list[Any]:
    """The values of all facts whose names begin so."""
    return [one["value"] for one in result["evidence"] if one["what"].startswith(prefix)]


def control(result: dict[str, Any], name: str) -> str:
    """The result of one control."""
    (found,) = [str(one["result"]) for one in result["controls"] if one["control"] == name]
    return found


def outcomes(result: dict[str, Any]) -> list[tuple[str, str]]:
    """Account and outcome of every default pair that was tried or remembered."""
    return [(one["account"], one["outcome"]) for one in facts(result, "login.")]
