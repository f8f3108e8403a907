"""Dates and times as text: real days of the Gregorian calendar, never coerced.

A regular expression can tell a real day from an impossible one, leap years included, and pydantic runs it in Rust. So no
date object is ever made of a partly known date, and nothing can add a day or an hour that nobody said.
Years are 0001 to 9999, as in ``datetime.date`` and ISO 8601 without agreement.
"""

_YEAR = r"(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"
_LEAP_YEAR = r"(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
_MONTH = r"(?:0[1-9]|1[0-2])"
_MONTH_AND_DAY = r"(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
_DAY = rf"(?:{_YEAR}-{_MONTH_AND_DAY}|{_LEAP_YEAR}-02-29)"

# RFC 3339 §5.6 with the offset. Narrower than the RFC where xs:dateTime and Python would refuse it later on: capital T and Z, no
# leap second, no offset beyond fourteen hours (no place on earth has one), at most nine digits of a second.
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?"
_OFFSET = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"

DATE = f"^{_DAY}$"
PARTIAL_DATE = f"^(?:{_YEAR}(?:-{_MONTH})?|{_DAY})$"
TIME = f"^{_DAY}T{_CLOCK}{_OFFSET}$"
