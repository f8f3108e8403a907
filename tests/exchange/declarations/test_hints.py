"""A preview suggests a guardian where the client is or may be a minor; it never refuses and never decides by age."""

import pytest

from tests.exchange.declarations.examining import sign

LEVEL = {"level": {"cefr": "B1", "evidence": "dtz"}}


@pytest.fixture
def linked(world):
    world.link()
    return world


def record(born):
    return {"language": LEVEL} | ({} if born is None else {"person": {"birth": {"date": born}}})


def hinted(world, born):
    return [declaration for hint in world.preview(record(born)).get("hints", ()) for declaration in hint["declarations"]]


# Today is 2026-03-02 in these tests.
@pytest.mark.parametrize("born", ["2008-03-02", "2008-02-29", "2008-02", "2007", "1990", "1990-07", "2007-12-31"])
def test_nobody_is_suggested_for_who_is_certainly_of_age(linked, born):
    linked.declare("language.level")
    assert hinted(linked, born) == []


@pytest.mark.parametrize("born", ["2008-03-03", "2008-03", "2008", "2009", "2020-01-01", "2026-03-02"])
def test_a_guardian_is_suggested_for_who_is_or_may_be_under_18(linked, born):
    declaration = linked.declare("language.level")
    assert linked.preview(record(born))["hints"] == [{"code": "guardian_suggested", "declarations": [declaration]}]


def test_who_was_born_on_a_29_february_comes_of_age_on_1_march(linked):
    linked.now = linked.now.replace(year=2026, month=2, day=28)
    declaration = linked.declare("language.level")
    assert hinted(linked, "2008-02-29") == [declaration]
    linked.later(days=1)
    assert hinted(linked, "2008-02-29") == []


def test_without_a_date_of_birth_there_is_nothing_to_suggest(linked):
    linked.declare("language.level")
    assert "hints" not in linked.preview(record(None))
    assert "hints" not in linked.preview({"language": LEVEL, "person": {"sex": "w"}})


@pytest.mark.parametrize("role", ["guardian", "betreuer"])
def test_a_declaration_that_somebody_signs_for_the_client_is_not_named(linked, role):
    linked.declare("language.level", signed=False, signers_required=["client", role])
    alone = linked.declare("language.level", signed=False)
    assert hinted(linked, "2012") == [alone]


def test_what_is_no_draft_and_not_in_force_is_not_named(linked):
    linked.revoke(linked.declare("language.level"))
    linked.pause(linked.declare("language.level"))
    linked.declare("language.level", valid_until="2026-02-01")
    assert hinted(linked, "2012") == []


def test_all_of_them_are_named_in_one_hint(linked):
    expected = sorted([linked.declare("language.level"), linked.declare("language.level", signed=False)])
    (hint,) = linked.preview(record("2012"))["hints"]
    assert hint == {"code": "guardian_suggested", "declarations": expected}


def test_a_hint_changes_nothing_about_what_passes(linked):
    linked.declare("language.level", "person.birth")
    minor, adult = linked.preview(record("2012")), linked.preview(record("1990"))
    del minor["hints"]
    del minor["message"], adult["message"]
    assert minor == adult
    assert minor["released"] == ["language.level", "person.birth"] or minor["released"] == ["person.birth", "language.level"]


def test_a_child_signs_alone_where_it_understands_what_it_is_about(linked):
    declaration = linked.declare("language.level", signed=False)
    assert sign(linked, declaration, "paper_scan") == "active"
    assert linked.send(record("2012"))["released"] == ["language.level"]


def test_another_partners_declarations_are_not_named(linked):
    linked.declare("residence.status", partner="abh-winnenden", signed=False)
    assert hinted(linked, "2012") == []
