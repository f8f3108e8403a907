"""A PDF opened strictly, with the signature that counts and whatever else claims to be signed in it. Nothing here is verified yet."""

from dataclasses import dataclass
from io import BytesIO

from asn1crypto import core  # type: ignore[import-untyped]
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature, extract_contents

from imgate.documents.signed_pdf.findings import Check, Failed, Refusal


@dataclass(frozen=True, slots=True)
class OpenedPdf:
    """A PDF that could be parsed, and what claims to be signed in it. Only ``open_pdf`` makes it."""

    content: bytes
    reader: PdfFileReader
    embedded: tuple[EmbeddedPdfSignature, ...]

    @property
    def unverified_signatures(self) -> tuple[EmbeddedPdfSignature, ...]:
        """The signatures, the oldest first; there is at least one."""
        return tuple(found for found in self.embedded if found.sig_object_type == "/Sig")

    @property
    def unverified_time_stamps(self) -> tuple[EmbeddedPdfSignature, ...]:
        """The archive time-stamps, the oldest first."""
        return tuple(found for found in self.embedded if found.sig_object_type == "/DocTimeStamp")


def open_pdf(content: bytes) -> OpenedPdf:
    """Open a PDF that has a signature. Raises Failed."""
    reader = _reader(content)
    pdf = OpenedPdf(content, reader, _embedded(reader))
    if len(pdf.unverified_signatures) + len(pdf.unverified_time_stamps) != len(pdf.embedded):
        raise Failed(Check.FORM, Refusal.INVALID, "a signature of an unknown type")
    if not pdf.unverified_signatures:
        raise Failed(Check.FORM, Refusal.MISSING, "there are time-stamps, but no signature")
    for signature in pdf.unverified_signatures:
        contained = signature.signed_data["encap_content_info"]
        if contained["content_type"].native != "data" or contained["content"] is not core.VOID:
            raise Failed(Check.FORM, Refusal.INVALID, "the signature carries content of its own, besides the document")
        if signature.signer_info["signed_attrs"] is core.VOID:
            raise Failed(Check.FORM, Refusal.INVALID, "the signature has no signed attributes, and PAdES demands them")
    return pdf


def _reader(content: bytes) -> PdfFileReader:
    if not content.startswith(b"%PDF-"):
        raise Failed(Check.FORM, Refusal.UNREADABLE, "this is not a PDF")
    try:
        reader = PdfFileReader(BytesIO(content), strict=True)
        encrypted, hybrid = reader.encrypted, reader.xrefs.hybrid_xrefs_present
    except Exception as error:  # whatever a hostile file makes the parser raise
        raise Failed(Check.FORM, Refusal.UNREADABLE, f"the PDF cannot be parsed: {type(error).__name__}") from error
    if encrypted:
        raise Failed(Check.FORM, Refusal.UNREADABLE, "the PDF is encrypted")
    if hybrid:
        raise Failed(Check.FORM, Refusal.UNREADABLE, "the PDF has two tables of contents, for different readers")
    return reader


def _embedded(reader: PdfFileReader) -> tuple[EmbeddedPdfSignature, ...]:
    try:
        filled = [value.get_object() for _, value, _ in enumerate_sig_fields(reader, filled_status=True)]
    except Exception as error:  # whatever a hostile file makes the parser raise
        raise Failed(Check.FORM, Refusal.UNREADABLE, f"the form fields cannot be read: {type(error).__name__}") from error
    if not filled:
        raise Failed(Check.FORM, Refusal.MISSING, "there is no signature")
    try:
        if not any(extract_contents(value).strip(b"\0") for value in filled):
            raise Failed(Check.FORM, Refusal.MISSING, "there is a place for a signature, but no signature in it")
        embedded = tuple(reader.embedded_signatures)  # in the order of their revisions
    except Failed:
        raise
    except Exception as error:  # whatever a hostile file makes the parser raise
        raise Failed(Check.FORM, Refusal.INVALID, f"a signature cannot be parsed: {type(error).__name__}") from error
    if len(embedded) != len(filled):
        raise Failed(Check.FORM, Refusal.INVALID, "a signature of a kind that is not known")
    return embedded
