"""What the office reads of past decisions in place of words of the contract: answers, premises, what they rest on, what stays unknown."""

from collections.abc import Mapping

from imgate.exchange.past.recorded import Limit
from imgate.vocabulary.reasons import Reason, Unproved
from imgate.vocabulary.words import Clause
from imgate.web.texts import _

RELEASED = _("freigegeben")
# The papers say these to a client; here they are said more exactly, to who answers for the gateway.
REASONS: Mapping[str, str] = {
    Reason.UNKNOWN_SCOPE: _("steht nicht im Katalog"),
    Reason.SCOPE_CLOSED: _("verschlossen"),
    Reason.BEYOND_PARTNER_CEILING: _("mehr, als für diesen Partner eingerichtet ist"),
    Reason.NO_DECLARATION: _("keine Erklärung"),
    Reason.NOT_SIGNED: _("nicht von allen unterschrieben"),
    Reason.REVOKED: _("widerrufen oder ersetzt"),
    Reason.PAUSED: _("ruht"),
    Reason.NOT_YET_VALID: _("gilt noch nicht"),
    Reason.EXPIRED: _("abgelaufen"),
    Reason.RECIPIENT_CHANGED: _("für einen anderen Namen unterschrieben"),
    Reason.CLAUSE_MISSING: _("eine der beiden Erlaubnisse fehlt"),
    Reason.DIRECTION_NOT_COVERED: _("Richtung nicht erlaubt"),
    Reason.PURPOSE_NOT_COVERED: _("Zweck nicht erlaubt"),
    Reason.SCOPE_NOT_COVERED: _("in der Erklärung nicht genannt"),
    Reason.EVIDENCE_TOO_WEAK: _("Nachweis zu schwach"),
    Reason.ONWARD_TRANSFER_NOT_COVERED: _("kommt von einer anderen Stelle"),
    Reason.ADDRESS_BLOCKED: _("Auskunftssperre, oder nicht bekannt, ob es eine gibt"),
    Reason.NOTHING_LEFT: _("nichts übrig, was weitergegeben werden darf"),
    Reason.OVERTAKEN: _("steht in einer späteren Mitteilung"),
    Unproved.BUNDLE_MISSING: _("Nachweis des Partners fehlt"),
    Unproved.BUNDLE_INVALID: _("Nachweis des Partners ungültig"),
    Unproved.BUNDLE_DOES_NOT_COVER: _("Nachweis des Partners nennt es nicht"),
}
# What is so where a premise holds.
PREMISES: Mapping[str, str] = {
    Reason.UNKNOWN_SCOPE: _("Die Angabe steht im Katalog"),
    Reason.SCOPE_CLOSED: _("Sie ist für diesen Partner nicht verschlossen"),
    Reason.BEYOND_PARTNER_CEILING: _("Sie ist für diesen Partner eingerichtet"),
    Reason.NO_DECLARATION: _("Die Erklärung liegt vor"),
    Reason.NOT_SIGNED: _("Wer unterschreiben muss, hat unterschrieben"),
    Reason.REVOKED: _("Sie ist weder widerrufen noch ersetzt"),
    Reason.PAUSED: _("Sie ruht nicht"),
    Reason.NOT_YET_VALID: _("Sie gilt schon"),
    Reason.EXPIRED: _("Sie ist nicht abgelaufen"),
    Reason.RECIPIENT_CHANGED: _("Sie lautet auf den Namen dieses Partners"),
    Reason.CLAUSE_MISSING: _("Sie enthält beide Erlaubnisse"),
    Reason.DIRECTION_NOT_COVERED: _("Sie gilt für diese Richtung"),
    Reason.PURPOSE_NOT_COVERED: _("Sie gilt für diesen Zweck"),
    Reason.SCOPE_NOT_COVERED: _("Die Erklärung nennt die Angabe"),
    Reason.EVIDENCE_TOO_WEAK: _("Der Nachweis der Unterschrift ist stark genug"),
    Reason.ONWARD_TRANSFER_NOT_COVERED: _("Die Angabe darf von ihrer Herkunft aus weitergegeben werden"),
}
CLAUSES: Mapping[str, str] = {
    Clause.CONFIDENTIALITY_RELEASE: _("Entbindung von der Schweigepflicht"),
    Clause.DATA_PROTECTION_CONSENT: _("Einwilligung in die Datenverarbeitung"),
}
# Why a decision, or one scope of it, could not be taken again.
LIMITS: Mapping[str, str] = {
    Limit.VALUE_NOT_KEPT: _("Angaben: Ob etwas übrig bleibt, hängt vom Inhalt ab, und Inhalte werden nicht aufbewahrt."),
    Limit.BUNDLE_NOT_KEPT: _("Angaben: Ob sie nachgewiesen war, hängt an einem Nachweis des Partners, der nicht aufbewahrt wird."),
    Limit.ORIGIN_NOT_RECORDED: _("Angaben: Sie kam von einer anderen Stelle, und von welcher, ist nicht festgehalten."),
    Limit.DECIDED_AGAIN: _(
        "Entscheidungen: Später getroffen, über den Rest einer wartenden Mitteilung. Noch einmal gefragt wird die erste."
    ),
    Limit.DECLARATIONS_GONE: _("Entscheidungen: Die Erklärungen, auf denen sie beruhten, liegen nicht mehr vor."),
    Limit.EXCHANGE_GONE: _("Entscheidungen: Der Austausch ist nicht mehr gespeichert."),
    Limit.HISTORY_DIFFERS: _("Entscheidungen: Der gespeicherte Austausch nennt einen anderen Partner oder Zweck als das Protokoll."),
    Limit.ENTRY_NOT_GENUINE: _("Einträge des Protokolls, die verändert wurden: Prüfen Sie das Protokoll."),
}
NOT_CONFIGURED = _("nicht eingerichtet")
THE_PERSON = _("die Person selbst")
NOBODY_KNOWS = _("nicht bekannt")
YES, NO = _("ja"), _("nein")
# What a premise rests on, by the word of ``consent.premises``.
FACTS: Mapping[str, str] = {
    "complete_at": _("vollständig unterschrieben"),
    "revoked_at": _("widerrufen"),
    "scope_revoked_at": _("diese Angabe widerrufen"),
    "superseded_by": _("ersetzt durch"),
    "last_begun_at": _("ruhte ab"),
    "last_ended_at": _("gilt wieder seit"),
    "begins_at": _("gilt ab"),
    "last_day": _("letzter Tag"),
    "ends_at": _("endet"),
    "signed_for": _("unterschrieben für"),
    "configured": _("eingerichtet als"),
    "formerly": _("früher"),
    "missing": _("es fehlt"),
    "covers": _("gilt für"),
    "needed": _("nötig"),
    "reached": _("vorhanden"),
    "origin": _("Herkunft"),
    "allowed_from": _("erlaubt von"),
    "catalogue": _("Katalog"),
    "closed_in_catalogue": _("im Katalog verschlossen"),
    "opened_for_partner": _("für diesen Partner geöffnet"),
    "sensitivity": _("Schutz"),
    "direction": _("Richtung"),
    "partner": _("Partner"),
}
