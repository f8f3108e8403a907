"""What each code of a row or a file means, in German: the report goes to an office."""

from types import MappingProxyType
from typing import Final

# What an adapter of somebody else's may say, too.
UNKNOWN: Final = "Die Anleitung des Adapters erklärt diesen Code."

MEANINGS: Final = MappingProxyType(
    {
        # columns and rows
        "column_without_scope": "Diese Spalte enthält nichts aus der Fallakte und wird nicht übernommen.",
        "row_too_short": "Die Zeile hat weniger Zellen als die Kopfzeile; sie könnte verschoben sein und wird nicht übernommen.",
        "row_too_long": "Die Zeile hat mehr Zellen als die Kopfzeile; sie könnte verschoben sein und wird nicht übernommen.",
        "reference_missing": "Die Nummer der Klientin oder des Klienten fehlt.",
        "reference_invalid": "Die Nummer muss aus 1 bis 64 druckbaren Zeichen bestehen.",
        "contradicts_earlier_row": "Eine frühere Zeile sagt über dieselbe Person etwas anderes; die frühere gilt.",
        # cells
        "date_invalid": "Das ist kein Datum wie 14.07.1990; wo es teilweise bekannt sein darf, auch 07.1990 oder 1990.",
        "time_invalid": "Das ist kein Zeitpunkt wie 03.02.2026 09:30, oder die Uhr wurde in dieser Stunde umgestellt.",
        "phone_invalid": "Das ist keine einzelne Telefonnummer.",
        "number_invalid": "Das ist keine ganze Zahl.",
        "channel_invalid": "Das ist kein Weg zu einer Stelle wie „Telefon: 07151 9500“.",
        "not_in_list": "Dieses Wort kennt die Zuordnung für diese Spalte nicht.",
        # the rules of the case record
        "missing": "Eine Angabe fehlt, ohne die der Rest nicht verwendet werden kann.",
        "one_of_missing": "Mindestens eine von mehreren Angaben muss da sein.",
        "null": "Eine Angabe ist ausdrücklich leer.",
        "wrong_type": "Die Angabe hat eine andere Art als vorgesehen.",
        "empty": "Die Angabe ist leer.",
        "too_long": "Die Angabe ist zu lang.",
        "too_many": "Es sind zu viele Einträge.",
        "out_of_range": "Die Zahl ist zu klein oder zu groß.",
        "control_character": "Der Text enthält ein Steuerzeichen.",
        "lone_surrogate": "Der Text enthält ein unvollständiges Zeichen.",
        "not_din91379": "Der Text enthält ein Zeichen, das hier nach DIN 91379 nicht vorgesehen ist.",
        "shape": "Die Angabe hat nicht die vorgesehene Form.",
        "too_many_problems": "Es gibt zu viele Fehler, um sie alle zu nennen.",
        "unknown_field": "Diese Angabe ist nicht vorgesehen.",
        "invalid": "Die Angabe kann nicht verwendet werden.",
        # whole files and messages
        "table_empty": "Die Tabelle ist leer.",
        "table_too_large": "Die Datei ist zu groß; sie muss geteilt oder als CSV gespeichert werden.",
        "header_unknown": "Diese Kopfzeile kennt die Zuordnung nicht; auch die Spalte mit der Nummer der Person muss so heißen wie dort.",
        "header_duplicate": "Eine Spalte steht zweimal in der Kopfzeile.",
        "encoding_utf16": "Die Datei ist in UTF-16 gespeichert; bitte als „CSV UTF-8“ speichern.",
        "encoding_mixed": "Die Datei enthält zwei Zeichenkodierungen; Namen würden beschädigt. Bitte als „CSV UTF-8“ speichern.",
        "encoding_unknown": "Die Zeichenkodierung ist nicht zu erkennen; bitte als „CSV UTF-8“ speichern.",
        "quoting_broken": "Ein Anführungszeichen ist nicht geschlossen; wo die nächste Zeile beginnt, ist nicht zu erkennen.",
        "cell_too_large": "Eine Zelle enthält zu viel Text.",
        "line_too_long": "Eine Zeile der Datei ist zu lang; ist das eine Tabelle?",
        "nul_byte": "Die Datei enthält Nullbytes und ist keine Textdatei.",
        "workbook_broken": "Die Arbeitsmappe ist beschädigt.",
        "sheet_unexpected": "Die Arbeitsmappe hat mehr Blätter als vorgesehen.",
        "format_unsupported": "Dieses Format wird nicht gelesen; bitte ohne Kennwort als XLSX oder CSV speichern.",
        "media_type_unsupported": "Dieser Partner schickt keine Dateien dieser Art.",
        "envelope_contradicts": "Die Zeilen einer Nachricht nennen verschiedene Zwecke oder Nachrichtennummern.",
        "message_id_invalid": "Die Nachrichtennummer ist keine UUID.",
        "message_id_reused": "Unter dieser Nachrichtennummer kam schon eine andere Nachricht; nichts davon wird übernommen.",
        "purpose_unknown": "Diesen Zweck gibt es nicht.",
        "zip_broken": "Die Arbeitsmappe ist beschädigt.",
        "zip_too_many_entries": "Die Arbeitsmappe enthält zu viele Teile.",
        "zip_name_unsafe": "Die Arbeitsmappe enthält Teile mit unzulässigen Namen.",
        "zip_encrypted": "Die Arbeitsmappe hat ein Kennwort; bitte ohne speichern.",
        "zip_too_large": "Die Arbeitsmappe ist entpackt zu groß; bitte als CSV speichern.",
        "xml_broken": "Die Datei ist beschädigt.",
        "xml_doctype": "Die Datei enthält eine Dokumenttypdefinition und wird nicht geöffnet.",
        "external_link": "Die Arbeitsmappe verweist auf andere Dateien; bitte ohne Verknüpfungen speichern.",
        "macros": "Die Arbeitsmappe enthält Makros; bitte ohne Makros speichern.",
        "schema_invalid": "Die Nachricht entspricht nicht dem vereinbarten Schema.",
        "partner_unknown": "Der Partner ist nicht mehr eingerichtet.",
        "adapter_fault": "Der Adapter ist an dieser Nachricht gescheitert; das muss sein Hersteller beheben.",
        "message_unreadable": "Die Nachricht kann nicht gelesen werden.",
        "busy": "Die Datenbank war zu beschäftigt; bitte noch einmal importieren.",
    }
)


def meaning_of(code: str) -> str:
    """Say it in a sentence; of a code that nobody here knows, who does."""
    return MEANINGS.get(code, UNKNOWN)
