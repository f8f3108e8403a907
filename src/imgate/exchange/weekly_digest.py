"""A weekly digest: the moment until which messages made by updates are held, so that a partner gets one a week and not one a change."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

_WRITTEN = re.compile(r"([a-z]+) ([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)


class Weekday(StrEnum):
    """A day of the week, in the order of ``date.weekday``."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


@dataclass(frozen=True, slots=True)
class WeeklyDigest:
    """One moment of the week, on the clock of a zone."""

    weekday: Weekday
    at: time

    @classmethod
    def of(cls, text: str) -> "WeeklyDigest":
        """Read ``monday 06:00``. Raises ValueError."""
        written = _WRITTEN.fullmatch(text)
        if written is None or written[1] not in [*Weekday]:
            raise ValueError("write a weekday and a time, for example monday 06:00")
        return cls(Weekday(written[1]), time(int(written[2]), int(written[3])))

    def next_after(self, at: datetime, zone: tzinfo) -> datetime:
        """Give the first such moment after this one, never this one itself: what was held until now may be on its way.

        Where clocks are put back and the time stands twice, it is the first; where they are put forward over it, it is as long
        after the last midnight as it would have been.
        """
        today = at.astimezone(zone).date()
        days = ([*Weekday].index(self.weekday) - today.weekday()) % 7
        this = self._on(today + timedelta(days), zone)
        return this if this > at else self._on(today + timedelta(days + 7), zone)

    def _on(self, day: date, zone: tzinfo) -> datetime:
        return datetime.combine(day, self.at, zone).astimezone(UTC)

    def __str__(self) -> str:
        """Write it as the configuration does."""
        return f"{self.weekday.value} {self.at:%H:%M}"
