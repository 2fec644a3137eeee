"""The demo's phones: test phones as a process, the real nginx that they fetch from, the inventory that reaches them.

The server's configuration is written by the role `provisioning_server`, as a user would have it written. Where nginx is
not installed there are no phones, and the demo says so.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import yaml

from tests.devices.phones.addresses import Claim, real_port
from tests.support import nginx
from tests.support.provisioning import HOST, PORT, ProvisioningServer
from tools.demo_site import ROOT, START_SECONDS, STOP_SECONDS, Copy, program_path

PBX = "sip.example.com"
SITE = "office"
# Restarting takes phones a minute, which in a demo is over in no time.
RESTART_SECONDS = 61.0
LOOK_SECONDS = 0.3


@dataclass(frozen=True)
class DemoPhone:
    """One phone; `name` is its inventory name, `more` what the test phone takes besides."""

    name: str
    vendor: str
    mac: str
    model: str
    version: str
    more: tuple[tuple[str, str], ...] = ()


DEMO_PHONES = (
    DemoPhone("demo-phone1", "yealink", "805ec00000a1", "T54W", "96.86.0.45"),
    DemoPhone("demo-phone2", "yealink", "805ec00000a2", "T46S", "66.86.0.15", (("web", "servlet"),)),
    DemoPhone("demo-phone3", "poly", "64167f0000a3", "VVX 450", "6.4.6.2453"),
    DemoPhone("demo-phone4", "poly", "64167f0000a4", "VVX 450", "6.4.6.2453"),
)


def missing() -> str:
    """Why there can be no phones here, or an empty text."""
    return "" if nginx.program() else "nginx is not installed (Debian package nginx)"


class Phones:
    """Runs phones, their server and the passing of time while its `with` block lasts.

    `inventory` is the path of the file that reaches them, `options` what `ansible-playbook` needs besides.
    """

    def __init__(self, folder: Path, copy: Copy) -> None:
        self.folder = folder / "phones"
        self.copy = copy
        self.inventory = self.folder / "inventory.yml"
        self.store = self.folder / "passwords.yml"
        self.names = tuple(phone.name for phone in DEMO_PHONES)
        self.options = ("--vault-password-file", str(self.folder / "vault-password"))
        self.info: dict[str, Any] = {}
        self._stack = contextlib.ExitStack()
        self._stop = threading.Event()

    def __enter__(self) -> Phones:
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def call(self, path: str, body: Any = None) -> Any:
        """The test phones' side channel."""
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(self.info["control_url"] + path, data=data, timeout=10) as reply:
            return json.load(reply)

    def state(self) -> dict[str, Any]:
        """What every phone is set to, its passwords, and the files that it may fetch."""
        phones = {
            name: {key: one[key] for key in ("settings", "passwords")} for name, one in self.call("/state").items()
        }
        return {**phones, "files": sorted(path.name for path in self.files.iterdir())}

    def file(self, name: str) -> str:
        """The hardening file of a phone."""
        (phone,) = [phone for phone in DEMO_PHONES if phone.name == name]
        return (self.files / f"{phone.mac}-hardening.cfg").read_text(encoding="utf-8")

    @property
    def files(self) -> Path:
        """The folder that the server serves to the phones."""
        return self.server.files / SITE

    def _start(self) -> None:
        _emptied(self.folder)
        (self.folder / "vault-password").touch(mode=0o600)
        (self.folder / "vault-password").write_text(secrets.token_urlsafe(24), encoding="utf-8")
        self.server = ProvisioningServer(self.folder / "server")
        self._stack.callback(self.server.close)
        self.pbx = Claim()
        self._stack.callback(self.pbx.release)
        self.files.mkdir(parents=True)
        for phone in DEMO_PHONES:
            self._write_files_of_others(phone)
        self._start_phones()
        vendors = b"".join((self.folder / f"{vendor}-devices.pem").read_bytes() for vendor in ("yealink", "poly"))
        (self.server.folder / "devices.pem").write_bytes(vendors)
        (self.folder / "vendors.pem").write_bytes(vendors)
        self._write_inventory()
        self._stack.enter_context(self.server.nginx)
        self._configure_server()
        passing = threading.Thread(target=self._pass, daemon=True)
        passing.start()
        self._stack.callback(passing.join)
        self._stack.callback(self._stop.set)

    def _write_files_of_others(self, phone: DemoPhone) -> None:
        """What whoever set the phones up wrote for them: a line without encryption."""
        if phone.vendor == "yealink":
            lines = ("#!version:1.0.0.1", "account.1.enable = 1", f"account.1.sip_server.1.address = {PBX}",
                     "account.1.sip_server.1.transport_type = 0")  # fmt: skip
            text = "".join(f"{line}\n" for line in lines)
        else:
            line = f'reg.1.server.1.address="{PBX}" reg.1.server.1.transport="UDPOnly"'
            text = f"<PHONE_CONFIG><ALL {line}/></PHONE_CONFIG>\n"
        (self.files / f"{phone.mac}.cfg").write_text(text, encoding="utf-8")

    def _start_phones(self) -> None:
        url = f"{HOST}:{PORT}/{SITE}"
        known = {
            "yealink": {
                "static.auto_provision.server.url": f"https://{url}/", "account.1.sip_server.1.address": PBX,
            },
            "poly": {"device.prov.serverType": "3", "device.prov.serverName": url, "reg.1.server.1.address": PBX},
        }
        authority = self.folder / "site.pem"
        authority.write_bytes(self.server.authority.pem)
        specs = [
            {
                "name": phone.name, "vendor": phone.vendor, "mac": phone.mac, "model": phone.model,
                "version": phone.version, "trusts": [str(authority)], "settings": known[phone.vendor],
                "hosts": {HOST: self.server.address, PBX: self.pbx.address}, **dict(phone.more),
            }
            for phone in DEMO_PHONES
        ]  # fmt: skip
        (self.folder / "phones.json").write_text(json.dumps(specs), encoding="utf-8")
        info = self.folder / "info.json"
        command = [
            sys.executable, "-m", "tests.devices.phones", "--phones", str(self.folder / "phones.json"),
            "--info", str(info), "--directory", str(self.folder),
        ]  # fmt: skip
        with (self.folder / "phones.log").open("wb") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self._stack.callback(_end, process)
        end = time.monotonic() + START_SECONDS
        while not info.exists():
            if process.poll() is not None or time.monotonic() > end:
                log_text = (self.folder / "phones.log").read_text(encoding="utf-8", errors="replace")
                raise SystemExit(f"the phones did not start within {START_SECONDS} s:\n{log_text}")
            time.sleep(0.05)
        self.info = json.loads(info.read_text(encoding="utf-8"))

    def _write_inventory(self) -> None:
        program = [sys.executable, "-m", "tests.devices.phones.check_sync"]
        shared = {
            "ansible_port": real_port(443),
            "voip_ca_path": str(self.folder / "vendors.pem"),
            "voip_provisioning_dir": str(self.files),
            "voip_provisioning_log": str(self.server.log),
            "voip_phone_secrets_file": str(self.store),
            "voip_phone_services": {
                name: real_port(port) for name, port in (("http", 80), ("https", 443), ("ssh", 22), ("telnet", 23))
            },
            "voip_phone_check_sync_command": [
                "env", f"PYTHONPATH={ROOT}", *program, self.pbx.address, "{{ ansible_host }}", "5060",
            ],
            "voip_phone_settle_seconds": 1,
        }  # fmt: skip
        hosts = {phone.name: {"ansible_host": self.info["phones"][phone.name]["address"]} for phone in DEMO_PHONES}
        server = {**self.server.variables(), "ansible_python_interpreter": sys.executable}
        inventory = {
            "phones": {"hosts": hosts, "vars": shared},
            "provisioning_servers": {"hosts": {"demo-provisioning": server}},
        }
        self.inventory.write_text(yaml.safe_dump(inventory, sort_keys=False), encoding="utf-8")

    def _configure_server(self) -> None:
        """The role without package and service, which are there."""
        tasks = [{
            "name": "Write the configuration of the provisioning server",
            "ansible.builtin.include_role": {"name": "voip.hardening.provisioning_server", "tasks_from": "configure"},
        }]  # fmt: skip
        play = [{"name": "Serve", "hosts": "provisioning_servers", "gather_facts": False, "tasks": tasks}]
        book = self.folder / "provisioning_server.yml"
        book.write_text(yaml.safe_dump(play, sort_keys=False), encoding="utf-8")
        inventories = ["-i", self.copy.inventory, "-i", os.path.relpath(self.inventory, self.copy.folder)]
        command = ["ansible-playbook", *inventories, str(book), *self.server.options()]
        with self.server.nginx.reloading():
            done = subprocess.run(
                command, cwd=self.copy.folder, env={**self.copy.environment, "PATH": program_path()},
                stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            )  # fmt: skip
            if done.returncode:
                raise SystemExit(f"the provisioning server was not set up:\n{done.stdout}{done.stderr}")

    def _pass(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            with contextlib.suppress(OSError):
                if any(self.call("/advance", {"seconds": 0}).values()):
                    self.call("/advance", {"seconds": RESTART_SECONDS})


def _emptied(folder: Path) -> None:
    """A folder with nothing of an earlier demo in it."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "server").mkdir(parents=True, mode=0o700)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
