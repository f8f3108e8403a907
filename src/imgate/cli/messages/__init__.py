"""`imgate messages`: what a partner without an interface sends and gets as files.

Owns the two commands, the preview of a file and the report of its rows. Reads and decides nothing itself: that is the corridor's.
"""
