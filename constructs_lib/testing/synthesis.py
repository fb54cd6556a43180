"""Synthesizes what a test has built, and finds the templates in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk.assertions import Template

from constructs_lib.templates.files import TemplateFile, Unreadable, read_stack, stacks
from constructs_lib.tokens import is_token

Subject = cdk.Stack | cdk.Stage | Template | Mapping[str, Any]
"""What can be asserted of: a stack, an app or a stage with all of its stacks, or a template."""

# A stack is synthesized once, as CDK itself does it, however many tests ask.
_known: WeakKeyDictionary[cdk.Stack, Template] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Source:
    """A template of a subject; ``stack`` is that of the stack which it is, or is nested in."""

    file: TemplateFile
    stack: Path

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.file.path.name.partition(".")[0]


def synthesize(source: cdk.Stack | cdk.Stage | Callable[[cdk.Stack], object]) -> Template:
    """The template of a stack; it is synthesized once, so what is added afterwards is not in it.

    :param source: a stack, an app or a stage with a single one, or a function that fills a new stack:
        ``synthesize(lambda stack: Model(stack, "Model", image=image))``.

    Raises AssertionError if an app has not exactly one stack, and what CDK raises if it cannot be synthesized.
    """
    __tracebackhide__ = True
    if isinstance(source, cdk.Stage):
        return Template.from_json(single_stack(source).template)
    if not isinstance(source, cdk.Stack):
        stack = cdk.Stack(cdk.App(), "Stack")
        source(stack)
        return Template.from_stack(stack)
    if source not in _known:
        _known[source] = Template.from_stack(source)
    return _known[source]


def single_stack(stage: cdk.Stage) -> cdk.cx_api.CloudFormationStackArtifact:
    """The only stack of an app or a stage, synthesized. Raises AssertionError with the names of several."""
    __tracebackhide__ = True
    found = stage.synth().stacks_recursively
    if len(found) != 1:
        names = ", ".join(stack.stack_name for stack in found)
        raise AssertionError(f"expected an app with one stack, found {len(found)}: {names}; give one of them")
    return found[0]


def sources_of(subject: Subject) -> list[Source]:
    """The templates of a subject, nested ones too.

    What a plugin of CDK refuses is read all the same: whether it may be deployed is not what a matcher asks.
    """
    if isinstance(subject, (Template, Mapping)):
        document = subject.to_json() if isinstance(subject, Template) else subject
        path = Path("template")
        return [Source(TemplateFile(path, document), path)]
    if isinstance(subject, cdk.Stage):
        folder = _folder(subject)
        return [source for stack in stacks(folder) for source in _read(stack.template, stack.region, stack.account)]
    template = _folder(stage_of(subject)) / subject.template_file
    return list(_read(template, _known_only(subject.region), _known_only(subject.account)))


def stage_of(stack: cdk.Stack) -> cdk.Stage:
    """The app or the stage that synthesizes a stack; CDK makes one for a stack that is given none."""
    stage = cdk.Stage.of(stack)
    assert stage is not None
    return stage


def _folder(stage: cdk.Stage) -> Path:
    try:
        return Path(stage.synth().directory)
    except RuntimeError as error:
        if "ValidationFailed" not in str(error):
            raise
        return Path(stage.outdir)


def _known_only(value: str) -> str | None:
    return None if is_token(value) else value


def _read(template: Path, region: str | None, account: str | None) -> Iterator[Source]:
    for file in read_stack(template, region, account):
        if isinstance(file, Unreadable):
            raise file  # CDK has written it a moment ago
        yield Source(file, template)
