"""The state machine of a batch: its expressions evaluated, its states connected, its map chosen."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonata
import pytest

from constructs_lib.facts import transform, transform_instances
from constructs_lib.options import TransformOptions
from constructs_lib.options.batch import BatchRecovery
from constructs_lib.patterns.batch_definition import Batch, Functions, needs_distribution
from constructs_lib.patterns.states import scopes
from constructs_lib.patterns.transform_job import TransformJob
from tests.asl import problems

FUNCTIONS = Functions(plan="plan", verify="verify", report="report", publish="publish")
CAPACITY = transform_instances.CAPACITY.aws_says
STARTED = "2026-11-21T02:00:00.000Z"


def batch(*, is_distributed: bool = False, **changed: Any) -> dict[str, Any]:
    recovery = BatchRecovery(max_attempts=4, min_delay_in_seconds=60, max_delay_in_seconds=100, timeout_in_hours=2)
    job = TransformJob(
        model_name="model",
        instance_types=["ml.a.large", "ml.b.large"],
        instance_count=1,
        output_bucket="outputs",
        options=TransformOptions(),
        recovery=recovery,
        partition="aws",
        verify="verify",
    )
    members: dict[str, Any] = {
        "job": job,
        "functions": FUNCTIONS,
        "concurrency": 4,
        "namespace": "Batches",
        "has_prices": True,
        "counts_records": True,
        "timeout_in_seconds": 10_800,
    }
    return Batch(is_distributed=is_distributed, **{**members, **changed}).definition()


INLINE = batch()
SHARD = INLINE["States"]["Shards"]["ItemProcessor"]["States"]
STEP = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": {"FunctionName": "step"}}
MACHINES = {
    "inline": INLINE,
    "distributed": batch(is_distributed=True),
    "hooked": batch(before={"Comment": "gate", **STEP}, after={"Comment": "load", **STEP}),
}


def evaluate(expression: str, **states: Any) -> Any:
    """What an expression of a state gives; ``$states`` is as Step Functions binds it."""
    assert expression.startswith("{%"), expression
    assert expression.endswith("%}"), expression
    compiled = jsonata.Jsonata(expression.removeprefix("{%").removesuffix("%}"))
    frame = compiled.create_frame()
    context = {"Execution": {"StartTime": STARTED, **states.pop("execution", {})}}
    frame.bind("states", {"context": context, **states})
    return compiled.evaluate(None, frame)


def shard(**members: Any) -> dict[str, Any]:
    base = {"shard": 3, "work": "work/run/", "job_name": "transform-run", "drive": 0, "started": 0, "attempt": 0}
    return {**base, "type": 0, "attempts": [], **members}


@pytest.mark.parametrize("name", MACHINES)
def test_a_validator_of_the_language_finds_nothing_wrong(name: str) -> None:
    assert problems(MACHINES[name]) == []


@pytest.mark.parametrize("name", MACHINES)
def test_every_state_is_reached_goes_somewhere_and_has_a_comment(name: str) -> None:
    for scope in scopes(MACHINES[name]):
        states = scope["States"]
        reached = {scope["StartAt"]}
        for state in states.values():
            following = {state.get("Next"), state.get("Default")}
            following |= {each["Next"] for each in (*state.get("Catch", ()), *state.get("Choices", ()))}
            reached |= following - {None}
            ends = state.get("End") or state["Type"] in ("Succeed", "Fail")
            assert ends or following - {None}
            assert state["Comment"]
        assert reached == set(states)


def test_the_machine_is_in_jsonata_alone() -> None:
    assert INLINE["QueryLanguage"] == "JSONata"
    assert not re.search(
        r'"(InputPath|OutputPath|ResultPath|ResultSelector|Parameters|[A-Za-z]+\.\$)":', json.dumps(INLINE)
    )


@pytest.mark.parametrize(
    ("error", "cause", "kind"),
    [
        ("States.TaskFailed", {"FailureReason": CAPACITY}, "capacity"),
        ("States.TaskFailed", {"FailureReason": "InternalServerError: We encountered an internal error."}, "transient"),
        ("States.TaskFailed", {"FailureReason": "ClientError: See job logs for more information"}, "final"),
        ("States.TaskFailed", {"FailureReason": "AlgorithmError: the container died"}, "final"),
        ("States.TaskFailed", {"FailureReason": "ClientError: no", "Environment": {"A": CAPACITY}}, "final"),
        ("States.TaskFailed", {"TransformJobStatus": "Stopped"}, "final"),
        ("SageMaker.ResourceLimitExceededException", "the limit is 0 Instances", "capacity"),
        ("SageMaker.AmazonSageMakerException", "Rate exceeded (Error Code: ThrottlingException)", "transient"),
        ("SageMaker.AmazonSageMakerException", "no such model (Error Code: ValidationException)", "final"),
        ("States.Timeout", "", "timeout"),
    ],
)
def test_an_error_is_tried_again_only_where_that_may_help(error: str, cause: Any, kind: str) -> None:
    said = cause if isinstance(cause, str) else json.dumps(cause, separators=(",", ":"))
    [catcher] = SHARD["Transform"]["Catch"]
    output = {
        name: evaluate(value, input=shard(), errorOutput={"Error": error, "Cause": said})
        for name, value in catcher["Output"].items()
    }
    assert output["failure"] == kind
    assert output["attempts"] == [
        {"name": "transform-run-3-0-0", "instance_type": "ml.a.large", "error": error, "cause": said}
    ]


@pytest.mark.parametrize(
    ("failure", "attempt", "following"),
    [
        ("final", 0, "Verify"),
        ("capacity", 0, "Back off"),
        ("transient", 2, "Back off"),
        ("transient", 3, "Verify"),
        ("timeout", 0, "Stop job"),
    ],
)
def test_after_a_failure_a_shard_goes_on_or_ends(failure: str, attempt: int, following: str) -> None:
    choice = SHARD["Worth another try?"]
    given = shard(failure=failure, attempt=attempt, started=_now())
    taken = [rule["Next"] for rule in choice["Choices"] if evaluate(rule["Condition"], input=given)]
    assert [*taken, choice["Default"]][0] == following


def test_when_the_time_of_the_batch_is_up_nothing_is_tried_again() -> None:
    _, again = SHARD["Worth another try?"]["Choices"]
    given = shard(failure="capacity", started=_now() - 7_201_000)
    assert evaluate(again["Condition"], input=given) is False
    assert evaluate(SHARD["Transform"]["TimeoutSeconds"], input=given) == 1


def test_a_redrive_has_its_own_time() -> None:
    given = shard(started=0)
    redriven = {"RedriveCount": 1, "RedriveTime": evaluate("{% $fromMillis($millis()) %}")}
    assert evaluate(SHARD["Transform"]["TimeoutSeconds"], input=given, execution=redriven) > 7_100


def _now() -> int:
    return int(evaluate("{% $millis() %}"))


def test_without_capacity_the_next_type_is_taken_at_once_and_after_the_last_one_the_first_again() -> None:
    wait = SHARD["Back off"]
    first = shard(failure="capacity", attempt=0)
    assert evaluate(wait["Seconds"], input=first) == 0
    assert evaluate(wait["Output"]["type"], input=first) == 1
    last = shard(failure="capacity", attempt=1, type=1)
    assert evaluate(wait["Seconds"], input=last) > 0
    assert evaluate(wait["Output"]["type"], input=last) == 0
    assert evaluate(SHARD["Transform"]["Arguments"]["TransformResources"]["InstanceType"], input=last) == "ml.b.large"


@pytest.mark.parametrize(("attempt", "most"), [(0, 60), (1, 100), (9, 100)])
def test_a_wait_is_a_random_part_of_a_time_that_doubles_to_a_bound(attempt: int, most: int) -> None:
    given = shard(failure="transient", attempt=attempt)
    waits = [evaluate(SHARD["Back off"]["Seconds"], input=given) for _ in range(200)]
    assert all(1 <= wait <= most for wait in waits)
    assert max(waits) > most / 2
    assert min(waits) < most / 2


def test_every_job_of_an_execution_has_a_name_of_its_own() -> None:
    name = SHARD["Transform"]["Arguments"]["TransformJobName"]
    names = {
        evaluate(name, input=shard(shard=number, drive=drive, attempt=attempt), execution={"RedriveCount": redrives})
        for number in (0, 1, 11)
        for drive, redrives in ((0, 0), (0, 1), (2, 0), (2, 1))
        for attempt in (0, 1)
    }
    assert len(names) == 3 * 4 * 2
    assert all(transform.JOB_NAME.allows(each) for each in names)


def test_a_first_execution_knows_no_redrives() -> None:
    assert evaluate(SHARD["Transform"]["Arguments"]["TransformJobName"], input=shard()) == "transform-run-3-0-0"


@pytest.mark.parametrize(
    ("shards", "concurrency", "attempts", "is_distributed"),
    [
        (1, 1, 8, False),
        (100, 40, 8, False),
        (100, 41, 8, True),
        (280, 4, 8, False),
        (300, 4, 8, True),
        (2000, 4, 1, True),
    ],
)
def test_a_map_is_distributed_where_an_inline_one_cannot_hold_it(
    shards: int, concurrency: int, attempts: int, is_distributed: bool
) -> None:
    assert needs_distribution(shards, concurrency, attempts) is is_distributed


@pytest.mark.parametrize(
    ("published", "following"),
    [
        ({"next": "work/run/shards/0/answers/z"}, "Publish"),
        ({"again": True}, "Shards"),
        ({"output": "s3://o/"}, "Done"),
    ],
)
def test_publication_goes_on_until_all_is_copied_or_shards_run_again(published: dict[str, Any], following: str) -> None:
    choice = INLINE["States"]["Published?"]
    taken = [rule["Next"] for rule in choice["Choices"] if evaluate(rule["Condition"], input={"published": published})]
    assert [*taken, choice["Default"]][0] == following


def test_publication_begins_at_the_start_and_goes_on_where_it_stopped() -> None:
    payload = INLINE["States"]["Publish"]["Arguments"]["Payload"]
    assert evaluate(payload["start_after"], input={}) is None
    assert evaluate(payload["start_after"], input={"published": {"again": True}}) is None
    assert evaluate(payload["start_after"], input={"published": {"next": "key"}}) == "key"


def test_an_incomplete_batch_is_not_asked_again_and_other_failures_of_functions_are() -> None:
    first, *others = INLINE["States"]["Publish"]["Retry"]
    assert first == {"ErrorEquals": ["BatchIncomplete"], "MaxAttempts": 0}
    assert any("States.TaskFailed" in each["ErrorEquals"] for each in others)


def test_metrics_that_cannot_be_put_do_not_fail_a_batch() -> None:
    [catcher] = INLINE["States"]["Measure"]["Catch"]
    assert (catcher["ErrorEquals"], catcher["Next"]) == (["States.ALL"], "Publish")


def test_nothing_is_caught_around_the_machine_so_that_a_redrive_begins_where_it_failed() -> None:
    caught = {name for name, state in INLINE["States"].items() if "Catch" in state}
    assert caught == {"Measure"}
