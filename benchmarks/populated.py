"""A gateway that already has clients and messages: the rows are made quickly, the messages by the corridor itself."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence

import uvloop

from benchmarks import people
from benchmarks.gateway import Office
from benchmarks.stored_rows import build
from benchmarks.table import check
from imgate.bootstrap import open_gateway
from imgate.exchange import outbound
from imgate.exchange.answers import Call
from imgate.exchange.context import Corridor
from imgate.exchange.requests import ExchangeRequest
from imgate.keys import load_keys
from imgate.settings import load_settings

_AT_ONCE = 64
CALL = Call("bench", "/v1/exchanges")


def populate(office: Office, clients: int, shares: Sequence[Sequence[str]], each: Callable[[int], int]) -> None:
    """Make keys and database, and in it so many clients with a link and declarations: see ``stored_rows.build``."""
    open_gateway(load_settings(office.folder / "imgate.toml"), make_keys=True).close()
    build(office.database, clients, load_keys(office.folder / "imgate.keys"), shares, each)


def request_about(client: str, sections: Collection[str] | None = None) -> ExchangeRequest:
    """Ask for the whole case record to be sent, as the case system does, or for these sections of it."""
    record = {name: items for name, items in people.case_record().items() if sections is None or name in sections}
    content = {"client": client, "partner": people.PARTNER, "purpose": people.PURPOSE, "record": record}
    return ExchangeRequest.model_validate(content)


def send_all(office: Office, clients: Iterable[str], sections: Collection[str] | None = None) -> None:
    """Send one message about each client, by the corridor's own `send`."""
    request = request_about("K-0", sections)
    with open_gateway(load_settings(office.folder / "imgate.toml"), make_keys=False) as gateway:
        uvloop.run(_send_all(gateway.corridor, [request.model_copy(update={"client": client}) for client in clients]))


async def _send_all(corridor: Corridor, requests: Sequence[ExchangeRequest]) -> None:
    for start in range(0, len(requests), _AT_ONCE):
        await send_together(corridor, requests[start : start + _AT_ONCE])


async def send_together(corridor: Corridor, requests: Sequence[ExchangeRequest]) -> None:
    """Send these at once, as a cohort does whose requests came together."""
    async with corridor.cohort:
        answers = await asyncio.gather(*(outbound.send(corridor, CALL, request) for request in requests))
    check(all(answer.status == 201 for answer in answers), "a message was not accepted")
