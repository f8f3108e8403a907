"""What stands in the head of every page, by role: where one can go from here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imgate.vocabulary.words import UserRole
from imgate.web.texts import _

if TYPE_CHECKING:
    from imgate.web.visitors import Visitor


@dataclass(frozen=True, slots=True)
class Entry:
    """One way on. ``text`` is German and is translated where it is shown."""

    path: str
    text: str
    current: bool = False


_ENTRIES: Mapping[UserRole, Sequence[Entry]] = {
    UserRole.LIAISON: (
        Entry("/pages/inbox", _("Posteingang")),
        Entry("/pages/search", _("Suche")),
        Entry("/pages/notifications", _("Benachrichtigung")),
    ),
    UserRole.INTEGRATION_MANAGER: (
        Entry("/pages/desk", _("Schreibtisch")),
        Entry("/pages/clients", _("Klientinnen und Klienten")),
        Entry("/pages/received", _("Von Partnern")),
        Entry("/pages/requests", _("Anfragen")),
    ),
    UserRole.OFFICE: (
        Entry("/pages/office", _("Überblick")),
        Entry("/pages/office/partners", _("Partner")),
        Entry("/pages/office/deliveries", _("Zustellungen")),
        Entry("/pages/office/log", _("Protokoll")),
        Entry("/pages/office/disclosures", _("Auskunft")),
        Entry("/pages/office/openings", _("Vier Augen")),
        Entry("/pages/office/users", _("Zugänge")),
        Entry("/pages/office/papers", _("Unterlagen")),
    ),
}

# Pages that stand below another one than their address says.
_BELOW: Mapping[str, str] = {
    "/pages/office/plugins": "/pages/office/partners",
    "/pages/office/looks": "/pages/office/log",
    "/pages/office/what-if": "/pages/office/log",
    "/pages/office/retention": "/pages/office/papers",
}


def home_of(role: UserRole) -> str:
    """Give the page on which this role begins."""
    return _ENTRIES[role][0].path


def navigation_of(visitor: "Visitor | None", path: str) -> tuple[Entry, ...]:
    """Give the ways that this visitor has; the one that leads to where they are is marked."""
    if visitor is None:
        return ()
    entries = _ENTRIES[visitor.role]
    path = next((below for begin, below in _BELOW.items() if path == begin or path.startswith(f"{begin}/")), path)
    here = max((entry.path for entry in entries if path == entry.path or path.startswith(f"{entry.path}/")), key=len, default=None)
    return tuple(Entry(entry.path, entry.text, entry.path == here) for entry in entries)
