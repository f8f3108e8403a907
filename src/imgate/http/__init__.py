"""The HTTP door: turns requests into calls of the corridor and results into answers; the token endpoint; the pages on it.

Owns the routes, the problem documents and the OpenAPI document. Never decides, never keeps, never repeats what was sent.
"""
