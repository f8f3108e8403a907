"""The core's own look at tables: the columns show which scopes stand in the bytes."""

from collections.abc import Mapping, Set
from dataclasses import dataclass

from imgate.adapters.form import Misfit, difference
from imgate.adapters.heads import Told
from imgate.adapters.tables import columns_present, guard_table
from imgate.plugin_api import MessageUnreadable, Place, RowProblem


@dataclass(frozen=True, slots=True)
class TableForm:
    """One direction of a table adapter, ready to check bytes."""

    places: Mapping[str, Place]
    media_type: str

    def guard(self, body: bytes) -> None:
        """Let a partner's table in, or raise MessageUnreadable."""
        guard_table(body)

    def explain(self, body: bytes) -> tuple[RowProblem, ...]:
        """List nothing: a table has no schema."""
        return ()

    # A table has no place for attachments, nor for an envelope.
    def misfit(self, content: bytes, scopes: Set[str], attached: int = 0, told: Told | None = None) -> Misfit | None:
        """Tell what is wrong with a table that is about to leave.

        A scope stands in it with all of its columns, also where their cells are empty (an empty list). A column that
        several scopes share says nothing about any one of them while one of them is released.
        """
        try:
            columns = columns_present(content, self.media_type)
        except MessageUnreadable as error:
            return Misfit("schema_invalid", error.code)
        shared = {column for scope in scopes if scope in self.places for column in self.places[scope].at}
        standing = {
            scope
            for scope, place in self.places.items()
            if (columns.keys() >= set(place.at) if scope in scopes else any(column in columns for column in set(place.at) - shared))
        }
        return difference(standing, scopes)
