"""phone_config against test phones: both generations of Yealink's web interface, and Poly's REST."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.devices.phones import Phone, PolyPhone, YealinkPhone
from tests.support import phone_configs as configs
from tests.support.phone_configs import KINDS, OLD, PASSWORDS, failed, run, settled, verdicts, woken

Plug = Callable[..., Phone]


@pytest.fixture
def plug() -> Iterator[Plug]:
    """Plug in a phone of a kind; it is unplugged when the test ends."""
    with ExitStack() as stack:
        yield lambda kind, settings=None: stack.enter_context(configs.made(kind, settings))


@pytest.fixture(params=KINDS)
def phone(request: pytest.FixtureRequest, plug: Plug) -> Phone:
    """A phone of each kind, with one line."""
    line = {"reg.1.address": "201", "reg.1.server.1.address": "sip.example.com"}
    if request.param != "poly":
        line = {"account.1.enable": "1", "account.1.sip_server.1.address": "sip.example.com"}
    return plug(request.param, line)


# --- states ----------------------------------------------------------------------------------------------------------


def test_a_phone_is_brought_to_the_policy_and_read_back(phone: Phone) -> None:
    before = configs.values(phone)
    shown = run(phone, check=True)
    assert configs.values(phone) == before
    done = run(phone)
    assert (shown["changed"], done["changed"], done["evidence"]) == (True, True, "observed")
    assert (shown["plan"], shown["diff"]) == (done["plan"], done["diff"])
    assert done["proved"] == ["admin"]
    # What it restarts for was not sent, and is told.
    assert verdicts(done, "drift") == {"vlan.cdp"}
    assert "allow_reboot" in done["pending"][0]
    assert {"web.http", "sip.transport", "srtp", "tls.names", "sip.registrar_only", "auth.admin"} <= verdicts(
        done, "compliant"
    )
    again = run(phone)
    assert (again["changed"], again["plan"], again["diff"]["after"]) == (False, [], "")
    assert configs.sessions(phone) == 0


def test_what_needs_a_restart_is_sent_where_that_is_allowed(phone: Phone) -> None:
    first = run(phone, allow_reboot=True)
    assert phone.down
    assert "it restarts" in first["pending"][-1]
    assert "vlan.cdp" in verdicts(first, "unknown")
    assert phone.reboots == 1
    # It is down: that is told, and nothing is tried for long.
    assert failed(phone, allow_reboot=True).unreachable
    woken(phone)
    second = run(phone, allow_reboot=True)
    assert (second["changed"], second["pending"], verdicts(second, "drift")) == (False, [], set())
    assert "vlan.cdp" in verdicts(second, "compliant")


def test_what_is_set_is_what_the_policy_asks_for(phone: Phone) -> None:
    settled(phone)
    values = configs.values(phone)
    expected = (
        {"httpd.cfg.secureTunnelRequired": "1", "reg.1.server.1.transport": "TLS", "sec.srtp.require": "1",
         "voIpProt.SIP.requestValidation.1.method": "source", "device.net.cdpEnabled": "0",
         "device.auth.localAdminPassword": PASSWORDS["admin"], "device.auth.localUserPassword": PASSWORDS["user"]}
        if isinstance(phone, PolyPhone) else
        {"static.wui.http_enable": "0", "account.1.sip_server.1.transport_type": "2", "account.1.srtp_encryption": "2",
         "sip.trust_ctrl": "1", "static.network.cdp.enable": "0", "password admin": PASSWORDS["admin"],
         "password user": PASSWORDS["user"], "password var": PASSWORDS["var"]}
    )
    assert {name: values.get(name) for name in expected} == expected


def test_nothing_foreign_is_changed(phone: Phone) -> None:
    theirs = (
        {"reg.1.label": "Reception", "lcl.datetime.time.24HourClock": "1"} if isinstance(phone, PolyPhone)
        else {"account.1.label": "Reception", "lang.gui": "German"}
    )
    phone.change(theirs)
    settled(phone)
    values = configs.values(phone)
    assert {name: values[name] for name in theirs} == theirs


def test_gathered_reads_only_and_needs_no_policy(phone: Phone) -> None:
    before = configs.values(phone)
    found = run(phone, state="gathered", policy=None, provider=None, passwords=None)
    assert (found["changed"], found["plan"], configs.values(phone)) == (False, [], before)
    assert found["intents"]["web.http"]["found"] is True
    assert "verdict" not in found["intents"]["web.http"]
    assert configs.sessions(phone) == 0
    (parameter,) = found["intents"]["vlan.cdp"]["parameters"].values()
    assert parameter == ({"value": True, "source": "device"} if isinstance(phone, PolyPhone) else {"value": True})


def test_gathered_compares_with_a_policy_where_there_is_one(phone: Phone) -> None:
    found = run(phone, state="gathered")
    assert found["changed"] is False
    assert {"web.http", "auth.admin"} <= verdicts(found, "drift")
    controls = {one["control"] for one in found["findings"]}
    assert {"WEB-1", "WEB-2", "FW-1", "PWD-5", "VLAN-1"} <= controls


def test_a_phone_is_asked_to_fetch_its_files(phone: Phone) -> None:
    before = configs.values(phone)
    if isinstance(phone, YealinkPhone) and phone.web_generation == "servlet":
        assert "told to fetch its files by its PBX alone" in failed(phone, state="fetched").message
        assert configs.sessions(phone) == 0
        return
    assert run(phone, check=True, state="fetched")["plan"] == ["have it fetch its files"]
    phone.finish()
    assert phone.history == []
    assert run(phone, state="fetched")["changed"] is False
    phone.finish()
    assert [outcome.error for outcome in phone.history] == ["no provisioning server"]
    assert (configs.values(phone), configs.sessions(phone)) == (before, 0)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not kind.startswith("servlet")])
def test_the_password_before_is_the_first_that_has_a_phone_fetch(plug: Plug, kind: str) -> None:
    """The newest may be what it is to fetch."""
    phone = plug(kind)
    assert isinstance(phone, (PolyPhone, YealinkPhone))
    run(phone, state="fetched", password=None, login_passwords=["a-newer-one-for-later", OLD])
    assert phone.attempts.left in (None, phone.attempts.limit)
    phone.finish()
    assert len(phone.history) == 1


def test_rendered_contacts_nobody(phone: Phone) -> None:
    given = {"host": None, "port": None, "password": None, "provisioning_user": "north",
             "provisioning_password": configs.PROVISIONING_PASSWORD}
    shown = run(phone, state="rendered", passwords=None, **given)
    assert shown == run(phone, state="rendered", **given)
    assert phone.requests == []
    assert (shown["changed"], bool(shown["plan"])) == (False, True)
    text = str(shown["rendered"])
    names = (
        ("httpd.cfg.secureTunnelRequired': '1'", "device.auth.localAdminPassword': '***'", "device.prov.user': 'north'")
        if isinstance(phone, PolyPhone) else
        ("static.wui.http_enable = 0", "static.security.user_password = admin:***", "server.password = ***")
    )
    assert [name for name in names if name not in text] == []


def test_lines_that_the_phone_has_are_found(phone: Phone) -> None:
    name = "reg.3.address" if isinstance(phone, PolyPhone) else "account.3.user_name"
    phone.change({name: "203"})
    done = run(phone)
    transport = "reg.3.server.2.transport" if isinstance(phone, PolyPhone) else "account.3.sip_server.2.transport_type"
    assert configs.values(phone)[transport] in ("TLS", "2")
    assert transport in done["intents"]["sip.transport"]["parameters"]


def test_what_the_phone_does_not_show_is_unknown(phone: Phone) -> None:
    done = settled(phone)
    assert {"auth.user", "web.lockout" if isinstance(phone, YealinkPhone) else "web.quick_login"} <= verdicts(
        done, "unknown"
    )
    assert done["intents"]["auth.user"]["found"] is None
    assert done["intents"]["auth.admin"] | {"says": "", "controls": [], "parameters": {}} == {
        "says": "", "controls": [], "parameters": {}, "found": "***", "wanted": "***", "verdict": "compliant",
    }


def test_what_is_not_shown_is_sent_on_request(phone: Phone) -> None:
    settled(phone)
    told = run(phone, send_unshown=True, check=True)
    assert told["changed"] is False
    assert any("does not show" in line for line in told["plan"])
    assert run(phone, send_unshown=True)["changed"] is False


def test_another_firmware_than_the_inventory_says(phone: Phone) -> None:
    other = "6.3.1.8427" if isinstance(phone, PolyPhone) else f"{phone.version.split('.')[0]}.84.0.10"
    done = run(phone, firmware=other)
    assert done["phone"]["firmware"] == phone.version
    assert f"it runs {phone.version}, not {other}" in done["remarks"][0]


# --- who may, and who it is ------------------------------------------------------------------------------------------


def test_a_phone_of_the_provider_s_is_audited_only(phone: Phone) -> None:
    policy = configs.site(provisioning_owner="provider")
    before = configs.values(phone)
    shown = run(phone, policy=policy)
    assert (shown["changed"], shown["plan"], configs.values(phone)) == (False, [], before)
    assert "push_to_provider_phones" in shown["remarks"][0]
    assert "web.http" in verdicts(shown, "drift")
    pushed = run(phone, policy=policy, push_to_provider_phones=True)
    assert pushed["changed"] is True
    assert "the next sync reverts" in pushed["remarks"][0]
    assert "web.http" in verdicts(pushed, "compliant")


def test_what_the_provider_s_next_sync_reverts_is_found(phone: Phone) -> None:
    run(phone)
    phone.override({"httpd.cfg.secureTunnelRequired": "0"} if isinstance(phone, PolyPhone) else {"sip.trust_ctrl": "0"})
    if isinstance(phone, PolyPhone):  # what was set at the phone outranks what comes from a server
        assert "web.http" in verdicts(run(phone, state="gathered"), "compliant")
    else:
        assert verdicts(run(phone, state="gathered"), "drift") == {"sip.registrar_only", "vlan.cdp"}


def test_layers_that_outrank_provisioning_are_told(plug: Plug) -> None:
    phone = plug("poly")
    assert isinstance(phone, PolyPhone)
    phone.change({"feature.urlDialing.enabled": "1"}, "web")
    found = run(phone, state="gathered")
    assert found["intents"]["sip.direct_ip"]["parameters"]["feature.urlDialing.enabled"] == {
        "value": True, "source": "web",
    }
    (layer,) = [one for one in found["findings"] if "layer web" in one["subject"]]
    assert (layer["control"], "feature.urlDialing.enabled" in layer["evidence"]) == ("FWM-1", True)
    (drift,) = [one for one in found["findings"] if "sip.direct_ip" in one["subject"]]
    assert "from web" in drift["evidence"]


@pytest.mark.parametrize("kind", ["json", "poly"])
def test_another_phone_at_this_address_is_left_alone(plug: Plug, kind: str) -> None:
    phone = plug(kind)
    before = configs.values(phone)
    other = phone.mac[:-1] + ("1" if phone.mac[-1] != "1" else "2")
    assert f"this is the phone {phone.mac}, not {other}" in failed(phone, mac=other).message
    assert configs.values(phone) == before


# --- certificates ----------------------------------------------------------------------------------------------------


def test_the_vendor_s_certificate_has_to_be_the_phone_s_own(phone: Phone, tmp_path: Path) -> None:
    trusted = {"validate_certs": True, "ca_path": configs.authority_file(tmp_path, phone)}
    assert run(phone, state="gathered", **trusted)["intents"]
    phone.requests.clear()
    refused = failed(phone, state="gathered", mac="80:5e:c0:00:00:01", **trusted)
    assert "the certificate is not trusted" in refused.message
    assert phone.requests == []


def test_without_its_authority_nothing_is_sent(phone: Phone) -> None:
    refused = failed(phone, state="gathered", validate_certs=True)
    assert "ca_path" in refused.message
    assert phone.requests == []


def test_a_pinned_certificate(phone: Phone) -> None:
    import hashlib
    import ssl

    pin = hashlib.sha256(ssl.PEM_cert_to_DER_cert(phone.identity.certificate.decode())).hexdigest()
    assert run(phone, state="gathered", validate_certs=True, fingerprint=pin)["intents"]
    phone.requests.clear()
    wrong = failed(phone, state="gathered", validate_certs=True, fingerprint="0" * 64)
    assert "fingerprint" in wrong.message
    assert phone.requests == []


def test_old_tls_gets_no_password(phone: Phone) -> None:
    phone.faults.plant(kind="old-tls")
    assert failed(phone, state="gathered").unreachable
    assert phone.requests == []


# --- log-ins ---------------------------------------------------------------------------------------------------------


def test_one_log_in_to_look_and_one_to_look_again(phone: Phone) -> None:
    run(phone, state="gathered", passwords=None)
    assert configs.log_ins(phone) == 1
    phone.requests.clear()
    run(phone)  # the new password is not in force yet, then the one before, and after the change the new one
    assert configs.log_ins(phone) == 3
    phone.requests.clear()
    run(phone)
    assert configs.log_ins(phone) == 1


def test_no_password_is_tried_twice_and_no_third_one(phone: Phone) -> None:
    refused = failed(phone, password="An0therPasswordOfThePast")
    assert "refused" in refused.message
    assert configs.log_ins(phone) == 2
    phone.requests.clear()
    failed(phone, password=PASSWORDS["admin"])
    assert configs.log_ins(phone) == 1


def test_a_locked_phone_is_told_and_left_alone(plug: Plug) -> None:
    for kind in ("json", "servlet"):
        phone = plug(kind)
        assert isinstance(phone, YealinkPhone)
        for _each in range(2):
            phone.attempts.fail()
        locked = failed(phone)  # the new password is the third that fails
        assert "locked after failed log-ins" in locked.message
        assert configs.log_ins(phone) == 1
        phone.requests.clear()
        assert "locked after failed log-ins" in failed(phone).message
        assert configs.log_ins(phone) == 1
        assert phone.attempts.locked > 0


def test_for_how_long_it_is_locked_is_told(plug: Plug) -> None:
    for kind in ("json", "servlet"):
        phone = plug(kind)
        assert isinstance(phone, YealinkPhone)
        phone.lock_page = True
        for _each in range(3):
            phone.attempts.fail()
        assert "for 3 minutes more" in failed(phone).message


def test_a_session_of_somebody_else_is_told(plug: Plug) -> None:
    for kind in ("json", "servlet"):
        phone = plug(kind)
        phone.faults.plant(kind="session-active")
        told = failed(phone, passwords=None)
        assert "has no session left" in told.message
        assert configs.log_ins(phone) == 1


def test_the_password_that_everybody_knows_is_a_finding(plug: Plug) -> None:
    for kind in ("json", "servlet"):
        phone = plug(kind)
        assert isinstance(phone, YealinkPhone)
        phone.settings.passwords["admin"] = "admin"
        found = run(phone, state="gathered", passwords=None, password="admin")
        assert [one["control"] for one in found["findings"] if one["severity"] == "critical"] == ["WEB-2"]
        assert "auth.admin" in found["intents"]  # the word is no secret


def test_a_poly_with_the_password_that_it_came_with(plug: Plug) -> None:
    phone = plug("poly", {"device.auth.localAdminPassword": "456"})
    told = failed(phone, passwords=None, password="456")
    (finding,) = told.result["findings"]
    assert (finding["control"], finding["severity"]) == ("WEB-2", "critical")
    assert "4010" in told.message


def test_a_poly_whose_rest_interface_is_off(plug: Plug) -> None:
    phone = plug("poly", {"apps.restapi.enabled": "0"})
    assert "the REST interface is off" in failed(phone).message
    # The policy has it off: that is as it should be, and nothing else is known.
    done = run(phone, policy=configs.site(rest_api=False))
    assert verdicts(done, "compliant") == {"remote.rest"}
    assert (done["changed"], verdicts(done, "drift")) == (False, set())
    assert "nothing can be read" in done["remarks"][0]


def test_a_poly_that_asks_for_basic(plug: Plug) -> None:
    phone = plug("poly")
    assert isinstance(phone, PolyPhone)
    phone.rest_auth = "basic"
    assert settled(phone)["changed"] is False


def test_a_poly_that_takes_little_at_once(plug: Plug) -> None:
    phone = plug("poly")
    assert isinstance(phone, PolyPhone)
    phone.batch = 4
    done = settled(phone)
    assert (done["changed"], verdicts(done, "drift")) == (False, set())


def test_rest_set_as_the_web_layer(plug: Plug) -> None:
    phone = plug("poly")
    assert isinstance(phone, PolyPhone)
    phone.set_layer = "web"
    done = settled(phone)
    assert [one["subject"] for one in done["findings"] if "layer" in one["subject"]] == [f"{phone.mac} layer web"]


# --- closing the way -------------------------------------------------------------------------------------------------


def test_a_web_interface_that_is_to_be_off_is_closed_last(phone: Phone) -> None:
    policy = configs.site(web_interface="off")
    done = run(phone, policy=policy)
    assert "https" not in phone.ports()
    assert done["changed"] is True
    assert "this way is closed now" in done["pending"][-1]
    assert {"sip.transport", "sip.registrar_only"} <= verdicts(done, "compliant")
    assert "web.https" in verdicts(done, "unknown")
    again = run(phone, policy=policy)
    assert (again["changed"], verdicts(again, "drift"), verdicts(again, "compliant")) == (False, set(), set())
    # Who wants it open is told that it cannot be reached.
    assert failed(phone).unreachable


def test_rest_that_is_to_be_off_is_closed_last(plug: Plug) -> None:
    phone = plug("poly")
    policy = configs.site(rest_api=False)
    done = run(phone, policy=policy)
    assert configs.values(phone)["apps.restapi.enabled"] == "0"
    assert {"remote.rest", "srtp"} <= verdicts(done, "compliant")
    again = run(phone, policy=policy)
    assert (again["changed"], verdicts(again, "compliant")) == (False, {"remote.rest"})


def test_a_server_known_by_its_address_is_refused(plug: Plug) -> None:
    for kind, name in (("json", "account.1.sip_server.1.address"), ("poly", "reg.1.server.1.address")):
        phone = plug(kind)
        phone.change({name: "192.0.2.10", **({"reg.1.address": "201"} if kind == "poly" else {})})
        before = configs.values(phone)
        assert "would not find it again" in failed(phone).message
        assert "a run would be refused" in str(run(phone, check=True)["remarks"])
        assert configs.values(phone) == before


# --- phones that are not at ease -------------------------------------------------------------------------------------


def test_a_phone_in_a_call_is_told_and_not_changed(plug: Plug) -> None:
    phone = plug("poly")
    assert isinstance(phone, PolyPhone)
    phone.begin_call()
    before = configs.values(phone)
    told = failed(phone, passwords=None)
    assert "somebody talks on it" in told.message
    assert (told.result["outcome"], told.result["changed"]) == ("old state restored", False)
    assert configs.values(phone) == before
    assert sum(target.endswith("config/set") for _method, target in phone.requests) == 1
    phone.end_call()
    assert run(phone)["changed"] is True


def test_a_busy_phone_is_told_and_asked_once(phone: Phone) -> None:
    phone.faults.plant(kind="busy")
    told = failed(phone)
    assert "busy" in told.message
    assert len(phone.requests) == 1


def test_a_phone_that_takes_half_is_told_and_the_next_run_converges(phone: Phone) -> None:
    phone.faults.plant(kind="half-applied", count=3, times=1)
    told = failed(phone)
    assert "did not take" in told.message
    assert told.result["outcome"] == "needs another run"
    assert verdicts(settled(phone), "drift") == set()


def test_a_poly_that_does_not_restart_by_itself_is_asked_to(plug: Plug, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = plug("poly")
    assert isinstance(phone, PolyPhone)
    monkeypatch.setattr(phone.settings, "reboots", lambda _changed: False)
    run(phone)
    assert not any(target.endswith("safeRestart") for _method, target in phone.requests)
    run(phone, allow_reboot=True)
    assert phone.requests.count(("POST", "/api/v1/mgmt/safeRestart")) == 1
    assert phone.down


def test_a_phone_that_restarts_for_what_nobody_expects(plug: Plug, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of which settings a phone restarts for not everything is known: it is told, and the next run reads it."""
    for kind in ("json", "servlet", "servlet-aes"):
        phone = plug(kind)
        monkeypatch.setattr(phone.settings, "reboots", bool)  # type: ignore[attr-defined]
        done = run(phone)
        assert "seems to restart" in done["pending"][-1]
        assert (done["changed"], done["proved"]) == (True, [])
        assert {"web.http", "auth.admin", "sip.registrar_only"} <= verdicts(done, "unknown")
        woken(phone)
        again = run(phone)
        assert (again["changed"], verdicts(again, "drift"), again["proved"]) == (False, {"vlan.cdp"}, ["admin"])


def test_a_poly_that_restarts_after_each_request_gets_there(plug: Plug, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = plug("poly")
    monkeypatch.setattr(phone.settings, "reboots", bool)  # type: ignore[attr-defined]
    for _time in range(6):
        done, failure = configs.tried(phone)
        if failure is None and not done["changed"]:
            break
        assert failure is None or (failure.result["outcome"], failure.result["changed"]) == ("needs another run", True)
        woken(phone)
    assert verdicts(done, "drift") == {"vlan.cdp"}


def test_a_phone_that_does_not_restart(phone: Phone) -> None:
    phone.faults.plant(kind="ignore-reboot")
    done = run(phone, allow_reboot=True)
    assert "told to restart, and has not yet" in done["pending"][-1]
    assert "vlan.cdp" in verdicts(done, "compliant")


def test_a_phone_that_is_not_there(phone: Phone) -> None:
    phone.faults.plant(kind="refuse-tcp")
    phone.settle()
    assert failed(phone).unreachable


def test_a_phone_that_answers_nonsense(plug: Plug, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.devices.phones.web import Response

    for kind in KINDS:
        for body in ("", "{}", "[]", "{", "null", "<html>" + "x" * 500, '{"data": {"x": 1}, "Status": "2000"}'):
            phone = plug(kind)
            monkeypatch.setattr(phone, "web", lambda _request, body=body: Response.text(body))
            told = failed(phone)
            assert told.message
            assert "Traceback" not in str(told.result)
