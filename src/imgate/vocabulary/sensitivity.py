"""How much harm it does if a scope gets out; the evidence a declaration needs depends on it (contract §2 and §3)."""

from enum import StrEnum


class Sensitivity(StrEnum):
    """One of three, from the least to the most sensitive."""

    INTERNAL = "internal"  # about offices and courses rather than about the client
    CONFIDENTIAL = "confidential"  # a client's data, everything that is not one of the other two
    SPECIAL = "special"  # special categories (Art. 9 GDPR) and what lets them be guessed
