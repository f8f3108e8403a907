"""A file that travels inside a message: proof of the client's declaration, or the same appointment for a calendar."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file. ``kind`` is one of ``declaration_bundle`` and ``calendar``; the name has the signs ``a-z 0-9 . -`` only.

    The core makes what is sent, and looks for its standard base64 (RFC 4648 §4, without line breaks) in the bytes that leave. What
    a partner attached is handed over as it came; nothing about it was checked.
    """

    kind: str
    name: str
    media_type: str
    content: bytes = field(repr=False)
