"""The parameters with which a state machine starts a batch transform job: which there are, and which are required."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from constructs_lib.facts import transform_members
from constructs_lib.facts.limit import Severity
from constructs_lib.facts.transform_members import MEMBERS, REQUIRED
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.state_machines import CREATE_TRANSFORM_JOB, tasks
from constructs_lib.templates.template import Template


@rule(transform_members.NO_PARAMETERS)
def parameters_are_given(template: Template) -> Iterator[Problem]:
    """A task that starts a transform job has Parameters, or Arguments in JSONata."""
    for job in tasks(template, CREATE_TRANSFORM_JOB):
        if job.parameters.missing:
            yield Problem(
                job.state.node,
                f"task {job.state.name} starts a transform job without Parameters (Arguments in JSONata)",
                f"give at least {', '.join(REQUIRED[''])}",
            )


@rule(transform_members.REQUIRED_MEMBERS)
def required_members_are_given(template: Template) -> Iterator[Problem]:
    """A transform job has the members that CreateTransformJob requires."""
    for job in tasks(template, CREATE_TRANSFORM_JOB):
        for place, required in REQUIRED.items():
            for node in job.parameters.below(place):
                unknown = [name for name, _ in node.entries if name not in MEMBERS[place]]
                misspelt = {_meant(name, required) for name in unknown}
                for name in required:
                    if isinstance(node.value, dict) and node.at(name).missing and name not in misspelt:
                        where = place.replace("/", ".") or "CreateTransformJob"
                        yield Problem(node, f"{name} is required in {where}", f"give {name}")


@rule(transform_members.UNKNOWN_FIELD)
def members_exist(template: Template) -> Iterator[Problem]:
    """The parameters of a transform job have only members that CreateTransformJob has."""
    for job in tasks(template, CREATE_TRANSFORM_JOB):
        for place, members in MEMBERS.items():
            for node in job.parameters.below(place) if place != "Tags/*" else ():
                for name, entry in node.entries:
                    if name not in members:
                        near = _meant(name, members)
                        yield Problem(
                            entry,
                            f"CreateTransformJob has no member {'.'.join([*place.split('/'), name]).lstrip('.')}",
                            f"write {near}" if near else f"leave it out; there are {', '.join(members)}",
                            None if near else Severity.WARNING,  # it may be newer than the API model of this check
                        )


@rule(transform_members.TAG_KEYS)
def tags_have_key_and_value(template: Template) -> Iterator[Problem]:
    """A tag of a transform job has the members Key and Value, in upper case."""
    for job in tasks(template, CREATE_TRANSFORM_JOB):
        for tag in job.parameters.at("Tags").items:
            for name, entry in tag.entries:
                if name not in MEMBERS["Tags/*"]:
                    near = _meant(name, MEMBERS["Tags/*"])
                    yield Problem(entry, f"a tag has no member {name}", f"write {near}" if near else "leave it out")


def _meant(name: str, members: Sequence[str]) -> str | None:
    """The member that a misspelt name means."""
    by_case = {member.lower(): member for member in members}
    near = get_close_matches(name.lower(), by_case, n=1, cutoff=0.8)
    return by_case[near[0]] if near else None
