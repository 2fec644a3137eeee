"""A Yealink phone fetches its files, checks whom it fetches from, and applies what is in them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.devices.phones import Clock, YealinkPhone
from tests.unit.devices.phone_site import HOST, Site

MAC = "805ec0aa0001"
HEAD = "#!version:1.0.0.1\n"
COMMON, OWN = "y000000000096.cfg", f"{MAC}.cfg"


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


def boot(*names: str, overwrite: bool = False) -> str:
    return HEAD + "".join(f'include:config "{each}"\n' for each in names) + f"overwrite_mode = {int(overwrite)}\n"


def phone_at(site: Site, **more: object) -> YealinkPhone:
    settings = {
        "static.auto_provision.server.url": site.url, "static.security.cn_validation": "1",
        **more.pop("settings", {}),  # type: ignore[dict-item]
    }
    options: dict[str, object] = {"authorities": [site.authority.pem], "hosts": site.hosts, **more}
    return YealinkPhone(MAC, settings=settings, **options)  # type: ignore[arg-type]


def test_the_own_boot_file_comes_first(site: Site) -> None:
    site.files = {f"/{MAC}.boot": boot("a.cfg", "b.cfg"), "/y000000000000.boot": boot("c.cfg"),
                  "/a.cfg": HEAD + "lang.gui = one\nlang.wui = one\n", "/b.cfg": HEAD + "lang.wui = two\n"}
    with phone_at(site) as phone:
        outcome = phone.provision()
    assert outcome.files == ((f"{MAC}.boot", 200), ("a.cfg", 200), ("b.cfg", 200))
    assert (outcome.applied, outcome.changed, outcome.error) == (True, ("lang.gui", "lang.wui"), "")
    # The later file wins.
    assert (phone.settings.get("lang.gui"), phone.settings.get("lang.wui")) == ("one", "two")
    assert {agent for *_rest, agent in site.log} == {"Yealink SIP-T54W 96.86.0.45 80:5e:c0:aa:00:01"}


def test_then_the_common_one_then_the_old_way(site: Site) -> None:
    site.files = {"/y000000000000.boot": boot("c.cfg"), "/c.cfg": HEAD + "lang.gui = one\n",
                  f"/{COMMON}": HEAD + "lang.gui = common\n", f"/{OWN}": HEAD + "lang.gui = own\n"}
    with phone_at(site) as phone:
        assert phone.provision().files == ((f"{MAC}.boot", 404), ("y000000000000.boot", 200), ("c.cfg", 200))
        del site.files["/y000000000000.boot"]
        names = [name for name, _status in phone.provision().files]
        assert names == [f"{MAC}.boot", "y000000000000.boot", COMMON, OWN]
        assert phone.settings.get("lang.gui") == "own"
        # Either may be missing.
        del site.files[f"/{OWN}"]
        assert phone.provision().applied
        assert phone.settings.get("lang.gui") == "common"


def test_includes_may_be_whole_addresses(site: Site) -> None:
    site.files = {f"/{MAC}.boot": boot(f"{site.url}deep/x.cfg"), "/deep/x.cfg": HEAD + "lang.gui = deep\n"}
    with phone_at(site) as phone:
        phone.provision()
    assert phone.settings.get("lang.gui") == "deep"


def test_the_version_has_to_be_the_first_line(site: Site) -> None:
    site.files = {f"/{OWN}": "lang.gui = none\n", f"/{COMMON}": HEAD + "lang.wui = common\n"}
    with phone_at(site) as phone:
        outcome = phone.provision()
        assert outcome.error == f"{OWN}: the first line is not #!version:1.0.0.1"
        assert (phone.settings.get("lang.gui"), phone.settings.get("lang.wui")) == ("", "common")
        site.files[f"/{MAC}.boot"] = f'include:config "{OWN}"\n'
        assert phone.provision().error == f"{MAC}.boot: the first line is not #!version:1.0.0.1"


def test_a_file_that_has_not_changed_heals_nothing(site: Site) -> None:
    site.files = {f"/{COMMON}": HEAD + "lang.gui = common\n", f"/{OWN}": HEAD + "sip.trust_ctrl = 1\n"}
    with phone_at(site) as phone:
        assert phone.provision().applied
        phone.change({"sip.trust_ctrl": "0"})
        again = phone.provision()
        assert (again.applied, again.files[-1]) == (False, (OWN, 200))
        assert phone.settings.get("sip.trust_ctrl") == "0"
        # A comment is enough.
        site.files[f"/{OWN}"] += "# generation 2\n"
        assert phone.provision().changed == ("sip.trust_ctrl",)
        assert phone.settings.get("sip.trust_ctrl") == "1"


@pytest.mark.parametrize(("skip", "healed"), [("set", "common"), ("file", "changed"), ("never", "common")])
def test_what_of_several_files_is_skipped(site: Site, skip: str, healed: str) -> None:
    site.files = {f"/{COMMON}": HEAD + "lang.gui = common\n", f"/{OWN}": HEAD + "lang.wui = own\n"}
    with phone_at(site, md5_skip=skip) as phone:
        phone.provision()
        phone.change({"lang.gui": "changed"})
        site.files[f"/{OWN}"] += "# 2\n"
        phone.provision()
        assert phone.settings.get("lang.gui") == healed
        phone.change({"lang.gui": "changed"})
        phone.provision()
        assert phone.settings.get("lang.gui") == ("common" if skip == "never" else "changed")


def test_overwriting_takes_back_what_files_no_longer_set(site: Site) -> None:
    full = HEAD + "features.direct_ip_call_enable = 0\naccount.1.enable = 1\nlang.gui = x\n"
    less = HEAD + "lang.gui = x\nfeatures.direct_ip_call_enable =\n"
    for overwrite, call, account in ((False, "0", "1"), (True, "1", "")):
        site.files = {f"/{MAC}.boot": boot("a.cfg", overwrite=overwrite), "/a.cfg": full}
        with phone_at(site) as phone:
            phone.provision()
            assert phone.settings.get("account.1.enable") == "1"
            site.files["/a.cfg"] = less
            phone.provision()
            assert phone.settings.get("features.direct_ip_call_enable") == call
            assert phone.settings.get("account.1.enable") == account


def test_overwriting_resets_passwords_that_are_gone_as_well(site: Site) -> None:
    site.files = {f"/{MAC}.boot": boot("a.cfg", overwrite=True),
                  "/a.cfg": HEAD + "static.security.user_password = admin:one\nlang.gui = x\n"}
    with phone_at(site) as phone:
        phone.provision()
        assert phone.settings.passwords["admin"] == "one"
        site.files["/a.cfg"] = HEAD + "lang.gui = x\n"
        phone.provision()
        assert phone.settings.passwords["admin"] == "admin"


def test_null_takes_a_value_away(site: Site) -> None:
    site.files = {f"/{OWN}": HEAD + "lang.gui = x\nsip.trust_ctrl = 1\n"}
    with phone_at(site) as phone:
        phone.provision()
        site.files[f"/{OWN}"] = HEAD + "lang.gui = %NULL%\nsip.trust_ctrl =\n"
        phone.provision()
    assert "lang.gui" not in phone.settings.values
    assert phone.settings.get("sip.trust_ctrl") == "1"


@pytest.mark.parametrize(("protect", "kept"), [("1", "0"), ("0", "1")])
def test_what_the_user_changed_outlasts_provisioning_if_protected(site: Site, protect: str, kept: str) -> None:
    site.files = {f"/{OWN}": HEAD + f"static.auto_provision.custom.protect = {protect}\nsip.trust_ctrl = 1\n"
                  "static.wui.http_enable = 0\n"}
    with phone_at(site) as phone:
        phone.provision()
        phone.change({"sip.trust_ctrl": "0", "static.wui.http_enable": "1"})
        assert phone.settings.local == ({"sip.trust_ctrl": "0"} if protect == "1" else {})
        site.files[f"/{OWN}"] += "# 2\n"
        phone.provision()
        assert phone.settings.get("sip.trust_ctrl") == kept
        # What is static is never kept.
        assert phone.settings.get("wui.http_enable") == "0"


def test_protection_that_ends_frees_the_files(site: Site) -> None:
    site.files = {f"/{OWN}": HEAD + "static.auto_provision.custom.protect = 1\nsip.trust_ctrl = 1\n"}
    with phone_at(site) as phone:
        phone.provision()
        phone.change({"sip.trust_ctrl": "0"})
        site.files[f"/{OWN}"] = HEAD + "static.auto_provision.custom.protect = 0\nsip.trust_ctrl = 1\n"
        phone.provision()
        assert phone.settings.get("sip.trust_ctrl") == "1"
        assert phone.settings.local == {}


def test_unknown_parameters_are_passed_over_in_silence(site: Site) -> None:
    site.files = {f"/{OWN}": HEAD + "wui.http_enable = 0\nno.such = 1\nsip.trust_ctrl = on\nlang.gui = x\n"}
    with phone_at(site) as phone:
        outcome = phone.provision()
    assert (outcome.applied, outcome.error, outcome.changed) == (True, "", ("lang.gui",))
    assert phone.settings.ignored == ["wui.http_enable", "no.such", "sip.trust_ctrl"]
    assert "no.such" not in phone.settings.export()


def test_until_v80_there_is_no_prefix(site: Site) -> None:
    text = HEAD + "security.user_password = admin:Long-Enough-1\nstatic.security.user_password = user:x\n"
    site.files = {"/y000000000054.boot": "", f"/{OWN}": text}
    settings = {"static.auto_provision.server.url": "", "auto_provision.server.url": site.url}
    with phone_at(site, model="T40G", version="54.80.0.10", settings=settings) as phone:
        phone.provision()
    assert phone.settings.passwords == {"admin": "Long-Enough-1", "user": "user", "var": "var"}
    assert "security.user_password = admin:********" in phone.settings.export().splitlines()


def test_passwords_come_back_masked(site: Site) -> None:
    site.files = {f"/{OWN}": HEAD + "static.security.user_password = admin:Adm1n-secret\n"
                  "account.1.password = S1p-secret\nstatic.auto_provision.server.password = Pr0v-secret\n"
                  "account.1.user_name = 201\n"}
    with phone_at(site) as phone:
        phone.provision()
    text = phone.settings.export()
    assert text.startswith(HEAD)
    for line in ("account.1.password = ********", "static.security.user_password = admin:********",
                 "static.auto_provision.server.password = ********", "account.1.user_name = 201"):
        assert line in text.splitlines()
    assert "secret" not in text


def test_network_settings_restart_it(site: Site) -> None:
    site.files = {f"/{OWN}": HEAD + "static.network.vlan.internet_port_vid = 20\n"}
    with phone_at(site) as phone:
        phone.provision()
        assert (phone.down, phone.reboots, phone.ports()) == (True, 1, {})
        assert (phone.provision().error, phone.register()) == ("the phone is restarting", {})
        phone.clock.advance(59)
        assert phone.down
        site.fetched()
        phone.clock.advance(1)
        assert "https" in phone.ports()
        # It provisions when it is up again, and finds nothing new.
        assert site.fetched() == [f"/{OWN}"]
        assert (phone.reboots, phone.history[-1].applied) == (1, False)


def test_it_may_not_provision_at_each_start(site: Site) -> None:
    with phone_at(site, settings={"static.auto_provision.power_on": "0"}) as phone:
        phone.reboot()
        phone.clock.advance(60)
        assert phone.history == []


def test_it_fetches_by_its_schedule(site: Site) -> None:
    site.files = {f"/{OWN}": HEAD + "static.auto_provision.repeat.enable = 1\n"
                  "static.auto_provision.repeat.minutes = 60\n"}
    with phone_at(site) as phone:
        phone.provision()
        phone.clock.advance(3599)
        assert len(phone.history) == 1
        phone.clock.advance(1)
        assert len(phone.history) == 2


@pytest.mark.parametrize(("days", "nights"), [("0123456", 1), ("", 0)])
def test_it_fetches_at_the_beginning_of_its_window_on_its_days(site: Site, days: str, nights: int) -> None:
    site.files = {f"/{OWN}": HEAD + "static.auto_provision.weekly.enable = 1\n"
                  f"static.auto_provision.weekly.dayofweek = {days}\n"
                  "static.auto_provision.weekly.begin_time = 02:00\nstatic.auto_provision.weekly.end_time = 04:00\n"}
    with phone_at(site) as phone:
        phone.provision()
        phone.clock.advance(14 * 3600 - 1)  # from noon
        assert len(phone.history) == 1
        phone.clock.advance(1)
        assert len(phone.history) == 1 + nights
        phone.clock.advance(3600)
        assert len(phone.history) == 1 + nights


def test_one_day_a_week(site: Site) -> None:
    site.files = {f"/{OWN}": HEAD + "static.auto_provision.weekly.enable = 1\n"
                  "static.auto_provision.weekly.dayofweek = 3\nstatic.auto_provision.weekly.begin_time = 02:00\n"}
    with phone_at(site) as phone:
        phone.provision()
        for _day in range(14):
            phone.clock.advance(86400)
        assert len(phone.history) == 3


def test_credentials_are_sent_when_asked_for(site: Site) -> None:
    site.users = {MAC: "Right-Password"}
    site.files = {f"/{OWN}": HEAD + "lang.gui = x\n"}
    credentials = {"static.auto_provision.server.username": MAC,
                   "static.auto_provision.server.password": "Right-Password"}
    with phone_at(site, settings=credentials) as phone:
        assert phone.provision().applied
        phone.change({"static.auto_provision.server.password": "wrong"})
        assert phone.provision().error == f"{MAC}.boot: status 401"


def test_whom_it_trusts(site: Site) -> None:
    site.files = {f"/{OWN}": HEAD + "lang.gui = x\n"}
    with phone_at(site, authorities=[]) as phone:
        assert phone.provision().error == f"{MAC}.boot: TLS: CERTIFICATE_VERIFY_FAILED"
        phone.change({"static.security.trust_certificates": "0"})
        assert phone.provision().applied
    with phone_at(site, authorities=[], built_in=[site.authority.pem]) as phone:
        assert phone.provision().applied
        # Only uploaded authorities count, then only its own.
        phone.change({"static.security.ca_cert": "1"})
        assert "CERTIFICATE_VERIFY_FAILED" in phone.provision().error
    with phone_at(site, settings={"static.security.ca_cert": "0"}) as phone:
        assert "CERTIFICATE_VERIFY_FAILED" in phone.provision().error


def test_names_are_checked_only_if_told_so() -> None:
    with Site(names=("other.example.com",)) as site:
        site.files = {f"/{OWN}": HEAD + "lang.gui = x\n"}
        with phone_at(site) as phone:
            assert "CERTIFICATE_VERIFY_FAILED" in phone.provision().error
            phone.change({"static.security.cn_validation": "0"})
            assert phone.provision().applied


def test_it_loads_the_site_s_authority_from_where_it_is_told(site: Site) -> None:
    site.files = {f"/{OWN}": HEAD + f"static.trusted_certificates.url = {site.url}ca.pem\n"
                  "static.security.trust_certificates = 1\n", "/ca.pem": site.authority.pem.decode()}
    with phone_at(site, authorities=[], settings={"static.security.trust_certificates": "0"}) as phone:
        assert phone.provision().applied
        assert phone.authorities == [site.authority.pem]
        assert phone.provision().files[-1] == (OWN, 200)
        assert "ca.pem" not in phone.history[-1].files[-1]


def test_a_wrong_clock_makes_certificates_invalid(site: Site) -> None:
    site.files = {f"/{OWN}": HEAD + "lang.gui = x\n"}
    with phone_at(site) as phone:
        phone.faults.plant(kind="wrong-clock", seconds=-20 * 365 * 86400.0)
        assert "by the phone's clock" in phone.provision().error
        phone.faults.clear()
        assert phone.provision().applied


def test_other_errors_end_it(site: Site) -> None:
    site.files = {f"/{COMMON}": HEAD + "lang.gui = x\n"}
    site.statuses = {f"/{OWN}": 500}
    with phone_at(site) as phone:
        outcome = phone.provision()
        assert (outcome.applied, outcome.error) == (False, f"{OWN}: status 500")
        assert phone.settings.get("lang.gui") == ""
        phone.hosts.clear()
        assert f"no address of {HOST}" in phone.provision().error
        phone.change({"static.auto_provision.server.url": "https://192.0.2.1/"})
        assert "no route to 192.0.2.1" in phone.provision().error
        phone.change({"static.auto_provision.server.url": "tftp://127.0.0.1/"})
        assert "cannot fetch from tftp" in phone.provision().error


def test_the_provider_comes_over_it(site: Site) -> None:
    site.files = {f"/{OWN}": HEAD + "sip.trust_ctrl = 1\n"}
    with phone_at(site) as phone:
        phone.faults.plant(kind="provider-override", after=1, settings={"sip.trust_ctrl": "0"})
        phone.provision()
        assert phone.settings.get("sip.trust_ctrl") == "1"
        phone.provision()
        assert phone.settings.get("sip.trust_ctrl") == "0"


def test_the_provider_comes_over_it_after_a_while(site: Site) -> None:
    site.files = {f"/{OWN}": HEAD + "sip.trust_ctrl = 1\n"}
    with phone_at(site) as phone:
        phone.faults.plant(kind="provider-override", seconds=600, settings={"sip.trust_ctrl": "0"})
        phone.provision()
        phone.clock.advance(599)
        assert phone.settings.get("sip.trust_ctrl") == "1"
        phone.clock.advance(1)
        assert phone.settings.get("sip.trust_ctrl") == "0"
        phone.change({"sip.trust_ctrl": "1"})
        phone.clock.advance(600)
        assert phone.settings.get("sip.trust_ctrl") == "1"


def test_half_of_the_settings_and_no_restart(site: Site) -> None:
    site.files = {f"/{OWN}": HEAD + "lang.gui = x\nlang.wui = y\nstatic.network.vlan.internet_port_vid = 20\n"}
    with phone_at(site) as phone:
        phone.faults.plant(kind="half-applied", count=1, times=1)
        assert phone.provision().changed == ("lang.gui",)
        phone.faults.plant(kind="ignore-reboot")
        site.files[f"/{OWN}"] += "# 2\n"
        assert phone.provision().changed == ("lang.wui", "static.network.vlan.internet_port_vid")
        assert not phone.down


def test_two_phones_with_one_mac_fetch_the_same_file(site: Site) -> None:
    site.files = {f"/{OWN}": HEAD + "lang.gui = x\n"}
    clock = Clock()
    with phone_at(site, clock=clock) as one, phone_at(site, clock=clock) as two:
        assert one.address != two.address
        assert one.provision().applied
        assert two.provision().applied


def test_a_reset_phone_is_as_delivered(site: Site) -> None:
    site.files = {f"/{OWN}": HEAD + "static.security.user_password = admin:other\n"}
    with phone_at(site) as phone:
        phone.provision()
        phone.factory_reset()
        phone.clock.advance(60)
        assert phone.settings.passwords["admin"] == "admin"
        assert phone.history[-1].error == "no provisioning server"
