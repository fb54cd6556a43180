"""Service Quotas: the local AWS has no quotas, and says so as AWS does of one that is not there."""

from constructs_lib.local.errors import AwsError
from constructs_lib.local.store import Payload

_LISTS = ("ListServiceQuotas", "ListAWSDefaultServiceQuotas")


def handle(operation: str, request: Payload) -> Payload:
    """Answer an operation of the API; every quota that is asked for by its code is missing."""
    if operation in _LISTS:
        return {"Quotas": []}
    raise AwsError("NoSuchResourceException", f"the local AWS has no quota {request.get('QuotaCode', '')}".rstrip())
