"""JSON that no adapter may choke on, named after the attack."""

from imgate.conformance.hostile import CANARY
from imgate.plugin_api.json_read import MAX_BYTES

_HEADER = (
    '{"header":{"messageId":"6f1f2cbe-3c9e-4f8c-9a53-2b1f0d6f0a11","createdAt":"2026-02-02T08:00:00Z","reference":"R-1"%s},"content":{%s}}'
)


def _nested(levels: int) -> bytes:
    return b'{"header":' * levels + f'"{CANARY}"'.encode() + b"}" * levels


HOSTILE_JSON: dict[str, bytes] = {
    "JSON: a text": f'"{CANARY}"'.encode(),
    "JSON: a list": f'["{CANARY}"]'.encode(),
    "JSON: null": b"null",
    "JSON: an empty object": b"{}",
    "JSON: an unknown member": f'{{"{CANARY}":1}}'.encode(),
    "JSON: an unknown member of the content": (_HEADER % ("", f'"{CANARY}":1')).encode(),
    "JSON: an unknown member of the header": (_HEADER % (f',"{CANARY}":1', "")).encode(),
    "JSON: the reference twice": (_HEADER % (f',"reference":"{CANARY}"', "")).encode(),
    "JSON: the content twice": (_HEADER % ("", "")).replace('"content":{}', f'"content":{{}},"content":{{"a":"{CANARY}"}}').encode(),
    "JSON: the same key, once escaped": (_HEADER % (f',"\\u0072eference":"{CANARY}"', "")).encode(),
    "JSON: an unknown purpose": (_HEADER % (f',"purpose":"{CANARY}"', "")).encode(),
    "JSON: not a number": f'{{"a":NaN,"b":"{CANARY}"}}'.encode(),
    "JSON: infinity": f'{{"a":-Infinity,"b":"{CANARY}"}}'.encode(),
    "JSON: a number beyond every double": f'{{"a":1e999,"b":"{CANARY}"}}'.encode(),
    "JSON: an integer of 5,000 digits": b'{"a":' + b"9" * 5_000 + b"}",
    "JSON: half a surrogate pair": f'{{"a":"\\ud800","b":"{CANARY}"}}'.encode(),
    "JSON: a byte order mark": b"\xef\xbb\xbf" + (_HEADER % ("", "")).encode(),
    "JSON: in UTF-16": (_HEADER % ("", CANARY)).encode("utf-16"),
    "JSON: in UTF-32 without a mark": (_HEADER % ("", "")).encode("utf-32-le"),
    "JSON: in Latin-1": (_HEADER % ("", f'"ü":"{CANARY}"')).encode("latin-1"),
    "JSON: overlong UTF-8": b'{"header":{"reference":"\xc0\xaf"},"content":{}}',
    "JSON: a comment": f"/* {CANARY} */ {_HEADER % ('', '')}".encode(),
    "JSON: a comma too many": (_HEADER % ("", "")).replace("}}", "},}").encode(),
    "JSON: two documents": (_HEADER % ("", "")).encode() * 2,
    "JSON: a control character in a text": f'{{"a":"{CANARY}\n"}}'.encode(),
    "JSON: 65 levels deep": _nested(65),
    "JSON: 100,000 levels deep": _nested(100_000),
    "JSON: 100,000 open lists": b"[" * 100_000,
    "JSON: half a million empty lists": b'{"a":[' + b"[]," * 500_000 + b"[]]}",
    "JSON: never closed": f'{{"header":{{"reference":"{CANARY}'.encode(),
    "JSON: attachments that are no list": (_HEADER % (f',"attachments":"{CANARY}"', "")).encode(),
    "JSON: an attachment that is not base64": (
        _HEADER
        % (
            f',"attachments":[{{"kind":"declaration_bundle","name":"a.json","mediaType":"application/json","content":"{CANARY}"}}]',
            "",
        )
    ).encode(),
}


def too_large_json() -> bytes:
    """Make JSON that is just over the largest message; not kept, because of its size."""
    return b'{"header":{},"content":{"a":"' + b"x" * MAX_BYTES + b'"}}'
