"""What the office reads in place of words of the contract: events, reasons of failure, findings, keys, levels."""

from collections.abc import Mapping

from imgate.audit.events import EventName
from imgate.audit.verify import Flaw
from imgate.keys import KeyUse
from imgate.vocabulary.sensitivity import Sensitivity
from imgate.vocabulary.words import Door, EvidenceLevel, Kept, Role
from imgate.web.labels import DETAILS
from imgate.web.texts import _

EVENTS: Mapping[str, str] = {
    EventName.GATEWAY_STARTED: _("Gateway gestartet"),
    EventName.PARTNER_CONFIGURED: _("Partner beim Start eingerichtet"),
    EventName.PLUGIN_LOADED: _("Erweiterung geladen"),
    EventName.ACCESS_ADDED: _("Zugang für ein Programm vergeben"),
    EventName.ACCESS_REVOKED: _("Zugang eines Programms entzogen"),
    EventName.KEY_MADE: _("Schlüssel erzeugt"),
    EventName.KEY_ROTATED: _("Schlüssel gewechselt"),
    EventName.DECLARATION_CREATED: _("Erklärung entworfen"),
    EventName.DECLARATION_SIGNED: _("Erklärung unterschrieben"),
    EventName.DECLARATION_RECHECKED: _("Nachweise noch einmal geprüft"),
    EventName.DECLARATION_SUPERSEDED: _("Nachfolgende Erklärung erfasst"),
    EventName.DECLARATION_REVOKED: _("Erklärung widerrufen"),
    EventName.DECLARATION_PAUSED: _("Erklärung ruht"),
    EventName.DECLARATION_RESUMED: _("Erklärung gilt wieder"),
    EventName.DECLARATION_EXPORTED: _("Erklärung als Nachweis herausgegeben"),
    EventName.LINK_SET: _("Zeichen beim Partner eingetragen"),
    EventName.LINK_REMOVED: _("Zeichen beim Partner entfernt"),
    EventName.EXCHANGE_PERMITTED: _("Übermittlung erlaubt"),
    EventName.EXCHANGE_WITHHELD: _("Nichts freigegeben"),
    EventName.EXCHANGE_NARROWED: _("Wartende Mitteilung gekürzt"),
    EventName.EXCHANGE_CANCELLED: _("Wartende Mitteilung zurückgezogen"),
    EventName.EXCHANGE_RETRIED: _("Zustellung noch einmal veranlasst"),
    EventName.DELIVERY_BEGUN: _("Zustellversuch begonnen"),
    EventName.DELIVERY_ENDED: _("Zustellversuch beendet"),
    EventName.HANDED_OUT: _("Mitteilung ausgehändigt"),
    EventName.ACKNOWLEDGED: _("Empfang bestätigt"),
    EventName.REJECTED: _("Vom Partner zurückgegeben"),
    EventName.END_OF_USE_TOLD: _("Partner über das Ende der Nutzung unterrichtet"),
    EventName.END_OF_USE_REMINDED: _("Partner an das Ende der Nutzung erinnert"),
    EventName.END_OF_USE_ANSWERED: _("Partner hat zum Ende der Nutzung geantwortet"),
    EventName.END_OF_USE_RECEIVED: _("Partner hat das Ende der Nutzung mitgeteilt"),
    EventName.MESSAGE_ACCEPTED: _("Mitteilung eines Partners angenommen"),
    EventName.MESSAGE_TAKEN: _("Mitteilung eines Partners verarbeitet"),
    EventName.CLIENT_EXPORTED: _("Daten einer Person herausgegeben"),
    EventName.CORRECTION_PASSED_ON: _("Berichtigung an Partner weitergegeben"),
    EventName.CLIENT_ERASED: _("Eine Person gelöscht"),
    EventName.RETENTION_SWEPT: _("Abgelaufenes weggeräumt"),
    EventName.PAPERS_CHANGED: _("Verzeichnis und Folgenabschätzung geändert"),
    EventName.BACKUP_RESTORED: _("Sicherung zurückgespielt"),
    EventName.CODELIST_IMPORTED: _("Codeliste eingelesen"),
    EventName.CODELIST_REMOVED: _("Codeliste entfernt"),
    EventName.USER_ADDED: _("Person zu den Seiten zugelassen"),
    EventName.USER_CHANGED: _("Rolle einer Person geändert"),
    EventName.USER_REVOKED: _("Zugang einer Person entzogen"),
    EventName.USER_RESET: _("Anmeldung einer Person zurückgesetzt"),
    EventName.USER_ENROLLED: _("Anmeldung eingerichtet"),
    EventName.USER_PASSKEY_REMOVED: _("Passkey entfernt"),
    EventName.USER_SIGNED_IN: _("Anmeldung"),
    EventName.USER_SIGN_IN_FAILED: _("Anmeldung misslungen"),
    EventName.USER_CONFIRMED: _("Anmeldung bekräftigt"),
    EventName.OPENING_CONFIRMED: _("Öffnung einer verschlossenen Angabe bestätigt"),
    EventName.OPENING_WITHDRAWN: _("Öffnung einer verschlossenen Angabe zurückgenommen"),
    EventName.OPENING_SINGLE: _("Verschlossene Angabe ohne vier Augen geöffnet"),
    EventName.CLIENT_PAGE_MADE: _("Eigene Seite einer Klientin oder eines Klienten angelegt"),
    EventName.CLIENT_PAGE_OPENED: _("Eigene Seite einer Klientin oder eines Klienten geöffnet"),
    EventName.CLIENT_PAGE_LOCKED: _("Eigene Seite nach Fehlversuchen gesperrt"),
    EventName.CLIENT_PAGE_FACTOR: _("Nummer für die eigene Seite gegeben"),
    EventName.SCOPE_REQUESTED: _("Partner hat um weitere Angaben gebeten"),
    EventName.SCOPE_REQUEST_ANSWERED: _("Anfrage eines Partners beantwortet"),
}
ACTORS: Mapping[str, str] = {
    "worker": _("Hintergrunddienst"),
    "operator": _("die IT, über die Befehlszeile"),
    "client": _("die Person selbst, auf der eigenen Seite"),
    "unknown": _("niemand, der angemeldet war"),
}
# Why a message failed, or was not delivered at the last try. What a partner's own system answers is shown as it came.
WHY: Mapping[str, str] = {
    **DETAILS,
    "timeout": _("Der Partner hat nicht rechtzeitig geantwortet."),
    "connection_broken": _("Die Verbindung zum Partner ist abgebrochen."),
    "not_connected": _("Der Partner war nicht erreichbar."),
    "http": _("Der Partner hat mit einem Fehler geantwortet."),
    "transport_fault": _("Der Übertragungsweg hat einen Fehler; er muss in der Erweiterung behoben werden."),
    "adapter_fault": _("Das Format des Partners ließ sich nicht schreiben; der Fehler liegt in der Erweiterung."),
    "unreadable": _("Die gespeicherte Mitteilung ließ sich nicht lesen."),
    "answer_unexpected": _("Der Partner hat etwas Unerwartetes geantwortet."),
    "answer_unreadable": _("Die Antwort des Partners war nicht lesbar."),
    "unconfirmed": _("Der Partner hat den Eingang nicht bestätigt."),
    "file_exists": _("Im Ordner des Partners liegt schon eine Datei dieses Namens."),
    "fetched_by_partner": _("Der Partner holt seine Mitteilungen selbst ab."),
    "destination_inactive": _("Der Zustellpunkt des Partners ist abgeschaltet."),
    "token_refused": _("Der Partner hat die Anmeldung abgelehnt."),
    "overtaken_by": _("Ein Teil davon steht in einer späteren Mitteilung."),
}
FLAWS: Mapping[str, str] = {
    Flaw.ENTRY_WRONG: _("Ein Eintrag wurde verändert."),
    Flaw.PLACE_WRONG: _("Ein Eintrag steht nicht an seinem Platz."),
    Flaw.PLACE_MISSING: _("Ein Eintrag fehlt."),
    Flaw.PLACE_DOUBLED: _("Ein Platz ist zweimal vergeben."),
    Flaw.ENTRY_DOUBLED: _("Ein Eintrag steht zweimal da."),
    Flaw.OUT_OF_ORDER: _("Ein Eintrag steht hinter einem späteren."),
    Flaw.UNPLACED: _("Ein Eintrag wartet noch auf seinen Platz. Das ist kein Fehler."),
    Flaw.LINE_WRONG: _("Eine Zeile des Auszugs ist unlesbar."),
    Flaw.CHECKPOINT_WRONG: _("Ein Prüfpunkt ist nicht vom Protokoll unterschrieben."),
    Flaw.CHECKPOINT_MISMATCH: _("Das Protokoll passt nicht zu einem Prüfpunkt: Bis dahin ist es ein anderes, oder es ist kürzer."),
    Flaw.HEAD_OLDER: _("Eine Erklärung ist älter, als das Protokoll sagt: Ein früherer Stand wurde zurückgelegt."),
    Flaw.HEAD_UNLOGGED: _("Eine Erklärung ist neuer, als das Protokoll sagt."),
    Flaw.HEAD_MISSING: _("Eine Erklärung, die das Protokoll kennt, fehlt."),
    Flaw.HEAD_UNREADABLE: _("Eine Erklärung wurde verändert und gilt nicht mehr."),
    Flaw.TILE_WRONG: _("Ein gespeicherter Prüfwert passt nicht zu den Einträgen."),
}
KEY_USES: Mapping[str, str] = {
    KeyUse.WRAPPING: _("verschließt die Schlüssel der einzelnen Personen"),
    KeyUse.INDEX: _("macht Zeichen auffindbar, ohne sie zu zeigen"),
    KeyUse.AUDIT: _("sichert das Protokoll"),
    KeyUse.INTAKE: _("verschließt, was Partner schicken"),
    KeyUse.TOKENS: _("unterschreibt Zugangsmarken für Programme"),
    KeyUse.SIGNING: _("unterschreibt, was das Gateway bescheinigt"),
}
SENSITIVITIES: Mapping[str, str] = {
    Sensitivity.INTERNAL: _("intern"),
    Sensitivity.CONFIDENTIAL: _("vertraulich"),
    Sensitivity.SPECIAL: _("besonders geschützt (Art. 9 DSGVO)"),
}
LEVELS: Mapping[str, str] = {
    EvidenceLevel.RECORDED: _("festgehalten"),
    EvidenceLevel.WRITTEN: _("schriftlich"),
    EvidenceLevel.QUALIFIED: _("qualifiziert elektronisch signiert"),
}
DOORS: Mapping[str, str] = {
    Door.API: _("Schnittstelle"),
    Door.PAGES: _("Seiten"),
    Door.COMMAND: _("Befehlszeile"),
}
# What somebody looked at: by how the route's template begins, of all that fit the longest. Commands are shown as they are called.
LOOKED_AT: Mapping[str, str] = {
    "/pages/client/mine": _("eigene Seite"),
    "/pages/inbox": _("Posteingang eines Partners"),
    "/pages/search": _("Suche eines Partners"),
    "/pages/desk": _("Schreibtisch"),
    "/pages/clients": _("Übersicht einer Person"),
    "/pages/clients/{case}/declarations": _("Erklärung"),
    "/pages/clients/{case}/send": _("Vorschau einer Mitteilung"),
    "/pages/clients/{case}/correction": _("Berichtigung"),
    "/pages/clients/{case}/disclosures.pdf": _("Auskunft"),
    "/pages/clients/{case}/exchanges": _("Übermittlungen"),
    "/pages/clients/{case}/links": _("Zeichen beim Partner"),
    "/pages/clients/{case}/own-page": _("Zugang zur eigenen Seite"),
    "/pages/received": _("Eingang von Partnern"),
    "/pages/requests": _("Anfragen"),
    "/pages/ends-of-use": _("Ende der Nutzung"),
    "/pages/office/disclosures": _("Auskunft"),
    "/pages/office/looks": _("Einsichten"),
    "/v1/declarations": _("Erklärung"),
    "/v1/exchanges": _("Übermittlungen"),
    "/v1/exchanges/preview": _("Vorschau einer Mitteilung"),
    "/v1/intake": _("Eingang von Partnern"),
    "/v1/inbox": _("Eingang von Partnern"),
    "/v1/revocations": _("Ende der Nutzung"),
    "/v1/clients/{client}": _("Auskunft"),
    "/access/v1": _("Frage, ob etwas erlaubt ist"),
}
KEPT: Mapping[str, str] = {
    Kept.HISTORY: _("Austausche, Übermittlungen und Unterrichtungen von Personen, von denen nichts mehr wartet und nichts mehr gilt"),
    Kept.REFERENCES: _("Zeichen unbekannter Personen in dem, was Partner geschickt haben"),
    Kept.INTAKE: _("Berichte, was aus den Mitteilungen der Partner wurde"),
    Kept.AWAITED: _("Rückfragen bei Partnern, was aus einer Mitteilung wurde"),
    Kept.ACCESS_LOG: _("Einsichten: wer was angesehen hat"),
    Kept.PROOF: _("Nachweis der Einwilligung einer gelöschten Person"),
    Kept.SESSIONS: _("Sitzungen auf den Seiten"),
    Kept.ANSWERS: _("Antworten auf Anfragen, die doppelt kommen könnten"),
    Kept.ASSERTIONS: _("Kennungen, die nur einmal gelten"),
    Kept.MESSAGES: _("Mitteilungen, die niemand abgeholt oder bestätigt hat"),
}
WHY_KEPT: Mapping[str, str] = {
    Kept.HISTORY: _("Längste Verjährung, § 199 Abs. 3 Nr. 1 BGB; Art. 5 Abs. 1 Buchst. e DSGVO"),
    Kept.REFERENCES: _("Niemand hat eingewilligt, dass sie bleiben: Art. 5 Abs. 1 Buchst. c und e DSGVO"),
    Kept.INTAKE: _("Regelmäßige Verjährung, §§ 195, 199 Abs. 1 BGB; Art. 5 Abs. 1 Buchst. e DSGVO"),
    Kept.AWAITED: _("Wie die Mitteilung selbst"),
    Kept.ACCESS_LOG: _("Sechs Monate, wo § 79 Abs. 4 SGB X gilt; länger braucht es auch sonst nicht"),
    Kept.PROOF: _("Art. 7 Abs. 1 DSGVO, solange Ansprüche bestehen können: §§ 195, 199 Abs. 1 BGB"),
    Kept.SESSIONS: _("Sie sind zu Ende: Art. 32 DSGVO"),
    Kept.ANSWERS: _("Eine Anfrage, die noch einmal kommt, wird beantwortet wie zuvor"),
    Kept.ASSERTIONS: _("Sie gelten nicht mehr: Art. 32 DSGVO"),
    Kept.MESSAGES: _("Was niemand abholt, braucht niemand: Art. 5 Abs. 1 Buchst. c und e DSGVO"),
}
ACCESS_ROLES: Mapping[str, str] = {
    Role.CASE_SYSTEM: _("Fallsystem"),
    Role.PARTNER: _("Partner"),
    Role.AUDITOR: _("Prüfung"),
    Role.ADMIN: _("IT"),
}
TIERS: Mapping[str, str] = {"bronze": _("Bronze"), "silver": _("Silber"), "gold": _("Gold")}
ANSWERS: Mapping[str, str] = {"done": _("erfüllt"), "todo": _("noch offen"), "exempt": _("entfällt")}


def why(code: str | None) -> str | None:
    """Say in German why a message stands where it does; None for a word that nobody knows here."""
    word = (code or "").partition(":")[0]
    return WHY.get("http" if word.startswith("http_") else word)


def looked_at(what: str) -> str | None:
    """Say in German what stands at this route; None for a command, and for what nobody knows here."""
    path = what.partition(" ")[2]
    found = max((begin for begin in LOOKED_AT if path == begin or path.startswith(f"{begin}/")), key=len, default=None)
    return None if found is None else LOOKED_AT[found]
