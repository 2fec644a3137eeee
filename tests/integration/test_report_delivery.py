"""Reports reach a mail server and a webhook over TLS that is verified; what goes wrong is told without a secret."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.policy.reading import InputError
from ansible_collections.voip.hardening.plugins.module_utils.posture.delivery import (
    Delivery,
    message,
    posted,
    read_delivery,
)
from ansible_collections.voip.hardening.plugins.module_utils.posture.outcome import outcome
from ansible_collections.voip.hardening.plugins.plugin_utils.senders import NotDelivered, by_mail, by_webhook
from tests.support.fleets import hostile, realistic
from tests.support.playbooks import Run, Site
from tests.support.receivers import PASSWORD, USER, Certificates, Mailbox, mail_server, web_server

HOST, OTHER = "127.0.60.1", "127.0.60.2"
TOKEN = "T0ken-of-the-path-8877"
HEADER = "Bearer Header-T0ken-9911"
ADDRESSES = {"from": "voip@example.com", "to": ["noc@example.com", "customer@example.com"]}
PAGE = "<!DOCTYPE html><title>\u2713</title>\n"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def report(tmp_path: Path) -> dict[str, Any]:
    page = tmp_path / "posture.html"
    page.write_text(PAGE, encoding="utf-8")
    return {**outcome(realistic(), ["drift"]), "files": [str(page), str(tmp_path / "sites" / "north-posture.html")]}


def send_mail(report: Mapping[str, Any], **mail: Any) -> None:
    delivery = read_delivery(report, {"host": HOST, **ADDRESSES, **mail}, None)
    assert delivery.mail is not None
    attached = {Path(path).name: Path(path).read_bytes() for path in delivery.pages}
    text = message(delivery, delivery.mail, attached, "<1@example.com>", "Sun, 31 May 2026 01:30:00 +0000")
    by_mail(delivery.mail, text)


def post(report: Mapping[str, Any], port: int, host: str = HOST, **webhook: Any) -> None:
    delivery = read_delivery(report, None, {"url": f"https://{host}:{port}/hooks/{TOKEN}", **webhook})
    assert delivery.webhook is not None
    by_webhook(delivery.webhook, posted(delivery))


@pytest.mark.filterwarnings("ignore:Requiring AUTH while")  # it does not know that all of its connection is encrypted
@pytest.mark.parametrize("wrapped", [False, True], ids=["starttls", "tls"])
@pytest.mark.parametrize("login", [False, True])
def test_a_mail_arrives_with_a_summary_and_the_page(
    certificates: Certificates, report: dict[str, Any], wrapped: bool, login: bool
) -> None:
    box = Mailbox()
    account = {"username": USER, "password": PASSWORD} if login else {}
    security = "tls" if wrapped else "starttls"
    with mail_server(box, HOST, certificates.context(HOST), wrapped=wrapped, login=login) as port:
        send_mail(report, port=port, security=security, ca_path=certificates.ca_path, **account)
    assert box.logins == ([(USER, PASSWORD)] if login else [])
    ((sender, recipients, mail),) = box.mails
    assert (sender, recipients) == ("voip@example.com", ["noc@example.com", "customer@example.com"])
    assert mail["Subject"] == "VoIP security: 8 of 60 devices need attention"
    assert mail["Auto-Submitted"] == "auto-generated"
    body = mail.get_body(("plain",))
    assert body is not None
    assert "hull / hull-fw1: drifted" in body.get_content()
    (attachment,) = mail.iter_attachments()
    assert (attachment.get_filename(), attachment.get_content_type()) == ("posture.html", "text/html")
    assert attachment.get_payload(decode=True) == PAGE.encode()


def test_a_mail_about_devices_that_mean_harm_is_one_mail_with_our_headers(report: dict[str, Any]) -> None:
    delivery = read_delivery({**report, **outcome(hostile(), [])}, {"host": HOST, **ADDRESSES}, None)
    assert delivery.mail is not None
    mail = message(delivery, delivery.mail, {}, "<1@example.com>", "Sun, 31 May 2026 01:30:00 +0000")
    head = bytes(mail).split(b"\r\n\r\n", maxsplit=1)[0].split(b"\r\n")
    names = {line.split(b":", maxsplit=1)[0] for line in head}
    assert names == {
        b"From", b"To", b"Subject", b"Date", b"Message-ID", b"Auto-Submitted", b"Content-Type",
        b"Content-Transfer-Encoding", b"MIME-Version",
    }  # fmt: skip


WRONG = {"username": USER, "password": "wr0ng-Secret-1"}
MAIL_FAILURES: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any], str]] = {
    "authority": ({}, {}, {"ca_path": "other"}, "certificate verify failed"),
    "the system's authorities": ({}, {}, {"ca_path": None}, "certificate verify failed"),
    "name": ({"names": OTHER}, {}, {}, "certificate verify failed: IP address mismatch"),
    "no TLS": ({"names": ""}, {}, {}, "STARTTLS extension not supported"),
    "account": ({"login": True}, {}, WRONG, "it answered 535 no such account ***"),
    "needs account": ({"login": True}, {}, {}, "it answered 530"),
    "one recipient": ({}, {"refused": frozenset(["noc@example.com"])}, {}, "it refused noc@example.com"),
    "all recipients": (
        {},
        {"refused": frozenset(ADDRESSES["to"])},
        {},
        "it refused customer@example.com, noc@example.com",
    ),
    "content": ({}, {"answer": "554 too much"}, {}, "it answered 554 too much"),
}


@pytest.mark.parametrize(("server", "box", "mail", "told"), MAIL_FAILURES.values(), ids=MAIL_FAILURES)
def test_a_mail_server_that_does_not_take_it_is_named(
    certificates: Certificates,
    report: dict[str, Any],
    server: dict[str, Any],
    box: dict[str, Any],
    mail: dict[str, Any],
    told: str,
) -> None:
    names = server.pop("names", HOST) if "names" in (server := dict(server)) else HOST
    context = certificates.context(names) if names else None
    mail = {"ca_path": certificates.ca_path, **mail}
    if mail["ca_path"] == "other":
        mail["ca_path"] = certificates.other_ca_path
    taken = Mailbox(**box)
    with mail_server(taken, HOST, context, **server) as port, pytest.raises(NotDelivered) as caught:
        send_mail(report, port=port, **mail)
    assert str(caught.value).startswith(f"mail server {HOST}:{port} did not take the report: ")
    assert told in str(caught.value)
    assert "Secret" not in str(caught.value)
    if "certificate" in told or "STARTTLS" in told:
        assert (taken.mails, taken.logins) == ([], [])


def test_a_mail_server_that_is_not_there_is_named(report: dict[str, Any]) -> None:
    with pytest.raises(NotDelivered, match=rf"mail server {HOST}:1 did not take the report: .*Connection refused"):
        send_mail(report, port=1)


def test_a_webhook_gets_the_summary(certificates: Certificates, report: dict[str, Any]) -> None:
    with web_server(HOST, certificates.context(HOST)) as (port, posts):
        post(report, port, ca_path=certificates.ca_path, headers={"Authorization": HEADER})
    ((path, headers, body),) = posts
    assert path == f"/hooks/{TOKEN}"
    assert headers["Authorization"] == HEADER
    assert headers["Content-Type"] == "application/json"
    assert body["headline"] == "8 of 60 devices need attention"
    assert body["summary"]["devices"] == 60
    assert body["classes"]["unreachable"] == ["jarrow-fw1"]
    assert set(body) == {"headline", "text", "summary", "classes", "drifted", "failing", "expired_waivers"}


@pytest.mark.parametrize(
    ("status", "names", "authority", "told"),
    [
        (403, HOST, "ca_path", "it answered 403"),
        (500, HOST, "ca_path", "it answered 500"),
        (307, HOST, "ca_path", "it answered 307"),
        (200, HOST, "other_ca_path", "certificate"),
        (200, OTHER, "ca_path", "certificate"),
    ],
)
def test_a_webhook_that_does_not_take_it_is_named_and_nothing_of_its_address_or_headers(
    certificates: Certificates, report: dict[str, Any], status: int, names: str, authority: str, told: str
) -> None:
    with web_server(HOST, certificates.context(names), status) as (port, posts), pytest.raises(NotDelivered) as caught:
        post(report, port, ca_path=getattr(certificates, authority), headers={"Authorization": HEADER})
    assert str(caught.value).startswith(f"webhook {HOST}:{port} did not take the report: ")
    assert told in str(caught.value)
    assert TOKEN not in str(caught.value)
    assert "T0ken" not in str(caught.value)
    assert len(posts) == (0 if told == "certificate" else 1)


GOOD_MAIL: dict[str, Any] = {"host": "smtp.example.com", **ADDRESSES}
GOOD_HOOK: dict[str, Any] = {"url": f"https://hooks.example.com/{TOKEN}"}


@pytest.mark.parametrize(
    ("mail", "webhook", "told"),
    [
        ({}, None, "voip_report_mail.host: missing"),
        ({**GOOD_MAIL, "security": "none"}, None, 'voip_report_mail.security: "none" is not allowed; one of'),
        ({**GOOD_MAIL, "port": 0}, None, "voip_report_mail.port: 0 is not allowed"),
        ({**GOOD_MAIL, "to": []}, None, "voip_report_mail.to: an empty list is not allowed"),
        ({**GOOD_MAIL, "to": ["a@example.com", "b"]}, None, 'voip_report_mail.to[1]: "b" is not allowed'),
        ({**GOOD_MAIL, "to": "a@example.com, b@example.com"}, None, "voip_report_mail.to: "),
        ({**GOOD_MAIL, "from": "a@example.com\r\nBcc: b@example.com"}, None, "voip_report_mail.from: "),
        ({**GOOD_MAIL, "from": None}, None, "voip_report_mail.from: missing"),
        ({**GOOD_MAIL, "username": "me"}, None, "voip_report_mail.password: missing"),
        ({**GOOD_MAIL, "password": TOKEN}, None, "voip_report_mail.username: missing"),
        ({**GOOD_MAIL, "username": "me", "password": 5}, None, "voip_report_mail.password: what is there is not"),
        ({**GOOD_MAIL, "tls": True}, None, "voip_report_mail.tls: unknown key"),
        (None, {}, "voip_report_webhook.url: missing"),
        (None, {"url": f"http://hooks.example.com/{TOKEN}"}, "voip_report_webhook.url: what is there is not allowed"),
        (None, {"url": f"https://me:{TOKEN}@example.com"}, "voip_report_webhook.url: what is there is not allowed"),
        (None, {"url": f"https://[::1/{TOKEN}"}, "voip_report_webhook.url: what is there is not allowed"),
        (None, {"url": f"https://x/{TOKEN}\r\nx"}, "voip_report_webhook.url: what is there is not allowed"),
        (None, {**GOOD_HOOK, "headers": {"A": f"{TOKEN}\r\nB: c"}}, "voip_report_webhook.headers: what is there"),
        (None, {**GOOD_HOOK, "headers": [TOKEN]}, "voip_report_webhook.headers: what is there is not allowed"),
    ],
)
def test_bad_input_is_refused_by_name_and_without_secrets(
    report: dict[str, Any], mail: Any, webhook: Any, told: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_delivery(report, mail, webhook)
    assert any(str(error).startswith(told) for error in caught.value.errors), caught.value
    assert TOKEN not in str(caught.value)


def test_what_is_no_report_is_refused() -> None:
    for bad in (None, "x", {}, {"files": []}):
        with pytest.raises(InputError, match=r"report: .* what voip\.hardening\.posture_report returned, registered"):
            read_delivery(bad, None, None)


def test_defaults_follow_the_kind_of_security(report: dict[str, Any]) -> None:
    def mail(**changes: Any) -> Delivery:
        return read_delivery(report, {**GOOD_MAIL, **changes}, None)

    assert [(one.mail.port, one.mail.security) for one in (mail(), mail(security="tls")) if one.mail] == [
        (587, "starttls"),
        (465, "tls"),
    ]


def play(site: Site, *options: str, **variables: Any) -> Run:
    """A run that looks at one device, which is not there, writes the report and delivers it."""
    tasks: list[dict[str, Any]] = [
        {"name": "Report", "voip.hardening.posture_report": {"hosts": ["north-fw1"]}, "register": "voip_report"},
        {"name": "Deliver", "voip.hardening.report_delivery": {"report": "{{ voip_report }}"}, "register": "delivery"},
    ]
    book = site.folder / "deliver.yml"
    tasks = [{**task, "check_mode": False} for task in tasks]
    book.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]), encoding="utf-8")
    settings = ("-e", json.dumps(variables), *options)
    return site.play(*settings, playbook=str(book), folder=site.folder, environment={"no_proxy": "*", "NO_PROXY": "*"})


def test_one_that_does_not_take_it_keeps_no_other_from_it_and_no_report_from_disk(
    tmp_path: Path, certificates: Certificates
) -> None:
    site = Site(tmp_path, {"north-fw1": {}})
    box = Mailbox()
    with (
        mail_server(box, HOST, certificates.context(HOST), login=True) as mail_port,
        web_server(HOST, certificates.context(HOST), 403) as (web_port, posts),
    ):
        done = play(
            site,
            "-vvv",
            "--check",
            voip_report_mail={
                "host": HOST, "port": mail_port, "username": USER, "password": PASSWORD,
                "ca_path": certificates.ca_path, **ADDRESSES,
            },
            voip_report_webhook={
                "url": f"https://{HOST}:{web_port}/{TOKEN}", "headers": {"Authorization": HEADER},
                "ca_path": certificates.ca_path,
            },
        )  # fmt: skip
    assert done.status == 2
    entry = next(one for one in done.results if one["task"] == "Deliver")
    assert entry["kind"] == "failed"
    assert entry["result"]["msg"] == f"webhook {HOST}:{web_port} did not take the report: it answered 403"
    assert entry["result"]["delivered"] == [f"mail server {HOST}:{mail_port}"]
    assert len(posts) == 1
    ((_sender, _receivers, mail),) = box.mails
    assert [one.get_filename() for one in mail.iter_attachments()] == ["posture.html"]
    assert (tmp_path / "reports" / "posture.html").exists()
    for secret in (PASSWORD, TOKEN, HEADER):
        assert secret not in done.output
        assert secret not in json.dumps(done.results)


def test_without_anybody_to_deliver_to_nothing_is_sent(tmp_path: Path) -> None:
    done = play(Site(tmp_path, {"north-fw1": {}}))
    assert done.status == 0, done.output
    entry = next(one for one in done.results if one["task"] == "Deliver")
    assert (entry["result"]["delivered"], entry["result"]["changed"]) == ([], False)


def test_a_night_says_what_it_found_also_where_its_report_was_not_taken(
    tmp_path: Path, certificates: Certificates
) -> None:
    site = Site(tmp_path, {"north-fw1": {"ansible_network_os": "fortios"}})  # it has no policy, so that it is an error
    with web_server(HOST, certificates.context(HOST), 403) as (port, posts):
        hook = {"url": f"https://{HOST}:{port}/{TOKEN}", "ca_path": certificates.ca_path}
        variables = {"voip_report_webhook": hook, "voip_fail_on": [], "voip_report_dir": str(tmp_path / "reports")}
        done = site.play("-e", json.dumps(variables), playbook="drift.yml", environment={"no_proxy": "*"})
    assert done.status == 2
    last = done.results[-1]
    assert last["kind"] == "failed"
    assert "1 device: 0 compliant, 0 drift, 0 unreachable, 1 error, 0 unsupported" in last["result"]["msg"]
    assert f"webhook {HOST}:{port} did not take the report: it answered 403" in last["result"]["msg"]
    assert posts[0][2]["classes"]["error"] == ["north-fw1"]
    assert (tmp_path / "reports" / "posture.html").exists()
    assert TOKEN not in done.output
