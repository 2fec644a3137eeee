"""Variables and options beside profile and policy that are not allowed, and the exact errors that they get."""

from __future__ import annotations

from typing import Any

from tests.promises.bad_input.wording import (
    CONCERNS,
    DATE,
    NAME,
    PROFILE_KEYS,
    SECONDS,
    SERVERS,
    SOURCE,
    TEXT,
    changed,
    good,
    told,
)
from tests.promises.base import BadInput

_PROFILE_FORMS = (
    ("name", NAME),
    ("title", "one line of text"),
    ("signalling", "a list of at least one network of the provider's signalling"),
    ("media", "a list of at least one network of the provider's media"),
    ("sip_ports", "the ports of at least one transport of tls, tcp, udp"),
    ("rtp_ports", "a list of UDP ports for media, such as [10000-20000]"),
    ("srtp", "one of required, optional, none"),
    ("reviewed_on", DATE),
    ("valid_until", DATE),
    ("source", SOURCE),
)
_NO_PROFILE = (
    *(f"voip_provider.{field}: missing; it needs {form}" for field, form in _PROFILE_FORMS),
    f"voip_policy.voice_vlan.dns_servers: missing; it needs {SERVERS}, because the provider profile names none",
)
_NO_POLICY = (
    "voip_policy.voice_vlan: missing; it needs the voice VLAN, for sip_allowlist and voice_vlan",
    "voip_policy.management: missing; it needs the networks from which the device is administered, for"
    " management_access",
)
_HOST = "an IP address or a name, without port and scheme (ansible_host)"
_STATE = "value of state must be one of: replaced, deleted, gathered, rendered, got: {}"
_MAPPING = "a mapping"


def _variables(label: str, errors: tuple[str, ...], **variables: Any) -> BadInput:
    return BadInput(label, variables, errors)


def each(variable: str, option: str, allowed: str, *values: Any) -> tuple[BadInput, ...]:
    """One variable with each of these values."""
    return tuple(
        BadInput(f"{variable}-{number}", {variable: value}, (f"{option}: {told(value)} is not allowed; {allowed}",))
        for number, value in enumerate(values)
    )


VARIABLES: tuple[BadInput, ...] = (
    *each("voip_provider", "voip_provider", f"a mapping of {PROFILE_KEYS}", 5, True, ["acme-voice"]),
    _variables(
        "an empty list for a provider",
        (f"voip_provider: a list of 0 items is not allowed; a mapping of {PROFILE_KEYS}",),
        voip_provider=[],
    ),
    _variables("no provider", _NO_PROFILE, voip_provider=None),
    _variables("nothing about the provider", _NO_PROFILE, voip_provider={}),
    _variables(
        "provider by a path", (f"provider profile '../acme': not a name; a name has {NAME}",), voip_provider="../acme"
    ),
    _variables("provider by nothing", (f"provider profile '': not a name; a name has {NAME}",), voip_provider=""),
    *each("voip_policy", "policy", _MAPPING, "tls", 5, True, ["tls"], "transport=tls"),
    _variables("an empty list for a policy", ("policy: a list of 0 items is not allowed; a mapping",), voip_policy=[]),
    _variables("no policy", _NO_POLICY, voip_policy=None),
    _variables("nothing in the policy", _NO_POLICY, voip_policy={}),
    *each("ansible_host", "host", _HOST, "https://10.0.0.1", "fw1:8443", "fw 1", "10.0.0.1/24", "fw1..example.com"),
    _variables("host with a password", (f'host: "***@fw1" is not allowed; {_HOST}',), ansible_host="admin:hunter2@fw1"),
    *each("ansible_port", "port", "a port from 1 to 65535", 0, 65536, -1),
    *(
        _variables(
            f"token of another kind {token!r}", (f"access_token: *** is not allowed; {TEXT}",), voip_access_token=token
        )
        for token in (True, 1.5, ["token"], {"token": "x"})
    ),
    *(
        _variables(
            f"password of another kind {password!r}",
            (f"password: *** is not allowed; {TEXT}",),
            ansible_user="admin",
            ansible_password=password,
        )
        for password in (False, 0.5)
    ),
    *each("ansible_user", "username", TEXT, True),
    *each("voip_fingerprint", "fingerprint", TEXT, True, ["ab"]),
    *each("voip_ca_path", "ca_path", TEXT, True, ["/etc/ssl"]),
    *each("voip_validate_certs", "validate_certs", "true or false", "perhaps", 2, ["yes"]),
    *each("voip_known_hosts", "known_hosts", TEXT, True, ["known_hosts"]),
    *each("ansible_ssh_private_key_file", "private_key_file", TEXT, True),
    *each("ansible_private_key_file", "private_key_file", TEXT, True),
    *each("voip_legacy_ssh", "legacy_ssh", "true or false", "perhaps", 2, ["yes"]),
    *each("voip_allow_reboot", "allow_reboot", "true or false", "tonight", 2, {"at": "03:00"}),
    *each("voip_clear_sessions", "clear_sessions", "true or false", "always", {"all": True}),
    *each("voip_connect_timeout", "connect_timeout", SECONDS, 0, -5, 86401),
    *each("voip_timeout", "timeout", SECONDS, 0, 10**12),
    *(
        BadInput(
            f"{name} in words {value!r}", {name: value}, (f"{option}: {told(value)} is not allowed; a whole number",)
        )
        for name, option in (("voip_connect_timeout", "connect_timeout"), ("voip_timeout", "timeout"))
        for value in ("soon", True, 2.5, [5])
    ),
    *each("voip_reserved_objects", "reserved_objects", "a whole number", "half", True, 2.5, [64]),
    *each("voip_qos_class", "qos_class", "a whole number", "voice", True, 1.5, [1]),
    *each("voip_limiters", "limiters", f"a list, each item {TEXT}", True, 5, {"out": "up"}),
    *each("voip_transport", "transport", TEXT, True, ["ssh"]),
    *(
        _variables(
            f"transport {transport!r}",
            (f"value of transport must be one of: ssh, telnet, got: {transport}",),
            voip_transport=transport,
        )
        for transport in ("tls", "SSH", "")
    ),
    *each("voip_state", "state", TEXT, True, ["deleted"]),
    _variables("an unknown state", (_STATE.format("present"),), voip_state="present"),
    _variables(
        "an unknown concern",
        (f"value of concerns must be one or more of: {CONCERNS}. Got no match for: sip_algs",),
        voip_concerns=["sip_alg", "sip_algs"],
    ),
    _variables("no concern", (f"concerns: an empty list is not allowed; one or more of {CONCERNS}",), voip_concerns=[]),
    _variables(
        "concerns of another kind",
        (f"concerns: a mapping with 1 key is not allowed; a list, each item {TEXT}",),
        voip_concerns={"sip_alg": True},
    ),
    _variables(
        "no platform",
        ("platform: missing; it needs the kind of device, one of draytek, fortios, pfsense (ansible_network_os)",),
        ansible_network_os=None,
    ),
    _variables(
        "platform of another kind",
        (f"platform: a list of 1 item is not allowed; {TEXT}",),
        ansible_network_os=["fortios"],
    ),
    _variables(
        "an unknown platform",
        ("ansible_network_os: 'screenos' is not supported; one of draytek, fortios, pfsense",),
        ansible_network_os="screenos",
    ),
    *(
        _variables(
            f"no time to be {state}", (f"timeout: 0 is not allowed; {SECONDS}",), voip_state=state, voip_timeout=0
        )
        for state in ("deleted", "gathered")
    ),
    _variables(
        "a bad policy for something to be taken away",
        ("voip_policy.voice_vlan.id: 0 is not allowed; a VLAN id from 1 to 4094",),
        voip_state="deleted",
        **changed(good(), "voip_policy.voice_vlan.id", 0),
    ),
    _variables("nothing to be rendered", _NO_POLICY, voip_state="rendered", voip_policy=None),
    _variables(
        "options and policy",
        (
            'host: "fw 1" is not allowed; ' + _HOST,
            f"timeout: 0 is not allowed; {SECONDS}",
            'voip_policy.transport: "sctp" is not allowed; one of tls, tcp, udp',
        ),
        ansible_host="fw 1",
        voip_timeout=0,
        **changed(good(), "voip_policy.transport", "sctp"),
    ),
)

OPTIONS = (
    "state, provider, policy, platform, host, port, username, password, private_key_file, access_token, validate_certs,"
    " ca_path, fingerprint, connect_timeout, timeout, known_hosts, legacy_ssh, transport, vdoms, reserved_objects,"
    " qos_class, limiters, allow_reboot, model, version, clear_sessions"
)

# Options of a task: what the table above has by variables, and what no variable can hold.
OF_A_TASK: tuple[tuple[dict[str, Any], str], ...] = (
    ({"polcy": {}}, 'polcy: unknown key; did you mean "policy"? known: {}'),
    ({"secret": "x"}, "secret: unknown key; known: {}"),
    ({"port": "https"}, 'port: "https" is not allowed; a whole number'),
    ({"port": True}, "port: true is not allowed; a whole number"),
    ({"username": ["admin"]}, f"username: a list of 1 item is not allowed; {TEXT}"),
    ({"password": ["hunter2"]}, f"password: *** is not allowed; {TEXT}"),
    ({"private_key_file": ["id_ed25519"]}, f"private_key_file: a list of 1 item is not allowed; {TEXT}"),
    ({"version": 7.4}, f"version: 7.4 is not allowed; {TEXT}"),
    ({"model": True}, f"model: true is not allowed; {TEXT}"),
    ({"state": "present"}, _STATE.format("present")),
    ({"host": "fw 1"}, f'host: "fw 1" is not allowed; {_HOST}'),
    ({"provider": 5}, f"voip_provider: 5 is not allowed; a mapping of {PROFILE_KEYS}"),
    ({"policy": ["tls"]}, "policy: a list of 1 item is not allowed; a mapping"),
    (
        {"policy": changed(good(), "voip_policy.voice_vlan.id", 0)["voip_policy"]},
        "voip_policy.voice_vlan.id: 0 is not allowed; a VLAN id from 1 to 4094",
    ),
)
