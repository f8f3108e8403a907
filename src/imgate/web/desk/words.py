"""The words of the desk: why something was not released, not delivered or not read, as an integration manager reads it.

Only what no paper says stands here; everything is German and is translated where it is shown.
"""

import typing
from collections.abc import Mapping

from imgate.exchange.legal_circle import Circle, Phase, Task
from imgate.record import CATALOGUE, CaseRecord, JsonRefusal, Label, Problem, ProblemCode
from imgate.record.fields import element_of, fields_of
from imgate.vocabulary.words import Body
from imgate.web.texts import _

# Reasons that a client need not tell apart, and whoever sends has to.
REASONS: Mapping[str, str] = {
    "unknown_scope": _("Diese Angabe kennt imgate nicht"),
    "no_declaration": _("Es gibt keine Erklärung für diesen Partner"),
    "not_signed": _("Die Erklärung ist noch nicht vollständig unterschrieben"),
    "overtaken": _("Eine neuere Mitteilung enthält die Angabe"),
    "bundle_missing": _("Es liegt kein Nachweis der Erlaubnis bei"),
    "bundle_invalid": _("Der beigelegte Nachweis ist ungültig"),
    "bundle_does_not_cover": _("Der beigelegte Nachweis deckt die Angabe nicht ab"),
}
_NOT_REACHED = _("Der Partner war nicht zu erreichen.")
_NO_ACCESS = _("Der Zugang zum Partner passt nicht: Schlüssel, Anmeldung oder Ziel.")
_FAULT_THERE = _("Beim Partner ist ein Fehler aufgetreten.")
_OTHERWISE = _("Die Zustellung ist nicht gelungen.")
_FAILURES: Mapping[str, str] = {
    "adapter_fault": _("Die Mitteilung ließ sich nicht im Format des Partners schreiben."),
    "unreadable": _("Die gespeicherte Mitteilung ist nicht mehr lesbar."),
    "unsigned": _("Der Nachweis der Erlaubnis ließ sich nicht unterschreiben."),
    "timeout": _NOT_REACHED,
    "not_connected": _NOT_REACHED,
    "connection_broken": _NOT_REACHED,
    "service_unknown": _NOT_REACHED,
    "token_refused": _NO_ACCESS,
    "token_unreadable": _NO_ACCESS,
    "http_401": _NO_ACCESS,
    "http_403": _NO_ACCESS,
    "destination_inactive": _NO_ACCESS,
    "other_destination": _NO_ACCESS,
}
_RETURNED: Mapping[str, str] = {"not_for_me": _("Nicht für mich"), "already_known": _("Schon bekannt")}
CAUSES: Mapping[str, str] = {
    "revoked": _("Die Erklärung wurde widerrufen."),
    "partly_revoked": _("Ein Teil der Erklärung wurde widerrufen."),
    "superseded": _("Die Erklärung wurde durch eine neue ersetzt."),
    "expired": _("Die Erklärung ist abgelaufen."),
}
END_STATES: Mapping[str, str] = {
    "open": _("wartet auf Antwort"),
    "answered": _("beantwortet"),
    "unreachable": _("bitte anrufen: hier ist kein Zeichen bekannt, unter dem der Partner benachrichtigt werden kann"),
    "needless": _("nicht nötig: der Partner hatte nichts bekommen"),
}
ANSWERS: Mapping[str, str] = {
    "ended": _("Die Nutzung ist beendet."),
    "kept_under_statute": _("Die Angaben müssen nach einer Rechtsvorschrift behalten werden."),
    "objected": _("Der Partner widerspricht."),
}
CIRCLES: Mapping[Circle, str] = {
    Circle.ASYLBLG: _("Asylbewerberleistungsgesetz"),
    Circle.SGB2: _("SGB II (Bürgergeld)"),
    Circle.SGB3: _("SGB III (Arbeitsförderung)"),
    Circle.SGB8: _("SGB VIII (Kinder- und Jugendhilfe)"),
    Circle.SGB12: _("SGB XII (Sozialhilfe)"),
    Circle.NONE: _("keine Leistungen"),
    Circle.UNKNOWN: _("nicht bekannt"),
}
PHASES: Mapping[Phase, str] = {
    Phase.ASYLUM_APPLICANT: _("Asylverfahren (Aufenthaltsgestattung)"),
    Phase.TOLERATED: _("Duldung"),
    Phase.RESIDENCE_TITLE: _("Aufenthaltstitel"),
    Phase.UNKNOWN: _("nicht bekannt"),
}
TASKS: Mapping[Task, str] = {
    Task.BENEFITS: _("Leistungen zum Lebensunterhalt"),
    Task.WORK_PLACEMENT: _("Arbeitsvermittlung"),
    Task.WORK_PERMISSION: _("Arbeitserlaubnis"),
    Task.RESIDENCE: _("Aufenthalt"),
}
BODIES: Mapping[Body, str] = {
    Body.JOBCENTER: _("Jobcenter"),
    Body.AGENTUR_FUER_ARBEIT: _("Agentur für Arbeit"),
    Body.SOZIALAMT: _("Sozialamt"),
    Body.AUSLAENDERBEHOERDE: _("Ausländerbehörde"),
    Body.JUGENDAMT: _("Jugendamt"),
    Body.INTEGRATION_MANAGEMENT: _("Integrationsmanagement"),
    Body.OTHER: _("andere Stelle"),
}
_JSON: Mapping[JsonRefusal, str] = {
    JsonRefusal.NOT_JSON: _("Die Datei ist keine JSON-Datei."),
    JsonRefusal.NOT_UTF8: _("Die Datei ist nicht in UTF-8 geschrieben."),
    JsonRefusal.DUPLICATE_KEY: _("In der Datei steht ein Name zweimal an derselben Stelle."),
    JsonRefusal.LONE_SURROGATE: _("Die Datei enthält halbe Schriftzeichen."),
    JsonRefusal.NUMBER_NOT_FINITE: _("Die Datei enthält eine Zahl, die keine ist."),
    JsonRefusal.INTEGER_TOO_LARGE: _("Die Datei enthält eine zu große Zahl."),
    JsonRefusal.TOO_DEEP: _("Die Datei ist zu tief verschachtelt."),
}
_PROBLEMS: Mapping[str, str] = {
    ProblemCode.UNKNOWN_FIELD: _("Dieses Feld gibt es nicht."),
    ProblemCode.MISSING: _("Hier fehlt eine Angabe."),
    ProblemCode.ONE_OF_MISSING: _("Mindestens eine dieser Angaben muss da sein."),
    ProblemCode.NULL: _("Ein leerer Wert sagt hier nichts: das Feld weglassen."),
    ProblemCode.WRONG_TYPE: _("Der Wert ist von anderer Art, als hier erwartet wird."),
    ProblemCode.EMPTY: _("Hier steht nichts."),
    ProblemCode.TOO_LONG: _("Der Text ist zu lang."),
    ProblemCode.TOO_MANY: _("Das sind zu viele Einträge."),
    ProblemCode.NOT_IN_LIST: _("Dieses Wort steht nicht in der Liste."),
    ProblemCode.OUT_OF_RANGE: _("Die Zahl liegt außerhalb ihrer Grenzen."),
    ProblemCode.CONTROL_CHARACTER: _("Der Text enthält ein Steuerzeichen."),
    ProblemCode.LONE_SURROGATE: _("Der Text enthält ein halbes Schriftzeichen."),
    ProblemCode.NOT_DIN91379: _("Ein Zeichen gehört nicht zu den lateinischen Zeichen der DIN 91379: bitte die Umschrift angeben."),
    ProblemCode.DATE_INVALID: _("Das ist kein Datum, oder nicht in der erwarteten Form."),
    ProblemCode.TIME_INVALID: _("Das ist kein Zeitpunkt mit Zeitzone."),
    ProblemCode.SHAPE: _("Der Text hat nicht die erwartete Form."),
    ProblemCode.TOO_MANY_PROBLEMS: _("Die Datei hat mehr Fehler, als sich aufzählen lassen."),
}
_UNUSABLE = _("Dieser Wert kann so nicht stehen bleiben.")
_ENTRY = _("Eintrag")
_STRANGE = _("ein unbekanntes Feld")


def failure(code: str) -> str:
    """Say why a message was given up."""
    if code.startswith("key_"):
        return _NO_ACCESS
    if code.startswith("http_") and code not in _FAILURES:
        return _NOT_REACHED if code in {"http_502", "http_503", "http_504"} else _FAULT_THERE
    return _FAILURES.get(code, _OTHERWISE)


def returned(code: str) -> str | None:
    """Say why a partner gave a message back, in the words of the liaison's page; None for a word of the partner's own."""
    return _RETURNED.get(code)


def unread(refusal: JsonRefusal) -> str:
    """Say why a file is not read."""
    return _JSON[refusal]


def problem(found: Problem) -> str:
    """Say what is wrong at one place of a record."""
    return _PROBLEMS.get(found.code, _UNUSABLE)


def place(pointer: str) -> tuple[str, ...]:
    """Name a place of the case record by its German labels. Each name is to be translated, or is a number, or stands as it is."""
    kind: object = CaseRecord
    named: list[str] = []
    for depth, step in enumerate(pointer.split("/")[1:]):
        if step.isdigit():
            named += [_ENTRY, str(int(step) + 1)]
            continue
        inner, _marks = element_of(kind)
        known = {each.name: each for each in fields_of(typing.cast("type", inner))} if hasattr(inner, "__annotations__") else {}
        leaf = known.get(step)
        if leaf is None:
            return (*named, _STRANGE)
        kind = leaf.kind
        scope = "/".join(pointer.split("/")[1:3]).replace("/", ".")
        label = leaf.mark(Label)
        if depth == 1 and scope in CATALOGUE.scopes:
            named.append(CATALOGUE.scopes[scope].label)
        else:
            named.append(label.german if label else step)
    return tuple(named)
