"""The life of endpoints: what starts, replaces, scales and ends the containers behind them."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from constructs_lib.facts import realtime
from constructs_lib.local.errors import AwsError
from constructs_lib.local.process import ContainerFailed
from constructs_lib.local.store import EndpointConfigRecord, EndpointRecord, Payload, VariantRecord

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_lib.local.service import LocalSageMaker

Variants = dict[str, VariantRecord]
BUSY = ("Creating", "Updating", "Deleting")
POLL = 0.05
RETAINED = {"DesiredInstanceCount", "DesiredWeight"}


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
        if config.asynchronous:
            self._sagemaker.asynchronous.start(endpoint)
        self._settle(endpoint, "InService")

    def update(self, endpoint: EndpointRecord, config_name: str, retained: set[str]) -> None:
        """Move an Updating endpoint to `config_name`; the old containers serve until the new ones are healthy.

        `retained` names what live variants keep: DesiredInstanceCount, DesiredWeight. A failure leaves the old
        configuration InService with the FailureReason of the update.
        """
        self._announce(endpoint)
        self._in_background("InService", self._update, endpoint, config_name, retained)

    def _update(self, endpoint: EndpointRecord, config_name: str, retained: set[str]) -> None:
        try:
            config = self._sagemaker.endpoint_config(config_name)
            fresh = self._start(endpoint, config)
        except (ContainerFailed, AwsError) as error:
            self._settle(endpoint, "InService", str(error))
            return
        with self._lock:
            old, old_config = endpoint.variants, endpoint.config_name
            for name in fresh.keys() & old.keys():
                _retain(fresh[name], old[name], retained)
            endpoint.variants, endpoint.config_name = fresh, config_name
            endpoint.asynchronous = config.asynchronous
        self._drain(old)
        self._release(endpoint.name, old_config, old)
        for variant in fresh.values():
            if not variant.serverless and variant.current_instance_count == 0:
                self._sagemaker.containers.release(variant.model_name, _user(endpoint.name, config_name, variant.name))
        if config.asynchronous:
            self._sagemaker.asynchronous.start(endpoint)
        else:
            self._sagemaker.asynchronous.stop(endpoint)
        self._settle(endpoint, "InService")

    def delete(self, endpoint: EndpointRecord) -> None:
        """End a Deleting endpoint: its queue, its containers, its record."""
        self._announce(endpoint)
        self._in_background("Failed", self._delete, endpoint)

    def _delete(self, endpoint: EndpointRecord) -> None:
        self._sagemaker.asynchronous.stop(endpoint)
        self._release(endpoint.name, endpoint.config_name, endpoint.variants)
        with self._lock:
            self._sagemaker.store.endpoints.pop(endpoint.name, None)

    def set_instance_count(self, endpoint_name: str, variant_name: str, count: int) -> None:
        """Set the desired count; a thread starts or stops the container and makes it the current one."""
        with self._lock:
            endpoint = self._sagemaker.endpoint(endpoint_name)
            variant = endpoint.variants.get(variant_name)
            if variant is None or variant.serverless:
                raise AwsError("ValidationException", f'Could not find variant "{variant_name}" with instances.')
            if endpoint.status != "InService" and endpoint_name not in self._scaling:
                raise AwsError("ValidationException", f'Cannot update in-progress endpoint "{endpoint.arn}".')
            variant.desired_instance_count = count
            if endpoint_name in self._scaling or variant.current_instance_count == count:
                return
            self._scaling.add(endpoint_name)
            endpoint.status, endpoint.modified = "Updating", time.time()
        self._announce(endpoint)
        self._in_background("InService", self._scale, endpoint)

    def _scale(self, endpoint: EndpointRecord) -> None:
        reason: str | None = None
        while True:
            with self._lock:
                pending = [
                    v for v in endpoint.variants.values() if v.current_instance_count != v.desired_instance_count
                ]
                if not pending:
                    self._scaling.discard(endpoint.name)
                    break
                variant, wanted = pending[0], pending[0].desired_instance_count
            user = _user(endpoint.name, endpoint.config_name, variant.name)
            try:
                if wanted == 0:
                    self._sagemaker.containers.release(variant.model_name, user)
                elif variant.current_instance_count == 0:
                    model = self._sagemaker.model(variant.model_name)
                    self._sagemaker.containers.acquire(model, user, _startup_timeout(variant.definition))
                variant.current_instance_count = wanted
            except (ContainerFailed, AwsError) as error:
                reason = str(error)
                variant.desired_instance_count = variant.current_instance_count
        self._settle(endpoint, "InService", reason)

    def _start(self, endpoint: EndpointRecord, config: EndpointConfigRecord) -> Variants:
        started: Variants = {}
        try:
            for definition in config.variants:
                model = self._sagemaker.model(definition["ModelName"])
                user = _user(endpoint.name, config.name, definition["VariantName"])
                self._sagemaker.containers.acquire(model, user, _startup_timeout(definition))
                started[definition["VariantName"]] = _variant(definition, model.image)
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
            self._sagemaker.containers.release(variant.model_name, _user(endpoint_name, config_name, variant.name))

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
            endpoint.status, endpoint.failure_reason, endpoint.modified = status, reason, time.time()
        self._announce(endpoint)

    def _announce(self, endpoint: EndpointRecord) -> None:
        detail = {
            "EndpointName": endpoint.name,
            "EndpointArn": endpoint.arn,
            "EndpointConfigName": endpoint.config_name,
            "EndpointStatus": endpoint.status.replace("InService", "IN_SERVICE").upper(),
            "CreationTime": int(endpoint.created * 1000),
            "LastModifiedTime": int(endpoint.modified * 1000),
            **({"FailureReason": endpoint.failure_reason} if endpoint.failure_reason else {}),
        }
        self._sagemaker.emit("SageMaker Endpoint State Change", detail, [endpoint.arn])


def _variant(definition: Payload, image: str) -> VariantRecord:
    serverless = definition.get("ServerlessConfig")
    count = 0 if serverless else int(definition.get("InitialInstanceCount", 1))
    return VariantRecord(
        name=definition["VariantName"],
        model_name=definition["ModelName"],
        image=image,
        weight=float(definition.get("InitialVariantWeight", 1.0)),
        current_instance_count=count,
        desired_instance_count=count,
        serverless=serverless,
        definition=definition,
    )


def _retain(fresh: VariantRecord, old: VariantRecord, retained: set[str]) -> None:
    if "DesiredInstanceCount" in retained and not fresh.serverless and not old.serverless:
        fresh.current_instance_count = fresh.desired_instance_count = old.desired_instance_count
    if "DesiredWeight" in retained:
        fresh.weight = old.weight


def _startup_timeout(definition: Payload) -> float:
    limit = realtime.HEALTH_CHECK_TIMEOUT
    return float(definition.get("ContainerStartupHealthCheckTimeoutInSeconds") or limit.default or limit.maximum)


def _user(endpoint: str, config: str, variant: str) -> str:
    return f"endpoint {endpoint}/{config}/{variant}"
