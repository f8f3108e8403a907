"""Attacks on the bytes: whoever changes a signed form, in whatever way, is refused with the right reason."""

import asyncio
import hashlib
import re
from io import BytesIO

import pikepdf
import pytest
from pyhanko.pdf_utils import embed, generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm

from tests.documents.signed_pdf.authority import AT
from tests.documents.signed_pdf.papers import (
    DECLARATION,
    TEXT,
    archived,
    contents_of,
    fillable,
    form,
    replaced,
    sign,
    signer_for,
    stamper,
    updated,
    with_store,
)

OTHER = DECLARATION.replace(b"0815", b"4711")


def test_a_form_that_nobody_signed(refused, paper):
    assert refused(paper) == "signature_missing"


def test_the_signature_stripped_out(refused, signed):
    first, last = contents_of(signed)
    assert refused(signed[:first] + b"0" * (last - first) + signed[last:]) == "signature_missing"


def test_the_signature_cut_in_half(refused, signed):
    first, last = contents_of(signed)
    assert refused(signed[: first + 800] + b"0" * (last - first - 800) + signed[last:]) == "signature_invalid"


def test_only_a_time_stamp_and_no_signature(refused, paper, authority):
    assert refused(archived(paper, stamper(authority.stamper))) == "signature_missing"


def test_content_swapped_where_it_stands(refused, signed):
    assert refused(replaced(signed, b"(Ich entbinde von", b"(Ich verkaufe vom")) == "signature_invalid"


def test_attachment_swapped_where_it_stands(refused, signed):
    assert refused(replaced(signed, DECLARATION, OTHER)) == "signature_invalid"
    assert refused(replaced(signed, DECLARATION, OTHER), digest=hashlib.sha256(OTHER).hexdigest()) == "signature_invalid"


def test_a_bit_flipped_anywhere_in_what_is_signed(examine, signed):
    first, last = contents_of(signed)
    places = [place for place in range(0, len(signed), 397) if not first <= place < last]
    accepted = [place for place in places if examine(signed[:place] + bytes([signed[place] ^ 1]) + signed[place + 1 :]).refused is None]
    assert accepted == []


def test_a_digit_changed_in_the_signature_s_own_place_never_makes_it_somebody_else_s(examine, signed):
    """What a signature does not cover of itself can be changed, but not to another effect."""
    first, last = contents_of(signed)
    honest = examine(signed).findings.report()
    for place in range(first, last, 61):
        digit = b"0" if signed[place : place + 1] != b"0" else b"1"
        found = examine(signed[:place] + digit + signed[place + 1 :])
        if found.refused is None:
            report = found.findings.report()
            assert (report["certificate"], report["signature"]) == (honest["certificate"], honest["signature"])


def _embedded_file(writer, content):
    stream = embed.EmbeddedFileObject.from_file_data(writer, content, mime_type="application/json")
    return embed.FileSpec("declaration.json", file_name="declaration.json", embedded_data=stream)


def test_attachment_swapped_by_an_update(refused, signed):
    def swap(writer):
        names = writer.root["/Names"]["/EmbeddedFiles"]["/Names"]
        specification = names[1]
        stream = _embedded_file(writer, OTHER).as_pdf_object()
        specification["/EF"] = stream["/EF"]
        writer.mark_update(names.raw_get(1) if isinstance(names.raw_get(1), generic.IndirectObject) else specification)

    assert refused(updated(signed, swap)) == "signature_changed_after"


def test_attachment_added_by_an_update(refused, signed):
    def add(writer):
        names = writer.root["/Names"]["/EmbeddedFiles"]["/Names"]
        names.append(generic.pdf_string("declaration.json#2"))
        names.append(writer.add_object(_embedded_file(writer, OTHER).as_pdf_object()))
        writer.update_container(names)

    assert refused(updated(signed, add)) == "signature_changed_after"


def _other_page(writer, text=b"BT /F1 12 Tf 72 700 Td (Alles) Tj ET"):
    content = writer.add_object(generic.StreamObject(stream_data=text))
    page = generic.DictionaryObject(writer.root["/Pages"]["/Kids"][0])
    page[pdf_name("/Contents")] = content
    del page["/Parent"]
    return page


def test_a_page_added(refused, signed):
    def add(writer):
        writer.insert_page(_other_page(writer))

    assert refused(updated(signed, add)) == "signature_changed_after"


def test_an_annotation_over_the_text(refused, signed):
    def cover(writer):
        note = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Annot"),
                pdf_name("/Subtype"): pdf_name("/FreeText"),
                pdf_name("/Rect"): generic.ArrayObject([generic.NumberObject(n) for n in (60, 690, 500, 720)]),
                pdf_name("/Contents"): generic.pdf_string("Ich entbinde alle von allem"),
            }
        )
        writer.register_annotation(writer.root["/Pages"]["/Kids"].raw_get(0), writer.add_object(note))

    assert refused(updated(signed, cover)) == "signature_changed_after"


def _change_field(writer):
    field = writer.root["/AcroForm"]["/Fields"].raw_get(0)
    field.get_object()[pdf_name("/V")] = generic.pdf_string("Stuttgart")
    writer.mark_update(field)


def test_a_form_field_changed(refused, filled):
    assert refused(updated(filled, _change_field)) == "signature_changed_after"


def test_a_form_field_changed_where_the_signer_allowed_filling_in(refused, authority):
    certified = sign(form(change=fillable), authority.signer, authority.issuer, certify=True)
    assert PdfFileReader(BytesIO(certified)).embedded_signatures[0].docmdp_level is MDPPerm.FILL_FORMS
    assert refused(updated(certified, _change_field)) == "signature_changed_after"


def test_a_second_revision_that_only_changes_the_metadata(refused, signed):
    def rename(writer):
        writer.set_info(generic.DictionaryObject({pdf_name("/Title"): generic.pdf_string("Etwas anderes")}))

    assert refused(updated(signed, rename)) in {"signature_partial", "signature_changed_after"}


def test_a_second_signature_by_somebody_else(refused, signed, authority):
    assert refused(sign(signed, authority.person("Bruno Fremd"), authority.issuer, field="Zweite")) == "signature_changed_after"


def test_a_second_signature_by_the_same_person(refused, signed, authority):
    assert refused(sign(signed, authority.signer, authority.issuer, field="Zweite")) == "signature_changed_after"


def test_shadow_replace_the_text_under_the_signature(refused, signed):
    def swap(writer):
        content = writer.root["/Pages"]["/Kids"][0].raw_get("/Contents")
        content.get_object()._data = b"BT /F1 12 Tf 72 700 Td (Alles an alle) Tj ET"
        content.get_object()._encoded_data = None
        writer.mark_update(content)

    assert refused(updated(signed, swap)) == "signature_changed_after"


def test_shadow_hide_an_overlay_that_the_signer_saw(refused, authority):
    def overlay(pdf):
        cover = pdf.make_stream(b"1 g 0 0 500 50 re f")
        cover.Type, cover.Subtype, cover.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, pikepdf.Array([0, 0, 500, 50])
        page = pdf.pages[0]
        page.Resources.XObject = pikepdf.Dictionary(Cover=cover)
        page.Contents = pdf.make_stream(TEXT + b" /Cover Do")

    def uncover(writer):
        cover = writer.root["/Pages"]["/Kids"][0]["/Resources"]["/XObject"].raw_get("/Cover")
        cover.get_object()._data, cover.get_object()._encoded_data = b"", None
        writer.mark_update(cover)

    signed = sign(form(change=overlay), authority.signer, authority.issuer)
    assert refused(updated(signed, uncover)) == "signature_changed_after"


def test_shadow_hide_and_replace_by_another_tree_of_pages(refused, signed):
    def switch(writer):
        page = writer.add_object(_other_page(writer))
        tree = {"/Type": pdf_name("/Pages"), "/Count": generic.NumberObject(1), "/Kids": generic.ArrayObject([page])}
        writer.root[pdf_name("/Pages")] = writer.add_object(generic.DictionaryObject({pdf_name(k): v for k, v in tree.items()}))
        writer.update_root()

    assert refused(updated(signed, switch)) == "signature_changed_after"


def test_shadow_another_font_that_draws_other_letters(refused, signed):
    def swap(writer):
        font = writer.root["/Pages"]["/Kids"][0]["/Resources"]["/Font"].raw_get("/F1")
        font.get_object()[pdf_name("/BaseFont")] = pdf_name("/ZapfDingbats")
        writer.mark_update(font)

    assert refused(updated(signed, swap)) == "signature_changed_after"


def test_a_change_hidden_below_an_archive_time_stamp(refused, filled, authority):
    assert refused(archived(updated(filled, _change_field), stamper(authority.stamper))) == "signature_changed_after"


def test_a_change_after_the_archive_time_stamp(refused, filled, authority):
    assert refused(updated(archived(filled, stamper(authority.stamper)), _change_field)) == "signature_changed_after"


def test_material_that_no_archive_time_stamp_covers(refused, signed, authority):
    assert refused(with_store(signed, [authority.issuer], authority.lists())) == "signature_partial"


@pytest.mark.parametrize("tail", [b"\n", b"%%EOF\n", b"% harmless", b"\n<html>Alles</html>"])
def test_a_tail_appended(refused, signed, tail):
    assert refused(signed + tail) in {"signature_partial", "evidence_unreadable"}


def test_another_head_put_before_it(refused, signed):
    assert refused(b"%PDF-1.7\n% another file could begin here\n" + signed) in {
        "evidence_unreadable",
        "signature_invalid",
        "signature_partial",
    }


def test_the_signature_of_another_form_pasted_in(refused, signed, authority):
    other = sign(form([("declaration.json", OTHER)]), authority.signer, authority.issuer)
    (first, last), (its_first, its_last) = contents_of(signed), contents_of(other)
    pasted = other[its_first:its_last].rstrip(b"0").ljust(last - first, b"0")
    assert refused(signed[:first] + pasted + signed[last:]) == "signature_invalid"


def test_something_hidden_behind_the_signature_in_its_own_place(refused, signed):
    _, last = contents_of(signed)
    assert refused(signed[: last - 8] + b"deadbeef" + signed[last:]) == "signature_partial"


def resigned(signed, authority, ranges, width=None):
    """Sign other ranges of the file than its maker meant to: what an attacker with a good certificate of their own can do."""
    first, last = contents_of(signed)
    place = re.search(rb"/ByteRange ?\[([^\]]+)\]", signed)
    written = " ".join(map(str, ranges)).encode()
    begin, end = place.span(1)
    changed = signed[:begin] + written.ljust(end - begin) + signed[end:]
    parts = [changed[at : at + length] for at, length in zip(ranges[::2], ranges[1::2], strict=True)]
    digest = hashlib.sha256(b"".join(parts)).digest()
    cms = asyncio.run(signer_for(authority.signer, authority.issuer).async_sign(digest, "sha256", use_pades=True)).dump()
    return changed[:first] + cms.hex().encode().ljust(last - first, b"0") + changed[last:]


def _ranges(signed):
    return [int(number) for number in PdfFileReader(BytesIO(signed)).embedded_signatures[0].byte_range]


def test_signing_other_ranges_works_in_this_test(examine, signed, authority):
    assert examine(resigned(signed, authority, _ranges(signed))).refused is None


def test_a_gap_in_the_signed_bytes_that_is_wider_than_the_signature(refused, signed, authority):
    start, first, second, length = _ranges(signed)
    assert refused(resigned(signed, authority, [start, first, second + 40, length - 40])) == "signature_partial"


def test_a_gap_that_is_moved_so_that_the_lengths_still_add_up(refused, signed, authority):
    start, first, second, length = _ranges(signed)
    assert refused(resigned(signed, authority, [start, first, second - 40, length])) == "signature_partial"


def test_a_range_that_does_not_begin_at_the_beginning(refused, signed, authority):
    start, first, second, length = _ranges(signed)
    assert refused(resigned(signed, authority, [start + 10, first - 10, second, length])) == "signature_partial"


def test_an_encrypted_form(refused, paper):
    out = BytesIO()
    with pikepdf.open(BytesIO(paper)) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="o", user=""))
    assert refused(out.getvalue()) == "evidence_unreadable"


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"Ich bin kein PDF", b"%PDF-1.7\nstartxref\n0\n%%EOF"])
def test_what_is_no_pdf(refused, content):
    assert refused(content) == "evidence_unreadable"


def test_nothing_of_this_is_accepted_tomorrow_either(refused, filled):
    assert refused(updated(filled, _change_field), at=AT.replace(day=2)) == "signature_changed_after"
