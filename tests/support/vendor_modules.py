"""Tasks and inventory variables for the vendor's own collection `fortinet.fortios`, made from a device's configuration.

A configuration speaks the device's language (`srcaddr-negate`, `allowaccess: "ping https"`); the modules take the same
with underscores, and lists where the device keeps several words in one text. Which is which says the vendor's schema.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from tests.devices.fortigate.vendor_schema import Field, Table, table
from tests.devices.fortigate.versions import Version

Row = dict[str, Any]

# What a device adds to its answers by itself.
_HANDED_OUT = frozenset({"q_origin_key", "uuid"})

# A field that turned from one name into a list keeps its old type in the modules, and the list has a name of its own.
_AS_LIST = {"intf": "intf_dict"}


def module_name(path: str) -> str:
    """The vendor's module for a CMDB path: `fortios_firewall_service_custom` for `firewall.service/custom`."""
    return "fortios_" + re.sub(r"[./-]", "_", path)


def arguments(path: str, row: Mapping[str, Any], version: str) -> Row:
    """A row, or some of its fields, as the vendor's module takes it. Raises KeyError for a field unknown to it."""
    found = table(path, Version.parse(version))
    assert found is not None, f"{path}: no module of the vendor's for {version}"
    return _object(found.fields, row)


def _object(fields: Mapping[str, Field], row: Mapping[str, Any]) -> Row:
    return {
        _parameter(fields[name]): _value(fields[name], value) for name, value in row.items() if name not in _HANDED_OUT
    }


def _parameter(field: Field) -> str:
    if field.kind == "rows" and field.name in _AS_LIST:
        return _AS_LIST[field.name]
    return field.name.replace("-", "_")


def _value(field: Field, value: Any) -> Any:
    if field.kind == "rows":
        return [_object(field.children, item) for item in value]
    if field.kind == "object":
        return _object(field.children, value)
    if field.kind == "words":
        return value.split() if isinstance(value, str) else value
    return int(value) if field.kind == "integer" else str(value)


def task(
    path: str, rows: Iterable[Mapping[str, Any]], version: str, state: str = "present", **options: Any
) -> dict[str, Any]:
    """One task: a loop over the rows for a table, and no loop for a single row, as one would write it by hand."""
    given = [arguments(path, row, version) for row in rows]
    module, body = module_name(path), module_name(path).removeprefix("fortios_")
    known = table(path, Version.parse(version))
    assert isinstance(known, Table)
    call: dict[str, Any] = {"vdom": "root", body: given[0] if len(given) == 1 else "{{ item }}"}
    if not known.singleton:
        call["state"] = state
    made: dict[str, Any] = {"name": f"{path}: {state}", f"fortinet.fortios.{module}": {**call, **options}}
    if len(given) > 1:
        made["loop"] = given
        made["loop_control"] = {"label": f"{{{{ item.{str(known.mkey).replace('-', '_')} }}}}"}
    return made


def move(path: str, key: int, **place: int) -> dict[str, Any]:
    """One task that moves a rule: `before=` or `after=` another one's number."""
    side, other = next(iter(place.items()))
    module, body = module_name(path), module_name(path).removeprefix("fortios_")
    call = {"vdom": "root", "action": "move", "self": str(key), side: str(other), body: {"policyid": key}}
    return {"name": f"{path}: move", f"fortinet.fortios.{module}": call}


def read(wanted: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """One task that reads tables (key None) or single rows; the answers are in the result's `meta`, in that order."""
    selectors = []
    for path, key in wanted:
        selector: dict[str, Any] = {"selector": path.replace("/", "_")}
        if key is not None:
            known = table(path, Version.parse("7.4.4"))
            assert known is not None
            selector["params"] = {str(known.mkey): key}
        selectors.append(selector)
    call = {"vdom": "root", "selectors": selectors}
    return {"name": "read", "fortinet.fortios.fortios_configuration_fact": call}


def host_variables(host: str, port: int, ca_path: str, token: str) -> dict[str, Any]:
    """What the vendor's documentation has one write for a unit that is reached with an API token."""
    return {
        "ansible_connection": "ansible.netcommon.httpapi",
        "ansible_network_os": "fortinet.fortios.fortios",
        "ansible_host": host,
        "ansible_httpapi_port": port,
        "ansible_httpapi_use_ssl": True,
        "ansible_httpapi_validate_certs": True,
        "ansible_httpapi_ca_path": ca_path,
        "ansible_httpapi_session_key": {"access_token": token},
        "ansible_user": "voip-automation",
        # Ansible would otherwise look for an interpreter first, once a host.
        "ansible_python_interpreter": sys.executable,
    }
