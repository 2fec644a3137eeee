"""What a program that is piped to `php` does, for those programs that carry a request as this product's do.

The request is read from the program's text, the rest of which is never looked at; what each operation does is written
from its description.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from . import interfaces
from .accounts import factory_password
from .box import CONFIG, RULES, SUBSYSTEMS, Box, Dead
from .configxml import ParseError, Tree, copied
from .faults import GARBAGE, Fault
from .interfaces import bring_down, configure, configure_vlan
from .tree import del_path, entries, fields, get_path, set_path

MARK = "---- voip.hardening ----"
OWN = "/var/db/voip_hardening"
SKIPS = ("Unresolvable", "source address is empty", "destination address is empty", "array key")
MOST_SKIPS = 200
SHOWN = 200
REVISION = ("time", "description", "username")
_REQUEST = re.compile(r"^\s*\$request = json_decode\(base64_decode\('([A-Za-z0-9+/=]*)'\), true\);\s*$", re.MULTILINE)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")

Answer = dict[str, Any]


class Refusal(Exception):
    """What is answered instead of a result: ``code`` and a text."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Cut(Exception):
    """The connection drops; ``said`` is what went out before."""

    def __init__(self, said: bytes = b"") -> None:
        super().__init__("cut")
        self.said = said


class Hang(Exception):
    """Nothing more comes, and the connection stays."""


def request_of(program: str) -> Answer | None:
    """The request in a program, None where there is none."""
    found = _REQUEST.search(program)
    if found is None:
        return None
    request = json.loads(base64.b64decode(found[1]))
    return request if isinstance(request, dict) else None


def run(box: Box, program: str) -> bytes:
    """What `php` prints for a program; raises Cut or Hang where a fault says so."""
    request = request_of(program)
    with box.lock:
        if request is None:
            box.counters.unknown += 1
            return b""
        op = str(request.get("op", ""))
        box.note(op, request)
        return struck(box, op, lambda: spoken(box, request))


def struck(box: Box, op: str, answering: Callable[[], bytes]) -> bytes:
    """An answer as the faults planted on the box leave it."""
    faults = box.faults.striking(op)
    if "cut-before" in faults:
        raise Cut
    if "gui" in faults:
        box.gui_write({"filter/rule/": gui_rule(box)}, dirty=("filter",))
    if "load" in faults:
        box.refuse_next(_said(faults["load"], "syntax error"))
    said = answering()
    if "hang" in faults:
        raise Hang
    if "cut-after" in faults:
        raise Cut
    if "truncated" in faults:
        raise Cut(said[: len(said) // 2])
    if "garbage" in faults:
        return faults["garbage"].text.encode()
    if "noise" in faults:
        return _said(faults["noise"], "PHP Warning:  Undefined array key in filter.inc\n").encode() + said
    return said


def _said(fault: Fault, otherwise: str) -> str:
    return otherwise if fault.text == GARBAGE else fault.text


def gui_rule(box: Box) -> Tree:
    """A rule that somebody adds in the GUI."""
    return {
        "id": "",
        "tracker": str(int(box.now)),
        "type": "pass",
        "interface": "lan",
        "ipprotocol": "inet",
        "protocol": "tcp",
        "source": {"network": "lan"},
        "destination": {"any": "", "port": "8443"},
        "descr": "added in the GUI",
    }


def spoken(box: Box, request: Answer) -> bytes:
    """Carry a request out; the answer between its marks, with what a box prints that is starting up."""
    noise = "." if box.booting else ""
    try:
        answer = carry_out(box, request)
    except Refusal as refusal:
        answer = {"ok": False, "error": refusal.code, "message": str(refusal)}
    except (Dead, ParseError) as dead:
        answer = {"ok": False, "error": "exception", "message": f"the program ended early: {dead}"}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        answer = {"ok": False, "error": "exception", "message": f"{type(error).__name__}: {error}"}
    return f"{noise}\n{MARK}\n{json.dumps(answer)}\n{MARK}\n".encode()


def carry_out(box: Box, request: Answer) -> Answer:
    """The answer to a request; raises Refusal, Dead, or what a broken request breaks."""
    operation = OPERATIONS.get(str(request.get("op", "")))
    if operation is None:
        raise Refusal("unknown-op", "this operation is not known")
    return operation(box, request)


# --- reading ---------------------------------------------------------------------------------------------------------


def read(box: Box, request: Answer) -> Answer:
    """Everything that is asked for, of one moment."""
    config = box.parse()
    values: Tree = {}
    for section in request.get("sections") or []:
        if isinstance(section, str):
            values[section] = get_path(config, section)
        else:
            values[section["path"]] = picked(get_path(config, section["path"]), section["fields"])
    vips = [
        entry for entry in entries(config, "virtualip/vip") if isinstance(entry, dict) and entry.get("mode") == "carp"
    ]
    return {
        "ok": True,
        "version": box.files.read("/etc/version").strip(),
        "patch": box.files.read("/etc/versionpatch").strip(),
        "level": text_of(config, "version"),
        "hostname": text_of(config, "system/hostname"),
        "revision": revision(config),
        "digest": digest(box),
        "config": values,
        "dirty": [name for name in sorted(SUBSYSTEMS) if box.files.exists(f"/var/run/{name}.dirty")],
        "status": box.status,
        "running": box.running,
        "skipped": skipped(box),
        "tables": {name: box.kernel.tables.get(name) for name in request.get("tables") or []},
        "addresses": {
            name: asdict(interfaces.address(config, box.kernel, name)) for name in fields(config, "interfaces")
        },
        "packages": [entry["name"] for entry in entries(config, "installedpackages/package") if "name" in entry],
        "carp": {
            "peer": text_of(config, "hasync/synchronizetoip"),
            "vips": len(vips),
            "backup": len(vips) if box.knobs.carp == "BACKUP" else 0,
        },
        "armed": armed(box),
        "fired": record(box, "fired.json"),
        "factory_password": factory_password(config) if request.get("accounts") else None,
        "clock": int(box.now),
    }


def picked(value: Any, wanted: list[str]) -> Any:
    """Of each entry only these fields."""

    def of(entry: Any) -> Tree:
        return {name: found for name, found in entry.items() if name in wanted} if isinstance(entry, dict) else {}

    if isinstance(value, dict):
        return {name: of(entry) for name, entry in value.items()}
    return [of(entry) for entry in value] if isinstance(value, list) else value


def text_of(config: Tree, path: str) -> str:
    """The text at a path, "" where there is none."""
    return str(get_path(config, path, ""))


def revision(config: Tree) -> dict[str, str]:
    """Who wrote last, and when."""
    return {name: text_of(config, f"revision/{name}") for name in REVISION}


def digest(box: Box) -> str:
    """SHA-256 of the file."""
    return hashlib.sha256(box.files.read(CONFIG).encode()).hexdigest()


def skipped(box: Box) -> list[str]:
    """The comments that stand in place of rules that were left out."""
    lines = [
        line[:SHOWN]
        for line in box.files.read(RULES).splitlines()
        if line.startswith("#") and any(words in line for words in SKIPS)
    ]
    return lines[:MOST_SKIPS]


# --- files of the product --------------------------------------------------------------------------------------------


def record(box: Box, name: str) -> Answer | None:
    """A record in the product's folder."""
    text = box.files.read(f"{OWN}/{name}")
    return json.loads(text) if text else None


def armed(box: Box) -> Answer | None:
    """The timer that may still go off."""
    found = record(box, "armed.json") or record(box, "firing.json")
    return {name: found[name] for name in ("token", "since", "seconds", "backup")} if found else None


def settle(box: Box, token: str) -> bool:
    """Take this token's timer away; whether it was there."""
    found = record(box, "armed.json")
    if found is None or found["token"] != token:
        return False
    return box.files.remove(f"{OWN}/armed.json")


def forget(box: Box, token: str) -> None:
    """Take the copy of this token away."""
    for kind in ("xml", "json"):
        box.files.remove(f"{OWN}/{token}.{kind}")
    box.timers[:] = [timer for timer in box.timers if timer.token != token]


def token_of(request: Answer) -> str:
    """The token of a request."""
    token = request.get("token")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise Refusal("missing", "the request has no token")
    return token


def keep(box: Box, token: str, apply: Answer, seconds: int) -> None:
    """Keep the configuration as it is, and arm the timer."""
    timer = record(box, "armed.json")
    if timer is not None:
        if timer["token"] == token:
            return
        raise Refusal("lock", "the rollback of another run is armed on the device")
    for name in box.files.listed(OWN):
        box.files.remove(f"{OWN}/{name}")
    copy = f"{OWN}/{token}.xml"
    box.files.write(copy, box.files.read(CONFIG))
    data = json.dumps({"token": token, "since": int(box.now), "seconds": seconds, "backup": copy, "apply": apply})
    box.files.write(f"{OWN}/{token}.json", data)
    if seconds > 0:
        box.files.write(f"{OWN}/armed.json", data)
        box.start_timer(seconds, token)


def lock(box: Box) -> None:
    """The lock that only one run of the product holds."""
    if box.knobs.locked:
        raise Refusal("lock", "another run of this collection is busy on the device")


# --- writing ---------------------------------------------------------------------------------------------------------


def write(box: Box, request: Answer) -> Answer:
    """Write what is asked for, if nobody wrote since, and apply it; a load that fails puts everything back."""
    token = token_of(request)
    apply = request.get("apply") or {}
    edits = request.get("edits") or []
    lock(box)
    before = box.parse()
    if digest(box) != request["digest"] or revision(before)["time"] != str(request["revision"]):
        raise Refusal("changed", "the configuration was changed since it was read")
    after = edited(before, edits)
    keep(box, token, apply, int(request.get("rollback") or 0))
    down = lower(box, before, [*(apply.get("interfaces_down") or []), *(apply.get("interfaces") or [])])
    if edits:
        # The backup is named after the second of the last revision, and one of the same second would be lost.
        box.wait_past(str(request["revision"]))
        made = box.write_config(after, request["description"])
        if not isinstance(made, dict):
            for name in down:
                configure(before, box.kernel, name, box.leases)
            settle(box, token)
            forget(box, token)
            raise Refusal("write", "the device refused to write its configuration, or could not")
    try:
        carry(box, apply)
    except Refusal as refusal:
        settle(box, token)
        try:
            put_back(box, token, apply)
        except Refusal as further:
            said = f"{refusal}; the configuration was to be put back, and that failed too: {further}"
            raise Refusal("exception", said) from None
        forget(box, token)
        raise Refusal("load", f"{refusal}; the configuration was put back") from None
    box.changed()
    return {
        "ok": True,
        "written": bool(edits),
        "revision": revision(box.parse()),
        "digest": digest(box),
        "status": box.status,
        "load": box.check_load(),
    }


def edited(before: Tree, edits: list[Answer]) -> Tree:
    """A configuration with edits carried out in their order; the indexes of lists mean what was there before them."""
    after: Tree = copied(before)
    for edit in edits:
        path = edit["path"]
        if "set" in edit:
            done = set_path(after, path, edit["set"]) and not path.endswith("/")
        elif edit.get("unset"):
            del_path(after, path)
            done = True
        else:
            values = [listed(entry, entries(before, path), path) for entry in edit["list"]]
            done = True
            if values or edit.get("empty"):
                done = set_path(after, path, values)
            else:
                del_path(after, path)
        if not done:
            raise Refusal("write", f"{path} could not be set")
    return after


def listed(entry: Answer, old: list[Any], path: str) -> Any:
    """One entry of a list that is written anew."""
    if "new" in entry:
        return copied(entry["new"])
    if not 0 <= entry["keep"] < len(old):
        raise Refusal("write", f"{path} has no entry {entry['keep']}")
    kept = copied(old[entry["keep"]])
    kept.update(copied(entry.get("set") or {}))
    for name in entry.get("unset") or []:
        kept.pop(name, None)
    return kept


def lower(box: Box, config: Tree, names: list[str]) -> list[str]:
    """Take interfaces down by the settings that they have; those that were up."""
    up = [name for name in dict.fromkeys(names) if "enable" in fields(config, f"interfaces/{name}")]
    for name in up:
        bring_down(config, box.kernel, name)
    return up


def carry(box: Box, apply: Answer) -> None:
    """Apply what was written; raises Refusal when a VLAN or the rules cannot be made."""
    config = box.parse(cached=True)
    for device in apply.get("vlans_gone") or []:
        if device in box.kernel.devices:
            box.kernel.destroy(device)
    for vlan in entries(config, "vlans/vlan"):
        device = vlan.get("vlanif", "")
        if device in (apply.get("vlans") or []) and configure_vlan(config, box.kernel, device, box.leases) is None:
            raise Refusal("load", f"the VLAN {device} could not be made")
    for name in apply.get("interfaces") or []:
        configure(config, box.kernel, name, box.leases)
    if apply.get("dhcp"):
        box.apply_dhcp(config)
        box.clear_dirty("dhcpd")
    if apply.get("siproxd") and box.siproxd_installed(config):
        box.apply_siproxd(config)
    if apply.get("filter"):
        box.reload_filter(config)
        if box.check_load() or (box.status != "Done" and not box.status.startswith("Filter is disabled")):
            raise Refusal(
                "load", " / ".join((f"the rules could not be loaded: {box.status[:SHOWN]}", *skipped(box)[:3]))
            )
    for service in ("webgui", "sshd", "sshguard"):
        if apply.get(service):
            box.restart(service)


def put_back(box: Box, token: str, apply: Answer) -> None:
    """The copy of this token becomes the configuration, and all that was applied is applied again."""
    names = list(dict.fromkeys([*(apply.get("interfaces") or []), *(apply.get("interfaces_down") or [])]))
    devices = list(dict.fromkeys([*(apply.get("vlans") or []), *(apply.get("vlans_gone") or [])]))
    lower(box, box.parse(), names)
    box.restore_config(f"{OWN}/{token}.xml", "before voip.hardening")
    config = box.parse()
    known = {str(entry.get("vlanif")) for entry in entries(config, "vlans/vlan")}
    carry(
        box,
        {
            **apply,
            "interfaces": [name for name in names if "enable" in fields(config, f"interfaces/{name}")],
            "vlans": [device for device in devices if device in known],
            "vlans_gone": [device for device in devices if device not in known],
        },
    )
    box.changed()


def fired(box: Box, token: str) -> bool:
    """Whether the timer of this token has gone off."""
    found = record(box, "fired.json")
    return found is not None and found["token"] == token


def restore(box: Box, request: Answer) -> Answer:
    """Put the copy of a token back now."""
    token = token_of(request)
    lock(box)
    if not fired(box, token):
        kept = record(box, f"{token}.json")
        if kept is None:
            raise Refusal("missing", "there is no copy to put back")
        settle(box, token)
        put_back(box, token, kept["apply"])
        forget(box, token)
    return {"ok": True, "restored": True}


def disarm(box: Box, request: Answer) -> Answer:
    """Take the timer of a token away, if it has not gone off."""
    token = token_of(request)
    if settle(box, token):
        forget(box, token)
        return {"ok": True, "disarmed": True}
    return {"ok": True, "disarmed": False, "fired": fired(box, token)}


def expire(box: Box, token: str) -> bool:
    """The timer goes off: nothing for one that is not armed any more. Whether it was."""
    with box.lock:
        if not settle(box, token):
            return False
        kept = record(box, f"{token}.json") or {}
        gone: Answer = {"token": token, "at": int(box.now)}
        try:
            put_back(box, token, kept.get("apply") or {})
        except (Refusal, Dead, ParseError) as error:
            gone["error"] = str(error)
        else:
            forget(box, token)
        box.files.write(f"{OWN}/fired.json", json.dumps(gone))
        return True


def flows(box: Box, request: Answer) -> Answer:
    """End states by their addresses."""
    killed = 0
    for flow in request["kill"]:
        try:
            killed += box.kernel.kill(flow["source"], flow.get("destination", ""))
        except ValueError:
            continue
    return {"ok": True, "killed": killed}


OPERATIONS: dict[str, Callable[[Box, Answer], Answer]] = {
    "read": read,
    "write": write,
    "restore": restore,
    "disarm": disarm,
    "expire": lambda box, request: {"ok": True, "fired": expire(box, token_of(request))},
    "flows": flows,
}
