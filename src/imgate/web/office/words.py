"""What the office reads in place of words of the contract: events, reasons of failure, findings, keys, levels."""

from collections.abc import Mapping

from imgate.audit.events import EventName
from imgate.audit.verify import Flaw
from imgate.keys import KeyUse
from imgate.vocabulary.sensitivity import Sensitivity
from imgate.vocabulary.words import EvidenceLevel, Role
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
    EventName.MESSAGE_ACCEPTED: _("Mitteilung eines Partners angenommen"),
    EventName.MESSAGE_TAKEN: _("Mitteilung eines Partners verarbeitet"),
    EventName.CLIENT_ERASED: _("Eine Person gelöscht"),
    EventName.BACKUP_RESTORED: _("Sicherung zurückgespielt"),
    EventName.CODELIST_IMPORTED: _("Schlüsseltabelle eingelesen"),
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
    Flaw.UNPLACED: _("Ein Eintrag wartet noch auf seinen Platz. Das ist kein Fehler."),
    Flaw.CHECKPOINT_MISMATCH: _("Das Protokoll passt nicht zum aufbewahrten Prüfpunkt."),
    Flaw.HEAD_OLDER: _("Eine Erklärung ist älter, als das Protokoll sagt: Ein früherer Stand wurde zurückgelegt."),
    Flaw.HEAD_UNLOGGED: _("Eine Erklärung ist neuer, als das Protokoll sagt."),
    Flaw.HEAD_MISSING: _("Eine Erklärung, die das Protokoll kennt, fehlt."),
    Flaw.HEAD_UNREADABLE: _("Eine Erklärung wurde verändert und gilt nicht mehr."),
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
