"""The liaison's pages: what waits for the partner, one message at a time, and what can be said to it.

Everything is the visitor's own partner's, and is decided again before it is shown; what may not be had now is a page that is not there.
"""
