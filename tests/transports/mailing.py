"""A mail server for one test: it keeps what it was sent, and answers as the test says."""

import contextlib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


@dataclass
class Post:
    """What came: whole conversations and mails. ``refuse_recipient`` and ``refuse_data`` are answers to give instead."""

    port: int = 0
    mails: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    refuse_recipient: str | None = None
    refuse_data: str | None = None

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802  # aiosmtpd's name
        self.names.append(hostname)
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):  # noqa: N802  # aiosmtpd's name
        if self.refuse_recipient is not None:
            return self.refuse_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  # aiosmtpd's name
        if self.refuse_data is not None:
            return self.refuse_data
        self.mails.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content))
        self.encrypted.append(session.ssl is not None)
        return "250 OK"

    def authenticate(self, server, session, envelope, mechanism, auth_data):
        self.logins.append(auth_data.login + b"/" + auth_data.password)
        return AuthResult(success=auth_data.password == b"geheim", handled=False)


@contextlib.contextmanager
def post_office(tls: ssl.SSLContext | None = None, **more: object) -> Iterator[Post]:
    """Run a mail server on this machine inside the block; with ``tls`` it offers STARTTLS and insists on it."""
    post = Post()
    insist = {"tls_context": tls, "require_starttls": True} if tls is not None else {}
    with socket.create_server(("127.0.0.1", 0)) as free:
        post.port = free.getsockname()[1]
    controller = Controller(post, hostname="127.0.0.1", port=post.port, authenticator=post.authenticate, **insist, **more)
    controller.start()
    try:
        yield post
    finally:
        controller.stop()
