"""Tables of DynamoDB: their capacity."""

from __future__ import annotations

from constructs_lib.rules.examples.example import Example, boundary, resource, template

_PROVISIONED = template(
    Table=resource(
        "AWS::DynamoDB::Table",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        ProvisionedThroughput={"ReadCapacityUnits": 10, "WriteCapacityUnits": 10},
    )
)

EXAMPLES: dict[str, Example | tuple[Example, ...]] = {
    "DDB-CAPACITY": (
        boundary(_PROVISIONED, "Table.ProvisionedThroughput.ReadCapacityUnits", passes=1, fails=0),
        boundary(_PROVISIONED, "Table.ProvisionedThroughput.WriteCapacityUnits", passes=40_000, fails=40_001),
    ),
}
