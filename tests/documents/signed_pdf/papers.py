"""Signed papers for tests: a form with its declaration attached, signed in one way or another."""

import asyncio
import hashlib
import json
from io import BytesIO

import pikepdf
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator.registry import SimpleCertificateStore

from tests.documents.signed_pdf.authority import AT

DECLARATION = json.dumps({"client": "K-2026-0815", "nonce": "00112233445566778899aabbccddeeff"}).encode()
DIGEST = hashlib.sha256(DECLARATION).hexdigest()
TEXT = b"BT /F1 12 Tf 72 700 Td (Ich entbinde von der Schweigepflicht) Tj ET"


def form(attachments=(("declaration.json", DECLARATION),), change=None):
    """Make an unsigned form: one page of text and what is attached. Not compressed, so that tests can spoil it."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    font = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica))
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    page.Contents = pdf.make_stream(TEXT)
    for name, content in attachments:
        pdf.attachments[name] = pikepdf.AttachedFileSpec(pdf, content, filename=name.split("#")[0], mime_type="application/json")
    if change is not None:
        change(pdf)
    out = BytesIO()
    pdf.save(out, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable, deterministic_id=True)
    return out.getvalue()


def fillable(pdf):
    """Give a form a field to fill in, as this gateway's forms have none."""
    field = pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Widget,
            FT=pikepdf.Name.Tx,
            T=pikepdf.String("ort"),
            V=pikepdf.String("Winnenden"),
            DA=pikepdf.String("/F1 12 Tf 0 g"),
            Rect=pikepdf.Array([72, 600, 300, 620]),
            F=4,
        )
    )
    pdf.pages[0].Annots = pikepdf.Array([field])
    pdf.Root.AcroForm = pdf.make_indirect(pikepdf.Dictionary(Fields=pikepdf.Array([field]), DR=pdf.pages[0].Resources))


def store(*holders):
    """Make a store of certificates that travel with a signature."""
    certificates = SimpleCertificateStore()
    certificates.register_multiple([holder.asn1 for holder in holders])
    return certificates


def stamper(holder, at=AT, *others):
    """Make a time-stamping client whose clock stands still."""
    return DummyTimeStamper(holder.asn1, holder.asn1_key, certs_to_embed=store(holder, *others), fixed_dt=at)


def signer_for(holder, *others, **changed):
    """Make pyHanko's signer for somebody's certificate; the others travel with it."""
    return signers.SimpleSigner(signing_cert=holder.asn1, signing_key=holder.asn1_key, cert_registry=store(holder, *others), **changed)


def sign(paper, holder, *others, clock=None, field="Unterschrift", signer=None, md="sha256", pades=True, certify=False):
    """Sign a paper; ``others`` travel with the signature, ``clock`` adds a time-stamp."""
    subfilter = fields.SigSeedSubFilter.PADES if pades else fields.SigSeedSubFilter.ADOBE_PKCS7_DETACHED
    meta = signers.PdfSignatureMetadata(field_name=field, md_algorithm=md, subfilter=subfilter, certify=certify)
    pdf_signer = signers.PdfSigner(meta, signer=signer or signer_for(holder, *others), timestamper=clock)
    # In a loop of its own: pyHanko's own wrapper does the same.
    return asyncio.run(pdf_signer.async_sign_pdf(IncrementalPdfFileWriter(BytesIO(paper)))).getvalue()


def with_store(paper, certificates=(), crls=(), answers=()):
    """Add a store of validation material, as archives do."""
    out = BytesIO(paper)
    DocumentSecurityStore.add_dss(
        out, sig_contents=None, certs=[holder.asn1 for holder in certificates], crls=list(crls), ocsps=list(answers)
    )
    return out.getvalue()


def archived(paper, clock, field=None, md="sha256"):
    """Add an archive time-stamp over the whole file."""
    pdf_stamper = signers.PdfTimeStamper(clock, field_name=field)
    out = asyncio.run(
        pdf_stamper.async_timestamp_pdf(IncrementalPdfFileWriter(BytesIO(paper)), md, validation_context=None, embed_roots=False)
    )
    return out.getvalue()


def updated(paper, change):
    """Write a change behind a paper, as a revision of its own: what was there stays, byte for byte."""
    writer = IncrementalPdfFileWriter(BytesIO(paper))
    change(writer)
    out = BytesIO()
    writer.write(out)
    written = out.getvalue()
    assert written.startswith(paper)
    return written


def replaced(paper, old, new):
    """Swap bytes where they stand."""
    assert len(old) == len(new)
    assert paper.count(old) == 1
    return paper.replace(old, new)


def contents_of(paper):
    """Give where the signature's hexadecimal contents stand, without their brackets."""
    first, second = [int(number) for number in PdfFileReader(BytesIO(paper)).embedded_signatures[0].byte_range][1:3]
    return first + 1, second - 1
