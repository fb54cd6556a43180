"""The count of what a batch runs: what the local AWS enters for one shard is what is counted for it."""

from __future__ import annotations

from benchmarks.batched import definition, executed


def test_a_batch_of_one_shard_takes_ten_steps_of_which_four_are_functions() -> None:
    count = executed(definition(1, 1), 1)
    assert (count.total(), count["function"]) == (10, 4)


def test_every_further_shard_takes_its_job_and_its_verification() -> None:
    machine = definition(10, 100)
    one, many = executed(machine, 1), executed(machine, 100)
    assert (many - one).total() == 99 * 2
    assert (many - one)["function"] == 99
