"""``transport = { kind = "mailbox" }``: the partner fetches its messages from its outbox; nothing is handed over."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from imgate.plugin_api import NotDelivered, Outcome, Parcel, TransportPlugin, hookimpl
from imgate.transports.entries import read_entries


class _Entries(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Mailbox:
    """Wait for the partner."""

    @property
    def waits(self) -> bool:
        """Tell that the partner fetches."""
        return True

    async def deliver(self, parcel: Parcel) -> Outcome:
        """Hand over nothing: what waits is fetched."""
        return NotDelivered("fetched_by_partner")


def configure(entries: Mapping[str, object]) -> Mailbox:
    """Make the transport. Raises SettingsInvalid, because there is nothing to set."""
    read_entries(_Entries, entries)
    return Mailbox()


@hookimpl
def imgate_register_transport() -> TransportPlugin:
    """Register the mailbox."""
    return TransportPlugin("mailbox", configure)
