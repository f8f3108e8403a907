"""The words everybody uses: ids, purposes, directions, reasons, states, error codes.

Owns the closed lists of the contract. Never imports anything but the standard library, never decides.
"""
