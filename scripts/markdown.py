"""Texts as Markdown, for the generated pages."""

from __future__ import annotations

import re

_CODE = re.compile(r"(``.+?``|`[^`]+`)")


def link(source: str) -> str:
    """A source as a link, if it is one."""
    return f"<{source}>" if source.startswith("https://") and " " not in source else source


def cell(text: str) -> str:
    """A text for a cell of a table: as it is between backticks, but for the bars that would end the cell."""
    pieces = _CODE.split(text.replace("\n", " ").replace("|", "\\|"))
    return "".join(piece if index % 2 else _escaped(piece) for index, piece in enumerate(pieces))


def _escaped(text: str) -> str:
    escaped = re.sub(r"\\(?!\|)", r"\\\\", text).replace("*", "\\*")
    return escaped if text.startswith("<http") else escaped.replace("<", "&lt;")
