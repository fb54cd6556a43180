"""Settings are typed; what is unknown or wrong ends in one line that names it."""

from __future__ import annotations

from typing import Any

import pytest

from stacks.settings import Settings, SettingsError

MODEL = {"image": "classifier:1", "artifact": "s3://bucket/model.tar.gz"}


def settings(context: dict[str, Any] | None = None, **inference: Any) -> Settings:
    return Settings.from_context({"inference": {"model": MODEL, **inference}, **(context or {})})


def test_what_is_left_out_has_its_default() -> None:
    found = settings()
    assert found.stacks == ("realtime", "serverless", "async", "batch", "hybrid", "streaming")
    assert found.realtime.instance_type == "ml.m5.large"
    assert found.async_.min_capacity == 0


def test_names_are_in_camel_case() -> None:
    assert settings(serverless={"memorySizeInMb": 4096}).serverless.memory_size_in_mb == 4096


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("inference.realtime.instanceType", "ml.c5.large", ("realtime", "instance_type", "ml.c5.large")),
        ("inference.serverless.maxConcurrency", "7", ("serverless", "max_concurrency", 7)),
        ("inference.serverless.provisionedConcurrency", "null", ("serverless", "provisioned_concurrency", None)),
        ("inference.batch.schedule", "rate(1 day)", ("batch", "schedule", "rate(1 day)")),
        ("inference.async.maxCapacity", 9, ("async_", "max_capacity", 9)),
    ],
)
def test_the_command_line_goes_over_the_file(key: str, value: object, expected: tuple[str, str, object]) -> None:
    part, name, wanted = expected
    assert getattr(getattr(settings({key: value}), part), name) == wanted


def test_stacks_may_be_named_with_commas() -> None:
    assert settings({"inference.stacks": "batch, async"}).stacks == ("batch", "async")


@pytest.mark.parametrize(
    ("inference", "message"),
    [
        (
            {"realtime": {"instancetype": "x"}},
            "setting inference.realtime.instancetype does not exist; known: instanceType",
        ),
        ({"rt": {}}, "setting inference.rt does not exist; known: model, stacks, dashboards, realtime"),
        ({"realtime": {"initialInstanceCount": "two"}}, 'initialInstanceCount must be a whole number, got "two"'),
        ({"realtime": {"initialInstanceCount": 1.5}}, "initialInstanceCount must be a whole number, got 1.5"),
        ({"realtime": {"initialInstanceCount": True}}, "initialInstanceCount must be a whole number, got true"),
        ({"realtime": 5}, "setting inference.realtime must be an object of settings, got 5"),
        ({"stacks": 5}, "setting inference.stacks must be a list of names, got 5"),
        ({"model": {"image": "a"}}, "setting inference.model.artifact is missing"),
        (
            {"model": {**MODEL, "environment": {"A": None}}},
            "setting inference.model.environment.A must be text, got null",
        ),
    ],
)
def test_a_wrong_setting_is_one_clear_line(inference: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings(**inference)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_override_below_a_value_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"inference\.realtime\.instanceType\.size does not exist"):
        settings({"inference.realtime.instanceType.size": "large"}, realtime={"instanceType": "ml.m5.large"})


def test_a_context_without_settings_is_refused() -> None:
    with pytest.raises(SettingsError, match="context key 'inference' must be an object of settings, got None"):
        Settings.from_context({})
