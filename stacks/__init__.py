"""The stacks of the app, one file a way of serving; wiring only."""
