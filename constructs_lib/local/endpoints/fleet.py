"""The life of endpoints: what starts, replaces, scales and ends the containers behind them."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from constructs_lib.facts import realtime
from constructs_lib.local.containers.process import ContainerFailed
from constructs_lib.local.endpoints.fleet_variants import retain, startup_timeout, user_of, variant_of_definition
from constructs_lib.local.endpoints.rollout import RolledBack, Rollout
from constructs_lib.local.errors import AwsError
from constructs_lib.local.store import (
    EndpointConfigRecord,
    EndpointRecord,
    ModelRecord,
    Payload,
    RolloutRecord,
    VariantRecord,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_lib.local.service import LocalSageMaker

Variants = dict[str, VariantRecord]
BUSY = ("Creating", "Updating", "RollingBack", "Deleting")
POLL = 0.05
_EVENT_STATUS = {"InService": "IN_SERVICE", "RollingBack": "ROLLING_BACK"}


class Fleet:
    """Carries out what the control plane accepted, each change in a thread of its own, as AWS answers at once too."""

    def __init__(self, sagemaker: LocalSageMaker) -> None:
        self._sagemaker = sagemaker
        self._lock = sagemaker.store.lock
        self._scaling: set[str] = set()

    def create(self, endpoint: EndpointRecord) -> None:
        """Bring a new endpoint from Creating to InService, or to Failed with its reason."""
        self._announce(endpoint)
        self._in_background("Failed", self._create, endpoint)

    def _create(self, endpoint: EndpointRecord) -> None:
        try:
            config = self._sagemaker.endpoint_config(endpoint.config_name)
            variants = self._start(endpoint, config)
        except (ContainerFailed, AwsError) as error:
            self._settle(endpoint, "Failed", str(error))
            return
        with self._lock:
            endpoint.variants, endpoint.asynchronous = variants, config.asynchronous
            endpoint.data_capture = config.data_capture
        if config.asynchronous:
            self._sagemaker.asynchronous.start(endpoint)
        self._sagemaker.autoscaling.loop.start()
        self._settle(endpoint, "InService")

    def update(self, endpoint: EndpointRecord, rollout: RolloutRecord, retained: set[str]) -> None:
        """Move an Updating endpoint to the configuration of `rollout`, by its DeploymentConfig.

        The old containers serve until the new ones are healthy, and go when those have passed every watch. `retained`
        names what live variants keep: DesiredInstanceCount, DesiredWeight, DataCaptureConfig. A failure leaves the old
        configuration InService with the FailureReason of the update.
        """
        endpoint.rollout = rollout
        self._announce(endpoint)
        self._in_background("InService", self._update, endpoint, rollout, retained)

    def _update(self, endpoint: EndpointRecord, rollout: RolloutRecord, retained: set[str]) -> None:
        config_name = rollout.config_name
        try:
            config = self._sagemaker.endpoint_config(config_name)
            fresh = self._start(endpoint, config)
        except (ContainerFailed, AwsError) as error:
            self._settle(endpoint, "InService", str(error))
            return
        with self._lock:
            old, old_config = endpoint.variants, endpoint.config_name
            for name in fresh.keys() & old.keys():
                retain(fresh[name], old[name], retained)
            rollout.variants = fresh
        try:
            Rollout(self._sagemaker, endpoint, rollout).carry_out()
        except RolledBack as reason:
            self._roll_back(endpoint, rollout, str(reason))
            return
        with self._lock:
            endpoint.variants, endpoint.config_name, endpoint.rollout = fresh, config_name, None
            endpoint.asynchronous = config.asynchronous
            if "DataCaptureConfig" not in retained:
                endpoint.data_capture = config.data_capture
        self._drain(old)
        self._release(endpoint.name, old_config, old)
        for variant in fresh.values():
            if not variant.serverless and variant.current_instance_count == 0:
                self._let_go(variant, user_of(endpoint.name, config_name, variant.name))
        if config.asynchronous:
            self._sagemaker.asynchronous.start(endpoint)
        else:
            self._sagemaker.asynchronous.stop(endpoint)
        self._settle(endpoint, "InService")

    def _roll_back(self, endpoint: EndpointRecord, rollout: RolloutRecord, reason: str) -> None:
        """Give all requests back to the old fleet at once, and end the new one."""
        with self._lock:
            rollout.share = 0.0
            self._set_status(endpoint, "RollingBack", reason)
        self._announce(endpoint)
        self._drain(rollout.variants)
        self._release(endpoint.name, rollout.config_name, rollout.variants)
        self._settle(endpoint, "InService", reason)

    def delete(self, endpoint: EndpointRecord) -> None:
        """End a Deleting endpoint: its queue, its containers, its record."""
        self._announce(endpoint)
        self._in_background("Failed", self._delete, endpoint)

    def _delete(self, endpoint: EndpointRecord) -> None:
        self._sagemaker.asynchronous.stop(endpoint)
        self._release(endpoint.name, endpoint.config_name, endpoint.variants)
        with self._lock:
            self._sagemaker.store.endpoints.pop(endpoint.name, None)

    def set_instance_counts(self, endpoint_name: str, counts: dict[str, int]) -> None:
        """Set the desired counts by variant; a thread starts or stops containers and makes them the current ones.

        Raises AwsError, and changes nothing then, for a variant that has no instances and for a busy endpoint.
        """
        with self._lock:
            endpoint = self._sagemaker.endpoint(endpoint_name)
            for name in counts:
                if name not in endpoint.variants or endpoint.variants[name].serverless:
                    raise AwsError("ValidationException", f'Could not find variant "{name}" with instances.')
            if endpoint.status != "InService" and endpoint_name not in self._scaling:
                raise AwsError("ValidationException", f'Cannot update in-progress endpoint "{endpoint.arn}".')
            for name, count in counts.items():
                endpoint.variants[name].desired_instance_count = count
            if endpoint_name in self._scaling or not any(each.is_scaling for each in endpoint.variants.values()):
                return
            self._scaling.add(endpoint_name)
            endpoint.status, endpoint.modified = "Updating", time.time()
        self._announce(endpoint)
        self._in_background("InService", self._scale, endpoint)

    def _scale(self, endpoint: EndpointRecord) -> None:
        reason: str | None = None
        while True:
            with self._lock:
                pending = [variant for variant in endpoint.variants.values() if variant.is_scaling]
                if not pending:
                    # Together: a wish that comes in between would find the endpoint busy, and nobody at work on it.
                    self._scaling.discard(endpoint.name)
                    self._set_status(endpoint, "InService", reason)
                    break
                variant, wanted = pending[0], pending[0].desired_instance_count
            user = user_of(endpoint.name, endpoint.config_name, variant.name)
            try:
                if wanted == 0:
                    self._let_go(variant, user)
                elif variant.current_instance_count == 0:
                    self._acquire(user, variant.definition)
                variant.current_instance_count = wanted
            except (ContainerFailed, AwsError) as error:
                reason = str(error)
                variant.desired_instance_count = variant.current_instance_count
        self._announce(endpoint)

    def _start(self, endpoint: EndpointRecord, config: EndpointConfigRecord) -> Variants:
        started: Variants = {}
        try:
            for definition in [*config.variants, *config.shadows]:
                model = self._acquire(user_of(endpoint.name, config.name, definition["VariantName"]), definition)
                variant = variant_of_definition(definition, model, is_shadow=definition in config.shadows)
                variant.config_name = config.name
                started[variant.name] = variant
        except BaseException:
            self._release(endpoint.name, config.name, started)
            raise
        return started

    def _drain(self, variants: Variants) -> None:
        """Let invocations that are under way come to their end, which the time-out gives them."""
        deadline = time.monotonic() + realtime.INVOCATION_TIMEOUT.maximum
        while any(variant.in_flight for variant in variants.values()) and time.monotonic() < deadline:
            time.sleep(POLL)

    def _release(self, endpoint_name: str, config_name: str, variants: Variants) -> None:
        for variant in variants.values():
            self._let_go(variant, user_of(endpoint_name, config_name, variant.name))

    def _acquire(self, user: str, definition: Payload) -> ModelRecord | None:
        """The model of a variant, its containers healthy; None for a variant that hosts inference components."""
        if not definition.get("ModelName"):
            return None
        model = self._sagemaker.model(definition["ModelName"])
        self._sagemaker.containers.acquire(model, user, startup_timeout(definition))
        return model

    def _let_go(self, variant: VariantRecord, user: str) -> None:
        if variant.model_name:
            self._sagemaker.containers.release(variant.model_name, user)

    def _in_background(
        self, after_a_fault: str, work: Callable[..., None], endpoint: EndpointRecord, *arguments: object
    ) -> None:
        """Do `work` in a thread. A fault of ours ends the change with its reason: a deployment would wait for ever."""

        def guarded() -> None:
            try:
                work(endpoint, *arguments)
            except Exception as fault:
                logging.getLogger(__name__).exception("endpoint %s", endpoint.name)
                self._scaling.discard(endpoint.name)
                self._settle(endpoint, after_a_fault, f"fault of the local AWS: {fault!r}; its log has the details")

        threading.Thread(target=guarded, daemon=True).start()

    def _settle(self, endpoint: EndpointRecord, status: str, reason: str | None = None) -> None:
        with self._lock:
            self._set_status(endpoint, status, reason)
            endpoint.rollout = None
        self._announce(endpoint)

    @staticmethod
    def _set_status(endpoint: EndpointRecord, status: str, reason: str | None) -> None:
        endpoint.status, endpoint.failure_reason, endpoint.modified = status, reason, time.time()

    def _announce(self, endpoint: EndpointRecord) -> None:
        detail = {
            "EndpointName": endpoint.name,
            "EndpointArn": endpoint.arn,
            "EndpointConfigName": endpoint.config_name,
            "EndpointStatus": _EVENT_STATUS.get(endpoint.status, endpoint.status.upper()),
            "CreationTime": int(endpoint.created * 1000),
            "LastModifiedTime": int(endpoint.modified * 1000),
            **({"FailureReason": endpoint.failure_reason} if endpoint.failure_reason else {}),
        }
        self._sagemaker.emit("SageMaker Endpoint State Change", detail, [endpoint.arn])
