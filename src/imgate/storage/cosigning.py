"""Takes what witnesses have signed below a checkpoint of ours. What they sign and how is ``audit.witness`` and ``audit.signing``."""

from collections.abc import Sequence

from imgate.audit.verify import Note, NotProven, VerifierKey, verified_checkpoint
from imgate.storage.checkpoints import SqlCheckpoints
from imgate.storage.store import SqlStore


class NotTaken(Exception):
    """Whoever sent it must act: a note whose cosignatures cannot be added to a checkpoint of ours. Its text says why."""


def add_cosignatures(store: SqlStore, note: Note, log: VerifierKey, witnesses: Sequence[VerifierKey]) -> tuple[str, ...]:
    """Add what these witnesses signed to the checkpoint that it is about; give their names. Raises NotTaken.

    A witness's later signature takes the place of its earlier one. What others signed is left out.
    """
    try:
        checkpoint = verified_checkpoint(str(note).encode(), log)
        signed = {(key.name, key.id): key for key in witnesses}
        brought = [each for each in note.signatures if (each.name, each.key_id) in signed]
        for each in brought:
            note.verify(signed[each.name, each.key_id])
    except NotProven as error:
        raise NotTaken(f"it does not verify: {error}") from None
    if not brought:
        raise NotTaken("no witness of [audit] witnesses has signed it")
    with store.transaction() as tx:
        kept = SqlCheckpoints(tx.session)
        kept.hold()
        ours = kept.find(checkpoint.size)
        if ours is None:
            raise NotTaken(f"no checkpoint about {checkpoint.size} entries is kept here")
        try:
            mine = Note.parsed(ours.note.encode())
        except NotProven:
            raise NotTaken(
                f"the checkpoint about {checkpoint.size} entries that is kept here was changed: see `imgate audit verify`"
            ) from None
        if mine.text != note.text:
            raise NotTaken(
                f"the checkpoint about {checkpoint.size} entries is another one here, and this log's key signed both: the log was forked, "
                "or put back from a backup. Keep the file"
            )
        stay = [each for each in mine.signatures if (each.name, each.key_id) not in {(one.name, one.key_id) for one in brought}]
        kept.set_note(checkpoint.size, str(Note(mine.text, (*stay, *brought))))
    return tuple(dict.fromkeys(each.name for each in brought))
