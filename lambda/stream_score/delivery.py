"""One delivery of a batch, from what earlier ones left of it to the response."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from stream_score.correlation import Log
from stream_score.deadline import Deadline, HandBack
from stream_score.failures import Failures
from stream_score.figures import Figures
from stream_score.journal import Contended, Journal, Memory
from stream_score.logic import Failed, Outcome, Scored
from stream_score.puts import Put, put_all
from stream_score.records import Record, response_to
from stream_score.scoring import Scoring
from stream_score.settings import Settings
from stream_score.sinks import Sink

# Results are put when they fill a request, or this long after the last ones were.
_PUT_EVERY = 1.0
# How often it is looked whether another delivery of the same records is over.
_LOOK_EVERY = 1.0
_LONGEST_REASON = 300


class Delivery:
    """Brings each record of a batch to its one result or failure, in order, as far as time goes."""

    def __init__(
        self,
        records: Sequence[Record],
        settings: Settings,
        *,
        scoring: Scoring,
        journal: Journal,
        sink: Sink,
        failures: Failures,
        deadline: Deadline,
        figures: Figures,
        log: Log,
        clock: Callable[[], float],
    ) -> None:
        self._records = records
        self._settings = settings
        self._scoring = scoring
        self._journal = journal
        self._sink = sink
        self._failures = failures
        self._deadline = deadline
        self._figures = figures
        self._log = log
        self._clock = clock
        self._memory = Memory()
        self._done: set[str] = set()
        self._pending: list[Outcome] = []
        self._put_at = clock()

    def run(self) -> Mapping[str, Any]:
        """The partial batch response.

        :raises HandBack: if nothing came of a batch though time and services were there: Lambda then tries its halves.
        """
        try:
            self._remember()
            self._work()
        except HandBack as stop:
            reason = str(stop)[:_LONGEST_REASON]
            self._log.write({"Outcome": "HandedBack", "Reason": reason, "Done": len(self._done)})
            if not stop.is_passing and not self._done:
                raise
        return response_to(self._records, self._done)

    def _work(self) -> None:
        try:
            for outcome in self._outcomes():
                self._pending.append(outcome)
                is_full = len(self._pending) >= self._settings.max_records_per_put
                if is_full or self._clock() - self._put_at >= _PUT_EVERY:
                    self._put()
        except HandBack:
            # What has its outcome by then is not to be scored again.
            self._put()
            raise
        self._put()

    def _outcomes(self) -> Iterator[Outcome]:
        """What earlier deliveries found to be failures stands where it stood."""
        unknown: list[Record] = []
        for record in self._records:
            if record.id in self._done:
                continue
            if record.id in self._memory.failing:
                yield from self._scoring.outcomes(unknown)
                unknown = []
                yield Failed(record, "it was refused in an earlier delivery")
            else:
                unknown.append(record)
        yield from self._scoring.outcomes(unknown)

    def _remember(self) -> None:
        """Learn what is done; waits while another delivery is at work on the same records."""
        self._memory = self._journal.recall(self._records)
        while self._memory.busy_until:
            left = self._memory.busy_until - self._clock()
            self._deadline.pause(min(_LOOK_EVERY, max(left, 0.0)), "another delivery of these records")
            self._memory = self._journal.recall(self._records)
        self._done |= self._memory.done | self._looked_up(self._memory)
        self._figures.duplicates += len(self._done)

    def _looked_up(self, memory: Memory) -> set[str]:
        """Those whose results were put by a delivery that ended before it could say so."""
        unsure = [record for record in self._records if record.id in memory.unsure]
        if not unsure:
            return set()
        times = [memory.unsure[record.id] for record in unsure]
        since, until = min(since for since, _ in times), max(until for _, until in times)
        found = self._sink.found(unsure, since, until, self._deadline)
        there = [record for record in unsure if record.id in found]
        if there:
            self._journal.adopt(there)
        return found

    def _put(self) -> None:
        """Put what is pending, between two entries of the journal."""
        outcomes, self._pending = self._pending, []
        self._put_at = self._clock()
        if not outcomes:
            return
        scored = [outcome for outcome in outcomes if isinstance(outcome, Scored)]
        failed = [outcome for outcome in outcomes if isinstance(outcome, Failed)]
        records, refused = [each.record for each in scored], [each.record for each in failed]
        seconds = self._deadline.left + self._deadline.reserve
        try:
            entries = self._journal.announce(records, refused, seconds=seconds, known=self._memory)
        except Contended as error:
            raise HandBack(str(error)) from error
        try:
            self._failures.keep(failed)
        except (ClientError, BotoCoreError) as error:
            put, kept = Put(stopped=error), False
        else:
            put, kept = put_all(scored, self._settings, self._sink.send, self._deadline), True
        finished = [*put.done, *(refused if kept else ())]
        self._journal.settle(entries, done=finished, unsure=put.unsure, failing=() if kept else refused)
        self._count(put, failed if kept else ())
        if put.stopped:
            raise put.stopped

    def _count(self, put: Put, failed: Sequence[Failed]) -> None:
        now = self._clock()
        for record in put.done:
            self._figures.was_put(now - record.arrived_at)
        for each in failed:
            self._figures.poisoned += 1
            # After a colon come the words of others, which may be those of the record; the failure itself has them.
            reason = each.reason.partition(":")[0][:_LONGEST_REASON]
            Log(each.record.correlation_id).write({"Outcome": "Poisoned", "Id": each.record.id, "Reason": reason})
        self._done |= {record.id for record in [*put.done, *(each.record for each in failed)]}
