"""Put the KERN design system of German administration beside the pages: its CSS and the fonts that this CSS asks for.

It comes from npm and is never committed. `make install` runs this file as a script; hatchling runs it as a build hook, so that
wheel and sdist carry what git ignores. Without KERN the pages are plain but usable, so nothing here ends an installation.
"""

import gzip
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parents[1]
NPM = ROOT / "tools" / "npm"
TARGET = ROOT / "src" / "imgate" / "web" / "static" / "kern"

# Copied whole: cut ones would have to change their name, which their licence reserves.
_FONTS = {400: "Regular", 500: "Medium", 600: "SemiBold"}
_WEIGHT = re.compile(r"font-weight[a-z-]*:\s*(\d+)|font-weight:[^;}]*,\s*(\d+)\)")
_FACE = '@font-face{{font-family:"Fira Sans";font-style:normal;font-weight:{weight};font-display:swap;src:url("{file}") format("woff2")}}\n'


class KernChanged(Exception):
    """Whoever raises the version of KERN must look at what is copied from it."""


def copy_kern(package: Path, target: Path) -> None:
    """Write what the pages need of the unpacked npm package; the same package gives the same bytes. Raises KernChanged."""
    style = (package / "dist" / "kern.min.css").read_bytes()
    weights = {int(one or other) for one, other in _WEIGHT.findall(style.decode())}
    if weights != set(_FONTS):
        raise KernChanged(f"KERN's CSS asks for the font weights {sorted(weights)}, and {sorted(_FONTS)} would be shipped.")
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    (target / "kern.min.css").write_bytes(style)
    (target / "kern.min.css.gz").write_bytes(gzip.compress(style, 9, mtime=0))
    faces = []
    for weight, name in _FONTS.items():
        file = f"FiraSans-{name}.woff2"
        shutil.copyfile(package / "dist" / "fonts" / "fira-sans" / file, target / file)
        faces.append(_FACE.format(weight=weight, file=file))
    (target / "fonts.css").write_text("".join(faces), encoding="utf-8")
    shutil.copyfile(package / "LICENSE.md", target / "LICENSE.md")
    shutil.copyfile(NPM / "OFL-FiraSans.txt", target / "OFL-FiraSans.txt")
    (target / "VERSION").write_text(f"{_version(package)}\n", encoding="utf-8")


def provide_kern(npm: Path, target: Path) -> str | None:
    """See to it that KERN lies at the target, in the version that ``package.json`` names; give the reason where it does not."""
    wanted = json.loads((npm / "package.json").read_text(encoding="utf-8"))["dependencies"]["@kern-ux/native"]
    package = npm / "node_modules" / "@kern-ux" / "native"
    if _version(package) != wanted:
        if (target / "VERSION").is_file() and (target / "VERSION").read_text(encoding="utf-8").strip() == wanted:
            return None  # an sdist brings it along
        if reason := _fetch(npm):
            return reason
    copy_kern(package, target)
    return None


def _version(package: Path) -> str | None:
    manifest = package / "package.json"
    return json.loads(manifest.read_text(encoding="utf-8"))["version"] if manifest.is_file() else None


def _fetch(npm: Path) -> str | None:
    program = shutil.which("npm")
    if program is None:
        return "npm was not found"
    fetched = subprocess.run([program, "ci", "--omit=dev", "--silent"], cwd=npm, capture_output=True)
    return "npm could not fetch it" if fetched.returncode else None


class KernHook(BuildHookInterface[Any]):
    """Lets hatchling put KERN into what it builds; not into an editable installation, which reads the checkout."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Provide KERN, or warn that the pages of what is built will be unstyled."""
        if version != "editable" and (reason := provide_kern(NPM, TARGET)):
            self.app.display_warning(f"The pages will be unstyled, without the KERN design system: {reason}.")


if __name__ == "__main__":
    copy_kern(NPM / "node_modules" / "@kern-ux" / "native", TARGET)
