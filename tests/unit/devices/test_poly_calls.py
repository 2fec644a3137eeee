"""SIP of a Poly phone: requests are validated one method at a time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.devices.phones import Authority, PolyPhone, Registrar, Trust
from tests.devices.phones.certificates import name
from tests.devices.phones.digest import answer
from tests.devices.phones.registrar import ask
from tests.unit.devices.phone_site import Site

MAC = "64167faa0004"
SERVER = "sip.example.com"
STRANGER = "127.0.0.66"
SILENCE = 0.15
PREFIX = "voIpProt.SIP.requestValidation."
SDP = "v=0\r\nm=audio 4000 RTP/AVP 8\r\na=candidate:1 1 UDP 1 192.0.2.9 4000 typ host\r\n"


@pytest.fixture
def pbx() -> Iterator[Registrar]:
    with Registrar({"201": "S1p-secret"}) as running:
        yield running


def phone_of(registrar: Registrar, **settings: str) -> PolyPhone:
    chosen = {
        "reg.1.server.1.address": SERVER, "reg.1.auth.userId": "201", "reg.1.auth.password": "S1p-secret",
        **{name.replace("__", "."): value for name, value in settings.items()},
    }
    return PolyPhone(MAC, settings=chosen, hosts={SERVER: registrar.address})


def rules(*rows: tuple[str, str]) -> dict[str, str]:
    found = {}
    for index, (request, method) in enumerate(rows, 1):
        found |= {f"{PREFIX}{index}.request": request, f"{PREFIX}{index}.method": method}
    return found


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_anybody_is_answered_until_told_otherwise(pbx: Registrar, transport: str) -> None:
    context = Trust(None).context(None) if transport == "tls" else None
    with phone_of(pbx) as phone:
        reply = ask(STRANGER, phone, "OPTIONS", transport=transport, context=context)
        assert reply is not None
        assert (reply.status, reply.header("User-Agent")) == (200, "PolycomVVX-VVX_411-UA/6.4.7.4477")
        phone.change(rules(("OPTIONS", "source")))
        assert ask(STRANGER, phone, "OPTIONS", transport=transport, context=context, seconds=SILENCE) is None
        assert pbx.ask(phone, "OPTIONS") is not None


def test_each_method_has_its_own_rule(pbx: Registrar) -> None:
    with phone_of(pbx) as phone:
        phone.change(rules(("INVITE", "source"), ("NOTIFY", "Null")))
        assert ask(STRANGER, phone, "INVITE", seconds=SILENCE) is None
        assert phone.rang == []
        assert ask(STRANGER, phone, "NOTIFY", ("Event", "check-sync")) is not None
        assert pbx.ask(phone, "INVITE") is not None
        assert len(phone.rang) == 1


@pytest.mark.parametrize("method", ["digest", "both"])
def test_the_caller_may_be_asked_for_the_password(pbx: Registrar, method: str) -> None:
    with phone_of(pbx, **{f"{PREFIX.replace('.', '__')}digest__realm": "site"}) as phone:
        phone.change(rules(("INVITE", method)))
        challenge = pbx.ask(phone, "INVITE")
        assert challenge is not None
        assert challenge.status == 401
        header = challenge.header("WWW-Authenticate")
        assert header.startswith('Digest realm="site"')
        for password, status in (("wrong", 401), ("S1p-secret", 480)):
            proof = answer(header, "201", password, "INVITE", f"sip:phone@{phone.address}")
            reply = pbx.ask(phone, "INVITE", ("Authorization", proof))
            assert reply is not None
            assert reply.status == status
        silent = ask(STRANGER, phone, "INVITE", seconds=SILENCE)
        assert (silent is None) == (method == "both")


def test_the_realm_of_the_factory(pbx: Registrar) -> None:
    with phone_of(pbx) as phone:
        phone.change(rules(("REFER", "digest")))
        reply = ask(STRANGER, phone, "REFER")
        assert reply is not None
        assert 'realm="PolycomSPIP"' in reply.header("WWW-Authenticate")


def test_media_encryption_may_be_required(pbx: Registrar) -> None:
    with phone_of(pbx, sec__srtp__require="1") as phone:
        for profile, status in (("RTP/AVP", 488), ("RTP/SAVP", 480)):
            reply = pbx.ask(phone, "INVITE", body=f"v=0\r\nm=audio 4000 {profile} 8\r\n")
            assert reply is not None
            assert reply.status == status


def test_ice_is_parsed_for_anybody_only_where_it_is_on(pbx: Registrar) -> None:
    with phone_of(pbx) as phone:
        ask(STRANGER, phone, "INVITE", body=SDP)
        assert phone.ice_parsed == 0
        phone.change({"device.feature.nat.ice.enabled": "1"})
        phone.clock.advance(60)
        ask(STRANGER, phone, "INVITE", body=SDP)
        assert phone.ice_parsed == 1
        phone.change(rules(("INVITE", "source")))
        ask(STRANGER, phone, "INVITE", body=SDP, seconds=SILENCE)
        assert phone.ice_parsed == 1


@pytest.mark.parametrize(("always", "fetches", "restarts"), [("0", 1, 0), ("1", 0, 1)])
def test_check_sync(pbx: Registrar, always: str, fetches: int, restarts: int) -> None:
    settings = {"voIpProt__SIP__specialEvent__checkSync__alwaysReboot": always}
    with Site() as site, phone_of(pbx, **settings) as phone:
        site.files = {f"/{MAC}.cfg": '<PHONE_CONFIG><ALL reg.1.label="x"/></PHONE_CONFIG>'}
        phone.hosts |= site.hosts
        phone.built_in.append(site.authority.pem)
        phone.change({"device.prov.serverType": "3", "device.prov.serverName": "prov.example.com:8443"})
        reply = pbx.check_sync(phone)
        assert reply is not None
        phone.finish()
        assert (reply.status, len(phone.history), phone.reboots) == (200, fetches, restarts)


def test_a_restart_waits_for_the_call_to_end(pbx: Registrar) -> None:
    with phone_of(pbx, voIpProt__SIP__specialEvent__checkSync__alwaysReboot="1") as phone:
        phone.begin_call()
        pbx.check_sync(phone)
        phone.finish()
        assert not phone.down
        phone.end_call()
        assert phone.down


@pytest.mark.parametrize(("transport", "how"), [("DNSnaptr", "udp"), ("TCPOnly", "tcp"), ("TLS", "tls")])
def test_registration(transport: str, how: str) -> None:
    authority = Authority(name("Provider CA"))
    line = {"reg__1__address": f"201@{SERVER}", "reg__1__server__1__transport": transport}
    with (
        Registrar({"201": "S1p-secret"}, authority.issue(SERVER, SERVER)) as registrar,
        phone_of(registrar, **line) as phone,
    ):
        if how == "tls":
            assert phone.register() == {(1, 1): "TLS: CERTIFICATE_VERIFY_FAILED"}
            phone.change({"sec.TLS.customCaCert.1": authority.pem.decode()})
        assert phone.register() == {(1, 1): "registered"}
        assert registrar.bindings == {"201": (phone.address, how)}


def test_a_line_without_servers_of_its_own_registers_at_those_of_all() -> None:
    line = {
        "reg__1__address": f"201@{SERVER}", "reg__1__server__1__address": "", "voIpProt__server__1__address": SERVER,
        "reg__1__server__1__transport": "TLS", "voIpProt__server__1__transport": "TCPOnly",
    }
    with Registrar({"201": "S1p-secret"}) as registrar, phone_of(registrar, **line) as phone:
        assert phone.register() == {(1, 1): "registered"}
        assert registrar.bindings == {"201": (phone.address, "tcp")}


def test_registration_checks_the_name_if_told_so() -> None:
    authority = Authority(name("Provider CA"))
    line = {"reg__1__address": f"201@{SERVER}", "reg__1__server__1__transport": "TLS"}
    with (
        Registrar({"201": "S1p-secret"}, authority.issue("other", "other.example.com")) as registrar,
        phone_of(registrar, **line, sec__TLS__customCaCert__1=authority.pem.decode()) as phone,
    ):
        assert phone.register() == {(1, 1): "TLS: CERTIFICATE_VERIFY_FAILED"}
        phone.change({"sec.TLS.SIP.strictCertCommonNameValidation": "0"})
        assert phone.register() == {(1, 1): "registered"}


def test_rest_over_sip_only_where_it_is_on(pbx: Registrar) -> None:
    with phone_of(pbx, apps__restapi__enabled="1") as phone:
        for value, status in (("0", 489), ("1", 200)):
            phone.change({"apps.restapi.sipNotify.enabled": value})
            reply = ask(STRANGER, phone, "NOTIFY", ("Event", "ACTION-URI"), body="{}")
            assert reply is not None
            assert reply.status == status
        reply = ask(STRANGER, phone, "NOTIFY", ("Event", "talk"))
        assert reply is not None
        assert reply.status == 489
