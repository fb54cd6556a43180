"""Templates are read from JSON, YAML and cdk.out; whatever else a file holds, it is told and not raised."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.templates.files import TemplateFile, Unreadable, parse, read

TEMPLATE = {"Resources": {"A": {"Type": "T"}}}


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def put(folder: Path, name: str, document: Any) -> Path:
    return written(folder, name, json.dumps(document))


def stack(template: str, region: str = "eu-west-1") -> dict[str, Any]:
    return {
        "type": "aws:cloudformation:stack",
        "environment": f"aws://123456789012/{region}",
        "properties": {"templateFile": template},
    }


def test_json_and_yaml_are_read_alike(tmp_path: Path) -> None:
    as_yaml = written(tmp_path, "a.yaml", "Resources:\n  A:\n    Type: T\n")
    assert parse(put(tmp_path, "a.json", TEMPLATE)) == parse(as_yaml) == TEMPLATE


def test_yaml_in_flow_style_is_not_taken_for_broken_json(tmp_path: Path) -> None:
    assert parse(written(tmp_path, "a.yaml", "{Resources: {A: {Type: T}}}")) == TEMPLATE


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("!Ref A", {"Ref": "A"}),
        ("!GetAtt A.B.C", {"Fn::GetAtt": ["A", "B.C"]}),
        ("!Sub 'x${A}'", {"Fn::Sub": "x${A}"}),
        ("!If [C, !Ref A, 1]", {"Fn::If": ["C", {"Ref": "A"}, 1]}),
        ("!Join ['', [a, !Ref B]]", {"Fn::Join": ["", ["a", {"Ref": "B"}]]}),
        ("!FindInMap [M, a, b]", {"Fn::FindInMap": ["M", "a", "b"]}),
        ("!Condition C", {"Condition": "C"}),
        ("!Base64 {Ref: X}", {"Fn::Base64": {"Ref": "X"}}),
    ],
)
def test_short_forms_mean_what_the_long_ones_mean(tmp_path: Path, short: str, long: object) -> None:
    assert parse(written(tmp_path, "a.yaml", f"Value: {short}\n")) == {"Value": long}


def test_a_date_stays_the_text_it_is_in_a_template(tmp_path: Path) -> None:
    assert parse(written(tmp_path, "a.yaml", "AWSTemplateFormatVersion: 2010-09-09\n")) == {
        "AWSTemplateFormatVersion": "2010-09-09"
    }


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ('{"Resources": {"A"', "Expecting ':'"),
        ("[1, 2]", "a list where a mapping belongs"),
        ("", "nothing where a mapping belongs"),
        ("just text", "a str where a mapping belongs"),
        (bytes(range(256)), "codec can't decode"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 5_000 + "1" + "}" * 5_000, "nested too deeply"),
        ("a: " + "[" * 5_000, "nested too deeply"),
        ("- " * 5_000, "nested too deeply"),
        ("&a {b: *a}", "nested too deeply"),
        ("a:\n\t- b", "cannot start any token"),
        ("? [1, 2]\n: 3", "unhashable key"),
        ("!!python/object/apply:os.system ['true']", "could not determine a constructor"),
        ("a: *nowhere", "undefined alias"),
        ("a: 1\n---\nb: 2", "single document"),
        ('{"a": ' + "1" * 5_000 + "}", "digits"),
        ("a: b\n" * 1_100_000, "at most 1 MB"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else None,
)
def test_what_is_no_template_is_told_with_the_reason(tmp_path: Path, content: str | bytes, why: str) -> None:
    path = written(tmp_path, "broken", content)
    [found] = read(path)
    assert isinstance(found, Unreadable)
    assert why in str(found)
    assert str(path) in str(found)


def test_aliases_that_multiply_without_end_are_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 8)]
    [found] = read(written(tmp_path, "bomb.yaml", "\n".join(lines)))
    assert "more than 2,000,000 lists and mappings" in str(found)


def test_a_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    [found] = read(tmp_path / "nowhere.json")
    assert "nowhere.json does not exist; give a template" in str(found)


@pytest.mark.parametrize("document", [{}, {"a": 1}, {"name": "package", "version": "1"}])
def test_a_document_that_is_no_template_is_not_taken_for_a_clean_one(tmp_path: Path, document: Any) -> None:
    (found,) = read(put(tmp_path, "package.json", document))
    assert "package.json is no template: it has no Resources; give a template" in str(found)


def test_a_template_whose_resources_a_macro_makes_is_one(tmp_path: Path) -> None:
    assert isinstance(next(read(put(tmp_path, "macro.json", {"Transform": "Expand"}))), TemplateFile)


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b"])
def test_a_path_that_cannot_be_there_is_told(tmp_path: Path, name: str) -> None:
    [found] = read(tmp_path / name)
    assert isinstance(found, Unreadable)


def test_a_cdk_folder_holds_its_stacks_with_their_regions(tmp_path: Path) -> None:
    put(tmp_path, "A.template.json", TEMPLATE)
    put(tmp_path, "B.template.json", TEMPLATE)
    artifacts = {"A": stack("A.template.json"), "B": stack("B.template.json", "unknown-region"), "Tree": {"type": "x"}}
    put(tmp_path, "manifest.json", {"artifacts": artifacts})
    found = [(item.path.name, item.region) for item in read(tmp_path) if isinstance(item, TemplateFile)]
    assert found == [("A.template.json", "eu-west-1"), ("B.template.json", None)]


def test_a_cdk_folder_holds_the_stacks_of_its_stages(tmp_path: Path) -> None:
    put(tmp_path / "assembly-Prod", "T.template.json", TEMPLATE)
    put(tmp_path / "assembly-Prod", "manifest.json", {"artifacts": {"T": stack("T.template.json")}})
    stage = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Prod"}}
    put(tmp_path, "manifest.json", {"artifacts": {"Prod": stage}})
    assert [item.path.name for item in read(tmp_path) if isinstance(item, TemplateFile)] == ["T.template.json"]


def test_a_cdk_folder_holds_the_nested_stacks_of_this_synthesis_alone(tmp_path: Path) -> None:
    for name in ("A.template.json", "AN.nested.template.json", "Stale.nested.template.json"):
        put(tmp_path, name, TEMPLATE)
    put(tmp_path, "A.assets.json", {"files": {"1": {"source": {"path": "AN.nested.template.json"}}}})
    put(tmp_path, "manifest.json", {"artifacts": {"A": stack("A.template.json")}})
    found = [(item.path.name, item.region) for item in read(tmp_path) if isinstance(item, TemplateFile)]
    assert found == [("A.template.json", "eu-west-1"), ("AN.nested.template.json", "eu-west-1")]


def test_a_stage_that_names_its_own_folder_is_read_once(tmp_path: Path) -> None:
    put(tmp_path, "A.template.json", TEMPLATE)
    again = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "."}}
    put(tmp_path, "manifest.json", {"artifacts": {"A": stack("A.template.json"), "Again": again}})
    assert len(list(read(tmp_path))) == 1


def test_a_stack_that_cannot_be_read_does_not_lose_the_others(tmp_path: Path) -> None:
    put(tmp_path, "B.template.json", TEMPLATE)
    artifacts = {"A": stack("A.template.json"), "B": stack("B.template.json")}
    put(tmp_path, "manifest.json", {"artifacts": artifacts})
    assert [type(item) for item in read(tmp_path)] == [Unreadable, TemplateFile]


@pytest.mark.parametrize("manifest", [None, "{", "[]", '{"artifacts": 5}', '{"artifacts": {"A": 5}}', "{}"])
def test_a_folder_without_stacks_is_told(tmp_path: Path, manifest: str | None) -> None:
    if manifest is not None:
        written(tmp_path, "manifest.json", manifest)
    [found] = read(tmp_path)
    assert isinstance(found, Unreadable)


@pytest.mark.parametrize("name", ["../outside.json", "link.json", "circle.json", "a\0b", "/etc/hostname"])
def test_a_manifest_names_no_file_outside_of_its_folder(tmp_path: Path, name: str) -> None:
    """A folder may come from others, and what is read is shown."""
    outside = put(tmp_path, "outside.json", TEMPLATE)
    folder = tmp_path / "cdk.out"
    put(folder, "manifest.json", {"artifacts": {"A": stack(name)}})
    (folder / "link.json").symlink_to(outside)
    (folder / "circle.json").symlink_to(folder / "circle.json")
    [error] = read(folder)
    assert isinstance(error, Unreadable)
    assert "which is not inside of it" in str(error)


def test_a_stage_lies_inside_of_its_folder(tmp_path: Path) -> None:
    put(tmp_path, "other/manifest.json", {"artifacts": {"A": stack("a.json")}})
    stage = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "../other"}}
    put(tmp_path, "cdk.out/manifest.json", {"artifacts": {"S": stage}})
    [error] = read(tmp_path / "cdk.out")
    assert isinstance(error, Unreadable)


def test_a_folder_that_is_itself_a_link_is_read(tmp_path: Path) -> None:
    put(tmp_path, "real/manifest.json", {"artifacts": {"A": stack("a.json")}})
    put(tmp_path, "real/a.json", TEMPLATE)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    [found] = read(tmp_path / "link")
    assert isinstance(found, TemplateFile)


def test_a_device_without_end_is_not_read_to_its_end() -> None:
    with pytest.raises(Unreadable, match="more than 20,000,000 bytes"):
        parse(Path("/dev/zero"))
