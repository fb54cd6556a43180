"""Instances against the quotas that the preflight learned of an account."""

from __future__ import annotations

from datetime import date, timedelta

from constructs_lib.facts.limit import Severity
from constructs_lib.facts.service_quotas import (
    INSTANCES_OF_ALL_ENDPOINTS,
    INSTANCES_OF_AN_ENDPOINT,
    SERVERLESS_CONCURRENCY,
    of_type,
)
from constructs_lib.rules import Finding, judge
from constructs_lib.rules.examples.bases import realtime, scaled, serverless
from constructs_lib.rules.examples.example import Document, changed
from constructs_lib.templates.known_quotas import KnownQuotas, Learned

TODAY = date(2026, 11, 21)
TYPE = of_type("ml.m5.large").name
COUNT = "Config.ProductionVariants.0.InitialInstanceCount"
ROLLING = {
    "RollingUpdatePolicy": {
        "MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 50},
        "WaitIntervalInSeconds": 60,
    }
}


def found(document: Document, days: int = 0, **values: float) -> list[Finding]:
    """What is found with these quotas, asked for so many days ago; those of all endpoints do not matter here."""
    enough = {INSTANCES_OF_ALL_ENDPOINTS.name: 1000, INSTANCES_OF_AN_ENDPOINT.name: 1000}
    day = TODAY - timedelta(days=days)
    learned = {name: Learned(value, day) for name, value in {**enough, **values}.items()}
    quotas = KnownQuotas(account="123456789012", region="eu-west-1", values=learned, today=TODAY)
    return judge(document, quotas=quotas)


def test_an_account_with_more_than_a_new_one_may_run_more() -> None:
    many = changed(realtime(), {COUNT: 100})
    assert {finding.rule for finding in judge(many)} == {"Q-EP-PER"}
    assert found(many) == []


def test_more_than_the_account_starts_is_an_error_with_the_command() -> None:
    (finding,) = found(changed(realtime(), {COUNT: 3}), **{TYPE: 2})
    assert (finding.rule, finding.severity) == ("Q-TYPE-EP", Severity.ERROR)
    assert f"{TYPE} (L-614B09FD) is 2 in account 123456789012 in eu-west-1 (asked on 2026-11-21)" in finding.message
    assert "--quota-code L-614B09FD --desired-value 3 --region eu-west-1" in finding.fix


def test_a_stale_quota_warns_and_says_how_old_it_is() -> None:
    (finding,) = found(changed(realtime(), {COUNT: 3}), days=31, **{TYPE: 2})
    assert finding.severity is Severity.WARNING
    assert "31 days ago: python -m constructs_lib preflight asks again" in finding.message


def test_an_update_that_takes_too_many_is_a_warning() -> None:
    (finding,) = found(changed(realtime(), {COUNT: 2}), **{TYPE: 3})
    assert (finding.severity, "an update of it takes 4" in finding.message) == (Severity.WARNING, True)


def test_a_rolling_update_takes_a_batch_more() -> None:
    document = changed(realtime(), {COUNT: 2, "Endpoint.DeploymentConfig": ROLLING})
    assert "Q-TYPE-EP" not in {finding.rule for finding in found(document, **{TYPE: 3})}
    assert "Q-TYPE-EP" in {finding.rule for finding in found(document, **{TYPE: 2})}


def test_scaling_beyond_the_quota_is_a_warning() -> None:
    (finding,) = found(changed(scaled(), {"Target.MaxCapacity": 5}), **{TYPE: 4})
    assert (finding.logical_id, finding.severity) == ("Target", Severity.WARNING)


def test_a_known_quota_of_all_endpoints_is_an_error_too() -> None:
    (finding,) = found(changed(realtime(), {COUNT: 3}), **{INSTANCES_OF_ALL_ENDPOINTS.name: 2})
    assert (finding.rule, finding.severity) == ("Q-EP-TOTAL", Severity.ERROR)


def test_concurrency_is_held_to_the_known_quota() -> None:
    (finding,) = found(serverless(), **{SERVERLESS_CONCURRENCY.name: 4})
    assert (finding.rule, finding.severity) == ("SLS-ACC-CONC", Severity.ERROR)
    assert "--quota-code L-96300102 --desired-value 5" in finding.fix
    assert found(serverless(), **{SERVERLESS_CONCURRENCY.name: 5}) == []
