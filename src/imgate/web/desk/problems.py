"""What is wrong with a form, as a sentence at each field: from the corridor's codes and pointers to German."""

from collections.abc import Mapping

from imgate.exchange.refusals import Refused
from imgate.web.texts import _

# Where a pointer of the corridor leads in a form, where that is not the pointer's last word.
_FIELDS: Mapping[str, str] = {
    "/discloser/unit": "unit",
    "/discloser/persons": "persons",
    "/signers_required": "signers",
    "/interpreter/language": "language",
    "/interpreter/name": "interpreter",
    "/evidence/content": "content",
    "/evidence/kind": "kind",
    "/evidence/reason": "reason",
    "/evidence/digest": "digest",
    "/authority/areas": "areas",
    "/authority/order": "order",
    "/authority/until": "until",
}
_OF_CODES: Mapping[str, str] = {
    "scopes_empty": _("Bitte wählen Sie mindestens eine Angabe."),
    "purposes_empty": _("Bitte wählen Sie mindestens einen Zweck."),
    "signers_empty": _("Bitte sagen Sie, wer unterschreibt."),
    "scope_unknown": _("Eine der Angaben gibt es nicht. Bitte wählen Sie neu."),
    "scope_closed": _("Eine der Angaben ist für diesen Partner verschlossen. Bitte wählen Sie neu."),
    "scope_beyond_ceiling": _("Eine der Angaben kann dieser Partner nicht bekommen. Bitte wählen Sie neu."),
    "purpose_unknown": _("Einen der Zwecke gibt es nicht. Bitte wählen Sie neu."),
    "term_reversed": _("Der letzte Tag liegt vor dem ersten."),
    "term_too_long": _("So lange darf eine Erklärung nicht gelten."),
    "occasion_too_short": _("Bitte beschreiben Sie den Anlass genauer, mit mindestens 20 Zeichen."),
    "occasion_blanket": _("Das ist eine Pauschalformel; mit ihr wäre die Erklärung unwirksam. Bitte nennen Sie den wirklichen Anlass."),
    "information_missing": _("Bitte erklären Sie alle vier Punkte und haken Sie jeden ab."),
    "supersedes_unknown": _("Diese Erklärung gibt es nicht, oder sie gehört zu einem anderen Partner."),
    "unit_unknown": _("Diese Stelle ist nicht eingetragen."),
    "necessity_unanswered": _("Bitte bestätigen Sie, dass es die Erlaubnis trotzdem braucht, oder nehmen Sie diese Angaben heraus."),
    "role_not_required": _("Diese Person muss hier nicht unterschreiben."),
    "evidence_content_missing": _("Es fehlt die Unterschrift: Bitte zeichnen Sie, oder wählen Sie eine Datei."),
    "evidence_too_large": _("Die Datei ist zu groß: höchstens 10 MB."),
    "evidence_media_type_unsupported": _("Diese Art von Datei geht hier nicht: Erlaubt sind PDF, PNG, JPEG und TIFF, signiert nur PDF."),
    "evidence_content_mismatch": _("Diese Datei ist nicht lesbar. Bitte wählen Sie eine andere."),
    "evidence_unreadable": _("Diese Datei ist nicht lesbar. Bitte wählen Sie eine andere."),
    "evidence_too_many_pages": _("Die Datei hat zu viele Seiten."),
    "evidence_too_many": _("Zu dieser Erklärung gibt es schon zu viele Nachweise."),
    "evidence_digest_differs": _(
        "Auf dem Bildschirm stand eine andere Erklärung. Bitte laden Sie die Seite neu und lesen Sie noch einmal."
    ),
    "evidence_kind_unsupported": _("Diese Art der Unterschrift ist hier nicht eingerichtet."),
    "evidence_examiner_unavailable": _("Signierte Dokumente können gerade nicht geprüft werden. Bitte wenden Sie sich an die IT."),
    "drawing_unreadable": _("Die Zeichnung konnte nicht gelesen werden. Bitte zeichnen Sie noch einmal."),
    "signed_in_future": _("Dieser Tag liegt in der Zukunft."),
    "authority_ended": _("Am Tag der Unterschrift war die Vertretung schon zu Ende."),
    "signature_missing": _("In dieser PDF-Datei ist keine elektronische Signatur."),
    "signature_invalid": _("Die elektronische Signatur ist ungültig."),
    "signature_changed_after": _("Das Dokument wurde nach der Signatur verändert."),
    "signature_partial": _("Die elektronische Signatur gilt nicht für das ganze Dokument."),
    "signature_algorithm_weak": _("Die elektronische Signatur benutzt ein veraltetes Verfahren."),
    "signature_declaration_differs": _("Das ist nicht das Formular dieser Erklärung."),
    "signature_untrusted": _("Dem Aussteller der elektronischen Signatur wird hier nicht vertraut."),
    "signature_expired": _("Das Zertifikat der elektronischen Signatur ist abgelaufen."),
    "signature_revoked": _("Das Zertifikat der elektronischen Signatur wurde gesperrt."),
    "signature_revocation_unknown": _("Es lässt sich nicht feststellen, ob das Zertifikat gesperrt ist."),
    "signature_time_stamp_missing": _("Der elektronischen Signatur fehlt ein Zeitstempel."),
    "signature_signer_differs": _("Die elektronische Signatur nennt einen anderen Namen als den, der hier steht."),
    "signature_reused": _("Diese Unterschrift wurde schon eingetragen."),
}
# What a field asks for, where what stands in it has another form.
_OF_FIELDS: Mapping[str, str] = {
    "occasion": _("Bitte höchstens 2.000 Zeichen, ohne Steuerzeichen."),
    "persons": _("Bitte jeden Namen auf eine eigene Zeile, mit höchstens 200 Zeichen."),
    "language": _("Bitte wählen Sie eine Sprache, oder geben Sie ein Kürzel wie „kmr“ an."),
    "valid_from": _("Bitte geben Sie ein Datum an."),
    "valid_until": _("Bitte geben Sie ein Datum an."),
    "signed_on": _("Bitte geben Sie ein Datum an."),
    "until": _("Bitte geben Sie ein Datum an."),
    "reason": _("Bitte nennen Sie den Grund."),
    "areas": _("Bitte nennen Sie mindestens einen Aufgabenkreis."),
    "order": _("Bitte nennen Sie Gericht und Aktenzeichen, oder den Nachweis."),
    "role": _("Bitte sagen Sie, wer unterschrieben hat."),
    "kind": _("Bitte sagen Sie, wie unterschrieben wurde."),
    "direction": _("Bitte wählen Sie eine Richtung."),
}
_OTHERWISE = _("Das geht so nicht.")


def errors_of(refused: Refused) -> dict[str, str]:
    """Give a sentence for each field that a refusal names; German, to be translated where it is shown. Empty: it names none."""
    found: dict[str, str] = {}
    for problem in refused.problems:
        field = _field(problem.pointer)
        found.setdefault(field, sentence(problem.code, field))
    return found


def sentence(code: str, field: str) -> str:
    """Say what is wrong."""
    return _OF_CODES.get(code, _OF_FIELDS.get(field, _OTHERWISE))


def _field(pointer: str) -> str:
    for place, field in _FIELDS.items():
        if pointer == place or pointer.startswith(f"{place}/"):
            return field
    return pointer.removeprefix("/").partition("/")[0]
