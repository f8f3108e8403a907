"""A code is fixed where it stands in the plugin's code, or in imgate's."""

from imgate.conformance.fixed_words import stands_in_code


def test_a_code_that_the_plugin_or_imgate_writes_out_stands_in_code(planted):
    assert stands_in_code("header_unknown", "imgate_planted.rows")
    assert stands_in_code("schema_invalid", "imgate_planted.rows")


def test_a_member_of_an_enumeration_stands_in_code_without_being_written():
    assert stands_in_code("from_partner", "imgate.vocabulary.words")


def test_what_was_put_together_does_not_stand_in_code(planted):
    for other in ("row_sgb2", "header_", "unknown_header", "header_unknown\n", None, ["header_unknown"]):
        assert not stands_in_code(other, "imgate_planted.rows")


def test_what_only_another_plugin_says_does_not_stand_in_code(planted):
    assert not stands_in_code("header_unknown", "imgate_jobcenter")
