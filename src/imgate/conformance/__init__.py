"""The test kit that plugin authors inherit, with simulated partners.

Owns what every adapter promises, as tests. Never part of a running gateway: it needs pytest, which imgate itself does not.
"""
