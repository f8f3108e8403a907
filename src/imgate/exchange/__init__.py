"""The corridor: outbound, inbound and delivery, each one function that reads as the list of its steps; revocation and links.

Says in ``ports`` what it needs from the world. Never touches a database, a key, a network or a configuration itself.
"""
