"""What all tests share.

CDK's own validation costs most of a second a process; the tests that want it switch it on. The environment's own Node
comes first: the one of the machine may be too old, or absent. Bytecode is kept even where the environment says not to:
without it every local AWS, and every worker of pytest, compiles for seconds as it starts.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

os.environ.setdefault("CDK_VALIDATION", "false")
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that at the end no worker is left alone with it."""
    items.sort(key=lambda item: "end_to_end" not in item.path.parts)
