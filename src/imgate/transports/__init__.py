"""The built-in ways to a partner, each a transport plugin like any other: fetched, pushed, or laid into a folder.

Owns how a finished message travels. Never looks into one, never decides whether it may leave, and takes no address but from imgate.toml.
"""
