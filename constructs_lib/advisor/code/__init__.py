"""The suggested code: a complete CDK app, which synthesizes and passes the limit check.

Names of a repository, a bucket and a VPC in it are placeholders; everything else follows from the workload.
"""

from constructs_lib.advisor.code.app import code
from constructs_lib.advisor.code.plan import Plan, plan_of

__all__ = ["Plan", "code", "plan_of"]
