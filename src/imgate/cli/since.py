"""`--since`: from which day on. A day is the gateway's, on every command as on every page."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

# Nothing here is older; the first years of the calendar have no moment in UTC in zones east of it.
_EARLIEST = datetime(1970, 1, 2)  # noqa: DTZ001  # the zone follows


def begin_of(day: datetime, zone: ZoneInfo) -> datetime:
    """Give the first moment of a day, which was typed without a zone, in UTC."""
    return max(day, _EARLIEST).replace(tzinfo=zone).astimezone(UTC)
