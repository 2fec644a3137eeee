"""Phones as a process of their own, with the side channel; many phones at once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.devices.phones import Clock, PolyPhone, YealinkPhone
from tests.devices.phones.addresses import Claim, real_port
from tests.devices.phones.registrar import ask
from tests.unit.devices.phone_site import Site

ROOT = Path(__file__).resolve().parents[3]
YEALINK_MAC, POLY_MAC = "805ec0aa0010", "64167faa0010"


def call(url: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data=data), timeout=20) as reply:
        return json.loads(reply.read())


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[Site, dict[str, Any]]]:
    with Site() as site:
        site.files = {
            f"/{YEALINK_MAC}.cfg": "#!version:1.0.0.1\nsip.trust_ctrl = 1\n",
            f"/{POLY_MAC}.cfg": '<PHONE_CONFIG><ALL sec.srtp.require="1"/></PHONE_CONFIG>',
        }
        (tmp_path / "ca.pem").write_bytes(site.authority.pem)
        common = {"hosts": site.hosts, "trusts": [str(tmp_path / "ca.pem")]}
        phones = [
            {"name": "desk", "vendor": "yealink", "mac": YEALINK_MAC, "model": "T31G", "version": "124.86.0.75",
             "web": "servlet", "settings": {"static.auto_provision.server.url": site.url}, **common},
            {"name": "hall", "vendor": "poly", "mac": POLY_MAC, **common,
             "settings": {"device.prov.serverType": "3", "device.prov.serverName": "prov.example.com:8443"}},
        ]
        (tmp_path / "phones.json").write_text(json.dumps(phones), encoding="utf-8")
        command = [
            sys.executable, "-m", "tests.devices.phones", "--phones", str(tmp_path / "phones.json"), "--info",
            str(tmp_path / "info.json"), "--directory", str(tmp_path / "ca"), "--provision",
        ]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, env=environment)
        try:
            assert process.stdout is not None
            assert json.loads(process.stdout.readline())["phones"] == 2
            yield site, json.loads((tmp_path / "info.json").read_text(encoding="utf-8"))
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        assert (tmp_path / "ca" / "poly-devices.pem").read_bytes().startswith(b"-----BEGIN CERTIFICATE-----")


def test_a_process_with_two_phones(running: tuple[Site, dict[str, Any]]) -> None:
    site, info = running
    url = info["control_url"]
    state = call(f"{url}/state")
    assert state["desk"]["settings"]["sip.trust_ctrl"] == "1"
    assert state["hall"]["layers"]["config"]["sec.srtp.require"] == "1"
    assert info["phones"]["desk"]["ports"]["https"] == real_port(443)
    assert set(site.fetched()) == {f"/{YEALINK_MAC}.cfg", f"/{POLY_MAC}.cfg"}
    changed = call(f"{url}/change", {"phone": "desk", "settings": {"sip.trust_ctrl": "0"}})
    assert changed == {"changed": ["sip.trust_ctrl"]}
    # Nothing in the file changed.
    assert call(f"{url}/provision", {"phone": "desk"})["applied"] is False
    assert call(f"{url}/register", {"phone": "hall"}) == {}
    assert call(f"{url}/faults", {"phone": "hall", "faults": [{"kind": "refuse-tcp"}]}) == {"planted": 1}
    assert call(f"{url}/state")["hall"]["ports"] == {"sip-udp": 5060}
    call(f"{url}/reboot", {"phone": "desk"})
    assert call(f"{url}/state")["desk"]["down"] is True
    assert call(f"{url}/advance", {"seconds": 61}) == {"desk": False, "hall": False}
    for wrong in ({"phone": "attic"}, {"phone": "hall", "faults": [{"kind": "fire"}]}):
        with pytest.raises(urllib.error.HTTPError, match="400"):
            call(f"{url}/faults", wrong)


def test_addresses_are_never_shared() -> None:
    claims = [Claim() for _each in range(20)]
    assert len({claim.address for claim in claims}) == 20
    with pytest.raises(OSError, match="in use"):
        Claim(claims[0].address)
    for claim in claims:
        claim.release()
    Claim(claims[0].address).release()
    with pytest.raises(ValueError, match="loopback only"):
        Claim("192.0.2.1")


def test_thirty_phones_fetch_and_answer_at_once() -> None:
    clock = Clock()
    with Site() as site:
        phones: list[YealinkPhone | PolyPhone] = []
        for number in range(15):
            mac = f"805ec0aa01{number:02x}"
            site.files[f"/{mac}.cfg"] = f"#!version:1.0.0.1\naccount.1.user_name = {number}\n"
            phones.append(YealinkPhone(mac, clock=clock, hosts=site.hosts, authorities=[site.authority.pem],
                                       settings={"static.auto_provision.server.url": site.url}))
            mac = f"64167faa01{number:02x}"
            site.files[f"/{mac}.cfg"] = f'<PHONE_CONFIG><ALL reg.1.label="{number}"/></PHONE_CONFIG>'
            settings = {"device.prov.serverType": "3", "device.prov.serverName": "prov.example.com:8443"}
            phones.append(PolyPhone(mac, clock=clock, hosts=site.hosts, built_in=[site.authority.pem],
                                    settings=settings))
        for phone in phones:
            phone.start()
        try:
            threads = [threading.Thread(target=phone.provision) for phone in phones]
            for thread in threads:
                thread.start()
            replies = [ask("127.0.0.66", phone, "OPTIONS") for phone in phones]
            for thread in threads:
                thread.join()
            assert all(reply is not None and reply.status == 200 for reply in replies)
            assert [phone.history[-1].applied for phone in phones] == [True] * 30
            assert phones[8].settings.get("account.1.user_name") == "4"
            assert phones[9].settings.get("reg.1.label") == "4"
        finally:
            for phone in phones:
                phone.stop()
