"""Pin everything that the four packages of this repository need, into constraints.txt (`make lock`).

The file holds for Python 3.11 and later on every system, carries a hash for each artefact and no addresses, so that it installs
the same bytes from whichever mirror an office has. Existing pins stay unless `--upgrade` is given.
"""

import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADER = "# Made by `make lock` from the pyproject.toml files of imgate and its plugins; not edited by hand.\n"


def requirements() -> list[str]:
    """Everything asked for anywhere in this repository: to run, to build, to develop, with every extra."""
    wanted: set[str] = set()
    for path in [ROOT / "pyproject.toml", *ROOT.glob("plugins/*/pyproject.toml")]:
        manifest = tomllib.loads(path.read_text(encoding="utf-8"))
        wanted.update(manifest["build-system"]["requires"], manifest["project"].get("dependencies", []))
        for group in [*manifest["project"].get("optional-dependencies", {}).values(), *manifest.get("dependency-groups", {}).values()]:
            wanted.update(group)
    return sorted(wanted - {"imgate"})


def main() -> None:
    """Resolve with uv, in an environment that is thrown away afterwards."""
    constraints = ROOT / "constraints.txt"
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", "uv"], check=True)
        uv = Path(folder) / "bin" / "uv"
        options = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-annotate", "--no-header", "--quiet"]
        command = [uv, "pip", "compile", "-", *options, "--output-file", constraints, *sys.argv[1:]]
        subprocess.run(command, input="\n".join(requirements()), text=True, check=True, cwd=ROOT)
    constraints.write_text(HEADER + constraints.read_text(encoding="utf-8"), encoding="utf-8")


if __name__ == "__main__":
    main()
