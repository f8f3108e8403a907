"""`imgate plugin`: what is installed, how good it is, and the beginning of a new one.

Owns what plugin authors type. Never decides whether an adapter may be used: that is the registry's work.
"""
