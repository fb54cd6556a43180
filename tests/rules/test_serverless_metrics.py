"""What the examples of the alarms on serverless endpoints do not show."""

from __future__ import annotations

from constructs_lib.rules.examples.alarms import watched
from constructs_lib.rules.examples.example import changed
from constructs_lib.rules.examples.serverless_metrics import watched_serverless
from tests.rules.support import found

SILENT = "InvocationsPerInstance"


def test_the_finding_says_that_the_alarm_is_silent_and_names_what_there_is() -> None:
    (finding,) = found(changed(watched_serverless(), {"Alarm.MetricName": SILENT}), "MET-SLS-ALL")
    assert finding.severity == "warning"
    assert finding.path == "Properties.MetricName"
    assert "Endpoint is one: this alarm never trips" in finding.message
    assert "ModelSetupTime" in finding.fix


def test_on_instances_the_same_metric_is_there() -> None:
    assert found(changed(watched(), {"Alarm.MetricName": SILENT}), "MET-SLS-ALL") == []


def test_a_metric_in_an_expression_is_seen() -> None:
    document = watched_serverless()
    properties = document["Resources"]["Alarm"]["Properties"]
    metric = {name: properties.pop(name) for name in ("Namespace", "MetricName", "Dimensions")}
    stat = {"Metric": {**metric, "MetricName": SILENT}, "Stat": "Sum", "Period": 60}
    properties["Metrics"] = [{"Id": "m1", "MetricStat": stat}]
    (finding,) = found(document, "MET-SLS-ALL")
    assert finding.path == "Properties.Metrics.0.MetricStat.Metric.MetricName"


def test_an_endpoint_that_is_named_by_a_text_is_found() -> None:
    named: dict[str, object] = {
        "Alarm.MetricName": SILENT,
        "Alarm.Dimensions.0.Value": "pigeons",
        "Endpoint.EndpointName": "pigeons",
    }
    assert len(found(changed(watched_serverless(), named), "MET-SLS-ALL")) == 1


def test_metrics_of_ones_own_and_endpoints_elsewhere_are_left_alone() -> None:
    own: dict[str, object] = {"Alarm.MetricName": SILENT, "Alarm.Namespace": "Pigeons"}
    elsewhere: dict[str, object] = {"Alarm.MetricName": SILENT, "Alarm.Dimensions.0.Value": "elsewhere"}
    nowhere: dict[str, object] = {"Alarm.MetricName": SILENT, "Alarm.Dimensions": []}
    for changes in (own, elsewhere, nowhere):
        assert found(changed(watched_serverless(), changes), "MET-SLS-ALL") == []


def test_concurrency_that_is_provisioned_is_watched() -> None:
    spill = "ServerlessProvisionedConcurrencySpilloverInvocations"
    assert found(changed(watched_serverless(), {"Alarm.MetricName": spill}), "MET-SLS-ALL") == []
