"""Reads images in ECR without pulling them: what is there, how large, for which processors."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from constructs_lib.client.retries import code_of
from constructs_lib.facts.models import ECR_HOST, ECR_REGION
from constructs_lib.preflight.account import Account

# What SageMaker pulls, and what tells that it cannot.
_MEDIA_TYPES = (
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
)
_URI = re.compile(rf"(?P<host>{ECR_HOST})/(?P<repository>[^:@\s]+)(?::(?P<tag>[^@\s]+))?(?:@(?P<digest>\S+))?")
# Docker's names of architectures in the words of the facts.
_ARCHITECTURES = {"amd64": "x86_64", "arm64": "arm64"}


@dataclass(frozen=True, slots=True)
class Name:
    """An image in ECR: the account and the Region of its registry, its repository, its tag or digest."""

    registry: str
    region: str
    repository: str
    tag: str
    digest: str | None

    @classmethod
    def of(cls, uri: str) -> Name | None:
        """The image that a URI names; ``None`` for one outside of ECR."""
        found, region = _URI.fullmatch(uri), re.search(ECR_REGION, uri)
        if found is None or region is None:
            return None
        return cls(uri[:12], region[1], found["repository"], found["tag"] or "latest", found["digest"])


@dataclass(frozen=True, slots=True)
class Image:
    """What a manifest says: its media type, the bytes of all layers as they are stored, the architectures.

    ``size`` is ``None`` for an image of several architectures, ``architectures`` is empty where nothing says them.
    """

    media_type: str
    size: int | None
    architectures: frozenset[str]


def read(account: Account, name: Name) -> Image | None:
    """The image of a name; ``None`` if there is no such repository, or no such image in it."""
    found = _manifest(account, name)
    if found is None:
        return None
    media_type, manifest = found
    if "manifests" in manifest:
        platforms = [each.get("platform", {}).get("architecture", "") for each in manifest["manifests"]]
        return Image(media_type, None, _known(*platforms))
    layers = [int(layer["size"]) for layer in manifest.get("layers", ())]
    return Image(media_type, sum(layers), _known(_architecture(account, name, manifest)))


def architecture_of(platform: str | None) -> str | None:
    """``arm64`` of ``linux/arm64``; ``None`` for a platform that is not known."""
    return _ARCHITECTURES.get((platform or "").partition("/")[2].partition("/")[0])


def _manifest(account: Account, name: Name) -> tuple[str, Mapping[str, Any]] | None:
    wanted = {"imageDigest": name.digest} if name.digest else {"imageTag": name.tag}
    try:
        with account.permitted("ecr:BatchGetImage"):
            answer = account.service("ecr").batch_get_image(
                registryId=name.registry,
                repositoryName=name.repository,
                imageIds=[wanted],
                acceptedMediaTypes=list(_MEDIA_TYPES),
            )
    except ClientError as error:
        if code_of(error) == "RepositoryNotFoundException":
            return None
        raise
    if not answer.get("images"):
        return None
    image = answer["images"][0]
    manifest = json.loads(image["imageManifest"])
    return image.get("imageManifestMediaType") or manifest.get("mediaType", ""), manifest


def _architecture(account: Account, name: Name, manifest: Mapping[str, Any]) -> str:
    """The architecture in the configuration of an image, a small JSON document beside its layers."""
    digest = manifest.get("config", {}).get("digest")
    if digest is None:
        return ""
    with account.permitted("ecr:GetDownloadUrlForLayer"):
        answer = account.service("ecr").get_download_url_for_layer(
            registryId=name.registry, repositoryName=name.repository, layerDigest=digest
        )
    return str(json.loads(account.fetch(answer["downloadUrl"])).get("architecture", ""))


def _known(*architectures: str) -> frozenset[str]:
    return frozenset(_ARCHITECTURES[name] for name in architectures if name in _ARCHITECTURES)
