"""A security key that Chromium pretends to have: it holds passkeys and says yes without being touched."""


class Authenticator:
    """One authenticator on one page. Passkeys need a host name: they work on ``localhost`` and not on an IP address."""

    def __init__(self, page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        self._id = self._session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def credentials(self) -> list[dict]:
        """Give the passkeys that it holds, as the debugging protocol writes them."""
        return self._session.send("WebAuthn.getCredentials", {"authenticatorId": self._id})["credentials"]

    def put(self, credential: dict) -> None:
        """Put in a passkey that another one made: a clone, whose counter is behind or equal."""
        self._session.send("WebAuthn.addCredential", {"authenticatorId": self._id, "credential": credential})

    def verify(self, verified: bool) -> None:
        """Say whether it knows its user from now on."""
        self._session.send("WebAuthn.setUserVerified", {"authenticatorId": self._id, "isUserVerified": verified})
