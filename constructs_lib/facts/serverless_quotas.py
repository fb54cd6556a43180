"""Where serverless inference is offered, and what an account may use of it by default."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Choice, Limit, Range, Severity
from constructs_lib.facts.paths import in_variants

_CHECKED = date(2026, 11, 21)
_DOCS = "https://docs.aws.amazon.com/sagemaker/latest/dg"
_GUIDE = f"{_DOCS}/serverless-endpoints.html"
_QUOTAS = "https://docs.aws.amazon.com/general/latest/gr/sagemaker.html"

# Where serverless inference is offered, and what an account may use by default.
REGIONS = Limit(
    id="SLS-REGIONS",
    what="Region of a serverless endpoint",
    unit="",
    allowed=Choice(
        (
            "us-east-1",
            "us-east-2",
            "us-west-1",
            "us-west-2",
            "af-south-1",
            "ap-east-1",
            "ap-south-1",
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-northeast-3",
            "ap-southeast-1",
            "ap-southeast-2",
            "ca-central-1",
            "eu-central-1",
            "eu-west-1",
            "eu-west-2",
            "eu-west-3",
            "eu-north-1",
            "eu-south-1",
            "me-south-1",
            "sa-east-1",
        )
    ),
    source=_GUIDE,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
# No document of AWS names this quota: only the refusal does, and an entry in Service Quotas is missing too.
ACCOUNT_MEMORY = Limit(
    id="SLS-ACC-MEM",
    what="MemorySizeInMB in an account that never had this quota raised",
    unit="MB",
    allowed=Range(None, 3072),
    source=_QUOTAS,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
    paths=in_variants("ServerlessConfig/MemorySizeInMB"),
    aws_says="The account-level service limit 'Memory size in MB per serverless endpoint' is 3072 MBs",
    fix="lower it to 3072, or have AWS raise the quota before deploying",
)
ACCOUNT_ENDPOINTS = Limit(
    id="SLS-ACC-ENDPOINTS",
    what="serverless endpoints of an account in a Region",
    unit="endpoints",
    allowed=Range(None, 50),
    source=_GUIDE,
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
# AWS contradicts itself: the guide says 50, 500 and 1000, the table of quotas 5 and 10 for new accounts.
NEW_ACCOUNT_ENDPOINTS = Limit(
    id="SLS-ACC-ENDPOINTS-NEW",
    what="serverless endpoints of a new account in a Region (L-99AD19BF)",
    unit="endpoints",
    allowed=Range(None, 5),
    source=_QUOTAS,
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
ACCOUNT_CONCURRENCY = Limit(
    id="SLS-ACC-CONC",
    what="MaxConcurrency of all serverless endpoints of an account in a large Region",
    unit="concurrent invocations",
    allowed=Range(None, 1000),
    source=_GUIDE,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
ACCOUNT_CONCURRENCY_ELSEWHERE = Limit(
    id="SLS-ACC-CONC-ELSEWHERE",
    what="MaxConcurrency of all serverless endpoints of an account in any other Region",
    unit="concurrent invocations",
    allowed=Range(None, 500),
    source=_GUIDE,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
NEW_ACCOUNT_CONCURRENCY = Limit(
    id="SLS-ACC-CONC-NEW",
    what="MaxConcurrency of all serverless endpoints of a new account in a Region (L-96300102)",
    unit="concurrent invocations",
    allowed=Range(None, 10),
    source=_QUOTAS,
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
LARGE_REGIONS = Limit(
    id="SLS-ACC-CONC-REGIONS",
    what="Regions with the larger quota of concurrency",
    unit="",
    allowed=Choice(
        (
            "us-east-1",
            "us-east-2",
            "us-west-2",
            "ap-southeast-1",
            "ap-southeast-2",
            "ap-northeast-1",
            "eu-central-1",
            "eu-west-1",
        )
    ),
    source=_GUIDE,
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
