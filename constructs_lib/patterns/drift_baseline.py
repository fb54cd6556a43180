"""Where a baseline is: in a file of the app, or in a bucket where a training pipeline has put it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from constructs_lib.drift.baseline import VERSION
from constructs_lib.errors import InvalidConfiguration

Location = tuple[s3.IBucket, str]


@dataclass(frozen=True, slots=True)
class DriftBaseline:
    """What a model was trained on, as ``make_baseline`` has summed it up. Make one with a ``from_`` method.

    ``records`` is how many records it was made of, ``key`` where it is, as far as that is known before a deployment.
    """

    _bind: Callable[[Construct], Location]
    records: int | None = None
    key: str | None = None

    @classmethod
    def from_file(cls, path: str | Path) -> DriftBaseline:
        """The local JSON file ``path``, which CDK uploads as an asset when the stack is deployed.

        :raises InvalidConfiguration: when there is no such file, or it holds no baseline.
        """
        file = Path(path)
        records = _records_of(file)

        def bind(scope: Construct) -> Location:
            asset = assets.Asset(scope, "Baseline", path=str(file))
            return asset.bucket, asset.s3_object_key

        return cls(bind, records)

    @classmethod
    def from_bucket(cls, bucket: s3.IBucket, key: str) -> DriftBaseline:
        """The object ``key`` in ``bucket``, read anew each time: a training pipeline may replace it."""
        return cls(lambda _: (bucket, key), key=key)

    def bind(self, scope: Construct) -> Location:
        """The bucket and the key; an asset is made in ``scope`` if need be."""
        return self._bind(scope)


def _records_of(file: Path) -> int:
    made = "make one with: python -m constructs_lib baseline TRAINING.csv"
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        version, records = document["version"], int(max(row["records"] for row in document["inputs"]))
    except OSError as error:
        problem = f"path must be an existing file, got {str(file)!r} ({error.strerror}); {made}"
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        problem = f"path must hold a baseline, got {str(file)!r}; {made}"
    else:
        if version == VERSION:
            return records
        problem = f"path must hold a baseline of version {VERSION}, got {version!r}; {made}"
    raise InvalidConfiguration("DriftBaseline.from_file", [problem])
