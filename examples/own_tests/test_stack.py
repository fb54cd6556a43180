"""What must hold for the stack beside this file, on its template and deployed into the local AWS."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from aws_cdk import App

from constructs_lib.client import InferenceClient
from constructs_lib.local import LocalAws
from constructs_lib.testing import (
    actions,
    assert_least_privilege,
    assert_no_limit_findings,
    assert_retained,
    assert_scales_to_zero,
    deploy,
    local_aws,
    only,
    statements,
    synthesize,
)
from examples.own_tests.stack import Moderation

SERVE = [sys.executable, str(Path(__file__).with_name("serve.py"))]

# A fixture: the images of the repository `moderation` are this process, and a minute of scaling is a second.
aws = local_aws(containers={"moderation": SERVE}, time_scale=60, scope="module")


@pytest.fixture(scope="module")
def app() -> App:
    app = App()
    Moderation(app, "Moderation")
    return app


def test_aws_will_take_it(app: App) -> None:
    assert_no_limit_findings(app)


def test_it_costs_nothing_while_nobody_asks(app: App) -> None:
    assert_scales_to_zero(app)


def test_requests_and_results_outlive_the_stack(app: App) -> None:
    assert_retained(app)


def test_its_roles_may_do_what_they_need_and_no_more(app: App) -> None:
    assert_least_privilege(app)
    assert {"s3:GetObject", "s3:PutObject"} <= actions(statements(synthesize(app), "ModelExecutionRole"))


def test_it_runs_on_a_small_instance(app: App) -> None:
    [variant] = only(synthesize(app), "AWS::SageMaker::EndpointConfig")["ProductionVariants"]
    assert variant["InstanceType"] == "ml.m5.large"


def test_a_rude_text_is_hidden(app: App, aws: LocalAws) -> None:
    deploy(aws, app)
    client = InferenceClient.for_stack("Moderation", session=aws.session())
    rude, kind = client.submit_all([b"What the heck", b"How nice"], content_type="text/plain").wait(60)
    assert (rude.result().text, kind.result().text) == ("hide", "show")
