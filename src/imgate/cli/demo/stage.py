"""What the demo plays on: a folder that goes away, partners and stand-ins as real servers, and two gateways as real `imgate serve`."""

import contextlib
import io
import os
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from imgate.cli.demo import configuration
from imgate.cli.demo.configuration import ABH, HEALTH, JOBCENTER, JOBKRAFTWERK, NAMES, NEXT_ABH, NEXT_IM, NEXT_JOBCENTER
from imgate.cli.demo.neighbour import Neighbour
from imgate.cli.demo.people import Person, let_in
from imgate.cli.demo.running import CONFIG, running, without_environment
from imgate.conformance.api_client import ApiClient
from imgate.conformance.simulated import Holder, Received, SimulatedPartner
from imgate.conformance.xta import Held, Misbehaviour, XtaStandIn
from imgate.vocabulary.words import Role

if TYPE_CHECKING:
    from imgate.conformance.fit_connect import FitConnectStandIn

# A worker looks into a message box when it starts, and then every ten to twenty seconds. So that nobody waits for the second look, the
# first is answered late, when a letter has been laid there.
_FIRST_LOOK_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What has arrived at a stand-in, for the page that shows it."""

    name: str
    received: Callable[[], Sequence[Received]]

    @property
    def held(self) -> Sequence[Received]:
        """What is there now."""
        return self.received()


class Stage:
    """Everything that runs during the demo, and where it is. A context manager; leaves nothing behind."""

    def __init__(self, people: tuple[Person, ...] = ()) -> None:
        """Start nothing yet. ``people`` are let onto the gateway's pages."""
        self._open = contextlib.ExitStack()
        self.people = people
        self.credentials: dict[str, tuple[str, str]] = {}

    def __enter__(self) -> Self:
        """Start the partners and the gateway. Raises Failed with a sentence where something does not start."""
        try:
            self._start()
        except BaseException:
            self._open.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop everything and delete the folder."""
        self._open.close()

    def _start(self) -> None:
        self.folder = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="imgate-demo-")))
        # Its keys take a second or more to make; the rest of the set-up goes on meanwhile.
        in_background = self._open.enter_context(ThreadPoolExecutor(1)).submit(_fit_connect)
        self.jobcenter = self._open.enter_context(SimulatedPartner(JOBCENTER, NAMES[JOBCENTER]))
        self.abh = self._open.enter_context(SimulatedPartner(ABH, NAMES[ABH], encrypted=True))
        self.jobkraftwerk = self._open.enter_context(SimulatedPartner(JOBKRAFTWERK, NAMES[JOBKRAFTWERK]))
        self.xta = self._open.enter_context(XtaStandIn())
        self.xta.script["getStatusList"] = Misbehaviour(delay=_FIRST_LOOK_SECONDS, times=1)
        self._configure()
        self.neighbour = Neighbour(self.folder / "musterstadt", self._add_accesses())
        self._open.callback(self.neighbour.close)
        starting = self._open.enter_context(ThreadPoolExecutor(1)).submit(self.neighbour.run)
        self._configure_neighbour()
        self._configure_fit_connect(in_background)
        self.url = self._open.enter_context(running(self.configuration))
        starting.result()
        self.case_system = ApiClient(self.url, *self.credentials["case-system"])
        self._open.callback(self.case_system.close)
        for partner in self.partners:
            partner.connect(self.url, *self.credentials[partner.partner])

    def _configure(self) -> None:
        """Write the configuration, without the partner whose stand-in is not ready."""
        exchanged = self.folder / "jobkraftwerk"
        exchanged.mkdir()
        self.jobkraftwerk.keep_emptying(exchanged)
        secret = self._kept("abh.secret", self.abh.secret)
        ways: dict[str, dict[str, object]] = {
            JOBCENTER: {"kind": "mailbox"},
            ABH: configuration.push(self.abh.url, secret),
            JOBKRAFTWERK: {"kind": "folder", "folder": str(exchanged)},
            NEXT_ABH: {"kind": "xta", **self.xta.entries()},
        }
        self.configuration = self.folder / "imgate.toml"
        # With an office that has eyes it stays closed, as the story tells, until two of them have confirmed it.
        opened: dict[str, dict[str, object]] = {JOBCENTER: {"open": [HEALTH]}} if self.people else {}
        parts = [configuration.gateway()]
        parts += [configuration.partner(partner, way, **opened.get(partner, {})) for partner, way in ways.items()]
        self.configuration.write_text("".join(parts), encoding="utf-8")

    def _configure_fit_connect(self, ready: "Future[FitConnectStandIn]") -> None:
        """Add the partner that is reached over FIT-Connect."""
        self.fit_connect = self._open.enter_context(ready.result())
        entries = {key: value for key, value in self.fit_connect.entries.items() if "secret" not in key}
        way = {"kind": "fit-connect", **entries, "secret_file": str(self._kept("fit-connect.secret", self.fit_connect.secret))}
        with self.configuration.open("a", encoding="utf-8") as file:
            file.write(configuration.partner(NEXT_JOBCENTER, way))

    def _configure_neighbour(self) -> None:
        """Add the other office's gateway, by the access that it gave us."""
        with self.configuration.open("a", encoding="utf-8") as file:
            file.write(configuration.partner(NEXT_IM, self.neighbour.way(self.folder / "musterstadt.secret")))

    def _kept(self, name: str, secret: str) -> Path:
        file = self.folder / name
        file.write_text(secret, encoding="utf-8")
        return file

    @property
    def partners(self) -> tuple[SimulatedPartner, ...]:
        """The three partners."""
        return (self.jobcenter, self.abh, self.jobkraftwerk)

    @property
    def holders(self) -> tuple[Holder, ...]:
        """Everybody who receives anything: the three partners, and those behind the stand-ins."""
        return (
            *self.partners,
            Elsewhere(NAMES[NEXT_JOBCENTER], lambda: self.fit_connect.held),
            Elsewhere(NAMES[NEXT_ABH], lambda: tuple(_received(held) for held in self.xta.held.values())),
        )

    def imgate(self, *arguments: str) -> tuple[int, str, str]:
        """Run one command of imgate as an operator would, but in this process: its exit status, stdout and stderr."""
        from imgate.cli.app import run

        out, err = io.StringIO(), io.StringIO()
        with without_environment(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            os.environ[CONFIG] = str(self.configuration)
            try:
                status = run(arguments)
            finally:
                del os.environ[CONFIG]
        return status, out.getvalue().strip(), err.getvalue().strip()

    def _add_accesses(self) -> dict[str, Any]:
        """Make the database, the keys and one access for the case system and each partner, as `imgate access add` does.

        Gives the public keys, as the gateway will publish them.
        """
        from imgate.bootstrap import open_gateway
        from imgate.cli.access import add_access
        from imgate.settings import load_settings

        with without_environment(), open_gateway(load_settings(self.configuration), make_keys=True) as gateway:
            self.credentials["case-system"] = add_access(gateway, Role.CASE_SYSTEM, None, "Fallsystem der Demo")
            for partner in self.partners:
                self.credentials[partner.partner] = add_access(gateway, Role.PARTNER, partner.partner, partner.name)
            let_in(gateway, self.people)
            return dict(gateway.jwks)


def _fit_connect() -> "FitConnectStandIn":
    from imgate.conformance.fit_connect import FitConnectStandIn, keys

    keys.service_key()
    return FitConnectStandIn(accepts=True)


def _received(held: Held) -> Received:
    return Received(held.message_id, held.media_type, held.content, held.at)
