"""Declarations in the corridor: recorded, signed, revoked, renewed, watched until they run out, shown, exported.

``register`` is where each begins and ends; evidence counts only through ``signing``; ``loading`` keeps out what is not as its seal says.
Decides nothing about an exchange: see ``consent``.
"""
