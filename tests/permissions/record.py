"""Makes `calls.json` out of what the end-to-end tests and the demo called: see docs/permissions.md.

LOCAL_AWS_CALLS=/tmp/calls.jsonl python -m pytest tests/end_to_end
python -m tests.permissions.record /tmp/calls.jsonl
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path

HANDLERS = Path(__file__).parents[2] / "lambda"
CALLS = Path(__file__).with_name("calls.json")


def main(recorded: Path) -> None:
    """Keep which actions each handler of ours was allowed, and used."""
    known = {folder.name for folder in HANDLERS.iterdir() if (folder / "handler.py").is_file()}
    used: defaultdict[str, set[str]] = defaultdict(set)
    for line in recorded.read_text(encoding="utf-8").splitlines():
        call = json.loads(line)
        handler = call["handler"].partition(".")[0]
        if call["allowed"] and handler in known:
            used[handler].add(call["action"])
    document = {handler: sorted(actions) for handler, actions in sorted(used.items())}
    CALLS.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
