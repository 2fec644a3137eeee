"""The AWX that is a test device: each refusal that a running 24.6.1 was seen to answer with, and what it shows."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.devices.awx.api import Authorization, Awx
from tests.devices.awx.resources import RESOURCES
from tests.unit.devices.awx_refusals import INPUTS, REFUSALS


class Site:
    """An AWX with one of everything, by kind, and calls to it."""

    def __init__(self) -> None:
        self.awx = Awx(playbooks=("drift.yml", "harden.yml"))
        self.organization = self.make("organizations", name="Sites")
        self.environment = self.make("execution_environments", name="Image", image="registry.example.com/image:1")
        self.type = self.make("credential_types", name="Vigor", kind="cloud", inputs=INPUTS, injectors={})
        self.credential = self.made_credential("Vigors")
        self.project = self.make(
            "projects",
            name="Project",
            organization=self.organization,
            scm_type="git",
            scm_url="https://git.example.com/sites.git",
        )
        for _look in range(self.awx.syncing):
            self.call("GET", "project_updates/1/")
        self.inventory = self.make("inventories", name="Inventory", organization=self.organization)
        self.template = self.made_template("Drift")
        self.asking = self.made_template("Apply", ask_limit_on_launch=True)
        self.call("POST", f"job_templates/{self.template}/credentials/", {"id": self.credential})
        self.workflow = self.make("workflow_job_templates", name="Nightly", organization=self.organization)
        self.first = self.made_node("first")
        self.second = self.made_node("second")
        self.call("POST", f"workflow_job_template_nodes/{self.first}/success_nodes/", {"id": self.second})
        self.label = self.make("labels", name="label", organization=self.organization)

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        return self.awx.answer(method, f"/api/v2/{path}", {} if body is None else body, Authorization(self.awx.token))

    def make(self, where: str, /, **fields: Any) -> int:
        status, answer = self.call("POST", f"{where}/", fields)
        assert status == 201, answer
        return int(answer["id"])

    def made_credential(self, name: str, kind: int | None = None, **inputs: str) -> int:
        return self.make(
            "credentials", name=name, organization=self.organization, credential_type=kind or self.type, inputs=inputs
        )

    def made_template(self, name: str, **fields: Any) -> int:
        return self.make(
            "job_templates", name=name, project=self.project, inventory=self.inventory, playbook="drift.yml", **fields
        )

    def made_node(self, identifier: str) -> int:
        return self.make(
            "workflow_job_template_nodes",
            identifier=identifier,
            workflow_job_template=self.workflow,
            unified_job_template=self.template,
        )


@pytest.fixture
def site() -> Site:
    return Site()


def filled(site: Site, value: Any) -> Any:
    """What is sent, with the numbers of the site's objects."""
    if isinstance(value, dict):
        return {name: filled(site, one) for name, one in value.items()}
    if isinstance(value, str) and value.startswith("{") and not value.startswith("{{"):
        return getattr(site, value.strip("{}"))
    return value


@pytest.mark.parametrize("what", REFUSALS)
def test_refusals(what: str, site: Site) -> None:
    method, path, sent, status, answer = REFUSALS[what]
    before = copy.deepcopy({kind: site.awx.rows(kind) for kind in RESOURCES})
    assert site.call(method, path.format(**vars(site)), filled(site, sent)) == (status, answer)
    assert {kind: site.awx.rows(kind) for kind in before} == before


def test_one_credential_of_each_type(site: Site) -> None:
    """Of Vault, one of each id."""
    other = site.made_credential("Other Vigors")
    where = f"job_templates/{site.template}/credentials/"
    assert site.call("POST", where, {"id": other}) == (400, {"error": "Cannot assign multiple Vigor credentials."})
    vault = site.awx.named("credential_types", "Vault")["id"]
    numbers = [
        site.made_credential(name, vault, vault_password="secret", vault_id=name[:1]) for name in ("a1", "a2", "b")
    ]
    answers = [site.call("POST", where, {"id": number})[0] for number in numbers]
    assert answers == [204, 400, 204]
    source = site.made_credential("Source", site.awx.named("credential_types", "Source Control")["id"])
    assert site.call("POST", where, {"id": source}) == (400, {"error": "Cannot assign a Credential of kind `scm`."})


def test_a_playbook_is_known_after_the_sync() -> None:
    awx = Awx(playbooks=("drift.yml",), syncing=2)

    def call(method: str, path: str, body: Any = None) -> tuple[int, Any]:
        return awx.answer(method, f"/api/v2/{path}", body or {}, Authorization(awx.token))

    organization = call("POST", "organizations/", {"name": "Sites"})[1]["id"]
    project = {
        "name": "Project",
        "organization": organization,
        "scm_type": "git",
        "scm_url": "https://git.example.com/a.git",
    }
    made = call("POST", "projects/", project)[1]
    inventory = call("POST", "inventories/", {"name": "Inventory", "organization": organization})[1]["id"]
    job = {"name": "Drift", "project": made["id"], "inventory": inventory, "playbook": "drift.yml"}
    assert call("POST", "job_templates/", job)[0] == 400
    update = f"project_updates/{made['summary_fields']['current_update']['id']}/"
    assert [call("GET", update)[1]["status"] for _look in range(2)] == ["pending", "successful"]
    assert call("POST", "job_templates/", job)[0] == 201


def test_the_edges_of_an_approval_are_the_nodes(site: Site) -> None:
    """Where the module looks for them first, there is nothing."""
    status, made = site.call(
        "POST",
        f"workflow_job_template_nodes/{site.second}/create_approval_template/",
        {"name": "Approve", "timeout": 60},
    )
    assert (status, made["timeout"]) == (201, 60)
    address = made["url"].removeprefix("/api/v2/")
    assert site.call("GET", address)[0] == 200
    assert site.call("GET", f"{address}success_nodes/")[0] == 404
    node = site.call("GET", f"workflow_job_template_nodes/{site.second}/")[1]
    assert node["related"]["unified_job_template"] == made["url"]


def test_secrets_are_not_shown_and_kept_by_what_stands_for_them(site: Site) -> None:
    number = site.made_credential("Other Vigors", username="admin", password="a-secret")
    shown = site.call("GET", f"credentials/{number}/")[1]["inputs"]
    assert shown == {"username": "admin", "password": "$encrypted$"}
    site.call("PATCH", f"credentials/{number}/", {"inputs": {**shown, "username": "root"}})
    assert site.awx.get("credentials", number)["inputs"] == {"username": "root", "password": "a-secret"}


def test_who_is_asking(site: Site) -> None:
    def answer(method: str, path: str, sender: Authorization) -> tuple[int, Any]:
        return site.awx.answer(method, path, {}, sender)

    assert answer("GET", "/api/v2/organizations/", Authorization())[0] == 401
    assert answer("GET", "/api/v2/organizations/", Authorization("another-token"))[0] == 401
    assert answer("POST", "/api/v2/tokens/", Authorization(username="admin", password="wrong"))[0] == 401
    account = Authorization(username=site.awx.username, password=site.awx.password)
    status, made = answer("POST", "/api/v2/tokens/", account)
    assert status == 201
    assert answer("GET", "/api/v2/organizations/", Authorization(made["token"]))[0] == 200
    assert answer("DELETE", f"/api/v2/tokens/{made['id']}/", account)[0] == 204
    assert answer("GET", "/api/v2/organizations/", Authorization(made["token"]))[0] == 401


def test_lists_come_in_pages(site: Site) -> None:
    for index in range(30):
        site.make("labels", name=f"label-{index}", organization=site.organization)
    seen: list[str] = []
    path: str | None = "labels/?page_size=20"
    while path:
        page = site.call("GET", path.removeprefix("/api/v2/"))[1]
        seen += [one["name"] for one in page["results"]]
        path = page["next"]
    assert seen == ["label", *(f"label-{index}" for index in range(30))]


def test_by_a_name_or_a_number(site: Site) -> None:
    found = site.call("GET", f"job_templates/?or__id={site.template}&or__name={site.template}")[1]
    assert [one["name"] for one in found["results"]] == ["Drift"]
    found = site.call("GET", f"unified_job_templates/?name=Nightly&organization={site.organization}")[1]
    assert [one["type"] for one in found["results"]] == ["workflow_job_template"]
