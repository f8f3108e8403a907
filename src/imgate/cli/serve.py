"""`imgate serve`: the gateway, its metrics on an address of their own, and a worker beside it."""

import contextlib
import errno
import socket
from typing import Annotated

import typer

from imgate.cli.output import Failed
from imgate.cli.parent import WITH_PARENT, end_with_parent

_DRAIN_SECONDS = 1.0


def run(
    host: Annotated[str | None, typer.Option(help="The address to listen on, instead of `[server] host`.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="The port to listen on, instead of `[server] port`; 0: any.")] = None,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Run no worker; `imgate worker` runs elsewhere.")] = False,
    drain_seconds: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=300,
            help="How long to serve on after being told to end, not ready any more, so that a proxy notices. By itself 1 with PostgreSQL, "
            "where others go on, and 0 with the embedded database.",
        ),
    ] = None,
    with_parent: Annotated[bool, typer.Option(WITH_PARENT, hidden=True, help="End when standard input ends.")] = False,
) -> None:
    """Run the gateway, on 127.0.0.1:8400 unless told otherwise, with a worker."""
    if with_parent:
        end_with_parent()
    from imgate.settings import load_settings

    settings = load_settings()  # before the rest is imported: without a configuration nobody waits for that
    from imgate.bootstrap import configure_logs, open_gateway, record_start
    from imgate.bootstrap.examiner import warn_of_signature_files

    configure_logs()
    listener = listen(host or settings.server.host, settings.server.port if port is None else port)
    with listener:
        bound_host, bound_port = listener.getsockname()[:2]
        settings = settings.listening(bound_host, bound_port)
        metrics = _metrics_listener(settings.server.metrics_host, settings.server.metrics_port)
        with metrics or contextlib.nullcontext(), open_gateway(settings, make_keys=True) as gateway:
            from imgate.cli.serving import serve

            record_start(gateway, "serve")
            warn_of_signature_files(settings)
            if drain_seconds is None:
                drain_seconds = 0.0 if settings.database.is_sqlite else _DRAIN_SECONDS
            serve(gateway, listener, metrics, with_worker=not no_worker, drain_seconds=drain_seconds)


def listen(host: str, port: int, chosen_by: str = "--port") -> socket.socket:
    """Take a port. Python makes the descriptor one that child processes do not inherit, and a restart at once works (SO_REUSEADDR).

    Raises Failed with a sentence for whoever started us.
    """
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Failed(f"Port {port} on {host} is already in use; choose another with {chosen_by}, or stop what uses it.") from None
        if error.errno == errno.EACCES:
            raise Failed(f"Port {port} on {host} may not be used by this user; choose one above 1023 with {chosen_by}.") from None
        raise Failed(f"Cannot listen on {host}, port {port} ({chosen_by}): {error.strerror}.") from None


def _metrics_listener(host: str, port: int) -> socket.socket | None:
    """Take the metrics port; a busy one is a warning, because the gateway works without."""
    import structlog

    try:
        return listen(host, port, "`[server] metrics_port`")
    except Failed as failed:
        structlog.get_logger().warning("no_metrics", reason=str(failed))
        return None
