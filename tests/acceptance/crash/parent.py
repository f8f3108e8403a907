"""The warmed parent: everything is imported, nothing is opened. It forks gateways and workers, each with a step at which it dies.

Run as a process of its own (``python -m tests.acceptance.crash.parent SPECIFICATION``), because a process that forks has no threads.
"""

import gc
import json
import os
import random
import signal
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from imgate.bootstrap.logs import configure_logs
from imgate.settings import load_settings
from tests.acceptance.crash import hooks
from tests.acceptance.crash.children import Life, Warm, live
from tests.acceptance.crash.journal import read_journal, unanswered
from tests.acceptance.crash.points import Database, Point, Task, kills_wanted, points_on

# Whoever has not come to its step by then is killed where it is, and another one tries.
_PATIENCE = 3.0


@dataclass(slots=True)
class _Place:
    """Room for one process, which is filled again and again."""

    works: bool
    pid: int = 0
    life: Life | None = None
    since: float = 0.0


class Campaign:
    """Kills at every step, as often as is asked for."""

    def __init__(self, config: Path, *, database: Database, seed: int, kills: int, gateways: int, workers: int, seconds: float) -> None:
        self._warm = Warm.made(load_settings(config))
        self._folder = config.parent / "journals"
        self._folder.mkdir()
        self._rng = random.Random(seed)  # noqa: S311  # chooses where to kill
        self._points = points_on(database)
        self._wanted = Counter(kills_wanted(database, kills))
        self._places = [_Place(works=False) for _ in range(gateways)] + [_Place(works=True) for _ in range(workers)]
        self._seconds = seconds
        self._open: list[dict[str, Any]] = []
        self._lives = 0
        self.kills: Counter[str] = Counter()
        self.by_chance = 0
        self.broken: list[str] = []

    def run(self) -> None:
        """Go on until every step has had its kills, or the time is over; in the end everybody is killed."""
        for point in self._points:
            hooks.find(point.place)
        until = time.monotonic() + self._seconds
        while any(self._wanted.values()) and time.monotonic() < until and not self.broken:
            for place in self._places:
                if place.pid == 0:
                    self._fill(place)
                elif time.monotonic() - place.since > _PATIENCE and self._is_waited_for(place):
                    os.kill(place.pid, signal.SIGKILL)
            if not self._reap():
                time.sleep(0.004)
        for place in self._places:
            if place.pid:
                os.kill(place.pid, signal.SIGKILL)
        while any(place.pid for place in self._places):
            self._reap()
            time.sleep(0.004)

    def _is_waited_for(self, place: _Place) -> bool:
        """Tell whether this process should have died: those without a step live on."""
        return place.life is not None and (place.life.point is not None or self._next(works=place.works) is not None)

    def _fill(self, place: _Place) -> None:
        point = self._next(works=place.works)
        task = Task.WORK if place.works else (point.task if point else Task.SEND)
        passing = 1 if point is None else self._rng.randrange(point.most) + 1
        resumed = [] if place.works else self._open
        self._lives += 1
        life = Life(task, point, passing, self._rng.getrandbits(32), self._folder / f"{self._lives}", resumed)
        if not place.works:
            self._open = []
        pid = os.fork()
        if pid == 0:
            self._be(life)
        place.pid, place.life, place.since = pid, life, time.monotonic()

    def _be(self, life: Life) -> NoReturn:
        try:
            live(self._warm, life)
        except BaseException:  # noqa: BLE001  # whatever it was: the parent reports it
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(1)

    def _next(self, *, works: bool) -> Point | None:
        """Choose a step that still lacks kills, and rather one that nobody is on its way to."""
        on_the_way = Counter(place.life.point.name for place in self._places if place.pid and place.life and place.life.point)
        lacking = [point for point in self._points if (point.task is Task.WORK) == works and self._wanted[point.name] > 0]
        free = [point for point in lacking if self._wanted[point.name] > on_the_way[point.name]]
        return self._rng.choice(free or lacking) if lacking else None

    def _reap(self) -> bool:
        pid, status = os.waitpid(-1, os.WNOHANG)
        place = next((place for place in self._places if pid and place.pid == pid), None)
        if place is None or place.life is None:
            return False
        lines = read_journal(place.life.journal)
        self._open += unanswered(lines)
        if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
            self.broken.append(f"{place.life.task} ended by itself, status {status}")
        elif lines and "dies" in lines[-1]:
            name = lines[-1]["dies"]
            self.kills[name] += 1
            self._wanted[name] = max(self._wanted[name] - 1, 0)
        else:
            self.by_chance += 1
        place.pid, place.life = 0, None
        return True


def main(specification: Path) -> None:
    """Run what the file asks for, and write down what was done beside it."""
    asked = json.loads(specification.read_text())
    configure_logs("error")
    asked["config"], asked["database"] = Path(asked["config"]), Database(asked["database"])
    campaign = Campaign(**asked)
    gc.freeze()
    begun = time.monotonic()
    campaign.run()
    done = {"kills": campaign.kills, "by_chance": campaign.by_chance, "broken": campaign.broken, "seconds": time.monotonic() - begun}
    specification.with_suffix(".done").write_text(json.dumps(done))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
