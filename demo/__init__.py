"""The demo: every way of serving deployed to a local AWS by the real CDK, used, measured and taken down again."""
