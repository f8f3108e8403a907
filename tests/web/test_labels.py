"""The words of the pages are those of the contract."""

from imgate.record import CATALOGUE
from imgate.web.labels import SECTIONS


def test_sections_are_called_as_the_catalogue_calls_them():
    assert dict(SECTIONS) == dict(CATALOGUE.section_labels)
