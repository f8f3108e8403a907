"""`imgate demo --serve`: what somebody needs to go on playing."""

import json
import signal
import socket
import threading

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from imgate.cli.demo.configuration import ABH
from imgate.cli.demo.on_pages import ClientsOwn, fill_pages
from imgate.cli.demo.people import PASSWORD, codes_page
from imgate.cli.demo.play import CLIENT
from imgate.cli.demo.stage import Stage
from imgate.cli.demo.telling import Telling
from imgate.conformance.simulated import page


def leave_running(telling: Telling, stage: Stage) -> None:
    """Show addresses, credentials and calls, and wait until somebody interrupts."""
    own = fill_pages(stage)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_page_server(stage).run, kwargs={"sockets": [listener]}, daemon=True).start()
        telling.plain(_text(stage, own, f"http://127.0.0.1:{listener.getsockname()[1]}/"))
        interrupted = threading.Event()
        signal.signal(signal.SIGINT, lambda *_: interrupted.set())
        interrupted.wait()
    telling.tell("\nStopped; nothing is left behind.")


def _page_server(stage: Stage) -> uvicorn.Server:
    async def overview(request: Request) -> HTMLResponse:
        del request
        return HTMLResponse(page(*stage.holders))

    async def codes(request: Request) -> HTMLResponse:
        del request
        return HTMLResponse(codes_page(stage.people))

    routes = [Route("/", overview), Route("/codes", codes)]
    return uvicorn.Server(uvicorn.Config(Starlette(routes=routes), log_config=None, access_log=False, ws="none", lifespan="off"))


def _text(stage: Stage, own: ClientsOwn, overview: str) -> str:
    client_id, secret = stage.credentials["case-system"]
    partners = "\n".join(
        f"  {partner.partner:20} {partner.url}/\n  {'':20} {':'.join(stage.credentials[partner.partner])}" for partner in stage.partners
    )
    people = "\n".join(f"  {person.login:8} {person.who}" for person in stage.people)
    return f"""
It goes on running until you press Ctrl-C.

The pages, in a browser: {stage.url}/pages

{people}

  Password of all of them  {PASSWORD}
  Their one-time codes     {overview}codes
  A browser is one person at a time: sign out in between, or open a private window.

The client's own page:   {stage.url}/pages/client
  The code on her copy     {own.code}
  The number               {own.number}

Everything else:

  What has arrived at each partner   {overview}
  The gateway                        {stage.url}/
  The one that she moved to          {stage.neighbour.url}/
  Its folder                         {stage.folder}

The three partners: what has arrived there, and its client_id:client_secret
{partners}

Calls of the case system, to copy:

  export TOKEN=$(curl -s -u {client_id}:{secret} -d grant_type=client_credentials \\
    {stage.url}/oauth/token | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')

  curl -s -H "Authorization: Bearer $TOKEN" "{stage.url}/v1/declarations?client={CLIENT}"
  curl -s -H "Authorization: Bearer $TOKEN" "{stage.url}/v1/clients/{CLIENT}/disclosures"
  curl -s -H "Authorization: Bearer $TOKEN" "{stage.url}/v1/clients/{CLIENT}/ledger"

  # goes to the Ausländerbehörde, except for what nobody allowed; look at the page above
  curl -s -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" {stage.url}/v1/exchanges -d '{_exchange()}'
"""


def _exchange() -> str:
    """Give the body of an exchange of which one scope passes and one does not."""
    record = {"language": {"level": {"cefr": "B2", "evidence": "certificate"}}, "health": {"constraints": {"text": "stays here"}}}
    return json.dumps({"client": CLIENT, "partner": ABH, "purpose": "residence_matters", "record": record})
