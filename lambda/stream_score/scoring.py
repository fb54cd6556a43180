"""Scores records in order, in micro-batches, and finds those among them that a model cannot take.

A micro-batch that a model refuses, fails on, or answers with another number of lines is halved until the record that is
to blame stands alone; the others get their predictions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stream_score.correlation import Log
from stream_score.deadline import HandBack
from stream_score.endpoint import Broke, Endpoint, Refused
from stream_score.logic import (
    Failed,
    Line,
    Outcome,
    Unfit,
    body_of,
    line_of,
    micro_batches,
    outcome_of,
    predictions_of,
)
from stream_score.records import Record
from stream_score.settings import Settings

# A record on which the model fails is tried this often alone, then it is to blame.
_TRIES = 3
# So many in a row are more likely the model's fault: it has to answer another record first.
_SUSPECTS = 10


class Scoring:
    """Asks one endpoint for the predictions of one delivery."""

    def __init__(self, settings: Settings, endpoint: Endpoint) -> None:
        self._settings = settings
        self._endpoint = endpoint
        self._answered: Line | None = None

    def outcomes(self, records: Sequence[Record]) -> Iterator[Outcome]:
        """What becomes of each record, in order; raises ``HandBack`` from the first one on that nothing came of.

        Records on which the model failed are held back until it is known that it works at all.
        """
        held: list[Outcome] = []
        for outcome in self._judged(records):
            if isinstance(outcome, Failed) and outcome.is_suspect:
                held.append(outcome)
                if len(held) == _SUSPECTS:
                    self._prove_alive()
                    yield from held
                    held.clear()
                continue
            yield from held
            held.clear()
            yield outcome
        yield from held

    def _judged(self, records: Sequence[Record]) -> Iterator[Outcome]:
        """In order, though what cannot be a line is known sooner: it stands between two requests."""
        lines: list[Line] = []
        for record in records:
            try:
                lines.append(line_of(record, self._settings))
            except Unfit as error:
                yield from self._scored(lines)
                lines.clear()
                yield Failed(record, str(error))
        yield from self._scored(lines)

    def _scored(self, lines: Sequence[Line]) -> Iterator[Outcome]:
        for batch in micro_batches(lines, self._settings):
            yield from self._answers(batch)

    def _answers(self, lines: Sequence[Line]) -> Iterator[Outcome]:
        try:
            predictions = self._ask(lines)
        except (Refused, Broke, Unfit) as error:
            if len(lines) == 1:
                yield self._alone(lines[0], error)
            else:
                middle = len(lines) // 2
                yield from self._answers(lines[:middle])
                yield from self._answers(lines[middle:])
        else:
            self._answered = lines[-1]
            name = lines[0].record.correlation_id
            for line, prediction in zip(lines, predictions, strict=True):
                yield outcome_of(line.record, prediction, name, self._settings)

    def _alone(self, line: Line, error: Exception) -> Outcome:
        """The outcome of a record that was sent alone; one on which the model failed gets further tries."""
        for attempt in range(1, _TRIES):
            if not isinstance(error, Broke):
                break
            self._endpoint.pause(attempt)
            try:
                [prediction] = self._ask([line])
            except (Refused, Broke, Unfit) as again:
                error = again
            else:
                self._answered = line
                return outcome_of(line.record, prediction, line.record.correlation_id, self._settings)
        return Failed(line.record, str(error), is_suspect=isinstance(error, Broke))

    def _ask(self, lines: Sequence[Line]) -> list[object]:
        """The predictions, asked for under the id of the first record."""
        name = lines[0].record.correlation_id
        answer = self._endpoint.ask(body_of(lines), name)
        predictions = predictions_of(answer.body, answer.content_type, len(lines))
        Log(name).write({"Outcome": "Scored", "Records": len(lines), "Last": lines[-1].record.correlation_id})
        return predictions

    def _prove_alive(self) -> None:
        """Ask again for what was answered before; if that fails too, the records are not to blame."""
        if self._answered is None:
            raise HandBack("the model fails on every record", is_passing=False)
        try:
            self._ask([self._answered])
        except (Refused, Broke, Unfit) as error:
            raise HandBack("the model fails on records that it took before", is_passing=False) from error
