"""What is wrong with a declaration is named all at once, and nothing else about a well-formed one is refused (contract §3)."""

import unicodedata
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from imgate.consent.declaration import problems_of_declaration
from imgate.vocabulary.words import Direction
from tests.consent.specimen import EVERYTHING, ID, POSTED, partner, policy, request

ONE_WAY = partner(ceiling={Direction.TO_PARTNER: EVERYTHING - {"plan.goals"}, Direction.FROM_PARTNER: frozenset({"plan.goals"})})
NARROW = partner(ceiling={Direction.TO_PARTNER: frozenset({"language.level"}), Direction.FROM_PARTNER: frozenset({"plan.goals"})})


def problems(of=None, known=False, **changes):
    """Give the problems as (code, pointer)."""
    found = problems_of_declaration(request(**changes), of or policy(), supersedes_known=known)
    return [(problem.code, problem.pointer) for problem in found]


def test_the_contracts_own_example_has_no_problem():
    """The specimen is good."""
    assert problems() == []


def test_a_declaration_that_is_known_may_be_superseded():
    """And only one of this client and partner is known."""
    assert problems(supersedes=ID, known=True) == []
    assert problems(supersedes=ID, known=False) == [("supersedes_unknown", "/supersedes")]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"scopes": []}, ("scopes_empty", "/scopes")),
        ({"purposes": []}, ("purposes_empty", "/purposes")),
        ({"clauses": []}, ("clauses_empty", "/clauses")),
        ({"signers_required": []}, ("signers_empty", "/signers_required")),
        ({"scopes": ["language.level", "language"]}, ("scope_unknown", "/scopes/1")),
        ({"scopes": ["language.*", "language.level"]}, ("scope_unknown", "/scopes/0")),
        ({"scopes": [""]}, ("scope_unknown", "/scopes/0")),
        ({"scopes": ["language.level", "asylum.grounds"]}, ("scope_closed", "/scopes/1")),
        ({"scopes": ["identifiers.azr_number"]}, ("scope_closed", "/scopes/0")),
        ({"scopes": ["health.constraints"]}, ("scope_closed", "/scopes/0")),
        ({"purposes": ["housing", "everything"]}, ("purpose_unknown", "/purposes/1")),
        ({"partner": "nobody-knows"}, ("partner_unknown", "/partner")),
        ({"partner": ""}, ("partner_unknown", "/partner")),
        ({"valid_from": "2026-06-02", "valid_until": "2026-06-01"}, ("term_reversed", "/valid_until")),
        ({"valid_from": "2026-01-01", "valid_until": "2029-01-01"}, ("term_too_long", "/valid_until")),
        ({"valid_from": "0001-01-01", "valid_until": "9999-12-31"}, ("term_too_long", "/valid_until")),
        ({"occasion": "Ausbildung ab Herbs"}, ("occasion_too_short", "/occasion")),
        ({"occasion": "  Ausbildung         "}, ("occasion_too_short", "/occasion")),
        ({"occasion": "Soweit zur Aufgabenerledigung erforderlich."}, ("occasion_blanket", "/occasion")),
        ({"informed_of": ["voluntariness", "refusal_consequences", "revocability"]}, ("information_missing", "/informed_of")),
        ({"informed_of": ["voluntariness"] * 4}, ("information_missing", "/informed_of")),
        ({"informed_of": []}, ("information_missing", "/informed_of")),
        ({"supersedes": ID}, ("supersedes_unknown", "/supersedes")),
    ],
)
def test_each_problem_has_its_code_and_its_place(changes, expected):
    """And no other problem beside it."""
    assert problems(**changes) == [expected]


def test_a_scope_in_neither_directions_ceiling_is_refused():
    """One direction's place is enough; whether it passes in this direction is the decision's business."""
    assert problems(policy(NARROW), scopes=["language.level", "plan.goals"]) == []
    assert problems(policy(NARROW), scopes=["plan.goals", "residence.status"]) == [("scope_beyond_ceiling", "/scopes/1")]
    assert problems(policy(ONE_WAY), scopes=["plan.goals"], direction="to_partner") == []


def test_an_opened_scope_is_not_refused_as_closed():
    """For this partner."""
    opened = policy(partner(open=frozenset({"health.constraints"})))
    assert problems(opened, scopes=["health.constraints", "asylum.grounds"]) == [("scope_closed", "/scopes/1")]


def test_a_unit_that_is_not_configured_is_refused_where_units_are_configured():
    """While the list is not configured, any unit is accepted."""
    discloser = {"unit": "Integrationsmanagement Schorndorf", "persons": []}
    assert problems(discloser=discloser) == []
    assert problems(policy(units=frozenset({"Integrationsmanagement Winnenden"})), discloser=discloser) == [
        ("unit_unknown", "/discloser/unit")
    ]
    assert problems(policy(units=frozenset({"Integrationsmanagement Schorndorf"})), discloser=discloser) == []


def test_all_problems_come_at_once():
    """Whoever mends them is not sent away twice."""
    found = problems(
        policy(units=frozenset()),
        partner="nobody-knows",
        clauses=[],
        purposes=["a", "b"],
        scopes=["x", "language.level"],
        signers_required=[],
        valid_from="2026-02-01",
        valid_until="2026-01-01",
        occasion="FÜR DIE BERATUNG!",
        informed_of=[],
        supersedes=ID,
    )
    assert sorted(found) == sorted(
        [
            ("partner_unknown", "/partner"),
            ("unit_unknown", "/discloser/unit"),
            ("clauses_empty", "/clauses"),
            ("purpose_unknown", "/purposes/0"),
            ("purpose_unknown", "/purposes/1"),
            ("scope_unknown", "/scopes/0"),
            ("signers_empty", "/signers_required"),
            ("term_reversed", "/valid_until"),
            ("occasion_too_short", "/occasion"),
            ("occasion_blanket", "/occasion"),
            ("information_missing", "/informed_of"),
            ("supersedes_unknown", "/supersedes"),
        ]
    )


@pytest.mark.parametrize("phrase", ["für die Beratung", "soweit zur Aufgabenerledigung erforderlich"])
@pytest.mark.parametrize(
    "written",
    [
        str.upper,
        str.title,
        str.lower,
        "{}.".format,
        "„{}“ !".format,
        "  {}  ".format,
        lambda text: text.replace(" ", "\n"),
        lambda text: text.replace(" ", " – "),
        lambda text: text.replace(" ", "_"),
        lambda text: text.replace("Ber", "Be-r").replace("Aufgaben", "Aufgaben-"),
        lambda text: unicodedata.normalize("NFD", text),
        lambda text: text.replace(" ", "\u00a0"),
        lambda text: text.replace("e", "e\u00ad"),
    ],
)
def test_a_blanket_phrase_is_known_however_it_is_written(phrase, written):
    """Case and punctuation apart, and whichever way an umlaut or a blank is encoded."""
    assert ("occasion_blanket", "/occasion") in problems(occasion=written(phrase))


@pytest.mark.parametrize(
    "occasion",
    [
        "Für die Beratung zur Anerkennung des Abschlusses",
        "Vermittlung, soweit zur Aufgabenerledigung erforderlich",
        "soweit für die Aufgabenerledigung erforderlich",
        "x" * 20,
        "Umzug nach Schorndorf\nzum 1. Oktober",
    ],
)
def test_a_phrase_is_compared_as_a_whole(occasion):
    """An occasion that merely contains one names something beside it, and nothing else is refused."""
    assert problems(occasion=occasion) == []


@pytest.mark.parametrize(
    ("changes", "limit"),
    [
        ({"valid_from": "2026-01-01", "valid_until": "2028-12-31"}, 1096),
        ({"valid_from": "2026-06-01", "valid_until": "2026-06-01"}, 1),
        ({"valid_from": "2026-06-01", "valid_until": "2026-06-30"}, 30),
    ],
)
def test_a_term_of_exactly_the_longest_days_is_accepted_and_one_day_more_is_not(changes, limit):
    """First and last day count."""
    assert problems(policy(max_term_days=limit), **changes) == []
    shorter = problems(policy(max_term_days=limit - 1), **changes)
    assert shorter == [("term_too_long", "/valid_until")]


@pytest.mark.parametrize(
    "changes",
    [
        {"valid_from": "1998-01-01", "valid_until": "1998-12-31"},  # a term in the past is accepted
        {"valid_from": "9999-01-01", "valid_until": "9999-12-31"},
        {"valid_from": "0001-01-01", "valid_until": "0001-12-31"},
        {"clauses": ["confidentiality_release"]},  # decides nothing until both are there
        {"clauses": ["data_protection_consent", "confidentiality_release", "data_protection_consent"]},
        {"signers_required": ["guardian", "guardian"]},
        {"scopes": ["language.level", "language.level"]},
        {"purposes": ["housing"]},  # whether an adapter offers it decides nothing
        {"onward_from": ["nobody-knows"]},
        {"direction": "from_partner"},
        {"discloser": {"unit": "Irgendwer", "persons": []}},
        {"discloser": {"unit": "Irgendwer"}},
        {"language": "zh-Hant-TW"},
        {"language": "x-dari"},
        {"interpreter": "Samira Beispiel"},
        {"interpreter": {"name": "Samira Beispiel", "language": "prs"}},
        {"supersedes": None},
        {"client": "_.-"},
    ],
)
def test_nothing_else_about_a_well_formed_declaration_is_refused(changes):
    """Unwise is not unlawful."""
    assert problems(**changes) == []


@given(st.lists(st.sampled_from(sorted(EVERYTHING)), min_size=1), st.dates(), st.text(min_size=20, max_size=100).map(str.strip))
@example(["language.level"], date(9999, 12, 31), "x" * 20)
def test_any_scopes_of_the_ceiling_on_any_day_for_any_named_occasion_are_accepted(scopes, day, occasion):
    """As long as none of them is closed."""
    changes = {"scopes": scopes, "valid_from": day.isoformat(), "valid_until": day.isoformat(), "occasion": occasion}
    try:
        found = problems(**changes)
    except ValidationError:
        return  # control characters and lone surrogates make no well-formed text
    expected = [("scope_closed", f"/scopes/{index}") for index, scope in enumerate(scopes) if scope in partner().closed]
    assert [problem for problem in found if problem[1] != "/occasion"] == expected


@pytest.mark.parametrize(
    "changes",
    [
        *({name: None} for name in POSTED if name not in ("supersedes", "interpreter")),
        {"client": "K 2026"},
        {"client": "K" * 65},
        {"client": ""},
        {"client": "K-1\n"},
        {"direction": "sideways"},
        {"clauses": ["power_of_attorney"]},
        {"signers_required": ["lawyer"]},
        {"informed_of": ["weather"]},
        {"valid_from": "2026-02-29"},
        {"valid_from": "2026-1-1"},
        {"valid_until": "2026-W01-1"},
        {"valid_until": "20261231"},
        {"valid_until": "2026-12-31T00:00:00Z"},
        {"language": "Arabisch!"},
        {"language": ""},
        {"supersedes": ID.upper().replace("1", "A")},
        {"supersedes": "K-2026-0815"},
        {"discloser": {"unit": " ", "persons": []}},
        {"discloser": {"unit": "X", "person": "Y"}},
        {"scopes": "language.level"},
        {"scopes": [1]},
        {"nonce": "00"},
        {"recipient": "Jobcenter Stuttgart"},
        {"catalogue": 2},
    ],
)
def test_what_is_not_well_formed_is_no_declaration(changes):
    """Nobody names the recipient, the catalogue or the nonce but imgate; nothing is coerced."""
    with pytest.raises(ValidationError):
        request(**changes)
