"""Of what was permitted, only what is needed passes: adults, blocked addresses, and every present scope named once."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgate.consent.minimise import Minimised, minimise, present_scopes
from imgate.vocabulary.reasons import Reason
from tests.consent.specimen import EVERYTHING, ID, OTHER, SECOND, decision, declaration, partner

TODAY = date(2026, 6, 1)
UNIT = "Integrationsmanagement Winnenden"
ADDRESS = {"street": "Torstraße", "postal_code": "71364", "city": "Winnenden"}


def minimised(record, *declarations, today=TODAY, of=None, provenance=None, **asked) -> Minimised:
    """Decide about a record and minimise it, by default under a declaration for everything."""
    of = of or partner()
    signed = declarations or (declaration(scopes=sorted(EVERYTHING)),)
    provenance = provenance or {}
    found = decision(*signed, scopes=present_scopes(record), of=of, provenance=provenance, **asked)
    return minimise(of, found, record, provenance, {each.id: f"{UNIT} {each.id[0]}" for each in signed}, today)


def household(*members, today=TODAY):
    """Give what passes of these members."""
    return minimised({"family": {"household": list(members)}}, today=today).released.record["family"]["household"]


def member(born, relation="child"):
    """Give somebody with a name and what is known of the birthday."""
    return {"relation": relation, "name": {"given": "Sami"}} | ({} if born is None else {"birth": {"date": born}})


@pytest.mark.parametrize("born", ["2008-06-02", "2008-07", "2009", "2026", "2026-06", "2026-06-01", "2020-02-29"])
def test_somebody_certainly_under_18_passes_whole(born):
    """Also where the birthday is known in part only, as long as no day of it makes them of age."""
    assert household(member(born)) == [member(born)]


@pytest.mark.parametrize(
    "born", ["2008-06-01", "2008-06", "2008", "2008-05-31", "1990", "0001", "2026-06-02", "2026-07", "2027", "9999", None]
)
def test_of_somebody_who_may_be_of_age_only_the_relation_passes(born):
    """Partly known dates count from their earliest day; a birthday that is yet to come is a mistake and tells nothing."""
    assert household(member(born, "spouse")) == [{"relation": "spouse"}]


@pytest.mark.parametrize("birth", [{"birth": None}, {"name": None}])
def test_an_age_of_which_nothing_was_said_is_not_known_to_be_under_18(birth):
    """Null and absent are one."""
    assert household({"relation": "child"} | birth) == [{"relation": "child"}]


def test_children_pass_and_their_parents_do_not():
    """Each member by itself, in the order of the record."""
    family = [member("1988-03-01", "spouse"), member("2015-03-01"), member(None, "sibling"), member("2010")]
    assert household(*family) == [{"relation": "spouse"}, family[1], {"relation": "sibling"}, family[3]]


@pytest.mark.parametrize(
    ("today", "minor"), [(date(2026, 2, 28), True), (date(2026, 3, 1), False), (date(2025, 12, 31), True), (date(2028, 2, 29), False)]
)
def test_who_was_born_on_29_february_comes_of_age_on_1_march(today, minor):
    """§ 188(3) BGB."""
    assert household(member("2008-02-29"), today=today) == [member("2008-02-29") if minor else {"relation": "child"}]


@pytest.mark.parametrize(("today", "minor"), [(date(2026, 7, 13), True), (date(2026, 7, 14), False)])
def test_everybody_else_comes_of_age_on_the_birthday(today, minor):
    """From its first hour."""
    assert household(member("2008-07-14"), today=today) == [member("2008-07-14") if minor else {"relation": "child"}]


@given(born=st.dates(date(1, 1, 1), date(9999, 12, 31)), today=st.dates(date(1900, 1, 1), date(2200, 1, 1)), known=st.integers(0, 2))
def test_the_less_is_known_of_a_birthday_the_less_passes(born, today, known):
    """Whoever passes by year or month passes by day as well; no date makes it stumble."""
    said = born.isoformat()[: (4, 7, 10)[known]]
    if household(member(said), today=today) == [member(said)]:
        assert born > today or household(member(born.isoformat()), today=today) == [member(born.isoformat())]
        assert today.year - born.year <= 18


def test_an_empty_household_was_said_and_passes():
    """An empty list says that there is nobody."""
    assert household() == []


@pytest.mark.parametrize("block", [{"information_block": True}, {}])
def test_an_address_under_an_information_block_is_withheld(block):
    """§ 51 BMG; a block of which nothing was said counts as one."""
    found = minimised({"contact": {"address": ADDRESS | block, "phone": "+4971911234"}})
    assert found.withheld == {"contact.address": Reason.ADDRESS_BLOCKED}
    assert found.released.record == {"contact": {"phone": "+4971911234"}}


@pytest.mark.parametrize("block", [{"information_block": True}, {"information_block": False}, {}])
def test_an_address_passes_to_a_partner_whose_configuration_opens_it_by_name(block):
    """As it is, block and all."""
    record = {"contact": {"address": ADDRESS | block}}
    assert minimised(record, of=partner(open=frozenset({"contact.address"}))).released.record == record


def test_an_address_without_a_block_passes():
    """Said to be without one."""
    record = {"contact": {"address": ADDRESS | {"information_block": False}}}
    assert minimised(record).released.record == record


def test_opening_another_closed_scope_opens_no_address():
    """By name means by this name."""
    found = minimised({"contact": {"address": ADDRESS}}, of=partner(open=frozenset({"identifiers.azr_number"})))
    assert found.withheld == {"contact.address": Reason.ADDRESS_BLOCKED}


def test_reasons_of_minimising_are_given_for_permitted_scopes_only():
    """What no declaration permits is denied for that, whatever else is the matter with it."""
    found = minimised({"contact": {"address": ADDRESS | {"information_block": True}}}, declaration(scopes=["language.level"]))
    assert found.withheld == {"contact.address": Reason.SCOPE_NOT_COVERED}


def test_open_alone_permits_no_address():
    """Opening takes a block away and gives no permission."""
    opened = partner(open=frozenset({"contact.address"}))
    assert minimised({"contact": {"address": ADDRESS}}, declaration(), of=opened).withheld == {"contact.address": Reason.SCOPE_NOT_COVERED}


def test_each_release_says_who_discloses_whence_it_came_and_until_when():
    """From the declaration that is named for the scope."""
    record = {"language": {"level": {"cefr": "B1"}}, "residence": {"status": {"code": "1"}}}
    first = declaration(scopes=["language.level"], onward_from=[OTHER])
    second = declaration(id_=SECOND, scopes=["residence.status"], valid_until="2026-08-31")
    releases = minimised(record, first, second, provenance={"language.level": OTHER}).released.releases
    assert (releases["language.level"].discloser, releases["language.level"].origin) == (f"{UNIT} {ID[0]}", OTHER)
    assert (releases["residence.status"].discloser, releases["residence.status"].origin) == (f"{UNIT} {SECOND[0]}", "self")
    assert [release.until for release in releases.values()] == ["2026-12-31", "2026-08-31"]


VALUES = {
    "person.name": {"family": "Muster"},
    "contact.address": ADDRESS,
    "contact.phone": "+4971911234",
    "language.level": {"cefr": "B1", "evidence": "dtz"},
    "family.household": [{"relation": "spouse", "name": {"given": "Lina"}}],
    "asylum.grounds": {"text": "..."},
    "health.constraints": {"text": "..."},
    "work.history": [],
    "person.shoe_size": 43,
}
SCOPES = sorted(VALUES)


@given(
    present=st.sets(st.sampled_from(SCOPES)), signed=st.sets(st.sampled_from(SCOPES), min_size=1), opened=st.sets(st.sampled_from(SCOPES))
)
def test_released_and_withheld_name_every_present_scope_once(present, signed, opened):
    """And what is released is in the record that is released, and nothing else is."""
    record: dict[str, dict[str, object]] = {}
    for scope in sorted(present):
        section, item = scope.split(".")
        record.setdefault(section, {})[item] = VALUES[scope]
    found = minimised(record, declaration(scopes=sorted(signed)), of=partner(open=frozenset(opened)))
    assert found.released.releases.keys() | found.withheld.keys() == present
    assert not found.released.releases.keys() & found.withheld.keys()
    assert set(present_scopes(found.released.record)) == found.released.releases.keys() <= signed


def test_the_record_that_is_minimised_is_left_as_it_was():
    """Another partner may have the same record next."""
    record = {"family": {"household": [member("1990"), member("2020")]}}
    before = repr(record)
    minimised(record)
    assert repr(record) == before


def test_of_nothing_nothing_is_released():
    """An empty record, and one with an empty section, have no scope at all."""
    for nothing in ("{}", '{"language": {}}'):
        found = minimised(json.loads(nothing))
        assert (found.released.record, found.withheld) == ({}, {})
