"""Faults of asynchronous inference: every input ends exactly once, as a result, a failure or a dead letter.

Each test prints its accounts (``pytest -s`` shows them). They are those of witnesses, and not of what has the fault.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from constructs_lib import Backlog, InputSubmission, ResultsConsumer
from constructs_lib.client import AsyncResult, InferenceClient, InferenceFailed
from constructs_lib.local import LocalAws
from constructs_lib.testing import deploy, local_aws
from tests.end_to_end.async_app import INPUT_PREFIX, WitnessedStack
from tests.end_to_end.async_witness import Witness, named, new_run, until
from tests.end_to_end.ledger import DEAD_LETTER, FAILURE, RESULT, Ends, Ledger

ECHO = [sys.executable, str(Path(__file__).parents[1] / "local" / "echo_server.py")]
LONGEST = 60


# A minute of scaling, or of waiting for an instance, is a second.
aws = local_aws(containers={"echo": ECHO}, time_scale=60.0, scope="module")


@pytest.fixture(scope="module")
def tally(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the model server leaves a dot for each request that reaches it."""
    return tmp_path_factory.mktemp("tally") / "dots"


@pytest.fixture(scope="module")
def stacks(tally: Path) -> dict[str, Any]:
    """Synthesized together: one whose results are consumed, one whose clients read the queue, one that sleeps."""
    app = cdk.App()
    busy: dict[str, Any] = {"max_concurrent_invocations_per_instance": 8}
    status = ResultsConsumer(request_status=True, max_concurrency=2)
    submission = InputSubmission(input_prefix=INPUT_PREFIX)
    WitnessedStack(
        app, "Consumed", results_consumer=status, submission=submission, environment={"TALLY": str(tally)}, **busy
    )
    WitnessedStack(app, "Shared", **busy)
    asleep = Backlog(backlog_per_instance=20, max_capacity=1, idle_minutes=1)
    WitnessedStack(app, "Sleeper", results_consumer=status, autoscaling=asleep)
    return {stack.stack_name: stack for stack in app.synth().stacks}


@pytest.fixture(scope="module")
def consumed(aws: LocalAws, stacks: dict[str, Any]) -> Witness:
    return Witness(aws, deploy(aws, stacks["Consumed"]))


def texts(count: int) -> list[bytes]:
    return [f"input {number}".encode() for number in range(count)]


def accounts(what: str, witness: Witness, run: str, requests: dict[str, bytes]) -> Ledger:
    """The accounts of a run whose results are consumed, once every request has an end and nothing is under way.

    The objects that SageMaker wrote must say the same, and the consumer must have counted each request once.
    """
    until(lambda: is_over(witness, run, len(requests)), LONGEST)
    ledger = Ledger.of(what, requests, witness.ends(run), witness.counted(run, "Completed", "Failed"))
    assert ledger.is_balanced
    recorded = [(name, end) for name, end in ledger.ends if end != DEAD_LETTER]
    assert sorted(witness.objects(run)) == sorted(recorded)
    assert witness.counted(run, "Completed") == Counter(name for name, end in recorded if end == RESULT)
    return ledger


def is_over(witness: Witness, run: str, count: int) -> bool:
    """Whether so many requests have an end, and no message is under way that could give one of them another."""
    return witness.waiting() == 0 and len(witness.ends(run)) >= count and witness.waiting() == 0


def test_the_model_server_is_killed_in_the_middle(consumed: Witness, tally: Path) -> None:
    """Twice. Each victim says its own process id in the answer to a request; so does the one after them."""
    run, bodies = new_run(), texts(200)
    asked = (0, 60, 199)
    for place in asked:
        bodies[place] = b"!pid"
    for place in asked[:2]:
        # Under way when the killer has read the answer before them.
        bodies[place + 1 : place + 8] = [b"!sleep 1"] * 7
    requests = named(run, bodies)

    def kill() -> None:
        for place in asked[:2]:
            os.kill(int(answer_to(consumed, run, f"{run}-{place}")), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    consumed.submit(run, requests)
    killer.join()
    ledger = accounts("model server killed, twice", consumed, run, requests)
    assert ledger.figures == (200, 0, 0, 0, 0)
    answers = consumed.answers(run)
    assert len({answers[f"{run}-{place}"] for place in asked}) == len(asked)
    expected = {name: b"slept" if body == b"!sleep 1" else body.upper() for name, body in requests.items()}
    assert {name for name, answer in answers.items() if answer != expected[name]} == {
        f"{run}-{place}" for place in asked
    }
    # Both times some were cut off, and so reached a server once more.
    assert tally.stat().st_size >= len(requests) + 2
    assert consumed.notices(run) == Counter(requests.keys())


def answer_to(witness: Witness, run: str, name: str) -> bytes:
    """The answer to one request, as soon as it is there."""
    until(lambda: bool(witness.answers(run, name)), LONGEST)
    return witness.answers(run, name)[name]


def test_one_in_every_ten_is_poisoned(consumed: Witness) -> None:
    run, bodies = new_run(), texts(100)
    for place in range(0, 100, 10):
        bodies[place] = b"!status 400" if place % 20 else b"!status 500"
    requests = named(run, bodies)
    consumed.submit(run, requests)
    ledger = accounts("one in every ten poisoned", consumed, run, requests)
    assert ledger.figures == (90, 10, 0, 0, 0)
    reasons = {name: item["FailureReason"] for name, item in consumed.items(run).items() if item["Status"] == "Failed"}
    assert reasons.keys() == {name for name, body in requests.items() if body.startswith(b"!")}
    assert all("as you wished" in reason for reason in reasons.values())


def test_the_results_lambda_fails_twice(consumed: Witness) -> None:
    """Its table cannot be found until it has failed at each message twice; two messages it will never understand."""
    run = new_run()
    strange = [f"{run}-strange{number}" for number in range(2)]
    with broken_consumer(consumed):
        for name in strange:
            told = json.dumps({"inferenceId": name, "invocationStatus": "Unheard of"})
            consumed.client("sns").publish(TopicArn=consumed.outputs["SuccessTopicArn"], Message=told)
        requests = named(run, texts(20))
        consumed.submit(run, requests)
        until(lambda: sum(count >= 2 for count in failures(consumed).values()) >= 22, LONGEST)
        assert consumed.ends(run) == []
    until(lambda: is_over(consumed, run, 22), LONGEST)
    counted = consumed.counted(run, "Completed", "Failed")
    ledger = Ledger.of("results Lambda failing twice", [*requests, *strange], consumed.ends(run), counted)
    assert ledger.figures == (20, 0, 2, 0, 0)
    assert ledger.is_balanced
    assert sorted(name for name, end in ledger.ends if end == DEAD_LETTER) == strange


@contextmanager
def broken_consumer(witness: Witness) -> Iterator[None]:
    """Inside, the results consumer writes to a table that is not there, and tries again every second."""
    sqs, queue = witness.client("sqs"), witness.outputs["QueueUrl"]
    hidden = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["VisibilityTimeout"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "1"})
    with witness.changed_environment("ConsumerName", STATUS_TABLE_NAME="not-there"):
        yield
    until(lambda: witness.waiting() == 0, LONGEST)
    sqs.set_queue_attributes(QueueUrl=queue, Attributes=hidden)


def failures(witness: Witness) -> Counter[str]:
    """How often the consumer has failed at each message."""
    return Counter(line["MessageId"] for line in witness.logged() if line.get("Outcome") == "NotTaken")


def test_the_same_message_comes_twice(consumed: Witness) -> None:
    """Through the topic, straight to the queue, and once with the opposite of what was said before."""
    run = new_run()
    requests = named(run, texts(10))
    consumed.submit(run, requests)
    before = accounts("before any message comes twice", consumed, run, requests)
    items = consumed.items(run)
    told = [json.dumps(message) for _, message in consumed.messages(run, "NoticesUrl")]
    for message in told:
        consumed.client("sns").publish(TopicArn=consumed.outputs["SuccessTopicArn"], Message=message)
        consumed.client("sqs").send_message(QueueUrl=consumed.outputs["QueueUrl"], MessageBody=message)
    opposite = json.loads(told[0]) | {"invocationStatus": "Failed", "failureReason": "not so"}
    consumed.client("sns").publish(TopicArn=consumed.outputs["ErrorTopicArn"], Message=json.dumps(opposite))
    until(lambda: consumed.counted(run, "Duplicates").total() >= 21 and consumed.waiting() == 0, LONGEST)
    ledger = accounts("the same message three times", consumed, run, requests)
    assert ledger.figures == before.figures == (10, 0, 0, 0, 0)
    assert consumed.items(run) == items
    assert consumed.counted(run, "Duplicates").total() == 21


def test_requests_older_than_their_ttl_fail_with_a_reason(aws: LocalAws, stacks: dict[str, Any]) -> None:
    """No instance runs, and to wake one takes longer than half of the requests may wait."""
    sleeper, run = Witness(aws, deploy(aws, stacks["Sleeper"])), new_run()
    until(lambda: sleeper.instances() == 0, LONGEST)
    requests = named(run, texts(20))
    impatient = dict(list(requests.items())[:10])
    sleeper.submit(run, impatient, RequestTTLSeconds=60)
    sleeper.submit(run, {name: body for name, body in requests.items() if name not in impatient})
    ledger = accounts("older than their time to live", sleeper, run, requests)
    assert ledger.figures == (10, 10, 0, 0, 0)
    failed = {name: item for name, item in sleeper.items(run).items() if item["Status"] == "Failed"}
    assert failed.keys() == impatient.keys()
    assert all("RequestTTLSeconds of 60" in item["FailureReason"] for item in failed.values())


def test_the_consumer_of_the_queue_is_away_for_a_while(consumed: Witness) -> None:
    run, lambda_ = new_run(), consumed.client("lambda")
    [mapping] = lambda_.list_event_source_mappings(FunctionName=consumed.outputs["ConsumerName"])["EventSourceMappings"]
    lambda_.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    requests = named(run, texts(30))
    consumed.submit(run, requests)
    until(lambda: len(consumed.objects(run)) == 30 == consumed.waiting(), LONGEST)
    assert consumed.ends(run) == []
    lambda_.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)
    ledger = accounts("consumer of the queue away", consumed, run, requests)
    assert ledger.figures == (30, 0, 0, 0, 0)


def test_two_clients_share_a_queue(aws: LocalAws, stacks: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each submits a hundred and learns of its own alone; one in every ten fails."""
    shared = Witness(aws, deploy(aws, stacks["Shared"]))
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    with ThreadPoolExecutor(2) as pool:
        told = dict(zip(("first", "second"), pool.map(ask_a_hundred, ("first", "second")), strict=True))
    ends: Ends = [(name, end) for client in told.values() for name, end, _ in client]
    letters: Ends = [(message["inferenceId"], DEAD_LETTER) for message in shared.heard("DeadLettersUrl")]
    sent = [message["inferenceId"] for message in shared.heard("NoticesUrl")]
    ledger = Ledger.of("two clients on one queue", sent, ends + letters, Counter(sent))
    assert ledger.figures == (180, 20, 0, 0, 0)
    assert ledger.is_balanced
    for client, answers in told.items():
        own = {f"{client} {number}".upper() for number in range(100) if number % 10}
        assert {answer for _, end, answer in answers if end == RESULT} == own
    assert (len(shared.keys("success/")), len(shared.keys("failure/"))) == (180, 20)


def ask_a_hundred(whose: str) -> list[tuple[str, str, str]]:
    """Submit a hundred requests as a client of one's own: inference id, end and answer of each."""
    client = InferenceClient.for_stack("Shared")
    payloads = [f"{whose} {number}" if number % 10 else "!status 400" for number in range(100)]
    return [told_of(result) for result in client.submit_all(payloads).wait(LONGEST)]


def told_of(result: AsyncResult) -> tuple[str, str, str]:
    try:
        return result.inference_id, RESULT, result.result(timeout=1).text
    except InferenceFailed as failure:
        return result.inference_id, FAILURE, failure.reason


def test_objects_submit_themselves_once_though_their_events_come_twice(consumed: Witness) -> None:
    run = new_run()
    requests = named(run, texts(40))
    consumed.put(run, requests)
    until(lambda: len(consumed.messages(run, "ArrivalsUrl")) == 40)
    for _, event in consumed.messages(run, "ArrivalsUrl"):
        consumed.deliver(event)
    until(lambda: outcomes(consumed, run) == {"Submitted": 40, "Duplicate": 40}, LONGEST)
    ledger = accounts("objects that submit themselves, events twice", consumed, run, requests)
    assert ledger.figures == (40, 0, 0, 0, 0)
    assert consumed.notices(run) == Counter(requests.keys())
    assert consumed.messages(run, "UnsubmittedUrl") == []


def outcomes(witness: Witness, run: str) -> Counter[str]:
    """What the submitter says of the events of a run."""
    lines = witness.logged("SubmitterLog")
    return Counter(line["Outcome"] for line in lines if f"/{run}/" in line.get("InputLocation", ""))


def test_objects_that_cannot_be_submitted_are_dead_letters_and_can_be_sent_again(consumed: Witness) -> None:
    run = new_run()
    requests = named(run, texts(2))
    with consumed.changed_environment("SubmitterName", ENDPOINT_NAME="not-there"):
        consumed.put(run, requests)
        until(lambda: len(consumed.messages(run, "UnsubmittedUrl")) >= 2, LONGEST)
    letters = consumed.messages(run, "UnsubmittedUrl")
    ledger = Ledger.of("objects that cannot be submitted", requests, [(name, DEAD_LETTER) for name, _ in letters])
    assert ledger.figures == (0, 0, 2, 0, 0)
    assert (ledger.is_balanced, consumed.notices(run)) == (True, Counter())
    for _, event in letters:
        consumed.deliver(event)
    ledger = accounts("their dead letters sent again", consumed, run, requests)
    assert ledger.figures == (2, 0, 0, 0, 0)
    assert consumed.notices(run) == Counter(requests.keys())
