"""The life of a declaration, one promise of contract §3 at a time; ``test_life_machine`` mixes them."""

import time
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from imgate.consent import life
from imgate.consent.head import WHOLE
from imgate.consent.judge import Moment, now
from imgate.vocabulary.reasons import Reason
from imgate.vocabulary.words import DeclarationState, EvidenceKind, EvidenceLevel, SignerRole
from tests.consent.specimen import AT, BERLIN, CONTENT, ID, SECOND, SIGNED, THIRD, answer, decision, draft, signed, verified

CLIENT, GUARDIAN, BETREUER = SignerRole
RECORDED, WRITTEN, QUALIFIED = EvidenceLevel
DAY = timedelta(days=1)


def state(head, *siblings, at=AT):
    """Give the state as it is shown."""
    found = [verified(each) for each in (head, *siblings)]
    return life.state(found[0], found, now(at)).value


@pytest.mark.parametrize(
    ("required", "given", "level"),
    [
        ([CLIENT], [], None),
        ([CLIENT], [(GUARDIAN, QUALIFIED)], None),
        ([CLIENT], [(CLIENT, RECORDED)], RECORDED),
        ([CLIENT], [(CLIENT, RECORDED), (CLIENT, QUALIFIED), (CLIENT, WRITTEN)], QUALIFIED),
        ([CLIENT, GUARDIAN], [(CLIENT, QUALIFIED)], None),
        ([CLIENT, GUARDIAN], [(CLIENT, QUALIFIED), (CLIENT, QUALIFIED)], None),
        ([CLIENT, GUARDIAN], [(CLIENT, QUALIFIED), (GUARDIAN, RECORDED)], RECORDED),
        ([GUARDIAN, GUARDIAN], [(GUARDIAN, WRITTEN)], None),
        ([GUARDIAN, GUARDIAN], [(GUARDIAN, WRITTEN), (GUARDIAN, RECORDED)], RECORDED),
        ([GUARDIAN, GUARDIAN], [(GUARDIAN, WRITTEN), (GUARDIAN, RECORDED), (GUARDIAN, QUALIFIED)], WRITTEN),
        ([GUARDIAN, CLIENT, GUARDIAN], [(GUARDIAN, QUALIFIED), (CLIENT, WRITTEN), (GUARDIAN, QUALIFIED)], WRITTEN),
        ([GUARDIAN, CLIENT, GUARDIAN], [(GUARDIAN, QUALIFIED), (CLIENT, WRITTEN), (CLIENT, WRITTEN)], None),
        ([BETREUER], [(BETREUER, WRITTEN), (CLIENT, RECORDED)], WRITTEN),
        ([], [(CLIENT, QUALIFIED)], None),
    ],
)
def test_the_weakest_role_counts_and_of_a_role_asked_for_n_times_the_n_strongest(required, given, level):
    """In whatever order the evidence came."""
    for order in permutations(given):
        assert life.reached_level(required, order) is level


def test_each_kind_of_evidence_has_a_level():
    """Contract §3; pades counts as written here, because no certificate is validated."""
    assert {kind.value: level.value for kind, level in life.LEVEL_OF_KIND.items()} == {
        "oral_record": "recorded",
        "paper_scan": "written",
        "drawn": "written",
        "pades": "written",
        "eid": "qualified",
    }
    assert life.LEVEL_OF_KIND.keys() == set(EvidenceKind)


def test_evidence_counts_from_when_imgate_recorded_it():
    """A question about the time before finds a draft, one about the time after a stronger piece the stronger level."""
    head = life.with_evidence(draft(), "e1", "", RECORDED, SIGNED)
    head = life.with_evidence(head, "e2", "", WRITTEN, SIGNED + DAY)
    asked: dict[str, Any] = {"scope": "language.level", "other_time": True}
    assert answer(verified(head), at=SIGNED - timedelta(microseconds=1), **asked) is Reason.NOT_SIGNED
    assert answer(verified(head), at=SIGNED, **asked) is Reason.EVIDENCE_TOO_WEAK
    assert answer(verified(head), at=SIGNED + DAY, **asked) == ID


def test_a_piece_that_completes_nothing_is_kept_and_changes_no_level():
    """It is in the head, under the head's MAC, all the same."""
    head = life.with_evidence(draft(), "e1", "aa", None, SIGNED)
    assert (head.levels, head.evidence, head.version) == ((), (("e1", "aa"),), 2)
    again = life.with_evidence(life.with_evidence(head, "e2", "bb", WRITTEN, SIGNED), "e3", "cc", WRITTEN, SIGNED + DAY)
    assert len(again.levels) == 1
    assert len(again.evidence) == 3


@pytest.mark.parametrize(
    ("head", "shown"),
    [
        (draft(), "draft"),
        (life.pause(draft(), SIGNED), "draft"),
        (life.revoke(draft(), None, SIGNED), "revoked"),
        (signed(), "active"),
        (signed(valid_from="2026-12-01"), "active"),
        (life.pause(signed(), SIGNED), "paused"),
        (life.resume(life.pause(signed(), SIGNED), SIGNED), "active"),
        (life.revoke(life.pause(signed(), SIGNED), None, SIGNED), "revoked"),
        (signed(valid_until="2026-05-31"), "expired"),
        (life.pause(signed(valid_until="2026-05-31"), SIGNED), "expired"),
        (draft(valid_until="2026-05-31"), "draft"),
        (life.revoke(signed(valid_until="2026-05-31"), None, SIGNED), "revoked"),
        (life.revoke(signed(), ["language.level"], SIGNED), "active"),
        (life.revoke(signed(), CONTENT["scopes"], SIGNED), "revoked"),
        (life.supersede(signed(), "unreadable"), "revoked"),
        (life.supersede(draft(), "unreadable"), "revoked"),
    ],
)
def test_the_shown_state_is_the_first_that_fits(head, shown):
    """revoked, draft, expired, paused, active."""
    assert state(head) == shown


def test_every_state_is_shown_by_one_of_them():
    """The list above forgets none."""
    assert {state.value for state in DeclarationState} == {"revoked", "draft", "expired", "paused", "active"}


def test_a_partial_revocation_takes_its_scopes_and_leaves_the_others():
    """The declaration stays active for what is left."""
    found = decision(verified(life.revoke(signed(), ["language.level"], SIGNED + DAY)), scopes=("language.level", "residence.status"))
    assert found.denied == {"language.level": Reason.REVOKED}
    assert found.permitted.keys() == {"residence.status"}


def test_the_first_revocation_stands():
    """A later one, of the whole or of the same scope, moves no moment; it adds what was not revoked yet."""
    once = life.revoke(signed(), ["language.level"], SIGNED + DAY)
    twice = life.revoke(life.revoke(once, None, SIGNED + 2 * DAY), ["language.level", "residence.status"], SIGNED + 3 * DAY)
    assert twice.revoked["language.level"] == life.stamp(SIGNED + DAY)
    assert twice.revoked[WHOLE] == life.stamp(SIGNED + 2 * DAY)
    assert verified(twice).wholly_revoked_at == SIGNED + 2 * DAY
    assert life.revoked_scopes(once) == ("language.level",)
    assert life.revoked_scopes(twice) == tuple(CONTENT["scopes"])


def test_revoked_one_by_one_it_is_wholly_revoked_with_the_last_of_them():
    """In between, what is left still passes."""
    head = signed()
    for days, scope in enumerate(CONTENT["scopes"], 1):
        head = life.revoke(head, [scope], SIGNED + days * DAY)
    paper, last = verified(head), CONTENT["scopes"][-1]
    assert paper.wholly_revoked_at == SIGNED + len(CONTENT["scopes"]) * DAY
    assert answer(paper, scope=last, at=SIGNED + DAY, other_time=True) == ID
    assert life.state(paper, [paper], Moment(SIGNED + DAY, committed=False)) is DeclarationState.ACTIVE


def test_a_revocation_works_from_then_on_and_not_before():
    """A question about the day before still finds it in force; one about the moment itself does not."""
    for scopes in (["language.level"], None):
        paper = verified(life.revoke(signed(), scopes, SIGNED + DAY))
        assert answer(paper, at=SIGNED + DAY - timedelta(microseconds=1), other_time=True) == ID
        assert answer(paper, at=SIGNED + DAY, other_time=True) is Reason.REVOKED


@pytest.mark.parametrize("scopes", [None, ["language.level"]])
def test_a_committed_revocation_counts_even_if_its_clock_is_ahead(scopes):
    """A revocation stamped tomorrow denies today."""
    assert answer(verified(life.revoke(signed(), scopes, AT + DAY))) is Reason.REVOKED


def test_a_committed_pause_and_a_committed_signature_count_even_if_their_clocks_are_ahead():
    """Of what is committed the order counts, and no clock."""
    assert answer(verified(life.pause(signed(), AT + DAY))) is Reason.PAUSED
    assert answer(verified(signed(at=AT + DAY))) == ID
    assert answer(verified(life.resume(life.pause(signed(), AT + DAY), AT - DAY))) == ID


def test_pauses_are_spans_for_questions_about_another_time():
    """From the pause to the resumption, again and again."""
    head = signed()
    for start in (10, 20):
        head = life.resume(life.pause(head, SIGNED + start * DAY), SIGNED + (start + 5) * DAY)
    days = {days: answer(verified(head), at=SIGNED + days * DAY, other_time=True) for days in (9, 10, 14, 15, 20, 24, 25)}
    paused = Reason.PAUSED
    assert days == {9: ID, 10: paused, 14: paused, 15: ID, 20: paused, 24: paused, 25: ID}


# The successor opens on 1 May; a day of May is asked about. "-" is the order of the commits.
OPENS = datetime(2026, 4, 30, 22, tzinfo=UTC)
EARLY, LATE = OPENS - 10 * DAY, OPENS + 10 * DAY


def successor(*steps):
    """Give a successor that lived through these steps."""
    head = draft(id_=SECOND, supersedes=ID, valid_from="2026-05-01")
    for step in steps:
        head = step(head)
    return head


def sign(at):
    """Complete its evidence at this moment."""
    return lambda head: life.with_evidence(head, "e", "", WRITTEN, at)


def revoke(at, scopes=None):
    """Revoke it."""
    return lambda head: life.revoke(head, scopes, at)


@pytest.mark.parametrize(
    ("steps", "at", "superseded"),
    [
        ([], LATE, False),  # nobody signed
        ([sign(EARLY)], OPENS - timedelta(microseconds=1), False),
        ([sign(EARLY)], OPENS, True),  # signed before it opens: from its first day
        ([sign(LATE)], LATE, True),  # signed later: from then on
        ([revoke(EARLY), sign(LATE)], AT, False),
        ([sign(EARLY), revoke(EARLY + DAY)], AT, False),  # wholly revoked before its first day
        ([sign(EARLY), revoke(OPENS)], AT, True),  # not before, but at that moment
        ([sign(EARLY), revoke(LATE)], AT, True),  # nothing that happens later revives the old one
        ([sign(EARLY), revoke(EARLY + DAY, CONTENT["scopes"][:2])], AT, True),  # in part is not wholly
        ([sign(EARLY), revoke(EARLY + DAY, CONTENT["scopes"])], AT, False),  # all of them, one by one, is
        ([sign(EARLY), lambda head: life.pause(head, EARLY + DAY)], AT, True),  # a pause is no revocation
        ([sign(LATE), revoke(LATE - DAY)], AT, True),  # signed, then revoked by a clock that is behind
        ([revoke(LATE), sign(LATE - DAY)], AT, False),  # revoked, then signed by a clock that is behind
    ],
)
def test_superseding_takes_effect_at_the_later_of_evidence_and_first_day(steps, at, superseded):
    """Unless the successor was wholly revoked before; the old one is asked about alone."""
    head, next_one = life.supersede(signed(), SECOND), successor(*steps)
    old, new = verified(head), verified(next_one)
    assert (life.state(old, (old, new), now(at)) is DeclarationState.REVOKED) is superseded
    scope = "residence.status"
    reasons = {declaration.id for declaration in decision(old, new, scopes=(scope,), at=at).passing.get(scope, ())}
    assert (ID not in reasons) is superseded


def test_superseding_is_computed_for_another_time_as_well():
    """What the answer was on a day, it stays: also when the successor is revoked, ends or was signed late."""
    old, new = verified(life.supersede(signed(), SECOND)), verified(successor(sign(LATE), revoke(LATE + DAY)))
    states = [life.state(old, (old, new), Moment(at, committed=False)) for at in (OPENS, LATE - DAY, LATE, LATE + DAY, AT)]
    assert states == ["active", "active", "revoked", "revoked", "revoked"]


def test_an_expired_successor_revives_nothing():
    """The client's last word was the successor, and its term is over."""
    old = verified(life.supersede(signed(), SECOND))
    new = verified(signed(id_=SECOND, supersedes=ID, valid_from="2026-02-01", valid_until="2026-02-28"))
    assert answer(old, new) is Reason.EXPIRED
    assert life.state(old, (old, new), now(AT)) is DeclarationState.REVOKED


def test_of_several_successors_one_in_force_is_enough():
    """Whichever of them it is."""
    old = verified(life.supersede(life.supersede(signed(), SECOND), THIRD))
    waiting = verified(draft(id_=SECOND, supersedes=ID))
    in_force = verified(signed(id_=THIRD, supersedes=ID, scopes=["housing.situation"]))
    assert answer(old, waiting, verified(draft(id_=THIRD, supersedes=ID))) == ID
    assert answer(old, waiting, in_force) is Reason.SCOPE_NOT_COVERED


def test_in_a_chain_each_link_stays_superseded():
    """That a third one supersedes the second before its time does not put the first one back into force."""
    first = verified(life.supersede(signed(), SECOND))
    second = verified(life.supersede(successor(sign(EARLY)), THIRD))
    third = verified(signed(id_=THIRD, supersedes=SECOND, scopes=["housing.situation"], at=EARLY))
    assert answer(first, second, third, at=AT) is Reason.SCOPE_NOT_COVERED


def test_an_unreadable_successor_counts_as_in_force():
    """What cannot be read is no permission, and no reason to fall back on the old one."""
    assert answer(verified(life.supersede(signed(), SECOND))) is Reason.REVOKED
    assert answer(verified(life.supersede(signed(), SECOND)), other_time=True) is Reason.REVOKED


def test_a_successor_for_another_partner_is_no_successor_that_could_be_read():
    """Such a row was moved; the old declaration stays denied."""
    elsewhere = verified(signed(id_=SECOND, supersedes=ID, partner="abh-winnenden"))
    assert answer(verified(life.supersede(signed(), SECOND)), elsewhere) is Reason.REVOKED


def test_the_first_moment_after_the_last_day_shows_it_as_expired():
    """To the microsecond: the last day itself still shows it as active."""
    ends = verified(signed()).closes_at
    assert (state(signed(), at=ends - timedelta(microseconds=1)), state(signed(), at=ends)) == ("active", "expired")


def test_a_time_is_stored_in_utc_wherever_the_machine_stands(monkeypatch):
    """Stamps are compared as they are written."""
    with monkeypatch.context() as meanwhile:
        meanwhile.setenv("TZ", "America/New_York")
        time.tzset()
        written = life.stamp(datetime(2026, 6, 1, 14, tzinfo=BERLIN))
    time.tzset()
    assert written == "2026-06-01T12:00:00.000000+00:00"


def test_a_moment_is_in_utc_whatever_zone_it_was_said_in():
    """So that moments of two machines compare as they are written, too."""
    berlin = datetime(2026, 6, 1, 14, tzinfo=BERLIN)
    assert now(berlin).at.tzinfo is UTC
    assert now(berlin).at == datetime(2026, 6, 1, 12, tzinfo=UTC)
