"""What is said of a port at which something else than SSH answers."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.errors import Unreachable
from ansible_collections.voip.hardening.plugins.module_utils.hostkeys import HostKeys
from ansible_collections.voip.hardening.plugins.module_utils.ssh import Link
from ansible_collections.voip.hardening.plugins.module_utils.target import Target

PIN = "SHA256:" + "A" * 43


@pytest.mark.parametrize("noise", [b"\xd6\xff\x00 noise", b"HTTP/1.1 400 Bad Request\r\n\r\n", b""])
def test_what_is_no_ssh_server_is_said_to_be_that(noise: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            client, _address = server.accept()
            with client:
                client.sendall(noise)

        threading.Thread(target=answer, daemon=True).start()
        port = server.getsockname()[1]
        link = Link("127.0.0.1", port, "admin", HostKeys(Target(host="127.0.0.1", fingerprint=PIN), port))
        with pytest.raises(Unreachable) as caught, link.limited(time.monotonic() + 30, "too late"):
            link.connect()
    assert str(caught.value) == f"127.0.0.1:{port}: no connection: what answers does not speak SSH, or hung up at once"
