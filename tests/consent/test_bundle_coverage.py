"""What a bundle covers: exactly what the client said, towards us, for this, now; anything unsaid, or said otherwise, is a no."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from imgate.consent.bundle_checks import NEEDED, prove
from imgate.consent.bundle_coverage import Asked, coverage
from imgate.keys.statements import read_signature
from tests.consent.bundled import GENUINE, PROFILES, TRUSTED, parts_of, signed, vector

US = "Jobcenter Rems-Murr, Team 412"
MADE_AT = datetime(2026, 3, 2, 9, 0, 5, 85, tzinfo=UTC)
ASKED = Asked(frozenset({US}), "labour_market_integration", MADE_AT)
SCOPES = {"contact_persons.jobcenter", "language.level", "residence.status"}


def bundle(name="paper-es256.json"):
    found = prove(vector(name), read_signature, PROFILES, TRUSTED)[1]
    assert found is not None
    return found


def failing(told, asked=ASKED):
    covers = coverage(told, asked)
    failed = [check.name for check in covers.checks if check.outcome == "failed"]
    assert bool(failed) == (not covers.scopes)
    return failed


def saying(**content):
    told = bundle()
    told["declaration"]["content"] |= content
    return told


def test_what_the_client_signed_for_is_covered():
    covers = coverage(bundle(), ASKED)
    assert covers.scopes == SCOPES
    assert [(check.name, check.outcome) for check in covers.checks] == [
        (name, "passed") for name in ("recipient", "clauses", "direction", "purpose", "state", "term")
    ]
    assert all(not check.sentence.startswith("Not so") for check in covers.checks)
    assert covers.digest == bundle()["declaration"]["digest"]
    assert covers.client == "K-2026-0815"
    assert "K-2026-0815" not in repr(covers)


@pytest.mark.parametrize("recipient", ["Jobcenter Rems-Murr", "", None, 5, [US], {US: US}])
def test_another_recipient_is_not_us(recipient):
    assert failing(saying(recipient=recipient)) == ["recipient"]


def test_any_of_our_names_is_us():
    assert failing(bundle(), replace(ASKED, recipients=frozenset({"Jobcenter Rems-Murr", US}))) == []
    assert failing(bundle(), replace(ASKED, recipients=frozenset())) == ["recipient"]


@pytest.mark.parametrize(
    "clauses",
    [[], ["confidentiality_release"], ["data_protection_consent"], ["confidentiality_release", 5], "confidentiality_release", None],
)
def test_both_clauses_have_to_be_there(clauses):
    assert failing(saying(clauses=clauses)) == ["clauses"]


@pytest.mark.parametrize("direction", ["from_partner", "TO_PARTNER", "", None, ["both"], 5])
def test_the_other_direction_is_not_ours(direction):
    assert failing(saying(direction=direction)) == ["direction"]


@pytest.mark.parametrize("direction", ["to_partner", "both"])
def test_towards_us_may_be_one_way_or_both(direction):
    assert failing(saying(direction=direction)) == []


@pytest.mark.parametrize("purposes", [[], ["housing"], "labour_market_integration", None, [["labour_market_integration"]]])
def test_another_purpose_is_not_this_one(purposes):
    assert failing(saying(purposes=purposes)) == ["purpose"]


@pytest.mark.parametrize("purpose", [None, "", "housing"])
def test_a_message_for_no_purpose_or_another_is_not_covered(purpose):
    assert failing(bundle(), replace(ASKED, purpose=purpose)) == ["purpose"]


@pytest.mark.parametrize("name", ["revoked.json", "paused.json", "superseded.json"])
def test_what_was_not_active_covers_nothing(name):
    assert failing(bundle(name), replace(ASKED, at=MADE_AT + timedelta(minutes=1))) == ["state"]


def test_what_had_expired_covers_nothing():
    assert failing(bundle("expired.json"), replace(ASKED, at=MADE_AT + timedelta(days=1))) == ["state", "term"]


def test_what_was_revoked_in_part_covers_the_rest():
    told = bundle("partly-revoked.json")
    gone = {line["scope"] for line in told["life"]["revocations"]}
    assert gone
    assert coverage(told, replace(ASKED, at=MADE_AT + timedelta(minutes=1))).scopes == SCOPES - gone


def test_a_draft_is_proved_by_nothing():
    assert prove(vector("draft.json"), read_signature, PROFILES, TRUSTED)[1] is None


# valid_until 2026-12-31 ends at 23:00 UTC in Berlin's winter; valid_from 2026-01-15 begins at 23:00 UTC the day before.
@pytest.mark.parametrize(
    ("at", "holds"),
    [
        (datetime(2026, 12, 31, 22, 59, 59, 999999, tzinfo=UTC), True),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), False),
        (MADE_AT - timedelta(days=1), True),
        (MADE_AT - timedelta(days=1, microseconds=1), False),
    ],
)
def test_it_must_not_have_ended_when_the_message_came_nor_come_from_tomorrow(at, holds):
    assert (failing(bundle(), replace(ASKED, at=at)) == []) is holds


@pytest.mark.parametrize(
    ("made_at", "holds"),
    [
        ("2026-03-01T09:00:04.000068Z", True),  # a day before the last thing that it tells
        ("2026-03-01T09:00:04.000067Z", False),
        ("1970-01-01T00:00:00.000000Z", False),
        ("2027-01-01T00:00:00.000000Z", False),
    ],
)
def test_it_must_not_be_older_than_what_it_tells(made_at, holds):
    told = bundle()
    told["made_at"] = made_at
    assert (failing(told, replace(ASKED, at=MADE_AT)) == []) is holds


@pytest.mark.parametrize(
    ("valid_from", "holds"),
    [("2026-03-02", True), ("2026-03-03", False), ("", False), (None, False), (5, False), ("soon", False), ("2026-13-01", False)],
)
def test_it_must_have_begun(valid_from, holds):
    assert (failing(saying(valid_from=valid_from)) == []) is holds


@pytest.mark.parametrize(("zone", "holds"), [("Europe/Berlin", True), ("America/Los_Angeles", True), ("Pacific/Honolulu", False)])
def test_its_first_day_begins_where_the_gateway_stands(zone, holds):
    told = saying(valid_from="2026-03-02")  # in Honolulu that day begins an hour after the bundle was made
    told["gateway"]["timezone"] = zone
    assert (failing(told) == []) is holds


@pytest.mark.parametrize(
    ("made_at", "holds"),
    [
        ("2026-01-14T22:59:59.999999Z", False),
        ("2026-01-14T23:00:00.000000Z", True),
        ("2026-12-31T22:59:59.999999Z", True),
        ("2026-12-31T23:00:00.000000Z", False),
    ],
)
def test_it_must_have_been_made_within_the_term(made_at, holds):
    told = saying(valid_from="2026-01-15") | {"made_at": made_at, "history": []}  # without a history there is the making alone
    at = max(datetime.fromisoformat(made_at) - timedelta(seconds=1), MADE_AT)
    assert (failing(told, replace(ASKED, at=at)) == []) is holds


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "", "/etc/localtime"])
def test_in_a_zone_that_nobody_knows_no_day_ends(zone):
    told = bundle()
    told["gateway"]["timezone"] = zone
    assert failing(told) == ["term"]


DIGEST = "9cd4421bfb30a2149b85b454ee27fdd844254c81b70b88ff99b9635ad26f7b2d"


@pytest.mark.parametrize(
    ("reference", "is_its"),
    [
        (DIGEST, True),
        (DIGEST[:16], True),
        (DIGEST[:15], False),
        (DIGEST[:20].upper(), True),
        ("9cd4421b fb30a214 9b85", True),
        (DIGEST[1:], False),
        (DIGEST + "0", False),
        ("9cd4421bfb30a2140", False),
        ("", False),
        ("                ", False),
        ("355A000815", False),
    ],
)
def test_the_handover_code_is_the_digest_or_a_long_beginning_of_it(reference, is_its):
    assert replace(coverage(bundle(), ASKED), digest=DIGEST).is_of(reference) is is_its


@pytest.mark.parametrize("trusted", [None, frozenset(), frozenset({"x" * 43})])
def test_only_a_key_that_is_trusted_proves_anything(trusted):
    report, found = prove(vector("paper-es256.json"), read_signature, PROFILES, trusted)
    assert found is None
    assert next(check.outcome for check in report.checks if check.name == "key") != "passed"


def test_a_profile_that_is_not_known_here_proves_nothing():
    assert prove(vector("paper-es256.json"), read_signature, {}, TRUSTED)[1] is None


@pytest.mark.parametrize("file", [b"", b"{}", b"x" * 100, vector("changed.json"), vector("signed-by-somebody.json")])
def test_what_does_not_hold_is_not_given(file):
    assert prove(file, read_signature, PROFILES, TRUSTED)[1] is None


def test_changed_evidence_proves_nothing():
    parts = parts_of(vector("drawn-with-evidence.json"))
    parts["evidence"][0]["content"] = "AAAA"
    report, found = prove(signed(parts), read_signature, PROFILES, TRUSTED)
    assert found is None
    assert [check.name for check in report.failed] == ["evidence 0"]


def test_what_is_needed_are_checks_that_there_are():
    report, found = prove(vector("paper-es256.json"), read_signature, PROFILES, TRUSTED)
    assert {check.name for check in report.checks} >= NEEDED
    assert found == bundle()


@pytest.mark.parametrize("name", [name for name in GENUINE if name not in ("draft.json", "jwks.json")])
def test_every_genuine_bundle_is_given(name):
    assert prove(vector(name), read_signature, PROFILES, TRUSTED)[1] is not None
