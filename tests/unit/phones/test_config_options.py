"""What phone_config is given wrongly is told by field, value and what is allowed, before any phone is contacted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.doc_fragments.phone import ModuleDocFragment
from ansible_collections.voip.hardening.plugins.module_utils.module import Failure
from ansible_collections.voip.hardening.plugins.module_utils.phones.config_module import prepare
from ansible_collections.voip.hardening.plugins.module_utils.phones.config_options import SPEC
from ansible_collections.voip.hardening.plugins.modules import phone_config
from tests.support.policies import policy, provider

PASSWORDS = {"admin": "Adm1nNotShownAnywhere", "user": "Us3rNotShownAnywhere1", "var": "Vx4rNotShownAnywhere22"}


def params(**changes: Any) -> dict[str, Any]:
    """Options that are right, but for what is given."""
    return {
        **{name: entry.get("default") for name, entry in SPEC.items()},
        "platform": "yealink", "mac": "80:5e:c0:12:34:56", "model": "T46U", "firmware": "108.86.0.90",
        "host": "192.0.2.41", "policy": policy(), "provider": provider(), "passwords": PASSWORDS,
        **changes,
    }


def test_what_is_right_is_taken() -> None:
    job = prepare(params(password="the one before"), check=False)
    assert [secret.reveal() for secret in job.candidates] == [PASSWORDS["admin"], "the one before"]
    assert (job.username, job.target.port, job.target.validate_certs, job.audit) == ("admin", None, True, False)


def test_passwords_of_a_store_come_first_and_no_more_than_two() -> None:
    job = prepare(params(login_passwords=["pending", "current"], password="another"), check=False)
    assert [secret.reveal() for secret in job.candidates] == ["pending", "current"]
    job = prepare(params(login_passwords=["pending"], passwords={**PASSWORDS, "admin": "pending-and-long-enough"},
                         password="pending"), check=False)
    assert [secret.reveal() for secret in job.candidates] == ["pending", "pending-and-long-enough"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"platform": "snom"}, 'platform: "snom" is not allowed; one of yealink, poly (ansible_network_os)'),
        ({"mac": "x"}, 'mac: "x"'),
        ({"host": ""}, "host: missing"),
        ({"host": "https://192.0.2.1"}, 'host: "https://192.0.2.1"'),
        ({"port": 0}, "port: 0"),
        ({"timeout": 0}, "timeout: 0"),
        ({"connect_timeout": 10**6}, "connect_timeout: 1000000"),
        ({"fingerprint": "12:34"}, 'fingerprint: "12:34"'),
        ({"username": "a b"}, 'username: "a b"'),
        ({"platform": "poly", "model": "VVX 450", "firmware": "6.4.6.2453", "username": "admin",
          "passwords": {"admin": PASSWORDS["admin"], "user": PASSWORDS["user"]}}, 'username: "admin"'),
        ({"passwords": {"admin": "short"}}, "passwords: "),
        ({"passwords": None}, "password: missing"),
        ({"provisioning_user": "north"}, "provisioning_password: missing"),
        ({"secrets_file": "phones.yml"}, 'secrets_file: "phones.yml"'),
        ({"policy": {"transport": "pigeon"}}, "voip_policy.transport"),
        ({"firmware": None}, "firmware: missing"),
    ],
)
def test_what_is_wrong_is_told(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(Failure) as raised:
        prepare(params(**changes), check=False)
    assert any(line.startswith(message) for line in raised.value.result["errors"]), raised.value.result["errors"]
    assert not [secret for secret in (*PASSWORDS.values(), "short") if f"{secret!r}" in raised.value.message]


def test_all_errors_come_at_once() -> None:
    with pytest.raises(Failure) as raised:
        prepare(params(mac="x", host="", port=0, fingerprint="z"), check=False)
    assert len(raised.value.result["errors"]) == 4


def test_gathered_needs_no_policy_and_rendered_no_phone() -> None:
    prepare(params(state="gathered", policy=None, provider=None, passwords=None, password="x"), check=False)
    prepare(params(state="rendered", host=None, passwords=None), check=False)


def test_the_documentation_has_every_option_and_default() -> None:
    import yaml

    shared = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
    documented = {**shared, **yaml.safe_load(phone_config.DOCUMENTATION)["options"]}
    assert set(documented) == set(SPEC)
    for name, entry in SPEC.items():
        assert documented[name].get("default") == entry.get("default"), name
        assert documented[name]["type"] == entry["type"], name
        assert documented[name].get("choices") == entry.get("choices"), name


def test_paths_are_not_needed_for_a_store_that_is_not_there_yet(tmp_path: Path) -> None:
    prepare(params(secrets_file=str(tmp_path / "phones.yml"), passwords=None, password="x"), check=False)
