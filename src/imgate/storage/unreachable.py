"""Why a database cannot be opened, in words. A driver's own text names users, hosts and files, so that only what it means is passed on."""

import re

from sqlalchemy.exc import DBAPIError

# PostgreSQL gives no code where it refuses a connection, only a text, and that in the language of the server or of this machine.
_MEANINGS = (
    (r"connection refused|verbindungsaufbau abgelehnt", "connection refused: nothing listens at that address; is the server running?"),
    (
        r"authentication failed|passwort-authentifizierung|no password supplied|peer-authentifizierung|no pg_hba.conf entry",
        "authentication failed: the server does not take this user with this password",
    ),
    (r"role .* does not exist|rolle .* existiert nicht", "authentication failed: the server knows no such user"),
    (r"database .* does not exist|datenbank .* existiert nicht", "no such database on this server: make it with `createdb`"),
    (r"resolve host|translate host|name or service not known", "no such host: its name is not known here"),
    (r"timeout|timed out", "the server does not answer in time"),
    (r"too many (clients|connections)|remaining connection slots", "the server has no connection left"),
    (r"starting up|shutting down", "the server is starting or stopping"),
    (r"ssl", "no secure connection (TLS) could be made"),
    (r"no such file or directory.*socket|socket.*no such file or directory", "connection refused: there is no server on this machine"),
    (r"file is not a database|malformed", "the file is no SQLite database, or a damaged one"),
    (r"unable to open database file", "its file cannot be opened: may this user read and write it, and its folder?"),
    (r"readonly database", "its file may not be written by this user"),
    (r"database is locked", "another program has locked it"),
)


def why_unreachable(error: BaseException) -> str:
    """Give what the driver's error means, without its text; the error's type where that is not known."""
    driver = error.orig if isinstance(error, DBAPIError) else error.__cause__ or error
    text = str(driver).lower()
    for pattern, meaning in _MEANINGS:
        if re.search(pattern, text, re.DOTALL):
            return meaning
    return type(driver).__name__
