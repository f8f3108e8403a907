"""How the configuration says that keys are kept: the passphrase and the PIN are read here, and nowhere else."""

from pathlib import Path

from pydantic import SecretStr

from imgate.keys import Custody, KeysUnusable, Passphrase
from imgate.keys.hardware import HardwareToken, TokenPlace
from imgate.settings.keys import KeysSettings, TokenSettings


def custody_of(keys: KeysSettings) -> Custody:
    """Read the secrets that the configuration names. Raises KeysUnusable."""
    token = None if keys.pkcs11 is None else HardwareToken(_place(keys.pkcs11))
    return Custody(passphrase_of(keys), keys.signature, token)


def passphrase_of(keys: KeysSettings) -> Passphrase | None:
    """Read the passphrase; the variable goes before the file. Raises KeysUnusable."""
    text = _secret(keys.passphrase, keys.passphrase_file, "[keys] passphrase_file")
    if text is None:
        return None
    try:
        return Passphrase(text)
    except ValueError as error:
        raise KeysUnusable(str(error)) from None


def _place(token: TokenSettings) -> TokenPlace:
    return TokenPlace(token.module, token.token, token.label, _secret(token.pin, token.pin_file, "[keys.pkcs11] pin_file"))


def _secret(value: SecretStr | None, file: Path | None, named: str) -> str | None:
    if value is not None:
        return value.get_secret_value()
    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise KeysUnusable(f"the file that {named} names cannot be read") from None
