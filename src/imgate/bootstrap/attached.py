"""What the configuration says about files inside messages: whose bundles count, and what of it nothing could ever keep."""

from collections.abc import Iterator

from imgate.adapters.adapter import LoadedAdapter
from imgate.consent.policy import PartnerPolicy
from imgate.keys.statements import PublishedKeysUnusable, thumbprints_in
from imgate.settings import PartnerSettings
from imgate.vocabulary.words import AttachmentKind, Direction

_APPOINTMENTS = "appointments.upcoming"


def bundle_keys_of(configured: PartnerSettings) -> tuple[frozenset[str] | None, str | None]:
    """Give the thumbprints of the sending gateway's keys, None where no file is named; and what is wrong with the file."""
    if configured.bundle_keys_file is None:
        return None, None
    try:
        return thumbprints_in(configured.bundle_keys_file), None
    except OSError:
        return frozenset(), "cannot be read"
    except PublishedKeysUnusable as unusable:
        return frozenset(), str(unusable)


def faults_of_attachments(
    configured: PartnerSettings, adapter: LoadedAdapter, policy: PartnerPolicy
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Find what is asked for and has no place in this adapter's messages: paths below the partner, and sentences."""
    placed = adapter.manifest.to_partner.attachments
    for number, kind in enumerate(configured.attach):
        if kind not in placed:
            yield ("attach", number), f"messages of `{adapter.id}` have no place for `{kind}`; {_those(placed)}"
        elif kind is AttachmentKind.CALENDAR and _APPOINTMENTS not in policy.ceiling_of(Direction.TO_PARTNER):
            yield ("attach", number), f"`{_APPOINTMENTS}` is beyond this partner's ceiling, so that there would never be one"
    if AttachmentKind.DECLARATION_BUNDLE not in adapter.manifest.from_partner.attachments:
        for name, asked in (("bundle_keys_file", configured.bundle_keys_file is not None), ("requires_bundle", configured.requires_bundle)):
            if asked:
                yield (name,), f"messages from `{adapter.id}` have no place for `{AttachmentKind.DECLARATION_BUNDLE}`"
    elif configured.requires_bundle and configured.bundle_keys_file is None:
        yield ("requires_bundle",), "needs `bundle_keys_file`: without it no bundle holds, and nothing would ever be taken"


def _those(placed: tuple[AttachmentKind, ...]) -> str:
    return f"there is one for {', '.join(f'`{kind}`' for kind in placed)}" if placed else "there is none for any attachment"
