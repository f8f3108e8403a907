"""A declaration is shown to whoever looks at its own client, and to nobody who looks at another."""

import pytest

from imgate.exchange.declarations import register
from imgate.exchange.declarations.of_client import show_of
from imgate.exchange.ports import Unreadable
from imgate.exchange.refusals import Refused
from imgate.storage.declarations import SqlDeclarations
from imgate.vocabulary.identifiers import new_id
from tests.exchange.conftest import CLIENT

OTHER = "K-2026-1102"


def test_a_clients_declaration_is_shown_as_everywhere(world):
    declaration = world.declare("language.level")
    assert show_of(world.corridor, CLIENT, declaration) == register.show(world.corridor, declaration)


def test_another_clients_declaration_is_not_there(world):
    declaration = world.declare("language.level", client=OTHER)
    with pytest.raises(Refused) as refused:
        show_of(world.corridor, CLIENT, declaration)
    assert (refused.value.status, refused.value.code) == (404, "not_found")


@pytest.mark.parametrize("declaration", ["", "x", "../" * 9, new_id().upper(), new_id()])
def test_what_is_no_declaration_is_not_there_in_the_same_way(world, declaration):
    with pytest.raises(Refused) as refused:
        show_of(world.corridor, CLIENT, declaration)
    assert (refused.value.status, refused.value.code, refused.value.problems) == (404, "not_found", ())


def test_one_whose_owner_nobody_can_read_is_not_there(world, monkeypatch):
    declaration = world.declare("language.level")

    def unreadable(self, declaration):
        raise Unreadable("no head matches its MAC")

    monkeypatch.setattr(SqlDeclarations, "get", unreadable)
    with pytest.raises(Refused, match="not_found"):
        show_of(world.corridor, CLIENT, declaration)
