"""What is published over a provider's files, as phones take it that fetch it: for the shapes of public templates, and
for any policy, any folder and any phone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from ansible_collections.voip.hardening.plugins.module_utils.phones.phone import Phone as Described
from ansible_collections.voip.hardening.plugins.module_utils.phones.publishing import (
    Order,
    Plan,
    plan_publication,
    plan_removal,
)
from ansible_collections.voip.hardening.plugins.module_utils.phones.table import State, read, verdicts
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import SitePolicy
from tests.devices.phones import Authority, PolyPhone, Registrar, YealinkPhone
from tests.devices.phones.certificates import name
from tests.oracles.phones import insecure
from tests.support.phone_templates import (
    Template,
    poly_export,
    poly_master,
    poly_opened,
    poly_whole,
    yealink_boot,
    yealink_single,
)
from tests.unit.devices.phone_site import HOST, PORT, Site
from tests.unit.phones.samples import MACS, PHONES_SECTIONS, VLAN, order, phone, site
from tests.unit.phones.templates import FOLDERS

SERVER = "sip.example.com"
YEALINK, POLY = MACS["yealink"], MACS["poly"]
SYSLOG = {"server": "log.example.com", "transport": "tls"}
URL = f"https://{HOST}:{PORT}/"


class Provisioned:
    """A phone, its provisioning server, and the folder of the latter. ``site``: the server."""

    def __init__(self, site: Site, described: Described, policy: SitePolicy, theirs: Mapping[str, bytes]) -> None:
        self.site, self.described, self.policy = site, described, policy
        self.folder = dict(theirs)
        self.serve()

    def order(self, reapply: bool = False) -> Order:
        return order(self.described.vendor, self.policy, self.described, reapply=reapply)

    def plan(self, reapply: bool = False) -> Plan:
        return plan_publication(self.order(reapply), self.folder)

    def publish(self, plan: Plan) -> Plan:
        for write in plan.writes:
            if write.content is None:
                del self.folder[write.name]
            else:
                self.folder[write.name] = write.content
        self.serve()
        return plan

    def serve(self) -> None:
        self.site.files = {f"/{name}": content.decode() for name, content in self.folder.items()}

    def device(self, trusted: Authority, **hosts: str) -> YealinkPhone | PolyPhone:
        """The phone, which knows its server."""
        known = {**self.site.hosts, **{name.replace("_", "."): address for name, address in hosts.items()}}
        one = self.described
        if one.vendor == "yealink":
            start = {"static.auto_provision.server.url": URL}
            if one.release == 80:
                start = {"auto_provision.server.url": URL}
            return YealinkPhone(
                one.mac, one.model, one.firmware, settings=start, authorities=[trusted.pem], hosts=known
            )
        start = {"device.prov.serverType": "3", "device.prov.serverName": f"{HOST}:{PORT}"}
        return PolyPhone(one.mac, one.model, one.firmware, settings=start, built_in=[trusted.pem], hosts=known)

    def states(self, device: YealinkPhone | PolyPhone, plan: Plan) -> dict[str, State]:
        """What the phone is set to, by intent."""
        parameters = self.order().vendor.parameters
        return read(parameters, plan.phone, values(device), self.policy.phones.unconfirmed)


def values(device: YealinkPhone | PolyPhone) -> dict[str, str]:
    """All that a phone is set to, passwords as they are rendered."""
    if isinstance(device, PolyPhone):
        return device.settings.values()
    prefix = "" if device.settings.line == "v80" else "static."
    passwords = {f"{prefix}security.user_password[{role}]": word for role, word in device.settings.passwords.items()}
    return {**device.settings.values, **passwords}


def provisioned(device: YealinkPhone | PolyPhone) -> bool:
    """Let it fetch, and come up again where it restarts; whether something was applied."""
    applied = device.provision().applied
    device.clock.advance(100)
    return applied


def told(plan: Plan, states: Mapping[str, State]) -> dict[str, Any]:
    """What is wanted and rendered, by intent."""
    left_out = {one.intent for one in plan.left_out}
    return {intent: value for intent, value in plan.wanted.items() if intent in states and intent not in left_out}


# --- shapes of public templates --------------------------------------------------------------------------------------

SHAPES: dict[str, tuple[Described, Template]] = {
    "boot over common and own, T5x": (phone(), yealink_boot(YEALINK, SERVER)),
    "boot without overwriting": (phone(), yealink_boot(YEALINK, SERVER, overwrite=False)),
    "boot over common and own, T3x": (
        phone(model="T31G", firmware="124.86.0.75"), yealink_boot(YEALINK, SERVER, number="123"),
    ),
    "boot over common and own, T33G": (
        phone(model="T33G", firmware="124.86.0.75"), yealink_boot(YEALINK, SERVER, number="124"),
    ),
    "boot over common and own, T4xU": (
        phone(model="T46U", firmware="108.86.0.90"), yealink_boot(YEALINK, SERVER, number="108"),
    ),
    "one file, release 86": (phone(), yealink_single(YEALINK, SERVER)),
    "one file, release 87": (phone(firmware="96.87.0.15"), yealink_single(YEALINK, SERVER)),
    "master file": (phone("poly"), poly_master(POLY, SERVER)),
    "one whole file": (phone("poly"), poly_whole(POLY, SERVER)),
    "one whole file, Edge E": (phone("poly", model="Edge E550", firmware="8.3.1.0123"), poly_whole(POLY, SERVER)),
    "opened": (phone("poly"), poly_opened(POLY, SERVER)),
    "web export": (phone("poly"), poly_export(POLY, SERVER)),
}  # fmt: skip


def as_written(template: Template, mac: str) -> dict[str, bytes]:
    """The provider's files alone: what stands in them for a boot or master file of ours is left out."""
    files = dict(template.files)
    if f"{mac}-provider.cfg" in files and "test_automation.cfg" not in files:
        files[f"{mac}.cfg"] = files.pop(f"{mac}-provider.cfg")
    if list(files) == [f"{mac}.boot", f"{mac}.cfg"]:
        del files[f"{mac}.boot"]
    return {name: text.encode() for name, text in files.items()}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_template_stays_in_force_but_for_what_is_ours(shape: str) -> None:
    described, template = SHAPES[shape]
    policy = site(
        {"syslog": SYSLOG, "switch_off": ["call_recording"], "unconfirmed": ["yealink.tls.authorities"]},
        voice_vlan={**VLAN, "provisioning_url": URL},
    )
    with Site() as server, Registrar({"201": "S1p-of-201"}) as registrar:
        case = Provisioned(server, described, policy, as_written(template, described.mac))
        with case.device(server.authority, sip_example_com=registrar.address) as device:
            assert provisioned(device)
            theirs = values(device)
            assert len(insecure(described.vendor, judged(device))) > 10
            if described.mac == POLY and shape == "opened":
                assert "telnet" in device.ports()
            plan = case.publish(case.plan())
            assert provisioned(device)
            assert insecure(described.vendor, judged(device)) == []
            assert "telnet" not in device.ports()
            # What is not ours is as it was, and the phone registers by its account.
            ours = set(case.order().vendor.files.parse(plan.name, case.folder[plan.name]))
            after = values(device)
            kept = {key for key in theirs if key not in ours and not key.endswith("user_password[var]")}
            assert {key: after.get(key) for key in kept} == {key: theirs[key] for key in kept}
            assert "201" in [after.get("account.1.label"), after.get("reg.1.label")]
            # Re-read: all is there already, for us and for the phone.
            assert case.plan().writes == []
            again = values(device)
            provisioned(device)
            assert values(device) == again
            # Taken away again, everything is theirs.
            for write in plan_removal(case.order().vendor, described, case.folder).writes:
                if write.content is None:
                    del case.folder[write.name]
                else:
                    case.folder[write.name] = write.content
            assert case.folder == as_written(template, described.mac)


def judged(device: YealinkPhone | PolyPhone) -> dict[str, str]:
    """The settings as the oracle takes them."""
    return {name.replace("user_password[", "user_password:").removesuffix("]"): text
            for name, text in values(device).items()}


# --- any policy, any folder, any phone -------------------------------------------------------------------------------

YEALINKS = st.builds(
    lambda kind, release: phone(model=kind[0], firmware=f"{kind[1]}.{release}.0.15"),
    st.sampled_from([("T54W", 96), ("T46U", 108), ("T31G", 124), ("T42S", 66)]), st.sampled_from([80, 84, 85, 86, 87]),
)
POLYS = st.builds(
    lambda kind: phone("poly", model=kind[0], firmware=kind[1]),
    st.sampled_from([("VVX 350", "5.9.5.0614"), ("VVX 450", "6.4.6.2453"), ("Edge E550", "8.3.1.0123")]),
)
POLICIES = st.builds(
    lambda section, transport: site(
        {**section, "provisioning_owner": "site"}, transport=transport, voice_vlan={**VLAN, "provisioning_url": URL}
    ),
    PHONES_SECTIONS, st.sampled_from(["tls", "tcp", "udp"]),
)
WAY_TO_ITS_FILES = (
    "auto_provision.server.", "trust_certificates", "ca_cert", "cn_validation", "ssl_method", "device.prov.server",
    "device.prov.user", "TLS.protocol.prov", "TLS.prov.strict",
)  # fmt: skip
OTHERS = st.sampled_from(["0", "1", "2", "7", "any", "changed.example.com", "TLSv1_0", "UDPOnly", "03:15"])


def arranged(data: st.DataObject, server: Site, vendor: str, policy: SitePolicy) -> Provisioned:
    """A phone of a vendor with a folder that others left."""
    described = data.draw({"yealink": YEALINKS, "poly": POLYS}[vendor], label="phone")
    folder = data.draw(FOLDERS[vendor](described, policy.transport), label="folder")
    assume(vendor != "yealink" or described.release >= 81 or f"{described.mac}.cfg" not in folder)
    # Test phones know no includes for one model alone, and no server but ours.
    assume(not any(text in content for content in folder.values() for text in (b"[T46S]", b"other.example.com")))
    return Provisioned(server, described, policy, folder)


@pytest.mark.parametrize("vendor", ["yealink", "poly"])
@settings(max_examples=25, phases=[Phase.generate])
@given(st.data(), POLICIES)
def test_after_one_fetch_every_intent_reads_back_and_any_drift_is_found_and_healed(
    vendor: str, data: st.DataObject, policy: SitePolicy
) -> None:
    with Site() as server:
        case = arranged(data, server, vendor, policy)
        with case.device(server.authority) as device:
            provisioned(device)
            plan = case.publish(case.plan())
            assert provisioned(device)
            states = case.states(device, plan)
            wanted = told(plan, states)
            assert len(wanted) > 15
            found = verdicts(states, wanted)
            # What is taken away from a Yealink shows nothing any more.
            unknown = {"remote.xml_push_server"} & wanted.keys() if vendor == "yealink" else set()
            assert {intent for intent, verdict in found.items() if verdict != "compliant"} == unknown

            # The second run changes nothing, neither in the folder nor on the phone.
            assert case.plan().writes == []
            settled = values(device)
            assert provisioned(device) is (vendor == "poly")
            assert values(device) == settled

            # One parameter is changed at the phone: one intent drifts. Read back and published again, it is healed.
            drift(data, case, device, plan, wanted, settled)


def drift(
    data: st.DataObject, case: Provisioned, device: YealinkPhone | PolyPhone, plan: Plan, wanted: dict[str, Any],
    settled: dict[str, str],
) -> None:
    """Change one parameter, see that its intent drifts and no other, and have it healed."""
    states = case.states(device, plan)
    ours = {name: intent for intent in wanted for name, _value in states[intent].values if "password" not in name}
    drawn = data.draw(st.sampled_from(sorted(ours)), label="parameter")
    for text in (data.draw(OTHERS, label="text"), "0", "1", "2", "TLSv1_0", "UDPOnly", "192.0.2.77", "03:15"):
        device.change({drawn: text} if isinstance(device, PolyPhone) else [(drawn, text)])
        if values(device).get(drawn) != settled[drawn]:
            break
    else:
        return  # it takes nothing but what we told it
    found = verdicts(case.states(device, plan), wanted)
    assert {intent for intent, verdict in found.items() if verdict == "drift"} == {ours[drawn]}
    device.clock.advance(100)
    if any(part in drawn for part in WAY_TO_ITS_FILES):
        return  # it may not come to its files any more
    if isinstance(device, PolyPhone) and not drawn.startswith("device."):
        # What is changed at a Poly outranks its files until that layer is emptied.
        device.provision()
        assert values(device)[drawn] != settled[drawn]
        device.reset("local", "web")
    elif isinstance(device, YealinkPhone):
        # A file that has not changed is not applied again, until drift moves its generation.
        assert device.provision().applied is False
        moved = case.plan(reapply=True)
        assert [write.name for write in moved.writes] == [moved.name]
        case.publish(moved)
    provisioned(device)
    provisioned(device)
    assert values(device) == settled


@pytest.mark.parametrize("vendor", ["yealink", "poly"])
def test_a_phone_that_nobody_tells_comes_in_its_window(vendor: str) -> None:
    policy = site(
        {"update_window": {"from": "01:30", "to": "02:30"}}, voice_vlan={**VLAN, "provisioning_url": URL}
    )
    theirs = {"yealink": yealink_single(YEALINK, SERVER), "poly": poly_whole(POLY, SERVER)}[vendor]
    with Site() as server:
        case = Provisioned(server, phone(vendor), policy, as_written(theirs, MACS[vendor]))
        with case.device(server.authority) as device:
            case.publish(case.plan())
            provisioned(device)
            for seconds in (13.5 * 3600 - 100, 86400):  # from noon and a bit, and a day later
                came = len(device.history)
                case.publish(case.plan(reapply=True))
                device.clock.advance(seconds - 1)
                assert len(device.history) == came
                device.clock.advance(1)
                assert len(device.history) == came + 1
                assert device.history[-1].applied


# --- the site's own authority ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("vendor", ["yealink", "poly"])
def test_a_phone_is_told_of_the_site_s_own_authority_and_then_believes_it(vendor: str) -> None:
    own = Authority(name("Site authority"))
    policy = site(
        {"authority": own.pem.decode(), "unconfirmed": ["yealink.tls.authorities"]},
        voice_vlan={**VLAN, "provisioning_url": URL},
    )
    theirs = {
        "yealink": yealink_single(YEALINK, SERVER).files[f"{YEALINK}.cfg"],
        "poly": poly_whole(POLY, SERVER).files[f"{POLY}-provider.cfg"],
    }[vendor]
    with Site() as server, Registrar({"201": "S1p-of-201"}, own.issue(SERVER, SERVER)) as registrar:
        described = phone(vendor)
        case = Provisioned(server, described, policy, {f"{described.mac}.cfg": theirs.encode()})
        with case.device(server.authority, sip_example_com=registrar.address) as device:
            before = plan_publication(order(vendor, site(voice_vlan={**VLAN, "provisioning_url": URL})), case.folder)
            case.publish(before)
            provisioned(device)
            assert "CERTIFICATE_VERIFY_FAILED" in str(device.register()[1, 1])
            plan = case.publish(case.plan())
            # The file with the authority is there before the one that names it.
            names = [write.name for write in plan.writes]
            assert names == [*(n for n in names if "-authority-" in n), plan.name]
            assert (len(names) == 2) is (vendor == "yealink")
            provisioned(device)
            assert device.register() == {(1, 1): "registered"}
            assert case.plan().writes == []
            # Another authority has another file, and the one before goes.
            case.policy = site(
                {"authority": server.authority.pem.decode()}, voice_vlan={**VLAN, "provisioning_url": URL}
            )
            case.publish(case.plan())
            assert len([n for n in case.folder if "-authority-" in n]) == (vendor == "yealink")
            left = {name: content for name, content in case.folder.items() if not name.endswith("-authority.pem")}
            for write in plan_removal(case.order().vendor, described, left).writes:
                left.pop(write.name) if write.content is None else left.update({write.name: write.content})
            assert left == {f"{described.mac}.cfg": theirs.encode()}
