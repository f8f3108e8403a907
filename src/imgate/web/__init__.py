"""The pages: a door for people with a browser.

Owns sessions, signing in, the layout and the words of the pages. Turns forms into calls of the corridor and what comes back into pages;
decides nothing about anybody's data.
"""
