"""Prints what the changelog says of a version, for its release: `python -m scripts.release_notes [VERSION]`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from constructs_lib.version import VERSION

CHANGELOG = Path(__file__).resolve().parent.parent / "CHANGELOG.md"
_HEADING = re.compile(r"^## \[(.+?)\](?: - (.+))?$", re.MULTILINE)


def sections(changelog: str) -> dict[str, str]:
    """What is written under each version, newest first."""
    headings = list(_HEADING.finditer(changelog))
    ends = [heading.start() for heading in headings[1:]] + [len(changelog)]
    return {
        heading.group(1): changelog[heading.end() : end].strip() for heading, end in zip(headings, ends, strict=True)
    }


def main(arguments: list[str]) -> int:
    """Print the notes of a version, by default of the one in the code; 1 if the changelog does not know it."""
    version = arguments[0] if arguments else VERSION
    known = sections(CHANGELOG.read_text(encoding="utf-8"))
    if version not in known:
        print(f"error: CHANGELOG.md has no section for {version!r}; it has {', '.join(known)}", file=sys.stderr)
        return 1
    print(known[version])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
