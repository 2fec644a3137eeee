# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the options of `phone_config` to a phone and a result."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from ..errors import DeviceError, Unreachable
from ..findings import Finding, worst_first
from ..module import Failure, clean, warnings_of
from ..policy.model import SitePolicy
from ..policy.reading import Report
from ..policy.validation import PolicyError
from ..secret import MASK, Secret, redact
from . import config_options, live_vendors
from .config_findings import findings_of
from .config_options import SPEC
from .configuring import Job, NotTaken, Opener, Outcome, final_states, have_fetched, run
from .intents import Credentials, wanted
from .live import Reading, told
from .live_poly import FactoryPassword
from .logins import KNOWN_TO_ALL
from .passwords import accounts_of, read_given
from .phone import read_phone
from .table import Value, render, same
from .told import read_policy, read_provisioning_password, secrets_in
from .vendors import VENDORS, explained


def prepare(params: Mapping[str, Any], check: bool, pause: Callable[[float], None] = time.sleep) -> Job:
    """What a module's options ask for. Raises `Failure` for bad input, with every error; contacts nobody."""
    report = Report()
    try:
        job = _job(params, check, pause, report)
    except PolicyError as error:
        report.errors += error.errors
        job = None
    if report.errors or job is None:
        lines = redact([str(one) for one in report.errors], all_secrets(params))
        raise Failure("\n".join(lines), {"errors": lines})
    return job


def all_secrets(params: Mapping[str, Any]) -> tuple[Secret, ...]:
    """The values of the options that no message may show."""
    own = [params.get("password"), *(params.get("login_passwords") or ())]
    return _masked((*secrets_in(params), *(Secret(str(value)) for value in own if value)))


def _job(params: Mapping[str, Any], check: bool, pause: Callable[[float], None], report: Report) -> Job | None:
    state = params["state"]
    config_options.check_platform(params, report)
    if report.errors:
        return None
    phone = read_phone(params, report)
    policy: SitePolicy | None = None
    findings: tuple[Finding, ...] = ()
    if state in ("replaced", "rendered") or params.get("policy") is not None or params.get("provider") is not None:
        policy, findings = read_policy(params, report)
    vendor = VENDORS[str(params["platform"]).rpartition(".")[2]]
    target = None if state == "rendered" else config_options.read_target(params, report)
    username = config_options.read_username(params, vendor.name, report)
    passwords = read_given(params["passwords"], vendor.name, report) if params.get("passwords") else {}
    provisioning_password = read_provisioning_password(params, report)
    config_options.check_store(params, report)
    candidates: tuple[Secret, ...] = ()
    if state == "rendered":
        passwords = dict.fromkeys(accounts_of(vendor.name), Secret(MASK))
        provisioning_password = provisioning_password and Secret(MASK)
    elif not report.errors:
        candidates = config_options.read_login_passwords(params, report)
    if report.errors or phone is None:
        return None
    foreign = policy is not None and policy.phones.provisioning_owner == "provider"
    credentials = Credentials(
        passwords=passwords,
        provisioning_user=params.get("provisioning_user") or "",
        provisioning_password=provisioning_password,
    )
    return Job(
        state=state,
        check=check,
        vendor=vendor,
        phone=phone,
        target=target or live_vendors.NOWHERE,
        username=username,
        policy=policy,
        credentials=credentials,
        candidates=candidates,
        foreign=foreign,
        push=params["push_to_provider_phones"],
        allow_reboot=params["allow_reboot"],
        send_unshown=params["send_unshown"],
        findings=findings,
        pause=pause,
    )


def execute(job: Job, params: Mapping[str, Any], opener: Opener | None = None) -> dict[str, Any]:
    """Do the job and return the module's result, without secrets. Raises `Failure`."""
    secrets = all_secrets(params)
    try:
        if job.state == "rendered":
            result = _rendered(job)
        elif job.state == "fetched":
            have_fetched(job, opener or live_vendors.OPENERS[job.vendor.name])
            result = _fetched(job)
        else:
            result = _result(job, run(job, opener or live_vendors.OPENERS[job.vendor.name]))
    except NotTaken as error:
        found = {**_result(job, error.result), "outcome": error.outcome}
        raise Failure(redact(str(error), secrets), clean(found, secrets)) from None
    except FactoryPassword as error:
        advice = "Give the phone its passwords by provisioning"
        finding = Finding("WEB-2", "critical", job.phone.mac, str(error), advice)
        raise Failure(redact(str(error), secrets), clean({"findings": [finding.as_dict()]}, secrets)) from None
    except DeviceError as error:
        raise Failure(redact(str(error), secrets), {}, unreachable=isinstance(error, Unreachable)) from None
    except Exception as error:  # a defect of ours, in whose words no secret may show either
        told_of = clean({"msg": f"{type(error).__name__}: {error}", "exception": traceback.format_exc()}, secrets)
        raise Failure(told_of["msg"], {"exception": told_of["exception"]}) from None
    warnings = warnings_of(result)
    return clean({**result, "warnings": warnings} if warnings else result, secrets)


def _masked(secrets: tuple[Secret, ...]) -> tuple[Secret, ...]:
    """Those that there is something to mask of."""
    return tuple(one for one in secrets if one and one.reveal() not in {MASK, *KNOWN_TO_ALL})


def _rendered(job: Job) -> dict[str, Any]:
    """What would be sent to a phone of which nothing is known yet."""
    if job.policy is None:
        raise ValueError("a policy is needed for the state rendered")
    asked = wanted(job.policy, job.phone, job.credentials)
    rendering = render(job.vendor.parameters, job.phone, asked, job.unconfirmed)
    return {
        "changed": False,
        "plan": [f"set {setting.name} = {setting.shown}" for setting in rendering.settings],
        "rendered": live_vendors.REQUESTS[job.vendor.name](rendering.settings),
        "findings": [finding.as_dict() for finding in worst_first(list(job.findings))],
        "remarks": [],
        "phone": job.phone.about,
        **_unsaid(job, asked),
    }


def _fetched(job: Job) -> dict[str, Any]:
    """What can be said of a phone that was asked to fetch its files: nothing of whether it did."""
    return {
        "changed": False,
        "plan": ["have it fetch its files"],
        "findings": [finding.as_dict() for finding in worst_first(list(job.findings))],
        "remarks": [],
        "phone": job.phone.about,
    }


def _result(job: Job, outcome: Outcome) -> dict[str, Any]:
    phone = job.phone if outcome.observed is None else outcome.observed.phone
    reading = Reading() if outcome.observed is None else outcome.observed.reading
    asked = job.asked(phone)
    states = final_states(job, outcome)
    plan = None if job.audit else outcome.plan
    before, after = ("", "") if plan is None else plan.diff()
    findings = [*job.findings, *findings_of(job, outcome, states, asked)]
    result: dict[str, Any] = {
        "changed": outcome.changed,
        "plan": [] if plan is None else plan.lines,
        "diff": {"before": before, "after": after, "before_header": phone.mac, "after_header": phone.mac},
        "evidence": "observed",
        "intents": told(states, asked, reading),
        "findings": [finding.as_dict() for finding in worst_first(findings)],
        "pending": outcome.pending,
        "remarks": [*_remarks(job, outcome), *outcome.remarks],
        "phone": phone.about,
        "proved": _proved(job, outcome),
    }
    return {**result, **_unsaid(job, asked)} if job.policy is not None else result


def _proved(job: Job, outcome: Outcome) -> list[str]:
    """The accounts whose wanted password let us in, in the end."""
    if outcome.observed is None:
        return []
    passwords = job.credentials.passwords
    return ["admin"] if "admin" in passwords and same(passwords["admin"], outcome.observed.password) else []


def _unsaid(job: Job, asked: Mapping[str, Value]) -> dict[str, Any]:
    """What is wanted and not told to the phone, and what no parameter of it says."""
    left_out = render(job.vendor.parameters, job.phone, asked, job.unconfirmed).left_out
    unshown = [one.text for one in job.vendor.unshown]
    return {"left_out": [explained(one, job.phone) for one in left_out], "unshown": unshown}


def _remarks(job: Job, outcome: Outcome) -> list[str]:
    mac, plan = job.phone.mac, outcome.plan
    remarks = []
    if outcome.observed is not None and outcome.observed.phone.firmware != job.phone.firmware:
        remarks.append(
            f"{mac}: it runs {outcome.observed.phone.firmware}, not {job.phone.firmware} (voip_phone_firmware)"
        )
    if job.audit and plan is not None and plan.steps:
        remarks.append(
            f"{mac}: audited only, since its provider provisions it; {len(plan.steps)} settings would be sent with "
            "push_to_provider_phones, until the provider's next sync reverts them"
        )
    elif job.foreign and plan is not None and plan.steps:
        remarks.append(f"{mac}: its provider provisions it, and the next sync reverts what is sent here")
    return remarks


def run_module() -> None:
    """`main` of the module: for hosts where the action plugin does not run it in the worker."""
    from ansible.module_utils.basic import AnsibleModule

    module = AnsibleModule(argument_spec=dict(SPEC), supports_check_mode=True)
    unsaid: Mapping[str, Any] = {"invocation": {}}  # Ansible would return all options, policy and passwords included
    try:
        result = execute(prepare(module.params, module.check_mode), module.params)
    except Failure as failure:
        module.fail_json(msg=failure.message, **failure.result, **unsaid)
    for line in result.pop("warnings", ()):
        module.warn(line)
    module.exit_json(**result, **unsaid)
