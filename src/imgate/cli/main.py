"""Where the command `imgate` begins.

`imgate --version` is asked by scripts and health checks, so it is answered before anything is imported that costs more than Python itself.
"""

import sys


def main() -> None:
    """Run one command and end the process with its exit status."""
    if sys.argv[1:] == ["--version"]:
        from imgate import __version__

        sys.stdout.write(f"imgate {__version__}\n")
        return
    from imgate.cli.app import run

    sys.exit(run(sys.argv[1:]))
