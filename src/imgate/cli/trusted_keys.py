"""Which keys a verification takes for the gateway's: out of its published key set, or by a thumbprint. Nothing is fetched."""

import re
from pathlib import Path

import typer

from imgate.cli.output import Failed

_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")


def thumbprint(given: str | None) -> str | None:
    """Take a thumbprint from the command line."""
    if given is not None and _THUMBPRINT.fullmatch(given) is None:
        raise typer.BadParameter("a thumbprint (RFC 7638) has 43 letters, digits, - and _")
    return given


def trusted_keys(jwks: Path | None, key: str | None) -> frozenset[str] | None:
    """Give the thumbprints that are the gateway's; where both are given, the key has to be in the file too. None: nobody said."""
    if jwks is None:
        return None if key is None else frozenset({key})
    published = _thumbprints(jwks)
    return published if key is None else published & {key}


def _thumbprints(file: Path) -> frozenset[str]:
    from imgate.keys.statements import PublishedKeysUnusable, thumbprints_in

    try:
        return thumbprints_in(file)
    except OSError as error:
        raise Failed(f"{file} cannot be read: {error.strerror}.") from None
    except PublishedKeysUnusable as unusable:
        raise Failed(f"{file} {unusable}. Or name the key: --key THUMBPRINT.") from None
