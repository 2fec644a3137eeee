"""What is answered about a site: every error at once, named by the answer, and what comes of good ones."""

from __future__ import annotations

from datetime import date
from pathlib import PurePath
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.onboarding import answers
from ansible_collections.voip.hardening.plugins.module_utils.onboarding.existing import Device, Existing
from ansible_collections.voip.hardening.plugins.module_utils.onboarding.site import Site
from ansible_collections.voip.hardening.plugins.module_utils.policy.reading import Report
from tests.support.policies import provider

NOBODY = Existing({}, {})
GOOD: dict[str, Any] = {
    "site": "north", "address": "192.0.2.1", "platform": "draytek", "user": "admin", "password": "s3cret-of-north",
    "provider": "acme-voice", "vlan_id": "40", "vlan_subnet": "10.40.0.0/24",
    "management_networks": "10.0.0.0/24, 10.255.0.0/24",
}  # fmt: skip
CSV = "mac,vendor,model,firmware,address,name\n80:5e:c0:00:00:01,,T54W,96.86.0.45,,desk-101\n"


def read(inventory: Existing = NOBODY, again: bool = False, csv: str = CSV, **changes: Any) -> tuple[Site, list[str]]:
    """The site and the errors, of the good answers with changes; None takes one away."""

    def profile_named(name: object) -> dict[str, Any]:
        if name != "acme-voice":
            raise ValueError(f"there is no {name}")
        return provider()

    def csv_file(path: PurePath) -> str:
        if path.suffix != ".csv":
            raise ValueError("no such file")
        return csv

    given = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    report = Report()
    site, _notes = answers.read(
        given, profile_named=profile_named, csv_file=csv_file, inventory=inventory, again=again, today=date.today(),
        report=report,
    )  # fmt: skip
    return site, [str(error) for error in report.errors]


def test_good_answers_make_a_site() -> None:
    policy = {"voice_vlan": {"parent_interface": "lan"}}
    site, errors = read(policy=policy, phones="phones.csv", address="192.0.2.1:2222")
    assert errors == []
    assert (site.firewall, site.host, site.port, site.platform) == ("north-fw1", "192.0.2.1", 2222, "draytek")
    assert site.policy == {
        "transport": "tls",
        "voice_vlan": {"parent_interface": "lan", "id": 40, "subnet": "10.40.0.0/24"},
        "management": {"networks": ["10.0.0.0/24", "10.255.0.0/24"]},
    }
    assert [phone.as_dict() for phone in site.phones] == [{
        "name": "north-desk-101", "mac": "80:5e:c0:00:00:01", "vendor": "yealink", "model": "T54W",
        "firmware": "96.86.0.45", "address": "",
    }]  # fmt: skip
    assert sorted(site.secrets) == ["ansible_password"]
    assert "s3cret" not in repr(site)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"site": None}, "voip_onboard_site: missing"),
        ({"site": "North Office"}, 'voip_onboard_site: "North Office" is not allowed'),
        ({"site": "../../etc"}, 'voip_onboard_site: "../../etc" is not allowed'),
        ({"site": "phones"}, 'voip_onboard_site: "phones" is not allowed'),
        ({"site": "fortigates"}, 'voip_onboard_site: "fortigates" is not allowed'),
        ({"address": ""}, "voip_onboard_address: missing"),
        ({"address": "https://192.0.2.1/"}, "voip_onboard_address: "),
        ({"address": "192.0.2.1:99999"}, 'voip_onboard_address: "99999" is not allowed; a port'),
        ({"port": "ssh"}, 'voip_onboard_port: "ssh" is not allowed; a port'),
        ({"platform": "cisco"}, 'voip_onboard_platform: "cisco" is not allowed; auto, or one of draytek'),
        ({"password": ""}, "voip_onboard_password: missing"),
        ({"platform": "", "user": ""}, "voip_onboard_user: missing; it needs an account with its password"),
        ({"platform": "fortios", "user": "", "password": ""}, "voip_onboard_access_token: missing"),
        ({"password": ["s3cret"]}, "voip_onboard_password: *** is not allowed; text"),
        ({"provider": ""}, "voip_onboard_provider: missing"),
        ({"provider": "nobody"}, 'voip_onboard_provider: "nobody" is not allowed; there is no nobody'),
        ({"transport": "sctp"}, 'voip_onboard_transport: "sctp" is not allowed'),
        ({"vlan_id": "5000"}, "voip_onboard_vlan_id: 5000 is not allowed; a VLAN id from 1 to 4094"),
        ({"vlan_id": None}, "voip_onboard_vlan_id: missing"),
        ({"vlan_subnet": "10.40.0.1/24"}, 'voip_onboard_vlan_subnet: "10.40.0.1/24" is not allowed'),
        ({"management_networks": "10.0.0.0/24 here"}, 'voip_onboard_management_networks[1]: "here" is not allowed'),
        ({"management_networks": None}, "voip_onboard_management_networks: missing"),
        ({"provisioning_url": "http://p.example.com/"}, "voip_onboard_provisioning_url: "),
        ({"policy": {"voice_vlan": {"gatway": "10.40.0.1"}}}, "voip_onboard_policy.voice_vlan.gatway: unknown key"),
        ({"policy": "all"}, "voip_onboard_policy: "),
        ({"variables": {"name": "x"}}, 'voip_onboard_variables: "name" is not allowed; names that begin with voip_'),
        ({"variables": {"voip_policy": {}}}, 'voip_onboard_variables: "voip_policy" is not allowed'),
        ({"phones": "phones.txt"}, 'voip_onboard_phones: "phones.txt" is not allowed; a list of phones, or the path'),
        ({"phones": [{"mac": "80:5e:c0"}]}, 'voip_onboard_phones[0].mac: "80:5e:c0" is not allowed'),
        ({"phones": [{"mac": "80:5e:c0:00:00:01", "modell": "T54W"}]}, "voip_onboard_phones[0].modell: unknown key"),
        ({"phones": [{"mac": "80:5e:c0:00:00:01", "firmware": "96.86.0.45"}]}, "voip_onboard_phones[0].model: missing"),
        ({"phones": [{"mac": "00:00:5e:00:53:01", "model": "X"}]}, "voip_onboard_phones[0].vendor: missing"),
        ({"phones": [{"mac": "80:5e:c0:00:00:01", "address": "a b"}]}, 'voip_onboard_phones[0].address: "a b"'),
        ({"phones": [{"mac": "80:5e:c0:00:00:01", "address": "h", "name": "a/b"}]}, "voip_onboard_phones[0].name"),
        ({"colour": "red"}, "voip_onboard_colour: unknown key"),
    ],
)  # fmt: skip
def test_a_bad_answer_is_named(changes: dict[str, Any], error: str) -> None:
    _site, errors = read(**changes)
    assert len(errors) == 1, errors
    assert errors[0].startswith(error)
    assert "s3cret" not in errors[0]


@pytest.mark.parametrize(
    ("csv", "error"),
    [
        ("", "voip_onboard_phones line 1: its first line is not allowed; the names of the columns"),
        ("model\nT54W\n", "voip_onboard_phones line 1: its first line is not allowed"),
        ("mac,modell\n80:5e:c0:00:00:01,T54W\n", "voip_onboard_phones line 1: unknown key"),
        ("mac\n80:5e:c0:00:00:01,T54W\n", "voip_onboard_phones line 2: a line with 2 fields is not allowed"),
        ("mac,address\n\n80:5e:c0:00:00:0x,192.0.2.9\n", 'voip_onboard_phones line 3.mac: "80:5e:c0:00:00:0x"'),
        ('mac\n"80:5e', "voip_onboard_phones: the file is not allowed; comma-separated values"),
        (CSV + "805EC0000001,,T54W,96.86.0.45,,desk-102\n", "voip_onboard_phones line 3.mac: "),
        (CSV + "80:5e:c0:00:00:02,,T54W,96.86.0.45,,desk-101\n", "voip_onboard_phones line 3.name: "),
    ],
)
def test_a_bad_line_of_a_csv_file_is_named(csv: str, error: str) -> None:
    _site, errors = read(phones="phones.csv", csv=csv)
    assert len(errors) == 1, errors
    assert errors[0].startswith(error)


def test_what_others_have_is_refused() -> None:
    others = Existing(
        {"south": ["south-fw1"], "east": []},
        {
            "south-fw1": Device("192.0.2.1", "", "draytek"),
            "south-desk": Device("192.0.2.9", "", "yealink", "80-5E-C0-00-00-01"),
            "west-fw1": Device("192.0.2.1", "2222", "draytek"),
        },
    )
    phone = {"mac": "80:5e:c0:00:00:01", "model": "T54W", "firmware": "96.86.0.45", "address": "192.0.2.9"}
    _site, errors = read(others, phones=[phone])
    assert [error.partition(":")[0] for error in errors] == [
        "voip_onboard_address", "voip_onboard_address", "voip_onboard_phones[0].mac", "voip_onboard_phones[0].address",
    ]  # fmt: skip
    assert read(others, port=22)[1] == [errors[0]]
    assert read(others, address="192.0.2.7", site="south")[1][0].startswith('voip_onboard_site: "south" is not allowed')
    # The same site once more has its own address and name.
    assert read(others, site="south", port=22, again=True)[1] == []


# What Ansible would carry out


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"user": "{{lookup('pipe','id')}}"}, "user", "\"{{lookup('pipe','id')}}\""),
        ({"user": "a{%set(b=1)%}"}, "user", '"a{%set(b=1)%}"'),
        ({"password": "hidden-{{1}}"}, "password", "***"),
        ({"platform": "fortios", "user": "", "password": "", "access_token": "hidden-{#1#}"}, "access_token", "***"),
        ({"platform": "pfsense", "private_key_file": "/keys/{{1}}"}, "private_key_file", '"/keys/{{1}}"'),
        ({"variables": {"voip_note": {"deep": ["{{ 1 }}"]}}}, "variables.voip_note.deep[0]", '"{{ 1 }}"'),
        ({"phones": "{{ 1 }}.csv"}, "phones", '"{{ 1 }}.csv"'),
    ],
)  # fmt: skip
def test_a_template_is_no_answer(changes: dict[str, Any], field: str, value: str) -> None:
    """What is written into an inventory is carried out by every run that reads it."""
    _site, errors = read(**changes)
    assert errors == [
        f"voip_onboard_{field}: {value} is not allowed; text without {{{{, {{% and {{#, which Ansible would carry out"
    ]


def test_braces_alone_are_no_template() -> None:
    assert read(password="}{x{y}z")[1] == []
