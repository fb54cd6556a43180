"""Answers while the caller waits: real-time and serverless endpoints."""

from __future__ import annotations

from constructs_lib.client.base import BaseClient, given
from constructs_lib.client.correlation import inference_id as chosen_id
from constructs_lib.client.deadline import Deadline
from constructs_lib.client.limits import check_size
from constructs_lib.client.payloads import encode
from constructs_lib.client.prediction import Prediction
from constructs_lib.client.streaming import PredictionStream
from constructs_lib.facts import calls, realtime, serverless
from constructs_lib.outputs import InferenceOption

# Seconds on top of the longest answer, for what is repeated.
_FOR_RETRIES = 30.0


class ImmediateCalls(BaseClient):
    """``predict`` and ``predict_stream``."""

    def predict(
        self,
        payload: object,
        *,
        content_type: str | None = None,
        accept: str | None = None,
        target_variant: str | None = None,
        target_model: str | None = None,
        target_container_hostname: str | None = None,
        inference_component: str | None = None,
        custom_attributes: str | None = None,
        inference_id: str | None = None,
        timeout: float | None = None,
    ) -> Prediction:
        """One answer from a real-time or serverless endpoint.

        :param payload: bytes, text, a ``pathlib.Path``, an array, a frame, or anything that JSON can hold.
        :param content_type: how it is written; by default as usual for its kind.
        :param inference_id: one of your own, at most 64 characters; a new one by default. Data capture and the answer
            have it.
        :param timeout: seconds for the whole call, repeated attempts included; by default a little more than SageMaker
            gives the model (and, without servers, the start of one).
        :raises InferenceFailed: with the container's message and status.
        :raises PayloadTooLarge: before anything is sent, naming a way of serving that takes it.
        :raises TimedOut: when ``timeout`` is over.
        """
        self._refuse_unless(InferenceOption.REALTIME, InferenceOption.SERVERLESS, call="predict")
        arguments = self._arguments(
            payload,
            content_type,
            Accept=accept,
            TargetVariant=target_variant,
            TargetModel=target_model,
            TargetContainerHostname=target_container_hostname,
            InferenceComponentName=inference_component,
            CustomAttributes=custom_attributes,
            InferenceId=chosen_id("predict", inference_id),
        )
        longest = self._longest_answer
        deadline = Deadline(longest + _FOR_RETRIES if timeout is None else timeout, "predict")
        return self._runtime.invoke(arguments, deadline, longest)

    def predict_stream(
        self,
        payload: object,
        *,
        content_type: str | None = None,
        accept: str | None = None,
        target_variant: str | None = None,
        inference_component: str | None = None,
        custom_attributes: str | None = None,
        inference_id: str | None = None,
        timeout: float | None = None,
    ) -> PredictionStream:
        """The parts of one answer as they come.

        :param inference_id: as in ``predict``.
        :param timeout: seconds for the whole stream; by default as long as SageMaker lets it run.
        :raises InferenceFailed: with the container's message; also from the stream, when it breaks off.
        """
        self._refuse_unless(InferenceOption.REALTIME, InferenceOption.SERVERLESS, call="predict_stream")
        arguments = self._arguments(
            payload,
            content_type,
            Accept=accept,
            TargetVariant=target_variant,
            InferenceComponentName=inference_component,
            CustomAttributes=custom_attributes,
            InferenceId=chosen_id("predict_stream", inference_id),
        )
        longest = realtime.STREAM_TIMEOUT.maximum + _FOR_RETRIES
        deadline = Deadline(longest if timeout is None else timeout, "predict_stream")
        return self._runtime.stream(arguments, deadline, self._longest_answer)

    @property
    def _longest_answer(self) -> float:
        """Seconds in which an answer has to begin: what AWS advises, and without servers the start of one."""
        start = serverless.START_TIMEOUT.maximum if self.inference_option is InferenceOption.SERVERLESS else 0
        return float(calls.SOCKET_TIMEOUT.minimum + start)

    def _arguments(self, payload: object, content_type: str | None, **members: object) -> dict[str, object]:
        encoded = encode(payload, content_type)
        check_size(encoded.size, self.inference_option)
        return given(members | {"Body": encoded.read(), "ContentType": encoded.content_type})
