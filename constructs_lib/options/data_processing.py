"""Which part of a record a transform job shows to the model, and what of the record goes beside the answer."""

from __future__ import annotations

from dataclasses import dataclass

from constructs_lib.checks import Checks
from constructs_lib.facts import transform, transform_processing
from constructs_lib.facts.limit import Limit
from constructs_lib.tokens import is_token


@dataclass(frozen=True, kw_only=True, slots=True)
class DataProcessing:
    """Filters and join of a transform job. SageMaker does them for CSV, JSON and JSON Lines alone.

    Paths begin with ``$`` and take ``.name``, ``['name', 'name']``, ``[0, 2]``, ``[1:4]`` (AWS counts the last one in)
    and ``*``; in CSV a row is an array, so that only indices apply.

    :param input_filter: the part of each record that the model gets, such as ``$[1:]`` or ``$.features``.
    :param join_source: ``Input`` puts each answer beside its record: as further columns of CSV, as ``SageMakerOutput``
        in an object of JSON. ``None`` (the word) keeps the answer alone.
    :param output_filter: the part that is kept of what was joined, such as ``$['id','SageMakerOutput']``.
    :raises InvalidConfiguration: with every wrong value.
    """

    input_filter: str = "$"
    join_source: str = "None"
    output_filter: str = "$"

    def __post_init__(self) -> None:
        checks = Checks("DataProcessing")
        self._check_paths(checks, transform_processing.FILTER_OPERATORS)
        checks.limit("join_source", self.join_source, transform.JOIN_SOURCE)
        checks.done()

    @classmethod
    def by_id(cls) -> DataProcessing:
        """For CSV whose first column is the id of the record: the model gets the others, the answer is ``id,answer``.

        Of an answer of several columns the last is kept; for others give the places that ``output_filter`` keeps.
        """
        return cls(input_filter="$[1:]", join_source="Input", output_filter="$[0,-1]")

    @classmethod
    def by_id_attribute(cls, id: str = "id", *, features: str = "features") -> DataProcessing:
        """For JSON Lines: the model gets the attribute ``features``, the answer holds ``id`` and ``SageMakerOutput``.

        :raises InvalidConfiguration: for names that a path cannot hold.
        """
        kept = f"$['{id}','{transform_processing.OUTPUT_KEY}']"
        return cls(input_filter=f"$.{features}", join_source="Input", output_filter=kept)

    def check(self, checks: Checks, *, content_type: str, accept: str | None, split: str, assemble: str) -> None:
        """Note what of a job does not go with filters and joins: formats that differ, records cut another way."""
        same = transform_processing.SAME_FORMAT
        checks.limit("content_type", _bare(content_type), transform_processing.FORMAT, "or leave data_processing out")
        checks.require(
            is_token(accept) or is_token(content_type) or _bare(accept) == _bare(content_type),
            f"with data_processing, accept must be the content_type {content_type}, got {accept}; give the same",
            same,
        )
        is_csv = _bare(content_type) == transform_processing.CSV
        lines = ("Line",) if is_csv else ("Line", "None")
        checks.require(
            is_token(split) or is_token(assemble) or (split == assemble and split in lines),
            f"with data_processing, split_type and assemble_with must both be {' or '.join(lines)}, "
            f"got {split} and {assemble}; give the same for both",
            transform_processing.DELIMITERS,
        )
        if is_csv:
            self._check_paths(checks, transform_processing.CSV_FILTER)

    def _check_paths(self, checks: Checks, limit: Limit) -> None:
        for name, path in (("input_filter", self.input_filter), ("output_filter", self.output_filter)):
            problem = f"{name} must {limit.fix}, got {path!r}; write one such as $.features"
            checks.require(is_token(path) or limit.allows(path), problem, limit)

    def arguments(self) -> dict[str, str]:
        """The member ``DataProcessing`` of ``CreateTransformJob``."""
        return {
            "InputFilter": self.input_filter,
            "JoinSource": self.join_source,
            "OutputFilter": self.output_filter,
        }


def _bare(media_type: str | None) -> str | None:
    """Without its parameters; a token stays whole."""
    return media_type if media_type is None or is_token(media_type) else transform_processing.bare(media_type)
