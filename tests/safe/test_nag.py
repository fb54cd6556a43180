"""What cdk-nag finds in the examples and in the app: nothing but what the owner of an app has to decide.

The packs cost more than the templates that they judge, so that every example is judged once, by all of them at a time.
"""

from __future__ import annotations

import json
import runpy
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import cdk_nag
import pytest

from constructs_lib import acknowledge_by_design

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
PACKS = (
    cdk_nag.AwsSolutionsChecks,
    cdk_nag.NIST80053R5Checks,
    cdk_nag.HIPAASecurityChecks,
    cdk_nag.PCIDSS321Checks,
)
KEYS = "encryption_key is the owner's to give: AWS's own keys cost nothing and need no administration"
NETWORK = "vpc_config is the owner's to give: a VPC without its endpoints would cut the functions off"
BUCKETS = "a bucket of the owner's own, with that, can be handed in; those made here hold what can be made again"
# By the rule without its pack: who decides, and why nothing is decided here.
OWNERS: Mapping[str, str] = {
    "CloudWatchLogGroupEncrypted": KEYS,
    "S3DefaultEncryptionKMS": KEYS,
    "SNSEncryptedKMS": KEYS,
    "SageMakerEndpointConfigurationKMSKeyConfigured": KEYS,
    "LambdaInsideVPC": NETWORK,
    "S1": BUCKETS,
    "S3BucketLoggingEnabled": BUCKETS,
    "S3BucketReplicationEnabled": BUCKETS,
    "S3BucketVersioningEnabled": BUCKETS,
    "CloudWatchAlarmAction": "actions of monitoring are the owner's to give: whom to wake cannot be guessed",
    "DynamoDBInBackupPlan": "plans of AWS Backup are made for an account; tables can be restored to any second",
    "SNS3": "a topic of an example: one that takes TLS alone must let CloudWatch in by name",
}
# A function of the user's own beside the endpoint that it calls, which no construct here has made.
_NOT_OURS = "Shop/Checkout/"


@cache
def reported() -> dict[str, set[tuple[str, str]]]:
    """By example, or ``app``: the rules with errors, without their packs, and where; what is by design acknowledged."""
    return {name: set(_errors(app)) for name, app in _apps()}


def found() -> dict[str, set[str]]:
    """The rules alone, with errors in what is made by constructs of the library or stands beside them in an example."""
    return {
        name: {rule for rule, path in errors if not path.startswith(_NOT_OURS)} for name, errors in reported().items()
    }


def _apps() -> Iterator[tuple[str, cdk.App]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        synth = cdk.App.synth
        for example in EXAMPLES:
            patch.setattr(cdk.App, "synth", lambda *_, **__: None)
            app = runpy.run_path(str(example), run_name="__main__")["app"]
            patch.setattr(cdk.App, "synth", synth)
            yield example.stem, app
        app = cdk.App(context=json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"])
        runpy.run_path(str(ROOT / "app.py"))["build"](app)
        yield "app", app


def _errors(app: cdk.App) -> Iterator[tuple[str, str]]:
    acknowledge_by_design(app)
    cdk.Validations.of(app).add_plugins(*(pack(app) for pack in PACKS))
    with pytest.raises(RuntimeError, match="ValidationFailed"):  # there is always something for the owner to decide
        app.synth()
    report: dict[str, Any] = json.loads(Path(app.outdir, "validation-report.json").read_text(encoding="utf-8"))
    for violation in (each for plugin in report["pluginReports"] for each in plugin["violations"]):
        if violation["severity"] == "error":
            rule = violation["ruleName"].rpartition("-")[2]
            yield from ((rule, construct["constructPath"]) for construct in violation["violatingConstructs"])


def test_what_the_packs_find_is_for_the_owner_to_decide_and_nothing_else() -> None:
    assert {name: rules - set(OWNERS) for name, rules in found().items() if rules - set(OWNERS)} == {}


def test_each_decision_of_the_owner_is_met_in_some_example() -> None:
    assert set(OWNERS) <= {rule for rules in found().values() for rule in rules}


def test_with_a_key_of_ones_own_the_packs_have_nothing_to_say_of_keys() -> None:
    assert found()["own_keys"] & {rule for rule, reason in OWNERS.items() if reason == KEYS} == set()


def test_in_a_private_network_they_have_nothing_to_say_of_networks() -> None:
    assert found()["private_network"] & {rule for rule, reason in OWNERS.items() if reason == NETWORK} == set()


def test_what_stands_beside_the_constructs_is_not_acknowledged() -> None:
    of_others = {rule for rule, path in reported()["import_into_your_app"] if path.startswith(_NOT_OURS)}
    assert {"IAMNoInlinePolicy", "LambdaDLQ"} <= of_others
