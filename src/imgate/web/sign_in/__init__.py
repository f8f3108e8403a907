"""Signing in: password with one-time code, passkey, identity provider; enrolment, confirmation and a person's own account.

Who is signed in afterwards is a session of the storage; nothing here decides what a role may see.
"""
