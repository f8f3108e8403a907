"""Measures what the acceptance line promises, each figure beside a reference that is measured in the same minutes.

Owns the load client, the baselines and the table. Never a fixture of its own for what production does: it starts `imgate serve`,
talks HTTP to it, and calls the functions that the corridor calls.
"""
