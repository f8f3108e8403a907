"""Simulated partners are as strict as real ones should be."""

import time

import httpx2
import pytest

from imgate.conformance.simulated import SimulatedPartner, page
from imgate.transports.webhook import secret_key, signed_headers

ID = "0b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de"


@pytest.fixture
def partner():
    with SimulatedPartner("jobcenter", "Jobcenter <Team>") as running:
        yield running


def post(partner, body=b"<a/>", message_id=ID, at=None, secret=None, **headers):
    signed = signed_headers([secret_key(secret or partner.secret)], message_id, int(at or time.time()), body)
    return httpx2.post(
        f"{partner.url}/messages", content=body, headers={**signed, "content-type": "application/xml", **headers}, trust_env=False
    ).status_code


def test_a_signed_webhook_is_held(partner):
    assert post(partner) == 204
    assert [(held.id, held.media_type, held.content) for held in partner.held] == [(ID, "application/xml", b"<a/>")]


def test_the_same_id_again_is_the_same_message(partner):
    assert [post(partner), post(partner)] == [204, 204]
    assert len(partner.held) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "whsec_" + "A" * 32},
        {"at": 1_600_000_000},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-timestamp": "now"},
        {"webhook-id": "another"},
    ],
)
def test_a_webhook_that_is_not_genuine_is_refused(partner, wrong):
    assert post(partner, **wrong) == 401
    assert partner.held == ()
    assert len(partner.refused_webhooks) == 1


def test_it_can_be_told_to_refuse_so_many_times(partner):
    with partner.answering(status=503, times=2):
        assert [post(partner) for _ in range(3)] == [503, 503, 204]
    assert len(partner.held) == 1


def test_it_can_be_told_to_be_slow(partner):
    begun = time.monotonic()
    with partner.answering(delay=0.3):
        post(partner)
    assert time.monotonic() - begun >= 0.3


def test_it_can_name_the_time_at_which_it_wants_to_be_asked_again(partner):
    signed = signed_headers([secret_key(partner.secret)], ID, int(time.time()), b"<a/>")
    with partner.answering(status=503, retry_after=7):
        refused = httpx2.post(f"{partner.url}/messages", content=b"<a/>", headers=signed, trust_env=False)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "7")
    assert partner.held == ()


def test_it_takes_a_finished_file_and_lays_an_acknowledgement_beside_it(partner, tmp_path):
    finished = tmp_path / f"{ID}.csv"
    (tmp_path / f".{ID}.csv.part").write_bytes(b"half")
    partner.keep_emptying(tmp_path)
    (tmp_path / ".other").write_bytes(b"a;b\r\n")
    (tmp_path / ".other").rename(finished)
    until(lambda: (tmp_path / f"{ID}.ack").exists() and not finished.exists())
    assert [(held.id, held.media_type, held.content) for held in partner.held] == [(ID, "text/csv", b"a;b\r\n")]
    assert sorted(file.name for file in tmp_path.iterdir()) == [f".{ID}.csv.part", f"{ID}.ack"]


def until(happened):
    ends_at = time.monotonic() + 10
    while not happened():
        assert time.monotonic() < ends_at
        time.sleep(0.01)


def test_its_page_shows_what_it_holds_and_takes_no_markup_from_it(partner):
    post(partner, b"<script>alert(1)</script>")
    shown = httpx2.get(partner.url, trust_env=False).text
    assert "&lt;script&gt;" in shown
    assert "<script>" not in shown
    assert "Jobcenter &lt;Team&gt;" in shown
    assert httpx2.get(f"{partner.url}/messages", trust_env=False).json()[0]["id"] == ID
    assert page(partner) == shown


def test_without_an_access_it_cannot_call_the_gateway(partner):
    with pytest.raises(RuntimeError, match="connect"):
        partner.poll()
