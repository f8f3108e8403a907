"""The integration manager's desk: clients, their declarations, and what is sent and received under them.

Names a client in an address by an id of the session, never by the reference. Reads and writes through the corridor and decides nothing.
"""
