"""The client is there without Node, without the CDK, and without boto3 until it is used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("module", ["constructs_lib.client", "constructs_lib.client.aio", "constructs_lib.client.cli"])
def test_importing_the_client_loads_neither_the_cdk_nor_boto3_nor_numpy(module: str) -> None:
    unwanted = {"aws_cdk", "constructs", "jsii", "boto3", "numpy", "pandas"}
    code = f"import sys, {module}; print(*sorted({unwanted!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_every_public_name_is_there() -> None:
    from constructs_lib import client

    assert client.__all__ == sorted(client.__all__)
    assert all(hasattr(client, name) for name in client.__all__)
