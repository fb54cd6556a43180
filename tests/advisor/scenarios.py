"""The scenarios by name: what is given, and what has to come out."""

from __future__ import annotations

from typing import Any

from constructs_lib.advisor import Form, Strategy

SCENARIOS: dict[str, tuple[dict[str, Any], Strategy, Form]] = {
    "card fraud at the till: milliseconds, small, constant": (
        {"latency": "50ms", "payload": "2KB", "traffic": "steady", "requests_per_day": 500_000},
        Strategy.REALTIME,
        Form.SINGLE,
    ),
    "a plant's photo of 8 MB, an answer in 5 to 10 s, spikes at noon and quiet nights": (
        {"latency": "10s", "payload": "8MB", "traffic": "spiky", "processing_time": "3s"},
        Strategy.ASYNC,
        Form.SINGLE,
    ),
    "medical images of 50 MB and 45 s each, with a notification": (
        {"payload": "50MB", "processing_time": "45s", "notify": True},
        Strategy.ASYNC,
        Form.SINGLE,
    ),
    "coupons for 10 million subscribers every Sunday night": (
        {"traffic": "scheduled", "records_per_run": 10_000_000, "requests_per_day": 10_000_000 / 7},
        Strategy.BATCH,
        Form.SINGLE,
    ),
    "a style tip, a few times a day": (
        {"traffic": "intermittent", "requests_per_day": 5, "payload": "20KB", "latency": "5s"},
        Strategy.SERVERLESS,
        Form.SINGLE,
    ),
    "thousands of similar small models": (
        {"models": 5000, "same_framework": True},
        Strategy.REALTIME,
        Form.MULTI_MODEL,
    ),
    "models of one framework on GPUs, rarely called": (
        {"gpu": True, "models": 100, "same_framework": True, "traffic": "intermittent"},
        Strategy.REALTIME,
        Form.MULTI_MODEL,
    ),
    "models with different dependencies": (
        {"models": 4, "same_framework": False},
        Strategy.REALTIME,
        Form.MULTI_CONTAINER,
    ),
    "a chain of preprocessing and prediction": (
        {"chained_steps": True, "latency": "300ms"},
        Strategy.REALTIME,
        Form.PIPELINE,
    ),
    "a language model of 10 to 20 s a request, used now and then": (
        {"gpu": True, "memory": "14GB", "processing_time": "20s", "traffic": "intermittent", "scale_to_zero": True},
        Strategy.ASYNC,
        Form.SINGLE,
    ),
    "95 % of the recommendations from last night, the rest fresh": (
        {"precomputable": 0.95, "latency": "100ms", "traffic": "steady"},
        Strategy.HYBRID,
        Form.SINGLE,
    ),
    "demand for rides, priced anew every few minutes": (
        {"traffic": "stream", "latency": "3m"},
        Strategy.STREAMING,
        Form.SINGLE,
    ),
    "a dashboard read once a day, asked for as real-time": (
        {"latency": "100ms", "traffic": "scheduled", "records_per_run": 5000},
        Strategy.BATCH,
        Form.SINGLE,
    ),
    "predictions due at 8:00 from a job of six hours": (
        {"traffic": "scheduled", "processing_time": "6h", "due": "08:00"},
        Strategy.BATCH,
        Form.SINGLE,
    ),
    "steady traffic, 200 ms at most": (
        {"traffic": "steady", "latency": "200ms"},
        Strategy.REALTIME,
        Form.SINGLE,
    ),
    "a stream of payments that nobody waits on": (
        {"traffic": "stream"},
        Strategy.STREAMING,
        Form.SINGLE,
    ),
    "the same payments, with a caller who waits": (
        {"traffic": "stream", "caller_waits": True},
        Strategy.REALTIME,
        Form.SINGLE,
    ),
    "a candidate judged on live traffic, its answers unseen": (
        {"compare": "mirror"},
        Strategy.REALTIME,
        Form.SHADOW,
    ),
    "a candidate that takes a tenth of the users": (
        {"compare": "live"},
        Strategy.REALTIME,
        Form.AB,
    ),
    "fifty rarely called models of one framework with a strict p99": (
        {"models": 50, "same_framework": True, "traffic": "intermittent", "latency": "200ms", "cold_start_ok": False},
        Strategy.REALTIME,
        Form.MULTI_MODEL,
    ),
    "models on GPUs, each scaled by itself and never cold": (
        {"gpu": True, "models": 3, "cold_start_ok": False, "latency": "500ms"},
        Strategy.REALTIME,
        Form.COMPONENTS,
    ),
    "one request of 3 MB each night": (
        {"traffic": "scheduled", "payload": "3MB", "processing_time": "59s", "requests_per_day": 1},
        Strategy.SERVERLESS,
        Form.SINGLE,
    ),
    "callers in the same two hours each day, none of whom may wait for a start": (
        {"traffic": "scheduled", "latency": "500ms", "requests_per_day": 20_000},
        Strategy.SERVERLESS,
        Form.SINGLE,
    ),
    "a model in a VPC, asked now and then within two seconds": (
        {"vpc": True, "traffic": "intermittent", "latency": "2s"},
        Strategy.REALTIME,
        Form.SINGLE,
    ),
    "many callers in the same two hours each day": (
        {"traffic": "scheduled", "latency": "500ms", "requests_per_day": 500_000},
        Strategy.SERVERLESS,
        Form.SINGLE,
    ),
    "a large run each night, due at 7:00": (
        {"traffic": "scheduled", "records_per_run": 1_000_000, "processing_time": "200ms", "due": "07:00"},
        Strategy.BATCH,
        Form.SINGLE,
    ),
    "answers within minutes, of work that nobody has measured": (
        {"latency": "5m", "traffic": "spiky"},
        Strategy.ASYNC,
        Form.SINGLE,
    ),
    "large files every night, with a notification at the end": (
        {"traffic": "scheduled", "payload": "200MB", "processing_time": "20m", "notify": True},
        Strategy.BATCH,
        Form.SINGLE,
    ),
    "large records every night": (
        {"traffic": "scheduled", "records_per_run": 2000, "payload": "80MB"},
        Strategy.BATCH,
        Form.SINGLE,
    ),
    "the fresh part of recommendations, in a Region of its own": (
        {"precomputable": 0.8, "latency": "200ms", "region": "eu-west-1"},
        Strategy.HYBRID,
        Form.SINGLE,
    ),
    "a busy endpoint whose instances follow the load": (
        {"traffic": "steady", "latency": "300ms", "processing_time": "100ms", "peak_rps": 200},
        Strategy.REALTIME,
        Form.SINGLE,
    ),
    "one model on instances that go down to zero": (
        {"scale_to_zero": True, "caller_waits": True, "vpc": True, "cold_start_ok": True},
        Strategy.REALTIME,
        Form.COMPONENTS,
    ),
    "preprocessing and prediction over a data set every night": (
        {"traffic": "scheduled", "records_per_run": 100_000, "chained_steps": True},
        Strategy.BATCH,
        Form.PIPELINE,
    ),
    "preprocessing and prediction of large scans": (
        {"payload": "60MB", "chained_steps": True, "notify": True},
        Strategy.ASYNC,
        Form.PIPELINE,
    ),
}
