"""A provisioning server on loopback: the real nginx with what the role writes, and the certificates that it needs."""

from __future__ import annotations

import grp
import json
import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.devices.phones import Authority
from tests.devices.phones.addresses import Claim
from tests.devices.phones.certificates import Trust, name, poly_authority, yealink_authority
from tests.support.nginx import Nginx

HOST, PORT = "provisioning.example.com", 8443
LOG_SECONDS = 10.0


class ProvisioningServer:
    """What is there before the role has run: folders, a certificate, an address. `nginx` is not started by itself.

    `authority` is whom phones have to trust, `files` the folder below which the sites' folders are.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._claim = Claim()
        self.address = self._claim.address
        self.authority = Authority(name("Site CA"))
        self.files, self.nginx_dir, self.log = folder / "files", folder / "etc", folder / "requests.log"
        (self.nginx_dir / "conf.d").mkdir(parents=True)
        identity = self.authority.issue(HOST, HOST)
        (folder / "server.pem").write_bytes(identity.certificate)
        (folder / "server.key").write_bytes(identity.key)
        (folder / "devices.pem").write_bytes(yealink_authority().pem + poly_authority().pem)
        self.nginx = Nginx(self.nginx_dir / "conf.d", folder / "run", (self.address, PORT))

    def close(self) -> None:
        """Leave the address to others."""
        self._claim.release()

    @property
    def url(self) -> str:
        """Where the sites' folders are."""
        return f"https://{HOST}:{PORT}"

    def variables(self) -> dict[str, Any]:
        """The variables that the role takes, for a server that is this machine and this user."""
        return {
            "ansible_connection": "local",
            "voip_provisioning_server_name": HOST,
            "voip_provisioning_certificate": str(self.folder / "server.pem"),
            "voip_provisioning_certificate_key": str(self.folder / "server.key"),
            "voip_provisioning_device_authorities": str(self.folder / "devices.pem"),
            "voip_provisioning_root": str(self.files),
            "voip_provisioning_listen": [f"{self.address}:{PORT}"],
            "voip_provisioning_log": str(self.log),
            "voip_provisioning_group": grp.getgrgid(os.getgid()).gr_name,
            "voip_provisioning_nginx_dir": str(self.nginx_dir),
        }

    def options(self) -> tuple[str, ...]:
        """Options of a run of the role: nginx is asked, and told, as it is run here."""
        return ("-e", json.dumps({"voip_provisioning_nginx": self.nginx.command()}))

    def is_asked(self) -> None:
        """Somebody without a certificate asks for something: a server that has been there for a while has a log."""
        context = Trust((self.authority.pem,)).context(None)
        with socket.create_connection((self.address, PORT), 10) as raw, context.wrap_socket(
            raw, server_hostname=HOST
        ) as connection:
            connection.sendall(f"GET / HTTP/1.0\r\nHost: {HOST}\r\n\r\n".encode())
            while connection.recv(4096):
                pass

    def requests(self) -> list[Mapping[str, Any]]:
        """The log, one entry a request."""
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]

    def next_request(self, before: int) -> Mapping[str, Any]:
        """The entry that follows this many others: nginx writes it once the answer is sent."""
        end = time.monotonic() + LOG_SECONDS
        while len(self.requests()) <= before:
            if time.monotonic() > end:
                raise RuntimeError("the request is not in the log")
            time.sleep(0.005)
        return self.requests()[before]
