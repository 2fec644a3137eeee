# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that runs on a pfSense for one request, and what it says.

It goes to `/usr/local/bin/php` through standard input, does what the request asks for with the vendor's own functions
and says in one line of JSON between two marks what came of it. It decides nothing: it gets, sets, applies and reports.

Sources: pfSense RELENG_2_7_2, master of 2025-04 (2.8.0) and of 2026-03 (2.9): src/etc/inc/{config,config.lib,util,
filter,interfaces,services,pfsense-utils,syslog,xmlparse}.inc, src/etc/rc.filter_configure_sync, src/etc/sshd,
src/usr/local/www/{interfaces,interfaces_assign,interfaces_vlan_edit,status_carp}.php and
src/usr/local/pfSense/include/www/system_advanced_admin.inc; FreeBSD-ports net/pfSense-pkg-siproxd.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from ...errors import Misunderstood
from ...secret import CUT

MARK = "---- voip.hardening ----"
"""The line before an answer and behind it. What the vendor's code prints stands elsewhere."""
_SHOWN = 200
"""Characters that an error shows of an answer."""
_END_OF_SOURCE = "VOIPH_END_OF_SOURCE"
_REQUEST = "$request = json_decode(base64_decode('{}'), true);"

_SOURCE = r"""
const VOIPH_MARK = '---- voip.hardening ----';
const VOIPH_PHP = '/usr/local/bin/php';
const VOIPH_SH = '/bin/sh';
const VOIPH_PFCTL = '/sbin/pfctl';
const VOIPH_RELOAD = '/etc/rc.filter_configure_sync';
const VOIPH_DETACH = [
    ['/usr/sbin/daemon', '/usr/sbin/daemon -f'],
    ['/usr/bin/setsid', '/usr/bin/setsid'],
    ['/usr/bin/nohup', '/usr/bin/nohup'],
];
const VOIPH_CONFIG = '/cf/conf/config.xml';
const VOIPH_HISTORY = '/cf/conf/backup';
const VOIPH_OWN = '/var/db/voip_hardening';
const VOIPH_RUN = '/var/run';
const VOIPH_TMP = '/tmp';
const VOIPH_VERSION = '/etc/version';
const VOIPH_PATCH = '/etc/versionpatch';
const VOIPH_SIPROXD = '/usr/local/pkg/siproxd.inc';
const VOIPH_SUBSYSTEMS = ['aliases', 'dhcpd', 'filter', 'interfaces', 'natconf', 'shaper', 'staticroutes', 'vip'];
const VOIPH_SKIPS = ['Unresolvable', 'source address is empty', 'destination address is empty', 'array key'];
const VOIPH_SHOWN = 200;
const VOIPH_MOST_SKIPS = 200;
const VOIPH_LOCK_SECONDS = 10;
const VOIPH_FILTER_SECONDS = 60;
const VOIPH_EXPIRE_SECONDS = 120;
/* config.inc first: in another order the table of aliases stays empty, and rules with aliases are left out. */
const VOIPH_INCLUDES = ['config.inc', 'functions.inc', 'util.inc', 'filter.inc', 'shaper.inc', 'interfaces.inc',
    'services.inc', 'ipsec.inc', 'vpn.inc'];
const VOIPH_NEED_CONFIG = ['read', 'write', 'restore', 'expire'];

/* What is answered instead of a result. */
class VoiphRefusal extends Exception {
    public function __construct(public readonly string $error, string $message) {
        parent::__construct($message);
    }
}

/* The same, and nothing was written. */
final class VoiphUnwritten extends VoiphRefusal {}

function voiph_run(array $request, string $source): array {
    return match ($request['op'] ?? '') {
        'read' => voiph_read($request),
        'write' => voiph_write($request, $source),
        'restore' => voiph_restore($request),
        'disarm' => voiph_disarm($request),
        'expire' => voiph_expire($request),
        'flows' => voiph_flows($request),
        default => throw new VoiphRefusal('unknown-op', 'this operation is not known'),
    };
}

function voiph_answer(array $answer): void {
    global $voiph_answered;
    $voiph_answered = true;
    while (ob_get_level() > 0) {
        ob_end_clean();
    }
    $text = json_encode($answer, JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_SLASHES);
    echo "\n", VOIPH_MARK, "\n", $text, "\n", VOIPH_MARK, "\n";
}

function voiph_refused(string $error, string $message): array {
    return ['ok' => false, 'error' => $error, 'message' => $message];
}

/* The vendor's code may end the process: with die(), or with an error that nobody catches. Its warnings are normal. */
function voiph_ended(): void {
    global $voiph_answered;
    if (!$voiph_answered) {
        $error = error_get_last();
        $fatal = $error && $error['type'] & (E_ERROR | E_CORE_ERROR | E_COMPILE_ERROR | E_USER_ERROR);
        $said = $fatal ? $error['message'] : trim(strip_tags((string)ob_get_contents()));
        voiph_answer(voiph_refused('exception', 'the program ended early: ' . substr($said, -VOIPH_SHOWN)));
    }
}

/* Files of ours */

function voiph_own(string $name): string {
    return VOIPH_OWN . '/' . $name;
}

function voiph_token(array $request): string {
    $token = $request['token'] ?? '';
    if (!is_string($token) || !preg_match('/\A[A-Za-z0-9_-]{1,64}\z/', $token)) {
        throw new VoiphRefusal('missing', 'the request has no token');
    }
    return $token;
}

function voiph_save(string $name, string $text): void {
    $mask = umask(0077);
    @mkdir(VOIPH_OWN, 0700, true);
    $part = voiph_own($name . '.part');
    $saved = file_put_contents($part, $text) === strlen($text) && rename($part, voiph_own($name));
    umask($mask);
    if (!$saved) {
        throw new VoiphRefusal('write', voiph_own($name) . ' could not be written');
    }
}

function voiph_record(string $name): ?array {
    $record = json_decode((string)@file_get_contents(voiph_own($name)), true);
    return is_array($record) ? $record : null;
}

function voiph_forget(string $token): void {
    foreach (['xml', 'json', 'php', 'sh'] as $kind) {
        @unlink(voiph_own("$token.$kind"));
    }
}

/* A lock as the vendor's lock() has it, which waits for ever; its file would stay open, and locked, in every daemon
   that the vendor's code starts. */
function voiph_lock(string $name, int $seconds): mixed {
    $lock = fopen(VOIPH_TMP . "/$name.lock", 'ce');
    $until = hrtime(true) + $seconds * 1000000000;
    while ($lock && !flock($lock, LOCK_EX | LOCK_NB)) {
        if (hrtime(true) >= $until) {
            fclose($lock);
            return null;
        }
        usleep(50000);
    }
    return $lock ?: null;
}

function voiph_unlock(mixed $lock): void {
    if ($lock) {
        flock($lock, LOCK_UN);
        fclose($lock);
    }
}

function voiph_only_run(): mixed {
    return voiph_lock('voip_hardening', VOIPH_LOCK_SECONDS)
        ?? throw new VoiphRefusal('lock', 'another run of this collection is busy on the device');
}

/* The configuration */

function voiph_digest(): string {
    return (string)@hash_file('sha256', VOIPH_CONFIG);
}

/* Read config.xml anew: what config.inc loads may be an old /tmp/config.cache. */
function voiph_fresh(): void {
    global $config;
    if (function_exists('config_read_file')) {
        $read = config_read_file(false, false);
    } else {
        $config = parse_config(true);
        $read = is_array($config);
    }
    if (!$read) {
        throw new VoiphRefusal('exception', 'config.xml could not be read');
    }
    alias_make_table();
}

function voiph_revision(): array {
    $revision = [];
    foreach (['time', 'description', 'username'] as $name) {
        $revision[$name] = (string)config_get_path("revision/$name", '');
    }
    return $revision;
}

function voiph_list(string $path): array {
    $value = config_get_path($path, []);
    return is_array($value) ? $value : [];
}

function voiph_fields(mixed $value, array $fields): mixed {
    if (!is_array($value)) {
        return $value;
    }
    $fields = array_flip($fields);
    return array_map(fn($entry) => (object)(is_array($entry) ? array_intersect_key($entry, $fields) : []), $value);
}

/* Set what an edit names; $before is the configuration that the indexes of lists mean. */
function voiph_edit(array $edit, array $before): void {
    $path = $edit['path'];
    if (array_key_exists('set', $edit)) {
        voiph_set($path, $edit['set']);
    } elseif (isset($edit['unset'])) {
        config_del_path($path);
    } else {
        $old = array_get_path($before, $path, []);
        $entries = [];
        foreach ($edit['list'] as $wanted) {
            $entries[] = voiph_entry($wanted, is_array($old) ? $old : [], $path);
        }
        if ($entries || !empty($edit['empty'])) {
            voiph_set($path, $entries);
        } else {
            config_del_path($path);
        }
    }
}

function voiph_set(string $path, mixed $value): void {
    config_set_path($path, $value);
    if (config_get_path($path) !== $value) {
        throw new VoiphRefusal('write', "$path could not be set");
    }
}

function voiph_entry(array $wanted, array $old, string $path): mixed {
    if (array_key_exists('new', $wanted)) {
        return $wanted['new'];
    }
    if (!array_key_exists($wanted['keep'], $old)) {
        throw new VoiphRefusal('write', "$path has no entry {$wanted['keep']}");
    }
    $entry = $old[$wanted['keep']];
    foreach ($wanted['set'] ?? [] as $field => $value) {
        $entry[$field] = $value;
    }
    foreach ($wanted['unset'] ?? [] as $field) {
        unset($entry[$field]);
    }
    return $entry;
}

/* Reading */

function voiph_read(array $request): array {
    for ($tries = 5; ; $tries--) {
        $digest = voiph_digest();
        voiph_fresh();
        if ($digest === voiph_digest()) {
            break;
        }
        if ($tries === 0) {
            throw new VoiphRefusal('changed', 'config.xml is written again and again');
        }
    }
    $values = [];
    foreach ($request['sections'] ?? [] as $section) {
        $path = is_array($section) ? $section['path'] : $section;
        $value = config_get_path($path);
        $values[$path] = is_array($section) ? voiph_fields($value, $section['fields']) : $value;
    }
    return [
        'ok' => true,
        'version' => trim((string)@file_get_contents(VOIPH_VERSION)),
        'patch' => trim((string)@file_get_contents(VOIPH_PATCH)),
        'level' => (string)config_get_path('version', ''),
        'hostname' => (string)config_get_path('system/hostname', ''),
        'revision' => voiph_revision(),
        'digest' => $digest,
        'config' => (object)$values,
        'dirty' => array_values(array_filter(VOIPH_SUBSYSTEMS, fn($name) => file_exists(VOIPH_RUN . "/$name.dirty"))),
        'status' => voiph_status(),
        'running' => voiph_running(),
        'skipped' => voiph_skipped(),
        'tables' => (object)voiph_tables($request['tables'] ?? []),
        'addresses' => (object)voiph_addresses(),
        'packages' => array_column(voiph_list('installedpackages/package'), 'name'),
        'carp' => voiph_carp(),
        'armed' => voiph_armed(),
        'fired' => voiph_record('fired.json'),
        'factory_password' => empty($request['accounts']) ? null : voiph_factory_password(),
        'clock' => time(),
    ];
}

function voiph_output(string $command): ?array {
    $lines = [];
    exec("$command 2>/dev/null", $lines, $code);
    return $code === 0 ? $lines : null;
}

function voiph_status(): string {
    $lines = array_filter(array_map('trim', @file(VOIPH_RUN . '/filter_reload_status') ?: []), 'strlen');
    return $lines ? end($lines) : '';
}

function voiph_running(): array {
    $lines = voiph_output(VOIPH_PFCTL . ' -sr -vv') ?? [];
    preg_match_all('/\bridentifier (\d+)/', implode("\n", $lines), $found);
    $numbers = array_unique(array_map('intval', $found[1]));
    sort($numbers);
    return $numbers;
}

/* The comments that stand in place of rules that the vendor's code leaves out. */
function voiph_skipped(): array {
    $found = [];
    foreach (@file(VOIPH_TMP . '/rules.debug', FILE_IGNORE_NEW_LINES) ?: [] as $line) {
        $says = fn($words) => str_contains($line, $words);
        if (str_starts_with($line, '#') && array_filter(VOIPH_SKIPS, $says) && count($found) < VOIPH_MOST_SKIPS) {
            $found[] = substr($line, 0, VOIPH_SHOWN);
        }
    }
    return $found;
}

function voiph_tables(array $names): array {
    $tables = [];
    foreach ($names as $name) {
        $lines = voiph_output(VOIPH_PFCTL . ' -t ' . escapeshellarg($name) . ' -T show');
        $tables[$name] = $lines === null ? null : array_values(array_filter(array_map('trim', $lines), 'strlen'));
    }
    return $tables;
}

function voiph_addresses(): array {
    $addresses = [];
    foreach (array_keys(voiph_list('interfaces')) as $name) {
        $addresses[$name] = [
            'ipv4' => (string)get_interface_ip($name),
            'bits4' => (int)get_interface_subnet($name),
            'ipv6' => (string)get_interface_ipv6($name),
            'bits6' => (int)get_interface_subnetv6($name),
        ];
    }
    return $addresses;
}

function voiph_carp(): array {
    $shared = array_filter(voiph_list('virtualip/vip'), fn($vip) => ($vip['mode'] ?? '') === 'carp');
    $waits = fn($vip) => get_carp_interface_status("_vip{$vip['uniqid']}") === 'BACKUP';
    return [
        'peer' => (string)config_get_path('hasync/synchronizetoip', ''),
        'vips' => count($shared),
        'backup' => count(array_filter($shared, $waits)),
    ];
}

/* The timer that may still go off: one that is going off has not put anything back yet. */
function voiph_armed(): ?array {
    $record = voiph_record('armed.json') ?? voiph_record('firing.json');
    return $record ? array_intersect_key($record, array_flip(['token', 'since', 'seconds', 'backup'])) : null;
}

function voiph_factory_password(): ?bool {
    foreach (voiph_list('system/user') as $user) {
        if (($user['name'] ?? '') === 'admin' && !empty($user['bcrypt-hash'])) {
            return password_verify('pfsense', $user['bcrypt-hash']);
        }
    }
    return null;
}

/* Writing */

function voiph_write(array $request, string $source): array {
    global $config;
    $token = voiph_token($request);
    $apply = $request['apply'] ?? [];
    $edits = $request['edits'] ?? [];
    $lock = voiph_only_run();
    voiph_fresh();
    voiph_compare($request);
    $before = $config;
    foreach ($edits as $edit) {
        voiph_edit($edit, $before);
    }
    $after = $config;
    $config = $before;  // the way down of an interface is by its old settings
    voiph_keep($token, $apply, (int)($request['rollback'] ?? 0), $source);
    try {
        $down = voiph_bring_down([...$apply['interfaces_down'] ?? [], ...$apply['interfaces'] ?? []]);
        if ($edits) {
            voiph_commit($request, $after, $down);
        }
        voiph_apply($apply);
    } catch (VoiphUnwritten $refusal) {
        voiph_settle($token);
        voiph_forget($token);
        throw $refusal;
    } catch (Throwable $error) {
        voiph_settle($token);
        try {
            voiph_put_back($token, $apply);
        } catch (Throwable $further) {
            $both = "{$further->getMessage()}; before: {$error->getMessage()}";
            throw new VoiphRefusal('exception', "the configuration was to be put back, and that failed: $both");
        }
        voiph_forget($token);
        throw new VoiphRefusal('load', "the configuration was put back: {$error->getMessage()}");
    }
    $result = [
        'ok' => true,
        'written' => (bool)$edits,
        'revision' => voiph_revision(),
        'digest' => voiph_digest(),
        ...voiph_loaded(),
    ];
    voiph_unlock($lock);
    return $result;
}

/* Refuse to write over what somebody else wrote since it was read. */
function voiph_compare(array $request): void {
    if (voiph_digest() !== $request['digest'] || voiph_revision()['time'] !== (string)$request['revision']) {
        throw new VoiphUnwritten('changed', 'the configuration was changed since it was read');
    }
}

/* Write the configuration, once; nothing is written and these interfaces are up again where it throws VoiphUnwritten.
   The vendor keeps the configuration before under the second of its revision, and one of the same second is lost. */
function voiph_commit(array $request, array $after, array $down): void {
    global $config;
    while ((string)time() === (string)$request['revision']) {
        usleep(20000);
    }
    try {
        voiph_compare($request);
        $config = $after;
        alias_make_table();
        if (!is_array(write_config($request['description']))) {
            throw new VoiphUnwritten('write', 'the device refused to write its configuration, or could not');
        }
        $kept = VOIPH_HISTORY . '/config-' . ($request['revision'] ?: '0') . '.xml';
        if (is_file($kept) && hash_file('sha256', $kept) !== $request['digest']) {
            // Somebody wrote between the comparison and us, and this is what they wrote.
            voiph_take($kept, 'a change that was made at the same time');
            throw new VoiphUnwritten('changed', 'the configuration was changed at the same time; that change was kept');
        }
    } catch (VoiphUnwritten $refusal) {
        voiph_fresh();
        voiph_bring_up($down);
        throw $refusal;
    }
}

/* Keep the configuration as it is now, and have it put back after so many seconds unless somebody disarms that. */
function voiph_keep(string $token, array $apply, int $seconds, string $source): void {
    $armed = voiph_record('armed.json');
    if ($armed && $armed['token'] === $token) {
        return;  // a further step of the same run, under the timer of its first one
    }
    if ($armed) {
        throw new VoiphRefusal('lock', 'the rollback of another run is armed on the device');
    }
    foreach (glob(voiph_own('*')) ?: [] as $old) {
        unlink($old);
    }
    voiph_save("$token.xml", (string)file_get_contents(VOIPH_CONFIG));
    $record = [
        'token' => $token,
        'since' => time(),
        'seconds' => $seconds,
        'backup' => voiph_own("$token.xml"),
        'apply' => $apply,
    ];
    voiph_save("$token.json", json_encode($record));
    if ($seconds > 0) {
        voiph_arm($token, $record, $source);
    }
}

function voiph_arm(string $token, array $record, string $source): void {
    $expire = base64_encode(json_encode(['op' => 'expire', 'token' => $token]));
    $request = "\$request = json_decode(base64_decode('$expire'), true);";
    voiph_save("$token.php", "<?php\n$request\n\$source = '';\n$source");
    $program = voiph_own("$token.php");
    voiph_save("$token.sh", implode("\n", [
        "trap '' HUP",
        'exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-',  // nothing of the session may be held open
        'cd /',
        "n={$record['seconds']}",
        "while [ \"\$n\" -gt 0 ] && [ -f $program ]; do sleep 1; n=\$((n - 1)); done",
        "[ -f $program ] && exec " . VOIPH_PHP . " < $program",
        '',
    ]));
    voiph_save('armed.json', json_encode($record));
    foreach (VOIPH_DETACH as [$file, $command]) {
        if (is_executable($file)) {
            exec("$command " . VOIPH_SH . ' ' . voiph_own("$token.sh") . ' </dev/null >/dev/null 2>&1 &');
            return;
        }
    }
    voiph_settle($token);
    throw new VoiphUnwritten('write', 'the rollback could not be armed');
}

/* Take the timer's ticket, whoever comes first. Returns whether it was there and this token's. */
function voiph_take_ticket(string $token, string $to): bool {
    if ((voiph_record('armed.json')['token'] ?? '') !== $token || !@rename(voiph_own('armed.json'), voiph_own($to))) {
        return false;
    }
    if ((voiph_record($to)['token'] ?? '') === $token) {
        return true;
    }
    rename(voiph_own($to), voiph_own('armed.json'));  // one that was armed between the two looks
    return false;
}

function voiph_settle(string $token): bool {
    $taken = voiph_take_ticket($token, "$token.settled");
    @unlink(voiph_own("$token.settled"));
    return $taken;
}

/* Applying */

/* Take these interfaces down by the settings that they have now. Returns those that were up. */
function voiph_bring_down(array $names): array {
    $up = array_filter(array_unique($names), fn($name) => config_path_enabled("interfaces/$name"));
    foreach ($up as $name) {
        interface_bring_down($name);
    }
    return $up;
}

function voiph_bring_up(array $names): void {
    foreach ($names as $name) {
        interface_configure($name, true);
        restart_interface_services($name, '', true);
    }
    if ($names) {
        setup_gateways_monitor();
    }
}

/* A VLAN that is configured is destroyed and made anew, so only those that are asked for are. */
function voiph_apply(array $apply): void {
    foreach ($apply['vlans_gone'] ?? [] as $device) {
        if (does_interface_exist($device, true)) {
            pfSense_interface_destroy($device);
        }
    }
    foreach (voiph_list('vlans/vlan') as $vlan) {
        $wanted = in_array($vlan['vlanif'] ?? '', $apply['vlans'] ?? [], true);
        if ($wanted && interface_vlan_configure($vlan) !== $vlan['vlanif']) {
            throw new VoiphRefusal('load', "the VLAN {$vlan['vlanif']} could not be made");
        }
    }
    $names = $apply['interfaces'] ?? [];
    voiph_bring_up($names);
    if (!empty($apply['dhcp'])) {
        services_dhcpd_configure('inet');
        clear_subsystem_dirty('dhcpd');
    }
    if (!empty($apply['siproxd']) && is_file(VOIPH_SIPROXD)) {
        require_once(VOIPH_SIPROXD);
        sync_package_siproxd();
    }
    if (!empty($apply['filter'])) {
        voiph_load();
    }
    if ($names) {
        enable_rrd_graphing();
        send_event('service reload packages');
    }
    foreach (['webgui', 'sshd'] as $service) {
        if (!empty($apply[$service])) {
            send_event("service restart $service");
        }
    }
    if (!empty($apply['sshguard'])) {
        voiph_restart_sshguard();
    }
}

/* sshguard reads its settings when it starts, and the file with them is written on the way to it. */
function voiph_restart_sshguard(): void {
    if (function_exists('system_sshguard_stop')) {
        system_sshguard_stop();  // since 2.8; before, it is a child of the system's log, which starts it anew
    }
    system_syslogd_start(true);
}

/* Load the rules, and wait for that: in a process of its own, since filter_configure() only asks another one to. */
function voiph_load(): void {
    exec(VOIPH_RELOAD . ' </dev/null >/dev/null 2>&1');
    ['status' => $status, 'load' => $code] = voiph_loaded();
    if ($code !== 0 || ($status !== 'Done' && !str_starts_with($status, 'Filter is disabled'))) {
        $lines = [substr($status, 0, VOIPH_SHOWN) ?: 'no status', ...array_slice(voiph_skipped(), 0, 3)];
        throw new VoiphRefusal('load', 'the rules could not be loaded: ' . implode(' / ', $lines));
    }
}

/* How the last load ended. Another one may be on its way, which the vendor's lock shows. */
function voiph_loaded(): array {
    $lock = voiph_lock('filter', VOIPH_FILTER_SECONDS);
    exec(VOIPH_PFCTL . ' -nf ' . VOIPH_TMP . '/rules.debug >/dev/null 2>&1', $lines, $code);
    $status = voiph_status();
    voiph_unlock($lock);
    return ['status' => $status, 'load' => $code];
}

/* Putting back */

/* Make this file the configuration, as the vendor's history does. */
function voiph_take(string $file, string $label): void {
    $unchecked = security_checks_disabled();
    $done = config_restore($file, $label);  // 2.7 takes the file only, and says 0
    if (!$unchecked) {
        restore_security_checks();  // they are off after it for whoever logs in next
    }
    if ($done !== true && $done !== 0) {
        throw new VoiphRefusal('write', 'the configuration could not be put back');
    }
    voiph_fresh();
}

/* Put the copy of this token back, and apply all that was applied since. */
function voiph_put_back(string $token, array $apply): void {
    $names = array_unique([...$apply['interfaces'] ?? [], ...$apply['interfaces_down'] ?? []]);
    $devices = array_unique([...$apply['vlans'] ?? [], ...$apply['vlans_gone'] ?? []]);
    voiph_bring_down($names);
    voiph_take(voiph_own("$token.xml"), 'before voip.hardening');
    $known = array_column(voiph_list('vlans/vlan'), 'vlanif');
    voiph_apply([
        ...$apply,
        'interfaces' => array_filter($names, fn($name) => config_path_enabled("interfaces/$name")),
        'vlans' => array_intersect($devices, $known),
        'vlans_gone' => array_diff($devices, $known),
    ]);
}

function voiph_has_fired(string $token): bool {
    return (voiph_record('fired.json')['token'] ?? '') === $token;
}

function voiph_restore(array $request): array {
    $token = voiph_token($request);
    $lock = voiph_only_run();
    if (!voiph_has_fired($token)) {
        $record = voiph_record("$token.json") ?? throw new VoiphRefusal('missing', 'there is no copy to put back');
        voiph_settle($token);
        voiph_put_back($token, $record['apply']);
        voiph_forget($token);
    }
    voiph_unlock($lock);
    return ['ok' => true, 'restored' => true];
}

function voiph_disarm(array $request): array {
    $token = voiph_token($request);
    if (voiph_settle($token)) {
        voiph_forget($token);
        return ['ok' => true, 'disarmed' => true];
    }
    $fires = (voiph_record('firing.json')['token'] ?? '') === $token;
    return ['ok' => true, 'disarmed' => false, 'fired' => $fires || voiph_has_fired($token)];
}

/* The timer's own request. A write that is still busy is waited for: it may be disarmed after it. */
function voiph_expire(array $request): array {
    $token = voiph_token($request);
    $lock = voiph_lock('voip_hardening', VOIPH_EXPIRE_SECONDS);
    if (!voiph_take_ticket($token, 'firing.json')) {
        return ['ok' => true, 'fired' => false];
    }
    $fired = ['token' => $token, 'at' => time()];
    try {
        voiph_put_back($token, voiph_record('firing.json')['apply']);
    } catch (Throwable $error) {
        $fired['error'] = $error->getMessage();
    }
    voiph_save('fired.json', json_encode($fired, JSON_INVALID_UTF8_SUBSTITUTE));
    @unlink(voiph_own('firing.json'));
    if (!isset($fired['error'])) {
        voiph_forget($token);
    }
    voiph_unlock($lock);
    return ['ok' => true, 'fired' => true];
}

/* Flows */

function voiph_flows(array $request): array {
    $killed = 0;
    foreach ($request['kill'] as $flow) {
        $command = VOIPH_PFCTL . ' -k ' . escapeshellarg($flow['source']);
        if (isset($flow['destination'])) {
            $command .= ' -k ' . escapeshellarg($flow['destination']);
        }
        $killed += preg_match('/killed (\d+) states/', (string)exec("$command 2>&1"), $found) ? (int)$found[1] : 0;
    }
    return ['ok' => true, 'killed' => $killed];
}

/* The vendor's files are included here, since their variables are global ones. */

ignore_user_abort(true);  // what was begun is ended, whoever still listens
set_time_limit(0);
ob_start(fn($text) => '');  // what the vendor's code prints is no answer, also where it flushes
$voiph_answered = false;
[$voiph_request, $voiph_source] = [$request, $source];
register_shutdown_function('voiph_ended');
try {
    if (in_array($voiph_request['op'] ?? '', VOIPH_NEED_CONFIG, true)) {
        foreach (VOIPH_INCLUDES as $voiph_file) {
            require_once($voiph_file);
        }
    }
    voiph_answer(voiph_run($voiph_request, $voiph_source));
} catch (VoiphRefusal $refusal) {
    voiph_answer(voiph_refused($refusal->error, $refusal->getMessage()));
} catch (Throwable $error) {
    voiph_answer(voiph_refused('exception', get_class($error) . ': ' . $error->getMessage()));
}
"""
"""What runs. It gets its own text, `$source`, since its timer runs it again later."""

PROGRAM = f"""<?php
{_REQUEST.format(base64.b64encode(b"{}").decode())}
$source = <<<'{_END_OF_SOURCE}'
{_SOURCE}
{_END_OF_SOURCE};
eval($source);
"""
"""What `php` gets, with an empty request in its second line."""
_BEFORE, _BEHIND = PROGRAM.split(_REQUEST.format(base64.b64encode(b"{}").decode()))


def program(request: Mapping[str, Any]) -> str:
    """The program for one request: `op` and what that operation needs."""
    encoded = base64.b64encode(json.dumps(request).encode()).decode()
    return f"{_BEFORE}{_REQUEST.format(encoded)}{_BEHIND}"


def answer(stdout: bytes) -> dict[str, Any]:
    """What the program says in its standard output. Raises `Misunderstood` where that is not one whole answer."""
    lines = stdout.decode("utf-8", "replace").split("\n")
    marks = [number for number, line in enumerate(lines) if line.strip() == MARK]
    if len(marks) != 2 or marks[1] - marks[0] != 2:
        raise Misunderstood(f"the device's answer is not one line between two marks: {_shown(lines)!r}")
    try:
        found = json.loads(lines[marks[0] + 1])
    except ValueError:
        raise Misunderstood("the device's answer is no JSON") from None
    if not isinstance(found, dict) or not isinstance(found.get("ok"), bool):
        raise Misunderstood("the device's answer does not say whether it is one (ok)")
    return found


def _shown(lines: list[str]) -> str:
    """The beginning of what is no answer, up to the first mark: behind it may stand anything of the configuration."""
    text = " ".join(" ".join(lines[: lines.index(MARK)] if MARK in lines else lines).split())
    return text if len(text) <= _SHOWN else text[:_SHOWN] + CUT
