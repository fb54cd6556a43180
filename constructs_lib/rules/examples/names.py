"""Names and tags: which names must not be fixed, and what tags may hold."""

from __future__ import annotations

from constructs_lib.rules.examples.bases import realtime
from constructs_lib.rules.examples.example import ABSENT, Example, boundary, get


def _tags(count: int) -> list[dict[str, str]]:
    return [{"Key": f"key-{index}", "Value": "value"} for index in range(count)]


def _tag(key: str = "team", value: str = "vision") -> list[dict[str, str]]:
    return [{"Key": key, "Value": value}]


EXAMPLES: dict[str, Example | tuple[Example, ...]] = {
    "CFN-CFG-REPLACE": (
        boundary(realtime(), "Config.EndpointConfigName", passes=ABSENT, fails="classifier"),
        boundary(
            realtime(),
            "Config.EndpointConfigName",
            passes={"Fn::Sub": "${AWS::StackName}-3f2a9c1"},
            fails={"Fn::Sub": "${AWS::StackName}-classifier"},
        ),
    ),
    "CFN-MODEL-REPLACE": boundary(realtime(), "Model.ModelName", passes="classifier-v2", fails="classifier"),
    "NAME-BY-REF": (
        boundary(
            realtime(),
            "Config.ProductionVariants.0.ModelName",
            passes=get("Model", "ModelName"),
            fails={"Ref": "Model"},
        ),
        boundary(
            realtime(),
            "Endpoint.EndpointConfigName",
            passes=get("Config", "EndpointConfigName"),
            fails={"Ref": "Config"},
        ),
    ),
    "TAGS": boundary(realtime(), "Endpoint.Tags", passes=_tags(50), fails=_tags(51)),
    "TAGS-KEY": boundary(realtime(), "Model.Tags", passes=_tag("k" * 128), fails=_tag("k" * 129)),
    "TAGS-VALUE": boundary(realtime(), "Config.Tags", passes=_tag(value="a b"), fails=_tag(value="a;b")),
    "TAGS-UNIQUE": boundary(
        realtime(), "Config.Tags", passes=[*_tag("team"), *_tag("Team")], fails=[*_tag("team"), *_tag("team")]
    ),
}
