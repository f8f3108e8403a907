"""A time-stamp is kept only if it is the answer to what we asked, by somebody we trust; whatever else comes is none.

The authority is openssl's, behind a server on loopback.
"""

import asyncio
import os
import time
from datetime import UTC, datetime, timedelta

import pytest

from imgate.transports.time_stamp_answers import TimeStampInvalid, TimeStampTrust, verify_time_stamp
from imgate.transports.time_stamps import NoTimeStamp, TimeStampAuthority
from tests.transports.time_stamping import made, serving

rfc3161_client = pytest.importorskip("rfc3161_client", reason="the extra tsa is not installed")
TEXT = b"imgate/im-winnenden\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return made(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def authority(keys):
    keys.asked, keys.status, keys.headers, keys.answer = [], 200, {}, None
    with serving(keys):
        yield keys


def stamp(authority, text=TEXT, *, trust=None, seconds=10.0, at=None):
    trust = trust or TimeStampTrust.read(authority.roots)
    return asyncio.run(TimeStampAuthority(authority.url, trust, seconds).stamp(text, at or datetime.now(UTC)))


def test_the_answer_proves_when_the_text_was_there(authority):
    answer = stamp(authority)
    proved = verify_time_stamp(answer, TEXT, TimeStampTrust.read(authority.roots))
    assert abs(datetime.now(UTC) - proved) < timedelta(minutes=1)


def test_the_authority_learns_a_hash_and_nothing_else(authority):
    stamp(authority)
    (query,) = authority.asked
    assert b"imgate" not in query
    assert TEXT not in query
    assert len(query) < 120


def test_each_question_has_a_nonce_of_its_own(authority):
    stamp(authority)
    stamp(authority)
    assert len(set(authority.asked)) == 2


def test_an_answer_from_before_is_not_taken_again(authority):
    before = stamp(authority)
    authority.answer = lambda _: before
    with pytest.raises(NoTimeStamp, match="Nonce mismatch"):
        stamp(authority)


def test_an_answer_about_another_text_is_none(authority):
    answer = stamp(authority)
    with pytest.raises(TimeStampInvalid, match="Mismatch between messages"):
        verify_time_stamp(answer, TEXT + b"\n", TimeStampTrust.read(authority.roots))


def test_an_authority_that_nobody_trusts_is_not_believed(authority, tmp_path):
    other = made(tmp_path)
    with pytest.raises(NoTimeStamp, match="does not verify"):
        stamp(authority, trust=TimeStampTrust.read(other.roots))


@pytest.mark.parametrize(
    ("off", "why"),
    [
        (timedelta(days=21), "has expired"),
        (timedelta(days=-1), "does not hold yet"),
        (timedelta(hours=2), "one of the two clocks is wrong"),
    ],
)
def test_an_answer_whose_time_is_not_ours_is_not_taken(authority, off, why):
    with pytest.raises(NoTimeStamp, match=why):
        stamp(authority, at=datetime.now(UTC) + off)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"\x30\x00", b"\x30\x05\x30\x03\x02\x01\x02"], ids=["nothing", "a page", "empty", "rejected"]
)
def test_what_is_no_answer_is_none(authority, body):
    authority.answer = lambda _: body
    with pytest.raises(NoTimeStamp, match="the answer is not taken"):
        stamp(authority)


def test_an_answer_that_never_ends_is_not_read(authority):
    authority.answer = lambda _: b"\x30" * (1 << 20)
    with pytest.raises(NoTimeStamp, match="no answer of a time-stamping authority"):
        stamp(authority)


@pytest.mark.parametrize("status", [201, 301, 302, 307, 400, 500])
def test_another_status_is_no_answer_and_a_redirect_is_not_followed(authority, status):
    authority.status = status
    authority.headers = {"location": authority.url}
    with pytest.raises(NoTimeStamp, match=f"status {status}"):
        stamp(authority)
    assert len(authority.asked) == 1


def test_an_authority_that_does_not_answer_is_not_waited_for(authority):
    def late(_):
        time.sleep(0.4)
        return b""

    authority.answer = late
    begun_at = time.monotonic()
    with pytest.raises(NoTimeStamp, match="timeout"):
        stamp(authority, seconds=0.1)
    assert time.monotonic() - begun_at < 0.4


def test_an_authority_that_is_not_there_is_no_error_of_ours(authority):
    authority.url = "http://127.0.0.1:1/tsr"
    with pytest.raises(NoTimeStamp, match="not_connected"):
        stamp(authority)


def test_no_proxy_is_asked(authority, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setitem(os.environ, name, "http://127.0.0.1:1")
    stamp(authority)


def test_a_changed_byte_is_found(authority):
    answer = stamp(authority)
    trust = TimeStampTrust.read(authority.roots)
    said = rfc3161_client.decode_timestamp_response(answer).tst_info.message_imprint.message
    begins = answer.index(said)
    for place in range(begins, begins + len(said)):
        changed = bytearray(answer)
        changed[place] ^= 1
        with pytest.raises(TimeStampInvalid):
            verify_time_stamp(bytes(changed), TEXT, trust)


@pytest.mark.parametrize(("content", "why"), [(None, "cannot be read"), (b"", "no certificates"), (b"-----BEGIN", "no certificates")])
def test_roots_that_are_none_are_told(tmp_path, content, why):
    file = tmp_path / "roots.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ValueError, match=why):
        TimeStampTrust.read(file)


def test_an_authority_whose_certificate_we_have_is_not_asked_for_it(authority, tmp_path):
    file = tmp_path / "roots.pem"
    file.write_bytes(authority.roots.read_bytes() + (authority.folder / "signer.pem").read_bytes())
    trust = TimeStampTrust.read(file)
    answer = stamp(authority, trust=trust)
    assert not rfc3161_client.decode_timestamp_response(answer).signed_data.certificates
    verify_time_stamp(answer, TEXT, trust)
    with pytest.raises(TimeStampInvalid, match="is missing"):
        verify_time_stamp(answer, TEXT, TimeStampTrust.read(authority.roots))


def test_a_certificate_that_is_no_root_is_no_root(keys):
    with pytest.raises(ValueError, match="no root certificate"):
        TimeStampTrust.read(keys.folder / "signer.pem")
