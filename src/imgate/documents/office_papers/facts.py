"""The facts that the office's papers are made from: one value, gathered from what runs, kept each time that it had changed.

Each fact says beside its type what it is called in German, so that papers and differences show all of them and none can be forgotten.
The words in it are those of the contract; scopes bring their own label, so that facts of years ago read as they did then.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from imgate.audit.canonical import canonical

# Another number only where a member means something else than before or is gone: one that is new has a default, and reads as "not known".
VERSION = 1

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Says:
    """What a fact is called in German, and in which table of words its values stand; ``missing`` is said where there is no value.

    One that may be ``quiet`` is named with the others of which there is nothing, in one line.
    """

    german: str
    words: str = ""
    missing: str = "nicht eingestellt"
    quiet: bool = False


class Facts(BaseModel):
    """Some facts, in the order in which they are printed."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class GatewayFacts(Facts):
    """Whose gateway it is, and which release runs."""

    name: Annotated[str, Says("Stelle")]
    id: Annotated[str, Says("Kennung des Gateways")]
    units: Annotated[tuple[str, ...] | None, Says("Einheiten, die Auskunft geben dürfen", missing="nicht eingeschränkt")]
    address: Annotated[str | None, Says("Adresse für Fallsysteme und Partner")]
    timezone: Annotated[str, Says("Zeitzone, in der Tage beginnen und enden")]
    regime: Annotated[str, Says("Rechtsrahmen", "regimes")]
    wording: Annotated[str, Says("Textfassung der Erklärungen")]
    release: Annotated[str, Says("Version von imgate")]
    catalogue: Annotated[int, Says("Fassung des Katalogs der Angaben")]
    catalogue_size: Annotated[int, Says("Zahl der Angaben im Katalog")]


class OfficeFacts(Facts):
    """How the office is reached (``[papers]``)."""

    contact: Annotated[tuple[str, ...], Says("Erreichbar, wie auf den Formularen", missing="von der Stelle auszufüllen")]
    data_protection_officer: Annotated[str | None, Says("Datenschutzbeauftragte Person", missing="von der Stelle auszufüllen")]


class EvidenceFacts(Facts):
    """How strong a client's own act has to be evidenced, by the sensitivity of what may flow."""

    internal: Annotated[str, Says("Nachweis für interne Angaben", "levels")]
    confidential: Annotated[str, Says("Nachweis für vertrauliche Angaben", "levels")]
    special: Annotated[str, Says("Nachweis für besonders geschützte Angaben", "levels")]


class TransportFacts(Facts):
    """The way to one partner. Of addresses only the hosts: the rest could be secret."""

    kind: Annotated[str, Says("Übertragungsweg", "transports")]
    departure: Annotated[str, Says("Verlässt das Haus", "departures")]
    hosts: Annotated[tuple[str, ...], Says("Rechner, zu denen verbunden wird", quiet=True)]
    encrypted_to_partner: Annotated[bool, Says("Für den Empfänger verschlüsselt, auch auf dem Weg")]


class SubscriptionFacts(Facts):
    """What a partner is sent whenever it changed, for one purpose."""

    purpose: Annotated[str, Says("Abonnement für den Zweck", "purposes")]
    scopes: Annotated[tuple[str, ...], Says("Angaben im Abonnement", "scopes")]


class PartnerFacts(Facts):
    """One recipient. ``to_partner`` and ``from_partner`` are what may flow at most by the policy that holds now; a declaration decides."""

    id: Annotated[str, Says("Kennung")]
    name: Annotated[str, Says("Name, für den unterschrieben wird")]
    formerly: Annotated[tuple[str, ...], Says("Frühere Namen derselben Stelle", quiet=True)]
    body: Annotated[str, Says("Behördenart", "bodies")]
    adapter: Annotated[str, Says("Adapter")]
    transport: TransportFacts
    paper: Annotated[bool, Says("Mitteilungen auf Papier (PDF)", quiet=True)]
    purposes: Annotated[tuple[str, ...], Says("Zwecke, die Formulare anbieten", "purposes")]
    purpose: Annotated[
        str | None, Says("Zweck eingehender Mitteilungen, die keinen nennen", "purposes", missing="keiner, sie werden abgelehnt")
    ]
    to_partner: Annotated[tuple[str, ...], Says("Darf höchstens erhalten", "scopes", missing="nichts")]
    from_partner: Annotated[tuple[str, ...], Says("Darf höchstens liefern", "scopes", missing="nichts")]
    shut: Annotated[tuple[str, ...], Says("Verschlossen, fließt nicht", "scopes", quiet=True)]
    open: Annotated[tuple[str, ...], Says("Ausdrücklich geöffnet", "scopes", quiet=True)]
    waiting: Annotated[tuple[str, ...], Says("Öffnung wartet auf zwei Bestätigungen", "scopes", quiet=True)]
    accept_single: Annotated[bool, Says("Öffnung gilt durch die Konfiguration allein", quiet=True)]
    evidence: EvidenceFacts
    subscriptions: tuple[SubscriptionFacts, ...]
    digest: Annotated[str | None, Says("Sammelversand", "weekdays", quiet=True)]
    attach: Annotated[tuple[str, ...], Says("Liegt Mitteilungen bei", "attachments", quiet=True)]
    requires_bundle: Annotated[bool, Says("Nimmt nur an, was ein Nachweisbündel deckt", quiet=True)]
    bundle_keys: Annotated[tuple[str, ...], Says("Schlüssel, deren Nachweisbündel zählen", quiet=True)]


class ScopeFacts(Facts):
    """One kind of data that may flow, or that is shut, with its names and how sensitive it is."""

    scope: Annotated[str, Says("Bezeichner")]
    label: Annotated[str, Says("Angabe")]
    section: Annotated[str, Says("Gruppe")]
    sensitivity: Annotated[str, Says("Schutzbedarf", "sensitivities")]
    closed: Annotated[bool, Says("Verschlossen, solange nicht geöffnet")]


class TermFacts(Facts):
    """One term, by its name in the configuration; ``words.toml`` has its German one."""

    name: str
    value: int | str | bool | None


class OpenIdRoleFacts(Facts):
    """What one value of the identity provider's role claim means here."""

    word: Annotated[str, Says("Wert beim Anmeldedienst")]
    role: Annotated[str, Says("Rolle auf den Seiten", "user_roles")]
    partner: Annotated[str | None, Says("gebunden an", missing="keinen Partner")]


class SignInFacts(Facts):
    """How people sign in beside password with one-time code, and passkey."""

    issuer: Annotated[str | None, Says("Anmeldedienst (OpenID Connect)", missing="keiner")]
    roles: tuple[OpenIdRoleFacts, ...]


class EidFacts(Facts):
    """A service whose assertions count as evidence."""

    id: Annotated[str, Says("Identifizierungsdienst")]
    issuer: Annotated[str, Says("Aussteller")]
    algorithms: Annotated[tuple[str, ...], Says("Signaturverfahren")]
    levels: Annotated[tuple[str, ...], Says("Genügende Vertrauensniveaus")]
    max_age_seconds: Annotated[int, Says("Höchstes Alter einer Bestätigung in Sekunden")]


class SignedPdfFacts(Facts):
    """Whether signed PDFs count as evidence, and whose; files by their names only."""

    accepted: Annotated[bool, Says("Elektronisch signierte PDF gelten als Nachweis")]
    trusted: Annotated[tuple[str, ...], Says("Vertrauenslisten und Wurzelzertifikate (Dateien)", missing="keine")]
    time_stamp: Annotated[str, Says("Zeitstempel an Signaturen", "time_stamps")]
    revocation: Annotated[str, Says("Sperrprüfung von Signaturen", "revocations")]


class LogFacts(Facts):
    """Who vouches for the audit log."""

    origin: Annotated[str, Says("Name des Protokolls in Prüfpunkten")]
    time_stamp_host: Annotated[str | None, Says("Zeitstempel auf Prüfpunkten von", missing="niemandem")]
    time_stamp_roots: Annotated[str | None, Says("Zeitstempeln wird vertraut nach (Datei)", missing="entfällt")]
    witnesses: Annotated[tuple[str, ...], Says("Zeugen, die Prüfpunkte mitzeichnen", missing="keine")]


class MeasuresFacts(Facts):
    """Technical and organisational measures that are facts of the running system (Art. 32 GDPR)."""

    database: Annotated[str, Says("Datenbank", "databases")]
    database_host: Annotated[str | None, Says("Rechner der Datenbank", missing="dieser Rechner")]
    sealing: Annotated[str, Says("Verschlüsselung der Inhalte")]
    keyed_digests: Annotated[str, Says("Kennzeichen von Personen in der Datenbank")]
    key_files_encrypted: Annotated[bool, Says("Schlüsseldateien mit Kennwort verschlüsselt")]
    signing_key_in_token: Annotated[bool, Says("Signaturschlüssel in einem Hardware-Token")]
    signature: Annotated[str, Says("Signatur des Gateways (Profil)")]
    four_eyes: Annotated[bool, Says("Vier Augen für verschlossene Angaben: das Amt nutzt die Seiten")]
    erasures: Annotated[str, Says("Datei der Löschungen, getrennt von den Sicherungen")]
    log: LogFacts
    sign_in: SignInFacts
    eid: tuple[EidFacts, ...]
    signed_pdfs: SignedPdfFacts
    mail_host: Annotated[str | None, Says("Benachrichtigung per E-Mail, ohne Inhalt, über", missing="keine")]
    mail_encrypted: Annotated[bool | None, Says("Verbindung zum E-Mail-Server verschlüsselt", missing="keine E-Mails")]


class FormatFacts(Facts):
    """What an adapter's messages look like in one direction, with the digest of the schema that decides."""

    direction: Annotated[str, Says("Richtung", "directions")]
    format: Annotated[str, Says("Format")]
    media_types: Annotated[tuple[str, ...], Says("Medientypen")]
    root: Annotated[str | None, Says("Wurzelelement", missing="entfällt")]
    schema_file: Annotated[str | None, Says("Schema", missing="kein Schema (Tabelle)")]
    sha256: Annotated[str | None, Says("SHA-256 des Schemas", missing="entfällt")]


class PluginFacts(Facts):
    """One adapter or transport that runs: foreign code with the gateway's rights."""

    id: Annotated[str, Says("Kennung")]
    kind: Annotated[str, Says("Art", "plugin_kinds")]
    name: Annotated[str, Says("Bezeichnung")]
    package: Annotated[str | None, Says("Paket", missing="in imgate enthalten")]
    version: Annotated[str, Says("Version")]
    publisher: Annotated[str | None, Says("Herausgeber laut Paket", missing="im Paket nicht genannt")]
    namespace: Annotated[str | None, Says("Namensraum", missing="entfällt")]
    formats: tuple[FormatFacts, ...]
    code_lists: Annotated[tuple[str, ...], Says("Codelisten", missing="keine")]


class PaperFacts(Facts):
    """All of it. ``gathered`` of the bootstrap makes it from what runs, ``read_facts`` from what was kept; lists are in a fixed order."""

    version: int = VERSION
    gateway: GatewayFacts
    office: OfficeFacts
    evidence: EvidenceFacts
    partners: tuple[PartnerFacts, ...]
    scopes: tuple[ScopeFacts, ...]
    terms: tuple[TermFacts, ...]
    measures: MeasuresFacts
    plugins: tuple[PluginFacts, ...]

    def kept(self) -> dict[str, Any]:
        """Give them as JSON values, as they are kept."""
        return self.model_dump(mode="json")

    @property
    def sha256(self) -> str:
        """The digest of the kept form in canonical JSON (RFC 8785)."""
        return digest_of(self.kept())


class FactsUnreadable(Exception):
    """The operator must act: facts that were kept cannot be read. Its text is a sentence."""


def digest_of(kept: Mapping[str, Any]) -> str:
    """Give the SHA-256 of kept facts, whatever their version: they hold texts, flags, lists and small whole numbers only."""
    return hashlib.sha256(canonical(kept)).hexdigest()


def read_facts(kept: Mapping[str, Any]) -> PaperFacts:
    """Read facts that were kept, of this version or an older one. Raises FactsUnreadable."""
    version = kept.get("version")
    if type(version) is not int or version > VERSION:
        raise FactsUnreadable("these facts were kept by a newer release of imgate; install that one to read them")
    try:
        return PaperFacts.model_validate(kept)
    except ValidationError:
        raise FactsUnreadable("these facts are damaged") from None
