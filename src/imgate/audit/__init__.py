"""Which events exist, in which words, and how the log proves itself.

Owns the event catalogue, the form of an entry and its verification. Never stores, never names a client but by a random subject.
"""
