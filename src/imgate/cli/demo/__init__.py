"""The demo: the whole story on embedded databases, with three simulated partners, two stand-ins and a second gateway.

Every step is checked as it is told. Plays by the API and the command line only, as users would. Never part of a running gateway.
"""
