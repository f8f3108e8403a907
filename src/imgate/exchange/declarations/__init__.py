"""Declarations in the corridor: recorded, signed, revoked, renewed, watched until they run out, shown, exported.

``register`` is where each begins and ends; evidence counts only through ``signing``; what is not as its seal says is kept out by ``loading``.
Decides nothing about an exchange: see ``consent``.
"""
