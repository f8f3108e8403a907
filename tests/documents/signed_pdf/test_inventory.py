"""What no form has is refused by its key, signed or not, and also what nobody has heard of yet."""

import pytest
from pikepdf import Array, Dictionary, Name, String

from imgate.documents.signed_pdf.inventory import NARROWED, SCALAR, SHAPES, STREAM_KEYS, STREAMS, VALUES
from tests.documents.signed_pdf.pieces import drawing, page_of, picture, shown


@pytest.mark.parametrize("key", ["AA", "Trans", "Dur", "PresSteps", "B", "AF", "Thumb", "PieceInfo", "SeparationInfo"])
def test_a_page_that_moves_or_hides(reason, key):
    def change(pdf):
        page_of(pdf)[f"/{key}"] = Dictionary(S=Name.Fade)

    assert "page" in reason(change)


CATALOGUE = ["AA", "Collection", "Threads", "OCProperties", "Requirements", "URI", "PieceInfo", "SpiderInfo", "NeedsRendering"]


@pytest.mark.parametrize("key", CATALOGUE)
def test_a_catalogue_with_more_than_the_form_s(reason, key):
    def change(pdf):
        pdf.Root[f"/{key}"] = Dictionary(View=Name.H)

    assert "catalogue" in reason(change)


@pytest.mark.parametrize("key", ["JavaScript", "AP", "Pages", "Templates", "AlternatePresentations", "Renditions", "URLS"])
def test_other_lists_of_names(reason, key):
    def change(pdf):
        pdf.Root.Names[f"/{key}"] = Dictionary(Names=Array([]))

    assert "names" in reason(change)


@pytest.mark.parametrize("preference", ["PrintPageRange", "ViewArea", "PrintArea", "PrintClip", "HideToolbar", "NonFullScreenPageMode"])
def test_preferences_for_paper_or_screen_alone(reason, preference):
    def change(pdf):
        pdf.Root.ViewerPreferences = Dictionary({f"/{preference}": Name.TrimBox})

    assert "viewing" in reason(change)


@pytest.mark.parametrize("mode", [Name.FullScreen, Name.UseOC])
def test_a_mode_that_takes_the_whole_screen_or_shows_layers(reason, mode):
    def change(pdf):
        pdf.Root.PageMode = mode

    assert "catalogue" in reason(change)


@pytest.mark.parametrize("key", ["XFA", "CO"])
def test_a_form_of_another_technology(reason, key):
    def change(pdf):
        pdf.Root.AcroForm = Dictionary({"/Fields": Array([]), f"/{key}": pdf.make_stream(b"<xdp/>")})

    assert "fields" in reason(change)


@pytest.mark.parametrize("key", ["Alternates", "OPI", "OC", "AF", "Measure", "Unheard"])
def test_a_picture_that_has_another(reason, key):
    def change(pdf):
        alternates = Array([Dictionary(Image=picture(pdf), DefaultForPrinting=True)])
        shown(pdf, "/Bild", picture(pdf, **{key: alternates if key == "Alternates" else Dictionary(F=String("anderes.eps"))}))

    assert "image" in reason(change)


@pytest.mark.parametrize("key", ["OPI", "Ref", "OC", "PS", "Subtype2", "PieceInfo", "AF"])
def test_a_drawing_that_has_another(reason, key):
    def change(pdf):
        shown(pdf, "/Bild", drawing(pdf, **{key: Dictionary(F=String("anderes.pdf"))}))

    assert "drawing" in reason(change)


def test_a_postscript_program_for_the_printer(reason):
    def change(pdf):
        program = pdf.make_stream(b"showpage")
        program.Type, program.Subtype = Name.XObject, Name.PS
        shown(pdf, "/Bild", program)

    assert "xobject" in reason(change)


@pytest.mark.parametrize("key", ["TR", "TR2", "HT", "BG", "UCR", "OP", "op"])
def test_a_setting_for_the_press_alone(reason, key):
    def change(pdf):
        page_of(pdf).Resources.ExtGState = Dictionary(Presse=Dictionary({f"/{key}": True}))

    assert "state" in reason(change)


@pytest.mark.parametrize("family", [Name.Separation, Name.DeviceN])
def test_a_colour_that_only_the_printer_knows(reason, family):
    def change(pdf):
        page_of(pdf).Resources.ColorSpace = Dictionary(Farbe=Array([family, Name.Black, Name.DeviceGray]))

    assert "paper" in reason(change)


def test_a_layer_that_the_page_names(reason):
    def change(pdf):
        page_of(pdf).Resources.Properties = Dictionary(Ebene=Dictionary(Type=Name.OCG, Name=String("Ebene")))

    assert "mark" in reason(change)


def test_every_kind_that_is_named_is_described():
    named = {kind for shape in (*SHAPES.values(), STREAM_KEYS) for kind in shape.values()}
    narrowed = {kind for _, kinds in NARROWED.values() for kind in kinds.values()}
    assert (named | narrowed) - NARROWED.keys() - {SCALAR} <= SHAPES.keys()
    assert SHAPES.keys() >= STREAMS
    assert {kind for kind, _ in VALUES} <= SHAPES.keys()


def test_no_kind_may_run_hide_or_lie_elsewhere():
    keys = {key for shape in SHAPES.values() for key in shape} | STREAM_KEYS.keys()
    assert keys.isdisjoint({"/OpenAction", "/AA", "/JS", "/OC", "/OCProperties", "/Alternates", "/OPI", "/Ref", "/RF", "/XFA", "/Trans"})
    assert [kind for kind, shape in SHAPES.items() if "/Next" in shape] == ["outline"]
    assert [kind for kind, shape in SHAPES.items() if "/F" in shape] == ["file", "embedded", "outline", "field", "link"]
    assert "/F" not in STREAM_KEYS
    assert STREAMS.isdisjoint({"file", "embedded", "outline", "field", "link"})
