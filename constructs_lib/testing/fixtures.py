"""A local AWS as a fixture of pytest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from constructs_lib.local import LocalAws

Scope = Literal["session", "package", "module", "class", "function"]


def local_aws(
    *,
    containers: Mapping[str, Sequence[str]] | None = None,
    time_scale: float = 1.0,
    permissions: bool = True,
    scope: Scope = "session",
) -> object:
    """Make a fixture that is a ``LocalAws``; the name that it is given is the fixture's name.

    In ``conftest.py`` or in a test file: ``aws = local_aws(containers={"classifier": [sys.executable, "serve.py"]})``.
    It starts in about a second when a test first asks for it, and stops after the last one.

    :param containers: the command that stands for the images of a repository, by the repository's name. Default: none.
    :param time_scale: how many times as fast as the wall's the clock of scaling runs. Default: 1.0.
    :param permissions: whether functions may do only what their roles may, which then have to be there. Default: true.
    :param scope: how long it lives; stacks and objects stay in it as long. Default: one for the whole session.
    """
    import pytest  # whoever makes a fixture has it; the rest of the kit does without

    def started() -> Iterator[LocalAws]:
        from constructs_lib.local import LocalAws

        commands = {name: list(command) for name, command in (containers or {}).items()}
        with LocalAws(containers=commands, time_scale=time_scale, permissions=permissions) as aws:
            yield aws

    return pytest.fixture(scope=scope)(started)
