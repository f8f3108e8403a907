"""What stands in ``imgate.toml`` about signed PDFs (``pades``), and about the pages of scans."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, model_validator

from imgate.documents.signed_pdf.rules import Revocation, SignatureRules, TimeStamps
from imgate.settings.partner import STRICT

_FILES = ("trust_roots", "intermediates", "crls", "trusted_lists", "trusted_list_signers", "time_stamp_roots")


class SignatureSettings(BaseModel):
    """Whom to trust as signers. Without any root, `pades` is not accepted. The files are read anew each time; nothing is fetched."""

    model_config = STRICT
    trust_roots: Annotated[tuple[Path, ...], Field(description="Certificates (PEM or DER) of authorities whose signers are trusted.")] = ()
    intermediates: Annotated[
        tuple[Path, ...], Field(description="Certificates of authorities between, if signatures do not bring them.")
    ] = ()
    crls: Annotated[tuple[Path, ...], Field(description="Revocation lists (PEM or DER) of the authorities.")] = ()
    trusted_lists: Annotated[
        tuple[Path, ...],
        Field(description="EU trusted lists (ETSI TS 119 612, XML), or folders of them. Their granted services are trusted, and qualify."),
    ] = ()
    trusted_list_signers: Annotated[
        tuple[Path, ...],
        Field(description="Certificates of those who may sign a trusted list; a list that none of them signed is an error."),
    ] = ()
    time_stamp_roots: Annotated[tuple[Path, ...], Field(description="Certificates of authorities whose time-stamps are trusted.")] = ()
    time_stamp: Annotated[
        TimeStamps,
        Field(description="`required`: without a trusted time-stamp a signature is refused. `optional`: it is judged as of now."),
    ] = TimeStamps.OPTIONAL
    revocation: Annotated[
        Revocation,
        Field(
            description="`required`: it has to be known that nobody was revoked. `if_given`: only who is known to be revoked is refused."
        ),
    ] = Revocation.REQUIRED
    max_pages: Annotated[int, Field(ge=1, le=10_000, description="The most pages of a scan, where they can be counted.")] = 50

    @model_validator(mode="after")
    def _usable(self) -> "SignatureSettings":
        if self.time_stamp is TimeStamps.REQUIRED and not (self.time_stamp_roots or self.trusted_lists):
            raise ValueError("time_stamp is required, and nobody's time-stamps are trusted: name time_stamp_roots or trusted_lists")
        return self

    @property
    def rules(self) -> SignatureRules | None:
        """The rules for the examination; None where nobody is trusted."""
        files = {name: getattr(self, name) for name in _FILES}
        rules = SignatureRules(**files, time_stamp=self.time_stamp, revocation=self.revocation)
        return rules if rules.trusts_somebody else None

    @property
    def names_files(self) -> bool:
        """Whether any file is named, for whatever it would be good."""
        return any(getattr(self, name) for name in _FILES)

    def resolved(self, folder: Path) -> "SignatureSettings":
        """Make the files absolute."""
        return self.model_copy(update={name: tuple(folder / file for file in getattr(self, name)) for name in _FILES})
