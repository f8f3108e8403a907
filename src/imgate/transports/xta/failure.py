"""Why a call to the XTA server did not give what was asked for."""

from dataclasses import dataclass

# Error numbers of urn:de:xta:webservice:codeliste:fehlernummer that say more than the exception that carries them.
_BY_NUMBER = {"9023": "too_large", "9024": "message_id_taken", "9060": "virus"}
_BY_EXCEPTION = {
    "PermissionDeniedException": "permission_denied",
    "ParameterIsNotValidException": "parameter_invalid",
    "MessageSchemaViolationException": "schema_violation",
    "MessageVirusDetectionException": "virus",
    "SyncAsyncException": "only_synchronous",
    "InvalidMessageIDException": "message_id_unknown",
    "XTAWSTechnicalProblemException": "technical_problem",
}
_WORTH_ANOTHER = {"technical_problem", "message_id_taken"}
_STATUS_WORTH_ANOTHER = {408, 425, 429}


# Not frozen: contextlib writes the traceback into an exception that passes through it.
@dataclass(slots=True, eq=False)
class CallFailed(Exception):
    """One call failed. ``code`` is a short word of ours; nothing that the server wrote is kept.

    ``final`` tells that asking again is of no use, ``unconnected`` that the server certainly saw nothing of this call.
    """

    code: str
    final: bool = False
    unconnected: bool = False
    retry_after: float | None = None

    def __str__(self) -> str:
        """Give the code."""
        return self.code


def unusable() -> CallFailed:
    """Make the failure for an answer that is not what the schema says."""
    return CallFailed("answer_unusable")


def by_fault(exception: str | None, number: str | None) -> CallFailed:
    """Make the failure for a SOAP fault: the local name of its XTA exception, and its error number."""
    code = _BY_EXCEPTION.get(exception or "")
    if code is None:
        return CallFailed("soap_fault")
    if exception == "ParameterIsNotValidException":
        code = _BY_NUMBER.get(number or "", code)
    return CallFailed(code, final=code not in _WORTH_ANOTHER)


def by_status(status: int, retry_after: float | None) -> CallFailed:
    """Make the failure for an HTTP status that brought no SOAP fault."""
    final = 400 <= status < 500 and status not in _STATUS_WORTH_ANOTHER
    return CallFailed(f"http_{status}", final=final, retry_after=None if final else retry_after)


def refusal_word(numbers: frozenset[str]) -> str:
    """Say in one word why a message was not delivered, by the codes in the error list of its transport report."""
    if "9060" in numbers:
        return "virus"
    if "9023" in numbers:
        return "too_large"
    return "schema_violation" if numbers & {"9050", "9051", "9052"} else "rejected"
