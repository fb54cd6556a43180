"""Unpacking of model.tar.gz, the way SageMaker fills /opt/ml/model."""

import io
import shutil
import tarfile
from pathlib import Path

from botocore.exceptions import ClientError

from constructs_lib.local.errors import AwsError
from constructs_lib.local.s3io import S3


def unpack(s3: S3, uri: str, folder: Path) -> None:
    """Unpack the archive at `uri` into `folder`.

    Raises AwsError in AWS's words when the object is missing, is no gzipped tar, or would write outside of `folder`.
    """
    try:
        body = s3.read(uri)
    except ClientError as error:
        raise AwsError(
            "ValidationException",
            f'Could not access model data at {uri}. Please ensure that the role "ExecutionRoleArn" exists and that its '
            f'trust relationship policy allows the action "sts:AssumeRole" for the service principal '
            f'"sagemaker.amazonaws.com". Also ensure that the role has "s3:GetObject" permissions and that the object '
            f"is located in us-east-1. ({error.response['Error']['Code']})",
        ) from error
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
