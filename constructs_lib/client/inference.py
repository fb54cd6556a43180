"""The client of one endpoint or pipeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from constructs_lib.client.asynchronous import AsynchronousCalls
from constructs_lib.client.batch import BatchResult, Pipeline, named
from constructs_lib.client.deadline import Deadline
from constructs_lib.client.immediate import ImmediateCalls
from constructs_lib.client.lookups import LookupCalls
from constructs_lib.client.progress import Tell, teller
from constructs_lib.client.stream_results import StreamCalls

# Seconds for a run of a pipeline: a day.
_BATCH = 86_400.0


class InferenceClient(ImmediateCalls, AsynchronousCalls, LookupCalls, StreamCalls):
    """Calls what was deployed: real-time, serverless and asynchronous endpoints, batch pipelines, hybrid inference,
    streams (their results are read).

    ``for_stack`` finds the names below by itself. One client may be shared by threads, and is best kept: it keeps its
    connections.

    :param endpoint_name: the endpoint to call.
    :param inference_option: how it serves, such as ``"serverless"``; by default SageMaker is asked, and real-time
        inference assumed where the caller may not ask.
    :param input_bucket: where inputs of asynchronous requests and of batch runs are put.
    :param input_prefix: the part of it for requests, ``requests/`` by default; for a pipeline what it reads unless a
        run says otherwise.
    :param output_bucket: where answers of batch runs are put; progress is counted there.
    :param notification_queue_url: the queue that hears of asynchronous results.
    :param status_table: the table in which a results consumer writes what became of each request.
    :param state_machine_arn: the batch pipeline.
    :param lookup_function: the function that looks answers up.
    :param override_function: the function that marks stored answers as out of date.
    :param result_stream: the Kinesis stream of the results of streaming inference.
    :param session: a ``boto3.Session``; by default one from the environment.
    :param retries: how often and how slowly a call is repeated that was throttled.
    """

    def run_batch(
        self,
        inputs: Path | Mapping[str, object] | Iterable[object] | None = None,
        *,
        input_prefix: str | None = None,
        content_type: str | None = None,
        progress: Tell | bool = True,
        timeout: float = _BATCH,
    ) -> BatchResult:
        """Run a batch pipeline once, and wait for its end.

        :param inputs: a file, a folder, payloads by name, or payloads; they are uploaded where no other run reads.
        :param input_prefix: in place of inputs, the part of the input bucket to read; by default the pipeline's own.
        :param progress: True draws a bar on standard error if that is a terminal, of inputs uploaded and then of
            inputs answered; a function is called with ``Progress`` instead.
        :param timeout: seconds for all of it. An execution that takes longer is stopped, so that it costs no more.
        :raises BatchFailed: with the error and the cause that Step Functions gives.
        :raises TimedOut: when ``timeout`` is over.
        """
        deadline, tell = Deadline(timeout, "run_batch"), teller(progress)
        pipeline = Pipeline(self.deployed, self._connections.service("stepfunctions"), self._objects)
        if inputs is not None:
            input_prefix = pipeline.upload(named(inputs, content_type), deadline, tell)
        return pipeline.run(input_prefix, deadline, tell)
