"""CloudWatch alarms that scaling and rollbacks hang on."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Limit, Range, Told

_CHECKED = date(2026, 11, 21)
_PUT_METRIC_ALARM = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"

# Seconds: an alarm checks at most a day; with periods of an hour or more, at most a week.
LONG_PERIOD = 3600
LONG_WINDOW = Limit(
    id="ALARM-WINDOW-LONG",
    what="Period x EvaluationPeriods of an alarm with a Period of an hour or more",
    unit="s",
    allowed=Range(None, 604_800),
    source=_PUT_METRIC_ALARM,
    checked_on=_CHECKED,
)
WINDOW = Limit(
    id="ALARM-WINDOW",
    what="Period x EvaluationPeriods of an alarm with a Period of less than an hour",
    unit="s",
    allowed=Range(None, 86_400),
    source=_PUT_METRIC_ALARM,
    checked_on=_CHECKED,
    aws_says="Metrics cannot be checked across more than a day",
)
SHORT_PERIODS = (10, 20, 30)
PERIOD_STEP = 60
PERIOD = Limit(
    id="ALARM-PERIOD",
    what="Period",
    unit="s",
    allowed=Told("10, 20, 30 or a multiple of 60"),
    source=_PUT_METRIC_ALARM,
    checked_on=_CHECKED,
    aws_says="Period must be 10, 20, 30 or a multiple of 60",
)
DATAPOINTS = Limit(
    id="ALARM-DATAPOINTS",
    what="DatapointsToAlarm",
    unit="data points",
    allowed=Told("at most EvaluationPeriods"),
    source=_PUT_METRIC_ALARM,
    checked_on=_CHECKED,
    aws_says="DatapointsToAlarm must be less than or equal to EvaluationPeriods",
)
