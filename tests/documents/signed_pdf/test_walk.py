"""Nothing runs, and the screen shows what the printer prints, wherever in the file it lies and whoever signed it."""

import pytest
from pikepdf import Array, Dictionary, Name, String

from tests.documents.signed_pdf.papers import fillable, form, sign
from tests.documents.signed_pdf.pieces import annotated, drawing, page_of, picture, shown

ACTIONS = {
    "JavaScript": Dictionary(JS=String("app.alert(1)")),
    "Launch": Dictionary(F=String("x.exe")),
    "Hide": Dictionary(T=String("Unterschrift")),
    "ResetForm": Dictionary(),
    "SubmitForm": Dictionary(F=String("x")),
    "ImportData": Dictionary(F=String("x")),
    "URI": Dictionary(URI=String("http://127.0.0.1/")),
    "GoToR": Dictionary(F=String("anderes.pdf"), D=Array([0, Name.Fit])),
    "GoToE": Dictionary(D=Array([0, Name.Fit]), T=Dictionary(R=Name.C, N=String("x"))),
    "Thread": Dictionary(D=0),
    "RichMediaExecute": Dictionary(CMD=Dictionary(C=String("play"))),
    "SetOCGState": Dictionary(State=Array([])),
    "Trans": Dictionary(Trans=Dictionary(S=Name.Fade)),
    "Named": Dictionary(N=Name.Print),
    "Sound": Dictionary(),
    "Movie": Dictionary(),
    "Rendition": Dictionary(),
    "GoTo3DView": Dictionary(),
    "GoToDp": Dictionary(),
    "Unheard": Dictionary(),
}


def _action(kind):
    return Dictionary(S=Name(f"/{kind}"), **{key[1:]: value for key, value in ACTIONS[kind].items()})


@pytest.mark.parametrize("kind", ACTIONS)
def test_an_action_that_runs_as_the_file_is_opened(reason, kind):
    def change(pdf):
        pdf.Root.OpenAction = _action(kind)

    assert "catalogue" in reason(change)


def test_a_jump_as_the_file_is_opened(reason):
    def change(pdf):
        pdf.Root.OpenAction = Array([page_of(pdf), Name.Fit])

    assert "catalogue" in reason(change)


@pytest.mark.parametrize("kind", ACTIONS)
def test_an_action_of_a_link(reason, kind):
    assert "action" in reason(lambda pdf: annotated(Name.Link, A=_action(kind))(pdf))


@pytest.mark.parametrize("kind", ["URI", "JavaScript"])
def test_an_action_of_an_entry_in_the_outline(reason, kind):
    def change(pdf):
        entry = pdf.make_indirect(Dictionary(Title=String("1"), A=_action(kind)))
        pdf.Root.Outlines = pdf.make_indirect(Dictionary(Type=Name.Outlines, First=entry, Last=entry, Count=1))

    assert "action" in reason(change)


def test_an_action_that_follows_a_jump_within_the_file(reason):
    def change(pdf):
        jump = Dictionary(S=Name.GoTo, D=Array([page_of(pdf), Name.Fit]), Next=_action("Hide"))
        annotated(Name.Link, A=jump)(pdf)

    assert "action" in reason(change)


OTHER_ANNOTATIONS = (
    *("Movie", "Screen", "3D", "RichMedia", "Sound", "FileAttachment", "FreeText", "Text", "Stamp", "Popup", "Ink", "Square", "Redact"),
    *("Watermark", "TrapNet", "PrinterMark", "Projection", "Line", "Highlight", "Caret", "Unheard"),
)


@pytest.mark.parametrize("subtype", OTHER_ANNOTATIONS)
def test_an_annotation_that_is_neither_a_signature_s_place_nor_a_link(reason, subtype):
    assert "annotation" in reason(annotated(Name(f"/{subtype}")))


def test_a_movie_from_another_file(reason):
    assert "annotation" in reason(annotated(Name.Movie, Movie=Dictionary(F=String("film.avi")), A=True))


def test_an_annotation_of_no_kind(reason):
    def change(pdf):
        page_of(pdf).Annots = Array([Dictionary(Type=Name.Annot, Rect=Array([0, 0, 9, 9]))])

    assert "annotation" in reason(change)


FLAGS = {
    "screen only": 0,
    "invisible": 5,
    "hidden": 6,
    "same size": 12,
    "not turned": 20,
    "paper only": 36,
    "toggled": 260,
    "unknown": 1028,
}


@pytest.mark.parametrize("flags", FLAGS.values(), ids=FLAGS)
@pytest.mark.parametrize("subtype", [Name.Link, Name.Widget], ids=["link", "widget"])
def test_an_annotation_that_screen_and_paper_show_differently(reason, subtype, flags):
    def change(pdf):
        annotated(subtype)(pdf)
        note = page_of(pdf).Annots[0]
        note.F = flags
        if subtype == Name.Widget:
            note.FT, note.AP = Name.Sig, Dictionary(N=drawing(pdf))

    assert "print" in reason(change)


def test_an_annotation_without_flags_is_not_printed(reason):
    def change(pdf):
        annotated(Name.Link)(pdf)
        del page_of(pdf).Annots[0]["/F"]

    assert "print" in reason(change)


@pytest.mark.parametrize("face", ["D", "R"])
def test_a_signature_s_place_that_looks_otherwise_under_the_mouse(reason, face):
    def change(pdf):
        annotated(Name.Widget, FT=Name.Sig, AP=Dictionary({"/N": drawing(pdf), f"/{face}": drawing(pdf)}))(pdf)

    assert "appearance" in reason(change)


@pytest.mark.parametrize("key", ["AA", "A", "OC", "AS", "PMD"])
def test_a_signature_s_place_that_does_something(reason, key):
    assert "field" in reason(lambda pdf: annotated(Name.Widget, FT=Name.Sig, **{key: Dictionary()})(pdf))


@pytest.mark.parametrize("change", [fillable, annotated(Name.Widget, FT=Name.Btn), annotated(Name.Widget)], ids=["text", "button", "none"])
def test_a_field_that_is_no_signature_s_place(reason, change):
    assert "field" in reason(change)


@pytest.mark.parametrize(
    "frame", [{"MK": Dictionary()}, {"BS": Dictionary(W=99)}, {"Border": Array([0, 0, 99])}], ids=["MK", "BS", "Border"]
)
def test_a_hidden_place_without_a_size_that_has_a_frame(reason, frame):
    assert "print" in reason(annotated(Name.Widget, FT=Name.Sig, F=2, Rect=Array([60, 690, 60, 690]), **frame))


def test_a_hidden_link_without_a_size(reason):
    assert "print" in reason(annotated(Name.Link, F=2, Rect=Array([60, 690, 60, 690])))


def test_a_string_that_reads_like_a_name_is_none(reason):
    def change(pdf):
        annotated(Name.Link)(pdf)
        page_of(pdf).Annots[0].Subtype = String("/Link")

    assert "annotation" in reason(change)


def test_what_no_form_has_deep_inside_a_drawing(reason):
    def change(pdf):
        inner = picture(pdf, Alternates=Array([]))
        for _ in range(50):
            inner = pdf.make_indirect(drawing(pdf, Resources=Dictionary(XObject=Dictionary(Bild=inner))))
        shown(pdf, "/Bild", inner)

    assert "image" in reason(change)


def test_what_no_form_has_as_something_harmless_elsewhere(reason):
    """The same object is looked at for each thing it stands for."""

    def change(pdf):
        screen = pdf.make_indirect(Dictionary(O=Name.Layout, Subtype=Name.Screen, Rect=Array([0, 0, 9, 9])))
        pdf.Root.StructTreeRoot = Dictionary(K=Dictionary(S=Name.P, A=screen))
        page_of(pdf).Annots = Array([screen])

    assert "annotation" in reason(change)


def test_more_objects_than_anybody_counts(refused, authority, monkeypatch):
    monkeypatch.setattr("imgate.documents.signed_pdf.walk._OBJECTS_MAX", 20)
    assert refused(sign(form(), authority.signer, authority.issuer)) == "evidence_unreadable"


def _jump(pdf):
    annotated(Name.Link, A=Dictionary(S=Name.GoTo, D=Array([page_of(pdf), Name.Fit])), Border=Array([0, 0, 0]))(pdf)


def _jump_without_action(pdf):
    annotated(Name.Link, Dest=Array([page_of(pdf), Name.Fit]), Rect=Array([0, 0, 9, 9]))(pdf)


def _invisible_place(pdf):
    annotated(Name.Widget, FT=Name.Sig, F=2, Rect=Array([0, 0, 0, 0]))(pdf)


def _visible_place(pdf):
    annotated(Name.Widget, FT=Name.Sig, F=132, AP=Dictionary(N=drawing(pdf)))(pdf)


def _shown_picture(pdf):
    shown(pdf, "/Bild", picture(pdf, SMask=picture(pdf), Interpolate=True))


def _what_signing_programs_add(pdf):
    encoding = Dictionary(Type=Name.Encoding, Differences=Array([24, Name.breve]))
    resources = Dictionary(Font=page_of(pdf).Resources.Font, Encoding=Dictionary(PDFDocEncoding=encoding))
    pdf.Root.AcroForm = Dictionary(Fields=Array([]), DA=String("/Helv 0 Tf 0 g"), DR=resources, SigFlags=3)
    pdf.Root.Legal = Dictionary(JavaScriptActions=0, Attestation=String(""))
    pdf.Root.PageMode = Name.UseAttachments


GOOD = [_jump, _jump_without_action, _invisible_place, _visible_place, _shown_picture, _what_signing_programs_add]


@pytest.mark.parametrize("change", GOOD)
def test_what_signing_and_setting_bring_along_is_accepted(examine, authority, change):
    assert examine(sign(form(change=change), authority.signer, authority.issuer)).refused is None
