"""A pfSense for the program alone: real PHP, and stand-ins for the vendor's functions that write down their calls.

It keeps the vendor's traps that the program has to get round: `config.inc` loads an old cache, `write_config` keeps the
configuration before under the second of its revision, rules with unknown aliases become comments, a load that fails
leaves the old rules running, `config_restore` switches the GUI's checks off and differs between releases, and a daemon
that is started inherits what is open. The configuration is JSON, since nothing here is about XML.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import time
from pathlib import Path
from typing import Any

from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense.program import answer, program

RELEASES = ("2.7.2", "2.8", "2.9")

_FILES = re.compile(r"'(/(?:cf|var|tmp|sbin|etc|usr/local)\b[^'\n ]*)")

CONFIG_INC = r"""<?php
require_once('util.inc');
require_once('config.lib.inc');
global $config;
$cache = ROOT . '/tmp/config.cache';
$config = json_decode(file_get_contents(is_file($cache) ? $cache : ROOT . '/cf/conf/config.xml'), true);
$aliastable = ['from' => 'config.inc'];
echo '.';  // as while the device starts
"""

UTIL_INC = r"""<?php
const ROOT = '@ROOT@';
function call(string $name, mixed ...$arguments): void {
    $noted = json_encode([$name, ...$arguments]) . "\n";
    file_put_contents(ROOT . '/calls', $noted, FILE_APPEND);
}
function knob(string $name): string {
    return trim((string)@file_get_contents(ROOT . "/knobs/$name"));
}
function lock($name, $how = LOCK_SH) {
    $file = fopen(ROOT . "/tmp/$name.lock", 'w');
    flock($file, $how);
    return $file;
}
function unlock($file) {
    flock($file, LOCK_UN);
    fclose($file);
}
function array_get_path(array &$from, string $path, $default = null) {
    $value = $from;
    foreach (array_filter(explode('/', $path), 'strlen') as $key) {
        if (!is_array($value) || !array_key_exists($key, $value)) {
            return $default;
        }
        $value = $value[$key];
    }
    return $default !== null && $value === '' ? $default : $value;
}
function alias_make_table() {
    global $aliastable;
    $aliastable = array_column(config_get_path('aliases/alias', []), 'address', 'name');
    call('alias_make_table', array_keys($aliastable));
}
function does_interface_exist($device, $flush = false) {
    return is_file(ROOT . "/devices/$device");
}
function send_event($event) {
    call('send_event', $event);
}
function clear_subsystem_dirty($name) {
    call('clear_subsystem_dirty', $name);
    @unlink(ROOT . "/var/run/$name.dirty");
}
"""

CONFIG_LIB_INC = r"""<?php
function config_get_path(string $path, $default = null) {
    global $config;
    return array_get_path($config, $path, $default);
}
function config_path_enabled(string $path, $key = 'enable') {
    return isset(config_get_path($path, [])[$key]);
}
function config_set_path(string $path, $value, $default = null) {
    global $config;
    $at = &$config;
    foreach (explode('/', $path) as $key) {
        if (!is_array($at)) {
            if (!empty($at)) {
                return $default;
            }
            $at = [];
        }
        $at = &$at[$key];
    }
    return $at = $value;
}
function config_del_path(string $path) {
    global $config;
    $keys = explode('/', $path);
    $last = array_pop($keys);
    $at = &$config;
    foreach ($keys as $key) {
        if (!is_array($at) || !array_key_exists($key, $at)) {
            return null;
        }
        $at = &$at[$key];
    }
    unset($at[$last]);
}
function as_written($value) {
    if (!is_array($value)) {
        return $value === true ? '' : $value;
    }
    return array_map('as_written', array_filter($value, fn($one) => $one !== false));
}
function backup_config() {
    $kept = ROOT . '/cf/conf/backup/config-' . (config_get_path('revision/time') ?: '0') . '.xml';
    return copy(ROOT . '/cf/conf/config.xml', $kept);
}
function write_config($description = 'Unknown', $backup = true) {
    global $config;
    call('write_config', $description);
    switch (knob('write')) {
    case 'refuse':
        return false;
    case 'fail':
        return -1;
    case 'die':
        die('no room on the disk');
    case 'slow':
        sleep(3);
    }
    if (is_file(ROOT . '/knobs/intruder')) {
        rename(ROOT . '/knobs/intruder', ROOT . '/cf/conf/config.xml');
    }
    if ($backup) {
        backup_config();
    }
    config_set_path('revision', [
        'time' => (string)time(), 'description' => "(system): $description", 'username' => '(system)',
    ]);
    $lock = lock('config', LOCK_EX);
    file_put_contents(ROOT . '/cf/conf/config.xml', json_encode(as_written($config)));
    @unlink(ROOT . '/tmp/config.cache');
    unlock($lock);
    if (knob('write') === 'throw') {
        throw new TypeError('a plugin of another package failed');
    }
    fresh();
    return $config;
}
function fresh() {
    global $config;
    $text = file_get_contents(ROOT . '/cf/conf/config.xml');
    file_put_contents(ROOT . '/tmp/config.cache', $text);
    $config = json_decode($text, true);
    return $config;
}
function disable_security_checks() {
    touch(ROOT . '/tmp/disable_security_checks');
}
function restore_security_checks() {
    @unlink(ROOT . '/tmp/disable_security_checks');
}
function security_checks_disabled() {
    return is_file(ROOT . '/tmp/disable_security_checks');
}
function reverted(string $file, string $label) {
    call('config_restore', $file);
    if (!is_file($file) || knob('restore') === 'fail') {
        return false;
    }
    backup_config();
    copy($file, ROOT . '/cf/conf/config.xml');
    disable_security_checks();
    fresh();
    write_config("Reverted to $label", false);
    return true;
}
"""

OF_A_RELEASE = {
    "2.7.2": r"""
function parse_config($parse = false) {
    return $parse ? fresh() : [];
}
function config_restore($file) {
    return reverted($file, basename($file)) ? 0 : 1;
}
""",
    "2.8": r"""
function parse_config($parse = false) {
    throw new Error('it is going away');
}
function config_read_file(bool $use_backup = false, bool $use_cache = false) {
    return is_array(fresh());
}
function config_restore(string $file, string $label): bool {
    return reverted($file, $label);
}
function system_sshguard_stop() {
    call('system_sshguard_stop');
}
""",
    "2.9": r"""
function config_read_file(bool $use_backup = false, bool $use_cache = true) {
    return $use_cache || is_array(fresh());
}
function config_restore(string $file, string $label): bool {
    return reverted($file, $label);
}
function system_sshguard_stop() {
    call('system_sshguard_stop');
}
""",
}

INTERFACES_INC = r"""<?php
function interface_bring_down($name = 'wan', $destroy = false) {
    call('interface_bring_down', $name, config_get_path("interfaces/$name/ipaddr"));
}
function interface_configure($name = 'wan', $reload = false) {
    call('interface_configure', $name, config_get_path("interfaces/$name/ipaddr"));
}
function restart_interface_services($name, $kind = '', $force = false) {
    call('restart_interface_services', $name);
}
function interface_vlan_configure(&$vlan, $flush = true) {
    call('interface_vlan_configure', $vlan['vlanif']);
    if (knob('vlan') === 'fail') {
        return null;
    }
    touch(ROOT . "/devices/{$vlan['vlanif']}");
    return $vlan['vlanif'];
}
function pfSense_interface_destroy($device) {
    call('pfSense_interface_destroy', $device);
    unlink(ROOT . "/devices/$device");
}
function get_interface_ip($name) {
    return config_get_path("interfaces/$name/ipaddr");
}
function get_interface_subnet($name) {
    return config_get_path("interfaces/$name/subnet");
}
function get_interface_ipv6($name) {
    return config_get_path("interfaces/$name/ipaddrv6");
}
function get_interface_subnetv6($name) {
    return config_get_path("interfaces/$name/subnetv6");
}
function get_carp_interface_status($id) {
    return knob("carp$id");
}
"""

SERVICES_INC = r"""<?php
function services_dhcpd_configure($family = 'all') {
    call('services_dhcpd_configure', $family);
    if (knob('dhcpd') === 'daemon') {
        exec('sleep 30 >/dev/null 2>&1 & echo $! >>' . ROOT . '/daemons');
    }
}
function setup_gateways_monitor() {
    call('setup_gateways_monitor');
}
function enable_rrd_graphing() {
    call('enable_rrd_graphing');
}
function system_syslogd_start($hangup = false) {
    call('system_syslogd_start', $hangup);
}
"""

FILTER_INC = r"""<?php
function filter_configure() {
    call('filter_configure');
}
"""

SIPROXD_INC = r"""<?php
function sync_package_siproxd() {
    call('sync_package_siproxd');
}
"""

RELOAD = r"""<?php
require_once('config.inc');
call('rc.filter_configure_sync', posix_getpid() !== (int)knob('parent'));
$lock = lock('filter', LOCK_EX);
$status = fn($text) => file_put_contents(ROOT . '/var/run/filter_reload_status', "$text\n", FILE_APPEND);
file_put_contents(ROOT . '/var/run/filter_reload_status', "Initializing\n");
$names = array_column(config_get_path('aliases/alias', []), 'name');
$text = '';
$numbers = '';
foreach (config_get_path('filter/rule', []) as $rule) {
    $from = $rule['source']['address'] ?? '';
    if ($from !== '' && !in_array($from, $names, true)) {
        $text .= "# Unresolvable source alias '$from' for rule '{$rule['descr']}'\n";
    } else {
        $text .= "pass in from {$from} ridentifier {$rule['tracker']}\n";
        $numbers .= "@1 pass in quick on em0 label \"id:{$rule['tracker']}\" ridentifier {$rule['tracker']}\n  [ x ]\n";
    }
}
file_put_contents(ROOT . '/tmp/rules.debug', $text);
if (config_path_enabled('system', 'disablefilter')) {
    $status('Filter is disabled.  Not loading rules.');
} elseif (str_contains($text, 'bad')) {
    $status('There were error(s) loading the rules: /tmp/rules.debug:1: syntax error - The line in question reads [1]');
} else {
    file_put_contents(ROOT . '/running', $numbers);
    foreach (['aliases', 'filter', 'natconf', 'shaper'] as $name) {
        @unlink(ROOT . "/var/run/$name.dirty");
    }
    $status('Done');
}
unlock($lock);
"""

PFCTL = r"""#!/bin/sh
echo "$*" >>@ROOT@/pfctl
case "$*" in
"-sr -vv") cat @ROOT@/running ;;
"-nf @ROOT@/tmp/rules.debug") ! grep -q bad @ROOT@/tmp/rules.debug ;;
"-t "*" -T show") cat "@ROOT@/tables/$2" ;;
"-k 192.0.2.1") echo "killed 3 states from 1 sources and 0 destinations" >&2 ;;
"-k 192.0.2.1 -k 10.0.0.0/24") echo "killed 4 states from 1 sources and 1 destinations" >&2 ;;
*) exit 1 ;;
esac
"""


def a_config() -> dict[str, Any]:
    return {
        "version": "23.9",
        "revision": {"time": "1700000000", "description": "admin@192.0.2.9: a change", "username": "admin@192.0.2.9"},
        "system": {
            "hostname": "pfsense",
            "user": [{"name": "admin", "uid": "0", "bcrypt-hash": "$2y$04$no.hash.of.anything"}],
        },
        "interfaces": {
            "wan": {"enable": "", "if": "em0", "descr": "WAN", "ipaddr": "203.0.113.2", "subnet": "24"},
            "lan": {"enable": "", "if": "em1", "descr": "LAN", "ipaddr": "192.168.1.1", "subnet": "24"},
        },
        "vlans": {"vlan": [{"if": "em1", "tag": "10", "vlanif": "em1.10", "descr": "guests"}]},
        "aliases": {"alias": [{"name": "offices", "type": "network", "address": "198.51.100.0/24", "descr": "ours"}]},
        "filter": {
            "rule": [
                {"tracker": "1", "descr": "web", "type": "pass", "source": {"address": "offices"}, "interface": "wan"},
                {"tracker": "2", "descr": "lan", "type": "pass", "source": {"any": ""}, "interface": "lan", "log": ""},
                {"tracker": "3", "descr": "old", "type": "block", "source": {"any": ""}, "interface": "wan"},
            ]
        },
        "dhcpd": {"lan": {"enable": ""}},
    }


class Box:
    """One such device in a folder. `ask` runs the program as it goes over the wire."""

    def __init__(self, root: Path, release: str = "2.8") -> None:
        self.root = root
        self.release = release
        for folder in (
            "cf/conf/backup",
            "var/run",
            "var/db",
            "tmp",
            "sbin",
            "etc/inc",
            "usr/local/bin",
            "usr/local/pkg",
            "knobs",
            "devices",
            "tables",
        ):
            (root / folder).mkdir(parents=True)
        for name, text in (
            ("etc/inc/config.inc", CONFIG_INC),
            ("etc/inc/util.inc", UTIL_INC),
            ("etc/inc/config.lib.inc", CONFIG_LIB_INC + OF_A_RELEASE[release]),
            ("etc/inc/interfaces.inc", INTERFACES_INC),
            ("etc/inc/services.inc", SERVICES_INC),
            ("etc/inc/filter.inc", FILTER_INC),
            *((f"etc/inc/{name}.inc", "<?php\n") for name in ("functions", "shaper", "ipsec", "vpn")),
            ("usr/local/pkg/siproxd.inc", SIPROXD_INC),
            ("etc/reload.php", RELOAD),
            ("etc/version", "2.8.0-RELEASE\n"),
        ):
            self.put(name, text)
        php = f'exec php -d include_path="{root}/etc/inc" -d display_errors=1'
        self.tool("usr/local/bin/php", f'#!/bin/sh\n{php} "$@"\n')
        self.tool("etc/rc.filter_configure_sync", f"#!/bin/sh\n{php} {root}/etc/reload.php\n")
        self.tool("sbin/pfctl", PFCTL)
        (root / "devices" / "em1.10").touch()
        self.put("running", "")
        self.config = a_config()

    def put(self, name: str, text: str) -> None:
        (self.root / name).write_text(text.replace("@ROOT@", str(self.root)), encoding="utf-8")

    def tool(self, name: str, text: str) -> None:
        self.put(name, text)
        (self.root / name).chmod(0o755)

    def turn(self, knob: str, value: str) -> None:
        self.put(f"knobs/{knob}", value)

    @property
    def config(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.text)
        return found

    @config.setter
    def config(self, config: dict[str, Any]) -> None:
        self.put("cf/conf/config.xml", json.dumps(config))

    @property
    def text(self) -> str:
        return (self.root / "cf/conf/config.xml").read_text(encoding="utf-8")

    @property
    def digest(self) -> str:
        return hashlib.sha256((self.root / "cf/conf/config.xml").read_bytes()).hexdigest()

    @property
    def own(self) -> Path:
        return self.root / "var/db/voip_hardening"

    @property
    def backups(self) -> list[str]:
        return sorted(path.name for path in (self.root / "cf/conf/backup").iterdir())

    def calls(self, *names: str) -> list[list[Any]]:
        """What was called so far, in order: all of it, or these functions only."""
        path = self.root / "calls"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [call for call in map(json.loads, lines) if not names or call[0] in names]

    def program(self, request: dict[str, Any]) -> str:
        """The program with this device's folders in place of the root."""
        return _FILES.sub(lambda match: f"'{self.root}{match[1]}", program(request))

    def start(self, request: dict[str, Any]) -> subprocess.Popen[bytes]:
        """Begin a request; the caller gives the program as input."""
        return subprocess.Popen(
            [str(self.root / "usr/local/bin/php")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def say(self, request: dict[str, Any]) -> bytes:
        """All that the program prints; it is over when nothing holds its output open any more."""
        return self.start(request).communicate(self.program(request).encode(), timeout=60)[0]

    def ask(self, op: str, **request: Any) -> dict[str, Any]:
        return answer(self.say({"op": op, **request}))

    def write(self, edits: list[dict[str, Any]], rollback: int = 0, token: str = "t1", **apply: Any) -> dict[str, Any]:
        """Ask for a write to what stands in the configuration now."""
        return self.ask(
            "write",
            digest=self.digest,
            revision=self.config["revision"]["time"],
            description="voip.hardening: a test",
            edits=edits,
            apply=apply,
            rollback=rollback,
            token=token,
        )

    def wait_for(self, what: str) -> None:
        """Wait until one of our files on the device is there."""
        until = time.monotonic() + 30
        while not (self.own / what).exists():
            assert time.monotonic() < until, f"{what} did not come"
            time.sleep(0.05)

    def end(self) -> None:
        """End what was left running: timers end by themselves without their program, daemons do not."""
        for path in self.own.glob("*.php"):
            path.unlink()
        daemons = self.root / "daemons"
        for number in daemons.read_text(encoding="ascii").split() if daemons.exists() else ():
            subprocess.run(["kill", number], check=False)
