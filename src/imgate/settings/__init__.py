"""The configuration: ``imgate.toml``, the environment over it, and every problem at once with its line.

Owns the shape of the configuration and where each value stands. Never picks an implementation, opens nothing but the files named, and
shows no secret in a sentence or a ``repr``.
"""

from imgate.settings.load import config_name, config_path, load_settings, places_of
from imgate.settings.model import DatabaseSettings, GatewaySettings, ServerSettings, Settings
from imgate.settings.partner import PartnerSettings
from imgate.settings.problems import ConfigurationInvalid, Problem

__all__ = [
    "ConfigurationInvalid",
    "DatabaseSettings",
    "GatewaySettings",
    "PartnerSettings",
    "Problem",
    "ServerSettings",
    "Settings",
    "config_name",
    "config_path",
    "load_settings",
    "places_of",
]
