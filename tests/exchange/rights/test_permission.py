"""Until when a permission ran is the first of its ends; of several that allowed a scope, the one that runs the longest counts."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from imgate.consent.head import Head, head_mac, verify_head
from imgate.exchange.rights.permission import Ended, ended, permissions
from imgate.exchange.stored import Headless, StoredDeclaration
from imgate.vocabulary.words import EndCause

BERLIN, KEY = ZoneInfo("Europe/Berlin"), b"k" * 32
BOTH = ("confidentiality_release", "data_protection_consent")
SIGNED = "2026-01-16T09:00:00.000000Z"
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def declared(declaration, *scopes, until="2026-12-31", **changes):
    said = {
        "partner": "jobcenter",
        "digest": "d" * 64,
        "recipient": "Jobcenter",
        "catalogue": 1,
        "clauses": BOTH,
        "direction": "both",
        "purposes": ("housing",),
        "scopes": scopes,
        "onward_from": (),
        "valid_from": "2026-01-15",
        "valid_until": until,
        "levels": ((SIGNED, "written"),),
    } | changes
    head = Head(id=declaration, **said)
    canonical = head.canonical()
    verified = verify_head(KEY, "c", canonical, b"", head_mac(KEY, "c", canonical, b""), BERLIN)
    assert verified is not None
    return StoredDeclaration(head, verified, (verified,), {}, (), ())


def one(stored, at=NOW, scope="language.level"):
    return ended(stored.verified, stored.siblings, at, scope)


def moment(month, day):
    return datetime(2026, month, day, tzinfo=UTC)


def test_one_that_runs_has_not_ended():
    assert one(declared("a", "language.level")) is None


@pytest.mark.parametrize(
    ("changes", "cause", "at"),
    [
        ({"revoked": {"*": "2026-03-01T00:00:00.000000Z"}}, EndCause.REVOKED, moment(3, 1)),
        ({"revoked": {"language.level": "2026-03-01T00:00:00.000000Z"}}, EndCause.PARTLY_REVOKED, moment(3, 1)),
        (
            {"revoked": {"language.level": "2026-03-01T00:00:00.000000Z", "*": "2026-02-01T00:00:00.000000Z"}},
            EndCause.REVOKED,
            moment(2, 1),
        ),
        ({"until": "2026-02-27", "revoked": {"*": "2026-03-01T00:00:00.000000Z"}}, EndCause.EXPIRED, datetime(2026, 2, 27, 23, tzinfo=UTC)),
    ],
)
def test_the_first_end_counts(changes, cause, at):
    assert one(declared("a", "language.level", "work.status", **changes)) == Ended(cause, at)


def test_another_scopes_revocation_ends_nothing_of_this_one():
    assert one(declared("a", "language.level", "work.status", revoked={"work.status": "2026-03-01T00:00:00.000000Z"})) is None


def test_of_a_successor_that_nobody_can_read_the_moment_is_unknown_and_it_counts_first():
    assert one(declared("a", "language.level", until="2026-02-27", superseded_by=("b",))) == Ended(EndCause.SUPERSEDED, None)


def on_file(*stored):
    return {one.head.id: one for one in stored}


def test_of_several_the_one_that_runs_the_longest_is_told():
    short, long = declared("a", "language.level", until="2026-07-01"), declared("b", "language.level", until="2026-12-31")
    (permission,) = permissions(["language.level"], ["a", "b"], on_file(short, long), NOW)
    assert (permission.declaration, permission.until, permission.ended) == ("b", "2026-12-31", None)


def test_one_that_runs_is_told_before_one_that_would_have_run_longer():
    gone = declared("a", "language.level", revoked={"*": "2026-03-01T00:00:00.000000Z"})
    (permission,) = permissions(["language.level"], ["a", "b"], on_file(gone, declared("b", "language.level", until="2026-07-01")), NOW)
    assert (permission.declaration, permission.ended) == ("b", None)


def test_a_declaration_that_the_row_does_not_name_is_never_told():
    (permission,) = permissions(
        ["language.level"], ["a"], on_file(declared("a", "language.level", until="2026-03-01"), declared("b", "language.level")), NOW
    )
    assert permission.declaration == "a"


def test_every_scope_stands_in_exactly_one_permission():
    scopes = ["language.level", "work.status", "housing.situation"]
    stored = on_file(declared("a", "language.level", "work.status", revoked={"work.status": "2026-03-01T00:00:00.000000Z"}))
    told = permissions(scopes, ["a"], stored, NOW)
    assert sorted(scope for permission in told for scope in permission.scopes) == sorted(scopes)
    assert [permission.until for permission in told if "housing.situation" in permission.scopes] == [None]


@pytest.mark.parametrize("stored", [{}, {"a": Headless("a")}])
def test_of_what_is_gone_or_unreadable_there_is_the_id_and_no_day(stored):
    (permission,) = permissions(["language.level"], ["a"], stored, NOW)
    assert (permission.declaration, permission.until, permission.ended) == ("a", None, None)


def test_without_a_named_declaration_there_is_no_permission():
    assert permissions(["language.level"], [], {}, NOW) == ()
