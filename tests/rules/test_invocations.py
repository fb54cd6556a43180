"""Calls of endpoints by state machines: what their examples do not show."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.facts.limit import Severity
from constructs_lib.rules import judge
from constructs_lib.rules.examples import bases
from constructs_lib.rules.examples.containers import direct
from constructs_lib.rules.examples.example import ABSENT, changed, get
from constructs_lib.rules.examples.invocations import PARAMETERS, asynchronous, calling, synchronous
from constructs_lib.rules.rule import Finding

Document = dict[str, Any]
STREAM = "invokeEndpointWithResponseStream"


def findings(document: Document, **parameters: object) -> list[Finding]:
    """What is wrong once the call has these parameters besides."""
    return judge(changed(document, {f"{PARAMETERS}.{name}": value for name, value in parameters.items()}))


def broken(document: Document, **parameters: object) -> set[str]:
    return {finding.rule for finding in findings(document, **parameters)}


def joined(text: str) -> Document:
    """A text that ends in something that only a deployment knows."""
    return {"Fn::Sub": text + "${AWS::StackName}"}


def test_the_known_part_of_a_text_counts() -> None:
    document = synchronous(bases.realtime())
    [finding] = findings(document, InferenceId=joined("a" * 65))
    assert finding.message == "InferenceId must be from 1 to 64 characters long, got at least 65"
    assert finding.severity is Severity.ERROR
    assert finding.path.endswith("States.Call.Parameters.InferenceId")
    assert findings(document, InferenceId=joined("a" * 64)) == []


def test_an_empty_text_is_too_short_and_an_unknown_one_may_be_anything() -> None:
    document = synchronous(bases.realtime())
    assert broken(document, InferenceId="") == {"RT-HDR-INFERENCEID"}
    assert findings(document, InferenceId={"Ref": "Id"}, SessionId="", CustomAttributes="") == []


def test_the_length_is_judged_in_every_call_and_of_no_other_service() -> None:
    long = "a" * 65
    assert broken(calling(bases.realtime(), STREAM, Body="{}", InferenceId=long)) == {"RT-HDR-INFERENCEID"}
    assert broken(asynchronous(bases.asynchronous()), InferenceId=long) == {"RT-HDR-INFERENCEID"}
    other = {"Machine.Definition.States.Call.Resource": "arn:aws:states:::aws-sdk:sagemaker:invokeEndpoint"}
    assert judge(changed(synchronous(bases.realtime()), {**other, f"{PARAMETERS}.InferenceId": long})) == []


@pytest.mark.parametrize("seconds", [0, 3601, "3601"])
def test_the_time_out_of_an_asynchronous_call_is_judged_in_quotes_too(seconds: object) -> None:
    assert broken(asynchronous(bases.asynchronous()), InvocationTimeoutSeconds=seconds) == {"TMO-ASYNC"}


def test_an_asynchronous_request_needs_a_payload() -> None:
    [finding] = findings(calling(bases.asynchronous(), "invokeEndpointAsync"))
    assert finding.rule == "PAY-ASYNC-INLINE"
    assert finding.message == "exactly one of Body and InputLocation must be given, got neither"


def test_a_payload_known_only_at_run_time_is_a_payload() -> None:
    body = calling(bases.asynchronous(), "invokeEndpointAsync", **{"Body.$": "$.body"})
    assert judge(body) == []
    assert broken(body, InputLocation={"Ref": "Input"}) == {"PAY-ASYNC-INLINE"}


def test_without_parameters_the_input_of_the_state_is_the_request() -> None:
    document = asynchronous(bases.asynchronous())
    assert judge(changed(document, {PARAMETERS: ABSENT})) == []
    assert judge(changed(document, {PARAMETERS: {"Ref": "Parameters"}})) == []


def test_an_asynchronous_endpoint_is_not_called_synchronously() -> None:
    [finding] = findings(calling(bases.asynchronous(), STREAM, Body="{}"))
    assert (finding.rule, finding.severity) == ("ASYNC-ONLY", Severity.ERROR)
    assert finding.message == "Endpoint is asynchronous and takes no InvokeEndpointWithResponseStream"
    assert finding.path.endswith("States.Call.Resource")


def test_a_call_by_the_written_name_is_found_and_an_endpoint_of_another_template_is_not_judged() -> None:
    document = changed(synchronous(bases.asynchronous()), {f"{PARAMETERS}.EndpointName": "classifier"})
    assert judge(document) == []
    assert broken(changed(document, {"Endpoint.EndpointName": "classifier"})) == {"ASYNC-ONLY"}


def test_an_asynchronous_call_of_another_endpoint_is_not_judged() -> None:
    assert judge(asynchronous(bases.realtime())) == []


@pytest.mark.parametrize("target", [{"Ref": "Target"}, joined("first-"), "first"])
def test_a_target_that_may_exist_is_fine(target: object) -> None:
    assert findings(synchronous(direct("first", "second")), TargetContainerHostname=target) == []


def test_a_call_without_a_target_names_the_containers() -> None:
    [finding] = findings(synchronous(direct("first", "second")))
    assert finding.message == "TargetContainerHostname is required for direct invocation"
    assert finding.fix == "give one of first, second"


def test_a_target_is_not_judged_where_the_containers_or_the_models_are_not_known() -> None:
    document = synchronous(direct("first", "second"))
    unknown = changed(document, {"Model.Containers.1.ContainerHostname": {"Ref": "Second"}})
    assert findings(unknown, TargetContainerHostname="third") == []
    elsewhere = changed(document, {"Config.ProductionVariants.0.ModelName": "elsewhere"})
    assert judge(elsewhere) == []
    either = changed(document, {"Model.InferenceExecutionConfig.Mode": {"Ref": "Mode"}})
    assert judge(either) == []
    assert findings(either, TargetContainerHostname="first") == []


def test_a_target_is_not_judged_where_one_of_the_variants_may_take_it() -> None:
    document = synchronous(direct("first", "second"))
    document["Resources"]["Other"] = bases.model()
    other = bases.instance_variant("Other", ModelName=get("Other", "ModelName"))
    assert judge(changed(document, {"Config.ProductionVariants.1": other})) == []
