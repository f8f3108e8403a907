"""The words of the contract as people read them: scopes, purposes, states, reasons.

What the forms on paper say in the client's language is said here in the same words; only what no paper says stands in this file.
"""

from collections.abc import Callable, Mapping

from imgate.documents.wording import Wording, words_of
from imgate.record import CATALOGUE
from imgate.web.texts import _

# What an address may say was done (`?done=`): nothing else of an address is ever shown.
DONE: Mapping[str, str] = {
    "checkpoint_set": _("Der Prüfpunkt ist gesetzt. Laden Sie ihn, und bewahren Sie ihn anderswo auf."),
    "checkpoint_stands": _("Seit dem letzten Prüfpunkt ist nichts dazugekommen."),
    "client_erased": _("Gelöscht. Was als Nachweis bleibt, geht am Ende seiner Frist von selbst."),
    "declined": _("Die Anfrage ist abgelehnt."),
    "link_removed": _("Das Zeichen ist entfernt."),
    "link_set": _("Das Zeichen ist eingetragen."),
    "received": _("Übernommen. Hier ist es gelöscht."),
    "noted": _("Zur Kenntnis genommen. Geändert oder gelöscht ist dadurch nichts."),
    "acknowledged": _("Bestätigt. Der Inhalt ist hier gelöscht."),
    "asked": _("Angefragt. Das Integrationsmanagement spricht mit der betroffenen Person."),
    "end_of_use_answered": _("Ihre Antwort ist eingetragen."),
    "given_back": _("Zurückgegeben. Der Inhalt ist hier gelöscht."),
    "access_revoked": _("Der Zugang des Programms ist entzogen. Spätestens nach fünf Sekunden gilt er nirgends mehr."),
    "opened": _("Bestätigt. Die Öffnung gilt jetzt, überall spätestens nach drei Sekunden."),
    "opening_confirmed": _("Bestätigt. Die Öffnung gilt, sobald ein zweiter Mensch aus dem Amt sie bestätigt."),
    "opening_withdrawn": _(
        "Zurückgenommen. Ohne zwei Bestätigungen bleibt verschlossen, was hier geöffnet war, überall spätestens nach drei Sekunden."
    ),
    "overtaken": _("Spätere Mitteilungen enthalten inzwischen alles davon: Sie wird nicht mehr gesendet."),
    "queued_again": _("Die Mitteilung wird noch einmal zugestellt."),
    "declared": _("Der Entwurf ist angelegt. Er kann jetzt gelesen und unterschrieben werden."),
    "renewed": _("Der Entwurf für die nächste Zeit ist angelegt. Er kann jetzt gelesen und unterschrieben werden."),
    "signed": _("Die Unterschrift ist eingetragen."),
    "own_page_made": _("Der Code steht jetzt auf jeder neuen Kopie. Als Nächstes braucht es eine Nummer."),
    "own_page_renewed": _("Der Code steht jetzt auf jeder neuen Kopie. Als Nächstes braucht es eine Nummer."),
    "own_page_locked": _("Die Seite ist gesperrt. Mit einer neuen Nummer öffnet sie sich wieder."),
    "saved": _("Gespeichert."),
    "trial_sent": _("Die Probe ist gesendet."),
    "user_revoked": _("Der Zugang ist entzogen."),
    "passkey-added": _("Der Passkey ist hinterlegt."),
    "passkey-removed": _("Der Passkey ist gelöscht."),
}
EXCHANGE_STATES: Mapping[str, str] = {
    "withheld": _("nichts erlaubt, nichts übermittelt"),
    "queued": _("wartet"),
    "delivered": _("ausgehändigt"),
    "received": _("angekommen"),
    "acknowledged": _("bestätigt"),
    "rejected": _("zurückgegeben"),
    "overtaken": _("durch Neueres ersetzt"),
    "cancelled": _("zurückgezogen"),
    "failed": _("fehlgeschlagen"),
}
# What became of an exchange, where its state alone does not say it.
DETAILS: Mapping[str, str] = {
    "not_permitted": _("Die Erlaubnis gilt nicht mehr."),
    "link_removed": _("Das Zeichen beim Partner wurde entfernt."),
    "client_unknown": _("Die Klientin oder der Klient wurde gelöscht."),
    "client_erased": _("Die Klientin oder der Klient wurde gelöscht."),
    "retention_ended": _("Die Aufbewahrungsfrist ist abgelaufen."),
    "unusable": _("Die Mitteilung war nicht mehr brauchbar."),
    "answered": _("Der Partner hat inzwischen geantwortet."),
    "retried": _("Die Zustellung wird noch einmal versucht."),
}
DIRECTIONS: Mapping[str, str] = {
    "to_partner": _("an den Partner"),
    "from_partner": _("vom Partner"),
    "both": _("in beide Richtungen"),
}
USER_ROLES: Mapping[str, str] = {
    "liaison": _("Ansprechperson beim Partner"),
    "integration-manager": _("Integrationsmanagement"),
    "office": _("Amt"),
}
# The catalogue's own labels, so that they can be translated; a test compares the two.
SECTIONS: Mapping[str, str] = {
    "person": _("Person"),
    "identifiers": _("Kennnummern"),
    "contact": _("Kontakt"),
    "contact_persons": _("Ansprechpersonen"),
    "residence": _("Aufenthalt"),
    "language": _("Deutsch"),
    "education": _("Bildung"),
    "work": _("Arbeit"),
    "housing": _("Wohnen"),
    "family": _("Familie"),
    "benefits": _("Leistungen"),
    "plan": _("Integrationsplan"),
    "appointments": _("Termine"),
    "needs": _("Bedarfe"),
    "health": _("Gesundheit"),
    "asylum": _("Asyl"),
    "notes": _("Notizen"),
}
# What people are told where a step was refused. A code that does not stand here is shown as it is, under a general sentence.
REFUSALS: Mapping[str, str] = {
    "not_found": _("Das gibt es hier nicht, oder nicht mehr."),
    "forbidden": _("Diese Seite ist für eine andere Rolle."),
    "body_too_large": _("Die Datei ist zu groß: höchstens 16 MB."),
    "form_unreadable": _("Das Formular konnte nicht gelesen werden. Bitte gehen Sie zurück und senden Sie es noch einmal."),
    "media_type_unsupported": _("Das Formular konnte nicht gelesen werden. Bitte gehen Sie zurück und senden Sie es noch einmal."),
    "paper_too_long": _("Die Mitteilung ist zu lang für ein PDF. Bitte nehmen Sie die Druckansicht oder die Datei."),
    "declaration_unreadable": _("Diese Erklärung ist beschädigt und erlaubt nichts. Bitte wenden Sie sich an die IT."),
    "wording_unknown": _("Diese Fassung von imgate kennt den Wortlaut der Erklärung nicht. Bitte wenden Sie sich an die IT."),
    "idempotency_key_reused": _("Das wurde schon gesendet, mit anderem Inhalt. Bitte beginnen Sie neu."),
    "unavailable": _("Die Datenbank antwortet gerade nicht. Bitte versuchen Sie es in einer Minute noch einmal."),
    "busy": _("Gerade ist viel zu tun. Bitte versuchen Sie es in einer Minute noch einmal."),
    "papers_unavailable": _("Auf diesem Rechner können keine PDF-Dateien erzeugt werden. Bitte wenden Sie sich an die IT."),
}
_OTHERWISE = _("Das geht so nicht.")


def refusal(code: str) -> str:
    """Give the German sentence for a refusal's code."""
    return REFUSALS.get(code, _OTHERWISE)


def filters_of(language: str, wording: str, translate: Callable[[str], str]) -> dict[str, Callable[[str], str]]:
    """Make the filters of one language: each turns a word of the contract into one that is read."""
    words = words_of(wording, language)
    spoken = words.other or words.german

    def of_paper(section: str) -> Callable[[str], str]:
        return lambda word: text_of(spoken, section, word)

    def of_house(texts: Mapping[str, str]) -> Callable[[str], str]:
        return lambda word: translate(texts[word]) if word in texts else word

    return {
        "scope": lambda scope: scope_text(spoken, scope, 0),
        "scope_example": lambda scope: scope_text(spoken, scope, 1),
        "purpose": of_paper("purposes"),
        "reason": of_paper("reasons"),
        "declaration_state": of_paper("states"),
        "declaration_event": of_paper("events"),
        "evidence_kind": of_paper("kinds"),
        "signer_role": of_paper("roles"),
        "exchange_state": of_house(EXCHANGE_STATES),
        "direction": of_house(DIRECTIONS),
        "user_role": of_house(USER_ROLES),
        "refusal": lambda code: translate(refusal(code)),
        "sentence": translate,
    }


def text_of(wording: Wording, section: str, word: str) -> str:
    """Give what a paper says for a word; a word that no paper knows is shown as it is."""
    texts = wording.texts.get(section, {})
    return str(texts.get(word, texts.get("other", word)))


def scope_text(wording: Wording, scope: str, place: int) -> str:
    """Give a scope in plain words (0), or an example of what it means (1)."""
    said = wording.texts.get("scopes", {}).get(scope)
    if said is None:
        return CATALOGUE.scopes[scope].label if scope in CATALOGUE.scopes else scope
    return str(said[place])
