"""What rule packs such as cdk-nag find in the constructs of this library and is meant so, each with its reason.

Nothing of a pack is imported: an acknowledgement of CDK's is an id and a reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aws_cdk import Acknowledgment, Stack, Validations
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct

_PACKAGE = __name__.partition(".")[0]
_PACKS_OF_CONTROLS = ("HIPAA.Security", "NIST.800.53.R5", "PCI.DSS.321")
# Rules that name a resource, with what they find there. A control is in some of the packs, and no harm in the others.
_CONTROLS: Mapping[str, str] = {
    "IAMNoInlinePolicy": "each role has a policy of its own, for the resources of its construct; CDK writes it inline",
    "LambdaConcurrency": "what calls them bounds how many run at once; a reserve is taken from the account",
    "LambdaDLQ": "the function is called by what waits for its answer and handles its failure, or reads a queue or "
    "stream with a place for failures",
}
_RULES: Mapping[str, str] = {
    "AwsSolutions::AwsSolutions-SF1": "the history of executions is kept for 90 days; logs of all events would hold "
    "data a second time",
    "AwsSolutions::AwsSolutions-SF2": "traces are switched on by whoever reads and pays for them",
    "AwsSolutions::AwsSolutions-SQS3": "the queue is the place for what has failed already",
}
# Of a table whose items say how far a stream was read.
_JOURNAL = "nobody could use the progress of yesterday, so it has no backups"
_JOURNAL_CONTROLS = ("DynamoDBInBackupPlan", "DynamoDBPITREnabled")
_WILDCARD = "AwsSolutions::AwsSolutions-IAM5"


def acknowledge_by_design(scope: Construct) -> None:
    """Acknowledge what cdk-nag finds in the constructs of this library below ``scope`` and is meant so.

    Call it when the app is complete, before it is synthesized. What remains is for the owner of the app to decide, such
    as keys, networks and logs of access; the guide to security lists it. It knows the packs AwsSolutions, NIST 800-53
    R5, HIPAA Security and PCI DSS 3.2.1.
    """
    for construct in _own(scope):
        controls = {
            f"{pack}::{pack}-{name}": reason for name, reason in _CONTROLS.items() for pack in _PACKS_OF_CONTROLS
        }
        _acknowledge(construct, {**controls, **_RULES})
        journal = construct.node.try_find_child("State")
        if journal is not None:
            rules = [f"{pack}::{pack}-{name}" for name in _JOURNAL_CONTROLS for pack in _PACKS_OF_CONTROLS]
            _acknowledge(journal, {**dict.fromkeys(rules, _JOURNAL), "AwsSolutions::AwsSolutions-DDB3": _JOURNAL})
        for child in construct.node.find_all():
            if isinstance(child, iam.CfnPolicy | iam.CfnRole):
                _acknowledge(child, dict(_wildcards(child)))


def _own(scope: IConstruct) -> Iterator[IConstruct]:
    """The constructs of the library below ``scope`` that stand in no other one of them."""
    if type(scope).__module__.partition(".")[0] == _PACKAGE:
        yield scope
        return
    for child in scope.node.children:
        yield from _own(child)


def _acknowledge(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    if reasons:
        rules = [Acknowledgment(id=id, reason=reason) for id, reason in reasons.items()]
        Validations.of(construct).acknowledge(*rules)


def _wildcards(resource: iam.CfnPolicy | iam.CfnRole) -> Iterator[tuple[str, str]]:
    """The id of each finding of a wildcard in the policies of ``resource``, with the reason for the wildcard."""
    documents = (
        [resource.policy_document]
        if isinstance(resource, iam.CfnPolicy)
        else [each["policyDocument"] for each in Stack.of(resource).resolve(resource.policies) or ()]
    )
    for document in documents:
        for statement in Stack.of(resource).resolve(document)["Statement"]:
            for action in _listed(statement.get("Action", ())):
                if "*" in action:
                    yield f"{_WILDCARD}[Action::{action}]", "the forms of one action, on one key"
            for name in map(_flat, _listed(statement.get("Resource", ()))):
                if "*" in name:
                    yield f"{_WILDCARD}[Resource::{name}]", _reason(name)


def _reason(resource: str) -> str:
    if resource == "*":
        return "the actions have no resource level; where there is a condition that bounds them it is set"
    if resource.endswith(":*"):
        return "the versions or executions of one resource"
    return "what is made at run time below one name"


def _flat(value: Any) -> str:
    """A value of CloudFormation in the way in which cdk-nag writes it."""
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        return str(separator).join(map(_flat, parts))
    if "Fn::GetAtt" in value:
        return f"<{'.'.join(value['Fn::GetAtt'])}>"
    if "Ref" in value:
        return f"<{value['Ref']}>"
    return str(value)


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else [value]
