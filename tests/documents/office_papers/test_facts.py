"""The facts of the papers: readable for ever, and each of them has a German name and German words."""

import copy

import pytest
from pydantic import BaseModel

from imgate.documents.office_papers import facts as kinds
from imgate.documents.office_papers.facts import Facts, FactsUnreadable, PaperFacts, TermFacts, digest_of, read_facts
from imgate.documents.office_papers.words import Reader, said_by, term_name, term_value, words
from imgate.documents.signed_pdf.rules import Revocation, TimeStamps
from imgate.exchange.weekly_digest import Weekday
from imgate.settings import Settings
from imgate.transports import fit_connect, folder, gateway, mailbox, push, xta
from imgate.vocabulary.sensitivity import Sensitivity
from imgate.vocabulary.words import AttachmentKind, Body, Direction, EvidenceLevel, Purpose, UserRole
from tests.documents.office_papers.kept import FACTS, KEPT, SHA256

BUILT_IN = [module.imgate_register_transport().kind for module in (mailbox, push, folder, gateway, fit_connect, xta)]
WORDS = {
    "regimes": ["sgb-x", "gdpr-land"],
    "levels": EvidenceLevel,
    "sensitivities": Sensitivity,
    "bodies": Body,
    "transports": BUILT_IN,
    "departures": ["fetched", "sent", "this_machine", "laid_down", "unknown"],
    "attachments": AttachmentKind,
    "user_roles": UserRole,
    "time_stamps": TimeStamps,
    "revocations": Revocation,
    "databases": ["sqlite", "postgresql"],
    "directions": Direction,
    "plugin_kinds": ["adapter", "transport"],
    "weekdays": Weekday,
    "purposes": Purpose,
}
KINDS = [kind for kind in vars(kinds).values() if isinstance(kind, type) and issubclass(kind, Facts) and kind is not Facts]


def test_what_version_1_kept_is_read_and_kept_again_letter_by_letter():
    assert FACTS.kept() == KEPT
    assert FACTS.sha256 == digest_of(KEPT) == SHA256


@pytest.mark.parametrize("version", [2, 99, None, "1", True])
def test_what_a_newer_release_kept_is_refused_with_a_sentence(version):
    kept = KEPT | {"version": version}
    with pytest.raises(FactsUnreadable, match=r"newer release|damaged"):
        read_facts(kept)


@pytest.mark.parametrize("member", [name for name in KEPT if name != "version"])
def test_what_lacks_something_is_refused_and_nothing_of_it_is_shown(member):
    kept = copy.deepcopy(KEPT)
    del kept[member]
    kept["Jemand"] = "geheim"
    with pytest.raises(FactsUnreadable) as refused:
        read_facts(kept)
    assert "geheim" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in (PaperFacts, TermFacts)])
def test_every_fact_has_a_german_name_or_holds_further_facts(kind):
    for name, says in said_by(kind).items():
        held = kind.model_fields[name].annotation
        inner = held.__args__[0] if hasattr(held, "__args__") else held
        assert (says is None) is (isinstance(inner, type) and issubclass(inner, BaseModel)), name
        assert says is None or says.german
        assert says is None or says.words in ("", "scopes", *WORDS)


@pytest.mark.parametrize("kind", KINDS)
def test_no_two_facts_of_one_kind_have_the_same_name(kind):
    named = [says.german for says in said_by(kind).values() if says is not None]
    assert len(set(named)) == len(named)


@pytest.mark.parametrize("table", WORDS)
def test_every_word_that_a_fact_can_hold_has_german_words(table):
    reader = Reader(())
    assert [word for word in map(str, WORDS[table]) if reader.word(table, word) == word and table != "weekdays"] == []
    if table != "purposes":
        assert set(words()[table]) == set(map(str, WORDS[table]))


def test_a_word_that_nobody_knows_is_shown_as_it_is():
    assert Reader(()).word("transports", "brieftaube") == "brieftaube"
    assert Reader(()).grouped(("stars.sign",)) == "stars.sign"


def test_every_term_has_a_german_name_and_none_that_is_gone_has():
    sections = {"retention": Settings.model_fields["retention"].annotation}
    retention = {f"retention.{name}" for name in sections["retention"].model_fields}
    named = set(words()["terms"])
    assert retention - named == set()
    assert {name for name in named if name.startswith("retention.")} == retention
    assert {term.name for term in FACTS.terms} == named
    assert set(words()["terms_of_nought"]) <= named


def test_a_term_without_a_german_name_is_shown_by_its_own():
    assert term_name("retention.of_stars_days") == "retention.of_stars_days"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("retention.message_days", 1, "1 Tag"),
        ("retention.message_days", 180, "180 Tage"),
        ("retention.history_years", 0, "unbegrenzt"),
        ("gateway.remind_days", 0, "0 Tage"),
        ("revocation.reminders", 3, "3"),
        ("retention.of_stars", True, "ja"),
        ("retention.of_stars_days", None, "nicht eingestellt"),
        ("retention.of_stars", "sgb-x", "sgb-x"),
    ],
)
def test_a_term_is_read_with_its_unit(name, value, said):
    assert term_value(TermFacts(name=name, value=value)) == said
