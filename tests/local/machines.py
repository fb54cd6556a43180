"""State machines of the local Step Functions, for tests."""

import json
import time
from typing import Any

from constructs_lib.local import LocalAws
from tests.local.conftest import ROLE, any_name


def jsonata(start: str, states: dict[str, Any], **members: Any) -> dict[str, Any]:
    """A definition in JSONata."""
    return {"QueryLanguage": "JSONata", "StartAt": start, "States": states, **members}


class Machine:
    """A state machine."""

    def __init__(self, aws: LocalAws, definition: dict[str, Any]) -> None:
        self._states = aws.client("stepfunctions")
        machine = self._states.create_state_machine(name=any_name(), definition=json.dumps(definition), roleArn=ROLE)
        self.arn: str = machine["stateMachineArn"]

    def start(self, given: Any) -> str:
        """The ARN of a new execution."""
        answer = self._states.start_execution(stateMachineArn=self.arn, input=json.dumps(given))
        return str(answer["executionArn"])

    def stop(self, execution: str) -> None:
        """Abort an execution."""
        self._states.stop_execution(executionArn=execution)

    def redrive(self, execution: str) -> dict[str, Any]:
        """The end of an execution that is driven again."""
        self._states.redrive_execution(executionArn=execution)
        return self.result(execution)

    def result(self, execution: str) -> dict[str, Any]:
        """DescribeExecution's answer at its end, within 30 s."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            answer: dict[str, Any] = self._states.describe_execution(executionArn=execution)
            if answer["status"] != "RUNNING":
                return answer
            time.sleep(0.05)
        raise AssertionError(f"{execution} still runs")

    def run(self, given: Any = None) -> Any:
        """The output of a new execution, which must succeed."""
        answer = self.result(self.start({} if given is None else given))
        assert answer["status"] == "SUCCEEDED", answer
        return json.loads(answer["output"])

    def history(self, execution: str) -> list[dict[str, Any]]:
        """All events of an execution."""
        pages = self._states.get_paginator("get_execution_history").paginate(executionArn=execution)
        return [event for page in pages for event in page["events"]]
