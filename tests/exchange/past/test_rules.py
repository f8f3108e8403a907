"""What the rules were then is read off the log: the last start, and what the office said since. What is doubtful is not known."""

import dataclasses

import pytest

from imgate.audit.catalogue import problem_of
from imgate.audit.events import EventName
from imgate.bootstrap import record_start
from imgate.consent.policy import LEVEL_FLOOR
from imgate.exchange.past.rules import CONFIGURING, RulesThen
from imgate.exchange.ports import LogEntry
from imgate.record import CATALOGUE
from imgate.vocabulary.sensitivity import Sensitivity
from imgate.vocabulary.words import Direction, EvidenceLevel
from tests.exchange.conftest import ABH, JOBCENTER, TODAY

ANNA, BERND, CLARA = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "123")
AZR = "identifiers.azr_number"


def entry(name, /, *, sound=True, **fields):
    if sound:
        assert problem_of(name, fields) is None
    return LogEntry("e", 1, sound, TODAY if sound else None, name.value if sound else None, fields)


def start():
    return entry(EventName.GATEWAY_STARTED, gateway="im", version="1", process="serve", catalogue=1)


def configured(partner=JOBCENTER, **said):
    fields = {"partner": partner, "name": "Jobcenter", "adapter": "jobcenter", "transport": "mailbox", "ceiling": [], "open": []}
    return entry(EventName.PARTNER_CONFIGURED, **fields | said)


def office(user):
    return entry(EventName.USER_ADDED, user=user, role="office", name="Anna", method="code")


def confirmed(user, scope=AZR):
    return entry(EventName.OPENING_CONFIRMED, user=user, partner=JOBCENTER, scope=scope)


def rules(*entries, partner=JOBCENTER):
    then = RulesThen()
    for each in entries:
        then.take(each)
    return then.of(partner, CATALOGUE)


OPENED = (start(), configured(open=[AZR]))


def test_before_the_first_start_nothing_is_known():
    assert rules() is None
    assert rules(configured()) is None


def test_a_partner_that_was_not_configured_then_is_not_known():
    assert rules(start(), configured(), partner=ABH) is None


def test_a_later_start_takes_the_place_of_an_earlier_one():
    assert rules(start(), configured(), start(), configured(ABH)) is None
    found = rules(start(), configured(name="Old"), configured(ABH), start(), configured(name="New"))
    assert (found.name, found.partners) == ("New", {JOBCENTER})


def test_what_a_start_says_is_read_as_it_was_meant():
    found = rules(
        start(),
        configured(
            formerly=["Old"],
            ceiling=["to_partner:language.level", "from_partner:work.proposals"],
            evidence=["special:qualified"],
        ),
    )
    assert found.formerly == {"Old"}
    assert found.ceiling == {Direction.TO_PARTNER: {"language.level"}, Direction.FROM_PARTNER: {"work.proposals"}}
    assert found.levels == {**LEVEL_FLOOR, Sensitivity.SPECIAL: EvidenceLevel.QUALIFIED}


def test_what_a_real_start_puts_on_record_gives_the_rules_that_hold(world):
    """Both directions of the ceiling, levels, names and partners: nothing that decides is missing on record."""
    record_start(world.gateway, "serve")
    then = RulesThen()
    with world.gateway.store.reading() as tx:
        for each in tx.past.log(CONFIGURING, None, 0).entries:
            then.take(each)
    for partner, policy in world.gateway.corridor.policy.partners.items():
        found = then.of(partner, CATALOGUE)
        assert {field.name: getattr(found, field.name) for field in dataclasses.fields(found)} == {
            field.name: getattr(policy, field.name) for field in dataclasses.fields(policy)
        }
    assert then.catalogue == CATALOGUE.version


def test_after_an_entry_that_is_not_genuine_nothing_is_known_until_the_next_start():
    forged = entry(EventName.PARTNER_CONFIGURED, sound=False)
    assert rules(start(), configured(), forged) is None
    assert rules(start(), configured(), forged, configured()) is None
    assert rules(start(), configured(), forged, start(), configured()) is not None


def test_without_an_office_what_is_configured_open_is_open():
    assert rules(*OPENED).open == {AZR}


def test_with_an_office_it_takes_two_of_it():
    assert rules(*OPENED, office(ANNA)).open == set()
    assert rules(*OPENED, office(ANNA), office(BERND), confirmed(ANNA)).open == set()
    assert rules(*OPENED, office(ANNA), office(BERND), confirmed(ANNA), confirmed(ANNA)).open == set()
    assert rules(*OPENED, office(ANNA), office(BERND), confirmed(ANNA), confirmed(BERND)).open == {AZR}


def test_what_the_configuration_does_not_name_no_confirmation_opens():
    assert rules(start(), configured(), office(ANNA), office(BERND), confirmed(ANNA), confirmed(BERND)).open == set()


@pytest.mark.parametrize(
    "after",
    [
        entry(EventName.OPENING_WITHDRAWN, user=ANNA, partner=JOBCENTER, scope=AZR),
        entry(EventName.USER_REVOKED, user=ANNA),
        entry(EventName.USER_CHANGED, user=ANNA, role="liaison", partner=JOBCENTER, name="Anna"),
    ],
)
def test_who_took_it_back_or_is_of_the_office_no_more_confirms_nothing(after):
    assert rules(*OPENED, office(ANNA), office(BERND), confirmed(ANNA), confirmed(BERND), after).open == set()
    # ... and the office was in use all the same, so that one alone opens nothing.
    assert rules(*OPENED, office(ANNA), after).open == set()


def test_a_confirmation_outlives_a_start():
    said = (office(ANNA), office(BERND), confirmed(ANNA), confirmed(BERND))
    assert rules(*said, *OPENED).open == {AZR}


def test_where_the_configuration_accepts_one_alone_nobody_has_to_confirm_until_the_next_start():
    single = entry(EventName.OPENING_SINGLE, partner=JOBCENTER, scope=AZR)
    assert rules(*OPENED, single, office(ANNA)).open == {AZR}
    assert rules(*OPENED, single, office(ANNA), *OPENED).open == set()


def test_what_says_nothing_about_rules_changes_nothing():
    assert rules(*OPENED, entry(EventName.MESSAGE_ACCEPTED, receipt=ANNA, partner=JOBCENTER)) == rules(*OPENED)
