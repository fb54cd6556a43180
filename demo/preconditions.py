"""What must be there before the demo can start: one clear line for what is not."""

from __future__ import annotations

import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from demo.cdk import CLI

PACKAGES = ("aws_cdk", "boto3", "ministack", "sklearn")
REMEDY = "run `make setup`"


def missing(root: Path) -> str:
    """The first thing that is missing and what to do about it, or nothing."""
    if not (root / CLI).exists():
        return f"the cdk command line is not at {CLI}: {REMEDY}"
    for package in PACKAGES:
        if find_spec(package) is None:
            return f"the python package {package} is not installed beside {sys.executable}: {REMEDY}"
    search = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    if shutil.which("node", path=search) is None:
        return f"node is neither beside {sys.executable} nor on the PATH: {REMEDY}"
    return ""
