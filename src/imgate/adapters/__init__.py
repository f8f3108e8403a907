"""Finds the plugins, refuses odd ones, calls them and names them when they fail.

Owns everything between the core's types and foreign code: manifests, schemas, the check that exactly the released scopes stand in the
bytes. Never decides what may pass, and never delivers.
"""
