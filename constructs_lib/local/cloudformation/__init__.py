"""The resources of stacks that ministack does not have."""
