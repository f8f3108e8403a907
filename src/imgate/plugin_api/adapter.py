"""What an adapter is: two pure translations and the table of their fields."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from imgate.plugin_api.fields import FieldTable
from imgate.plugin_api.incoming import Reading
from imgate.plugin_api.released import Envelope, ReleasedRecord


class PartnerAdapter(Protocol):
    """Translate between the case record and one partner's format.

    Both translations are pure: no clock, no network, no files, no state. The core validates what comes out, signs,
    encrypts, stores and delivers it.
    """

    @property
    def fields(self) -> FieldTable:
        """Account for every scope of the catalogue, in each direction."""

    @property
    def media_type(self) -> str:
        """Name the media type of what ``to_partner`` writes."""

    def to_partner(self, released: ReleasedRecord, envelope: Envelope) -> bytes:
        """Write one message with exactly the released scopes, each at its place in the field table.

        Raises TranslationFault where a released value has no form in the partner's format.
        """

    def from_partner(self, message: bytes) -> Reading:
        """Read what a partner sent, grouped by person; one ``Incoming`` for each reference.

        The core has checked size and well-formedness, and an XML schema where the manifest names one. Raises
        MessageUnreadable where the whole message cannot be used; a row that cannot be used is a ``RowProblem``.
        """


@dataclass(frozen=True, slots=True)
class AdapterPlugin:
    """What ``imgate_register_adapter`` returns.

    ``package`` is the importable package beside whose code ``adapter.toml`` and ``schemas/`` lie. ``configure`` gets
    the partner's ``settings`` table from imgate.toml (paths already absolute) and returns the adapter for it; it
    raises SettingsInvalid for a setting that it does not know or cannot use.
    """

    package: str
    configure: Callable[[Mapping[str, object]], PartnerAdapter]
