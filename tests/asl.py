"""Judges state machines in JSONata: by npm's validator, and by the rules of the specification that it leaves out.

`asl-validator` knows the fields of every state, the transitions and the syntax of expressions. Which variables an
expression may name in which field, it does not look at: that is done here, after https://states-language.net.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonata

ROOT = Path(__file__).parents[1]
# Definitions come in and their errors go out line by line: to start takes longer than to judge.
_VALIDATE = """
const validate = require("asl-validator");
require("readline").createInterface({ input: process.stdin }).on("line", line => {
  const errors = validate(JSON.parse(line)).errors.map(e => `${e["Error code"]}: ${e.Message}`);
  process.stdout.write(JSON.stringify(errors) + "\\n");
});
"""
# What Step Functions adds to the functions of JSONata; $eval it leaves out.
_FUNCTIONS = {*jsonata.Jsonata.static_frame.bindings, "partition", "range", "hash", "uuid", "parse"} - {"eval"}
_WITH_RESULT = ("Task", "Map", "Parallel")
_CONTEXTS = ("predicate", "stages", "group")

Definition = dict[str, Any]


def problems(definition: Definition) -> list[str]:
    """Everything that is wrong with a definition."""
    return [*_by_validator(definition), *_names(definition, frozenset(), "")]


def text_of(value: Any) -> str:
    """A DefinitionString of a template, with a name in place of what is known at deploy time only."""
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        return str(separator).join(text_of(part) for part in parts)
    if "Ref" in value:
        name = str(value["Ref"])
        return {"AWS::Partition": "aws", "AWS::Region": "eu-west-1"}.get(name, name.replace("::", "-"))
    ((_, reference),) = value.items()
    return "-".join(reference) if isinstance(reference, list) else str(reference)


def _by_validator(definition: Definition) -> list[str]:
    process = _validator()
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(json.dumps(definition) + "\n")
        process.stdin.flush()
    answer = process.stdout.readline()
    assert answer.startswith("["), (
        f"asl-validator did not run; `make setup` installs it: {answer}{process.stdout.read()}"
    )
    found: list[str] = json.loads(answer)
    return found


@cache
def _validator() -> subprocess.Popen[str]:
    """The validator, which runs until this process ends."""
    node = shutil.which("node", path=f"{ROOT / '.venv/bin'}") or "node"
    process = subprocess.Popen(
        [node, "-e", _VALIDATE],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    atexit.register(process.communicate)
    return process


def _names(machine: Definition, outer: frozenset[str], where: str) -> Iterator[str]:
    """Names that the expressions of a machine, or of a part of one, must not use."""
    known = outer | {name for state in machine["States"].values() for name in _assigned(state)}
    for name, state in machine["States"].items():
        place = f"{where}/{name}"
        for field, expression in _expressions(
            {key: state[key] for key in state.keys() - {"ItemProcessor", "Branches"}}
        ):
            for fault in _faults(expression, known, _members(state.get("Type"), field)):
                yield f"{place}/{field}: {fault}: {expression}"
        for part in [*state.get("Branches", []), *([state["ItemProcessor"]] if "ItemProcessor" in state else [])]:
            is_apart = part.get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED"
            yield from _names(part, frozenset() if is_apart else known, place)


def _assigned(state: Definition) -> set[str]:
    """The variables that a state may assign."""
    places = [state, *state.get("Catch", []), *state.get("Choices", [])]
    return {name for place in places for name in place.get("Assign", {})}


def _expressions(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The expressions in a field, each with the path to it."""
    if isinstance(value, str) and value.startswith("{%") and value.endswith("%}"):
        yield path, value[2:-2].strip()
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _expressions(item, f"{path}/{name}".lstrip("/"))
    elif isinstance(value, list):
        for item in value:
            yield from _expressions(item, f"{path}/*")


def _members(kind: str | None, field: str) -> set[str]:
    """The members of $states that an expression in this field may use."""
    steps = field.split("/")
    members = {"input", "context"}
    if kind in _WITH_RESULT and steps[0] in ("Output", "Assign"):
        members.add("result")
    if steps[0] == "Catch" and steps[2] in ("Output", "Assign"):
        members.add("errorOutput")
    return members


def _faults(expression: str, known: frozenset[str], members: set[str]) -> Iterator[str]:
    try:
        tree = jsonata.Jsonata.jsonata(expression).ast
    except jsonata.JException as error:
        yield f"{error.error}: no JSONata"
        return
    bound = {argument for node, _ in _walk(tree) for argument in _bindings(node)}
    for node, in_context in _walk(tree):
        if node.type == "path" and _is_variable(node.steps[0], "states"):
            member = node.steps[1].value if len(node.steps) > 1 else None
            if member not in members:
                yield f"$states.{member} is not known in this field"
        elif node.type == "path" and not in_context and node.steps[0].type == "name":
            yield f"{node.steps[0].value} stands for nothing: begin with $states or a variable"
        elif node.type == "variable" and not node.value and not in_context:
            yield "$ stands for nothing outside of a predicate, a function or a step"
        elif node.type == "variable" and node.value == "$":
            yield "$$ must not be used"
        elif node.type == "variable" and node.value and node.value not in known | bound | _FUNCTIONS | {"states"}:
            yield f"${node.value} is assigned nowhere"


def _is_variable(node: Any, name: str) -> bool:
    return bool(node.type == "variable" and node.value == name)


def _bindings(node: Any) -> list[str]:
    """The variables that an expression makes itself: arguments of functions, and what := binds."""
    if node.type == "lambda":
        return [argument.value for argument in node.arguments]
    return [node.lhs.value] if node.type == "bind" else []


def _walk(node: Any, in_context: bool = False) -> Iterator[tuple[Any, bool]]:
    """All nodes, each with whether `$` has a meaning there: in predicates, in later steps of a path, in functions."""
    if isinstance(node, list):
        for each in node:
            yield from _walk(each, in_context)
    elif hasattr(node, "type") and hasattr(node, "_outer_instance"):
        yield node, in_context
        for name, child in vars(node).items():
            if name == "steps" and child:
                yield from _walk(child[0], in_context)
                yield from _walk(child[1:], True)
            elif name != "_outer_instance":
                yield from _walk(child, in_context or name in _CONTEXTS or node.type == "lambda")
