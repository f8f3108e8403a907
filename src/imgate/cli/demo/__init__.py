"""The demo: the whole story on an embedded database, with three simulated partners and two stand-ins; every step is checked as it is told.

Plays by the API and the command line only, as users would. Never part of a running gateway.
"""
