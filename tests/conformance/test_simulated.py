"""Simulated partners are as strict as real ones should be."""

import json
import logging
import time
from pathlib import Path

import httpx2
import pytest

from imgate.adapters.registry import load_plugins
from imgate.conformance.adapter import ENVELOPE
from imgate.conformance.released import release
from imgate.conformance.simulated import SimulatedPartner, Why, page, samples_of
from imgate.transports.webhook import secret_key, signed_headers
from tests.consent.receipted import a_receipt, signed

GOLDEN = Path(__file__).parents[2] / "plugins" / "jobcenter" / "tests" / "golden"
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


def test_a_receipt_is_kept_and_shown_as_what_nobody_checked(partner):
    receipt = signed(a_receipt())
    assert post(partner, **{"imgate-receipt": receipt}) == 204
    assert [held.receipt for held in partner.held] == [receipt]
    assert httpx2.get(f"{partner.url}/messages", trust_env=False).json()[0]["receipt"] == receipt
    shown = httpx2.get(partner.url, trust_env=False).text
    assert "Nachweis der Freigabe, hier nicht geprüft" in shown
    assert "language.level" in shown


@pytest.mark.parametrize("receipt", ["x", "a.b.c", "e30.PGI-.AA", f"e30.{'W1tb' * 5000}.AA"])
def test_a_receipt_that_cannot_be_read_is_shown_as_that(partner, receipt):
    assert post(partner, **{"imgate-receipt": receipt}) == 204
    shown = httpx2.get(partner.url, trust_env=False).text
    assert "nicht lesbar" in shown
    assert "<b>" not in shown


def test_the_receipt_beside_a_file_is_taken_with_it(partner, tmp_path):
    (tmp_path / f"{ID}.receipt.jws").write_text("a.b.c")
    (tmp_path / f"{ID}.xml").write_bytes(b"<a/>")
    partner.keep_emptying(tmp_path)
    ends_at = time.monotonic() + 5
    while (tmp_path / f"{ID}.receipt.jws").exists() and time.monotonic() < ends_at:
        time.sleep(0.01)
    assert [(held.id, held.receipt) for held in partner.held] == [(ID, "a.b.c")]
    assert [path.name for path in tmp_path.iterdir()] == [f"{ID}.ack"]


def test_the_same_id_again_is_the_same_message(partner):
    assert [post(partner), post(partner)] == [204, 204]
    assert len(partner.held) == 1


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"secret": "whsec_" + "A" * 32}, Why.SIGNATURE),
        ({"at": 1_600_000_000}, Why.OLD),
        ({"at": 9_600_000_000}, Why.AHEAD),
        ({"webhook-signature": "v1,AAAA"}, Why.SIGNATURE),
        ({"webhook-timestamp": "now"}, Why.NO_TIME),
        ({"webhook-timestamp": "1" * 5000}, Why.NO_TIME),
        ({"webhook-id": "another"}, Why.SIGNATURE),
    ],
)
def test_a_webhook_that_is_not_genuine_is_refused_and_kept_with_the_reason(partner, wrong, why):
    assert post(partner, **wrong) == 401
    assert partner.held == ()
    assert partner.refused_webhooks == [wrong.get("webhook-id", ID)]
    assert [(one.status, one.why) for one in partner.refused] == [(401, why)]


def test_its_page_shows_why_it_refused_and_takes_no_markup_from_that(partner):
    post(partner, **{"webhook-id": "<b>1</b>"})
    shown = httpx2.get(partner.url, trust_env=False).text
    assert "401, Signatur passt nicht, &lt;b&gt;1&lt;/b&gt;" in shown
    assert "<b>" not in shown


def test_an_id_that_could_steer_a_terminal_is_not_shown(partner):
    post(partner, **{"webhook-id": b"a\x9b2J"})
    assert [one.shown_id for one in partner.refused] == ["without id"]


def test_what_it_was_told_to_refuse_is_kept_as_such(partner):
    with partner.answering(status=503, times=1):
        post(partner)
    with partner.answering(wrong="redirect", times=1):
        post(partner)
    assert [(one.status, one.why, one.wrong) for one in partner.refused] == [(503, Why.TOLD, None), (307, Why.TOLD, "redirect")]
    assert partner.refused_webhooks == []


def test_an_answer_that_is_cut_off_on_purpose_is_no_fault_in_the_log(partner, caplog):
    with caplog.at_level(logging.WARNING), partner.answering(wrong="cut_off", times=1), pytest.raises(httpx2.RemoteProtocolError):
        post(partner)
    assert caplog.records == []


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


def test_what_is_no_message_stays_in_its_folder(partner, tmp_path):
    """Whoever names a folder of their own by mistake loses nothing by it."""
    other = tmp_path / "0 Diplomarbeit.xml"
    other.write_bytes(b"<Kapitel/>")
    (tmp_path / "0 Ordner").mkdir()
    (tmp_path / "0b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0df.xml").mkdir()
    partner.keep_emptying(tmp_path)
    (tmp_path / ".new").write_bytes(b"a;b\r\n")
    (tmp_path / ".new").rename(tmp_path / f"{ID}.csv")
    until(lambda: (tmp_path / f"{ID}.ack").exists())
    assert other.read_bytes() == b"<Kapitel/>"
    assert [held.id for held in partner.held] == [ID]


def test_another_page_in_the_same_browser_can_neither_read_nor_steer_it(partner):
    def asked(method, path, **headers):
        return httpx2.request(method, f"{partner.url}{path}", headers=headers, json={"delay": 9}, trust_env=False).status_code

    own = partner.url.removeprefix("http://")
    assert asked("GET", "/messages", host="evil.example") == 400
    assert asked("PUT", "/behaviour", origin="http://evil.example") == 403
    assert asked("PUT", "/behaviour", origin="null") == 403
    assert partner.behaviour.delay == 0
    assert asked("PUT", "/behaviour", origin=f"http://{own}") == 200


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
    assert "&lt;script&gt;" in page(partner)
    assert "<script>" not in page(partner)


def test_without_an_access_it_cannot_call_the_gateway(partner):
    with pytest.raises(RuntimeError, match="connect"):
        partner.poll()


@pytest.mark.parametrize("wrong", ["redirect", "oversized", "cut_off"])
def test_it_can_be_told_to_answer_wrongly_and_then_holds_nothing(partner, wrong):
    with partner.answering(wrong=wrong, times=1):
        try:
            assert post(partner) in {200, 307}
        except httpx2.TransportError:
            assert wrong == "cut_off"
    assert partner.held == ()
    assert post(partner) == 204


def put(partner, path, **said):
    return httpx2.request("PUT", f"{partner.url}{path}", json=said, trust_env=False)


def test_its_behaviour_is_changed_while_it_runs(partner):
    assert put(partner, "/behaviour", status=429, retry_after=7, times=1).status_code == 200
    assert httpx2.get(f"{partner.url}/behaviour", trust_env=False).json()["status"] == 429
    assert [post(partner), post(partner)] == [429, 204]


@pytest.mark.parametrize(
    "said", [{"status": 200}, {"status": "soon"}, {"delay": -1}, {"wrong": "politely"}, {"status": 500, "wrong": "redirect"}, {"sleep": 1}]
)
def test_a_behaviour_that_makes_no_sense_is_refused_and_changes_nothing(partner, said):
    before = partner.behaviour
    assert put(partner, "/behaviour", **said).status_code == 422
    assert partner.behaviour == before


def test_what_is_not_json_is_refused_as_well(partner):
    assert httpx2.put(f"{partner.url}/behaviour", content=b"{", trust_env=False).status_code == 422
    assert httpx2.put(f"{partner.url}/behaviour", content=b"[]", trust_env=False).status_code == 422


def test_json_that_curl_calls_a_form_is_json_all_the_same(partner):
    form = {"content-type": "application/x-www-form-urlencoded"}
    answer = httpx2.put(f"{partner.url}/behaviour", content=b'{"status": 503, "times": 1}', headers=form, trust_env=False)
    assert (answer.status_code, "told" in answer.json(), partner.behaviour.status) == (200, True, 503)


def test_its_page_changes_its_behaviour_without_a_script(partner):
    form = {"status": "503", "times": "1", "delay": "", "wrong": "", "retry_after": ""}
    answer = httpx2.post(f"{partner.url}/behaviour", data=form, trust_env=False)
    assert (answer.status_code, "<script" in answer.text) == (200, False)
    assert [post(partner), post(partner)] == [503, 204]


def test_without_an_access_its_page_cannot_send(partner):
    answer = httpx2.post(f"{partner.url}/send", json={"sample": "contact_person", "reference": "R 1"}, trust_env=False)
    assert answer.status_code == 409


@pytest.fixture(scope="module")
def jobcenter():
    registry = load_plugins(listed={"jobcenter"})
    with SimulatedPartner("jc", "Jobcenter", adapter=registry.adapter("jobcenter", {}), samples=samples_of("imgate_jobcenter")) as running:
        yield running


def test_with_its_adapter_it_refuses_what_is_not_valid(jobcenter):
    assert post(jobcenter, b"<a/>") == 422
    assert jobcenter.held == ()
    assert [(one.status, one.why) for one in jobcenter.refused] == [(422, Why.NOT_VALID)]


def test_with_its_adapter_it_takes_what_is_valid(jobcenter):
    released = release(json.loads((GOLDEN / "../records/sparse.json").read_text()), {"language.level"})
    content = jobcenter.adapter.translate(released, ENVELOPE).content
    assert post(jobcenter, content) == 204
    assert [held.content for held in jobcenter.held] == [content]


def test_a_notice_of_the_end_of_use_is_in_nobodys_format(jobcenter):
    assert post(jobcenter, b'<n:endOfUse xmlns:n="urn:imgate:notice:1"/>', message_id="0b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0df") == 204


@pytest.mark.parametrize("plugin", ["jobcenter", "auslaenderbehoerde", "jobkraftwerk"])
def test_every_sample_is_a_message_about_whom_it_is_asked_for(plugin):
    samples = samples_of(f"imgate_{plugin}")
    assert samples
    adapter = load_plugins(listed={plugin}).adapter(plugin, {})
    for sample in samples:
        for reference in ("R-1", 'A "b" & <c>'):
            reading = adapter.read(sample.about(reference), sample.media_type)
            assert [person.reference for person in reading.people] == [reference]
            assert reading.problems == ()
        assert adapter.read(sample.content, sample.media_type).people[0].reference == "REFERENCE"


def test_a_package_without_samples_has_none():
    assert samples_of("imgate.vocabulary") == ()
