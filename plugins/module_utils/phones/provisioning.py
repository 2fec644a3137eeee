# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the options of `phone_provisioning` to published files and a result."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import DeviceError
from ..findings import Finding, worst_first
from ..module import Failure, clean, warnings_of
from ..policy.model import SitePolicy
from ..policy.reading import Report
from ..policy.validation import PolicyError
from ..secret import MASK, Secret, redact
from .disk import DiskFolder
from .intents import Credentials
from .options import SPEC, check_secrets_file, read_folder, read_group
from .passwords import accounts_of, read_given
from .phone import Phone, read_phone
from .publishing import Order, Plan, plan_fragment, plan_publication, plan_removal
from .told import read_policy, read_provisioning_password, secrets_in
from .vendors import Vendor, explained, vendor_of

PUBLISHED, HANDED_OVER = "site", "provider"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is to be done for one phone, checked. `policy` is None for the state `deleted` alone.

    `owner`: whether files are published (`site`), or one is written to be handed over (`provider`).
    """

    state: str
    check: bool
    vendor: Vendor
    phone: Phone
    policy: SitePolicy | None
    folder: Path | None
    group: int | None
    owner: str
    passwords: Mapping[str, Secret]
    provisioning_user: str
    provisioning_password: Secret | None
    reapply: bool
    findings: tuple[Finding, ...] = ()

    @property
    def needs_passwords(self) -> bool:
        """Whether files with passwords are published, for which they have to be known first."""
        return self.state == "replaced" and self.owner == PUBLISHED

    def secrets(self) -> tuple[Secret, ...]:
        """Everything that no result may hold."""
        known = [*self.passwords.values(), self.provisioning_password or Secret("")]
        return tuple(secret for secret in known if secret and secret.reveal() != MASK)


def prepare(params: Mapping[str, Any], check: bool, elsewhere: bool = False) -> Job:
    """What a module's options ask for. Raises `Failure` for bad input, with every error; writes nothing.

    `elsewhere`: the folder is on another host, which looks at it itself.
    """
    secrets = secrets_in(params)
    report = Report()
    try:
        job = _job(params, check, elsewhere, report)
    except PolicyError as error:
        report.errors += error.errors
        job = None
    if report.errors or job is None:
        lines = redact([str(one) for one in report.errors], secrets)
        raise Failure("\n".join(lines), {"errors": lines})
    return job


def _job(params: Mapping[str, Any], check: bool, elsewhere: bool, report: Report) -> Job | None:
    state = params["state"]
    phone = read_phone(params, report)
    policy: SitePolicy | None = None
    findings: tuple[Finding, ...] = ()
    if state != "deleted":
        policy, findings = read_policy(params, report)
    owner = policy.phones.provisioning_owner if policy is not None else PUBLISHED
    if phone is not None and not vendor_of(phone).published:
        owner = HANDED_OVER
    folder = None if elsewhere else _folder(params, state, owner, report)
    group = None if elsewhere else read_group(params, report)
    passwords = read_given(params["passwords"], phone.vendor, report) if params.get("passwords") and phone else {}
    provisioning_password = read_provisioning_password(params, report)
    if state == "replaced" and owner == PUBLISHED and not params.get("passwords"):
        check_secrets_file(params, report)
    if report.errors or phone is None:
        return None
    return Job(
        state=state,
        check=check,
        vendor=vendor_of(phone),
        phone=phone,
        policy=policy,
        folder=folder,
        group=group,
        owner=owner,
        passwords=passwords,
        provisioning_user=params.get("provisioning_user") or "",
        provisioning_password=provisioning_password,
        reapply=params["reapply"],
        findings=findings,
    )


def _folder(params: Mapping[str, Any], state: str, owner: str, report: Report) -> Path | None:
    if owner == HANDED_OVER and state != "rendered":
        return read_folder(params, "fragment_directory", "voip_fragment_dir", report)
    if state == "rendered" and not params.get("directory"):
        return None
    return read_folder(params, "directory", "voip_provisioning_dir", report)


def execute(job: Job, passwords: Mapping[str, Secret]) -> dict[str, Any]:
    """Do the job and return the module's result, without secrets. Raises `Failure`.

    `passwords`: those that the phone's files are to say; they must be known to a store before this is called.
    """
    secrets = (*job.secrets(), *passwords.values())
    try:
        plan = plan_for(job, passwords)
        result = result_of(job, plan)
        if job.state != "rendered" and job.folder is not None:
            _finish(job, plan, DiskFolder(job.folder, job.group), result)
    except DeviceError as error:
        raise Failure(str(error), clean({"plan": []}, secrets)) from None
    except Exception as error:  # a defect of ours, in whose words no secret may show either
        told = clean({"msg": f"{type(error).__name__}: {error}", "exception": traceback.format_exc()}, secrets)
        raise Failure(told["msg"], {"exception": told["exception"]}) from None
    warnings = warnings_of(result)
    return clean({**result, "warnings": warnings} if warnings else result, secrets)


def plan_for(job: Job, passwords: Mapping[str, Secret]) -> Plan:
    """The plan of a job. Reads files and writes none. Raises `DeviceError`."""
    folder: Mapping[str, bytes] = {} if job.folder is None else DiskFolder(job.folder)
    if job.policy is None:
        return plan_removal(job.vendor, job.phone, folder)
    if job.state == "rendered":
        passwords = dict.fromkeys(accounts_of(job.vendor.name), Secret(MASK))
    credentials = Credentials(
        passwords=passwords,
        provisioning_user=job.provisioning_user,
        provisioning_password=job.provisioning_password,
    )
    order = Order(vendor=job.vendor, phone=job.phone, policy=job.policy, credentials=credentials, reapply=job.reapply)
    return plan_fragment(order, folder) if job.owner == HANDED_OVER else plan_publication(order, folder)


def is_loose(job: Job, plan: Plan, folder: DiskFolder) -> bool:
    """Whether our file, which has passwords, is kept and may be read by others than it should."""
    written = {write.name for write in plan.writes}
    return job.state == "replaced" and plan.name not in written and folder.loose(plan.name)


def _finish(job: Job, plan: Plan, folder: DiskFolder, result: dict[str, Any]) -> None:
    """Write what the plan says, the file first that the others name."""
    if is_loose(job, plan, folder):
        result["plan"] = [*result["plan"], f"protect {plan.name}: mode 0640 and the group that is asked for"]
        result["changed"] = True
        if not job.check:
            folder.write(plan.name, folder[plan.name])
    if job.check:
        return
    for write in plan.writes:
        if write.content is None:
            folder.remove(write.name)
        else:
            folder.write(write.name, write.content)


def result_of(job: Job, plan: Plan) -> dict[str, Any]:
    """What the module returns, before anything is written."""
    findings = [*job.findings, *plan.findings]
    result: dict[str, Any] = {
        "changed": job.state != "rendered" and bool(plan.writes),
        "plan": plan.lines,
        "diff": {"before": plan.before, "after": plan.after, "before_header": plan.name, "after_header": plan.name},
        "findings": [finding.as_dict() for finding in worst_first(findings)],
        "remarks": plan.remarks,
        "phone": plan.phone.about,
        "file": plan.name,
    }
    if job.policy is not None:
        result["evidence"] = "rendered"
        result["up_to_date"] = plan.up_to_date
        result["left_out"] = [explained(one, job.phone) for one in plan.left_out]
        result["unshown"] = [one.text for one in job.vendor.unshown]
        result["intents"] = {
            intent: MASK if isinstance(value, Secret) else value for intent, value in plan.wanted.items()
        }
    if job.state == "rendered":
        result["rendered"] = {plan.name: plan.text}
    return result


def run_module() -> None:
    """`main` of the module: for hosts where the action plugin does not run it in the worker."""
    from ansible.module_utils.basic import AnsibleModule

    module = AnsibleModule(argument_spec=dict(SPEC), supports_check_mode=True)
    unsaid: Mapping[str, Any] = {"invocation": {}}  # Ansible would return all options, policy and passwords included
    try:
        job = prepare(module.params, module.check_mode)
        if job.needs_passwords and not job.passwords:
            raise Failure("passwords: missing; a store is opened by the controller alone (voip_phone_passwords)", {})
        result = execute(job, job.passwords)
    except Failure as failure:
        module.fail_json(msg=failure.message, **failure.result, **unsaid)
    for line in result.pop("warnings", ()):
        module.warn(line)
    module.exit_json(**result, **unsaid)
