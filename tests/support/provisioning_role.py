"""What the role `provisioning_server` writes, by its template and without a run of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
import yaml

from ansible_collections.voip.hardening.plugins.module_utils.phones.clients import clients
from tests.support.provisioning import ProvisioningServer

ROLE = Path(__file__).resolve().parent.parent.parent / "roles" / "provisioning_server"


def configure(server: ProvisioningServer, phones: Mapping[str, Mapping[str, Any]], **variables: Any) -> None:
    """Write the configuration for phones that show certificates; ``phones`` are their variables by name."""
    defaults = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text(encoding="utf-8"))
    given = {**defaults, **server.variables(), **variables}
    known = [client.data for client in clients(phones, given["voip_provisioning_root"], passwords=False)]
    loader = jinja2.Environment(trim_blocks=True, loader=jinja2.FileSystemLoader(ROLE / "templates"))
    text = loader.get_template("voip-phones.conf.j2").render(**given, voip_clients=known)
    (server.nginx_dir / "conf.d" / "voip-phones.conf").write_text(text, encoding="utf-8")
