"""What stands in ``imgate.toml`` about the pages: how long a session lasts, how people sign in, and by which way they are told of news."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, Field, SecretStr, StringConstraints, model_validator

from imgate.settings.partner import STRICT, Id, Name
from imgate.vocabulary.words import UserRole

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
Word = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class PagesSettings(BaseModel):
    """The pages, as everybody sees them."""

    model_config = STRICT
    idle_minutes: Annotated[int, Field(ge=1, le=480, description="Minutes without a click after which a session has ended.")] = 30
    session_hours: Annotated[int, Field(ge=1, le=24, description="Hours after which a session ends in any case.")] = 10
    confirm_minutes: Annotated[
        int, Field(ge=1, le=120, description="Minutes for which somebody who has shown again that it is they may sign and confirm.")
    ] = 15
    client_minutes: Annotated[int, Field(ge=1, le=60, description="Minutes after which a client's own page closes.")] = 15
    factor_hours: Annotated[
        int,
        Field(ge=1, le=8784, description="Hours for which the number holds that the office gives a client beside the code on the copy."),
    ] = 720


def _issuer(url: str) -> str:
    parts = urlsplit(url)
    if not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("this is not an issuer such as https://anmeldung.example.org/realms/stadt")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ValueError("an identity provider is reached by https only, except on this machine")
    return url


class OpenIdRole(BaseModel):
    """What one value of the role claim means here."""

    model_config = STRICT
    role: Annotated[UserRole, Field(description="`liaison`, `integration-manager` or `office`.")]
    partner: Annotated[Id | None, Field(description="The partner that a liaison is bound to.")] = None

    @model_validator(mode="after")
    def _bound(self) -> "OpenIdRole":
        if (self.role is UserRole.LIAISON) != (self.partner is not None):
            raise ValueError("the role liaison names its partner, the others name none")
        return self


class OpenIdSettings(BaseModel):
    """Signing in with an identity provider (OpenID Connect)."""

    model_config = STRICT
    issuer: Annotated[Annotated[str, AfterValidator(_issuer)], Field(description="The provider's issuer; its configuration is read there.")]
    name: Annotated[Name, Field(description="What stands on the button, for example `Anmeldung der Stadt`.")]
    client_id: Annotated[Word, Field(description="As which client the provider knows imgate.")]
    client_secret: Annotated[SecretStr | None, Field(description="The client's secret; by the environment only, or `secret_file`.")] = None
    secret_file: Annotated[Path | None, Field(description="A file that holds the client's secret.")] = None
    ca_file: Annotated[Path | None, Field(description="The only authorities to trust when the provider is asked.")] = None
    scopes: Annotated[tuple[Word, ...], Field(description="What is asked of the provider beside `openid`.")] = ("profile",)
    role_claim: Annotated[Word, Field(description="The claim of the ID token that holds roles: a text or a list of texts.")] = "roles"
    roles: Annotated[
        Mapping[Word, OpenIdRole],
        Field(description='What its values mean: `{ "imgate-jc412" = { role = "liaison", partner = "jobcenter-rems-murr" } }`.'),
    ] = {}

    def resolved(self, folder: Path) -> "OpenIdSettings":
        """Make the paths absolute, seen from the folder, and read the secret's file. Raises OSError where it cannot be read."""
        absolute: dict[str, object] = {} if self.ca_file is None else {"ca_file": folder / self.ca_file}
        if self.secret_file is not None:
            secret = (folder / self.secret_file).read_text(encoding="utf-8").strip()
            absolute |= {"client_secret": SecretStr(secret), "secret_file": folder / self.secret_file}
        return self.model_copy(update=absolute)


def _address(text: str) -> str:
    local, at, host = text.rpartition("@")
    if not (local and at and host and text.isascii() and text.isprintable()) or " " in text or len(text) > 254:
        raise ValueError("this is no mail address")
    return text


class MailSettings(BaseModel):
    """The mail server by which liaisons are told that there is news: never what, never about whom."""

    model_config = STRICT
    host: Annotated[Word, Field(description="The mail server.")]
    port: Annotated[int, Field(ge=1, le=65535, description="Its port.")] = 587
    sender: Annotated[Annotated[str, AfterValidator(_address)], Field(description="The address that the mails come from.")]
    user: Annotated[Word | None, Field(description="As whom imgate signs in there.")] = None
    password: Annotated[SecretStr | None, Field(description="With which password; by the environment only, or `secret_file`.")] = None
    secret_file: Annotated[Path | None, Field(description="A file that holds the password.")] = None
    starttls: Annotated[bool, Field(description="Encrypt the way there. Only to this machine may it be switched off.")] = True
    ca_file: Annotated[
        Path | None, Field(description="The certificates of the authority that issued the server's, where the machine does not trust it.")
    ] = None

    @model_validator(mode="after")
    def _encrypted(self) -> "MailSettings":
        if not self.starttls and self.host not in LOOPBACK:
            raise ValueError("starttls may be false for a mail server on this machine only")
        return self

    def resolved(self, folder: Path) -> "MailSettings":
        """Make files absolute, seen from the folder, and read the password's. Raises OSError where that cannot be read."""
        whole = self if self.ca_file is None else self.model_copy(update={"ca_file": folder / self.ca_file})
        if self.secret_file is None:
            return whole
        password = (folder / self.secret_file).read_text(encoding="utf-8").strip()
        return whole.model_copy(update={"password": SecretStr(password), "secret_file": folder / self.secret_file})
