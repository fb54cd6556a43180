"""Fills a template with what only the account knows: pseudo parameters, parameters, imported values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from constructs_lib.preflight.account import Account, Denied
from constructs_lib.preflight.findings import refused, section, unanswered
from constructs_lib.rules.rule import Finding
from constructs_lib.templates.conditions import STORED, parameter_value, parameters

# CDK's own, which only says how the account was bootstrapped.
_OF_CDK = "BootstrapVersion"
_IMPORT = "Fn::ImportValue"
# How many parameters one call of GetParameters takes.
_NAMES_AT_ONCE = 10


def pseudo_parameters(account: Account, stack_name: str | None) -> Mapping[str, str]:
    """The pseudo parameters whose values are known before a deployment."""
    identity = account.identity
    known = {
        "AWS::AccountId": identity.account,
        "AWS::Region": account.region,
        "AWS::Partition": identity.partition,
        "AWS::URLSuffix": identity.url_suffix,
        "AWS::StackName": stack_name,
    }
    return {name: value for name, value in known.items() if value is not None}


class Parameters:
    """The values that a deployment gives to the parameters of a template; ``notes`` says what could not be asked."""

    def __init__(self, document: Mapping[str, Any], account: Account, given: Mapping[str, str]) -> None:
        self.notes: list[Finding] = []
        self.values: dict[str, Any] = {}
        stored: dict[str, tuple[str, str]] = {}
        for name, type_, parameter in parameters(document):
            value = given.get(name, parameter.get("Default"))
            if value is None or name == _OF_CDK:
                continue
            if type_.startswith(STORED):
                stored[name] = (type_, str(value))
            else:
                self.values[name] = parameter_value(type_, value)
        title = "the values of parameters in the Parameter Store"
        try:
            texts = _from_store(account, sorted({key for _, key in stored.values()}))
        except Denied as denied:
            self.notes.append(refused(section("Parameters"), denied, title))
            return
        except (BotoCoreError, ClientError) as error:
            self.notes.append(unanswered(section("Parameters"), error, title))
            return
        self.values |= {
            name: parameter_value(type_, texts[key]) for name, (type_, key) in stored.items() if key in texts
        }


def _from_store(account: Account, names: list[str]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(names), _NAMES_AT_ONCE):
        with account.permitted("ssm:GetParameters"):
            answer = account.service("ssm").get_parameters(Names=names[start : start + _NAMES_AT_ONCE])
        found |= {row["Name"]: row["Value"] for row in answer["Parameters"]}
    return found


class Imports:
    """A template with the values that other stacks export in place of ``Fn::ImportValue``."""

    def __init__(self, document: Mapping[str, Any], account: Account) -> None:
        self.notes: list[Finding] = []
        self.document = document
        if not any(True for _ in _imported(document)):
            return
        title = "values imported from other stacks"
        try:
            exports = account.once(_exports)
        except Denied as denied:
            self.notes.append(refused(section("Resources"), denied, title))
        except (BotoCoreError, ClientError) as error:
            self.notes.append(unanswered(section("Resources"), error, title))
        else:
            self.document = _filled(document, exports)


def _exports(account: Account) -> Mapping[str, str]:
    pages = account.service("cloudformation").get_paginator("list_exports").paginate()
    with account.permitted("cloudformation:ListExports"):
        return {row["Name"]: row["Value"] for page in pages for row in page["Exports"]}


def _imported(raw: Any) -> Iterator[Any]:
    """What each ``Fn::ImportValue`` in a template imports."""
    if isinstance(raw, Mapping):
        if _IMPORT in raw:
            yield raw[_IMPORT]
        for value in raw.values():
            yield from _imported(value)
    elif isinstance(raw, list):
        for item in raw:
            yield from _imported(item)


def _filled(raw: Any, exports: Mapping[str, str]) -> Any:
    if isinstance(raw, Mapping):
        name = raw.get(_IMPORT)
        if isinstance(name, str) and name in exports:
            return exports[name]
        return {key: _filled(value, exports) for key, value in raw.items()}
    return [_filled(item, exports) for item in raw] if isinstance(raw, list) else raw
