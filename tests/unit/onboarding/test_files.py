"""The files of a site: whose they are, what they hold, and what is shown of them."""

from __future__ import annotations

import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voip.hardening.plugins.module_utils.onboarding import files
from ansible_collections.voip.hardening.plugins.module_utils.onboarding.phone_list import recognised
from ansible_collections.voip.hardening.plugins.module_utils.onboarding.site import Phone, Site
from ansible_collections.voip.hardening.plugins.module_utils.policy.reading import Report
from ansible_collections.voip.hardening.plugins.module_utils.secret import Secret

CIPHERTEXT = "$ANSIBLE_VAULT;1.1;AES256\n" + "36333634\n" * 3
SITE = Site(
    name="mill_road", platform="pfsense", host="192.0.2.1", port=22, username="admin", password=Secret("hidden"),
    private_key_file="~/.ssh/voip", provider="acme-voice", policy={"voice_vlan": {"id": 40}},
    variables={"voip_timeout": 60},
    phones=(Phone(where="phones[0]", name="mill-road-desk", mac="64:16:75:00:00:01", vendor="poly", model="VVX 450"),),
)  # fmt: skip
WRITTEN = {file.path: file for file in files.files_of(SITE, "SHA256:abc", {"ansible_password": CIPHERTEXT})}


def test_a_site_is_three_files() -> None:
    assert [(file.path, file.mode) for file in WRITTEN.values()] == [
        ("host_vars/mill-road-fw1.yml", 0o600), ("group_vars/mill_road.yml", 0o640), ("site-mill_road.yml", 0o640),
    ]  # fmt: skip
    hosts = yaml.safe_load(WRITTEN["site-mill_road.yml"].text)
    assert hosts["firewalls"]["children"]["pfsenses"]["hosts"] == {"mill-road-fw1": {}}
    assert hosts["mill_road"]["hosts"] == {
        "mill-road-fw1": {
            "ansible_host": "192.0.2.1", "ansible_network_os": "pfsense", "ansible_user": "admin",
            "ansible_ssh_private_key_file": "~/.ssh/voip",
        },
        # YAML would take this address for a number to the base of sixty if it were not quoted.
        "mill-road-desk": {
            "ansible_network_os": "poly", "voip_phone_mac": "64:16:75:00:00:01", "voip_phone_model": "VVX 450",
        },
    }  # fmt: skip
    assert yaml.safe_load(WRITTEN["group_vars/mill_road.yml"].text) == {
        "voip_site": "mill_road", "voip_provider": "acme-voice", "voip_policy": {"voice_vlan": {"id": 40}},
        "voip_timeout": 60,
    }  # fmt: skip
    assert files.ciphertexts(WRITTEN["host_vars/mill-road-fw1.yml"].text) == {"ansible_password": CIPHERTEXT}


def test_a_file_is_ours_until_somebody_changes_it() -> None:
    for file in WRITTEN.values():
        assert files.is_ours(file.text)
        for changed in (file.text + "a: 1\n", file.text.replace("---\n", "---\n# mine\n"), file.text[:-1], ""):
            assert not files.is_ours(changed)


def test_no_secret_is_shown() -> None:
    shown = files.without_secrets(WRITTEN["host_vars/mill-road-fw1.yml"].text, ("ansible_password",))
    assert shown == "---\nvoip_fingerprint: SHA256:abc\nansible_password: !vault *** (new)\n"
    theirs = "---\napi_token: abc\nsnmp_community: 'public'\nwifi:\n  psk: xyz\nport: 8443\nold: !vault |\n  $A\n  66\n"
    assert files.without_secrets(theirs) == (
        "---\napi_token: ***\nsnmp_community: ***\nwifi:\n  psk: ***\nport: 8443\nold: !vault ***\n"
    )
    assert files.without_secrets(CIPHERTEXT) == "*** (encrypted)\n"


@given(st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1), st.integers(1, 65535))
def test_any_text_is_read_back_as_it_was(text: str, port: int) -> None:
    site = Site(
        name="north", platform="draytek", host="192.0.2.1", port=port, username=text, variables={"voip_x": text}
    )
    written = {file.path: yaml.safe_load(file.text) for file in files.files_of(site, "SHA256:x", {})}
    assert written["group_vars/north.yml"]["voip_x"] == text
    host = written["site-north.yml"]["north"]["hosts"]["north-fw1"]
    assert host["ansible_user"] == text
    assert host.get("ansible_port", 22) == port


def test_a_phone_is_completed_by_what_it_says_and_must_not_contradict() -> None:
    phone = Phone(
        where="p", name="n", mac="80:5e:c0:00:00:01", vendor="yealink", address="192.0.2.9", firmware="96.85.0.5"
    )
    report = Report()
    says = {"vendor": "yealink", "model": "T54W", "release": "96.86.0.45", "mac": "805ec0000001"}
    whole = recognised(phone, says, report)
    assert (whole.model, whole.firmware, report.errors) == ("T54W", "96.86.0.45", [])
    for field, value in (("model", "T46S"), ("mac", "805ec0000002"), ("vendor", "poly")):
        report = Report()
        recognised(whole, {**says, field: value}, report)
        assert f"p.{field}" in [error.field for error in report.errors]
    report = Report()
    recognised(phone, {}, report)
    assert [str(error) for error in report.errors] == [
        "p.model: missing; it needs the model of the phone, such as T54W or VVX 450, which the phone at 192.0.2.9 does"
        " not tell"
    ]
