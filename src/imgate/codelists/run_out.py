"""Codes that run out, and are known to without an imported list.

The titles of § 104c AufenthG (Chancen-Aufenthaltsrecht) are transitional: the AZR's list, version 17, takes reports of them for 31.12.2022
to 30.12.2025. Nothing is said about the same codes in another version: what a code means is never guessed.
"""

# The list of the residence permits (Aufenthaltserlaubnis) of the AZR, by their paragraphs, and the version of it that imgate knows.
RESIDENCE_PERMITS = "urn:de:xauslaender:codelist:azr:aufenthaltserlaubnis"
RESIDENCE_PERMITS_VERSION = "17"
_LAST_DAYS = {(RESIDENCE_PERMITS, RESIDENCE_PERMITS_VERSION, code): "2025-12-30" for code in ("488", "489", "490", "491")}


def runs_out(list_uri: str, version: str, code: str) -> str | None:
    """Give the last day (``YYYY-MM-DD``) for which the list takes this code, or None where no last day is known.

    A day that lies ahead is given as well: the code will run out. What imported lists say is asked of the store (``last_day``).
    """
    return _LAST_DAYS.get((list_uri, version, code))
