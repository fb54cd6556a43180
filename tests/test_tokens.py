"""The test for tokens without Node gives the same answer as CDK's own."""

from __future__ import annotations

import aws_cdk as cdk
import jsii
import pytest

from constructs_lib.tokens import is_token


@jsii.implements(cdk.IStableAnyProducer)
class _Producer:
    def produce(self) -> object:
        return 1


_STACK = cdk.Stack(cdk.App(), "Stack")
_NUMBER = cdk.CfnParameter(_STACK, "Number", type="Number").value_as_number
_LIST = cdk.CfnParameter(_STACK, "List", type="CommaDelimitedList").value_as_list
_TEXT = cdk.CfnParameter(_STACK, "Text").value_as_string


@pytest.mark.parametrize(
    "value",
    [_NUMBER, _LIST, _TEXT, f"prefix-{_TEXT}", cdk.Aws.REGION, cdk.Lazy.any(_Producer())],
    # Tokens are numbered as they are made, which differs between the processes of a test run.
    ids=["number", "list", "text", "within text", "region", "object"],
)
def test_a_token_is_seen_as_cdk_sees_it(value: object) -> None:
    assert cdk.Token.is_unresolved(value)
    assert is_token(value)


@pytest.mark.parametrize("value", [0, 1, -1, -1e280, 10**400, 1.5, True, "", "text", "${Sub}", b"x", ["a"], {"a": 1}])
def test_a_literal_is_no_token(value: object) -> None:
    assert not is_token(value)


def test_none_is_no_token() -> None:
    assert not is_token(None)
