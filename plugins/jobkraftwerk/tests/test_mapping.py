"""Each mistake in a mapping is answered with one sentence that says where it is."""

import pytest

from imgate.plugin_api import Absent, Place, SettingsInvalid
from imgate_jobkraftwerk.translate import configure

ENVELOPE = """
[message.envelope]
message_id = "Nachricht"
created_at = "Zeit"
sender = "Von"
recipient = "An"
reference = "Klient"
purpose = "Zweck"
row = "Zeile"
content = "Inhalt"
releases = "Freigaben"
notice = "Hinweis"
"""
COLUMNS = '[message.columns]\n"Arbeit" = "work.status.kind"\n'
SHEET = '[sheets.a]\nreference = "Nr"\n'


def mapped(tmp_path, text):
    path = tmp_path / "mapping.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return configure({"mapping": str(path)})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("[message\nx = 1\n", ["not TOML", "line 1"], id="no TOML"),
        pytest.param(b"\xff", ["not UTF-8"], id="not UTF-8"),
        pytest.param("", ["[message] is missing"], id="empty"),
        pytest.param("message = 1", ["[message]", "no table"], id="no table"),
        pytest.param(COLUMNS, ["[message.envelope] is missing"], id="no envelope"),
        pytest.param(ENVELOPE, ["[message.columns] is missing"], id="no columns"),
        pytest.param(ENVELOPE.replace('row = "Zeile"\n', "") + COLUMNS, ["[message.envelope]", "name of row"], id="a name missing"),
        pytest.param(ENVELOPE.replace("Zeile", "zeit") + COLUMNS, ["zeit", "twice"], id="an envelope name twice"),
        pytest.param(ENVELOPE + "x = 1\n" + COLUMNS, ["does not know x"], id="an unknown envelope part"),
        pytest.param("extra = 1\n" + ENVELOPE + COLUMNS, ["does not know extra", "message, sheets, values"], id="an unknown table"),
        pytest.param('[message]\nencoding = "latin-1"\n' + ENVELOPE + COLUMNS, ["encoding", "windows-1252"], id="an unknown encoding"),
        pytest.param("[message]\nencoding = []\n" + ENVELOPE + COLUMNS, ["encoding"], id="an encoding that is a list"),
        pytest.param(
            ENVELOPE + '[message.columns]\n"A" = "work.status.kid"', ["A", "work.status.kid", "did you mean work.status.kind"], id="typo"
        ),
        pytest.param(ENVELOPE + '[message.columns]\n"A" = "nothing"', ["A", "there is no leaf nothing"], id="no leaf at all"),
        pytest.param(ENVELOPE + '[message.columns]\n"A" = 5', ["[message.columns] A", "no table"], id="a number for a leaf"),
        pytest.param(ENVELOPE + '[message.columns]\n"A" = {}', ["A", "must name a leaf"], id="no leaf named"),
        pytest.param(
            ENVELOPE + '[message.columns]\n"A" = "health.constraints.text"', ["health.constraints", "no place", "special kind"], id="absent"
        ),
        pytest.param(
            ENVELOPE + '[message.columns]\n"A" = "work.status.since"', ["work.status", "none for work.status.kind"], id="needed leaf"
        ),
        pytest.param(
            ENVELOPE + COLUMNS + '"B" = "work.status.kind"', ["two columns for work.status.kind", "Arbeit and B"], id="leaf twice"
        ),
        pytest.param(ENVELOPE + COLUMNS + '"Arbeit" = "person.sex"\n#', ["not TOML", "line"], id="a column twice in TOML"),
        pytest.param(ENVELOPE + COLUMNS + '"ARBEIT" = "person.sex"', ["ARBEIT", "twice"], id="a column twice but for capitals"),
        pytest.param(ENVELOPE + COLUMNS + '"Zweck" = "person.sex"', ["Zweck", "twice"], id="a column of the envelope"),
        pytest.param(ENVELOPE + COLUMNS + '"=A1" = "person.sex"', ["must not begin with"], id="a formula for a name"),
        pytest.param(ENVELOPE + COLUMNS + '" A" = "person.sex"', ["blank"], id="a blank before a name"),
        pytest.param(ENVELOPE + COLUMNS + '"A\\nB" = "person.sex"', ["printable"], id="a line break in a name"),
        pytest.param(ENVELOPE + COLUMNS + '"" = "person.sex"', ["1 to 100"], id="no name"),
        pytest.param(ENVELOPE + COLUMNS + '"A" = { leaf = "person.sex", form = "x" }', ["A", "does not know form"], id="an unknown option"),
        pytest.param(ENVELOPE + COLUMNS + '"A" = { leaf = "person.sex", separator = "," }', ["A", "no list"], id="separator of no list"),
        pytest.param(
            ENVELOPE + COLUMNS + '"A" = { leaf = "person.nationality", separator = "x" }',
            ["A", "separator", "| , ; /"],
            id="a letter that separates",
        ),
        pytest.param(
            ENVELOPE + COLUMNS + '"A" = { leaf = "work.status.hours", separator = "," }', ["work.status.hours is no list"], id="no list"
        ),
        pytest.param(
            ENVELOPE + COLUMNS + '"A" = { leaf = "person.nationality", separator = ",;" }', ["A", "separator"], id="two separators"
        ),
        pytest.param(
            ENVELOPE + COLUMNS + '"A" = { leaf = "person.nationality", separator = 1 }', ["A", "separator"], id="a number for a separator"
        ),
        pytest.param(
            ENVELOPE + COLUMNS + '"A" = { leaf = "person.nationality", drop_first = "Frau" }',
            ["[message.columns] A: drop_first", "list"],
            id="a text for words to drop",
        ),
        pytest.param(
            ENVELOPE + COLUMNS + '"A" = { leaf = "person.nationality", drop_first = [1] }', ["drop_first"], id="a number for a word to drop"
        ),
        pytest.param(
            ENVELOPE + COLUMNS + '"A" = { leaf = "person.nationality", drop_first = [" "] }',
            ["drop_first"],
            id="a blank for a word to drop",
        ),
        pytest.param(ENVELOPE + COLUMNS + f'"{"x" * 101}" = "person.sex"', ["1 to 100"], id="a long name"),
        pytest.param("sheets = 1\n" + ENVELOPE + COLUMNS, ["[sheets] is missing, or is no table"], id="a number for the sheets"),
        pytest.param("values = 1\n" + ENVELOPE + COLUMNS, ["[values] is missing, or is no table"], id="a number for the values"),
        pytest.param("[message]\nx = 1\n" + ENVELOPE + COLUMNS, ["[message] does not know x"], id="an unknown entry of the message"),
        pytest.param(ENVELOPE + COLUMNS + "[sheets]\na = 1", ["[sheets.a] is missing, or is no table"], id="a number for a sheet"),
        pytest.param(
            ENVELOPE + COLUMNS + SHEET + 'without_scope = ["=x"]\n[sheets.a.columns]',
            ["[sheets.a]: the name of without_scope"],
            id="a formula without scope",
        ),
        pytest.param(
            ENVELOPE + COLUMNS + '"A" = { leaf = "contact.email", drop_first = ["Frau"] }',
            ["A", "readable again"],
            id="dropped words in what is written",
        ),
        pytest.param(
            ENVELOPE + COLUMNS + '"J" = "contact_persons.jobcenter.channels.phone"',
            ["J", "single kind of channel"],
            id="one channel in what is written",
        ),
        pytest.param(ENVELOPE + COLUMNS + "[sheets.a]\nx = 1", ["[sheets.a]", "does not know x"], id="an unknown entry of a sheet"),
        pytest.param(ENVELOPE + COLUMNS + "[sheets.a.columns]", ["[sheets.a]", "name of reference"], id="a sheet about nobody"),
        pytest.param(ENVELOPE + COLUMNS + SHEET, ["[sheets.a.columns] is missing"], id="a sheet without columns"),
        pytest.param(
            ENVELOPE + COLUMNS + SHEET + '[sheets.a.columns]\n"nr" = "person.sex"', ["nr", "twice"], id="the reference as a column"
        ),
        pytest.param(
            ENVELOPE + COLUMNS + SHEET + '[sheets.a.columns]\n"Nachricht" = "person.sex"', ["Nachricht", "imgate wrote"], id="ours"
        ),
        pytest.param(
            ENVELOPE + COLUMNS + SHEET + 'without_scope = "x"\n[sheets.a.columns]', ["without_scope", "list"], id="a text for a list"
        ),
        pytest.param(ENVELOPE + COLUMNS + "[values.x]", ["[values.x]", "none of the value lists"], id="an unknown value list"),
        pytest.param(ENVELOPE + COLUMNS + "[values]\nsex = 1", ["[values.sex]", "table of codes"], id="a value list that is none"),
        pytest.param(ENVELOPE + COLUMNS + '[values.sex]\ny = ["Y"]', ["[values.sex]", "y", "no code"], id="an unknown code"),
        pytest.param(ENVELOPE + COLUMNS + '[values.state]\nSYR = ["Syrien"]', ["SYR", "no code"], id="a code of another form"),
        pytest.param(ENVELOPE + COLUMNS + "[values.sex]\nm = []", ["[values.sex] m", "at least one word"], id="no word"),
        pytest.param(ENVELOPE + COLUMNS + '[values.sex]\nm = [" "]', ["[values.sex] m", "at least one word"], id="a blank for a word"),
        pytest.param(ENVELOPE + COLUMNS + "[values.sex]\nm = [1]", ["[values.sex] m", "at least one word"], id="a number for a word"),
        pytest.param(ENVELOPE + COLUMNS + '[values.sex]\nm = ["WEIBLICH"]', ["two codes", "m", "w"], id="a word for two codes"),
        pytest.param(ENVELOPE + COLUMNS + '[values.sex]\nm = ["d"]', ["word d", "another code"], id="a word that is another code"),
    ],
)
def test_a_mistake_is_named(tmp_path, text, words, snapshot):
    with pytest.raises(SettingsInvalid) as caught:
        mapped(tmp_path, text)
    assert caught.value.setting == "mapping"
    for word in words:
        assert word in caught.value.sentence
    if "not TOML" not in words:  # there Python's own words follow
        assert caught.value.sentence.replace(str(tmp_path), "FOLDER") == snapshot


def test_a_name_has_up_to_a_hundred_characters(tmp_path):
    name = "x" * 100
    assert mapped(tmp_path, ENVELOPE + COLUMNS + f'"{name}" = "person.sex"').fields.sent()["person.sex"] == Place((name,))


@pytest.mark.parametrize(
    ("settings", "setting"),
    [
        ({"maping": "x"}, "maping"),
        ({"format": "ods"}, "format"),
        ({"format": 1}, "format"),
        ({"mapping": 1}, "mapping"),
        ({"mapping": "/nonexistent/mapping.toml"}, "mapping"),
        ({"mapping": "a\x00b"}, "mapping"),
    ],
)
def test_settings_that_cannot_be_used_are_named(settings, setting, snapshot):
    with pytest.raises(SettingsInvalid) as caught:
        configure(settings)
    assert caught.value.setting == setting
    assert caught.value.sentence == snapshot


def test_the_built_in_mapping_has_a_column_for_every_leaf_that_it_writes(adapter):
    assert not [scope for scope, place in adapter.fields.sent().items() if place.without]


def test_a_mapping_narrows_what_is_exchanged_and_says_which_leaves_it_leaves_out(tmp_path):
    fields = mapped(tmp_path, ENVELOPE + COLUMNS + SHEET + '[sheets.a.columns]\n"X" = "person.sex"').fields
    assert fields.sent() == {"work.status": Place(("Arbeit",), ("since", "hours"))}
    assert fields.taken() == {"work.status": Place(("Arbeit",), ("since", "hours")), "person.sex": Place(("X",))}
    assert isinstance(fields.fields["language.level"].to_partner, Absent)


def test_no_two_scopes_share_a_column(adapter):
    for places in (adapter.fields.sent(),):
        names = [name for place in places.values() for name in place.at]
        assert len(names) == len(set(names))
