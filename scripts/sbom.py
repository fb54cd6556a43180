"""Writes what is in the library and in its development, as CycloneDX: `python -m scripts.sbom`, or `make sbom`.

`dist/sbom/library.cdx.json` is the wheel with the packages that it needs at run time, in the versions that are tested
here; `development.cdx.json` is the environment of the repository, `development-npm.cdx.json` the packages of Node.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from constructs_lib.version import VERSION
from scripts.tools import FOLDER, ROOT, environment, install, output

PLACE = ROOT / "dist" / "sbom"
NAME = "sagemaker-inference-constructs"
_SCHEMA = "1.6"


def pins_of(wanted: Iterable[str], pins: str) -> str:
    """The lines of a file of pins that these packages need here, those that they need in turn too."""
    blocks = {canonicalize_name(block.partition("==")[0]): block for block in _blocks(pins)}
    return "".join(sorted(blocks[name] for name in closure(wanted)))


def closure(wanted: Iterable[str]) -> set[NormalizedName]:
    """These packages and all that they need here, extras left aside; each must be installed."""
    found: set[NormalizedName] = set()
    left = [Requirement(line) for line in wanted]
    while left:
        requirement = left.pop()
        name = canonicalize_name(requirement.name)
        if name in found or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
            continue
        found.add(name)
        left += map(Requirement, distribution(name).requires or ())
    return found


def _blocks(pins: str) -> Iterator[str]:
    """Each pin with the lines of its hashes."""
    block = ""
    for line in pins.splitlines(keepends=True):
        if line.startswith("#"):
            continue
        block += line
        if not line.rstrip().endswith("\\"):
            yield block
            block = ""


def of_library(found: dict[str, Any]) -> dict[str, Any]:
    """A bill of an environment as the bill of the library in it: the others are what it depends on.

    From where on this machine it was installed is left out.
    """
    [library] = [each for each in found["components"] if each["name"] == NAME]
    others = [each for each in found["components"] if each is not library]
    links = [each for each in library.get("externalReferences", []) if not each["url"].startswith("file:")]
    metadata = {**found["metadata"], "component": {**library, "type": "library", "externalReferences": links}}
    return {**found, "metadata": metadata, "components": others}


def _library() -> dict[str, Any]:
    ranges = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = [line for line in ranges if line and not line.startswith("#")]
    pins = FOLDER / "library.txt"
    pins.write_text(pins_of(wanted, (ROOT / "requirements-dev.txt").read_text(encoding="utf-8")), encoding="utf-8")
    place = FOLDER / "library"
    install(place, pins)
    for old in FOLDER.glob("*.whl"):
        old.unlink()
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(FOLDER), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    [wheel] = FOLDER.glob("*.whl")
    uv, python = str(ROOT / ".venv/bin/uv"), str(place / "bin" / "python")
    subprocess.run([uv, "pip", "install", "--quiet", "--no-deps", "--python", python, str(wheel)], check=True)
    return of_library(_bill(place / "bin" / "python"))


def _bill(python: Path) -> dict[str, Any]:
    tool = environment(ROOT / "requirements-audit.txt") / "cyclonedx-py"
    made: dict[str, Any] = json.loads(output(tool, "environment", "--output-reproducible", "--sv", _SCHEMA, python))
    return made


def _of_node() -> dict[str, Any]:
    """What package-lock.json pins; npm makes a bill of nothing that has no version, so that a copy gets one."""
    place = FOLDER / "npm"
    place.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        document = json.loads((ROOT / name).read_text(encoding="utf-8"))
        for package in (document, document.get("packages", {}).get("")):
            if package is not None:
                package["version"] = VERSION
        (place / name).write_text(json.dumps(document), encoding="utf-8")
    told = output("npm", "sbom", "--prefix", place, "--package-lock-only", "--sbom-format", "cyclonedx")
    made: dict[str, Any] = json.loads(told)
    return made


def main() -> int:
    """Write the three files, and say where they are."""
    FOLDER.mkdir(exist_ok=True)
    PLACE.mkdir(parents=True, exist_ok=True)
    bills = {
        "library": _library(),
        "development": _bill(ROOT / ".venv" / "bin" / "python"),
        "development-npm": _of_node(),
    }
    for name, bill in bills.items():
        file = PLACE / f"{name}.cdx.json"
        file.write_text(json.dumps(bill, indent=2) + "\n", encoding="utf-8")
        print(f"{file.relative_to(ROOT)}: {len(bill['components'])} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
