"""The entries of ``transport = { kind = "fit-connect", … }``."""

from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator

from imgate.plugin_api import SettingsInvalid
from imgate.transports.entries import https_address
from imgate.vocabulary.identifiers import UUID_PATTERN


def _address(url: str) -> str:
    parts = urlsplit(https_address(url))
    if parts.query or parts.fragment:
        raise ValueError("is not an address such as https://submission-api.example.org: paths are put behind it")
    return url.rstrip("/")


Address = Annotated[str, AfterValidator(_address)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^\S(.*\S)?$")]


class Entries(BaseModel):
    """``secret`` and ``callback_secret`` come by the environment, or stand in files.

    ``issuer`` is what the service writes as ``iss`` into its own events. That it is the address of the service is documented; that it
    is spelt as ``submission_url`` is an assumption, hence the entry.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    submission_url: Address
    token_url: Address
    client_id: Text
    secret: SecretStr | None = None
    secret_file: Path | None = None
    destination: Annotated[str, StringConstraints(pattern=UUID_PATTERN)]
    service: Annotated[str, StringConstraints(max_length=500, pattern=r"^urn:[a-z0-9][a-z0-9-]{0,31}:\S+$")]
    service_name: Text | None = None
    schema_uri: Annotated[str, StringConstraints(max_length=500, pattern=r"^(https?://|urn:)\S+$")] | None = None
    issuer: Text | None = None
    ca_file: Path | None = None
    timeout: Annotated[float, Field(gt=0, le=30)] = 10.0
    callback_secret: SecretStr | None = None
    callback_secret_file: Path | None = None

    @model_validator(mode="after")
    def _one_secret(self) -> Self:
        if (self.secret is None) == (self.secret_file is None):
            raise ValueError("needs either secret_file, or the secret by the environment")
        if self.callback_secret is not None and self.callback_secret_file is not None:
            raise ValueError("needs either callback_secret_file, or the callback secret by the environment, not both")
        return self

    @property
    def service_issuer(self) -> str:
        """What stands as ``iss`` in the service's own events."""
        return self.issuer or self.submission_url

    def client_secret(self) -> str:
        """Read the secret of the client. Raises SettingsInvalid."""
        text = _read("secret", self.secret, self.secret_file).strip()
        if not text or not text.isprintable():
            raise SettingsInvalid("secret", "is empty, or more than one line")
        return text

    def callback_keys(self) -> tuple[bytes, ...]:
        """Read the secrets that callbacks are signed with, so that one can be changed; none where none is configured.

        Raises SettingsInvalid.
        """
        if self.callback_secret is None and self.callback_secret_file is None:
            return ()
        keys = tuple(secret.encode() for secret in _read("callback_secret", self.callback_secret, self.callback_secret_file).split())
        if not keys:
            raise SettingsInvalid("callback_secret", "is empty")
        return keys


def _read(name: str, secret: SecretStr | None, file: Path | None) -> str:
    if secret is not None:
        return secret.get_secret_value()
    try:
        return (file or Path()).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise SettingsInvalid(f"{name}_file", "cannot be read") from None
