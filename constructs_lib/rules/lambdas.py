"""Lambda functions in front of and behind endpoints, and the queues they read."""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib.facts import lambdas
from constructs_lib.facts.limit import Limit
from constructs_lib.facts.paths import FUNCTION, PERMISSION, ROLE
from constructs_lib.rules.rows import judged
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.event_sources import SQS, STREAMS, EventSourceMapping, mappings
from constructs_lib.templates.permissions import actions, attached_policies
from constructs_lib.templates.template import Node, Template


@rule(lambdas.TIMEOUT)
def timeout_of_a_function(template: Template) -> Iterator[Problem]:
    """The timeout of a function is from 1 to 900 seconds."""
    return _sizes(template, "Timeout", lambdas.TIMEOUT, managed=False)


@rule(lambdas.MANAGED_TIMEOUT)
def timeout_of_a_managed_function(template: Template) -> Iterator[Problem]:
    """The timeout of a function on Lambda Managed Instances is from 1 to 5400 seconds."""
    return _sizes(template, "Timeout", lambdas.MANAGED_TIMEOUT, managed=True)


@rule(lambdas.MEMORY_SIZE)
def memory_of_a_function(template: Template) -> Iterator[Problem]:
    """The memory of a function is from 128 to 10240 MB."""
    return _sizes(template, "MemorySize", lambdas.MEMORY_SIZE, managed=False)


@rule(lambdas.MANAGED_MEMORY_SIZE)
def memory_of_a_managed_function(template: Template) -> Iterator[Problem]:
    """The memory of a function on Lambda Managed Instances is from 128 to 32768 MB."""
    return _sizes(template, "MemorySize", lambdas.MANAGED_MEMORY_SIZE, managed=True)


def _sizes(template: Template, name: str, limit: Limit, *, managed: bool) -> Iterator[Problem]:
    for function in template.of(FUNCTION):
        if function.at("CapacityProviderConfig").given == managed:
            yield from judged(limit, function.at(name))


@rule(lambdas.CALLER_TIMEOUT)
def callers_wait_for_the_model(template: Template) -> Iterator[Problem]:
    """A function that may call InvokeEndpoint waits as long as a container may take to answer."""
    callers = template.once(_roles_of_callers)
    for function in template.of(FUNCTION):
        role = template.follow(function.at("Role"), ROLE)
        seconds = _number(function.at("Timeout"), lambdas.TIMEOUT)
        if role is None or role.resource.logical_id not in callers or seconds is None:
            continue
        # An API in front gives up after half a minute anyway; then only the default is harm for sure.
        behind_an_api = function.resource.logical_id in template.once(_functions_behind_an_api)
        enough = (lambdas.TIMEOUT.default or 0) + 1 if behind_an_api else lambdas.CALLER_TIMEOUT.minimum
        if seconds in lambdas.TIMEOUT.allowed and seconds < enough:
            yield Problem(
                function.at("Timeout"),
                f"{lambdas.CALLER_TIMEOUT.what} should be {lambdas.CALLER_TIMEOUT} for a model that takes all of its "
                f"time, got {seconds} s",
                f"raise it to {lambdas.CALLER_TIMEOUT.minimum}, or to what the slowest answer takes",
            )


def _functions_behind_an_api(template: Template) -> frozenset[str]:
    """The functions that API Gateway may call, as far as the template gives the permission."""
    permissions = [node for node in template.of(PERMISSION) if node.at("Principal").text == "apigateway.amazonaws.com"]
    called = [template.follow(permission.at("FunctionName"), FUNCTION) for permission in permissions]
    return frozenset(function.resource.logical_id for function in called if function is not None)


def _roles_of_callers(template: Template) -> frozenset[str]:
    return frozenset(role.resource.logical_id for role in template.of(ROLE) if _names_invoke_endpoint(template, role))


def _names_invoke_endpoint(template: Template, role: Node) -> bool:
    """Whether a policy allows a role this very action: one that allows more may be there for other calls."""
    policies = (*role.at("Policies").items, *attached_policies(template, role))
    allowed = [action.text or "" for policy in policies for action in actions(policy.at("PolicyDocument"))]
    return any(name.lower() == "sagemaker:invokeendpoint" for name in allowed)


def _number(node: Node, limit: Limit) -> float | None:
    """What is written, or what AWS takes where nothing is; ``None`` if that is known only at deploy time."""
    return limit.default if node.missing else node.number


@rule(lambdas.URL_PERMISSIONS)
def who_may_call_a_url_may_invoke_its_function(template: Template) -> Iterator[Problem]:
    """Who is permitted to call the URL of a function is permitted to invoke the function through it, too."""
    permissions = [(node, template.follow(node.at("FunctionName"), FUNCTION)) for node in template.of(PERMISSION)]
    known = [
        (node, function.resource.logical_id, node.at("Principal").text)
        for node, function in permissions
        if function is not None and node.at("Principal").text is not None
    ]
    may_invoke = {(function, who) for node, function, who in known if node.at("Action").text == lambdas.INVOKE}
    for node, function, who in known:
        if node.at("Action").text == lambdas.INVOKE_URL and (function, who) not in may_invoke:
            yield Problem(
                node.at("Action"),
                f"{who} may call the URL of {function} and is refused all the same: that takes {lambdas.INVOKE}, too",
                f"permit {lambdas.INVOKE} with InvokedViaFunctionUrl as well, here or in a policy of the caller",
            )


@rule(lambdas.VISIBILITY_TIMEOUT)
def messages_stay_hidden_while_a_function_works(template: Template) -> Iterator[Problem]:
    """A queue hides a message at least as long as the function that reads it may run."""
    for mapping, queue, hidden, runs in _waits(template):
        if hidden < runs:
            yield Problem(
                mapping.node.at("EventSourceArn"),
                f"VisibilityTimeout of {queue.resource.logical_id} must be at least the function's Timeout {runs} s, "
                f"got {hidden} s",
                f"raise VisibilityTimeout of {queue.resource.logical_id} to {_recommended(runs)} s "
                f"or lower the function's Timeout to {hidden} s",
            )


@rule(lambdas.VISIBILITY_FACTOR)
def messages_stay_hidden_for_retries(template: Template) -> Iterator[Problem]:
    """A queue hides a message six times as long as the function that reads it may run."""
    for mapping, queue, hidden, runs in _waits(template):
        place = queue.at("VisibilityTimeout")
        chosen = place.given and mapping.function is not None and mapping.function.at("Timeout").given
        if chosen and runs <= hidden < _recommended(runs):
            yield Problem(
                place,
                f"VisibilityTimeout should be {lambdas.VISIBILITY_FACTOR} ({runs} s), got {hidden} s",
                f"raise it to {_recommended(runs)} s, so that Lambda can retry while the function is throttled",
            )


def _recommended(runs: float) -> float:
    return runs * lambdas.VISIBILITY_FACTOR.minimum


def _waits(template: Template) -> Iterator[tuple[EventSourceMapping, Node, float, float]]:
    """The queue of each mapping, for how long it hides a message and for how long the function may run."""
    for mapping in mappings(template):
        if mapping.service != SQS or mapping.source is None or mapping.function is None:
            continue
        hidden = _number(mapping.source.at("VisibilityTimeout"), lambdas.VISIBILITY_TIMEOUT)
        runs = _number(mapping.function.at("Timeout"), lambdas.TIMEOUT)
        if hidden is not None and runs is not None:
            yield mapping, mapping.source, hidden, runs


@rule(lambdas.BATCH_WITHOUT_WINDOW)
def large_batches_have_a_window(template: Template) -> Iterator[Problem]:
    """A batch of more than 10 messages from a queue has a batching window."""
    for mapping in mappings(template):
        window = mapping.node.at("MaximumBatchingWindowInSeconds")
        without = window.missing or window.number == 0
        if mapping.service == SQS and without and not _is_fifo(mapping):
            size = mapping.node.at("BatchSize")
            if size.number is not None and size.number > lambdas.BATCH_WITHOUT_WINDOW.maximum:
                yield Problem(
                    size,
                    f"{lambdas.BATCH_WITHOUT_WINDOW.what} must be {lambdas.BATCH_WITHOUT_WINDOW}, got {size.number}",
                    "set MaximumBatchingWindowInSeconds to 1 or more, or lower BatchSize to "
                    f"{lambdas.BATCH_WITHOUT_WINDOW.maximum}",
                )


@rule(lambdas.FIFO_BATCH_SIZE)
def batches_of_a_fifo_queue(template: Template) -> Iterator[Problem]:
    """A batch from a FIFO queue has at most 10 messages."""
    for mapping in mappings(template):
        size = mapping.node.at("BatchSize")
        if _is_fifo(mapping) and size.number is not None and size.number > lambdas.FIFO_BATCH_SIZE.maximum:
            yield Problem(
                size,
                f"{lambdas.FIFO_BATCH_SIZE.what} must be {lambdas.FIFO_BATCH_SIZE}, got {size.number}",
                f"lower it to {lambdas.FIFO_BATCH_SIZE.maximum} or less, or read a standard queue",
            )


@rule(lambdas.FIFO_BATCHING_WINDOW)
def no_window_for_a_fifo_queue(template: Template) -> Iterator[Problem]:
    """A FIFO queue is read without a batching window."""
    for mapping in mappings(template):
        window = mapping.node.at("MaximumBatchingWindowInSeconds")
        if _is_fifo(mapping) and window.number is not None and window.number > 0:
            yield Problem(
                window,
                f"{lambdas.FIFO_BATCHING_WINDOW.what} must be left out, got {window.number}",
                "leave it out, or read a standard queue",
            )


def _is_fifo(mapping: EventSourceMapping) -> bool:
    if mapping.service != SQS:
        return False
    if mapping.source is None:
        return mapping.node.at("EventSourceArn").outline.endswith(".fifo")
    return bool(mapping.source.at("FifoQueue").flag) or mapping.source.at("QueueName").outline.endswith(".fifo")


@rule(lambdas.QUEUE_STARTING_POSITION)
def no_starting_position_in_a_queue(template: Template) -> Iterator[Problem]:
    """A queue is read without a starting position."""
    for mapping in mappings(template):
        if mapping.service == SQS:
            yield from judged(lambdas.QUEUE_STARTING_POSITION, mapping.node.at("StartingPosition"))


@rule(lambdas.OTHER_SOURCE)
def properties_suit_the_source(template: Template) -> Iterator[Problem]:
    """An event source mapping has only properties that suit its kind of source."""
    for mapping in mappings(template):
        queue = mapping.service == SQS
        if not queue and mapping.service not in STREAMS:
            continue
        for name in lambdas.STREAM_PROPERTIES if queue else lambdas.QUEUE_PROPERTIES:
            place = mapping.node.at(name)
            if place.given and place.flag is not False and place.value != {}:
                kinds = ("a queue", "streams") if queue else ("a stream", "queues")
                yield Problem(place, f"{name} is for {kinds[1]}, the source is {kinds[0]}", "leave it out")
