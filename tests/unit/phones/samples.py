"""Phones, policies and folders for the tests of provisioning, and strategies that make any of them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from ansible_collections.voip.hardening.plugins.module_utils.phones.intents import Credentials
from ansible_collections.voip.hardening.plugins.module_utils.phones.passwords import accounts_of
from ansible_collections.voip.hardening.plugins.module_utils.phones.phone import Phone, read_phone
from ansible_collections.voip.hardening.plugins.module_utils.phones.publishing import Order
from ansible_collections.voip.hardening.plugins.module_utils.phones.vendors import vendor_of
from ansible_collections.voip.hardening.plugins.module_utils.phones.yealink import COMMON_FILES
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import SitePolicy
from ansible_collections.voip.hardening.plugins.module_utils.policy.phones import SWITCHES, UNCONFIRMED
from ansible_collections.voip.hardening.plugins.module_utils.policy.reading import Report
from ansible_collections.voip.hardening.plugins.module_utils.policy.validation import validate
from ansible_collections.voip.hardening.plugins.module_utils.secret import Secret
from tests.devices.phones.certificates import Authority, name
from tests.unit.policy.samples import PROFILE, TODAY

YEALINK_MAC, POLY_MAC = "805ec0123456", "64167f123456"
URL = "https://provisioning.example.com/north/"
VLAN: dict[str, Any] = {"id": 40, "subnet": "10.40.0.0/24", "provisioning_url": URL}
PASSWORDS = {"admin": "Adm1nNotShownAnywhere", "user": "Us3rNotShownAnywhere1", "var": "Vx4rNotShownAnywhere22"}
PROVISIONING_PASSWORD = "Pr0visNotShownAnywhere"

AUTHORITY = Authority(name("Site CA")).pem.decode()

MODELS = {
    "yealink": "T54W",
    "poly": "VVX 450",
    "grandstream": "GRP2614",
    "snom": "D785",
    "fanvil": "X4U",
    "cisco_mpp": "8841",
}
FIRMWARE = {"yealink": "96.86.0.45", "poly": "6.4.6.2453"}
MACS = {"yealink": YEALINK_MAC, "poly": POLY_MAC}


def site(phones: dict[str, Any] | None = None, provider: dict[str, Any] | None = None, **policy: Any) -> SitePolicy:
    """A validated site policy with this section of phones; keywords are keys of the policy."""
    raw = {"voice_vlan": VLAN, "phones": phones or {}, **policy}
    return validate({**PROFILE, **(provider or {})}, raw, concerns=(), today=TODAY).policy


def phone(vendor: str = "yealink", **options: Any) -> Phone:
    """A phone of the vendor; keywords are options of the module."""
    report = Report()
    read = read_phone(
        {
            "platform": vendor,
            "mac": MACS.get(vendor, "000413123456"),
            "model": MODELS[vendor],
            "firmware": FIRMWARE.get(vendor),
            "lines": [1],
            **options,
        },
        report,
    )
    assert read is not None, report.errors
    return read


def credentials(vendor: str) -> Credentials:
    """A password for each account of the vendor's phones, and what they show to the server."""
    return Credentials(
        passwords={account: Secret(PASSWORDS[account]) for account in accounts_of(vendor)},
        provisioning_user="north-805ec0123456",
        provisioning_password=Secret(PROVISIONING_PASSWORD),
    )


def order(vendor: str = "yealink", policy: SitePolicy | None = None, one: Phone | None = None, **options: Any) -> Order:
    """An order for a phone of the vendor."""
    return Order(
        vendor=vendor_of(one or phone(vendor)),
        phone=one or phone(vendor),
        policy=policy or site(),
        credentials=credentials(vendor),
        **options,
    )


# Strategies

PHONES_SECTIONS = st.fixed_dictionaries(
    {},
    optional={
        "provisioning_owner": st.sampled_from(["site", "provider"]),
        "web_interface": st.sampled_from(["https_only", "off"]),
        "web_session_minutes": st.integers(1, 1000),
        "lockout": st.fixed_dictionaries(
            {},
            optional={
                "attempts": st.integers(3, 20),
                "window_seconds": st.integers(60, 300),
                "lock_seconds": st.integers(60, 300),
            },
        ),
        "action_uri_from": st.lists(st.sampled_from(["192.0.2.9", "198.51.100.7", "203.0.113.4"]), max_size=3),
        "rest_api": st.booleans(),
        "registrar_only": st.booleans(),
        "srtp": st.sampled_from(["required", "optional"]),
        "vlan_assignment": st.sampled_from(["lldp", "static"]),
        "pc_port": st.sampled_from(["unchanged", "off"]),
        "switch_off": st.lists(st.sampled_from(SWITCHES), unique=True),
        "authority": st.just(AUTHORITY),
        "syslog": st.fixed_dictionaries(
            {"server": st.sampled_from(["192.0.2.51", "log.example.com"])},
            optional={"port": st.integers(1, 65535), "transport": st.sampled_from(["udp", "tcp", "tls"])},
        ),
        "firmware": st.fixed_dictionaries(
            {"source": st.just("https://fw.example.com/phones")},
            optional={"files": st.just({"T54W": "T54W-96.87.0.15.rom", "T46S": "T46S-66.86.0.15.rom"})},
        ),
        "onboarding": st.booleans(),
        "unconfirmed": st.lists(st.sampled_from(UNCONFIRMED), unique=True),
    },
)
POLICIES = st.builds(
    lambda phones, transport, vlan, priority: site(
        phones, transport=transport, voice_vlan={**vlan, "priority": priority}
    ),
    PHONES_SECTIONS,
    st.sampled_from(["tls", "tcp", "udp"]),
    st.sampled_from([VLAN, {key: value for key, value in VLAN.items() if key != "provisioning_url"}]),
    st.integers(0, 7),
)
LINES = st.lists(st.integers(1, 16), min_size=1, max_size=3, unique=True)
YEALINKS = st.builds(
    lambda model, prefix, release, customer, lines: phone(
        model=model, firmware=f"{prefix}.{release}.{customer}.15", lines=lines
    ),
    st.sampled_from(sorted(COMMON_FILES)),
    st.sampled_from([66, 96, 108, 124]),
    st.integers(80, 88),
    st.sampled_from([0, 14]),
    LINES,
)
POLYS = st.builds(
    lambda model, firmware, lines: phone("poly", model=model, firmware=firmware, lines=lines),
    st.sampled_from(["VVX 350", "VVX 450", "VVX 601"]),
    st.sampled_from(["5.9.5.0614", "6.3.1.8427", "6.4.6.2453"]),
    LINES,
) | st.builds(
    lambda model, firmware, lines: phone("poly", model=model, firmware=firmware, lines=lines),
    st.sampled_from(["Edge E550", "CCX 500"]),
    st.sampled_from(["8.1.0.12045", "8.3.1.0123"]),
    LINES,
)
ANY_PHONE = YEALINKS | POLYS


def any_order(one: Phone, policy: SitePolicy) -> Order:
    """The order for a phone that a strategy made."""
    return order(one.vendor, policy, one)
