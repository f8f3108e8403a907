"""Writes ``docs/reference/configuration.md`` from the settings' types; a test compares the two."""

import types
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from imgate.settings.eid import EidSettings
from imgate.settings.model import Settings
from imgate.settings.partner import PartnerSettings

_HEAD = """# Configuration

*Written by `python -m imgate.settings.reference` from the types in `src/imgate/settings/`; a test compares the two.*

The configuration is `imgate.toml` beside the process, or the file that `IMGATE_CONFIG` names; `imgate init` writes a commented
one, and `imgate check` tells every problem with its line.

- Every value can come by the environment, which wins over the file: `[database] url` is `IMGATE_DATABASE__URL`, a list is JSON
  (`IMGATE_GATEWAY__UNITS=["a", "b"]`). In a partner's id `_` stands for `-`:
  `IMGATE_PARTNERS__JOBCENTER_REMS_MURR__TRANSPORT__SECRET`.
- Relative paths are relative to the file, also where the environment sets them. In `transport` and `settings` these are the
  entries that end in `file`, `folder`, `path` or `mapping`.
- Secrets come by the environment, or stand in a file that `secret_file` names; in this file they are refused.
- An unknown key is an error.
"""

_TRANSPORTS = """
## Transports

`transport = { kind = "…", … }` selects the way to a partner; the further entries belong to the kind.

**`mailbox`** (no entries): the partner fetches its messages (`GET /v1/partners/{partner}/outbox`) and acknowledges them.

**`push`**: each message is posted to one address, signed as Standard Webhooks has it.

- `url`: https, except to loopback. No redirect is followed and no proxy used.
- `secret_file`, or the secret by the environment: `whsec_…`; several secrets, one a line, all sign, so that one can be changed.
- `ca_file` (may be left out): the only authorities to trust.
- `timeout` (may be left out): in seconds, 10 unless said, at most 30.
- `encrypt_to` (may be left out): either `{ jwks_url = "https://…" }`, the key set that the partner publishes, asked for again after ten
  minutes, or `{ key_file = "…" }`, one that it handed over. Each message is encrypted to the first key in it that fits (JWE, ECDH-ES and
  A256GCM); without such a key nothing leaves.

**`folder`**: each message becomes one file, named by its id, complete or not there at all. Nothing is overwritten.

- `folder`: where the files go. It must exist.
- `acknowledgement_folder` (may be left out): where the partner's `.ack` and `.reject` files are looked for, `folder` unless said.

**`gateway`**: each message is handed to another office's imgate, as that office's partner would.

- `url`: the other gateway's address, https except to loopback. No redirect is followed and no proxy used.
- `partner`: the id under which that gateway has us in its configuration.
- `client_id`, and `secret_file` or the secret by the environment: what `imgate access add --role partner` printed there.
- `ca_file`, `timeout` (may be left out): as for `push`.

**`fit-connect`**: each message is submitted to one destination over FIT-Connect (Submission API v2), encrypted to its key; sending only.
Tested against a stand-in; it has met no real service.

- `submission_url`, `token_url`: https, except to loopback. No redirect is followed and no proxy used.
- `client_id`: as whom the token is fetched.
- `secret_file`, or the secret by the environment: the client's.
- `destination`: the destination's id, a UUID.
- `service`: the service (Leistung) that the destination offers, `urn:de:fim:leika:leistung:…`.
- `service_name` (may be left out): its name, `service` unless said.
- `schema_uri` (may be left out): the schema of the data, in place of the one that the destination names.
- `issuer` (may be left out): what the service writes as `iss` into its events, `submission_url` unless said.
- `callback_secret_file` (may be left out), or the secret by the environment: what calls to `/v1/partners/{partner}/callback` are
  signed with; several, one a line, so that one can be changed. Without it no call counts.
- `ca_file`, `timeout` (may be left out): as for `push`.

**`xta`**: messages go to and come from one partner over an XTA 2 server (web service 2.1.1), which can read them.
Tested against a stand-in; it has met no real server.

- `management_url`, `send_url`, `msgbox_url`: the ports of the server; https, except to loopback. No redirect is followed, no proxy used.
- `certificate_file`, `key_file`: the TLS client certificate by which the server knows us; for https required.
- `key_password_file` (may be left out), or the password by the environment.
- `sender`, `recipient`: our identifier and the partner's, `psw:01003110` for one.
- `identifier_type` (may be left out): of both, `xoev` unless said.
- `service`: the service that the partner offers, a URI.
- `business_scenario` (may be left out): in the metadata, `imgate` unless said.
- `message_type` (may be left out): a table with `code`, `list_uri`, `list_version` and `payload_schema`, as they stand in the metadata.
- `ca_file` (may be left out): as for `push`.
- `timeout` (may be left out): in seconds, 10 unless said, at most 20.
"""


def reference() -> str:
    """Give the page."""
    return _HEAD + "".join(_sections()) + _TRANSPORTS


def _sections() -> Iterator[str]:
    for name, field in Settings.model_fields.items():
        if name == "partners":
            yield _section("[partners.ID]", PartnerSettings)
        elif name == "eid":
            yield _section("[eid.ID]", EidSettings)
        elif (model := _table(field.annotation)) is not None:
            yield _section(f"[{name}]", model)
            for key, entry in model.model_fields.items():
                for inner in get_args(entry.annotation):
                    if (table := _model(inner)) is not None:
                        yield _section(f"[{name}.{key}.WORD]" if _is_mapping(entry.annotation) else f"[{name}.{key}]", table)


def _section(title: str, model: type[BaseModel]) -> str:
    rows = "".join(
        f"| `{key}` | {_kind(field.annotation)} | {_default(field)} | {field.description} |\n" for key, field in model.model_fields.items()
    )
    meaning = (model.__doc__ or "").splitlines()[0]
    return f"\n## `{title}`\n\n{meaning}\n\n| key | kind | default | meaning |\n|---|---|---|---|\n{rows}"


def _kind(annotation: Any) -> str:
    """Say what a value looks like, in TOML's words."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return _kind(next(part for part in arguments if part is not type(None)))
    if hasattr(annotation, "__metadata__"):
        return _kind(arguments[0])
    if origin is Literal:
        return " or ".join(f"`{word}`" for word in arguments)
    if origin is tuple:
        return "list of texts" if _model(arguments[0]) is None else "list of tables"
    if _is_mapping(annotation) or _model(annotation) is not None:
        return "table"
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return ", ".join(f"`{word.value}`" for word in annotation)
    return {str: "text", int: "number", bool: "`true` or `false`", Path: "path", SecretStr: "text"}[annotation]


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    match field.default:
        case None | () | {}:
            return "–"
        case SecretStr():
            return f"`{field.default.get_secret_value()}`"
        case BaseModel():
            return '`{ kind = "mailbox" }`' if "kind" in type(field.default).model_fields else "–"
        case bool():
            return f"`{str(field.default).lower()}`"
        case tuple(words):
            return ", ".join(f"`{word}`" for word in words)
        case value:
            return f"`{value}`"


def _is_mapping(annotation: Any) -> bool:
    return get_origin(annotation) in {dict, Mapping}


def _table(annotation: Any) -> type[BaseModel] | None:
    """Give the model of a section, which the file may have or leave out."""
    return next((model for part in (annotation, *get_args(annotation)) if (model := _model(part)) is not None), None)


def _model(annotation: Any) -> type[BaseModel] | None:
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


if __name__ == "__main__":
    import sys

    sys.stdout.write(reference())
