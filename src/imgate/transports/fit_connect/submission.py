"""One attempt at one message: announce, keep the ids, put, and never begin anew what may have been submitted.

The service takes ``PUT /v2/submissions/{id}`` of one submission once. So a message has one submission, whose ids are kept before
anything of the message leaves; a later attempt asks the event log how far it came and goes on with the same. Only one that the service
has certainly deleted before it was submitted (it clears away what stays incomplete for a day) is followed by another. Where the log
tells nothing and the service takes nothing, the message stays ``state_unknown`` until somebody has looked.

Assumption: what a second PUT of a submission answers is not documented. Whatever it refuses is looked up in the event log first.
"""

import re
from enum import StrEnum
from typing import assert_never

import orjson

from imgate.plugin_api import NOTHING_SEEN, Delivered, NotDelivered, Outcome, Parcel, RefusedByPartner
from imgate.transports.fit_connect.answers import UNREADABLE, Answer, failure, mendable
from imgate.transports.fit_connect.contents import JSON as DATA_JSON
from imgate.transports.fit_connect.contents import contents_of
from imgate.transports.fit_connect.destination import Recipient, recipient
from imgate.transports.fit_connect.encryption import sealed
from imgate.transports.fit_connect.event_log import Event, EventLog, Happened, Submission
from imgate.transports.fit_connect.service import JOSE, JSON, SubmissionService
from imgate.transports.fit_connect.settings import Entries
from imgate.vocabulary.identifiers import UUID_PATTERN

_note = re.compile(rf"({UUID_PATTERN[1:-1]}) ({UUID_PATTERN[1:-1]})\Z").match


class Stage(StrEnum):
    """How far a submission came, by what verified in its event log."""

    OPEN = "open"
    SUBMITTED = "submitted"
    GONE = "gone"
    UNKNOWN = "unknown"


def submission_of(note: str | None) -> Submission | None:
    """Read what was kept; None where nothing was, or it is not ours."""
    match = _note(note or "")
    return None if match is None else Submission(match[1], match[2])


def stage_of(log: tuple[Happened, ...]) -> Stage:
    """Tell how far a submission came."""
    seen = {one.event for one in log}
    if seen & {Event.SUBMIT, Event.NOTIFY, Event.FORWARD, Event.ACCEPT, Event.REJECT}:
        return Stage.SUBMITTED
    if Event.DELETE in seen:
        return Stage.GONE
    return Stage.OPEN if Event.CREATE in seen else Stage.UNKNOWN


class Attempt:
    """Tries once to bring one message to the destination."""

    def __init__(self, service: SubmissionService, entries: Entries, parcel: Parcel) -> None:
        """Take the way and the message."""
        self._service = service
        self._entries = entries
        self._parcel = parcel
        self._contents = contents_of(parcel)
        self._left = False
        self._missing = False

    async def outcome(self) -> Outcome:
        """Go as far as it goes."""
        return self.told(await (self._begun() if self._parcel.note is None else self._resumed()))

    def told(self, outcome: Outcome) -> Outcome:
        """Say of an end without delivery whether anything had left by then, encrypted as it was: no later step undoes that."""
        if not isinstance(outcome, NotDelivered):
            return outcome
        code = "connection_broken" if self._left and outcome.code in NOTHING_SEEN else outcome.code
        return NotDelivered(code, outcome.retry_after, seen=self._left)

    async def _resumed(self) -> Outcome:
        submission = submission_of(self._parcel.note)
        if submission is None:
            return NotDelivered("note_unreadable")
        stage = await self._stage(submission)
        if stage is Stage.OPEN or stage is Stage.UNKNOWN:
            found = await recipient(self._service, self._entries)
            if not isinstance(found, Recipient):
                return found
            outcome = await self._put(submission, found)
            if not isinstance(outcome, RefusedByPartner):
                return outcome
            return await self._refused(submission, outcome)
        return await self._ended(stage)

    async def _refused(self, submission: Submission, refused: RefusedByPartner) -> Outcome:
        """Look why the service would not take it: that it has it already is no refusal."""
        stage = await self._stage(submission)
        if stage is Stage.OPEN:
            # Announced, certainly not submitted, and no longer there: cleared away without an event.
            return await self._begun() if self._missing else refused
        # A log that tells nothing proves neither that it was submitted nor that it was not.
        return NotDelivered("state_unknown") if stage is Stage.UNKNOWN else await self._ended(stage)

    async def _ended(self, stage: Stage | NotDelivered) -> Outcome:
        match stage:
            case Stage.SUBMITTED:
                return Delivered()
            case Stage.GONE:
                return await self._begun()
            case Stage.OPEN | Stage.UNKNOWN:
                return NotDelivered("state_unknown")
            case NotDelivered():
                return stage
            case _:
                assert_never(stage)

    async def _stage(self, submission: Submission) -> Stage | NotDelivered:
        log = await EventLog(self._service, self._entries).of(submission)
        return log if isinstance(log, NotDelivered) else stage_of(log)

    async def _begun(self) -> Outcome:
        found = await recipient(self._service, self._entries)
        if not isinstance(found, Recipient):
            return found
        if self._schema(found) is None:
            return NotDelivered("schema_missing")
        submission = await self._announced()
        if not isinstance(submission, Submission):
            return submission
        await self._parcel.keep(f"{submission.id} {submission.case}")
        return await self._put(submission, found)

    async def _announced(self) -> Submission | NotDelivered:
        service = {"identifier": self._entries.service, "name": self._entries.service_name or self._entries.service}
        body: dict[str, object] = {
            "destinationId": self._entries.destination,
            "announcedAttachments": self._contents.announced,
            "publicService": service,
        }
        answer = await self._service.post("/v2/submissions", body)
        if not isinstance(answer, Answer):
            return answer
        if not answer.is_success:
            return mendable(answer)
        ids = answer.members()
        return submission_of(f"{ids.get('submissionId')} {ids.get('caseId')}".lower()) or UNREADABLE

    async def _put(self, submission: Submission, to: Recipient) -> Outcome:
        """Put the attachments, then metadata and data, with which it is submitted."""
        schema_uri = self._schema(to)
        if schema_uri is None:
            return NotDelivered("schema_missing")
        path = f"/v2/submissions/{submission.id}"
        for attachment in self._contents.attachments:
            content = sealed(attachment.content, attachment.media_type, to).encode()
            outcome = await self._put_one(f"{path}/attachments/{attachment.id}", content, JOSE, tells=attachment.tells)
            if not isinstance(outcome, Delivered):
                return outcome
        encrypted = {
            "encryptedMetadata": sealed(self._contents.metadata(schema_uri), DATA_JSON, to),
            "encryptedData": sealed(self._contents.data, self._contents.media_type, to),
        }
        return await self._put_one(path, orjson.dumps(encrypted), JSON)

    async def _put_one(self, path: str, content: bytes, content_type: str, *, tells: bool = True) -> Outcome:
        left = self._left
        self._left = left or tells  # until the contrary is certain: the attempt may be ended while it waits for the answer
        answer = await self._service.put(path, content, content_type)
        if not isinstance(answer, Answer):
            self._left = left or (tells and answer.seen)
            return answer
        self._missing = answer.status == 404
        return Delivered() if answer.is_success else failure(answer)

    def _schema(self, to: Recipient) -> str | None:
        return self._entries.schema_uri or to.schemas.get(self._contents.media_type)
