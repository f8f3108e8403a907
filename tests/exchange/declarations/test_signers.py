"""Guardian, Betreuer, several signers: each role gives its own, the weakest one counts, and no age decides anything."""

import pytest

from imgate.exchange.declarations import register
from imgate.exchange.refusals import Refused
from imgate.vocabulary.words import EvidenceLevel
from tests.exchange.declarations.examining import PDF, examined_by, sign, taken

SCOPE = "language.level"
AUTHORITY = {"areas": ["Vertretung gegenüber Behörden", "Gesundheitssorge"], "order": "AG Waiblingen, 3 XVII 12/24", "until": "2026-06-30"}


def level_of(world, declaration):
    with world.corridor.store.reading() as tx:
        verified = tx.declarations.get(declaration)[1].verified
    return verified.levels[-1][1] if verified.levels else None


def test_a_guardian_alone_does_not_sign_for_a_minor_who_signs_too(world):
    declaration = world.declare(SCOPE, signed=False, signers_required=["client", "guardian"])
    assert sign(world, declaration, "paper_scan", role="guardian") == "draft"
    assert sign(world, declaration, "paper_scan", role="guardian", content=PDF + b" again") == "draft"
    assert level_of(world, declaration) is None
    assert sign(world, declaration, "paper_scan") == "active"


def test_a_minor_alone_does_not_sign_where_the_guardian_has_to(world):
    declaration = world.declare(SCOPE, signed=False, signers_required=["client", "guardian"])
    assert sign(world, declaration, "paper_scan") == "draft"
    world.link()
    assert world.send({"language": {"level": {"cefr": "B1", "evidence": "dtz"}}})["withheld"] == [{"scope": SCOPE, "reason": "not_signed"}]


def test_a_client_does_not_sign_where_a_betreuer_is_asked_for(world):
    declaration = world.declare(SCOPE, signed=False, signers_required=["betreuer"])
    with pytest.raises(Refused, match="role_not_required"):
        sign(world, declaration, "paper_scan")
    assert sign(world, declaration, "paper_scan", role="betreuer", authority=AUTHORITY) == "active"


def test_two_guardians_have_to_sign_where_the_role_stands_twice(world):
    declaration = world.declare(SCOPE, signed=False, signers_required=["guardian", "client", "guardian"])
    assert sign(world, declaration, "paper_scan", role="guardian", signer="Mutter Muster") == "draft"
    assert sign(world, declaration, "paper_scan") == "draft"
    assert sign(world, declaration, "paper_scan", role="guardian", signer="Vater Muster") == "active"


@pytest.mark.parametrize(
    ("pieces", "level"),
    [
        ((("guardian", "pades"), ("guardian", "oral_record"), ("client", "pades")), "recorded"),
        ((("guardian", "pades"), ("guardian", "pades"), ("client", "paper_scan")), "written"),
        ((("guardian", "oral_record"), ("guardian", "pades"), ("client", "pades"), ("guardian", "drawn")), "written"),
        ((("guardian", "pades"), ("guardian", "pades"), ("client", "pades")), "qualified"),
    ],
)
def test_a_declaration_counts_for_its_weakest_role_and_of_that_for_its_strongest_pieces(world, pieces, level):
    declaration = world.declare(SCOPE, signed=False, signers_required=["guardian", "guardian", "client"])
    examined_by(world, taken(EvidenceLevel.QUALIFIED))
    for number, (role, kind) in enumerate(pieces):
        sign(world, declaration, kind, role=role, content=b"\x89PNG\r\n\x1a\n" if kind == "drawn" else PDF + bytes([48 + number]))
    assert level_of(world, declaration) == level


def test_what_was_said_by_one_of_two_signers_does_not_carry_a_confidential_scope(world):
    declaration = world.declare(SCOPE, signed=False, signers_required=["client", "guardian"])
    sign(world, declaration, "oral_record")
    assert sign(world, declaration, "paper_scan", role="guardian") == "active"
    world.link()
    withheld = world.send({"language": {"level": {"cefr": "B1", "evidence": "dtz"}}})["withheld"]
    assert withheld == [{"scope": SCOPE, "reason": "evidence_too_weak"}]


@pytest.mark.parametrize("role", ["guardian", "betreuer"])
def test_on_what_the_right_to_sign_rests_is_kept_and_shown(world, role):
    declaration = world.declare(SCOPE, signed=False, signers_required=[role])
    sign(world, declaration, "paper_scan", role=role, authority=AUTHORITY, interpreter="Samir Beispiel, Arabisch")
    (piece,) = register.show(world.corridor, declaration)["evidence"]
    assert (piece["authority"], piece["interpreter"]) == (AUTHORITY, "Samir Beispiel, Arabisch")


def test_an_authority_without_a_last_day_has_none(world):
    declaration = world.declare(SCOPE, signed=False, signers_required=["guardian"])
    authority = {name: AUTHORITY[name] for name in ("areas", "order")}
    sign(world, declaration, "paper_scan", role="guardian", authority=authority)
    assert register.show(world.corridor, declaration)["evidence"][0]["authority"] == authority


@pytest.mark.parametrize("signed_on", ["2026-07-01", "2027-01-01"])
def test_an_authority_that_had_ended_on_the_day_of_signing_is_refused(world, signed_on):
    declaration = world.declare(SCOPE, signed=False, signers_required=["betreuer"])
    with pytest.raises(Refused) as raised:
        sign(world, declaration, "paper_scan", role="betreuer", authority=AUTHORITY, signed_on=signed_on)
    assert [(problem.code, problem.pointer) for problem in raised.value.problems] == [("authority_ended", "/authority/until")]
    assert register.show(world.corridor, declaration)["evidence"] == []


def test_the_last_day_of_an_authority_is_still_covered(world):
    declaration = world.declare(SCOPE, signed=False, signers_required=["betreuer"])
    assert sign(world, declaration, "paper_scan", role="betreuer", authority=AUTHORITY, signed_on="2026-06-30") == "active"


@pytest.mark.parametrize("authority", [{}, {"areas": [], "order": "x"}, {"areas": ["x"]}, {"order": "x"}, {"areas": ["x"], "order": ""}])
def test_half_an_authority_is_none(world, authority):
    declaration = world.declare(SCOPE, signed=False, signers_required=["betreuer"])
    with pytest.raises(ValueError, match="authority"):
        sign(world, declaration, "paper_scan", role="betreuer", authority=authority)
