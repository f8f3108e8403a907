"""What the file of a message is called, beside a paper or inside it."""

from imgate.vocabulary.media_types import ending_of


def message_file(media_type: str) -> str:
    """Name it by what it is. Nothing of what is in it is told by its name."""
    return f"message.{ending_of(media_type)}"
