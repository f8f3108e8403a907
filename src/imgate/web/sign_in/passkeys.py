"""Passkeys (WebAuthn Level 3): what is asked of the browser, and what its answer proves. Nothing is stored here.

Every passkey is discoverable and asks for the person (PIN, finger, face), so that it stands for password and one-time code at once.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, options_to_json_dict
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from imgate.storage.passkeys import Passkey
from imgate.storage.users import User

CREDENTIAL_ID_MAX = 1023  # WebAuthn Level 3, 4
_PATIENCE = 300_000  # milliseconds that the browser gives the person


class NotProved(Exception):
    """The person must act: the browser's answer proves nothing. Says nothing about why."""


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A passkey that the browser has just made, and that answered as it should."""

    credential_id: bytes = field(repr=False)
    public_key: bytes = field(repr=False)
    sign_count: int


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Whom passkeys are for: this gateway's host, and pages of its own origin only."""

    id: str
    name: str
    origin: str

    @classmethod
    def at(cls, url: str, name: str) -> "RelyingParty":
        """Make the one of a gateway under this address."""
        parts = urlsplit(url)
        return cls(parts.hostname or "", name, f"{parts.scheme}://{parts.netloc}")

    def registration(self, challenge: bytes, user: User, known: Sequence[Passkey]) -> dict[str, Any]:
        """Ask for a new passkey of this user, on a device that has none of those that are known."""
        options = generate_registration_options(
            rp_id=self.id,
            rp_name=self.name,
            user_id=UUID(user.id).bytes,
            user_name=user.login or user.name,
            user_display_name=user.name,
            challenge=challenge,
            timeout=_PATIENCE,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=_described(known),
        )
        return options_to_json_dict(options)

    def registered(self, challenge: bytes, unverified: Mapping[str, Any]) -> NewPasskey:
        """Check what the browser made. Raises NotProved."""
        try:
            verified = verify_registration_response(
                credential=dict(unverified),
                expected_challenge=challenge,
                expected_rp_id=self.id,
                expected_origin=self.origin,
                require_user_verification=True,
            )
        except Exception as error:  # the library raises whatever its parsers trip over
            raise NotProved from error
        if len(verified.credential_id) > CREDENTIAL_ID_MAX:
            raise NotProved
        return NewPasskey(verified.credential_id, verified.credential_public_key, verified.sign_count)

    def request(self, challenge: bytes, known: Sequence[Passkey] = ()) -> dict[str, Any]:
        """Ask for a proof by one of the known passkeys; without any, by whichever the person chooses."""
        options = generate_authentication_options(
            rp_id=self.id,
            challenge=challenge,
            timeout=_PATIENCE,
            user_verification=UserVerificationRequirement.REQUIRED,
            allow_credentials=_described(known),
        )
        return options_to_json_dict(options)

    def proved(self, challenge: bytes, passkey: Passkey, unverified: Mapping[str, Any], *, owner_known: bool) -> int:
        """Check a proof by this passkey, and that it is of this passkey's user; returns its counter. Raises NotProved.

        With ``owner_known`` the passkey was asked for as this user's: then a device need not say whose it is.
        That the counter grew is checked again where it is stored: two proofs may come at once.
        """
        try:
            verified = verify_authentication_response(
                credential=dict(unverified),
                expected_challenge=challenge,
                expected_rp_id=self.id,
                expected_origin=self.origin,
                credential_public_key=passkey.public_key,
                # What does not grow is told to the store, which knows whose passkey may have a copy; 0 lets it through to there.
                credential_current_sign_count=0,
                require_user_verification=True,
            )
            handle = unverified["response"].get("userHandle")
            owner = None if handle is None else base64url_to_bytes(handle)
        except Exception as error:  # the library raises whatever its parsers trip over
            raise NotProved from error
        if owner != UUID(passkey.user).bytes and not (owner_known and owner is None):  # WebAuthn Level 3, 7.2 step 6
            raise NotProved
        return verified.new_sign_count


def new_challenge() -> bytes:
    """Make a challenge, good for one answer."""
    return os.urandom(32)


def credential_id_of(unverified: Mapping[str, Any]) -> bytes:
    """Read by which passkey an answer claims to be. Raises NotProved."""
    said = unverified.get("rawId")
    try:
        credential_id = base64url_to_bytes(said) if isinstance(said, str) else b""
    except ValueError as error:
        raise NotProved from error
    if not 0 < len(credential_id) <= CREDENTIAL_ID_MAX:
        raise NotProved
    return credential_id


def _described(known: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=passkey.credential_id) for passkey in known]
