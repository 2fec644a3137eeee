# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the options of `phone_probe` to its result."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from ..errors import Unreachable
from ..module import Failure, plain_input, warnings_of
from ..policy.reading import InputError
from . import probe
from .probe_options import SPEC, read


def prepared(params: Mapping[str, Any], check: bool) -> probe.Probe:
    """What the options ask for. Raises `Failure` for bad input; contacts nobody."""
    try:
        return read(plain_input(params), _now(), check)
    except InputError as error:
        lines = [str(one) for one in error.errors]
        raise Failure("\n".join(lines), {"errors": lines}) from None
    except ValueError as error:
        raise Failure(str(error), {"errors": [str(error)]}) from None


def execute(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    """Look at the phone, and return the module's result. Raises `Failure`."""
    asked = prepared(params, check)
    try:
        found = probe.run(asked, _now, check)
    except Unreachable as error:
        raise Failure(str(error), {}, unreachable=True) from None
    except Exception as error:  # a defect of ours
        raise Failure(f"{type(error).__name__}: {error}", {"exception": traceback.format_exc()}) from None
    result: dict[str, Any] = {
        "changed": False,
        "phone": found.evidence.get("phone"),
        "evidence": [fact.as_dict() for fact in found.evidence],
        "controls": [asdict(one) for one in found.judged],
        "findings": [finding.as_dict() for finding in found.findings],
        "remarks": found.remarks,
    }
    warnings = warnings_of(result)
    return {**result, "warnings": warnings} if warnings else result


def _now() -> datetime:
    return datetime.now(UTC)


def run_module() -> None:
    """The module, for hosts where the action plugin does not run it in the worker."""
    from ansible.module_utils.basic import AnsibleModule

    module = AnsibleModule(argument_spec=dict(SPEC), supports_check_mode=True)
    try:
        result = execute(module.params, module.check_mode)
    except Failure as failure:
        module.fail_json(msg=failure.message, **failure.result)
    for line in result.pop("warnings", ()):
        module.warn(line)
    module.exit_json(**result)
