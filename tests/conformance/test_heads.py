"""References and ids of messages hold canaries too, in both directions."""

from imgate.conformance.canaries import differ_in_words_only, id_word, message_id_of, new_word, reference_of, twins
from imgate.conformance.envelope import envelope_about
from imgate.conformance.promises.tried import written_about
from imgate.vocabulary.identifiers import is_reference, is_uuid

RECORD = {"person": {"name": {"given": "X"}}}


def test_ids_of_twins_are_uuids_that_are_mangled_alike():
    one, other = (message_id_of(marked.word) for marked in twins(RECORD))
    assert is_uuid(one)
    assert is_uuid(other)
    assert one != other
    assert differ_in_words_only(one.encode(), other.encode())
    assert [sign.isdigit() for sign in one] == [sign.isdigit() for sign in other]


def test_each_word_has_a_reference_and_an_id_of_its_own():
    one, other = new_word(), new_word()
    assert is_reference(reference_of(one))
    assert reference_of(one) != reference_of(other)
    assert message_id_of(one) != message_id_of(other)
    assert message_id_of(one).startswith(id_word(one)), "what is looked for in memory is not the id itself"
    assert message_id_of(one) != id_word(one)


def test_two_clients_heads_have_nothing_in_common():
    one, other = (envelope_about(new_word(), number) for number in range(2))
    names = ("message_id", "created_at", "sender", "recipient", "reference", "purpose")
    assert [name for name in names if getattr(one, name) == getattr(other, name)] == []


def test_a_partner_writes_under_a_reference_and_an_id_that_are_canaries(fixtures_for):
    word = new_word()
    for adapter_id, message_id in (("planted", message_id_of(word)), ("planted-rows", None)):
        fixtures = fixtures_for(adapter_id)
        reading = fixtures["adapter"].read(written_about(fixtures["adapter"], fixtures["write_as_partner"], RECORD, word))
        assert [person.reference for person in reading.people] == [reference_of(word)]
        assert reading.message_id == message_id
