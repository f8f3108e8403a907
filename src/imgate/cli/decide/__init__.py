"""`imgate decide`: past decisions, asked again. For the operator; it shows scopes, reasons, dates and ids, and nobody's data.

Owns how both commands read in a terminal and as JSON. Decides nothing: that is ``exchange.past``'s.
"""
