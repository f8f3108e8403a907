"""Pieces of PDFs that tests put into a form before it is signed."""

from pikepdf import Array, Dictionary, Name, String

from tests.documents.signed_pdf.papers import TEXT


def page_of(pdf):
    """Give the form's one page."""
    return pdf.pages[0].obj


def annotated(subtype, **keys):
    """Make a change that puts an annotation over the text."""

    def change(pdf):
        told = {"Type": Name.Annot, "Subtype": subtype, "Rect": Array([60, 690, 500, 720]), "F": 4} | keys
        note = pdf.make_indirect(Dictionary(**told))
        page_of(pdf).Annots = Array([note])
        if subtype == Name.Widget:
            note.T = String("Nebenan")
            pdf.Root.AcroForm = Dictionary(Fields=Array([note]))

    return change


def picture(pdf, **keys):
    """Make a picture of one white dot, with more keys."""
    made = pdf.make_stream(b"\xff")
    made.Type, made.Subtype, made.Width, made.Height = Name.XObject, Name.Image, 1, 1
    made.ColorSpace, made.BitsPerComponent = Name.DeviceGray, 8
    for key, value in keys.items():
        made[f"/{key}"] = value
    return made


def drawing(pdf, **keys):
    """Make a drawing that covers the text, with more keys."""
    made = pdf.make_stream(b"1 g 0 0 500 50 re f")
    made.Type, made.Subtype, made.BBox = Name.XObject, Name.Form, Array([0, 0, 500, 50])
    for key, value in keys.items():
        made[f"/{key}"] = value
    return made


def shown(pdf, name, drawn):
    """Have the page show a picture or a drawing."""
    page_of(pdf).Resources.XObject = Dictionary({name: drawn})
    page_of(pdf).Contents = pdf.make_stream(TEXT + b" %s Do" % name.encode())
