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
    import gc

    from imgate.cli.app import run

    # What a start makes is used until the end, and requests that wait for one commit keep their objects alive together: a collection
    # finds little to collect in either, and a sixth of a start went into it.
    gc.set_threshold(50_000, 20, 100)
    sys.exit(run(sys.argv[1:]))
