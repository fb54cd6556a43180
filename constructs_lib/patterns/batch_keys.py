"""What of a batch its key encrypts besides the buckets: the jobs' disks and answers, definition and history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from constructs_lib.endpoints.permissions import arn_of
from constructs_lib.facts.instances import hardware
from constructs_lib.options import TransformOptions


def under_key(
    options: TransformOptions, instance_types: Sequence[str], encryption_key: kms.IKey | None
) -> TransformOptions:
    """The options with ``encryption_key`` for answers and disks, as far as they name no key of their own.

    A type with a local disk is refused a key (KMS-NVME-TR): its hardware encrypts that disk.
    """
    if encryption_key is None:
        return options
    known = [hardware(each) for each in instance_types]
    takes_key = all(each is not None and not each.has_local_nvme for each in known)
    volume = encryption_key.key_arn if takes_key else None
    return replace(
        options,
        volume_kms_key_id=options.volume_kms_key_id or volume,
        output_kms_key_id=options.output_kms_key_id or encryption_key.key_arn,
    )


def encrypt_history(machine: sfn.StateMachine, encryption_key: kms.IKey) -> None:
    """Encrypt the definition of a state machine and the history of its executions.

    CDK's own way gives the role a permission for a machine without a name, as this one is.
    """
    resource = machine.node.default_child
    assert isinstance(resource, sfn.CfnStateMachine)
    resource.encryption_configuration = sfn.CfnStateMachine.EncryptionConfigurationProperty(
        type="CUSTOMER_MANAGED_KMS_KEY", kms_key_id=encryption_key.key_arn
    )


def grant_history(scope: Construct, grantee: iam.IGrantable, encryption_key: kms.IKey | None) -> iam.Grant | None:
    """Let who runs, starts or looks into state machines of the account use the key for that, and for nothing else.

    Not one machine: it waits for its role, and for the functions whose roles look into it.
    https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html; that callers of StartExecution,
    DescribeExecution and StopExecution need it too is said by KmsAccessDeniedException in the API model.
    """
    if encryption_key is None:
        return None
    machines = {"kms:EncryptionContext:aws:states:stateMachineArn": arn_of(scope, "states", "stateMachine:*")}
    return iam.Grant.add_to_principal(
        grantee=grantee,
        actions=["kms:Decrypt", "kms:GenerateDataKey"],
        resource_arns=[encryption_key.key_arn],
        conditions={"StringLike": machines},
    )
