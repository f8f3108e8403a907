"""FIT-Connect, interrupted attempts: whatever was lost on the way, nothing is submitted twice."""

import asyncio
import dataclasses

import pytest

from imgate.conformance.fit_connect import FitConnectStandIn
from imgate.plugin_api import Delivered, NotDelivered
from tests.transports.fit_connect_sending import MESSAGE_ID, SUBMIT, XML, again, deliver, parcel, puts, submitted, transport_to


@pytest.fixture(scope="module")
def running():
    with FitConnectStandIn() as running:
        yield running


@pytest.fixture
def stand_in(running):
    running.reset()
    return running


def test_a_crash_between_keeping_and_putting_goes_on_with_the_same_submission(stand_in):
    kept = []
    with stand_in.failing("PUT", SUBMIT, cut=True, times=1):
        assert deliver(stand_in, kept) == NotDelivered("connection_broken")
    assert again(stand_in, kept) == Delivered()
    assert (len(stand_in.submissions), len(stand_in.held), len(kept)) == (1, 1, 1)


@pytest.mark.parametrize("how", [{"cut": True}, {"status": 502}, {"delay": 0.4}])
def test_a_lost_answer_to_the_submission_is_found_in_the_log_and_not_put_again(stand_in, how):
    kept = []
    with stand_in.failing("PUT", SUBMIT, after=True, times=1, **how):
        assert isinstance(deliver(stand_in, kept, entries={"timeout": 0.2}), NotDelivered)
    before = puts(stand_in)
    assert again(stand_in, kept) == Delivered()
    assert (puts(stand_in), submitted(stand_in)) == (before, 1)


def test_a_lost_answer_to_an_attachment_is_made_good_on_the_same_submission(stand_in):
    kept = []
    with stand_in.failing("PUT", "/attachments/", after=True, cut=True, times=1):
        assert deliver(stand_in, kept, media_type="text/csv") == NotDelivered("connection_broken")
    assert again(stand_in, kept, media_type="text/csv") == Delivered()
    assert (len(stand_in.submissions), stand_in.held[0].content) == (1, XML)


def test_a_lost_answer_to_the_announcement_leaves_one_that_is_never_submitted(stand_in):
    kept = []
    with stand_in.failing("POST", "/v2/submissions", after=True, cut=True, times=1):
        assert deliver(stand_in, kept) == NotDelivered("connection_broken", seen=False)
    assert kept == []
    assert again(stand_in, kept) == Delivered()
    assert (len(stand_in.submissions), submitted(stand_in), len(stand_in.held)) == (2, 1, 1)


@pytest.mark.parametrize("end", ["accept", "reject"])
def test_a_submission_that_is_accepted_or_rejected_already_was_delivered(stand_in, end):
    kept = []
    deliver(stand_in, kept)
    getattr(stand_in, end)(MESSAGE_ID)
    before = puts(stand_in)
    assert again(stand_in, kept) == Delivered()
    assert puts(stand_in) == before


def test_an_incomplete_one_that_the_service_cleared_away_is_begun_anew(stand_in):
    kept = []
    with stand_in.failing("PUT", SUBMIT, status=503):
        deliver(stand_in, kept)
    stand_in.delete(*stand_in.submissions.values())
    before = puts(stand_in)
    assert again(stand_in, kept) == Delivered()
    assert (len(kept), len(stand_in.held)) == (2, 1)
    assert len(puts(stand_in)) == len(before) + 2  # nothing more to the one that is gone: the receipt and the message of the new one


def test_an_incomplete_one_that_vanished_without_an_event_is_begun_anew(stand_in):
    kept = []
    with stand_in.failing("PUT", SUBMIT, status=503):
        deliver(stand_in, kept)
    next(iter(stand_in.submissions.values())).clear("deleted")
    assert again(stand_in, kept) == Delivered()
    assert (len(kept), len(stand_in.held)) == (2, 1)


def test_a_submission_of_which_nobody_can_tell_whether_it_was_submitted_is_not_begun_anew(stand_in):
    kept = []
    deliver(stand_in, kept)
    stand_in.submissions.clear()
    assert again(stand_in, kept) == NotDelivered("state_unknown", seen=False)  # of this attempt; the first one has its own outcome
    assert (len(kept), stand_in.submissions) == (1, {})


def test_a_log_that_does_not_verify_proves_no_deletion(stand_in):
    kept = []
    deliver(stand_in, kept)
    (submission,) = stand_in.submissions.values()
    submission.log = [f"{one[:-8]}AAAAAAAA" for one in submission.log]
    stand_in.delete(submission)
    submission.log[-1] = f"{submission.log[-1][:-8]}AAAAAAAA"
    assert again(stand_in, kept) == NotDelivered("state_unknown", seen=False)
    assert len(stand_in.submissions) == 1


def test_while_the_log_cannot_be_read_nothing_is_put(stand_in):
    kept = []
    deliver(stand_in, kept)
    before = puts(stand_in)
    with stand_in.failing("GET", "/events", status=503):
        assert again(stand_in, kept) == NotDelivered("http_503", seen=False)
    with stand_in.failing("GET", "/.well-known/jwks.json", cut=True):
        assert again(stand_in, kept) == NotDelivered("connection_broken", seen=False)
    assert puts(stand_in) == before


@pytest.mark.parametrize(
    "note", ["", "x", "../../x ../../y", f"{MESSAGE_ID}", f"{MESSAGE_ID} {MESSAGE_ID}/x", f"{MESSAGE_ID} {MESSAGE_ID}\n"]
)
def test_a_note_that_is_not_ours_stops_the_attempt(stand_in, note):
    assert deliver(stand_in, note=note) == NotDelivered("note_unreadable", seen=False)
    assert stand_in.calls == ()


@pytest.mark.parametrize("lost", [True, False])
def test_a_note_that_could_not_be_kept_or_of_which_nobody_knows_leads_to_one_message(stand_in, lost):
    kept = []

    async def broken(note):
        kept.extend([] if lost else [note])
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        asyncio.run(transport_to(stand_in).deliver(dataclasses.replace(parcel(), keep=broken)))
    assert puts(stand_in) == []
    assert again(stand_in, kept) == Delivered()
    assert (submitted(stand_in), len(stand_in.held), len(puts(stand_in))) == (1, 1, 2)


def test_a_second_note_that_could_not_be_kept_leads_to_one_message(stand_in):
    kept = []
    with stand_in.failing("PUT", SUBMIT, status=503):
        deliver(stand_in, kept)
    stand_in.delete(*stand_in.submissions.values())
    before = puts(stand_in)

    async def broken(_note):
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        asyncio.run(transport_to(stand_in).deliver(dataclasses.replace(parcel(note=kept[-1]), keep=broken)))
    assert puts(stand_in) == before
    assert again(stand_in, kept) == Delivered()
    assert len(stand_in.held) == 1
