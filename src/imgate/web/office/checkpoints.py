"""Checkpoints of the log: which there are and who signed them, to be taken away and kept elsewhere; and the log itself, as a file."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from tempfile import TemporaryFile
from typing import BinaryIO
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool

from imgate.audit.verify import Note, NotProven, VerifierKey
from imgate.bootstrap.checkpoints import sign_now, signer_of, stamp
from imgate.bootstrap.gateway import Gateway
from imgate.exchange.refusals import not_found
from imgate.storage.checkpoints import SqlCheckpoints, StoredCheckpoint
from imgate.storage.log_export import export_log
from imgate.storage.log_signing import NotSigned
from imgate.storage.proof import place_entries
from imgate.transports.time_stamps import NoTimeStamp
from imgate.web.file_answers import file_to_keep
from imgate.web.house import corridor_of, house_of, today
from imgate.web.office.whole_log import whole_log
from imgate.web.rendering import page
from imgate.web.visitors import Office

router = APIRouter()

_PAGE = "/pages/office/log/checkpoints"
_SHOWN = 50
_CHUNK = 1 << 16
_is_size = re.compile(r"0|[1-9][0-9]{0,17}").fullmatch


@dataclass(frozen=True, slots=True)
class CheckpointShown:
    """One checkpoint as it is listed: ``sound`` where the log's signature is right, ``witnesses`` each with whether theirs is.

    Of a witness that is no longer configured nobody knows here (None).
    """

    size: int
    at: datetime
    sound: bool
    witnesses: tuple[tuple[str, bool | None], ...]
    stamped: bool


@dataclass(frozen=True, slots=True)
class _Hindered:
    """Why something did not come about: the log was not signed, or got no time-stamp. ``why`` is for whoever runs the gateway."""

    signed: bool
    why: str


@router.get(_PAGE)
def list_checkpoints(request: Request, visitor: Office) -> Response:
    """List them, the newest first."""
    before = request.query_params.get("before", "")
    if before and _is_size(before) is None:
        raise not_found()
    return _listed(request, int(before) if before else None, None)


@router.post(_PAGE)
async def set_checkpoint(request: Request, visitor: Office) -> Response:
    """Sign the log now, as a worker does each hour, and have it time-stamped where an authority is configured."""
    gateway = house_of(request).gateway
    try:
        signed = await run_in_threadpool(sign_now, gateway)
    except NotSigned as changed:
        return await run_in_threadpool(_listed, request, None, _Hindered(signed=False, why=str(changed)))
    if signed is not None and gateway.settings.audit.time_stamp_url is not None:
        try:
            await stamp(gateway, signed.checkpoint)
        except NoTimeStamp as none:
            return await run_in_threadpool(_listed, request, None, _Hindered(signed=True, why=str(none)))
    done = "checkpoint_set" if signed is not None and signed.new else "checkpoint_stands"
    return RedirectResponse(f"{_PAGE}?done={done}", 303)


@router.get(_PAGE + "/{size}")
def give_checkpoint(request: Request, visitor: Office, size: str) -> Response:
    """Give the signed note, byte for byte."""
    return file_to_keep(_kept(request, size).note.encode(), "text/plain; charset=utf-8", f"checkpoint-{size}.txt")


@router.get(_PAGE + "/{size}/time-stamp")
def give_time_stamp(request: Request, visitor: Office, size: str) -> Response:
    """Give the authority's answer, as `openssl ts -verify` reads it."""
    answer = _kept(request, size).time_stamp
    if answer is None:
        raise not_found()
    return file_to_keep(answer, "application/timestamp-reply", f"checkpoint-{size}.tsr")


@router.post("/pages/office/log/export")
def give_export(request: Request, visitor: Office) -> Response:
    """Give the whole log as a file that `imgate audit verify --export` verifies. Raises Refused 503 while somebody else reads it all."""
    gateway = house_of(request).gateway
    # Written out first: who fetches slowly must not keep a transaction open.
    out: BinaryIO = TemporaryFile()  # noqa: SIM115  # closed when it was sent
    try:
        with whole_log(request):
            place_entries(gateway.store)
            export_log(gateway.store, signer_of(gateway).public, out)
        length = out.tell()
    except BaseException:
        out.close()
        raise
    headers = {"Content-Disposition": f'attachment; filename="log-{today(corridor_of(request))}.jsonl"', "Content-Length": str(length)}
    return StreamingResponse(_chunks(out), media_type="application/jsonl", headers=headers, background=BackgroundTask(out.close))


def _listed(request: Request, before: int | None, hindered: _Hindered | None) -> Response:
    gateway = house_of(request).gateway
    with gateway.store.reading() as tx:
        found = SqlCheckpoints(tx.session).newest(before, _SHOWN + 1)
    shown = _shown(found[:_SHOWN], gateway)
    return page(
        request,
        "office/checkpoints.html",
        status=200 if hindered is None or hindered.signed else 409,
        checkpoints=shown,
        more=urlencode({"before": shown[-1].size}) if len(found) > _SHOWN else None,
        first=before is None,
        key=str(signer_of(gateway).public),
        stamping=gateway.settings.audit.time_stamp_url is not None,
        minutes=gateway.settings.audit.checkpoint_minutes,
        hindered=hindered,
    )


def _shown(checkpoints: Sequence[StoredCheckpoint], gateway: Gateway) -> Sequence[CheckpointShown]:
    log, witnesses = signer_of(gateway).public, gateway.settings.audit.witness_keys
    return [
        CheckpointShown(each.size, each.at, each.verified(log) is not None, _signed_by(each, log, witnesses), each.time_stamp is not None)
        for each in checkpoints
    ]


def _signed_by(stored: StoredCheckpoint, log: VerifierKey, witnesses: Sequence[VerifierKey]) -> tuple[tuple[str, bool | None], ...]:
    try:
        note = Note.parsed(stored.note.encode())
    except NotProven:
        return ()
    known = {(key.name, key.id): key for key in witnesses}
    said: dict[str, bool | None] = {}
    for signature in note.signatures:
        if (signature.name, signature.key_id) != (log.name, log.id):
            key = known.get((signature.name, signature.key_id))
            said[signature.name] = None if key is None else _has_signed(note, key)
    return tuple(said.items())


def _has_signed(note: Note, witness: VerifierKey) -> bool:
    try:
        note.verify(witness)
    except NotProven:
        return False
    return True


def _kept(request: Request, size: str) -> StoredCheckpoint:
    if _is_size(size) is None:
        raise not_found()
    with house_of(request).gateway.store.reading() as tx:
        found = SqlCheckpoints(tx.session).find(int(size))
    if found is None:
        raise not_found()
    return found


def _chunks(out: BinaryIO) -> Iterator[bytes]:
    out.seek(0)
    while chunk := out.read(_CHUNK):
        yield chunk
