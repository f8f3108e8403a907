"""imgate: a data-exchange gateway for German integration management.

Importing this package imports nothing else, so that `imgate --version` answers at once.
"""

__version__ = "0.1.0"
