"""Alarms that roll a deployment back: which they are, and whether they can do it."""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib.facts import rollback_alarms as facts
from constructs_lib.facts.limit import Severity
from constructs_lib.facts.paths import ALARM, COMPONENT, ENDPOINT, ROLE
from constructs_lib.rules.deployment import DEPLOYMENT, ROLLBACK, ROLLING, ROUTING, STAGED
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.permissions import allows
from constructs_lib.templates.relations import config_of, endpoint_of, production_variants
from constructs_lib.templates.template import Node, Template
from constructs_lib.templates.values import references


@rule(facts.ROLLBACK_ALARM_NAME)
def rollback_alarm_by_name(template: Template) -> Iterator[Problem]:
    """A rollback alarm is named, not given by its ARN."""
    for _, place in _alarms(template):
        reference = place.reference
        alarm = template.follow(place, ALARM) if reference and reference.attribute == "Arn" else None
        if alarm is not None or (place.text or "").startswith("arn:"):
            yield Problem(
                place,
                "AlarmName must be the name of an alarm, got an ARN",
                f"give Ref {alarm.resource.logical_id}" if alarm else "give what stands after :alarm:",
                Severity.WARNING,
            )


@rule(facts.NO_ROLLBACK)
def steps_are_watched_by_alarms(template: Template) -> Iterator[Problem]:
    """A deployment in steps has alarms that roll it back."""
    for owner in template.of(ENDPOINT, COMPONENT):
        alarms = owner.at(*ROLLBACK, "Alarms")
        staged = owner.at(*ROUTING, "Type").text in STAGED or isinstance(owner.at(*ROLLING).value, dict)
        empty = alarms.value == []
        if empty or (staged and alarms.missing):
            yield Problem(
                alarms if empty else owner.at(DEPLOYMENT),
                "no alarm watches this deployment, so that nothing rolls it back",
                "give AutoRollbackConfiguration one to ten alarms on errors and latency",
            )


@rule(facts.ALARM_CYCLE)
def rollback_alarm_is_not_in_a_cycle(template: Template) -> Iterator[Problem]:
    """A rollback alarm of this template does not refer back to what it rolls back."""
    for owner, place in _alarms(template):
        named = place.reference
        alarm = template.resource(named.logical_id) if named else None
        if alarm is None or owner.resource.logical_id not in {found.logical_id for found in references(alarm.value)}:
            continue
        yield Problem(
            place,
            f"{alarm.resource.logical_id} refers to {owner.resource.logical_id} and is referred to by it: "
            f"CloudFormation refuses circular dependencies",
            "name the alarm by a text (give it AlarmName), or give its dimensions the name as a text",
        )


def _alarms(template: Template) -> list[tuple[Node, Node]]:
    """What has rollback alarms, with the place that names each."""
    return [
        (owner, alarm.at("AlarmName"))
        for owner in template.of(ENDPOINT, COMPONENT)
        for alarm in owner.at(*ROLLBACK, "Alarms").items
    ]


@rule(facts.ALARM_PERMISSION)
def role_may_describe_alarms(template: Template) -> Iterator[Problem]:
    """The execution role may describe the rollback alarms, as far as all its policies are known."""
    for owner in template.of(ENDPOINT, COMPONENT):
        alarms = owner.at(*ROLLBACK, "Alarms")
        for role in _execution_roles(template, owner) if alarms.items else ():
            if allows(template, role, facts.DESCRIBE_ALARMS) is False:
                yield Problem(
                    alarms,
                    f"the execution role {role.resource.logical_id} must be allowed {facts.DESCRIBE_ALARMS} "
                    "on the rollback alarms, no policy of it does",
                    f"allow {facts.DESCRIBE_ALARMS} in a policy of the role",
                )


def _execution_roles(template: Template, owner: Node) -> list[Node]:
    """The roles of this template under which an endpoint, or the endpoint of a component, runs."""
    endpoint = endpoint_of(template, owner) if owner.resource.type == COMPONENT else owner
    config = config_of(template, endpoint)
    models = [variant.model for variant in production_variants(template, config)]
    owners = [config] if config is not None and config.at("ExecutionRoleArn").given else models
    roles = [template.follow(each.at("ExecutionRoleArn"), ROLE) for each in owners if each is not None]
    return list({role.resource.logical_id: role for role in roles if role is not None}.values())
