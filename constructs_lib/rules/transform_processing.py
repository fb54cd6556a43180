"""Filters and joins of batch transform jobs, wherever a state machine starts one."""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib.facts import transform_processing as facts
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.state_machines import CREATE_TRANSFORM_JOB, tasks
from constructs_lib.templates.template import Node, Template

_FILTERS = ("InputFilter", "OutputFilter")


@rule(facts.DELIMITERS)
def records_are_put_together_as_they_were_cut(template: Template) -> Iterator[Problem]:
    """Where records are filtered or joined, SplitType and AssembleWith are the same, and Line for CSV."""
    for job in tasks(template, CREATE_TRANSFORM_JOB):
        processing, output = job.parameters.at("DataProcessing"), job.parameters.at("TransformOutput", "AssembleWith")
        split, assembled = (_type(job.parameters.at("TransformInput", "SplitType")), _type(output))
        if not _does_something(processing) or split is None or assembled is None:
            continue
        is_csv = _is_csv(job.parameters)
        if split != assembled or (is_csv and split != "Line"):
            yield Problem(
                processing,
                "with filters or a join, SplitType and AssembleWith must be the same"
                f"{', Line for CSV' if is_csv else ''}, got {split} and {assembled}",
                "give Line for both",
            )


@rule(facts.CSV_FILTER)
def filters_of_csv_name_columns_by_index(template: Template) -> Iterator[Problem]:
    """Filters of CSV name columns by their index: a row has no attributes."""
    for job in tasks(template, CREATE_TRANSFORM_JOB):
        for name in _FILTERS:
            place = job.parameters.at("DataProcessing", name)
            is_path = facts.FILTER_OPERATORS.allows(place.text)
            if _is_csv(job.parameters) and is_path and not facts.CSV_FILTER.allows(place.text):
                yield Problem(
                    place, f"{name} of CSV must {facts.CSV_FILTER.fix}, got {place.text}", facts.CSV_FILTER.fix
                )


def _is_csv(parameters: Node) -> bool:
    return facts.bare(parameters.at("TransformInput", "ContentType").text or "") == facts.CSV


def _type(place: Node) -> str | None:
    """The text of a type whose default is None, the word; `None` where it is not known."""
    return "None" if place.missing else place.text


def _does_something(processing: Node) -> bool:
    filters = (processing.at(name).text or "$" for name in _FILTERS)
    return processing.at("JoinSource").text == "Input" or any(path != "$" for path in filters)
