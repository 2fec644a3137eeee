"""A NetBox that holds a few sites: as much of its REST API as an inventory reads, over HTTP on the loopback interface.

Sources: NetBox's documentation of its REST API (pagination with `count`, `next`, `previous` and `results`, token in
`Authorization: Token`, brief objects with `id`, `name` and `slug`) and the requests of netbox.netbox.nb_inventory.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.devices.http_server import HttpServer

TOKEN = "0123456789abcdef0123456789abcdef01234567"
VERSION = "4.2.3"
_LISTS = (
    "dcim/sites dcim/regions dcim/site-groups dcim/locations tenancy/tenants dcim/device-roles dcim/platforms "
    "dcim/device-types dcim/manufacturers virtualization/clusters virtualization/virtual-machines dcim/devices"
).split()
_FILTERS = ("limit", "offset", "tag", "status", "site", "role", "platform")


def device(number: int, name: str, site: str, role: str, platform: str | None, model: str, **more: Any) -> Any:
    """A device as the API shows one."""
    return {
        "id": number,
        "name": name,
        "role": _brief(role),
        "platform": None if platform is None else _brief(platform),
        "device_type": {**_brief(model.lower().replace(" ", "-")), "model": model, "manufacturer": _brief("maker")},
        "site": _brief(site),
        "tenant": None, "rack": None, "location": None, "cluster": None, "virtual_chassis": None, "oob_ip": None,
        "serial": "", "asset_tag": None, "local_context_data": None, "primary_ip6": None,
        "status": {"value": "active", "label": "Active"},
        "tags": [_brief("voip-hardening")],
        "primary_ip": {"id": number, "address": f"192.0.2.{number}/24"},
        "primary_ip4": {"id": number, "address": f"192.0.2.{number}/24"},
        "config_context": {},
        "custom_fields": {
            "management_port": None, "management_user": None, "voip_fingerprint": None, "voip_phone_mac": None,
            "voip_phone_firmware": None,
        },
        **more,
    }  # fmt: skip


def _brief(slug: str) -> dict[str, Any]:
    number = int.from_bytes(slug.encode()[-4:], "big")
    return {"id": number, "name": slug.title(), "slug": slug, "display": slug.title()}


class NetBox(HttpServer):
    """A context manager. `asked`: the paths and queries of all requests."""

    def __init__(self, devices: list[Any]) -> None:
        self.asked: list[tuple[str, list[tuple[str, str]]]] = []
        self._devices = devices
        super().__init__(self._handler())

    def answer(self, path: str, query: list[tuple[str, str]]) -> tuple[int, Any]:
        """Status and body of a request with a good token."""
        self.asked.append((path, query))
        name = path.removeprefix("/api/").strip("/")
        if name == "status":
            return 200, {"netbox-version": VERSION}
        if name == "schema":
            parameters = {"get": {"parameters": [{"name": one} for one in _FILTERS]}}
            paths = ("/api/dcim/devices/", "/api/virtualization/virtual-machines/")
            return 200, {"info": {"version": VERSION}, "paths": dict.fromkeys(paths, parameters)}
        if name not in _LISTS:
            return 404, {"detail": "Not found."}
        found = self._found(name, dict(query))
        return 200, {"count": len(found), "next": None, "previous": None, "results": found}

    def _found(self, name: str, query: Mapping[str, str]) -> list[Any]:
        if name == "dcim/devices":
            tags, status = query.get("tag"), query.get("status")
            return [
                one for one in self._devices
                if tags in (None, *(tag["slug"] for tag in one["tags"])) and status in (None, one["status"]["value"])
            ]  # fmt: skip
        field = {"dcim/sites": "site", "dcim/platforms": "platform", "dcim/device-roles": "role"}.get(name, "")
        briefs = {one[field]["id"]: one[field] for one in self._devices if one.get(field)}
        return [{**brief, "prefix_count": 0} for brief in briefs.values()]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        netbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = urlsplit(self.path)
                status, body = 403, {"detail": "Invalid token"}
                if self.headers.get("Authorization") == f"Token {TOKEN}":
                    status, body = netbox.answer(url.path, parse_qsl(url.query))
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *arguments: Any) -> None:
                pass

        return Handler
