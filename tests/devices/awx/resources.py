"""The kinds of objects and their fields: AWX's serializers (`awx/api/serializers.py`) as a table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

TEXT, WHOLE, FLAG, OBJECT, REFERENCE = "text", "whole", "flag", "object", "reference"


@dataclass(frozen=True)
class Field:
    """One field. `of`: the kind of object that a reference points to. `fixed`: what is sent for it is not taken."""

    kind: str = TEXT
    default: Any = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    of: str = ""
    fixed: bool = False


@dataclass(frozen=True)
class Resource:
    """One kind of objects, by the name of its list.

    `type`: what an object says that it is. `title`: what error messages call it. `unique`: fields that no two objects
    share. `taken`: the message where they would. `lists`: lists below an object, each of objects of another kind.
    `launched`: it is a unified job template, all of which share their numbers.
    """

    type: str
    title: str
    fields: dict[str, Field]
    unique: tuple[str, ...] = ("name",)
    taken: str = ""
    lists: dict[str, str] = field(default_factory=dict)
    launched: bool = False


def refers(of: str, required: bool = False, fixed: bool = False) -> Field:
    """A reference to another object, by its number."""
    return Field(REFERENCE, None, required, of=of, fixed=fixed)


def flag(default: bool = False) -> Field:
    return Field(FLAG, default)


NAME = Field(required=True)
DESCRIPTION = Field()
JOB_TYPES = ("run", "check")

# What a schedule or a node may give a template, if the template asks for it (`ask_..._on_launch`); extra_data apart.
PROMPTS = ("inventory", "scm_branch", "job_type", "job_tags", "skip_tags", "limit", "diff_mode", "verbosity",
           "execution_environment", "forks", "job_slice_count", "timeout")  # fmt: skip
ASKED = ("scm_branch", "diff_mode", "variables", "limit", "tags", "skip_tags", "job_type", "verbosity", "inventory",
         "credential", "execution_environment", "labels", "forks", "job_slice_count", "timeout",
         "instance_groups")  # fmt: skip
ASKED_BY_WORKFLOWS = ("variables", "inventory", "limit", "scm_branch", "labels", "skip_tags", "tags")
ASKED_AS = {"job_tags": "tags"}
"""The prompts whose question has another name."""

LAUNCH_CONFIGURATION = {
    "extra_data": Field(OBJECT, {}),
    "inventory": refers("inventories"),
    "scm_branch": Field(default=None),
    "job_type": Field(default=None, choices=JOB_TYPES),
    "job_tags": Field(default=None),
    "skip_tags": Field(default=None),
    "limit": Field(default=None),
    "diff_mode": Field(FLAG, None),
    "verbosity": Field(WHOLE, None),
    "execution_environment": refers("execution_environments"),
    "forks": Field(WHOLE, None),
    "job_slice_count": Field(WHOLE, None),
    "timeout": Field(WHOLE, None),
}
NOTIFIED = {f"notification_templates_{event}": "notification_templates" for event in ("started", "success", "error")}
EDGES = ("success_nodes", "failure_nodes", "always_nodes")

RESOURCES = {
    "organizations": Resource(
        "organization", "Organization",
        {"name": NAME, "description": DESCRIPTION, "max_hosts": Field(WHOLE, 0),
         "default_environment": refers("execution_environments")},
        taken="Organization with this Name already exists.",
        lists={"galaxy_credentials": "credentials", "instance_groups": "instance_groups", **NOTIFIED,
               "notification_templates_approvals": "notification_templates"},
    ),
    "teams": Resource(
        "team", "Team",
        {"name": NAME, "description": DESCRIPTION, "organization": refers("organizations", required=True)},
        unique=("name", "organization"), taken="Team with this Organization and Name already exists.",
    ),
    "execution_environments": Resource(
        "execution_environment", "ExecutionEnvironment",
        {"name": NAME, "description": DESCRIPTION, "organization": refers("organizations"),
         "image": Field(required=True), "credential": refers("credentials"),
         "pull": Field(choices=("always", "missing", "never"))},
        taken="Execution environment with this Name already exists.",
    ),
    "labels": Resource(
        "label", "Label", {"name": NAME, "organization": refers("organizations", required=True)},
        unique=("name", "organization"), taken="Label with this Name and Organization already exists.",
    ),
    "instance_groups": Resource(
        "instance_group", "InstanceGroup",
        {"name": NAME, "max_forks": Field(WHOLE, 0), "max_concurrent_jobs": Field(WHOLE, 0)},
        taken="Instance group with this Name already exists.",
    ),
    "credential_types": Resource(
        "credential_type", "CredentialType",
        {"name": NAME, "description": DESCRIPTION, "kind": Field(required=True),
         "managed": Field(FLAG, False, fixed=True), "inputs": Field(OBJECT, {}), "injectors": Field(OBJECT, {})},
        unique=("name", "kind"), taken="Credential type with this Name and Kind already exists.",
    ),
    "credentials": Resource(
        "credential", "Credential",
        {"name": NAME, "description": DESCRIPTION, "organization": refers("organizations"),
         "credential_type": refers("credential_types", required=True), "inputs": Field(OBJECT, {})},
        unique=("organization", "name", "credential_type"),
        taken="Credential with this Organization, Name and Credential type already exists.",
    ),
    "projects": Resource(
        "project", "Project",
        {"name": NAME, "description": DESCRIPTION, "organization": refers("organizations"),
         "scm_type": Field(choices=("git", "svn", "insights", "archive")), "scm_url": Field(), "scm_branch": Field(),
         "scm_refspec": Field(), "scm_clean": flag(), "scm_delete_on_update": flag(), "scm_track_submodules": flag(),
         "credential": refers("credentials"), "timeout": Field(WHOLE, 0), "scm_update_on_launch": flag(),
         "scm_update_cache_timeout": Field(WHOLE, 0), "allow_override": flag(),
         "default_environment": refers("execution_environments")},
        unique=("name", "organization"),
        taken="Project with this (name, organization) combination already exists.",
        lists=NOTIFIED, launched=True,
    ),
    "inventories": Resource(
        "inventory", "Inventory",
        {"name": NAME, "description": DESCRIPTION, "organization": refers("organizations", required=True),
         "kind": Field(choices=("", "smart", "constructed")), "host_filter": Field(default=None), "variables": Field(),
         "prevent_instance_group_fallback": flag()},
        unique=("name", "organization"), taken="Inventory with this Name and Organization already exists.",
        lists={"instance_groups": "instance_groups"},
    ),
    "inventory_sources": Resource(
        "inventory_source", "InventorySource",
        {"name": NAME, "description": DESCRIPTION, "inventory": refers("inventories", required=True),
         "source": Field(choices=("file", "constructed", "scm", "ec2", "gce", "azure_rm", "vmware", "satellite6",
                                  "openstack", "rhv", "controller", "insights", "terraform",
                                  "openshift_virtualization")),
         "source_path": Field(), "source_vars": Field(), "scm_branch": Field(), "credential": refers("credentials"),
         "enabled_var": Field(), "enabled_value": Field(), "host_filter": Field(), "overwrite": flag(),
         "overwrite_vars": flag(), "timeout": Field(WHOLE, 0), "verbosity": Field(WHOLE, 1), "limit": Field(),
         "execution_environment": refers("execution_environments"), "update_on_launch": flag(),
         "update_cache_timeout": Field(WHOLE, 0), "source_project": refers("projects")},
        unique=("name", "inventory"),
        taken="InventorySource with this (name, inventory) combination already exists.",
        lists=NOTIFIED, launched=True,
    ),
    "notification_templates": Resource(
        "notification_template", "NotificationTemplate",
        {"name": NAME, "description": DESCRIPTION, "organization": refers("organizations", required=True),
         "notification_type": Field(required=True, choices=("awssns", "email", "grafana", "irc", "mattermost",
                                                            "pagerduty", "rocketchat", "slack", "twilio", "webhook")),
         "notification_configuration": Field(OBJECT, {}),
         "messages": Field(OBJECT, {"started": None, "success": None, "error": None, "workflow_approval": None})},
        unique=("name", "organization"),
        taken="Notification template with this Organization and Name already exists.",
    ),
    "job_templates": Resource(
        "job_template", "JobTemplate",
        {"name": NAME, "description": DESCRIPTION, "job_type": Field(default="run", choices=JOB_TYPES),
         "inventory": refers("inventories"), "project": refers("projects"), "playbook": Field(), "scm_branch": Field(),
         "forks": Field(WHOLE, 0), "limit": Field(), "verbosity": Field(WHOLE, 0), "extra_vars": Field(),
         "job_tags": Field(), "force_handlers": flag(), "skip_tags": Field(), "start_at_task": Field(),
         "timeout": Field(WHOLE, 0), "use_fact_cache": flag(), "organization": refers("organizations", fixed=True),
         "execution_environment": refers("execution_environments"), "host_config_key": Field(),
         "survey_enabled": flag(), "become_enabled": flag(), "diff_mode": flag(), "allow_simultaneous": flag(),
         "job_slice_count": Field(WHOLE, 1), "webhook_service": Field(choices=("", "github", "gitlab")),
         "prevent_instance_group_fallback": flag(), **{f"ask_{what}_on_launch": flag() for what in ASKED}},
        unique=("name", "organization"),
        taken="JobTemplate with this (name, organization) combination already exists.",
        lists={"credentials": "credentials", "labels": "labels", "instance_groups": "instance_groups", **NOTIFIED},
        launched=True,
    ),
    "workflow_job_templates": Resource(
        "workflow_job_template", "WorkflowJobTemplate",
        {"name": NAME, "description": DESCRIPTION, "extra_vars": Field(), "organization": refers("organizations"),
         "survey_enabled": flag(), "allow_simultaneous": flag(), "inventory": refers("inventories"),
         "limit": Field(default=None), "scm_branch": Field(default=None), "skip_tags": Field(default=None),
         "job_tags": Field(default=None), **{f"ask_{what}_on_launch": flag() for what in ASKED_BY_WORKFLOWS}},
        unique=("name", "organization"),
        taken="WorkflowJobTemplate with this (name, organization) combination already exists.",
        lists={"labels": "labels", **NOTIFIED, "notification_templates_approvals": "notification_templates"},
        launched=True,
    ),
    "workflow_approval_templates": Resource(
        "workflow_approval_template", "WorkflowApprovalTemplate",
        {"name": NAME, "description": DESCRIPTION, "timeout": Field(WHOLE, 0)}, unique=(), launched=True,
    ),
    "workflow_job_template_nodes": Resource(
        "workflow_job_template_node", "WorkflowJobTemplateNode",
        {**LAUNCH_CONFIGURATION, "workflow_job_template": refers("workflow_job_templates", required=True),
         "unified_job_template": refers("unified_job_templates"), "all_parents_must_converge": flag(),
         "identifier": Field(), "type": Field(fixed=True)},
        unique=("identifier", "workflow_job_template"),
        taken="Workflow job template node with this Identifier and Workflow job template already exists.",
        lists={**dict.fromkeys(EDGES, "workflow_job_template_nodes"), "credentials": "credentials", "labels": "labels",
               "instance_groups": "instance_groups"},
    ),
    "schedules": Resource(
        "schedule", "Schedule",
        {"name": NAME, "description": DESCRIPTION, **LAUNCH_CONFIGURATION, "rrule": Field(required=True),
         "enabled": flag(True), "unified_job_template": refers("unified_job_templates", required=True)},
        unique=("unified_job_template", "name"),
        taken="Schedule with this Unified job template and Name already exists.",
        lists={"credentials": "credentials", "labels": "labels", "instance_groups": "instance_groups"},
    ),
}  # fmt: skip
