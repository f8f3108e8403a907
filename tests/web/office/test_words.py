"""Every word of the contract that the office may see has words for people."""

from imgate.adapters.quality.answers import Word
from imgate.adapters.quality.scale import Tier
from imgate.audit.events import EventName
from imgate.audit.verify import Flaw
from imgate.exchange.past.recorded import Limit
from imgate.keys import KeyUse
from imgate.vocabulary.reasons import Reason, Unproved
from imgate.vocabulary.sensitivity import Sensitivity
from imgate.vocabulary.words import Clause, EvidenceLevel, Role
from imgate.web.office import past_words, words


def test_every_word_is_there_and_none_too_many():
    assert set(words.EVENTS) == set(EventName)
    assert set(words.FLAWS) == set(Flaw)
    assert set(words.KEY_USES) == set(KeyUse)
    assert set(words.SENSITIVITIES) == set(Sensitivity)
    assert set(words.LEVELS) == set(EvidenceLevel)
    assert set(words.ACCESS_ROLES) == set(Role)
    assert set(words.TIERS) == set(Tier)
    assert set(words.ANSWERS) == set(Word)
    assert set(past_words.REASONS) == {*Reason, *Unproved}
    assert set(past_words.PREMISES) == {reason for reason in Reason if reason not in {"address_blocked", "nothing_left", "overtaken"}}
    assert set(past_words.LIMITS) == set(Limit)
    assert set(past_words.CLAUSES) == set(Clause)


def test_a_reason_that_nobody_knows_has_no_words():
    assert words.why("never_heard_of") is None
    assert words.why(None) is None
    assert words.why("") is None


def test_a_reason_with_an_id_behind_it_has_the_words_of_the_reason():
    assert words.why("overtaken_by:0199") == words.WHY["overtaken_by"]
    assert words.why("http_502") == words.WHY["http"]
