"""What signing in works with, beyond one request: the key that seals, how passwords are compared, the identity provider."""

from dataclasses import dataclass, field

from anyio import CapacityLimiter
from starlette.requests import Request

from imgate.bootstrap import Gateway
from imgate.web.sign_in.openid_provider import Provider
from imgate.web.sign_in.passkeys import RelyingParty
from imgate.web.sign_in.passwords import Passwords
from imgate.web.sign_in.sealed import Sealed

_PASSWORDS_AT_ONCE = 2  # each takes 64 MiB: a crowd of tries waits, and does not fill the memory


@dataclass(frozen=True)
class Doorkeeper:
    """One process's. ``provider`` is None where no identity provider is configured."""

    sealed: Sealed
    passwords: Passwords
    relying_party: RelyingParty
    provider: Provider | None
    comparing: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_PASSWORDS_AT_ONCE))

    @classmethod
    def of(cls, gateway: Gateway) -> "Doorkeeper":
        """Make the one of a gateway."""
        openid = gateway.settings.openid
        return cls(
            Sealed(gateway.keyring.derived("intake", "sign-in"), secure=gateway.url.startswith("https:")),
            Passwords(),
            RelyingParty.at(gateway.url, gateway.name),
            None if openid is None else Provider(openid, f"{gateway.url}/pages/sign-in/openid/callback"),
        )


def doorkeeper_of(request: Request) -> Doorkeeper:
    """Give what these pages were made with."""
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    return doorkeeper
