<?php
/* Addresses as pfSense's includes ask the package Net_IPv6 of PEAR about them: the functions that they call. */

const NET_IPV6_UNKNOWN = 1001;
const NET_IPV6_LOCAL_LINK = 11;

class Net_IPv6 {
	/* The sixteen bytes of an address without its scope and prefix length, null for what is none. */
	private static function bytes(string $address): ?string {
		$bare = explode('%', self::removeNetmaskSpec($address))[0];
		return filter_var($bare, FILTER_VALIDATE_IP, FILTER_FLAG_IPV6) ? inet_pton($bare) : null;
	}

	/* What stands behind the address is kept: a prefix length, a scope. */
	private static function behind(string $address): string {
		return substr($address, strcspn($address, '%/'));
	}

	public static function removeNetmaskSpec(string $address): string {
		return explode('/', $address)[0];
	}

	public static function checkIPv6(string $address): bool {
		return self::bytes($address) !== null;
	}

	/* Eight groups; with all their digits where that is wanted. What is no address stays what it is. */
	public static function uncompress(string $address, bool $digits = false): string {
		$bytes = self::bytes($address);
		if ($bytes === null) {
			return $address;
		}
		$groups = str_split(bin2hex($bytes), 4);
		if (!$digits) {
			$groups = array_map(fn($group) => ltrim($group, '0') ?: '0', $groups);
		}
		return implode(':', $groups) . self::behind($address);
	}

	public static function compress(string $address, bool $force = false): string {
		$bytes = self::bytes($address);
		return $bytes === null ? $address : inet_ntop($bytes) . self::behind($address);
	}

	/* The first address of a network. */
	public static function getNetmask(string $address, ?int $bits = null): string {
		$bits ??= (int)(explode('/', $address)[1] ?? 128);
		$bytes = self::bytes($address) ?? str_repeat("\0", 16);
		return self::uncompress(inet_ntop($bytes & self::mask($bits)));
	}

	public static function isInNetmask(string $address, string $network, mixed $bits = null): bool {
		$bits = (int)($bits ?? explode('/', $network)[1] ?? 128);
		[$one, $other] = [self::bytes($address), self::bytes($network)];
		return $one !== null && $other !== null && ($one & self::mask($bits)) === ($other & self::mask($bits));
	}

	private static function mask(int $bits): string {
		$digits = str_pad(str_repeat('1', $bits), 128, '0');
		return implode('', array_map(fn($byte) => chr(bindec($byte)), str_split($digits, 8)));
	}

	public static function getAddressType(string $address): int {
		return self::isInNetmask($address, 'fe80::', 10) ? NET_IPV6_LOCAL_LINK : NET_IPV6_UNKNOWN;
	}
}
