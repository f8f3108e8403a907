"""`imgate init`: a commented imgate.toml to begin with."""

from importlib import resources

from imgate.cli.output import Failed, say, text


def run() -> None:
    """Write a commented imgate.toml, here or where IMGATE_CONFIG says; an existing one stays as it is."""
    from imgate.settings import config_path

    path = config_path()
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write((resources.files("imgate.cli") / "template.toml").read_text(encoding="utf-8"))
    except FileExistsError:
        raise Failed(f"{path} is already there and stays as it is.") from None
    except OSError as error:
        raise Failed(f"{path} cannot be written: {error.strerror}.") from None
    text(str(path))
    say("Name your unit and your partners in it, then run `imgate check`, and `imgate serve`.")
