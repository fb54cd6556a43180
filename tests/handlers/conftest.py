"""The handlers' modules, which read their environment as they are loaded, and the events that they get."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from tests.handlers.messages import RESULTS_ENVIRONMENT, SUBMIT_ENVIRONMENT
from tests.handlers.tables import LOOKUP_ENVIRONMENT


def _load(name: str, environment: dict[str, str]) -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        for variable, value in (environment | {"AWS_DEFAULT_REGION": "us-east-1"}).items():
            patch.setenv(variable, value)
        yield importlib.import_module(name)


@pytest.fixture(scope="session")
def submit_handler() -> Iterator[ModuleType]:
    yield from _load("async_submit.handler", SUBMIT_ENVIRONMENT)


@pytest.fixture(scope="session")
def results_handler() -> Iterator[ModuleType]:
    yield from _load("async_results.handler", RESULTS_ENVIRONMENT)


@pytest.fixture(scope="session")
def lookup_handler() -> Iterator[ModuleType]:
    yield from _load("hybrid_lookup.handler", LOOKUP_ENVIRONMENT)


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    """What was logged since it was last asked; every line is an object of JSON."""
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]
