"""Folders as other tools leave them, in the shapes of public templates, with made-up content."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

from ansible_collections.voip.hardening.plugins.module_utils.phones.phone import Phone
from ansible_collections.voip.hardening.plugins.module_utils.phones.yealink import COMMON_FILES

HEAD = "#!version:1.0.0.1"
VALUES = st.sampled_from(["", "0", "1", "2", "%NULL%", "sip.example.com", "a=b # c", "Müller"])
YEALINK_KEYS = st.sampled_from(
    [
        "account.1.enable",
        "account.2.enable",
        "account.3.user_name",
        "account.2.sip_server.2.address",
        "account.4.sip_server.3.address",
        "account.1.sip_server.1.transport_type",
        "account.2.sip_server.1.transport_type",
        "features.direct_ip_call_enable",
        "static.security.trust_certificates",
        "linekey.1.label",
        "lang.gui",
    ]
)
POLY_KEYS = st.sampled_from(
    [
        "reg.1.address",
        "reg.2.address",
        "reg.3.server.3.address",
        "reg.2.server.1.transport",
        "httpd.cfg.secureTunnelRequired",
        "feature.urlDialing.enabled",
        "device.prov.serverType",
        "device.prov.serverType.set",
        "device.set",
        "lcl.ml.lang",
    ]
)


def yealink_file(settings: dict[str, str], end: str = "\n", last: bool = True) -> bytes:
    """A configuration file; `last`: whether its last line has an end."""
    lines = [HEAD, "## a comment", "", *(f"{key} = {value}" for key, value in settings.items())]
    return (end.join(lines) + (end if last else "")).encode()


def poly_file(settings: dict[str, str], root: str = "polycomConfig") -> bytes:
    """A file of parameters."""
    quoted = {key: value.replace("&", "&amp;").replace('"', "&quot;") for key, value in settings.items()}
    body = " ".join(f'{key}="{value}"' for key, value in quoted.items())
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<!-- CONFIG_FILES="not.cfg" -->\n'
    return f"{head}<{root}>\n  <ALL {body}/>\n</{root}>\n".encode()


@st.composite
def yealink_folders(draw: st.DrawFn, one: Phone, transport: str) -> dict[str, bytes]:
    """Any of: boot files for this phone or for all, its model's common file, a file of its own; both ends of lines."""
    end = draw(st.sampled_from(["\n", "\r\n"]))
    last = draw(st.booleans())
    number = COMMON_FILES[one.model]
    common, own = f"y000000000{number}.cfg", f"{one.mac}.cfg"
    folder = {}
    for name in (common, own):
        if draw(st.booleans()):
            folder[name] = yealink_file(draw(st.dictionaries(YEALINK_KEYS, VALUES, max_size=6)), end, last)
    for name in (f"{one.mac}.boot", "y000000000000.boot"):
        if draw(st.booleans()):
            listed = [f'include:config "{file}"' for file in (common, own) if file in folder]
            extra = draw(
                st.lists(
                    st.sampled_from(
                        [
                            "",
                            "## a comment",
                            "overwrite_mode = 0",
                            'include:config "$MAC.cfg"',
                            'include:config "https://u:p@other.example.com/a.cfg"',
                            '[T46S]include:config "t46s.cfg"',
                        ]
                    ),
                    max_size=3,
                )
            )
            folder[name] = (end.join([HEAD, *listed, *extra]) + (end if last else "")).encode()
    return folder


@st.composite
def poly_folders(draw: st.DrawFn, one: Phone, transport: str) -> dict[str, bytes]:
    """Any of: a master file of this phone or of all, with or without lists, or files that hold parameters."""
    folder = {}
    for name in ("common.cfg", f"{one.mac}-user.cfg"):
        if draw(st.booleans()):
            folder[name] = poly_file(draw(st.dictionaries(POLY_KEYS, VALUES, max_size=6)))
    for name in (f"{one.mac}.cfg", "000000000000.cfg"):
        kind = draw(st.sampled_from(["none", "master", "bare", "parameters"]))
        if kind == "parameters":
            folder[name] = poly_file(draw(st.dictionaries(POLY_KEYS, VALUES, max_size=6)), "PHONE_CONFIG")
        elif kind == "bare":
            folder[name] = b'<APPLICATION APP_FILE_PATH="sip.ld"/>'
        elif kind == "master":
            quote = draw(st.sampled_from(["'", '"']))
            files = draw(
                st.sampled_from(
                    [
                        "",
                        "common.cfg",
                        "[PHONE_MAC_ADDRESS]-user.cfg, common.cfg",
                        " common.cfg,missing.cfg",
                        f"{one.mac}-user.cfg,",
                    ]
                )
            )
            folder[name] = (
                '<?xml version="1.0"?>\r\n<!-- <APPLICATION CONFIG_FILES="old.cfg"/> -->\n'
                f'<APPLICATION  APP_FILE_PATH="sip.ld"\n  CONFIG_FILES={quote}{files}{quote}'
                f' CONFIG_FILES_VVX450 = "{files}" >\n'
                '  <APPLICATION_VVX1500 APP_FILE_PATH_VVX1500="x.ld" />\n</APPLICATION>'
            ).encode()
    return folder


FOLDERS: dict[str, Callable[[Phone, str], st.SearchStrategy[dict[str, bytes]]]] = {
    "yealink": yealink_folders,
    "poly": poly_folders,
}
