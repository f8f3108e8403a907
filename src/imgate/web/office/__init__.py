"""The office's view: how the gateway stands, what waits and failed, the log, who was told what, who may come in.

Owns the pages of data protection officers, heads of unit and municipal IT. Never shows a client but where somebody asks for one
client's disclosures, and never a value or a key.
"""
