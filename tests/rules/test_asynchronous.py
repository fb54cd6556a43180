"""What the examples of the asynchronous rules do not show."""

from __future__ import annotations

import copy

import pytest

from constructs_lib.facts.limit import Severity
from constructs_lib.rules import judge
from constructs_lib.rules.examples.asynchronous import (
    alarm,
    called_by_an_api,
    metric_of_endpoint,
    scaled_on_backlog,
    scaled_to_zero,
    step_policy,
)
from constructs_lib.rules.examples.bases import asynchronous, instance_variant, scaled, serverless_variant
from constructs_lib.rules.examples.example import ABSENT, Document, changed, get, resource
from tests.rules.support import found

SETTINGS = "Config.AsyncInferenceConfig"
NOTIFICATION = f"{SETTINGS}.OutputConfig.NotificationConfig"
TRACKING = "Policy.TargetTrackingScalingPolicyConfiguration"
REALTIME_METRIC = {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}


def with_resources(document: Document, **resources: Document) -> Document:
    document = copy.deepcopy(document)
    document["Resources"].update(resources)
    return document


def to_zero_without_alarm() -> Document:
    document = scaled_to_zero()
    del document["Resources"]["Backlog"]
    return document


def test_numbers_in_quotes_are_numbers_and_parameters_are_not_judged() -> None:
    place = f"{SETTINGS}.ClientConfig.MaxConcurrentInvocationsPerInstance"
    assert len(found(changed(asynchronous(), {place: "1001"}), "ASYNC-CONC")) == 1
    assert judge(changed(asynchronous(), {place: {"Ref": "Concurrency"}})) == []


def test_a_location_made_of_a_bucket_is_not_judged() -> None:
    place = f"{SETTINGS}.OutputConfig.S3OutputPath"
    assert judge(changed(asynchronous(), {place: {"Fn::Sub": "s3://${Bucket}/output"}})) == []


@pytest.mark.parametrize(
    ("topic", "message"),
    [
        (get("Topic", "TopicName"), "TopicName of AWS::SNS::Topic"),
        ({"Ref": "Queue"}, "Ref of AWS::SQS::Queue"),
        (get("Queue", "Arn"), "Arn of AWS::SQS::Queue"),
    ],
)
def test_a_reference_to_what_is_no_topic_is_refused(topic: object, message: str) -> None:
    document = changed(asynchronous(), {f"{NOTIFICATION}.ErrorTopic": topic})
    document = with_resources(document, Topic=resource("AWS::SNS::Topic"), Queue=resource("AWS::SQS::Queue"))
    (finding,) = found(document, "ASYNC-SNS-TOPIC")
    assert message in finding.message


@pytest.mark.parametrize("topic", [{"Ref": "Topic"}, get("Topic", "TopicArn"), {"Ref": "Parameter"}])
def test_a_reference_to_a_topic_or_to_the_unknown_is_taken(topic: object) -> None:
    document = changed(asynchronous(), {f"{NOTIFICATION}.SuccessTopic": topic})
    assert found(with_resources(document, Topic=resource("AWS::SNS::Topic")), "ASYNC-SNS-TOPIC") == []


def test_settings_that_a_condition_takes_away_make_a_real_time_endpoint() -> None:
    document = changed(
        asynchronous(), {SETTINGS: {"Ref": "AWS::NoValue"}, "Config.ProductionVariants.1": instance_variant("B")}
    )
    assert found(document, "ASYNC-ONE-VAR") == []


def test_an_asynchronous_branch_of_a_condition_is_judged() -> None:
    settings = asynchronous()["Resources"]["Config"]["Properties"]["AsyncInferenceConfig"]
    choice = {"Fn::If": ["IsAsynchronous", settings, {"Ref": "AWS::NoValue"}]}
    document = changed(asynchronous(), {SETTINGS: choice, "Config.ProductionVariants.1": instance_variant("B")})
    document["Conditions"] = {"IsAsynchronous": {"Fn::Equals": [{"Ref": "Stage"}, "production"]}}
    assert [finding.severity for finding in found(document, "ASYNC-ONE-VAR")] == [Severity.WARNING]


def test_what_only_one_source_says_is_a_warning() -> None:
    document = changed(asynchronous(), {"Config.ProductionVariants.0": serverless_variant()})
    assert [finding.severity for finding in found(document, "ASYNC-NO-SLS")] == [Severity.WARNING]


def test_inf1_is_found_in_a_pool_too() -> None:
    pools = [{"InstanceType": "ml.inf2.xlarge"}, {"InstanceType": "ml.inf1.xlarge"}]
    place = "Config.ProductionVariants.0"
    document = changed(asynchronous(), {f"{place}.InstanceType": ABSENT, f"{place}.InstancePools": pools})
    (finding,) = found(document, "ASYNC-NO-INF1")
    assert "ml.inf1.xlarge" in finding.message
    assert finding.severity is Severity.ERROR


def test_a_region_is_judged_only_where_it_is_known() -> None:
    assert found(asynchronous(), "ASYNC-NOT-IN-REGION") == []
    assert found(asynchronous(), "ASYNC-NOT-IN-REGION", region="eu-west-1") == []


@pytest.mark.parametrize("call", ["invocations", "invocations-response-stream"])
def test_an_api_must_not_call_in_a_synchronous_way(call: str) -> None:
    (finding,) = found(called_by_an_api(call), "ASYNC-ONLY")
    assert finding.path == "Properties.Integration.Uri"


def test_an_endpoint_is_called_by_its_written_name_too() -> None:
    uri = "arn:aws:apigateway:eu-west-1:runtime.sagemaker:path//endpoints/classifier/invocations"
    document = changed(called_by_an_api("async-invocations"), {"Method.Integration.Uri": uri})
    assert found(document, "ASYNC-ONLY") == []
    assert len(found(changed(document, {"Endpoint.EndpointName": "classifier"}), "ASYNC-ONLY")) == 1


def test_a_real_time_endpoint_is_called_and_scaled_as_it_likes() -> None:
    assert found(changed(called_by_an_api("invocations"), {SETTINGS: ABSENT}), "ASYNC-ONLY") == []
    assert judge(scaled()) == []


def test_scaling_on_invocations_never_acts() -> None:
    document = changed(scaled(), {SETTINGS: {"OutputConfig": {"S3OutputPath": "s3://results-123456789012/"}}})
    (finding,) = found(document, "ASYNC-METRICS-NONE")
    assert finding.logical_id == "Policy"
    assert "does not publish InvocationsPerInstance" in finding.message
    assert "ApproximateBacklogSizePerInstance" in finding.fix


def test_a_policy_is_found_by_the_resource_id_that_it_shares_with_its_target() -> None:
    document = changed(
        scaled_on_backlog(), {TRACKING: {"TargetValue": 5, "PredefinedMetricSpecification": REALTIME_METRIC}}
    )
    given = document["Resources"]["Target"]["Properties"]
    same = {name: given[name] for name in ("ServiceNamespace", "ScalableDimension", "ResourceId")}
    document = changed(
        document, {"Policy.ScalingTargetId": ABSENT} | {f"Policy.{name}": value for name, value in same.items()}
    )
    assert len(found(document, "ASYNC-METRICS-NONE")) == 1


def test_an_alarm_on_a_metric_that_is_not_published_is_warned_of() -> None:
    document = with_resources(asynchronous(), Alarm=alarm(metric_of_endpoint("OverheadLatency", variant="AllTraffic")))
    assert [finding.severity for finding in found(document, "ASYNC-METRICS-NONE")] == [Severity.WARNING]


def test_a_metric_inside_of_metric_math_is_found() -> None:
    metric = metric_of_endpoint("Invocations", variant="AllTraffic")
    queries = [{"Id": "calls", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}]
    document = with_resources(asynchronous(), Alarm=alarm({"Metrics": queries}))
    (finding,) = found(document, "ASYNC-METRICS-NONE")
    assert finding.path == "Properties.Metrics.0.MetricStat.Metric.MetricName"


@pytest.mark.parametrize(
    "metric",
    [
        {**metric_of_endpoint("Invocations"), "Namespace": "Custom"},
        {**metric_of_endpoint("Invocations"), "Dimensions": [{"Name": "EndpointName", "Value": "elsewhere"}]},
        {**metric_of_endpoint("Invocations"), "Dimensions": {"Ref": "Dimensions"}},
        metric_of_endpoint("ModelLatency", variant="AllTraffic"),
    ],
)
def test_metrics_of_others_and_those_that_exist_are_left_alone(metric: Document) -> None:
    assert found(with_resources(asynchronous(), Alarm=alarm(metric)), "ASYNC-METRICS-NONE") == []


def test_an_alarm_that_wakes_has_no_variant_among_its_dimensions() -> None:
    metric = metric_of_endpoint("HasBacklogWithoutCapacity", variant="AllTraffic")
    (finding,) = found(with_resources(asynchronous(), Alarm=alarm(metric)), "ASYNC-METRICS-EP")
    assert finding.path == "Properties.Dimensions"
    assert finding.severity is Severity.WARNING


def test_the_backlog_of_a_variant_is_left_alone_where_reports_differ() -> None:
    metric = metric_of_endpoint("ApproximateBacklogSize", variant="AllTraffic")
    assert found(with_resources(asynchronous(), Alarm=alarm(metric)), "ASYNC-METRICS-EP") == []


def test_a_step_policy_whose_alarm_may_be_in_another_stack_may_wake() -> None:
    exported = {"Outputs": {"Wake": {"Value": {"Ref": "Wake"}}}}
    assert found({**to_zero_without_alarm(), **exported}, "ASYNC-ZERO") == []


def test_a_step_policy_to_which_nothing_refers_wakes_nothing() -> None:
    (finding,) = found(to_zero_without_alarm(), "ASYNC-ZERO")
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    "metric",
    [
        metric_of_endpoint("ApproximateBacklogSize"),
        metric_of_endpoint("ApproximateAgeOfOldestRequest"),
        {"MetricName": {"Ref": "Metric"}, "Namespace": "AWS/SageMaker"},
    ],
)
def test_any_alarm_on_the_backlog_and_any_unknown_one_may_wake(metric: Document) -> None:
    document = with_resources(to_zero_without_alarm(), Backlog=alarm(metric, OKActions=[{"Ref": "Wake"}]))
    assert found(document, "ASYNC-ZERO") == []


@pytest.mark.parametrize(
    "metric",
    [metric_of_endpoint("ModelLatency", variant="AllTraffic"), metric_of_endpoint("ApproximateBacklogSizePerInstance")],
)
def test_a_step_policy_that_a_metric_without_data_at_zero_drives_does_not_wake(metric: Document) -> None:
    busy = alarm(metric, AlarmActions=[{"Ref": "Wake"}])
    (finding,) = found(with_resources(to_zero_without_alarm(), Backlog=busy), "ASYNC-ZERO")
    assert finding.path == "Properties.MinCapacity"
    assert "HasBacklogWithoutCapacity" in finding.fix


@pytest.mark.parametrize(
    ("adjustment", "wakes"), [(0, False), (-1, False), (1, True), ({"Ref": "Instances"}, True), (ABSENT, True)]
)
def test_a_step_policy_that_adds_nothing_wakes_nothing(adjustment: object, wakes: bool) -> None:
    step = "Wake.StepScalingPolicyConfiguration.StepAdjustments.0.ScalingAdjustment"
    assert (found(changed(scaled_to_zero(), {step: adjustment}), "ASYNC-ZERO") == []) is wakes


@pytest.mark.parametrize(
    "changes",
    [
        {"Target.MinCapacity": 1},
        {"Target.MinCapacity": {"Ref": "Minimum"}},
        {"Target.ScheduledActions": [{"ScalableTargetAction": {"MinCapacity": 1, "MaxCapacity": 4}}]},
        {"Target.ResourceId": "endpoint/elsewhere/variant/AllTraffic"},
        {SETTINGS: ABSENT},
    ],
)
def test_what_does_not_sleep_at_zero_or_is_woken_otherwise_needs_no_step_policy(changes: dict[str, object]) -> None:
    document = changed(scaled_on_backlog(), {"Target.MinCapacity": 0, **changes})
    assert found(document, "ASYNC-ZERO") == []


def test_a_target_without_policies_in_the_template_is_not_judged() -> None:
    document = changed(scaled_on_backlog(), {"Target.MinCapacity": 0})
    del document["Resources"]["Policy"]
    assert found(document, "ASYNC-ZERO") == []


def test_a_step_policy_of_another_target_wakes_nothing() -> None:
    document = changed(scaled_on_backlog(), {"Target.MinCapacity": 0})
    document = with_resources(document, Wake=step_policy(ScalingTargetId={"Ref": "Another"}))
    assert len(found(document, "ASYNC-ZERO")) == 1
