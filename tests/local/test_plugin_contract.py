"""Ministack's private names that the plugin builds on: each one that is gone or changed is told by its own test."""

import importlib
import inspect
from importlib.metadata import version
from typing import Any

import pytest

from constructs_lib.local.plugin.install import TARGETS

PINNED = "1.5.33"
NAMES = [
    ("ministack.app", "app", "callable"),
    ("ministack.app", "SERVICE_HANDLERS", dict),
    ("ministack.core.router", "SERVICE_PATTERNS", dict),
    ("ministack.core.responses", "request_scope", "callable"),
    ("ministack.core.responses", "StreamingResponse", "callable"),
    ("ministack.core.iam_actions", "SERVICE_TO_IAM_NAMESPACE", dict),
    ("ministack.core.iam_actions", "dynamodb_service_context", "callable"),
    ("ministack.core.iam_actions", "extract_iam_action", "callable"),
    ("ministack.core.iam_actions", "extract_resource_arn", "callable"),
    ("ministack.core.iam_actions", "request_tag_context", "callable"),
    ("ministack.core.iam_evaluator", "_resolve_condition_key", "callable"),
    ("ministack.core.iam_evaluator", "enforce", "callable"),
    ("ministack.core.iam_evaluator", "resolve_caller_identity", "callable"),
    ("ministack.core.lambda_runtime", "_workers", dict),
    ("ministack.core.lambda_runtime", "reset", "callable"),
    ("ministack.services.cloudwatch", "_composite_alarms", "mapping"),
    ("ministack.services.cloudwatch", "_delete_alarms", "callable"),
    ("ministack.services.cloudwatch", "_evaluate_all_alarms", "callable"),
    ("ministack.services.cloudwatch", "_put_composite_alarm", "callable"),
    ("ministack.services.dynamodb", "_tables", "mapping"),
    ("ministack.services.eventbridge", "_put_events", "callable"),
    ("ministack.services.eventbridge", "_dispatch_event", "callable"),
    ("ministack.services.eventbridge", "_dispatch_to_lambda", "callable"),
    ("ministack.services.lambda_svc", "_emit_lambda_logs", "callable"),
    ("ministack.services.lambda_svc", "_execute_function", "callable"),
    ("ministack.services.lambda_svc", "_execution_record_for_config", "callable"),
    ("ministack.services.lambda_svc", "_functions", "mapping"),
    ("ministack.services.lambda_svc", "_get_func_record_for_ref", "callable"),
    ("ministack.services.kinesis", "_streams", "mapping"),
    ("ministack.services.lambda_svc", "_apply_filter_criteria", "callable"),
    ("ministack.services.lambda_svc", "_get_func_record_for_qualifier", "callable"),
    ("ministack.services.lambda_svc", "_init_stream_position", "callable"),
    ("ministack.services.lambda_svc", "_iter_all_esms", "callable"),
    ("ministack.services.lambda_svc", "_poll_kinesis", "callable"),
    ("ministack.services.lambda_svc", "_route_async_failure", "callable"),
    ("ministack.services.lambda_svc", "invalidate_worker", "callable"),
    ("ministack.services.lambda_svc", "invoke_async_with_retry", "callable"),
    ("ministack.services.s3", "_fire_s3_event", "callable"),
    ("ministack.services.sqs", "_act_send_message", "callable"),
    ("ministack.services.sqs", "_queue_by_arn", "callable"),
    ("ministack.services.stepfunctions", "_SERVICE_DISPATCH", dict),
    ("ministack.services.stepfunctions", "_AWS_SDK_SERVICE_MAP", dict),
    ("ministack.services.stepfunctions", "_AWS_SDK_ERROR_PREFIX", dict),
    ("ministack.services.stepfunctions", "_AWS_SDK_ERROR_CODE_OVERRIDES", dict),
    ("ministack.services.stepfunctions", "_ExecutionError", "callable"),
    ("ministack.services.stepfunctions", "_executions", "mapping"),
    ("ministack.services.stepfunctions", "_state_machines", "mapping"),
    ("ministack.services.stepfunctions", "_map_runs", "mapping"),
    ("ministack.services.scheduler", "_SCHEDULE_TICK_INTERVAL", int),
    ("ministack.services.cloudformation.provisioners", "_RESOURCE_HANDLERS", dict),
    ("ministack.services.cloudformation.provisioners", "_REPLACING_PROPERTIES", dict),
    ("ministack.services.cloudformation.provisioners", "_CUSTOM_NAME_REPLACEMENT", dict),
    ("ministack.services.cloudformation.provisioners", "_STACK_TAG_PROPERTY", dict),
    ("ministack.services.cloudformation.provisioners", "_cw_metric_alarm_record", "callable"),
    ("ministack.services.cloudformation.provisioners", "_physical_name", "callable"),
    ("ministack.services.cloudformation.stacks", "_runs_on_worker_thread", "callable"),
]

# What the walk through the states of an execution calls, or puts its own in place of, by the names of the parameters.
STATES = {
    "_add_event": "execution event_type details",
    "_apply_input_path": "state_def data ctx",
    "_apply_jsonata_arguments": "state_def raw_input ctx",
    "_apply_jsonata_output": "state_def raw_input ctx result error_output default",
    "_apply_jsonata_template": "value raw_input ctx result error_output",
    "_apply_output_path": "state_def data ctx",
    "_apply_state_assign": "state_def raw_input ctx result error_output",
    "_describe_execution": "data",
    "_emit_execution_status_event": "execution",
    "_execute_choice": "state_def raw_input ctx",
    "_execute_map": "state_def raw_input execution ctx",
    "_execute_parallel": "state_def raw_input execution ctx",
    "_execute_pass": "state_def raw_input ctx",
    "_execute_task": "state_def raw_input execution ctx",
    "_execute_wait": "state_def raw_input ctx",
    "_fail_execution": "execution error cause",
    "_fail_state_error": "state_def raw_input ctx",
    "_finalize_response": "response",
    "_find_matching_retrier": "retriers error retry_counts",
    "_jsonata_state_field": "state_def field expected raw_input ctx",
    "_next_or_end": "state_def",
    "_read_map_items": "reader effective ctx",
    "_run_execution": "exec_arn",
    "_run_sub_machine": "states start_at input_data execution ctx",
    "_scaled_sleep": "seconds",
    "_state_query_language": "state_def ctx",
    "_stop_execution": "data",
    "_with_retry_and_catch": "state_def raw_input ctx attempt",
    "new_uuid": "",
    "now_iso": "",
}


def parameters(module: str, name: str) -> list[str]:
    return list(inspect.signature(getattr(importlib.import_module(module), name)).parameters)


def test_the_pinned_version_is_the_one_that_is_installed() -> None:
    assert version("ministack") == PINNED, "a new ministack: read its changes, then change PINNED and the requirements"


@pytest.mark.parametrize(("module", "name", "kind"), NAMES)
def test_a_private_name_is_still_there(module: str, name: str, kind: Any) -> None:
    found = getattr(importlib.import_module(module), name, None)
    assert found is not None, f"{module}.{name} is gone; the plugin of the local AWS needs another way"
    if kind == "callable":
        assert callable(found)
    elif kind == "mapping":
        assert hasattr(found, "get")
    else:
        assert isinstance(found, kind)


def test_the_calls_still_take_what_the_plugin_gives() -> None:
    provisioners = "ministack.services.cloudformation.provisioners"
    assert parameters(provisioners, "_physical_name")[:2] == ["stack_name", "logical_id"]
    assert "max_len" in parameters(provisioners, "_physical_name")
    assert parameters("ministack.services.cloudformation.stacks", "_runs_on_worker_thread") == ["resource_type"]
    assert parameters("ministack.services.stepfunctions", "_ExecutionError") == ["error", "cause"]
    assert parameters("ministack.services.eventbridge", "_put_events") == ["data", "allow_aws_source"]
    assert parameters("ministack.services.eventbridge", "_dispatch_event") == ["event", "view"]
    assert parameters("ministack.services.eventbridge", "_dispatch_to_lambda") == ["arn", "payload"]
    assert parameters("ministack.services.cloudwatch", "record_metric")[:5] == [
        "namespace",
        "metric_name",
        "value",
        "unit",
        "dimensions",
    ]
    assert parameters("ministack.services.eventbridge", "_invoke_target") == ["target", "event", "rule", "view"]
    functions = "ministack.services.lambda_svc"
    assert parameters(functions, "_execute_function") == ["func", "event"]
    assert parameters(functions, "_execution_record_for_config") == ["func", "config"]
    assert parameters(functions, "_get_func_record_for_ref") == ["function_ref"]
    assert parameters(functions, "_apply_filter_criteria") == ["records", "esm"]
    assert parameters(functions, "_get_func_record_for_qualifier") == ["name", "qualifier"]
    assert parameters(functions, "_init_stream_position") == ["esm_id", "source_arn", "starting"]
    assert parameters(functions, "_iter_all_esms") == parameters(functions, "_poll_kinesis") == []
    assert parameters(functions, "_route_async_failure") == ["target_arn", "func_name", "event", "result"]
    assert parameters(functions, "invoke_async_with_retry") == ["func", "event"]
    assert len(parameters("ministack.services.sqs", "_act_send_message")) == 2
    assert "version_id" in parameters("ministack.services.s3", "_fire_s3_event")
    assert parameters("ministack.core.responses", "StreamingResponse") == ["runner"]
    assert parameters("ministack.core.responses", "request_scope") == ["account_id", "region"]


@pytest.mark.parametrize("name", STATES)
def test_a_step_of_an_execution_still_takes_what_the_walk_gives(name: str) -> None:
    assert parameters("ministack.services.stepfunctions", name) == STATES[name].split()


def test_ministack_still_does_not_know_redrives_itself() -> None:
    source = inspect.getsource(importlib.import_module("ministack.services.stepfunctions").handle_request)
    assert "StopExecution" in source
    assert "RedriveExecution" not in source, "ministack has its own now: consider to retire plugin/executions"


def test_ministack_still_reads_streams_without_partial_answers_and_asks_for_what_is_put_in_its_place() -> None:
    functions = importlib.import_module("ministack.services.lambda_svc")
    assert "_poll_kinesis()" in inspect.getsource(functions._poll_loop)
    assert "batchItemFailures" not in inspect.getsource(functions._poll_kinesis), "consider to retire stream_mappings"
    provisioners = importlib.import_module("ministack.services.cloudformation.provisioners")
    for create in (functions._create_esm, provisioners._lambda_esm_create):
        assert "_init_stream_position(" in inspect.getsource(create)


def test_the_functions_of_stacks_are_still_made_and_updated_by_the_same_calls() -> None:
    module = importlib.import_module("ministack.services.cloudformation.provisioners")
    handlers = module._RESOURCE_HANDLERS["AWS::Lambda::Function"]
    assert handlers["update_with_logical_id"] is True
    made = ["logical_id", "props", "stack_name"]
    assert list(inspect.signature(module._lambda_create).parameters) == made
    changed = ["physical_id", "old_props", "new_props", "stack_name", "logical_id"]
    assert list(inspect.signature(module._lambda_update).parameters) == changed
    left_out = ("DeadLetterConfig", "ReservedConcurrentExecutions")
    assert not any(name in inspect.getsource(module._lambda_create) for name in left_out), "no need to complete it now"


def test_a_process_of_a_function_still_reads_its_log_in_a_thread_and_drains_it() -> None:
    worker = importlib.import_module("ministack.core.lambda_runtime").Worker
    assert list(inspect.signature(worker._read_stderr).parameters) == ["self"]
    assert next(iter(inspect.signature(worker._drain_stderr_bounded).parameters)) == "self"
    source = inspect.getsource(worker)
    assert "target=self._read_stderr" in source
    assert "self._proc = subprocess.Popen(" in source
    assert 'response["log"] = self._drain_stderr_bounded()' in source


def test_a_task_handler_still_takes_the_resource_and_its_input() -> None:
    module = importlib.import_module("ministack.services.stepfunctions")
    handler = module._SERVICE_DISPATCH["arn:aws:states:::sqs:sendMessage"]
    assert list(inspect.signature(handler).parameters) == ["resource", "input_data"]


def test_a_service_is_still_found_by_its_target_and_by_its_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    router = importlib.import_module("ministack.core.router")
    for service, prefix in TARGETS.items():
        monkeypatch.setitem(router.SERVICE_PATTERNS, service, {"target_prefixes": [prefix]})
        by_target = router.detect_service("POST", "/", {"x-amz-target": f"{prefix}Anything"}, {})
        scope = f"AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/{service}/aws4_request"
        by_signature = router.detect_service("POST", "/endpoints/a/invocations", {"authorization": scope}, {})
        assert (by_target, by_signature) == (service, service)


def test_ministack_still_knows_nothing_of_these_services_itself() -> None:
    known = importlib.import_module("ministack.app").SERVICE_REGISTRY
    assert not TARGETS.keys() & known.keys(), "ministack has its own now: consider to retire the plugin"
