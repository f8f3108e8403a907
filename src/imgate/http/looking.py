"""Which routes of both doors are left out of the access log, and why; every other one is in it (see ``exchange.looking``)."""

from collections.abc import Mapping

_CHANGES = "it changes something, and the change is on the audit log with who made it"
_HANDS_OUT = "a hand-out is on the audit log and among the disclosures, and the partner asks for it every few seconds"
_BLIND = "up to the answer nothing is read that depends on a person"

# By method and the route's template.
UNLOGGED: Mapping[tuple[str, str], str] = {
    ("POST", "/v1/declarations"): _CHANGES,
    ("POST", "/v1/declarations/{id}/signatures"): _CHANGES,
    ("POST", "/v1/declarations/{id}/evidence/{evidence}/check"): "the check is on the audit log with who asked for it",
    ("POST", "/v1/declarations/{id}/renewal"): _CHANGES,
    ("POST", "/v1/declarations/{id}/revocation"): _CHANGES,
    ("POST", "/v1/declarations/{id}/pause"): _CHANGES,
    ("POST", "/v1/declarations/{id}/resume"): _CHANGES,
    ("PUT", "/v1/clients/{client}/links/{partner}"): _CHANGES,
    ("DELETE", "/v1/clients/{client}/links/{partner}"): _CHANGES,
    ("POST", "/v1/exchanges"): _CHANGES,
    ("POST", "/v1/exchanges/{id}/retry"): _CHANGES,
    ("POST", "/v1/updates"): "what it sends is on the audit log; where there is nothing to send it puts the look on record itself",
    ("POST", "/v1/inbox/{id}/ack"): _CHANGES,
    ("POST", "/v1/revocations/{id}/answer"): _CHANGES,
    ("POST", "/v1/partners/{partner}/messages"): _BLIND,
    ("POST", "/v1/partners/{partner}/callback"): _BLIND,
    ("GET", "/v1/partners/{partner}/outbox"): _HANDS_OUT,
    ("POST", "/v1/partners/{partner}/outbox/{id}/ack"): _CHANGES,
    ("POST", "/v1/partners/{partner}/outbox/{id}/reject"): _CHANGES,
    ("POST", "/v1/partners/{partner}/outbox/{id}/end-of-use"): _CHANGES,
    ("GET", "/v1/audit/checkpoint"): "it shows the length of the audit log and a hash, and nothing of anybody",
    ("POST", "/pages/office/retention/sweep"): "nobody looks: it takes away what has run out, and that is on the audit log",
    # A right code with a wrong second factor must take as long as a code that is nobody's.
    ("POST", "/pages/client"): "who opened a client's page is on the audit log, and a failed try must not be told by the clock",
}
