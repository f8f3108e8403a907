"""Lists to choose from, in the language of the page: value, text and hint, as ``parts.html`` takes them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from starlette.requests import Request

from imgate.documents.runs import plain
from imgate.documents.wording import Wording, words_of
from imgate.vocabulary.words import Information, SignerRole
from imgate.web.desk.filled_in import SECOND_GUARDIAN
from imgate.web.house import house_of
from imgate.web.labels import DIRECTIONS, text_of
from imgate.web.languages import languages_offered
from imgate.web.rendering import chosen_language
from imgate.web.texts import _

Choice = tuple[str, str, str | None]

_SECOND_GUARDIAN = _("Eine zweite sorgeberechtigte Person")


@dataclass(frozen=True, slots=True)
class Choices:
    """Makes them for one request."""

    request: Request
    spoken: str
    wording: str

    @classmethod
    def of(cls, request: Request) -> "Choices":
        """Take the language that the visitor chose."""
        return cls(request, chosen_language(request), house_of(request).rendering.wording)

    def purposes(self, purposes: Iterable[str]) -> Sequence[Choice]:
        """Name purposes."""
        return [(purpose, text_of(self._words, "purposes", purpose), None) for purpose in purposes]

    def directions(self, directions: Iterable[str]) -> Sequence[Choice]:
        """Name directions."""
        return [(direction, self._said(DIRECTIONS[direction]), None) for direction in directions]

    def signers(self) -> Sequence[Choice]:
        """Name who can sign; a second guardian is one of them."""
        roles = {role.value: self.role(role.value) for role in SignerRole}
        second = {SECOND_GUARDIAN: self._said(_SECOND_GUARDIAN)}
        order = (SignerRole.CLIENT.value, SignerRole.GUARDIAN.value, SECOND_GUARDIAN, SignerRole.BETREUER.value)
        return [(tick, (roles | second)[tick], None) for tick in order]

    def role(self, role: str) -> str:
        """Name one role."""
        return text_of(self._words, "roles", role)

    def information(self, unit: str) -> Sequence[Choice]:
        """Say what the client has to be told, in the words of the form."""
        texts = {Information.REVOCABILITY: {"unit": unit}}
        return [(told.value, plain(self._words.runs(f"information.{told.value}", **texts.get(told, {}))), None) for told in Information]

    def languages(self) -> Sequence[tuple[str, str]]:
        """Name the languages."""
        return languages_offered(self.wording, self.spoken)

    @property
    def _words(self) -> Wording:
        words = words_of(self.wording, self.spoken)
        return words.other or words.german

    def _said(self, message: str) -> str:
        return house_of(self.request).rendering.translate(self.spoken, message)
