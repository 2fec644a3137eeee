# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions that were open before a FortiGate was hardened.

A stateful firewall goes on passing a flow that it once let through, and a SIP session keeps its helper: both end with
the session. Sessions are closed only when asked for, one by one or by port, never all.

Sources: the vendor's description of `monitor/firewall/session` (filters, `count` from 20 to 1000, `details`) and of
`monitor/firewall/session/close` (all five fields required); article 384586 for helpers living on in sessions.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from ipaddress import ip_address
from typing import Any

from ...errors import Misunderstood
from ...policy.model import PortRange, SitePolicy
from .session import Session
from .traffic import Networks, Ports

_LISTS = (("/api/v2/monitor/firewall/session", "destport"), ("/api/v2/monitor/firewall/sessions", "dstport"))
"""Where sessions are listed, and the filter for the destination port; the second on newer 7.6 releases."""
_CLOSE = "/api/v2/monitor/firewall/session/close"
_PAGE = 1000
_MOST_PAGES = 50
_NOT_FOUND = 404
_FIELDS = ("proto", "saddr", "daddr", "sport", "dport", "srcintf")


def settle_flows(
    session: Session,
    policy: SitePolicy,
    controls: Collection[str],
    wan: Sequence[str],
    vdoms: Sequence[str],
    clear: bool,
) -> list[str]:
    """What became of the flows that were open; `controls` are those for which this run changed something.

    With `clear`, SIP sessions are closed where the ALG was switched off (their helper lives in them), and SIP and RTP
    sessions with strangers where the allowlist changed.
    """
    alg, allowlist = "FW-3" in controls, bool({"FW-1", "FW-2", "SVC-1"} & set(controls))
    if not (alg or allowlist):
        return []
    if not clear:
        return [
            "sessions that were open before live on until they time out, with their SIP helper and whomever they are "
            "with; clear_sessions: true closes SIP sessions and those of strangers"
        ]
    closed = 0
    remarks = []
    for vdom in vdoms:
        flows, complete = _flows(session, policy, vdom, with_media=allowlist)
        for flow in flows:
            is_sip = _touches(flow, policy.guarded_sip_ports)
            stranger = _is_stranger(flow, policy.provider.signalling if is_sip else policy.provider.media, wan)
            if (alg and is_sip) or (allowlist and stranger):
                _close(session, flow, vdom)
                closed += 1
        if not complete:
            remarks.append(f"VDOM {vdom} has more than {_PAGE * _MOST_PAGES} sessions; not all were looked at")
    return [f"{closed} session(s) closed", *remarks]


def _flows(session: Session, policy: SitePolicy, vdom: str, with_media: bool) -> tuple[list[dict[str, Any]], bool]:
    """SIP flows, and with media RTP flows as well; and whether all sessions of the unit were looked at.

    The unit's filters only spare pages: newer releases spell them otherwise and pass over those that they do not know,
    so what comes back is looked at again.
    """
    media: Ports = {"tcp": (), "udp": policy.provider.rtp_ports if with_media else ()}
    wanted: list[tuple[str, str, Ports]] = [
        (str(port), protocol, {protocol: (PortRange(port, port),)})
        for protocol, ranges in policy.guarded_sip_ports.items()
        for port in (port for ports in ranges for port in range(ports.first, ports.last + 1))
    ]
    if with_media:
        wanted.append(("", "udp", media))
    found: list[dict[str, Any]] = []
    complete = True
    for port, protocol, ports in wanted:
        flows, all_of_them = _listed(session, vdom, protocol, port)
        found += [flow for flow in flows if _touches(flow, ports) and flow not in found]
        complete = complete and all_of_them
    return found, complete


def _touches(flow: dict[str, Any], ports: Ports) -> bool:
    return any(
        protocol == str(flow["proto"]).lower() and span.contains(int(flow["dport"]))
        for protocol, spans in ports.items()
        for span in spans
    )


def _listed(session: Session, vdom: str, protocol: str, port: str) -> tuple[list[dict[str, Any]], bool]:
    flows: list[dict[str, Any]] = []
    for page in range(_MOST_PAGES):
        found = _details(session, vdom, protocol, port, page * _PAGE)
        flows += found
        if len(found) < _PAGE:
            return flows, True
    return flows, False


def _details(session: Session, vdom: str, protocol: str, port: str, start: int) -> list[dict[str, Any]]:
    params = {"vdom": vdom, "ip_version": "ipboth", "start": str(start), "count": str(_PAGE), "protocol": protocol}
    for path, spelling in _LISTS:
        answer = session.get(path, {**params, spelling: port} if port else params)
        if answer.status != _NOT_FOUND:
            break
    results = answer.envelope().get("results")
    details = results.get("details") if isinstance(results, dict) else results
    if not isinstance(details, list):
        raise Misunderstood(f"{answer.request}: no list of sessions in the answer")
    for flow in details:
        missing = [name for name in _FIELDS if not isinstance(flow, dict) or name not in flow]
        if missing:
            raise Misunderstood(f"{answer.request}: a session lacks {', '.join(missing)}")
    return details


def _is_stranger(flow: dict[str, Any], allowed: Networks, wan: Sequence[str]) -> bool:
    remote = ip_address(flow["saddr"] if flow["srcintf"] in wan else flow["daddr"])
    return not any(remote.version == network.version and remote in network for network in allowed)


def _close(session: Session, flow: dict[str, Any], vdom: str) -> None:
    body = {"pro": flow["proto"], **{name: flow[name] for name in ("saddr", "daddr", "sport", "dport")}}
    session.send("POST", _CLOSE, {"vdom": vdom}, body).envelope()
