"""The reference page and the types say the same."""

from pathlib import Path

from imgate.settings.reference import reference

ROOT = Path(__file__).parents[2]


def test_the_page_is_written_from_the_types():
    page = (ROOT / "docs" / "reference" / "configuration.md").read_text(encoding="utf-8")
    assert page == reference(), "run: python -m imgate.settings.reference > docs/reference/configuration.md"
