"""Bad input that only a FortiGate's options can hold, and the exact errors that it gets."""

from __future__ import annotations

from typing import Any

from tests.promises.base import BadInput

_VDOM = "the name of a VDOM, 1 to 31 letters, digits, - and _"
_LIST = "a list, each item text, in quotes where YAML takes it for something else"


def _vdoms(label: str, vdoms: Any, error: str) -> BadInput:
    return BadInput(label, {"voip_vdoms": vdoms}, (error,))


BAD_INPUT: tuple[BadInput, ...] = (
    _vdoms("no VDOM", [], "vdoms: an empty list is not allowed; at least one name of a VDOM"),
    _vdoms("every VDOM", ["*"], f'vdoms[0]: "*" is not allowed; {_VDOM}'),
    _vdoms("global", ["root", "global"], f'vdoms[1]: "global" is not allowed; {_VDOM}'),
    _vdoms("a VDOM with a blank", "root,a b", f'vdoms[1]: "a b" is not allowed; {_VDOM}'),
    _vdoms("a VDOM with a parameter", ["root&x=1"], f'vdoms[0]: "root&x=1" is not allowed; {_VDOM}'),
    _vdoms("a long VDOM", ["v" * 32], f'vdoms[0]: "{"v" * 32}" is not allowed; {_VDOM}'),
    _vdoms("a VDOM of another kind", [True], f"vdoms: a list of 1 item is not allowed; {_LIST}"),
    _vdoms("VDOMs of another kind", {"root": 1}, f"vdoms: a mapping with 1 key is not allowed; {_LIST}"),
)
