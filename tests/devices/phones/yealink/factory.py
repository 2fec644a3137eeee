"""A Yealink phone as it is delivered."""

from __future__ import annotations

from tests.oracles.phones import facts

# fusionpbx/fusionpbx resources/templates/provision/yealink has a folder a model with its common file's number.
COMMON_FILES = {
    "T27G": 69, "T31G": 123, "T31W": 172, "T33G": 124, "T34W": 171, "T40G": 76, "T41S": 68, "T42S": 67, "T46S": 66,
    "T48S": 65, "T42U": 116, "T43U": 107, "T44W": 174, "T46U": 108, "T48U": 109, "T53W": 95, "T54W": 96, "T57W": 97,
    "T58W": 150, "T73U": 186, "T74U": 187, "T77U": 188, "T85W": 196, "W60B": 77, "W70B": 146, "CP925": 148,
}
# What the table of facts has no default for. These are how such phones are found in the field; where a manual says
# otherwise of some firmware, tests change them.
_FIELD = {
    "static.wui.http_enable": "1", "static.wui.https_enable": "1", "static.security.trust_certificates": "1",
    "static.security.ca_cert": "2", "static.security.cn_validation": "0", "features.direct_ip_call_enable": "1",
    "features.relog_offtime": "5", "static.network.lldp.enable": "1", "static.network.cdp.enable": "1",
    "static.network.pc_port.enable": "1", "static.zero_touch.enable": "1",
    "static.auto_provision.dhcp_option.enable": "1",
}
PASSWORDS = {"admin": "admin", "user": "user", "var": "var"}


def factory_settings(line: str) -> dict[str, str]:
    """The settings of a phone of a firmware line, by parameter; passwords are kept apart."""
    known = facts("yealink", line)
    found = {fact.pattern: fact.default for fact in known.table if fact.default is not None and "X" not in fact.pattern}
    for name, value in _FIELD.items():
        name = name.removeprefix("static.") if line == "v80" else name
        if known.find(name) is not None:
            found[name] = value
    return found
