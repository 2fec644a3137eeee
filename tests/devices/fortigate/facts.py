"""What the vendor's published schema does not say: scopes, defaults, lengths, ranges, required fields, spellings.

Sources: FortiOS 7.x CLI reference and administration guide (docs.fortinet.com), a third-party schema table generated
from a 7.6.5 unit (numbers only), recorded replies in prometheus-community/fortigate_exporter, Fortinet knowledge base
articles named where they settle a point.
"""

from __future__ import annotations

from typing import Any

from .versions import Version

# --- scope ---------------------------------------------------------------------------------------------------------

# Everything under these categories belongs to the unit, the rest to a VDOM ...
GLOBAL_CATEGORIES = frozenset({"system", "system.autoupdate", "system.snmp", "system.replacemsg", "switch-controller"})
# ... except these tables of them.
VDOM_TABLES = frozenset(
    "system/settings system/zone system/sdwan system/session-ttl system/dns-database system/dns-server "
    "system/link-monitor system/proxy-arp system/gre-tunnel system/virtual-wire-pair system/arp-table "
    "system/vdom-dns system/external-resource system/replacemsg-group system/object-tagging".split()
)
GLOBAL_TABLES = frozenset({"log.fortianalyzer/setting", "log.syslogd/setting"})


def is_global(path: str) -> bool:
    """Whether a CMDB path holds unit-wide configuration."""
    return path in GLOBAL_TABLES or (path.split("/")[0] in GLOBAL_CATEGORIES and path not in VDOM_TABLES)


# Tables whose order is their meaning; they take ``action=move``.
ORDERED_TABLES = frozenset(
    "firewall/policy firewall/local-in-policy firewall/local-in-policy6 firewall/shaping-policy "
    "firewall/security-policy firewall/central-snat-map firewall/proxy-policy firewall/DoS-policy".split()
)

# Not accepted inside a configuration transaction (Fortinet DOC 530847).
TRANSACTION_REFUSED = frozenset(
    "system/console system/resource-limits system/elbc system/vdom-property system/storage system/npu".split()
)
TRANSACTION_REFUSED_FIELDS = {
    "system/settings": frozenset({"opmode"}),
    "system/global": frozenset(
        {"split-port", "vdom-admin", "vdom-mode", "management-vdom", "wireless-mode", "internal-switch-mode"}
    ),
}

# --- defaults ------------------------------------------------------------------------------------------------------
# Only what differs from the generic rule (enum: "disable" or its first value, number 0, text "", list empty).
# A key may name a nested field as "child.field".

_ANY4 = "0.0.0.0 0.0.0.0"
_TRUST = {f"trusthost{n}": _ANY4 for n in range(1, 11)} | {f"ip6-trusthost{n}": "::/0" for n in range(1, 11)}
_DHCP_ADDRESSES = (
    "dns-server1 dns-server2 dns-server3 dns-server4 wifi-ac1 wifi-ac2 wifi-ac3 ntp-server1 ntp-server2 ntp-server3 "
    "wins-server1 wins-server2 default-gateway next-server netmask ddns-server-ip relay-agent ip-range.start-ip "
    "ip-range.end-ip exclude-range.start-ip exclude-range.end-ip reserved-address.ip"
).split()
ACCESS_GROUPS = "secfabgrp ftviewgrp authgrp sysgrp netgrp loggrp fwgrp vpngrp utmgrp wanoptgrp wifi".split()
_LLDP_APPLICATIONS = (
    "voice voice-signaling guest guest-voice-signaling softphone video-conferencing streaming-video video-signaling"
).split()

DEFAULTS: dict[str, dict[str, Any]] = {
    "firewall/policy": {
        "status": "enable", "action": "deny", "ztna-tags-match-logic": "or", "reputation-direction": "destination",
        "reputation-direction6": "destination", "firewall-session-dirty": "check-all", "anti-replay": "enable",
        "policy-expiry-date": "0000-00-00 00:00:00", "policy-expiry-date-utc": "", "geoip-match": "physical-location",
        "inspection-mode": "flow", "profile-type": "single", "profile-protocol-options": "default",
        "ssl-ssh-profile": "no-inspection", "logtraffic": "utm", "auto-asic-offload": "enable",
        "wanopt-detection": "active", "wanopt-passive-opt": "default", "port-preserve": "enable", "vlan-cos-fwd": 255,
        "vlan-cos-rev": 255, "outbound": "enable", "natip": _ANY4, "tos": "0x00", "tos-mask": "0x00",
        "session-ttl": "0", "diffservcode-forward": "000000", "diffservcode-rev": "000000", "fsso": "disable",
        "wsso": "enable",
    },
    "firewall/local-in-policy": {"action": "deny", "status": "enable"},
    "firewall/local-in-policy6": {"action": "deny", "status": "enable"},
    "firewall/address": {
        "subnet": _ANY4, "type": "ipmask", "sub-type": "sdn", "clearpass-spt": "unknown", "start-ip": "0.0.0.0",
        "end-ip": "0.0.0.0", "wildcard": _ANY4, "obj-type": "ip", "sdn-addr-type": "private",
        "passive-fqdn-learning": "enable", "macaddr": [],
    },
    "firewall/address6": {
        "type": "ipprefix", "ip6": "::/0", "start-ip": "::", "end-ip": "::", "host-type": "any", "host": "::",
        "sdn-addr-type": "private", "passive-fqdn-learning": "enable", "wildcard": ":: ::",
    },
    "firewall/addrgrp": {"type": "default", "category": "default"},
    "firewall/addrgrp6": {"category": "default"},
    "firewall.service/custom": {
        "helper": "auto", "check-reset-range": "default", "iprange": "0.0.0.0", "session-ttl": "0",
        "visibility": "enable", "proxy": "disable", "protocol-number": 0, "icmptype": "", "icmpcode": "",
    },
    "firewall/vip": {
        "type": "static-nat", "ldb-method": "static", "h2-support": "enable", "h3-support": "disable",
        "nat44": "enable", "add-nat46-route": "enable", "arp-reply": "enable", "persistence": "none",
        "status": "enable", "protocol": "tcp", "portmapping-type": "1-to-1", "empty-cert-action": "block",
        "user-agent-detect": "enable", "client-cert": "enable", "http-cookie-age": 60, "http-cookie-share": "same-ip",
        "http-multiplex-ttl": 15, "ssl-mode": "half", "ssl-dh-bits": "2048", "ssl-algorithm": "high",
        "ssl-server-algorithm": "client", "ssl-pfs": "require", "ssl-min-version": "tls-1.1",
        "ssl-max-version": "tls-1.3", "ssl-server-min-version": "client", "ssl-server-max-version": "client",
        "ssl-accept-ffdhe-groups": "enable", "ssl-send-empty-frags": "enable", "ssl-client-fallback": "enable",
        "ssl-client-renegotiation": "secure", "ssl-client-session-state-type": "both",
        "ssl-client-session-state-timeout": 30, "ssl-client-session-state-max": 1000,
        "ssl-server-session-state-type": "both", "ssl-server-session-state-timeout": 60,
        "ssl-server-session-state-max": 100, "ssl-http-match-host": "enable", "ssl-hpkp-age": 5184000,
        "ssl-hsts-age": 5184000, "max-embryonic-connections": 1000, "extip": "0.0.0.0", "extport": "0",
        "mappedport": "0",
    },
    "firewall/shaping-policy": {
        "status": "enable", "ip-version": "4", "traffic-type": "forwarding", "tos": "0x00", "tos-mask": "0x00",
        "diffservcode-forward": "000000", "diffservcode-reverse": "000000",
    },
    "firewall.shaper/traffic-shaper": {
        "bandwidth-unit": "kbps", "priority": "high", "dscp-marking-method": "static", "cos-marking-method": "static",
        "per-policy": "disable", "diffservcode": "000000",
    },
    "firewall.schedule/onetime": {"expiration-days": 3, "start": "00:00 2001/01/01", "end": "00:00 2001/01/01"},
    "firewall.schedule/recurring": {"day": "none", "label-day": "none", "start": "00:00", "end": "00:00"},
    "system/interface": {
        "mode": "static", "distance": 5, "priority": 1, "dhcp-relay-interface-select-method": "auto",
        "dhcp-relay-vrf-select": -1, "dhcp-broadcast-flag": "enable", "dhcp-relay-source-ip": "0.0.0.0",
        "dhcp-relay-link-selection": "0.0.0.0", "dhcp-relay-type": "regular", "dhcp-relay-agent-option": "enable",
        "dhcp-classless-route-addition": "enable", "management-ip": _ANY4, "ip": _ANY4, "detectprotocol": "ping",
        "ha-priority": 1, "fail-detect-option": "link-down", "fail-alert-method": "link-down",
        "fail-action-on-extender": "soft-restart", "ipunnumbered": "0.0.0.0", "pppoe-egress-cos": "cos0",
        "pppoe-unnumbered-negotiate": "enable", "mrru": 1500, "disc-retry-timeout": 1, "padt-retry-timeout": 1,
        "lcp-echo-interval": 5, "lcp-max-echo-fails": 3, "defaultgw": "enable", "dns-server-override": "enable",
        "dns-server-protocol": "cleartext", "auth-type": "auto", "pptp-server-ip": "0.0.0.0",
        "pptp-auth-type": "auto", "arpforward": "enable", "ndiscforward": "enable", "bfd": "global",
        "bfd-desired-min-tx": 250, "bfd-detect-mult": 3, "bfd-required-min-rx": 250,
        "icmp-send-redirect": "enable", "icmp-accept-redirect": "enable", "reachable-time": 30000,
        "stpforward-mode": "rpl-all-ext-id", "macaddr": "00:00:00:00:00:00", "virtual-mac": "00:00:00:00:00:00",
        "substitute-dst-mac": "00:00:00:00:00:00", "speed": "auto", "status": "up", "wins-ip": "0.0.0.0",
        "type": "vlan", "dedicated-to": "none", "trust-ip-1": _ANY4, "trust-ip-2": _ANY4, "trust-ip-3": _ANY4,
        "trust-ip6-1": "::/0", "trust-ip6-2": "::/0", "trust-ip6-3": "::/0", "netflow-sample-rate": 1,
        "src-check": "enable", "sample-rate": 2000, "polling-interval": 20, "sample-direction": "both", "mtu": 1500,
        "vlan-protocol": "8021q", "remote-ip": _ANY4, "lacp-mode": "active", "lacp-ha-secondary": "enable",
        "lacp-ha-slave": "enable", "system-id-type": "auto", "system-id": "00:00:00:00:00:00", "lacp-speed": "slow",
        "min-links": 1, "min-links-down": "operational", "algorithm": "L4", "link-up-delay": 50,
        "aggregate-type": "physical", "priority-override": "enable", "security-mode": "none",
        "device-user-identification": "enable", "lldp-reception": "vdom", "lldp-transmission": "vdom",
        "role": "undefined", "ap-discover": "enable", "fortilink-neighbor-detect": "lldp",
        "ip-managed-by-fortiipam": "inherit-global", "managed-subnetwork-size": "256",
        "fortilink-split-interface": "enable", "switch-controller-mgmt-vlan": 4094,
        "switch-controller-feature": "none", "switch-controller-source-ip": "outbound",
        "switch-controller-offload-ip": "0.0.0.0", "default-purdue-level": "3", "vdom": "root",
        "ipv6.ip6-mode": "static", "ipv6.nd-mode": "basic", "ipv6.ip6-address": "::/0", "ipv6.ip6-subnet": "::/0",
        "ipv6.ip6-dns-server-override": "enable", "ipv6.ip6-max-interval": 600, "ipv6.ip6-min-interval": 198,
        "ipv6.ip6-default-life": 1800, "ipv6.icmp6-send-redirect": "enable", "ipv6.ip6-prefix-mode": "dhcp6",
        "ipv6.interface-identifier": "::", "ipv6.nd-timestamp-delta": 300, "ipv6.nd-timestamp-fuzz": 1,
        "ipv6.ra-send-mtu": "enable", "ipv6.ip6-route-pref": "medium", "ipv6.dhcp6-relay-type": "regular",
    },
    "system/zone": {"intrazone": "deny"},
    "system/sdwan": {
        "status": "disable", "load-balance-mode": "source-ip-based", "duplication-max-num": 2,
        "duplication-max-discrepancy": 250, "members.zone": "virtual-wan-link", "members.gateway": "0.0.0.0",
        "members.source": "0.0.0.0", "members.gateway6": "::", "members.source6": "::", "members.weight": 1,
        "members.priority": 1, "members.priority6": 1024, "members.volume-ratio": 1, "members.status": "enable",
        "zone.service-sla-tie-break": "cfg-order", "zone.minimum-sla-meet-members": 1,
    },
    "system/settings": {
        "vdom-type": "traffic", "lan-extension-controller-port": 5246, "opmode": "nat", "ngfw-mode": "profile-based",
        "http-external-dest": "fortiweb", "firewall-session-dirty": "check-all", "gateway": "0.0.0.0", "ip": _ANY4,
        "manageip6": "::/0", "gateway6": "::", "ip6": "::/0", "bfd-desired-min-tx": 250, "bfd-required-min-rx": 250,
        "bfd-detect-mult": 3, "utf8-spam-tagging": "enable", "vpn-stats-log": "ipsec pptp l2tp ssl",
        "vpn-stats-period": 600, "v4-ecmp-mode": "source-ip-based", "mac-ttl": 300, "snat-hairpin-traffic": "enable",
        "dhcp-proxy-interface-select-method": "auto", "lldp-reception": "global", "lldp-transmission": "global",
        "link-down-access": "enable", "nat64-force-ipv6-packet-forwarding": "enable", "detect-unknown-esp": "enable",
        "sip-nat-trace": "enable", "status": "enable", "sip-tcp-port": "5060", "sip-udp-port": "5060",
        "sip-ssl-port": 5061, "sccp-port": 2000, "multicast-forward": "enable", "ecmp-max-paths": 255,
        "discovered-device-timeout": 28, "email-portal-check-dns": "enable", "default-voip-alg-mode": "proxy-based",
        "gui-implicit-policy": "enable", "gui-dos-policy": "enable", "gui-object-colors": "enable",
        "gui-ap-profile": "enable", "gui-dynamic-routing": "enable", "gui-threat-weight": "enable",
        "gui-file-filter": "enable", "gui-application-control": "enable", "gui-ips": "enable",
        "gui-dhcp-advanced": "enable", "gui-vpn": "enable", "gui-wireless-controller": "enable",
        "gui-switch-controller": "enable", "gui-traffic-shaping": "enable", "gui-wan-load-balancing": "enable",
        "gui-antivirus": "enable", "gui-webfilter": "enable", "gui-videofilter": "enable", "gui-dnsfilter": "enable",
        "location-id": "0.0.0.0", "ike-dn-format": "with-space", "ike-port": 500, "ike-tcp-port": 443,
        "default-app-port-as-service": "enable", "default-policy-expiry-days": 30,
        "gui-enforce-change-summary": "require", "internet-service-app-ctrl-size": 32768,
        "inspection-mode": "flow", "asymroute": "disable", "h323-direct-model": "disable",
    },
    "system/global": {
        "language": "english", "gui-certificates": "enable", "gui-firmware-upgrade-warning": "enable",
        "admin-https-ssl-versions": "tlsv1-2 tlsv1-3", "admintimeout": 5, "admin-concurrent": "enable",
        "admin-lockout-threshold": 3, "admin-lockout-duration": 60, "interval": 5, "failtime": 5,
        "radius-port": 1812, "admin-login-max": 100, "remoteauthtimeout": 5, "ldapconntimeout": 500,
        "batch-cmdb": "enable", "multi-factor-authentication": "optional", "ssl-min-proto-version": "TLSv1-2",
        "traffic-priority": "tos", "traffic-priority-level": "medium", "anti-replay": "strict",
        "send-pmtu-icmp": "enable", "honor-df": "enable", "management-vdom": "root", "strong-crypto": "enable",
        "ssl-static-key-ciphers": "enable", "dh-params": "2048", "fds-statistics": "enable",
        "fds-statistics-period": 60, "tcp-option": "enable", "proxy-auth-timeout": 10,
        "check-protocol-header": "loose", "vip-arp-range": "restricted", "strict-dirty-session-check": "enable",
        "tcp-halfclose-timer": 120, "tcp-halfopen-timer": 10, "tcp-timewait-timer": 1, "tcp-rst-timer": 5,
        "udp-idle-timer": 180, "block-session-timer": 30, "ip-src-port-range": "1024-25000", "tftp": "enable",
        "av-failopen": "pass", "memory-use-threshold-extreme": 95, "memory-use-threshold-red": 88,
        "memory-use-threshold-green": 82, "cpu-use-threshold": 90, "admin-port": 80, "admin-sport": 443,
        "admin-https-redirect": "enable", "admin-hsts-max-age": 63072000, "admin-ssh-password": "enable",
        "admin-ssh-port": 22, "admin-ssh-grace-time": 120, "admin-telnet": "enable", "admin-telnet-port": 23,
        "admin-ssh-v1": "disable", "admin-scp": "disable", "admin-maintainer": "enable",
        "admin-server-cert": "self-sign", "wifi-certificate": "Fortinet_Wifi",
        "wifi-ca-certificate": "Fortinet_Wifi_CA",
        "auth-http-port": 1000, "auth-https-port": 1003, "auth-session-limit": "block-new",
        "auth-cert": "Fortinet_Factory", "fortiservice-port": 8013, "cfg-save": "automatic",
        "cfg-revert-timeout": 600, "reboot-upon-config-restore": "enable", "wireless-controller": "enable",
        "wireless-controller-port": 5246, "cert-chain-max": 8, "two-factor-ftk-expiry": 60,
        "two-factor-email-expiry": 60, "two-factor-sms-expiry": 60, "two-factor-fac-expiry": 60,
        "two-factor-ftm-expiry": 72, "login-timestamp": "disable", "vdom-mode": "no-vdom",
        "rest-api-key-url-query": "disable", "lldp-reception": "disable", "lldp-transmission": "disable",
        "switch-controller": "disable", "fortiextender": "disable", "security-rating-result-submission": "enable",
        "ssh-enc-algo": "chacha20-poly1305@openssh.com aes256-ctr aes256-gcm@openssh.com",
    },
    "voip/profile": {
        "sip.status": "enable", "sip.rtp": "enable", "sip.nat-port-range": "5117-65533",
        "sip.open-register-pinhole": "enable", "sip.open-contact-pinhole": "enable", "sip.strict-register": "enable",
        "sip.max-line-length": 998, "sip.block-long-lines": "enable", "sip.block-unknown": "enable",
        "sip.open-record-route-pinhole": "enable", "sip.log-call-summary": "enable", "sip.nat-trace": "enable",
        "sip.contact-fixup": "enable", "sip.provisional-invite-expiry-time": 210, "sip.ips-rtp": "enable",
        "sip.ssl-mode": "off", "sip.ssl-send-empty-frags": "enable", "sip.ssl-client-renegotiation": "allow",
        "sip.ssl-algorithm": "high", "sip.ssl-pfs": "allow", "sip.ssl-min-version": "tls-1.1",
        "sip.ssl-max-version": "tls-1.3", "sccp.status": "enable", "msrp.status": "enable",
        "msrp.log-violations": "enable", "msrp.max-msg-size-action": "pass",
    },
    "system.dhcp/server": {
        "status": "enable", "lease-time": 604800, "mac-acl-default-action": "assign",
        "forticlient-on-net-status": "enable", "dns-service": "specify", "wifi-ac-service": "specify",
        "ntp-service": "specify", "server-type": "regular", "ip-mode": "range", "conflicted-ip-timeout": 1800,
        "ipsec-lease-hold": 60, "auto-configuration": "enable", "auto-managed-status": "enable", "ddns-ttl": 300,
        "timezone-option": "disable", "timezone": "", "vci-match": "disable", "shared-subnet": "disable",
        **dict.fromkeys(_DHCP_ADDRESSES, "0.0.0.0"),
        "options.type": "hex", "reserved-address.type": "mac", "reserved-address.action": "reserved",
        "reserved-address.mac": "00:00:00:00:00:00", "reserved-address.circuit-id-type": "string",
        "reserved-address.remote-id-type": "string",
    },
    "system.lldp/network-policy": {
        f"{application}.{name}": value
        for application in _LLDP_APPLICATIONS
        for name, value in (("status", "disable"), ("tag", "none"), ("priority", 5), ("dscp", 46))
    },
    "system/admin": {
        **_TRUST, "two-factor": "disable", "allow-remove-admin-session": "enable", "sms-server": "fortiguard",
        "password-expire": "0000-00-00 00:00:00",
    },
    "system/api-user": {
        "trusthost.type": "ipv4-trusthost", "trusthost.ipv4-trusthost": _ANY4, "trusthost.ipv6-trusthost": "::/0",
    },
    "system/password-policy": {"apply-to": "admin-password", "expire-day": 90, "reuse-password": "enable"},
    "system/central-management": {
        "mode": "normal", "type": "fortiguard", "schedule-config-restore": "enable",
        "schedule-script-restore": "enable", "allow-push-configuration": "enable", "allow-push-firmware": "enable",
        "allow-remote-firmware-upgrade": "enable", "allow-monitor": "enable", "fmg-source-ip": "0.0.0.0",
        "fmg-source-ip6": "::", "vdom": "root", "fmg-update-port": "8890", "include-default-servers": "enable",
        "enc-algorithm": "high", "interface-select-method": "auto",
    },
    "system/ha": {
        "mode": "standalone", "route-ttl": 10, "route-hold": 10, "multicast-ttl": 600, "sync-config": "enable",
        "hb-interval": 2, "hb-interval-in-milliseconds": "100ms", "hb-lost-threshold": 20, "hello-holddown": 20,
        "gratuitous-arps": "enable", "arps": 5, "arps-interval": 8, "upgrade-mode": "uninterruptible",
        "uninterruptible-upgrade": "enable", "uninterruptible-primary-wait": 30, "ha-eth-type": "8890",
        "hc-eth-type": "8891", "l2ep-eth-type": "8893", "ha-uptime-diff-margin": 300, "schedule": "round-robin",
        "weight": "0 40", "priority": 128, "pingserver-flip-timeout": 60, "unicast-gateway": "0.0.0.0",
        "unicast-hb-peerip": "0.0.0.0", "unicast-hb-netmask": "0.0.0.0",
        "pingserver-secondary-force-reset": "enable", "memory-failover-monitor-period": 60,
        "memory-failover-sample-rate": 1, "memory-failover-flip-timeout": 6,
    },
    "system/dns": {
        "primary": "0.0.0.0", "secondary": "0.0.0.0", "protocol": "cleartext", "ssl-certificate": "Fortinet_Factory",
        "ip6-primary": "::", "ip6-secondary": "::", "timeout": 5, "retry": 2, "dns-cache-limit": 5000,
        "dns-cache-ttl": 1800, "source-ip": "0.0.0.0", "interface-select-method": "auto",
        "server-select-method": "least-rtt", "alt-primary": "0.0.0.0", "alt-secondary": "0.0.0.0",
        "fqdn-max-refresh": 3600, "fqdn-min-refresh": 60,
    },
    "system/ntp": {
        "type": "fortiguard", "ntpsync": "enable", "syncinterval": 60, "source-ip": "0.0.0.0", "source-ip6": "::",
        "key-type": "MD5", "server-mode": "disable", "ntpserver.key-type": "MD5", "ntpserver.ip-type": "Both",
        "ntpserver.interface-select-method": "auto",
    },
    "system/accprofile": {
        "scope": "vdom", "admintimeout": 10,
        **dict.fromkeys(ACCESS_GROUPS, "none"),
    },
    "log/setting": {"resolve-port": "enable", "local-out": "enable", "long-live-session-stat": "enable"},
}

# Defaults that changed: (path, field) -> ((first release, value), ...), oldest first.
VERSIONED_DEFAULTS: dict[tuple[str, str], tuple[tuple[Version, Any], ...]] = {
    # DOC 147933 / KB 359796: the values were renamed with 7.2.5.
    ("voip/profile", "feature-set"): ((Version(7, 0, 0), "proxy"), (Version(7, 2, 5), "voipd")),
    # The TCP/UDP protocol value was renamed with 7.6.0.
    ("firewall.service/custom", "protocol"): (
        (Version(7, 0, 0), "TCP/UDP/SCTP"),
        (Version(7, 6, 0), "TCP/UDP/UDP-Lite/SCTP"),
    ),
    # KB 94794, KB 192456: match-vip became the default in the 7.2 train (7.2.3 or 7.2.4).
    ("firewall/policy", "match-vip"): ((Version(7, 0, 0), "disable"), (Version(7, 2, 4), "enable")),
    # Seen on 7.6.5; older releases ship without a policy.
    ("system/password-policy", "status"): ((Version(7, 0, 0), "disable"), (Version(7, 6, 0), "enable")),
    ("system/password-policy", "minimum-length"): ((Version(7, 0, 0), 8), (Version(7, 6, 0), 12)),
    ("system/password-policy", "min-lower-case-letter"): ((Version(7, 0, 0), 0), (Version(7, 6, 0), 1)),
    ("system/password-policy", "min-upper-case-letter"): ((Version(7, 0, 0), 0), (Version(7, 6, 0), 1)),
    ("system/password-policy", "min-non-alphanumeric"): ((Version(7, 0, 0), 0), (Version(7, 6, 0), 1)),
    ("system/password-policy", "min-number"): ((Version(7, 0, 0), 0), (Version(7, 6, 0), 1)),
    ("system/global", "timezone"): ((Version(7, 0, 0), "04"), (Version(7, 4, 2), "US/Pacific")),
    ("system/global", "admin-restrict-local"): ((Version(7, 0, 0), "disable"),),
}

# The unit assigns one on creation.
UUID_FIELD = "uuid"

# --- limits --------------------------------------------------------------------------------------------------------

_PROFILES = (
    "profile-group profile-protocol-options ssl-ssh-profile av-profile webfilter-profile dnsfilter-profile "
    "emailfilter-profile dlp-profile file-filter-profile ips-sensor application-list voip-profile ips-voip-filter "
    "icap-profile waf-profile ssh-filter-profile"
).split()

LENGTHS: dict[str, dict[str, int]] = {
    "firewall/policy": {
        "name": 35, "schedule": 35, "comments": 1023, "traffic-shaper": 35, "traffic-shaper-reverse": 35,
        "per-ip-shaper": 35, "vpntunnel": 35, **dict.fromkeys(_PROFILES, 47),
    },
    "firewall/local-in-policy": {"schedule": 35, "comments": 1023},
    "firewall/local-in-policy6": {"schedule": 35, "comments": 1023},
    "firewall/address": {
        "name": 79, "fqdn": 255, "country": 2, "interface": 35, "associated-interface": 35, "comment": 255,
    },
    "firewall/address6": {"name": 79, "fqdn": 255, "country": 2, "template": 63, "comment": 255},
    "firewall/addrgrp": {"name": 79, "comment": 255},
    "firewall/addrgrp6": {"name": 79, "comment": 255},
    "firewall.service/custom": {"name": 79, "category": 63, "fqdn": 255, "comment": 255},
    "firewall.service/group": {"name": 79, "comment": 255},
    "firewall/vip": {"name": 79, "extintf": 35, "mapped-addr": 79, "comment": 255},
    "firewall/vipgrp": {"name": 79, "interface": 35, "comments": 255},
    "firewall/shaping-policy": {
        "name": 35, "schedule": 35, "traffic-shaper": 35, "traffic-shaper-reverse": 35, "comment": 255,
    },
    "firewall.shaper/traffic-shaper": {"name": 35},
    "firewall.schedule/onetime": {"name": 31},
    "firewall.schedule/recurring": {"name": 31},
    "firewall.schedule/group": {"name": 31},
    "system/interface": {"name": 15, "vdom": 31, "interface": 15, "alias": 25, "description": 255,
                         "lldp-network-policy": 35},
    "system/zone": {"name": 35, "description": 127},
    "system/global": {"hostname": 35, "alias": 35, "timezone": 63, "admin-server-cert": 35},
    "voip/profile": {"name": 47, "comment": 255},
    "system.dhcp/server": {"domain": 35, "interface": 15, "timezone": 63, "filename": 127, "options.value": 312},
    "system.lldp/network-policy": {"name": 35, "comment": 1023},
    "switch-controller/vlan-policy": {"name": 63},
    "switch-controller/lldp-profile": {"name": 63},
    "system/admin": {
        "name": 64, "accprofile": 35, "schedule": 35, "fortitoken": 16, "email-to": 63, "sms-phone": 15,
        "comments": 255, "password": 128,
    },
    "system/api-user": {"name": 35, "accprofile": 35, "schedule": 35, "comments": 255},
    "system/accprofile": {"name": 35},
    "system/vdom": {"name": 31, "short-name": 11},
    "system/ha": {"group-name": 32},
}

_ID = (0, 4294967295)
RANGES: dict[str, dict[str, tuple[int, int]]] = {
    "firewall/policy": {"policyid": (0, 4294967294), "tcp-mss-sender": (0, 65535), "tcp-mss-receiver": (0, 65535)},
    "firewall/local-in-policy": {"policyid": _ID},
    "firewall/local-in-policy6": {"policyid": _ID},
    "firewall/shaping-policy": {"id": _ID, "class-id": _ID},
    "firewall/address": {"color": (0, 32), "cache-ttl": (0, 86400)},
    "firewall/addrgrp": {"color": (0, 32)},
    "firewall.service/custom": {
        "protocol-number": (0, 254), "tcp-halfclose-timer": (0, 86400), "tcp-halfopen-timer": (0, 86400),
        "tcp-timewait-timer": (0, 300), "udp-idle-timer": (0, 86400), "color": (0, 32),
    },
    "firewall.shaper/traffic-shaper": {"guaranteed-bandwidth": (0, 80000000), "maximum-bandwidth": (0, 80000000)},
    "system/interface": {
        "vlanid": (1, 4094), "distance": (1, 255), "mtu": _ID, "inbandwidth": (0, 80000000),
        "outbandwidth": (0, 80000000), "estimated-upstream-bandwidth": _ID, "estimated-downstream-bandwidth": _ID,
    },
    "system/session-helper": {"id": _ID, "protocol": (0, 255), "port": (1, 65535)},
    "system/settings": {"sip-ssl-port": (0, 65535), "sccp-port": (0, 65535)},
    "system/global": {
        "admintimeout": (1, 480), "admin-lockout-threshold": (1, 10), "admin-lockout-duration": (1, 2147483647),
        "admin-port": (1, 65535), "admin-sport": (1, 65535), "admin-ssh-port": (1, 65535),
        "admin-telnet-port": (1, 65535), "admin-ssh-grace-time": (10, 3600), "cfg-revert-timeout": (10, 4294967295),
    },
    "system/password-policy": {
        "minimum-length": (8, 128), "min-lower-case-letter": (0, 128), "min-upper-case-letter": (0, 128),
        "min-non-alphanumeric": (0, 128), "min-number": (0, 128), "expire-day": (1, 999),
        "reuse-password-limit": (0, 20),
    },
    "system.dhcp/server": {
        "id": _ID, "lease-time": (300, 8640000), "options.code": (0, 255), "conflicted-ip-timeout": (60, 8640000),
    },
    "system.lldp/network-policy": {
        f"{application}.{name}": limits
        for application in _LLDP_APPLICATIONS
        for name, limits in (("vlan", (1, 4094)), ("priority", (0, 7)), ("dscp", (0, 63)))
    },
    "system/ntp": {"syncinterval": (1, 1440)},
    "system/dns": {"timeout": (1, 10), "retry": (0, 5), "dns-cache-ttl": (60, 86400)},
    "system/ha": {"group-id": (0, 1023), "priority": (0, 255)},
}
# Zero means "unset" or "unlimited" although it lies outside the range.
ZERO_ALLOWED = frozenset(
    {("system.dhcp/server", "lease-time"), ("system/interface", "vlanid")}
    | {("system.lldp/network-policy", f"{application}.vlan") for application in _LLDP_APPLICATIONS}
)

# Rows a table can hold: the order of magnitude of a desktop unit, not a model's published figure; tests lower them.
TABLE_LIMITS: dict[str, int] = {
    "firewall/address": 5000, "firewall/addrgrp": 5000, "firewall/policy": 5000, "firewall.service/custom": 1024,
    "firewall.service/group": 500, "firewall/vip": 512, "system/admin": 300, "system/vdom": 10,
}

REQUIRED: dict[str, tuple[str, ...]] = {
    "firewall/policy": ("srcintf", "dstintf", "schedule"),
    "firewall/local-in-policy": ("intf", "srcaddr", "dstaddr", "service", "schedule"),
    "firewall/local-in-policy6": ("intf", "srcaddr", "dstaddr", "service", "schedule"),
    "firewall/addrgrp": ("member",),
    "firewall/addrgrp6": ("member",),
    "firewall.service/group": ("member",),
    "firewall/vipgrp": ("interface", "member"),
    "firewall/vip": ("extip", "extintf"),
    "firewall/shaping-policy": ("service", "dstintf"),
    "system/session-helper": ("name", "protocol", "port"),
    "system.dhcp/server": ("interface", "netmask"),
    "system/admin": ("accprofile",),
    "system/api-user": ("accprofile",),
}

# --- spelling ------------------------------------------------------------------------------------------------------

# Fields that hold an IPv4 address and mask. A prefix is accepted and read back as a dotted mask.
ADDRESS_AND_MASK: dict[str, frozenset[str]] = {
    "firewall/address": frozenset({"subnet"}),
    "firewall/policy": frozenset({"natip"}),
    "system/interface": frozenset(
        {"ip", "management-ip", "remote-ip", "secondaryip.ip", "trust-ip-1", "trust-ip-2", "trust-ip-3"}
    ),
    "system/admin": frozenset(name for name in _TRUST if name.startswith("trusthost")),
    "system/api-user": frozenset({"trusthost.ipv4-trusthost"}),
    "system/settings": frozenset({"ip", "manageip"}),
}
PREFIX6: dict[str, frozenset[str]] = {
    "firewall/address6": frozenset({"ip6"}),
    "system/interface": frozenset({"ipv6.ip6-address", "ipv6.ip6-subnet"}),
    "system/admin": frozenset(name for name in _TRUST if name.startswith("ip6-")),
    "system/api-user": frozenset({"trusthost.ipv6-trusthost"}),
}
ADDRESS4: dict[str, frozenset[str]] = {
    "firewall/address": frozenset({"start-ip", "end-ip"}),
    "system.dhcp/server": frozenset(
        _DHCP_ADDRESSES
    ),
    "system/dns": frozenset({"primary", "secondary"}),
}
ADDRESS6: dict[str, frozenset[str]] = {
    "firewall/address6": frozenset({"start-ip", "end-ip"}),
    "system/dns": frozenset({"ip6-primary", "ip6-secondary"}),
}
PORT_RANGES: dict[str, frozenset[str]] = {
    "firewall.service/custom": frozenset({"tcp-portrange", "udp-portrange", "sctp-portrange", "udplite-portrange"}),
    "firewall/vip": frozenset({"extport", "mappedport"}),
}
SIX_BITS = frozenset({"diffservcode-forward", "diffservcode-rev", "diffservcode-reverse", "diffservcode"})
# Free lists of words whose members the schema spells as strings but which hold port numbers.
SIP_PORTS = frozenset({"sip-tcp-port", "sip-udp-port"})

SECRETS: dict[str, frozenset[str]] = {
    "system/admin": frozenset({"password", "password2", "history0", "history1"}),
    "system/api-user": frozenset({"api-key"}),
    "system/ha": frozenset({"password", "key"}),
    "system/ntp": frozenset({"key", "ntpserver.key"}),
    "user/local": frozenset({"passwd"}),
    "vpn.ipsec/phase1-interface": frozenset({"psksecret", "authpasswd"}),
    "system/interface": frozenset({"password", "pptp-password"}),
}
SECRET_SHOWN = "ENC XXXX"

# Values every unit knows although no configured row carries them.
BUILT_IN: dict[str, frozenset[str]] = {
    "system/interface": frozenset({"any"}),
    "firewall/ssl-ssh-profile": frozenset(
        {"certificate-inspection", "custom-deep-inspection", "deep-inspection", "no-inspection"}
    ),
    "firewall/profile-protocol-options": frozenset({"default"}),
    "antivirus/profile": frozenset({"default"}),
    "ips/sensor": frozenset({"default", "protect_client", "protect_http_server"}),
    "application/list": frozenset({"default"}),
    "webfilter/profile": frozenset({"default"}),
    "dnsfilter/profile": frozenset({"default"}),
    "vpn.certificate/local": frozenset({"Fortinet_Factory", "Fortinet_GUI_Server", "Fortinet_Wifi", "self-sign"}),
    "certificate/local": frozenset({"Fortinet_Factory", "Fortinet_GUI_Server", "Fortinet_Wifi", "self-sign"}),
    "firewall.service/category": frozenset(
        {
            "General", "Web Access", "File Access", "Email", "Network Services", "Authentication", "Remote Access",
            "Tunneling", "VoIP, Messaging & Other Applications", "Web Proxy",
        }
    ),
}
# Where "any" is not an interface: it is one only for policies.
ANY_INTERFACE_TABLES = frozenset(
    "firewall/policy firewall/local-in-policy firewall/local-in-policy6 firewall/shaping-policy firewall/vip "
    "firewall/central-snat-map firewall/security-policy".split()
)

# Read-back order for word lists that the unit keeps as typed.
KEEP_ORDER = frozenset({("system/interface", "dhcp-relay-ip")})

# --- permissions ---------------------------------------------------------------------------------------------------

GROUP_OF_CATEGORY = {
    "firewall": "fwgrp", "firewall.service": "fwgrp", "firewall.schedule": "fwgrp", "firewall.shaper": "fwgrp",
    "firewall.ipmacbinding": "fwgrp", "voip": "utmgrp", "antivirus": "utmgrp", "ips": "utmgrp",
    "application": "utmgrp", "webfilter": "utmgrp", "dnsfilter": "utmgrp", "router": "netgrp", "system.dhcp": "netgrp",
    "system.lldp": "netgrp", "log": "loggrp", "user": "authgrp", "vpn": "vpngrp", "vpn.ipsec": "vpngrp",
    "vpn.certificate": "vpngrp", "switch-controller": "wifi", "wireless-controller": "wifi",
}
GROUP_OF_TABLE = dict.fromkeys(("system/interface", "system/zone", "system/sdwan", "system/dns"), "netgrp")
# (group, sub-permission) when the group is set to "custom".
SUBPERMISSION = {
    "firewall/address": "address", "firewall/address6": "address", "firewall/addrgrp": "address",
    "firewall/addrgrp6": "address", "firewall.service/custom": "service", "firewall.service/group": "service",
    "firewall.schedule/onetime": "schedule", "firewall.schedule/recurring": "schedule",
    "firewall/policy": "policy", "firewall/local-in-policy": "policy", "firewall/local-in-policy6": "policy",
    "system/admin": "admin", "system/api-user": "admin", "system/accprofile": "admin",
    "system/password-policy": "admin", "voip/profile": "voip",
}


def permission_group(path: str) -> tuple[str, str]:
    """(access group, sub-permission) that guards a CMDB path."""
    group = GROUP_OF_TABLE.get(path) or GROUP_OF_CATEGORY.get(path.split("/")[0], "sysgrp")
    if path in SUBPERMISSION:
        return group, SUBPERMISSION[path]
    return group, {"fwgrp": "others", "netgrp": "cfg", "loggrp": "config"}.get(group, "cfg")


# Firmware build per train (last digits shown by the unit; one representative each).
BUILDS = {(7, 0): 632, (7, 2): 1639, (7, 4): 2662, (7, 6): 3401}

# Document 651640, "Text strings", administration guides 7.0 to 7.6.
FORBIDDEN_IN_TEXTS = "\"'<>"
TEXTS = ("name", "comment", "comments", "description", "alias")
