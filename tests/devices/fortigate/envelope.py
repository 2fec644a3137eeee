"""The JSON envelope around every reply, its error form, and the web server's own pages."""

from __future__ import annotations

from http.client import responses
from typing import TYPE_CHECKING, Any

from . import query
from .errors import Rejection
from .messages import Request, Response

if TYPE_CHECKING:
    from .device import FortiGate


def envelope(device: FortiGate, request: Request, segments: list[str], vdom: str, status: int = 200) -> dict[str, Any]:
    """The fields of every reply; ``segments`` is the path after ``cmdb`` or ``monitor``."""
    return {
        "http_method": request.method,
        "vdom": vdom,
        "path": segments[0] if segments else "",
        "name": segments[1] if len(segments) > 1 else "",
        "status": "success" if status == 200 else "error",
        "http_status": status,
        "serial": device.serial,
        "version": f"v{device.version}",
        "build": device.build,
    }


def refusal(device: FortiGate, request: Request, segments: list[str], rejection: Rejection) -> Response:
    """The reply to a refused request: 404 and 405 bare, rejected configuration with ``error`` and ``cli_error``."""
    status = rejection.http_status or device.switches.rejection_status
    reply = envelope(device, request, segments, query.first(request.query, "vdom") or "root", status)
    if len(segments) > 2:
        reply["mkey"] = segments[2]
    if status != 404:
        reply["error"] = rejection.code
    if rejection.http_status is None:
        reply["cli_error"] = rejection.cli_error
        reply["revision_changed"] = False
    return Response.of(reply, status)


def page(status: int, text: str = "") -> Response:
    """A page of the web server itself: HTML, no envelope."""
    title = f"{status} {responses.get(status, 'Error')}"
    words = text or {403: "You don't have permission to access this resource."}.get(status, title)
    html = f'<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head><title>{title}</title></head>'
    return Response(status, f"{html}<body><h1>{title}</h1><p>{words}</p></body></html>\n".encode(), "text/html")


def array_form(request: Request) -> bool:
    """Whether the reply is an array of envelopes: vdom=*, a list of VDOMs, or global scope."""
    vdom = query.first(request.query, "vdom") or ""
    wide = query.first(request.query, "global") == "1" or query.first(request.query, "scope") == "global"
    return vdom == "*" or "," in vdom or wide
