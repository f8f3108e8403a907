"""A mail goes out encrypted or not at all, as plain text from a machine, and a failure tells its kind and nothing else."""

import email
import email.policy
import re
import socket
import ssl
import threading
from datetime import UTC, datetime

import pytest

from imgate.conformance.xta.certificates import Authority
from imgate.transports.mail import Mail, MailFailed, MailServer
from tests.transports.mailing import post_office

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TO = "lea.leitner@jobcenter.example.org"
MAIL = Mail(
    TO, "Ihr Posteingang / Your inbox", "In Ihrem Posteingang bei Müßig & Söhne liegt etwas.\nhttps://imgate.example.org/pages/inbox\n"
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"), "Mail-CA")


@pytest.fixture(scope="module")
def tls(authority):
    pair = authority.server()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate_file, pair.key_file)
    return context


def server(post, *, ca_file=None, **changes):
    said = {"host": "127.0.0.1", "port": post.port, "sender": "imgate@stadt.example.org", "user": None, "password": None} | changes
    return MailServer(**({"starttls": ca_file is not None, "ca_file": ca_file} | said))


def failure(server, mail=MAIL):
    with pytest.raises(MailFailed) as failed:
        server.send(mail, AT)
    assert TO not in repr(failed.value) + str(failed.value)
    assert failed.value.__context__ is failed.value.__cause__ is None
    return failed.value.kind, failed.value.all


def test_the_bytes_that_leave_are_plain_text_from_a_machine():
    with post_office() as post:
        server(post).send(MAIL, AT)
    ((sender, recipients, content),) = post.mails
    assert (sender, recipients) == ("imgate@stadt.example.org", [TO])
    head, _, body = content.partition(b"\r\n\r\n")
    lines = re.sub(rb"<[0-9a-f]{32}@", b"<random@", head).decode("ascii").split("\r\n")
    assert sorted(lines) == sorted(
        [
            "From: imgate@stadt.example.org",
            f"To: {TO}",
            "Subject: Ihr Posteingang / Your inbox",
            "Date: Mon, 02 Mar 2026 09:00:00 +0000",
            "Message-ID: <random@stadt.example.org>",
            "Auto-Submitted: auto-generated",
            'Content-Type: text/plain; charset="utf-8"',
            "Content-Transfer-Encoding: quoted-printable",
            "MIME-Version: 1.0",
        ]
    )
    assert body.isascii()
    assert email.message_from_bytes(content, policy=email.policy.SMTP).get_content().replace("\r\n", "\n") == MAIL.text


def test_neither_the_machines_name_nor_a_second_id_of_the_same_kind_is_told():
    with post_office() as post:
        for _ in range(2):
            server(post).send(MAIL, AT)
    assert set(post.names) == {"stadt.example.org"}
    assert len({re.search(rb"Message-ID: (\S+)", content)[1] for _, _, content in post.mails}) == 2
    assert not any(socket.gethostname().encode() in content for _, _, content in post.mails)


def test_it_goes_encrypted_to_a_server_whose_certificate_holds(authority, tls):
    with post_office(tls) as post:
        server(post, ca_file=authority.ca_file, user="imgate", password="geheim").send(MAIL, AT)
    assert post.encrypted == [True]
    assert post.logins == [b"imgate/geheim"]


def test_nothing_goes_to_a_server_whose_certificate_nobody_vouches_for(tls):
    with post_office(tls) as post:
        assert failure(server(post, starttls=True, user="imgate", password="geheim")) == ("SSLCertVerificationError", True)
    assert (post.mails, post.logins) == ([], [])


def test_authorities_that_cannot_be_read_vouch_for_nobody(tls, tmp_path):
    (tmp_path / "empty.pem").write_text("keine Zertifikate")
    with post_office(tls) as post:
        assert failure(server(post, ca_file=tmp_path / "empty.pem")) == ("SSLError", True)
        assert failure(server(post, ca_file=tmp_path / "missing.pem")) == ("FileNotFoundError", True)
    assert post.mails == []


def test_nothing_goes_to_a_server_with_the_certificate_of_another(authority, tls):
    with post_office(tls) as post:
        found = failure(server(post, ca_file=authority.ca_file, host="127.0.0.2"))
    assert found[0] in {"SSLCertVerificationError", "ConnectionRefusedError"}
    assert post.mails == []


def test_nothing_goes_in_clear_where_the_server_offers_no_encryption(authority):
    with post_office() as post:
        assert failure(server(post, ca_file=authority.ca_file, user="imgate", password="geheim")) == ("SMTPNotSupportedError", True)
    assert (post.mails, post.logins) == ([], [])


def test_a_wrong_password_is_a_failure(authority, tls):
    with post_office(tls) as post:
        assert failure(server(post, ca_file=authority.ca_file, user="imgate", password="falsch")) == ("SMTPAuthenticationError", True)
    assert post.mails == []


def test_a_server_that_is_away_is_a_failure_for_all():
    with post_office() as post:
        pass
    assert failure(server(post)) == ("ConnectionRefusedError", True)


def test_a_server_that_says_nothing_is_not_waited_for(monkeypatch):
    monkeypatch.setattr("imgate.transports.mail._SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        held = []
        thread = threading.Thread(target=lambda: held.append(silent.accept()))
        thread.start()
        found = failure(MailServer("127.0.0.1", silent.getsockname()[1], "imgate@stadt.example.org", None, None, starttls=False))
        thread.join()
        held[0][0].close()
    assert found == ("SMTPServerDisconnected", True)


def test_an_address_that_is_refused_is_a_failure_of_this_mail_alone():
    with post_office() as post:
        post.refuse_recipient = f"550 <{TO}> unknown"
        assert failure(server(post)) == ("SMTPRecipientsRefused", False)


def test_a_mail_that_is_refused_is_a_failure():
    with post_office() as post:
        post.refuse_data = f"554 no mail for {TO}"
        assert failure(server(post)) == ("SMTPDataError", True)


@pytest.mark.parametrize(
    "to",
    [
        "lea@example.org\r\nBcc: alle@example.org",
        "lea@example.org\nX: y",
        "lea@example.org, alle@example.org",
        "lea@example.org> RCPT TO:<alle@example.org",
        "Lea <lea@example.org>",
        "lea",
        "@",
        "",
        "lea@example.org\x00",
    ],
)
def test_an_address_carries_nothing_but_itself(to):
    with post_office() as post:
        failure(server(post), Mail(to, MAIL.subject, MAIL.text))
    assert post.mails == []


@pytest.mark.parametrize("subject", ["Posteingang\r\nBcc: alle@example.org", "Posteingang\nX: y"])
def test_a_subject_carries_no_other_header(subject):
    with post_office() as post:
        failure(server(post), Mail(TO, subject, MAIL.text))
    assert post.mails == []


def test_a_text_cannot_end_the_mail_before_its_end():
    with post_office() as post:
        server(post).send(Mail(TO, MAIL.subject, "a\n.\nRCPT TO:<alle@example.org>\n"), AT)
    ((_, recipients, content),) = post.mails
    assert recipients == [TO]
    assert b"RCPT TO" in content


def test_neither_address_nor_password_shows_in_a_repr():
    assert TO not in repr(MAIL)
    assert "geheim" not in repr(MailServer("127.0.0.1", 1, "a@b.c", "imgate", "geheim", starttls=True))
