# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong with a device. Every message names the request and the answer; none holds a secret."""

from __future__ import annotations

from collections.abc import Mapping


class DeviceError(Exception):
    """Base of all of them."""


class Unreachable(DeviceError):
    """No connection, or it broke, or the device did not answer in time."""


class NotListening(Unreachable):
    """The device is there and what would answer is switched off; `shows`: settings that this alone shows, by name."""

    shows: Mapping[str, bool] = {}


class NotTrusted(DeviceError):
    """The device's certificate or host key is not the expected one."""


class LoginRefused(DeviceError):
    """The device refused the credentials or the address that we come from; `final`: no others would be taken."""

    final = False


class Unavailable(DeviceError):
    """The device is there and takes no orders now: locked, busy, in a call, with another session. Not tried again."""


class Refused(DeviceError):
    """The device answered a request with an error of its own."""


class Misunderstood(DeviceError):
    """The device answered in a way that is not understood; nothing is concluded from it."""


class Unsupported(DeviceError):
    """A device, version or mode of operation that this collection must not change."""


class LockOut(DeviceError):
    """The plan would close, or may close, the way by which the device is managed."""


class NotPossible(DeviceError):
    """The policy cannot be met on this device as it is; names what is missing."""
