"""From the objects that were found to shards: which ones count, what would fail, how they are cut. Pure."""

from __future__ import annotations

import hashlib
import heapq
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from batch_plan.request import InvalidInput, Request, is_key
from batch_plan.settings import Settings

_MEGABYTE = 1024 * 1024
_SHOWN = 5
_FINGERPRINT_LENGTH = 24
# In bytes: what an object takes in memory besides its key, and what all may take of the function's 2 GB.
_OBJECT_BYTES = 300
_MOST_BYTES = 1024**3
# In bytes, of a manifest: whatever JSON it holds fits the memory beside them.
LONGEST_MANIFEST = 16 * 1024**2


@dataclass(frozen=True, slots=True, order=True)
class Object:
    """An object of the input bucket."""

    key: str
    size: int
    etag: str
    modified: datetime


def is_wanted(found: Object, request: Request, settings: Settings) -> bool:
    """Whether an object is one to transform: no folder, no marker, of a wanted suffix and age."""
    if found.key.endswith("/") or (settings.ready_suffix and found.key.endswith(settings.ready_suffix)):
        return False
    if settings.suffixes and not found.key.endswith(tuple(settings.suffixes)):
        return False
    if request.modified_after and found.modified < request.modified_after:
        return False
    return not (request.modified_before and found.modified >= request.modified_before)


def problems(objects: Sequence[Object], settings: Settings) -> Iterator[str]:
    """What would fail a job after its instances were started."""
    limit = settings.max_payload_in_mb * _MEGABYTE
    if settings.split_type == "None" and limit:
        large = [f"{each.key} ({each.size / _MEGABYTE:.1f} MB)" for each in objects if each.size > limit]
        if large:
            yield (
                f"{len(large)} of {len(objects)} objects are larger than MaxPayloadInMB {settings.max_payload_in_mb}, "
                f"and SplitType None sends each whole: {_some(large)}; raise max_payload_in_mb, or split them"
            )
    packed = [each.key for each in objects if each.key.endswith(".gz")]
    if settings.compression_type == "None" and packed:
        yield f"{len(packed)} objects are packed, and CompressionType is None: {_some(packed)}; say Gzip or unpack them"
    if settings.compression_type == "Gzip" and len(packed) < len(objects):
        plain = [each.key for each in objects if not each.key.endswith(".gz")]
        yield f"{len(plain)} objects are no .gz, and CompressionType is Gzip: {_some(plain)}"


def weight(found: Object) -> int:
    """The bytes that an object takes in memory, about."""
    return _OBJECT_BYTES + len(found.key)


def check_weight(total: int, count: int, source: str) -> None:
    """Raise ``InvalidInput`` where so many objects would not fit the memory: whoever may upload can upload millions."""
    if total > _MOST_BYTES:
        raise InvalidInput(f"more than {count - 1} objects below {source} do not fit one run; name a narrower prefix")


def nothing(source: str, seen: int, wanted: int) -> str:
    """Why there is nothing to do, so that a forgotten upload is told from a filter."""
    note = f"nothing to do: no object below {source} is to be transformed"
    if not seen:
        return f"{note}: there is none"
    return f"{note}: of {seen}, {seen - wanted} are folders, markers, or of another suffix or age, {wanted} are empty"


def keys_of_manifest(text: bytes, location: str) -> list[str]:
    """The locations in a manifest as SageMaker writes it: a prefix, and what is relative to it."""
    if len(text) > LONGEST_MANIFEST:
        raise InvalidInput(f"the manifest {location} must have at most {LONGEST_MANIFEST} bytes; split it")
    try:
        head, *keys = json.loads(text)
        prefix = head["prefix"]
        if not isinstance(prefix, str) or not all(isinstance(key, str) for key in keys):
            raise TypeError
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        form = '[{"prefix": "s3://BUCKET/PREFIX/"}, "KEY", ...]'
        raise InvalidInput(f"the manifest {location} must be {form}") from error
    return [prefix + key for key in keys]


def key_in(bucket: str, location: str) -> str:
    """The key of ``s3://BUCKET/KEY``, or of a key alone; raises ``InvalidInput`` for another bucket."""
    if not location or not is_key(location):
        raise InvalidInput(f"an object must be named by its key, got {location!r:.100}")
    if not location.startswith("s3://"):
        return location
    start = f"s3://{bucket}/"
    if not location.startswith(start) or location == start:
        raise InvalidInput(f"{location:.1100} must be an object of the input bucket {bucket}; copy it there")
    return location.removeprefix(start)


def folder_of(prefix: str | None) -> str:
    """What the names of the answers leave out: the folder of the prefix, or nothing where keys were listed."""
    return prefix[: prefix.rfind("/") + 1] if prefix else ""


def cut(objects: Sequence[Object], settings: Settings) -> list[list[Object]]:
    """The objects in shards, in the order of their keys; raises ``InvalidInput`` if there are too many shards."""
    ordered = sorted(objects)
    if settings.shard_by == "count":
        shards = _evenly(ordered, settings.shard_size)
    elif settings.shard_by == "objects":
        size = settings.shard_size
        shards = [ordered[start : start + size] for start in range(0, len(ordered), size)]
    else:
        shards = list(_by_size(ordered, settings.shard_size * _MEGABYTE))
    if len(shards) > settings.max_shards:
        raise InvalidInput(
            f"{len(objects)} objects make {len(shards)} shards, more than max_shards {settings.max_shards}: "
            f"raise it, or put more than {settings.shard_size} {settings.shard_by} into a shard"
        )
    return shards


def _evenly(ordered: Sequence[Object], count: int) -> list[list[Object]]:
    """About as many bytes in each: the largest object goes first, each into the shard that is the lightest then."""
    shards: list[list[Object]] = [[] for _ in range(min(count, len(ordered)))]
    lightest = [(0, 0, index) for index in range(len(shards))]
    for each in sorted(ordered, key=lambda found: (-found.size, found.key)):
        size, number, index = lightest[0]
        heapq.heapreplace(lightest, (size + each.size, number + 1, index))
        shards[index].append(each)
    return [sorted(shard) for shard in shards]


def _by_size(ordered: Sequence[Object], limit: int) -> Iterator[list[Object]]:
    shard: list[Object] = []
    total = 0
    for each in ordered:
        if shard and total + each.size > limit:
            yield shard
            shard, total = [], 0
        shard.append(each)
        total += each.size
    if shard:
        yield shard


def fingerprint(objects: Sequence[Object], folder: str, settings: Settings) -> str:
    """The same for the same objects in the same state under the same job; a run is named after it to be idempotent.

    The folder is part of it, as the names of the answers begin below it.
    """
    identity = [settings.fingerprint, folder, [(each.key, each.etag, each.size) for each in sorted(objects)]]
    return hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:_FINGERPRINT_LENGTH]


def manifest(bucket: str, folder: str, shard: Sequence[Object]) -> list[Any]:
    """A shard as SageMaker reads it."""
    return [{"prefix": f"s3://{bucket}/{folder}"}, *(each.key.removeprefix(folder) for each in shard)]


def check_plan(plan: Mapping[str, Any], run: str, work: str) -> None:
    """Raise ``InvalidInput`` for a plan of another run: its work is written to, and its results are replaced."""
    if plan.get("run") != run or plan.get("work") != work:
        raise InvalidInput(f"{work}plan.json is not the plan of run {run}; start an execution for its objects anew")


def check_model(plan: Mapping[str, Any], settings: Settings) -> None:
    """Raise ``InvalidInput`` if a run was begun with another model: no batch holds answers of two."""
    begun, now = plan["model"], settings.model_name
    if begun != now:
        raise InvalidInput(
            f"run {plan['run']} was begun with the model {begun}, which is {now} now; answers of two models are never "
            "put together: start an execution for its objects anew"
        )


def place(settings: Settings, run: str, date: str) -> str:
    """Where the results of a run go: a prefix of the output bucket."""
    return settings.results_prefix.format(run=run, date=date)


def shard_prefix(work: str, shard: int) -> str:
    """Where everything about a shard lies."""
    return f"{work}shards/{shard}/"


def items(shards: Iterable[int]) -> list[dict[str, int]]:
    """Shards as a Distributed Map reads them."""
    return [{"shard": shard} for shard in shards]


def answer(plan: Mapping[str, Any], request: Request, settings: Settings, shards: Sequence[int]) -> dict[str, Any]:
    """What the state machine goes on with."""
    return {**plan, "job_name": f"{settings.job_name_prefix}{request.name}", "shards": list(shards)}


def log_line(answered: Mapping[str, Any]) -> dict[str, Any]:
    """What is logged of an answer: its run, by which all of a batch is found; of what was refused there is none.

    The words of a problem are the execution's cause, and may be those of its input.
    """
    outcome = next((told for name, told in _OUTCOMES.items() if name in answered), "Planned")
    return {"correlation_id": answered.get("run"), "Outcome": outcome, "Shards": len(answered.get("shards", ()))}


_OUTCOMES = {"problem": "Refused", "note": "NothingToDo"}


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
