"""The gateway's side of the child process: one question, one file, one answer within a time. The child takes down nobody but itself."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from datetime import datetime
from importlib.util import find_spec
from typing import Any

from imgate.documents.signed_pdf.rules import SignatureRules

_SECONDS = 30.0
# A child may use a gibibyte: more of them at once wait.
_AT_ONCE = threading.BoundedSemaphore(2)
# What a Python needs to start. The rest of the gateway's environment holds secrets, and is nothing for who reads strangers' files.
_ENVIRONMENT = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TZ", "TMPDIR")

Problems = list[tuple[str, int, str]]


class SignatureFilesUnusable(Exception):
    """The operator must act: files that ``[signatures]`` names cannot be used."""

    def __init__(self, problems: Problems) -> None:
        """Name the settings, and the files without their folders."""
        super().__init__("; ".join(f"signatures.{setting}: file {place + 1} {sentence}" for setting, place, sentence in problems))


class NoAnswer(Exception):
    """The child did not answer: the file made it fail, or took more time or memory than there is. Says how, not why."""


def is_installed() -> bool:
    """Tell whether what the child needs is there: it comes with the extra ``forms``."""
    return find_spec("pyhanko") is not None and find_spec("pyhanko.sign") is not None


def examine_signature(content: bytes, digest: str, signer: str | None, rules: SignatureRules, at: datetime) -> Mapping[str, Any]:
    """Give ``refused``, ``qualified`` and ``report``. Raises NoAnswer, and SignatureFilesUnusable."""
    asked = {"question": "signature", "digest": digest, "signer": signer, "rules": rules.as_json(), "at": at.isoformat()}
    answered = ask(asked, content)
    if "problems" in answered:
        raise SignatureFilesUnusable(answered["problems"])
    return answered


def count_pages(content: bytes) -> int:
    """Count the pages of a PDF. Raises NoAnswer where they cannot be counted."""
    return int(ask({"question": "pages"}, content)["pages"])


def problems_of(rules: SignatureRules, at: datetime) -> Problems:
    """Tell what is wrong with the files of these rules at ``at``: setting, place in it, and a sentence. Raises NoAnswer."""
    answered = ask({"question": "material", "rules": rules.as_json(), "at": at.isoformat()}, b"")
    return [(setting, place, sentence) for setting, place, sentence in answered["problems"]]


def ask(question: Mapping[str, Any], content: bytes, seconds: float = _SECONDS) -> Mapping[str, Any]:
    """Ask a child of its own. Nothing personal is on its command line, and what it writes to stderr is dropped. Raises NoAnswer."""
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    with _AT_ONCE:
        theirs, ours = os.pipe()
        try:
            child = subprocess.Popen(
                [sys.executable, "-P", "-m", "imgate.documents.signed_pdf", str(theirs)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs,),
                env=environment,
            )
            written = _answer_of(child, json.dumps(question).encode() + b"\n" + content, seconds)
        finally:
            os.close(theirs)
            os.close(ours)
    try:
        answered: dict[str, Any] = json.loads(written)
    except ValueError as error:
        raise NoAnswer(f"the examination ended with {child.returncode}") from error
    if "fault" in answered:
        raise NoAnswer(f"the examination ended with {answered['fault']}")
    return answered


def _answer_of(child: subprocess.Popen[bytes], said: bytes, seconds: float) -> bytes:
    with child:
        try:
            written, _ = child.communicate(said, timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise NoAnswer("the examination took too long") from error
        finally:
            child.kill()
    return written
