"""What the tests of FIT-Connect share: a parcel, an attempt at it, and how far it came at the stand-in."""

import asyncio

from imgate.plugin_api import Parcel
from imgate.transports.fit_connect import configure

MESSAGE_ID = "0b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de"
# The call by which a message is submitted; its attachments, the receipt among them, go before.
SUBMIT = r"/v2/submissions/[^/]+$"
RECEIPT = "e30.e30.AA"
XML = "<a>Ärztliches</a>".encode()


def transport_to(stand_in, **entries):
    return configure({**stand_in.entries, **entries})


def parcel(kept=None, *, content=XML, media_type="application/xml", note=None):
    async def keep(text):
        kept.append(text)

    return Parcel(MESSAGE_ID, media_type, content, "jobcenter", note, *([] if kept is None else [keep]), receipt=RECEIPT)


def deliver(stand_in, kept=None, *, entries=None, **how):
    return asyncio.run(transport_to(stand_in, **(entries or {})).deliver(parcel(kept, **how)))


def again(stand_in, kept, **how):
    """Try again as the worker does: with what was kept last."""
    return deliver(stand_in, kept, note=kept[-1] if kept else None, **how)


def puts(stand_in):
    return [call for call in stand_in.calls if call.startswith("PUT")]


def submitted(stand_in):
    """How often something became a submission that the receiver sees."""
    return sum(one.state != "incomplete" for one in stand_in.submissions.values())
