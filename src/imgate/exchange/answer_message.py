"""The message in which a partner's people answer from the pages: a form of the core's own, because a person with a browser writes no XML.

It is written here and read here, and goes the way of every inbound message in between. A partner's machine cannot hand it in.
"""

from collections.abc import Mapping
from typing import Annotated, Any, cast

import orjson
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from imgate.plugin_api import Incoming, MessageUnreadable, Reading
from imgate.record import JsonRefused, RecordInvalid, parse_json, validate_record
from imgate.vocabulary.identifiers import UUID_PATTERN, is_reference
from imgate.vocabulary.words import PURPOSES

ANSWER_TYPE = "application/vnd.imgate.answer+json"


class _AnswerMessage(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)
    message_id: Annotated[str, StringConstraints(pattern=UUID_PATTERN)]
    reference: str
    purpose: str
    record: dict[str, Any]


def claims_to_be_answer(media_type: str | None) -> bool:
    """Tell whether a sender says that this is such a message."""
    return media_type is not None and media_type.partition(";")[0].strip().lower() == ANSWER_TYPE


def write_answer(message_id: str, reference: str, purpose: str, record: Mapping[str, Mapping[str, object]]) -> bytes:
    """Write one answer about one person."""
    return orjson.dumps({"message_id": message_id, "reference": reference, "purpose": purpose, "record": record})


def read_answer(body: bytes) -> Reading:
    """Read one answer. What this partner may say at all is not looked at: the judge does. Raises MessageUnreadable."""
    try:
        said = _AnswerMessage.model_validate(parse_json(body))
        record = cast("Mapping[str, Mapping[str, object]]", validate_record(said.record))
    except JsonRefused as refused:
        code = refused.code.value
    except ValidationError:
        code = "answer_invalid"
    except RecordInvalid as invalid:
        code = str(invalid.problems[0].code)
    else:
        if not is_reference(said.reference):
            raise MessageUnreadable("reference_invalid")
        if said.purpose not in PURPOSES:
            raise MessageUnreadable("purpose_unknown")
        return Reading((Incoming(said.reference, record),), message_id=said.message_id, purpose=said.purpose)
    raise MessageUnreadable(code)  # outside of `except`, because pydantic's error carries the values
