"""What is published about declarations and exchanges is what the models say."""

import pytest

from imgate.exchange.publish import published_schemas
from tests.conftest import ROOT

WRITE_ANEW = (
    "from pathlib import Path; from imgate.exchange.publish import published_schemas; "
    "[Path(p).write_text(t, encoding='utf-8') for p, t in published_schemas().items()]"
)


@pytest.mark.parametrize("path", published_schemas())
def test_the_published_schema_says_what_the_model_says(path):
    file = ROOT / path
    current = file.exists() and file.read_text(encoding="utf-8") == published_schemas()[path]
    assert current, f'{path} is not what the models say. In the repository: .venv/bin/python -c "{WRITE_ANEW}"'
