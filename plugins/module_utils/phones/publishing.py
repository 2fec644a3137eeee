# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files have to be written so that a phone is told what is wanted. Pure: a folder goes in, a plan comes out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..errors import DeviceError
from ..findings import Finding
from ..policy.model import SitePolicy
from ..secret import MASK
from .guard import refuse_nameless_servers
from .intents import BY_ID, NO_CREDENTIALS, Credentials, authority_file, wanted
from .layers import Folder, Layers, Write, generation_of
from .phone import Phone
from .table import LeftOut, Password, Rendering, Value, read, render, verdicts
from .vendors import Vendor

CHANGED_MASK = f"{MASK} (another one)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What one phone is to be told. `reapply`: it was seen to hold something else than it was told."""

    vendor: Vendor
    phone: Phone
    policy: SitePolicy
    credentials: Credentials = NO_CREDENTIALS
    reapply: bool = False


@dataclass(slots=True)
class Plan:
    """The files to write, in an order in which a phone never loads half of it, and what is to be said about them."""

    phone: Phone
    name: str
    """Of our own file."""
    writes: list[Write] = field(default_factory=list)
    before: str = ""
    after: str = ""
    text: str = ""
    """Our file as a result may show it."""
    wanted: dict[str, Value] = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()
    findings: list[Finding] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    again: bool = False
    """Whether our file says what it said before, and is written so that the phone applies it again."""

    @property
    def up_to_date(self) -> bool:
        """Whether the files said it all before."""
        return len(self.writes) == (1 if self.again else 0)

    @property
    def lines(self) -> list[str]:
        """One line a file."""
        return [f"{'remove' if write.content is None else 'write'} {write.name}: {write.says}" for write in self.writes]


def plan_publication(order: Order, folder: Folder) -> Plan:
    """The plan by which the phone loads our file over everything that others wrote for it.

    Raises `DeviceError` where their files cannot be understood, or where ours would take the phone off the air.
    """
    files = order.vendor.files
    others = files.others(order.phone, folder)
    plan = _plan_file(order, folder, others)
    plan.writes += [*files.include(plan.phone, folder), *files.retired(plan.phone, folder)]
    plan.writes = [*_authority(order, plan, folder), *plan.writes, *_authorities_before(order, plan, folder)]
    _about_authority(order, plan)
    _look_at_others(order, plan, folder, others)
    return plan


def plan_fragment(order: Order, folder: Folder) -> Plan:
    """The plan for a file that is handed over to whoever provisions the phone; it holds no password."""
    bare = Order(vendor=order.vendor, phone=order.phone, policy=order.policy)
    plan = _plan_file(bare, folder, Layers())
    says = "passwords are left to the provider, another one for each phone"
    if not order.vendor.published:
        says = f"rendered only: no phone of {order.vendor.name} was tried with it, and it has no passwords"
    plan.remarks.append(f"{plan.phone.mac}: a file to be handed over; {says}")
    if order.policy.phones.authority is not None and not _is_rendered(order, plan, "tls.authority"):
        plan.remarks.append(f"{plan.phone.mac}: the site's own authority is not in it, and has to be told to the phone")
    return plan


def plan_removal(vendor: Vendor, phone: Phone, folder: Folder) -> Plan:
    """The plan that takes away what is ours: first the phone no longer loads it, then it goes."""
    name = vendor.files.hardening_file(phone)
    plan = Plan(phone=phone, name=name, writes=vendor.files.exclude(phone, folder))
    present = folder.get(name)
    if generation_of(present):
        plan.before = _masked_file(vendor, phone, name, present, {})
        plan.writes.append(Write(name, None, "the hardening of this phone"))
    plan.writes += [*vendor.files.retired(phone, folder), *_without_authorities(phone, folder)]
    return plan


def _authority(order: Order, plan: Plan, folder: Folder) -> list[Write]:
    """The site's own authority, where the phone fetches it as a file; before the file that names it."""
    pem = order.policy.phones.authority
    if pem is None or not _is_rendered(order, plan, "tls.authority_file") or "tls.authority_file" not in plan.wanted:
        return []
    name = authority_file(plan.phone, pem)
    return [] if folder.get(name) == pem.encode() else [Write(name, pem.encode(), "the site's own authority")]


def _authorities_before(order: Order, plan: Plan, folder: Folder) -> list[Write]:
    """Takes away files with authorities that no file of ours names any more."""
    pem = order.policy.phones.authority
    return _without_authorities(plan.phone, folder, "" if pem is None else authority_file(plan.phone, pem))


def _about_authority(order: Order, plan: Plan) -> None:
    """What keeps a site's own authority from being heeded, where the phone fetches it as a file."""
    if order.policy.phones.authority is None or not _is_rendered(order, plan, "tls.authority_file"):
        return
    if "tls.authority_file" not in plan.wanted:
        plan.findings.append(
            Finding(
                "ENC-1",
                "high",
                plan.phone.mac,
                "it fetches the site's own authority as a file, and from where is not known",
                "Set voip_policy.voice_vlan.provisioning_url",
            )
        )
    elif any(one.intent == "tls.authorities" for one in plan.left_out):
        plan.remarks.append(
            f"{plan.phone.mac}: it is told of the site's own authority, and whether one that is not built in counts is "
            f"left as it is; {order.vendor.name}.tls.authorities in voip_policy.phones.unconfirmed sets that"
        )


def _without_authorities(phone: Phone, folder: Folder, but: str = "") -> list[Write]:
    ours = re.compile(re.escape(phone.mac) + r"-authority-[0-9a-f]{8}\.pem")
    gone = [name for name in folder if ours.fullmatch(name) and name != but]
    return [Write(name, None, "an authority that the site does not have any more") for name in gone]


def _plan_file(order: Order, folder: Folder, others: Layers) -> Plan:
    files = order.vendor.files
    phone = order.phone.with_lines(files.lines(others.settings))
    asked = wanted(order.policy, phone, order.credentials)
    refuse_nameless_servers(order.policy, asked, files.servers(others.settings))
    rendering = render(order.vendor.parameters, phone, asked, order.policy.phones.unconfirmed)
    name = files.hardening_file(phone)
    present = folder.get(name)
    generation = generation_of(present)
    plan = Plan(phone=phone, name=name, wanted=asked, left_out=rendering.left_out)
    content = files.render(rendering.settings, generation)
    if order.reapply or generation == 0 or content != present:
        plan.again = content == present
        generation += 1
        content = files.render(rendering.settings, generation)
        says = "drift was seen, so that the phone has to apply it again" if order.reapply else "the hardening"
        plan.writes.append(Write(name, content, f"{says}, generation {generation}"))
    if generation_of(present):
        plan.before = _masked_file(order.vendor, phone, name, present, _texts(rendering))
    plan.text = plan.after = _masked(rendering)
    _check(order, plan, files.overlaid(files.parse(name, content), others.settings))
    return plan


def _texts(rendering: Rendering) -> dict[str, str]:
    return {setting.name: setting.text for setting in rendering.settings if setting.secret}


def _masked(rendering: Rendering) -> str:
    return "".join(f"{setting.name} = {setting.shown}\n" for setting in rendering.settings)


def _masked_file(vendor: Vendor, phone: Phone, name: str, content: bytes | None, secrets: Mapping[str, str]) -> str:
    """A file of ours as a diff may show it; a password that is another one than ours is marked as that."""
    try:
        settings = {} if content is None else vendor.files.parse(name, content)
    except DeviceError:
        return "(it cannot be read)\n"
    passwords = [one for one in vendor.parameters if isinstance(one.codec, Password)]
    hidden = {key for one in passwords for key in one.spelled(phone)}
    lines = []
    for key, text in settings.items():
        if key.endswith(".set"):  # goes with a setting, and says nothing without it
            continue
        if key in secrets:
            text = MASK if text == secrets[key] else CHANGED_MASK
        elif key in hidden or "password" in key.lower():
            text = MASK
        lines.append(f"{key} = {text}\n")
    return "".join(lines)


def _check(order: Order, plan: Plan, effective: Mapping[str, str]) -> None:
    """Read back what a phone would make of all files together; anything but what is wanted is a finding."""
    told = {intent: value for intent, value in plan.wanted.items() if _is_rendered(order, plan, intent)}
    states = read(order.vendor.parameters, plan.phone, effective, order.policy.phones.unconfirmed)
    for intent, verdict in verdicts(states, told).items():
        if verdict != "compliant":
            plan.findings.append(
                Finding(
                    BY_ID[intent].controls[0],
                    "high",
                    f"{plan.phone.mac} {intent}",
                    f"{BY_ID[intent].says}: the files together do not say what is wanted",
                    "Look for what is loaded after the file of this phone",
                )
            )
    if "ntp.first" not in plan.wanted:
        plan.findings.append(
            Finding(
                "ENC-1",
                "medium",
                plan.phone.mac,
                "no NTP server is known, and a phone without a clock takes no certificate for valid",
                "Set voip_policy.voice_vlan.ntp_servers",
            )
        )


def _is_rendered(order: Order, plan: Plan, intent: str) -> bool:
    left_out = {one.intent for one in plan.left_out}
    return intent not in left_out and any(parameter.intent == intent for parameter in order.vendor.parameters)


def _look_at_others(order: Order, plan: Plan, folder: Folder, others: Layers) -> None:
    plan.remarks += [
        f"{plan.phone.mac}: not read, so that lines it may add are not known: {one}" for one in others.unread
    ]
    unconfirmed = order.policy.phones.unconfirmed
    for name, settings in order.vendor.files.overrides(plan.phone, folder).items():
        states = read(order.vendor.parameters, plan.phone, settings, unconfirmed)
        for intent, verdict in verdicts(states, plan.wanted).items():
            if verdict == "drift":
                plan.findings.append(
                    Finding(
                        BY_ID[intent].controls[0],
                        "high",
                        f"{plan.phone.mac} {intent}",
                        f"{name}, which the phone loads over all that it is told, says otherwise",
                        "Clear that layer on the phone and remove the file, then let the phone fetch its files again",
                    )
                )
