"""The child process: looks into one file under limits, so that a hostile PDF harms nobody but itself.

Reads a line of JSON and then the file from standard input, writes JSON to standard output, and nothing anywhere else: of what fails it
tells the kind and never the text, because a parser's messages quote what it read.
"""

import json
import logging
import os
import resource
import sys
import threading

# Address space is more than memory in use: the libraries alone map a third of this.
MEMORY_MAX = 1024 * 1024 * 1024
CPU_SECONDS = 20


def main() -> None:
    """Answer one question and end."""
    _limit()
    threading.Thread(target=_end_with_parent, args=(int(sys.argv[1]),), daemon=True).start()
    logging.disable(logging.CRITICAL)
    asked, content = json.loads(sys.stdin.buffer.readline()), sys.stdin.buffer.read()
    try:
        # Only here, under the limits: what is imported is slow, and an extra that may be missing.
        from imgate.documents.signed_pdf.answers import answer

        answered = answer(asked, content)
    except Exception as error:  # noqa: BLE001  # whatever a hostile file leads to
        answered = {"fault": type(error).__name__}
    sys.stdout.write(json.dumps(answered))
    sys.stdout.flush()


def _limit() -> None:
    """Give up memory, time and files before anything is read. A limit that this system does not know is left to the parent's clock."""
    limits = {
        resource.RLIMIT_AS: MEMORY_MAX,
        resource.RLIMIT_CPU: CPU_SECONDS,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,  # a dump would hold personal data
    }
    for limit, most in limits.items():
        try:
            resource.setrlimit(limit, (most, most))
        except (ValueError, OSError):  # macOS has no limit of address space
            continue


def _end_with_parent(lifeline: int) -> None:
    """Wait for a pipe that the parent holds open: the system closes it with the parent, whatever ended it."""
    os.read(lifeline, 1)
    os._exit(1)


if __name__ == "__main__":
    main()
