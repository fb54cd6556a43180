"""The batch stack hands its settings to the pipeline."""

from __future__ import annotations

import json

from constructs_lib.facts.instance_quotas import INSTANCES_OF_ALL_TRANSFORM_JOBS
from tests.patterns.batches import definition, transform
from tests.stacks.in_process import template_of

QUOTA = int(INSTANCES_OF_ALL_TRANSFORM_JOBS.maximum)


def test_jobs_of_more_instances_than_a_new_account_has_run_one_after_the_other() -> None:
    template = template_of("batch", instanceCount=QUOTA + 1, shards=3)
    assert transform(template)["TransformResources"]["InstanceCount"] == QUOTA + 1
    assert definition(template)["States"]["Shards"]["MaxConcurrency"] == 1


def test_schedule_deadline_and_time_zone_come_from_the_settings() -> None:
    settings = {"schedule": "cron(0 1 * * ? *)", "timeZone": "Europe/Berlin", "completeBy": "08:00"}
    template = template_of("batch", **settings, expectedMinutes=300)
    schedules = [body["Properties"] for body in template.find_resources("AWS::Scheduler::Schedule").values()]
    expressions = {(each["ScheduleExpression"], each["ScheduleExpressionTimezone"]) for each in schedules}
    assert expressions == {("cron(0 1 * * ? *)", "Europe/Berlin"), ("cron(0 8 * * ? *)", "Europe/Berlin")}
    assert "Europe/Berlin" in json.dumps(template.find_resources("AWS::Lambda::Function"))
