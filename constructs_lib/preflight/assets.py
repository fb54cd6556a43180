"""What CDK uploads with a stack: it is in no bucket and no repository before the first deployment, but on this disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from constructs_lib.templates.files import asset_manifest


@dataclass(frozen=True, slots=True)
class Assets:
    """Files by bucket and key, and images, each with the platform it is built for, by repository and tag."""

    files: Mapping[tuple[str, str], Path]
    images: Mapping[tuple[str, str], str | None]


def assets_of(template: Path, pseudo: Mapping[str, str]) -> Assets:
    """The assets in the manifest beside a template; ``pseudo`` fills the placeholders in their destinations."""
    manifest = asset_manifest(template)
    files = {
        (filled(target["bucketName"], pseudo), filled(target["objectKey"], pseudo)): template.parent / source["path"]
        for source, target in _entries(manifest.get("files"))
        if "path" in source
    }
    images = {
        (filled(target["repositoryName"], pseudo), filled(target["imageTag"], pseudo)): source.get("platform")
        for source, target in _entries(manifest.get("dockerImages"))
    }
    return Assets(files, images)


def filled(text: str, pseudo: Mapping[str, str]) -> str:
    """A text of CDK's with the values of the pseudo parameters in it."""
    for name, value in pseudo.items():
        text = text.replace(f"${{{name}}}", value)
    return text


def _entries(section: Any) -> Iterator[tuple[Mapping[str, Any], Mapping[str, str]]]:
    """Source and destination of each asset, once for each destination."""
    for entry in section.values() if isinstance(section, Mapping) else ():
        for target in entry.get("destinations", {}).values():
            yield entry.get("source", {}), target
