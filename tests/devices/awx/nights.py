"""Which messages one run of a workflow sends, and how it ends, as an AWX decides both.

Facts: a job sends what its template, the template's project and its organisation are told (`notification_templates` in
`awx/main/models/jobs.py`, `projects.py` and `workflow.py`). Each slice of a sliced job is such a job, while their whole
sends nothing, since it has no workflow template to ask (`get_notification_templates` of `WorkflowJob`). A wait for an
approval sends by the workflow's own list. A workflow has failed if a failed node has neither a failure nor an always
edge (`has_workflow_failed` in `awx/main/scheduler/dag_workflow.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.devices.awx.api import ANY_TEMPLATE, APPROVALS, NODES, Awx
from tests.devices.awx.refusals import Row
from tests.devices.awx.resources import EDGES, RESOURCES

WAITING, SUCCESSFUL, FAILED = "waiting for an approval", "successful", "failed"
STARTED, SUCCESS, ERROR, APPROVAL = "started", "success", "error", "approvals"
DECISIONS = {"approved": True, "denied": False, "timed_out": False}


@dataclass(frozen=True)
class Message:
    """One message: which notification template sends it, about which job or workflow, and why."""

    template: str
    about: str
    event: str


@dataclass(frozen=True)
class Night:
    """How a run of a workflow stands, the nodes that ran in their order, and what was sent."""

    status: str
    ran: tuple[str, ...]
    messages: tuple[Message, ...]


def night(
    awx: Awx, workflow: str, hosts: int, failing: Mapping[str, int] | None = None, decision: str | None = None
) -> Night:
    """One run of a workflow on an inventory of so many hosts.

    `failing`: of the nodes that fail, how many of their jobs do. `decision`: what comes of an approval; None while it
    waits.
    """
    template = awx.named("workflow_job_templates", workflow)
    nodes = [row for row in awx.rows(NODES) if row["workflow_job_template"] == template["id"]]
    entered = {child for row in nodes for edge in EDGES for child in awx.listed(NODES, row["id"], edge)}
    front = [row for row in nodes if row["id"] not in entered]
    messages = list(_sent(awx, template, STARTED))
    ran: list[str] = []
    failed_for_good = False
    for node in front:
        launched = awx.get(ANY_TEMPLATE, node["unified_job_template"])
        if launched["type"] == RESOURCES[APPROVALS].type:
            messages += _sent(awx, template, APPROVAL, launched["name"])
            if decision is None:
                return Night(WAITING, (*ran, node["identifier"]), tuple(messages))
            messages += _sent(awx, template, APPROVAL, launched["name"])
            succeeded = DECISIONS[decision]
        else:
            failures = (failing or {}).get(node["identifier"], 0)
            jobs = _jobs(launched, hosts)
            for index in range(jobs):
                messages += _sent(awx, launched, STARTED)
                messages += _sent(awx, launched, ERROR if index < failures else SUCCESS)
            succeeded = not failures
        ran.append(node["identifier"])
        following = [one for edge in _taken(succeeded) for one in awx.listed(NODES, node["id"], edge)]
        front += [awx.get(NODES, one) for one in following]
        handled = [one for edge in _taken(False) for one in awx.listed(NODES, node["id"], edge)]
        failed_for_good |= not succeeded and not handled
    messages += _sent(awx, template, ERROR if failed_for_good else SUCCESS)
    return Night(FAILED if failed_for_good else SUCCESSFUL, tuple(ran), tuple(messages))


def _jobs(launched: Row, hosts: int) -> int:
    """How many jobs a launch is: one a slice, and no slice without a host."""
    return max(1, min(int(launched.get("job_slice_count", 1)), hosts))


def _sent(awx: Awx, launched: Row, event: str, about: str = "") -> Iterator[Message]:
    """The messages of one job, of its own template, its project's and its organisation's lists together."""
    tellers = [launched]
    if launched.get("project"):
        tellers.append(awx.get("projects", launched["project"]))
    if launched.get("organization"):
        tellers.append(awx.get("organizations", launched["organization"]))
    numbers = {
        number
        for teller in tellers
        for number in awx.listed(_kind(teller), teller["id"], f"notification_templates_{event}")
    }
    for number in sorted(numbers):
        yield Message(awx.get("notification_templates", number)["name"], about or launched["name"], event)


def _kind(row: Row) -> str:
    return next(kind for kind, resource in RESOURCES.items() if resource.type == row["type"])


def _taken(succeeded: bool) -> tuple[str, ...]:
    return ("success_nodes" if succeeded else "failure_nodes"), "always_nodes"
