"""The record of processing and the assessment say every fact, leave blank what only the office knows, and show names as they are."""

import io
import json
import re

import pikepdf
import pypdfium2
import pytest
from markdown_it import MarkdownIt

from imgate.documents.office_papers.assessment import assessment, following
from imgate.documents.office_papers.blocks import Blank, Code, Heading, Items, Paper, Paragraph, Rows, Table
from imgate.documents.office_papers.markdown import markdown
from imgate.documents.office_papers.pdf import pdf
from imgate.documents.office_papers.processing import processing
from tests.documents.office_papers.kept import DAY, FACTS, KEPT, SHA256, leaves, with_another, with_names

_IN_CELL = 4  # table, head or body, row, cell
PAPERS = {"processing": processing, "assessment": assessment}
HOSTILE = "# [x](y) <b>*&amp;*</b> | `a` _b_ ~c~ \\ $x$ #panic() 1. - § Ä 😀"


def text_of(make, facts, on=DAY):
    """Write a paper without the digest, which every change changes."""
    return markdown(make(facts, on)).replace(facts.sha256, "")


# ---- Nothing is left out ----


def shut(path):
    """Tell whether this says of a scope that is shut that it is closed: it would not be shut otherwise."""
    return path[0] == "scopes" and path[2] == "closed" and KEPT["scopes"][path[1]]["label"] not in flowing()


def flowing():
    rows = next(block.rows for block in processing(FACTS, DAY).blocks if isinstance(block, Table) and block.head[0] == "Gruppe")
    return {row[1][0].removesuffix(" (") for row in rows}


def test_every_fact_stands_in_the_record_of_processing():
    usual = text_of(processing, FACTS)
    assert [path for path in leaves() if not shut(path) and text_of(processing, with_another(path)) == usual] == []


def test_every_fact_but_the_details_of_recipients_stands_in_the_assessment():
    usual = text_of(assessment, FACTS)
    found = [path for path in leaves() if not shut(path) and text_of(assessment, with_another(path)) == usual]
    assert [path for path in found if path[0] != "partners" and path[-2] != "code_lists"] == []
    assert found != []


def test_the_same_facts_give_the_same_text():
    for make in PAPERS.values():
        assert markdown(make(FACTS, DAY)) == markdown(make(FACTS, DAY))
        assert f"`{SHA256}`" in markdown(make(FACTS, DAY))
        assert "22.11.2026" in markdown(make(FACTS, DAY))


# ---- What only the office knows ----


@pytest.mark.parametrize("paper", PAPERS)
def test_what_only_the_office_knows_is_a_marked_blank(paper):
    made = PAPERS[paper](FACTS, DAY)
    blank = [block.what for block in made.blocks if isinstance(block, Blank)]
    wanted = {
        "processing": ("Name und Anschrift des Verantwortlichen", "Drittland", "Wer das Gateway betreibt"),
        "assessment": ("notwendig", "verhältnismäßig", "Weitere Risiken", "Rat der oder des Datenschutzbeauftragten"),
    }
    for word in wanted[paper]:
        assert any(word in what for what in blank), word
    assert text_of(PAPERS[paper], FACTS).count("> **[von der Stelle auszufüllen]**") == len(blank)


def test_who_did_not_name_an_officer_finds_a_blank_and_no_name():
    facts = FACTS.model_copy(update={"office": FACTS.office.model_copy(update={"contact": (), "data_protection_officer": None})})
    text = text_of(processing, facts)
    assert "| Datenschutzbeauftragte Person | von der Stelle auszufüllen |" in text
    assert "| Erreichbar, wie auf den Formularen | von der Stelle auszufüllen |" in text
    assert "| Datenschutzbeauftragte Person | Dr. D. Schutz, 07195 13-99 |" in text_of(processing, FACTS)


def test_no_risk_is_assessed_by_imgate():
    (risks,) = [block for block in assessment(FACTS, DAY).blocks if isinstance(block, Table) and block.head[0] == "Tatsache"]
    assert {row[1] for row in risks.rows} == {"(von der Stelle auszufüllen)"}
    assert {row[0] for row in risks.rows} > set(following(FACTS))


def test_what_follows_from_the_configuration_stands_only_where_it_is_so():
    said = " ".join(following(FACTS))
    assert "Besonders geschützte Angaben können fließen" in said
    assert "nicht mit einem Kennwort" not in said
    measures = FACTS.measures.model_copy(update={"key_files_encrypted": False, "four_eyes": False})
    partners = [
        FACTS.partners[0].model_copy(
            update={"paper": True, "open": ("contact.address",), "accept_single": True, "attach": ("declaration_bundle",)}
        ),
        *(
            FACTS.partners[1].model_copy(
                update={"id": kind, "transport": FACTS.partners[1].transport.model_copy(update={"kind": kind, "departure": way})}
            )
            for kind, way in (("folder", "laid_down"), ("xta", "sent"), ("pigeon", "unknown"))
        ),
    ]
    worse = list(following(FACTS.model_copy(update={"measures": measures, "partners": tuple(partners)})))
    assert len(worse) == 10
    assert len(list(following(FACTS.model_copy(update={"partners": ()})))) == 0


# ---- Names are names ----


def tables(text):
    """Give the cells of each row of each table, as a reader of Markdown sees them."""
    found = []
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        if token.type == "tr_open":
            found.append([])
        elif token.type == "inline" and token.level == _IN_CELL:
            found[-1].append("".join(child.content for child in token.children))
    return found


@pytest.mark.parametrize("paper", PAPERS)
def test_a_hostile_name_is_shown_letter_by_letter_and_is_no_markup(paper):
    usual, hostile = (
        MarkdownIt("commonmark").enable("table").parse(text_of(PAPERS[paper], facts))
        for facts in (with_names("Harmlos"), with_names(HOSTILE))
    )
    kinds = [[(token.type, token.tag) for token in parsed if token.type != "inline"] for parsed in (usual, hostile)]
    assert kinds[0] == kinds[1]
    inner = {child.type for token in hostile for child in token.children or ()}
    assert inner <= {"text", "code_inline", "text_special", "strong_open", "strong_close"}
    assert any(HOSTILE in cell for row in tables(text_of(PAPERS[paper], with_names(HOSTILE))) for cell in row)


def test_every_row_has_the_cells_of_its_head():
    block = Table(("a", "b"), (("1 | 2", (Code("x|y"), " z")), ("\n3\n", Code("a`b"))), (1, 1))
    made = Paper("T", "", (block, Rows((("l", "1."),)), Items(("1. x", "+ y", "# z"), numbered=True)), "")
    assert tables(markdown(made))[:3] == [["a", "b"], ["1 | 2", "x|y z"], ["3", "a`b"]]
    assert "1. 1\\. x\n2. \\+ y\n3. \\# z" in markdown(made)


# ---- As PDF ----


def bare(text):
    """Take out everything that setting a text may add or take away: blanks and hyphens."""
    return re.sub(r"[-\x02\ufffe\u00ad\s\u200b]", "", text)


def texts(paper):
    for block in paper.blocks:
        match block:
            case Heading(text) | Paragraph(text):
                yield text
            case Blank(what):
                yield what
            case Items(items):
                yield from items
            case Table(head, rows, _):
                yield from head
                yield from (cell for row in rows for cell in row)
            case Rows(rows):
                yield from (cell for row in rows for cell in row)


@pytest.fixture(scope="module", params=PAPERS)
def made(request):
    paper = PAPERS[request.param](FACTS, DAY)
    return paper, pdf(paper, FACTS, DAY)


def test_the_pdf_says_all_that_the_markdown_says(made):
    paper, content = made
    with pypdfium2.PdfDocument(content) as document:
        shown = bare("".join(page.get_textpage().get_text_range() for page in document))
    wanted = [text if isinstance(text, str) else text.text if isinstance(text, Code) else None for text in texts(paper)]
    # A word that a page or a column tears apart is put together again, but for what the foot says in between.
    missing = [text for text in wanted if text and len(text) < 60 and bare(text) not in shown]
    assert missing == []


def test_the_pdf_holds_the_facts_and_is_the_same_each_time(made):
    paper, content = made
    with pikepdf.open(io.BytesIO(content)) as document:
        assert json.loads(document.attachments["tatsachen.json"].get_file().read_bytes()) == KEPT
        assert str(document.docinfo["/Title"]) == paper.title
    assert pdf(paper, FACTS, DAY) == content


def test_a_hostile_name_is_set_as_it_is():
    facts = with_names(HOSTILE)
    with pypdfium2.PdfDocument(pdf(processing(facts, DAY), facts, DAY)) as document:
        shown = bare("".join(page.get_textpage().get_text_range() for page in document))
    assert bare(HOSTILE.replace("😀", "[U+1F600]")) in shown
