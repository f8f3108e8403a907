"""Papers: forms, annexes and copies as PDF, in the client's language; and the reading of signed documents.

Owns wording, typesetting and the examination of evidence. Decides nothing about who may have what, never stores, never delivers.
"""
