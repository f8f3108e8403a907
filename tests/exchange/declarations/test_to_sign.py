"""A page offers the evidence that can suffice, and asks for whoever has not signed."""

from imgate.exchange.declarations import register
from imgate.exchange.declarations.to_sign import kinds_to_sign, next_role, not_by_word


def shown(world, *scopes):
    return register.show(world.corridor, world.declare(*scopes))


def roles(required, given):
    return {"content": {"signers_required": required}, "evidence": [{"role": role} for role in given]}


def test_a_note_of_what_was_said_is_not_offered_where_nothing_passes_on_it(world):
    declaration = shown(world, "residence.status")
    assert "oral_record" not in kinds_to_sign(world.corridor, declaration)
    assert not_by_word(world.corridor, declaration) == ["residence.status"]


def test_a_note_is_offered_for_what_passes_on_it_and_the_rest_is_named(world):
    declaration = shown(world, "language.course", "residence.status")
    assert "oral_record" in kinds_to_sign(world.corridor, declaration)
    assert not_by_word(world.corridor, declaration) == ["residence.status"]


def test_a_role_that_stands_twice_is_asked_for_until_both_have_signed():
    assert next_role(roles(["guardian", "guardian", "client"], [])) == "guardian"
    assert next_role(roles(["guardian", "guardian", "client"], ["guardian"])) == "guardian"
    assert next_role(roles(["guardian", "guardian", "client"], ["guardian", "guardian"])) == "client"


def test_where_all_have_signed_the_first_may_sign_again():
    assert next_role(roles(["client"], ["client"])) == "client"
