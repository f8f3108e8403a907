"""What the world may answer instead: failures, each named for who must act."""


class Stale(Exception):
    """Something that a step relied on changed before the commit: the caller takes the decision again."""


class ReferenceTaken(Exception):
    """The case system must act: the reference already belongs to another client of this partner."""


class KeyInUse(Exception):
    """Another request with the same Idempotency-Key stored its answer first."""


class BadCursor(Exception):
    """The sender must act: this is not a ``next`` that a list gave."""


class Unavailable(Exception):
    """The operator must act, or wait: the database cannot be reached, is locked or cannot be written."""


class Crossed(Unavailable):
    """This unit of work was undone, by another that came first or by a lost connection: taken again, it may well succeed."""


class Unsigned(Unavailable):
    """The operator must act: what signs for the gateway does not answer. Nothing was signed; later it may be."""


class ProofOver(Exception):
    """Nobody can act: the client was erased, and the term of proof is over too. The key that this was sealed under is gone."""


class Unreadable(Exception):
    """The operator must act: something at rest does not match its place or its key."""
