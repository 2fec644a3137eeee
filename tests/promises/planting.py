"""Hosts for a stage: secrets in every place where a user can put one, mishaps of units, and mistakes of the user's."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.parsing.vault import VaultLib, VaultSecret

from tests.promises.base import Mishap
from tests.promises.stage import VAULT_PASSWORD, Case, Stage
from tests.support.canaries import Canary
from tests.support.policies import policy

MASK = "***"
TEMPLATE = "{{nope}}{%x%}{#y#}"
"""What only a value that is marked as unsafe may hold."""

# Where a secret can stand: each writes it there, and returns what stands in the inventory instead.


def _inventory(_stage: Stage, _host: str, _name: str, secret: str) -> str | None:
    return secret


def _host_vars(stage: Stage, host: str, name: str, secret: str) -> str | None:
    stage.write(f"host_vars/{host}.yml", f"{name}: {json.dumps(secret, ensure_ascii=False)}\n", planted=True)
    return None


def _unsafe(stage: Stage, host: str, name: str, secret: str) -> str | None:
    stage.write(f"host_vars/{host}.yml", f"{name}: !unsafe {json.dumps(secret, ensure_ascii=False)}\n", planted=True)
    return None


def _encrypted(text: str) -> str:
    secret: str = VaultLib([("default", VaultSecret(VAULT_PASSWORD.encode()))]).encrypt(text).decode()
    return secret


def _vaulted(stage: Stage, host: str, name: str, secret: str) -> str | None:
    lines = "".join(f"  {line}\n" for line in _encrypted(secret).splitlines())
    stage.write(f"host_vars/{host}.yml", f"{name}: !vault |\n{lines}")
    return None


def _vault_file(stage: Stage, host: str, name: str, secret: str) -> str | None:
    text = f"{name}: {json.dumps(secret, ensure_ascii=False)}\n"
    stage.write(f"host_vars/{host}.yml", _encrypted(text))
    return None


def _group_vars(stage: Stage, host: str, _name: str, secret: str) -> str | None:
    line = f"secret_of_{host}: {json.dumps(secret, ensure_ascii=False)}\n"
    path = stage.here / "group_vars" / "all.yml"
    stage.write("group_vars/all.yml", (path.read_text(encoding="utf-8") if path.exists() else "") + line, planted=True)
    return f"{{{{ secret_of_{host} }}}}"


PLACES: Mapping[str, Callable[[Stage, str, str, str], str | None]] = {
    "inventory": _inventory,
    "host_vars": _host_vars,
    "unsafe": _unsafe,
    "vaulted": _vaulted,
    "vault_file": _vault_file,
    "group_vars": _group_vars,
}
STATES = {"replaced": "VOIPH-", "gathered": '"gathered": {', "rendered": '"rendered": [', "deleted": '"plan": ['}
"""Each with what its result holds."""


def secret_variable(variables: Mapping[str, Any], secret: str) -> str:
    """The one that holds what the unit lets in with."""
    (name,) = (name for name, value in variables.items() if value == secret)
    return name


def good_cases(stage: Stage, *places: str, states: Sequence[str] = tuple(STATES)) -> None:
    """Units that let in, by every way with a secret in every place; the states take turns."""
    turns = itertools.cycle(states)
    for (way, signs), place in itertools.product(stage.platform.ways.items(), places):
        host = f"{place}_{way}".replace(" ", "_")
        blank = " " if " " in signs else ""
        template = TEMPLATE if place == "unsafe" else ""
        canary = Canary.make(host, between=signs + template, before=blank, after=blank)
        live, state = stage.unit(canary.text, way), next(turns)
        variables = live.variables(voip_state=state)
        name = secret_variable(variables, canary.text)
        variables[name] = PLACES[place](stage, host, name, canary.text)
        given = {name: value for name, value in variables.items() if value is not None}
        stage.cases[host] = Case(live, given, [canary], words=(STATES[state],))


def mishap_case(stage: Stage, mishap: Mishap) -> None:
    """A unit with a mishap."""
    blank = " " if " " in mishap.between else ""
    canary = Canary.make(mishap.label, mishap.between, blank, blank)
    if mishap.short:
        canary = Canary.of(mishap.label, "Zq7")
    own = Canary.make(f"{mishap.label}: the unit's own secret")
    live = stage.unit(canary.text, mishap.way)
    variables = live.variables(**mishap.variables)
    mishap.plant(live, canary.text, own.text)
    name = mishap.label.replace(" ", "_")
    stage.cases[name] = Case(live, variables, [canary, own], mishap.kind, mishap.words, mishap.writing)


# Mistakes of the user's in a field beside the secret, or with the secret in a field where it does not belong. What
# changes is made of the secret and the name of its variable.
MISTAKES: Mapping[str, tuple[Callable[[str, str], dict[str, Any]], tuple[str, ...]]] = {
    "transport": (
        lambda _secret, name: {"voip_policy": policy(transport=_template(name))},
        (f'voip_policy.transport: "{MASK}" is not allowed',),
    ),
    "unknown key": (
        lambda secret, _name: {"voip_policy": {**policy(), secret: 1}},
        (f'voip_policy."{MASK}": unknown key',),
    ),
    "URL with a password": (
        lambda secret, _name: {
            "voip_policy": policy(voice_vlan={"provisioning_url": f"https://phone:{secret}@provisioning.example.com/"})
        },
        (f'voip_policy.voice_vlan.provisioning_url: "https://{MASK}@provisioning.example.com/" is not allowed',),
    ),
    "host with a password": (
        lambda secret, _name: {"ansible_host": f"admin:{secret}@10.0.0.1"},
        (f'host: "{MASK}@10.0.0.1" is not allowed',),
    ),
    "provider": (lambda _secret, name: {"voip_provider": _template(name)}, (f"provider profile '{MASK}'",)),
    "platform": (lambda _secret, name: {"ansible_network_os": _template(name)}, (MASK, "is not supported")),
    "seconds": (
        lambda _secret, name: {"voip_timeout": _template(name)},
        (f'timeout: "{MASK}" is not allowed; a whole number',),
    ),
    "state": (
        lambda _secret, name: {"voip_state": _template(name)},
        ("value of state must be one of", f"got: {MASK}"),
    ),
    "way of transport": (
        lambda _secret, name: {"voip_transport": _template(name)},
        ("value of transport must be one of", f"got: {MASK}"),
    ),
    "password for a state": (
        lambda secret, _name: {
            "voip_access_token": None,
            "ansible_user": "admin",
            "ansible_password": secret,
            "voip_state": "{{ ansible_password }}",
        },
        ("value of state must be one of", f"got: {MASK}"),
    ),
    "concern": (
        lambda _secret, name: {"voip_concerns": [_template(name)]},
        ("value of concerns must be one or more of", MASK),
    ),
    "fingerprint": (
        lambda _secret, name: {"voip_fingerprint": _template(name)},
        (f'fingerprint: "{MASK}" is not allowed',),
    ),
    "mapping for a token": (
        lambda secret, _name: {"voip_access_token": {"value": secret}},
        (f"access_token: {MASK} is not allowed",),
    ),
    "line end": (lambda secret, name: {name: f"{secret}\n"}, (f": {MASK} is not allowed; ",)),
    "line end of a password": (
        lambda secret, _name: {"voip_access_token": None, "ansible_user": "admin", "ansible_password": f"{secret}\n"},
        (f"password: {MASK} is not allowed",),
    ),
}
UNKNOWN = ("URL with a password", "host with a password")
"""Those with a secret that nobody named as one: by its place it is taken for it."""


def _template(name: str) -> str:
    return f"{{{{ {name} }}}}"


def mistake_case(stage: Stage, label: str) -> None:
    """A unit that would let in, and variables with a mistake."""
    changes, words = MISTAKES[label]
    canary, other = (Canary.make(name, between="\\'\"%&/\\n") for name in (label, f"another {label}"))
    live = stage.unit(canary.text)
    name = secret_variable(live.variables(), canary.text)
    variables = live.variables(**changes(other.text if label in UNKNOWN else canary.text, name))
    stage.cases[label.replace(" ", "_")] = Case(live, variables, [canary, other], "failed", words)


def undefined_case(stage: Stage) -> None:
    """A variable that cannot be worked out, in the lines below a secret."""
    canary = Canary.make("undefined")
    live = stage.unit(canary.text)
    name = secret_variable(live.variables(), canary.text)
    text = f'{name}: {canary.text}\nvoip_policy: {{transport: "{{{{ nope }}}}"}}\n'
    stage.write("host_vars/undefined.yml", text, planted=True)
    variables = live.variables(**{name: None}, voip_policy=None)
    stage.cases["undefined"] = Case(live, variables, [canary], "failed", ("voip_policy: ", "'nope' is undefined"))
