"""How many faults of the corpus each tool finds, and in how many sound templates it finds one.

A fault is found by what points at the resource that has it: the tools have much else to say about a template, such as
a missing DeletionPolicy. A finding anywhere in a sound template is a false alarm.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.judges import CORPUS, JUDGES, Entry, Verdicts
from benchmarks.measure import Row
from constructs_lib.templates.files import parse


@dataclass(frozen=True)
class Corpus:
    """The templates with one fault each, and those without any."""

    broken: tuple[Entry, ...]
    sound: tuple[Entry, ...]


def read() -> Corpus:
    """The corpus as its index has it."""
    index = parse(CORPUS / "index.yaml")
    return Corpus(*(tuple(_entry(item) for item in index[kind]) for kind in ("broken", "sound")))


def _entry(item: Mapping[str, object]) -> Entry:
    given = {name: item[name] for name in ("file", "region", "logical_id") if name in item}
    rules = item.get("rules", ())
    return Entry(**given, rules=tuple(rules))  # type: ignore[arg-type] # the index is read without types


@dataclass(frozen=True)
class Share:
    """How many broken templates a tool says something about, at the fault or anywhere, and how many sound ones."""

    name: str
    at_fault: int
    anywhere: int
    broken: int
    alarms: int
    sound: int

    def line(self) -> str:
        def share(count: int, of: int) -> str:
            return f"{count:>6}/{of} {count / of:>6.1%}"

        found = f"{share(self.at_fault, self.broken)}   {share(self.anywhere, self.broken)}"
        return f"{self.name:45}{found}   {share(self.alarms, self.sound)}"

    def row(self) -> Mapping[str, object]:
        return {
            "name": self.name,
            "unit": "templates",
            "found_at_fault": self.at_fault,
            "found_anywhere": self.anywhere,
            "broken": self.broken,
            "false_alarms": self.alarms,
            "sound": self.sound,
        }


def share(name: str, corpus: Corpus, verdicts: Verdicts, *, warnings: bool) -> Share:
    """What of a tool's verdicts counts as found, and as a false alarm."""

    def places(entry: Entry) -> set[str | None]:
        return {told.logical_id for told in verdicts.get(entry.file, ()) if told.is_error or warnings}

    return Share(
        name=f"{name}, {'errors and warnings' if warnings else 'errors'}",
        at_fault=sum(entry.logical_id in places(entry) for entry in corpus.broken),
        anywhere=sum(bool(places(entry)) for entry in corpus.broken),
        broken=len(corpus.broken),
        alarms=sum(bool(places(entry)) for entry in corpus.sound),
        sound=len(corpus.sound),
    )


@dataclass(frozen=True)
class Missed:
    """A fault that the limit check does not find, with the tools that do."""

    entry: Entry
    found_by: tuple[str, ...]

    def line(self) -> str:
        others = f"; found by {', '.join(self.found_by)}" if self.found_by else ""
        return f"missed: {self.entry.file} ({', '.join(self.entry.rules)}{others})"

    def row(self) -> Mapping[str, object]:
        return {"name": "missed by the limit check", "file": self.entry.file, "found_by": list(self.found_by)}


def missed(corpus: Corpus, ours: Verdicts, others: Mapping[str, Verdicts]) -> list[Missed]:
    """The broken templates in which the limit check says nothing about the resource that has the fault."""

    def finds(verdicts: Verdicts, entry: Entry) -> bool:
        return any(told.logical_id == entry.logical_id for told in verdicts.get(entry.file, ()))

    return [
        Missed(entry, tuple(name for name, verdicts in others.items() if finds(verdicts, entry)))
        for entry in corpus.broken
        if not finds(ours, entry)
    ]


TITLE = f"""\
found: told at the resource that has the fault, what else a tool says is not counted; false alarms: told in a sound one
{"faults found":45}{"at the resource":>17}   {"anywhere":>17}   {"false alarms":>17}"""


def rows() -> Iterator[Row]:
    """The shares of every tool, errors alone and with warnings, and what the limit check misses."""
    corpus = read()
    everything: Sequence[Entry] = corpus.broken + corpus.sound
    found: dict[str, Verdicts] = {}
    for judge in JUDGES:
        found[judge.name] = judge.verdicts(everything)
        yield from (share(judge.name, corpus, found[judge.name], warnings=counted) for counted in (False, True))
    ours, *others = found
    yield from missed(corpus, found[ours], {name: found[name] for name in others})
