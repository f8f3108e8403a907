"""The sections of the case record, as written in docs/reference/record.md: one TypedDict each, and those of their items.

Every item carries a ``Scope``, every leaf a ``Label``. A leaf that may be left out is ``NotRequired[... | None]``; an item is never null.
Word lists end in ``other``: kinds, states, fields and roles, where life has more cases than a list. Coded lists that somebody else
publishes do not: sex, marital status, residence status, work permission, CEFR.
"""
