"""The limit check: every rule over a parsed template. ``judge`` is the whole of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib import import_module
from typing import Any

from constructs_lib.facts import catalog
from constructs_lib.facts.limit import Severity
from constructs_lib.rules.rows import Branch, compare, plant
from constructs_lib.rules.rule import REGISTRY, Finding, Rule, finding, stated
from constructs_lib.templates.known_quotas import KnownQuotas
from constructs_lib.templates.template import Template, resources, templates

# One file a subject, with the same nouns as the facts.
SUBJECTS = catalog.modules(__file__, "cli", "formats", "rows", "rule")


@cache
def rules() -> Mapping[str, Rule]:
    """Every rule by its id, in the order of ids: the rows that have paths, and those that have checks."""
    for subject in SUBJECTS:
        import_module(f"{__name__}.{subject}")
    known = dict(REGISTRY)
    for limit in catalog.limits():
        if limit.paths and limit.id not in known:
            known[limit.id] = Rule(limit, stated(limit))
    return dict(sorted(known.items()))


def subject_of(known: Rule) -> str:
    """The file of the facts that holds the rule's row."""
    return next(subject for subject in catalog.SUBJECTS if known.limit in catalog.limits_of(subject))


def judge(
    document: Mapping[str, Any], *, region: str | None = None, quotas: KnownQuotas | None = None
) -> list[Finding]:
    """Everything that is wrong with a template, in the order of its resources; never an exception of a rule.

    ``region`` is where the template is deployed: what depends on the Region is judged only if it is known. ``quotas``
    are those of the account, in place of what a new account has.
    """
    found: dict[Finding, None] = {}
    for template in templates(document, _matters, region, quotas):
        if template.has_defaults:
            found.update(dict.fromkeys(_by_default(template, found)))
        else:
            found.update(dict.fromkeys(_judge(template)))
    order = {logical_id: place for place, (logical_id, _) in enumerate(resources(document))}
    return sorted(found, key=lambda item: (order.get(item.logical_id, -1), item.path, item.rule))


def _judge(template: Template) -> Iterator[Finding]:
    for limit, problem in compare(_tree(), template):
        yield finding(limit, problem)
    for known in rules().values():
        for check in known.checks:
            try:
                problems = list(check(template))
            except Exception as error:  # noqa: BLE001 - a rule that fails must not lose what the others found
                yield _failed(known, error)
                continue
            yield from (finding(known.limit, problem) for problem in problems)


def _by_default(template: Template, found: Iterable[Finding]) -> list[Finding]:
    """What is refused only where parameters keep their defaults: a warning, since a deployment may give others."""
    told = {(finding.rule, finding.logical_id, finding.path) for finding in found}
    return [
        replace(finding, severity=Severity.WARNING, message=f"with the default values of parameters: {finding.message}")
        for finding in _judge(template)
        if finding.severity is Severity.ERROR and (finding.rule, finding.logical_id, finding.path) not in told
    ]


def _failed(known: Rule, error: Exception) -> Finding:
    return Finding(
        rule=known.id,
        severity=Severity.WARNING,
        logical_id="",
        path="",
        message=f"this rule could not be judged: {type(error).__name__}: {error}",
        fix="please report it with the template",
        source=known.limit.source,
    )


@cache
def _tree() -> dict[str, Branch]:
    return plant(known.limit for known in rules().values())


# Only conditions on which resources of these services depend make a difference.
_SERVICES = frozenset(
    {
        "ApiGateway",
        "ApiGatewayV2",
        "ApplicationAutoScaling",
        "CloudWatch",
        "DynamoDB",
        "Events",
        "IAM",
        "Kinesis",
        "KinesisFirehose",
        "Lambda",
        "SNS",
        "SQS",
        "SageMaker",
        "Scheduler",
        "StepFunctions",
    }
)


def _matters(type_: str) -> bool:
    return type_.partition("::")[2].partition("::")[0] in _SERVICES


__all__ = ["Finding", "Rule", "judge", "rules"]
