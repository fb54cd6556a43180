"""A hook of MkDocs: a build prints problems alone. With its own `--quiet`, `--strict` would see no warnings either."""

from __future__ import annotations

import logging


def on_startup(*, command: str, dirty: bool) -> None:  # noqa: ARG001 - MkDocs gives both by name
    """Raise the level of what prints, and leave that of the logger, from which warnings are counted."""
    if command == "build":
        for handler in logging.getLogger("mkdocs").handlers:
            handler.setLevel(logging.WARNING)
