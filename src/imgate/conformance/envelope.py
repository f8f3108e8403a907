"""The envelopes that the kit hands to every adapter; their names hold what formats have a meaning of their own for."""

import dataclasses
from collections.abc import Iterator
from itertools import cycle

from imgate.conformance.canaries import message_id_of, reference_of
from imgate.plugin_api import Envelope, Release, ReleasedRecord

ENVELOPE = Envelope(
    message_id="0b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de",
    created_at="2026-02-02T08:00:00Z",
    sender="Integrationsmanagement Winnenden",
    recipient="Stelle & Söhne <Team>",
    reference='Ref "1" & <2>',
    purpose="labour_market_integration",
)

# Two are enough to see that one is kept.
PURPOSES = ("labour_market_integration", "case_documentation")


def envelope_about(word: str, number: int) -> Envelope:
    """Make the envelope of another client: reference and id are canaries of this word, time and parties go with the number."""
    return Envelope(
        message_id=message_id_of(word),
        created_at=f"2026-02-{number % 28 + 1:02}T08:00:00Z",
        sender=f"Beratung {number}",
        recipient=f"Amt {number}",
        reference=reference_of(word),
        purpose=PURPOSES[number % len(PURPOSES)],
    )


def other_envelopes() -> Iterator[Envelope]:
    """Yield the envelope, the same for another person, and one in which everything is another."""
    yield ENVELOPE
    yield dataclasses.replace(ENVELOPE, reference="Ref 'ö' > 3")
    yield Envelope(
        message_id="5f1de3a2-11c4-4a55-8f0e-9b7f6c1d2e30",
        created_at="2027-07-01T23:59:59.5Z",
        sender="Sozialberatung & Co.",
        recipient="Amt für <Übergänge>",
        reference="4711",
        purpose="case_documentation",
    )


_RELEASES = (
    Release("Integrationsmanagement Winnenden", "self", "2026-12-31"),
    Release("Stelle & Söhne <Team>", "jobcenter", "2026-12-31"),
    Release("Stelle & Söhne <Team>", "jobcenter", "2027-01-31"),
)


def under_several_releases(released: ReleasedRecord) -> ReleasedRecord:
    """Let the scopes of a record pass under different permissions, in turn."""
    return dataclasses.replace(released, releases=dict(zip(released.releases, cycle(_RELEASES), strict=False)))
