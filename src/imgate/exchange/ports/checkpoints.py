"""What is signed about the audit log."""

from typing import Protocol


class Checkpoints(Protocol):
    """The checkpoints of the audit log. Making and verifying them is no step of an exchange."""

    def newest_note(self) -> str | None:
        """Give the checkpoint over the longest log as the signed note that it is; None where nothing was signed yet."""
