"""A Poly phone as it is delivered."""

from __future__ import annotations

from tests.oracles.phones import facts

# What the table of facts has no default for. These are how such phones are found in the field; where a manual says
# otherwise of some release, tests change them.
_DEFAULT = {
    "httpd.cfg.secureTunnelRequired": "0", "httpd.cfg.lockWebUI.enable": "1",
    "httpd.cfg.lockWebUI.lockOutDuration": "60",
    "httpd.cfg.lockWebUI.noOfInvalidAttempts": "5", "httpd.cfg.lockWebUI.noOfInvalidAttemptsDuration": "60",
    "apps.restapi.sipNotify.enabled": "0", "apps.push.messageType": "0", "diags.pcap.enabled": "0",
    "diags.pcap.remote.enabled": "0", "sec.srtp.enable": "1", "sec.srtp.offer": "0", "sec.srtp.require": "0",
    "sec.TLS.SIP.strictCertCommonNameValidation": "1", "feature.urlDialing.enabled": "1",
    "prov.autoConfigUpload.enabled": "1", "prov.polling.enabled": "0",
    "voIpProt.SIP.specialEvent.checkSync.alwaysReboot": "0",
}
_FLASH = {
    "device.prov.serverType": "0", "device.prov.tagSerialNo": "0", "device.dhcp.bootSrvUseOpt": "3",
    "device.net.lldpEnabled": "1", "device.net.cdpEnabled": "1",
    "device.sec.TLS.prov.strictCertCommonNameValidation": "1", "device.syslog.transport": "1",
}


def _known(line: str, flash: bool) -> dict[str, str]:
    return {
        fact.pattern: fact.default for fact in facts("poly", line).table
        if fact.default is not None and fact.flash is flash and ".X." not in fact.pattern
    }


def factory_default(line: str) -> dict[str, str]:
    """Parameters outside of flash."""
    return {**_known(line, False), **_DEFAULT}


def factory_flash(line: str) -> dict[str, str]:
    """Parameters in flash."""
    return {**_known(line, True), **_FLASH}
