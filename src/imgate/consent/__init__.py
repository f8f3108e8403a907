"""Declarations and the judge: what was signed, whether it holds, which scopes pass, and what of them is left after minimising.

Pure: time, policy and verified declarations are handed in. Never reads a clock, a database or a configuration, never delivers.
"""
