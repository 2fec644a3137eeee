"""REST of a Poly phone (rdbahm/Posh-UCS and other public clients): JSON in an envelope with a status of its own.

404 while it is off; a challenge without the administrator's password; 4010 while that is the one of the factory. What a
wrong password here does to the lock of the web pages was not read; it does nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.oracles.phones import applied, fact_of

from ..web import Request, Response
from .calls import lines

if TYPE_CHECKING:
    from .phone import PolyPhone

USER, FACTORY_PASSWORD = "Polycom", "456"
OK, INVALID, BUSY, TOO_LARGE, DEFAULT_PASSWORD = "2000", "4000", "4001", "4009", "4010"


def answer(phone: PolyPhone, request: Request) -> Response:
    """The answer to a request under /api/."""
    if not phone.settings.on("apps.restapi.enabled"):
        return Response.text("Not Found", 404)
    password = phone.passwords()[USER]
    if not _knows_password(phone, request, password):
        challenge = phone.challenger.challenge() if phone.rest_auth == "digest" else 'Basic realm="Polycom"'
        return Response.text("Unauthorized", 401, ("WWW-Authenticate", challenge))
    if password == FACTORY_PASSWORD:
        return Response.of({"Status": DEFAULT_PASSWORD})
    version, _slash, path = request.path.removeprefix("/api/").partition("/")
    if version not in ("v1", "v2"):
        return Response.text("Not Found", 404)
    call = (_READS if request.method == "GET" else _CALLS).get(path)
    if call is None:
        return Response.text("Not Found", 404)
    try:
        data = request.json().get("data") if request.method == "POST" else version
    except (ValueError, AttributeError):
        return _envelope(INVALID)
    return call(phone, data)


def _knows_password(phone: PolyPhone, request: Request, password: str) -> bool:
    if phone.rest_auth == "digest":
        header = request.header("Authorization")
        return phone.challenger.accepts(header, request.method, {USER: password}) is not None
    return request.basic == (USER, password)


def _envelope(status: str, data: Any = None, **more: Any) -> Response:
    return Response.of(({} if data is None else {"data": data}) | more | {"Status": status})


# --- configuration ---------------------------------------------------------------------------------------------------


def _get(phone: PolyPhone, names: Any) -> Response:
    """Values with their sources. What it does not know, and secrets, are named apart."""
    if not isinstance(names, list) or not names:
        return _envelope(INVALID)
    if len(names) > phone.batch:
        return _envelope(TOO_LARGE)
    found, invalid = {}, {}
    for index, name in enumerate(names, 1):
        if fact_of("poly", phone.settings.line, str(name)) is None or phone.settings.secret(name):
            invalid[str(index)] = name
        else:
            value, source = phone.settings.find(name) or ("", "default")
            found[name] = {"Value": value, "Source": source}
    return _envelope(OK, found, **({"InvalidParams": invalid} if invalid else {}))


def _set(phone: PolyPhone, values: Any) -> Response:
    """Take values: all of them, or none. It may restart afterwards.

    What is in flash needs its `.set` as in a file: eupubs/vvxme, a client of UC Software 6.1, sends it.
    """
    if not isinstance(values, dict) or not values:
        return _envelope(INVALID)
    if len(values) > phone.batch:
        return _envelope(TOO_LARGE)
    if phone.in_call:
        return _envelope(BUSY)
    wanted = {str(name): str(value) for name, value in values.items()}
    for name, value in wanted.items():
        fact = fact_of("poly", phone.settings.line, name)
        if fact is None or (value and fact.scale.problem(value) is not None):
            return _envelope(INVALID)
    wanted = applied(wanted)
    half = phone.faults.strikes("half-applied")
    if half is not None:
        wanted = dict(list(wanted.items())[: half.count])
    return _then(phone, lambda: phone.change(wanted, phone.set_layer))


def _reset(phone: PolyPhone, *kinds: str) -> Response:
    return _then(phone, lambda: phone.reset(*kinds))


def _then(phone: PolyPhone, job: Callable[[], object]) -> Response:
    response = _envelope(OK)
    return Response(response.status, response.body, response.content_type, sent=phone.later(job))


# --- what it tells of itself -----------------------------------------------------------------------------------------


def _device_info(phone: PolyPhone, version: Any) -> Response:
    if version == "v1":
        return _envelope(OK, {
            "ModelNumber": phone.model, "FirmwareRelease": phone.version, "MACAddress": phone.mac,
            "DeviceType": "HardwareEndpoint", "DeviceVendor": "Polycom", "IPV4Address": phone.address,
        })
    return _envelope(OK, {
        "ModelNumber": phone.model, "MACAddress": phone.mac, "DeviceType": "HardwareEndpoint",
        "DeviceVendor": "Polycom", "IPAddress": phone.address,
        "Firmware": {"Application": f"{phone.version} 01-Jun-26 12:00", "Updater": phone.version},
    })


def _network_info(phone: PolyPhone, _version: Any) -> Response:
    get = phone.settings.get
    return _envelope(OK, {
        "IPV4Address": phone.address, "ProvServerAddress": get("device.prov.serverName"),
        "ProvServerType": _SERVER_TYPES[get("device.prov.serverType")], "ProvServerUser": get("device.prov.user"),
        "LLDP": _enabled(phone, "device.net.lldpEnabled"), "CDPCompatibility": _enabled(phone, "device.net.cdpEnabled"),
        "VLANID": get("device.net.vlanId"), "SNTPAddress": get("tcpIpApp.sntp.address"),
        "UpgradeServer": get("device.prov.upgradeServer"),
    })


_SERVER_TYPES = {"0": "FTP", "1": "TFTP", "2": "HTTP", "3": "HTTPS", "4": "FTPS"}


def _enabled(phone: PolyPhone, name: str) -> str:
    return "enabled" if phone.settings.on(name) else "disabled"


def _running(phone: PolyPhone, _version: Any) -> Response:
    get = phone.settings.get
    return _envelope(OK, {
        "Network": {
            "IPAddress": phone.address, "VLAN": get("device.net.vlanId"),
            "LLDP": _enabled(phone, "device.net.lldpEnabled").title(),
            "CDP": _enabled(phone, "device.net.cdpEnabled").title(),
        },
        "Provisioning": {
            "Server": get("device.prov.serverName"), "ServerType": _SERVER_TYPES[get("device.prov.serverType")],
            "User": get("device.prov.user"), "TagSerialNo": _enabled(phone, "device.prov.tagSerialNo").title(),
        },
        "SNTP": {"Server": get("tcpIpApp.sntp.address")},
        "Syslog": {
            "Server": get("device.syslog.serverName"), "RenderLevel": get("device.syslog.renderLevel"),
            "Facility": get("device.syslog.facility"),
            "Transport": {"1": "UDP", "2": "TCP", "3": "TLS"}.get(get("device.syslog.transport"), "None"),
        },
    })


def _lines(phone: PolyPhone, _version: Any) -> Response:
    get = phone.settings.get
    return _envelope(OK, [
        {"LineNumber": str(line), "LineType": get(f"reg.{line}.type", "private"), "Label": get(f"reg.{line}.label"),
         "RegistrationStatus": "registered" if phone.registrations.get((line, 1)) == "registered" else "unregistered",
         "SIPAddress": get(f"reg.{line}.address"), "ProxyAddress": get(f"reg.{line}.server.1.address"),
         "Port": get(f"reg.{line}.server.1.port", "0")}
        for line in lines(phone)
    ])


def _poll(phone: PolyPhone, _version: Any) -> Response:
    return _envelope(OK, {"State": "InCall" if phone.in_call else "Idle"})


_READS: dict[str, Callable[[PolyPhone, Any], Response]] = {
    "mgmt/device/info": _device_info, "mgmt/network/info": _network_info, "mgmt/device/runningConfig": _running,
    "mgmt/lineInfo": _lines, "mgmt/pollForStatus": _poll,
}
_CALLS: dict[str, Callable[[PolyPhone, Any], Response]] = {
    "mgmt/config/get": _get, "mgmt/config/set": _set,
    "mgmt/safeRestart": lambda phone, _data: _then(phone, phone.restart_when_idle),
    "mgmt/safeReboot": lambda phone, _data: _then(phone, phone.restart_when_idle),
    "mgmt/updateConfiguration": lambda phone, _data: _then(phone, phone.provision),
    # Posh-UCS names the layers; whether the call without one also clears flash was not read.
    "mgmt/configReset": lambda phone, _data: _reset(phone, "local", "web"),
    "mgmt/configReset/local": lambda phone, _data: _reset(phone, "local"),
    "mgmt/configReset/web": lambda phone, _data: _reset(phone, "web"),
    "mgmt/configReset/device": lambda phone, _data: _reset(phone, "device"),
    "mgmt/factoryReset": lambda phone, _data: _reset(phone, "local", "web", "config", "device"),
}
