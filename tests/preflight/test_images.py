"""Container images: there, in a form that SageMaker takes, small enough, and for the right processors."""

from __future__ import annotations

import json
from typing import Any

import pytest

from constructs_lib.facts.limit import Severity
from constructs_lib.preflight.images import IMAGES
from constructs_lib.rules.examples.bases import realtime, serverless
from constructs_lib.rules.examples.example import changed
from constructs_lib.rules.examples.transform import batch
from tests.preflight.conftest import ACCOUNT, Aws, Preflight, refusal

DOCKER = "application/vnd.docker.distribution.manifest.v2+json"
LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
OCI = "application/vnd.oci.image.manifest.v1+json"
URI = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/classifier:1"
BLOB = "https://signed.example/config"
TYPE = "Config.ProductionVariants.0.InstanceType"


def holds(aws: Aws, *, size: int = 1000, architecture: str = "amd64", media_type: str = DOCKER) -> None:
    """An image of one architecture in the repository."""
    manifest = {"config": {"digest": "sha256:config"}, "layers": [{"size": size - 1}, {"size": 1}]}
    answers(aws, manifest, media_type)
    aws.on("GetDownloadUrlForLayer", {"downloadUrl": BLOB}, layerDigest="sha256:config")
    aws.blobs[BLOB] = {"architecture": architecture}


def answers(aws: Aws, manifest: Any, media_type: str) -> None:
    image = {"imageManifest": json.dumps(manifest), "imageManifestMediaType": media_type}
    aws.on("BatchGetImage", {"images": [image]})


def test_an_image_that_is_there_and_fits_is_clean(aws: Aws, preflight: Preflight) -> None:
    holds(aws)
    assert preflight(IMAGES, realtime()) == []
    (asked,) = aws.asked("BatchGetImage")
    assert (asked["registryId"], asked["repositoryName"]) == (ACCOUNT, "classifier")
    assert asked["imageIds"] == [{"imageTag": "1"}]


@pytest.mark.parametrize(
    "answer",
    [
        {"images": [], "failures": [{"failureCode": "ImageNotFound"}]},
        refusal("RepositoryNotFoundException", "The repository does not exist"),
    ],
)
def test_an_image_that_is_not_there_is_an_error(aws: Aws, preflight: Preflight, answer: dict[str, Any]) -> None:
    aws.on("BatchGetImage", answer)
    (finding,) = preflight(IMAGES, realtime())
    assert (finding.rule, finding.severity) == ("IMG-EXISTS", Severity.ERROR)
    assert f"there is no image {URI}" in finding.message


def test_an_image_for_graviton_does_not_run_on_other_processors(aws: Aws, preflight: Preflight) -> None:
    holds(aws, architecture="arm64")
    (finding,) = preflight(IMAGES, realtime())
    assert (finding.rule, finding.severity) == ("IMG-ARCH", Severity.ERROR)
    assert f"ml.m5.large has x86_64 processors, {URI} is made for arm64" in finding.message
    assert "linux/amd64" in finding.fix
    assert preflight(IMAGES, changed(realtime(), {TYPE: "ml.c7g.large"})) == []


def test_an_image_for_other_processors_does_not_run_on_graviton(aws: Aws, preflight: Preflight) -> None:
    holds(aws, architecture="amd64")
    (finding,) = preflight(IMAGES, changed(realtime(), {TYPE: "ml.c7g.large"}))
    assert (finding.rule, "linux/arm64" in finding.fix) == ("IMG-ARCH", True)


def test_an_image_of_a_transform_job_runs_on_its_instances(aws: Aws, preflight: Preflight) -> None:
    holds(aws, architecture="arm64")
    (finding,) = preflight(IMAGES, batch())
    assert (finding.rule, "ml.m5.large has x86_64 processors" in finding.message) == ("IMG-ARCH", True)


def test_an_image_of_several_architectures_runs_on_each(aws: Aws, preflight: Preflight) -> None:
    answers(aws, {"manifests": [{"platform": {"architecture": name}} for name in ("amd64", "arm64")]}, LIST)
    assert preflight(IMAGES, realtime()) == []
    assert preflight(IMAGES, changed(realtime(), {TYPE: "ml.c7g.large"})) == []


@pytest.mark.parametrize(("size", "rules"), [(10 * 1024**3, []), (10 * 1024**3 + 1, ["SLS-IMG"])])
def test_an_image_of_a_serverless_variant_has_at_most_10_gb(
    aws: Aws, preflight: Preflight, size: int, rules: list[str]
) -> None:
    holds(aws, size=size)
    assert [finding.rule for finding in preflight(IMAGES, serverless())] == rules
    assert preflight(IMAGES, realtime()) == []


def test_a_manifest_that_sagemaker_refuses_is_an_error(aws: Aws, preflight: Preflight) -> None:
    holds(aws, media_type=OCI)
    (finding,) = preflight(IMAGES, realtime())
    assert (finding.rule, finding.severity) == ("IMG-MANIFEST", Severity.ERROR)
    assert f"{URI} has {OCI}" in finding.message
    assert "--provenance=false" in finding.fix


def test_an_image_that_the_deployment_builds_is_judged_by_its_platform(aws: Aws, preflight: Preflight) -> None:
    target = {"repositoryName": "classifier", "imageTag": "1"}
    entry = {"source": {"directory": "any", "platform": "linux/arm64"}, "destinations": {"any": target}}
    preflight.path.with_name("Stack.assets.json").write_text(json.dumps({"dockerImages": {"any": entry}}))
    assert [finding.rule for finding in preflight(IMAGES, realtime())] == ["IMG-ARCH", "PREFLIGHT-UNJUDGED"]
    assert aws.asked("BatchGetImage") == []


@pytest.mark.parametrize("uri", ["registry.example/classifier:1", URI.replace("eu-west-1", "us-east-1")])
def test_an_image_elsewhere_is_said_to_be_unjudged(aws: Aws, preflight: Preflight, uri: str) -> None:
    (finding,) = preflight(IMAGES, changed(realtime(), {"Model.PrimaryContainer.Image": uri}))
    assert (finding.rule, uri in finding.message) == ("PREFLIGHT-UNJUDGED", True)


@pytest.mark.parametrize("operation", ["BatchGetImage", "GetDownloadUrlForLayer"])
def test_a_call_that_is_denied_is_named(aws: Aws, preflight: Preflight, operation: str) -> None:
    holds(aws)
    aws.on(operation, refusal())
    (finding,) = preflight(IMAGES, realtime())
    assert (finding.rule, f"ecr:{operation} is not allowed" in finding.message) == ("PREFLIGHT-DENIED", True)


@pytest.mark.parametrize(
    "manifest", ["[" * 100_000, "[]", "null", '{"config": 7}', '{"layers": [{"size": "x"}]}', "{}]"]
)
def test_an_image_whose_manifest_is_none_is_told(aws: Aws, preflight: Preflight, manifest: str) -> None:
    """Whoever may push to a registry chooses it."""
    aws.on("BatchGetImage", {"images": [{"imageManifest": manifest, "imageManifestMediaType": DOCKER}]})
    findings = preflight(IMAGES, realtime())
    assert any("what the image is made for" in f"{finding.message} {finding.fix}" for finding in findings)
