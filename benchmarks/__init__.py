"""Measures what the acceptance line promises, each figure beside a reference that is measured in the same minutes.

Owns the load client, the baselines and the table. Never a fixture of its own for what production does: it starts `imgate serve`,
`imgate worker` and `imgate updates import`, talks HTTP to them, and calls the functions that the corridor calls. Only rows that are
needed by the hundred thousand are made more quickly than production would (`stored_rows`, `finished_rows`).
"""
