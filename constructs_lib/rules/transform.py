"""Batch transform jobs, wherever a state machine starts one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from constructs_lib.facts import transform
from constructs_lib.facts.limit import Severity
from constructs_lib.facts.paths import MODEL
from constructs_lib.facts.transform_processing import CSV, JSON, JSON_LINES, bare
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.relations import containers
from constructs_lib.templates.state_machines import CREATE_TRANSFORM_JOB, tasks
from constructs_lib.templates.template import Node, Template
from constructs_lib.templates.values import Joined, Reference

# Formats in which JoinSource can put an input and its answer together, by the media types that say them.
_FORMATS = {CSV: "CSV", JSON: "JSON", JSON_LINES: "JSON Lines"}


@rule(transform.JOB_NAME)
def job_name_differs_by_execution(template: Template) -> Iterator[Problem]:
    """A transform job's name is made at run time: it is unique for ever."""
    for job in tasks(template, CREATE_TRANSFORM_JOB):
        name = job.parameters.at("TransformJobName")
        if _is_fixed(name):
            yield Problem(
                name,
                "TransformJobName is the same in every execution, and AWS refuses a name that was used before"
                + (f": {name.text}" if name.text else ""),
                "derive it from the execution, such as $$.Execution.Name ($states.context.Execution.Name in JSONata)",
                Severity.WARNING,
            )


@rule(transform.JOB_NAME)
def known_parts_of_job_name(template: Template) -> Iterator[Problem]:
    """The parts of a transform job's name that are known are those that a name can have."""
    for job in tasks(template, CREATE_TRANSFORM_JOB):
        name = job.parameters.at("TransformJobName")
        fault = _fault_of_parts(name.parts) if isinstance(name.value, Joined) else None
        if fault:
            yield Problem(
                name,
                f"TransformJobName must be {transform.JOB_NAME.allowed}, got {fault}",
                "use letters, digits and hyphens, and no hyphen first or last",
            )


def _fault_of_parts(parts: Sequence[object]) -> str | None:
    """What makes a name of these parts impossible, whatever the others are."""
    known = [part for part in parts if isinstance(part, str)]
    wrong = [letter for part in known for letter in part if not transform.JOB_NAME.allows(f"a{letter}a")]
    ends = [part[place] for part, place in ((parts[0], 0), (parts[-1], -1)) if isinstance(part, str)]
    if wrong:
        return f"{wrong[0]!r} in {'...'.join(known)!r}"
    if not all(map(transform.JOB_NAME.allows, ends)):
        return f"a hyphen at the end of {'...'.join(known)!r}"
    length = sum(map(len, known))
    return None if transform.JOB_NAME.allows("a" * length) else f"at least {length} characters"


@rule(transform.PAYLOAD_TIMES_CONCURRENCY)
def payloads_in_flight(template: Template) -> Iterator[Problem]:
    """MaxConcurrentTransforms x MaxPayloadInMB is at most 100 MB."""
    most = transform.PAYLOAD_TIMES_CONCURRENCY.maximum
    for job in tasks(template, CREATE_TRANSFORM_JOB):
        payload = job.parameters.at("MaxPayloadInMB")
        concurrency = job.parameters.at("MaxConcurrentTransforms")
        size = transform.MAX_PAYLOAD_IN_MB.default if payload.missing else payload.number
        if size is None or concurrency.number is None or not concurrency.number * size > most:
            continue
        default = " (the default)" if payload.missing else ""
        yield Problem(
            concurrency,
            f"MaxConcurrentTransforms {concurrency.number} x MaxPayloadInMB {size}{default} must be at most {most} MB, "
            f"got {concurrency.number * size}",
            f"lower MaxConcurrentTransforms to {int(most // max(size, 1))} or less, or lower MaxPayloadInMB",
            Severity.WARNING if payload.missing else None,  # the container may supply the size itself
        )


@rule(transform.ENVIRONMENT_KEY)
def environment_names(template: Template) -> Iterator[Problem]:
    """The names of the variables in the Environment of a transform job are those that AWS allows."""
    for job in tasks(template, CREATE_TRANSFORM_JOB):
        for name, entry in job.parameters.at("Environment").entries:
            if not transform.ENVIRONMENT_KEY.allows(name):
                yield Problem(
                    entry,
                    f"the name of a variable must be {transform.ENVIRONMENT_KEY}, got {name[:60]!r}",
                    "use letters, digits and underscores, and no digit first",
                )


@rule(transform.BATCH_STRATEGY)
def batches_need_a_split(template: Template) -> Iterator[Problem]:
    """BatchStrategy MultiRecord goes with a SplitType that makes records."""
    for job in tasks(template, CREATE_TRANSFORM_JOB):
        strategy = job.parameters.at("BatchStrategy")
        split = job.parameters.at("TransformInput", "SplitType")
        if strategy.text == "MultiRecord" and (split.missing or split.text == "None"):
            yield Problem(
                strategy,
                "BatchStrategy MultiRecord has no effect without a SplitType: each object is sent whole",
                "give SplitType Line, RecordIO or TFRecord, or leave BatchStrategy out",
                Severity.WARNING,
            )


@rule(transform.JOIN_SOURCE)
def joined_formats_match(template: Template) -> Iterator[Problem]:
    """With JoinSource Input, the input and the answers are in the same format."""
    for job in tasks(template, CREATE_TRANSFORM_JOB):
        source = job.parameters.at("DataProcessing", "JoinSource")
        given = _format(job.parameters.at("TransformInput", "ContentType"))
        wanted = _format(job.parameters.at("TransformOutput", "Accept"))
        if source.text == "Input" and given and wanted and given != wanted:
            yield Problem(
                source,
                f"JoinSource Input joins an input and answers of the same format, got {given} and {wanted}",
                "give the same type in TransformInput.ContentType and TransformOutput.Accept",
                Severity.WARNING,
            )


@rule(transform.NO_MODEL_DATA_SOURCE)
def no_model_data_source(template: Template) -> Iterator[Problem]:
    """The model of a transform job names its artifacts by ModelDataUrl."""
    for job in tasks(template, CREATE_TRANSFORM_JOB):
        name = job.parameters.at("ModelName")
        model = template.follow(name, MODEL)
        if model is not None and any(container.at("ModelDataSource").given for container in containers(model)):
            yield Problem(
                name,
                f"the model of a transform job must not have ModelDataSource, {model.resource.logical_id} has",
                "pack the artifacts into a tar.gz and name it by ModelDataUrl",
            )


def _is_fixed(name: Node) -> bool:
    """A name that no execution and no deployment of the same stack changes."""
    if isinstance(name.value, Joined):
        return all(_is_constant(part) for part in name.parts)
    return bool(name.text)


def _is_constant(part: object) -> bool:
    return isinstance(part, str) or (isinstance(part, Reference) and part.logical_id.startswith("AWS::"))


def _format(place: Node) -> str | None:
    return _FORMATS.get(bare(place.text or ""))
