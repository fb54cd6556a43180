"""How a resource of a stack fails."""


class StackFailed(Exception):
    """The reason of a failed resource, as the stack's events show it."""
