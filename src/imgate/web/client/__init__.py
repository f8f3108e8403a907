"""A client's own page, in the client's language: what they allowed, who got what and when, and revoking.

Opened by the code on the copy and a number from the office. No account, no tracking: one cookie while the page is open, no references
and no values, and nobody of the house gets in this way or out of it.
"""
