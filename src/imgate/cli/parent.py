"""A child process that ends with its parent, also when the parent is killed and can tell nobody.

The parent holds the other end of the child's standard input. The system closes it with the parent, whatever ended it.
"""

import os
import signal
import threading
import time

# Hidden: only our own processes start others with it.
WITH_PARENT = "--with-parent"
_GRACE_SECONDS = 10


def end_with_parent() -> None:
    """From now on, end when standard input ends: as if told to, and after ten seconds anyway."""
    threading.Thread(target=_watch, name="imgate-parent", daemon=True).start()


def _watch() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE_SECONDS)
    os._exit(1)
