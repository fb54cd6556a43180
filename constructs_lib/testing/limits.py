"""The limit check as an assertion."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path

from aws_cdk.assertions import Template

from constructs_lib.rules import judge, rules
from constructs_lib.rules.formats import Located, text
from constructs_lib.templates import known_quotas
from constructs_lib.testing import acknowledged
from constructs_lib.testing.synthesis import Source, Subject, sources_of

_REMEDY = (
    "accept what is right for you by ignore=(RULE,), or in the app by "
    'Validations.of(construct).acknowledge(Acknowledgment(id="InferenceLimits::RULE", reason=...))'
)


def assert_no_limit_findings(subject: Subject, *, ignore: Collection[str] = (), region: str | None = None) -> None:
    """Fail with every finding of the limit check, errors, warnings and notes, in full.

    What the app has acknowledged is no finding. Quotas are those of ``cdk.context.json`` where the preflight has put
    them there, else those of a new account.

    :param subject: a stack, an app with all of its stacks, or a template.
    :param ignore: ids of rules that are not reported. Default: none.
    :param region: where it is deployed. Default: the Region of each stack where it is known; what depends on the
        Region is not judged where it is not.

    Raises AssertionError with the findings, or with the ids in ``ignore`` that no rule has.
    """
    __tracebackhide__ = True
    unknown = sorted(set(ignore) - set(rules()))
    if unknown:
        listed = ", ".join(unknown)
        raise AssertionError(f"ignore names no rule with {listed}; python -m constructs_lib rules lists them")
    everywhere = frozenset(ignore)
    if not isinstance(subject, (Template, Mapping)):
        everywhere |= acknowledged.of_scopes(subject)
    found = [located for source in sources_of(subject) for located in _found(source, region, everywhere)]
    if found:
        raise AssertionError(f"the limit check found something\n{text(found, rules())}\n{_REMEDY}")


def _found(source: Source, region: str | None, accepted: frozenset[str]) -> list[Located]:
    file, in_stack = source.file, acknowledged.of_resources(source.stack)
    where = region or file.region
    quotas = known_quotas.read(Path(known_quotas.CONTEXT_FILE), today=date.today())
    findings = judge(file.document, region=where, quotas=known_quotas.of(quotas, file.account, where))
    return [
        Located(Path(file.path.name), finding)
        for finding in findings
        if finding.rule not in accepted and finding.rule not in in_stack.get(finding.logical_id, ())
    ]
