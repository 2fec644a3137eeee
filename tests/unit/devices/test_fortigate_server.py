"""The device on real sockets: TLS, keep-alive, cuts, reachability, the side channel, many devices at once."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import signal
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.devices.fortigate import FortiGate, FortiGateServer, factory_config, lived_in_config
from tests.devices.fortigate.certificate import make_certificate
from tests.devices.fortigate.control import Control
from tests.unit.devices.fortigate_client import TOKEN

ROOT = Path(__file__).resolve().parents[3]
POLICY = "/api/v2/cmdb/firewall/policy"
STATUS = "/api/v2/monitor/system/status"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


def connect(server: FortiGateServer, timeout: float = 20.0) -> http.client.HTTPSConnection:
    context = ssl.create_default_context(cafile=server.ca_path)
    return http.client.HTTPSConnection(server.host, server.port, timeout=timeout, context=context)


def ask(connection: http.client.HTTPSConnection, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
    connection.request(method, path, None if body is None else json.dumps(body), HEADERS)
    reply = connection.getresponse()
    return reply.status, reply.read()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FortiGateServer]:
    device = FortiGate(factory_config(management_ip="127.0.1.1"))
    device.add_api_user("unit-test", TOKEN)
    with FortiGateServer(device, directory=tmp_path) as running:
        yield running


def test_keep_alive_over_verified_tls(server: FortiGateServer) -> None:
    connection = connect(server)
    assert ask(connection, "GET", POLICY)[0] == 200
    assert ask(connection, "PUT", POLICY + "/1", {"comments": "x"})[0] == 200
    assert ask(connection, "GET", STATUS)[0] == 200
    connection.close()
    counters = server.device.counters
    assert (counters.connections, counters.handshakes, counters.requests) == (1, 1, 3)
    assert counters.by_method == {"GET": 2, "PUT": 1}
    assert counters.by_path[f"GET {POLICY}"] == 1


def test_the_certificate(server: FortiGateServer) -> None:
    context = ssl.create_default_context(cafile=server.ca_path)
    raw = ssl.get_server_certificate((server.host, server.port))
    assert make_certificate("127.0.1.1").fingerprint != server.fingerprint
    assert hashlib.sha256(ssl.PEM_cert_to_DER_cert(raw)).hexdigest() == server.fingerprint
    with pytest.raises(ssl.SSLCertVerificationError):
        http.client.HTTPSConnection(server.host, server.port, context=ssl.create_default_context()).connect()
    assert urllib.request.urlopen(
        urllib.request.Request(server.url + STATUS, headers=HEADERS), context=context
    ).status == 200


def test_only_loopback_is_served() -> None:
    with pytest.raises(ValueError, match="loopback only"):
        FortiGateServer(FortiGate(factory_config()), host="192.0.2.1")


def test_cuts_are_seen_as_cuts(server: FortiGateServer) -> None:
    server.device.faults.plant(kind="cut-after", method="PUT")
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError, ssl.SSLError)):
        ask(connect(server), "PUT", POLICY + "/1", {"comments": "acted"})
    assert server.device.config.rows("firewall/policy", "root")[0]["comments"] == "acted"


def test_a_hanging_device_is_left_by_the_client_s_own_timeout(server: FortiGateServer) -> None:
    server.device.faults.plant(kind="hang")
    with pytest.raises(TimeoutError):
        ask(connect(server, timeout=0.5), "GET", POLICY)


def test_refused_connections(server: FortiGateServer) -> None:
    server.device.faults.plant(kind="refuse", times=1)
    with pytest.raises((OSError, ssl.SSLError)):
        connect(server).connect()
    assert ask(connect(server), "GET", STATUS)[0] == 200
    assert server.device.counters.refused_connections == 1


def test_a_reply_can_trickle_or_close_the_connection(server: FortiGateServer) -> None:
    server.device.faults.plant(kind="trickle", seconds=0.0001, path="status", times=1)
    assert json.loads(ask(connect(server), "GET", STATUS)[1])["status"] == "success"
    server.device.faults.plant(kind="close", at=2)
    connection = connect(server)
    connection.request("GET", STATUS, headers=HEADERS)
    assert connection.getresponse().read()
    connection.request("GET", STATUS, headers=HEADERS)
    assert connection.getresponse().getheader("Connection") == "close"


def test_closing_management_access_keeps_the_open_connection_and_refuses_new_ones(server: FortiGateServer) -> None:
    connection = connect(server)
    assert ask(connection, "PUT", "/api/v2/cmdb/system/interface/internal", {"allowaccess": "ping"})[0] == 200
    assert ask(connection, "GET", STATUS)[0] == 200
    with pytest.raises((OSError, ssl.SSLError)):
        connect(server).connect()
    assert ask(connection, "PUT", "/api/v2/cmdb/system/interface/internal", {"allowaccess": "ping https"})[0] == 200
    assert ask(connect(server), "GET", STATUS)[0] == 200


def test_a_revert_cuts_connections_and_restores(server: FortiGateServer) -> None:
    connection = connect(server)
    ask(connection, "PUT", "/api/v2/cmdb/system/global", {"cfg-save": "revert", "cfg-revert-timeout": 60})
    ask(connection, "PUT", POLICY + "/1", {"comments": "lost"})
    server.device.advance(61)
    with pytest.raises((http.client.HTTPException, OSError)):
        ask(connection, "GET", POLICY)
    assert b"lost" not in ask(connect(server), "GET", POLICY)[1]


def test_two_hundred_devices_in_one_process(tmp_path: Path) -> None:
    certificate = make_certificate("127.0.2.1")
    servers = []
    try:
        for index in range(200):
            device = FortiGate(factory_config(management_ip="127.0.2.1"), name=f"fgt-{index}")
            device.add_api_user("unit-test", TOKEN)
            server = FortiGateServer(device, "127.0.2.1", certificate=certificate, directory=tmp_path)
            servers.append(server.start())
        context = ssl.create_default_context(cafile=servers[0].ca_path)
        for server in servers:
            request = urllib.request.Request(server.url + STATUS, headers=HEADERS)
            with urllib.request.urlopen(request, context=context, timeout=30) as reply:
                assert reply.status == 200
        assert [server.device.counters.requests for server in servers] == [1] * 200
    finally:
        for server in servers:
            server.stop()


def side(control: Control, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.1.1", control.port, timeout=20)
    connection.request(method, path, None if body is None else json.dumps(body))
    reply = connection.getresponse()
    return reply.status, json.loads(reply.read())


def test_the_side_channel() -> None:
    device = FortiGate(lived_in_config())
    control = Control(device, "127.0.1.1", info={"name": "x"})
    control.start()
    try:
        change = {"op": "set", "path": "firewall/policy", "vdom": "root", "mkey": 3, "data": {"status": "disable"}}
        move = {"op": "move", "path": "firewall/policy", "mkey": 3, "data": {"before": 14}}
        added = {"op": "add", "path": "firewall/address", "data": {"name": "x"}}
        gone = {"op": "delete", "path": "firewall/address", "mkey": "x"}
        assert side(control, "POST", "/cli", [change, move, added, gone]) == (200, {"mkeys": [3, 3, "x", "x"]})
        policies = side(control, "GET", "/state")[1]["vdom"]["root"]["firewall/policy"]
        assert (policies[0]["policyid"], policies[0]["status"], policies[0]["action"]) == (3, "disable", "accept")
        assert side(control, "GET", "/stored")[1] == device.stored()
        assert side(control, "POST", "/cli", [{**change, "op": "explode"}])[0] == 400
        assert side(control, "POST", "/cli", [{**change, "mkey": 999}])[0] == 400
        assert side(control, "POST", "/faults", [{"kind": "hang"}, {"kind": "html", "at": 2}]) == (200, {"planted": 2})
        assert side(control, "POST", "/faults", [])[1] == {"planted": 0}
        assert side(control, "POST", "/switches", {"rejection_status": 424})[0] == 200
        assert device.switches.rejection_status == 424
        assert side(control, "POST", "/switches", {"nonsense": 1})[0] == 400
        assert side(control, "POST", "/sessions", [{"dport": 5060}]) == (200, {"sessions": 1})
        assert side(control, "POST", "/advance", {"seconds": 5}) == (200, {"reverts": 0})
        assert side(control, "GET", "/log") == (200, [])
        assert side(control, "GET", "/counters")[1]["requests"] == 0
        assert side(control, "POST", "/reset-log")[0] == 200
        assert side(control, "GET", "/info")[1] == {"name": "x"}
        assert side(control, "GET", "/nothing")[0] == 404
    finally:
        control.stop()


def test_the_process(tmp_path: Path) -> None:
    info, state, secret = tmp_path / "info.json", tmp_path / "state.json", tmp_path / "password"
    secret.write_text("Test-Passw0rd!\n")
    command = [sys.executable, "-m", "tests.devices.fortigate", "--host", "127.0.1.9", "--version", "7.6.4", "--config",
               "lived-in", "--name", "fgt-9", "--token", TOKEN, "--password-file", str(secret), "--state-file",
               str(state), "--info", str(info), "--control-port", "0"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        assert process.stdout is not None
        assert b"fgt-9" in process.stdout.readline()
        facts = json.loads(info.read_text())
        assert (facts["version"], facts["pid"]) == ("7.6.4", process.pid)
        context = ssl.create_default_context(cafile=facts["ca_path"])
        body = json.dumps({"username": "admin", "secretkey": "Test-Passw0rd!", "request_key": True}).encode()
        login = urllib.request.Request(facts["url"] + "/api/v2/authentication", data=body, method="POST")
        key = json.loads(urllib.request.urlopen(login, context=context).read())["session_key"]
        change = urllib.request.Request(
            facts["url"] + POLICY + "/3", b'{"comments": "by rest"}', {"Authorization": f"Bearer {key}"}, method="PUT"
        )
        assert urllib.request.urlopen(change, context=context).status == 200
        assert "by rest" in state.read_text()
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    assert not Path(facts["ca_path"]).exists()


def test_delays_are_asked_for_not_measured(server: FortiGateServer, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(server._stopped, "wait", waited.append)
    server.device.faults.plant(kind="delay", seconds=12.5, times=1)
    assert ask(connect(server), "GET", STATUS)[0] == 200
    assert waited == [12.5]
