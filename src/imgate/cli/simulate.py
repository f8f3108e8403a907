"""`imgate simulate`: the other side of one adapter, as a real HTTP server, for whoever has no partner to try it with."""

import json
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imgate.cli.output import Failed, result, say

if TYPE_CHECKING:
    from imgate.adapters.adapter import LoadedAdapter
    from imgate.conformance.simulated import Behaviour, Sample, SimulatedPartner, WrongAnswer

_POLL_SECONDS = 2.0
_LOOKS_SECONDS = 0.2


def run(
    adapter: Annotated[str, typer.Argument(help="The adapter's id, as `imgate plugin list` shows it.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where it listens on this machine; 0 takes any port that is free.")] = 8410,
    secret_file: Annotated[
        Path | None, typer.Option(help="A file with the webhook secret, the one that imgate.toml names; made if it is not there.")
    ] = None,
    gateway: Annotated[str | None, typer.Option(help="Address of the gateway that it sends to, and fetches and acknowledges from.")] = None,
    access: Annotated[
        Path | None, typer.Option(help="What `imgate access add --role partner` printed, in a file; needed with --gateway.")
    ] = None,
    partner: Annotated[str | None, typer.Option(help="The partner's id at that gateway; the adapter's id if left out.")] = None,
    folder: Annotated[Path | None, typer.Option(help="A folder to empty, for a partner with the transport `folder`.")] = None,
    status: Annotated[int | None, typer.Option(min=400, max=599, help="Refuse messages with this status.")] = None,
    wrong: Annotated[str | None, typer.Option(help="Answer wrongly: redirect, oversized or cut_off.")] = None,
    delay: Annotated[float, typer.Option(min=0, max=120, help="Answer after so many seconds.")] = 0.0,
    times: Annotated[int | None, typer.Option(min=0, help="Do so for this many messages only.")] = None,
) -> None:
    """Be a partner: take messages and show them on a page, send samples, refuse, be slow or wrong. Runs until it is told to end."""
    from imgate.conformance.simulated import Behaviour, SimulatedPartner

    if (gateway is None) != (access is None):
        raise Failed("--gateway and --access belong together: the address, and the file with the access there.")
    if folder is not None and not folder.is_dir():
        raise Failed(f"There is no folder {folder}.")
    loaded, samples = _adapter(adapter)
    behaviour = Behaviour(status=status, wrong=_wrong(wrong, status), delay=delay, times=times)
    credentials = None if access is None else _credentials(access)
    if gateway is not None and not _is_address(gateway):
        raise Failed("--gateway must be an address such as http://127.0.0.1:8400.")
    secret = _secret(secret_file)
    try:
        simulated = SimulatedPartner(partner or adapter, loaded.manifest.name, adapter=loaded, samples=samples, secret=secret, port=port)
    except OSError as error:
        raise Failed(f"Port {port} cannot be used: {error.strerror}. Name another one with --port.") from None
    simulated.behaviour = behaviour
    if credentials is not None and gateway is not None:
        simulated.connect(gateway, *credentials)
    with simulated:
        if gateway is not None:
            _try_access(simulated)
        _run(simulated, behaviour, folder, polls=gateway is not None, secret_file=secret_file)


def _run(simulated: "SimulatedPartner", behaviour: "Behaviour", folder: Path | None, *, polls: bool, secret_file: Path | None) -> None:
    if folder is not None:
        simulated.keep_emptying(folder)
    if polls:
        simulated.keep_polling(_POLL_SECONDS)
    # Not an Event: told twice, its lock would be taken by the signal while this thread holds it.
    told_to_end: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: told_to_end.append(number))
    told = {"page": simulated.url, "messages": f"{simulated.url}/messages"}
    # The secret is shown only where no file holds it.
    result(told if secret_file is not None else told | {"secret": simulated.secret})
    say(f"{simulated.name}, simulated, at {simulated.url}. {_promise(behaviour)} Ctrl-C ends it.")
    seen = seen_refused = 0
    while not told_to_end:
        time.sleep(_LOOKS_SECONDS)
        held, refused = simulated.held, simulated.refused
        for one in refused[seen_refused:]:
            why = one.why if one.wrong is None else f"{one.why}: {one.wrong}"
            say(f"{one.at:%H:%M:%S} UTC not taken: {one.status} {why}, {one.shown_id}")
        seen_refused = len(refused)
        for message in held[seen:]:
            say(f"{message.at:%H:%M:%S} UTC {message.id} {message.media_type}, {len(message.content)} bytes")
        seen = len(held)


def _try_access(simulated: "SimulatedPartner") -> None:
    """Fetch once, as the polling goes on to do: an access that does not fit never would, a gateway that is away may come."""
    import httpx2

    try:
        simulated.poll()
    except httpx2.HTTPStatusError as error:
        match error.response.status_code:
            case 401:
                raise Failed("The gateway does not know this access; make one with `imgate access add --role partner`.") from None
            case 403:
                raise Failed(f"This access is not for partner `{simulated.partner}`; name the right one with --partner.") from None
            case status:
                say(f"The gateway answered {status}. The simulated partner goes on, and asks again.")
    except httpx2.HTTPError as error:
        say(f"The gateway cannot be reached ({type(error).__name__}). The simulated partner goes on, and asks again.")
    except (ValueError, KeyError, TypeError):
        raise Failed("What answers at --gateway is no imgate gateway.") from None


def _promise(behaviour: "Behaviour") -> str:
    said = [] if not behaviour.delay else [f"waits {behaviour.delay:g} s"]
    said.append(f"answers {behaviour.status or behaviour.wrong or 204}")
    return f"It {' and '.join(said)}{'' if behaviour.times is None else f', {behaviour.times} times'}."


def _adapter(adapter: str) -> "tuple[LoadedAdapter, tuple[Sample, ...]]":
    from imgate.adapters.registry import load_plugins
    from imgate.conformance.simulated import samples_of

    registry = load_plugins(listed={adapter})
    loaded = registry.adapter(adapter, {})
    return loaded, samples_of(registry.adapters[adapter].plugin.package)


def _is_address(gateway: str) -> bool:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(gateway)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _wrong(wrong: str | None, status: int | None) -> "WrongAnswer | None":
    from imgate.conformance.simulated import WrongAnswer

    if wrong is None:
        return None
    if status is not None:
        raise Failed("--status and --wrong are two answers; give one of them.")
    if wrong not in [one.value for one in WrongAnswer]:
        raise Failed(f"--wrong must be one of {', '.join(WrongAnswer)}.")
    return WrongAnswer(wrong)


def _secret(file: Path | None) -> str | None:
    """Read the webhook secret, or make one in a file that nobody else may read."""
    from imgate.transports.webhook import new_secret, secret_key

    if file is None:
        return None
    made = new_secret()
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as new:
            new.write(made + "\n")
        return made
    except FileExistsError:
        pass
    except OSError as error:
        raise Failed(f"{file} cannot be made: {error.strerror}.") from None
    try:
        secret = file.read_text(encoding="ascii").strip()
        secret_key(secret)
    except (OSError, ValueError):
        raise Failed(f"{file} holds no webhook secret that can be read (whsec_ and base64).") from None
    return secret


def _credentials(file: Path) -> tuple[str, str]:
    try:
        made = json.loads(file.read_text(encoding="utf-8"))
        return str(made["client_id"]), str(made["client_secret"])
    except (OSError, ValueError, KeyError, TypeError):
        raise Failed(f"{file} is not what `imgate access add` prints: a JSON object with client_id and client_secret.") from None
