"""The classifier's modules loaded from their folder, its trained artifact, and its server as a real process."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tarfile
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

FOLDER = Path(__file__).resolve().parents[2] / "containers" / "classifier"


def load_module(name: str) -> ModuleType:
    """A module of the container by its file: the folder is no package, and must not be on the path of other tests."""
    qualified = f"classifier_{name}"
    if qualified not in sys.modules:
        spec = importlib.util.spec_from_file_location(qualified, FOLDER / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = sys.modules[qualified] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[qualified]


@pytest.fixture(scope="session")
def codec() -> ModuleType:
    return load_module("codec")


@pytest.fixture(scope="session")
def wire() -> ModuleType:
    return load_module("wire")


@pytest.fixture(scope="session")
def model() -> ModuleType:
    return load_module("model")


@pytest.fixture(scope="session")
def samples() -> ModuleType:
    return load_module("samples")


@pytest.fixture(scope="session")
def train(samples: ModuleType) -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "samples", samples)  # as a file beside the script
        yield load_module("train")


@pytest.fixture(scope="session")
def trained(train: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of freshly trained archives, with the rows and labels that the models have never seen."""
    folder = tmp_path_factory.mktemp("artifacts")
    assert train.main(["--out", str(folder), "--test-split"]) == 0
    return folder


@pytest.fixture(scope="session")
def model_dirs(trained: Path) -> dict[str, Path]:
    """The archives unpacked, as SageMaker hands them to containers, by their names."""
    return {path.name.removesuffix(".tar.gz"): unpacked(path) for path in trained.glob("*.tar.gz")}


@pytest.fixture(scope="session")
def model_dir(model_dirs: dict[str, Path]) -> Path:
    """The model of the digits."""
    return model_dirs["model"]


def unpacked(packed: Path) -> Path:
    """An archive unpacked into a folder beside it."""
    folder = packed.with_suffix(".unpacked")
    folder.mkdir()
    with tarfile.open(packed) as archive:
        for entry in archive.getmembers():
            content = archive.extractfile(entry)
            assert content is not None
            (folder / entry.name).write_bytes(content.read())
    return folder


class Server:
    """A running server process and a way to talk to it."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.port = port

    def connect(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.port, timeout=10)

    def call(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, bytes]:
        """One request on a connection of its own; underscores in header names stand for hyphens."""
        connection = self.connect()
        try:
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, names)  # type: ignore[arg-type]
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


@pytest.fixture(scope="session")
def start(model_dir: Path) -> Iterator[Callable[..., Server]]:
    """Start a server on a free port, with more environment if wanted; all are ended with the test session."""
    running: list[subprocess.Popen[str]] = []

    def starter(**environment: str) -> Server:
        process = subprocess.Popen(
            [sys.executable, str(FOLDER / "serve.py"), "serve"],
            env={
                **os.environ,
                "SM_MODEL_DIR": str(model_dir),
                "SAGEMAKER_BIND_TO_PORT": "0",
                "BIND_HOST": "127.0.0.1",
                **environment,
            },
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        assert process.stderr is not None
        line = process.stderr.readline()
        assert line.startswith("serving on 127.0.0.1:"), line
        return Server(process, int(line.rpartition(":")[2]))

    yield starter
    for process in running:
        process.kill()
        process.wait()
        if process.stderr is not None:
            process.stderr.close()


@pytest.fixture(scope="session")
def server(start: Callable[..., Server]) -> Server:
    return start()
