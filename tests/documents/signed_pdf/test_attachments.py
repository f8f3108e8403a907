"""What a signed file carries: the declaration that is asked about, once, and nothing that no form has."""

import pikepdf
import pytest

from tests.documents.signed_pdf.papers import DECLARATION, DIGEST, form, sign

OTHER = DECLARATION.replace(b"0815", b"4711")


def test_the_form_of_another_declaration(refused, authority):
    assert refused(sign(form([("declaration.json", OTHER)]), authority.signer, authority.issuer)) == "signature_declaration_differs"


def test_a_declaration_with_another_digest(refused, signed):
    assert refused(signed, digest=DIGEST[:-1] + ("0" if DIGEST[-1] != "0" else "1")) == "signature_declaration_differs"


@pytest.mark.parametrize(
    "attachments",
    [
        [],
        [("Declaration.json", DECLARATION)],
        [("declaration.json", DECLARATION), ("declaration.json#2", OTHER)],
        [("declaration.json", DECLARATION), ("declaration.json#2", DECLARATION)],
        [("declaration.json", DECLARATION), ("rechnung.exe", b"MZ")],
        [("declaration.json", DECLARATION + b"\n")],
    ],
    ids=["none", "other name", "two", "the same twice", "a program", "one byte more"],
)
def test_other_attachments_than_the_form_has(refused, authority, attachments):
    assert refused(sign(form(attachments), authority.signer, authority.issuer)) == "signature_declaration_differs"


def _script(pdf):
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))


def _launch(pdf):
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("x.exe"))


def _layer(pdf):
    layer = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name=pikepdf.String("Ebene")))
    off = pikepdf.Dictionary(OFF=pikepdf.Array([layer]))
    pdf.Root.OCProperties = pikepdf.Dictionary(OCGs=pikepdf.Array([layer]), D=off)


def _second_on_a_page(pdf):
    content = pdf.make_stream(OTHER)
    content.Type = pikepdf.Name.EmbeddedFile
    specification = pikepdf.Dictionary(Type=pikepdf.Name.Filespec, F="declaration.json", EF=pikepdf.Dictionary(F=content))
    pin = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.FileAttachment, Rect=pikepdf.Array([0, 0, 9, 9]), FS=pdf.make_indirect(specification)
    )
    pdf.pages[0].Annots.append(pdf.make_indirect(pin))


def _content_elsewhere(pdf):
    pdf.pages[0].Contents.F = pikepdf.String("anderes.txt")


def _two_faces(pdf):
    names = pdf.Root.Names.EmbeddedFiles.Names
    names[1].EF.UF = pdf.make_stream(OTHER)


def _two_names(pdf):
    pdf.Root.Names.EmbeddedFiles.Names[1].UF = pikepdf.String("anderes.json")


@pytest.mark.parametrize("change", [_script, _launch, _layer, _second_on_a_page, _content_elsewhere, _two_faces, _two_names])
def test_a_file_with_what_no_form_has(refused, authority, change):
    assert refused(sign(form(change=change), authority.signer, authority.issuer)) == "signature_declaration_differs"
