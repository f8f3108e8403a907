"""Reads the configuration: the file, the environment over it, paths made absolute, every problem at once."""

import os
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import SettingsError

from imgate.settings.environment import EnvironmentSource, merged, unknown_sections, variables
from imgate.settings.lines import lines_of
from imgate.settings.mend import without_faults
from imgate.settings.model import SecretUnreadable, Settings
from imgate.settings.problems import ConfigurationInvalid, Places, Problem, sentences
from imgate.settings.words import nearest

_SECRET_ENDINGS = ("secret", "password")
# Where secrets stand that have a place of their own, and the entry beside each that names a file instead.
_SECRETS = {
    ("keys", "passphrase"): "passphrase_file",
    ("keys", "pkcs11", "pin"): "pin_file",
    ("openid", "client_secret"): "secret_file",
    ("mail", "password"): "secret_file",
}


def config_name() -> str:
    """Give the configuration's file as the operator named it: what ``IMGATE_CONFIG`` says, else ``imgate.toml``."""
    return os.environ.get("IMGATE_CONFIG") or "imgate.toml"


def config_path() -> Path:
    """Give the configuration's file: what ``IMGATE_CONFIG`` names, else ``imgate.toml`` here."""
    return Path(config_name()).absolute()


def load_settings(path: Path | None = None) -> Settings:
    """Read the configuration. Raises ConfigurationInvalid with everything that is wrong."""
    path = path or config_path()
    text = _read(path)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationInvalid([Problem(f"this is not TOML: {error}")], str(path)) from None
    places = Places(lines_of(text))
    problems = [
        Problem(f"there is no section `{section}`{nearest(section, list(Settings.model_fields))}", variable=name)
        for name, section in unknown_sections(Settings.model_fields)
    ]
    problems += _secrets_in_file(document, places)
    try:
        document = merged(document, EnvironmentSource(Settings)())
    except SettingsError as error:
        problems.append(Problem(f'a variable of the environment is not JSON where it must be (a list is written ["a", "b"]): {error}'))
    settings: Settings | None
    try:
        settings = Settings(**document)
    except ValidationError as error:
        problems += sentences(error, Settings, places)
        settings = without_faults(document, error)
    if settings is not None:
        problems += [places.problem(at, sentence) for at, sentence in settings.across()]
        try:
            settings = settings.resolved(path)
        except SecretUnreadable as error:
            problems += [places.problem((section, "secret_file"), "cannot be read") for section in error.sections]
    if settings is None or problems:
        raise ConfigurationInvalid(problems, str(path), settings)
    return settings


def places_of(settings: Settings) -> Places:
    """Tell where the values of a configuration stand, for problems that show only later."""
    try:
        return Places(lines_of(settings.file.read_text(encoding="utf-8")))
    except OSError:
        return Places({})  # everything came by the environment


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if variables() and "IMGATE_CONFIG" not in os.environ:
            return ""  # everything can come by the environment
        raise ConfigurationInvalid([Problem("there is no such file; `imgate init` writes one")], str(path)) from None
    except UnicodeDecodeError:
        raise ConfigurationInvalid([Problem("this is not UTF-8")], str(path)) from None
    except OSError as error:
        raise ConfigurationInvalid([Problem(f"cannot be read: {error.strerror}")], str(path)) from None


def _secrets_in_file(document: dict[str, Any], places: Places) -> list[Problem]:
    """Refuse secrets in a file that is copied, mailed and kept in version control."""
    found = []
    for path, beside in _SECRETS.items():
        table: Any = document
        for part in path[:-1]:
            table = table.get(part) if isinstance(table, dict) else None
        if isinstance(table, dict) and path[-1] in table:
            variable = f"IMGATE_{'__'.join(path).upper()}"
            sentence = f"a secret does not stand in this file: name a file that holds it by `{beside}`, or set {variable}"
            found.append(places.problem(path, sentence))
    partners = document.get("partners")
    for partner, table in partners.items() if isinstance(partners, dict) else ():
        for section in ("transport", "settings"):
            entries = table.get(section) if isinstance(table, dict) else None
            for key in entries if isinstance(entries, dict) else ():
                if key.endswith(_SECRET_ENDINGS):
                    variable = f"IMGATE_PARTNERS__{partner.upper().replace('-', '_')}__{section.upper()}__{key.upper()}"
                    sentence = f"a secret does not stand in this file: name a file that holds it by `{key}_file`, or set {variable}"
                    found.append(places.problem(("partners", partner, section, key), sentence))
    return found
