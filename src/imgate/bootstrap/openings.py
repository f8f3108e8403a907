"""Keeps what is open to each partner as the office says it is now, in this process (ADR 21).

The judge stays pure: it is handed a partner's policy, in which ``open`` is what is in effect. Here that policy is replaced, as a whole,
whenever the office's word has changed; who decides holds one policy from the beginning to the end.
"""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

import structlog

from imgate.bootstrap.glance import glance
from imgate.consent.four_eyes import UNHEARD, Office, open_now
from imgate.consent.policy import PartnerPolicy
from imgate.exchange.context import Partner
from imgate.settings import Settings
from imgate.storage import SqlStore

_SECONDS = 1.0
# While nobody could read it, everything that waits for eyes is closed: what comes back is to be seen before anything is decided.
_SECONDS_UNREAD = 0.2
_log = structlog.get_logger()


class Openings:
    """The partners of this process, each with what is open to it now. Until it is first read, nothing is that needs four eyes."""

    def __init__(self, settings: Settings, store: SqlStore, configured: Mapping[str, Partner]) -> None:
        """Take the partners as they are configured."""
        self._store = store
        self._configured = configured
        self._single = frozenset(partner for partner in configured if settings.partners[partner].accept_single)
        self._partners = dict(configured)
        self._policies = {partner: each.policy for partner, each in configured.items()}
        self._one_at_a_time = threading.Lock()
        self._apply(UNHEARD)

    @property
    def partners(self) -> Mapping[str, Partner]:
        """The partners; what is looked up here later is what holds then."""
        return MappingProxyType(self._partners)

    @property
    def policies(self) -> Mapping[str, PartnerPolicy]:
        """Their policies, in the same way."""
        return MappingProxyType(self._policies)

    @property
    def wait_for_eyes(self) -> bool:
        """Tell whether the configuration opens anything that takes four eyes."""
        return any(each.policy.open and partner not in self._single for partner, each in self._configured.items())

    def refresh(self) -> None:
        """Read what the office says now, and have it hold. Blocks. Where it cannot be read, it is closed, and what was raised is raised.

        One at a time, reading included: nobody puts an older word in place of a newer one.
        """
        if not self.wait_for_eyes:
            return
        with self._one_at_a_time:
            try:
                self._apply(heard(self._store))
            except Exception:  # whatever it was: what cannot be read is closed, and whoever asked is told by what was raised
                self._apply(UNHEARD)
                raise

    def _apply(self, office: Office) -> None:
        for partner, configured in self._configured.items():
            now = open_now(partner, configured.policy.open, office, accept_single=partner in self._single)
            if now != self._policies[partner].open:
                policy = self._policies[partner] = replace(configured.policy, open=now)
                self._partners[partner] = replace(configured, policy=policy)


def heard(store: SqlStore) -> Office:
    """Read what the office has said."""
    with store.reading() as tx:
        return Office(tx.openings.in_use(), tx.openings.all())


def notices_of_openings(settings: Settings) -> list[str]:
    """Say of each opening that is not in effect for whom it waits, one sentence each."""
    named = [(partner, one) for partner, one in settings.partners.items() if one.open and not one.accept_single]
    if not named:
        return []
    return glance(settings, lambda store: [told for partner, one in named for told in _waiting(store, partner, frozenset(one.open))])


def _waiting(store: SqlStore, partner: str, configured: frozenset[str]) -> Iterator[str]:
    office = heard(store)
    for scope in sorted(configured - open_now(partner, configured, office, accept_single=False)):
        confirmed = [store.people.users.get(user) for user in sorted(office.confirmed.get((partner, scope), ()))]
        names = ", ".join(user.name for user in confirmed if user is not None)
        waits_for = f"a second user of the office beside {names}" if names else "two users of the office"
        yield f"`{scope}` is closed to {partner} until it is confirmed on the pages: it waits for {waits_for}."


async def keep_current(openings: Openings) -> None:
    """Refresh every second, until cancelled: what was confirmed or withdrawn elsewhere, or by whom somebody is of the office no more."""
    unread = False
    while openings.wait_for_eyes:
        await asyncio.sleep(_SECONDS_UNREAD if unread else _SECONDS)
        try:
            await asyncio.to_thread(openings.refresh)
            unread = False
        except Exception as error:  # noqa: BLE001  # whatever it was, it is closed now, and tried again
            if not unread:
                _log.error("openings_unread", exc_info=error)
            unread = True
