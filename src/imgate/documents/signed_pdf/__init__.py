"""The examination of signed PDFs: numbered checks, stricter than the library's own verdict, in a child process.

Owns the checks and their report. Never decides what a signature is good for, never fetches anything, keeps nothing. Only ``process``
and ``rules`` are for the gateway itself: the rest imports pyHanko, which is slow to import and optional, and runs in the child.
"""
