"""The command line: one file for each noun. Stdout carries the result and nothing else; exit 0 done, 1 refused or failed, 2 usage.

Turns words into calls and results into text. Never decides anything, and imports nothing heavy before a command runs.
"""
