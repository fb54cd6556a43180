"""The site's build, with this repository's settings on pages of a line: silent when all is well, strict about links."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAKE = (ROOT / "Makefile").read_text(encoding="utf-8")


def build(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """What `make docs` does, without the plug-ins, of a page with a text."""
    (folder / "docs").mkdir()
    (folder / "docs" / "index.md").write_text(f"# A page\n\n{text}\n", encoding="utf-8")
    config = {
        "INHERIT": str(ROOT / "mkdocs.yml"),
        "docs_dir": "docs",
        "site_dir": "site",
        "hooks": [str(ROOT / "scripts" / "quiet_build.py")],
        "plugins": [],
        "nav": [{"A page": "index.md"}],
    }
    (folder / "mkdocs.yml").write_text(json.dumps(config), encoding="utf-8")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_the_build_of_the_makefile_is_the_one_that_is_tried_here() -> None:
    (line,) = [line for line in MAKE.splitlines() if "mkdocs" in line]
    assert line.strip() == "@NO_MKDOCS_2_WARNING=1 $(PYTHON) -m mkdocs build --strict"
    assert "\nhooks: [scripts/quiet_build.py]\n" in (ROOT / "mkdocs.yml").read_text(encoding="utf-8")


def test_a_build_without_problems_prints_nothing_and_its_pages_fetch_nothing_from_elsewhere(tmp_path: Path) -> None:
    done = build(tmp_path, "[itself](index.md#a-page)")
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    tags = (tmp_path / "site" / "index.html").read_text(encoding="utf-8").split("<")
    assert [tag for tag in tags if tag.startswith(("script", "link", "img")) and '="https://' in tag] == []


def test_links_to_nowhere_fail_the_build_and_are_named(tmp_path: Path) -> None:
    links = ["nowhere.md", "index.md#no-such-anchor", "/absolute.md"]
    done = build(tmp_path, " ".join(f"[nowhere]({link})" for link in links))
    assert done.returncode == 1
    assert [link for link in links if link.rpartition("#")[2] not in done.stderr] == []
