"""What changed between two sets of facts: every fact that is another is named once, and nothing else."""

import pytest

from imgate.documents.office_papers.differences import Change, differences, differences_paper
from imgate.documents.office_papers.markdown import markdown
from tests.documents.office_papers.kept import FACTS, leaves, with_another

JOBCENTER = FACTS.partners[1]
assert JOBCENTER.id == "jobcenter-rems-murr"


def with_partner(**changes):
    return FACTS.model_copy(update={"partners": (FACTS.partners[0], JOBCENTER.model_copy(update=changes))})


def test_nothing_changed_where_nothing_did():
    assert differences(FACTS, FACTS) == ()
    assert "Es hat sich nichts geändert." in markdown(differences_paper((), "gestern", "heute"))


def test_every_fact_that_is_another_is_found():
    assert [path for path in leaves() if differences(FACTS, with_another(path)) == ()] == []


def test_a_scope_more_and_a_scope_less_are_one_line_each():
    now = with_partner(to_partner=(*(scope for scope in JOBCENTER.to_partner if scope != "work.status"), "person.arrival"))
    added, removed = differences(FACTS, now)
    about = ("Partner: Jobcenter Rems-Murr, Team 412 (jobcenter-rems-murr)", "Darf höchstens erhalten")
    assert (added.change, added.subject, added.fact, added.before, added.after) == (
        Change.ADDED,
        *about,
        None,
        "Einreise und Zuzug (person.arrival)",
    )
    assert (removed.change, removed.subject, removed.fact) == (Change.REMOVED, *about)
    assert (removed.before, removed.after) == ("Arbeit zurzeit (work.status)", None)
    assert removed.path == "/partners/jobcenter-rems-murr/to_partner/work.status"


def test_a_value_that_is_another_is_said_before_and_after():
    (changed,) = differences(FACTS, with_partner(transport=JOBCENTER.transport.model_copy(update={"kind": "mailbox"})))
    assert (changed.change, changed.fact, changed.before, changed.after) == (Change.CHANGED, "Übertragungsweg", "Push (HTTPS)", "Postfach")
    (digest,) = differences(FACTS, with_partner(digest=None))
    assert (digest.change, digest.before, digest.after) == (Change.REMOVED, "montags, 06:00 Uhr", None)


def test_a_partner_that_came_or_went_is_said_with_every_fact_about_it():
    less = FACTS.model_copy(update={"partners": FACTS.partners[:1]})
    gone, come = differences(FACTS, less), differences(less, FACTS)
    assert {one.change for one in gone} == {Change.REMOVED}
    assert {one.change for one in come} == {Change.ADDED}
    assert [one.path for one in gone] == [one.path for one in come]
    assert len(gone) > len(JOBCENTER.to_partner) + len(JOBCENTER.from_partner)
    assert {one.subject for one in gone} == {"Partner: Jobcenter Rems-Murr, Team 412 (jobcenter-rems-murr)"}


def test_a_partner_that_was_renamed_stands_under_its_new_name_with_what_it_lost():
    found = differences(FACTS, with_partner(name="Jobcenter, Team 9", formerly=()))
    assert {one.subject for one in found} == {"Partner: Jobcenter, Team 9 (jobcenter-rems-murr)"}
    assert {(one.change, one.before, one.after) for one in found} == {
        (Change.CHANGED, "Jobcenter Rems-Murr, Team 412", "Jobcenter, Team 9"),
        (Change.REMOVED, "Arbeitsgemeinschaft Waiblingen", None),
    }


def test_terms_are_said_in_german():
    terms = tuple(term.model_copy(update={"value": 30}) if term.name == "retention.message_days" else term for term in FACTS.terms)
    (changed,) = differences(FACTS, FACTS.model_copy(update={"terms": terms}))
    assert (changed.subject, changed.fact) == ("Fristen", "Mitteilungen, die niemand abholt oder bestätigt")
    assert (changed.before, changed.after) == ("180 Tage", "30 Tage")


@pytest.mark.parametrize(
    "path", ["/measures/signed_pdfs/accepted", "/plugins/adapter/jobcenter/formats/to_partner/sha256", "/partners/im-stuttgart/open/a~1b~0"]
)
def test_paths_name_the_place_in_the_facts(path):
    first = FACTS.partners[0].model_copy(update={"open": ("a/b~",)})
    plugins = tuple(
        plugin.model_copy(update={"formats": tuple(one.model_copy(update={"sha256": "0" * 64}) for one in plugin.formats)})
        for plugin in FACTS.plugins
    )
    signed = FACTS.measures.signed_pdfs.model_copy(update={"accepted": False})
    now = FACTS.model_copy(
        update={
            "partners": (first, JOBCENTER),
            "plugins": plugins,
            "measures": FACTS.measures.model_copy(update={"signed_pdfs": signed}),
        }
    )
    assert path in {one.path for one in differences(FACTS, now)}


def test_the_paper_names_each_subject_once_with_a_row_for_each_fact():
    found = differences(FACTS, with_partner(paper=True, digest=None))
    text = markdown(differences_paper(found, "01.10.2026", "jetzt"))
    assert text.count("## Partner: Jobcenter") == 1
    assert "| geändert | Mitteilungen auf Papier (PDF) | nein | ja |" in text
    assert "| weggefallen | Sammelversand | montags, 06:00 Uhr | – |" in text
    assert "Von 01.10.2026 bis jetzt." in text
