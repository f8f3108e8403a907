"""The hidden key of a form, by which what is sent twice happens once; and how it is refused that the same key says something else."""

from imgate.exchange.refusals import Refused
from imgate.vocabulary.identifiers import is_uuid
from imgate.web.forms import Posted

SENT_BEFORE = "idempotency_key_reused"


def key_of(form: Posted) -> str:
    """Give the form's key. Raises Refused 400 where it is none of ours."""
    key = form.one("key")
    if not is_uuid(key):
        raise Refused(400, "form_unreadable")
    return key
