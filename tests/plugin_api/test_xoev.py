"""Which published lists a table uses is told for every shape, however deep; and what the common shapes write is what was reviewed."""

import pytest

from imgate.plugin_api import xoev
from imgate.plugin_api.xml import Flag, Group, Many, Number, Text, both, neither
from imgate.plugin_api.xml_write import compile_writer

DESTATIS = "urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:staatsangehoerigkeit"


def test_a_list_is_told_with_every_scope_that_uses_it_in_the_tables_order():
    items = (
        both("person.nationality", Many("nationalities", xoev.nationality("nationality"))),
        both("education.school", Group("school", {"years": Number("years"), "country": xoev.nationality("country")})),
    )
    assert dict(xoev.code_lists(items)) == {(DESTATIS, "2024-08-01"): ("person.nationality", "education.school")}


def test_a_scope_that_uses_a_list_twice_stands_once():
    items = (both("person.birth", Group("birth", {"country": xoev.nationality("country"), "place": xoev.nationality("place")})),)
    assert dict(xoev.code_lists(items)) == {(DESTATIS, "2024-08-01"): ("person.birth",)}


def test_what_a_message_names_itself_has_no_version():
    items = (both("residence.title", Group("residenceTitle", {"code": xoev.residence_title("title")})),)
    assert dict(xoev.code_lists(items)) == {(uri, None): ("residence.title",) for uri in xoev.TITLE_LISTS}


def test_a_table_without_codes_uses_no_list():
    shape = Group("address", {"street": Text("street"), "information_block": Flag("block"), "rooms": Many("rooms", Number("room"))})
    assert dict(xoev.code_lists((both("contact.address", shape), neither("asylum.grounds", "Concerns nobody.")))) == {}


CODED = [
    xoev.nationality,
    xoev.municipality,
    xoev.language,
    xoev.sex,
    xoev.residence_status,
    xoev.work_permission,
    xoev.domicile_restriction,
    xoev.jobcenter_unit,
    xoev.auslaenderbehoerde_unit,
]


@pytest.mark.parametrize("shape", CODED)
def test_a_code_leaves_with_its_list_and_version_as_they_were_reviewed(shape, snapshot):
    assert compile_writer(shape("element"), "m:")("01") == snapshot


def test_a_title_may_name_any_of_the_lists_and_leaves_with_the_one_that_it_names(snapshot):
    assert xoev.residence_title("element").lists == xoev.TITLE_LISTS
    group = Group("group", {"code": xoev.residence_title("element")})
    assert compile_writer(group, "m:")({"list": xoev.TITLE_LISTS[0], "version": "9", "code": "01"}) == snapshot


def test_an_address_leaves_as_it_was_reviewed(snapshot):
    lines = {"street": "Torstraße", "house_number": "1 a", "postal_code": "71364", "city": "Winnenden", "ags": "08119085"}
    assert compile_writer(xoev.address("element"), "m:")(lines | {"information_block": False}) == snapshot


@pytest.mark.parametrize("number", [Text("number"), xoev.jobcenter_unit("number")])
def test_a_contact_person_leaves_as_it_was_reviewed(number, snapshot):
    channels = [{"kind": "phone", "value": "+4971951", "note": "mornings"}, {"kind": "email", "value": "a@example.org"}]
    person = {"unit": "Unit", "unit_number": "7", "organisation_sign": "M 1", "name": {"family": "F", "given": "G"}, "channels": channels}
    assert compile_writer(xoev.contact_person("element", number), "m:")(person) == snapshot
