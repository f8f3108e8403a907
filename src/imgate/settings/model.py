"""What stands in ``imgate.toml``. The reference page is generated from these types, and a test compares the two."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, Field, PrivateAttr, SecretStr, StringConstraints, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from imgate.settings.audit import AuditSettings
from imgate.settings.eid import EidSettings
from imgate.settings.keys import KeysSettings
from imgate.settings.pages import MailSettings, OpenIdSettings, PagesSettings
from imgate.settings.papers import PapersSettings
from imgate.settings.partner import STRICT, EvidenceSettings, Id, Name, PartnerSettings
from imgate.settings.signatures import SignatureSettings
from imgate.settings.words import usable_zone
from imgate.vocabulary.sensitivity import Sensitivity
from imgate.vocabulary.words import SELF, EvidenceLevel

Port = Annotated[int, Field(ge=0, le=65535)]


def _http_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValueError("this is not an address such as https://imgate.example.org")
    return url.rstrip("/")


class GatewaySettings(BaseModel):
    """Who runs this gateway."""

    model_config = STRICT
    id: Annotated[Id, Field(description="The gateway's own id: 1 to 64 of a-z, 0-9 and -.")]
    name: Annotated[Name, Field(description="The unit that discloses and receives, as it stands in declarations and messages.")]
    timezone: Annotated[
        str, AfterValidator(usable_zone), Field(description="The zone in which a day begins and ends for declarations.")
    ] = "Europe/Berlin"
    url: Annotated[
        Annotated[str, AfterValidator(_http_url)] | None,
        Field(
            description="The address under which callers reach the gateway, and the audience of their tokens. Without it the "
            "address of `serve`; required with PostgreSQL, because then several gateways share it."
        ),
    ] = None
    units: Annotated[
        tuple[Name, ...] | None, Field(description="The units that a declaration may name as discloser. Without the list any unit.")
    ] = None
    regime: Annotated[
        Literal["sgb-x", "gdpr-land"], Field(description="Which law applies to the municipality. Changes texts, never a decision.")
    ] = "sgb-x"
    max_term_days: Annotated[int, Field(ge=1, description="The longest term that a declaration may have, in days.")] = 1096
    remind_days: Annotated[
        int,
        Field(
            ge=0,
            le=366,
            description="How many days before its last day a title, a permission or a restriction is told as running out, and the pages "
            "say of a declaration that it runs out soon.",
        ),
    ] = 90


class DatabaseSettings(BaseModel):
    """Where imgate keeps what it keeps."""

    model_config = STRICT
    url: Annotated[
        SecretStr, Field(description="`sqlite:///FILE`, or `postgresql://USER@HOST/NAME` for any number of gateways and workers.")
    ] = SecretStr("sqlite:///imgate.db")
    secret_file: Annotated[Path | None, Field(description="A file that holds the database password, if it does not stand in the url.")] = (
        None
    )
    erasures: Annotated[
        Path,
        Field(description="The file that remembers who was erased, so that a backup cannot bring them back. Keep it apart from backups."),
    ] = Path("imgate.erasures")

    @model_validator(mode="after")
    def _usable(self) -> "DatabaseSettings":
        url = self.url.get_secret_value()
        if self.is_sqlite:
            if not url.startswith("sqlite:///") or url in {"sqlite:///", "sqlite:///:memory:"}:
                raise ValueError("url names no file: write sqlite:///imgate.db, a database in memory is lost to the worker")
        elif not url.startswith("postgresql://"):
            raise ValueError("url begins neither with sqlite:/// nor with postgresql://")
        return self

    @property
    def is_sqlite(self) -> bool:
        """Tell whether this is the embedded database."""
        return self.url.get_secret_value().startswith("sqlite:")

    @property
    def file(self) -> Path | None:
        """The file of the embedded database, once ``load_settings`` made it absolute."""
        return Path(self.url.get_secret_value().removeprefix("sqlite:///")) if self.is_sqlite else None

    def resolved(self, folder: Path) -> "DatabaseSettings":
        """Make files absolute, and put the password of ``secret_file`` into the url. Raises OSError where it cannot be read."""
        url = self.url.get_secret_value()
        if self.file is not None:
            url = f"sqlite:///{folder / self.file}"
        elif self.secret_file is not None:
            parts = urlsplit(url)
            password = (folder / self.secret_file).read_text(encoding="utf-8").strip()
            _, _, host = parts.netloc.rpartition("@")
            url = parts._replace(netloc=f"{parts.username or ''}:{quote(password, safe='')}@{host}").geturl()
        return self.model_copy(update={"url": SecretStr(url), "erasures": folder / self.erasures})


class ServerSettings(BaseModel):
    """Where the gateway listens."""

    model_config = STRICT
    host: Annotated[str, StringConstraints(min_length=1), Field(description="The address that `serve` listens on.")] = "127.0.0.1"
    port: Annotated[Port, Field(description="The port that `serve` listens on; 0 takes a free one.")] = 8400
    metrics_host: Annotated[str, StringConstraints(min_length=1), Field(description="The address that `/metrics` listens on.")] = (
        "127.0.0.1"
    )
    metrics_port: Annotated[Port, Field(description="The port that `/metrics` listens on; 0 takes a free one.")] = 8401


class DeliverySettings(BaseModel):
    """How long delivery is tried."""

    model_config = STRICT
    give_up_days: Annotated[int, Field(ge=1, le=90, description="Days after which a message that could not be delivered has failed.")] = 7


class RevocationSettings(BaseModel):
    """How partners are reminded that have not answered a notice of the end of use."""

    model_config = STRICT
    reminder_days: Annotated[int, Field(ge=1, le=365, description="Days after which a partner that has not answered is reminded.")] = 14
    reminders: Annotated[int, Field(ge=0, le=100, description="How often it is reminded.")] = 3


class RetentionSettings(BaseModel):
    """How long things are kept."""

    model_config = STRICT
    message_days: Annotated[
        int, Field(ge=1, le=3650, description="Days after which a message that nobody fetched or acknowledged is deleted.")
    ] = 180
    proof_years: Annotated[
        int, Field(ge=1, le=30, description="Years for which the proof of consent outlives the erasure of a client.")
    ] = 3
    history_years: Annotated[
        int,
        Field(
            ge=0,
            le=50,
            description="Years after a client's last exchange, or the erasure, after which the history goes: exchanges, and what was "
            "handed out. Not while anything of it waits or a declaration is in force. 0: never.",
        ),
    ] = 10
    intake_days: Annotated[
        int, Field(ge=0, le=3650, description="Days after which the report goes of what became of a partner's message. 0: never.")
    ] = 1096
    access_log_days: Annotated[
        int, Field(ge=1, le=3650, description="Days for which it is known who looked at what: six months where § 79(4) SGB X applies.")
    ] = 184


class SecretUnreadable(Exception):
    """The operator must act: what ``secret_file`` names in these sections cannot be read."""

    def __init__(self, sections: Sequence[str]) -> None:
        """Name the sections."""
        self.sections = tuple(sections)
        super().__init__(", ".join(sections))


class Settings(BaseSettings):
    """The whole configuration. Made by ``load_settings``, which has made every path absolute."""

    model_config = SettingsConfigDict(
        env_prefix="IMGATE_", env_nested_delimiter="__", extra="forbid", frozen=True, hide_input_in_errors=True
    )
    gateway: GatewaySettings
    database: DatabaseSettings = DatabaseSettings()
    keys: KeysSettings = KeysSettings()
    evidence: EvidenceSettings = EvidenceSettings()
    signatures: SignatureSettings = SignatureSettings()
    eid: dict[Id, EidSettings] = {}
    papers: PapersSettings = PapersSettings()
    partners: dict[Id, PartnerSettings] = {}
    server: ServerSettings = ServerSettings()
    delivery: DeliverySettings = DeliverySettings()
    revocation: RevocationSettings = RevocationSettings()
    retention: RetentionSettings = RetentionSettings()
    audit: AuditSettings = AuditSettings()
    pages: PagesSettings = PagesSettings()
    openid: OpenIdSettings | None = None
    mail: MailSettings | None = None
    _file: Path = PrivateAttr(Path("imgate.toml"))

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take only what ``load_settings`` hands in: it merges the environment itself, to tell which value came from where."""
        return (init_settings,)

    @property
    def zone(self) -> ZoneInfo:
        """The gateway's time zone."""
        return ZoneInfo(self.gateway.timezone)

    @property
    def address(self) -> str:
        """Under which callers reach the gateway: ``[gateway] url``, else where ``serve`` listens."""
        return self.gateway.url or self.listening_at

    @property
    def origin(self) -> str:
        """The audit log's name in what is signed about it."""
        return self.audit.origin or f"imgate/{self.gateway.id}"

    @property
    def listening_at(self) -> str:
        """Where ``serve`` listens."""
        host = f"[{self.server.host}]" if ":" in self.server.host else self.server.host
        return f"http://{host}:{self.server.port}"

    @property
    def file(self) -> Path:
        """The file that this configuration was read from, so that a later problem can be told with its line."""
        return self._file

    def resolved(self, file: Path) -> "Settings":
        """Make every path absolute, seen from the file's folder. Raises SecretUnreadable."""
        folder = file.parent
        partners = {partner: configured.resolved(folder) for partner, configured in self.partners.items()}
        eid = {service: configured.resolved(folder) for service, configured in self.eid.items()}
        signatures, audit = self.signatures.resolved(folder), self.audit.resolved(folder)
        whole: dict[str, object] = {"signatures": signatures, "audit": audit, "eid": eid, "partners": partners}
        whole["keys"] = self.keys.resolved(folder)
        unreadable = []
        for section, configured in (("database", self.database), ("openid", self.openid), ("mail", self.mail)):
            try:
                whole[section] = None if configured is None else configured.resolved(folder)
            except (OSError, UnicodeDecodeError):
                unreadable.append(section)
        if unreadable:
            raise SecretUnreadable(unreadable)
        copy = self.model_copy(update=whole)
        copy._file = file
        return copy

    def listening(self, host: str, port: int) -> "Settings":
        """Give the configuration with the address that ``serve`` really listens on."""
        return self.model_copy(update={"server": self.server.model_copy(update={"host": host, "port": port})})

    def levels(self, partner: str) -> Mapping[Sensitivity, EvidenceLevel]:
        """Give the level of evidence that each sensitivity needs with this partner."""
        return self.partners[partner].evidence.levels(self.evidence.levels())

    def across(self) -> list[tuple[tuple[str, ...], str]]:
        """Tell what is wrong between values that are each right by themselves: paths and sentences."""
        wrong: list[tuple[tuple[str, ...], str]] = []
        if not self.database.is_sqlite and self.gateway.url is None:
            wrong.append((("gateway", "url"), "is missing: with PostgreSQL several gateways share one address"))
        wrong += [
            (("openid", "roles", word, "partner"), "is no partner of [partners]")
            for word, meant in ({} if self.openid is None else self.openid.roles).items()
            if meant.partner is not None and meant.partner not in self.partners
        ]
        everywhere = self.evidence.levels()
        for partner, configured in self.partners.items():
            if partner == SELF:
                wrong.append((("partners", partner), "`self` stands for the client's own word and cannot be a partner's id"))
            wrong += [
                (
                    ("partners", partner, "evidence", sensitivity.value),
                    f"{level.value} is less than the {everywhere[sensitivity].value} of [evidence]",
                )
                for sensitivity, level in configured.evidence.levels(everywhere).items()
                if level.rank < everywhere[sensitivity].rank
            ]
        return wrong
