"""What a running AWX 24.6.1 was seen to refuse, and its answers, apart from the last one (`tests/devices/awx`)."""

from __future__ import annotations

from typing import Any

RULE = "DTSTART;TZID=Europe/London:20260101T013000 RRULE:FREQ=DAILY;INTERVAL=1"
ASK = "Field is not configured to prompt on launch."
PASSWORD = {"id": "password", "type": "string", "label": "Password", "secret": True}
INPUTS = {"fields": [{"id": "username", "type": "string", "label": "User name"}, PASSWORD]}
QUESTION = {"question_name": "Site", "type": "text", "variable": "site", "required": True}


def injectors(**kinds: Any) -> dict[str, Any]:
    return {"name": "Other", "kind": "cloud", "inputs": INPUTS, "injectors": kinds}


def template(**fields: Any) -> dict[str, Any]:
    return {"name": "Other", "project": "{project}", "inventory": "{inventory}", "playbook": "drift.yml", **fields}


def scheduled(**fields: Any) -> dict[str, Any]:
    return {"name": "Night", "unified_job_template": "{workflow}", "rrule": RULE, **fields}


def notified(kind: str, configuration: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "name": "Note",
        "organization": "{organization}",
        "notification_type": kind,
        "notification_configuration": configuration,
        **fields,
    }


def asked(**fields: Any) -> dict[str, Any]:
    return {"name": "Survey", "description": "", "spec": [{**QUESTION, **fields}]}


# Where, what is sent ({name}: the number of that object of the site), status, and the answer.
REFUSALS: dict[str, tuple[str, str, dict[str, Any], int, Any]] = {
    "a name that is missing": ("POST", "organizations/", {}, 400, {"name": ["This field is required."]}),
    "a name that is empty": (
        "POST",
        "labels/",
        {"name": "", "organization": "{organization}"},
        400,
        {"name": ["This field may not be blank."]},
    ),
    "a name that is taken": (
        "POST",
        "organizations/",
        {"name": "Sites"},
        400,
        {"name": ["Organization with this Name already exists."]},
    ),
    "a template's name that is taken": (
        "POST",
        "job_templates/",
        template(name="Drift"),
        400,
        {"__all__": ["JobTemplate with this (name, organization) combination already exists."]},
    ),
    "a method": ("PATCH", "organizations/", {}, 405, {"detail": 'Method "PATCH" not allowed.'}),
    "a number": ("GET", "organizations/99/", {}, 404, {"detail": "No Organization matches the given query."}),
    "a query": ("GET", "organizations/?nonsense=1", {}, 400, {"detail": "Organization has no field named 'nonsense'"}),
    "a reference": (
        "POST",
        "job_templates/",
        template(project=99),
        400,
        {"project": ['Invalid pk "99" - object does not exist.']},
    ),
    "a choice": (
        "POST",
        "job_templates/",
        template(job_type="x"),
        400,
        {"job_type": ['"x" is not a valid choice.']},
    ),
    "a boolean": ("POST", "job_templates/", template(diff_mode="x"), 400, {"diff_mode": ["Must be a valid boolean."]}),
    "a negative number": (
        "POST",
        "job_templates/",
        template(forks=-1),
        400,
        {"forks": ["Ensure this value is greater than or equal to 0."]},
    ),
    "no number of slices": (
        "PATCH",
        "job_templates/{template}/",
        {"job_slice_count": None},
        400,
        {"job_slice_count": ["This field may not be null."]},
    ),
    "a playbook that the project does not have": (
        "POST",
        "job_templates/",
        template(playbook="nope.yml"),
        400,
        {"playbook": ["Playbook not found for project."]},
    ),
    "no playbook": (
        "POST",
        "job_templates/",
        template(playbook=""),
        400,
        {"playbook": ["Must select playbook for project."]},
    ),
    "no inventory": (
        "POST",
        "job_templates/",
        template(inventory=None),
        400,
        {"inventory": ["You must either set a default value or ask to prompt on launch."]},
    ),
    "no project": (
        "POST",
        "job_templates/",
        template(project=None),
        400,
        {"project": ["Job Templates must have a project assigned."]},
    ),
    "a kind of credentials that is AWX's own": (
        "POST",
        "credential_types/",
        {"name": "Other", "kind": "ssh"},
        400,
        {"kind": ["Must be 'cloud' or 'net', not ssh"]},
    ),
    "a variable that Ansible obeys": (
        "POST",
        "credential_types/",
        injectors(env={"ANSIBLE_X": "{{ username }}"}),
        400,
        {
            "injectors": [
                "Environment variable ANSIBLE_X may affect Ansible configuration so its use is not allowed in"
                " credentials."
            ]
        },
    ),
    "a variable that AWX sets": (
        "POST",
        "credential_types/",
        injectors(env={"PATH": "{{ username }}"}),
        400,
        {"injectors": ["Environment variable PATH is not allowed to be used in credentials."]},
    ),
    "an injector of no input": (
        "POST",
        "credential_types/",
        injectors(extra_vars={"x": "{{ token }}"}),
        400,
        {"injectors": ["x uses an undefined field ('token' is undefined)"]},
    ),
    "an injector of no file": (
        "POST",
        "credential_types/",
        injectors(extra_vars={"x": "{{ tower.filename }}"}),
        400,
        {
            "injectors": [
                "x uses an undefined field (Must define unnamed file injector in order to reference `tower.filename`.)"
            ]
        },
    ),
    "a type of inputs": (
        "POST",
        "credential_types/",
        {"name": "Other", "kind": "net", "inputs": {"fields": [{**PASSWORD, "type": "int"}]}},
        400,
        {"inputs": ["'int' is not one of ['string', 'boolean']"]},
    ),
    "an input without a label": (
        "POST",
        "credential_types/",
        {"name": "Other", "kind": "net", "inputs": {"fields": [{"id": "a", "type": "string"}]}},
        400,
        {"inputs": ["'label' is a required property"]},
    ),
    "other inputs of a type in use": (
        "PATCH",
        "credential_types/{type}/",
        {"inputs": {"fields": [PASSWORD]}},
        403,
        {"detail": "Modifications to inputs are not allowed for credential types that are in use"},
    ),
    "an input that the type does not have": (
        "POST",
        "credentials/",
        {"name": "Other", "organization": "{organization}", "credential_type": "{type}", "inputs": {"token": "x"}},
        400,
        {"inputs": ["Additional properties are not allowed ('token' was unexpected)"]},
    ),
    "a credential of nobody": (
        "POST",
        "credentials/",
        {"name": "Other", "credential_type": "{type}"},
        400,
        {"detail": ["Missing 'user', 'team', or 'organization'."]},
    ),
    "a project without an address": (
        "POST",
        "projects/",
        {"name": "Other", "scm_type": "git"},
        400,
        {"scm_url": ["SCM URL is required."]},
    ),
    "a project's credential of another kind": (
        "PATCH",
        "projects/{project}/",
        {"credential": "{credential}"},
        400,
        {"credential": ["Credential kind must be 'scm'."]},
    ),
    "an image's credential of another kind": (
        "PATCH",
        "execution_environments/{environment}/",
        {"credential": "{credential}"},
        400,
        {"credential": ["Only Container Registry credentials can be associated with an Execution Environment"]},
    ),
    "a source of no kind": (
        "POST",
        "inventory_sources/",
        {"name": "Other", "inventory": "{inventory}"},
        400,
        {"source": ['"" is not a valid choice.']},
    ),
    "NetBox as a source": (
        "POST",
        "inventory_sources/",
        {"name": "Other", "inventory": "{inventory}", "source": "netbox"},
        400,
        {"source": ['"netbox" is not a valid choice.']},
    ),
    "a source of no project": (
        "POST",
        "inventory_sources/",
        {"name": "Other", "inventory": "{inventory}", "source": "scm"},
        400,
        {"source_project": ["Project required for scm type sources."]},
    ),
    "another kind of inventory": (
        "PATCH",
        "inventories/{inventory}/",
        {"kind": "smart"},
        405,
        {"error": 'You cannot turn a regular inventory into a "smart" or "constructed" inventory.'},
    ),
    "a rule without an interval": (
        "POST",
        "schedules/",
        scheduled(rrule=RULE.removesuffix(";INTERVAL=1")),
        400,
        {"rrule": ["INTERVAL required in rrule: RULE:FREQ=DAILY"]},
    ),
    "a rule without a start": (
        "POST",
        "schedules/",
        scheduled(rrule="RRULE:FREQ=DAILY;INTERVAL=1"),
        400,
        {
            "rrule": [
                "Valid DTSTART required in rrule. Value should start with: DTSTART:YYYYMMDDTHHMMSSZ",
                "rrule parsing failed validation: A valid TZID must be provided (e.g., America/New_York)",
            ]
        },
    ),
    "a time zone": (
        "POST",
        "schedules/",
        scheduled(rrule=RULE.replace("London", "Londn")),
        400,
        {"rrule": ["rrule parsing failed validation: A valid TZID must be provided (e.g., America/New_York)"]},
    ),
    "a schedule's limit that is not asked for": ("POST", "schedules/", scheduled(limit="north"), 400, {"limit": [ASK]}),
    "a schedule's variables that are not asked for": (
        "POST",
        "schedules/",
        scheduled(unified_job_template="{template}", extra_data={"a": 1}),
        400,
        {
            "extra_data": [
                "Variables a are not allowed on launch. Check the Prompt on Launch setting on the Job Template to"
                " include Extra Variables."
            ]
        },
    ),
    "a node's limit that is not asked for": (
        "POST",
        "workflow_job_template_nodes/",
        {
            "workflow_job_template": "{workflow}",
            "identifier": "x",
            "unified_job_template": "{template}",
            "limit": "north",
        },
        400,
        {"limit": [ASK]},
    ),
    "a node of no workflow": (
        "POST",
        "workflow_job_template_nodes/",
        {"identifier": "x"},
        400,
        {"workflow_job_template": ["This field is required."]},
    ),
    "a node's name that is taken": (
        "POST",
        "workflow_job_template_nodes/",
        {"workflow_job_template": "{workflow}", "identifier": "first"},
        400,
        {"__all__": ["Workflow job template node with this Identifier and Workflow job template already exists."]},
    ),
    "an edge to no node": (
        "POST",
        "workflow_job_template_nodes/{first}/success_nodes/",
        {"id": 99},
        400,
        {"detail": "WorkflowJobTemplateNode matching query does not exist."},
    ),
    "an edge to itself": (
        "POST",
        "workflow_job_template_nodes/{first}/success_nodes/",
        {"id": "{first}"},
        400,
        {"Error": "Cycle detected."},
    ),
    "an edge back": (
        "POST",
        "workflow_job_template_nodes/{second}/always_nodes/",
        {"id": "{first}"},
        400,
        {"Error": "Cycle detected."},
    ),
    "two kinds of edges": (
        "POST",
        "workflow_job_template_nodes/{first}/always_nodes/",
        {"id": "{second}"},
        400,
        {"Error": "Relationship not allowed."},
    ),
    "an approval without a name": (
        "POST",
        "workflow_job_template_nodes/{first}/create_approval_template/",
        {},
        400,
        {"name": ["This field is required."]},
    ),
    "a mail that lacks fields": (
        "POST",
        "notification_templates/",
        notified("email", {"host": "mail.example.com"}),
        400,
        {
            "__all__": [
                "Missing required fields for Notification Configuration: ['port', 'username', 'password', 'use_tls',"
                " 'use_ssl', 'sender', 'recipients']."
            ]
        },
    ),
    "a webhook's headers": (
        "POST",
        "notification_templates/",
        notified("webhook", {"url": "https://hook.example.com", "headers": []}),
        400,
        {"__all__": ["Configuration field 'headers' incorrect type, expected object."]},
    ),
    "a webhook's method": (
        "POST",
        "notification_templates/",
        notified("webhook", {"url": "x", "headers": {}, "http_method": "GET"}),
        400,
        {"__all__": ["HTTP method must be either 'POST' or 'PUT'."]},
    ),
    "no channels": (
        "POST",
        "notification_templates/",
        notified("slack", {"token": "x", "channels": []}),
        400,
        {"__all__": ["No values specified for field 'channels'"]},
    ),
    "a way of telling": (
        "POST",
        "notification_templates/",
        notified("teams", {}),
        400,
        {"notification_type": ['"teams" is not a valid choice.']},
    ),
    "a message for no event": (
        "POST",
        "notification_templates/",
        notified("slack", {"token": "x", "channels": ["noc"]}, messages={"fail": {}}),
        400,
        {"messages": ["Event 'fail' invalid, must be one of 'started', 'success', 'error', or 'workflow_approval'"]},
    ),
    "a survey without questions": (
        "POST",
        "job_templates/{template}/survey_spec/",
        {**asked(), "spec": []},
        400,
        {"error": "'spec' doesn't contain any items."},
    ),
    "a survey without a name": (
        "POST",
        "job_templates/{template}/survey_spec/",
        {"description": "", "spec": [QUESTION]},
        400,
        {"error": "Field 'name' is missing from survey spec."},
    ),
    "a question's type": (
        "POST",
        "job_templates/{template}/survey_spec/",
        asked(type="date"),
        400,
        {
            "error": "'date' in survey question 0 is not one of 'text, textarea, password, multiplechoice, multiselect,"
            " integer, float' allowed question types."
        },
    ),
    "a question without choices": (
        "POST",
        "job_templates/{template}/survey_spec/",
        asked(type="multiplechoice"),
        400,
        {"error": "Survey question 0 of type multiplechoice must specify choices."},
    ),
    "a default that is no choice": (
        "POST",
        "job_templates/{template}/survey_spec/",
        asked(type="multiplechoice", choices="a\nb", default="c"),
        400,
        {"error": "Default choice must be answered from the choices listed."},
    ),
    "a default of another type": (
        "POST",
        "job_templates/{template}/survey_spec/",
        asked(type="integer", default="c"),
        400,
        {"error": "Default value c in survey question 0 expected to be integer."},
    ),
    "a least length that is no number": (
        "POST",
        "job_templates/{template}/survey_spec/",
        asked(min="3"),
        400,
        {"error": "The min limit in survey question 0 expected to be integer."},
    ),
    "two questions for one variable": (
        "POST",
        "job_templates/{template}/survey_spec/",
        {**asked(), "spec": [QUESTION, QUESTION]},
        400,
        {"error": "'variable' 'site' duplicated in survey question 1."},
    ),
    "a label that there is not": (
        "POST",
        "job_templates/{template}/labels/",
        {"id": 99},
        400,
        {"detail": "Label matching query does not exist."},
    ),
    "a field that AWX would ignore": (
        "POST",
        "organizations/",
        {"name": "Other", "nonsense": 1},
        400,
        {"nonsense": ["Organization has no such field"]},
    ),
}
