"""Names of web form fields and the parameters behind them, as public clients of T4xU, T5xW and W70B phones use them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from .settings import MASK, Settings

# A field's name with the account last; Y is the server's number.
_ACCOUNT = {
    "AccountEnable": "enable", "AccountLabel": "label", "AccountDisplayName": "display_name",
    "AccountRegisterName": "auth_name", "AccountUserName": "user_name", "AccountPassword": "password",
    "AccountServerAddrY": "sip_server.Y.address", "AccountServerPortY": "sip_server.Y.port",
    "AccountServerTransportY": "sip_server.Y.transport_type", "AccountServerExpiresY": "sip_server.Y.expires",
}


def parameter(field: str) -> str | None:
    """The parameter behind a field; None for one that is not known here."""
    match = re.fullmatch(r"([A-Za-z]+)(\d*)\.(\d+)", field)
    if match is None:
        return None
    name, server, account = match.groups()
    tail = _ACCOUNT.get(name + ("Y" if server else ""))
    return None if tail is None else f"account.{account}.{tail.replace('Y', server)}"


def read(settings: Settings, names: Sequence[str]) -> dict[str, str]:
    """Values of the fields that are known; passwords are masked."""
    found = {}
    for field in names:
        name = parameter(field)
        if name is not None:
            value = settings.get(name)
            found[field] = MASK if value and name.endswith(".password") else value
    return found


def parameters(form: Mapping[str, object]) -> list[tuple[str, str]]:
    """What a form sets."""
    return [(name, str(value)) for field, value in form.items() if (name := parameter(field)) is not None]
