"""The public corpus: what each broken template has wrong is found where it sits, and no sound one has a finding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from constructs_lib.rules import judge
from constructs_lib.rules.rule import Finding
from constructs_lib.templates.files import parse

CORPUS = Path(__file__).resolve().parent.parent / "corpus"
INDEX = parse(CORPUS / "index.yaml")

# Found as well, under the id of another row that says the same of these lines, or at the other resource of the two
# that do not go together: rule and resource.
OTHERWISE = {
    "broken/as-q-pol-fifty-one-policies.json": "AS-Q-POL SegTarget",
    "broken/cfn-regiontypes-transform-type.json": "TR-REGION ChurnStateMachineF0246400",
    "broken/environment-in-package-and-model-two-environments.yaml": "MODEL-ENV-PACKAGE OcrModel",
    "broken/execution-role-not-an-arn-role-by-ref.yaml": "ROLE-ARN Model",
    "broken/execution-role-not-an-arn-role-name.json": "ROLE-ARN SentimentModel843C4D56",
    "broken/ic-roll-time-out-too-short.yaml": "DEP-MAXEXEC SentimentComponent",
    "broken/ic-roll-wait-too-long.json": "DEP-WAIT OcrComponent",
    "broken/instance-type-local-local.yaml": "VAR-TYPE SageMakerEndpointConfig",
    "broken/lambda-sqs-visibility-only-twice.yaml": "LAMBDA-SQS-VISIBILITY-FACTOR queue",
    "broken/production-model-name-placeholder-placeholder.yaml": "MODEL-NAME SummaryConfig",
    "broken/rest-uri-no-path.yaml": "APIGW-URI CreditMethod",
    "broken/sched-retry-long-name.json": "SCHED-NAME ImageNightly1D37C410",
    "broken/sf-map-ten-jobs-at-once.yaml": "Q-TR-TOTAL StateMachine",
    "broken/sls-no-roll-rolling-update.json": "DEP-ROLL-NO Endpoint",
}

_NO_RULE = "no rule looks for it"
NOT_JUDGED = {
    "broken/cfn-regiontypes-p3-in-virginia.yaml": _NO_RULE,
    "broken/kin-record-eight-megabytes-to-lambda.json": _NO_RULE,
    "broken/mme-gpu-triton-pytorch-image.json": _NO_RULE,
}

BROKEN = [pytest.param(item, id=item["file"]) for item in INDEX["broken"]]
SOUND = [pytest.param(item, id=item["file"]) for item in INDEX["sound"]]


def findings(item: dict[str, Any]) -> list[Finding]:
    return judge(parse(CORPUS / item["file"]), region=item.get("region"))


def test_the_corpus_is_large() -> None:
    assert len(BROKEN) >= 120
    assert len(SOUND) >= 50


def test_every_template_is_in_the_index_once() -> None:
    listed = [item["file"] for kind in ("broken", "sound") for item in INDEX[kind]]
    files = [path.relative_to(CORPUS).as_posix() for path in CORPUS.glob("*/*")]
    assert sorted(listed) == sorted(files)


@pytest.mark.parametrize("item", BROKEN)
def test_the_fault_of_a_broken_template_is_found_where_it_sits(
    item: dict[str, Any],
) -> None:
    found = findings(item)
    here = [finding.rule for finding in found if finding.logical_id == item["logical_id"]]
    is_found = any(rule.startswith(tuple(item["rules"])) for rule in here)
    if item["file"] in OTHERWISE:
        assert OTHERWISE[item["file"]] in {f"{finding.rule} {finding.logical_id}" for finding in found}
        assert not is_found, "it needs no line in OTHERWISE any more"
    elif item["file"] in NOT_JUDGED:
        assert not is_found, "it needs no line in NOT_JUDGED any more"
    else:
        assert is_found, found


@pytest.mark.parametrize("item", SOUND)
def test_a_sound_template_has_no_finding(item: dict[str, Any]) -> None:
    assert findings(item) == []


def test_every_exception_is_a_template_of_the_corpus() -> None:
    assert OTHERWISE.keys() | NOT_JUDGED.keys() <= {item["file"] for item in INDEX["broken"]}
