"""A gateway's folder and database for the crash test, the campaign that is run on it, and what is left afterwards."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from imgate.bootstrap import open_gateway
from imgate.keys import make_keys
from imgate.settings import load_settings
from tests.acceptance.crash import asking
from tests.acceptance.crash.journal import Journal, read_journal
from tests.acceptance.crash.partner import PushedTo
from tests.acceptance.crash.points import Database
from tests.conftest import ROOT
from tests.exchange.conftest import CONFIG, World

# What the parent may take beyond the time it was given: its start, and the end of those who are left.
_BEYOND = 30.0


@dataclass(frozen=True, slots=True)
class Done:
    """How often a process died at each step; ``by_chance``: elsewhere. ``broken``: processes that ended by themselves."""

    kills: dict[str, int]
    by_chance: int
    broken: list[str]
    seconds: float

    @property
    def total(self) -> int:
        """Count all kills."""
        return sum(self.kills.values()) + self.by_chance


class Scene:
    """One folder, one database, one partner that is pushed to."""

    def __init__(self, folder: Path, database: Database, url: str, partner: PushedTo) -> None:
        self.folder, self.database, self.partner = folder, database, partner
        self.config = folder / "imgate.toml"
        self._settled = folder / "settled"
        (folder / "webhook.secret").write_text(partner.secret, encoding="utf-8")
        push = f'transport = {{ kind = "push", url = "{partner.url}", secret_file = "webhook.secret" }}'
        text = CONFIG.replace('adapter = "jobcenter"', f'adapter = "jobcenter"\n{push}').replace("sqlite:///imgate.db", url)
        if database is Database.POSTGRESQL:
            text = text.replace("[database]", 'url = "https://imgate.example"\n\n[database]')
            make_keys(folder / "imgate.keys", date(2026, 1, 1))
        self.config.write_text(text, encoding="utf-8")
        with self.opened() as world:
            for client in asking.CLIENTS:
                for each in asking.PARTNERS:
                    world.link(asking.reference(client), client=client, partner=each)
                    scopes = asking.content(client, each)["scopes"]
                    world.declare(*scopes, client=client, partner=each, valid_until="2028-12-31")

    @contextmanager
    def opened(self) -> Iterator[World]:
        """Open the gateway in this process."""
        with open_gateway(load_settings(self.config), make_keys=True) as gateway:
            world = World(gateway)
            world.corridor = gateway.corridor
            yield world

    def kill_all_over(self, *, seed: int, kills: int, seconds: float) -> Done:
        """Run the campaign in a process of its own; every process of it is gone when this returns."""
        gateways, workers = (2, 1) if self.database is Database.SQLITE else (3, 3)
        specification = self.folder / "campaign.json"
        asked = {"config": str(self.config), "database": self.database.value, "seed": seed, "kills": kills, "seconds": seconds}
        specification.write_text(json.dumps(asked | {"gateways": gateways, "workers": workers}))
        command = [sys.executable, "-m", "tests.acceptance.crash.parent", str(specification)]
        with (self.folder / "stderr").open("ab") as log:
            parent = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
        try:
            ended = parent.wait(seconds + _BEYOND)
        finally:
            kill_group(parent)
        assert ended == 0, self.stderr
        return Done(**json.loads(specification.with_suffix(".done").read_text()))

    @property
    def stderr(self) -> str:
        """Give the end of what the processes have said."""
        return (self.folder / "stderr").read_text(errors="replace")[-6000:]

    @property
    def journals(self) -> list[list[dict[str, Any]]]:
        """Give what each process has written down, the earlier process first, and in the end what was settled afterwards."""
        files = sorted((self.folder / "journals").iterdir(), key=lambda file: int(file.name))
        return [*(read_journal(file) for file in files), read_journal(self._settled)]

    def settling(self) -> Journal:
        """Open the journal of what is asked once everything is over."""
        return Journal(self._settled)


def kill_group(parent: subprocess.Popen[bytes]) -> None:
    """End the parent, if it still runs, and everybody it has forked."""
    with suppress(ProcessLookupError):
        os.killpg(parent.pid, signal.SIGKILL)
    parent.wait()


def now() -> datetime:
    """Give the time."""
    return datetime.now(UTC)
