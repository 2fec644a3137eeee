# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""To whom a report goes, checked as a whole, and what each one gets. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

from ..policy.reading import InputError, Report, Section
from ..secret import Secret
from .formats import PAGE

MAIL, WEBHOOK = "voip_report_mail", "voip_report_webhook"
"""The variables that say to whom a report goes."""
STARTTLS, TLS = SECURITY = ("starttls", "tls")
"""How a connection to a mail server is encrypted: after a greeting, or from its first byte. There is no third way."""
PORTS: Mapping[str, int] = {STARTTLS: 587, TLS: 465}

_MAIL_KEYS = ("host", "port", "security", "username", "password", "from", "to", "ca_path")
_WEBHOOK_KEYS = ("url", "headers", "ca_path")
_LINE = re.compile(r"[^\x00-\x1f\x7f]+")
_ADDRESS = re.compile(r"[!-~]+@[!-~]+", re.ASCII)
_NOT_IN_ADDRESS = re.compile(r"[\s<>,;\"()\[\]:\\]|@.*@")
_HOST = re.compile(r"[A-Za-z0-9_.:-]+", re.ASCII)
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", re.ASCII)
_POSTED = ("headline", "text", "summary", "classes", "drifted", "failing", "expired_waivers")


@dataclass(frozen=True, slots=True)
class MailServer:
    """A mail server, and from whom and to whom it is to carry a report."""

    host: str
    port: int
    security: str
    sender: str
    recipients: tuple[str, ...]
    username: str
    password: Secret
    ca_path: str

    @property
    def name(self) -> str:
        return f"mail server {self.host}:{self.port}"

    @property
    def secrets(self) -> tuple[Secret, ...]:
        return (self.password,)


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that takes a summary. All of it but the server may be a secret, such as a token in its path."""

    url: Secret
    headers: Mapping[str, Secret] = field(default_factory=dict)
    ca_path: str = ""

    @property
    def name(self) -> str:
        parts = urlsplit(self.url.reveal())
        return f"webhook {parts.hostname}:{parts.port or 443}"

    @property
    def secrets(self) -> tuple[Secret, ...]:
        parts = urlsplit(self.url.reveal())
        inside = (parts.path.strip("/"), parts.query, *parts.path.split("/"))
        return (self.url, *map(Secret, inside), *self.headers.values())


@dataclass(frozen=True, slots=True)
class Delivery:
    """A report, as `posture_report` returned it, and to whom it goes."""

    report: Mapping[str, Any]
    mail: MailServer | None
    webhook: Webhook | None

    @property
    def pages(self) -> list[str]:
        """Paths of what is attached to a mail."""
        return [path for path in self.report["files"] if PurePath(path).name == PAGE]


def read_delivery(report_given: object, mail: object, webhook: object) -> Delivery:
    """What a task asks for. Raises `InputError` with everything that is wrong; no message has a secret in it."""
    report = Report()
    if not isinstance(report_given, Mapping) or not {"files", *_POSTED} <= set(report_given):
        report.reject("report", report_given, "what voip.hardening.posture_report returned, registered")
    found = Delivery(
        report=report_given if isinstance(report_given, Mapping) else {},
        mail=None if mail is None else _mail(Section(mail, MAIL, _MAIL_KEYS, report)),
        webhook=None if webhook is None else _webhook(Section(webhook, WEBHOOK, _WEBHOOK_KEYS, report)),
    )
    if report.errors:
        raise InputError(report.errors)
    return found


def _mail(section: Section) -> MailServer:
    security = section.choice("security", SECURITY, STARTTLS)
    port = section.integer("port", "a port", 1, 65535, default=PORTS[security])
    username, password = _optional(section, "username"), _secret(section, "password")
    if bool(username) != bool(password):
        missing = "password" if username else "username"
        section.report.missing(section.at(missing), "one where the other is given")
    return MailServer(
        host=section.text("host", "the name or address of a mail server", _HOST),
        port=port,
        security=security,
        sender=_address(section, section.at("from"), section.raw("from")),
        recipients=_recipients(section),
        username=username,
        password=password,
        ca_path=_optional(section, "ca_path"),
    )


def _recipients(section: Section) -> tuple[str, ...]:
    given = section.raw("to")
    if isinstance(given, str):
        return (_address(section, section.at("to"), given),)
    items = section.items("to", "one or more mail addresses", required=True)
    return tuple(_address(section, path, item) for path, item in items)


def _address(section: Section, path: str, value: object) -> str:
    if isinstance(value, str) and _ADDRESS.fullmatch(value) and not _NOT_IN_ADDRESS.search(value):
        return value
    if value is None:
        section.report.missing(path, "a mail address such as voip@example.com")
    else:
        section.report.reject(path, value, "a mail address such as voip@example.com")
    return ""


def _optional(section: Section, key: str) -> str:
    return section.text(key, "text", _LINE) if section.given(key) else ""


def _secret(section: Section, key: str) -> Secret:
    value = section.raw(key)
    if value is None or (isinstance(value, str) and value):
        return Secret(value or "")
    section.report.refuse(section.at(key), "what is there", "text")
    return Secret("")


def _webhook(section: Section) -> Webhook:
    url = section.raw("url")
    if url is None:
        section.report.missing(section.at("url"), "an address that begins with https://")
    elif not _is_https(url):
        section.report.refuse(section.at("url"), "what is there", "an address that begins with https://")
    headers: dict[str, Secret] = {}
    given = section.raw("headers")
    if given is not None and not isinstance(given, Mapping):
        section.report.refuse(section.at("headers"), "what is there", "a mapping of names to values")
    for name, value in given.items() if isinstance(given, Mapping) else ():
        if isinstance(name, str) and _TOKEN.fullmatch(name) and isinstance(value, str) and _LINE.fullmatch(value):
            headers[name] = Secret(value)
        else:
            section.report.refuse(section.at("headers"), "what is there", "names of headers, and one line of text each")
    return Webhook(Secret(str(url)), headers, _optional(section, "ca_path"))


def _is_https(url: object) -> bool:
    if not isinstance(url, str) or not re.fullmatch(r"https://[!-~]+", url, re.ASCII):
        return False
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (parts.port or 443) > 0 and parts.username is None
    except ValueError:
        return False


def message(
    delivery: Delivery, server: MailServer, attached: Mapping[str, bytes], identity: str, date: str
) -> EmailMessage:
    """The mail: what matters as text, and pages by their file names beside it."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = server.sender
    mail["To"] = ", ".join(server.recipients)
    mail["Subject"] = f"VoIP security: {delivery.report['headline']}"
    mail["Date"] = date
    mail["Message-ID"] = identity
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(str(delivery.report["text"]))
    for name, content in attached.items():
        mail.add_attachment(content, maintype="text", subtype="html", filename=name)
    return mail


def posted(delivery: Delivery) -> bytes:
    """What a webhook gets: the summary, and `text` as chat programs show it."""
    return json.dumps({name: delivery.report[name] for name in _POSTED}, sort_keys=True).encode("ascii")
