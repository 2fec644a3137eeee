"""Yealink test phones: they fetch, apply, restart, serve both generations of the web interface, and speak SIP."""

from __future__ import annotations

from .phone import YealinkPhone

__all__ = ["YealinkPhone"]
