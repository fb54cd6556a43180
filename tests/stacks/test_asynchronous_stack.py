"""The asynchronous stack with the settings that are left out by default."""

from __future__ import annotations

from tests.stacks.in_process import template_of
from tests.support import only

TOPIC = "arn:aws:sns:us-east-1:123456789012:operators"


def test_what_is_put_under_a_prefix_submits_itself_and_alarms_tell_a_topic() -> None:
    template = template_of("async", submissionPrefix="input/", alarmTopicArn=TOPIC)
    assert only(template, "AWS::Events::Rule")["EventPattern"]["detail"]["object"] == {"key": [{"prefix": "input/"}]}
    alarms = template.find_resources("AWS::CloudWatch::Alarm").values()
    assert [TOPIC] in [alarm["Properties"].get("OKActions") for alarm in alarms]
