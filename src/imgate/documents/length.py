"""How much a paper can show of what somebody wrote."""

from collections.abc import Sequence

from imgate.documents.fonts import printable

# A case has a hundred or two. A paper of thousands of lines helps nobody, and each line takes memory (docs/papers.md).
_LINES_MAX = 2_000
_LETTERS_MAX = 100_000


def is_too_long(contents: Sequence[str]) -> bool:
    """Count what would be printed of what somebody wrote: a value has as many lines as line feeds, and one more.

    What is shown by its number (``[U+200B]``) counts as long as it is printed.
    """
    if sum(content.count("\n") + 1 for content in contents) > _LINES_MAX or sum(map(len, contents)) > _LETTERS_MAX:
        return True
    return sum(len(printable(content)) for content in contents) > _LETTERS_MAX
