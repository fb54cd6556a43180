"""Models: images, artifacts, environment."""

from __future__ import annotations

import re
from collections.abc import Iterator

from constructs_lib.facts import models
from constructs_lib.facts.limit import Severity
from constructs_lib.facts.paths import MODEL, PACKAGE
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.relations import containers, is_multi_model
from constructs_lib.templates.template import HOLE, Node, Template

VPC = "Vpc"


def _containers(template: Template) -> Iterator[Node]:
    for model in template.of(MODEL):
        yield from containers(model)


def _artifacts(container: Node) -> tuple[Node, Node]:
    return container.at("ModelDataUrl"), container.at("ModelDataSource", "S3DataSource", "S3Uri")


@rule(models.IMAGE_IN_ECR)
def image_in_ecr(template: Template) -> Iterator[Problem]:
    """An image is in a private repository of Amazon ECR, unless RepositoryAccessMode is Vpc."""
    for container in _containers(template):
        image = container.at("Image")
        registry = _registry(image)
        if registry is None or not _is_pulled_by_platform(container) or re.fullmatch(models.ECR_HOST, registry):
            continue
        named = f"in the registry {registry}" if registry else f"without a registry, {image.value!r}"
        yield Problem(
            image,
            f"image must be in a private repository of Amazon ECR, got one {named}",
            "push the image to Amazon ECR and give its URI there, or set ImageConfig.RepositoryAccessMode to Vpc",
        )


def _registry(image: Node) -> str | None:
    """The host of an image's URI, empty if it names none, ``None`` if that cannot be told."""
    first = image.parts[0]
    if not isinstance(first, str):
        return None
    host, slash, _ = first.partition("/")
    if slash:
        return host
    return "" if image.text else None


def _is_pulled_by_platform(container: Node) -> bool:
    mode = container.at("ImageConfig", "RepositoryAccessMode")
    return mode.missing or (mode.text is not None and mode.text != VPC)


@rule(models.IMAGE_REGION)
def image_in_region(template: Template) -> Iterator[Problem]:
    """An image is in the Region of its model."""
    for container in _containers(template):
        image = container.at("Image")
        named = re.search(models.ECR_REGION, image.outline)
        if template.region and named and named[1] != template.region and _is_pulled_by_platform(container):
            yield Problem(
                image,
                f"image must be in the Region of the model {template.region}, got one in {named[1]}",
                f"push or replicate the image to Amazon ECR in {template.region}, and name that repository",
            )


@rule(models.PRIVATE_REGISTRY)
def private_registry_in_vpc(template: Template) -> Iterator[Problem]:
    """RepositoryAccessMode Vpc needs VpcConfig, and RepositoryAuthConfig needs RepositoryAccessMode Vpc."""
    for model in template.of(MODEL):
        for container in containers(model):
            mode = container.at("ImageConfig", "RepositoryAccessMode")
            login = container.at("ImageConfig", "RepositoryAuthConfig")
            if mode.text == VPC and model.at("VpcConfig").missing:
                remedy = "give VpcConfig with the subnets from which the registry can be reached"
                yield Problem(mode, "RepositoryAccessMode Vpc needs VpcConfig on the model, got none", remedy)
            if login.given and mode.text is not None and mode.text != VPC:
                message = f"RepositoryAuthConfig needs RepositoryAccessMode Vpc, got {mode.text}"
                yield Problem(login, message, "leave RepositoryAuthConfig out, or set RepositoryAccessMode to Vpc")


@rule(models.ARTIFACT_IS_AN_ARCHIVE)
def artifact_is_an_archive(template: Template) -> Iterator[Problem]:
    """The ModelDataUrl of a single model names an archive, not a prefix."""
    for container in _containers(template):
        mode, url = container.at("Mode"), container.at("ModelDataUrl")
        is_single = mode.missing or (mode.text is not None and not is_multi_model(container))
        if is_single and url.outline.endswith("/"):
            yield Problem(
                url,
                f"ModelDataUrl of a single model must name an archive, got a prefix that ends in {_ending(url)!r}",
                "name the .tar.gz object, or give the prefix to ModelDataSource (S3DataType S3Prefix)",
            )


def _ending(node: Node) -> str:
    return node.outline.rpartition(HOLE)[2][-40:]


@rule(models.ARTIFACT_REGION)
def artifact_in_region(template: Template) -> Iterator[Problem]:
    """An artifact is in the Region of its model."""
    if not template.region:
        return
    for container in _containers(template):
        for uri in _artifacts(container):
            region, severity = _bucket_region(uri.outline)
            if region and region != template.region:
                yield Problem(
                    uri,
                    f"model artifact must be in the Region of the model {template.region}, got a bucket in {region}",
                    f"copy the artifact into a bucket in {template.region}, and name that",
                    severity,
                )


def _bucket_region(uri: str) -> tuple[str, Severity | None]:
    """The Region of a bucket; only likely where nothing but the name of the bucket says it."""
    host, name = re.match(models.S3_HOST_REGION, uri), re.match(models.BUCKET_REGION, uri)
    if host:
        return host[1], None
    return (name[1], Severity.WARNING) if name else ("", None)


@rule(models.DATA_SOURCE)
def data_source_of_one_kind(template: Template) -> Iterator[Problem]:
    """An S3Uri of type S3Prefix ends with a slash, and only an S3Object is Gzip."""
    for container in _containers(template):
        source = container.at("ModelDataSource", "S3DataSource")
        uri, compression = source.at("S3Uri"), source.at("CompressionType")
        if source.at("S3DataType").text != "S3Prefix":
            continue
        if uri.given and isinstance(uri.parts[-1], str) and not uri.parts[-1].endswith("/"):
            message = f"S3Uri of S3DataType S3Prefix must end with a slash, got one that ends in {_ending(uri)!r}"
            yield Problem(uri, message, "end it with a slash, or set S3DataType to S3Object")
        if compression.text == "Gzip":
            message = "CompressionType Gzip needs S3DataType S3Object, got S3Prefix"
            yield Problem(compression, message, "set CompressionType to None, or name one archive as S3Object")


@rule(models.ENVIRONMENT_ENTRIES)
def environment_of_few_entries(template: Template) -> Iterator[Problem]:
    """The environment of a container has at most 100 entries."""
    most = models.ENVIRONMENT_ENTRIES.maximum
    for container in _containers(template):
        environment = container.at("Environment")
        count = len(environment.entries)
        if count > most:
            message = f"environment of a container must have at most {most} entries, got {count}"
            yield Problem(environment, message, "put what is over into the artifact")


@rule(models.ENVIRONMENT_KEY)
def environment_of_proper_names(template: Template) -> Iterator[Problem]:
    """The name of an environment variable is made of letters, digits and underscores and begins with no digit."""
    for container in _containers(template):
        for name, value in container.at("Environment").entries:
            if not models.ENVIRONMENT_KEY.allows(name):
                shown = name if len(name) <= 80 else f"{name[:60]}... ({len(name)} characters)"
                message = f"name of an environment variable must be {models.ENVIRONMENT_KEY}, got {shown!r}"
                yield Problem(value, message, "use letters, digits and underscores")


@rule(models.ENVIRONMENT_VALUE_LENGTH)
def environment_of_short_values(template: Template) -> Iterator[Problem]:
    """The value of an environment variable has at most 1024 characters."""
    most = models.ENVIRONMENT_VALUE_LENGTH.maximum
    for container in _containers(template):
        for name, value in container.at("Environment").entries:
            length = len(value.known_text)
            if length > most:
                message = f"value of {name} must have at most {most} characters, got {length}"
                yield Problem(value, message, "put long values into the artifact")


@rule(models.ENVIRONMENT_TOTAL_BYTES)
def environment_of_few_bytes(template: Template) -> Iterator[Problem]:
    """The environments of all containers of a model have at most 32768 bytes together."""
    most = models.ENVIRONMENT_TOTAL_BYTES.maximum
    for model in template.of(MODEL):
        environments = [container.at("Environment") for container in containers(model)]
        entries = [entry for environment in environments for entry in environment.entries]
        size = sum(len(name.encode()) + value.known_bytes for name, value in entries)
        if size > most:
            place = next(environment for environment in environments if environment.entries)
            message = f"environment of all containers together must have at most {most} bytes, got {size}"
            yield Problem(place, message, "put long values into the artifact")


@rule(models.ENVIRONMENT_BESIDE_PACKAGE)
def environment_in_model_or_package(template: Template) -> Iterator[Problem]:
    """A container has no environment if its model package has one."""
    for container in _containers(template):
        package = template.follow(container.at("ModelPackageName"), PACKAGE)
        environment = container.at("Environment")
        if package is None or not environment.entries or container.at("InferenceSpecificationName").given:
            continue
        if any(each.at("Environment").entries for each in package.at("InferenceSpecification", "Containers").items):
            logical_id = package.resource.logical_id
            message = f"Environment must be given by the model or by its model package {logical_id}, got both"
            yield Problem(environment, message, f"move these variables into the containers of {logical_id}")
