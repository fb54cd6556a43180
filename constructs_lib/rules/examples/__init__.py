"""For each rule a template that passes and one that fails, as close to its boundary as they can be.

``python -m constructs_lib rules ID`` shows them, and the tests hold every rule to its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module

from constructs_lib.facts import catalog
from constructs_lib.rules.examples.example import Example

# One file a subject, named as the file of the rules.
SUBJECTS = catalog.modules(__file__, "bases", "example")


@cache
def examples() -> Mapping[str, tuple[Example, ...]]:
    """The examples of every rule, by its id."""
    found: dict[str, tuple[Example, ...]] = {}
    for subject in SUBJECTS:
        for rule, given in import_module(f"{__name__}.{subject}").EXAMPLES.items():
            found[rule] = (*found.get(rule, ()), *(given if isinstance(given, tuple) else (given,)))
    return found
