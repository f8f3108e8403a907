"""What stands in ``imgate.toml`` about the keys."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, SecretStr, StringConstraints

from imgate.keys import SignatureAlgorithm
from imgate.settings.partner import STRICT

Label = Annotated[str, StringConstraints(min_length=1, max_length=32, pattern=r"^[ -~]+$")]


class TokenSettings(BaseModel):
    """The hardware token that holds the signing key."""

    model_config = STRICT
    module: Annotated[Path, Field(description="The token's PKCS#11 module, as its vendor installs it.")]
    token: Annotated[Label, Field(description="The token's label: up to 32 ASCII characters.")]
    label: Annotated[Label, Field(description="What the labels of imgate's keys in the token begin with.")] = "imgate"
    pin_file: Annotated[Path | None, Field(description="A file that holds the PIN.")] = None
    pin: Annotated[SecretStr | None, Field(description="The PIN; by the environment only.")] = None


class KeysSettings(BaseModel):
    """Where the keys lie, and how they are kept."""

    model_config = STRICT
    folder: Annotated[Path, Field(description="The folder of the keys, mode 0700. With SQLite missing keys are made once.")] = Path(
        "imgate.keys"
    )
    passphrase_file: Annotated[
        Path | None,
        Field(description="A file that holds the passphrase under which the keys are encrypted. Without one they are readable."),
    ] = None
    passphrase: Annotated[
        SecretStr | None, Field(description="The passphrase itself, at least 12 characters; by the environment only.")
    ] = None
    signature: Annotated[
        SignatureAlgorithm,
        Field(description="How the gateway signs bundles and receipts. Another value counts from the next `imgate keys rotate signing`."),
    ] = SignatureAlgorithm.ES256
    pkcs11: Annotated[
        TokenSettings | None,
        Field(description="A hardware token for the signing key, `[keys.pkcs11]`. It counts from the next `imgate keys rotate signing`."),
    ] = None

    def resolved(self, folder: Path) -> "KeysSettings":
        """Make every path absolute. No secret is read here."""
        passphrase_file = None if self.passphrase_file is None else folder / self.passphrase_file
        token = self.pkcs11
        if token is not None:
            pin_file = None if token.pin_file is None else folder / token.pin_file
            token = token.model_copy(update={"module": folder / token.module, "pin_file": pin_file})
        return self.model_copy(update={"folder": folder / self.folder, "passphrase_file": passphrase_file, "pkcs11": token})
