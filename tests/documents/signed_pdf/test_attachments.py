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
    pdf.pages[0].Annots = pikepdf.Array([pdf.make_indirect(pin)])


def _content_elsewhere(pdf):
    pdf.pages[0].Contents.F = pikepdf.String("anderes.txt")


def _two_faces(pdf):
    names = pdf.Root.Names.EmbeddedFiles.Names
    names[1].EF.UF = pdf.make_stream(OTHER)


def _two_names(pdf):
    pdf.Root.Names.EmbeddedFiles.Names[1].UF = pikepdf.String("anderes.json")


def _list(pdf):
    return pdf.Root.Names.EmbeddedFiles.Names


def _another(pdf, content=OTHER):
    stream = pdf.make_stream(content)
    return pikepdf.Dictionary(Type=pikepdf.Name.Filespec, F="declaration.json", UF="declaration.json", EF=pikepdf.Dictionary(F=stream))


def _related_file(pdf):
    """A reader may offer the related file instead: here another declaration."""
    _list(pdf)[1].RF = pikepdf.Dictionary(F=pikepdf.Array([pikepdf.String("declaration.json"), pdf.make_stream(OTHER)]))


def _name_for_unix(pdf):
    _list(pdf)[1].Unix = pikepdf.String("rechnung.exe")


def _name_for_dos(pdf):
    _list(pdf)[1].DOS = pikepdf.String("rechnung.exe")


def _name_for_mac(pdf):
    _list(pdf)[1].Mac = pikepdf.String("rechnung.exe")


def _content_for_unix(pdf):
    _list(pdf)[1].EF.Unix = pdf.make_stream(OTHER)


def _from_the_net(pdf):
    _list(pdf)[1].FS = pikepdf.Name.URL


def _volatile(pdf):
    _list(pdf)[1].V = True


def _folder_of_a_portfolio(pdf):
    _list(pdf)[1].CI = pikepdf.Dictionary(Ordner=pikepdf.String("a"))


def _content_in_another_file(pdf):
    _list(pdf)[1].EF.F.F = pikepdf.String("anderes.json")


def _part_of_a_macintosh_file(pdf):
    _list(pdf)[1].EF.F.Params = pikepdf.Dictionary(Mac=pikepdf.Dictionary(ResFork=pdf.make_stream(OTHER)))


def _same_under_another_key(pdf):
    _list(pdf).append(pikepdf.String("rechnung.exe"))
    _list(pdf).append(_list(pdf)[1])


def _same_under_the_same_key(pdf):
    _list(pdf).append(pikepdf.String("declaration.json"))
    _list(pdf).append(_list(pdf)[1])


def _listed_under_another_key(pdf):
    _list(pdf)[0] = pikepdf.String("rechnung.exe")


def _listed_under_a_longer_key(pdf):
    _list(pdf)[0] = pikepdf.String("declaration.json\0.exe")


def _not_listed(pdf):
    del pdf.Root.Names


def _listed_in_a_tree_without_end(pdf):
    tree = pdf.make_indirect(pikepdf.Dictionary(Names=_list(pdf)))
    tree.Kids = pikepdf.Array([tree])
    pdf.Root.Names.EmbeddedFiles = tree


def _listed_again_below(pdf):
    names = pikepdf.Array([pikepdf.String("rechnung.exe"), _list(pdf)[1]])
    pdf.Root.Names.EmbeddedFiles.Kids = pikepdf.Array([pikepdf.Dictionary(Names=names)])


def _second_of_the_document(pdf):
    pdf.Root.AF = pikepdf.Array([pdf.make_indirect(_another(pdf))])


def _second_of_a_paragraph(pdf):
    pdf.Root.StructTreeRoot = pikepdf.Dictionary(K=pikepdf.Dictionary(S=pikepdf.Name.P, AF=pikepdf.Array([_another(pdf)])))


def _none_but_a_name(pdf):
    del _list(pdf)[1].EF


def _portfolio(pdf):
    pdf.Root.Collection = pikepdf.Dictionary(View=pikepdf.Name.D, D=pikepdf.String("declaration.json"))


CHANGES = (
    *(
        _script,
        _launch,
        _layer,
        _second_on_a_page,
        _content_elsewhere,
        _two_faces,
        _two_names,
        _related_file,
        _name_for_unix,
        _name_for_dos,
    ),
    *(_name_for_mac, _content_for_unix, _from_the_net, _volatile, _folder_of_a_portfolio, _content_in_another_file, _none_but_a_name),
    *(_part_of_a_macintosh_file, _same_under_another_key, _same_under_the_same_key, _listed_under_another_key, _listed_under_a_longer_key),
    *(_not_listed, _listed_in_a_tree_without_end, _listed_again_below, _second_of_the_document, _second_of_a_paragraph, _portfolio),
)


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_with_what_no_form_has(reason, change):
    assert reason(change)


def test_a_list_of_one_in_a_tree_is_that_list(examine, authority):
    def change(pdf):
        kid = pdf.make_indirect(pikepdf.Dictionary(Names=_list(pdf)))
        pdf.Root.Names.EmbeddedFiles = pikepdf.Dictionary(Kids=pikepdf.Array([kid]))

    assert examine(sign(form(change=change), authority.signer, authority.issuer)).refused is None
