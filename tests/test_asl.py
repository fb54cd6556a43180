"""The judge of state machines finds what AWS would refuse, and passes what it takes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.asl import problems, text_of


def machine(state: dict[str, Any], **others: Any) -> dict[str, Any]:
    """A machine of one state, and of others that it may name."""
    first = state if "Next" in state else {**state, "End": True}
    return {"QueryLanguage": "JSONata", "StartAt": "First", "States": {"First": first, **others}}


def task(**members: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", **members}


SUCCEED = {"Type": "Succeed"}
WHOLE = {
    "QueryLanguage": "JSONata",
    "Comment": "all that a pipeline uses",
    "TimeoutSeconds": 60,
    "StartAt": "Set",
    "States": {
        "Set": {"Type": "Pass", "Assign": {"a": "{% $states.input.a %}", "b": [1]}, "Next": "Ask"},
        "Ask": {"Type": "Choice", "Choices": [{"Condition": "{% $count($b) > 1 %}", "Next": "Map"}], "Default": "Done"},
        "Map": {
            "Type": "Map",
            "Items": "{% [1..3] %}",
            "ItemSelector": {"n": "{% $states.context.Map.Item.Value %}"},
            "MaxConcurrency": 2,
            "ItemProcessor": {
                "StartAt": "Job",
                "States": {
                    "Job": task(
                        Arguments={"FunctionName": "f", "Payload": "{% $map($b, function($v) { $v & $a }) %}"},
                        Retry=[{"ErrorEquals": ["States.ALL"], "MaxDelaySeconds": 60, "JitterStrategy": "FULL"}],
                        Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Over", "Output": "{% $states.errorOutput %}"}],
                        Output="{% ($x := $states.result; $x.rows[size > 0].size ~> $sum()) %}",
                        End=True,
                    ),
                    "Over": {"Type": "Fail", "Error": "{% $states.input.Error %}"},
                },
            },
            "Assign": {"c": "{% $states.result[$ > 1] %}"},
            "Next": "Done",
        },
        "Done": {"Type": "Succeed", "Output": "{% $c %}"},
    },
}


def test_a_sound_machine_has_no_problem() -> None:
    assert problems(WHOLE) == []


@pytest.mark.parametrize(
    ("definition", "said"),
    [
        (machine({"Type": "Pass", "Next": "None"}), "MISSING_TRANSITION_TARGET"),
        (machine({"Type": "Pass"}, Lost=SUCCEED), "Lost is not reachable"),
        (machine({"Type": "Pass", "Parameters": {}}), "SCHEMA_VALIDATION_FAILED"),
        (machine({"Type": "Pass", "Output": "{% $sum( %}"}), "/First/Output"),
        (machine(task(Arguments="{% $states.result %}")), "/First/Arguments: $states.result is not known"),
        (machine({"Type": "Pass", "Output": "{% $states.errorOutput %}"}), "$states.errorOutput is not known"),
        (machine({"Type": "Pass", "Output": "{% $mine %}"}), "$mine is assigned nowhere"),
        (machine({"Type": "Pass", "Output": "{% $eval('1') %}"}), "$eval is assigned nowhere"),
        (machine({"Type": "Pass", "Output": "{% name & 'x' %}"}), "name stands for nothing"),
        (machine({"Type": "Pass", "Output": "{% $.name %}"}), "$ stands for nothing"),
    ],
)
def test_what_aws_would_refuse_is_told_with_its_place(definition: dict[str, Any], said: str) -> None:
    assert said in "\n".join(problems(definition))


def test_children_of_a_distributed_map_do_not_see_the_variables_of_their_parent() -> None:
    inner = {"StartAt": "One", "States": {"One": {"Type": "Pass", "Output": "{% $a %}", "End": True}}}
    state = {"Type": "Map", "Items": [1], "ItemProcessor": inner, "Assign": {"a": 1}}
    assert problems(machine(state)) == []
    apart = {**inner, "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    assert "/First/One/Output: $a is assigned nowhere: $a" in problems(machine({**state, "ItemProcessor": apart}))


def test_a_definition_of_a_template_is_text_with_names_for_what_is_not_known() -> None:
    given = {"Fn::Join": ["", ['{"a": "arn:', {"Ref": "AWS::Partition"}, ":", {"Fn::GetAtt": ["Job", "Arn"]}, '"}']]}
    assert text_of(given) == '{"a": "arn:aws:Job-Arn"}'
