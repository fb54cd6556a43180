"""Tags of the SageMaker resources."""

from constructs_lib.local.errors import AwsError
from constructs_lib.local.store import Payload, Store


class Tags:
    """AddTags, ListTags and DeleteTags, and the tags that come with a Create request."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def adopt(self, arn: str, request: Payload) -> None:
        """Keep the Tags of a Create request for the resource that it made."""
        if request.get("Tags"):
            self._store.tags.setdefault(arn, {}).update({tag["Key"]: tag["Value"] for tag in request["Tags"]})

    def add(self, request: Payload) -> Payload:
        """AddTags: all tags that the resource has afterwards."""
        with self._store.lock:
            tags = self._of(request["ResourceArn"])
            tags.update({tag["Key"]: tag["Value"] for tag in request["Tags"]})
            return _answer(tags)

    def list(self, request: Payload) -> Payload:
        """ListTags."""
        with self._store.lock:
            return _answer(self._of(request["ResourceArn"]))

    def delete(self, request: Payload) -> Payload:
        """DeleteTags; a key that the resource does not have is no error."""
        with self._store.lock:
            tags = self._of(request["ResourceArn"])
            for key in request["TagKeys"]:
                tags.pop(key, None)
        return {}

    def _of(self, arn: str) -> dict[str, str]:
        store = self._store
        hosting = (store.models, store.endpoint_configs, store.endpoints, store.inference_components)
        arns = {record.arn for records in (*hosting, store.transform_jobs) for record in records.values()}
        if arn not in arns:
            raise AwsError("ValidationException", f'Could not find resource "{arn}".')
        return store.tags.setdefault(arn, {})


def _answer(tags: dict[str, str]) -> Payload:
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
