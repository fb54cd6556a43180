"""For the tests of your own stacks: synthesize them, assert what matters of them, deploy them into a local AWS.

Nothing here needs pytest but ``local_aws``, and nothing registers itself with it: where the library is installed, tests
that do not ask for it run as before. The names are loaded on first use, so that tests without a stack start no Node.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from constructs_lib.testing.contents import actions, one, only, statements
    from constructs_lib.testing.deploying import deploy
    from constructs_lib.testing.encryption import assert_encrypted_with
    from constructs_lib.testing.fixtures import local_aws
    from constructs_lib.testing.limits import assert_no_limit_findings
    from constructs_lib.testing.permissions import assert_least_privilege
    from constructs_lib.testing.retention import assert_retained
    from constructs_lib.testing.scaling import assert_scales_to_zero
    from constructs_lib.testing.synthesis import synthesize

_HOMES = {
    "actions": "contents",
    "assert_encrypted_with": "encryption",
    "assert_least_privilege": "permissions",
    "assert_no_limit_findings": "limits",
    "assert_retained": "retention",
    "assert_scales_to_zero": "scaling",
    "deploy": "deploying",
    "local_aws": "fixtures",
    "one": "contents",
    "only": "contents",
    "statements": "contents",
    "synthesize": "synthesis",
}

__all__ = [
    "actions",
    "assert_encrypted_with",
    "assert_least_privilege",
    "assert_no_limit_findings",
    "assert_retained",
    "assert_scales_to_zero",
    "deploy",
    "local_aws",
    "one",
    "only",
    "statements",
    "synthesize",
]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
