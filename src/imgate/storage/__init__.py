"""Where it is kept: tables, transactions, group commit, erasing, backup; the same on SQLite and on PostgreSQL.

Owns every row and what seals it. Provides the ports of ``imgate.exchange``; decides nothing, and never sees a case record in clear.
"""

from imgate.storage.store import SqlStore, open_store

__all__ = ["SqlStore", "open_store"]
