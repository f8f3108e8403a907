"""What a client is owed (GDPR chapter III): what was passed on about them, their data as files, and a correction told to who holds it.

Reads what the corridor keeps, and sends only by ``outbound.send``. Erasing is the store's (``storage.erase``): it needs the keys.
"""
