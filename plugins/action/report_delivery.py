# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Delivers a report that was written, from the control machine."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.voip.hardening.plugins.module_utils.policy.reading import InputError
from ansible_collections.voip.hardening.plugins.module_utils.posture.delivery import (
    MAIL,
    WEBHOOK,
    Delivery,
    message,
    posted,
    read_delivery,
)
from ansible_collections.voip.hardening.plugins.plugin_utils.senders import NotDelivered, by_mail, by_webhook
from ansible_collections.voip.hardening.plugins.plugin_utils.variables import completed

_VARIABLES = {"mail": (MAIL,), "webhook": (WEBHOOK,)}
_OPTIONS = ("report", *_VARIABLES)


class ActionModule(ActionBase):
    """One report, one task, no connection of Ansible's own."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The module's result: who got the report. All are tried, and the ones that did not take it are errors."""
        super().run(tmp, task_vars)
        given, errors = completed(self._task.args, self._templar, _VARIABLES, _VARIABLES, task_vars or {})
        errors += [f"{name}: unknown option; known: {', '.join(_OPTIONS)}" for name in given if name not in _OPTIONS]
        try:
            delivery = read_delivery(given.get("report"), given.get("mail"), given.get("webhook"))
        except InputError as error:
            errors += [str(one) for one in error.errors]
        if errors:
            return {"failed": True, "msg": "\n".join(errors), "errors": errors}
        delivered, failures = [], []
        for name, send in _senders(delivery):
            try:
                if not self._task.check_mode:
                    send()
                delivered.append(name)
            except (NotDelivered, OSError) as error:
                failures.append(str(error))
        result: dict[str, Any] = {"changed": bool(delivered), "delivered": delivered, "errors": failures}
        return {**result, "failed": True, "msg": "\n".join(failures)} if failures else result


def _senders(delivery: Delivery) -> list[tuple[str, Callable[[], None]]]:
    senders: list[tuple[str, Callable[[], None]]] = []
    mail, webhook = delivery.mail, delivery.webhook
    if mail is not None:

        def send_mail() -> None:
            attached = {Path(path).name: Path(path).read_bytes() for path in delivery.pages}
            identity = make_msgid(domain=mail.sender.rpartition("@")[2])
            by_mail(mail, message(delivery, mail, attached, identity, formatdate()))

        senders.append((mail.name, send_mail))
    if webhook is not None:
        senders.append((webhook.name, lambda: by_webhook(webhook, posted(delivery))))
    return senders
