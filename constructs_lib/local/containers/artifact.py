"""Model data out of S3, the way SageMaker fills /opt/ml/model: an archive, one file, or a tree of files."""

import io
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from botocore.exceptions import ClientError

from constructs_lib.local.errors import AwsError
from constructs_lib.local.s3io import S3


@dataclass(frozen=True)
class Artifact:
    """Where the model data is. `data_type` and `compression` are those of an S3ModelDataSource; the defaults are what
    a ModelDataUrl stands for, one gzipped tar."""

    uri: str
    data_type: str = "S3Object"
    compression: str = "Gzip"


def place(s3: S3, artifact: Artifact, folder: Path) -> None:
    """Fill `folder`; raises AwsError as `unpack` does, and when a file's name cannot be one."""
    if artifact.compression == "Gzip":
        unpack(s3, artifact.uri, folder)
    elif artifact.data_type == "S3Object":
        _write(folder, PurePosixPath(artifact.uri).name, _read(s3, artifact.uri))
    else:
        objects = list(s3.list_objects(artifact.uri))
        if not objects:
            raise AwsError("ValidationException", f"Could not find model data at {artifact.uri}.")
        for uri in objects:
            _write(folder, uri.removeprefix(artifact.uri), _read(s3, uri))


def _write(folder: Path, name: str, body: bytes) -> None:
    """Write one file. Names that SageMaker refuses, among them those of folders made in the console, are faults."""
    target = folder / name
    try:
        if any(part.strip() in ("", ".", "..") for part in name.split("/")):
            raise OSError(f"'{name}' is not the name of a file")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)
    except (OSError, ValueError) as error:
        raise AwsError("ValidationException", f"Failed to place the model data '{name}': {error}") from error


def unpack(s3: S3, uri: str, folder: Path) -> None:
    """Unpack the archive at `uri` into `folder`.

    Raises AwsError in AWS's words when the object is missing, is no gzipped tar, or would write outside of `folder`.
    """
    body = _read(s3, uri)
    try:
        with tarfile.open(fileobj=io.BytesIO(body), mode="r:gz") as archive:
            for member in archive:
                _extract(archive, member, folder.resolve())
    except (tarfile.TarError, OSError, EOFError) as error:
        raise AwsError(
            "ValidationException",
            f"Failed to extract model data archive from URL {uri}. Please ensure that the object located at the URL is "
            f"a valid tar.gz archive. ({error})",
        ) from error


def _read(s3: S3, uri: str) -> bytes:
    try:
        return s3.read(uri)
    except ClientError as error:
        raise AwsError(
            "ValidationException",
            f'Could not access model data at {uri}. Please ensure that the role "ExecutionRoleArn" exists and that its '
            f'trust relationship policy allows the action "sts:AssumeRole" for the service principal '
            f'"sagemaker.amazonaws.com". Also ensure that the role has "s3:GetObject" permissions and that the object '
            f"is located in us-east-1. ({error.response['Error']['Code']})",
        ) from error


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Write one file or folder. By hand, as the extraction filters of tarfile came only with Python 3.11.4."""
    target = (folder / member.name).resolve()
    if not target.is_relative_to(folder):
        raise tarfile.TarError(f"{member.name!r} would be outside of the model's folder")
    if member.isdir():
        target.mkdir(parents=True, exist_ok=True)
        return
    content = archive.extractfile(member) if member.isfile() else None
    if content is None:
        raise tarfile.TarError(f"{member.name!r} is neither a file nor a folder")
    target.parent.mkdir(parents=True, exist_ok=True)
    with content, target.open("wb") as file:
        shutil.copyfileobj(content, file)
    target.chmod(0o600 | member.mode & 0o755)
