"""Action URIs and SIP of a Yealink phone: who may tell it something."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.devices.phones import Authority, Registrar, Trust, YealinkPhone
from tests.devices.phones.certificates import name
from tests.devices.phones.registrar import ask
from tests.devices.phones.yealink.calls import session
from tests.unit.devices.phone_site import Browser, Site

MAC = "805ec0aa0004"
HEAD = "#!version:1.0.0.1\n"
SERVER = "sip.example.com"
STRANGER = "127.0.0.66"
CONTROLLER = "127.0.0.67"
KEY = "/servlet?key=VOLUME_UP"
# A stranger's request is sent, and nothing comes back for so long.
SILENCE = 0.15


@pytest.fixture
def pbx() -> Iterator[tuple[Registrar, Authority]]:
    authority = Authority(name("Provider CA"))
    with Registrar({"201": "S1p-secret"}, authority.issue(SERVER, SERVER)) as running:
        yield running, authority


def account(server: str = SERVER, transport: str = "2", port: str = "5061") -> dict[str, str]:
    return {
        "account.1.enable": "1", "account.1.user_name": "201", "account.1.password": "S1p-secret",
        "account.1.sip_server.1.address": server, "account.1.sip_server.1.port": port,
        "account.1.sip_server.1.transport_type": transport,
    }


def phone_of(registrar: Registrar, authority: Authority, **settings: str) -> YealinkPhone:
    chosen = {**account(), "static.security.cn_validation": "1",
              **{key.replace("__", "."): value for key, value in settings.items()}}
    return YealinkPhone(MAC, "T46U", "108.86.0.90", settings=chosen, authorities=[authority.pem],
                        hosts={SERVER: registrar.address})


# --- action URIs -----------------------------------------------------------------------------------------------------


def press(phone: YealinkPhone, target: str = KEY, source: str = CONTROLLER, **headers: str) -> int:
    browser = Browser(phone, source=source)
    browser.ask("GET", target, None, headers)
    return browser.status


@pytest.mark.parametrize(("limit", "status"), [
    ("", 403), ("any", 200), (CONTROLLER, 200), ("192.0.2.1,127.0.0.*", 200), ("127.0.0.6", 403), ("127.0.1.*", 403),
    ("*.*.*.67", 200),
])
@pytest.mark.parametrize("web", ["servlet", "json"])
def test_who_may_press_keys(limit: str, status: int, web: str) -> None:
    settings = {"features.action_uri_limit_ip": limit, "features.show_action_uri_option": "0"}
    with YealinkPhone(MAC, settings=settings, web=web) as phone:  # type: ignore[arg-type]
        assert press(phone) == status
        assert phone.keys == (["VOLUME_UP"] if status == 200 else [])
        assert press(phone, "/cgi-bin/ConfigManApp.com?key=OK") == status
        assert press(phone, "/screencapture") == status


def test_nobody_while_it_is_off() -> None:
    settings = {"features.action_uri_limit_ip": "any", "features.show_action_uri_option": "0",
                "features.action_uri.enable": "0"}
    with YealinkPhone(MAC, settings=settings) as phone:
        assert press(phone) == 403


def test_somebody_has_to_agree_first() -> None:
    with YealinkPhone(MAC, settings={"features.action_uri_limit_ip": "any"}) as phone:
        assert press(phone) == 403
        assert phone.asks_for_consent == [CONTROLLER]
        phone.agree()
        assert press(phone) == 200
        assert press(phone, source=STRANGER) == 403


def test_a_wrong_password_is_refused() -> None:
    settings = {"features.action_uri_limit_ip": "any", "features.show_action_uri_option": "0"}
    with YealinkPhone(MAC, settings=settings) as phone:
        assert press(phone, Authorization="Basic YWRtaW46d3Jvbmc=") == 401
        assert press(phone, Authorization="Basic YWRtaW46YWRtaW4=") == 200


def test_keys_that_provision_and_restart() -> None:
    with Site() as site:
        site.files = {f"/{MAC}.cfg": HEAD + "lang.gui = x\n"}
        settings = {"features.action_uri_limit_ip": CONTROLLER, "features.show_action_uri_option": "0",
                    "static.auto_provision.server.url": site.url}
        with YealinkPhone(MAC, settings=settings, authorities=[site.authority.pem], hosts=site.hosts) as phone:
            assert press(phone, "/servlet?key=AutoP") == 200
            phone.finish()
            assert phone.settings.get("lang.gui") == "x"
            assert press(phone, "/servlet?key=Reboot") == 200
            phone.finish()
            assert phone.down


# --- SIP -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_it_answers_anybody_unless_told_otherwise(pbx: tuple[Registrar, Authority], transport: str) -> None:
    registrar, authority = pbx
    context = Trust(None).context(None) if transport == "tls" else None
    with phone_of(registrar, authority, sip__trust_ctrl="0") as phone:
        reply = ask(STRANGER, phone, "OPTIONS", transport=transport, context=context)
        assert reply is not None
        assert (reply.status, reply.header("User-Agent")) == (200, "Yealink SIP-T46U 108.86.0.90")
        phone.change({"sip.trust_ctrl": "1"})
        assert ask(STRANGER, phone, "OPTIONS", transport=transport, context=context, seconds=SILENCE) is None
        answered = registrar.ask(phone, "OPTIONS")
        assert answered is not None
        assert answered.status == 200


def test_a_list_of_methods_that_only_servers_may_send(pbx: tuple[Registrar, Authority]) -> None:
    with phone_of(*pbx, **{"sip__request_validation__source__list": "INVITE,NOTIFY"}) as phone:
        assert ask(STRANGER, phone, "OPTIONS") is not None
        assert ask(STRANGER, phone, "INVITE", user="201", seconds=SILENCE) is None
        assert pbx[0].ask(phone, "INVITE", user="201") is not None


def test_ghost_calls_ring_only_without_trust(pbx: tuple[Registrar, Authority]) -> None:
    with phone_of(*pbx) as phone:
        reply = ask(STRANGER, phone, "INVITE", user="100")
        assert reply is not None
        assert (reply.status, len(phone.rang)) == (480, 1)
        phone.change({"features.direct_ip_call_enable": "0"})
        reply = ask(STRANGER, phone, "INVITE", user="100")
        assert reply is not None
        assert (reply.status, len(phone.rang)) == (404, 1)
        # The account's own number still rings for anybody.
        ask(STRANGER, phone, "INVITE", user="201")
        assert len(phone.rang) == 2
        phone.change({"sip.trust_ctrl": "1"})
        ask(STRANGER, phone, "INVITE", user="201", seconds=SILENCE)
        assert len(phone.rang) == 2


def test_a_direct_call_may_be_taken_by_itself(pbx: tuple[Registrar, Authority]) -> None:
    with phone_of(*pbx, **{"features__ip_call__auto_answer__enable": "1"}) as phone:
        reply = ask(STRANGER, phone, "INVITE", user="100", body=session(STRANGER, False))
        assert reply is not None
        assert (reply.status, "RTP/AVP" in reply.body) == (200, True)
        phone.change({"account.1.srtp_encryption": "1"})
        reply = ask(STRANGER, phone, "INVITE", user="100", body=session(STRANGER, True))
        assert reply is not None
        assert "a=crypto:1 AES_CM_128_HMAC_SHA1_80" in reply.body


def test_mandatory_srtp(pbx: tuple[Registrar, Authority]) -> None:
    with phone_of(*pbx, **{"account__1__srtp_encryption": "2"}) as phone:
        registrar = pbx[0]
        for secure, status in ((False, 488), (True, 480)):
            reply = registrar.ask(phone, "INVITE", user="201", body=session(registrar.address, secure))
            assert reply is not None
            assert reply.status == status


@pytest.mark.parametrize(("how", "reboot", "fetches", "restarts"), [
    ("0", None, 1, 0), ("0", False, 1, 0), ("0", True, 0, 1), ("1", None, 0, 1), ("2", True, 0, 0),
])
def test_check_sync(
    pbx: tuple[Registrar, Authority], how: str, reboot: bool | None, fetches: int, restarts: int
) -> None:
    registrar, authority = pbx
    with Site() as site, phone_of(registrar, authority, sip__notify_reboot_enable=how) as phone:
        site.files = {f"/{MAC}.cfg": HEAD + "lang.gui = x\n"}
        phone.hosts |= site.hosts
        phone.authorities.append(site.authority.pem)
        phone.change({"static.auto_provision.server.url": site.url})
        reply = registrar.check_sync(phone, reboot=reboot)
        assert reply is not None
        phone.finish()
        assert (reply.status, len(phone.history), phone.reboots) == (200, fetches, restarts)


def test_a_stranger_s_check_sync_is_ignored_with_trust(pbx: tuple[Registrar, Authority]) -> None:
    with phone_of(*pbx, sip__trust_ctrl="1") as phone:
        assert ask(STRANGER, phone, "NOTIFY", ("Event", "check-sync"), seconds=SILENCE) is None
        phone.finish()
        assert (phone.reboots, phone.history) == (0, [])
        phone.change({"sip.trust_ctrl": "0"})
        assert ask(STRANGER, phone, "NOTIFY", ("Event", "check-sync")) is not None
        phone.finish()
        assert phone.reboots == 1


def test_other_events_are_bad(pbx: tuple[Registrar, Authority]) -> None:
    with phone_of(*pbx) as phone:
        reply = pbx[0].ask(phone, "NOTIFY", ("Event", "talk"))
        assert reply is not None
        assert reply.status == 489


@pytest.mark.parametrize(
    ("transport", "port", "how"), [("0", "5060", "udp"), ("1", "5060", "tcp"), ("2", "5061", "tls")]
)
def test_registration(pbx: tuple[Registrar, Authority], transport: str, port: str, how: str) -> None:
    registrar, authority = pbx
    with phone_of(registrar, authority) as phone:
        phone.change(account(transport=transport, port=port))
        assert phone.register() == {(1, 1): "registered"}
        assert registrar.bindings == {"201": (phone.address, how)}
        phone.change({"account.1.password": "wrong"})
        assert phone.register() == {(1, 1): "401"}
        phone.change({"account.1.enable": "0"})
        assert phone.register() == {}


def test_registration_checks_the_server(pbx: tuple[Registrar, Authority]) -> None:
    registrar, _authority = pbx
    with phone_of(registrar, Authority(name("Somebody else"))) as phone:
        assert phone.register() == {(1, 1): "TLS: CERTIFICATE_VERIFY_FAILED"}
        phone.change({"static.security.trust_certificates": "0"})
        assert phone.register() == {(1, 1): "registered"}


def test_registration_checks_the_name(pbx: tuple[Registrar, Authority]) -> None:
    registrar, authority = pbx
    with phone_of(registrar, authority) as phone:
        phone.change(account(server=registrar.address))
        assert phone.register() == {(1, 1): "TLS: CERTIFICATE_VERIFY_FAILED"}
        phone.change({"static.security.cn_validation": "0"})
        assert phone.register() == {(1, 1): "registered"}
        # It answers the address that it registers at.
        phone.change({"sip.trust_ctrl": "1"})
        assert registrar.ask(phone, "OPTIONS") is not None
