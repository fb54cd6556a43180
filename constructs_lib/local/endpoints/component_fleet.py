"""The containers of inference components: what starts, replaces, scales and ends them."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from constructs_lib.facts import realtime
from constructs_lib.local.containers.model_containers import containers_of, targets_of
from constructs_lib.local.containers.process import ContainerFailed
from constructs_lib.local.endpoints.fleet import POLL
from constructs_lib.local.endpoints.fleet_variants import startup_timeout
from constructs_lib.local.errors import AwsError
from constructs_lib.local.store import ComponentRecord, ModelRecord, Payload, VariantRecord

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_lib.local.service import LocalSageMaker

_logger = logging.getLogger(__name__)


class ComponentFleet:
    """Carries out what was accepted, each change in a thread of its own. All copies of a component are one process."""

    def __init__(self, sagemaker: LocalSageMaker) -> None:
        self._sagemaker = sagemaker
        self._lock = sagemaker.store.lock

    def create(self, record: ComponentRecord, copies: int) -> None:
        """Bring a new component from Creating to InService, or to Failed with its reason."""
        self._in_background("Failed", record, lambda: self._change(record, record.definition, copies))

    def update(self, record: ComponentRecord, definition: Payload, copies: int) -> None:
        """Bring an Updating component to `definition` and `copies`; what fails leaves it as it was, with the reason."""
        with self._lock:
            record.copies.desired_instance_count = copies
        self._in_background("InService", record, lambda: self._change(record, definition, copies))

    def delete(self, record: ComponentRecord) -> None:
        """End a Deleting component: its containers, its record."""

        def end() -> None:
            self._release(record.copies)
            with self._lock:
                self._sagemaker.store.inference_components.pop(record.name, None)

        threading.Thread(target=end, daemon=True).start()

    def _change(self, record: ComponentRecord, definition: Payload, copies: int) -> None:
        old = record.copies
        is_new = not old.model_name or definition is not record.definition
        new = self._planned(record, definition) if is_new else old
        if copies and (is_new or not old.current_instance_count):
            model = self._model(record, definition, new.model_name)
            timeout = startup_timeout((definition.get("Specification") or {}).get("StartupParameters") or {})
            self._sagemaker.containers.acquire(model, _user(new), timeout)
        with self._lock:
            new.current_instance_count = new.desired_instance_count = copies
            record.copies, record.definition = new, definition
        if is_new or not copies:
            self._release(old)

    def _planned(self, record: ComponentRecord, definition: Payload) -> VariantRecord:
        """What invocations go to under a new definition, in processes of its own."""
        key = f"{record.name} ({time.time_ns()})"
        model = self._model(record, definition, key)
        return replace(
            record.copies,
            model_name=key,
            image=model.image,
            images=tuple(container.image for container in containers_of(model)),
            targets=targets_of(model),
            in_flight=0,
        )

    def _model(self, record: ComponentRecord, definition: Payload, key: str) -> ModelRecord:
        """The model of a specification under a name of its own; its Container goes over what its model says."""
        specification = definition.get("Specification") or definition["Specifications"][0]
        container = specification.get("Container") or {}
        if not specification.get("ModelName"):
            given = {"Image": container["Image"], "ModelDataUrl": container.get("ArtifactUrl")}
            environment = dict(container.get("Environment") or {})
            return ModelRecord(
                name=key,
                arn=record.arn,
                image=container["Image"],
                artifact=container.get("ArtifactUrl"),
                environment=environment,
                definition={"PrimaryContainer": given | {"Environment": environment}},
            )
        model = self._sagemaker.model(specification["ModelName"])
        return replace(
            model,
            name=key,
            image=container.get("Image") or model.image,
            artifact=container.get("ArtifactUrl") or model.artifact,
            environment=model.environment | (container.get("Environment") or {}),
        )

    def _release(self, copies: VariantRecord) -> None:
        """Let invocations that are under way come to their end, then end the process."""
        deadline = time.monotonic() + realtime.INVOCATION_TIMEOUT.maximum
        while copies.in_flight and time.monotonic() < deadline:
            time.sleep(POLL)
        if copies.model_name:
            self._sagemaker.containers.release(copies.model_name, _user(copies))

    def _in_background(self, after_a_fault: str, record: ComponentRecord, work: Callable[[], None]) -> None:
        def guarded() -> None:
            status, reason = "InService", None
            try:
                work()
            except (ContainerFailed, AwsError) as error:
                status, reason = after_a_fault, str(error)
            except Exception as fault:
                _logger.exception("inference component %s", record.name)
                status, reason = after_a_fault, f"fault of the local AWS: {fault!r}; its log has the details"
            with self._lock:
                record.copies.desired_instance_count = record.copies.current_instance_count
                record.status, record.failure_reason, record.modified = status, reason, time.time()

        threading.Thread(target=guarded, daemon=True).start()


def _user(copies: VariantRecord) -> str:
    return f"inference component {copies.model_name}"
