"""What the decision about one client and one partner rests on, as it was loaded."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from imgate.exchange.attaching import proofs
from imgate.exchange.context import Partner
from imgate.exchange.ports import ClientKeys, DeclarationFile, Transaction
from imgate.exchange.stored import Link, StoredDeclaration


@dataclass(frozen=True, slots=True)
class Case:
    """What the decision about one client and one partner rests on; its stamps tell at the commit whether it still stands.

    ``proved`` are the declarations with everything, by id, for a partner to whom their bundles go; empty for all others.
    """

    client: ClientKeys
    link: Link
    declarations: DeclarationFile
    origins: frozenset[str]
    proved: Mapping[str, StoredDeclaration] = field(default_factory=dict, repr=False)


def case_of(tx: Transaction, partner: Partner, client: ClientKeys, link: Link, origins: frozenset[str]) -> Case:
    """Load what is on file of this client with this partner."""
    file = tx.declarations.file(client, partner.id)
    proved = proofs(tx, partner, (one.id for one in file.verified if one.complete_at is not None and one.wholly_revoked_at is None))
    return Case(client, link, file, origins, proved)
