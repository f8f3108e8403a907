"""Jobkraftwerk as a partner of imgate: tables (CSV, XLSX) by a configurable mapping.

Owns the translation between the case record and tables. AN ASSUMPTION until a customer's export is at hand: Jobkraftwerk
publishes no file format (README).
"""

from imgate.plugin_api import AdapterPlugin, hookimpl
from imgate_jobkraftwerk.translate import configure


@hookimpl
def imgate_register_adapter() -> AdapterPlugin:
    """Register the adapter for tables as Jobkraftwerk may export and import them."""
    return AdapterPlugin(package="imgate_jobkraftwerk", configure=configure)
