"""Past decisions, asked again: why one was taken as it was (``explanation``), and what would be decided today (``comparison``).

Writes nothing, opens nothing of any client, and lets nothing pass: what comes out of here is scopes, reasons, dates and ids.
"""
