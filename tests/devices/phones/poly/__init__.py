"""Poly test phones: they fetch, layer, restart, serve REST and web pages, and speak SIP."""

from __future__ import annotations

from .phone import PolyPhone

__all__ = ["PolyPhone"]
