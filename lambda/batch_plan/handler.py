"""Plans a batch before any instance is paid for: finds the objects, checks them, cuts them into shards."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from batch_plan import logic
from batch_plan.claims import Claims
from batch_plan.logic import Object
from batch_plan.request import InvalidInput, Request
from batch_plan.settings import Settings

_AT_ONCE = 32
_MISSING = ("404", "NoSuchKey", "NotFound")
# What S3 says of a key that no object can have.
_IMPOSSIBLE = ("400", "KeyTooLongError")


class Planner:
    """Plans the batches of a pipeline. The client and the claims are handed in."""

    def __init__(self, settings: Settings, *, s3: Any, claims: Claims) -> None:
        self._settings = settings
        self._s3 = s3
        self._claims = claims

    def plan(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The shards to run, or a ``problem`` with the input, or a ``note`` that there is nothing to do."""
        try:
            request = Request.from_event(event, self._settings)
            found = self._resumed(request, request.resume) if request.resume else self._planned(request)
        except InvalidInput as error:
            found = {"problem": str(error)}
        print(json.dumps(logic.log_line(found)))
        return found

    def _planned(self, request: Request) -> dict[str, Any]:
        seen, weight, found = 0, 0, []
        for each in self._found(request):
            seen += 1
            if logic.is_wanted(each, request, self._settings):
                found.append(each)
                weight += logic.weight(each)
                logic.check_weight(weight, len(found), self._source(request))
        objects = [each for each in found if each.size]
        if not objects:
            return {"note": logic.nothing(self._source(request), seen, len(found))}
        wrong = list(logic.problems(objects, self._settings))
        if wrong:
            raise InvalidInput("; ".join(wrong))
        folder = logic.folder_of(request.prefix)
        run = logic.fingerprint(objects, folder, self._settings) if self._settings.is_idempotent else request.name
        if self._settings.is_idempotent and self._read(f"{self._work(run)}plan.json") is not None:
            return self._resumed(request, run)
        shards = logic.cut(objects, self._settings)
        other = self._claimed(request, run)
        if other:
            return other
        plan = {
            "run": run,
            "date": request.date,
            "feature_version": request.feature_version,
            # Of a run that is resumed, too: its answers are as old as the first of them.
            "computed_at": request.started_at,
            "model": self._settings.model_name,
            "source": self._source(request),
            "work": self._work(run),
            "results": logic.place(self._settings, run, request.date),
            "shard_count": len(shards),
            "objects": len(objects),
            "bytes": sum(each.size for each in objects),
            "empty_objects": len(found) - len(objects),
        }
        self._write_shards(plan, folder, shards)
        return logic.answer(plan, request, self._settings, range(len(shards)))

    def _resumed(self, request: Request, run: str) -> dict[str, Any]:
        """An earlier run again: its shards that are not complete, none if it is published."""
        plan = self._read(f"{self._work(run)}plan.json")
        if plan is None:
            raise InvalidInput(f"there is no run {run} to resume in {self._settings.output_bucket_name}")
        logic.check_plan(plan, run, self._work(run))
        logic.check_model(plan, self._settings)
        marker = self._read(f"{plan['results']}{self._settings.success_name}")
        if marker is not None and marker["run"] == run:  # the place may be another run's by now
            output = f"s3://{self._settings.output_bucket_name}/{plan['results']}answers/"
            return {"note": f"nothing to do: run {run} is complete", "run": run, "output": output}
        other = self._claimed(request, run)
        if other:
            return other
        places = [f"{logic.shard_prefix(plan['work'], shard)}result.json" for shard in range(plan["shard_count"])]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            results = list(pool.map(self._read, places))
        left = [shard for shard, result in enumerate(results) if result is None or result["status"] != "Complete"]
        self._write(f"{plan['work']}shards.json", logic.items(left))
        return logic.answer(plan, request, self._settings, left)

    def _claimed(self, request: Request, run: str) -> dict[str, Any] | None:
        """Claim the run; what to answer if another execution is at it."""
        other = self._claims.take(f"{self._work(run)}claim.json", request.execution)
        return None if other is None else {"note": f"nothing to do: execution {other} is at run {run}", "run": run}

    def _found(self, request: Request) -> Iterable[Object]:
        if request.prefix is not None:
            return self._listed(request.prefix)
        locations: Sequence[str] = request.keys or ()
        if request.manifest is not None:
            locations = self._manifest(request.manifest)
        keys = sorted({logic.key_in(self._settings.input_bucket_name, location) for location in locations})
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = list(pool.map(self._looked_up, keys))
        missing = [key for key, each in zip(keys, found, strict=True) if each is None]
        if missing:
            raise InvalidInput(f"{len(missing)} of {len(keys)} objects do not exist: {', '.join(missing[:5])}")
        return [each for each in found if each is not None]

    def _listed(self, prefix: str) -> Iterator[Object]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._settings.input_bucket_name, Prefix=prefix
        )
        for page in pages:
            for each in page.get("Contents", []):
                yield Object(each["Key"], each["Size"], each["ETag"], each["LastModified"])

    def _looked_up(self, key: str) -> Object | None:
        try:
            found = self._s3.head_object(Bucket=self._settings.input_bucket_name, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in (*_MISSING, *_IMPOSSIBLE):
                return None
            raise
        return Object(key, found["ContentLength"], found["ETag"], found["LastModified"])

    def _manifest(self, location: str) -> list[str]:
        bucket = self._settings.input_bucket_name
        try:
            found = self._s3.get_object(Bucket=bucket, Key=logic.key_in(bucket, location))
        except ClientError as error:
            if error.response["Error"]["Code"] in (*_MISSING, *_IMPOSSIBLE):
                raise InvalidInput(f"the manifest {location} does not exist in {bucket}") from error
            raise
        return logic.keys_of_manifest(found["Body"].read(logic.LONGEST_MANIFEST + 1), location)

    def _write_shards(self, plan: Mapping[str, Any], folder: str, shards: Sequence[Sequence[Object]]) -> None:
        """Manifests first, and the plan last: a run that has a plan has all of its shards."""

        def write(index: int) -> None:
            content = logic.manifest(self._settings.input_bucket_name, folder, shards[index])
            self._write(f"{logic.shard_prefix(plan['work'], index)}manifest.json", content)

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(write, range(len(shards))))
        self._write(f"{plan['work']}shards.json", logic.items(range(len(shards))))
        self._write(f"{plan['work']}plan.json", plan)

    def _source(self, request: Request) -> str:
        bucket = self._settings.input_bucket_name
        if request.prefix is not None:
            return f"s3://{bucket}/{request.prefix}"
        return request.manifest or f"s3://{bucket}/ ({len(request.keys or ())} keys)"

    def _work(self, run: str) -> str:
        return f"{self._settings.work_prefix}{run}/"

    def _write(self, key: str, content: object) -> None:
        body = json.dumps(content).encode()
        bucket = self._settings.output_bucket_name
        self._s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json")

    def _read(self, key: str) -> Any:
        try:
            found = self._s3.get_object(Bucket=self._settings.output_bucket_name, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                return None
            raise
        return json.loads(found["Body"].read())


def _wired(settings: Settings) -> Planner:
    s3 = boto3.client("s3", config=Config(max_pool_connections=_AT_ONCE))
    claims = Claims(s3=s3, states=boto3.client("stepfunctions"), bucket=settings.output_bucket_name)
    return Planner(settings, s3=s3, claims=claims)


_planner = _wired(Settings.from_environment(os.environ))


def handle(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Lambda's entry point."""
    del context
    return _planner.plan(event)
