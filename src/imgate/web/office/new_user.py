"""What is looked at before a person is let onto the pages, wherever that is typed."""

import re
from collections.abc import Mapping

from imgate.vocabulary.identifiers import is_uuid
from imgate.vocabulary.words import UserRole
from imgate.web.texts import _

_is_login = re.compile(r"[A-Za-z0-9._@-]{1,64}\Z").match
_is_address = re.compile(r"[^\s@]{1,64}@[^\s@]{1,190}\Z").match

# By field, in German.
SENTENCES: Mapping[str, str] = {
    "role": _("Bitte wählen Sie eine Rolle."),
    "partner": _("Eine Ansprechperson gehört zu genau einem Partner, alle anderen zu keinem."),
    "name": _("Der Name hat 1 bis 200 sichtbare Zeichen."),
    "login": _("Der Anmeldename hat 1 bis 64 Zeichen: Buchstaben a bis z, Ziffern und . _ @ -"),
    "email": _("Das ist keine E-Mail-Adresse."),
}


def wrong_fields(role: UserRole | None, partner: str | None, name: str, login: str, email: str | None) -> frozenset[str]:
    """Name the fields that cannot be taken. Whether the partner is configured, and the login free, is not looked at."""
    right = {
        "role": role is not None,
        "partner": role is None or (role is UserRole.LIAISON) == (partner is not None),
        "name": bool(name.strip()) and name.isprintable() and len(name) <= 200,
        "login": _is_login(login) is not None and not is_uuid(login),
        "email": email is None or (_is_address(email) is not None and email.isprintable()),
    }
    return frozenset(field for field, is_right in right.items() if not is_right)
