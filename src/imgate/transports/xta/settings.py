"""What stands in the ``transport`` table of an XTA partner, checked before anything is sent."""

import re
import ssl
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from imgate.plugin_api import SettingsInvalid
from imgate.transports.entries import https_address

_uri = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+\Z").match


def _named_by_uri(text: str) -> str:
    if len(text) > 500 or _uri(text) is None:
        raise ValueError("is not a URI such as urn:example:service")
    return text


def _word(text: str) -> str:
    if not 0 < len(text) <= 200 or not text.isprintable() or text != text.strip():
        raise ValueError("must be 1 to 200 characters that can be seen, without a blank at either end")
    return text


Address = Annotated[str, AfterValidator(https_address)]
Uri = Annotated[str, AfterValidator(_named_by_uri)]
Word = Annotated[str, AfterValidator(_word)]

_STRICT = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class MessageType(BaseModel):
    """How the metadata name the kind of message; every XTA server sees it, so it says nothing about the person."""

    model_config = _STRICT
    code: Word = "message"
    list_uri: Uri = "urn:imgate:codelist:message-type"
    list_version: Word = "1"
    payload_schema: Uri = "urn:imgate:message"


class Entries(BaseModel):
    """``sender`` and ``recipient`` are identifiers such as ``psw:01003110``; ``key_password`` comes by the environment."""

    model_config = _STRICT
    management_url: Address
    send_url: Address
    msgbox_url: Address
    certificate_file: Path | None = None
    key_file: Path | None = None
    key_password: SecretStr | None = None
    key_password_file: Path | None = None
    ca_file: Path | None = None
    sender: Word
    recipient: Word
    identifier_type: Word = "xoev"
    service: Uri
    business_scenario: Word = "imgate"
    message_type: MessageType = MessageType()
    timeout: Annotated[float, Field(gt=0, le=20)] = 10.0

    @model_validator(mode="after")
    def _with_certificate(self) -> Self:
        if (self.certificate_file is None) != (self.key_file is None):
            raise ValueError("needs certificate_file and key_file together")
        if self.certificate_file is None and any(url.startswith("https:") for url in (self.management_url, self.send_url, self.msgbox_url)):
            raise ValueError("needs certificate_file and key_file: an XTA server knows us by our TLS client certificate")
        if self.sender == self.recipient:
            raise ValueError("has the same sender and recipient")
        return self

    def trust(self) -> ssl.SSLContext:
        """Read the certificates. Raises SettingsInvalid for a file that cannot be used."""
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
        except (OSError, ssl.SSLError):
            raise SettingsInvalid("ca_file", "cannot be read as PEM certificates") from None
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.certificate_file is not None and self.key_file is not None:
            try:
                # A password is always given, if an empty one: without, OpenSSL would ask for it at the terminal.
                context.load_cert_chain(self.certificate_file, self.key_file, password=self._password())
            except (OSError, ssl.SSLError, ValueError):
                raise SettingsInvalid("certificate_file", "and key_file cannot be read, or do not belong together") from None
        return context

    def _password(self) -> str:
        if self.key_password is not None:
            return self.key_password.get_secret_value()
        if self.key_password_file is None:
            return ""
        try:
            return self.key_password_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise SettingsInvalid("key_password_file", "cannot be read") from None
