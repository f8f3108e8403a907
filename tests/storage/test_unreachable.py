"""Why a database cannot be opened: in words, and in none of the driver's."""

import sqlite3

import pytest

from imgate.exchange.ports import Unavailable
from imgate.storage.unreachable import why_unreachable


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('connection to server at "10.0.0.7", port 5432 failed: Connection refused', "connection refused"),
        ('FATAL:  password authentication failed for user "canary"', "authentication failed"),
        ("FATAL:  Passwort-Authentifizierung für Benutzer »canary« fehlgeschlagen", "authentication failed"),
        ('FATAL:  role "canary" does not exist', "no such user"),
        ('FATAL:  database "canary" does not exist', "no such database"),
        ("FATAL:  Datenbank »canary« existiert nicht", "no such database"),
        ("failed to resolve host 'canary': Name or service not known", "no such host"),
        ("connection timeout expired", "in time"),
        ("file is not a database", "no SQLite database"),
        ("canary", "OperationalError"),
    ],
)
def test_what_the_driver_means_is_told_without_its_text(text, told):
    error = sqlite3.OperationalError(text)
    away = Unavailable("the database cannot be opened")
    away.__cause__ = error
    for found in (why_unreachable(error), why_unreachable(away)):
        assert told in found
        assert "canary" not in found
        assert "10.0.0.7" not in found
