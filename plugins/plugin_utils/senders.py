# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries reports to others: by SMTP and by HTTPS, over TLS with a certificate that is verified, or not at all."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from urllib.error import HTTPError

from ansible.module_utils.urls import open_url

from ansible_collections.voip.hardening.plugins.module_utils.posture.delivery import TLS, MailServer, Webhook
from ansible_collections.voip.hardening.plugins.module_utils.secret import redact

TIMEOUT = 30
"""Seconds that a server may take for an answer."""
_LONGEST_REASON = 300


class NotDelivered(Exception):
    """A server did not take a report; the message names it and the reason, and has no secret in it."""


def by_mail(server: MailServer, mail: EmailMessage) -> None:
    """Hand a mail to a server. Raises `NotDelivered`, also where it refuses some of the recipients only."""

    def send() -> None:
        context = _context(server.ca_path)
        if server.security == TLS:
            connection = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=context)
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
        with connection:
            if server.security != TLS:
                connection.starttls(context=context)
            if server.username:
                connection.login(server.username, server.password.reveal())
            refused = connection.send_message(mail, server.sender, list(server.recipients))
        if refused:
            raise smtplib.SMTPRecipientsRefused(refused)

    _told(server, send)


def by_webhook(webhook: Webhook, content: bytes) -> None:
    """Post a summary. Raises `NotDelivered`; a redirection is no delivery."""

    def send() -> None:
        given = {name: value.reveal() for name, value in webhook.headers.items()}
        open_url(
            webhook.url.reveal(),
            method="POST",
            data=content,
            headers={"Content-Type": "application/json", **given},
            http_agent="voip.hardening",
            timeout=TIMEOUT,
            follow_redirects="none",
            ca_path=webhook.ca_path or None,
        ).close()

    _told(webhook, send)


def _context(ca_path: str) -> ssl.SSLContext:
    if not ca_path:
        return ssl.create_default_context()
    if Path(ca_path).is_dir():
        return ssl.create_default_context(capath=ca_path)
    return ssl.create_default_context(cafile=ca_path)


def _told(server: MailServer | Webhook, send: Callable[[], None]) -> None:
    try:
        send()
    except HTTPError as error:
        raise _refused(server, f"it answered {error.code}") from None
    except smtplib.SMTPResponseException as error:
        said = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        raise _refused(server, f"it answered {error.smtp_code} {said}") from None
    except smtplib.SMTPRecipientsRefused as error:
        raise _refused(server, f"it refused {', '.join(sorted(error.recipients))}") from None
    except (OSError, smtplib.SMTPException, ValueError) as error:  # open_url's own are OSError or ValueError
        raise _refused(server, str(error) or type(error).__name__) from None


def _refused(server: MailServer | Webhook, reason: str) -> NotDelivered:
    reason = " ".join(str(redact(reason, server.secrets)).split())
    return NotDelivered(f"{server.name} did not take the report: {reason[:_LONGEST_REASON]}")
