"""Requests and their answers: lists, objects, lists below objects, and the few addresses that are neither."""

from __future__ import annotations

import copy
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.devices.awx.refusals import CONFIGURATIONS, RULES, Refused, Row, attachment, refuse, survey
from tests.devices.awx.resources import EDGES, FLAG, OBJECT, REFERENCE, RESOURCES, WHOLE, Field, Resource

PREFIX = "/api/v2/"
ENCRYPTED = "$encrypted$"
PAGE = 25
NODES, APPROVALS, ANY_TEMPLATE = "workflow_job_template_nodes", "workflow_approval_templates", "unified_job_templates"
NOWHERE = "<!doctype html><title>Not Found</title>"
# What a new AWX has: name and kind.
OWN_TYPES = (("Machine", "ssh"), ("Source Control", "scm"), ("Vault", "vault"), ("Network", "net"),
             ("Container Registry", "registry"))  # fmt: skip
ACCOUNT = ("username", "password")
OWN_INPUTS = {"Vault": ("vault_password", "vault_id"), "Network": ACCOUNT, "Machine": ACCOUNT}
SYNCED_BY = ("scm_type", "scm_url", "scm_branch", "scm_refspec")
"""Fields of a project that are followed by a sync when they change."""
UNSHOWN = ("survey_spec", "playbook_files", "sync")
"""Of an object, what its own address does not show."""
FIELDS_OF_ALL = ("name", "description", "organization")
"""What every unified job template can be found by."""
ROLES = ("admin_role", "execute_role", "read_role", "approval_role")


@dataclass(frozen=True)
class Request:
    """What came, and the status that was answered."""

    method: str
    path: str
    body: Any
    status: int


@dataclass
class Awx:
    """One AWX. `token` lets in, as does `username` with `password`. `playbooks`: what the project's repository has.

    `syncing`: how often a sync is asked for before it has ended. `requests`: all that came, in order.
    """

    token: str = "a-token-of-an-administrator"
    username: str = "admin"
    password: str = "a-password-of-an-administrator"
    playbooks: tuple[str, ...] = ()
    syncing: int = 2
    requests: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._objects: dict[str, dict[int, Row]] = {kind: {} for kind in RESOURCES}
        self._lists: dict[tuple[str, int, str], list[int]] = {}
        self._grants: dict[int, list[int]] = {}
        self._syncs: dict[int, Row] = {}
        self._numbers: dict[str, int] = {}
        self._tokens = {self.token}
        self._lock = threading.Lock()
        for name, kind in OWN_TYPES:
            inputs = {"fields": [{"id": one, "type": "string", "label": one, "secret": "password" in one}
                                 for one in OWN_INPUTS.get(name, ())]}  # fmt: skip
            self._store("credential_types", {"name": name, "kind": kind, "managed": True, "inputs": inputs})
        for name in ("controlplane", "default"):
            self._store("instance_groups", {"name": name})

    # What tests and rules look at.

    def copy(self) -> Awx:
        """Another AWX in the same state, without what it was asked so far."""
        other = Awx(self.token, self.username, self.password, self.playbooks, self.syncing)
        for name in ("_objects", "_lists", "_grants", "_syncs", "_numbers"):
            setattr(other, name, copy.deepcopy(getattr(self, name)))
        return other

    def add(self, kind: str, **fields: Any) -> int:
        """Make an object as an administrator would; its number. Raises Refused."""
        return int(self._store(kind, self._checked(kind, fields, None))["id"])

    def rows(self, kind: str) -> list[Row]:
        """All objects of a kind, as they are stored."""
        if kind == ANY_TEMPLATE:
            return [row for name, one in RESOURCES.items() if one.launched for row in self._objects[name].values()]
        return list(self._objects[kind].values())

    def get(self, kind: str, number: int) -> Row:
        """An object as it is stored. KeyError where there is none."""
        return next((row for row in self.rows(kind) if row["id"] == number), None) or _missing(number)

    def named(self, kind: str, name: str) -> Row:
        """The one object of a kind with a name, or a node with an identifier."""
        (found,) = (row for row in self.rows(kind) if row.get("name", row.get("identifier")) == name)
        return found

    def listed(self, kind: str, number: int, name: str) -> list[int]:
        """The numbers in a list below an object."""
        return self._lists.setdefault((kind, number, name), [])

    def grants(self, workflow: str) -> list[str]:
        """Names of the teams that may approve in a workflow."""
        role = self._role(self.named("workflow_job_templates", workflow)["id"], "approval_role")
        return [self.get("teams", number)["name"] for number in self._grants.get(role, [])]

    @property
    def writes(self) -> list[Request]:
        """All requests that change something, apart from those for a token."""
        return [one for one in self.requests if one.method != "GET" and not one.path.startswith(f"{PREFIX}tokens/")]

    # Requests.

    def answer(self, method: str, target: str, body: Any, authorization: Authorization) -> tuple[int, Any]:
        """Status and body of the answer to a request; `target` is a path with its query."""
        path, query = urlsplit(target).path, parse_qsl(urlsplit(target).query, keep_blank_values=True)
        with self._lock:
            try:
                status, answer = self._answer(method, path, dict(query), body, authorization)
            except Refused as refused:
                status, answer = refused.status, refused.body
            self.requests.append(Request(method, target, body, status))
            return status, copy.deepcopy(answer)

    def _answer(
        self, method: str, path: str, query: dict[str, str], body: Any, authorization: Authorization
    ) -> tuple[int, Any]:
        if not path.startswith(PREFIX) or not path.endswith("/"):
            raise Refused(404, NOWHERE)
        parts = path.removeprefix(PREFIX).strip("/").split("/")
        if parts[0] == "tokens":
            return self._token(method, parts, authorization)
        if authorization.token not in self._tokens:
            raise Refused(401, {"detail": "Authentication credentials were not provided."})
        if parts[0] == "roles" and len(parts) == 3 and parts[2] == "teams":
            return self._grant(method, int(parts[1]), body)
        if parts[0] == "project_updates" and len(parts) == 2:
            return 200, self._sync(int(parts[1]))
        if parts[0] == ANY_TEMPLATE and len(parts) == 1:
            _only(method, "GET")
            return 200, self._page(ANY_TEMPLATE, path, self._found(ANY_TEMPLATE, query), query)
        if parts[0] not in RESOURCES or (parts[0] == APPROVALS and len(parts) == 1):
            raise Refused(404, NOWHERE)
        if len(parts) == 1:
            return self._list(method, parts[0], path, query, body)
        row = self._object(parts[0], parts[1])
        if len(parts) == 2:
            return self._one(method, parts[0], row, body)
        return self._below(method, parts[0], row, parts[2], path, query, body)

    def _token(self, method: str, parts: list[str], authorization: Authorization) -> tuple[int, Any]:
        if (authorization.username, authorization.password) != (self.username, self.password):
            raise Refused(401, {"detail": "Authentication credentials were not provided."})
        if method == "POST" and len(parts) == 1:
            number = self._number("tokens")
            self._tokens.add(f"token-{number}")
            return 201, {"id": number, "type": "o_auth2_access_token", "token": f"token-{number}"}
        if method == "DELETE" and len(parts) == 2:
            self._tokens.discard(f"token-{parts[1]}")
            return 204, None
        raise Refused(404, NOWHERE)

    def _list(self, method: str, kind: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        if method == "GET":
            return 200, self._page(kind, path, self._found(kind, query), query)
        _only(method, "POST")
        return 201, self._shown(kind, self._store(kind, self._checked(kind, body, None)))

    def _one(self, method: str, kind: str, row: Row, body: Any) -> tuple[int, Any]:
        if method == "PATCH":
            changed = self._checked(kind, body, row)
            resync = kind == "projects" and any(changed[name] != row[name] for name in SYNCED_BY)
            row.update(changed)
            if resync:
                self._start_sync(row)
        else:
            _only(method, "GET")
        return 200, self._shown(kind, row)

    def _below(
        self, method: str, kind: str, row: Row, name: str, path: str, query: dict[str, str], body: Any
    ) -> tuple[int, Any]:
        if name == "survey_spec" and "survey_spec" in row:
            return self._survey(method, row, body)
        if name == "create_approval_template" and kind == NODES:
            _only(method, "POST")
            made = self._store(APPROVALS, self._checked(APPROVALS, body, None))
            row["unified_job_template"] = made["id"]
            return 201, self._shown(APPROVALS, made)
        other = RESOURCES[kind].lists.get(name)
        if other is None:
            raise Refused(404, NOWHERE)
        numbers = self.listed(kind, row["id"], name)
        if method == "GET":
            return 200, self._page(other, path, [self.get(other, number) for number in numbers], query)
        _only(method, "POST")
        if not isinstance(body.get("id"), int):
            raise Refused(400, {"msg": '"id" field must be an integer.'})
        if body["id"] not in self._objects[other]:
            raise Refused(400, {"detail": f"{RESOURCES[other].title} matching query does not exist."})
        if body.get("disassociate"):
            numbers[:] = [one for one in numbers if one != body["id"]]
        else:
            attachment(self, kind, row["id"], name, self.get(other, body["id"]))
            numbers.append(body["id"])
        return 204, None

    def _survey(self, method: str, row: Row, body: Any) -> tuple[int, Any]:
        if method == "POST":
            survey(body)
            row["survey_spec"] = body
            return 200, None
        if method == "DELETE":
            row["survey_spec"] = {}
            return 200, None
        _only(method, "GET")
        return 200, row["survey_spec"]

    def _grant(self, method: str, role: int, body: Any) -> tuple[int, Any]:
        teams = self._grants.setdefault(role, [])
        if method == "POST":
            teams.append(self._object("teams", str(body["id"]))["id"])
            return 204, None
        _only(method, "GET")
        return 200, self._page("teams", f"{PREFIX}roles/{role}/teams/", [self.get("teams", one) for one in teams], {})

    # Objects.

    def _object(self, kind: str, number: str) -> Row:
        row = self._objects[kind].get(int(number)) if number.isdecimal() else None
        if row is None:
            raise Refused(404, {"detail": f"No {RESOURCES[kind].title} matches the given query."})
        return row

    def _checked(self, kind: str, sent: Any, before: Row | None) -> Row:
        """The object as it would be with what was sent; raises Refused."""
        resource = RESOURCES[kind]
        surplus = sorted(set(sent) - set(resource.fields))
        if surplus:
            raise Refused(400, {name: [f"{resource.title} has no such field"] for name in surplus})
        row = copy.deepcopy(before) if before else _defaults(resource)
        for name, one in resource.fields.items():
            if name in sent and not one.fixed:
                row[name] = self._value(name, one, sent[name])
            elif one.required and not before:
                raise refuse(name, "This field is required.")
        if kind == "job_templates" and row["project"]:
            row["organization"] = self.get("projects", row["project"])["organization"]
        if kind in RULES:
            RULES[kind](self, row, sent, before)
        self._check_unique(kind, resource, row, before)
        for part in _secret_parts(self, kind, row):
            if part.get(row) == ENCRYPTED and before:
                part.put(row, part.get(before))
        return row

    def _value(self, name: str, one: Field, value: Any) -> Any:
        if one.kind == REFERENCE:
            if value in (None, ""):
                return None
            if value not in [row["id"] for row in self.rows(one.of)]:
                raise refuse(name, f'Invalid pk "{value}" - object does not exist.')
        elif one.kind == WHOLE:
            if value is None and one.default is not None:
                raise refuse(name, "This field may not be null.")
            if value is not None and int(value) < 0:
                raise refuse(name, "Ensure this value is greater than or equal to 0.")
            return value if value is None else int(value)
        elif one.kind == FLAG:
            if not isinstance(value, bool):
                raise refuse(name, "Must be a valid boolean.")
        elif one.kind == OBJECT:
            if not isinstance(value, dict):
                raise refuse(name, "Expected a dictionary.")
        elif one.choices and value not in one.choices and value != one.default:
            raise refuse(name, f'"{value}" is not a valid choice.')
        elif one.required and value == "":
            raise refuse(name, "This field may not be blank.")
        return copy.deepcopy(value)

    def _check_unique(self, kind: str, resource: Resource, row: Row, before: Row | None) -> None:
        for other in self.rows(kind) if resource.unique else ():
            same = all(other[name] == row[name] for name in resource.unique)
            if same and other["id"] != (before or {}).get("id"):
                raise refuse("name" if resource.unique == ("name",) else "__all__", resource.taken)

    def _store(self, kind: str, row: Row) -> Row:
        resource = RESOURCES[kind]
        number = self._number(ANY_TEMPLATE if resource.launched else kind)
        whole = {**_defaults(resource), **row}
        whole |= {"id": number, "type": resource.type, "url": f"{PREFIX}{kind}/{number}/"}
        if kind in ("job_templates", "workflow_job_templates"):
            whole["survey_spec"] = {}
        if kind == "workflow_job_templates":
            for name in ROLES:
                self._role(number, name)
        self._objects[kind][number] = whole
        if kind == "projects":
            self._start_sync(whole)
        return whole

    def _number(self, sequence: str) -> int:
        self._numbers[sequence] = self._numbers.get(sequence, 0) + 1
        return self._numbers[sequence]

    @staticmethod
    def _role(workflow: int, name: str) -> int:
        return workflow * len(ROLES) + ROLES.index(name)

    # Projects find their playbooks by a sync.

    def _start_sync(self, row: Row) -> None:
        number = self._number("project_updates")
        row.setdefault("playbook_files", [])
        row.setdefault("scm_revision", "")
        row["sync"] = number
        self._syncs[number] = {"project": row["id"], "left": self.syncing}

    def _sync(self, number: int) -> Row:
        if number not in self._syncs:
            raise Refused(404, {"detail": "No ProjectUpdate matches the given query."})
        sync = self._syncs[number]
        sync["left"] -= 1
        if sync["left"] <= 0:
            project = self.get("projects", sync["project"])
            project |= {"playbook_files": list(self.playbooks), "scm_revision": "0" * 40, "sync": None}
        return {"id": number, "type": "project_update", "status": "pending" if sync["left"] > 0 else "successful"}

    # What is shown.

    def _shown(self, kind: str, row: Row) -> Row:
        """An object as it is answered: with its addresses, and without secrets."""
        shown = {name: copy.deepcopy(value) for name, value in row.items() if name not in UNSHOWN}
        for part in _secret_parts(self, kind, row):
            if part.get(shown):
                part.put(shown, ENCRYPTED)
        shown["related"] = {name: f"{row['url']}{name}/" for name in RESOURCES[kind].lists}
        shown["summary_fields"] = {}
        if "survey_spec" in row:
            shown["related"]["survey_spec"] = f"{row['url']}survey_spec/"
        if kind == "projects":
            shown["related"]["update"] = f"{row['url']}update/"
            if row["sync"]:
                shown["summary_fields"]["current_update"] = {"id": row["sync"], "status": "pending"}
        if kind == NODES:
            shown |= {name: list(self.listed(kind, row["id"], name)) for name in EDGES}
            if row["unified_job_template"]:
                shown["related"]["unified_job_template"] = self.get(ANY_TEMPLATE, row["unified_job_template"])["url"]
        if kind == "workflow_job_templates":
            shown["summary_fields"]["object_roles"] = {name: {"id": self._role(row["id"], name)} for name in ROLES}
        return shown

    def _found(self, kind: str, query: dict[str, str]) -> list[Row]:
        """Objects that a query names: fields that equal a value, or any of those that begin with `or__`."""
        wanted = {name: value for name, value in query.items() if name not in ("page", "page_size", "order_by")}
        fields = tuple(RESOURCES[kind].fields) if kind in RESOURCES else FIELDS_OF_ALL
        for name in wanted:
            if name.removeprefix("or__") not in (*fields, "id"):
                title = RESOURCES[kind].title if kind in RESOURCES else "UnifiedJobTemplate"
                raise Refused(400, {"detail": f"{title} has no field named '{name.removeprefix('or__')}'"})

        def matches(row: Row) -> bool:
            alike = {name: str(row.get(name.removeprefix("or__"))) == value for name, value in wanted.items()}
            every = [one for name, one in alike.items() if not name.startswith("or__")]
            any_of = [one for name, one in alike.items() if name.startswith("or__")]
            return all(every) and (not any_of or any(any_of))

        return [row for row in self.rows(kind) if matches(row)]

    def _page(self, kind: str, path: str, rows: list[Row], query: dict[str, str]) -> Row:
        page, size = int(query.get("page", 1)), int(query.get("page_size", PAGE))
        end = page * size
        following = f"{path}?{urlencode({**query, 'page': page + 1})}" if end < len(rows) else None
        shown = [self._shown(kind if kind != ANY_TEMPLATE else _list_of(row), row) for row in rows[end - size : end]]
        return {"count": len(rows), "next": following, "previous": None, "results": shown}


@dataclass(frozen=True)
class Authorization:
    """What a request shows of who sent it."""

    token: str = ""
    username: str = ""
    password: str = ""


@dataclass(frozen=True)
class _Secret:
    """Where in an object a secret is."""

    field: str
    name: str

    def get(self, row: Row) -> Any:
        return row[self.field].get(self.name)

    def put(self, row: Row, value: Any) -> None:
        row[self.field][self.name] = value


def _secret_parts(awx: Awx, kind: str, row: Row) -> Iterator[_Secret]:
    if kind == "credentials":
        for one in awx.get("credential_types", row["credential_type"])["inputs"].get("fields", []):
            if one.get("secret") and one["id"] in row["inputs"]:
                yield _Secret("inputs", one["id"])
    if kind == "notification_templates":
        for name, (word, _type, _default) in CONFIGURATIONS[row["notification_type"]].items():
            if word == "password":
                yield _Secret("notification_configuration", name)


def _defaults(resource: Resource) -> Row:
    return {name: copy.deepcopy(one.default) for name, one in resource.fields.items()}


def _list_of(row: Row) -> str:
    """The name of the list that an object is in, from its address."""
    return re.split("/", row["url"])[3]


def _only(method: str, wanted: str) -> None:
    if method != wanted:
        raise Refused(405, {"detail": f'Method "{method}" not allowed.'})


def _missing(number: int) -> Row:
    raise KeyError(number)
