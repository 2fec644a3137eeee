"""What AWX refuses, kind by kind, in its own words (`awx/api/serializers.py`, `awx/main/fields.py`)."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from jinja2 import StrictUndefined, TemplateSyntaxError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from tests.devices.awx.resources import ASKED_AS, EDGES, PROMPTS

Row = dict[str, Any]


class Refused(Exception):
    """An answer that is not the one that was asked for: its status, and its body."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body


def refuse(field: str, *texts: str) -> Refused:
    """A field that will not do."""
    return Refused(400, {field: list(texts)})


class Store(Protocol):
    """What a rule may ask about other objects."""

    def get(self, kind: str, number: int) -> Row:
        """An object of a kind."""

    def rows(self, kind: str) -> list[Row]:
        """All objects of a kind."""

    def listed(self, kind: str, number: int, name: str) -> list[int]:
        """The numbers in a list below an object."""


# awx/main/constants.py
BLOCKED_VARIABLES = frozenset(
    "VIRTUAL_ENV PATH PYTHONPATH JOB_ID INVENTORY_ID INVENTORY_SOURCE_ID INVENTORY_UPDATE_ID AD_HOC_COMMAND_ID "
    "REST_API_URL REST_API_TOKEN MAX_EVENT_RES CALLBACK_QUEUE CALLBACK_CONNECTION CACHE JOB_CALLBACK_DEBUG "
    "INVENTORY_HOSTVARS AWX_HOST PROJECT_REVISION SUPERVISOR_CONFIG_PATH".split()
)
INPUT_TYPES = ("string", "boolean")
INPUT_FORMATS = ("ssh_private_key", "url")
SURVEY_TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "textarea": (str,),
    "password": (str,),
    "multiplechoice": (str,),
    "multiselect": (str, list),
    "integer": (int,),
    "float": (float,),
}
ATTACHABLE_KINDS = ("ssh", "vault", "cloud", "net", "kubernetes")
KEY = re.compile(r"\s*-----BEGIN [A-Z ]*PRIVATE KEY-----.+-----END [A-Z ]*PRIVATE KEY-----\s*", re.DOTALL)

# What a notification needs, by type: the type of each field, and what it is where it is not given (None: it has to be).
CONFIGURATIONS: dict[str, dict[str, tuple[str, type, Any]]] = {
    "email": {
        "host": ("string", str, None),
        "port": ("int", int, None),
        "username": ("string", str, None),
        "password": ("password", str, None),
        "use_tls": ("bool", bool, None),
        "use_ssl": ("bool", bool, None),
        "sender": ("string", str, None),
        "recipients": ("list", list, None),
        "timeout": ("int", int, 30),
    },
    "slack": {"token": ("password", str, None), "channels": ("list", list, None)},
    "webhook": {
        "url": ("string", str, None),
        "http_method": ("string", str, "POST"),
        "disable_ssl_verification": ("bool", bool, False),
        "username": ("string", str, ""),
        "password": ("password", str, ""),
        "headers": ("object", dict, None),
    },
}
EVENTS = ("started", "success", "error", "workflow_approval")


def credential_type(store: Store, row: Row, sent: Row, before: Row | None) -> None:
    """Only two kinds may be made; injectors know the inputs alone, and set nothing that Ansible or AWX obeys."""
    if before and sent.get("inputs", before["inputs"]) != before["inputs"]:
        _injectors(row)
        if any(one["credential_type"] == before["id"] for one in store.rows("credentials")):
            text = "Modifications to inputs are not allowed for credential types that are in use"
            raise Refused(403, {"detail": text})
    if row["kind"] not in ("cloud", "net"):
        raise refuse("kind", f"Must be 'cloud' or 'net', not {row['kind']}")
    for one in row["inputs"].get("fields", []):
        if "label" not in one:
            raise refuse("inputs", "'label' is a required property")
        if one.get("type", "string") not in INPUT_TYPES:
            raise refuse("inputs", f"'{one['type']}' is not one of {list(INPUT_TYPES)}")
        if one.get("format", "url") not in INPUT_FORMATS:
            raise refuse("inputs", f"'{one['format']}' is not one of {list(INPUT_FORMATS)}")
    _injectors(row)


class _Tower:
    """What `tower` is to an injector: the name of the one file, where there is one."""

    def __init__(self, has_file: bool) -> None:
        self._has_file = has_file

    @property
    def filename(self) -> str:
        if not self._has_file:
            raise UndefinedError("Must define unnamed file injector in order to reference `tower.filename`.")
        return "EXAMPLE_FILENAME"


def _injectors(row: Row) -> None:
    names = {one["id"]: "EXAMPLE" for one in row["inputs"].get("fields", [])}
    known = {**names, "tower": _Tower("template" in row["injectors"].get("file", {}))}
    for kind, entries in row["injectors"].items():
        for name, text in entries.items():
            if kind == "env" and name.startswith("ANSIBLE_"):
                raise refuse(
                    "injectors",
                    f"Environment variable {name} may affect Ansible configuration so its use is not allowed in"
                    " credentials.",
                )
            if kind == "env" and name in BLOCKED_VARIABLES:
                raise refuse("injectors", f"Environment variable {name} is not allowed to be used in credentials.")
            if kind == "extra_vars" and not re.fullmatch(r"[a-zA-Z_{}]+[a-zA-Z0-9_{}]*", name):
                raise refuse("injectors", f"Schema validation error in relative path ['extra_vars'] ({name!r} ...)")
            try:
                ImmutableSandboxedEnvironment(undefined=StrictUndefined).from_string(text).render(known)
            except UndefinedError as error:
                raise refuse("injectors", f"{name} uses an undefined field ({error})") from error
            except TemplateSyntaxError as error:
                text = f"Syntax error rendering template for {name} inside of {kind} ({error})"
                raise refuse("injectors", text) from error


def credential(store: Store, row: Row, sent: Row, before: Row | None) -> None:
    """Inputs are those of the type. That one is missing is noticed by no one before a job needs it."""
    inputs = store.get("credential_types", row["credential_type"])["inputs"]
    fields = {one["id"]: one for one in inputs.get("fields", [])}
    for name, value in row["inputs"].items():
        if name not in fields:
            raise refuse("inputs", f"Additional properties are not allowed ('{name}' was unexpected)")
        if fields[name].get("format") == "ssh_private_key" and value and not KEY.fullmatch(value):
            raise Refused(400, {"inputs": {name: [f"Invalid certificate or key: {value[:100]}..."]}})
    if row["organization"] is None:
        raise Refused(400, {"detail": ["Missing 'user', 'team', or 'organization'."]})


def project(store: Store, row: Row, sent: Row, before: Row | None) -> None:
    if row["scm_type"] and not row["scm_url"]:
        raise refuse("scm_url", "SCM URL is required.")
    if row["credential"] and _kind(store, row["credential"]) != "scm":
        raise refuse("credential", "Credential kind must be 'scm'.")


def execution_environment(store: Store, row: Row, sent: Row, before: Row | None) -> None:
    if row["credential"] and _kind(store, row["credential"]) != "registry":
        text = "Only Container Registry credentials can be associated with an Execution Environment"
        raise refuse("credential", text)


def inventory(store: Store, row: Row, sent: Row, before: Row | None) -> None:
    if before and before["kind"] == "" != row["kind"]:
        raise Refused(405, {"error": 'You cannot turn a regular inventory into a "smart" or "constructed" inventory.'})


def inventory_source(store: Store, row: Row, sent: Row, before: Row | None) -> None:
    if not row["source"]:
        raise refuse("source", '"" is not a valid choice.')
    if row["source"] == "scm" and not row["source_project"]:
        raise refuse("source_project", "Project required for scm type sources.")
    if row["credential"] and _kind(store, row["credential"]) in ("insights", "vault"):
        raise refuse("credential", "Credentials of type insights and vault are disallowed for scm inventory sources.")


def notification_template(store: Store, row: Row, sent: Row, before: Row | None) -> None:
    """All fields of its type, of the right types; AWX adds those that it knows a value for."""
    known = CONFIGURATIONS.get(row["notification_type"])
    if known is None:
        raise NotImplementedError(f"this test device knows nothing of {row['notification_type']}")
    configuration = row["notification_configuration"]
    for name, (_word, _type, default) in known.items():
        if default is not None:
            configuration.setdefault(name, default)
    wrong = []
    missing = [name for name in known if name not in configuration]
    if missing:
        wrong.append(f"Missing required fields for Notification Configuration: {missing}.")
    for name, (word, wanted, _default) in known.items():
        value = configuration.get(name)
        if name not in missing and not _is(value, wanted):
            wrong.append(f"Configuration field '{name}' incorrect type, expected {word}.")
        elif wanted is list and not missing and not value:
            wrong.append(f"No values specified for field '{name}'")
        elif name == "http_method" and str(value).lower() not in ("put", "post"):
            wrong.append("HTTP method must be either 'POST' or 'PUT'.")
    if wrong:
        raise refuse("__all__", *wrong)
    for event in row["messages"] or {}:
        if event not in EVENTS:
            allowed = "'started', 'success', 'error', or 'workflow_approval'"
            raise refuse("messages", f"Event '{event}' invalid, must be one of {allowed}")


def job_template(store: Store, row: Row, sent: Row, before: Row | None) -> None:
    """A playbook that the synced project has, and an inventory unless it is asked for."""
    if not row["project"]:
        raise refuse("project", "Job Templates must have a project assigned.")
    if row["playbook"] and row["playbook"] not in store.get("projects", row["project"])["playbook_files"]:
        raise refuse("playbook", "Playbook not found for project.")
    if not row["playbook"]:
        raise refuse("playbook", "Must select playbook for project.")
    if not row["inventory"] and not row["ask_inventory_on_launch"]:
        raise refuse("inventory", "You must either set a default value or ask to prompt on launch.")


def launch_configuration(store: Store, row: Row, sent: Row, before: Row | None) -> None:
    """What a schedule or a node gives its template is taken only if the template asks for it."""
    if not row["unified_job_template"]:
        return
    template = store.get("unified_job_templates", row["unified_job_template"])
    if "ask_variables_on_launch" not in template:  # projects and approvals are given nothing, and check nothing
        return
    wrong = {
        name: ["Field is not configured to prompt on launch."]
        for name in PROMPTS
        if row[name] is not None and not template.get(f"ask_{ASKED_AS.get(name, name)}_on_launch")
    }
    questions = template["survey_spec"].get("spec", []) if template["survey_enabled"] else []
    asked = {one["variable"] for one in questions}
    surplus = sorted(set(row["extra_data"]) - asked)
    if surplus and not template["ask_variables_on_launch"]:
        wrong["extra_data"] = [
            f"Variables {', '.join(surplus)} are not allowed on launch. Check the Prompt on Launch setting on the"
            " Job Template to include Extra Variables."
        ]
    if wrong:
        raise Refused(400, wrong)


def schedule(store: Store, row: Row, sent: Row, before: Row | None) -> None:
    """One start with a time zone, and rules with an interval."""
    rule = row["rrule"]
    wrong = []
    starts = re.findall(r"DTSTART(?:;[^:]+)?:[0-9]+T[0-9]+Z?", rule)
    zone = re.search(r"DTSTART;TZID=([^:]+):", rule)
    if not starts:
        wrong.append("Valid DTSTART required in rrule. Value should start with: DTSTART:YYYYMMDDTHHMMSSZ")
    if re.search(r"DTSTART:[0-9]+T[0-9]+ ", rule):
        wrong.append("DTSTART cannot be a naive datetime.  Specify ;TZINFO= or YYYYMMDDTHHMMSSZZ.")
    if len(starts) > 1:
        wrong.append("Multiple DTSTART is not supported.")
    if "rrule:" not in rule.lower():
        wrong.append("One or more rule required in rrule.")
    rules = re.findall(r"RULE:[^\s]*", rule)
    wrong += [f"INTERVAL required in rrule: {one}" for one in rules if "interval" not in one.lower()]
    if not re.search(r"DTSTART:[0-9]+T[0-9]+Z", rule) and not (zone and _is_zone(zone[1])):
        wrong.append("rrule parsing failed validation: A valid TZID must be provided (e.g., America/New_York)")
    if wrong:
        raise refuse("rrule", *wrong)
    launch_configuration(store, row, sent, before)


def _is_zone(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return False
    return True


def _kind(store: Store, number: int) -> str:
    return str(store.get("credential_types", store.get("credentials", number)["credential_type"])["kind"])


RULES: Mapping[str, Callable[[Store, Row, Row, Row | None], None]] = {
    "credential_types": credential_type,
    "credentials": credential,
    "execution_environments": execution_environment,
    "inventories": inventory,
    "inventory_sources": inventory_source,
    "job_templates": job_template,
    "notification_templates": notification_template,
    "projects": project,
    "schedules": schedule,
    "workflow_job_template_nodes": launch_configuration,
}


def attachment(store: Store, kind: str, number: int, name: str, other: Row) -> None:
    """What may join a list below an object."""
    if kind == "job_templates" and name == "credentials":
        _one_of_a_type(store, number, other)
    if name in EDGES:
        _edge(store, number, name, other)


def _one_of_a_type(store: Store, template: int, other: Row) -> None:
    """One credential of each type; of Vault, one of each id."""
    kind = store.get("credential_types", other["credential_type"])
    if kind["kind"] not in ATTACHABLE_KINDS:
        raise Refused(400, {"error": f"Cannot assign a Credential of kind `{kind['kind']}`."})

    def unique(one: Row) -> tuple[int, str]:
        return one["credential_type"], one["inputs"].get("vault_id", "") if kind["kind"] == "vault" else ""

    present = store.listed("job_templates", template, "credentials")
    if unique(other) in [unique(store.get("credentials", number)) for number in present]:
        named = other["inputs"].get("vault_id") if kind["kind"] == "vault" else ""
        title = f"{kind['name']} (id={named})" if named else kind["name"]
        raise Refused(400, {"error": f"Cannot assign multiple {title} credentials."})


def _edge(store: Store, parent: int, name: str, child: Row) -> None:
    """Within one workflow, of one kind between two nodes, and never in a circle."""
    nodes = "workflow_job_template_nodes"
    if child["workflow_job_template"] != store.get(nodes, parent)["workflow_job_template"]:
        raise Refused(403, {"detail": "You do not have permission to perform this action."})
    if any(child["id"] in store.listed(nodes, parent, other) for other in EDGES if other != name):
        raise Refused(400, {"Error": "Relationship not allowed."})
    reached, front = set[int](), {int(child["id"])}
    while front:
        reached |= front
        front = {one for node in front for edge in EDGES for one in store.listed(nodes, node, edge)} - reached
    if parent in reached:
        raise Refused(400, {"Error": "Cycle detected."})


def survey(spec: Row) -> None:
    """A survey's questions: `JobTemplateSurveySpec` in `awx/api/views/__init__.py`."""
    wrong = ""
    parts = (("name", str, "string"), ("description", str, "string"), ("spec", list, "list of items"))
    for name, wanted, word in parts:
        if name not in spec:
            wrong = f"Field '{name}' is missing from survey spec."
        elif not isinstance(spec[name], wanted):
            wrong = f"Expected {word} for field '{name}', received {type(spec[name]).__name__} type."
    if spec.get("spec") == []:
        wrong = "'spec' doesn't contain any items."
    variables = set[str]()
    for index, question in enumerate(spec["spec"] if not wrong else []):
        wrong = wrong or _question(index, question, variables)
    if wrong:
        raise Refused(400, {"error": wrong})


def _question(index: int, question: Row, variables: set[str]) -> str:
    """What is wrong with a question, the first thing only; empty where nothing is."""
    for name in ("type", "question_name", "variable", "required"):
        wanted, word = (bool, "boolean") if name == "required" else (str, "string")
        if name not in question:
            return f"'{name}' missing from survey question {index}"
        if not isinstance(question[name], wanted):
            return f"'{name}' in survey question {index} expected to be {word}."
    if question["variable"] in variables:
        return f"'variable' '{question['variable']}' duplicated in survey question {index}."
    variables.add(question["variable"])
    kind, default = question["type"], question.get("default", "")
    if kind not in SURVEY_TYPES:
        allowed = ", ".join(SURVEY_TYPES)
        return f"'{kind}' in survey question {index} is not one of '{allowed}' allowed question types."
    if default != "" and not isinstance(default, SURVEY_TYPES[kind]):
        word = kind if kind in ("integer", "float") else "string"
        return f"Default value {default} in survey question {index} expected to be {word}."
    for name in ("min", "max"):
        if question.get(name) is not None and not isinstance(question[name], int):
            return f"The {name} limit in survey question {index} expected to be integer."
    if kind in ("multiplechoice", "multiselect"):
        if "choices" not in question:
            return f"Survey question {index} of type {kind} must specify choices."
        defaults = default.splitlines() if isinstance(default, str) else default
        if any(one not in question["choices"] for one in defaults):
            return "Default choice must be answered from the choices listed."
    return ""


def _is(value: Any, wanted: type) -> bool:
    """Whether JSON has this type there: a boolean is no number."""
    return isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))
