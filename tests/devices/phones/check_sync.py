"""Tell a phone to fetch its configuration, as its PBX does.

``python -m tests.devices.phones.check_sync PBX PHONE PORT``

``PBX`` is the address of loopback that the phone is registered at. Status 1 when the phone does not agree.
"""

from __future__ import annotations

import sys

from . import sip


def main(arguments: list[str]) -> int:
    """Send the request and print what the phone answers."""
    pbx, phone, port = arguments
    headers = (("Event", "check-sync;reboot=false"), ("Subscription-State", "terminated"))
    request = sip.Dialogue(pbx).request("NOTIFY", f"sip:phone@{phone}", *headers)
    answer = sip.exchange(request, pbx, (phone, int(port)))
    print(answer.status if answer else "no answer")
    return 0 if answer and answer.status == 200 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
