"""Layering under the files of others, what is refused, generations, overrides, and taking everything back."""

from __future__ import annotations

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.errors import DeviceError, NotPossible, Unsupported
from ansible_collections.voip.hardening.plugins.module_utils.phones.layers import Folder
from ansible_collections.voip.hardening.plugins.module_utils.phones.publishing import (
    Order,
    Plan,
    plan_fragment,
    plan_publication,
    plan_removal,
)
from ansible_collections.voip.hardening.plugins.module_utils.secret import Secret
from tests.unit.phones.samples import AUTHORITY, PASSWORDS, POLY_MAC, VLAN, YEALINK_MAC, credentials, order, phone, site
from tests.unit.phones.test_properties import written

Y, P = YEALINK_MAC, POLY_MAC
COMMON = "y000000000096.cfg"
HEAD = b"#!version:1.0.0.1\n"
TEMPLATE = HEAD + b"features.direct_ip_call_enable = 1\nlang.gui = German\n"
ACCOUNTS = HEAD + (
    b"account.1.enable = 1\naccount.1.sip_server.1.address = sip.example.com\naccount.1.sip_server.1.port = 5060\n"
    b"account.2.enable = 1\naccount.2.sip_server.1.transport_type = 0\naccount.3.enable = 0\n"
)
MASTER = b'<APPLICATION APP_FILE_PATH="sip.ld" CONFIG_FILES="[PHONE_MAC_ADDRESS]-user.cfg, common.cfg"/>'


def published(one: Order, folder: Folder) -> dict[str, bytes]:
    return written(folder, plan_publication(one, folder).writes)


def text(folder: Folder, name: str) -> str:
    return folder[name].decode()


# Yealink


def test_without_any_file_a_boot_file_lists_ours() -> None:
    after = published(order(), {})
    assert set(after) == {f"{Y}.boot", f"{Y}-hardening.cfg"}
    assert text(after, f"{Y}.boot").splitlines()[0] == "#!version:1.0.0.1"
    assert text(after, f"{Y}.boot").splitlines()[-1] == f'include:config "{Y}-hardening.cfg"'
    assert text(after, f"{Y}-hardening.cfg").splitlines()[:2] == ["#!version:1.0.0.1", "#voip.hardening generation 1"]


def test_a_made_boot_file_lists_what_the_phone_loads_without_one() -> None:
    after = published(order(), {COMMON: TEMPLATE, f"{Y}.cfg": ACCOUNTS})
    assert text(after, f"{Y}.boot").splitlines()[2:] == [
        f'include:config "{COMMON}"',
        f'include:config "{Y}.cfg"',
        f'include:config "{Y}-hardening.cfg"',
    ]


def test_a_boot_file_of_others_gets_ours_as_the_last_include_and_keeps_every_byte() -> None:
    boot = HEAD + b'## theirs\ninclude:config "$MAC.cfg"\n\noverwrite_mode = 0'
    after = published(order(), {f"{Y}.boot": boot, f"{Y}.cfg": ACCOUNTS})
    assert after[f"{Y}.boot"] == boot + f'\ninclude:config "{Y}-hardening.cfg"'.encode()
    assert after[f"{Y}.cfg"] == ACCOUNTS


def test_ours_goes_to_the_end_again_when_somebody_adds_an_include() -> None:
    folder = published(order(), {f"{Y}.boot": HEAD + b'include:config "a.cfg"\n', "a.cfg": TEMPLATE, "b.cfg": TEMPLATE})
    folder[f"{Y}.boot"] += b'include:config "b.cfg"\n'
    after = published(order(), folder)
    assert text(after, f"{Y}.boot").splitlines()[1:] == [
        'include:config "a.cfg"',
        'include:config "b.cfg"',
        f'include:config "{Y}-hardening.cfg"',
    ]


def test_the_boot_file_of_all_phones_is_followed() -> None:
    common = HEAD + b'include:config "a.cfg"\n'
    folder = published(order(), {"y000000000000.boot": common, "a.cfg": TEMPLATE})
    assert 'include:config "a.cfg"' in text(folder, f"{Y}.boot")
    folder["y000000000000.boot"] = HEAD + b'include:config "b.cfg"\n'
    folder["b.cfg"] = TEMPLATE
    after = published(order(), folder)
    assert 'include:config "a.cfg"' not in text(after, f"{Y}.boot")
    assert 'include:config "b.cfg"' in text(after, f"{Y}.boot")


def test_lines_and_servers_of_a_template_are_hardened_and_the_rest_of_it_stays_in_force() -> None:
    plan = plan_publication(order(), {COMMON: TEMPLATE, f"{Y}.cfg": ACCOUNTS})
    assert [line.number for line in plan.phone.lines] == [1, 2]
    files = order().vendor.files
    after = written({COMMON: TEMPLATE, f"{Y}.cfg": ACCOUNTS}, plan.writes)
    effective = files.overlaid(files.parse("ours", after[plan.name]), files.others(plan.phone, after).settings)
    assert effective["account.2.sip_server.1.transport_type"] == "2"
    assert effective["account.1.sip_server.1.port"] == "5061"
    assert effective["features.direct_ip_call_enable"] == "0"
    assert effective["lang.gui"] == "German"
    assert effective["account.1.sip_server.1.address"] == "sip.example.com"


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({f"{Y}.boot": b'include:config "gone.cfg"\noverwrite_mode = 1\n'}, "gone.cfg"),
        ({f"{Y}.boot": b'overwrite_mode = 1\ninclude:config "a.cfg"\n', "a.cfg": b"", f"{Y}.cfg": b""}, f"{Y}.cfg"),
        ({f"{Y}.boot": b'overwrite_mode=1\r\ninclude:config "a.cfg"\r\n', "a.cfg": b"", COMMON: b""}, COMMON),
        ({"y000000000000.boot": b"overwrite_mode = 1\n", f"{Y}.cfg": b""}, f"{Y}.cfg"),
    ],
)
def test_a_partial_set_with_overwrite_mode_is_refused(files: dict[str, bytes], named: str) -> None:
    folder = {name: HEAD + content for name, content in files.items()}
    with pytest.raises(NotPossible, match=f'overwrite_mode = 1 .*"{named}"'):
        plan_publication(order(), folder)


def test_a_whole_set_with_overwrite_mode_is_taken() -> None:
    boot = HEAD + f'include:config "{COMMON}"\ninclude:config "$MAC.cfg"\noverwrite_mode = 1\n'.encode()
    folder = {f"{Y}.boot": boot, COMMON: TEMPLATE, f"{Y}.cfg": ACCOUNTS}
    assert published(order(), folder)[f"{Y}.boot"] == boot + f'include:config "{Y}-hardening.cfg"\n'.encode()


def test_a_model_whose_common_file_is_not_known_needs_a_boot_file() -> None:
    one = phone(model="CP960")
    with pytest.raises(NotPossible, match="model CP960"):
        plan_publication(order(one=one), {})
    after = published(order(one=one), {f"{Y}.boot": HEAD + b'include:config "a.cfg"\n'})
    assert f"{Y}-hardening.cfg" in after


def test_firmware_without_boot_files_takes_a_file_of_its_own_unless_somebody_has_one() -> None:
    old = phone(model="T46S", firmware="66.80.0.15")
    assert set(published(order(one=old), {})) == {f"{Y}.cfg"}
    with pytest.raises(NotPossible, match=f"{Y}.cfg: somebody else's"):
        plan_publication(order(one=old), {f"{Y}.cfg": ACCOUNTS})


def test_what_old_firmware_called_for_goes_with_new_firmware() -> None:
    folder = published(order(one=phone(model="T46S", firmware="66.80.0.15")), {})
    after = published(order(one=phone(model="T46S")), folder)
    assert set(after) == {f"{Y}.boot", f"{Y}-hardening.cfg"}
    assert "wui.http_enable = 0\n" in text(after, f"{Y}-hardening.cfg")


def test_files_that_cannot_be_read_are_told_without_their_address() -> None:
    boot = HEAD + b'include:config "https://user:hunter22@cfg.example.com/x?token=hunter33"\ninclude:config "e.cfg"\n'
    plan = plan_publication(order(), {f"{Y}.boot": boot, "e.cfg": b"\x00\xff encrypted"})
    assert len(plan.remarks) == 2
    assert "a file of cfg.example.com" in plan.remarks[0]
    assert "e.cfg" in plan.remarks[1]
    assert "hunter" not in "".join(plan.remarks)


# Poly


def test_a_master_file_of_others_gets_ours_first_and_keeps_every_byte() -> None:
    after = published(order("poly"), {f"{P}.cfg": MASTER})
    assert after[f"{P}.cfg"] == MASTER.replace(b'FILES="', f'FILES="{P}-hardening.cfg, '.encode())


def test_the_master_file_of_all_phones_is_copied_and_followed() -> None:
    folder = published(order("poly"), {"000000000000.cfg": MASTER})
    assert folder["000000000000.cfg"] == MASTER
    assert f'CONFIG_FILES="{P}-hardening.cfg, [PHONE_MAC_ADDRESS]-user.cfg, common.cfg"' in text(folder, f"{P}.cfg")
    folder["000000000000.cfg"] = MASTER.replace(b"common", b"other")
    assert "other.cfg" in text(published(order("poly"), folder), f"{P}.cfg")


def test_a_file_that_holds_parameters_itself_is_kept_aside_and_loaded_after_ours() -> None:
    theirs = (
        b'<PHONE_CONFIG><ALL reg.1.address="100" reg.2.address="101" feature.urlDialing.enabled="1"/></PHONE_CONFIG>'
    )
    plan = plan_publication(order("poly"), {f"{P}.cfg": theirs})
    assert [write.name for write in plan.writes] == [f"{P}-hardening.cfg", f"{P}-site.cfg", f"{P}.cfg"]
    after = written({f"{P}.cfg": theirs}, plan.writes)
    assert after[f"{P}-site.cfg"] == theirs
    assert f'CONFIG_FILES="{P}-hardening.cfg, {P}-site.cfg"' in text(after, f"{P}.cfg")
    assert 'reg.2.server.2.transport="TLS"' in text(after, f"{P}-hardening.cfg")
    # Its author writes it again: the new one counts.
    after[f"{P}.cfg"] = theirs.replace(b"101", b"102")
    again = published(order("poly"), after)
    assert again[f"{P}-site.cfg"] == theirs.replace(b"101", b"102")
    assert written(again, plan_removal(order("poly").vendor, phone("poly"), again).writes) == {
        f"{P}.cfg": theirs.replace(b"101", b"102")
    }


def test_every_device_parameter_has_its_set_beside_it() -> None:
    content = published(order("poly"), {})[f"{P}-hardening.cfg"]
    settings = order("poly").vendor.files.parse("ours", content)
    device = [
        name for name in settings if name.startswith("device.") and not name.endswith(".set") and name != "device.set"
    ]
    assert len(device) > 10
    assert settings["device.set"] == "1"
    assert {settings[f"{name}.set"] for name in device} == {"1"}


def test_a_device_parameter_without_its_set_does_not_count() -> None:
    files = order("poly").vendor.files
    theirs = b'<c device.set="1" device.net.vlanId="7" device.net.vlanId.set="1" device.sntp.serverName="x" a.b="1"/>'
    folder = {f"{P}.cfg": MASTER, "common.cfg": theirs}
    assert files.others(phone("poly"), folder).settings == {"device.net.vlanId": "7", "a.b": "1"}


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"<ParameterList><O><N>x</N><P><N>y</N><V>z</V></P></O></ParameterList>", Unsupported),
        (b"<APPLICATION", DeviceError),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a/>', DeviceError),
        (b"", DeviceError),
    ],
)
def test_what_is_no_file_of_such_a_phone_is_left_alone(content: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        plan_publication(order("poly"), {f"{P}.cfg": content})


def test_an_override_that_says_otherwise_is_a_finding_and_one_that_agrees_is_none() -> None:
    theirs = b'<PHONE_CONFIG><OVERRIDES feature.urlDialing.enabled="1" httpd.ta.enabled="0"/></PHONE_CONFIG>'
    plan = plan_publication(order("poly"), {f"{P}-web.cfg": theirs, f"{P}-phone.cfg": b"<c sec.srtp.require='0'/>"})
    assert [(one.subject, one.severity) for one in plan.findings] == [
        (f"{P} sip.direct_ip", "high"),
        (f"{P} srtp", "high"),
    ]
    assert f"{P}-web.cfg" in plan.findings[0].evidence


# Both


@pytest.mark.parametrize("vendor", ["yealink", "poly"])
def test_a_registrar_that_is_known_by_its_address_is_refused_with_tls(vendor: str) -> None:
    theirs = {
        "yealink": {f"{Y}.cfg": HEAD + b"account.2.sip_server.1.address = 192.0.2.5\n"},
        "poly": {f"{P}.cfg": b'<c reg.2.server.1.address="192.0.2.5"/>'},
    }[vendor]
    with pytest.raises(NotPossible, match=r"2.*192\.0\.2\.5.* is an address"):
        plan_publication(order(vendor), theirs)
    plan_publication(order(vendor, site(transport="udp")), theirs)


def test_a_provisioning_server_that_is_known_by_its_address_is_refused() -> None:
    vlan = {"id": 40, "subnet": "10.40.0.0/24", "provisioning_url": "https://10.40.0.9:8443/phones/"}
    with pytest.raises(NotPossible, match="provisioning_url"):
        plan_publication(order(policy=site(voice_vlan=vlan)), {})


@pytest.mark.parametrize("vendor", ["yealink", "poly"])
def test_a_changed_password_moves_the_generation_and_shows_as_changed(vendor: str) -> None:
    folder = published(order(vendor), {})
    new = credentials(vendor)
    new = type(new)(passwords={**new.passwords, "admin": Secret("AnotherOneNotShown1")})
    one = order(vendor)
    plan = plan_publication(Order(vendor=one.vendor, phone=one.phone, policy=one.policy, credentials=new), folder)
    assert [write.name for write in plan.writes] == [plan.name]
    assert b"generation 2" in (plan.writes[0].content or b"")
    assert plan.before.count("*** (another one)") == 1
    assert "NotShown" not in plan.before + plan.after


@pytest.mark.parametrize("vendor", ["yealink", "poly"])
def test_a_file_that_somebody_changed_is_written_again(vendor: str) -> None:
    one = order(vendor)
    folder = published(one, {})
    name = one.vendor.files.hardening_file(one.phone)
    folder[name] = folder[name].replace(b"5061", b"5060")
    after = published(one, folder)
    assert b"5060" not in after[name]
    assert b"generation 2" in after[name]


@pytest.mark.parametrize("vendor", ["yealink", "poly"])
def test_a_fragment_holds_no_password_and_does_not_redirect_the_phone(vendor: str) -> None:
    one = order(vendor, site({"provisioning_owner": "provider"}))
    plan = plan_fragment(one, {})
    content = (plan.writes[0].content or b"").decode()
    assert len(plan.writes) == 1
    assert "assword" not in content
    assert "provisioning.example.com" not in content
    assert not [secret for secret in PASSWORDS.values() if secret in content]


def test_without_a_clock_there_is_a_finding() -> None:
    def subjects(plan: Plan) -> list[str]:
        return [one.evidence for one in plan.findings]

    blind = site(provider={"ntp": []})
    assert "no NTP server is known" in subjects(plan_publication(order(policy=blind), {}))[0]
    assert subjects(plan_publication(order(), {})) == []


# The site's own authority


def test_an_authority_that_a_phone_cannot_be_told_of_is_said() -> None:
    nowhere = site({"authority": AUTHORITY}, voice_vlan={k: v for k, v in VLAN.items() if k != "provisioning_url"})
    (finding,) = plan_publication(order(policy=nowhere), {}).findings
    assert (finding.control, finding.severity) == ("ENC-1", "high")
    assert "from where is not known" in finding.evidence
    assert plan_publication(order("poly", nowhere), {}).findings == []
    handed_over = site({"authority": AUTHORITY, "provisioning_owner": "provider"})
    said = plan_fragment(order(policy=handed_over), {}).remarks
    assert [line for line in said if "has to be told to the phone" in line] == said[1:]
    assert len(said) == 2
    fragment = plan_fragment(order("poly", handed_over), {})
    assert len(fragment.remarks) == 1
    assert b"-----BEGIN CERTIFICATE-----" in (fragment.writes[0].content or b"")


def test_whether_an_authority_counts_is_said_where_it_is_not_set() -> None:
    told = [plan_publication(order(policy=site({"authority": AUTHORITY, "unconfirmed": asked})), {}).remarks
            for asked in ([], ["yealink.tls.authorities"])]
    assert ["yealink.tls.authorities" in line for line in told[0]] == [True]
    assert told[1] == []


def test_an_authority_that_the_site_gives_up_goes_with_its_file() -> None:
    folder = published(order(policy=site({"authority": AUTHORITY})), {})
    (name,) = (name for name in folder if "-authority-" in name)
    assert folder[name] == AUTHORITY.encode()
    assert text(folder, f"{Y}-hardening.cfg").count(f"https://provisioning.example.com/north/{name}") == 1
    assert not [name for name in published(order(), folder) if "-authority-" in name]
    assert written(folder, plan_removal(order().vendor, phone(), folder).writes) == {}
    # Those of other phones are none of this one's business.
    other = {"805ec0999999-authority-0a1b2c3d.pem": b"x"}
    assert written(other, plan_removal(order().vendor, phone(), other).writes) == other
