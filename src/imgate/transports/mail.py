"""Mail by an office's own server (SMTP, RFC 5321), encrypted by STARTTLS with a certificate that is checked (RFC 3207).

What a mail may say is not known here. It is plain text from a machine (RFC 3834), and carries no name: an address alone.
"""

import secrets
import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol

_SECONDS = 20.0


class MailFailed(Exception):
    """A mail did not get away; somebody has to look, or to try again. ``kind`` names the failure and no address.

    ``all`` tells whether the next mail would fail as well.
    """

    def __init__(self, kind: str, *, all: bool) -> None:  # noqa: A002  # its word
        super().__init__(kind)
        self.kind = kind
        self.all = all


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail: to an address, in plain text."""

    to: str = field(repr=False)
    subject: str
    text: str


class Mailer(Protocol):
    """A way for mails."""

    def send(self, mail: Mail, at: datetime) -> None:
        """Send one mail. Blocks. Raises MailFailed."""


@dataclass(frozen=True)
class MailServer:
    """An office's mail server. ``ca_file`` names whom to trust, None the authorities that the machine trusts."""

    host: str
    port: int
    sender: str
    user: str | None
    password: str | None = field(repr=False)
    starttls: bool
    ca_file: Path | None = None

    def send(self, mail: Mail, at: datetime) -> None:
        """Send one mail on a connection of its own. Blocks, for a minute or two at the longest. Raises MailFailed."""
        try:
            message = self._written(mail, at)
        except (ValueError, IndexError, MessageError) as error:
            failed = MailFailed(type(error).__name__, all=False)
        else:
            try:
                self._handed_over(message)
                return
            except smtplib.SMTPRecipientsRefused as error:
                failed = MailFailed(type(error).__name__, all=False)
            except (smtplib.SMTPException, OSError, UnicodeError) as error:
                failed = MailFailed(type(error).__name__, all=True)
        # Outside the except blocks: what a server says often repeats the address, and must not hang on the fault as context.
        raise failed

    def _written(self, mail: Mail, at: datetime) -> EmailMessage:
        sender = Address(addr_spec=self.sender)
        message = EmailMessage(SMTP)
        message["From"] = sender
        message["To"] = Address(addr_spec=mail.to)
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(at)
        message["Message-ID"] = f"<{secrets.token_hex(16)}@{sender.domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text, cte="quoted-printable")
        return message

    def _handed_over(self, message: EmailMessage) -> None:
        domain = self.sender.rpartition("@")[2]
        with smtplib.SMTP(self.host, self.port, local_hostname=domain, timeout=_SECONDS) as server:
            if self.starttls:
                server.starttls(context=ssl.create_default_context(cafile=self.ca_file))
            if self.user is not None:
                server.login(self.user, self.password or "")
            server.send_message(message)
