"""What is loaded when: a process pays at its start for what it uses, and for nothing else."""

import importlib
import subprocess
import sys

import pytest

import imgate.bootstrap


def loaded_by(module):
    script = f"import sys, {module}; print(*sys.modules)"
    return set(subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split())


def test_a_carrier_loads_neither_a_database_nor_a_gateway():
    modules = loaded_by("imgate.bootstrap.carrier")
    assert "imgate.bootstrap.carrier" in modules
    assert not {"sqlalchemy", "alembic", "fastapi", "imgate.storage", "imgate.bootstrap.gateway"} & modules


def test_everything_that_is_offered_is_there():
    assert imgate.bootstrap.__all__ == sorted(imgate.bootstrap._PLACES, key=imgate.bootstrap.__all__.index)
    for name, place in imgate.bootstrap._PLACES.items():
        assert getattr(imgate.bootstrap, name) is getattr(importlib.import_module(f"imgate.bootstrap.{place}"), name)


def test_what_is_not_offered_is_no_name_of_it():
    with pytest.raises(AttributeError, match="open_sesame"):
        _ = imgate.bootstrap.open_sesame
