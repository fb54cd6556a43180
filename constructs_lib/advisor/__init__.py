"""Which way of serving a workload wants, why not the others, and what each costs a month."""

from constructs_lib.advisor.advise import recommend
from constructs_lib.advisor.files import read_workload, workload_of
from constructs_lib.advisor.recommendation import Recommendation
from constructs_lib.advisor.strategies import Form, Strategy
from constructs_lib.advisor.workload import Compare, Traffic, Workload

__all__ = [
    "Compare",
    "Form",
    "Recommendation",
    "Strategy",
    "Traffic",
    "Workload",
    "read_workload",
    "recommend",
    "workload_of",
]
