"""Days that are typed on pages to narrow a list: read in one way, and asked for again in the same words."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from imgate.web.texts import _

NO_DAY = _("Bitte einen Tag angeben, zum Beispiel 2026-03-01.")
ENDS_BEFORE = _("Der letzte Tag liegt vor dem ersten.")
# Nothing here is older or younger, and each of them begins after 1970 in every zone.
_FIRST, _LAST = date(1970, 1, 2), date(2199, 12, 31)


def day_of(text: str) -> date | None:
    """Read a day as browsers send it (2026-03-01); None for what is none, is written otherwise, or is none that anything here is of."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text and _FIRST <= day <= _LAST else None


def begin_of(day: date, zone: ZoneInfo) -> datetime:
    """Give the first moment of a day."""
    return datetime.combine(day, time.min, zone)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """Give the first moment after a day."""
    return begin_of(day + timedelta(days=1), zone)
