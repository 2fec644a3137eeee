"""Phones of a site with their provisioning server and PBX, and `ansible-playbook` against them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml

from tests.devices.phones import Clock, Phone, PolyPhone, YealinkPhone
from tests.devices.phones.addresses import Claim, real_port
from tests.devices.phones.certificates import poly_authority, yealink_authority
from tests.support.phone_probes import SERVICES
from tests.support.playbooks import PROGRAMS, ROOT, Run, Site
from tests.support.policies import policy, provider
from tests.support.provisioning import HOST, PORT, ProvisioningServer
from tests.support.provisioning_role import configure

PBX = "sip.example.com"
HARDENED = "rendered yes, fetched yes, observed as wanted: hardened"
"""What a run says of a phone that is as it should be."""
PROVED = "The passwords that were published work"
"""The task by which a run remembers that."""
VAULT_PASSWORD = "correct horse battery"
PLAYBOOK = [{
    "name": "Phones", "hosts": "phones", "gather_facts": False, "roles": [{"role": "voip.hardening.phones"}],
}]  # fmt: skip
RESTART_SECONDS = 61.0
MACS = {"yeal": "805ec0bb00", "poly": "64167fbb00"}


class Fleet:
    """A context manager: nginx runs, phones are plugged in, and time passes for those that restart.

    ``kinds``: the vendor of each phone by name; ``macs``: their addresses, where they matter. A provider's files tell
    every phone its registrar, and nothing safe.
    """

    def __init__(
        self, folder: Path, kinds: Mapping[str, str], macs: Mapping[str, str] | None = None, **shared: Any
    ) -> None:
        self.folder = folder
        self.server = ProvisioningServer(folder)
        self._pbx = Claim()
        self.clock = Clock()
        self.phones: dict[str, Phone] = {}
        self.files = self.server.files / "north"
        self.files.mkdir(parents=True)
        self.store = folder / "passwords.yml"
        self._stop, self._held = threading.Event(), threading.Event()
        self._time = threading.Thread(target=self._pass, daemon=True)
        for number, (name, vendor) in enumerate(kinds.items()):
            self.phones[name] = self._make(vendor, (macs or {}).get(name) or f"{MACS[vendor[:4]]}{number:02x}")
        self.variables = {name: self._variables(phone, shared) for name, phone in self.phones.items()}
        self.site = Site(folder, {})
        (folder / "vault-password").write_text(VAULT_PASSWORD, encoding="utf-8")
        (folder / "phones.yml").write_text(json.dumps(PLAYBOOK), encoding="utf-8")
        (folder / "vendors.pem").write_bytes(yealink_authority().pem + poly_authority().pem)
        self.write()

    def _make(self, vendor: str, mac: str) -> Phone:
        hosts = {HOST: self.server.address, PBX: self._pbx.address}
        url = f"{HOST}:{PORT}/north"
        trusted = [self.server.authority.pem]
        if vendor.startswith("yealink"):
            self._write(f"{mac}.cfg", f"account.1.enable = 1\naccount.1.sip_server.1.address = {PBX}\n")
            return YealinkPhone(
                mac, web="servlet" if vendor.endswith("servlet") else "json", clock=self.clock, hosts=hosts,
                authorities=trusted,
                settings={"static.auto_provision.server.url": f"https://{url}/", "account.1.sip_server.1.address": PBX},
            )
        (self.files / f"{mac}.cfg").write_text(
            f'<PHONE_CONFIG><ALL reg.1.server.1.address="{PBX}"/></PHONE_CONFIG>', encoding="utf-8"
        )
        return PolyPhone(
            mac, "VVX 450", "6.4.6.2453", clock=self.clock, hosts=hosts, built_in=trusted,
            settings={
                "device.prov.serverType": "3", "device.prov.serverName": url, "reg.1.server.1.address": PBX,
            },
        )

    def _write(self, name: str, text: str) -> None:
        (self.files / name).write_text(f"#!version:1.0.0.1\n{text}", encoding="utf-8")

    def _variables(self, phone: Phone, shared: Mapping[str, Any]) -> dict[str, Any]:
        yealink = isinstance(phone, YealinkPhone)
        notify = ["tests.devices.phones.check_sync", self._pbx.address, "{{ ansible_host }}", "5060"]
        given = {
            "ansible_network_os": "yealink" if yealink else "poly",
            "ansible_host": "",
            "ansible_port": real_port(443),
            "voip_phone_mac": phone.mac,
            "voip_phone_model": phone.model,
            "voip_phone_firmware": phone.version,
            "voip_phone_services": {name: real_port(port) for name, port in SERVICES.items()},
            "voip_provider": provider(),
            "voip_policy": policy(
                voice_vlan={"provisioning_url": f"https://{HOST}:{PORT}/north/"}, phones={"rest_api": True}
            ),
            "voip_provisioning_dir": str(self.files),
            "voip_provisioning_log": str(self.server.log),
            "voip_phone_secrets_file": str(self.store),
            "voip_ca_path": str(self.folder / "vendors.pem"),
            "voip_connect_timeout": 2,
            "voip_phone_settle_seconds": 1,
            "voip_phone_check_sync_command": ["env", f"PYTHONPATH={ROOT}", sys.executable, "-m", *notify],
            **shared,
        }
        return {name: value for name, value in given.items() if value is not None}

    # --- a context manager -------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        configure(self.server, self.variables)
        self.server.nginx.__enter__()
        self.server.is_asked()
        for name, phone in self.phones.items():
            phone.start()
            self.variables[name]["ansible_host"] = phone.address
        self.write()
        self._time.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._time.join()
        for phone in self.phones.values():
            phone.stop()
        self.server.nginx.__exit__(kind, error, trace)
        self.server.close()
        self._pbx.release()

    def _pass(self) -> None:
        """A minute is over in no time for phones that restart; others do not notice."""
        while not self._stop.wait(0.1):
            if not self._held.is_set() and any(phone.down for phone in self.phones.values()):
                self.clock.advance(RESTART_SECONDS)

    def forget(self, *names: str) -> None:
        """The PBX does not know these phones, so that nobody tells them to fetch."""
        for name in names:
            self.variables[name]["voip_phone_check_sync_command"] = ["true"]
        self.write()

    def hold_time(self) -> None:
        """Phones that restart stay away."""
        self._held.set()

    # --- runs --------------------------------------------------------------------------------------------------------

    def write(self) -> None:
        """Write the inventory as the variables are now."""
        server = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        groups = {"phones": {"hosts": self.variables}, "provisioning_servers": {"hosts": {"server": server}}}
        inventory = {"all": {"children": groups}}
        self.site.inventory.write_text(json.dumps(inventory), encoding="utf-8")

    def play(
        self, *options: str, playbook: str = "", environment: Mapping[str, str] | None = None, folder: Path = ROOT
    ) -> Run:
        """Run the role, or a playbook, in this folder; `environment` is added."""
        playbook = playbook or str(self.folder / "phones.yml")
        return self.site.play(*self.vault, *options, playbook=playbook, environment=environment, folder=folder)

    def tasks(self, *tasks: Mapping[str, Any]) -> str:
        """Write a playbook with these tasks for the phones; its path."""
        path = self.folder / "tasks.yml"
        play = {"name": "Test", "hosts": "phones", "gather_facts": False, "tasks": tasks}
        path.write_text(json.dumps([play]), encoding="utf-8")
        return str(path)

    @property
    def vault(self) -> tuple[str, ...]:
        """Options of every run."""
        return ("--vault-password-file", str(self.folder / "vault-password"), "--forks", "8")

    def play_until(self, task: str, *options: str) -> None:
        """Run the role, and kill the controller with all its workers as soon as a task of this name begins."""
        command = self.site.command(*self.vault, *options, playbook=str(self.folder / "phones.yml"))
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "VOIP_"))},
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_HOME": str(self.folder / "home"),
            "PYTHONUNBUFFERED": "1",
        }  # fmt: skip
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
            start_new_session=True,
        ) as process:
            assert process.stdout is not None
            seen = next((line for line in process.stdout if line.startswith("TASK") and f": {task}]" in line), "")
            os.killpg(process.pid, signal.SIGKILL)
        assert seen, f"no task {task!r} was begun"

    def stored(self) -> dict[str, Any]:
        """What the store holds, as `ansible-vault view` shows it."""
        command = [str(PROGRAMS / "ansible-vault"), "view", "--vault-password-file", "vault-password", self.store.name]
        environment = {**os.environ, "ANSIBLE_HOME": str(self.folder / "home")}
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=True)
        phones: dict[str, Any] = yaml.safe_load(done.stdout)["phones"]
        return phones

    def passwords(self) -> dict[str, set[str]]:
        """Every administrator's password that the store knows, by MAC address."""
        return {mac: set(accounts["admin"].values()) for mac, accounts in self.stored().items()}

    def states(self) -> set[str]:
        """What the store calls the passwords that it knows."""
        return {state for accounts in self.stored().values() for entry in accounts.values() for state in entry}


def admin_password(phone: Phone) -> str:
    """The one that is in force on a phone."""
    if isinstance(phone, YealinkPhone):
        return phone.settings.passwords["admin"]
    assert isinstance(phone, PolyPhone)
    return phone.passwords()["Polycom"]


def said(run: Run) -> dict[str, str]:
    """What a run says of each phone in the end."""
    return {
        entry["host"]: entry["result"].get("msg", "")
        for entry in run.results if entry["task"].endswith("Say how far the phone has come")
    }
