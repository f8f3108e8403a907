"""How a message's signed receipt is called on its way: as a header where the way is HTTP, as a file of its own everywhere else."""

RECEIPT_HEADER = "imgate-receipt"
# Inside an encryption, where the content's type is named (RFC 7515 §4.1.10, without ``application/``).
RECEIPT_TYPE = "imgate-receipt+jwt"
# As a file or an attachment: a compact JWS (RFC 7515 §9.2.1).
RECEIPT_MEDIA_TYPE = "application/jose"


def receipt_name(message_id: str) -> str:
    """Name the receipt's file beside its message."""
    return f"{message_id}.receipt.jws"
