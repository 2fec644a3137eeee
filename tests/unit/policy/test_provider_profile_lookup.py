"""The look-up of provider profiles by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleLookupError

from ansible_collections.voip.hardening.plugins.lookup.provider_profile import SHIPPED, LookupModule
from ansible_collections.voip.hardening.plugins.module_utils.policy.validation import validate
from tests.unit.policy.samples import POLICY, PROFILE, TODAY

NAMES = "example-voice, microsoft-teams, ringcentral, telnyx, twilio"


def look_up(term: Any, **variables: Any) -> Any:
    return LookupModule().run([term], variables)[0]


def refusal(term: Any, **variables: Any) -> str:
    with pytest.raises(AnsibleLookupError) as error:
        look_up(term, **variables)
    return str(error.value)


def write(directory: Path, name: str, **values: Any) -> Path:
    path = directory / "providers" / f"{name}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({"name": name, **values}), encoding="utf-8")
    return path


@pytest.fixture
def places(tmp_path: Path) -> dict[str, Path]:
    """Directories that are searched, in the order of the search."""
    return {place: tmp_path / place for place in ("own", "file", "directory", "playbook")}


def variables(places: dict[str, Path]) -> dict[str, Any]:
    for place in places.values():
        place.mkdir(exist_ok=True)
    hosts = places["file"] / "hosts.yml"
    hosts.touch()
    return {
        "inventory_dir": str(places["own"]),
        "ansible_inventory_sources": [str(hosts), str(places["directory"]), "site1,"],
        "playbook_dir": str(places["playbook"]),
    }


def test_the_search_goes_from_the_inventory_to_the_collection(places: dict[str, Path]) -> None:
    given = variables(places)
    assert look_up("twilio", **given)["source"] == "https://www.twilio.com/docs/sip-trunking/ip-addresses"
    for place in reversed(places):
        write(places[place], "twilio", source=place)
        assert look_up("twilio", **given)["source"] == place


def test_several_names_give_several_profiles() -> None:
    found = LookupModule().run(["twilio", "telnyx"], {})
    assert [profile["name"] for profile in found] == ["twilio", "telnyx"]


def test_a_mapping_is_returned_as_it_is() -> None:
    assert look_up(PROFILE) is PROFILE


def test_dates_come_as_text_and_validate(tmp_path: Path) -> None:
    write(tmp_path, **PROFILE)
    found = look_up("acme-voice", inventory_dir=str(tmp_path))
    assert (found["reviewed_on"], found["valid_until"]) == ("2026-10-01", "2027-03-31")
    one, other = (validate(raw, POLICY, concerns=None, today=TODAY) for raw in (found, PROFILE))
    assert one == other


def test_an_unknown_name_tells_where_it_was_sought_and_what_there_is(places: dict[str, Path]) -> None:
    given = variables(places)
    write(places["directory"], "acme-voice")
    write(places["playbook"], "Not A Name")
    sought = ", ".join(str(place / "providers") for place in places.values())
    assert refusal("acme", **given) == (
        f"provider profile 'acme': no acme.yml in {sought}, {SHIPPED}; there are: acme-voice, {NAMES}"
    )


@pytest.mark.parametrize(
    "name",
    ["../secret", "a/b", "/etc/passwd", "..", "", "Acme", "-a", "a.yml", "a\n", "a" * 41, 5, None, ["twilio"]],
)
def test_a_term_that_is_no_name_is_refused(tmp_path: Path, name: Any) -> None:
    (tmp_path / "secret.yml").write_text("name: secret\n", encoding="utf-8")
    assert refusal(name, inventory_dir=str(tmp_path)) == (
        f"provider profile {name!r}: not a name;"
        " a name has up to 40 lower-case letters, digits, - and _, beginning with a letter or digit"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        # libyaml's words.
        ("name: acme\nmedia: [1\n", "{path}, line 3: not valid YAML: did not find expected ',' or ']'"),
        (
            "name: acme\nmedia: [a]\nmedia: [b]\n",
            "{path}, line 3: not valid YAML: repeated key 'media'",
        ),
        (
            "name: acme\nmedia: !!python/object:os.system x\n",
            "{path}, line 2: not valid YAML: could not determine a constructor for the tag"
            " 'tag:yaml.org,2002:python/object:os.system'",
        ),
        ("- name: acme\n", "{path}: not a provider profile, which is a mapping"),
        ("", "{path}: not a provider profile, which is a mapping"),
        ("name: other\n", "{path}: name is 'other'; in this file it must be 'acme'"),
        ("title: Acme\n", "{path}: name is None; in this file it must be 'acme'"),
        ("name: acme\nreviewed_on: 2026-13-01\n", "{path}: not valid YAML: month must be in 1..12"),
    ],
)
def test_a_file_that_is_no_profile_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, "acme")
    path.write_text(text, encoding="utf-8")
    assert refusal("acme", inventory_dir=str(tmp_path)) == message.format(path=path)


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "acme")
    path.write_bytes(b"name: \xff\n")
    assert refusal("acme", inventory_dir=str(tmp_path)).startswith(f"{path}: cannot be read: 'utf-8' codec")
