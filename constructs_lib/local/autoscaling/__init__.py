"""Application Auto Scaling: its API, its alarms, its engine."""
