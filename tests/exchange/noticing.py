"""Write the notices of the end of use that another gateway would send."""

from imgate.exchange.notice import Told, document
from imgate.vocabulary.identifiers import new_id
from tests.exchange.conftest import REFERENCE

# The id of the revocation at the other gateway.
RUN = "0198c0de-7a11-7000-8000-000000000001"


def notice(*scopes, reference=REFERENCE, message_id=None, reminder=0):
    """Write one about these scopes."""
    return document(
        Told(
            message_id=message_id or new_id(),
            created_at="2026-03-02T08:00:00Z",
            sender="Integrationsmanagement Altstadt",
            recipient="Integrationsmanagement Winnenden",
            partner="im-winnenden",
            reference=reference,
            revocation=RUN,
            reminder=reminder,
            ended_on="2026-03-01",
            scopes=scopes,
        )
    )
