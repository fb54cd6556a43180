"""What `local up` leaves for the other commands: which process serves on which port."""

from __future__ import annotations

import getpass
import json
import os
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Running:
    """A local AWS in the background."""

    pid: int
    port: int

    @property
    def endpoint_url(self) -> str:
        """Where it answers."""
        return f"http://localhost:{self.port}"

    @staticmethod
    def _folder() -> Path:
        folder = Path(tempfile.gettempdir()) / f"local-aws-{getpass.getuser()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    @classmethod
    def log_path(cls) -> Path:
        """The log of the server in the background."""
        return cls._folder() / "server.log"

    @classmethod
    def load(cls) -> Running | None:
        """The one that runs, or None; a state file that outlived its process is removed."""
        path = cls._folder() / "running.json"
        try:
            running = cls(**json.loads(path.read_text()))
            os.kill(running.pid, 0)
        except (FileNotFoundError, ProcessLookupError, PermissionError, ValueError, TypeError):
            cls.forget()
            return None
        return running

    def save(self) -> None:
        """Remember it for the next command."""
        (self._folder() / "running.json").write_text(json.dumps(asdict(self)))

    @classmethod
    def forget(cls) -> None:
        """Remove the state file."""
        with suppress(FileNotFoundError):
            (cls._folder() / "running.json").unlink()
