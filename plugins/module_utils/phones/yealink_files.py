# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Yealink's files: `key = value` below a fixed first line, and a boot file that lists the others.

Sources: Yealink's auto-provisioning chapters of the T2 administrator guide (p. 126, boot files) and the VP59 guide
(p. 49, order and MD5); the boot file of fusionpbx/fusionpbx (commit c7a00dcb). A phone takes `<mac>.boot`, or else
`y000000000000.boot`, or else the common file of its model and then `<mac>.cfg`. Files are loaded from the top down, a
later one overrides. A file whose first line is another is rejected.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..errors import Misunderstood, NotPossible
from ..policy.reading import shown
from .layers import MARK, Folder, Layers, Write, generation_of, read_others
from .phone import Phone
from .table import Setting
from .yealink import COMMON_FILES

HEAD = "#!version:1.0.0.1"
COMMON_BOOT = "y000000000000.boot"
OLDEST_WITH_BOOT = 81
MADE = f"#{MARK}: made from what was here before; state deleted takes it away"

_INCLUDE = re.compile(
    r'^[ \t]*(?:\[[^\]\r\n]*\][ \t]*)?include:config[ \t]+["<]?([^">\r\n]+?)[">]?[ \t]*\r?$', re.MULTILINE
)
_OVERWRITE = re.compile(r"^[ \t]*overwrite_mode[ \t]*=[ \t]*1[ \t]*\r?$", re.MULTILINE)
_PASSWORD = re.compile(r"((?:static\.)?security\.user_password)\[([a-z]+)\]")
_PASSWORD_KEYS = ("security.user_password", "static.security.user_password")
_LINE = re.compile(r"account\.([1-9][0-9]?)\.(?:enable|user_name|sip_server\.([1-9])\.address)")
_SERVER = re.compile(r"account\.[1-9][0-9]?\.sip_server\.[1-9]\.address")
_NOTHING = ("", "%NULL%")


class YealinkFiles:
    """See `layers.Format`."""

    def hardening_file(self, phone: Phone) -> str:
        return f"{phone.mac}-hardening.cfg" if phone.release >= OLDEST_WITH_BOOT else f"{phone.mac}.cfg"

    def render(self, settings: Sequence[Setting], generation: int) -> bytes:
        lines = [HEAD, f"#{MARK} generation {generation}", "#Written by a program: changes made here are lost"]
        lines += [line_of(setting) for setting in settings]
        return "".join(f"{line}\n" for line in lines).encode()

    def parse(self, name: str, content: bytes) -> dict[str, str]:
        settings: dict[str, str] = {}
        for line in _text(name, content).splitlines():
            key, equals, value = line.partition("=")
            if not equals or line.lstrip().startswith("#"):
                continue
            key, value = key.strip(), value.strip()
            if key in _PASSWORD_KEYS:
                account, _colon, value = value.partition(":")
                key = f"{key}[{account}]"
            settings[key] = value
        return settings

    def others(self, phone: Phone, folder: Folder) -> Layers:
        names = self._loaded(phone, folder)
        layers, found = read_others(names, self.hardening_file(phone), folder, self.parse)
        for settings in found:
            layers.settings.update(settings)
        return layers

    def _loaded(self, phone: Phone, folder: Folder) -> list[str]:
        """Names of the files that a phone loads, from the top down."""
        boot = self._boot(phone, folder)
        if boot is not None:
            return [name.replace("$MAC", phone.mac) for name in includes(boot)]
        return self._without_boot(phone, folder)

    def _without_boot(self, phone: Phone, folder: Folder) -> list[str]:
        number = COMMON_FILES.get(phone.model.upper())
        names = [*([f"y000000000{number}.cfg"] if number else []), f"{phone.mac}.cfg"]
        return [name for name in names if name in folder and not generation_of(folder[name])]

    def _boot(self, phone: Phone, folder: Folder) -> str | None:
        """The boot file that others wrote for this phone or for all; one of ours does not count."""
        if phone.release < OLDEST_WITH_BOOT:
            return None
        for name in (f"{phone.mac}.boot", COMMON_BOOT):
            content = folder.get(name)
            if content is not None and not _is_made(content):
                return _text(name, content)
        return None

    def include(self, phone: Phone, folder: Folder) -> list[Write]:
        ours, name = self.hardening_file(phone), f"{phone.mac}.boot"
        if phone.release < OLDEST_WITH_BOOT:
            self._refuse_shared(phone, folder)
            return []
        present = folder.get(name)
        if present is not None and not _is_made(present):
            self._refuse_partial(phone, folder, name, _text(name, present))
            content = with_include(present, ours)
            return [] if content == present else [Write(name, content, f"{_include(ours)} as the last one")]
        self._refuse_unknown(phone, folder)
        common = folder.get(COMMON_BOOT)
        if common is not None:
            text = _text(COMMON_BOOT, common)
            self._refuse_partial(phone, folder, COMMON_BOOT, text)
            rest = text.partition("\n")[2]
            content = with_include(f"{HEAD}\n{MADE}\n{rest}".encode(), ours)
        else:
            names = [*self._without_boot(phone, folder), ours]
            content = "".join(f"{line}\n" for line in (HEAD, MADE, *map(_include, names))).encode()
        return [] if content == present else [Write(name, content, f"{_include(ours)} after what all phones load")]

    def exclude(self, phone: Phone, folder: Folder) -> list[Write]:
        name = f"{phone.mac}.boot"
        present = folder.get(name)
        if present is None or phone.release < OLDEST_WITH_BOOT:
            return []
        if _is_made(present):
            return [Write(name, None, "the boot file that was made for this phone")]
        content = without_include(present, self.hardening_file(phone))
        return [] if content == present else [Write(name, content, f"no {_include(self.hardening_file(phone))}")]

    def retired(self, phone: Phone, folder: Folder) -> list[Write]:
        name = f"{phone.mac}.cfg"
        if name == self.hardening_file(phone) or not generation_of(folder.get(name)):
            return []
        return [Write(name, None, "the hardening for firmware without boot files")]

    def overlaid(self, ours: Mapping[str, str], others: Mapping[str, str]) -> dict[str, str]:
        return {**others, **ours}

    def overrides(self, phone: Phone, folder: Folder) -> dict[str, dict[str, str]]:
        """None: with `custom.protect = 0`, which is rendered, provisioning outranks `<mac>-local.cfg`."""
        return {}

    def lines(self, settings: Mapping[str, str]) -> dict[int, frozenset[int]]:
        found: dict[int, set[int]] = {}
        for key, value in settings.items():
            match = _LINE.fullmatch(key)
            if match and value not in (*_NOTHING, "0"):
                servers = found.setdefault(int(match.group(1)), set())
                if match.group(2):
                    servers.add(int(match.group(2)))
        return {line: frozenset(servers) for line, servers in found.items()}

    def servers(self, settings: Mapping[str, str]) -> dict[str, str]:
        return {key: value for key, value in settings.items() if _SERVER.fullmatch(key) and value not in _NOTHING}

    def _refuse_shared(self, phone: Phone, folder: Folder) -> None:
        name = self.hardening_file(phone)
        present = folder.get(name)
        if present is not None and not generation_of(present):
            raise NotPossible(
                f"{name}: somebody else's, and firmware {phone.firmware} knows no boot file by which a second one "
                "could be loaded over it. Bring the phone to release 81 or later, or put the rendered lines there"
            )

    def _refuse_partial(self, phone: Phone, folder: Folder, name: str, boot: str) -> None:
        if not _OVERWRITE.search(boot):
            return
        loaded = [one.replace("$MAC", phone.mac) for one in includes(boot)]
        missing = [one for one in loaded if "/" not in one and one not in folder and one != self.hardening_file(phone)]
        left_out = [one for one in self._without_boot(phone, folder) if one not in loaded]
        if missing or left_out:
            raise NotPossible(
                f"{name}: overwrite_mode = 1 gives everything that no file sets its factory value, and "
                f"{', '.join(map(shown, [*missing, *left_out]))} would not be loaded. Include every file of the phone "
                "that exists, and none that does not, or take overwrite_mode away"
            )

    def _refuse_unknown(self, phone: Phone, folder: Folder) -> None:
        """A boot file of ours must list what the phone loads without one, whose name the model decides."""
        if COMMON_BOOT not in folder and phone.model.upper() not in COMMON_FILES:
            raise NotPossible(
                f"model {phone.model}: the name of its common file is not known, so that a boot file would keep the "
                f"phone from loading it. Known: {', '.join(COMMON_FILES)}. Or put a {phone.mac}.boot into the folder"
            )


def includes(boot: str) -> list[str]:
    """The files that a boot file lists, from the top down."""
    return [match.group(1).strip() for match in _INCLUDE.finditer(boot)]


def with_include(boot: bytes, name: str) -> bytes:
    """The boot file with ours as the last include. `without_include` gives the very same bytes back."""
    if includes(boot.decode("utf-8", "surrogateescape"))[-1:] == [name]:
        return boot
    rest = without_include(boot, name)
    end = b"\r\n" if b"\r\n" in rest else b"\n"
    line = _include(name).encode()
    return rest + line + end if rest.endswith(b"\n") or not rest else rest + end + line


def without_include(boot: bytes, name: str) -> bytes:
    """The boot file without our include, whoever wrote behind it meanwhile."""
    line = _include(name).encode()
    if boot.endswith(b"\n" + line):
        # The last line of the file had no end, and ours was put behind one that goes with it.
        rest = boot[: -len(line) - 1]
        return rest[:-1] if rest.endswith(b"\r") and b"\r\n" in rest[:-1] else rest
    return re.sub(rb"(?m)^" + re.escape(line) + rb"\r?\n", b"", boot)


def _include(name: str) -> str:
    return f'include:config "{name}"'


def line_of(setting: Setting) -> str:
    """A setting as it stands in a file."""
    password = _PASSWORD.fullmatch(setting.name)
    if password:
        return f"{password.group(1)} = {password.group(2)}:{setting.text}"
    return f"{setting.name} = {setting.text}"


def _is_made(content: bytes) -> bool:
    return MADE.encode() in content.splitlines()[1:2]


def _text(name: str, content: bytes) -> str:
    """Raises `Misunderstood` for what a phone would reject, and for what is encrypted."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = ""
    if text.partition("\n")[0].rstrip() != HEAD:
        raise Misunderstood(f"{name}: its first line is not {HEAD}, so that it is encrypted or no file for a phone")
    return text
