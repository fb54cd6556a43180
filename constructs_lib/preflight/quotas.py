"""What Service Quotas says of an account: the applied value of a quota, else the default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from constructs_lib.client.retries import code_of
from constructs_lib.facts.service_quotas import SERVICE_CODE, ServiceQuota, request_command
from constructs_lib.preflight.account import Account
from constructs_lib.templates.known_quotas import Learned


@dataclass(frozen=True, slots=True)
class Applied:
    """A quota as the account has it; ``code`` is Service Quotas' own."""

    value: float
    code: str
    is_adjustable: bool

    def remedy(self, needed: float, region: str, otherwise: str) -> str:
        """How to get more, where AWS gives more; ``otherwise`` says what else helps."""
        if not self.is_adjustable:
            return f"{otherwise}; AWS does not raise this quota"
        return f"ask for more: {request_command(self.code, needed, region)}; or {otherwise}"


def applied(account: Account, quota: ServiceQuota) -> Applied | None:
    """The value of a quota in the account, kept in ``account.learned``; ``None`` for one that Service Quotas lacks."""
    row = _by_code(account, quota) or account.once(_by_name).get(quota.name)
    if row is None or "Value" not in row:
        return None
    account.learned[quota.name] = Learned(row["Value"], account.today)
    return Applied(row["Value"], row["QuotaCode"], row.get("Adjustable", False))


def _by_code(account: Account, quota: ServiceQuota) -> Mapping[str, Any] | None:
    """The quota by its code, as long as the code is still that of the name."""
    if quota.code is None:
        return None
    client, wanted = account.service("service-quotas"), {"ServiceCode": SERVICE_CODE, "QuotaCode": quota.code}
    # Not every quota has an applied value: one that was never raised may have its default alone.
    for permission, ask in (
        ("servicequotas:GetServiceQuota", client.get_service_quota),
        ("servicequotas:GetAWSDefaultServiceQuota", client.get_aws_default_service_quota),
    ):
        try:
            with account.permitted(permission):
                row: Mapping[str, Any] = ask(**wanted)["Quota"]
        except ClientError as error:
            if code_of(error) != "NoSuchResourceException":
                raise
            continue
        return row if row.get("QuotaName") == quota.name else None
    return None


def _by_name(account: Account) -> Mapping[str, Mapping[str, Any]]:
    """Every quota of SageMaker by its name: for those whose code is not known here."""
    found: dict[str, Mapping[str, Any]] = {}
    for permission, operation in (
        ("servicequotas:ListAWSDefaultServiceQuotas", "list_aws_default_service_quotas"),
        ("servicequotas:ListServiceQuotas", "list_service_quotas"),
    ):
        pages = account.service("service-quotas").get_paginator(operation).paginate(ServiceCode=SERVICE_CODE)
        with account.permitted(permission):
            found |= {row["QuotaName"]: row for page in pages for row in page["Quotas"]}
    return found
