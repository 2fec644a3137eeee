"""The web interface: action URIs first, then the pages of the phone's generation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..web import Request, Response
from . import action_uri, servlet, spa

if TYPE_CHECKING:
    from .phone import YealinkPhone


def answer(phone: YealinkPhone, request: Request) -> Response:
    """What the web server answers."""
    if action_uri.is_one(request):
        return action_uri.answer(phone, request)
    return servlet.answer(phone, request) if phone.web_generation == "servlet" else spa.answer(phone, request)
