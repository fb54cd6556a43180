"""What all tests share. CDK's own validation costs most of a second a process; the tests that want it switch it on."""

from __future__ import annotations

import os

os.environ.setdefault("CDK_VALIDATION", "false")
